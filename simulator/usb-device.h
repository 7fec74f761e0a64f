/* SPDX-License-Identifier: MIT */
#pragma once

/* The USB side of a simulated massager: chapter 9 of the USB specification, the URBs that wait, and
 * the pace of the pipes. Pure: no I/O, no clock, no allocation; every call takes the time.
 *
 * A function is what the device is for: a massager (usb-device-massager.h) or a trance vibrator
 * (trance-vibrator.h). The device answers what every device answers and asks the function for the
 * rest. */

#include "simulator/model.h"

#define USB_PIPE_IN     0x81u
#define USB_PIPE_OUT    0x01u
#define USB_PACKET_SIZE 64u

/* bInterval of both pipes. The device keeps the pace: over USB/IP nobody else does. */
#define USB_INTERVAL_MS 4u

#define USB_URBS_MAX 64u

/* How hard a motor may be driven until USB_FAULT_BROWN_OUT strikes: a judgement. */
#define USB_BROWN_OUT_PERMILLE 300u

/* What is kept of the bytes that the host sends. More than any report has, so that a report that
 * was cut here is never taken for a whole one. */
#define USB_OUT_SIZE_MAX 128u
#define USB_IN_SIZE_MAX  1024u /* a report descriptor is the largest thing that is ever given */

/* Faults of the USB side; the model's (SimFault) stand below them in the same set. With
 * SIM_FAULT_HANG no URB is answered either. */
typedef enum UsbFault {
        USB_FAULT_NAK_FOR_EVER = 1 << 16,    /* neither interrupt pipe moves */
        USB_FAULT_DEAF_INTERRUPT = 1 << 17,  /* the OUT pipe does not move, control does */
        USB_FAULT_DEAF_CONTROL = 1 << 18,    /* once enumerated, control is never answered */
        USB_FAULT_SHORT_REPORT = 1 << 19,    /* input reports lose their second half */
        USB_FAULT_LONG_REPORT = 1 << 20,     /* input reports are filled up to a packet */
        USB_FAULT_GARBAGE_REPORT = 1 << 21,  /* input reports are noise behind their id */
        USB_FAULT_REPLAYED_STATUS = 1 << 22, /* the first one since then comes again and again */
        /* A stop is ignored, and from then to the next arm every status says idle and still. */
        USB_FAULT_LIE_AFTER_STOP = 1 << 23,
        USB_FAULT_WRONG_DESCRIPTOR = 1 << 24, /* a report has another size than the profile says */
        USB_FAULT_WRONG_IDENTITY = 1 << 25,   /* one actuator more than there are records of */
        USB_FAULT_BROWN_OUT = 1 << 26, /* a motor driven hard takes the power from the firmware */
        USB_FAULT_DEAF_DESCRIPTOR = 1 << 27, /* the report descriptor is never told */
} UsbFault;

typedef struct UsbSetup {
        uint8_t request_type;
        uint8_t request;
        uint16_t value;
        uint16_t index;
        uint16_t length;
} UsbSetup;

/* A transfer that the host asks for. */
typedef struct UsbUrb {
        uint32_t seqnum;
        uint8_t endpoint; /* its address; 0 for both directions of the control pipe */
        bool in;
        bool short_not_ok;              /* less than length is an error to this host */
        UsbSetup setup;                 /* of a control transfer */
        uint32_t length;                /* of the host's buffer */
        uint8_t data[USB_OUT_SIZE_MAX]; /* the first bytes of what it sends */
} UsbUrb;

/* How a transfer ended. status is 0 or a negative errno as Linux has them for URBs: -EPIPE STALL,
 * -EOVERFLOW more than the buffer holds, -EPROTO nobody answers there, -EREMOTEIO less than the
 * host insists on, -ESHUTDOWN disconnected, -ENOMEM too many URBs. */
typedef struct UsbResult {
        uint32_t seqnum;
        int status;
        uint32_t actual_length; /* never above the URB's */
        bool in;                /* then so many bytes are in data */
        uint8_t data[USB_IN_SIZE_MAX];
} UsbResult;

/* What the descriptors say. Strings are printable ASCII of at most USB_TEXT_MAX characters; NULL
 * where there is none. */
#define USB_TEXT_MAX 126u

typedef struct UsbDescription {
        uint16_t vendor_id;
        uint16_t product_id;
        uint16_t release;
        uint16_t current_ma; /* that it asks the bus for */
        bool self_powered;   /* has another supply besides */
        const char *manufacturer;
        const char *product;
        const char *serial;
        const char *interface;
        /* HID with two interrupt pipes where it is there, else vendor specific without any. */
        const uint8_t *report_descriptor;
        uint16_t report_descriptor_size;
} UsbDescription;

typedef struct UsbFunction UsbFunction;

typedef struct UsbFunctionVTable {
        const char *name;
        uint32_t faults; /* those that it can have */
        bool has_senses; /* a stop button and a contact sensor */

        void (*advance)(UsbFunction *f, uint64_t now_ms);
        /* A class or vendor request: how many bytes it returns, -EPIPE for a STALL, -EAGAIN for no
         * answer yet. */
        int (*control)(UsbFunction *f, uint64_t now_ms, const UsbSetup *setup, const uint8_t *data,
                        size_t size, uint8_t ret[static USB_IN_SIZE_MAX]);
        /* Interrupt pipes; NULL where there are none. in: bytes, 0 for nothing to say. out: 0, or
         * -EAGAIN when it is not taken. */
        int (*in)(UsbFunction *f, uint64_t now_ms, uint8_t ret[static USB_PACKET_SIZE]);
        int (*out)(UsbFunction *f, uint64_t now_ms, const uint8_t *data, size_t size);
        void (*reset)(UsbFunction *f, uint64_t now_ms); /* of the bus, or SET_CONFIGURATION */
        void (*disconnect)(UsbFunction *f, uint64_t now_ms);
        void (*power_cycle)(UsbFunction *f, uint64_t now_ms);
        void (*inject)(UsbFunction *f, uint64_t now_ms, uint32_t faults);
        /* When it has something to say, and when it does something though nobody listens. */
        uint64_t (*says_ms)(const UsbFunction *f);
        uint64_t (*acts_ms)(const UsbFunction *f);
} UsbFunctionVTable;

struct UsbFunction {
        const UsbFunctionVTable *vtable;
        UsbDescription description;
        uint32_t faults; /* SimFault and UsbFault bits */
        SimModel model;  /* what moves; a record shows it */
};

typedef struct UsbDevice {
        UsbFunction *function;
        bool is_connected;
        bool is_enumerated; /* the host has read all that it reads before it uses a device */
        uint8_t configuration;
        bool is_in_halted;
        bool is_out_halted;
        uint64_t in_at_ms; /* when the host polls next */
        uint64_t out_at_ms;
        unsigned n_urbs;
        UsbUrb urbs[USB_URBS_MAX]; /* oldest first */
} UsbDevice;

/* Not connected yet. */
void usb_device_init(UsbDevice *d, UsbFunction *function);

void usb_device_connect(UsbDevice *d, uint64_t now_ms);

/* Every URB that waits, and every later one, ends with -ESHUTDOWN. */
void usb_device_disconnect(UsbDevice *d, uint64_t now_ms);

/* The bus was reset. The configuration stays, for a host that did not do it itself. */
void usb_device_reset(UsbDevice *d, uint64_t now_ms);

void usb_device_advance(UsbDevice *d, uint64_t now_ms);

/* Queues a URB. Returns 0, or -ENOMEM when too many wait: it has to be answered so. */
int usb_device_submit(UsbDevice *d, const UsbUrb *urb);

/* Takes a URB back: -ECONNRESET when it was still waiting (it will not end any more), 0 when it has
 * ended already or never was. */
int usb_device_unlink(UsbDevice *d, uint32_t seqnum);

/* The next URB that has ended by now. Call it until it returns false. */
bool usb_device_take(UsbDevice *d, uint64_t now_ms, UsbResult *ret);

/* When it next wants usb_device_advance() and usb_device_take(); SIM_NEVER for a device at rest. */
uint64_t usb_device_next_ms(const UsbDevice *d);

/* Whether its supply gives way at this moment: it has to be disconnected, power cycled and
 * connected again. */
bool usb_device_browns_out(const UsbDevice *d);
