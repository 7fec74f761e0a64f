/* SPDX-License-Identifier: MIT */
#include "tests/unit/model-host.h"

#include <errno.h>

static void test_idle_is_silent_and_asks_for_nothing(void **state)
{
        SimModel m;
        KneedStatus status;

        sim_model_init(&m, &sim_reference_design, START_MS);
        assert_true(sim_model_next_ms(&m) == SIM_NEVER);
        assert_int_equal(host_hear(&m, START_MS, &status), 0);
        assert_int_equal(host_hear(&m, START_MS + WEEK_MS, &status), 0);
        assert_true(sim_model_next_ms(&m) == SIM_NEVER);

        /* Heaters that cool down are no reason to wake anybody. */
        uint64_t t = host_start(&m, 0);
        host_heat(&m, t, 4000);
        for (uint16_t i = 2; i < 1000; i++)
                host_frame(&m, t += 200, i, 0);
        host_command(&m, t, KNEED_COMMAND_STOP);
        assert_int_equal(host_hear(&m, t, &status), 1);
        assert_true(sim_model_heater_cc(&m, 0) > 3900);
        assert_true(sim_model_next_ms(&m) == SIM_NEVER);
        assert_int_equal(host_hear(&m, t + WEEK_MS, &status), 0);
        assert_int_equal(sim_model_heater_cc(&m, 0), SIM_SKIN_CC);
}

static void test_host_silence_is_exact(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 700);
        KneedStatus status;

        assert_int_equal(host_peek(&m, t + SILENCE_MS - 1).state, KNEED_STATE_ARMED);
        assert_int_equal(host_peek(&m, t + SILENCE_MS - 1).silence_left_ms, 1);
        sim_model_advance(&m, t + SILENCE_MS - 1);
        assert_int_equal(sim_model_motor_permille(&m, 0), 700);

        status = host_status(&m, t + SILENCE_MS);
        assert_int_equal(status.state, KNEED_STATE_IDLE);
        assert_int_equal(status.faults, KNEED_FAULT_HOST_SILENT);
        assert_int_equal(status.silence_left_ms, 0);

        /* A host that was away long does not make it later. */
        t = host_start(&m, 700);
        sim_model_advance(&m, t + SILENCE_MS + 40);
        assert_int_equal(sim_model_motor_permille(&m, 0), 300);
}

static void test_nothing_but_a_complete_frame_feeds(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 100), at = t + SILENCE_MS;

        host_heat(&m, t + 100, 3500);
        host_command(&m, t + 100, KNEED_COMMAND_ARM);
        host_command(&m, t + 100, KNEED_COMMAND_CLEAR);
        host_frame(&m, t + 110, 1, 100);                    /* replayed */
        host_frame(&m, t + 120, 0, 100);                    /* older */
        host_frame_part(&m, t + 130, 2, 0, 12, 100, false); /* not complete */
        host_frame_part(&m, t + 140, 3, 12, 1, 100, true);  /* not there */
        host_out(&m, t + 150, (const uint8_t[]){ 0xff }, 1);
        assert_int_equal(host_peek(&m, at - 1).state, KNEED_STATE_ARMED);
        assert_int_equal(host_peek(&m, at).state, KNEED_STATE_IDLE);
}

static void test_session_cut_off_is_exact(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 200);
        uint64_t end = START_MS + sim_reference_design.identity.session_cut_off_s * UINT64_C(1000);
        KneedStatus status;

        for (uint16_t i = 2; t + 250 < end; i++)
                host_frame(&m, t += 250, i, 200);
        assert_int_equal(host_peek(&m, end - 1).state, KNEED_STATE_ARMED);
        assert_int_equal(host_peek(&m, end - 1).session_left_s, 1);
        status = host_peek(&m, end);
        assert_int_equal(status.state, KNEED_STATE_IDLE);
        assert_int_equal(status.faults, KNEED_FAULT_SESSION_CUT_OFF);

        host_frame(&m, end, 9999, 900);
        sim_model_advance(&m, end + SIM_SPIN_DOWN_MS);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
}

static void test_sequence_wraps_and_refuses_the_past(void **state)
{
        SimModel m;
        uint64_t t = START_MS;

        sim_model_init(&m, &sim_reference_design, t);
        host_command(&m, t, KNEED_COMMAND_ARM);
        host_frame(&m, t, 65534, 10);
        host_frame(&m, t, 65535, 20);
        host_frame(&m, t, 65534, 999);
        assert_int_equal(host_peek(&m, t).sequence, 65535);
        host_frame(&m, t, 0, 30);
        assert_int_equal(host_peek(&m, t).sequence, 0);
        host_frame(&m, t, 65535, 999);
        host_frame(&m, t, 0, 999);
        host_frame(&m, t, 0x8000, 999); /* half a turn ahead is as far behind */
        assert_int_equal(host_peek(&m, t).sequence, 0);
        assert_int_equal(host_peek(&m, t).faults, 0);
        sim_model_advance(&m, t + SIM_SPIN_UP_MS);
        assert_int_equal(sim_model_motor_permille(&m, 0), 30);

        /* A new arm forgets the old numbers. */
        host_command(&m, t + 60, KNEED_COMMAND_STOP);
        host_command(&m, t + 60, KNEED_COMMAND_ARM);
        host_frame(&m, t + 60, 60000, 40);
        assert_int_equal(host_peek(&m, t + 60).sequence, 60000);
}

static void make_design_of_40(SimDesign *ret)
{
        *ret = sim_reference_design;
        ret->identity.n_actuators = 40;
        ret->identity.n_heaters = 0;
        for (uint8_t i = 0; i < 40; i++) {
                ret->records[i] = sim_reference_design.records[0];
                ret->records[i].index = i;
        }
}

static void test_a_frame_in_parts_applies_at_once(void **state)
{
        uint64_t t = START_MS;
        SimDesign design;
        SimModel m;

        make_design_of_40(&design);
        sim_model_init(&m, &design, t);
        host_command(&m, t, KNEED_COMMAND_ARM);
        host_frame_part(&m, t, 1, 0, 16, 100, false);
        host_frame_part(&m, t, 2, 16, 16, 200, false);
        sim_model_advance(&m, t + 100);
        for (unsigned i = 0; i < 40; i++)
                assert_int_equal(sim_model_motor_permille(&m, i), 0);
        assert_int_equal(host_peek(&m, t + 100).sequence, 0);

        host_frame_part(&m, t + 100, 3, 32, 8, 300, true);
        sim_model_advance(&m, t + 200);
        assert_int_equal(host_peek(&m, t + 200).sequence, 3);
        for (unsigned i = 0; i < 40; i++)
                assert_int_equal(sim_model_motor_permille(&m, i), (i / 16 + 1) * 100);

        /* What a later frame does not name goes to zero. */
        host_frame_part(&m, t + 200, 4, 16, 4, 500, true);
        sim_model_advance(&m, t + 300);
        for (unsigned i = 0; i < 40; i++)
                assert_int_equal(sim_model_motor_permille(&m, i), i / 4 == 4 ? 500 : 0);
}

static void test_a_stop_between_parts_drops_them(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 0);

        host_frame_part(&m, t, 2, 0, 6, 900, false);
        host_command(&m, t, KNEED_COMMAND_STOP);
        host_command(&m, t, KNEED_COMMAND_ARM);
        host_frame_part(&m, t, 3, 6, 6, 400, true);
        sim_model_advance(&m, t + 100);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
        assert_int_equal(sim_model_motor_permille(&m, 6), 400);
}

static void test_many_actuators_report_in_parts(void **state)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        SimDesign design;
        KneedStatus status;
        SimModel m;

        make_design_of_40(&design);
        sim_model_init(&m, &design, START_MS);
        host_command(&m, START_MS, KNEED_COMMAND_STOP);
        for (unsigned first = 0; first < 40; first += 16) {
                int size = sim_model_interrupt_in(&m, START_MS, report);

                assert_true(size > 0);
                assert_int_equal(kneed_status_decode(report, (size_t) size, &status), 0);
                assert_int_equal(status.first, first);
                assert_int_equal(status.count, MIN(16u, 40 - first));
                assert_true(sim_model_next_ms(&m) == (first < 32 ? START_MS : SIM_NEVER));
        }
        assert_int_equal(sim_model_interrupt_in(&m, START_MS, report), 0);
}

static void bring_to(SimModel *m, KneedState state)
{
        sim_model_init(m, &sim_reference_design, START_MS);
        if (state == KNEED_STATE_ARMED) {
                host_command(m, START_MS, KNEED_COMMAND_ARM);
                host_frame(m, START_MS, 7, 500);
        } else if (state == KNEED_STATE_LATCHED) {
                sim_model_press_button(m, START_MS, true);
                sim_model_press_button(m, START_MS, false);
        }
        (void) host_hear(m, START_MS, &(KneedStatus){ 0 });
        assert_int_equal(host_peek(m, START_MS).state, state);
}

static void test_every_command_in_every_state(void **state)
{
        static const struct {
                KneedState from;
                KneedCommand command;
                KneedState to;
                bool is_answered;
        } cases[] = {
                { KNEED_STATE_IDLE, KNEED_COMMAND_STOP, KNEED_STATE_IDLE, true },
                { KNEED_STATE_IDLE, KNEED_COMMAND_ARM, KNEED_STATE_ARMED, true },
                { KNEED_STATE_IDLE, KNEED_COMMAND_CLEAR, KNEED_STATE_IDLE, true },
                { KNEED_STATE_ARMED, KNEED_COMMAND_STOP, KNEED_STATE_IDLE, true },
                { KNEED_STATE_ARMED, KNEED_COMMAND_ARM, KNEED_STATE_ARMED, false },
                { KNEED_STATE_ARMED, KNEED_COMMAND_CLEAR, KNEED_STATE_ARMED, true },
                { KNEED_STATE_LATCHED, KNEED_COMMAND_STOP, KNEED_STATE_LATCHED, true },
                { KNEED_STATE_LATCHED, KNEED_COMMAND_ARM, KNEED_STATE_LATCHED, false },
                { KNEED_STATE_LATCHED, KNEED_COMMAND_CLEAR, KNEED_STATE_IDLE, true },
        };

        for (size_t i = 0; i < 2 * ELEMENTSOF(cases); i++) {
                const __typeof__(cases[0]) *c = &cases[i / 2];
                uint8_t report[KNEED_COMMAND_SIZE];
                KneedStatus status;
                SimModel m;

                bring_to(&m, c->from);
                if (i % 2 == 0) {
                        host_command(&m, START_MS, c->command);
                } else {
                        assert_int_equal(kneed_command_encode(c->command, report), sizeof(report));
                        assert_int_equal(sim_model_set_report(&m, START_MS, KNEED_TYPE_OUTPUT,
                                                         report, sizeof(report)),
                                        0);
                }
                status = host_peek(&m, START_MS);
                assert_int_equal(status.state, c->to);
                assert_int_equal(status.faults,
                                c->to == KNEED_STATE_LATCHED ? KNEED_FAULT_BUTTON : 0);
                assert_int_equal(host_hear(&m, START_MS, &status), c->is_answered);
        }
}

static void test_arm_again_gives_no_more_time(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 300);

        host_command(&m, t + 299, KNEED_COMMAND_ARM);
        assert_int_equal(host_peek(&m, t + 299).sequence, 1);
        assert_int_equal(host_peek(&m, t + 300).state, KNEED_STATE_IDLE);
}

static void test_frames_and_heat_need_arm(void **state)
{
        static const KneedState states[] = { KNEED_STATE_IDLE, KNEED_STATE_LATCHED };

        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                SimModel m;
                uint16_t faults;

                bring_to(&m, states[i]);
                faults = host_peek(&m, START_MS).faults;
                host_frame(&m, START_MS, 1, 1000);
                host_heat(&m, START_MS, 4000);
                sim_model_advance(&m, START_MS + 10000);
                assert_int_equal(sim_model_motor_permille(&m, 0), 0);
                assert_int_equal(sim_model_heater_cc(&m, 0), SIM_SKIN_CC);
                assert_int_equal(host_peek(&m, START_MS + 10000).faults, faults);
                assert_true(sim_model_next_ms(&m) == SIM_NEVER);
        }
}

static void test_a_damaged_stop_stops(void **state)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];

        memset(report, 0xee, sizeof(report));
        report[0] = KNEED_REPORT_COMMAND;
        report[1] = KNEED_COMMAND_STOP;
        for (size_t size = 2; size <= sizeof(report); size++) {
                SimModel m;

                bring_to(&m, KNEED_STATE_ARMED);
                assert_int_equal(sim_model_interrupt_out(&m, START_MS, report, size), 0);
                assert_int_equal(host_status(&m, START_MS).state, KNEED_STATE_IDLE);
                bring_to(&m, KNEED_STATE_ARMED);
                assert_int_equal(
                                sim_model_set_report(&m, START_MS, KNEED_TYPE_OUTPUT, report, size),
                                0);
                assert_int_equal(host_status(&m, START_MS).state, KNEED_STATE_IDLE);
                assert_int_equal(host_peek(&m, START_MS).faults, 0);
        }
}

/* A host that only follows next_ms hears the motors come to rest, then nothing for ever. */
static void test_a_stop_is_followed_to_the_last_motor(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 1000), stopped = t + 20, at;
        unsigned measured = 1000, n = 0;

        host_command(&m, stopped, KNEED_COMMAND_STOP);
        while ((at = sim_model_next_ms(&m)) != SIM_NEVER) {
                KneedStatus status = { 0 };

                if (host_hear(&m, at, &status) == 0)
                        continue;
                assert_int_equal(status.state, KNEED_STATE_IDLE);
                assert_int_equal(status.measured_permille[0], 1000 - 10 * (at - stopped));
                measured = status.measured_permille[0];
                assert_true(++n < 10);
        }
        assert_int_equal(n, 3); /* at once, after 50 ms, and when they are still */
        assert_int_equal(measured, 0);
        assert_true(m.now_ms == stopped + SIM_SPIN_DOWN_MS);
}

static void test_armed_reports_at_20_hz(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 100), last = t;
        KneedStatus status;

        for (uint16_t i = 2; i < 100; i++) {
                host_frame(&m, t += 20, i, 100 + i % 7);
                if (host_hear(&m, t, &status) == 0)
                        continue;
                assert_in_range(t - last, KNEED_STATUS_PERIOD_MS, KNEED_STATUS_PERIOD_MS + 19);
                assert_int_equal(status.sequence, i);
                last = t;
        }
        assert_in_range(t - last, 0, KNEED_STATUS_PERIOD_MS + 19);
}

static void test_the_button_latches_until_a_deliberate_clear(void **state)
{
        static const KneedState states[] = { KNEED_STATE_IDLE, KNEED_STATE_ARMED };

        for (size_t i = 0; i < ELEMENTSOF(states); i++) {
                SimModel m;
                KneedStatus status;

                bring_to(&m, states[i]);
                sim_model_press_button(&m, START_MS + 10, true);
                status = host_status(&m, START_MS + 10);
                assert_int_equal(status.state, KNEED_STATE_LATCHED);
                assert_int_equal(status.faults, KNEED_FAULT_BUTTON);
                assert_true(status.button);
                host_frame(&m, START_MS + 20, 9, 1000);

                host_command(&m, START_MS + 20, KNEED_COMMAND_CLEAR);
                assert_int_equal(host_status(&m, START_MS + 20).state, KNEED_STATE_LATCHED);
                sim_model_press_button(&m, START_MS + 300, false);
                status = host_status(&m, START_MS + 300);
                assert_int_equal(status.state, KNEED_STATE_LATCHED);
                assert_false(status.button);
                host_command(&m, START_MS + 300, KNEED_COMMAND_ARM);
                assert_int_equal(host_peek(&m, START_MS + 300).state, KNEED_STATE_LATCHED);
                assert_int_equal(sim_model_motor_permille(&m, 0), 0);

                host_command(&m, START_MS + 300, KNEED_COMMAND_CLEAR);
                status = host_status(&m, START_MS + 300);
                assert_int_equal(status.state, KNEED_STATE_IDLE);
                assert_int_equal(status.faults, 0);
        }
}

static void test_contact_is_told_at_once(void **state)
{
        SimModel m;

        bring_to(&m, KNEED_STATE_IDLE);
        assert_true(host_peek(&m, START_MS).contact);
        sim_model_set_contact(&m, START_MS + 5, false);
        assert_true(sim_model_next_ms(&m) == START_MS + 5);
        assert_false(host_status(&m, START_MS + 5).contact);
        sim_model_set_contact(&m, START_MS + 5, false);
        assert_true(sim_model_next_ms(&m) == SIM_NEVER);
}

static void test_bad_reports_are_told_apart_by_pipe(void **state)
{
        static const struct {
                uint8_t data[KNEED_FRAME_SIZE];
                size_t size;
        } bad[] = {
                { { 0 }, 0 }, { { KNEED_REPORT_IDENTITY }, KNEED_IDENTITY_SIZE },
                { { KNEED_REPORT_STATUS }, KNEED_FRAME_SIZE }, { { KNEED_REPORT_COMMAND }, 1 },
                { { KNEED_REPORT_COMMAND, KNEED_COMMAND_ARM, 0, 0 }, KNEED_COMMAND_SIZE },
                { { KNEED_REPORT_FRAME, 0, 9, 0, 1 }, KNEED_FRAME_SIZE - 1 },
                { { KNEED_REPORT_FRAME, 0, 9, 0, 13, 1 }, KNEED_FRAME_SIZE }, /* 13 of 12 */
                { { KNEED_REPORT_HEAT, 0, 0, 0, 0, 0, 0xac, 0x0d }, KNEED_HEAT_SIZE }, /* of 2 */
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                SimModel m;

                bring_to(&m, KNEED_STATE_ARMED);
                assert_int_equal(sim_model_set_report(&m, START_MS, KNEED_TYPE_OUTPUT, bad[i].data,
                                                 bad[i].size),
                                -EPIPE);
                assert_int_equal(host_peek(&m, START_MS).faults, 0);
                assert_int_equal(
                                sim_model_interrupt_out(&m, START_MS, bad[i].data, bad[i].size), 0);
                assert_int_equal(host_status(&m, START_MS).faults, KNEED_FAULT_BAD_REPORT);
                assert_int_equal(host_peek(&m, START_MS).state, KNEED_STATE_ARMED);
                assert_int_equal(host_peek(&m, START_MS).sequence, 7);

                host_command(&m, START_MS, KNEED_COMMAND_STOP);
                host_command(&m, START_MS, KNEED_COMMAND_ARM);
                assert_int_equal(host_peek(&m, START_MS).faults, 0);
        }
}

static void test_heat_follows_the_set_point_and_ends_with_armed(void **state)
{
        int low = INT16_MAX, high = INT16_MIN;
        uint16_t sequence = 2;
        uint64_t t, end;
        SimModel m;

        t = host_start(&m, 0);
        host_heat(&m, t, 4000);
        for (end = t + 300000; t < end; t += 100) {
                KneedStatus status = host_peek(&m, t);

                host_frame(&m, t, sequence++, 0);
                assert_int_equal(status.temperature_valid, 3);
                if (end - t <= 1000) {
                        low = MIN(low, status.temperature_cc[0]);
                        high = MAX(high, status.temperature_cc[0]);
                }
        }
        assert_int_equal(sim_model_heater_cc(&m, 0), 4000);
        assert_true(low < high); /* a live sensor is never flat */
        assert_true(low > 3990 && high < 4010);

        /* 42.00 °C is refused, and whoever asks for it gets none at all. */
        host_out(&m, t, (const uint8_t[KNEED_HEAT_SIZE]){ KNEED_REPORT_HEAT, 0, 0x68, 0x10 },
                        KNEED_HEAT_SIZE);
        assert_int_equal(host_peek(&m, t).faults, KNEED_FAULT_BAD_REPORT);
        sim_model_advance(&m, t + 150);
        assert_int_equal(host_peek(&m, t + 150).state, KNEED_STATE_ARMED);
        assert_true(sim_model_heater_cc(&m, 0) < 4000 && sim_model_heater_cc(&m, 1) < 4000);

        host_heat(&m, t + 150, 4100);
        host_command(&m, t + 150, KNEED_COMMAND_STOP);
        host_command(&m, t + 150, KNEED_COMMAND_ARM);
        sim_model_advance(&m, t + 400);
        assert_int_equal(host_peek(&m, t + 400).state, KNEED_STATE_ARMED);
        assert_true(sim_model_heater_cc(&m, 0) < 4000);
}

static int get_record(SimModel *m, KneedRecord *ret)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        int size;

        size = sim_model_get_report(m, START_MS, KNEED_TYPE_FEATURE, KNEED_REPORT_RECORD, report);
        assert_true(size > 0);
        return kneed_record_decode(report, (size_t) size, ret);
}

static void test_records_are_read_in_turn_or_by_index(void **state)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        KneedIdentity identity;
        KneedRecord record;
        SimModel m;
        int size;

        sim_model_init(&m, &sim_reference_design, START_MS);
        size = sim_model_get_report(
                        &m, START_MS, KNEED_TYPE_FEATURE, KNEED_REPORT_IDENTITY, report);
        assert_int_equal(kneed_identity_decode(report, (size_t) size, &identity), 0);
        for (unsigned i = 0; i < 2u * (identity.n_actuators + identity.n_heaters); i++) {
                assert_int_equal(get_record(&m, &record), 0);
                assert_int_equal(record.index, i % 14);
                assert_int_equal(record.kind == KNEED_KIND_HEATER, i % 14 >= 12);
        }

        size = kneed_select_encode(9, report);
        assert_int_equal(sim_model_set_report(
                                         &m, START_MS, KNEED_TYPE_FEATURE, report, (size_t) size),
                        0);
        size = kneed_select_encode(14, report);
        assert_int_equal(sim_model_set_report(
                                         &m, START_MS, KNEED_TYPE_FEATURE, report, (size_t) size),
                        -EPIPE);
        assert_int_equal(get_record(&m, &record), 0);
        assert_int_equal(record.index, 9);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_idle_is_silent_and_asks_for_nothing),
                cmocka_unit_test(test_host_silence_is_exact),
                cmocka_unit_test(test_nothing_but_a_complete_frame_feeds),
                cmocka_unit_test(test_session_cut_off_is_exact),
                cmocka_unit_test(test_sequence_wraps_and_refuses_the_past),
                cmocka_unit_test(test_a_frame_in_parts_applies_at_once),
                cmocka_unit_test(test_a_stop_between_parts_drops_them),
                cmocka_unit_test(test_many_actuators_report_in_parts),
                cmocka_unit_test(test_every_command_in_every_state),
                cmocka_unit_test(test_arm_again_gives_no_more_time),
                cmocka_unit_test(test_frames_and_heat_need_arm),
                cmocka_unit_test(test_a_damaged_stop_stops),
                cmocka_unit_test(test_a_stop_is_followed_to_the_last_motor),
                cmocka_unit_test(test_armed_reports_at_20_hz),
                cmocka_unit_test(test_the_button_latches_until_a_deliberate_clear),
                cmocka_unit_test(test_contact_is_told_at_once),
                cmocka_unit_test(test_bad_reports_are_told_apart_by_pipe),
                cmocka_unit_test(test_heat_follows_the_set_point_and_ends_with_armed),
                cmocka_unit_test(test_records_are_read_in_turn_or_by_index),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
