/* SPDX-License-Identifier: MIT */
#include "cli/json.h"
#include "cli/session-view.h"
#include "cli/text.h"
#include "cli/verbs.h"

static int append_options(sd_bus_message *m, const Options *options)
{
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0 && options->device)
                r = sd_bus_message_append(m, "{sv}", "device", "s", options->device);
        if (r >= 0 && options->leg)
                r = sd_bus_message_append(m, "{sv}", "leg", "s", options->leg);
        if (r >= 0 && options->minutes > 0)
                r = sd_bus_message_append(m, "{sv}", "minutes", "u", options->minutes);
        if (r >= 0 && options->intensity > 0)
                r = sd_bus_message_append(m, "{sv}", "intensity", "u", options->intensity);
        if (r >= 0 && options_has(options, OPTION_DETACH))
                r = sd_bus_message_append(m, "{sv}", "detach", "b", 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* The path belongs to the reply. */
static int start(Client *client, sd_bus_error *error, sd_bus_message **ret_reply,
                const char **ret_path)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        const char *path;
        int r;

        r = sd_bus_message_new_method_call(
                        client->bus, &m, client->peer, KNEED_ROOT, KNEED_MANAGER, "Run");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", client->options->arguments[0]);
        if (r < 0)
                return r;
        r = append_options(m, client->options);
        if (r < 0)
                return r;
        r = sd_bus_call(client->bus, m, 0, error, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read_basic(reply, 'o', &path);
        if (r < 0)
                return r;
        *ret_reply = TAKE_PTR(reply);
        *ret_path = path;
        return 0;
}

static ExitCode run_detached(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *event = NULL;
        const Options *options = client->options;
        const char *path;
        int r;

        r = start(client, &error, &reply, &path);
        if (r < 0)
                return client_complain(client, r, &error);
        if (options->json != JSON_OFF) {
                event = json_event("started");
                (void) json_object_object_add(event, "path", json_object_new_string(path));
                json_print(event, options->json);
        } else if (!options_has(options, OPTION_QUIET)) {
                say(stdout, "%s plays. Follow it with: kneectl watch. Stop it with: kneectl stop",
                                options->arguments[0]);
        }
        return EXIT_DONE;
}

static ExitCode run_here(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(session_view_freep) SessionView *view = NULL;
        const char *path;
        ExitCode code;
        int r;

        code = session_view_new(client, VIEW_RUN, &view);
        if (code != EXIT_DONE)
                return code;
        r = start(client, &error, &reply, &path);
        if (r < 0)
                return client_complain(client, r, &error);
        return session_view_follow(view, path);
}

ExitCode verb_run(const Options *options)
{
        _cleanup_(client_close) Client client = {};
        ExitCode code;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        return options_has(options, OPTION_DETACH) ? run_detached(&client) : run_here(&client);
}
