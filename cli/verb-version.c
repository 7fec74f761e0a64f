/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/text.h"
#include "cli/verbs.h"

ExitCode verb_version(const Options *options)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(client_close) Client client = {};
        char sentence[CLIENT_SENTENCE_SIZE];
        Manager manager;
        int r;

        say(stdout, "kneectl %s", KNEED_VERSION);
        r = client_connect(options, &client);
        if (r >= 0)
                r = client_get_manager(&client, &error, &manager);
        if (r >= 0) {
                say(stdout, "kneed %s", manager.version);
        } else {
                (void) client_explain(options, r, &error, sentence);
                say(stdout, "%s", sentence);
        }
        return EXIT_DONE;
}
