/* SPDX-License-Identifier: MIT */
#pragma once

/* A massager that follows docs/protocol.md, as a USB function: HID requests and reports to and from
 * the model, with the faults that can be told apart only on the bus. Pure. */

#include "simulator/usb-device.h"

typedef struct UsbMassager {
        UsbFunction function;
        bool was_stopped; /* since the last arm */
        int replay_size;  /* 0: nothing kept yet */
        uint8_t replay[KNEED_REPORT_SIZE_MAX];
        uint8_t wrong_descriptor[USB_IN_SIZE_MAX];
} UsbMassager;

/* serial is kept by address; NULL takes the design's. */
void usb_massager_init(
                UsbMassager *m, const SimDesign *design, const char *serial, uint64_t now_ms);
