/* SPDX-License-Identifier: MIT */
#include "tests/usb/haste.h"

#include <systemd/sd-event.h>
#include <time.h>

#define NSEC_PER_USEC 1000
#define NSEC_PER_SEC  1000000000

static int64_t factor = 1;
static int64_t since_ns; /* of the true time */

/* The linker puts them in the place of the true ones. */
int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __real_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);

static int64_t boot_ns(void)
{
        struct timespec ts;

        (void) __real_clock_gettime(CLOCK_BOOTTIME, &ts);
        return (int64_t) ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

void haste_set(unsigned f)
{
        since_ns = boot_ns();
        factor = f;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
        int64_t ns;

        if (clock != CLOCK_BOOTTIME || factor == 1)
                return __real_clock_gettime(clock, ret);

        ns = since_ns + (boot_ns() - since_ns) * factor;
        *ret = (struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
        return 0;
}

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
        uint64_t since_usec = (uint64_t) since_ns / NSEC_PER_USEC;

        if (factor > 1 && usec > since_usec)
                usec = since_usec + (usec - since_usec) / (uint64_t) factor;
        return __real_sd_event_source_set_time(source, usec);
}
