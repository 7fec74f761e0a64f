/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/massager.h"
#include "daemon/transport-virtual.h"
#include "tests/unit/cmocka-all.h"

/* A massager on a real event loop with the virtual transport: the stop ladder and the states, in
 * real time with wide margins. */

#define DEADLINE_MS 5000u

typedef struct Bench {
        sd_event *event;
        Transport *transport;
        SimModel *model;
        Massager *massager;
        Governor *governor;
        unsigned changes;
        bool gone;
} Bench;

static void on_changed(void *userdata, Massager *m)
{
        Bench *bench = userdata;

        bench->changes++;
}

static void on_gone(void *userdata, Massager *m)
{
        Bench *bench = userdata;

        bench->gone = true;
}

static Governor *on_governor(void *userdata, const Massager *m, const Layout *layout)
{
        Bench *bench = userdata;

        bench->governor = governor_new(layout, &limits_hard);
        return bench->governor;
}

static const MassagerListener listener = {
        .governor = on_governor,
        .changed = on_changed,
        .gone = on_gone,
};

static void set_up_with(Bench *b, uint32_t faults)
{
        *b = (Bench){ 0 };
        assert_int_equal(sd_event_new(&b->event), 0);
        assert_int_equal(
                        transport_virtual_new(b->event, &sim_reference_design, NULL, &b->transport),
                        0);
        b->model = transport_virtual_model(b->transport);
        sim_model_inject(b->model, clock_now_ms(), faults);
        assert_int_equal(massager_new(b->event, b->transport, &listener, b, &b->massager), 0);
}

static void tear_down(Bench *b)
{
        b->massager = massager_free(b->massager);
        b->governor = governor_free(b->governor);
        b->event = sd_event_unref(b->event);
}

static void turn(Bench *b, uint64_t until_ms)
{
        uint64_t now_ms = clock_now_ms();

        assert_true(now_ms < until_ms);
        assert_true(sd_event_run(b->event, (until_ms - now_ms) * USEC_PER_MS) >= 0);
}

static void wait_for(Bench *b, MassagerState state)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        while (massager_state(b->massager) != state)
                turn(b, until_ms);
}

static void wait_ready(Bench *b)
{
        set_up_with(b, 0);
        wait_for(b, MASSAGER_IDLE);
}

/* Feeds what the governor gives to a generous wish, so that motors turn. */
static void play_for(Bench *b, uint64_t ms)
{
        uint64_t end_ms = clock_now_ms() + ms;

        assert_int_equal(massager_arm(b->massager), 0);
        wait_for(b, MASSAGER_PLAYING);
        while (clock_now_ms() < end_ms) {
                GovernorInput in = {
                        .now_ms = clock_now_ms(),
                        .status_at_ms = massager_readings(b->massager)->status_at_ms,
                        .wish = GOVERNOR_WISH_RUN,
                        .screening = GOVERNOR_SCREENED,
                        .experience = GOVERNOR_LATER_SESSION,
                        .dose_left_ms = UINT32_MAX,
                        .cap_permille = 800,
                };
                uint64_t next_ms = in.now_ms + SESSION_FRAME_MS;

                for (unsigned i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                        in.want_permille[i] = 800;
                (void) massager_output(
                                b->massager, governor_step(massager_governor(b->massager), &in));
                while (clock_now_ms() < next_ms)
                        assert_true(sd_event_run(b->event,
                                                    (next_ms - clock_now_ms()) * USEC_PER_MS) >= 0);
        }
}

static bool moves(const Bench *b)
{
        for (unsigned i = 0; i < sim_reference_design.identity.n_actuators; i++)
                if (sim_model_motor_permille(b->model, i) > 0)
                        return true;

        return false;
}

static void it_opens_to_idle_with_the_facts_of_the_design(void **state)
{
        const DeviceFacts *facts;
        Bench b;

        set_up_with(&b, 0);
        assert_int_equal(massager_state(b.massager), MASSAGER_OPENING);
        assert_int_equal(massager_arm(b.massager), -EBUSY);
        wait_for(&b, MASSAGER_IDLE);
        facts = massager_facts(b.massager);
        assert_int_equal(facts->layout.n_actuators, 12);
        assert_int_equal(facts->layout.n_heaters, 2);
        assert_int_equal(facts->layout.actuators[0].place.angle_deg,
                        sim_reference_design.records[0].angle_deg);
        assert_int_equal(facts->host_silence_ms, 300);
        tear_down(&b);
}

static void a_stop_is_confirmed_and_everything_comes_to_rest(void **state)
{
        Bench b;

        wait_ready(&b);
        play_for(&b, 600);
        assert_true(moves(&b));
        massager_stop(b.massager);
        assert_int_equal(b.model->state, KNEED_STATE_IDLE);
        assert_int_equal(massager_output(b.massager, governed_frame_zero()), -EBUSY);
        wait_for(&b, MASSAGER_IDLE);
        assert_false(moves(&b));
        assert_string_equal(massager_reason(b.massager), "");
        tear_down(&b);
}

/* SR-LADDER: The second rung: it is not fed any more, so that its own cut-off fires. */
static void an_ignored_stop_makes_it_faulty_and_its_cut_off_fires(void **state)
{
        uint64_t stopped_ms, until_ms;
        Bench b;

        wait_ready(&b);
        play_for(&b, 600);
        sim_model_inject(b.model, clock_now_ms(), SIM_FAULT_IGNORES_STOP);
        massager_stop(b.massager);
        stopped_ms = clock_now_ms();
        wait_for(&b, MASSAGER_FAULTY);
        assert_true(clock_now_ms() - stopped_ms >= MASSAGER_CONFIRM_MS - 1);
        assert_int_not_equal(governor_latched(massager_governor(b.massager)), GOVERNOR_LATCH_NONE);
        assert_int_equal(massager_arm(b.massager), -EBUSY);

        until_ms = clock_now_ms() + DEADLINE_MS;
        while (b.model->state == KNEED_STATE_ARMED || moves(&b))
                turn(&b, until_ms);
        assert_true(b.model->faults & KNEED_FAULT_HOST_SILENT);
        /* It stays faulty until somebody clears it. */
        assert_int_equal(massager_state(b.massager), MASSAGER_FAULTY);

        sim_model_inject(b.model, clock_now_ms(), 0);
        assert_int_equal(massager_clear(b.massager), 0);
        wait_for(&b, MASSAGER_IDLE);
        tear_down(&b);
}

/* SR-LADDER: The third rung: a person must pull the plug, and is told so. */
static void a_motor_that_goes_on_is_told_to_be_unplugged(void **state)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;
        Bench b;

        wait_ready(&b);
        play_for(&b, 600);
        sim_model_inject(b.model, clock_now_ms(), SIM_FAULT_STUCK_MOTOR);
        massager_stop(b.massager);
        while (!strstr(massager_reason(b.massager), "unplug it now"))
                turn(&b, until_ms);
        assert_int_equal(massager_state(b.massager), MASSAGER_FAULTY);
        assert_true(moves(&b));
        tear_down(&b);
}

static void the_stop_button_latches_until_released_and_cleared(void **state)
{
        Bench b;

        wait_ready(&b);
        play_for(&b, 300);
        sim_model_press_button(b.model, clock_now_ms(), true);
        transport_virtual_touched(b.transport);
        wait_for(&b, MASSAGER_LATCHED);
        assert_string_equal(massager_reason(b.massager), "Its stop button was pressed.");
        assert_int_equal(massager_arm(b.massager), -EBUSY);

        /* Still held down: clearing does not help. */
        assert_int_equal(massager_clear(b.massager), 0);
        for (uint64_t end_ms = clock_now_ms() + 100; clock_now_ms() < end_ms;)
                assert_true(sd_event_run(b.event, 10 * USEC_PER_MS) >= 0);
        assert_int_equal(massager_state(b.massager), MASSAGER_LATCHED);

        sim_model_press_button(b.model, clock_now_ms(), false);
        transport_virtual_touched(b.transport);
        assert_int_equal(massager_clear(b.massager), 0);
        wait_for(&b, MASSAGER_IDLE);
        assert_int_equal(massager_clear(b.massager), -EBUSY);
        tear_down(&b);
}

static void a_weak_supply_latches_until_it_is_better_and_cleared(void **state)
{
        Bench b;

        wait_ready(&b);
        play_for(&b, 300);
        sim_model_inject(b.model, clock_now_ms(), SIM_FAULT_LOW_SUPPLY);
        transport_virtual_touched(b.transport);
        wait_for(&b, MASSAGER_LATCHED);
        assert_non_null(strstr(massager_reason(b.massager), "supply"));
        assert_int_equal(massager_arm(b.massager), -EBUSY);

        sim_model_inject(b.model, clock_now_ms(), 0);
        transport_virtual_touched(b.transport);
        assert_int_equal(massager_clear(b.massager), 0);
        wait_for(&b, MASSAGER_IDLE);
        tear_down(&b);
}

/* SR-CLEAR */
static void only_clearing_releases_a_latch_of_our_own(void **state)
{
        Bench b;

        wait_ready(&b);
        play_for(&b, 200);
        governor_latch(massager_governor(b.massager), GOVERNOR_LATCH_HOT);
        massager_stop(b.massager);
        wait_for(&b, MASSAGER_LATCHED);

        /* A status that says idle is no reason to forget it. */
        sim_model_set_contact(b.model, clock_now_ms(), !massager_contact(b.massager));
        transport_virtual_touched(b.transport);
        for (uint64_t end_ms = clock_now_ms() + 100; clock_now_ms() < end_ms;)
                assert_true(sd_event_run(b.event, 10 * USEC_PER_MS) >= 0);
        assert_int_equal(massager_state(b.massager), MASSAGER_LATCHED);

        assert_int_equal(massager_clear(b.massager), 0);
        wait_for(&b, MASSAGER_IDLE);
        tear_down(&b);
}

static void a_massager_that_never_arms_is_stopped_again(void **state)
{
        Bench b;

        wait_ready(&b);
        sim_model_inject(b.model, clock_now_ms(), SIM_FAULT_MUTE);
        assert_int_equal(massager_arm(b.massager), 0);
        wait_for(&b, MASSAGER_STOPPING);
        assert_int_equal(b.model->state, KNEED_STATE_IDLE);
        tear_down(&b);
}

static void one_that_does_not_answer_is_refused(void **state)
{
        static const uint32_t faults[] = { SIM_FAULT_HANG, SIM_FAULT_STALL };

        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                Bench b;

                set_up_with(&b, faults[i]);
                wait_for(&b, MASSAGER_REFUSED);
                assert_true(strlen(massager_reason(b.massager)) > 20);
                assert_int_equal(massager_arm(b.massager), -EBUSY);
                assert_int_equal(massager_clear(b.massager), -EBUSY);
                tear_down(&b);
        }
}

/* What says nothing at all any more cannot confirm a stop either, whether it obeys it or not. */
static void one_that_falls_silent_cannot_confirm_a_stop(void **state)
{
        static const uint32_t faults[] = { SIM_FAULT_HANG, SIM_FAULT_MUTE };

        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                uint64_t until_ms;
                Bench b;

                wait_ready(&b);
                play_for(&b, 600);
                sim_model_inject(b.model, clock_now_ms(), faults[i]);
                massager_stop(b.massager);
                wait_for(&b, MASSAGER_FAULTY);
                assert_int_equal(massager_arm(b.massager), -EBUSY);
                until_ms = clock_now_ms() + DEADLINE_MS;
                while (!strstr(massager_reason(b.massager), "unplug it now"))
                        turn(&b, until_ms);
                /* One obeyed in silence; the other drives on, as only a plug can end. */
                assert_int_equal(moves(&b), faults[i] == SIM_FAULT_HANG);
                tear_down(&b);
        }
}

/* That its motors measure zero is no confirmation. */
static void one_that_lies_about_its_motors_is_ended_by_its_cut_off(void **state)
{
        uint64_t until_ms;
        Bench b;

        wait_ready(&b);
        play_for(&b, 600);
        sim_model_inject(b.model, clock_now_ms(), SIM_FAULT_IGNORES_STOP | SIM_FAULT_LYING_STATUS);
        massager_stop(b.massager);
        until_ms = clock_now_ms() + DEADLINE_MS;
        while (b.model->state == KNEED_STATE_ARMED || moves(&b))
                turn(&b, until_ms);
        assert_true(b.model->faults & KNEED_FAULT_HOST_SILENT);
        tear_down(&b);
}

static void two_at_once_do_not_mind_each_other(void **state)
{
        uint64_t until_ms;
        Bench a, b;

        wait_ready(&a);
        wait_ready(&b);
        play_for(&b, 300);
        transport_virtual_unplug(a.transport);
        until_ms = clock_now_ms() + DEADLINE_MS;
        while (!a.gone)
                turn(&a, until_ms);
        assert_int_equal(massager_state(b.massager), MASSAGER_PLAYING);
        assert_true(moves(&b));
        assert_false(b.gone);
        massager_stop(b.massager);
        wait_for(&b, MASSAGER_IDLE);
        tear_down(&a);
        tear_down(&b);
}

/* It is gone, once, and what is asked of it then is no harm. */
static void pull_the_plug(Bench *b)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        transport_virtual_unplug(b->transport);
        while (!b->gone)
                turn(b, until_ms);
        b->gone = false;
        massager_stop(b->massager);
        while (sd_event_run(b->event, 0) > 0)
                ;
        assert_false(b->gone);
        tear_down(b);
}

static void pulling_the_plug_is_heard_once_whatever_it_does(void **state)
{
        Bench b;

        set_up_with(&b, 0);
        assert_int_equal(massager_state(b.massager), MASSAGER_OPENING);
        pull_the_plug(&b);

        wait_ready(&b);
        pull_the_plug(&b);

        wait_ready(&b);
        assert_int_equal(massager_arm(b.massager), 0);
        assert_int_equal(massager_state(b.massager), MASSAGER_ARMING);
        pull_the_plug(&b);

        wait_ready(&b);
        play_for(&b, 100);
        pull_the_plug(&b);

        wait_ready(&b);
        play_for(&b, 300);
        massager_stop(b.massager);
        assert_int_equal(massager_state(b.massager), MASSAGER_STOPPING);
        pull_the_plug(&b);
}

static int lowest_free_fd(void)
{
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(close(fd), 0);
        return fd;
}

static void a_hundred_plugs_leave_nothing_open(void **state)
{
        const int before = lowest_free_fd();

        for (unsigned i = 0; i < 100; i++) {
                Bench b;

                wait_ready(&b);
                pull_the_plug(&b);
        }
        assert_int_equal(lowest_free_fd(), before);
}

static void at_rest_nothing_wakes_the_loop(void **state)
{
        unsigned changes;
        Bench b;

        wait_ready(&b);
        changes = b.changes;
        assert_int_equal(sd_event_run(b.event, 1000 * USEC_PER_MS), 0);
        assert_int_equal(b.changes, changes);
        tear_down(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_opens_to_idle_with_the_facts_of_the_design),
                cmocka_unit_test(a_stop_is_confirmed_and_everything_comes_to_rest),
                cmocka_unit_test(an_ignored_stop_makes_it_faulty_and_its_cut_off_fires),
                cmocka_unit_test(a_motor_that_goes_on_is_told_to_be_unplugged),
                cmocka_unit_test(the_stop_button_latches_until_released_and_cleared),
                cmocka_unit_test(a_weak_supply_latches_until_it_is_better_and_cleared),
                cmocka_unit_test(only_clearing_releases_a_latch_of_our_own),
                cmocka_unit_test(a_massager_that_never_arms_is_stopped_again),
                cmocka_unit_test(one_that_does_not_answer_is_refused),
                cmocka_unit_test(one_that_falls_silent_cannot_confirm_a_stop),
                cmocka_unit_test(one_that_lies_about_its_motors_is_ended_by_its_cut_off),
                cmocka_unit_test(two_at_once_do_not_mind_each_other),
                cmocka_unit_test(pulling_the_plug_is_heard_once_whatever_it_does),
                cmocka_unit_test(a_hundred_plugs_leave_nothing_open),
                cmocka_unit_test(at_rest_nothing_wakes_the_loop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
