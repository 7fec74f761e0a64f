/* SPDX-License-Identifier: MIT */
#pragma once

/* The wall clock: what time it is here, a moment at which it rings, and word when somebody sets it
 * or moves the computer to another time zone. The one place that asks the C library about zones. */

#include <systemd/sd-event.h>

#include "common/macro.h"
#include "daemon/calendar.h"

typedef struct WallClock WallClock;

/* The moment has come, or the time or the zone may be another: look at the clock. */
typedef void (*WallClockRings)(void *userdata);

int wall_clock_new(sd_event *event, WallClockRings rings, void *userdata, WallClock **ret);
WallClock *wall_clock_free(WallClock *clock);
DEFINE_TRIVIAL_CLEANUP_FUNC(WallClock *, wall_clock_free);

int64_t wall_clock_now_s(void);

/* What the computer's time zone does from one moment to another, as it is set now. */
void wall_clock_read_zone(int64_t from_s, int64_t until_s, CalendarZone *ret);

/* The next moment at which it rings, in place of the one before. It then also rings when the clock
 * is set or the zone changes. INT64_MAX: it does not ring, and nothing wakes up. */
int wall_clock_set(WallClock *clock, int64_t moment_s);
