/* SPDX-License-Identifier: MIT */
#pragma once

/* A polkit for the stage's bus: it takes each caller for what it is told to, and answers by the
 * defaults of kneed's own policy file. */

#include "tests/bus/stage.h"

typedef enum PolkitCaller {
        POLKIT_ACTIVE,   /* at the seat, in front of the screen */
        POLKIT_INACTIVE, /* at the seat, another one is in front */
        POLKIT_ANY,      /* nowhere to be seen: a service, or by network */
        _POLKIT_CALLER_MAX,
} PolkitCaller;

/* Whoever may be asked interactively is not answered before polkit_go(); then with a yes. */
Child *polkit_start(Stage *stage, PolkitCaller caller);
void polkit_go(Client *client);

/* Waits until it was asked, or a question was taken back, so often. */
void polkit_await(Client *client, unsigned n_asked, unsigned n_taken_back);
