/* SPDX-License-Identifier: MIT */
#pragma once

/* The schedule: when a routine is to be offered. Pure: entries, time zone and the time come as
 * arguments. What became of an offer is kept in offers.h.
 *
 * The rules, each for its reason:
 *  - An entry is due on its days at its local times: what the clock on the wall shows. What makes
 *    one time of it the same one again is the entry's name, the local date and the local time as
 *    written, whatever clock and time zone do. So what was answered is not asked again.
 *  - A time that daylight saving skips is due at the first moment after it. One that is there twice
 *    is due at the first of both, once.
 *  - The offer then stands for the window, in minutes that really pass. A time that was missed,
 *    since the computer was off or asleep or its clock was set forward, is offered late as long as
 *    its window lasts, and not after.
 *  - Within quiet hours no offer stands: it is made when they are over, if its window lasts so
 *    long, and ends when they begin.
 *  - Skip, start and end dates, and weekdays, are those of the local date on which the time is
 *    written, also where the window goes over midnight. */

#include <stddef.h>

#include "daemon/calendar.h"
#include "daemon/leg.h"
#include "daemon/routine.h"

#define SCHEDULE_ENTRIES_MAX    32u
#define SCHEDULE_NAME_MAX       32u /* bytes, without the end */
#define SCHEDULE_TIMES_MAX      6u  /* a day; more sessions of a leg no limit allows */
#define SCHEDULE_SKIPS_MAX      64u
#define SCHEDULE_WINDOW_MIN     1u /* minutes */
#define SCHEDULE_WINDOW_MAX     1440u
#define SCHEDULE_WINDOW_DEFAULT 120u
#define SCHEDULE_EVERY_DAY      0x7fu
/* How far ahead is looked. Where nothing is due until then, it is looked again then. */
#define SCHEDULE_AHEAD_DAYS 400
/* How far back what may still stand can have been due: the longest window, and the day that a
 * change of the time zone can take. */
#define SCHEDULE_BACK_DAYS 3
#define SCHEDULE_ID_MAX    (SCHEDULE_NAME_MAX + 14u) /* "NAME-20270131-0730" */

typedef struct ScheduleEntry {
        char name[SCHEDULE_NAME_MAX + 1];
        char routine[ROUTINE_NAME_MAX + 1];
        uint8_t days; /* bit 0: Monday */
        uint8_t n_times;
        uint8_t n_skips;
        uint8_t intensity_percent; /* 0: as any run */
        uint8_t minutes;           /* 0: as any run */
        bool unattended;
        uint16_t times[SCHEDULE_TIMES_MAX]; /* minutes of the day; rising */
        uint16_t window_minutes;
        CalendarHours quiet;
        Leg leg;
        int32_t start_day, end_day; /* the first and the last */
        int32_t skips[SCHEDULE_SKIPS_MAX];
} ScheduleEntry;

/* What makes a time of an entry the same one. */
typedef struct ScheduleKey {
        char name[SCHEDULE_NAME_MAX + 1];
        int32_t day;     /* local */
        uint16_t minute; /* of it, as written */
} ScheduleKey;

typedef enum ScheduleSkip {
        SCHEDULE_OFFERED, /* it is not skipped */
        SCHEDULE_NOT_BEGUN,
        SCHEDULE_OVER,
        SCHEDULE_SKIP_DATE,
        SCHEDULE_QUIET,
        _SCHEDULE_SKIP_MAX,
} ScheduleSkip;

typedef struct ScheduleTime {
        const ScheduleEntry *entry;
        ScheduleKey key;
        ScheduleSkip skip;
        int64_t due_s;
        /* The offer stands from opens_s until before closes_s. Where it is skipped, both are
         * due_s. */
        int64_t opens_s, closes_s;
} ScheduleTime;

bool schedule_key_equal(const ScheduleKey *a, const ScheduleKey *b);

/* "NAME-20270131-0730": short, and for people too. */
void schedule_key_id(const ScheduleKey *key, char ret[static SCHEDULE_ID_MAX + 1]);

/* The i-th time of an entry on that day. False: there is none. */
bool schedule_time(const ScheduleEntry *entry, unsigned i, int32_t day, const CalendarZone *zone,
                ScheduleTime *ret);

/* The same one in these entries; false: it is not there any more. */
bool schedule_find(const ScheduleEntry *entries, size_t n, const CalendarZone *zone,
                const ScheduleKey *key, ScheduleTime *ret);

/* Goes through all times of a span of local days, in the order of the days. */
typedef struct ScheduleWalk {
        const ScheduleEntry *entries;
        size_t n;
        const CalendarZone *zone;
        int32_t day, last_day;
        size_t entry;
        unsigned time;
} ScheduleWalk;

/* All that may stand or be due from from_s until before until_s is among them. */
void schedule_walk(ScheduleWalk *walk, const ScheduleEntry *entries, size_t n,
                const CalendarZone *zone, int64_t from_s, int64_t until_s);
bool schedule_walk_next(ScheduleWalk *walk, ScheduleTime *ret);

/* The next moment after now at which an offer is to be made, or ends. At most SCHEDULE_AHEAD_DAYS
 * ahead: then it is looked again. INT64_MAX where there are no entries. */
int64_t schedule_next_s(
                const ScheduleEntry *entries, size_t n, const CalendarZone *zone, int64_t now_s);

/* What stands or is due from from_s until before until_s, by the time at which it is due. Returns
 * how many there are, at most `most`. */
size_t schedule_plan(const ScheduleEntry *entries, size_t n, const CalendarZone *zone,
                int64_t from_s, int64_t until_s, ScheduleTime *ret, size_t most);
