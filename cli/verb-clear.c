/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "cli/ask.h"
#include "cli/client.h"
#include "cli/text.h"
#include "cli/verbs.h"

static bool is_stopped(const Massager *massager)
{
        return streq(massager->state, "latched") || streq(massager->state, "faulty");
}

/* The one with that id, or the only one that waits to be cleared. */
static ExitCode find(const Objects *objects, const char *id, const Massager **ret)
{
        const Massager *found = NULL;

        if (id) {
                found = objects_massager_by_id(objects, id);
                if (!found)
                        return client_no_massager(objects, id);
        }
        for (size_t i = 0; !id && i < objects->n_massagers; i++) {
                if (!is_stopped(&objects->massagers[i]))
                        continue;
                if (found) {
                        complain("several massagers wait to be cleared; say which: kneectl clear "
                                 "ID. See: kneectl devices");
                        return EXIT_USAGE;
                }
                found = &objects->massagers[i];
        }
        if (!found) {
                complain("no massager waits to be cleared; see: kneectl devices");
                return EXIT_NO_SUCH_THING;
        }
        *ret = found;
        return EXIT_DONE;
}

/* The first step: what is to be cleared, and the code for it. */
static int prepare(Client *client, const Massager *massager, sd_bus_error *error, uint32_t *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        char clean[CLIENT_SENTENCE_SIZE];
        const char *sentence;
        int r;

        r = client_call(client, massager->path, KNEED_MASSAGER, "PrepareClear", error, &reply,
                        NULL);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "us", ret, &sentence);
        if (r < 0)
                return r;
        text_clean(sentence, clean, sizeof(clean));
        /* Nobody is asked without having read what for. */
        if (!options_has(client->options, OPTION_QUIET) ||
                        !options_has(client->options, OPTION_YES))
                say(stdout, "%s: %s", massager->id, clean);
        return 0;
}

static ExitCode clear(Client *client, const Massager *massager)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        ExitCode code;
        uint32_t number;
        int r;

        r = prepare(client, massager, &error, &number);
        if (r < 0)
                return client_complain(client, r, &error);
        code = ask_confirm(client->options,
                        "Is the cause gone, and shall it be released? Nothing starts by it.",
                        "if its cause is gone");
        if (code != EXIT_DONE)
                return code;
        r = client_call(client, massager->path, KNEED_MASSAGER, "Clear", &error, NULL, "u", number);
        if (r < 0)
                return client_complain(client, r, &error);
        if (!options_has(client->options, OPTION_QUIET))
                say(stdout, "%s is released.", massager->id);
        return EXIT_DONE;
}

/* SR-CLEAR */
ExitCode verb_clear(const Options *options)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(objects_clear) Objects objects = {};
        _cleanup_(client_close) Client client = {};
        const Massager *massager = NULL;
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_get_objects(&client, &error, &objects);
        if (r < 0)
                return client_complain(&client, r, &error);
        code = find(&objects, options->n_arguments > 0 ? options->arguments[0] : NULL, &massager);
        if (code != EXIT_DONE)
                return code;
        return clear(&client, massager);
}
