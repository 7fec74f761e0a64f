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

static void on_gone(void *userdata, Massager *m, TransportGone how)
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

/* Feeds what the governor gives to a generous wish, so that motors turn and pads heat. */
static void feed_for(Bench *b, uint64_t ms, unsigned setpoint_cc)
{
        uint64_t end_ms = clock_now_ms() + ms;

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
                for (unsigned i = 0; i < LAYOUT_HEATERS_MAX; i++) {
                        in.want_setpoint_cc[i] = (uint16_t) setpoint_cc;
                        in.reading[i] = massager_readings(b->massager)->heaters[i];
                }
                (void) massager_output(
                                b->massager, governor_step(massager_governor(b->massager), &in));
                while (clock_now_ms() < next_ms)
                        assert_true(sd_event_run(b->event,
                                                    (next_ms - clock_now_ms()) * USEC_PER_MS) >= 0);
        }
}

static void play_for(Bench *b, uint64_t ms)
{
        assert_int_equal(massager_arm(b->massager), 0);
        wait_for(b, MASSAGER_PLAYING);
        feed_for(b, ms, 0);
}

static void pass(Bench *b, uint64_t ms)
{
        for (uint64_t end_ms = clock_now_ms() + ms; clock_now_ms() < end_ms;)
                assert_true(sd_event_run(b->event, 10 * USEC_PER_MS) >= 0);
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
        assert_non_null(strstr(massager_reason(b.massager), "Its stop button was pressed; "));
        assert_int_equal(massager_arm(b.massager), -EBUSY);

        /* Still held down: clearing does not help. */
        assert_int_equal(massager_clear(b.massager), 0);
        pass(&b, 100);
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
        pass(&b, 100);
        assert_int_equal(massager_state(b.massager), MASSAGER_LATCHED);

        assert_int_equal(massager_clear(b.massager), 0);
        wait_for(&b, MASSAGER_IDLE);
        tear_down(&b);
}

/* SR-CLEAR, SR-EMERGENCY: It is newer than the clear, and the device answers only after both. */
static void a_clear_before_an_emergency_does_not_release_it(void **state)
{
        Bench b;

        wait_ready(&b);
        play_for(&b, 200);
        sim_model_press_button(b.model, clock_now_ms(), true);
        transport_virtual_touched(b.transport);
        wait_for(&b, MASSAGER_LATCHED);
        sim_model_press_button(b.model, clock_now_ms(), false);
        transport_virtual_touched(b.transport);
        pass(&b, 100);

        assert_int_equal(massager_clear(b.massager), 0);
        massager_latch(b.massager, GOVERNOR_LATCH_EMERGENCY);
        pass(&b, 100);
        assert_int_equal(b.model->state, KNEED_STATE_IDLE);
        assert_int_equal(massager_state(b.massager), MASSAGER_LATCHED);
        assert_non_null(strstr(massager_reason(b.massager), "emergency"));
        assert_int_equal(massager_arm(b.massager), -EBUSY);

        assert_int_equal(massager_clear(b.massager), 0);
        wait_for(&b, MASSAGER_IDLE);
        tear_down(&b);
}

static void warm(Bench *b, int cc)
{
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                b->model->heater_units[i] = (uint32_t) cc * SIM_HEATER_UNITS;
}

/* SR-CLEAR, SR-HEAT: It is not hot enough for the massager itself to latch, and it cools down while
 * nobody plays. */
static void what_was_hot_is_cleared_when_it_has_cooled_down(void **state)
{
        Bench b;

        wait_ready(&b);
        play_for(&b, 200);
        warm(&b, 4270);
        massager_latch(b.massager, GOVERNOR_LATCH_HOT);
        wait_for(&b, MASSAGER_LATCHED);
        assert_int_equal(b.model->state, KNEED_STATE_IDLE);
        assert_int_equal(massager_clear(b.massager), -EBUSY);

        warm(&b, 3500);
        massager_stop(b.massager);
        pass(&b, 100);
        assert_int_equal(massager_clear(b.massager), 0);
        wait_for(&b, MASSAGER_IDLE);
        tear_down(&b);
}

/* SR-HEAT */
static void what_its_readings_latch_at_rest_is_latched(void **state)
{
        Bench b;

        wait_ready(&b);
        governor_latch(massager_governor(b.massager), GOVERNOR_LATCH_HOT);
        sim_model_set_contact(b.model, clock_now_ms(), !massager_contact(b.massager));
        transport_virtual_touched(b.transport);
        wait_for(&b, MASSAGER_LATCHED);
        assert_int_equal(massager_arm(b.massager), -EBUSY);
        tear_down(&b);
}

/* Between the massager and its transport: loses what it is told to, and remembers the order. */
typedef struct Wire {
        TransportVTable vtable;
        const TransportVTable *real;
        unsigned loses; /* reports of set-points to come */
        unsigned n_heat, n_frames;
        uint8_t last[2]; /* ids of the two last reports */
} Wire;

static Wire *tapped;

static int wire_send(Transport *t, const uint8_t *report, size_t size)
{
        Wire *wire = tapped;

        wire->last[0] = wire->last[1];
        wire->last[1] = report[0];
        wire->n_frames += report[0] == KNEED_REPORT_FRAME;
        wire->n_heat += report[0] == KNEED_REPORT_HEAT;
        if (report[0] == KNEED_REPORT_HEAT && wire->loses > 0) {
                wire->loses--;
                return 0;
        }

        return wire->real->send(t, report, size);
}

static void tap(Bench *b, Wire *wire)
{
        *wire = (Wire){ .vtable = *b->transport->vtable, .real = b->transport->vtable };
        wire->vtable.send = wire_send;
        tapped = wire;
        b->transport->vtable = &wire->vtable;
}

/* SR-HEAT: No status tells set-points, so nothing else would notice. */
static void a_heater_goes_off_though_a_report_is_lost(void **state)
{
        Wire wire;
        Bench b;

        wait_ready(&b);
        tap(&b, &wire);
        assert_int_equal(massager_arm(b.massager), 0);
        wait_for(&b, MASSAGER_PLAYING);
        feed_for(&b, 300, 3800);
        assert_int_equal(b.model->setpoint_cc[0], 3800);

        wire.loses = 1;
        feed_for(&b, 60, 0);
        assert_int_equal(wire.loses, 0);
        assert_int_equal(b.model->setpoint_cc[0], 3800);
        feed_for(&b, 600, 0);
        assert_int_equal(b.model->setpoint_cc[0], 0);
        assert_int_equal(b.model->state, KNEED_STATE_ARMED);
        /* And not in every frame. */
        assert_true(wire.n_heat * 4 < wire.n_frames);
        b.transport->vtable = wire.real;
        tear_down(&b);
}

/* SR-CURRENT: What it drew is for the motors only when it is off. */
static void a_heater_goes_off_before_levels_rise(void **state)
{
        Wire wire;
        Bench b;

        wait_ready(&b);
        assert_int_equal(massager_arm(b.massager), 0);
        wait_for(&b, MASSAGER_PLAYING);
        tap(&b, &wire);
        feed_for(&b, SESSION_FRAME_MS / 2, 3800);
        assert_int_equal(wire.n_heat, 1);
        assert_int_equal(wire.last[1], KNEED_REPORT_HEAT);
        feed_for(&b, SESSION_FRAME_MS / 2, 0);
        assert_int_equal(wire.n_heat, 2);
        assert_int_equal(wire.last[0], KNEED_REPORT_HEAT);
        assert_int_equal(wire.last[1], KNEED_REPORT_FRAME);
        b.transport->vtable = wire.real;
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
                cmocka_unit_test(a_clear_before_an_emergency_does_not_release_it),
                cmocka_unit_test(what_was_hot_is_cleared_when_it_has_cooled_down),
                cmocka_unit_test(what_its_readings_latch_at_rest_is_latched),
                cmocka_unit_test(a_heater_goes_off_though_a_report_is_lost),
                cmocka_unit_test(a_heater_goes_off_before_levels_rise),
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
