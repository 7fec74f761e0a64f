/* SPDX-License-Identifier: MIT */
#include "cli/guide.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

ExitCode verb_guide(const Options *options)
{
        _cleanup_(terminal_close) Terminal terminal = {};
        const GuidePage *page = guide_pages;
        const char *near = NULL;

        if (options->n_arguments > 0)
                page = guide_find(options->arguments[0], &near);
        if (!page) {
                char clean[64];

                text_clean(options->arguments[0], clean, sizeof(clean));
                if (near)
                        complain("there is no topic %s. Do you mean %s?", clean, near);
                else
                        complain("there is no topic %s. See: kneectl guide", clean);
                return EXIT_USAGE;
        }
        terminal_open(&terminal);
        guide_print(page, terminal.colours, stdout);
        return EXIT_DONE;
}
