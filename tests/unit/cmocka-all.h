/* SPDX-License-Identifier: MIT */
#pragma once

/* What cmocka wants to be included before itself. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A source of numbers that looks random and is the same in every run (xorshift64). */
typedef struct Random {
        uint64_t state; /* not 0 */
} Random;

static inline uint64_t random_next(Random *random)
{
        random->state ^= random->state << 13;
        random->state ^= random->state >> 7;
        random->state ^= random->state << 17;
        return random->state;
}

/* low..high, both included. */
static inline int64_t random_between(Random *random, int64_t low, int64_t high)
{
        return low + (int64_t) (random_next(random) % (uint64_t) (high - low + 1));
}
