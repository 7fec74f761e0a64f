/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line of kneesim. */

#include <stdio.h>

#include "simulator/kneesim-plug.h"
#include "simulator/kneesim-words.h"

#define KNEESIM_ERROR_SIZE 256u

typedef enum KneesimVerb {
        KNEESIM_PLUG,
        KNEESIM_CONTROL,
        KNEESIM_HELP,
        KNEESIM_VERSION,
} KneesimVerb;

typedef struct KneesimOptions {
        KneesimVerb verb;
        PlugOptions plug;          /* gone is not set */
        const char *control;       /* path of the socket: to offer, or to talk to; or NULL */
        char line[WORDS_LINE_MAX]; /* to say there */
} KneesimOptions;

/* Returns 0, or -EINVAL with a sentence in error. */
int kneesim_options_parse(
                int argc, char *argv[], KneesimOptions *ret, char error[static KNEESIM_ERROR_SIZE]);

void kneesim_help(FILE *to);
