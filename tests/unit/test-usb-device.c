/* SPDX-License-Identifier: MIT */
/* What the device says of itself, and the requests on its control pipe. */
#include "tests/unit/usb-host.h"

#include "protocol/descriptor.h"

#define STALLED (-EPIPE)

static unsigned get16(const uint8_t *p)
{
        return p[0] | (unsigned) p[1] << 8;
}

/* What a kernel finds when it goes from descriptor to descriptor. */
typedef struct Walk {
        uint8_t bytes[256];
        unsigned size;
        const uint8_t *configuration, *interface, *hid, *in, *out;
} Walk;

static void walk(Host *h, Walk *w)
{
        memset(w, 0, sizeof(*w));
        assert_int_equal(host_control(h, START_MS, GET_CONFIGURATION_DESCRIPTOR(9), NULL), 9);
        w->size = get16(h->result.data + 2);
        assert_in_range(w->size, 18, sizeof(w->bytes));
        assert_int_equal(host_control(h, START_MS, GET_CONFIGURATION_DESCRIPTOR(w->size), NULL),
                        w->size);
        memcpy(w->bytes, h->result.data, w->size);
        for (unsigned at = 0; at < w->size; at += w->bytes[at]) {
                const uint8_t *p = w->bytes + at;

                assert_in_range(p[0], 2, w->size - at);
                if (p[1] == 2)
                        w->configuration = p;
                else if (p[1] == 4)
                        w->interface = p;
                else if (p[1] == 0x21)
                        w->hid = p;
                else if (p[1] == 5 && p[2] & 0x80)
                        w->in = p;
                else if (p[1] == 5)
                        w->out = p;
        }
}

static void check_endpoint(const uint8_t *p, uint8_t address)
{
        assert_non_null(p);
        assert_int_equal(p[0], 7);
        assert_int_equal(p[2], address);
        assert_int_equal(p[3], 3); /* interrupt */
        assert_int_equal(get16(p + 4), 64);
        assert_in_range(p[6], 1, 10);
}

static void test_the_configuration_is_what_the_profile_wants(void **state)
{
        Host h;
        Walk w;

        host_plug(&h, &sim_reference_design);
        walk(&h, &w);
        assert_ptr_equal(w.configuration, w.bytes);
        assert_int_equal(w.configuration[4], 1);
        assert_memory_equal(w.interface + 2, "\0\0\2\3\0\0", 6); /* two endpoints, HID, no boot */
        check_endpoint(w.in, 0x81);
        check_endpoint(w.out, 0x01);
        assert_int_equal(get16(w.hid + 2), 0x0111);
        assert_int_equal(w.hid[6], 0x22);
}

static void test_the_report_descriptor_is_the_profiles_and_as_long_as_said(void **state)
{
        HidDescriptor descriptor;
        unsigned size;
        Host h;
        Walk w;

        host_plug(&h, &sim_reference_design);
        walk(&h, &w);
        size = get16(w.hid + 7);
        assert_int_equal(host_control(&h, START_MS, GET_REPORT_DESCRIPTOR(4096), NULL), size);
        assert_int_equal(hid_descriptor_parse(h.result.data, size, &descriptor), 0);
        assert_int_equal(hid_descriptor_check_profile(&descriptor), 0);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x81, 6, 0x2100, 0, 255), NULL), 9);
        assert_memory_equal(h.result.data, w.hid, 9);
}

static void assert_string(Host *h, uint8_t index, const char *text)
{
        size_t n = strlen(text);

        assert_int_not_equal(index, 0);
        assert_int_equal(host_control(h, START_MS, GET_STRING(index, 255), NULL), 2 + 2 * n);
        assert_int_equal(h->result.data[0], 2 + 2 * n);
        assert_int_equal(h->result.data[1], 3);
        for (size_t i = 0; i < n; i++)
                assert_int_equal(get16(h->result.data + 2 + 2 * i), text[i]);
}

static void test_strings_are_where_the_descriptors_say(void **state)
{
        uint8_t device[18];
        Host h;
        Walk w;

        host_plug(&h, &sim_reference_design);
        walk(&h, &w);
        assert_int_equal(host_control(&h, START_MS, GET_DEVICE_DESCRIPTOR(18), NULL), 18);
        memcpy(device, h.result.data, sizeof(device));
        assert_string(&h, device[15], sim_reference_design.name);
        assert_string(&h, device[16], sim_reference_design.serial);
        assert_string(&h, w.interface[8], "kneed massager");
        assert_int_equal(host_control(&h, START_MS, GET_STRING(0, 255), NULL), 4);
        assert_int_equal(get16(h.result.data + 2), 0x0409);
        assert_int_equal(host_control(&h, START_MS, GET_STRING(5, 255), NULL), STALLED);

        h.function->description.serial = "another";
        assert_string(&h, device[16], "another");
}

static void test_the_device_is_full_speed_and_for_tests(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        assert_int_equal(host_control(&h, START_MS, GET_DEVICE_DESCRIPTOR(64), NULL), 18);
        assert_int_equal(h.result.data[4], 0);
        assert_int_equal(h.result.data[7], 64);
        assert_int_equal(get16(h.result.data + 8), 0x1209);
        assert_int_equal(get16(h.result.data + 10), 0x0001);
        assert_int_equal(h.result.data[17], 1);
        /* It would have another speed if it had a qualifier. */
        assert_int_equal(host_control(&h, START_MS, SETUP(0x80, 6, 0x0600, 0, 10), NULL), STALLED);
}

/* A port gives 500 mA: what draws more has to have a supply of its own and say so. */
static void test_it_asks_for_what_it_draws(void **state)
{
        static const struct {
                uint16_t budget_ma;
                uint8_t max_power, attributes;
        } cases[] = {
                { 1, 1, 0x80 },
                { 301, 151, 0x80 },
                { 500, 250, 0x80 },
                { 501, 250, 0xc0 },
                { 5000, 250, 0xc0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                SimDesign design = sim_reference_design;
                Host h;
                Walk w;

                design.identity.budget_ma = cases[i].budget_ma;
                host_plug(&h, &design);
                walk(&h, &w);
                assert_int_equal(w.configuration[7], cases[i].attributes);
                assert_int_equal(w.configuration[8], cases[i].max_power);
                assert_int_equal(host_control(&h, START_MS, SETUP(0x80, 0, 0, 0, 2), NULL), 2);
                assert_int_equal(h.result.data[0], cases[i].attributes == 0xc0);
        }
}

static void test_a_host_gets_as_much_as_it_asks_for(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        for (unsigned length = 0; length < 100; length++) {
                assert_int_equal(host_control(&h, START_MS, GET_CONFIGURATION_DESCRIPTOR(length),
                                                 NULL),
                                MIN(length, 41u));
                assert_int_equal(
                                host_control(&h, START_MS, SETUP(0xa1, 1, 0x0301, 0, length), NULL),
                                MIN(length, KNEED_IDENTITY_SIZE));
        }
}

static void test_what_is_not_known_stalls(void **state)
{
        static const uint8_t data[USB_OUT_SIZE_MAX] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_CLEAR,
                0xfd };
        static const UsbSetup setups[] = {
                SETUP(0x80, 0x06, 0x0f00, 0, 5),   /* BOS descriptor */
                SETUP(0x80, 0x06, 0x0201, 0, 9),   /* second configuration */
                SETUP(0x80, 0x06, 0x2200, 0, 100), /* report descriptor, of the device */
                SETUP(0x81, 0x06, 0x2200, 1, 100), /* of the second interface */
                SETUP(0x81, 0x06, 0x2300, 0, 100), /* physical descriptor */
                SETUP(0x00, 0x07, 0x0100, 0, 18),  /* SET_DESCRIPTOR */
                SETUP(0x00, 0x09, 2, 0, 0),        /* no such configuration */
                SETUP(0x01, 0x0b, 1, 0, 0),        /* no such alternate setting */
                SETUP(0x01, 0x0b, 0, 1, 0),
                SETUP(0x00, 0x03, 1, 0, 0), /* remote wake-up */
                SETUP(0x02, 0x03, 0, 0x82, 0),
                SETUP(0x02, 0x03, 1, 0x81, 0),
                SETUP(0x82, 0x00, 0, 0x02, 2),
                SETUP(0x81, 0x00, 0, 1, 2),
                SETUP(0xa1, 0x01, 0x0303, 0, 40), /* a frame cannot be read */
                SETUP(0xa1, 0x01, 0x0301, 1, 16),
                SETUP(0x21, 0x09, 0x0205, 1, 4),
                SETUP(0x21, 0x09, 0x0105, 0, 4),  /* a command is no input */
                SETUP(0x21, 0x09, 0x0205, 0, 64), /* a clear with more behind it */
                SETUP(0x21, 0x0a, 0x0100, 0, 0),  /* repeat every 4 ms */
                SETUP(0x21, 0x0b, 0x0000, 0, 0),  /* boot protocol */
                SETUP(0xa1, 0x03, 0x0000, 0, 1),
                SETUP(0x43, 0x01, 0x0010, 0, 0), /* as of a trance vibrator */
                SETUP(0xc0, 0x00, 0x0000, 0, 8),
        };
        Host h;

        host_plug(&h, &sim_reference_design);
        for (size_t i = 0; i < ELEMENTSOF(setups); i++)
                assert_int_equal(host_control(&h, START_MS, setups[i], data), STALLED);
        assert_int_equal(host_status(&h, START_MS).faults, 0);
}

static void test_hid_hosts_may_say_what_changes_nothing(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x21, 0x0a, 0, 0, 0), NULL), 0);
        assert_int_equal(host_control(&h, START_MS, SETUP(0xa1, 0x02, 0, 0, 1), NULL), 1);
        assert_int_equal(h.result.data[0], 0);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x81, 0x0a, 0, 0, 1), NULL), 1);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x01, 0x0b, 0, 0, 0), NULL), 0);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x80, 0x08, 0, 0, 1), NULL), 1);
        assert_int_equal(h.result.data[0], 1);
}

static void test_identity_and_records_come_as_designed(void **state)
{
        static const uint8_t select[KNEED_SELECT_SIZE] = { KNEED_REPORT_RECORD, 13 };
        KneedIdentity identity = { 0 };
        KneedRecord record = { 0 };
        Host h;

        host_plug(&h, &sim_reference_design);
        assert_int_equal(host_control(&h, START_MS, GET_IDENTITY, NULL), 16);
        assert_int_equal(kneed_identity_decode(h.result.data, 16, &identity), 0);
        assert_int_equal(identity.budget_ma, sim_reference_design.identity.budget_ma);

        assert_int_equal(host_control(&h, START_MS, SETUP(0x21, 9, 0x0302, 0, 20), select), 20);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(host_control(&h, START_MS, GET_RECORD, NULL), 20);
                assert_int_equal(kneed_record_decode(h.result.data, 20, &record), 0);
                assert_int_equal(record.index, i == 0 ? 13 : 0);
        }
}

static void test_only_a_configured_massager_speaks_hid(void **state)
{
        Host h;

        host_plug(&h, &sim_reference_design);
        assert_int_equal(host_control(&h, START_MS, SET_CONFIGURATION(0), NULL), 0);
        assert_int_equal(host_control(&h, START_MS, GET_IDENTITY, NULL), STALLED);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x81, 0x0a, 0, 0, 1), NULL), STALLED);
        assert_int_equal(host_control(&h, START_MS, SETUP(0x82, 0x00, 0, 0x81, 2), NULL), STALLED);
        assert_true(host_control(&h, START_MS, GET_REPORT_DESCRIPTOR(4096), NULL) > 0);
        host_expect(&h, START_MS, host_submit_in(&h, 64), -EPROTO);
        assert_int_equal(host_control(&h, START_MS, SET_CONFIGURATION(1), NULL), 0);
        assert_int_equal(host_control(&h, START_MS, GET_IDENTITY, NULL), 16);
}

static void test_a_new_configuration_stops_and_begins_anew(void **state)
{
        KneedRecord record = { 0 };
        Host h;
        uint64_t t = host_play(&h, 500);

        assert_int_equal(host_control(&h, t, GET_RECORD, NULL), 20);
        assert_int_equal(host_status(&h, t).state, KNEED_STATE_ARMED);
        assert_int_equal(host_control(&h, t, SET_CONFIGURATION(1), NULL), 0);
        assert_int_equal(host_status(&h, t).state, KNEED_STATE_IDLE);
        usb_device_advance(&h.device, t + 100);
        assert_int_equal(host_motor(&h), 0);
        assert_int_equal(host_control(&h, t, GET_RECORD, NULL), 20);
        assert_int_equal(kneed_record_decode(h.result.data, 20, &record), 0);
        assert_int_equal(record.index, 0);
}

/* The data decides, whatever wValue's low byte and the length say. */
static void test_a_damaged_stop_on_the_control_pipe_stops(void **state)
{
        static const uint8_t stop[USB_OUT_SIZE_MAX] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_STOP };
        static const uint16_t values[] = { 0x0205, 0x0200, 0x02ff };
        static const uint16_t lengths[] = { 2, 3, 4, 64, 128, 5000, 65535 };

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                for (size_t k = 0; k < ELEMENTSOF(lengths); k++) {
                        Host h;
                        uint64_t t = host_play(&h, 500);
                        UsbSetup setup = SETUP(0x21, 9, values[i], 0, lengths[k]);

                        assert_int_equal(host_control(&h, t, setup, stop), lengths[k]);
                        assert_int_equal(host_status(&h, t).state, KNEED_STATE_IDLE);
                }
}

static void test_a_halted_pipe_stalls_until_it_is_cleared(void **state)
{
        static const uint8_t stop[] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_STOP };
        static const uint16_t pipes[] = { USB_PIPE_IN, USB_PIPE_OUT };

        for (size_t i = 0; i < ELEMENTSOF(pipes); i++)
                for (unsigned way = 0; way < 3; way++) {
                        const UsbSetup clear[] = { SETUP(0x02, 1, 0, pipes[i], 0),
                                SETUP(0x01, 0x0b, 0, 0, 0), SET_CONFIGURATION(1) };
                        UsbSetup status = SETUP(0x82, 0, 0, pipes[i], 2);
                        bool in = pipes[i] == USB_PIPE_IN;
                        Host h;
                        uint64_t t = host_play(&h, 500) + 100;

                        assert_int_equal(host_control(&h, t, SETUP(2, 3, 0, pipes[i], 0), NULL), 0);
                        assert_int_equal(host_control(&h, t, status, NULL), 2);
                        assert_int_equal(h.result.data[0], 1);
                        host_expect(&h, t,
                                        in ? host_submit_in(&h, 64) : host_submit_out(&h, stop, 2),
                                        -EPIPE);
                        assert_int_equal(host_status(&h, t).state, KNEED_STATE_ARMED);

                        assert_int_equal(host_control(&h, t, clear[way], NULL), 0);
                        assert_int_equal(host_control(&h, t, status, NULL), 2);
                        assert_int_equal(h.result.data[0], 0);
                        host_expect(&h, t,
                                        in ? host_submit_in(&h, 64) : host_submit_out(&h, stop, 2),
                                        0);
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_configuration_is_what_the_profile_wants),
                cmocka_unit_test(test_the_report_descriptor_is_the_profiles_and_as_long_as_said),
                cmocka_unit_test(test_strings_are_where_the_descriptors_say),
                cmocka_unit_test(test_the_device_is_full_speed_and_for_tests),
                cmocka_unit_test(test_it_asks_for_what_it_draws),
                cmocka_unit_test(test_a_host_gets_as_much_as_it_asks_for),
                cmocka_unit_test(test_what_is_not_known_stalls),
                cmocka_unit_test(test_hid_hosts_may_say_what_changes_nothing),
                cmocka_unit_test(test_identity_and_records_come_as_designed),
                cmocka_unit_test(test_only_a_configured_massager_speaks_hid),
                cmocka_unit_test(test_a_new_configuration_stops_and_begins_anew),
                cmocka_unit_test(test_a_damaged_stop_on_the_control_pipe_stops),
                cmocka_unit_test(test_a_halted_pipe_stalls_until_it_is_cleared),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
