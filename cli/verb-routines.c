/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/zones.h"

#define JOINED_SIZE (sizeof(Names) + TECHNIQUES_MAX * 2) /* with commas and blanks */

static int compare(const void *a, const void *b)
{
        const RoutineInfo *left = a, *right = b;

        return strcmp(left->name, right->name);
}

static const char *joined(const Names *names, char buffer[static JOINED_SIZE])
{
        char *end = buffer;

        *end = '\0';
        for (unsigned i = 0; i < names->n; i++) {
                if (i > 0)
                        end = stpcpy(end, ", ");
                end = stpcpy(end, names->name[i]);
        }
        return buffer;
}

static void print_routines(const RoutineList *list)
{
        static const char *const heading[] = { "NAME", "MINUTES", "INTENSITY", "TECHNIQUES",
                "SUMMARY" };
        _cleanup_(table_clear) Table table = {};

        if (list->n_routines == 0) {
                say(stdout, "There is no routine.");
                return;
        }
        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < list->n_routines; i++) {
                const RoutineInfo *routine = &list->routines[i];
                char duration[TEXT_DURATION_SIZE], names[JOINED_SIZE];

                (void) table_add(&table, "%s", routine->name);
                (void) table_add(&table, "%s",
                                text_duration((uint64_t) routine->duration_s * 1000, duration));
                (void) table_add(&table, "%u %%", routine->intensity_percent);
                (void) table_add(&table, "%s", joined(&routine->techniques, names));
                (void) table_add(&table, "%s", routine->summary);
        }
        table_print(&table, stdout);

        for (size_t i = 0; i < list->n_routines; i++)
                if (list->routines[i].unsuited[0])
                        say(stdout, "%s: %s", list->routines[i].name, list->routines[i].unsuited);
}

static int answer_routines(sd_bus_message *reply, const Options *options)
{
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(routine_list_clear) RoutineList list = {};
        int r;

        r = routine_list_read(reply, &list);
        if (r < 0)
                return r;
        if (list.n_routines > 0)
                qsort(list.routines, list.n_routines, sizeof(*list.routines), compare);
        if (options->json == JSON_OFF) {
                print_routines(&list);
                return 0;
        }
        document = json_document();
        json_add_routines(document, &list);
        json_print(document, options->json);
        return 0;
}

static int answer_zones(sd_bus_message *reply, const Options *options)
{
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(zone_list_clear) ZoneList list = {};
        int r;

        r = zone_list_read(reply, &list);
        if (r < 0)
                return r;
        if (options->json == JSON_OFF) {
                zones_print(&list);
                return 0;
        }
        document = json_document();
        json_add_zones(document, &list);
        json_print(document, options->json);
        return 0;
}

ExitCode verb_routines(const Options *options)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(client_close) Client client = {};
        bool zones = options_has(options, OPTION_ZONES);
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_call(&client, KNEED_ROOT, KNEED_MANAGER, zones ? "ListZones" : "ListRoutines",
                        &error, &reply, NULL);
        if (r < 0)
                return client_complain(&client, r, &error);
        r = zones ? answer_zones(reply, options) : answer_routines(reply, options);
        return r < 0 ? client_complain(&client, r, NULL) : EXIT_DONE;
}
