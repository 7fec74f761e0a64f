/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "common/macro.h"
#include "tests/unit/layouts.h"
#include "tests/unit/shipped.h"

#include "daemon/session.h"

/* A session alone, with a massager that always answers. */
typedef struct Course {
        NamedLayout layouts[LAYOUTS_N];
        Governor *governor;
        Session session;
        uint64_t now_ms;
        const GovernedFrame *frame;
} Course;

static const SessionPermit permit = { GOVERNOR_SCREENED, GOVERNOR_LATER_SESSION, UINT32_MAX };

static Routine routine_of(unsigned n_steps, uint32_t step_ms)
{
        static const char *const techniques[] = { "tapping", "glide", "friction" };
        Routine routine = { .name = "test", .n_steps = n_steps };

        for (unsigned i = 0; i < n_steps; i++)
                routine.steps[i] = (RoutineStep){ shipped_technique(techniques[i % 3]), step_ms, 60,
                        100, 0 };

        return routine;
}

static void begin_with(
                Course *c, const Routine *routine, const SessionPermit *with, const Limits *limits)
{
        c->now_ms = 500000;
        layouts_make(c->layouts);
        c->governor = governor_new(&c->layouts[0].layout, limits);
        session_init(&c->session, routine, 60, &c->layouts[0].layout, c->governor, limits, with);
}

static void begin(Course *c, unsigned n_steps, uint32_t step_ms)
{
        Routine routine = routine_of(n_steps, step_ms);

        begin_with(c, &routine, &permit, &limits_hard);
        assert_int_equal(session_armed(&c->session, c->now_ms), 0);
}

static void end(Course *c)
{
        c->governor = governor_free(c->governor);
}

static void tick_after(Course *c, uint64_t ms)
{
        SessionReadings readings = { 0 };

        c->now_ms += ms;
        readings.status_at_ms = c->now_ms;
        c->frame = session_tick(&c->session, c->now_ms, &readings);
}

static void play(Course *c, uint64_t ms)
{
        for (uint64_t t = 0; t < ms; t += SESSION_FRAME_MS)
                tick_after(c, SESSION_FRAME_MS);
}

static unsigned most_level(const GovernedFrame *frame)
{
        unsigned most = 0;

        for (unsigned i = 0; frame && i < governed_frame_size(frame); i++)
                most = MAX(most, governed_frame_level(frame, i));

        return most;
}

/* The most that any actuator gets over some time. */
static unsigned most_over(Course *c, uint64_t ms)
{
        unsigned most = 0;

        for (uint64_t t = 0; t < ms; t += SESSION_FRAME_MS) {
                tick_after(c, SESSION_FRAME_MS);
                most = MAX(most, most_level(c->frame));
        }

        return most;
}

static void it_waits_until_the_massager_is_armed(void **state)
{
        Routine routine = routine_of(1, 60000);
        Course c;

        begin_with(&c, &routine, &permit, &limits_hard);
        assert_int_equal(session_state(&c.session), SESSION_STARTING);
        tick_after(&c, 60000);
        assert_null(c.frame);
        assert_int_equal(session_remaining_ms(&c.session), 60000);
        end(&c);
}

static void it_warms_up_plays_finishes_and_ends(void **state)
{
        static const SessionState order[] = { SESSION_WARMING_UP, SESSION_PLAYING,
                SESSION_FINISHING, SESSION_ENDED };
        size_t at = 0;
        Course c;

        begin(&c, 2, 300000);
        while (session_state(&c.session) != SESSION_ENDED) {
                SessionState before = session_state(&c.session);

                assert_int_equal(before, order[at]);
                tick_after(&c, SESSION_FRAME_MS);
                if (session_state(&c.session) != before)
                        at++;
        }
        assert_int_equal(at, 3);
        assert_int_equal(c.session.end, SESSION_END_FINISHED);
        assert_int_equal(c.now_ms, 500000 + 600000);
        assert_int_equal(most_level(c.frame), 0);
        end(&c);
}

static void the_beginning_and_the_end_are_gentler_than_the_middle(void **state)
{
        Course c;
        unsigned early, middle, late;

        begin(&c, 1, 600000);
        early = most_over(&c, 8000);
        play(&c, 40000);
        middle = most_over(&c, 60000);
        play(&c, 600000 - 8000 - 40000 - 60000 - 2000);
        late = most_over(&c, 1980);
        assert_true(early * 10 < middle * 6);
        assert_true(late * 2 < middle && late > 0);
        /* 60 % of 800 per mille, and the technique at its strongest. */
        assert_in_range(middle, 470, 480);
        end(&c);
}

/* SR-RAMP */
static void a_late_tick_is_one_tick_from_zero_and_no_burst(void **state)
{
        uint32_t before;
        Course c;

        begin(&c, 1, 600000);
        play(&c, 60000);
        before = c.session.played_ms;
        tick_after(&c, 3000);
        assert_int_equal(most_level(c.frame), 0);
        /* Time went on by what passed, neither more nor less. */
        assert_int_equal(c.session.played_ms, before + 3000);
        tick_after(&c, SESSION_FRAME_MS);
        assert_in_range(most_level(c.frame), 0, 2);
        end(&c);
}

/* SR-RAMP */
static void a_pause_stops_time_and_motors_and_a_resume_rises_from_zero(void **state)
{
        uint32_t remaining;
        Course c;

        begin(&c, 1, 600000);
        play(&c, 60000);
        remaining = session_remaining_ms(&c.session);
        assert_int_equal(session_pause(&c.session, c.now_ms), 0);
        assert_int_equal(session_state(&c.session), SESSION_PAUSED);
        tick_after(&c, 30000);
        assert_null(c.frame);
        assert_int_equal(session_remaining_ms(&c.session), remaining);

        assert_int_equal(session_resume(&c.session), 0);
        assert_int_equal(session_state(&c.session), SESSION_STARTING);
        assert_int_equal(session_armed(&c.session, c.now_ms), 0);
        assert_true(most_over(&c, 200) <= 20);
        assert_true(most_over(&c, 20000) > 400);
        end(&c);
}

/* SR-SESSION */
static void a_pause_that_is_too_long_ends_the_session(void **state)
{
        Limits limits = limits_hard;
        Routine routine = routine_of(1, 600000);
        Course c;

        limits.pause_minutes = 2;
        begin_with(&c, &routine, &permit, &limits);
        (void) session_armed(&c.session, c.now_ms);
        play(&c, 1000);
        (void) session_pause(&c.session, c.now_ms);
        session_check_pause(&c.session, c.now_ms + 119999);
        assert_int_equal(session_state(&c.session), SESSION_PAUSED);
        session_check_pause(&c.session, c.now_ms + 120000);
        assert_int_equal(c.session.end, SESSION_END_PAUSED_TOO_LONG);
        end(&c);
}

static void ease_halves_intensity_and_tempo_and_moves_on(void **state)
{
        Contact before, after;
        unsigned strong, soft;
        Course c;

        begin(&c, 1, 600000);
        c.session.routine.steps[0].technique = shipped_technique("friction");
        play(&c, 40000);
        strong = most_over(&c, 50000);
        before = c.session.contact;
        assert_int_equal(session_ease(&c.session), 0);
        assert_int_equal(c.session.intensity_percent, 30);
        assert_int_equal(c.session.tempo_percent, 50);
        tick_after(&c, SESSION_FRAME_MS);
        after = c.session.contact;
        soft = most_over(&c, 50000);
        assert_true(soft <= strong / 2 && soft > strong / 3);
        assert_true(leg_distance_mm(before.at, after.at) > 30);

        for (int i = 0; i < 10; i++)
                (void) session_ease(&c.session);
        assert_int_equal(c.session.intensity_percent, 1);
        assert_int_equal(c.session.tempo_percent, ROUTINE_TEMPO_MIN_PERCENT);
        end(&c);
}

static void skip_goes_to_the_next_step_and_the_last_one_finishes(void **state)
{
        Course c;

        begin(&c, 3, 60000);
        play(&c, 20000);
        assert_int_equal(session_skip(&c.session), 0);
        assert_int_equal(c.session.step, 1);
        assert_int_equal(session_remaining_ms(&c.session), 120000);
        play(&c, 1000);
        assert_int_equal(session_skip(&c.session), 0);
        assert_int_equal(session_skip(&c.session), 0);
        assert_int_equal(session_remaining_ms(&c.session), 0);
        tick_after(&c, SESSION_FRAME_MS);
        assert_int_equal(c.session.end, SESSION_END_FINISHED);
        assert_int_equal(session_skip(&c.session), -EBUSY);
        end(&c);
}

static void a_step_comes_in_from_zero(void **state)
{
        Course c;

        begin(&c, 2, 120000);
        play(&c, 119000);
        (void) session_skip(&c.session);
        assert_true(most_over(&c, 200) < 60);
        end(&c);
}

static void intensity_is_a_dial_of_what_the_limits_allow(void **state)
{
        Course c;

        begin(&c, 1, 600000);
        assert_int_equal(session_set_intensity(&c.session, 0), -ERANGE);
        assert_int_equal(session_set_intensity(&c.session, 101), -ERANGE);
        assert_int_equal(session_set_intensity(&c.session, 100), 0);
        play(&c, 40000);
        assert_in_range(most_over(&c, 30000), 790, 800);
        assert_int_equal(session_set_intensity(&c.session, 10), 0);
        tick_after(&c, SESSION_FRAME_MS);
        assert_true(most_level(c.frame) <= 80);
        end(&c);
}

static void steps_keep_their_proportions_at_any_intensity(void **state)
{
        Routine routine = routine_of(2, 300000);
        unsigned first, second;
        Course c;

        routine.steps[0].intensity_percent = 30;
        routine.steps[1].technique = routine.steps[0].technique;
        begin_with(&c, &routine, &permit, &limits_hard);
        (void) session_armed(&c.session, c.now_ms);
        play(&c, 100000);
        first = most_over(&c, 100000);
        play(&c, 110000);
        second = most_over(&c, 100000);
        assert_in_range(first * 100 / second, 48, 52);
        end(&c);
}

/* SR-LEVEL */
static void a_first_session_scales_to_the_lower_limit(void **state)
{
        const SessionPermit unknown = { .screening = GOVERNOR_SCREENED,
                .dose_left_ms = UINT32_MAX };
        Routine routine = routine_of(1, 600000);
        Course c;

        begin_with(&c, &routine, &unknown, &limits_hard);
        (void) session_armed(&c.session, c.now_ms);
        play(&c, 40000);
        assert_in_range(most_over(&c, 60000), 230, 240); /* 60 % of 400 */
        end(&c);
}

/* SR-SCREENING, SR-ZERO */
static void without_permission_nothing_moves_and_the_session_ends(void **state)
{
        static const SessionPermit forbidden[] = {
                { GOVERNOR_UNKNOWN, GOVERNOR_LATER_SESSION, UINT32_MAX },
                { GOVERNOR_SCREENED, GOVERNOR_LATER_SESSION, 0 },
        };
        Routine routine = routine_of(1, 60000);

        for (size_t i = 0; i < ELEMENTSOF(forbidden); i++) {
                Course c;

                begin_with(&c, &routine, &forbidden[i], &limits_hard);
                (void) session_armed(&c.session, c.now_ms);
                assert_int_equal(most_over(&c, SESSION_FRAME_MS), 0);
                assert_int_equal(c.session.end, SESSION_END_LIMIT);
                end(&c);
        }
}

/* SR-SESSION, SR-DAY */
static void dose_runs_out_in_mid_session(void **state)
{
        const SessionPermit little = { GOVERNOR_SCREENED, GOVERNOR_LATER_SESSION, 10000 };
        Routine routine = routine_of(1, 60000);
        Course c;

        begin_with(&c, &routine, &little, &limits_hard);
        (void) session_armed(&c.session, c.now_ms);
        play(&c, 9900);
        assert_int_equal(session_state(&c.session), SESSION_PLAYING);
        play(&c, 200);
        assert_int_equal(c.session.end, SESSION_END_LIMIT);
        assert_in_range(c.session.played_ms, 10000, 10020);
        end(&c);
}

/* SR-SILENT */
static void a_stale_status_gives_zero_and_then_ends_it(void **state)
{
        SessionReadings old = { 0 };
        Course c;

        begin(&c, 1, 600000);
        play(&c, 60000);
        old.status_at_ms = c.now_ms;
        for (uint64_t t = 20; t <= 1000; t += 20) {
                c.now_ms += 20;
                c.frame = session_tick(&c.session, c.now_ms, &old);
                if (t > 250)
                        assert_int_equal(most_level(c.frame), 0);
                assert_int_equal(session_state(&c.session) == SESSION_ENDED, t >= 520);
        }
        assert_int_equal(c.session.end, SESSION_END_MASSAGER_SILENT);
        end(&c);
}

static void a_latch_ends_it_with_its_reason(void **state)
{
        static const struct {
                GovernorLatch latch;
                SessionEnd reason;
        } cases[] = { { GOVERNOR_LATCH_HOT, SESSION_END_TOO_HOT },
                { GOVERNOR_LATCH_BUTTON, SESSION_END_BUTTON },
                { GOVERNOR_LATCH_FAULT, SESSION_END_MASSAGER_FAULT } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Course c;

                begin(&c, 1, 600000);
                play(&c, 20000);
                governor_latch(c.governor, cases[i].latch);
                assert_int_equal(most_over(&c, SESSION_FRAME_MS), 0);
                assert_int_equal(c.session.end, cases[i].reason);
                end(&c);
        }
}

/* SR-NOT-AGAIN */
static void the_first_reason_stays_and_nothing_follows_an_end(void **state)
{
        Course c;

        begin(&c, 1, 600000);
        play(&c, 10000);
        session_end(&c.session, c.now_ms, SESSION_END_CLIENT_GONE);
        session_end(&c.session, c.now_ms, SESSION_END_STOPPED);
        assert_int_equal(c.session.end, SESSION_END_CLIENT_GONE);
        assert_int_equal(session_armed(&c.session, c.now_ms), -EBUSY);
        assert_int_equal(session_pause(&c.session, c.now_ms), -EBUSY);
        assert_int_equal(session_resume(&c.session), -EBUSY);
        assert_int_equal(session_ease(&c.session), -EBUSY);
        assert_int_equal(session_set_intensity(&c.session, 50), -EBUSY);
        play(&c, 1000);
        assert_null(c.frame);
        end(&c);
}

static void heat_is_asked_for_only_where_the_step_has_it(void **state)
{
        Routine routine = routine_of(1, 600000);
        SessionReadings readings = { 0 };

        for (unsigned heat_c = 0; heat_c <= 38; heat_c += 38) {
                Course c;

                routine.steps[0].heat_c = (uint8_t) heat_c;
                begin_with(&c, &routine, &permit, &limits_hard);
                (void) session_armed(&c.session, c.now_ms);
                c.now_ms += 20;
                readings.status_at_ms = c.now_ms;
                readings.heaters[0] = (GovernorReading){ true, 3200 };
                c.frame = session_tick(&c.session, c.now_ms, &readings);
                assert_int_equal(governed_frame_setpoint_cc(c.frame, 0), heat_c * 100);
                assert_int_equal(governed_frame_setpoint_cc(c.frame, 1), 0);
                end(&c);
        }
}

static void every_state_and_reason_has_its_words(void **state)
{
        for (SessionState s = 0; s < _SESSION_STATE_MAX; s++)
                assert_true(strlen(session_state_to_string(s)) > 3);
        for (SessionEnd e = SESSION_END_FINISHED; e < _SESSION_END_MAX; e++) {
                const char *sentence = session_end_sentence(e);

                assert_true(strlen(session_end_to_string(e)) > 3);
                assert_true(strlen(sentence) > 20);
                for (SessionEnd other = SESSION_END_FINISHED; other < e; other++)
                        assert_string_not_equal(sentence, session_end_sentence(other));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_waits_until_the_massager_is_armed),
                cmocka_unit_test(it_warms_up_plays_finishes_and_ends),
                cmocka_unit_test(the_beginning_and_the_end_are_gentler_than_the_middle),
                cmocka_unit_test(a_late_tick_is_one_tick_from_zero_and_no_burst),
                cmocka_unit_test(a_pause_stops_time_and_motors_and_a_resume_rises_from_zero),
                cmocka_unit_test(a_pause_that_is_too_long_ends_the_session),
                cmocka_unit_test(ease_halves_intensity_and_tempo_and_moves_on),
                cmocka_unit_test(skip_goes_to_the_next_step_and_the_last_one_finishes),
                cmocka_unit_test(a_step_comes_in_from_zero),
                cmocka_unit_test(intensity_is_a_dial_of_what_the_limits_allow),
                cmocka_unit_test(steps_keep_their_proportions_at_any_intensity),
                cmocka_unit_test(a_first_session_scales_to_the_lower_limit),
                cmocka_unit_test(without_permission_nothing_moves_and_the_session_ends),
                cmocka_unit_test(dose_runs_out_in_mid_session),
                cmocka_unit_test(a_stale_status_gives_zero_and_then_ends_it),
                cmocka_unit_test(a_latch_ends_it_with_its_reason),
                cmocka_unit_test(the_first_reason_stays_and_nothing_follows_an_end),
                cmocka_unit_test(heat_is_asked_for_only_where_the_step_has_it),
                cmocka_unit_test(every_state_and_reason_has_its_words),
        };

        return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
