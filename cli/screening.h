/* SPDX-License-Identifier: MIT */
#pragma once

/* The questions of the screening, asked one at a time, and what the answers come to. */

#include "cli/ask.h"
#include "cli/client.h"

/* Gets them. */
int screening_questions(Client *client, sd_bus_error *error, QuestionList *ret);

/* Asks all questions, unless an answer forbids at once. Returns EXIT_DONE with *ret, or what to
 * exit with, having complained. */
ExitCode screening_ask(Client *client, Ask *ask, Answers *ret);

/* Tells kneed the answers, which take the place of those before. Of *ret the verdict and its
 * sentence are set. Complains where it fails. */
ExitCode screening_send(Client *client, const Answers *answers, Screening *ret);

/* Says what a verdict means. */
void screening_say(const Screening *screening);

/* Whether a run may follow. */
bool screening_permits(const Screening *screening);
