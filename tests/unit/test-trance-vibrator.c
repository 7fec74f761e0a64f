/* SPDX-License-Identifier: MIT */
#include "tests/unit/cmocka-all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/record.h"
#include "simulator/trance-vibrator.h"

#define START_MS UINT64_C(5000)
#define WEEK_MS  (7 * 24 * 3600 * UINT64_C(1000))

typedef struct Fixture {
        TranceVibrator trance;
        UsbDevice device;
        UsbResult result;
} Fixture;

static int control(Fixture *f, uint64_t now_ms, UsbSetup setup)
{
        UsbUrb urb = {
                .in = (setup.request_type & 0x80) != 0, .setup = setup, .length = setup.length
        };

        assert_int_equal(usb_device_submit(&f->device, &urb), 0);
        if (!usb_device_take(&f->device, now_ms, &f->result)) {
                assert_int_equal(usb_device_unlink(&f->device, 0), -ECONNRESET);
                return -EAGAIN;
        }
        return f->result.status < 0 ? f->result.status : (int) f->result.actual_length;
}

static int set_speed(Fixture *f, uint64_t now_ms, uint16_t speed)
{
        return control(f, now_ms, (UsbSetup){ .request_type = 0x43, .request = 1, .value = speed });
}

static unsigned motor_at(Fixture *f, uint64_t now_ms)
{
        usb_device_advance(&f->device, now_ms);
        return sim_model_motor_permille(&f->trance.function.model, 0);
}

static void plug(Fixture *f)
{
        trance_vibrator_init(&f->trance, NULL, START_MS);
        usb_device_init(&f->device, &f->trance.function);
        usb_device_connect(&f->device, START_MS);
        assert_int_equal(control(f, START_MS, (UsbSetup){ .request = 9, .value = 1 }), 0);
}

static void test_the_speed_turns_the_motor(void **state)
{
        static const unsigned speeds[] = { 0, 1, 128, 254, 255 };
        static const unsigned levels[] = { 0, 3, 501, 996, 1000 };

        for (size_t i = 0; i < ELEMENTSOF(speeds); i++) {
                Fixture f;

                plug(&f);
                assert_int_equal(set_speed(&f, START_MS, (uint16_t) speeds[i]), 0);
                assert_int_equal(motor_at(&f, START_MS + 60), levels[i]);
                assert_int_equal(set_speed(&f, START_MS + 60, 0), 0);
                assert_int_equal(motor_at(&f, START_MS + 160), 0);
                assert_true(usb_device_next_ms(&f.device) == SIM_NEVER);
        }
}

/* That is why kneed is careful with it. */
static void test_nothing_but_the_host_or_the_plug_stops_it(void **state)
{
        Fixture f;

        plug(&f);
        assert_int_equal(set_speed(&f, START_MS, 255), 0);
        assert_int_equal(motor_at(&f, START_MS + WEEK_MS), 1000);
        assert_true(usb_device_next_ms(&f.device) == SIM_NEVER);
        usb_device_reset(&f.device, START_MS + WEEK_MS);
        assert_int_equal(motor_at(&f, START_MS + WEEK_MS + 1000), 1000);
        usb_device_disconnect(&f.device, START_MS + WEEK_MS + 1000);
        assert_int_equal(motor_at(&f, START_MS + WEEK_MS + 1100), 0);
}

static void test_other_requests_stall_and_change_nothing(void **state)
{
        static const UsbSetup setups[] = {
                { .request_type = 0x43, .request = 1, .value = 256 },
                { .request_type = 0x43, .request = 1, .value = 10, .index = 1 },
                { .request_type = 0x43, .request = 1, .value = 10, .length = 1 },
                { .request_type = 0x43, .request = 2, .value = 10 },
                { .request_type = 0x40, .request = 1, .value = 10 },
                { .request_type = 0xc3, .request = 1, .value = 10 },
                { .request_type = 0x21, .request = 9, .value = 0x0205, .length = 4 },
                { .request_type = 0x81, .request = 6, .value = 0x2200, .length = 64 },
                { .request_type = 0x02, .request = 3, .index = 0x81 },
        };
        Fixture f;

        plug(&f);
        assert_int_equal(set_speed(&f, START_MS, 100), 0);
        for (size_t i = 0; i < ELEMENTSOF(setups); i++)
                assert_int_equal(control(&f, START_MS, setups[i]), -EPIPE);
        assert_int_equal(motor_at(&f, START_MS + 100), 392);
}

static void test_it_is_known_by_its_ids_and_has_no_pipe(void **state)
{
        UsbUrb in = { .endpoint = USB_PIPE_IN, .in = true, .length = 64 };
        Fixture f;

        plug(&f);
        assert_int_equal(control(&f, START_MS,
                                         (UsbSetup){ .request_type = 0x80,
                                                         .request = 6,
                                                         .value = 0x0100,
                                                         .length = 18 }),
                        18);
        assert_int_equal(f.result.data[4], 0xff);
        assert_memory_equal(f.result.data + 8, "\x49\x0b\x4f\x06", 4);
        assert_int_equal(f.result.data[16], 0); /* no serial number */
        assert_int_equal(control(&f, START_MS,
                                         (UsbSetup){ .request_type = 0x80,
                                                         .request = 6,
                                                         .value = 0x0200,
                                                         .length = 255 }),
                        18);
        assert_memory_equal(f.result.data + 9, "\x09\x04\0\0\0\xff\0\0\0", 9);

        assert_int_equal(usb_device_submit(&f.device, &in), 0);
        assert_true(usb_device_take(&f.device, START_MS, &f.result));
        assert_int_equal(f.result.status, -EPROTO);
}

static void inject(Fixture *f, uint64_t now_ms, uint32_t faults)
{
        f->trance.function.vtable->inject(&f->trance.function, now_ms, faults);
}

static void test_faults(void **state)
{
        static const struct {
                uint32_t fault;
                int answer;
        } cases[] = {
                { SIM_FAULT_HANG, -EAGAIN },
                { SIM_FAULT_STALL, -EPIPE },
                { SIM_FAULT_IGNORES_STOP, 0 },
                { SIM_FAULT_STUCK_MOTOR, 0 },
                { USB_FAULT_DEAF_CONTROL, -EAGAIN },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Fixture f;

                plug(&f);
                assert_int_equal(set_speed(&f, START_MS, 255), 0);
                inject(&f, START_MS + 100, cases[i].fault);
                assert_int_equal(set_speed(&f, START_MS + 100, 0), cases[i].answer);
                assert_int_equal(motor_at(&f, START_MS + 300), 1000);
                assert_true(usb_device_next_ms(&f.device) == SIM_NEVER);
                inject(&f, START_MS + 300, 0);
                assert_int_equal(set_speed(&f, START_MS + 300, 0), 0);
                assert_int_equal(motor_at(&f, START_MS + 400), 0);
        }
}

static void test_its_record_is_read_as_any_other(void **state)
{
        static const char expected[] = "5000 state idle 0\n"
                                       "5000 state armed 0\n5000 frame 1 1000\n"
                                       "5020 motor 334\n5040 motor 667\n5060 motor 1000\n"
                                       "6000 state idle 0\n6000 frame 2 0\n"
                                       "6020 motor 800\n6040 motor 600\n6060 motor 400\n"
                                       "6080 motor 200\n6100 motor 0\n";
        char directory[] = "/tmp/test-trance-XXXXXX", path[64], text[1024] = "";
        SimRecord *record;
        Fixture f;
        ssize_t n;
        int fd;

        assert_non_null(mkdtemp(directory));
        (void) snprintf(path, sizeof(path), "%s/record", directory);
        assert_int_equal(sim_record_open(path, &record), 0);
        plug(&f);
        assert_int_equal(sim_record_update(record, &f.trance.function.model), 0);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(set_speed(&f, START_MS + 1000 * i, i == 0 ? 255 : 0), 0);
                assert_int_equal(sim_record_update(record, &f.trance.function.model), 0);
                for (uint64_t at; (at = usb_device_next_ms(&f.device)) != SIM_NEVER;) {
                        usb_device_advance(&f.device, at);
                        assert_int_equal(sim_record_update(record, &f.trance.function.model), 0);
                }
        }
        assert_null(sim_record_close(record));

        fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
        (void) unlink(path);
        (void) rmdir(directory);
        assert_true(n > 0);
        assert_string_equal(text, expected);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_speed_turns_the_motor),
                cmocka_unit_test(test_nothing_but_the_host_or_the_plug_stops_it),
                cmocka_unit_test(test_other_requests_stall_and_change_nothing),
                cmocka_unit_test(test_it_is_known_by_its_ids_and_has_no_pipe),
                cmocka_unit_test(test_faults),
                cmocka_unit_test(test_its_record_is_read_as_any_other),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
