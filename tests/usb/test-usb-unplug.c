/* SPDX-License-Identifier: MIT */
#include "common/macro.h"
#include "tests/usb/bench.h"

/* Unplugging in each state, and what is still known after a replug. */

#define GONE_MS 100u /* how soon a session hears of it */
#define TICK_MS SESSION_FRAME_MS

/* Unplugs it, and holds that everybody knows soon. */
static void unplug(Bench *b, MockDevice *d, MockOrder order)
{
        uint64_t unplugged_ms = clock_now_ms();
        unsigned n_removed = b->n_removed;
        MockTruth truth = { 0 };

        mock_device_unplug(d, order);
        bench_wait(b, b->n_removed > n_removed);
        assert_int_equal(b->n_removed, n_removed + 1);
        assert_true(clock_now_ms() - unplugged_ms <= bench_within(GONE_MS));
        if (b->n_ended > 0)
                assert_true(b->ended_at_ms <= unplugged_ms + bench_within(GONE_MS));
        bench_wait(b, (mock_device_look(d, &truth), truth.n_urbs == 0));
}

static void replug(Bench *b, MockDevice *d, unsigned port, const char *id)
{
        unsigned address = mock_device_address(d);

        mock_device_plug(d, port);
        assert_int_not_equal(mock_device_address(d), address);
        bench_wait_massager(b, id, "idle", "");
}

static void unplug_while_opening(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, "OPENING");

        mock_device_plug(d, 1);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        bench_wait(b, bench_find(b, "OPENING"));
        bench_wait_massager(b, "OPENING", "opening", "");
        unplug(b, d, MOCK_NODE_FIRST);
        replug(b, d, 1, "OPENING");
}

/* It was claimed, but its report descriptor was not read. */
static void unplug_before_it_is_a_massager(void **state)
{
        Bench *b = *state;
        MockDevice *d = mock_device_new(b->bus, MOCK_MASSAGER, "EARLY");
        MockTruth truth = { 0 };

        mock_device_plug(d, 1);
        mock_device_inject(d, USB_FAULT_DEAF_CONTROL);
        bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        while (!truth.is_claimed) {
                bench_turn(b, UINT64_MAX);
                mock_device_look(d, &truth);
        }
        mock_device_unplug(d, MOCK_UEVENT_FIRST);
        bench_wait(b, usb_settled(b->usb));
        assert_null(manager_massager(b->manager, 0));

        mock_device_inject(d, 0);
        replug(b, d, 1, "EARLY");
}

static void unplug_while_idle(void **state)
{
        Bench *b = *state;
        MockDevice *d;

        (void) bench_attach(b, "IDLE", 1, &d);
        unplug(b, d, MOCK_UEVENT_FIRST);
        replug(b, d, 1, "IDLE");
        unplug(b, d, MOCK_NODE_FIRST);
        replug(b, d, 1, "IDLE");
}

static void unplug_while_arming(void **state)
{
        Bench *b = *state;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "ARMING", 1, &d);
        (void) bench_run(b, "glide", "ARMING", LEG_LEFT);
        bench_wait(b, massager_state(m) == MASSAGER_ARMING);
        unplug(b, d, MOCK_NODE_FIRST);
        bench_assert_ends(b, 1, "massager-gone");
        replug(b, d, 1, "ARMING");
}

/* SR-NOT-AGAIN */
static void unplug_while_playing(void **state)
{
        static const MockOrder orders[] = { MOCK_NODE_FIRST, MOCK_UEVENT_FIRST };
        Bench *b = *state;
        MockDevice *d;

        (void) bench_attach(b, "PLAYING", 1, &d);
        for (size_t i = 0; i < ELEMENTSOF(orders); i++) {
                bench_play(b, "glide", bench_find(b, "PLAYING"), d);
                bench_wait_massager(b, "PLAYING", "playing", "");
                unplug(b, d, orders[i]);
                bench_assert_ends(b, (unsigned) i + 1, "massager-gone");
                bench_wait(b, !bench_moves(d));
                replug(b, d, 1, "PLAYING");
        }
}

/* Reports are on their way out, and one is waited for, when it goes. */
static void unplug_in_mid_transfer(void **state)
{
        Bench *b = *state;
        MockTruth truth;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "TRANSFER", 1, &d);
        bench_play(b, "glide", m, d);
        mock_device_inject(d, USB_FAULT_NAK_FOR_EVER);
        bench_wait(b, (mock_device_look(d, &truth), truth.n_urbs >= 4));
        unplug(b, d, MOCK_UEVENT_FIRST);
        bench_assert_ends(b, 1, "massager-gone");

        mock_device_inject(d, 0);
        replug(b, d, 1, "TRANSFER");
}

/* The session was over before; its reason stays. */
static void unplug_while_stopping(void **state)
{
        Bench *b = *state;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "STOPPING", 1, &d);
        bench_play(b, "glide", m, d);
        assert_int_equal(manager_stop_all(b->manager), 1);
        assert_string_equal(massager_state_to_string(massager_state(m)), "stopping");
        unplug(b, d, MOCK_NODE_FIRST);
        bench_assert_ends(b, 1, "stopped");
        replug(b, d, 1, "STOPPING");
}

/* At another port, with another address: the serial number names it. */
static void a_replug_elsewhere_keeps_the_name(void **state)
{
        Bench *b = *state;
        MockDevice *d;

        (void) bench_attach(b, "MOVED", 1, &d);
        unplug(b, d, MOCK_UEVENT_FIRST);
        replug(b, d, 4, "MOVED");
        bench_play(b, "glide", bench_find(b, "MOVED"), d);
}

/* Works every actuator from one moment of a time of our own to another; returns the strongest level
 * of the last tick. */
static unsigned work(Governor *g, uint64_t from_ms, uint64_t until_ms)
{
        unsigned strongest = 0;

        for (uint64_t now_ms = from_ms; now_ms < until_ms; now_ms += TICK_MS) {
                GovernorInput in = {
                        .now_ms = now_ms,
                        .status_at_ms = now_ms,
                        .wish = GOVERNOR_WISH_RUN,
                        .screening = GOVERNOR_SCREENED,
                        .experience = GOVERNOR_LATER_SESSION,
                        .dose_left_ms = UINT32_MAX,
                        .cap_permille = 500,
                };
                const GovernedFrame *frame;

                for (unsigned i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                        in.want_permille[i] = 500;
                frame = governor_step(g, &in);
                strongest = 0;
                for (unsigned i = 0; i < governed_frame_size(frame); i++)
                        strongest = MAX(strongest, governed_frame_level(frame, i));
        }

        return strongest;
}

/* SR-BUSY: Pulling the plug is no way around the rest that an actuator owes, and neither is another
 * supply. */
static void a_replug_does_not_wipe_out_what_was_worked(void **state)
{
        uint64_t begin_ms = clock_now_ms() + 1000;
        uint64_t busy_ms = limits_hard.busy_s * (uint64_t) MSEC_PER_S;
        Bench *b = *state;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "BUSY", 1, &d);
        assert_true(work(massager_governor(m), begin_ms, begin_ms + busy_ms - 1000) > 0);
        unplug(b, d, MOCK_NODE_FIRST);
        mock_device_supply(d, 150);
        replug(b, d, 2, "BUSY");
        m = bench_find(b, "BUSY");
        assert_int_equal(massager_facts(m)->layout.budget_ma, 150);
        begin_ms += busy_ms - 1000;
        assert_int_equal(work(massager_governor(m), begin_ms, begin_ms + 3000), 0);
        /* And what it does afterwards the supply of now must bear. */
        assert_in_range(work(massager_governor(m), begin_ms + 3000,
                                        begin_ms + 3000 + GOVERNOR_REST_MS + 8000),
                        1, 300);
}

/* SR-CLEAR: The plug is deliberate enough for what the massager latched, not for what a person
 * did; and a person may stop what is latched already. Another supply changes nothing of it. */
static void a_replug_releases_no_stop_of_a_person(void **state)
{
        Bench *b = *state;
        MockDevice *d;

        (void) bench_attach(b, "STOPPED", 1, &d);
        mock_device_press_button(d, true);
        bench_wait(b, massager_state(bench_find(b, "STOPPED")) == MASSAGER_LATCHED);
        mock_device_press_button(d, false);
        (void) manager_emergency_stop(b->manager);

        for (unsigned supply_ma = 900; supply_ma >= 300; supply_ma -= 300) {
                unplug(b, d, MOCK_NODE_FIRST);
                mock_device_supply(d, supply_ma);
                mock_device_plug(d, 1);
                bench_wait(b, bench_find(b, "STOPPED") &&
                                                massager_state(bench_find(b, "STOPPED")) ==
                                                                MASSAGER_LATCHED);
                assert_int_equal(governor_latched(massager_governor(bench_find(b, "STOPPED"))),
                                GOVERNOR_LATCH_EMERGENCY);
        }
}

/* SR-CLEAR: Nobody has pulled a plug: it is only opened anew. */
static void a_sleep_releases_no_fault(void **state)
{
        Bench *b = *state;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "FAULT", 1, &d);
        bench_play(b, "glide", m, d);
        mock_device_inject(d, SIM_FAULT_IGNORES_STOP);
        (void) manager_stop_all(b->manager);
        bench_wait(b, massager_state(m) == MASSAGER_FAULTY);
        mock_device_inject(d, 0);
        bench_wait(b, !bench_moves(d));

        usb_reopen(b->usb);
        bench_wait(b, b->n_removed == 1);
        bench_wait(b, bench_find(b, "FAULT") &&
                                        massager_state(bench_find(b, "FAULT")) == MASSAGER_LATCHED);
        unplug(b, d, MOCK_NODE_FIRST);
        mock_device_plug(d, 1);
        bench_wait(b, bench_find(b, "FAULT") &&
                                        massager_state(bench_find(b, "FAULT")) == MASSAGER_IDLE);
}

/* It takes its power away itself, and comes back as new. */
/* And it is let go of without a word that may take a kernel seconds. */
static void a_brown_out_is_an_unplug(void **state)
{
        Bench *b = *state;
        MockTruth truth;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "BROWN", 1, &d);
        bench_play(b, "tapping", m, d);
        mock_device_inject(d, USB_FAULT_BROWN_OUT);
        bench_wait(b, (mock_device_look(d, &truth), !truth.is_powered));

        /* Its pipes say so before a kernel has seen it. */
        bench_wait(b, !bench_find(b, "BROWN"));
        bench_wait(b, (mock_device_look(d, &truth), truth.n_urbs == 0));
        bench_pass(b, 50);
        mock_device_look(d, &truth);
        assert_int_equal(truth.n_waits, bench_helper.n_detaches);
        mock_device_unplug(d, MOCK_UEVENT_FIRST);
        bench_assert_ends(b, 1, "massager-gone");

        mock_device_inject(d, 0);
        replug(b, d, 1, "BROWN");
        assert_null(manager_player(b->manager, 0));
        assert_false(bench_moves(d));
}

/* SR-NOT-AGAIN: What was open before a sleep may be stale after it: it is opened anew, and nothing
 * resumes. */
static void a_sleep_ends_the_session_and_opens_anew(void **state)
{
        Bench *b = *state;
        MockTruth truth;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "SLEEP", 1, &d);
        bench_play(b, "glide", m, d);
        manager_sleep(b->manager);
        bench_wait(b, !bench_moves(d));
        bench_assert_ends(b, 1, "sleep");
        usb_reopen(b->usb);
        bench_wait(b, b->n_removed == 1);
        bench_wait_massager(b, "SLEEP", "idle", "");
        mock_device_look(d, &truth);
        assert_true(truth.n_opens >= 2);
        assert_int_equal(truth.n_waits, bench_helper.n_detaches);
        assert_false(truth.is_moving);
        assert_null(manager_player(b->manager, 0));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(unplug_while_opening),
                BENCH_TEST(unplug_before_it_is_a_massager),
                BENCH_TEST(unplug_while_idle),
                BENCH_TEST(unplug_while_arming),
                BENCH_TEST(unplug_while_playing),
                BENCH_TEST(unplug_in_mid_transfer),
                BENCH_TEST(unplug_while_stopping),
                BENCH_TEST(a_replug_elsewhere_keeps_the_name),
                BENCH_TEST(a_replug_does_not_wipe_out_what_was_worked),
                BENCH_TEST(a_brown_out_is_an_unplug),
                BENCH_TEST(a_sleep_ends_the_session_and_opens_anew),
                BENCH_TEST(a_replug_releases_no_stop_of_a_person),
                BENCH_TEST(a_sleep_releases_no_fault),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
