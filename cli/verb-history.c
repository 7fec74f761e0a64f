/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/history.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/when.h"

#define MOST_USUAL 20u

static void add_score(Table *table, PainScore pain)
{
        if (pain.known)
                (void) table_add(table, "%u", pain.score);
        else
                (void) table_add(table, "-");
}

static void print_history(const PastSessionList *list)
{
        static const char *const heading[] = { "BEGUN", "LEG", "COUNTED", "END", "BEFORE", "DURING",
                "AFTER", "MORNING" };
        _cleanup_(table_clear) Table table = {};
        const uint64_t now_us = when_now();

        if (list->n_sessions == 0) {
                say(stdout, "There was no session yet.");
                return;
        }
        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < list->n_sessions; i++) {
                const PastSession *session = &list->sessions[i];
                char when[WHEN_SIZE], counted[TEXT_DURATION_SIZE];

                (void) table_add(&table, "%s", when_text(session->begun_us, now_us, when));
                (void) table_add(&table, "%s", session->leg);
                (void) table_add(&table, "%s", text_duration(session->charged_ms, counted));
                (void) table_add(&table, "%s", session->finished ? "finished" : "early");
                add_score(&table, session->before);
                add_score(&table, session->during);
                add_score(&table, session->after);
                add_score(&table, session->morning);
        }
        table_print(&table, stdout);
}

static ExitCode list_history(Client *client)
{
        const Options *options = client->options;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(past_session_list_clear) PastSessionList list = {};
        _cleanup_(json_object_putp) json_object *document = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "ListSessions", &error, &reply, "u",
                        options->most > 0 ? options->most : MOST_USUAL);
        if (r < 0)
                return client_complain(client, r, &error);
        r = past_session_list_read(reply, &list);
        if (r < 0)
                return client_complain(client, r, NULL);
        if (options->json == JSON_OFF) {
                print_history(&list);
                return EXIT_DONE;
        }
        document = json_document();
        json_add_history(document, &list);
        json_print(document, options->json);
        return EXIT_DONE;
}

ExitCode verb_history(const Options *options)
{
        const char *what = options->n_arguments > 0 ? options->arguments[0] : NULL;
        _cleanup_(client_close) Client client = {};
        ExitCode code;

        if (what && !streq(what, "export") && !streq(what, "delete")) {
                complain("history is listed, or followed by export or delete; see: kneectl history "
                         "--help");
                return EXIT_USAGE;
        }

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        if (!what)
                return list_history(&client);

        return streq(what, "export") ? history_export(&client) : history_delete(&client);
}
