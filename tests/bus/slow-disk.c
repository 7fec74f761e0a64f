/* SPDX-License-Identifier: MIT */

/* Preloaded into kneed, it makes the disk slow: what brings data to the disk takes as many
 * milliseconds as the file $KNEED_SLOW_DISK says at that moment, and is noted in
 * $KNEED_SLOW_DISK.log with the time, as "MS begin" and "MS end". Less than none: it fails. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"

static void note(const char *what)
{
        char path[PATH_MAX], line[64];
        int fd, n;

        (void) snprintf(path, sizeof(path), "%s.log", getenv("KNEED_SLOW_DISK"));
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        n = snprintf(line, sizeof(line), "%llu %s\n", (unsigned long long) clock_now_ms(), what);
        if (fd < 0 || write(fd, line, (size_t) n) != n)
                abort();
        (void) close(fd);
}

/* Returns whether it fails. */
static bool be_slow(void)
{
        const char *path = getenv("KNEED_SLOW_DISK");
        struct timespec ts = { 0 };
        char text[16] = "";
        long ms;
        int fd;

        fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
                abort();
        (void) close(fd);
        ms = strtol(text, NULL, 10);

        note("begin");
        ts.tv_sec = ms > 0 ? ms / 1000 : 0;
        ts.tv_nsec = ms > 0 ? ms % 1000 * 1000000 : 0;
        while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
                ;
        note("end");
        if (ms < 0)
                errno = EIO;
        return ms < 0;
}

int fsync(int fd)
{
        return be_slow() ? -1 : (int) syscall(SYS_fsync, fd);
}

int fdatasync(int fildes)
{
        return be_slow() ? -1 : (int) syscall(SYS_fdatasync, fildes);
}
