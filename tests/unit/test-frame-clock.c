/* SPDX-License-Identifier: MIT */
#include <systemd/sd-event.h>
#include <time.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/frame-clock.h"
#include "tests/unit/cmocka-all.h"

#define DEADLINE_MS 5000u

typedef struct Watch {
        unsigned ticks;
        unsigned most_ticks;
        uint64_t at_ms[64];
        uint64_t stall_ms; /* held up for so long in the third tick */
} Watch;

/* Holds the loop up, as a debugger or a busy machine would. */
static void stall(uint64_t ms)
{
        const struct timespec until = { .tv_sec = (time_t) (ms / 1000),
                .tv_nsec = (long) (ms % 1000) * 1000000 };

        (void) clock_nanosleep(CLOCK_BOOTTIME, 0, &until, NULL);
}

static bool on_tick(void *userdata, uint64_t now_ms)
{
        Watch *watch = userdata;

        watch->at_ms[watch->ticks++] = now_ms;
        if (watch->ticks == 3 && watch->stall_ms > 0)
                stall(watch->stall_ms);

        return watch->ticks < watch->most_ticks;
}

static void run_until(sd_event *event, const Watch *watch)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        while (watch->ticks < watch->most_ticks) {
                assert_true(clock_now_ms() < until_ms);
                assert_true(sd_event_run(event, DEADLINE_MS * USEC_PER_MS) >= 0);
        }
}

static void missed_ticks_are_gone(void **state)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        Watch watch = { .most_ticks = 10, .stall_ms = 205 };
        FrameClock *clock;

        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(frame_clock_new(event, on_tick, &watch, &clock), 0);
        frame_clock_start(clock);
        run_until(event, &watch);

        assert_true(watch.at_ms[3] - watch.at_ms[2] >= 200);
        /* No burst: after the stall ticks are a period apart again, the first of them on the old
         * grid and so perhaps sooner. */
        for (unsigned i = 5; i < watch.ticks; i++)
                assert_true(watch.at_ms[i] - watch.at_ms[i - 1] >= 10);
        frame_clock_free(clock);
}

static void lateness_does_not_add_up(void **state)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        Watch watch = { .most_ticks = 50 };
        FrameClock *clock;

        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(frame_clock_new(event, on_tick, &watch, &clock), 0);
        frame_clock_start(clock);
        run_until(event, &watch);

        /* Each tick is at its deadline or after it: a clock that drifted early would show here, one
         * that drifted late in the next line, with room for a busy machine. */
        for (unsigned i = 0; i < watch.ticks; i++)
                assert_true(watch.at_ms[i] - watch.at_ms[0] + 2 >= i * 20);
        assert_true(watch.at_ms[49] - watch.at_ms[0] < 49 * 20 + 200);
        frame_clock_free(clock);
}

static void it_stops_when_nobody_needs_it_and_starts_again(void **state)
{
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        Watch watch = { .most_ticks = 3 };
        FrameClock *clock;

        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(frame_clock_new(event, on_tick, &watch, &clock), 0);
        assert_int_equal(sd_event_run(event, 0), 0);
        assert_int_equal(watch.ticks, 0);

        frame_clock_start(clock);
        run_until(event, &watch);
        /* Nothing is left that could wake the loop up. */
        assert_int_equal(sd_event_run(event, 100 * USEC_PER_MS), 0);
        assert_int_equal(watch.ticks, 3);

        watch.most_ticks = 5;
        frame_clock_start(clock);
        frame_clock_start(clock);
        run_until(event, &watch);
        frame_clock_free(clock);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(missed_ticks_are_gone),
                cmocka_unit_test(lateness_does_not_add_up),
                cmocka_unit_test(it_stops_when_nobody_needs_it_and_starts_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
