/* SPDX-License-Identifier: MIT */
#include "daemon/leg.h"

#include <string.h>

static const char *const leg_names[_LEG_MAX] = {
        [LEG_LEFT] = "left",
        [LEG_RIGHT] = "right",
};

const char *leg_to_string(Leg leg)
{
        return leg >= 0 && leg < _LEG_MAX ? leg_names[leg] : NULL;
}

Leg leg_from_string(const char *s)
{
        for (Leg leg = 0; leg < _LEG_MAX; leg++)
                if (strcmp(leg_names[leg], s) == 0)
                        return leg;
        return _LEG_INVALID;
}
