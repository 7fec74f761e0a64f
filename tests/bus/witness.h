/* SPDX-License-Identifier: MIT */
#pragma once

/* A session that plays while something bad is tried beside it, and what every refusal has. */

#include "tests/bus/stage.h"

/* Longer than any hitch of a busy machine, and shorter than the silence that makes the massager
 * give up. */
#define WITNESS_GAP_MS 250u

typedef struct Witness {
        Stage *stage;
        Client *client;
        const char *session;
        size_t first; /* frame in the record */
} Witness;

/* Starts the session and waits until motors move. */
void witness_begin(Witness *w, Stage *stage);

/* Waits for some more frames, and fails the test unless the session went on all the time as if
 * nothing had been. Then it stops it. */
void witness_end(Witness *w);

/* An error of that name, with a sentence for people; documented where it is kneed's own. */
void check_refusal(const sd_bus_error *error, const char *name);
