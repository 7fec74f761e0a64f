/* SPDX-License-Identifier: MIT */
#pragma once

/* How long the loop is kept from its next event, in the loop's own time: what it computes, and what
 * it sleeps anywhere but in the loop. Not the time in which it had no processor, nor that in which
 * it waits for the mock kernel, whose threads may have had none: so a busy machine, or a busy host
 * of it, does not count. */

#include <stdint.h>

/* Of the calling thread; only differences mean something. */
int64_t turn_time_us(void);
