/* SPDX-License-Identifier: MIT */
#pragma once

/* kneectl on a stage. */

#include "tests/bus/stage.h"

#define KNEECTL_TEXT_SIZE 65536u /* as much as a pipe holds: nobody empties it before the end */

typedef struct Kneectl {
        Child *child;
        int out;
        int err;
        size_t n_said;                      /* so far, on a terminal */
        size_t n_heard;                     /* of that, up to what was waited for */
        unsigned n_keys;                    /* that were pressed */
        char said[KNEECTL_TEXT_SIZE];       /* on standard output, after the end */
        char complained[KNEECTL_TEXT_SIZE]; /* on standard error */
} Kneectl;

/* Starts kneectl --user and these words, the last of them NULL, with pipes. */
void kneectl_start(Kneectl *k, Stage *stage, const char *const words[]);

/* The same on a terminal of its own, whose other end is .out. */
void kneectl_start_on_terminal(Kneectl *k, Stage *stage, const char *const words[]);

/* Waits until it has said something. */
void kneectl_await_words(const Kneectl *k);

/* On a terminal: waits until it has said these words, since the last time that it was waited for
 * some. */
void kneectl_await_text(Kneectl *k, const char *text);

/* The same, and presses these keys. */
void kneectl_answer(Kneectl *k, const char *text, const char *keys);

/* The same for a question, to which keys count from its prompt on. */
void kneectl_answer_question(Kneectl *k, const char *question, const char *keys);

/* Waits for its end. Returns the exit status, or 128 and the number of the signal. */
int kneectl_await(Kneectl *k);

/* Starts it with pipes and waits for its end. */
int kneectl_run(Kneectl *k, Stage *stage, const char *const words[]);
#define KNEECTL(k, stage, ...) kneectl_run(k, stage, (const char *const[]){ __VA_ARGS__, NULL })
