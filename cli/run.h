/* SPDX-License-Identifier: MIT */
#pragma once

/* A session that somebody asks for: a routine, or what is offered. */

#include "cli/client.h"

/* The Manager's method that begins it, "Run" or "AcceptOffer", and its first argument. */
typedef struct Wish {
        const char *member;
        const char *what;
} Wish;

/* Asks what is to be asked before, begins it, follows it, and asks how it was, as the options say.
 * leg may be NULL: the usual one. */
ExitCode run_session(Client *client, const Wish *wish, const char *leg);
