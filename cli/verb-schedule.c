/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/ics.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/when.h"

#define DAYS_SHOWN    7u
#define DAYS_EXPORTED 31u /* as many as kneed gives */

static int get_schedule(Client *client, unsigned days, sd_bus_error *error, PlannedList *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "GetSchedule", error, &reply, "u", days);
        if (r < 0)
                return r;
        return planned_list_read(reply, ret);
}

/* Why it is skipped, or comes later. */
static void add_why(Table *table, const PlannedTime *time, uint64_t now_us)
{
        char when[WHEN_SIZE];

        if (!streq(time->state, "skipped") && time->opens_us > time->due_us)
                (void) table_add(table, "Offered from %s on.%s%s",
                                when_text(time->opens_us, now_us, when),
                                time->sentence[0] ? " " : "", time->sentence);
        else
                (void) table_add(table, "%s", time->sentence);
}

static void print_schedule(const PlannedList *list)
{
        static const char *const heading[] = { "WHEN", "NAME", "ROUTINE", "LEG", "STATE", "WHY" };
        _cleanup_(table_clear) Table table = {};
        const uint64_t now_us = when_now();

        if (list->n_times == 0) {
                say(stdout,
                                "Nothing is planned for the next %u days. A schedule is written "
                                "into "
                                "kneed.conf; see: man kneed.conf",
                                DAYS_SHOWN);
                return;
        }
        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < list->n_times; i++) {
                const PlannedTime *time = &list->times[i];
                char when[WHEN_SIZE];

                (void) table_add(&table, "%s", when_text(time->due_us, now_us, when));
                (void) table_add(&table, "%s", time->name);
                (void) table_add(&table, "%s", time->routine);
                (void) table_add(&table, "%s", time->leg);
                (void) table_add(&table, "%s%s", time->state,
                                time->unattended && streq(time->state, "planned") ? ", unattended"
                                                                                  : "");
                add_why(&table, time, now_us);
        }
        table_print(&table, stdout);
}

static void write_calendar(const Options *options, const PlannedList *list)
{
        char host[HOST_NAME_MAX + 1] = "localhost";

        if (!options->host && gethostname(host, sizeof(host)) < 0)
                (void) snprintf(host, sizeof(host), "localhost");
        host[sizeof(host) - 1] = '\0';
        ics_write(stdout, list, options->host ? options->host : host, when_now());
}

ExitCode verb_schedule(const Options *options)
{
        const bool ics = options_has(options, OPTION_ICS);
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(planned_list_clear) PlannedList list = {};
        _cleanup_(client_close) Client client = {};
        ExitCode code;
        int r;

        if (ics && options->json != JSON_OFF) {
                complain("--ics and --json do not go together; choose one of them.");
                return EXIT_USAGE;
        }
        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = get_schedule(&client, ics ? DAYS_EXPORTED : DAYS_SHOWN, &error, &list);
        if (r < 0)
                return client_complain(&client, r, &error);
        if (ics) {
                write_calendar(options, &list);
        } else if (options->json == JSON_OFF) {
                print_schedule(&list);
        } else {
                document = json_document();
                json_add_schedule(document, &list);
                json_print(document, options->json);
        }
        return EXIT_DONE;
}
