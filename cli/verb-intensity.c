/* SPDX-License-Identifier: MIT */
#include "cli/one-session.h"
#include "cli/text.h"
#include "cli/verbs.h"

ExitCode verb_intensity(const Options *options)
{
        char done[64];
        unsigned percent;

        if (text_parse_number(options->arguments[0], &percent) < 0) {
                complain("intensity takes a whole number from 1 to 100, percent of what the limits "
                         "allow.");
                return EXIT_USAGE;
        }
        (void) snprintf(done, sizeof(done), "plays at an intensity of %u %%.", percent);
        return one_session_call(options, "SetIntensity", percent, done);
}
