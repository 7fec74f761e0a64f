/* SPDX-License-Identifier: MIT */
#pragma once

/* Time zones and entries for tests of the schedule, made by hand: what is tested must not depend on
 * the zones of the machine. */

#include "common/macro.h"
#include "daemon/schedule.h"
#include "tests/unit/cmocka-all.h"

#define HOUR_S   3600
#define MINUTE_S 60
#define AT(h, m) ((uint16_t) ((h) *60 + (m)))

/* Central Europe in 2027: summer from 28 March 01:00 UTC to 31 October 01:00 UTC. */
#define SUMMER_S INT64_C(1806195600)
#define WINTER_S INT64_C(1824944400)

static const CalendarZone utc = { .n = 0 };
static const CalendarZone berlin = {
        .offset_s = HOUR_S,
        .n = 2,
        .changes = { { SUMMER_S, 2 * HOUR_S }, { WINTER_S, HOUR_S } },
};

static inline int32_t day_of(int year, int month, int day)
{
        const CalendarDate date = { year, month, day };

        assert_true(calendar_date_exists(&date));
        return calendar_day(&date);
}

static inline ScheduleEntry daily_at(const char *name, uint16_t minute, uint16_t window_minutes)
{
        ScheduleEntry entry = {
                .leg = LEG_LEFT,
                .days = SCHEDULE_EVERY_DAY,
                .n_times = 1,
                .times = { minute },
                .window_minutes = window_minutes,
                .start_day = INT32_MIN,
                .end_day = INT32_MAX,
        };

        memcpy(entry.name, name, strlen(name) + 1);
        return entry;
}
