/* SPDX-License-Identifier: MIT */
#include "tests/usb/turn-time.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "common/macro.h"

#define NSEC_PER_USEC 1000
#define NSEC_PER_SEC  1000000000

static _Thread_local int64_t asked_ns; /* slept in requests to the kernel */

static int64_t clock_ns(clockid_t clock)
{
        struct timespec ts;

        (void) clock_gettime(clock, &ts);
        return (int64_t) ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* For how long this thread was ready to run and had no processor. */
static int64_t queued_ns(void)
{
        _Thread_local static FILE *file;
        long long ran, queued = 0;

        if (!file)
                file = fopen("/proc/thread-self/schedstat", "re");
        if (!file)
                return 0;

        rewind(file);
        return fscanf(file, "%lld %lld", &ran, &queued) == 2 ? queued : 0;
}

static int64_t slept_ns(void)
{
        return clock_ns(CLOCK_MONOTONIC) - clock_ns(CLOCK_THREAD_CPUTIME_ID) - queued_ns();
}

/* What the host of a virtual machine kept from its processors: the eighth number of the first line.
 * It comes in ticks, so a turn that was hit may seem shorter by one. */
static int64_t stolen_ns(void)
{
        _Thread_local static FILE *file;
        long long ticks = 0;

        if (!file)
                file = fopen("/proc/stat", "re");
        if (!file)
                return 0;

        rewind(file);
        if (fscanf(file, "cpu %*d %*d %*d %*d %*d %*d %*d %lld", &ticks) != 1)
                return 0;
        return ticks * (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
}

/* Comes before everybody else's, umockdev's included. */
int ioctl(int fd, unsigned long request, ...)
{
        static int (*next)(int fd, unsigned long request, void *argument);
        int64_t before_ns;
        void *argument;
        va_list ap;
        int r, saved;

        va_start(ap, request);
        argument = va_arg(ap, void *);
        va_end(ap);
        if (!next)
                *(void **) &next = dlsym(RTLD_NEXT, "ioctl");

        before_ns = slept_ns();
        r = next(fd, request, argument);
        saved = errno;
        asked_ns += slept_ns() - before_ns;
        errno = saved;
        return r;
}

int64_t turn_time_us(void)
{
        return (clock_ns(CLOCK_THREAD_CPUTIME_ID) + slept_ns() - asked_ns - stolen_ns()) /
               NSEC_PER_USEC;
}
