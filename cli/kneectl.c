/* SPDX-License-Identifier: MIT */
#include <locale.h>

#include "cli/text.h"
#include "cli/verbs.h"

int main(int argc, char **argv)
{
        char error[OPTIONS_ERROR_SIZE];
        Options options;

        /* Characters only: numbers and words stay the same everywhere. */
        (void) setlocale(LC_CTYPE, "");
        if (options_parse(argc, argv, verbs, &options, error) < 0) {
                complain("%s", error);
                return EXIT_USAGE;
        }
        if (options_has(&options, OPTION_HELP)) {
                if (options.verb)
                        options_help_verb(stdout, options.verb);
                else
                        options_help(stdout, verbs);
                return EXIT_DONE;
        }
        if (options_has(&options, OPTION_VERSION))
                return (int) verb_version(&options);
        return (int) options.verb->run(&options);
}
