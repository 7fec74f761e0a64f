/* SPDX-License-Identifier: MIT */
#pragma once

/* The control socket: AF_UNIX, SOCK_STREAM. A client sends lines; each is answered by lines of text
 * and, last, by "ok" or "error: REASON". */

#include "simulator/kneesim-plug.h"

#define CONTROL_CLIENTS_MAX 8u
#define CONTROL_ANSWER_MAX  4000u

typedef struct ControlServer ControlServer;

/* Listens at path, which only the user who runs it may use. A socket that nobody listens at any
 * more is replaced. Returns 0; -EADDRINUSE when something else is there; another negative errno. */
int control_server_new(sd_event *event, const char *path, Plug *plug, ControlServer **ret);
ControlServer *control_server_free(ControlServer *server);

/* Sends a line and puts what comes back, without the last line, in answer. Returns 0 for ok,
 * -EREMOTEIO for an error (its reason is in answer), -ENOENT or -ECONNREFUSED when nobody is there,
 * -ETIMEDOUT when nobody answers, another negative errno. */
int control_say(const char *path, const char *line, char answer[static CONTROL_ANSWER_MAX]);
