/* SPDX-License-Identifier: MIT */
#include "tests/bus/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/stage.h"
#include "tests/unit/cmocka-all.h"

#define BUS_DRIVER "org.freedesktop.DBus"
#define BUS_PATH   "/org/freedesktop/DBus"

static bool is_ours(const char *path)
{
        return path && strncmp(path, KNEED_ROOT, strlen(KNEED_ROOT)) == 0;
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Client *client = userdata;

        if (!is_ours(sd_bus_message_get_path(message)) &&
                        sd_bus_message_is_signal(message, BUS_DRIVER, "NameOwnerChanged") <= 0)
                return 0;
        if (sd_bus_message_is_signal(message, NULL, NULL) <= 0)
                return 0;

        if (client->n_heard == client->room) {
                client->room = MAX(2 * client->room, (size_t) 64);
                client->heard = reallocarray(client->heard, client->room, sizeof(*client->heard));
                if (!client->heard)
                        abort();
        }
        client->heard[client->n_heard++] = sd_bus_message_ref(message);
        return 1;
}

Client *client_new(const char *address)
{
        Client *client = calloc(1, sizeof(*client));

        assert_non_null(client);
        assert_true(sd_bus_new(&client->bus) >= 0);
        assert_true(sd_bus_set_address(client->bus, address) >= 0);
        assert_true(sd_bus_set_bus_client(client->bus, true) >= 0);
        assert_true(sd_bus_start(client->bus) >= 0);
        assert_true(sd_bus_set_method_call_timeout(client->bus, DEADLINE_MS * 1000ull) >= 0);
        assert_true(sd_bus_add_filter(client->bus, NULL, on_message, client) >= 0);
        return client;
}

Client *client_free(Client *client)
{
        if (!client)
                return NULL;

        for (size_t i = 0; i < client->n_heard; i++)
                sd_bus_message_unref(client->heard[i]);
        free(client->heard);
        sd_bus_close_unref(client->bus);
        free(client);
        return NULL;
}

int client_call(Client *client, const char *path, const char *interface, const char *member,
                sd_bus_error *error, sd_bus_message **ret_reply, const char *types, ...)
{
        va_list ap;
        int r;

        va_start(ap, types);
        r = sd_bus_call_methodv(client->bus, KNEED_NAME, path, interface, member, error, ret_reply,
                        types, ap);
        va_end(ap);
        return r;
}

void client_do(Client *client, const char *path, const char *interface, const char *member,
                const char *types, ...)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        va_list ap;
        int r;

        va_start(ap, types);
        r = sd_bus_call_methodv(
                        client->bus, KNEED_NAME, path, interface, member, &error, NULL, types, ap);
        va_end(ap);
        if (r < 0)
                fail_msg("%s of %s: %s: %s", member, path, error.name, error.message);
}

void client_listen(Client *client)
{
        static const char *const rules[] = {
                "type='signal',sender='" KNEED_NAME "',path_namespace='" KNEED_ROOT "'",
                "type='signal',sender='" BUS_DRIVER "',member='NameOwnerChanged'",
        };

        for (size_t i = 0; i < ELEMENTSOF(rules); i++)
                assert_true(sd_bus_call_method(client->bus, BUS_DRIVER, BUS_PATH, BUS_DRIVER,
                                            "AddMatch", NULL, NULL, "s", rules[i]) >= 0);
}

void client_take(Client *client)
{
        while (sd_bus_process(client->bus, NULL) > 0)
                ;
}

void client_take_for(Client *client, unsigned ms)
{
        uint64_t until_ms = clock_now_ms() + ms, now_ms;

        client_take(client);
        while ((now_ms = clock_now_ms()) < until_ms) {
                (void) sd_bus_wait(client->bus, (until_ms - now_ms) * USEC_PER_MS);
                client_take(client);
        }
}

/* Reads the next question, of which id and kind are said first. Returns false at the end. */
static bool next_question(sd_bus_message *questions, const char **ret_id, const char **ret_kind)
{
        const char *key;

        if (sd_bus_message_enter_container(questions, 'a', "{sv}") <= 0)
                return false;
        assert_true(sd_bus_message_read(questions, "{sv}", &key, "s", ret_id) > 0);
        assert_string_equal(key, "id");
        assert_true(sd_bus_message_read(questions, "{sv}", &key, "s", ret_kind) > 0);
        assert_string_equal(key, "kind");
        while (sd_bus_message_skip(questions, "{sv}") > 0)
                ;
        assert_true(sd_bus_message_exit_container(questions) >= 0);
        return true;
}

static sd_bus_message *list_questions(Client *client)
{
        sd_bus_message *questions = NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "ListQuestions", NULL,
                                    &questions, NULL) >= 0);
        assert_true(sd_bus_message_enter_container(questions, 'a', "a{sv}") > 0);
        return questions;
}

const char *client_first_caution(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *questions = list_questions(client);
        static char found[64];
        const char *id, *kind;

        while (next_question(questions, &id, &kind))
                if (streq(kind, "caution")) {
                        (void) snprintf(found, sizeof(found), "%s", id);
                        return found;
                }
        fail_msg("No question is a caution");
        return NULL;
}

void client_append_answers(Client *client, sd_bus_message *call, const char *id, const char *answer)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *questions = list_questions(client);
        const char *asked, *kind;

        assert_true(sd_bus_message_open_container(call, 'a', "{ss}") >= 0);
        while (next_question(questions, &asked, &kind))
                assert_true(sd_bus_message_append(call, "{ss}", asked,
                                            id && streq(asked, id) ? answer : "no") >= 0);
        assert_true(sd_bus_message_close_container(call) >= 0);
}

void client_screen_with(
                Client *client, const char *id, const char *answer, sd_bus_message **ret_reply)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;

        assert_true(sd_bus_message_new_method_call(client->bus, &call, KNEED_NAME, KNEED_ROOT,
                                    KNEED_MANAGER, "Screen") >= 0);
        client_append_answers(client, call, id, answer);
        if (sd_bus_call(client->bus, call, 0, &error, ret_reply) < 0)
                fail_msg("Screen: %s: %s", error.name, error.message);
}

void client_screen(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        client_screen_with(client, NULL, NULL, &reply);
}

uint64_t client_charged_ms(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint64_t sum = 0;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "ListSessions", NULL, &reply,
                                    "u", 160u) >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "a{sv}") > 0);
        while (sd_bus_message_enter_container(reply, 'a', "{sv}") > 0) {
                while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                        const char *key;
                        uint32_t ms = 0;

                        assert_true(sd_bus_message_read(reply, "s", &key) > 0);
                        if (streq(key, "charged_ms"))
                                assert_true(sd_bus_message_read(reply, "v", "u", &ms) > 0);
                        else
                                assert_true(sd_bus_message_skip(reply, "v") > 0);
                        assert_true(sd_bus_message_exit_container(reply) >= 0);
                        sum += ms;
                }
                assert_true(sd_bus_message_exit_container(reply) >= 0);
        }
        return sum;
}

const char *client_run(Client *client, const char *routine, unsigned number)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        static char path[64];
        const char *got;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, &reply, "sa{sv}", routine,
                        2, "minutes", "u", 1u, "nothing_new", "b", 1);
        if (r < 0)
                fail_msg("Run: %s: %s", error.name, error.message);
        assert_true(sd_bus_message_read(reply, "o", &got) >= 0);
        (void) snprintf(path, sizeof(path), KNEED_ROOT "/session/%u", number);
        assert_string_equal(got, path);
        return path;
}

/* Waits for one more signal. */
static void hear(Client *client, uint64_t deadline_ms, const char *what)
{
        size_t before = client->n_heard;
        int r;

        while (client->n_heard == before) {
                r = sd_bus_process(client->bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(client->bus,
                                        (uint64_t) deadline_left_ms(deadline_ms) * 1000);
                if (r < 0 && r != -EINTR)
                        fail_msg("The bus is gone: %s", strerror(-r));
                if (r == 0 && deadline_left_ms(deadline_ms) == 0)
                        fail_msg("%s is not heard", what);
        }
}

/* The next signal, whatever it is. */
static sd_bus_message *next(Client *client, uint64_t deadline_ms, const char *what)
{
        sd_bus_message *message;

        while (client->next == client->n_heard)
                hear(client, deadline_ms, what);

        message = client->heard[client->next++];
        assert_true(sd_bus_message_rewind(message, true) >= 0);
        return message;
}

sd_bus_message *client_await(Client *client, const char *path, const char *member)
{
        uint64_t deadline_ms = deadline_from_now();
        sd_bus_message *message;

        do
                message = next(client, deadline_ms, member);
        while (!streq(sd_bus_message_get_member(message), member) ||
                        (path && !streq(sd_bus_message_get_path(message), path)));

        return message;
}

static void read_value(sd_bus_message *message, Value *ret)
{
        Value value = { 0 };
        uint32_t u = 0;
        int b = 0;

        assert_true(sd_bus_message_peek_type(message, &value.type, NULL) > 0);
        switch (value.type) {
        case SD_BUS_TYPE_STRING:
        case SD_BUS_TYPE_OBJECT_PATH:
                assert_true(sd_bus_message_read_basic(message, value.type, &value.text) > 0);
                break;
        case SD_BUS_TYPE_UINT32:
                assert_true(sd_bus_message_read_basic(message, 'u', &u) > 0);
                value.number = u;
                break;
        case SD_BUS_TYPE_UINT64:
                assert_true(sd_bus_message_read_basic(message, 't', &value.number) > 0);
                break;
        case SD_BUS_TYPE_BOOLEAN:
                assert_true(sd_bus_message_read_basic(message, 'b', &b) > 0);
                value.number = (uint64_t) b;
                break;
        default:
                assert_true(sd_bus_message_skip(message, NULL) > 0);
                break;
        }
        *ret = value;
}

bool message_has_change(sd_bus_message *message, const char *property, Value *ret)
{
        const char *interface, *key, *contents;
        bool found = false;

        if (sd_bus_message_is_signal(message, PROPERTIES, "PropertiesChanged") <= 0)
                return false;

        assert_true(sd_bus_message_rewind(message, true) >= 0);
        assert_true(sd_bus_message_read(message, "s", &interface) > 0);
        assert_true(sd_bus_message_enter_container(message, 'a', "{sv}") > 0);
        while (!found && sd_bus_message_enter_container(message, 'e', "sv") > 0) {
                assert_true(sd_bus_message_read(message, "s", &key) > 0);
                assert_true(sd_bus_message_peek_type(message, NULL, &contents) > 0);
                assert_true(sd_bus_message_enter_container(message, 'v', contents) > 0);
                read_value(message, ret);
                assert_true(sd_bus_message_exit_container(message) >= 0);
                assert_true(sd_bus_message_exit_container(message) >= 0);
                found = streq(key, property);
        }

        return found;
}

void client_await_text(Client *client, const char *path, const char *property, const char *text)
{
        uint64_t deadline_ms = deadline_from_now();
        sd_bus_message *message;
        Value value;

        do
                message = next(client, deadline_ms, text);
        while (!streq(sd_bus_message_get_path(message), path) ||
                        !message_has_change(message, property, &value) || !streq(value.text, text));
}

void client_await_end(Client *client, const char *path, const char *reason)
{
        sd_bus_message *message = client_await(client, path, "Ended");
        const char *got, *detail;
        uint64_t played_ms;

        assert_true(sd_bus_message_read(message, "sts", &got, &played_ms, &detail) >= 0);
        assert_string_equal(got, reason);
        assert_true(strlen(detail) > 10 && detail[strlen(detail) - 1] != '\n');
}

bool client_has_owner(Client *client, const char *name)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int there;

        assert_true(sd_bus_call_method(client->bus, BUS_DRIVER, BUS_PATH, BUS_DRIVER,
                                    "NameHasOwner", NULL, &reply, "s", name) >= 0);
        assert_true(sd_bus_message_read(reply, "b", &there) >= 0);
        return there;
}

void client_await_absent(Client *client, const char *name)
{
        while (client_has_owner(client, name))
                (void) client_await(client, NULL, "NameOwnerChanged");
}

static sd_bus_message *get(Client *client, const char *path, const char *interface,
                const char *property, Value *ret)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        const char *contents;
        int r;

        r = client_call(client, path, PROPERTIES, "Get", &error, &reply, "ss", interface, property);
        if (r < 0)
                fail_msg("%s of %s: %s: %s", property, path, error.name, error.message);
        assert_true(sd_bus_message_peek_type(reply, NULL, &contents) > 0);
        assert_true(sd_bus_message_enter_container(reply, 'v', contents) > 0);
        read_value(reply, ret);
        return reply;
}

uint64_t client_get_number(
                Client *client, const char *path, const char *interface, const char *property)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Value value;

        reply = get(client, path, interface, property, &value);
        assert_null(value.text);
        return value.number;
}

void client_check_text(Client *client, const char *path, const char *interface,
                const char *property, const char *text)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Value value;

        reply = get(client, path, interface, property, &value);
        assert_non_null(value.text);
        assert_string_equal(value.text, text);
}

void client_await_ledger(Client *client)
{
        uint64_t deadline_ms = deadline_from_now();
        bool is_opening = true;

        while (is_opening) {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
                Value value;

                reply = get(client, KNEED_ROOT, KNEED_MANAGER, "LedgerState", &value);
                is_opening = streq(value.text, "opening");
                assert_true(deadline_left_ms(deadline_ms) > 0);
                if (is_opening)
                        client_take_for(client, 5);
        }
}
