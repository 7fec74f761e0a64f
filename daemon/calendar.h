/* SPDX-License-Identifier: MIT */
#pragma once

/* Days, local time, and moments. Pure: what a time zone does comes as an argument.
 *
 * A day is a number, counted from 1970-01-01, which is 0. A moment is a second of UTC, counted from
 * the beginning of that day. Local time is what a clock on the wall shows: a day and a minute of
 * it. */

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_DAY_S         86400
#define CALENDAR_DAY_MINUTES   1440u
#define CALENDAR_WEEK_DAYS     7u
#define CALENDAR_CHANGES_MAX   16u /* of the zones that are known none has more than 4 a year */
#define CALENDAR_YEAR_MIN      2000
#define CALENDAR_YEAR_MAX      2199
#define CALENDAR_DATE_TEXT_MAX 10u /* "2027-01-31" */

typedef struct CalendarDate {
        int year, month, day; /* month and day from 1 */
} CalendarDate;

/* From at_s on a clock on the wall is ahead of UTC by so much. */
typedef struct CalendarChange {
        int64_t at_s;
        int32_t offset_s;
} CalendarChange;

/* What a time zone does over some span of time; outside of it, as at its ends. */
typedef struct CalendarZone {
        int32_t offset_s;                             /* before the first change */
        unsigned n;                                   /* of changes */
        CalendarChange changes[CALENDAR_CHANGES_MAX]; /* rising */
} CalendarZone;

/* A stretch of the day by the clock on the wall, from..to; over midnight where from is later. The
 * same twice: there is none. */
typedef struct CalendarHours {
        uint16_t from_minute, to_minute;
} CalendarHours;

/* Whether there is such a day, in the years CALENDAR_YEAR_MIN..MAX. */
bool calendar_date_exists(const CalendarDate *date);

int32_t calendar_day(const CalendarDate *date); /* of one that exists */
CalendarDate calendar_date(int32_t day);
unsigned calendar_weekday(int32_t day); /* 0: Monday */

/* What a clock on the wall shows at that moment. *ret_minute may be NULL. */
int32_t calendar_local(const CalendarZone *zone, int64_t moment_s, uint16_t *ret_minute);

/* The first moment at which a clock on the wall shows that time or a later one. So a time that is
 * skipped is the moment of the change, and one that is there twice is its first. */
int64_t calendar_moment(const CalendarZone *zone, int32_t day, uint16_t minute);

bool calendar_within(const CalendarHours *hours, uint16_t minute);

/* The first moment from from_s on that is within the hours, or outside of them; INT64_MAX for
 * never. */
int64_t calendar_next_within(const CalendarZone *zone, const CalendarHours *hours, int64_t from_s);
int64_t calendar_next_outside(const CalendarZone *zone, const CalendarHours *hours, int64_t from_s);
