/* SPDX-License-Identifier: MIT */
#include "daemon/bus-guard.h"

#include <stdio.h>

#include "common/macro.h"

#define MILLI 1000u

static BusGuardSender *find(BusGuard *guard, const char *name, uint64_t now_ms)
{
        BusGuardSender *oldest = guard->senders;

        for (unsigned i = 0; i < guard->n; i++) {
                if (streq(guard->senders[i].name, name))
                        return &guard->senders[i];
                if (guard->senders[i].seen_ms < oldest->seen_ms)
                        oldest = &guard->senders[i];
        }

        if (guard->n < BUS_GUARD_SENDERS)
                oldest = &guard->senders[guard->n++];

        *oldest = (BusGuardSender){ .seen_ms = now_ms, .tokens_milli = BUS_GUARD_BURST * MILLI };
        (void) snprintf(oldest->name, sizeof(oldest->name), "%s", name);
        return oldest;
}

/* The sender has paid by then, so that a flood that is refused here grows poor as well. */
static bool admit_among_all(BusGuard *guard, uint64_t now_ms)
{
        uint64_t regained = (now_ms - guard->seen_ms) * BUS_GUARD_ALL_PER_S;

        guard->seen_ms = now_ms;
        guard->all_used_milli -= (uint32_t) MIN(regained, (uint64_t) guard->all_used_milli);
        if (guard->all_used_milli + MILLI > BUS_GUARD_ALL_BURST * MILLI)
                return false;

        guard->all_used_milli += MILLI;
        return true;
}

bool bus_guard_admit(BusGuard *guard, const char *sender, uint64_t now_ms)
{
        BusGuardSender *s;
        uint64_t tokens;

        /* The bus gives unique names; one that does not fit is nobody we could tell apart. */
        if (strnlen(sender, BUS_GUARD_NAME_MAX) == BUS_GUARD_NAME_MAX)
                return false;

        s = find(guard, sender, now_ms);
        tokens = s->tokens_milli + (now_ms - s->seen_ms) * BUS_GUARD_PER_S;
        s->tokens_milli = (uint32_t) MIN(tokens, (uint64_t) BUS_GUARD_BURST * MILLI);
        s->seen_ms = now_ms;

        if (s->tokens_milli < MILLI)
                return false;
        s->tokens_milli -= MILLI;
        return admit_among_all(guard, now_ms);
}

/* SR-STOP */
bool bus_guard_is_stop(const char *member)
{
        return streq(member, "Stop") || streq(member, "StopAll") ||
               streq(member, "EmergencyStop") || streq(member, "Pause");
}
