/* SPDX-License-Identifier: MIT */
#pragma once

/* Which leg. Pure. */

typedef enum Leg {
        LEG_LEFT,
        LEG_RIGHT,
        _LEG_MAX,
        _LEG_INVALID = -1,
} Leg;

const char *leg_to_string(Leg leg); /* NULL where it is no leg */
Leg leg_from_string(const char *s); /* _LEG_INVALID where it is neither "left" nor "right" */
