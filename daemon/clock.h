/* SPDX-License-Identifier: MIT */
#pragma once

/* The one clock for durations: CLOCK_BOOTTIME, which goes on during sleep and never goes back. */

#include <stdint.h>
#include <time.h>

#define USEC_PER_MS 1000u
#define MSEC_PER_S  1000u
#define NSEC_PER_MS 1000000u

static inline uint64_t clock_now_ms(void)
{
        struct timespec ts;

        (void) clock_gettime(CLOCK_BOOTTIME, &ts);
        return (uint64_t) ts.tv_sec * MSEC_PER_S + (uint64_t) ts.tv_nsec / NSEC_PER_MS;
}
