/* SPDX-License-Identifier: MIT */
#pragma once

/* Points in time as a person says them. */

#include <stdint.h>

/* "tomorrow 08:05", "Saturday 28 November 2026 08:05", and the end. */
#define WHEN_SIZE 64u

/* Now, microseconds of CLOCK_REALTIME. */
uint64_t when_now(void);

/* By the local calendar: "today 17:40", "tomorrow 08:05", "yesterday 21:10", else "28 November
 * 08:05", with the year where it is another one. Both are microseconds of CLOCK_REALTIME. */
const char *when_text(uint64_t when_us, uint64_t now_us, char buffer[static WHEN_SIZE]);
