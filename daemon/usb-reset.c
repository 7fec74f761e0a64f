/* SPDX-License-Identifier: MIT */
/* kneed-usb-reset BUS ADDRESS: resets one USB device. A program of its own, because it can block
 * for minutes on a device that hangs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NUMBER_MAX 999

static int parse_number(const char *s)
{
        char *end;
        long n = strtol(s, &end, 10);

        return *s != '\0' && *end == '\0' && n >= 1 && n <= NUMBER_MAX ? (int) n : -1;
}

int main(int argc, char *argv[])
{
        int bus = argc == 3 ? parse_number(argv[1]) : -1;
        int address = argc == 3 ? parse_number(argv[2]) : -1;
        char path[64];
        int fd;

        if (bus < 0 || address < 0) {
                (void) fputs("Usage: kneed-usb-reset BUS ADDRESS\n", stderr);
                return 2;
        }

        (void) snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", bus, address);
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 || ioctl(fd, USBDEVFS_RESET) < 0) {
                (void) fprintf(stderr, "%s cannot be reset: %s\n", path, strerror(errno));
                return EXIT_FAILURE;
        }

        return close(fd) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
