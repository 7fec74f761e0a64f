/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "common/macro.h"
#include "tests/usb/bench.h"

/* The stop ladder, rung by rung, on the real pipes; and the stops that the end of kneed sends. */

#define ID "STOP"

#define NOT_CONFIRMED "It did not confirm a stop; unplug it."
#define STILL_MOVING  "It still moves after a stop; unplug it now."
#define PRESSED \
        "Its stop button was pressed; when the person is ready, clear it with: kneectl clear"

/* Its cut-off, the time that its motors need, and some for the machine. */
#define CUT_OFF_MS 300u
#define REST_MS    (CUT_OFF_MS + SIM_SPIN_DOWN_MS + 100u)

static MockDevice *play(Bench *b)
{
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, ID, 1, &d);
        bench_play(b, "glide", m, d);
        return d;
}

static void wait_for_rest(Bench *b, MockDevice *d, uint64_t until_ms)
{
        while (bench_moves(d))
                bench_turn(b, until_ms);
}

/* Both pipes carry it: one of them is enough. */
static void stop_with(Bench *b, uint32_t fault)
{
        MockDevice *d = play(b);
        uint64_t stopped_ms;

        mock_device_inject(d, fault);
        stopped_ms = clock_now_ms();
        assert_int_equal(manager_stop_all(b->manager), 1);
        bench_assert_ends(b, 1, "stopped");
        bench_wait_massager(b, ID, "idle", "");
        assert_true(clock_now_ms() - stopped_ms <=
                        bench_within(MASSAGER_CONFIRM_MS + SIM_SPIN_DOWN_MS));
        assert_false(bench_moves(d));
        assert_int_equal(bench_logged("no confirmation"), 0);
}

static void rung_1_a_stop_is_confirmed(void **state)
{
        stop_with(*state, 0);
}

static void rung_1_by_control_alone(void **state)
{
        stop_with(*state, USB_FAULT_DEAF_INTERRUPT);
}

/* What the device did not take waits in the pipe, as much of it as there is room for. A stop needs
 * none of that room. */
static void rung_1_by_control_behind_frames_that_pile_up(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);

        mock_device_inject(d, USB_FAULT_DEAF_INTERRUPT);
        for (unsigned i = 0; i < USB_URBS_MAX; i++)
                (void) massager_output(bench_find(b, ID), governed_frame_zero());
        (void) manager_stop_all(b->manager);
        bench_wait_massager(b, ID, "idle", "");
        assert_int_equal(bench_logged("no confirmation"), 0);
        bench_assert_ends(b, 1, "stopped");
}

static void rung_1_by_interrupt_alone(void **state)
{
        stop_with(*state, USB_FAULT_DEAF_CONTROL);
}

/* SR-LADDER: What ignores stops is not fed any more, so that its own cut-off fires. */
static void rung_2_without_confirmation_it_is_starved(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);
        uint64_t stopped_ms;
        MockTruth truth;
        size_t n, later;

        mock_device_inject(d, SIM_FAULT_IGNORES_STOP);
        stopped_ms = clock_now_ms();
        (void) manager_stop_all(b->manager);
        bench_wait_massager(b, ID, "faulty", NOT_CONFIRMED);
        assert_in_range(clock_now_ms() - stopped_ms, MASSAGER_CONFIRM_MS - 1,
                        bench_within(MASSAGER_CONFIRM_MS + 100));
        assert_int_equal(governor_latched(massager_governor(bench_find(b, ID))),
                        GOVERNOR_LATCH_FAULT);
        (void) mock_device_frames(d, &n);

        wait_for_rest(b, d, stopped_ms + bench_within(REST_MS));
        mock_device_look(d, &truth);
        assert_true(truth.model.faults & KNEED_FAULT_HOST_SILENT);
        (void) mock_device_frames(d, &later);
        assert_int_equal(later, n);

        /* At rest after all: no third rung, and a person takes it back into use. */
        bench_pass(b, MASSAGER_STILL_MS);
        bench_wait_massager(b, ID, "faulty", NOT_CONFIRMED);
        assert_int_equal(bench_helper.n_resets, 0);
        mock_device_inject(d, 0);
        assert_int_equal(massager_clear(bench_find(b, ID)), 0);
        bench_wait(b, massager_state(bench_find(b, ID)) == MASSAGER_IDLE);
        bench_assert_ends(b, 1, "stopped");
}

/* SR-LADDER, SR-HANG: It does not come to rest: the real program resets its port, and a person is
 * told. */
static void rung_3_what_still_moves_is_reset(void **state)
{
        Bench *b = *state;
        char arguments[sizeof(bench_helper.arguments)];
        MockDevice *d = play(b);
        uint64_t stopped_ms;
        MockTruth truth;

        bench_helper.resets = true;
        mock_device_inject(d, SIM_FAULT_STUCK_MOTOR);
        stopped_ms = clock_now_ms();
        (void) manager_stop_all(b->manager);
        bench_wait_massager(b, ID, "faulty", STILL_MOVING);
        assert_in_range(clock_now_ms() - stopped_ms, MASSAGER_STILL_MS - 1,
                        bench_within(MASSAGER_STILL_MS + 100));
        assert_int_equal(bench_logged("resetting its port; unplug it now"), 1);
        assert_true(bench_moves(d));

        bench_wait(b, bench_helper.n_resets == 1);
        (void) snprintf(arguments, sizeof(arguments), "reset 1 %u ", mock_device_address(d));
        assert_string_equal(bench_helper.arguments, arguments);
        bench_wait_helpers();
        mock_device_look(d, &truth);
        assert_int_equal(truth.n_resets, 1);
        /* Whoever asked for anything meanwhile would wait for the reset. */
        assert_int_equal(truth.n_urbs, 0);
        bench_assert_ends(b, 1, "stopped");
}

/* Its word is all that the daemon has; but it is not fed, so its own cut-off proves the better. */
static void a_massager_that_lies_is_ended_by_its_cut_off(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);
        uint64_t stopped_ms;

        mock_device_inject(d, USB_FAULT_LIE_AFTER_STOP);
        stopped_ms = clock_now_ms();
        (void) manager_stop_all(b->manager);
        bench_wait_massager(b, ID, "idle", "");
        assert_true(bench_moves(d));
        wait_for_rest(b, d, stopped_ms + bench_within(REST_MS));
        bench_assert_ends(b, 1, "stopped");
}

static void the_stop_button_latches(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);

        mock_device_press_button(d, true);
        bench_wait_massager(b, ID, "latched", PRESSED);
        bench_assert_ends(b, 1, "button");
        assert_int_equal(massager_arm(bench_find(b, ID)), -EBUSY);

        mock_device_press_button(d, false);
        assert_int_equal(massager_clear(bench_find(b, ID)), 0);
        bench_wait_massager(b, ID, "idle", "");
}

/* The loop does not run any more, and still the last stop gets out. */
static void end_with(Bench *b, uint32_t fault)
{
        MockDevice *d = play(b);
        uint64_t ended_ms;
        MockTruth truth;

        mock_device_inject(d, fault);
        ended_ms = clock_now_ms();
        bench_shut_down(b);
        assert_true(clock_now_ms() - ended_ms <= bench_within(USB_DRAIN_MS + 100));
        bench_assert_ends(b, 1, "shutdown");

        bench_wait_helpers();
        mock_device_look(d, &truth);
        assert_int_equal(truth.n_urbs, 0);
        assert_true(truth.has_kernel_driver);
        assert_int_equal(truth.n_waits, bench_helper.n_detaches + bench_helper.n_returns);
        if (fault & SIM_FAULT_HANG)
                return;
        assert_int_equal(truth.model.state, KNEED_STATE_IDLE);
        assert_int_equal(truth.model.faults, 0);
        wait_for_rest(b, d, clock_now_ms() + bench_within(SIM_SPIN_DOWN_MS + 100));
}

/* SR-BEGIN */
static void the_end_of_kneed_drains_its_last_stop(void **state)
{
        end_with(*state, 0);
}

static void the_end_of_kneed_drains_past_a_deaf_pipe(void **state)
{
        end_with(*state, USB_FAULT_NAK_FOR_EVER);
}

static void the_end_of_kneed_does_not_wait_for_a_hang(void **state)
{
        end_with(*state, SIM_FAULT_HANG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(rung_1_a_stop_is_confirmed),
                BENCH_TEST(rung_1_by_control_alone),
                BENCH_TEST(rung_1_by_control_behind_frames_that_pile_up),
                BENCH_TEST(rung_1_by_interrupt_alone),
                BENCH_TEST(rung_2_without_confirmation_it_is_starved),
                BENCH_TEST(rung_3_what_still_moves_is_reset),
                BENCH_TEST(a_massager_that_lies_is_ended_by_its_cut_off),
                BENCH_TEST(the_stop_button_latches),
                BENCH_TEST(the_end_of_kneed_drains_its_last_stop),
                BENCH_TEST(the_end_of_kneed_drains_past_a_deaf_pipe),
                BENCH_TEST(the_end_of_kneed_does_not_wait_for_a_hang),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
