/* SPDX-License-Identifier: MIT */
#pragma once

/* The connection to kneed: calls, and errors in plain words. */

#include <systemd/sd-bus.h>

#include "cli/objects.h"
#include "cli/options.h"

#define CLIENT_SENTENCE_SIZE 512u

typedef struct Client {
        const Options *options;
        sd_bus *bus;
        /* Whom it talks to: the well-known name, or the one connection that owned it when a session
         * was begun, so that nobody else can speak for it. */
        char peer[64];
} Client;

/* Connects: 0 or a negative errno. */
int client_connect(const Options *options, Client *ret);

/* The same, and complains where it fails. */
ExitCode client_open(const Options *options, Client *ret);
void client_close(Client *client);

/* As sd_bus_call_method(), to kneed. reply may be NULL. Where kneed wants a password, and somebody
 * is there to be asked for it, waits for it. */
int client_call(Client *client, const char *path, const char *interface, const char *member,
                sd_bus_error *error, sd_bus_message **ret_reply, const char *types, ...);

/* The same for a message to kneed that was not sent yet. */
int client_call_message(Client *client, sd_bus_message *message, sd_bus_error *error,
                sd_bus_message **ret_reply);

int client_get_manager(Client *client, sd_bus_error *error, Manager *ret);
int client_get_objects(Client *client, sd_bus_error *error, Objects *ret);

/* From now on the client talks to the connection that owns the name now. */
int client_pin(Client *client, sd_bus_error *error, Manager *ret);

/* Finds the only session, or the one on the massager with that id (device may be NULL). Complains
 * where there is none or several. *ret points into objects. */
ExitCode client_find_session(const Objects *objects, const char *device, const Session **ret);

/* How a leg is: "left" or "right". */
int client_get_leg(Client *client, const char *leg, sd_bus_error *error, LegState *ret);

/* Tells how much a leg hurts, 0 to PAIN_HIGHEST. when may be NULL: the history says which. */
int client_report_pain(Client *client, const char *leg, unsigned score, const char *when,
                sd_bus_error *error, PainResult *ret);

/* Stops everything, which kneed never refuses. *ret_stopped is how many sessions ran. */
int client_stop_all(Client *client, sd_bus_error *error, uint32_t *ret_stopped);

/* The same, and what is attached stays stopped until it is cleared. */
int client_emergency_stop(Client *client, sd_bus_error *error, uint32_t *ret_stopped);

/* Complains of massager id that is not there. */
ExitCode client_no_massager(const Objects *objects, const char *id);

/* What an error is for a person: one sentence with a next step, and the code to exit with. */
ExitCode client_explain(const Options *options, int r, const sd_bus_error *error,
                char sentence[static CLIENT_SENTENCE_SIZE]);

/* The same, said on stderr. */
ExitCode client_complain(const Client *client, int r, const sd_bus_error *error);

/* For a peer that is gone. */
ExitCode client_complain_gone(const Client *client);
