/* SPDX-License-Identifier: MIT */
#pragma once

/* Following one session until it ends, on a terminal, in a log or as JSON. */

#include "cli/client.h"

typedef enum ViewRole {
        VIEW_RUN,   /* the session is ours: it is stopped when we are told to go */
        VIEW_WATCH, /* it is somebody's: we only look, and it goes on without us */
} ViewRole;

typedef struct SessionView SessionView;

/* Pins the client and listens from now on, so that nothing of a session that is started or found
 * after this is missed. Complains where it fails. */
ExitCode session_view_new(Client *client, ViewRole role, SessionView **ret);
SessionView *session_view_free(SessionView *view);

DEFINE_TRIVIAL_CLEANUP_FUNC(SessionView *, session_view_free);

/* How the session ended: NULL where it did not say. */
const Ended *session_view_ended(const SessionView *view);

/* Follows the session at path to its end. Returns what to exit with. */
ExitCode session_view_follow(SessionView *view, const char *path);
