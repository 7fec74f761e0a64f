/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "cli/interview.h"
#include "cli/json.h"
#include "cli/run.h"
#include "cli/session-view.h"
#include "cli/text.h"
#include "cli/verbs.h"

/* The leg of an offer is in the offer. */
static int append_options(
                sd_bus_message *m, const Options *options, const Wish *wish, const Said *said)
{
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0 && options->device)
                r = sd_bus_message_append(m, "{sv}", "device", "s", options->device);
        if (r >= 0 && said->leg[0] && streq(wish->member, "Run"))
                r = sd_bus_message_append(m, "{sv}", "leg", "s", said->leg);
        if (r >= 0 && options->minutes > 0)
                r = sd_bus_message_append(m, "{sv}", "minutes", "u", options->minutes);
        if (r >= 0 && options->intensity > 0)
                r = sd_bus_message_append(m, "{sv}", "intensity", "u", options->intensity);
        if (r >= 0 && said->has_pain)
                r = sd_bus_message_append(m, "{sv}", "pain", "u", said->pain);
        if (r >= 0 && said->nothing_new)
                r = sd_bus_message_append(m, "{sv}", "nothing_new", "b", 1);
        /* What is only tried is never left behind. */
        if (r >= 0 && said->nothing_new && options_has(options, OPTION_DETACH))
                r = sd_bus_message_append(m, "{sv}", "detach", "b", 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* The path belongs to the reply. */
static int start(Client *client, const Wish *wish, const Said *said, sd_bus_error *error,
                sd_bus_message **ret_reply, const char **ret_path)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        const char *path;
        int r;

        r = sd_bus_message_new_method_call(
                        client->bus, &m, client->peer, KNEED_ROOT, KNEED_MANAGER, wish->member);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "s", wish->what);
        if (r < 0)
                return r;
        r = append_options(m, client->options, wish, said);
        if (r < 0)
                return r;
        r = client_call_message(client, m, error, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read_basic(reply, 'o', &path);
        if (r < 0)
                return r;
        *ret_reply = TAKE_PTR(reply);
        *ret_path = path;
        return 0;
}

static ExitCode run_detached(Client *client, const Wish *wish, const Said *said)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *event = NULL;
        const Options *options = client->options;
        const char *path;
        int r;

        r = start(client, wish, said, &error, &reply, &path);
        if (r < 0)
                return client_complain(client, r, &error);
        if (options->json != JSON_OFF) {
                event = json_event("started");
                (void) json_object_object_add(event, "path", json_object_new_string(path));
                json_print(event, options->json);
        } else if (!options_has(options, OPTION_QUIET)) {
                say(stdout, "%s plays. Follow it with: kneectl watch. Stop it with: kneectl stop",
                                wish->what);
        }
        return EXIT_DONE;
}

/* Whether there is something to ask when the session is over: not after a Ctrl-C, nor where the
 * last word was on pain. */
static bool leaves_a_question(const SessionView *view, ExitCode code)
{
        const Ended *ended = session_view_ended(view);

        return ended && ended->played_ms > 0 && !streq(ended->reason, "pain") &&
               (code == EXIT_DONE || code == EXIT_ENDED_EARLY);
}

static ExitCode run_here(Client *client, const Wish *wish, const Said *said, bool *ret_question)
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
        r = start(client, wish, said, &error, &reply, &path);
        if (r < 0)
                return client_complain(client, r, &error);
        code = session_view_follow(view, path);
        *ret_question = leaves_a_question(view, code);
        return code;
}

/* All but the person's word is tried first, so that nobody answers questions for a session that
 * cannot be. Without that word kneed starts nothing. */
static ExitCode try(Client *client, const Wish *wish, const Said *said)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *path;
        int r;

        r = start(client, wish, said, &error, &reply, &path);
        if (sd_bus_error_has_name(&error, "org.kneed1.Error.ScreeningNeeded"))
                return EXIT_DONE;
        return client_complain(client, r < 0 ? r : -EBADMSG, &error);
}

/* Asks what is to be asked before. */
static ExitCode ask_before(Client *client, Ask *ask, const Wish *wish, Said *said)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Manager manager;
        ExitCode code;
        int r;

        r = client_get_manager(client, &error, &manager);
        if (r < 0)
                return client_complain(client, r, &error);
        if (!said->leg[0])
                (void) snprintf(said->leg, sizeof(said->leg), "%s", manager.default_leg);
        code = try(client, wish, said);
        if (code != EXIT_DONE)
                return code;
        return interview_before(client, ask, said);
}

/* The connection of the session is closed, and its lease with it. */
static void ask_after(const Options *options, const char *leg)
{
        _cleanup_(client_close) Client client = {};
        _cleanup_(ask_close) Ask ask = {};

        if (client_open(options, &client) == EXIT_DONE && ask_open(&ask) >= 0)
                interview_after(&client, &ask, leg);
}

/* Where the options say that nothing is new, nothing is asked. */
static bool may_ask(const Options *options)
{
        return options->json == JSON_OFF && !options_has(options, OPTION_QUIET) &&
               !options_has(options, OPTION_NOTHING_NEW);
}

static Said said_by_options(const Options *options, const char *leg)
{
        Said said = {
                .nothing_new = options_has(options, OPTION_NOTHING_NEW),
                .has_pain = options_has(options, OPTION_PAIN),
                .pain = options->pain,
        };

        if (leg)
                (void) snprintf(said.leg, sizeof(said.leg), "%s", leg);
        return said;
}

ExitCode run_session(Client *client, const Wish *wish, const char *leg)
{
        const Options *options = client->options;
        Said said = said_by_options(options, leg);
        bool asked = false, question = false;
        Ask ask = {};
        ExitCode code;

        if (may_ask(options) && ask_open(&ask) >= 0) {
                asked = true;
                code = ask_before(client, &ask, wish, &said);
                ask_close(&ask);
                if (code != EXIT_DONE)
                        return code;
        }
        if (options_has(options, OPTION_DETACH))
                return run_detached(client, wish, &said);
        code = run_here(client, wish, &said, &question);
        if (asked && question)
                ask_after(options, said.leg);
        return code;
}

ExitCode verb_run(const Options *options)
{
        const Wish wish = { .member = "Run", .what = options->arguments[0] };
        _cleanup_(client_close) Client client = {};
        ExitCode code;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        return run_session(&client, &wish, options->leg);
}
