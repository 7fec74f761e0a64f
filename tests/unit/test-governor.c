/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "common/macro.h"
#include "daemon/leg-map.h"
#include "tests/unit/governor-contract.h"
#include "tests/unit/layouts.h"

#define RANDOM_COURSES 400
#define RANDOM_STEPS   2500

static Layout one_actuator(void)
{
        Layout layout = { .n_actuators = 1, .n_heaters = 1, .budget_ma = 500 };

        layout.actuators[0] = actuator_at(0, 55, 100);
        layout.heaters[0] = (Heater){ { true, 80, 0 }, 100 };
        return layout;
}

/* Everything allowed, everything wanted. */
static GovernorInput generous(uint64_t now_ms)
{
        GovernorInput in = {
                .now_ms = now_ms,
                .status_at_ms = now_ms,
                .wish = GOVERNOR_WISH_RUN,
                .screening = GOVERNOR_SCREENED,
                .experience = GOVERNOR_LATER_SESSION,
                .dose_left_ms = 3600000,
                .cap_permille = 1000,
        };

        for (unsigned i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                in.want_permille[i] = 1000;
        for (unsigned i = 0; i < LAYOUT_HEATERS_MAX; i++) {
                in.want_setpoint_cc[i] = 4000;
                in.reading[i] = (GovernorReading){ true, (int16_t) (3500 + now_ms / 20 % 7) };
        }

        return in;
}

static unsigned step_level(Governor *g, const GovernorInput *in)
{
        return governed_frame_level(governor_step(g, in), 0);
}

/* Runs generously until end_ms; returns the level at the end. */
static unsigned run_until(Governor *g, uint64_t *now_ms, uint64_t end_ms)
{
        unsigned level = 0;

        for (; *now_ms < end_ms; *now_ms += 20) {
                GovernorInput in = generous(*now_ms);

                level = step_level(g, &in);
        }

        return level;
}

/* SR-ZERO */
static void an_empty_input_moves_nothing(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);

        for (uint64_t now = 0; now < 5000; now += 20) {
                GovernorInput in = { .now_ms = now };

                for (unsigned i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                        in.want_permille[i] = 1000;
                assert_int_equal(step_level(g, &in), 0);
        }
        governor_free(g);
}

/* SR-ZERO: takes one permission at a time away from a running governor. */
static void each_missing_permission_gives_zero_at_once(void **state)
{
        Layout layout = one_actuator();

        for (int missing = 0; missing < 6; missing++) {
                static const GovernorVerdict verdicts[] = { GOVERNOR_STOPPED, GOVERNOR_UNSCREENED,
                        GOVERNOR_EXHAUSTED, GOVERNOR_STALE, GOVERNOR_STALE, GOVERNOR_LATE };
                Governor *g = governor_new(&layout, &limits_hard);
                uint64_t now = 1000;
                GovernorInput in;

                assert_true(run_until(g, &now, 9000) > 700);
                in = generous(now);
                switch (missing) {
                case 0:
                        in.wish = GOVERNOR_WISH_STOP;
                        break;
                case 1:
                        in.screening = GOVERNOR_UNKNOWN;
                        break;
                case 2:
                        in.dose_left_ms = 0;
                        break;
                case 3:
                        in.status_at_ms = now - 251;
                        break;
                case 4:
                        in.status_at_ms = now + 1;
                        break;
                case 5:
                        in = generous(now + 100);
                        break;
                }
                assert_int_equal(step_level(g, &in), 0);
                assert_int_equal(governor_verdict(g), verdicts[missing]);

                /* And what comes after begins from zero. */
                in = generous(in.now_ms + 20);
                assert_in_range(step_level(g, &in), 0, 2);
                governor_free(g);
        }
}

/* SR-RAMP */
static void the_ceiling_takes_eight_seconds_to_the_level_limit(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 0;

        assert_in_range(run_until(g, &now, 4020), 399, 400);
        assert_in_range(run_until(g, &now, 7900), 780, 790);
        assert_int_equal(run_until(g, &now, 9000), 800);
        governor_free(g);
}

static void taps_pulse_under_the_ceiling_without_lowering_it(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 0;
        GovernorInput in;

        (void) run_until(g, &now, 9000);
        in = generous(now);
        in.want_permille[0] = 0;
        assert_int_equal(step_level(g, &in), 0);
        in = generous(now + 20);
        assert_int_equal(step_level(g, &in), 800);
        governor_free(g);
}

/* SR-RAMP */
static void a_raised_cap_rises_slowly_and_a_lowered_one_falls_at_once(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 0;
        GovernorInput in;

        (void) run_until(g, &now, 9000);
        in = generous(now);
        in.cap_permille = 100;
        assert_int_equal(step_level(g, &in), 100);
        in = generous(now + 20);
        assert_in_range(step_level(g, &in), 100, 102);
        governor_free(g);
}

/* SR-LEVEL */
static void a_first_session_has_the_lower_level(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        unsigned most = 0;

        for (uint64_t now = 0; now < 20000; now += 20) {
                GovernorInput in = generous(now);

                in.experience = GOVERNOR_FIRST_SESSION;
                most = MAX(most, step_level(g, &in));
        }
        assert_int_equal(most, 400);
        governor_free(g);
}

/* SR-BUSY */
static void work_of_two_minutes_is_followed_by_half_a_minute_of_rest(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 0, rest_began, first_level = 0;

        for (;; now += 20) {
                GovernorInput in = generous(now);
                unsigned level = step_level(g, &in);

                if (level > 0 && first_level == 0)
                        first_level = now;
                if (first_level > 0 && level == 0)
                        break;
                assert_true(now < 200000);
        }
        rest_began = now;
        assert_int_equal(rest_began - first_level, 120000);

        for (;; now += 20) {
                GovernorInput in = generous(now);

                if (step_level(g, &in) > 0)
                        break;
                assert_true(now < rest_began + 60000);
        }
        assert_int_equal(now - rest_began, 30000);
        governor_free(g);
}

/* SR-BUSY */
static void a_new_session_does_not_shorten_a_rest(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 0;

        (void) run_until(g, &now, 119000);
        governor_begin(g, &limits_hard);
        /* The work before the new session counts: its end is where it would have been. */
        assert_int_equal(run_until(g, &now, 121000), 0);
        governor_free(g);
}

/* SR-SESSION */
static void session_time_runs_out(void **state)
{
        Limits limits = limits_hard;
        Layout layout = one_actuator();
        uint64_t now = 0;
        Governor *g;

        limits.session_minutes = 1;
        g = governor_new(&layout, &limits);
        assert_true(run_until(g, &now, 59000) > 0);
        assert_int_equal(run_until(g, &now, 61000), 0);
        assert_int_equal(governor_verdict(g), GOVERNOR_EXHAUSTED);

        governor_begin(g, &limits);
        assert_true(run_until(g, &now, 63000) > 0);
        governor_free(g);
}

/* SR-TIGHTEN */
static void limits_above_the_hard_ones_do_not_count(void **state)
{
        Limits loose = limits_hard;
        Layout layout = one_actuator();
        uint64_t now = 0;
        GovernorInput in;
        Governor *g;

        loose.level_permille = 1000;
        loose.ramp_permille_per_s = 1000;
        loose.setpoint_cc = 6000;
        g = governor_new(&layout, &loose);
        assert_true(run_until(g, &now, 2000) <= 200);
        assert_int_equal(run_until(g, &now, 20000), 800);
        in = generous(now);
        in.want_setpoint_cc[0] = 6000;
        assert_int_equal(governed_frame_setpoint_cc(governor_step(g, &in), 0), 4100);
        governor_begin(g, &loose);
        assert_true(run_until(g, &now, 22000) <= 200);
        governor_free(g);
}

/* SR-HEAT, SR-CLEAR */
static void too_hot_latches_until_it_is_cleared(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 0;
        GovernorInput in;

        (void) run_until(g, &now, 9000);
        in = generous(now);
        in.reading[0].temperature_cc = 4301;
        assert_int_equal(step_level(g, &in), 0);
        assert_int_equal(governor_latched(g), GOVERNOR_LATCH_HOT);
        assert_int_equal(governor_clear(g), -EBUSY);

        now += 20;
        assert_int_equal(run_until(g, &now, 15000), 0);
        assert_int_equal(governor_clear(g), 0);
        in = generous(now);
        assert_in_range(step_level(g, &in), 0, 2);
        governor_free(g);
}

/* SR-HEAT */
static void warm_for_ten_seconds_latches_and_for_nine_does_not(void **state)
{
        Layout layout = one_actuator();

        for (uint64_t warm_ms = 9000; warm_ms <= 11000; warm_ms += 2000) {
                Governor *g = governor_new(&layout, &limits_hard);

                for (uint64_t now = 0; now < warm_ms; now += 20) {
                        GovernorInput in = generous(now);

                        in.reading[0].temperature_cc = 4250;
                        (void) governor_step(g, &in);
                }
                assert_int_equal(governor_latched(g),
                                warm_ms > 10000 ? GOVERNOR_LATCH_HOT : GOVERNOR_LATCH_NONE);
                governor_free(g);
        }
}

static unsigned heat_after(const GovernorReading *reading, uint64_t ms, bool noise)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        unsigned setpoint = 0;

        for (uint64_t now = 0; now < ms; now += 20) {
                GovernorInput in = generous(now);

                in.reading[0] = *reading;
                if (noise)
                        in.reading[0].temperature_cc = (int16_t) (reading->temperature_cc +
                                                                  (int) (now / 20 % 3));
                setpoint = governed_frame_setpoint_cc(governor_step(g, &in), 0);
        }
        governor_free(g);
        return setpoint;
}

/* SR-HEAT */
static void heat_needs_a_sensor_that_lives(void **state)
{
        assert_int_equal(heat_after(&(GovernorReading){ true, 3500 }, 60000, true), 4000);
        assert_int_equal(heat_after(&(GovernorReading){ true, 3500 }, 60000, false), 0);
        assert_int_equal(heat_after(&(GovernorReading){ false, 3500 }, 60000, true), 0);
        assert_int_equal(heat_after(&(GovernorReading){ true, 400 }, 60000, true), 0);
        assert_int_equal(heat_after(&(GovernorReading){ true, -4000 }, 60000, true), 0);
}

/* SR-HEAT: one of two sensors lies, and nobody knows which. */
static void pads_on_one_knee_that_disagree_do_not_heat(void **state)
{
        for (int apart_cc = 1999; apart_cc <= 2001; apart_cc++) {
                Layout layout = one_actuator();
                GovernorInput in = generous(0);
                const GovernedFrame *frame;
                Governor *g;

                layout.n_heaters = 3;
                layout.heaters[1] = (Heater){ { true, -80, 0 }, 100 };
                layout.heaters[2] = (Heater){ { true, 80, 50 }, 100 };
                for (unsigned i = 0; i < 3; i++)
                        in.reading[i].temperature_cc = 3000;
                in.reading[1].present = false; /* what is not there says nothing */
                in.reading[1].temperature_cc = -4000;
                in.reading[2].temperature_cc = (int16_t) (3000 - apart_cc);
                g = governor_new(&layout, &limits_hard);
                frame = governor_step(g, &in);
                assert_int_equal(governed_frame_setpoint_cc(frame, 0), apart_cc > 2000 ? 0 : 4000);
                assert_int_equal(governed_frame_setpoint_cc(frame, 1), 0);
                assert_int_equal(governed_frame_setpoint_cc(frame, 2), apart_cc > 2000 ? 0 : 4000);
                governor_free(g);
        }
}

/* SR-BUSY: work that a step of the same millisecond ends has begun all the same. */
static void work_without_time_has_begun(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 0, began;
        GovernorInput in;

        do {
                in = generous(now += 20);
        } while (step_level(g, &in) == 0);
        began = now;
        in.want_permille[0] = 0;
        assert_int_equal(step_level(g, &in), 0);
        while (now < began + 20000) {
                in = generous(now += 20);
                in.want_permille[0] = 0;
                assert_int_equal(step_level(g, &in), 0);
        }
        now += 20;
        assert_int_equal(run_until(g, &now, began + 120020), 0);
        governor_free(g);
}

/* SR-BUSY: the strictest value is strict. */
static void no_busy_time_is_no_work(void **state)
{
        Limits limits = limits_hard;
        Layout layout = one_actuator();
        Governor *g;

        limits.busy_s = 0;
        g = governor_new(&layout, &limits);
        for (uint64_t now = 0; now < 70000; now += 20) {
                GovernorInput in = generous(now);

                assert_int_equal(step_level(g, &in), 0);
        }
        governor_free(g);
}

/* SR-CURRENT: one heater takes all there is, the next gets none. */
static void heaters_share_what_there_is(void **state)
{
        Layout layout = { .n_heaters = 2, .budget_ma = 150 };
        GovernorInput in = generous(0);
        const GovernedFrame *frame;
        Governor *g;

        layout.heaters[0] = (Heater){ { true, 80, 0 }, 100 };
        layout.heaters[1] = (Heater){ { true, -80, 0 }, 100 };
        g = governor_new(&layout, &limits_hard);
        frame = governor_step(g, &in);
        assert_int_equal(governed_frame_setpoint_cc(frame, 0), 4000);
        assert_int_equal(governed_frame_setpoint_cc(frame, 1), 0);
        governor_free(g);
}

/* SR-HEAT */
static void heat_ends_after_a_quarter_of_an_hour(void **state)
{
        assert_int_equal(heat_after(&(GovernorReading){ true, 3500 }, 14 * 60000, true), 4000);
        assert_int_equal(heat_after(&(GovernorReading){ true, 3500 }, 16 * 60000, true), 0);
}

/* SR-CURRENT */
static void a_small_budget_is_shared_evenly(void **state)
{
        Layout layout = { .n_actuators = 4, .budget_ma = 100 };
        const GovernedFrame *frame = NULL;
        Governor *g;

        for (unsigned i = 0; i < 4; i++)
                layout.actuators[i] = actuator_at(0, 55 + 50 * (int) i, 100);
        g = governor_new(&layout, &limits_hard);
        for (uint64_t now = 0; now < 10000; now += 20) {
                GovernorInput in = generous(now);

                frame = governor_step(g, &in);
        }
        for (unsigned i = 0; i < 4; i++)
                assert_in_range(governed_frame_level(frame, i), 248, 250);
        governor_free(g);
}

static void frequency_stays_where_a_leg_and_every_actuator_like_it(void **state)
{
        static const struct {
                unsigned low, high, wanted, given;
        } cases[] = { { 30, 200, 25, 50 }, { 30, 200, 120, 120 }, { 30, 200, 250, 200 },
                { 80, 500, 400, 300 }, { 80, 500, 60, 80 }, { 10, 40, 120, 0 }, { 0, 0, 120, 0 },
                { 30, 200, 0, 0 } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Layout layout = one_actuator();
                GovernorInput in = generous(0);
                const GovernedFrame *frame;
                Governor *g;

                layout.actuators[0].frequency_min_hz = (uint16_t) cases[i].low;
                layout.actuators[0].frequency_max_hz = (uint16_t) cases[i].high;
                in.frequency_hz = (uint16_t) cases[i].wanted;
                g = governor_new(&layout, &limits_hard);
                frame = governor_step(g, &in);
                assert_int_equal(governed_frame_frequency_hz(frame), cases[i].given);
                governor_free(g);
        }
}

/* SR-CLOCK */
static void a_clock_set_back_gives_no_rest(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now = 100000;
        GovernorInput in;

        (void) run_until(g, &now, 219000);
        /* Back by a minute and forth again: the half minute that seems to pass is no rest. */
        in = generous(now - 60000);
        assert_int_equal(step_level(g, &in), 0);
        in = generous(now);
        assert_in_range(step_level(g, &in), 0, 2);
        now += 20;
        assert_int_equal(run_until(g, &now, 222000), 0);
        governor_free(g);
}

static void nothing_outside_the_layout_has_a_level(void **state)
{
        Layout layout = one_actuator();
        Governor *g = governor_new(&layout, &limits_hard);
        const GovernedFrame *frame = NULL;

        for (uint64_t now = 0; now < 5000; now += 20) {
                GovernorInput in = generous(now);

                frame = governor_step(g, &in);
        }
        assert_int_equal(governed_frame_size(frame), 1);
        assert_int_equal(governed_frame_level(frame, 1), 0);
        assert_int_equal(governed_frame_level(frame, UINT32_MAX), 0);
        assert_int_equal(governed_frame_setpoint_cc(frame, UINT32_MAX), 0);
        governor_free(g);
}

/* Some get stuck for a while, and some pads get too warm: for longer than either may be. */
typedef struct Sensor {
        enum { SENSOR_NOISY, SENSOR_STUCK, SENSOR_WARM } mood;
        int64_t steps; /* to go */
        int64_t stuck_cc;
} Sensor;

static int16_t sense(Random *random, Sensor *sensor)
{
        if (sensor->steps-- == 0) {
                int64_t mood = random_between(random, 0, 9);

                sensor->mood = mood == 0 ? SENSOR_STUCK : mood == 1 ? SENSOR_WARM : SENSOR_NOISY;
                sensor->steps = random_between(random, 50, 600);
                sensor->stuck_cc = random_between(random, 3000, 4190);
        }

        switch (sensor->mood) {
        case SENSOR_STUCK:
                return (int16_t) sensor->stuck_cc;
        case SENSOR_WARM:
                return (int16_t) random_between(random, 4201, 4300);
        default:
                return (int16_t) random_between(random, 3000, 4190);
        }
}

/* Mostly a session as it should be, so that accounts fill up; now and then anything. */
static GovernorInput random_input(Random *random, uint64_t now_ms, Sensor *sensors)
{
        GovernorInput in = generous(now_ms);

        in.status_at_ms = now_ms - (uint64_t) random_between(random, 0, 60);
        in.experience = random_between(random, 0, 3) > 0 ? GOVERNOR_LATER_SESSION
                                                         : GOVERNOR_FIRST_SESSION;
        in.cap_permille = (uint16_t) random_between(random, 0, 1200);
        for (unsigned i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                in.want_permille[i] = (uint16_t) random_between(random, 0, 1100);
        for (unsigned i = 0; i < LAYOUT_HEATERS_MAX; i++)
                in.reading[i].temperature_cc = sense(random, &sensors[i]);

        switch (random_between(random, 0, 400)) {
        case 0:
                in.wish = GOVERNOR_WISH_STOP;
                break;
        case 1:
                in.screening = GOVERNOR_UNKNOWN;
                break;
        case 2:
                in.dose_left_ms = 0;
                break;
        case 3:
                in.status_at_ms = random_next(random);
                break;
        case 4:
                in.reading[0].temperature_cc = (int16_t) random_next(random);
                break;
        case 5:
                in.reading[0].present = false;
                in.reading[1].temperature_cc = (int16_t) random_between(random, 4200, 4310);
                break;
        case 7:
                in.reading[1].temperature_cc = (int16_t) random_between(random, 500, 3000);
                break;
        case 6:
                in.want_permille[0] = UINT16_MAX;
                in.want_setpoint_cc[0] = UINT16_MAX;
                in.cap_permille = UINT16_MAX;
                break;
        }

        return in;
}

static uint64_t random_time(Random *random, uint64_t now_ms)
{
        switch (random_between(random, 0, 2000)) {
        case 0:
                return now_ms + (uint64_t) random_between(random, 0, 60000);
        case 1:
                return now_ms > 5000 ? now_ms - (uint64_t) random_between(random, 1, 5000) : now_ms;
        case 2:
                return now_ms + (uint64_t) random_between(random, 90, 110);
        default:
                return now_ms + (uint64_t) random_between(random, 15, 99);
        }
}

/* SR-ZERO, SR-LEVEL, SR-RAMP, SR-CURRENT, SR-KEEP-OUT, SR-BUSY, SR-HEAT, SR-SESSION */
static void the_contract_holds_on_any_course(void **state)
{
        Random random = { 0x6b6e656564 };
        unsigned running = 0, flat = 0, warm = 0;

        for (int course = 0; course < RANDOM_COURSES; course++) {
                Limits limits = limits_hard;
                uint64_t now = (uint64_t) random_between(&random, 0, 100000);
                Sensor sensors[LAYOUT_HEATERS_MAX] = { 0 };
                Contract contract;
                Layout layout;
                Governor *g;

                layout_random(&random, course % 4 ? 12 : LAYOUT_ACTUATORS_MAX, &layout);
                if (course % 3 == 0)
                        limits.busy_s = (uint16_t) random_between(&random, 10, 120);
                if (course % 5 == 0)
                        limits.session_minutes = 1;
                if (course % 7 == 0)
                        limits.heat_minutes = (uint16_t) random_between(&random, 0, 1);
                if (course % 11 == 0)
                        limits.ramp_permille_per_s = (uint16_t) random_between(&random, 10, 100);
                g = governor_new(&layout, &limits);
                contract_init(&contract, &layout, &limits);

                for (int step = 0; step < RANDOM_STEPS; step++) {
                        GovernorInput in;

                        now = random_time(&random, now);
                        in = random_input(&random, now, sensors);
                        contract_check(&contract, g, &in, governor_step(g, &in));
                        running += governor_verdict(g) == GOVERNOR_RUNNING;
                        flat += contract.flat_ms[0] >= GOVERNOR_FLAT_MS;
                        warm += contract.hot_ms[0] >= GOVERNOR_HOT_MS;
                        if (governor_latched(g) && random_between(&random, 0, 50) == 0)
                                (void) governor_clear(g);
                        if (random_between(&random, 0, 1500) == 0) {
                                governor_begin(g, &limits);
                                contract_begin(&contract, &limits);
                        }
                }
                governor_free(g);
        }

        /* What does not come up is not looked at. */
        assert_true(flat > RANDOM_COURSES && warm > RANDOM_COURSES);
        /* A governor that never lets anything through would keep every promise. */
        assert_true(running > RANDOM_COURSES * RANDOM_STEPS / 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_empty_input_moves_nothing),
                cmocka_unit_test(each_missing_permission_gives_zero_at_once),
                cmocka_unit_test(the_ceiling_takes_eight_seconds_to_the_level_limit),
                cmocka_unit_test(taps_pulse_under_the_ceiling_without_lowering_it),
                cmocka_unit_test(a_raised_cap_rises_slowly_and_a_lowered_one_falls_at_once),
                cmocka_unit_test(a_first_session_has_the_lower_level),
                cmocka_unit_test(work_of_two_minutes_is_followed_by_half_a_minute_of_rest),
                cmocka_unit_test(a_new_session_does_not_shorten_a_rest),
                cmocka_unit_test(session_time_runs_out),
                cmocka_unit_test(limits_above_the_hard_ones_do_not_count),
                cmocka_unit_test(too_hot_latches_until_it_is_cleared),
                cmocka_unit_test(warm_for_ten_seconds_latches_and_for_nine_does_not),
                cmocka_unit_test(heat_needs_a_sensor_that_lives),
                cmocka_unit_test(pads_on_one_knee_that_disagree_do_not_heat),
                cmocka_unit_test(work_without_time_has_begun),
                cmocka_unit_test(no_busy_time_is_no_work),
                cmocka_unit_test(heaters_share_what_there_is),
                cmocka_unit_test(heat_ends_after_a_quarter_of_an_hour),
                cmocka_unit_test(a_small_budget_is_shared_evenly),
                cmocka_unit_test(frequency_stays_where_a_leg_and_every_actuator_like_it),
                cmocka_unit_test(a_clock_set_back_gives_no_rest),
                cmocka_unit_test(nothing_outside_the_layout_has_a_level),
                cmocka_unit_test(the_contract_holds_on_any_course),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
