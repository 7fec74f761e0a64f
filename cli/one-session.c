/* SPDX-License-Identifier: MIT */
#include "cli/one-session.h"

#include "cli/client.h"
#include "cli/text.h"

ExitCode one_session_call(
                const Options *options, const char *member, unsigned percent, const char *done)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(objects_clear) Objects objects = {};
        _cleanup_(client_close) Client client = {};
        const Session *session = NULL;
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_get_objects(&client, &error, &objects);
        if (r < 0)
                return client_complain(&client, r, &error);
        code = client_find_session(&objects, options->device, &session);
        if (code != EXIT_DONE)
                return code;
        r = client_call(&client, session->path, KNEED_SESSION, member, &error, NULL,
                        percent > 0 ? "u" : NULL, percent);
        if (r < 0)
                return client_complain(&client, r, &error);
        if (!options_has(options, OPTION_QUIET))
                say(stdout, "%s %s", session->routine, done);
        return EXIT_DONE;
}
