/* SPDX-License-Identifier: MIT */
#pragma once

/* What the kernel already knows of a USB device: read from sysfs, because asking the device for its
 * strings blocks. */

#include <libusb.h>
#include <stdbool.h>
#include <stddef.h>

#define USB_SYSFS_NAME_MAX 64u

/* "1-2.3": bus and ports, the device's name in sysfs and the base of an id without a serial number.
 * -EINVAL for a root hub. */
int usb_sysfs_name(libusb_device *device, char ret[static USB_SYSFS_NAME_MAX]);

/* Whether the kernel has put that interface up; it does so for those of the active configuration.
 */
bool usb_sysfs_has_interface(const char *name, int configuration, int interface);

/* An attribute of the device, or of one of its interfaces (interface >= 0), as printable ASCII:
 * other bytes become '?'. Returns 0; -ENOENT: it has none; -ENODEV: the device or interface is not
 * there (yet). Reading the device's own (interface < 0) waits while the kernel's driver asks the
 * device things; an interface's does not. */
int usb_sysfs_text(const char *name, int configuration, int interface, const char *attribute,
                char *ret, size_t size);
