/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"

static void print_massagers(const Objects *objects)
{
        static const char *const heading[] = { "ID", "NAME", "STATE", "ACTUATORS", "HEATERS",
                "CUT-OFF", "REASON" };
        _cleanup_(table_clear) Table table = {};

        if (objects->n_massagers == 0) {
                say(stdout, "No massager is attached.");
                return;
        }
        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < objects->n_massagers; i++) {
                const Massager *massager = &objects->massagers[i];

                (void) table_add(&table, "%s", massager->id);
                (void) table_add(&table, "%s", massager->name);
                (void) table_add(&table, "%s", massager->state);
                (void) table_add(&table, "%u", massager->n_actuators);
                (void) table_add(&table, "%u", massager->n_heaters);
                if (massager->cut_off_ms > 0)
                        (void) table_add(&table, "%u ms", massager->cut_off_ms);
                else
                        (void) table_add(&table, "none");
                (void) table_add(&table, "%s", massager->reason[0] ? massager->reason : "-");
        }
        table_print(&table, stdout);
}

ExitCode verb_devices(const Options *options)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(objects_clear) Objects objects = {};
        _cleanup_(client_close) Client client = {};
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_get_objects(&client, &error, &objects);
        if (r < 0)
                return client_complain(&client, r, &error);
        if (options->json == JSON_OFF) {
                print_massagers(&objects);
                return EXIT_DONE;
        }
        document = json_document();
        json_add_massagers(document, &objects);
        json_print(document, options->json);
        return EXIT_DONE;
}
