/* SPDX-License-Identifier: MIT */
#pragma once

/* A person at a terminal: a shell in tmux, on a stage, of 24 rows and 80 columns. It is there as
 * long as the test is. */

#include "tests/bus/stage.h"

#define TMUX_SCREEN_SIZE 8192u
#define TMUX_LINES_SIZE  65536u

typedef struct Tmux {
        Child *client; /* a tmux in control mode: it writes a line for all that happens */
        int in;        /* commands to it */
        int out;       /* its lines */
        char lines[TMUX_LINES_SIZE];
        size_t n_lines;
        char screen[TMUX_SCREEN_SIZE]; /* as it was last looked at; no blanks at the end of a row */
        unsigned n_keys;               /* that were pressed */
} Tmux;

/* Waits until the shell asks for a command. */
void tmux_open(Tmux *t, Stage *stage);
void tmux_close(Tmux *t);

/* Writes a command line of at most TMUX_LINE_MAX characters, sees it there, and presses Enter. None
 * of these is counted. Fails the test where the terminal no longer shows what is written. */
#define TMUX_LINE_MAX 76u
void tmux_type(Tmux *t, const char *line);

/* Presses a key, as tmux(1) names it. */
void tmux_press(Tmux *t, const char *key);

/* The last row in which something stands, which it copies. */
typedef char TmuxRow[256];
void tmux_last_row(const Tmux *t, TmuxRow ret);

/* Waits until the screen fits, and fails the test when it does not. */
typedef bool (*TmuxFits)(const Tmux *t, const void *userdata);
void tmux_await(Tmux *t, TmuxFits fits, const void *userdata);

/* The fit of a shell that asks for the next command. */
bool tmux_is_at_prompt(const Tmux *t, const void *userdata);
