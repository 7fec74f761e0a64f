/* SPDX-License-Identifier: MIT */
/* The life of a URB: it waits, it ends once, with the right status, at the right time. */
#include "tests/unit/usb-host.h"

static const uint8_t stop_report[] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_STOP };

static void test_input_waits_until_there_is_something_to_say(void **state)
{
        KneedStatus status = { 0 };
        uint32_t seqnum;
        Host h;

        host_plug(&h, &sim_reference_design);
        seqnum = host_submit_in(&h, 64);
        assert_false(host_take(&h, START_MS));
        assert_false(host_take(&h, START_MS + 3600 * 1000));
        assert_true(usb_device_next_ms(&h.device) == SIM_NEVER);

        sim_model_press_button(&h.function->model, START_MS + 3600 * 1000, true);
        assert_true(usb_device_next_ms(&h.device) == START_MS + 3600 * 1000);
        host_expect(&h, START_MS + 3600 * 1000, seqnum, 0);
        assert_int_equal(h.result.actual_length, KNEED_STATUS_SIZE);
        assert_int_equal(kneed_status_decode(h.result.data, KNEED_STATUS_SIZE, &status), 0);
        assert_true(status.button);
        assert_true(usb_device_next_ms(&h.device) == SIM_NEVER);
}

/* Plays, with input URBs always there, and wakes up only when the device asks for it. */
static void test_pipes_keep_their_pace(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 500), end = t + 1000, last_out = 0;
        unsigned n_in = 0, n_out = 0;
        uint32_t in = host_submit_in(&h, 64);

        for (uint16_t sequence = 2; t < end;) {
                uint8_t report[KNEED_FRAME_SIZE];
                KneedFrame frame = { .sequence = sequence, .count = 12, .complete = true };

                while (host_take(&h, t))
                        if (h.result.seqnum == in) {
                                in = host_submit_in(&h, 64);
                                n_in++;
                        } else {
                                assert_true(t >= last_out + USB_INTERVAL_MS);
                                last_out = t;
                                n_out++;
                        }
                if (h.device.n_urbs == 1) { /* only the input one */
                        (void) kneed_frame_encode(&frame, report);
                        sequence++;
                        host_submit_out(&h, report, sizeof(report));
                        continue;
                }
                assert_true(usb_device_next_ms(&h.device) > t);
                t = usb_device_next_ms(&h.device);
        }
        assert_in_range(n_out, 1000 / USB_INTERVAL_MS - 1, 1000 / USB_INTERVAL_MS + 1);
        assert_in_range(n_in, 19, 21);
        assert_int_equal(h.function->model.state, KNEED_STATE_ARMED);
}

static void test_two_inputs_do_not_come_in_one_frame(void **state)
{
        uint32_t first, second;
        Host h;

        host_plug(&h, &sim_reference_design);
        first = host_submit_in(&h, 64);
        second = host_submit_in(&h, 64);
        sim_model_press_button(&h.function->model, START_MS, true);
        host_expect(&h, START_MS, first, 0);
        sim_model_press_button(&h.function->model, START_MS, false);
        assert_false(host_take(&h, START_MS + USB_INTERVAL_MS - 1));
        assert_true(usb_device_next_ms(&h.device) == START_MS + USB_INTERVAL_MS);
        host_expect(&h, START_MS + USB_INTERVAL_MS, second, 0);
}

static void test_urbs_of_a_pipe_end_in_order_and_pipes_do_not_wait_for_each_other(void **state)
{
        uint32_t in, out[3];
        Host h;

        host_plug(&h, &sim_reference_design);
        in = host_submit_in(&h, 64);
        for (size_t i = 0; i < ELEMENTSOF(out); i++)
                out[i] = host_submit_out(&h, stop_report, sizeof(stop_report));
        assert_int_equal(usb_device_unlink(&h.device, out[1]), -ECONNRESET);
        host_expect(&h, START_MS, out[0], 0);
        host_expect(&h, START_MS, in, 0); /* the answer to it */
        assert_false(host_take(&h, START_MS));
        assert_int_equal(host_control(&h, START_MS, GET_IDENTITY, NULL), 16);
        host_expect(&h, START_MS + USB_INTERVAL_MS, out[2], 0);
        assert_false(host_take(&h, START_MS + 1000));
}

/* A request that is never answered holds up all that come after it. */
static void test_requests_on_the_control_pipe_end_in_order(void **state)
{
        UsbUrb vendor = { .setup = SETUP(0x40, 1, 0, 0, 0) };
        UsbUrb standard = { .in = true, .setup = GET_DEVICE_DESCRIPTOR(18), .length = 18 };
        uint32_t first, second;
        Host h;

        host_plug(&h, &sim_reference_design);
        host_inject(&h, START_MS, USB_FAULT_DEAF_CONTROL);
        first = host_submit(&h, &vendor);
        second = host_submit(&h, &standard);
        assert_false(host_take(&h, START_MS));
        assert_int_equal(usb_device_unlink(&h.device, first), -ECONNRESET);
        host_expect(&h, START_MS, second, 0);
}

static void test_an_unlinked_urb_never_ends(void **state)
{
        uint32_t seqnum;
        Host h;

        host_plug(&h, &sim_reference_design);
        seqnum = host_submit_in(&h, 64);
        assert_int_equal(usb_device_unlink(&h.device, seqnum), -ECONNRESET);
        assert_int_equal(usb_device_unlink(&h.device, seqnum), 0);
        sim_model_press_button(&h.function->model, START_MS, true);
        assert_false(host_take(&h, START_MS));

        seqnum = host_submit_in(&h, 64);
        host_expect(&h, START_MS, seqnum, 0);
        assert_int_equal(usb_device_unlink(&h.device, seqnum), 0);
        assert_int_equal(usb_device_unlink(&h.device, 12345), 0);
}

static void test_disconnected_everything_ends_and_the_motors_stop(void **state)
{
        static const uint32_t faults[] = { 0, SIM_FAULT_STALL, USB_FAULT_NAK_FOR_EVER,
                USB_FAULT_DEAF_CONTROL };

        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                Host h;
                uint64_t t = host_play(&h, 500);
                uint32_t first = h.seqnum + 1;

                host_inject(&h, t, faults[i]);
                host_submit_in(&h, 64);
                host_submit_in(&h, 64);
                host_submit_out(&h, stop_report, sizeof(stop_report));
                host_submit(&h, &(UsbUrb){ .in = true, .setup = GET_IDENTITY, .length = 16 });
                usb_device_disconnect(&h.device, t);
                for (uint32_t seqnum = first; seqnum <= h.seqnum; seqnum++) {
                        host_expect(&h, t, seqnum, -ESHUTDOWN);
                        assert_int_equal(h.result.actual_length, 0);
                }
                assert_false(host_take(&h, t));
                while (usb_device_next_ms(&h.device) != SIM_NEVER)
                        usb_device_advance(&h.device, usb_device_next_ms(&h.device));
                assert_int_equal(host_motor(&h), 0);
                host_expect(&h, t, host_submit_in(&h, 64), -ESHUTDOWN);
        }
}

static void test_plugged_in_again_it_is_idle_and_not_configured(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 500);

        host_submit_in(&h, 64);
        usb_device_disconnect(&h.device, t);
        usb_device_connect(&h.device, t + 1000);
        assert_false(host_take(&h, t + 1000));
        assert_int_equal(host_control(&h, t + 1000, SETUP(0x80, 0x08, 0, 0, 1), NULL), 1);
        assert_int_equal(h.result.data[0], 0);
        assert_int_equal(host_control(&h, t + 1000, SET_CONFIGURATION(1), NULL), 0);
        assert_int_equal(host_status(&h, t + 1000).state, KNEED_STATE_IDLE);
        assert_int_equal(host_status(&h, t + 1000).faults, 0);
}

static void test_a_latch_outlives_the_plug(void **state)
{
        Host h;
        uint64_t t = host_play(&h, 500);

        sim_model_press_button(&h.function->model, t, true);
        sim_model_press_button(&h.function->model, t, false);
        usb_device_disconnect(&h.device, t);
        usb_device_connect(&h.device, t + 1000);
        assert_int_equal(host_control(&h, t + 1000, SET_CONFIGURATION(1), NULL), 0);
        assert_int_equal(host_status(&h, t + 1000).state, KNEED_STATE_LATCHED);
}

/* hidraw polls nothing until somebody opens it. */
static void test_nobody_listening_costs_nothing_and_cut_offs_fire(void **state)
{
        Host h;
        uint64_t t, at;
        unsigned n = 0;

        host_plug(&h, &sim_reference_design);
        t = host_command(&h, START_MS, KNEED_COMMAND_ARM);
        t = host_frame(&h, t, 0, 500);
        for (at = t; usb_device_next_ms(&h.device) != SIM_NEVER; n++) {
                assert_true(usb_device_next_ms(&h.device) > at);
                at = usb_device_next_ms(&h.device);
                usb_device_advance(&h.device, at);
        }
        assert_in_range(n, 1, 5);
        assert_int_equal(host_status(&h, at).faults, KNEED_FAULT_HOST_SILENT);
        assert_int_equal(host_motor(&h), 0);
}

static void test_a_small_buffer_overflows_and_a_short_report_is_told(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        for (uint32_t length = 0; length <= 64; length++) {
                uint64_t t = START_MS + 10 * length;

                sim_model_press_button(&h.function->model, t, length % 2 == 0);
                host_expect(&h, t, host_submit_in(&h, length), length < 60 ? -EOVERFLOW : 0);
                assert_int_equal(h.result.actual_length, MIN(length, 60u));
        }
        sim_model_press_button(&h.function->model, START_MS + 2000, false);
        host_submit(&h, &(UsbUrb){ .endpoint = USB_PIPE_IN,
                                        .in = true,
                                        .length = 64,
                                        .short_not_ok = true });
        host_expect(&h, START_MS + 2000, h.seqnum, -EREMOTEIO);
        assert_int_equal(h.result.actual_length, 60);
}

static void test_nobody_answers_at_other_endpoints(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        for (unsigned endpoint = 1; endpoint < 16; endpoint++)
                for (unsigned in = 0; in < 2; in++) {
                        uint8_t address = (uint8_t) (endpoint | (in ? 0x80 : 0));
                        UsbUrb urb = { .endpoint = address,
                                .in = in,
                                .length = 2,
                                .data = { KNEED_REPORT_COMMAND, KNEED_COMMAND_STOP } };

                        if (address != USB_PIPE_IN && address != USB_PIPE_OUT)
                                host_expect(&h, START_MS, host_submit(&h, &urb), -EPROTO);
                }
}

static void test_a_long_transfer_is_a_bad_report(void **state)
{
        uint8_t frame[USB_OUT_SIZE_MAX] = { KNEED_REPORT_FRAME, 0, 2, 0, 1, 1 };
        Host h;
        uint64_t t = host_play(&h, 500);

        host_expect(&h, t + 4, host_submit_out(&h, frame, 100000), 0);
        assert_int_equal(h.result.actual_length, 100000);
        assert_int_equal(host_status(&h, t + 4).faults, KNEED_FAULT_BAD_REPORT);
        assert_int_equal(host_motor(&h), 500);
}

static void test_there_is_room_for_so_many_urbs(void **state)
{
        UsbUrb urb = { .endpoint = USB_PIPE_IN, .in = true, .length = 64 };
        Host h;

        host_plug(&h, &sim_reference_design);
        for (unsigned i = 0; i < USB_URBS_MAX; i++)
                host_submit(&h, &urb);
        assert_int_equal(usb_device_submit(&h.device, &urb), -ENOMEM);
        assert_int_equal(usb_device_unlink(&h.device, h.seqnum), -ECONNRESET);
        assert_int_equal(usb_device_submit(&h.device, &urb), 0);
}

/* One random step of a host or a person. */
static void do_something(Host *h, Random *random, uint64_t t, bool waiting[static 1])
{
        UsbUrb urb = {
                .endpoint = (uint8_t) (random_between(random, 0, 2) | random_between(random, 0, 1)
                                                                                      << 7),
                .length = (uint32_t) random_between(random, 0, 200),
                .short_not_ok = random_between(random, 0, 9) == 0,
                .setup = SETUP((uint8_t) random_next(random),
                                (uint8_t) random_between(random, 0, 11),
                                random_between(random, 0, 0x0400), 0,
                                random_between(random, 0, 200)),
        };
        static const UsbSetup known[] = { GET_IDENTITY, GET_RECORD, GET_STATUS_REPORT,
                SET_CONFIGURATION(1), GET_REPORT_DESCRIPTOR(4096), SETUP(2, 3, 0, 0x81, 0),
                SETUP(2, 1, 0, 0x81, 0) };
        uint32_t some = (uint32_t) random_between(random, 1, h->seqnum + 1);
        uint32_t faults = (uint32_t) random_next(random);

        urb.in = urb.endpoint & 0x80;
        if ((urb.endpoint & 0x0f) == 0)
                urb.endpoint = 0;
        if (random_between(random, 0, 1)) {
                urb.setup = known[random_between(random, 0, ELEMENTSOF(known) - 1)];
                urb.in = urb.endpoint == 0 ? urb.setup.request_type & 0x80 : urb.in;
        }
        for (size_t i = 0; i < sizeof(urb.data); i++)
                urb.data[i] = (uint8_t) random_between(random, 0, i == 0 ? 6 : 255);
        switch (random_between(random, 0, 9)) {
        case 0:
                assert_int_equal(usb_device_unlink(&h->device, some),
                                waiting[some] ? -ECONNRESET : 0);
                waiting[some] = false;
                break;
        case 1:
                host_inject(h, t,
                                faults & (uint32_t) random_next(random) &
                                                (SIM_FAULT_ALL | (USB_FAULT_BROWN_OUT - 1)));
                break;
        case 2:
                sim_model_press_button(&h->function->model, t, random_between(random, 0, 1));
                break;
        default:
                if (h->device.n_urbs < USB_URBS_MAX)
                        waiting[host_submit(h, &urb)] = true;
        }
}

static void test_each_urb_ends_once_whatever_happens(void **state)
{
        enum { N = 30000 };
        static bool waiting[N + 10];
        Random random = { .state = 42 };
        unsigned n_ended = 0;
        uint64_t t = START_MS;
        Host h;

        memset(waiting, 0, sizeof(waiting));
        host_plug(&h, &sim_reference_design);
        for (unsigned i = 0; i < N; i++, t += (uint64_t) random_between(&random, 0, 30)) {
                if (random_between(&random, 0, 999) == 0) {
                        usb_device_disconnect(&h.device, t);
                        while (host_take(&h, t)) {
                                assert_true(waiting[h.result.seqnum]);
                                waiting[h.result.seqnum] = false;
                        }
                        for (uint32_t k = 0; k <= h.seqnum; k++)
                                assert_false(waiting[k]);
                        usb_device_connect(&h.device, t);
                }
                do_something(&h, &random, t, waiting);
                while (host_take(&h, t)) {
                        assert_true(waiting[h.result.seqnum]);
                        waiting[h.result.seqnum] = false;
                        assert_true(h.result.actual_length <= 200);
                        n_ended++;
                }
                assert_true(usb_device_next_ms(&h.device) >= h.function->model.now_ms);
        }
        assert_true(n_ended > N / 10);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_input_waits_until_there_is_something_to_say),
                cmocka_unit_test(test_pipes_keep_their_pace),
                cmocka_unit_test(test_two_inputs_do_not_come_in_one_frame),
                cmocka_unit_test(
                                test_urbs_of_a_pipe_end_in_order_and_pipes_do_not_wait_for_each_other),
                cmocka_unit_test(test_requests_on_the_control_pipe_end_in_order),
                cmocka_unit_test(test_an_unlinked_urb_never_ends),
                cmocka_unit_test(test_disconnected_everything_ends_and_the_motors_stop),
                cmocka_unit_test(test_plugged_in_again_it_is_idle_and_not_configured),
                cmocka_unit_test(test_a_latch_outlives_the_plug),
                cmocka_unit_test(test_nobody_listening_costs_nothing_and_cut_offs_fire),
                cmocka_unit_test(test_a_small_buffer_overflows_and_a_short_report_is_told),
                cmocka_unit_test(test_nobody_answers_at_other_endpoints),
                cmocka_unit_test(test_a_long_transfer_is_a_bad_report),
                cmocka_unit_test(test_there_is_room_for_so_many_urbs),
                cmocka_unit_test(test_each_urb_ends_once_whatever_happens),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
