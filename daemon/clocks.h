/* SPDX-License-Identifier: MIT */
#pragma once

/* The computer's clocks, read together. What they say is hostile until the day clock has seen it.
 */

#include "daemon/day-clock.h"

/* A boot id of zeros where the computer does not tell its boot: then nobody knows whether it was
 * off, and that time gives nothing. */
DayClockReading clocks_read(void);
