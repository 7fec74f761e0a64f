/* SPDX-License-Identifier: MIT */
#pragma once

/* Time that runs faster, for patience that a test does not have: what this program reads of
 * CLOCK_BOOTTIME, and the absolute times that it gives to its loop. For tests in which nothing else
 * keeps time. */

/* 1: as ever. */
void haste_set(unsigned factor);
