/* SPDX-License-Identifier: MIT */
#include "cli/history.h"

#include <errno.h>

#include "cli/ask.h"
#include "cli/json.h"
#include "cli/text.h"

/* Of a newer kneed something may come that is not known here: it is passed over. */
static int read_value(sd_bus_message *m, json_object **ret);

/* At an a{sT}: its members go into the object. */
static int read_members(sd_bus_message *m, const char *entry, json_object *to)
{
        const char pair[] = { 's', entry[2], '\0' };
        const char *key;
        int r;

        r = sd_bus_message_enter_container(m, 'a', entry);
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', pair)) > 0) {
                char clean[CLIENT_SENTENCE_SIZE];
                json_object *value = NULL;

                r = sd_bus_message_read(m, "s", &key);
                if (r >= 0)
                        r = read_value(m, &value);
                if (r < 0)
                        return r;
                text_clean(key, clean, sizeof(clean));
                if (value)
                        (void) json_object_object_add(to, clean, value);
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_map(sd_bus_message *m, const char *entry, json_object **ret)
{
        _cleanup_(json_object_putp) json_object *object = json_object_new_object();
        int r;

        if (!object)
                return -ENOMEM;

        r = read_members(m, entry, object);
        if (r >= 0)
                *ret = TAKE_PTR(object);
        return r;
}

static int read_basic(sd_bus_message *m, char type, json_object **ret)
{
        char clean[CLIENT_SENTENCE_SIZE];
        const char *text;
        uint64_t t;
        uint32_t u;
        int r;

        switch (type) {
        case 's':
                r = sd_bus_message_read(m, "s", &text);
                if (r < 0)
                        return r;
                text_clean(text, clean, sizeof(clean));
                *ret = json_object_new_string(clean);
                return 0;
        case 'u':
                r = sd_bus_message_read(m, "u", &u);
                if (r >= 0)
                        *ret = json_object_new_uint64(u);
                return r;
        default:
                r = sd_bus_message_read(m, "t", &t);
                if (r >= 0)
                        *ret = json_object_new_uint64(t);
                return r;
        }
}

static int read_plain(sd_bus_message *m, const char *type, json_object **ret)
{
        if (streq(type, "s") || streq(type, "u") || streq(type, "t"))
                return read_basic(m, type[0], ret);
        if (streq(type, "a{ss}"))
                return read_map(m, "{ss}", ret);
        if (streq(type, "a{su}"))
                return read_map(m, "{su}", ret);

        return sd_bus_message_skip(m, type);
}

/* NOLINTNEXTLINE(misc-no-recursion): an a{sv} holds plain values alone */
static int read_value(sd_bus_message *m, json_object **ret)
{
        const char *contents;
        char kind;
        int r;

        r = sd_bus_message_peek_type(m, &kind, &contents);
        if (r < 0)
                return r;
        if (kind != 'v')
                return read_basic(m, kind, ret);

        r = sd_bus_message_enter_container(m, 'v', contents);
        if (r >= 0)
                r = read_plain(m, contents, ret);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_page(sd_bus_message *m, json_object *to, uint64_t *ret_next)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "a{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_at_end(m, false)) == 0) {
                json_object *entry = NULL;

                r = read_map(m, "{sv}", &entry);
                if (r < 0)
                        return r;
                (void) json_object_array_add(to, entry);
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        return r < 0 ? r : sd_bus_message_read(m, "t", ret_next);
}

ExitCode history_export(Client *client)
{
        _cleanup_(json_object_putp) json_object *document = json_document();
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        json_object *entries = json_object_new_array();
        uint64_t next = 0, after;
        int r;

        (void) json_object_object_add(document, "entries", entries);
        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

                after = next;
                r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "ExportHistory", &error, &reply,
                                "t", after);
                if (r >= 0)
                        r = read_page(reply, entries, &next);
                if (r < 0)
                        return client_complain(client, r, &error);
        } while (next > after);

        json_print(document, client->options->json == JSON_SHORT ? JSON_SHORT : JSON_PRETTY);
        return EXIT_DONE;
}

/* SR-DELETE */
ExitCode history_delete(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        char clean[CLIENT_SENTENCE_SIZE];
        const char *sentence;
        ExitCode code;
        uint32_t number;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "PrepareDelete", &error, &reply, NULL);
        if (r >= 0)
                r = sd_bus_message_read(reply, "us", &number, &sentence);
        if (r < 0)
                return client_complain(client, r, &error);

        text_clean(sentence, clean, sizeof(clean));
        say(stdout, "%s", clean);
        code = ask_confirm(client->options, "Shall it be deleted? Nothing brings it back.",
                        "if it shall be deleted");
        if (code != EXIT_DONE)
                return code;
        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "DeleteHistory", &error, NULL, "u",
                        number);
        if (r < 0)
                return client_complain(client, r, &error);
        say(stdout, "It is deleted.");
        return EXIT_DONE;
}
