/* SPDX-License-Identifier: MIT */
#include "daemon/day-clock.h"

#include <string.h>

#include "common/macro.h"

#define MS_PER_S 1000u

bool day_clock_plausible(int64_t wall_s)
{
        return wall_s >= DAY_CLOCK_WALL_MIN_S && wall_s < DAY_CLOCK_WALL_MAX_S;
}

/* A boot without an id is like no other, not even like another one without. */
bool day_clock_same_boot(const DayClockReading *a, const DayClockReading *b)
{
        static const BootId unknown = { 0 };

        return memcmp(&a->boot, &b->boot, sizeof(a->boot)) == 0 &&
               memcmp(&a->boot, &unknown, sizeof(a->boot)) != 0;
}

/* No further than can be counted. */
static int64_t add(int64_t s, int64_t passed_s)
{
        int64_t sum_s;

        return __builtin_add_overflow(s, passed_s, &sum_s) ? INT64_MAX : sum_s;
}

/* Never back. */
static int64_t forward(int64_t s, uint64_t from_ms, uint64_t to_ms)
{
        return to_ms > from_ms ? add(s, (int64_t) ((to_ms - from_ms) / MS_PER_S)) : s;
}

static int64_t known_or_zero(int64_t wall_s)
{
        return day_clock_plausible(wall_s) ? wall_s : 0;
}

int64_t day_clock_seen_s(const DayClockReading *reading)
{
        int64_t wall_s = reading->wall_s;

        return known_or_zero(wall_s < 0 && wall_s > INT64_MIN ? -wall_s : wall_s);
}

static void start_in_same_boot(DayClock *clock, const Moment *last)
{
        uint64_t from_ms = last->reading.boottime_ms;

        clock->day_s = forward(last->day_s, from_ms, clock->boottime_ms);
        clock->wall_s = known_or_zero(last->reading.wall_s);
        if (clock->wall_s > 0)
                clock->wall_s = forward(clock->wall_s, from_ms, clock->boottime_ms);
}

static void start_in_new_boot(DayClock *clock, const Moment *last)
{
        int64_t last_wall_s = known_or_zero(last->reading.wall_s);

        clock->day_s = last->day_s;
        if (clock->wall_s < day_clock_seen_s(&last->reading))
                clock->wall_s = 0;
        else if (last_wall_s > 0)
                clock->day_s = add(last->day_s, clock->wall_s - last_wall_s);
}

/* SR-CLOCK */
void day_clock_start(DayClock *clock, const Moment *last, const DayClockReading *now)
{
        int64_t wall_s = known_or_zero(now->wall_s);

        *clock = (DayClock){
                .boottime_ms = now->boottime_ms,
                .day_s = wall_s > 0 ? wall_s : DAY_CLOCK_WALL_MIN_S,
                .wall_s = wall_s,
        };

        if (last && day_clock_same_boot(&last->reading, now))
                start_in_same_boot(clock, last);
        else if (last)
                start_in_new_boot(clock, last);
}

int64_t day_clock_s(const DayClock *clock, uint64_t boottime_ms)
{
        return forward(clock->day_s, clock->boottime_ms, boottime_ms);
}

Moment day_clock_moment(const DayClock *clock, const DayClockReading *now)
{
        Moment moment = { *now, day_clock_s(clock, now->boottime_ms) };
        int64_t *wall_s = &moment.reading.wall_s;

        if (clock->wall_s == 0)
                *wall_s = -known_or_zero(*wall_s);
        else
                *wall_s = MAX(known_or_zero(*wall_s),
                                forward(clock->wall_s, clock->boottime_ms, now->boottime_ms));

        return moment;
}
