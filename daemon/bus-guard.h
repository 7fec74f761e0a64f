/* SPDX-License-Identifier: MIT */
#pragma once

/* Keeps a client that calls too often from holding up the others: each sender has a bucket of
 * calls that fills up again with time, and all of them together have one, because whoever comes
 * back under a new name every moment would bring a full one each time. A call without a token is
 * answered with an error before anything is looked at. Stopping is never refused. */

#include <stdbool.h>
#include <stdint.h>

#define BUS_GUARD_SENDERS   32u
#define BUS_GUARD_BURST     400u /* calls at once: a desktop that reads everything needs some 20 */
#define BUS_GUARD_PER_S     100u
#define BUS_GUARD_ALL_BURST 800u /* of all together: a tenth of a second's work */
#define BUS_GUARD_ALL_PER_S 400u
#define BUS_GUARD_NAME_MAX  32u /* ":1.1234567" and room */

typedef struct BusGuardSender {
        char name[BUS_GUARD_NAME_MAX];
        uint64_t seen_ms;
        uint32_t tokens_milli; /* calls × 1000 */
} BusGuardSender;

typedef struct BusGuard {
        unsigned n;
        BusGuardSender senders[BUS_GUARD_SENDERS];
        uint64_t seen_ms;        /* the last call of anybody */
        uint32_t all_used_milli; /* of the burst of all: calls × 1000 */
} BusGuard;

/* Whether this call may go on. A sender that is not known takes the place of the one that has been
 * quiet for longest. */
bool bus_guard_admit(BusGuard *guard, const char *sender, uint64_t now_ms);

/* Whether a method stops something, and so is never refused. */
bool bus_guard_is_stop(const char *member);
