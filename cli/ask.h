/* SPDX-License-Identifier: MIT */
#pragma once

/* Questions to a person at a terminal, each answered by as few keys as can be. */

#include <signal.h>

#include "cli/options.h"
#include "cli/terminal.h"

typedef struct Ask {
        Terminal terminal;
        int signal_fd;   /* while a question waits, or -1 */
        sigset_t before; /* signals that were blocked when the question began */
        char keys[64];   /* that were read and not taken yet */
        size_t n_keys;
        ExitCode code; /* after -ECANCELED: what to exit with */
} Ask;

/* Finds out whether somebody can be asked: -ENOTTY where nobody can. */
int ask_open(Ask *ret);

/* Takes a zeroed one. */
void ask_close(Ask *ask);

/* While a question waits the terminal is taken: keys come at once, and signals that end or stop
 * kneectl come here first, so that the terminal is given back. What was typed before does not
 * count, and a key counts only where no other comes at once with it, so that a key that is held
 * down answers nothing that was not read.
 *
 * All of these return -ECANCELED where the person wants to leave, or cannot be asked any more: by
 * q, Ctrl-C, Ctrl-Z, a signal, or a terminal that was closed. */

/* Waits for one of these letters, of which there are at most 8, and returns it. What each means is
 * shown by words, in the same order. */
int ask_letter(Ask *ask, const char *letters, const char *const words[]);

/* 1 for yes, 0 for no. */
int ask_yes_or_no(Ask *ask);

/* Takes the terminal for one question: EXIT_DONE for yes, or where --yes was given; otherwise what
 * to exit with. Where nobody can be asked, says that --yes answers, and when: "if it shall be
 * deleted". */
ExitCode ask_confirm(const Options *options, const char *question, const char *when_yes);

/* A score of pain, 0 to PAIN_HIGHEST. */
int ask_score(Ask *ask, const char *question);

/* Reads a score key by key: one digit is enough, except for 1, which may be the beginning of 10 and
 * so waits for Enter or 0: a 10 that counts as 1 would be the worst of mistakes. Pure. */
typedef struct ScoreKeys {
        bool one; /* a 1 stands there */
} ScoreKeys;

/* Returns the score, -EAGAIN where it is not whole yet, or -EINVAL for a key that is none of a
 * score's. */
int score_keys_take(ScoreKeys *keys, char key);
