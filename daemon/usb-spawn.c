/* SPDX-License-Identifier: MIT */
#include "daemon/usb-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/macro.h"

#define NUMBER_BYTES 12u
#define NO_INTERFACE (-1)
#define HELPER       "kneed-usb-helper"

/* It is installed beside kneed, and built beside it. */
static int find_helper(char ret[static PATH_MAX])
{
        ssize_t n = readlink("/proc/self/exe", ret, PATH_MAX - sizeof(HELPER));
        char *slash;

        if (n < 0)
                return -errno;

        ret[n] = '\0';
        slash = strrchr(ret, '/');
        if (!slash)
                return -ENOENT;
        memcpy(slash + 1, HELPER, sizeof(HELPER));
        return 0;
}

/* SR-HANG */
/* out: what becomes the helper's standard output; negative: kneed's own. */
static int spawn(libusb_device *device, const char *action, int interface, int out)
{
        char name[16], bus[NUMBER_BYTES], address[NUMBER_BYTES], number[NUMBER_BYTES];
        char *const arguments[] = { (char[]){ HELPER }, name, bus, address,
                interface < 0 ? NULL : number, NULL };
        posix_spawn_file_actions_t files;
        posix_spawnattr_t attributes;
        char path[PATH_MAX];
        sigset_t blocked;
        pid_t pid;
        int r;

        (void) snprintf(name, sizeof(name), "%s", action);
        (void) snprintf(bus, sizeof(bus), "%u", libusb_get_bus_number(device));
        (void) snprintf(address, sizeof(address), "%u", libusb_get_device_address(device));
        (void) snprintf(number, sizeof(number), "%d", interface);

        r = find_helper(path);
        if (r < 0)
                return r;
        r = posix_spawnattr_init(&attributes);
        if (r != 0)
                return -r;
        (void) sigemptyset(&blocked);
        (void) sigaddset(&blocked, SIGTERM);
        (void) posix_spawnattr_setsigmask(&attributes, &blocked);
        (void) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

        r = posix_spawn_file_actions_init(&files);
        if (r == 0 && out >= 0)
                r = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn(&pid, path, &files, &attributes, arguments, environ);

        (void) posix_spawn_file_actions_destroy(&files);
        (void) posix_spawnattr_destroy(&attributes);
        return -r;
}

int usb_spawn_reset(libusb_device *device)
{
        return spawn(device, "reset", NO_INTERFACE, -1);
}

int usb_spawn_give_back(libusb_device *device, int interface)
{
        return spawn(device, "give-back", interface, -1);
}

int usb_spawn_detach(libusb_device *device, int interface, int *ret_answer)
{
        _cleanup_close_ int answer = -1, out = -1;
        int ends[2], r;

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        answer = ends[0];
        out = ends[1];

        r = spawn(device, "detach", interface, out);
        if (r < 0)
                return r;

        *ret_answer = answer;
        answer = -1;
        return 0;
}

int usb_spawn_answer(int answer)
{
        char text[NUMBER_BYTES];
        ssize_t n = read(answer, text, sizeof(text) - 1);
        char *end;
        long value;

        if (n <= 0)
                return -EIO;

        text[n] = '\0';
        value = strtol(text, &end, 10);
        return end != text && streq(end, "\n") && value >= 0 && value <= INT8_MAX ? (int) -value
                                                                                  : -EIO;
}
