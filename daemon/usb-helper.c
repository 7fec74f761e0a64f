/* SPDX-License-Identifier: MIT */
/* kneed-usb-helper: does to one USB device what can block for minutes where it hangs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/macro.h"

#define NUMBER_MAX 999

typedef struct Action {
        const char *name;
        const char *argument; /* NULL where there is none */
        int (*run)(int fd, int argument);
        const char *failure;
} Action;

static int reset(int fd, int argument)
{
        return ioctl(fd, USBDEVFS_RESET);
}

static int give_back(int fd, int interface)
{
        struct usbdevfs_ioctl command = { .ifno = interface, .ioctl_code = USBDEVFS_CONNECT };

        return ioctl(fd, USBDEVFS_IOCTL, &command);
}

static const Action actions[] = {
        { "reset", NULL, reset, "cannot be reset" },
        { "give-back", "INTERFACE", give_back, "cannot be given back to the kernel's driver" },
};

static int parse_number(const char *s)
{
        char *end;
        long n = strtol(s, &end, 10);

        return *s != '\0' && *end == '\0' && n >= 0 && n <= NUMBER_MAX ? (int) n : -1;
}

static int usage(void)
{
        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                (void) fprintf(stderr, "%s kneed-usb-helper %s BUS ADDRESS%s%s\n",
                                i == 0 ? "Usage:" : "      ", actions[i].name,
                                actions[i].argument ? " " : "",
                                actions[i].argument ? actions[i].argument : "");

        return 2;
}

static const Action *find_action(int n_arguments, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(actions); i++)
                if (n_arguments == (actions[i].argument ? 5 : 4) && streq(name, actions[i].name))
                        return &actions[i];

        return NULL;
}

int main(int argc, char *argv[])
{
        const Action *action = argc > 1 ? find_action(argc, argv[1]) : NULL;
        int bus = action ? parse_number(argv[2]) : -1;
        int address = action ? parse_number(argv[3]) : -1;
        int argument = action && action->argument ? parse_number(argv[4]) : 0;
        char path[64];
        int fd;

        if (bus < 1 || address < 1 || argument < 0)
                return usage();

        (void) snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", bus, address);
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 || action->run(fd, argument) < 0) {
                (void) fprintf(stderr, "%s %s: %s\n", path, action->failure, strerror(errno));
                return EXIT_FAILURE;
        }

        return close(fd) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
