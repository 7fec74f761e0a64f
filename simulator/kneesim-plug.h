/* SPDX-License-Identifier: MIT */
#pragma once

/* A simulated massager that is plugged into a kernel: the device, the stream to vhci-hcd, the clock
 * and the record, on an event loop. */

#include <systemd/sd-event.h>

#include "simulator/usb-device.h"

#define PLUG_BROWN_OUT_MS 1000u /* how long it is away after its supply gave way */

typedef enum PlugModel {
        PLUG_REFERENCE,
        PLUG_TRANCE_VIBRATOR,
} PlugModel;

typedef struct PlugOptions {
        PlugModel model;
        const char *serial;    /* NULL: the model's own */
        const char *record;    /* file, or NULL */
        const char *directory; /* of vhci-hcd in sysfs */
        int port;              /* or VHCI_ANY_PORT */
        uint32_t faults;
        /* The kernel let go of the massager, or did not take it back (r < 0). */
        void (*gone)(void *userdata, int r);
        void *userdata;
} PlugOptions;

typedef struct Plug Plug;

/* Strings of options are kept by address. Not attached yet. */
int plug_new(sd_event *event, const PlugOptions *options, Plug **ret);
Plug *plug_free(Plug *plug);

/* Attaches to the kernel: 0, or the errors of vhci_attach(). */
int plug_attach(Plug *plug);

/* The same with a stream that is already there; takes fd, which does not block. */
int plug_connect(Plug *plug, int fd);

void plug_detach(Plug *plug);

/* Detaches, and attaches at the same port after a while. */
int plug_replug(Plug *plug, uint64_t after_ms);

/* The port, or a negative number when it is not attached. */
int plug_port(const Plug *plug);

/* For those who do something to the massager: look and touch, at plug_now_ms(), then say so. */
UsbDevice *plug_device(Plug *plug);
uint64_t plug_now_ms(const Plug *plug);
void plug_touched(Plug *plug);
