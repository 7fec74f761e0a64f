/* SPDX-License-Identifier: MIT */
#pragma once

/* Massagers on USB: libusb inside the event loop. Cold and hot plug take one road; nothing is
 * polled. What waits for a device, or for the kernel's driver while that waits for it, is a
 * helper's (usb-spawn.h): reset, detaching before it is opened, giving back. What is called here
 * waits for the kernel alone: open, claim and close, some milliseconds in all. */

#include <systemd/sd-event.h>

#include "common/macro.h"
#include "daemon/transport.h"
#include "daemon/usb-interface.h"

/* udev sets permissions, and usbhid binds, a moment after arrival; while a computer starts, that
 * can be long. So: soon and often, then patiently, for half a minute in all. */
#define USB_RETRY_MS         100u
#define USB_RETRIES_SOON     20u
#define USB_RETRY_PATIENT_MS 1000u
#define USB_RETRIES          50u
#define USB_DRAIN_MS         400u /* at the end: for stops that are still on their way */
#define USB_DEVICES_MAX      64u

typedef struct Usb Usb;

/* A transport that is ready to be opened; it is the receiver's. */
typedef void (*UsbArrived)(void *userdata, Transport *transport);

/* Returns 0 or a negative errno. -ENOSYS: this libusb has no hotplug. */
int usb_new(sd_event *event, UsbAllow allow, UsbArrived arrived, void *userdata, Usb **ret);

/* Holds for what is plugged in from now on. NULL: there is no USB. */
void usb_set_allow(Usb *usb, UsbAllow allow);

/* Transports that are still open must have been freed before; waits for their last reports. */
Usb *usb_free(Usb *usb);
DEFINE_TRIVIAL_CLEANUP_FUNC(Usb *, usb_free);

/* After sleep, when handles may be stale: closes every massager and opens it again, as if it had
 * been plugged in anew. Nothing starts by it. NULL: there is no USB. */
void usb_reopen(Usb *usb);

/* Whether everything that is plugged in has been looked at. NULL: there is no USB. */
bool usb_settled(const Usb *usb);
