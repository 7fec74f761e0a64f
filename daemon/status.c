/* SPDX-License-Identifier: MIT */
#include "daemon/status.h"

#include <stdio.h>

static unsigned count_massagers(const Manager *manager)
{
        unsigned n = 0;

        while (manager_massager(manager, n))
                n++;

        return n;
}

/* Those that run; *ret_last is one of them. */
static unsigned count_sessions(const Manager *manager, const Player **ret_last)
{
        const Player *p;
        unsigned n = 0;

        for (size_t i = 0; (p = manager_player(manager, i)); i++)
                if (!p->told_ended) {
                        *ret_last = p;
                        n++;
                }

        return n;
}

static void say_at_rest(const Manager *manager, char ret[static STATUS_TEXT_MAX])
{
        unsigned n = count_massagers(manager);

        if (history_state(manager_history(manager)) == LEDGER_BROKEN)
                (void) snprintf(ret, STATUS_TEXT_MAX, "No session can start: %s",
                                history_reason(manager_history(manager)));
        else if (n == 0)
                (void) snprintf(ret, STATUS_TEXT_MAX, "No massager is attached.");
        else if (n == 1)
                (void) snprintf(ret, STATUS_TEXT_MAX, "Massager %s is attached, at rest.",
                                massager_id(manager_massager(manager, 0)));
        else
                (void) snprintf(ret, STATUS_TEXT_MAX, "%u massagers are attached, at rest.", n);
}

void status_text(const Manager *manager, char ret[static STATUS_TEXT_MAX])
{
        const Player *p;
        unsigned n = count_sessions(manager, &p);

        if (n == 0)
                say_at_rest(manager, ret);
        else if (n == 1)
                (void) snprintf(ret, STATUS_TEXT_MAX, "A session on massager %s.",
                                massager_id(p->massager));
        else
                (void) snprintf(ret, STATUS_TEXT_MAX, "%u sessions on as many massagers.", n);
}
