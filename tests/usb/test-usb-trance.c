/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "common/macro.h"
#include "simulator/trance-vibrator.h"
#include "tests/usb/bench.h"

/* The Trance Vibrator, which says nothing and has no cut-off. */

#define PORT         2u
#define ID           "port_1_2"
#define OTHER        "TRANCE"
#define CAP_PERMILLE 400u

#define NOT_CONFIRMED "It did not confirm a stop; unplug it."
#define STILL_MOVING  "It still moves after a stop; unplug it now."

static MockDevice *attach(Bench *b)
{
        MockDevice *d = mock_device_new(b->bus, MOCK_TRANCE_VIBRATOR, NULL);

        mock_device_plug(d, PORT);
        bench_start(b, USB_ALLOW_ALL);
        bench_wait_massager(b, ID, "idle", "");
        return d;
}

static MockDevice *play(Bench *b)
{
        MockDevice *d = attach(b);

        bench_play(b, "tapping", bench_find(b, ID), d);
        return d;
}

/* SR-CUT-OFF */
static void it_is_left_alone_unless_allowed(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_TRANCE_VIBRATOR, NULL);
        MockTruth truth;

        mock_device_plug(d, PORT);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        bench_wait(b, bench_logged("allow_without_cut_off in kneed.conf allows it") == 1);
        bench_wait(b, usb_settled(b->usb));
        assert_null(manager_massager(b->manager, 0));
        mock_device_look(d, &truth);
        assert_int_equal(truth.n_opens, 0);
}

static void it_comes_with_a_warning_and_tighter_limits(void **state)
{
        Bench *b = *state;
        const DeviceFacts *facts;
        const Massager *m;
        MockTruth truth;
        MockDevice *d;

        d = attach(b);
        m = bench_find(b, ID);
        facts = massager_facts(m);
        assert_string_equal(massager_driver(m), "trance-vibrator");
        assert_true(strlen(massager_warning(m)) > 20);
        assert_int_equal(facts->layout.n_heaters, 0);
        assert_int_equal(facts->limits.level_permille, CAP_PERMILLE);
        assert_true(facts->limits.session_minutes < limits_hard.session_minutes);

        /* The first thing that it heard is stop. */
        mock_device_look(d, &truth);
        assert_true(truth.model.frames_applied >= 1);
        assert_int_equal(truth.model.target_permille[0], 0);
}

/* SR-CUT-OFF: What a reload no longer allows is not started any more, though it stays attached. */
static void it_is_not_started_once_it_is_no_longer_allowed(void **state)
{
        Bench *b = *state;
        const RunRequest request = { .routine = "friction", .leg = LEG_LEFT, .nothing_new = true };
        RunRefusal refusal = { 0 };
        Player *p;

        (void) attach(b);
        b->config->allow_without_cut_off = false;
        assert_int_equal(manager_run(b->manager, &request, &p, &refusal), -EPERM);
        assert_int_equal(refusal.why, REFUSAL_UNSUITABLE_MASSAGER);
        assert_non_null(strstr(refusal.sentence, "allow_without_cut_off"));
        b->config->allow_without_cut_off = true;
        assert_int_equal(manager_run(b->manager, &request, &p, &refusal), 0);
}

/* The request is the one of the real device (0x43, 0x01): the simulated one refuses any other. */
static void its_speed_follows_the_session_under_the_cap(void **state)
{
        Bench *b = *state;
        unsigned highest = 0, last = 0;
        const MockFrame *device;
        MockDevice *d;
        size_t n, at = 0;

        d = attach(b);
        (void) bench_run(b, "friction", ID, LEG_LEFT);
        bench_wait(b, b->n_ended > 0);
        bench_assert_ends(b, 1, "finished");
        bench_wait_massager(b, ID, "idle", "");
        bench_wait(b, !bench_moves(d));

        /* An unchanged speed is not sent each time, so only changes are compared. */
        device = mock_device_frames(d, &n);
        for (size_t i = 0; i < b->n_frames; i++) {
                unsigned speed = b->frames[i].level_permille[0] * TRANCE_SPEED_MAX / 1000;

                if (speed == last)
                        continue;
                last = speed;
                highest = MAX(highest, speed);
                while (at < n && device[at].level_permille[0] != speed * 1000 / TRANCE_SPEED_MAX)
                        at++;
                assert_true(at < n);
        }
        assert_in_range(highest, 10, CAP_PERMILLE * TRANCE_SPEED_MAX / 1000);
        assert_int_equal(device[n - 1].level_permille[0], 0);
}

static void its_stop_is_a_speed_of_zero(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);
        uint64_t stopped_ms = clock_now_ms();

        assert_int_equal(manager_stop_all(b->manager), 1);
        bench_assert_ends(b, 1, "stopped");
        bench_wait_massager(b, ID, "idle", "");
        assert_true(clock_now_ms() - stopped_ms <= bench_within(MASSAGER_CONFIRM_MS));
        bench_wait(b, !bench_moves(d));
}

static void unplugging_it_ends_the_session(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);
        uint64_t unplugged_ms = clock_now_ms();

        mock_device_unplug(d, MOCK_NODE_FIRST);
        bench_wait(b, b->n_removed == 1);
        bench_assert_ends(b, 1, "massager-gone");
        assert_true(b->ended_at_ms <= unplugged_ms + bench_within(100));

        mock_device_plug(d, PORT);
        bench_wait_massager(b, ID, "idle", "");
        assert_false(bench_moves(d));
}

/* Requests that are refused, or not answered, are all the silence that it has. */
static void a_stall_and_a_hang_climb_the_ladder(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_TRANCE_VIBRATOR, OTHER), *e;

        mock_device_plug(d, PORT + 1);
        e = attach(b);
        bench_wait_massager(b, OTHER, "idle", "");
        (void) bench_run(b, "tapping", OTHER, LEG_RIGHT);
        (void) bench_run(b, "tapping", ID, LEG_LEFT);
        bench_wait(b, bench_moves(d) && bench_moves(e));

        mock_device_inject(d, SIM_FAULT_STALL);
        mock_device_inject(e, SIM_FAULT_HANG);
        bench_wait(b, b->n_ended == 2);
        bench_assert_ends(b, 2, "massager-silent");
        bench_wait_massager(b, OTHER, "faulty", NOT_CONFIRMED);
        bench_wait_massager(b, ID, "faulty", NOT_CONFIRMED);
        bench_wait_massager(b, OTHER, "faulty", STILL_MOVING);
        bench_wait_massager(b, ID, "faulty", STILL_MOVING);
        bench_wait(b, bench_helper.n_resets == 2);
        assert_true(bench_moves(d) && bench_moves(e));
}

static void the_end_of_kneed_stops_it(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);
        MockTruth truth;

        bench_shut_down(b);
        mock_device_look(d, &truth);
        assert_int_equal(truth.model.target_permille[0], 0);
        assert_int_equal(truth.n_urbs, 0);
        bench_assert_ends(b, 1, "shutdown");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(it_is_left_alone_unless_allowed),
                BENCH_TEST(it_comes_with_a_warning_and_tighter_limits),
                BENCH_TEST(it_is_not_started_once_it_is_no_longer_allowed),
                BENCH_TEST(its_speed_follows_the_session_under_the_cap),
                BENCH_TEST(its_stop_is_a_speed_of_zero),
                BENCH_TEST(unplugging_it_ends_the_session),
                BENCH_TEST(a_stall_and_a_hang_climb_the_ladder),
                BENCH_TEST(the_end_of_kneed_stops_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
