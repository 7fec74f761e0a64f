/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>

#include "common/macro.h"
#include "tests/usb/bench.h"
#include "tests/usb/haste.h"

/* Plugging in: who is opened, under which name, and what is left when it is over. */

#define CYCLES      100u
#define HASTE       40u
#define PATIENCE_MS 600000u /* in hasty time */
#define OPENS       2u      /* the helper's, and kneed's */
#define HOLD_MS     1500u   /* much longer than a massager's cut-off */

static void one_that_was_there_before_is_found(void **state)
{
        const DeviceFacts *facts;
        Bench *b = *state;
        MockTruth truth;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "COLD1", 1, &d);
        assert_string_equal(massager_driver(m), "kneed");
        assert_string_equal(massager_name(m), sim_reference_design.name);
        facts = massager_facts(m);
        assert_int_equal(facts->layout.n_actuators, sim_reference_design.identity.n_actuators);
        assert_int_equal(facts->layout.n_heaters, sim_reference_design.identity.n_heaters);
        assert_true(usb_settled(b->usb));
        mock_device_look(d, &truth);
        assert_int_equal(truth.n_opens, OPENS);
}

static void one_that_comes_later_is_found(void **state)
{
        Bench *b = *state;
        MockDevice *d;

        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        bench_pass(b, 50);
        assert_null(manager_massager(b->manager, 0));
        (void) bench_attach(b, "HOT1", 1, &d);
}

static void comes_in_parts(
                Bench *b, void (*plug)(MockDevice *d, unsigned port), void (*add)(MockDevice *d))
{
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, "LATE1");

        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        plug(d, 1);
        bench_pass(b, 3 * USB_RETRY_MS);
        assert_null(manager_massager(b->manager, 0));
        add(d);
        bench_wait_massager(b, "LATE1", "idle", "");
}

/* udev's word of the device may come before its interface is there. */
static void an_interface_that_is_late_is_waited_for(void **state)
{
        comes_in_parts(*state, mock_device_plug_without_interface, mock_device_add_interface);
}

static unsigned n_frames(MockDevice *d)
{
        size_t n;

        (void) mock_device_frames(d, &n);
        return (unsigned) n;
}

/* SR-HANG: While a slow device is asked by the kernel's own driver, whoever opens it, claims it
 * or reads its strings waits, for many seconds if need be. A session meanwhile goes on. */
static void one_that_the_kernel_still_asks_holds_nobody_up(void **state)
{
        Bench *b = *state;
        MockDevice *d, *slow = mock_device_new(b->bus, MOCK_MASSAGER, "SLOW");
        Massager *m = bench_attach(b, "PLAYING", 1, &d);
        uint64_t begun_ms;
        unsigned n_before;
        MockTruth truth;

        bench_play(b, "tapping", m, d);
        mock_device_hold(slow, HOLD_MS);
        begun_ms = clock_now_ms();
        mock_device_plug(slow, 2);
        bench_wait(b, (mock_device_look(slow, &truth), truth.n_held > 0));
        n_before = n_frames(d);
        bench_pass(b, HOLD_MS / 2);
        assert_true(clock_now_ms() - begun_ms < HOLD_MS);
        assert_true(n_frames(d) > n_before + 10);
        assert_null(bench_find(b, "SLOW"));

        bench_wait_massager(b, "SLOW", "idle", "");
        assert_true(clock_now_ms() - begun_ms >= HOLD_MS);
        assert_int_equal(b->n_ended, 0);
        mock_device_look(d, &truth);
        assert_int_equal(truth.model.faults, 0);
}

/* Its strings are asked for once, and then kept: before that its interface has no name. */
static void a_name_that_is_late_is_waited_for(void **state)
{
        comes_in_parts(*state, mock_device_plug_without_name, mock_device_name_interface);
}

/* Nobody is left who would give it back. */
static void one_that_is_being_detached_at_the_end_is_given_back(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, "LAST");
        MockTruth truth;

        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        mock_device_hold(d, HOLD_MS / 3);
        mock_device_plug(d, 1);
        bench_wait(b, (mock_device_look(d, &truth), truth.n_held > 0));
        bench_shut_down(b);
        bench_wait_helpers();
        mock_device_look(d, &truth);
        assert_true(truth.has_kernel_driver);
        assert_int_equal(truth.n_waits, 2);
        assert_int_equal(bench_helper.n_returns, 0);
}

static void one_without_a_serial_number_is_named_by_its_port(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, NULL);

        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        mock_device_plug(d, 3);
        bench_wait_massager(b, "port_1_3", "idle", "");
}

static void two_with_one_serial_number_are_told_apart(void **state)
{
        Bench *b = *state;
        MockDevice *d;

        (void) bench_attach(b, "TWIN", 1, &d);
        d = mock_device_new(b->bus, MOCK_MASSAGER, "TWIN");
        mock_device_plug(d, 2);
        bench_wait_massager(b, "port_1_2", "idle", "");
        bench_wait_massager(b, "TWIN", "idle", "");
}

/* SR-DEVICE: With all that a massager has but the marker it is not even asked. */
static void a_keyboard_is_never_opened(void **state)
{
        Bench *b = *state;
        MockDevice *keyboard = mock_device_new(b->bus, MOCK_KEYBOARD, "KEYS"), *d;
        MockTruth truth;

        mock_device_plug(keyboard, 1);
        (void) bench_attach(b, "NOKEYS", 2, &d);
        mock_device_unplug(keyboard, MOCK_UEVENT_FIRST);
        mock_device_plug(keyboard, 1);
        bench_pass(b, 3 * USB_RETRY_MS);
        assert_true(usb_settled(b->usb));
        assert_null(manager_massager(b->manager, 1));
        mock_device_look(keyboard, &truth);
        assert_int_equal(truth.n_opens, 0);
        assert_true(truth.has_kernel_driver);
}

static void the_kernel_driver_is_detached_and_given_back(void **state)
{
        Bench *b = *state;
        MockTruth truth;
        MockDevice *d;

        (void) bench_attach(b, "LENT", 1, &d);
        mock_device_look(d, &truth);
        assert_true(truth.is_claimed);
        assert_false(truth.has_kernel_driver);

        bench_shut_down(b);
        bench_wait_helpers();
        mock_device_look(d, &truth);
        assert_false(truth.is_claimed);
        assert_true(truth.has_kernel_driver);
        assert_int_equal(truth.n_urbs, 0);
}

/* Nor is one lost that is only half open when kneed ends. */
static void one_that_is_being_opened_is_given_back_too(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, "HALF");
        MockTruth truth = { 0 };

        mock_device_plug(d, 1);
        mock_device_inject(d, USB_FAULT_DEAF_CONTROL);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        while (!truth.is_claimed) {
                bench_turn(b, UINT64_MAX);
                mock_device_look(d, &truth);
        }
        assert_false(usb_settled(b->usb));

        bench_shut_down(b);
        bench_wait_helpers();
        mock_device_look(d, &truth);
        assert_true(truth.has_kernel_driver);
        assert_int_equal(truth.n_urbs, 0);
}

/* EACCES and EBUSY, as right after an arrival. */
static void one_that_cannot_be_opened_yet_is_opened_later(void **state)
{
        Bench *b = *state;
        MockDevice *forbidden = mock_device_new(b->bus, MOCK_MASSAGER, "FORBIDDEN");
        MockDevice *occupied = mock_device_new(b->bus, MOCK_MASSAGER, "OCCUPIED");

        mock_device_plug(forbidden, 1);
        mock_device_permit(forbidden, false);
        mock_device_plug(occupied, 2);
        mock_device_occupy(occupied, true);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        bench_pass(b, 3 * USB_RETRY_MS);
        assert_null(manager_massager(b->manager, 0));

        mock_device_permit(forbidden, true);
        mock_device_occupy(occupied, false);
        bench_wait_massager(b, "FORBIDDEN", "idle", "");
        bench_wait_massager(b, "OCCUPIED", "idle", "");
        assert_int_equal(bench_logged("cannot be opened"), 0);
}

/* Not with a node that may not be opened: umockdev 0.17 keeps a place for each open that fails, and
 * has few. */
static void one_that_cannot_be_opened_is_given_up_with_a_word(void **state)
{
        static const char word[] = "another program has it";
        Bench *b = *state;
        MockDevice *occupied = mock_device_new(b->bus, MOCK_MASSAGER, "OCCUPIED");
        uint64_t until_ms;
        MockTruth truth;
        unsigned n_turns;

        mock_device_plug(occupied, 1);
        mock_device_occupy(occupied, true);
        haste_set(HASTE);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        until_ms = clock_now_ms() + PATIENCE_MS;
        while (bench_logged(word) == 0)
                bench_turn(b, until_ms);
        haste_set(1);
        assert_null(manager_massager(b->manager, 0));
        mock_device_look(occupied, &truth);
        assert_int_equal(truth.n_opens, USB_RETRIES);

        /* Nothing more is tried, nor said. */
        bench_pass(b, USB_RETRY_MS);
        n_turns = b->n_turns;
        bench_pass(b, 3 * USB_RETRY_MS);
        assert_int_equal(b->n_turns, n_turns);
        assert_int_equal(bench_logged(word), 1);
        assert_true(usb_settled(b->usb));
}

static void assert_refused(Bench *b, uint32_t fault, const char *reason)
{
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, "WRONG");
        MockTruth truth;

        mock_device_inject(d, fault);
        mock_device_plug(d, 1);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        bench_wait_massager(b, "WRONG", "refused", reason);
        assert_int_equal(massager_arm(bench_find(b, "WRONG")), -EBUSY);
        mock_device_look(d, &truth);
        assert_int_equal(truth.model.state, KNEED_STATE_IDLE);
}

static void a_wrong_descriptor_is_refused(void **state)
{
        assert_refused(*state, USB_FAULT_WRONG_DESCRIPTOR,
                        "Its report descriptor does not fit the profile; it may need newer "
                        "firmware.");
}

/* SR-DEVICE */
static void a_wrong_identity_is_refused(void **state)
{
        assert_refused(*state, USB_FAULT_WRONG_IDENTITY,
                        "What it says of its parts contradicts their number; it may need newer "
                        "firmware.");
}

static unsigned count_fds(void)
{
        DIR *directory = opendir("/proc/self/fd");
        unsigned n = 0;

        assert_non_null(directory);
        while (readdir(directory))
                n++;
        assert_int_equal(closedir(directory), 0);
        return n;
}

static void cycle(Bench *b, MockDevice *d, unsigned i)
{
        MockTruth truth = { 0 };

        mock_device_plug(d, 1 + i % 4);
        bench_wait_massager(b, "CYCLE", "idle", "");
        mock_device_unplug(d, i % 2 ? MOCK_NODE_FIRST : MOCK_UEVENT_FIRST);
        bench_wait(b, b->n_removed == i + 1);
        bench_wait(b, (mock_device_look(d, &truth), truth.n_urbs == 0));
        assert_int_equal(truth.n_opens, OPENS * (i + 1));
}

static void a_hundred_cycles_leave_nothing_behind(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, "CYCLE");
        unsigned n_fds;

        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        cycle(b, d, 0);
        bench_pass(b, 50); /* the mock bus closes its ends a moment later */
        n_fds = count_fds();
        for (unsigned i = 1; i < CYCLES; i++)
                cycle(b, d, i);
        bench_wait(b, count_fds() <= n_fds);
        assert_null(manager_massager(b->manager, 0));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(one_that_was_there_before_is_found),
                BENCH_TEST(one_that_comes_later_is_found),
                BENCH_TEST(an_interface_that_is_late_is_waited_for),
                BENCH_TEST(a_name_that_is_late_is_waited_for),
                BENCH_TEST(one_that_the_kernel_still_asks_holds_nobody_up),
                BENCH_TEST(one_that_is_being_detached_at_the_end_is_given_back),
                BENCH_TEST(one_without_a_serial_number_is_named_by_its_port),
                BENCH_TEST(two_with_one_serial_number_are_told_apart),
                BENCH_TEST(a_keyboard_is_never_opened),
                BENCH_TEST(the_kernel_driver_is_detached_and_given_back),
                BENCH_TEST(one_that_is_being_opened_is_given_back_too),
                BENCH_TEST(one_that_cannot_be_opened_yet_is_opened_later),
                BENCH_TEST(one_that_cannot_be_opened_is_given_up_with_a_word),
                BENCH_TEST(a_wrong_descriptor_is_refused),
                BENCH_TEST(a_wrong_identity_is_refused),
                BENCH_TEST(a_hundred_cycles_leave_nothing_behind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
