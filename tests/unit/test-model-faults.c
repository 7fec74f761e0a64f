/* SPDX-License-Identifier: MIT */
#include "tests/unit/model-host.h"

#include <errno.h>

static const uint8_t stop_report[] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_STOP };

static void test_a_hung_firmware_keeps_the_motors_on(void **state)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX] = { KNEED_REPORT_COMMAND };
        SimModel m;
        uint64_t t = host_start(&m, 600);
        KneedStatus status;

        sim_model_inject(&m, t, SIM_FAULT_HANG);
        assert_int_equal(sim_model_interrupt_out(&m, t, stop_report, 2), -EAGAIN);
        assert_int_equal(sim_model_set_report(&m, t, KNEED_TYPE_OUTPUT, stop_report, 2), -EAGAIN);
        assert_int_equal(sim_model_get_report(
                                         &m, t, KNEED_TYPE_FEATURE, KNEED_REPORT_IDENTITY, report),
                        -EAGAIN);
        sim_model_press_button(&m, t + 10, true);
        assert_int_equal(host_hear(&m, t + 10000, &status), 0);
        assert_int_equal(sim_model_motor_permille(&m, 0), 600);
        assert_true(sim_model_next_ms(&m) == SIM_NEVER);

        /* When it comes back it sees at once what it missed. */
        sim_model_inject(&m, t + 20000, 0);
        status = host_status(&m, t + 20000);
        assert_int_equal(status.state, KNEED_STATE_LATCHED);
        assert_int_equal(status.faults, KNEED_FAULT_HOST_SILENT | KNEED_FAULT_BUTTON);
        sim_model_advance(&m, t + 20000 + SIM_SPIN_DOWN_MS);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
}

static void test_a_stall_is_on_the_control_pipe_only(void **state)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        SimModel m;
        uint64_t t = host_start(&m, 600);

        sim_model_inject(&m, t, SIM_FAULT_STALL);
        assert_int_equal(sim_model_set_report(&m, t, KNEED_TYPE_OUTPUT, stop_report, 2), -EPIPE);
        assert_int_equal(sim_model_get_report(
                                         &m, t, KNEED_TYPE_FEATURE, KNEED_REPORT_IDENTITY, report),
                        -EPIPE);
        host_frame(&m, t + 290, 2, 600);
        assert_int_equal(host_status(&m, t + 300).state, KNEED_STATE_ARMED);
        host_command(&m, t + 300, KNEED_COMMAND_STOP);
        assert_int_equal(host_status(&m, t + 300).state, KNEED_STATE_IDLE);
}

static void test_a_mute_massager_obeys(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);
        KneedStatus status;

        sim_model_inject(&m, t, SIM_FAULT_MUTE);
        assert_true(sim_model_next_ms(&m) == t + SILENCE_MS);
        host_command(&m, t + 20, KNEED_COMMAND_STOP);
        assert_int_equal(host_hear(&m, t + 20, &status), 0);
        assert_true(sim_model_next_ms(&m) == t + 20 + 60); /* for the record: at rest */
        assert_int_equal(host_hear(&m, t + 80, &status), 0);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
        assert_true(sim_model_next_ms(&m) == SIM_NEVER);
        sim_model_inject(&m, t + 500, 0);
        assert_int_equal(host_status(&m, t + 500).state, KNEED_STATE_IDLE);
}

static void test_what_ignores_stop_is_ended_by_silence(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);

        sim_model_inject(&m, t, SIM_FAULT_IGNORES_STOP);
        for (uint16_t i = 2; i < 20; i++) {
                host_frame(&m, t += 100, i, 0);
                host_command(&m, t, KNEED_COMMAND_STOP);
                assert_int_equal(host_status(&m, t).measured_permille[0], 600);
        }
        assert_int_equal(host_peek(&m, t + SILENCE_MS - 1).state, KNEED_STATE_ARMED);
        assert_int_equal(host_peek(&m, t + SILENCE_MS).state, KNEED_STATE_IDLE);
        sim_model_advance(&m, t + SILENCE_MS + 60);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
}

static void assert_stuck_motor_is_found(uint16_t level_permille)
{
        SimModel m;
        uint64_t t = host_start(&m, level_permille), stopped = t + 100, found = stopped + 500;
        KneedStatus status;

        sim_model_inject(&m, t, SIM_FAULT_STUCK_MOTOR);
        host_command(&m, stopped, KNEED_COMMAND_STOP);
        status = host_status(&m, found - 1);
        assert_int_equal(status.state, KNEED_STATE_IDLE);
        assert_int_equal(status.measured_permille[0], level_permille);
        assert_true(sim_model_next_ms(&m) == found);
        status = host_status(&m, found);
        assert_int_equal(status.state, KNEED_STATE_LATCHED);
        assert_int_equal(status.faults, KNEED_FAULT_MOTOR);

        host_command(&m, found + 100, KNEED_COMMAND_CLEAR);
        assert_int_equal(host_status(&m, found + 100).state, KNEED_STATE_LATCHED);
        sim_model_inject(&m, found + 100, 0);
        sim_model_advance(&m, found + 160);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
        host_command(&m, found + 160, KNEED_COMMAND_CLEAR);
        assert_int_equal(host_status(&m, found + 160).state, KNEED_STATE_IDLE);
}

static void test_a_stuck_motor_is_found_after_half_a_second(void **state)
{
        assert_stuck_motor_is_found(600);
        assert_stuck_motor_is_found(20); /* told 0, it has to come to rest */
}

static void test_a_motor_above_its_target_is_found_while_armed(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);

        sim_model_inject(&m, t, SIM_FAULT_STUCK_MOTOR);
        for (uint16_t i = 2; i < 12; i++)
                host_frame(&m, t += 100, i, 400); /* 200 too much is still allowed */
        assert_int_equal(host_peek(&m, t).faults, 0);
        for (uint16_t i = 12; i < 17; i++, t += 100)
                host_frame(&m, t, i, 399);
        assert_int_equal(host_peek(&m, t - 1).state, KNEED_STATE_ARMED);
        assert_int_equal(host_peek(&m, t).state, KNEED_STATE_LATCHED);
        assert_int_equal(host_peek(&m, t).faults, KNEED_FAULT_MOTOR);
}

/* It takes 60 ms from 600 to rest. */
static void test_a_motor_that_comes_loose_just_in_time_is_no_fault(void **state)
{
        for (unsigned late = 0; late < 2; late++) {
                SimModel m;
                uint64_t t = host_start(&m, 600);

                sim_model_inject(&m, t, SIM_FAULT_STUCK_MOTOR);
                host_command(&m, t, KNEED_COMMAND_STOP);
                sim_model_inject(&m, t + SIM_MOTOR_EXCESS_MS - 60 + late, 0);
                assert_int_equal(host_peek(&m, t + WEEK_MS).faults, late ? KNEED_FAULT_MOTOR : 0);
        }
}

static void test_pulses_are_not_a_stuck_motor(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 1000);

        for (uint16_t i = 2; i < 2000; i++) /* some motor is always on its way down */
                host_frame_part(&m, t += 20, i, (uint8_t) (i % 12), 1, 1000, true);
        assert_int_equal(host_peek(&m, t).faults, 0);
}

static void test_a_lying_status_hides_a_stuck_motor(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);
        KneedStatus status;

        sim_model_inject(&m, t, SIM_FAULT_STUCK_MOTOR | SIM_FAULT_LYING_STATUS);
        host_command(&m, t + 100, KNEED_COMMAND_STOP);
        status = host_status(&m, t + 100);
        assert_int_equal(status.state, KNEED_STATE_IDLE);
        assert_int_equal(status.measured_permille[0], 0);
        assert_int_equal(host_hear(&m, t + 10000, &status), 0);
        assert_int_equal(sim_model_motor_permille(&m, 0), 600);
        assert_true(sim_model_next_ms(&m) == SIM_NEVER);
}

/* Plays still, with heat, until the model is no longer armed. Returns when that was. */
static uint64_t heat_until_it_ends(SimModel *m, uint64_t t, uint16_t setpoint_cc)
{
        uint64_t begun = t;

        host_heat(m, t, setpoint_cc);
        for (uint16_t i = 2; t < begun + 1200 * 1000; i++) {
                host_frame(m, t, i, 0);
                for (uint64_t end = t + 200, at; t < end; t = at) {
                        (void) host_hear(m, t, &(KneedStatus){ 0 });
                        at = MIN(end, sim_model_next_ms(m));
                        sim_model_advance(m, at);
                        if (host_peek(m, at).state != KNEED_STATE_ARMED)
                                return at;
                }
        }
        return SIM_NEVER;
}

static void test_a_sensor_that_stands_still_ends_in_a_hot_latch(void **state)
{
        static const uint32_t faults[] = { SIM_FAULT_STUCK_SENSOR, SIM_FAULT_LYING_SENSOR };

        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                SimModel m;
                uint64_t t = host_start(&m, 0);
                KneedStatus status;

                sim_model_inject(&m, t, faults[i]);
                t = heat_until_it_ends(&m, t, 3800);
                assert_true(t != SIM_NEVER);
                assert_int_equal(m.heater_units[0], SIM_HEATER_HOT_CC * SIM_HEATER_UNITS + 5);
                status = host_status(&m, t);
                assert_int_equal(status.state, KNEED_STATE_LATCHED);
                assert_int_equal(status.faults, KNEED_FAULT_HOT);
                assert_in_range(status.temperature_cc[0], SIM_SKIN_CC - 5, SIM_SKIN_CC + 5);

                host_command(&m, t, KNEED_COMMAND_CLEAR);
                assert_int_equal(host_status(&m, t).state, KNEED_STATE_LATCHED);
                sim_model_advance(&m, t + 10);
                assert_true(sim_model_next_ms(&m) == SIM_NEVER);
                host_command(&m, t + 10, KNEED_COMMAND_CLEAR); /* it has cooled by 0.0002 °C */
                assert_int_equal(host_status(&m, t + 10).state, KNEED_STATE_IDLE);
        }
}

static void test_only_a_healthy_sensor_moves_with_the_heat(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 0);
        int16_t stuck;

        sim_model_inject(&m, t, SIM_FAULT_STUCK_SENSOR);
        stuck = host_peek(&m, t).temperature_cc[1];
        host_heat(&m, t, 4100);
        sim_model_advance(&m, t + 250);
        assert_int_equal(host_peek(&m, t + 250).temperature_cc[1], stuck);
        sim_model_inject(&m, t + 250, SIM_FAULT_LYING_SENSOR);
        assert_in_range(host_peek(&m, t + 250).temperature_cc[1], SIM_SKIN_CC - 5, SIM_SKIN_CC + 5);
        assert_int_equal(heat_until_it_ends(&m, host_start(&m, 0), 4100), SIM_NEVER);
        assert_int_equal(sim_model_heater_cc(&m, 1), 4100);
}

static void test_a_lost_sensor_turns_its_heater_off(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 100), lost = t + 100;
        KneedStatus status;

        host_heat(&m, t, 4000);
        sim_model_inject(&m, lost, SIM_FAULT_LOST_SENSOR);
        status = host_status(&m, lost);
        assert_int_equal(status.state, KNEED_STATE_ARMED);
        assert_int_equal(status.faults, KNEED_FAULT_SENSOR);
        assert_int_equal(status.temperature_valid, 0);
        host_heat(&m, lost, 4000);
        host_frame(&m, lost, 2, 100);
        sim_model_advance(&m, lost + 290);
        assert_int_equal(sim_model_heater_cc(&m, 0), SIM_SKIN_CC);
        assert_int_equal(sim_model_motor_permille(&m, 0), 100);

        /* Arm forgives only once the sensor is back. */
        host_command(&m, lost + 290, KNEED_COMMAND_STOP);
        host_command(&m, lost + 290, KNEED_COMMAND_ARM);
        assert_int_equal(host_peek(&m, lost + 290).faults, KNEED_FAULT_SENSOR);
        sim_model_inject(&m, lost + 290, 0);
        assert_int_equal(host_peek(&m, lost + 290).faults, KNEED_FAULT_SENSOR);
        host_command(&m, lost + 290, KNEED_COMMAND_STOP);
        host_command(&m, lost + 290, KNEED_COMMAND_ARM);
        assert_int_equal(host_peek(&m, lost + 290).faults, 0);
}

static void test_a_low_supply_latches_until_it_is_better(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);
        KneedStatus status;

        sim_model_inject(&m, t, SIM_FAULT_LOW_SUPPLY);
        status = host_status(&m, t);
        assert_int_equal(status.state, KNEED_STATE_LATCHED);
        assert_int_equal(status.faults, KNEED_FAULT_SUPPLY);
        assert_int_equal(status.supply_mv, SIM_LOW_SUPPLY_MV);
        host_command(&m, t + 100, KNEED_COMMAND_CLEAR);
        host_command(&m, t + 100, KNEED_COMMAND_ARM);
        assert_int_equal(host_status(&m, t + 100).state, KNEED_STATE_LATCHED);

        sim_model_inject(&m, t + 200, 0);
        assert_int_equal(host_peek(&m, t + 200).faults, KNEED_FAULT_SUPPLY);
        assert_true(host_peek(&m, t + 200).supply_mv > SIM_LOW_SUPPLY_MV);
        host_command(&m, t + 200, KNEED_COMMAND_CLEAR);
        assert_int_equal(host_status(&m, t + 200).state, KNEED_STATE_IDLE);
        assert_int_equal(host_peek(&m, t + 200).faults, 0);
}

static unsigned next_record(SimModel *m, uint64_t now_ms)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        KneedRecord record = { 0 };
        int size;

        size = sim_model_get_report(m, now_ms, KNEED_TYPE_FEATURE, KNEED_REPORT_RECORD, report);
        assert_true(size > 0);
        assert_int_equal(kneed_record_decode(report, (size_t) size, &record), 0);
        return record.index;
}

static void test_a_usb_reset_is_as_a_stop(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);

        assert_int_equal(next_record(&m, t), 0);
        assert_int_equal(next_record(&m, t), 1);
        sim_model_usb_reset(&m, t);
        assert_int_equal(host_peek(&m, t).state, KNEED_STATE_IDLE);
        assert_int_equal(host_peek(&m, t).faults, 0);
        assert_int_equal(next_record(&m, t), 0);
        sim_model_advance(&m, t + SIM_SPIN_DOWN_MS);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
}

static void test_a_usb_reset_frees_no_latch_and_wakes_no_firmware(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);

        sim_model_inject(&m, t, SIM_FAULT_HANG);
        sim_model_usb_reset(&m, t);
        sim_model_advance(&m, t + 200);
        assert_int_equal(sim_model_motor_permille(&m, 0), 600);

        t = host_start(&m, 600);
        sim_model_press_button(&m, t, true);
        sim_model_press_button(&m, t, false);
        (void) host_status(&m, t);
        sim_model_usb_reset(&m, t);
        assert_int_equal(host_peek(&m, t).state, KNEED_STATE_LATCHED);
        assert_int_equal(host_peek(&m, t).faults, KNEED_FAULT_BUTTON);
}

static void test_a_power_cycle_forgets_all_but_what_is_true(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);

        host_heat(&m, t, 4000);
        host_frame(&m, t + 250, 2, 600);
        assert_true(sim_model_heater_cc(&m, 0) > SIM_SKIN_CC);
        sim_model_press_button(&m, t + 250, true);
        sim_model_press_button(&m, t + 250, false);
        sim_model_power_cycle(&m, t + 250);
        assert_int_equal(host_peek(&m, t + 250).state, KNEED_STATE_IDLE);
        assert_int_equal(host_peek(&m, t + 250).faults, 0);
        assert_int_equal(host_peek(&m, t + 250).sequence, 0);
        assert_int_equal(sim_model_motor_permille(&m, 0), 600); /* still turning */
        assert_true(sim_model_heater_cc(&m, 0) > SIM_SKIN_CC);  /* still warm */
        sim_model_advance(&m, t + 250 + SIM_SPIN_DOWN_MS);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);

        /* Latched at once if a reason is there. */
        sim_model_press_button(&m, t + 400, true);
        sim_model_power_cycle(&m, t + 400);
        assert_int_equal(host_peek(&m, t + 400).state, KNEED_STATE_LATCHED);
        assert_int_equal(host_peek(&m, t + 400).faults, KNEED_FAULT_BUTTON);
}

/* Its record needs the moments at which something happens, its host none. */
static void test_what_nobody_hears_happens_all_the_same(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 600);

        assert_true(sim_model_next_ms(&m) == t + KNEED_STATUS_PERIOD_MS);
        assert_true(sim_model_acts_ms(&m) == t + SILENCE_MS);
        sim_model_advance(&m, t + SILENCE_MS);
        assert_true(sim_model_next_ms(&m) == t + SILENCE_MS);
        assert_true(sim_model_acts_ms(&m) == t + SILENCE_MS + 60);
        sim_model_advance(&m, t + SILENCE_MS + 60);
        assert_true(sim_model_acts_ms(&m) == SIM_NEVER);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_hung_firmware_keeps_the_motors_on),
                cmocka_unit_test(test_a_stall_is_on_the_control_pipe_only),
                cmocka_unit_test(test_a_mute_massager_obeys),
                cmocka_unit_test(test_what_ignores_stop_is_ended_by_silence),
                cmocka_unit_test(test_a_stuck_motor_is_found_after_half_a_second),
                cmocka_unit_test(test_a_motor_above_its_target_is_found_while_armed),
                cmocka_unit_test(test_a_motor_that_comes_loose_just_in_time_is_no_fault),
                cmocka_unit_test(test_pulses_are_not_a_stuck_motor),
                cmocka_unit_test(test_a_lying_status_hides_a_stuck_motor),
                cmocka_unit_test(test_a_sensor_that_stands_still_ends_in_a_hot_latch),
                cmocka_unit_test(test_only_a_healthy_sensor_moves_with_the_heat),
                cmocka_unit_test(test_a_lost_sensor_turns_its_heater_off),
                cmocka_unit_test(test_a_low_supply_latches_until_it_is_better),
                cmocka_unit_test(test_a_usb_reset_is_as_a_stop),
                cmocka_unit_test(test_a_usb_reset_frees_no_latch_and_wakes_no_firmware),
                cmocka_unit_test(test_a_power_cycle_forgets_all_but_what_is_true),
                cmocka_unit_test(test_what_nobody_hears_happens_all_the_same),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
