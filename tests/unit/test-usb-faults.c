/* SPDX-License-Identifier: MIT */
/* Each fault on the bus does what its name says, and nothing else. */
#include "tests/unit/usb-host.h"

#include "protocol/descriptor.h"
#include "simulator/usb-device-faults.h"

static const uint8_t stop_report[] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_STOP };

/* The next status on the interrupt pipe, raw. Returns its size. */
static uint32_t hear(Host *h, uint64_t now_ms, uint8_t ret[static 64])
{
        host_expect(h, now_ms, host_submit_in(h, 64), 0);
        memcpy(ret, h->result.data, 64);
        return h->result.actual_length;
}

static bool is_answered(Host *h, uint64_t now_ms, UsbSetup setup)
{
        bool answered;

        host_submit(h, &(UsbUrb){ .in = setup.request_type & 0x80,
                                       .setup = setup,
                                       .length = setup.length });
        answered = host_take(h, now_ms);
        (void) usb_device_unlink(&h->device, h->seqnum);
        return answered;
}

static void test_names_and_faults_are_one_to_one(void **state)
{
        uint32_t all = 0;

        for (size_t i = 0; i < n_usb_fault_names; i++) {
                uint32_t fault = usb_fault_by_name(usb_fault_names[i].name);

                assert_int_equal(fault, usb_fault_names[i].fault);
                assert_int_equal(fault & (fault - 1), 0);
                assert_int_equal(all & fault, 0);
                all |= fault;
        }
        assert_int_equal(all & SIM_FAULT_ALL, SIM_FAULT_ALL);
        assert_int_equal(usb_fault_by_name("stuck"), 0);
        assert_int_equal(usb_fault_by_name(""), 0);
}

static void test_hung_it_answers_nothing_and_moves_on(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 500);
        uint32_t out;

        host_inject(&h, t, SIM_FAULT_HANG);
        out = host_submit_out(&h, stop_report, 2);
        assert_false(is_answered(&h, t + 10000, GET_IDENTITY));
        assert_false(is_answered(&h, t + 10000, GET_DEVICE_DESCRIPTOR(18)));
        assert_int_equal(host_motor(&h), 500);
        assert_true(usb_device_next_ms(&h.device) == SIM_NEVER);
        host_inject(&h, t + 10000, 0);
        host_expect(&h, t + 10000, out, 0);
        assert_int_equal(host_status(&h, t + 10000).state, KNEED_STATE_IDLE);
}

static void test_naks_for_ever_are_on_both_interrupt_pipes(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 500);

        host_inject(&h, t, USB_FAULT_NAK_FOR_EVER);
        host_submit_in(&h, 64);
        host_submit_out(&h, stop_report, 2);
        assert_false(host_take(&h, t + 100));
        assert_int_equal(host_status(&h, t + 100).state, KNEED_STATE_ARMED);
        assert_true(usb_device_next_ms(&h.device) == t + 300); /* host silence */
        assert_true(host_control(&h, t + 100, SETUP(0x21, 9, 0x0205, 0, 2), stop_report) == 2);
        assert_int_equal(host_status(&h, t + 100).state, KNEED_STATE_IDLE);
        host_inject(&h, t + 100, 0);
        assert_true(host_take(&h, t + 100));
        assert_true(host_take(&h, t + 100));
}

static void test_deaf_on_the_out_pipe_it_hears_control(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 500);
        uint8_t report[64];

        host_inject(&h, t, USB_FAULT_DEAF_INTERRUPT);
        host_submit_out(&h, stop_report, 2);
        assert_false(host_take(&h, t + 40));
        assert_int_equal(hear(&h, t + 50, report), 60);
        assert_int_equal(report[1], KNEED_STATE_ARMED);
        assert_true(host_control(&h, t + 50, SETUP(0x21, 9, 0x0205, 0, 2), stop_report) == 2);
        assert_int_equal(host_status(&h, t + 50).state, KNEED_STATE_IDLE);
}

static void test_deaf_on_control_it_enumerates_and_hears_the_out_pipe(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        host_inject(&h, START_MS, USB_FAULT_DEAF_CONTROL);
        assert_int_equal(host_control(&h, START_MS, SET_CONFIGURATION(1), NULL), 0);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x21, 0x0a, 0, 0, 0), NULL), 0);
        assert_true(host_control(&h, START_MS, GET_REPORT_DESCRIPTOR(4096), NULL) > 0);
        assert_false(is_answered(&h, START_MS + 10000, GET_IDENTITY));
        assert_false(is_answered(&h, START_MS + 10000, GET_DEVICE_DESCRIPTOR(18)));
        host_command(&h, START_MS + 10000, KNEED_COMMAND_ARM);
        host_inject(&h, START_MS + 10000, 0);
        assert_int_equal(host_status(&h, START_MS + 10000).state, KNEED_STATE_ARMED);
}

static void test_deaf_for_its_descriptor_all_else_is_answered(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        host_inject(&h, START_MS, USB_FAULT_DEAF_DESCRIPTOR);
        assert_int_equal(host_control(&h, START_MS, SET_CONFIGURATION(1), NULL), 0);
        assert_false(is_answered(&h, START_MS + 10000, GET_REPORT_DESCRIPTOR(4096)));
        assert_true(is_answered(&h, START_MS + 10000, GET_IDENTITY));
        host_inject(&h, START_MS + 10000, 0);
        assert_true(is_answered(&h, START_MS + 10000, GET_REPORT_DESCRIPTOR(4096)));
}

static void test_reports_of_the_wrong_size_or_of_noise_are_refused(void **state)
{
        static const struct {
                uint32_t fault, size;
        } cases[] = {
                { 0, 60 },
                { USB_FAULT_SHORT_REPORT, 30 },
                { USB_FAULT_LONG_REPORT, 64 },
                { USB_FAULT_GARBAGE_REPORT, 60 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Host h;
                uint64_t t = host_play(&h, 500);
                KneedStatus status;
                uint8_t report[64];

                host_inject(&h, t, cases[i].fault);
                assert_int_equal(hear(&h, t + 50, report), cases[i].size);
                assert_int_equal(report[0], KNEED_REPORT_STATUS);
                assert_int_equal(kneed_status_decode(report, cases[i].size, &status) < 0,
                                cases[i].fault != 0);
        }
}

static void test_a_replay_is_the_same_until_it_ends(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 500);
        uint8_t first[64], later[64];

        host_inject(&h, t, USB_FAULT_REPLAYED_STATUS);
        (void) hear(&h, t + 50, first);
        t = host_command(&h, t + 60, KNEED_COMMAND_STOP);
        (void) hear(&h, t, later);
        assert_memory_equal(later, first, 60);
        host_inject(&h, t, 0);
        (void) hear(&h, t + 50, later);
        assert_int_equal(later[1], KNEED_STATE_IDLE);
        assert_int_equal(first[1], KNEED_STATE_ARMED);

        /* The next time it is another one. */
        host_inject(&h, t, USB_FAULT_REPLAYED_STATUS);
        sim_model_press_button(&h.function->model, t + 100, true);
        (void) hear(&h, t + 100, later);
        assert_int_equal(later[1], KNEED_STATE_LATCHED);
}

static void test_the_liar_says_that_it_stopped(void **state)
{
        for (unsigned on_control = 0; on_control < 2; on_control++) {
                Host h;
                uint64_t t = host_play(&h, 500);
                KneedStatus status = { 0 };
                uint8_t report[64];

                host_inject(&h, t, USB_FAULT_LIE_AFTER_STOP);
                assert_int_equal(host_status(&h, t).measured_permille[0], 500);
                if (on_control)
                        assert_int_equal(host_control(&h, t, SETUP(0x21, 9, 0x0205, 0, 2),
                                                         stop_report),
                                        2);
                else
                        t = host_command(&h, t, KNEED_COMMAND_STOP);
                (void) hear(&h, t + 10, report);
                assert_int_equal(kneed_status_decode(report, 60, &status), 0);
                assert_int_equal(status.state, KNEED_STATE_IDLE);
                assert_int_equal(status.measured_permille[0], 0);
                assert_int_equal(host_status(&h, t + 10).state, KNEED_STATE_IDLE);
                assert_int_equal(host_motor(&h), 500);

                /* Only that it goes on is a lie. */
                sim_model_press_button(&h.function->model, t + 15, true);
                assert_int_equal(host_status(&h, t + 15).state, KNEED_STATE_LATCHED);
        }
}

static void test_the_liar_tells_the_truth_from_the_next_arm_on(void **state)
{
        static const uint8_t arm[] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_ARM, 0xfe, 0 };
        Host h;
        uint64_t t = host_play(&h, 500);

        host_inject(&h, t, USB_FAULT_LIE_AFTER_STOP);
        t = host_command(&h, t, KNEED_COMMAND_STOP);
        assert_int_equal(host_status(&h, t).measured_permille[0], 0);
        t = host_out(&h, t, arm, sizeof(arm));
        assert_int_equal(host_status(&h, t).measured_permille[0], 500);
}

static void test_the_wrong_descriptor_is_one_that_the_profile_forbids(void **state)
{
        HidDescriptor descriptor;
        Host h;
        int size;

        host_plug(&h, &sim_reference_design);
        for (unsigned i = 0; i < 2; i++) {
                host_inject(&h, START_MS, i == 0 ? USB_FAULT_WRONG_DESCRIPTOR : 0);
                size = host_control(&h, START_MS, GET_REPORT_DESCRIPTOR(4096), NULL);
                assert_true(size > 0);
                assert_int_equal(
                                hid_descriptor_parse(h.result.data, (size_t) size, &descriptor), 0);
                assert_int_equal(hid_descriptor_check_profile(&descriptor), i == 0 ? -EPROTO : 0);
        }
}

/* A good report, that only the records contradict. */
static void test_the_wrong_identity_claims_too_much(void **state)
{
        KneedIdentity identity = { 0 };
        Host h;

        host_plug(&h, &sim_reference_design);
        host_inject(&h, START_MS, USB_FAULT_WRONG_IDENTITY);
        assert_int_equal(host_control(&h, START_MS, GET_IDENTITY, NULL), 16);
        assert_int_equal(kneed_identity_decode(h.result.data, 16, &identity), 0);
        assert_int_equal(identity.n_actuators, 13);
}

static void test_a_brown_out_comes_when_it_works_hard_and_takes_its_memory(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 300);

        host_inject(&h, t, USB_FAULT_BROWN_OUT);
        assert_false(usb_device_browns_out(&h.device));
        t = host_frame(&h, t, 2, 301);
        assert_true(usb_device_browns_out(&h.device));

        usb_device_disconnect(&h.device, t);
        h.function->vtable->power_cycle(h.function, t);
        assert_false(usb_device_browns_out(&h.device));
        assert_int_not_equal(host_motor(&h), 0); /* it still turns */
        usb_device_advance(&h.device, t + 100);
        assert_int_equal(host_motor(&h), 0);
        usb_device_connect(&h.device, t + 1000);
        assert_int_equal(host_control(&h, t + 1000, SET_CONFIGURATION(1), NULL), 0);
        assert_int_equal(host_status(&h, t + 1000).sequence, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_names_and_faults_are_one_to_one),
                cmocka_unit_test(test_hung_it_answers_nothing_and_moves_on),
                cmocka_unit_test(test_naks_for_ever_are_on_both_interrupt_pipes),
                cmocka_unit_test(test_deaf_on_the_out_pipe_it_hears_control),
                cmocka_unit_test(test_deaf_on_control_it_enumerates_and_hears_the_out_pipe),
                cmocka_unit_test(test_deaf_for_its_descriptor_all_else_is_answered),
                cmocka_unit_test(test_reports_of_the_wrong_size_or_of_noise_are_refused),
                cmocka_unit_test(test_a_replay_is_the_same_until_it_ends),
                cmocka_unit_test(test_the_liar_says_that_it_stopped),
                cmocka_unit_test(test_the_liar_tells_the_truth_from_the_next_arm_on),
                cmocka_unit_test(test_the_wrong_descriptor_is_one_that_the_profile_forbids),
                cmocka_unit_test(test_the_wrong_identity_claims_too_much),
                cmocka_unit_test(test_a_brown_out_comes_when_it_works_hard_and_takes_its_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
