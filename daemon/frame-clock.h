/* SPDX-License-Identifier: MIT */
#pragma once

/* The beat of all sessions: 50 a second on absolute deadlines, so that lateness never adds up. A
 * late tick is one tick: the missed ones are gone. While nobody needs it, it is off and nothing
 * wakes up. */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

typedef struct FrameClock FrameClock;

/* Returns whether there will be a next tick. */
typedef bool (*FrameClockTick)(void *userdata, uint64_t now_ms);

int frame_clock_new(sd_event *event, FrameClockTick tick, void *userdata, FrameClock **ret);
FrameClock *frame_clock_free(FrameClock *clock);

/* Makes it run, if it does not yet: the first tick comes with the next turn of the loop. Returns
 * whether it stood still. */
bool frame_clock_start(FrameClock *clock);
