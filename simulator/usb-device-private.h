/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside the device: what descriptors are made of, and the requests that every device answers. */

#include "simulator/usb-device.h"

/* A request as one number, for switches. */
#define USB_REQUEST(request_type, request) ((unsigned) (request_type) << 8 | (request))

static inline bool usb_function_has(const UsbFunction *f, uint32_t faults)
{
        return (f->faults & faults) != 0;
}

/* The device, configuration or string descriptor with that index. Returns its size or -EPIPE. */
int usb_descriptor_device(const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX]);
int usb_descriptor_configuration(
                const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX]);
int usb_descriptor_string(const UsbDescription *description, uint8_t index,
                uint8_t ret[static USB_IN_SIZE_MAX]);

/* The HID descriptor by itself, and what it leads to. -EPIPE where the interface is not HID. */
int usb_descriptor_hid(const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX]);
int usb_descriptor_report(const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX]);

/* A standard request: how many bytes it returns, or -EPIPE for a STALL. */
int usb_device_standard(UsbDevice *d, uint64_t now_ms, const UsbSetup *setup,
                uint8_t ret[static USB_IN_SIZE_MAX]);
