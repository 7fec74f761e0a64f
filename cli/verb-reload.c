/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/text.h"
#include "cli/verbs.h"

#define WRONG_CONFIG "org.kneed1.Error.WrongConfig"

/* Every line names its file: nothing is put before it. */
static void say_lines(const char *message)
{
        _cleanup_free_ char *lines = NULL;
        const size_t size = strlen(message) * 3 + 1; /* what cannot be shown grows */

        lines = malloc(size);
        if (!lines)
                return;
        text_clean_lines(message, lines, size);
        say(stderr, "%s", lines);
}

ExitCode verb_reload(const Options *options)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(client_close) Client client = {};
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_call(&client, KNEED_ROOT, KNEED_MANAGER, "Reload", &error, NULL, NULL);
        if (r < 0 && sd_bus_error_has_name(&error, WRONG_CONFIG)) {
                say_lines(error.message);
                return EXIT_FAILED;
        }
        if (r < 0)
                return client_complain(&client, r, &error);
        if (!options_has(options, OPTION_QUIET))
                say(stdout, "The config was read anew; sessions that run keep what they began "
                            "with.");
        return EXIT_DONE;
}
