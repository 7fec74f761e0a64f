/* SPDX-License-Identifier: MIT */
#include "daemon/frame-clock.h"

#include <errno.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/session.h"

#define PERIOD_USEC ((uint64_t) SESSION_FRAME_MS * USEC_PER_MS)

struct FrameClock {
        sd_event_source *timer;
        FrameClockTick tick;
        void *userdata;
};

static int on_timer(sd_event_source *source, uint64_t deadline_usec, void *userdata)
{
        FrameClock *clock = userdata;
        uint64_t next_usec = deadline_usec + PERIOD_USEC, now_usec;

        if (!clock->tick(clock->userdata, clock_now_ms()))
                return sd_event_source_set_enabled(source, SD_EVENT_OFF);

        now_usec = clock_now_ms() * USEC_PER_MS;
        if (next_usec <= now_usec) /* the next of the same grid that is still to come */
                next_usec += ((now_usec - next_usec) / PERIOD_USEC + 1) * PERIOD_USEC;

        return sd_event_source_set_time(source, next_usec);
}

bool frame_clock_start(FrameClock *clock)
{
        int enabled;

        if (sd_event_source_get_enabled(clock->timer, &enabled) >= 0 && enabled != SD_EVENT_OFF)
                return false;

        (void) sd_event_source_set_time(clock->timer, clock_now_ms() * USEC_PER_MS);
        (void) sd_event_source_set_enabled(clock->timer, SD_EVENT_ON);
        return true;
}

FrameClock *frame_clock_free(FrameClock *clock)
{
        if (!clock)
                return NULL;

        sd_event_source_disable_unref(clock->timer);
        free(clock);
        return NULL;
}

int frame_clock_new(sd_event *event, FrameClockTick tick, void *userdata, FrameClock **ret)
{
        FrameClock *clock;
        int r;

        clock = calloc(1, sizeof(*clock));
        if (!clock)
                return -ENOMEM;

        clock->tick = tick;
        clock->userdata = userdata;

        r = sd_event_add_time(event, &clock->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_timer, clock);
        if (r >= 0) /* before calls from the bus: a flood of them must not hold a frame back */
                r = sd_event_source_set_priority(clock->timer, SD_EVENT_PRIORITY_IMPORTANT);
        if (r >= 0)
                r = sd_event_source_set_enabled(clock->timer, SD_EVENT_OFF);
        if (r < 0) {
                frame_clock_free(clock);
                return r;
        }

        *ret = clock;
        return 0;
}
