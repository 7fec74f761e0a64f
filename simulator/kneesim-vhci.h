/* SPDX-License-Identifier: MIT */
#pragma once

/* The kernel's virtual USB host, vhci-hcd, through its files in sysfs. */

#define VHCI_DIRECTORY "/sys/devices/platform/vhci_hcd.0"
#define VHCI_ANY_PORT  (-1)

/* Finds a port in the text of a status file: the one that is wanted, or the first free one for
 * devices that are not super speed. Returns its number, -EBUSY when the wanted one is taken,
 * -ENOENT when there is none. */
int vhci_find_port(const char *status, int wanted);

/* Attaches a full-speed device. Returns the port's number and, in *ret_fd, the device's end of a
 * stream that carries USB/IP; closing it detaches. -ENODEV: vhci-hcd is not there; -EACCES: not
 * permitted; -ENOENT and -EBUSY as above. */
int vhci_attach(const char *directory, int wanted, int *ret_fd);
