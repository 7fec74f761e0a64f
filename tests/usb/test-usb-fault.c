/* SPDX-License-Identifier: MIT */
#include "common/macro.h"
#include "tests/usb/bench.h"

/* Massagers that do wrong: while they are opened, while they are armed, while they play. Each ends
 * in a state and for a reason that a person is told. */

#define ID    "FAULTY"
#define OTHER "OTHER"

/* The governor's patience, the session's, and some for the machine. */
#define SILENT_MS (GOVERNOR_STATUS_FRESH_MS + SESSION_SILENT_MS + 200u)

/* How far a status may be behind the frames until it counts as old. */
#define REPLAY_MS 400u

#define NOT_CONFIRMED "It did not confirm a stop; unplug it."
#define STILL_MOVING  "It still moves after a stop; unplug it now."
#define UNANSWERED    "It stopped answering while it was opened; plug it in again."
#define HOST_SILENT   "It switched itself off because it heard nothing for too long."

static MockDevice *attach(Bench *b)
{
        MockDevice *d;

        (void) bench_attach(b, ID, 1, &d);
        return d;
}

static MockDevice *play(Bench *b)
{
        MockDevice *d = attach(b);

        bench_play(b, "glide", bench_find(b, ID), d);
        return d;
}

static KneedState state_of(MockDevice *d)
{
        MockTruth truth;

        mock_device_look(d, &truth);
        return truth.model.state;
}

/* Two massagers that are not heard any more, each in its own way, one on each leg: their sessions
 * end, their stops are not confirmed, and what cannot be seen to stand still counts as moving. */
static void fall_silent(Bench *b, uint32_t fault, uint32_t other_fault, MockDevice *ret[static 2])
{
        uint64_t injected_ms;

        ret[0] = attach(b);
        (void) bench_attach(b, OTHER, 2, &ret[1]);
        (void) bench_run(b, "glide", ID, LEG_LEFT);
        (void) bench_run(b, "glide", OTHER, LEG_RIGHT);
        bench_wait(b, bench_moves(ret[0]) && bench_moves(ret[1]));

        injected_ms = clock_now_ms();
        mock_device_inject(ret[0], fault);
        mock_device_inject(ret[1], other_fault);
        bench_wait(b, b->n_ended == 2);
        bench_assert_ends(b, 2, "massager-silent");
        assert_true(b->ended_at_ms <= injected_ms + bench_within(SILENT_MS));
        bench_wait_massager(b, ID, "faulty", NOT_CONFIRMED);
        bench_wait_massager(b, OTHER, "faulty", NOT_CONFIRMED);
        bench_wait_massager(b, ID, "faulty", STILL_MOVING);
        bench_wait_massager(b, OTHER, "faulty", STILL_MOVING);
        bench_wait(b, bench_helper.n_resets == 2);
}

/* It heard the stop, though it could not say so. */
static void assert_stopped(Bench *b, MockDevice *d)
{
        bench_wait(b, state_of(d) == KNEED_STATE_IDLE);
        bench_wait(b, !bench_moves(d));
}

static void pipes_that_nak_for_ever_and_no_statuses(void **state)
{
        MockDevice *d[2];

        fall_silent(*state, USB_FAULT_NAK_FOR_EVER, SIM_FAULT_MUTE, d);
        assert_stopped(*state, d[0]);
        assert_stopped(*state, d[1]);
}

static void statuses_too_short_and_too_long(void **state)
{
        MockDevice *d[2];

        fall_silent(*state, USB_FAULT_SHORT_REPORT, USB_FAULT_LONG_REPORT, d);
        assert_stopped(*state, d[0]);
        assert_stopped(*state, d[1]);
}

/* A hang answers nothing, and even its own cut-off hangs. */
static void statuses_of_noise_and_a_hang(void **state)
{
        MockDevice *d[2];

        fall_silent(*state, USB_FAULT_GARBAGE_REPORT, SIM_FAULT_HANG, d);
        assert_stopped(*state, d[0]);
        assert_true(bench_moves(d[1]));
}

/* Frames do not arrive, so its own cut-off fires, and it says so. */
static void a_deaf_interrupt_pipe(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);

        mock_device_inject(d, USB_FAULT_DEAF_INTERRUPT);
        bench_wait(b, b->n_ended > 0);
        bench_assert_ends(b, 1, "massager-fault");
        bench_wait_massager(b, ID, "idle", HOST_SILENT);
        assert_stopped(b, d);
}

/* Control requests are not needed to play, nor to stop. */
static void stop_past_control(Bench *b, uint32_t fault)
{
        MockDevice *d = play(b);

        mock_device_inject(d, fault);
        bench_pass(b, TRANSPORT_TIMEOUT_MS + 50);
        assert_int_equal(b->n_ended, 0);
        assert_true(bench_moves(d));
        assert_int_equal(manager_stop_all(b->manager), 1);
        bench_assert_ends(b, 1, "stopped");
        bench_wait_massager(b, ID, "idle", "");
        assert_stopped(b, d);
}

static void a_deaf_control_pipe(void **state)
{
        stop_past_control(*state, USB_FAULT_DEAF_CONTROL);
}

static void a_control_pipe_that_stalls(void **state)
{
        stop_past_control(*state, SIM_FAULT_STALL);
}

/* The same old word of an armed massager: it is neither fresh, nor that of a stop. */
static void a_replayed_status(void **state)
{
        Bench *b = *state;
        MockDevice *d = play(b);
        uint64_t injected_ms = clock_now_ms();

        mock_device_inject(d, USB_FAULT_REPLAYED_STATUS);
        bench_wait(b, b->n_ended > 0);
        bench_assert_ends(b, 1, "massager-silent");
        assert_true(b->ended_at_ms <= injected_ms + bench_within(REPLAY_MS + SILENT_MS));
        bench_wait_massager(b, ID, "faulty", NOT_CONFIRMED);
        bench_wait_massager(b, ID, "faulty", STILL_MOVING);
        assert_stopped(b, d);
}

/* It never says that it is armed: the session ends before a frame was sent. */
static void fail_to_arm(Bench *b, uint32_t fault, const char *state, const char *reason)
{
        MockDevice *d = attach(b);

        mock_device_inject(d, fault);
        (void) bench_run(b, "glide", ID, LEG_LEFT);
        bench_wait(b, b->n_ended > 0);
        bench_assert_ends(b, 1, "not-armed");
        assert_int_equal(b->n_frames, 0);
        bench_wait_massager(b, ID, state, reason);
        assert_stopped(b, d);
}

static void a_replayed_status_while_it_is_armed(void **state)
{
        fail_to_arm(*state, USB_FAULT_REPLAYED_STATUS, "idle", "");
}

static void a_deaf_interrupt_pipe_while_it_is_armed(void **state)
{
        fail_to_arm(*state, USB_FAULT_DEAF_INTERRUPT, "idle", "");
}

/* The other one says what it is, but nothing of how it is: it is not used either. */
static void no_statuses_while_it_is_armed_or_opened(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, OTHER);

        mock_device_inject(d, SIM_FAULT_MUTE);
        mock_device_plug(d, 2);
        fail_to_arm(b, SIM_FAULT_MUTE, "faulty", STILL_MOVING);
        bench_wait_massager(b, OTHER, "faulty", STILL_MOVING);
        bench_wait(b, bench_helper.n_resets == 2);
}

static MockDevice *open_with(Bench *b, uint32_t fault)
{
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, ID);

        mock_device_plug(d, 1);
        mock_device_inject(d, fault);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        return d;
}

static void a_stall_while_it_is_opened(void **state)
{
        (void) open_with(*state, SIM_FAULT_STALL);
        bench_wait_massager(*state, ID, "refused", UNANSWERED);
}

/* Not even the report descriptor can be read: it never becomes a massager. It is given back, and by
 * another process: the kernel's driver will wait for it as long. */
static void never_become_a_massager(Bench *b, uint32_t fault)
{
        MockTruth truth = { 0 };
        MockDevice *d = open_with(b, fault);

        bench_wait(b, bench_logged(ID ": its report descriptor cannot be read") == 1);
        bench_wait(b, usb_settled(b->usb));
        bench_wait(b, (mock_device_look(d, &truth), !truth.is_claimed));
        bench_wait(b, bench_helper.n_returns == 1);
        bench_wait_helpers();
        mock_device_look(d, &truth);
        assert_true(truth.has_kernel_driver);
        assert_int_equal(truth.n_waits, bench_helper.n_detaches + 1);
        assert_int_equal(truth.n_urbs, 0);
        assert_null(manager_massager(b->manager, 0));
}

static void one_that_never_describes_its_reports(void **state)
{
        never_become_a_massager(*state, USB_FAULT_DEAF_DESCRIPTOR);
}

static void a_hang_from_the_beginning(void **state)
{
        never_become_a_massager(*state, SIM_FAULT_HANG);
}

static void a_deaf_control_pipe_from_the_beginning(void **state)
{
        never_become_a_massager(*state, USB_FAULT_DEAF_CONTROL);
}

static void a_hang_while_it_is_opened(void **state)
{
        MockDevice *d = open_with(*state, 0);

        bench_wait((Bench *) *state, bench_find(*state, ID));
        bench_wait_massager(*state, ID, "opening", "");
        mock_device_inject(d, SIM_FAULT_HANG);
        bench_wait_massager(*state, ID, "refused", UNANSWERED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(pipes_that_nak_for_ever_and_no_statuses),
                BENCH_TEST(statuses_too_short_and_too_long),
                BENCH_TEST(statuses_of_noise_and_a_hang),
                BENCH_TEST(a_deaf_interrupt_pipe),
                BENCH_TEST(a_deaf_control_pipe),
                BENCH_TEST(a_control_pipe_that_stalls),
                BENCH_TEST(a_replayed_status),
                BENCH_TEST(a_replayed_status_while_it_is_armed),
                BENCH_TEST(a_deaf_interrupt_pipe_while_it_is_armed),
                BENCH_TEST(no_statuses_while_it_is_armed_or_opened),
                BENCH_TEST(a_stall_while_it_is_opened),
                BENCH_TEST(one_that_never_describes_its_reports),
                BENCH_TEST(a_hang_from_the_beginning),
                BENCH_TEST(a_deaf_control_pipe_from_the_beginning),
                BENCH_TEST(a_hang_while_it_is_opened),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
