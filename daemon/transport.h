/* SPDX-License-Identifier: MIT */
#pragma once

/* How bytes reach a massager and come back: libusb for real ones, virtual for the one in software.
 * Everything is asynchronous: no call blocks, no callback comes from inside a call. */

#include <stddef.h>
#include <stdint.h>

#include "protocol/descriptor.h"
#include "protocol/profile.h"

#define TRANSPORT_TEXT_MAX    126u /* bytes of a USB string descriptor's text, as UTF-8 */
#define TRANSPORT_CONTROL_MAX 64u  /* bytes of data in one control request */
#define TRANSPORT_TIMEOUT_MS  300u /* of a control request, and of a report on the OUT pipe */

/* What a USB 2 port gives. One of a hub without a supply of its own gives 100 mA; there the kernel
 * configures no device that asks for more, so none that needs more comes to us. */
#define TRANSPORT_PORT_BUDGET_MA 500u

/* In the event loop: before frames, so that a frame is judged by the newest status, and before
 * calls from the bus. */
#define TRANSPORT_PRIORITY (SD_EVENT_PRIORITY_IMPORTANT - 10)

typedef struct Transport Transport;

/* What is known before a byte was exchanged. Texts are valid UTF-8 without control characters. */
typedef struct TransportInfo {
        char id[TRANSPORT_TEXT_MAX + 1];   /* stable: of serial number or port, [A-Za-z0-9_] only */
        char name[TRANSPORT_TEXT_MAX + 1]; /* product name, for people */
        uint16_t vendor_id;
        uint16_t product_id;
        uint16_t port_budget_ma;       /* what the port gives */
        uint8_t interface;             /* number of the USB interface */
        size_t report_descriptor_size; /* 0: not a HID interface */
        uint8_t report_descriptor[HID_DESCRIPTOR_SIZE_MAX];
} TransportInfo;

/* A control request, as USB has it; the length is the data's. */
typedef struct TransportSetup {
        uint8_t request_type;
        uint8_t request;
        uint16_t value;
        uint16_t index;
        uint16_t length;
} TransportSetup;

/* The end of a control request. r: bytes of data for an IN request, 0 for an OUT request, or
 * -EPIPE (STALL), -ETIMEDOUT, -ENODEV (gone), -EIO. */
typedef void (*TransportDone)(void *userdata, int r, const uint8_t *data);

typedef enum TransportGone {
        TRANSPORT_UNPLUGGED,
        TRANSPORT_LET_GO, /* it is still there, and will be opened anew */
} TransportGone;

typedef struct TransportListener {
        void (*input)(void *userdata, const uint8_t *report, size_t size);
        /* Once; the transport may be freed from a later event. */
        void (*gone)(void *userdata, TransportGone how);
} TransportListener;

typedef struct TransportVTable {
        const char *name;

        /* data is copied; NULL for an IN request. done may be NULL. Returns 0, -ENODEV, -ENOBUFS
         * (too many under way), -ENOMEM. */
        int (*control)(Transport *t, const TransportSetup *setup, const uint8_t *data,
                        TransportDone done, void *userdata);

        /* A report on the interrupt OUT pipe. Same errors. A newer report may overtake an older one
         * that did not get out yet, never the other way round. */
        int (*send)(Transport *t, const uint8_t *report, size_t size);

        /* Resets the port, without waiting for it. Nothing can be sent any more, and nothing comes:
         * the device leaves and comes back, or it has to be unplugged. */
        int (*reset)(Transport *t);

        Transport *(*free)(Transport *t); /* no callback comes afterwards */
} TransportVTable;

struct Transport {
        const TransportVTable *vtable;
        const TransportInfo *info;
        const TransportListener *listener; /* set by who opens it, before anything is sent */
        void *listener_userdata;
};

/* HID's class requests on the interface: what every HID driver needs. */
int transport_get_report(Transport *t, KneedReportType type, uint8_t id, size_t size,
                TransportDone done, void *userdata);
int transport_set_report(Transport *t, KneedReportType type, const uint8_t *report, size_t size,
                TransportDone done, void *userdata);
Transport *transport_free(Transport *t);

/* An id that can stand in an object path, of a serial number or a port: what is not a letter or a
 * digit becomes '_'. */
void transport_make_id(const char *from, char ret[static TRANSPORT_TEXT_MAX + 1]);

#define TRANSPORT_HID_GET        0xa1u /* IN, class, interface */
#define TRANSPORT_HID_SET        0x21u /* OUT, class, interface */
#define TRANSPORT_HID_GET_REPORT 0x01u
#define TRANSPORT_HID_SET_REPORT 0x09u
