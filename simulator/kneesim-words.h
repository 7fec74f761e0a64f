/* SPDX-License-Identifier: MIT */
#pragma once

/* What a person or a test may say to a simulated massager: one line, a few words. */

#include <stdio.h>

#include "simulator/kneesim-plug.h"

#define WORDS_LINE_MAX 256u

typedef enum WordsResult {
        WORDS_DONE,    /* what there is to tell is in answer: whole lines */
        WORDS_REFUSED, /* the reason is in answer: one sentence, no newline */
        WORDS_END,     /* done, and this was the last */
} WordsResult;

/* line is cut into words. */
WordsResult words_obey(Plug *plug, char *line, FILE *answer);

/* Digits only, at most so much. Returns 0, -EINVAL or -ERANGE. */
int words_number(const char *text, unsigned most, unsigned *ret);

/* The verbs, for help. */
void words_help(FILE *to, const char *indent);
