/* SPDX-License-Identifier: MIT */
#include "daemon/usb-sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "common/macro.h"

#define SYSFS_DEVICES "/sys/bus/usb/devices/"
#define PATH_BYTES    256
#define PORTS_MAX     7 /* by the USB specification */

int usb_sysfs_name(libusb_device *device, char ret[static USB_SYSFS_NAME_MAX])
{
        uint8_t ports[PORTS_MAX];
        int n = libusb_get_port_numbers(device, ports, PORTS_MAX), at;

        if (n <= 0)
                return -EINVAL;

        at = snprintf(ret, USB_SYSFS_NAME_MAX, "%u", libusb_get_bus_number(device));
        for (int i = 0; i < n; i++)
                at += snprintf(ret + at, USB_SYSFS_NAME_MAX - (size_t) at, "%c%u",
                                i == 0 ? '-' : '.', ports[i]);

        return 0;
}

static void make_printable(char *text, size_t n)
{
        while (n > 0 && text[n - 1] == '\n')
                n--;
        text[n] = '\0';
        for (size_t i = 0; i < n; i++)
                if (text[i] < ' ' || text[i] > '~')
                        text[i] = '?';
}

static int open_directory(const char *name, int configuration, int interface)
{
        char path[PATH_BYTES];

        if (interface >= 0)
                (void) snprintf(path, sizeof(path), SYSFS_DEVICES "%s:%d.%d", name, configuration,
                                interface);
        else
                (void) snprintf(path, sizeof(path), SYSFS_DEVICES "%s", name);

        return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool usb_sysfs_has_interface(const char *name, int configuration, int interface)
{
        _cleanup_close_ int directory = open_directory(name, configuration, interface);

        return directory >= 0;
}

int usb_sysfs_text(const char *name, int configuration, int interface, const char *attribute,
                char *ret, size_t size)
{
        _cleanup_close_ int directory = open_directory(name, configuration, interface), fd = -1;
        ssize_t n;

        if (directory < 0)
                return -ENODEV;

        fd = openat(directory, attribute, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -ENOENT;

        n = read(fd, ret, size - 1);
        if (n < 0)
                return -errno;

        make_printable(ret, (size_t) n);
        return 0;
}
