/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"

static void print_limits(const LimitList *list)
{
        static const char *const heading[] = { "LIMIT", "VALUE", "HARD", "UNIT", "WHAT" };
        _cleanup_(table_clear) Table table = {};

        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < list->n_limits; i++) {
                const LimitInfo *limit = &list->limits[i];

                (void) table_add(&table, "%s", limit->key);
                (void) table_add(&table, "%u", limit->value);
                (void) table_add(&table, "%u", limit->hard);
                (void) table_add(&table, "%s", limit->unit);
                (void) table_add(&table, "%s", limit->what);
        }
        table_print(&table, stdout);
}

static void print_sources(const LimitList *list)
{
        for (size_t i = 0; i < list->n_limits; i++) {
                const LimitInfo *limit = &list->limits[i];

                say(stdout, "%s%s: %u (hard %u) %s", i > 0 ? "\n" : "", limit->key, limit->value,
                                limit->hard, limit->unit);
                say(stdout, "  %s", limit->what);
                say(stdout, "  %s", limit->source);
        }
}

ExitCode verb_limits(const Options *options)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(limit_list_clear) LimitList list = {};
        _cleanup_(client_close) Client client = {};
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_call(&client, KNEED_ROOT, KNEED_MANAGER, "ListLimits", &error, &reply, NULL);
        if (r < 0)
                return client_complain(&client, r, &error);
        r = limit_list_read(reply, &list);
        if (r < 0)
                return client_complain(&client, r, NULL);
        if (options->json != JSON_OFF) {
                document = json_document();
                json_add_limits(document, &list);
                json_print(document, options->json);
        } else if (options_has(options, OPTION_SOURCES)) {
                print_sources(&list);
        } else {
                print_limits(&list);
        }
        return EXIT_DONE;
}
