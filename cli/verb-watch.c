/* SPDX-License-Identifier: MIT */
#include "cli/session-view.h"
#include "cli/verbs.h"

ExitCode verb_watch(const Options *options)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(objects_clear) Objects objects = {};
        _cleanup_(client_close) Client client = {};
        _cleanup_(session_view_freep) SessionView *view = NULL;
        const Session *session = NULL;
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        code = session_view_new(&client, VIEW_WATCH, &view);
        if (code != EXIT_DONE)
                return code;
        r = client_get_objects(&client, &error, &objects);
        if (r < 0)
                return client_complain(&client, r, &error);
        code = client_find_session(&objects, options->device, &session);
        if (code != EXIT_DONE)
                return code;
        return session_view_follow(view, session->path);
}
