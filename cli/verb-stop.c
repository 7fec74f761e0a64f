/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/text.h"
#include "cli/verbs.h"

/* SR-STOP, SR-EMERGENCY */
static ExitCode stop_all(Client *client, bool emergency, bool quiet)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        uint32_t stopped = 0;
        int r;

        r = emergency ? client_emergency_stop(client, &error, &stopped)
                      : client_stop_all(client, &error, &stopped);
        if (r < 0)
                return client_complain(client, r, &error);
        if (quiet)
                return EXIT_DONE;
        if (stopped == 0)
                say(stdout, "Nothing was running; every massager was told to stop.");
        else
                say(stdout, "Stopped %u session%s.", stopped, stopped == 1 ? "" : "s");
        if (emergency)
                say(stdout, "The massagers that are attached now stay stopped until they are "
                            "released by: "
                            "kneectl clear");
        return EXIT_DONE;
}

static ExitCode stop_one(Client *client, const char *id, bool quiet)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(objects_clear) Objects objects = {};
        const Massager *massager;
        int r;

        r = client_get_objects(client, &error, &objects);
        if (r < 0)
                return client_complain(client, r, &error);
        massager = objects_massager_by_id(&objects, id);
        if (!massager)
                return client_no_massager(&objects, id);
        r = client_call(client, massager->path, KNEED_MASSAGER, "Stop", &error, NULL, NULL);
        if (r < 0)
                return client_complain(client, r, &error);
        if (!quiet)
                say(stdout, "%s is told to stop.", id);
        return EXIT_DONE;
}

ExitCode verb_stop(const Options *options)
{
        const bool emergency = options_has(options, OPTION_EMERGENCY);
        const bool quiet = options_has(options, OPTION_QUIET);
        _cleanup_(client_close) Client client = {};
        ExitCode code;

        if (emergency && options->n_arguments > 0) {
                complain("an emergency stop is for all massagers; leave out the ID.");
                return EXIT_USAGE;
        }
        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        if (options->n_arguments > 0)
                return stop_one(&client, options->arguments[0], quiet);
        return stop_all(&client, emergency, quiet);
}
