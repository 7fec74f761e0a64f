/* SPDX-License-Identifier: MIT */
#include "daemon/schedule.h"

#include "common/macro.h"

#define MINUTE_S 60

bool schedule_key_equal(const ScheduleKey *a, const ScheduleKey *b)
{
        return a->day == b->day && a->minute == b->minute && streq(a->name, b->name);
}

static char *put_number(char *to, unsigned number, unsigned digits)
{
        for (unsigned i = digits; i > 0; i--) {
                to[i - 1] = (char) ('0' + number % 10);
                number /= 10;
        }

        return to + digits;
}

void schedule_key_id(const ScheduleKey *key, char ret[static SCHEDULE_ID_MAX + 1])
{
        CalendarDate date = calendar_date(key->day);
        size_t length = strnlen(key->name, SCHEDULE_NAME_MAX);
        char *to = ret + length;

        memcpy(ret, key->name, length);
        *to++ = '-';
        to = put_number(to, (unsigned) date.year, 4);
        to = put_number(to, (unsigned) date.month, 2);
        to = put_number(to, (unsigned) date.day, 2);
        *to++ = '-';
        to = put_number(to, key->minute / 60u, 2);
        to = put_number(to, key->minute % 60u, 2);
        *to = '\0';
}

static bool is_skip_date(const ScheduleEntry *entry, int32_t day)
{
        for (unsigned i = 0; i < entry->n_skips; i++)
                if (entry->skips[i] == day)
                        return true;

        return false;
}

static ScheduleSkip skip_of(const ScheduleEntry *entry, int32_t day)
{
        if (day < entry->start_day)
                return SCHEDULE_NOT_BEGUN;
        if (day > entry->end_day)
                return SCHEDULE_OVER;

        return is_skip_date(entry, day) ? SCHEDULE_SKIP_DATE : SCHEDULE_OFFERED;
}

bool schedule_time(const ScheduleEntry *entry, unsigned i, int32_t day, const CalendarZone *zone,
                ScheduleTime *ret)
{
        int64_t ends_s;

        if (i >= entry->n_times || !(entry->days & 1u << calendar_weekday(day)))
                return false;

        *ret = (ScheduleTime){
                .entry = entry,
                .key = { .day = day, .minute = entry->times[i] },
                .skip = skip_of(entry, day),
                .due_s = calendar_moment(zone, day, entry->times[i]),
        };
        memcpy(ret->key.name, entry->name, sizeof(ret->key.name));

        ends_s = ret->due_s + entry->window_minutes * (int64_t) MINUTE_S;
        ret->opens_s = calendar_next_outside(zone, &entry->quiet, ret->due_s);
        ret->closes_s = MIN(ends_s, calendar_next_within(zone, &entry->quiet, ret->opens_s));
        if (ret->skip == SCHEDULE_OFFERED && ret->opens_s >= ends_s)
                ret->skip = SCHEDULE_QUIET;
        if (ret->skip != SCHEDULE_OFFERED)
                ret->opens_s = ret->closes_s = ret->due_s;

        return true;
}

bool schedule_find(const ScheduleEntry *entries, size_t n, const CalendarZone *zone,
                const ScheduleKey *key, ScheduleTime *ret)
{
        for (size_t i = 0; i < n; i++)
                for (unsigned t = 0; t < entries[i].n_times; t++)
                        if (entries[i].times[t] == key->minute && streq(entries[i].name, key->name))
                                return schedule_time(&entries[i], t, key->day, zone, ret);

        return false;
}

/* A day more on either side: where a clock on the wall jumps over a whole day, the times of that
 * day are due on another one. */
void schedule_walk(ScheduleWalk *walk, const ScheduleEntry *entries, size_t n,
                const CalendarZone *zone, int64_t from_s, int64_t until_s)
{
        *walk = (ScheduleWalk){
                .entries = entries,
                .n = n,
                .zone = zone,
                .day = calendar_local(zone, from_s, NULL) - SCHEDULE_BACK_DAYS,
                .last_day = calendar_local(zone, until_s, NULL) + 1,
        };
}

bool schedule_walk_next(ScheduleWalk *walk, ScheduleTime *ret)
{
        while (walk->n > 0 && walk->day <= walk->last_day) {
                const ScheduleEntry *entry = &walk->entries[walk->entry];
                unsigned time = walk->time++;
                int32_t day = walk->day;

                if (time >= entry->n_times) {
                        walk->time = 0;
                        if (++walk->entry == walk->n) {
                                walk->entry = 0;
                                walk->day++;
                        }
                } else if (schedule_time(entry, time, day, walk->zone, ret)) {
                        return true;
                }
        }

        return false;
}

int64_t schedule_next_s(
                const ScheduleEntry *entries, size_t n, const CalendarZone *zone, int64_t now_s)
{
        int64_t next_s = now_s + SCHEDULE_AHEAD_DAYS * (int64_t) CALENDAR_DAY_S;
        ScheduleWalk walk;
        ScheduleTime time;

        if (n == 0)
                return INT64_MAX;

        schedule_walk(&walk, entries, n, zone, now_s, next_s);
        while (schedule_walk_next(&walk, &time)) {
                if (calendar_moment(zone, time.key.day, 0) > next_s)
                        break;
                if (time.skip != SCHEDULE_OFFERED || time.closes_s <= now_s)
                        continue;
                next_s = MIN(next_s, time.opens_s > now_s ? time.opens_s : time.closes_s);
        }

        return next_s;
}

/* By insertion, from the end: the times come nearly in order. */
static void insert(ScheduleTime *times, size_t n, const ScheduleTime *time)
{
        size_t i = n;

        for (; i > 0 && times[i - 1].due_s > time->due_s; i--)
                times[i] = times[i - 1];
        times[i] = *time;
}

size_t schedule_plan(const ScheduleEntry *entries, size_t n, const CalendarZone *zone,
                int64_t from_s, int64_t until_s, ScheduleTime *ret, size_t most)
{
        ScheduleWalk walk;
        ScheduleTime time;
        size_t n_times = 0;

        schedule_walk(&walk, entries, n, zone, from_s, until_s);
        while (n_times < most && schedule_walk_next(&walk, &time)) {
                if (time.due_s >= until_s || (time.due_s < from_s && time.closes_s <= from_s))
                        continue;
                insert(ret, n_times++, &time);
        }

        return n_times;
}
