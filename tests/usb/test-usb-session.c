/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "common/macro.h"
#include "tests/usb/bench.h"

/* Sessions on healthy massagers: what the daemon means is what motors do, and rest is rest. */

#define IDLE_MS 5000u

static bool is_zero(const uint16_t level_permille[static KNEED_ACTUATORS_MAX])
{
        for (unsigned i = 0; i < KNEED_ACTUATORS_MAX; i++)
                if (level_permille[i] > 0)
                        return false;

        return true;
}

/* Every frame of that session arrived, once, in order and unchanged, and nothing else but the zero
 * of a stop. Returns the highest level. */
static unsigned assert_frames(const Bench *b, MockDevice *d, unsigned session)
{
        const MockFrame *device;
        unsigned highest = 0;
        size_t n, at = 0;

        device = mock_device_frames(d, &n);
        for (size_t i = 0; i < b->n_frames; i++) {
                if (b->frames[i].session != session)
                        continue;
                assert_true(at < n);
                if (at > 0)
                        assert_int_equal(device[at].sequence,
                                        (uint16_t) (device[at - 1].sequence + 1));
                assert_memory_equal(device[at].level_permille, b->frames[i].level_permille,
                                sizeof(device[at].level_permille));
                for (unsigned j = 0; j < KNEED_ACTUATORS_MAX; j++)
                        highest = MAX(highest, (unsigned) device[at].level_permille[j]);
                at++;
        }

        assert_true(at > 0);
        assert_true(n <= at + 1);
        if (n > at)
                assert_true(is_zero(device[at].level_permille));
        return highest;
}

static void a_session_is_played_as_it_is_meant(void **state)
{
        Bench *b = *state;
        unsigned session, highest;
        MockTruth truth;
        MockDevice *d;

        (void) bench_attach(b, "WHOLE", 1, &d);
        session = bench_run(b, "friction", "WHOLE", LEG_LEFT)->id;
        bench_wait(b, b->n_ended > 0);
        bench_assert_ends(b, 1, "finished");
        bench_wait_massager(b, "WHOLE", "idle", "");

        assert_in_range(b->n_frames, BENCH_SHORT_MS / SESSION_FRAME_MS - 10,
                        BENCH_SHORT_MS / SESSION_FRAME_MS);
        highest = assert_frames(b, d, session);
        assert_in_range(highest, 50, limits_hard.first_level_permille);
        mock_device_look(d, &truth);
        assert_int_equal(truth.model.state, KNEED_STATE_IDLE);
        assert_int_equal(truth.model.faults, 0);
        assert_false(truth.is_moving);
}

/* One for each leg, at the same time: each gets its own. */
static void two_sessions_do_not_mix(void **state)
{
        Bench *b = *state;
        unsigned left, right;
        MockDevice *d, *e;

        (void) bench_attach(b, "ONE", 1, &d);
        (void) bench_attach(b, "TWO", 2, &e);
        left = bench_run(b, "friction", "ONE", LEG_LEFT)->id;
        right = bench_run(b, "friction", "TWO", LEG_RIGHT)->id;
        assert_int_equal(player_set_intensity(manager_player(b->manager, 1), 50), 0);
        bench_wait(b, b->n_ended == 2);
        bench_assert_ends(b, 2, "finished");
        bench_wait_massager(b, "ONE", "idle", "");
        bench_wait_massager(b, "TWO", "idle", "");
        assert_true(assert_frames(b, d, left) > assert_frames(b, e, right));
}

/* A session that follows at once, while the last stop is still on its way through the pipe. */
static void a_late_stop_does_not_undo_the_next_start(void **state)
{
        Bench *b = *state;
        MockDevice *d;

        (void) bench_attach(b, "AGAIN", 1, &d);
        for (unsigned i = 1; i <= 3; i++) {
                (void) bench_run(b, "glide", "AGAIN", LEG_LEFT);
                bench_wait(b, bench_moves(d));
                bench_wait_massager(b, "AGAIN", "playing", "");
                assert_int_equal(b->n_ended, i - 1);
                assert_int_equal(manager_stop_all(b->manager), 1);
                assert_int_equal(b->n_ended, i);
        }
        bench_wait_massager(b, "AGAIN", "idle", "");
        bench_assert_ends(b, 3, "stopped");
}

static void a_pause_stops_and_a_resume_goes_on(void **state)
{
        Bench *b = *state;
        MockDevice *d;
        Player *p;

        (void) bench_attach(b, "PAUSE", 1, &d);
        p = bench_run(b, "glide", "PAUSE", LEG_LEFT);
        bench_wait(b, bench_moves(d));
        assert_int_equal(player_pause(p), 0);
        bench_wait(b, !bench_moves(d));
        bench_wait_massager(b, "PAUSE", "idle", "");
        assert_string_equal(session_state_to_string(session_state(&p->session)), "paused");
        assert_int_equal(player_resume(p), 0);
        bench_wait(b, bench_moves(d));
        bench_wait_massager(b, "PAUSE", "playing", "");
        assert_int_equal(b->n_ended, 0);
}

static void at_rest_nothing_wakes_the_loop(void **state)
{
        Bench *b = *state;
        MockTruth truth;
        MockDevice *d;

        (void) bench_attach(b, "REST", 1, &d);
        bench_pass(b, 200); /* the last transfers of the opening */
        assert_int_equal(sd_event_run(b->event, IDLE_MS * USEC_PER_MS), 0);
        bench_wait_massager(b, "REST", "idle", "");
        /* It is listened to all the same. */
        mock_device_look(d, &truth);
        assert_int_equal(truth.n_urbs, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(a_session_is_played_as_it_is_meant),
                BENCH_TEST(two_sessions_do_not_mix),
                BENCH_TEST(a_late_stop_does_not_undo_the_next_start),
                BENCH_TEST(a_pause_stops_and_a_resume_goes_on),
                BENCH_TEST(at_rest_nothing_wakes_the_loop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
