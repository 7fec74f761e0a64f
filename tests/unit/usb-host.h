/* SPDX-License-Identifier: MIT */
#pragma once

/* A USB host for the simulated device, in as few words as the tests need. Times are virtual. */

#include "tests/unit/cmocka-all.h"

#include <errno.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/usb-device-massager.h"

#define START_MS UINT64_C(5000)

typedef struct Host {
        UsbMassager massager;
        UsbDevice device;
        UsbFunction *function;
        uint32_t seqnum; /* of the last URB */
        UsbResult result;
} Host;

/* type, request, value, index, length, as they are written in the specifications */
#define SETUP(type, request_, value_, index_, length_) \
        ((UsbSetup){ .request_type = (type),           \
                        .request = (request_),         \
                        .value = (uint16_t) (value_),  \
                        .index = (index_),             \
                        .length = (uint16_t) (length_) })

#define GET_DEVICE_DESCRIPTOR(length)        SETUP(0x80, 0x06, 0x0100, 0, length)
#define GET_CONFIGURATION_DESCRIPTOR(length) SETUP(0x80, 0x06, 0x0200, 0, length)
#define GET_STRING(index, length)            SETUP(0x80, 0x06, 0x0300 | (index), 0x0409, length)
#define GET_REPORT_DESCRIPTOR(length)        SETUP(0x81, 0x06, 0x2200, 0, length)
#define SET_CONFIGURATION(value)             SETUP(0x00, 0x09, value, 0, 0)
#define GET_IDENTITY                         SETUP(0xa1, 0x01, 0x0301, 0, 16)
#define GET_RECORD                           SETUP(0xa1, 0x01, 0x0302, 0, 20)
#define GET_STATUS_REPORT                    SETUP(0xa1, 0x01, 0x0106, 0, 60)

static inline uint32_t host_submit(Host *h, const UsbUrb *urb)
{
        UsbUrb copy = *urb;

        copy.seqnum = ++h->seqnum;
        assert_int_equal(usb_device_submit(&h->device, &copy), 0);
        return copy.seqnum;
}

static inline bool host_take(Host *h, uint64_t now_ms)
{
        return usb_device_take(&h->device, now_ms, &h->result);
}

/* Something has ended: just that one. */
static inline void host_expect(Host *h, uint64_t now_ms, uint32_t seqnum, int status)
{
        assert_true(host_take(h, now_ms));
        assert_int_equal(h->result.seqnum, seqnum);
        assert_int_equal(h->result.status, status);
}

/* A whole control transfer: bytes moved, or the status. What came in is in h->result.data. */
static inline int host_control(Host *h, uint64_t now_ms, UsbSetup setup, const uint8_t *data)
{
        UsbUrb urb = {
                .in = (setup.request_type & 0x80) != 0, .setup = setup, .length = setup.length
        };

        if (data)
                memcpy(urb.data, data, MIN(setup.length, USB_OUT_SIZE_MAX));
        host_submit(h, &urb);
        assert_true(host_take(h, now_ms));
        assert_int_equal(h->result.seqnum, h->seqnum);
        return h->result.status < 0 ? h->result.status : (int) h->result.actual_length;
}

static inline uint32_t host_submit_in(Host *h, uint32_t length)
{
        return host_submit(h, &(UsbUrb){ .endpoint = USB_PIPE_IN, .in = true, .length = length });
}

static inline uint32_t host_submit_out(Host *h, const uint8_t *data, uint32_t size)
{
        UsbUrb urb = { .endpoint = USB_PIPE_OUT, .length = size };

        memcpy(urb.data, data, MIN(size, USB_OUT_SIZE_MAX));
        return host_submit(h, &urb);
}

/* A report on the OUT pipe, when its turn comes. Returns that time. */
static inline uint64_t host_out(Host *h, uint64_t now_ms, const uint8_t *data, int size)
{
        uint32_t seqnum;

        assert_true(size > 0);
        seqnum = host_submit_out(h, data, (uint32_t) size);
        now_ms = MAX(now_ms, h->device.out_at_ms);
        host_expect(h, now_ms, seqnum, 0);
        assert_int_equal(h->result.actual_length, size);
        return now_ms;
}

static inline uint64_t host_command(Host *h, uint64_t now_ms, KneedCommand command)
{
        uint8_t report[KNEED_COMMAND_SIZE];

        return host_out(h, now_ms, report, kneed_command_encode(command, report));
}

static inline uint64_t host_frame(Host *h, uint64_t now_ms, uint16_t sequence, uint16_t level)
{
        KneedFrame frame = { .sequence = sequence, .count = 12, .complete = true };
        uint8_t report[KNEED_FRAME_SIZE];

        for (unsigned i = 0; i < frame.count; i++)
                frame.level_permille[i] = level;
        return host_out(h, now_ms, report, kneed_frame_encode(&frame, report));
}

/* A status on the control pipe; decoded. */
static inline KneedStatus host_status(Host *h, uint64_t now_ms)
{
        KneedStatus status = { 0 };

        assert_int_equal(host_control(h, now_ms, GET_STATUS_REPORT, NULL), 60);
        assert_int_equal(kneed_status_decode(h->result.data, 60, &status), 0);
        return status;
}

static inline void host_inject(Host *h, uint64_t now_ms, uint32_t faults)
{
        h->function->vtable->inject(h->function, now_ms, faults);
}

static inline unsigned host_motor(const Host *h)
{
        return sim_model_motor_permille(&h->function->model, 0);
}

/* A massager that is connected, and configured as a kernel does it. */
static inline void host_plug(Host *h, const SimDesign *design)
{
        memset(h, 0, sizeof(*h));
        usb_massager_init(&h->massager, design, NULL, START_MS);
        h->function = &h->massager.function;
        usb_device_init(&h->device, h->function);
        usb_device_connect(&h->device, START_MS);
        assert_int_equal(host_control(h, START_MS, SET_CONFIGURATION(1), NULL), 0);
}

/* Armed and playing, with the first report of it read. Returns when; the next sequence is 2. */
static inline uint64_t host_play(Host *h, uint16_t level)
{
        uint64_t t;

        host_plug(h, &sim_reference_design);
        t = host_command(h, START_MS, KNEED_COMMAND_ARM);
        t = host_frame(h, t, 0, level);
        t = host_frame(h, t + 200, 1, level);
        host_expect(h, t, host_submit_in(h, 64), 0);
        return t;
}
