/* SPDX-License-Identifier: MIT */
#pragma once

/* The terminal: what it can show, its keys, and writing to it without ever waiting for it. */

#include <termios.h>

#include "cli/canvas.h"

typedef struct Terminal {
        Charset charset;
        Colours colours;
        bool picture; /* standard output can be redrawn in place */
        bool input;   /* standard input is a terminal */
        bool keys;    /* and its keys are ours */
        struct termios before;
        int out_fd;
        bool out_own;
        unsigned drawn_rows;
        char *waiting; /* what standard output did not take yet */
        size_t n_waiting;
} Terminal;

/* Whether an output that is full may lose this piece. */
typedef enum TerminalLoss {
        TERMINAL_MAY_LOSE,
        TERMINAL_KEEP,
} TerminalLoss;

/* Finds out what there is. */
void terminal_open(Terminal *ret);

/* Gives keys and cursor back. Takes a zeroed one. */
void terminal_close(Terminal *t);

/* Takes the keys: no echo, no lines, and Ctrl-C as a key. 0 or a negative errno. */
int terminal_take_keys(Terminal *t);

/* Gives them back, where they were taken. */
void terminal_give_keys(Terminal *t);

void terminal_size(unsigned *ret_rows, unsigned *ret_columns);

/* Draws over what was drawn before, in one write. */
void terminal_draw(Terminal *t, const Canvas *canvas);

/* Forgets what was drawn: after a change of size. */
void terminal_forget(Terminal *t);

/* Writes text without waiting: a reader that stands still must not keep anybody from stopping. */
void terminal_write(Terminal *t, const char *text, size_t size, TerminalLoss loss);
