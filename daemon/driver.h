/* SPDX-License-Identifier: MIT */
#pragma once

/* What a driver is: it speaks one protocol over a transport and knows nothing of sessions. A new
 * one is one file and one entry in driver_for().
 *
 * The one gate: output() takes a GovernedFrame, which only the governor can make; stop() carries no
 * levels at all. A driver has no other way to make a massager move. */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/governor.h"
#include "daemon/layout.h"
#include "daemon/transport.h"

typedef struct Device Device; /* a massager as its driver sees it */

/* What is worth telling a person, the gravest first. */
typedef enum DeviceTrouble {
        DEVICE_TROUBLE_NONE,
        DEVICE_TROUBLE_HOT,
        DEVICE_TROUBLE_MOTOR,
        DEVICE_TROUBLE_SUPPLY,
        DEVICE_TROUBLE_BUTTON,
        DEVICE_TROUBLE_SESSION_CUT_OFF,
        DEVICE_TROUBLE_HOST_SILENT,
        DEVICE_TROUBLE_SENSOR,
        DEVICE_TROUBLE_BAD_REPORT,
        _DEVICE_TROUBLE_MAX,
} DeviceTrouble;

typedef enum DeviceState {
        DEVICE_IDLE,
        DEVICE_ARMED,
        DEVICE_LATCHED,
} DeviceState;

typedef struct DeviceStatus {
        DeviceState state;
        DeviceTrouble trouble;
        bool contact;
        bool moving; /* some motor turns: as measured, not as commanded */
        GovernorReading heaters[LAYOUT_HEATERS_MAX];
} DeviceStatus;

/* What the driver found out when it opened the device. */
typedef struct DeviceFacts {
        Layout layout;
        Limits limits;              /* of this kind of massager: only tighten */
        const char *warning;        /* told at each start, or NULL */
        uint32_t host_silence_ms;   /* its own cut-off without a host; 0: it has none */
        uint32_t session_cut_off_s; /* its own cut-off when armed for so long */
} DeviceFacts;

typedef struct DeviceListener {
        void (*ready)(void *userdata, const DeviceFacts *facts);
        void (*refused)(void *userdata, const char *sentence); /* it contradicts itself */
        void (*status)(void *userdata, const DeviceStatus *status);
} DeviceListener;

/* SR-GATE */
typedef struct Driver {
        const char *name;

        /* It has no cut-off of its own: used only where the config allows such massagers. */
        bool without_cut_off;

        /* 0: mine; -ENODEV: not mine; -EPROTO: mine, but its descriptor is wrong. */
        int (*probe)(const TransportInfo *info);

        /* Sends stop, then reads what the device says of itself. Ends, later, in ready or refused.
         * The transport stays the caller's. */
        int (*open)(Transport *t, const DeviceListener *listener, void *userdata, Device **ret);

        int (*arm)(Device *d);
        int (*output)(Device *d, const GovernedFrame *frame);

        /* The frame of zeros and stop on the interrupt pipe, and stop on the control pipe, all
         * together. Works at any time, also before ready. 0 when one of them got out. */
        int (*stop)(Device *d);

        int (*clear)(Device *d); /* a latched stop of the device's own */
        void (*input)(Device *d, const uint8_t *report, size_t size);
        Device *(*free)(Device *d);
} Driver;

extern const Driver driver_kneed;
extern const Driver driver_trance;

/* The driver for a device: 0; -ENODEV: nobody's; -EPROTO: *ret is its driver, but the device's
 * descriptor is wrong. */
int driver_for(const TransportInfo *info, const Driver **ret);

/* The driver that knows a device, which is no HID device, by vendor and product; NULL: nobody. */
const Driver *driver_by_id(uint16_t vendor_id, uint16_t product_id);
