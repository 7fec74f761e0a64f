/* SPDX-License-Identifier: MIT */
#pragma once

#include <systemd/sd-event.h>

#include "cli/ask.h"
#include "cli/session-screen.h"
#include "cli/session-view.h"
#include "cli/terminal.h"

struct SessionView {
        Client *client;
        ViewRole role;
        sd_event *event;
        Terminal terminal;
        Scene scene;
        bool remote;
        unsigned limit_permille; /* no level is higher */
        unsigned asked_percent;  /* intensity that was asked for and not answered yet; or 0 */
        uint64_t said_us;        /* when the session last said what was left */
        bool scoring;            /* the next keys are a score of pain */
        ScoreKeys score;
        bool reporting;    /* a report of pain was not answered yet */
        unsigned reported; /* the last score */
        PainResult pain;   /* what it led to */
        bool unheard;      /* it was too high to go on, and kneed did not take it */
        bool stopping;     /* it was told to stop, with this to exit with */
        ExitCode stop_code;
        bool over; /* with this to exit with */
        ExitCode over_code;
        bool has_ended;
        Ended ended;
        uint64_t logged_slot; /* of elapsed time, for lines in a log */
        Frame highest;        /* since the last line; n_levels is 0 when there was none */
};

/* session-view.c */

/* Ends the loop. */
void session_view_finish(SessionView *view, ExitCode code);

/* Asks for a call of the session; an error of it becomes the scene's message. */
void session_view_call(SessionView *view, const char *member, uint32_t percent);

/* Reports pain; what it led to becomes the scene's message. */
void session_view_report_pain(SessionView *view, unsigned score);

/* Asked to go: with a signal's code or another. The first time a running session is stopped and its
 * end awaited; the second time there is no waiting. */
void session_view_leave(SessionView *view, ExitCode code);

/* session-show.c: what is said when. Each picks the picture, a line, JSON or nothing. */
void session_show_change(SessionView *view, bool worth_a_line);
void session_show_frame(SessionView *view);
void session_show_end(SessionView *view, ExitCode code); /* after the loop */
void session_show_picture(SessionView *view);

/* session-keys.c */
void session_keys_take(SessionView *view, const char *keys, size_t n);
