/* SPDX-License-Identifier: MIT */
#pragma once

/* What can block for minutes on a device that hangs, a process of its own does: kneed-usb-helper,
 * one for each thing. Nobody waits for its end. When kneed is stopped it is stopped too, but not
 * before it is done. */

#include <libusb.h>

/* Resets the device's port. Let go of the device before: until the reset is over, the kernel holds
 * whoever asks it for anything of that device. Returns 0 or a negative errno. */
int usb_spawn_reset(libusb_device *device);

/* Gives an interface, which nobody has claimed, to the kernel's driver. The same holds. */
int usb_spawn_give_back(libusb_device *device, int interface);

/* Takes an interface from the kernel's driver, so that it can be claimed; first waits until the
 * kernel is done with a device that was just plugged in. *ret_answer is the caller's to close: it
 * can be read when the helper has an answer, which usb_spawn_answer() takes. If nobody is there to
 * take it, the helper gives the interface back. */
int usb_spawn_detach(libusb_device *device, int interface, int *ret_answer);

/* 0: the interface is free. Or why not: -EACCES, -EBUSY (another program has it), -ENODEV and so
 * on; -EIO when the helper died. */
int usb_spawn_answer(int answer);
