/* SPDX-License-Identifier: MIT */
#include "daemon/leg-map.h"

#include <math.h>
#include <stddef.h>

typedef struct ZoneEntry {
        const char *name;
        LegPoint place;
} ZoneEntry;

/* The thigh's zones lie 85 mm and more from the knee's, so that a hand on one does not reach the
 * other. The knee's lie a finger's breadth outside the kneecap. */
static const ZoneEntry zones[] = {
        [ZONE_THIGH_FRONT_UPPER] = { "thigh-front-upper", { 0, 240 } },
        [ZONE_THIGH_FRONT_LOWER] = { "thigh-front-lower", { 0, 140 } },
        [ZONE_THIGH_OUTER_UPPER] = { "thigh-outer-upper", { 60, 240 } },
        [ZONE_THIGH_OUTER_LOWER] = { "thigh-outer-lower", { 60, 140 } },
        [ZONE_THIGH_INNER_UPPER] = { "thigh-inner-upper", { -60, 240 } },
        [ZONE_THIGH_INNER_LOWER] = { "thigh-inner-lower", { -60, 140 } },
        [ZONE_THIGH_FRONT_OUTER_UPPER] = { "thigh-front-outer-upper", { 54, 240 } },
        [ZONE_THIGH_FRONT_OUTER_LOWER] = { "thigh-front-outer-lower", { 54, 140 } },
        [ZONE_THIGH_FRONT_INNER_UPPER] = { "thigh-front-inner-upper", { -54, 240 } },
        [ZONE_THIGH_FRONT_INNER_LOWER] = { "thigh-front-inner-lower", { -54, 140 } },
        [ZONE_KNEE_ABOVE] = { "knee-above", { 0, 55 } },
        [ZONE_KNEE_OUTER] = { "knee-outer", { 46, 0 } },
        [ZONE_KNEE_BELOW] = { "knee-below", { 0, -55 } },
        [ZONE_KNEE_INNER] = { "knee-inner", { -46, 0 } },
};

const char *zone_name(Zone zone)
{
        return zones[zone].name;
}

LegPoint zone_place(Zone zone)
{
        return zones[zone].place;
}

static double turn_between(double a_deg, double b_deg)
{
        double d = fabs(a_deg - b_deg);

        return d > 180 ? 360 - d : d;
}

double leg_distance_mm(LegPoint a, LegPoint b)
{
        double across_mm = turn_between(a.angle_deg, b.angle_deg) * LEG_MM_PER_DEGREE;
        double along_mm = a.height_mm - b.height_mm;

        /* hypot() minds squares that overflow, for a quarter of the time that rendering takes; a
         * leg has none. */
        return sqrt(across_mm * across_mm + along_mm * along_mm);
}
