/* SPDX-License-Identifier: MIT */
/* Apart from the rest, because the governor itself allocates nothing. */
#include "daemon/governor-private.h"

#include <stdlib.h>

Governor *governor_new(const Layout *layout, const Limits *limits)
{
        Governor *g = malloc(sizeof(*g));

        if (g)
                governor_init(g, layout, limits);

        return g;
}

Governor *governor_free(Governor *g)
{
        free(g);
        return NULL;
}
