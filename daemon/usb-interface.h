/* SPDX-License-Identifier: MIT */
#pragma once

/* Which interface of a USB device is a massager's, by what the kernel has read of it already: the
 * device is neither opened nor asked, and nobody waits for it.
 *
 * Only two kinds of interface are looked at closer: HID ones with the profile's marker string, and
 * those that a driver knows by vendor and product id. Nobody's keyboard is taken from the kernel.
 * The marker proves nothing: the report descriptor decides. */

#include <libusb.h>
#include <stdbool.h>
#include <stdint.h>

/* What the interface is made of, read from its descriptors. */
typedef struct UsbInterface {
        uint8_t configuration;
        uint8_t number;
        bool hid;
        uint16_t report_descriptor_size; /* as the HID descriptor says; 0 where it is not HID */
        uint8_t in;                      /* address of its interrupt endpoint, 0: none */
        uint8_t out;
} UsbInterface;

/* Massagers that have no cut-off of their own stay with the kernel unless they are allowed. */
typedef enum UsbAllow {
        USB_ALLOW_WITH_CUT_OFF,
        USB_ALLOW_ALL,
} UsbAllow;

/* Returns 1 with the interface to take, 0 when the device has none, -EAGAIN to look again: the
 * kernel has not put its interfaces up yet. */
int usb_interface_find(libusb_device *device, UsbAllow allow, UsbInterface *ret);
