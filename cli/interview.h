/* SPDX-License-Identifier: MIT */
#pragma once

/* What a person is asked around a session. */

#include "cli/ask.h"
#include "cli/client.h"

/* What a run is told of the person. */
typedef struct Said {
        char leg[LEG_SIZE]; /* empty: kneed decides */
        bool nothing_new;
        bool has_pain;
        unsigned pain;
} Said;

/* Before a session, for said->leg: how it was this morning where that is due, the screening where
 * none holds, else whether anything is new, and how it hurts now unless *said has that already.
 * Returns EXIT_DONE with *said, or what to exit with, having complained. */
ExitCode interview_before(Client *client, Ask *ask, Said *said);

/* After it: how it hurts now. That may stay open. */
void interview_after(Client *client, Ask *ask, const char *leg);
