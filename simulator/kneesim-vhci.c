/* SPDX-License-Identifier: MIT */
#include "simulator/kneesim-vhci.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/usb/ch9.h>
#include <stdio.h>
#include <sys/socket.h>

#include "common/macro.h"

#define STATUS_SIZE_MAX 4096u /* a file of sysfs is one page */
#define CONTROLLERS_MAX 128u  /* as the kernel's configuration allows */
#define PORT_FREE       4     /* VDEV_ST_NULL of the kernel */
#define BUS_NUMBER      1u    /* of the device id, which means something to a remote host only */

static const char *next_line(const char *line)
{
        const char *end = strchr(line, '\n');

        return end ? end + 1 : line + strlen(line);
}

/* "hs PORT STATE …": returns the port, or -EINVAL for another line. */
static int parse_line(const char *line, long *ret_state)
{
        char *end;
        long port;

        if (strncmp(line, "hs ", 3) != 0)
                return -EINVAL;
        port = strtol(line + 3, &end, 10);
        if (end == line + 3 || *end != ' ' || port < 0 || port > INT_MAX)
                return -EINVAL;
        line = end;
        *ret_state = strtol(line, &end, 10);
        return end > line && *end == ' ' ? (int) port : -EINVAL;
}

int vhci_find_port(const char *status, int wanted)
{
        for (const char *line = status; *line != '\0'; line = next_line(line)) {
                long state;
                int port = parse_line(line, &state);

                if (port < 0 || (wanted != VHCI_ANY_PORT && port != wanted))
                        continue;
                if (state == PORT_FREE)
                        return port;
                if (port == wanted)
                        return -EBUSY;
        }
        return -ENOENT;
}

static int read_status(
                const char *directory, unsigned controller, char ret[static STATUS_SIZE_MAX + 1])
{
        _cleanup_close_ int fd = -1;
        char path[PATH_MAX];
        ssize_t n;

        (void) snprintf(path, sizeof(path), controller > 0 ? "%s/status.%u" : "%s/status",
                        directory, controller);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        n = read(fd, ret, STATUS_SIZE_MAX);
        if (n < 0)
                return -errno;
        ret[n] = '\0';
        return 0;
}

static int find_port(const char *directory, int wanted)
{
        char status[STATUS_SIZE_MAX + 1] = "";
        int r;

        for (unsigned i = 0; i < CONTROLLERS_MAX; i++) {
                r = read_status(directory, i, status);
                if (r == -ENOENT)
                        return i == 0 ? -ENODEV : -ENOENT;
                if (r < 0)
                        return r;
                r = vhci_find_port(status, wanted);
                if (r != -ENOENT)
                        return r;
        }
        return -ENOENT;
}

static int write_attach(const char *directory, int port, int fd)
{
        _cleanup_close_ int attach = -1;
        char path[PATH_MAX], line[64];
        int n;

        (void) snprintf(path, sizeof(path), "%s/attach", directory);
        attach = open(path, O_WRONLY | O_CLOEXEC);
        if (attach < 0)
                return -errno;
        n = snprintf(line, sizeof(line), "%d %d %u %d", port, fd,
                        BUS_NUMBER << 16 | ((unsigned) port + 1), USB_SPEED_FULL);
        return write(attach, line, (size_t) n) < 0 ? -errno : 0;
}

int vhci_attach(const char *directory, int wanted, int *ret_fd)
{
        _cleanup_close_ int ours = -1, theirs = -1;
        int port, fds[2], r;

        port = find_port(directory, wanted);
        if (port < 0)
                return port;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        ours = fds[0];
        theirs = fds[1];
        if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        r = write_attach(directory, port, theirs);
        /* Somebody took the port since; kernels differ in how they say so. */
        if (r == -EINVAL)
                r = -EBUSY;
        if (r < 0)
                return r;
        *ret_fd = ours;
        ours = -1;
        return port;
}
