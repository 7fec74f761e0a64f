/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "cli/text.h"
#include "cli/verbs.h"

/* kneed itself reads its files, so that there is one reader; it needs no bus and no rights for it.
 * The tests have their own place for it. */
static const char *kneed_program(void)
{
        const char *program = secure_getenv("KNEECTL_KNEED");

        return program ? program : KNEED_PROGRAM;
}

ExitCode verb_check(const Options *options)
{
        const char *argv[ARGUMENTS_MAX + 4] = { kneed_program(), "--check-config", "--" };

        if (options_has(options, OPTION_HOST)) {
                complain("check reads the files of this machine; leave out --host.");
                return EXIT_USAGE;
        }
        for (unsigned i = 0; i < options->n_arguments; i++)
                argv[3 + i] = options->arguments[i];

        /* exec() only reads them; its type is older than const was usual. */
        /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
        (void) execv(argv[0], (char **) (uintptr_t) argv);
        if (errno == ENOENT)
                complain("kneed is not installed at %s, and without it nothing can be checked; "
                         "install it.",
                                argv[0]);
        else
                complain("kneed cannot be started from %s; see whether it is a program that you "
                         "may "
                         "run: ls -l %s",
                                argv[0], argv[0]);
        return EXIT_UNREACHABLE;
}
