/* SPDX-License-Identifier: MIT */
#include "daemon/check.h"

#include <errno.h>
#include <stdio.h>

#include "common/macro.h"

DEFINE_TRIVIAL_CLEANUP_FUNC(Config *, config_unref)

static void say_errors(const ConfigErrors *errors)
{
        size_t shown = MIN(errors->n, (size_t) CONFIG_ERRORS_MAX);

        for (size_t i = 0; i < shown; i++)
                (void) fprintf(stderr, "%s\n", errors->text[i]);
        if (errors->n > shown)
                (void) fprintf(stderr, "%zu more errors are not shown; mend these first.\n",
                                errors->n - shown);
}

int check_config(const ConfigPaths *paths)
{
        _cleanup_free_ ConfigErrors *errors = calloc(1, sizeof(*errors));
        _cleanup_(config_unrefp) Config *config = NULL;
        int r;

        if (!errors)
                return -ENOMEM;

        r = config_load(paths, &config, errors);
        if (r == -EINVAL)
                say_errors(errors);
        if (r < 0)
                return r;

        printf("The config is in order; it has %zu routine%s.\n", config->n_routines,
                        config->n_routines == 1 ? "" : "s");
        return 0;
}
