/* SPDX-License-Identifier: MIT */
#pragma once

/* A client of kneed on the stage's bus. What fails in here fails the test. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#define KNEED_NAME      "org.kneed1"
#define KNEED_ROOT      "/org/kneed1"
#define KNEED_MANAGER   "org.kneed1.Manager"
#define KNEED_MASSAGER  "org.kneed1.Massager"
#define KNEED_SESSION   "org.kneed1.Session"
#define KNEED_ERROR(n)  "org.kneed1.Error." n
#define BUS_ERROR(n)    "org.freedesktop.DBus.Error." n
#define PROPERTIES      "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER  "org.freedesktop.DBus.ObjectManager"
#define VIRTUAL_ID      "KNEED_SIM_1"
#define VIRTUAL_PATH    KNEED_ROOT "/massager/" VIRTUAL_ID
#define SESSION_PATH(n) KNEED_ROOT "/session/" #n

typedef struct Client {
        sd_bus *bus;
        size_t n_heard;
        size_t room;
        sd_bus_message **heard; /* signals of kneed and about its name, in order */
        size_t next;            /* of those, not yet awaited */
} Client;

Client *client_new(const char *address);
Client *client_free(Client *client);

/* From now on signals are heard: without it only those that are sent to this client alone. */
void client_listen(Client *client);

/* Takes in what has arrived. */
void client_take(Client *client);

/* Takes in what arrives in that time: what must not come can only be waited for. */
void client_take_for(Client *client, unsigned ms);

/* Returns sd_bus_call()'s. */
int client_call(Client *client, const char *path, const char *interface, const char *member,
                sd_bus_error *error, sd_bus_message **ret_reply, const char *types, ...);

/* A call that has to succeed. */
void client_do(Client *client, const char *path, const char *interface, const char *member,
                const char *types, ...);

/* Waits until the ledger was read. */
void client_await_ledger(Client *client);

/* Answers all questions of the screening as a healthy person would. */
void client_screen(Client *client);

/* The same, but for one question. The reply is the caller's. */
void client_screen_with(
                Client *client, const char *id, const char *answer, sd_bus_message **ret_reply);

/* Appends these answers to a call of Screen. */
void client_append_answers(
                Client *client, sd_bus_message *call, const char *id, const char *answer);

/* The id of the first question that is a caution. */
const char *client_first_caution(Client *client);

/* The sum of what sessions are charged with in the ledger. */
uint64_t client_charged_ms(Client *client);

/* Runs a routine for a minute, which has to succeed. Returns the path of the session, which is the
 * number-th of this kneed. */
const char *client_run(Client *client, const char *routine, unsigned number);

/* Waits for the next signal of that member; path NULL: of any. The message stays the client's. */
sd_bus_message *client_await(Client *client, const char *path, const char *member);

/* Waits until a change of a property to that text is heard. */
void client_await_text(Client *client, const char *path, const char *property, const char *text);

/* Waits for Ended, which has to have that reason. */
void client_await_end(Client *client, const char *path, const char *reason);

bool client_has_owner(Client *client, const char *name);

/* Waits until nobody has that name on the bus. */
void client_await_absent(Client *client, const char *name);

/* The value of a property of one of D-Bus's plain types. */
typedef struct Value {
        char type;
        const char *text; /* of the message */
        uint64_t number;
} Value;

/* Whether a PropertiesChanged has that property. */
bool message_has_change(sd_bus_message *message, const char *property, Value *ret);

uint64_t client_get_number(
                Client *client, const char *path, const char *interface, const char *property);
void client_check_text(Client *client, const char *path, const char *interface,
                const char *property, const char *text);
