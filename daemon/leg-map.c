/* SPDX-License-Identifier: MIT */
#include "daemon/leg-map.h"

#include <math.h>
#include <stddef.h>

#include "common/macro.h"

typedef struct ZoneEntry {
        const char *name;
        const char *words;
        LegPoint place;
} ZoneEntry;

/* The thigh's zones lie 85 mm and more from the knee's, so that a hand on one does not reach the
 * other. The knee's lie a finger's breadth outside the kneecap. */
static const ZoneEntry zones[] = {
        [ZONE_THIGH_FRONT_UPPER] = { "thigh-front-upper", "front of the thigh, half way up",
                        { 0, 240 } },
        [ZONE_THIGH_FRONT_LOWER] = { "thigh-front-lower", "front of the thigh, above the knee",
                        { 0, 140 } },
        [ZONE_THIGH_OUTER_UPPER] = { "thigh-outer-upper", "outer side of the thigh, half way up",
                        { 60, 240 } },
        [ZONE_THIGH_OUTER_LOWER] = { "thigh-outer-lower", "outer side of the thigh, above the knee",
                        { 60, 140 } },
        [ZONE_THIGH_INNER_UPPER] = { "thigh-inner-upper", "inner side of the thigh, half way up",
                        { -60, 240 } },
        [ZONE_THIGH_INNER_LOWER] = { "thigh-inner-lower", "inner side of the thigh, above the knee",
                        { -60, 140 } },
        [ZONE_THIGH_FRONT_OUTER_UPPER] = { "thigh-front-outer-upper",
                        "front to outer side, half way up", { 54, 240 } },
        [ZONE_THIGH_FRONT_OUTER_LOWER] = { "thigh-front-outer-lower",
                        "front to outer side, above the knee", { 54, 140 } },
        [ZONE_THIGH_FRONT_INNER_UPPER] = { "thigh-front-inner-upper",
                        "front to inner side, half way up", { -54, 240 } },
        [ZONE_THIGH_FRONT_INNER_LOWER] = { "thigh-front-inner-lower",
                        "front to inner side, above the knee", { -54, 140 } },
        [ZONE_KNEE_ABOVE] = { "knee-above", "above the kneecap", { 0, 55 } },
        [ZONE_KNEE_OUTER] = { "knee-outer", "beside the kneecap, on the outer side", { 46, 0 } },
        [ZONE_KNEE_BELOW] = { "knee-below", "below the kneecap", { 0, -55 } },
        [ZONE_KNEE_INNER] = { "knee-inner", "beside the kneecap, on the inner side", { -46, 0 } },
};

const char *zone_name(Zone zone)
{
        return zones[zone].name;
}

const char *zone_words(Zone zone)
{
        return zones[zone].words;
}

Zone zone_by_name(const char *name)
{
        Zone zone = 0;

        while (zone < _ZONE_MAX && !streq(zones[zone].name, name))
                zone++;
        return zone;
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

/* In steps finer than the whole degrees and millimetres that a place is given in. */
bool leg_way_is_clear(LegPoint from, LegPoint to)
{
        unsigned steps = 1 +
                         2 * (unsigned) hypot((to.angle_deg - from.angle_deg) * LEG_MM_PER_DEGREE,
                                             to.height_mm - from.height_mm);

        for (unsigned i = 0; i <= steps; i++) {
                double share = (double) i / steps;
                Place at = {
                        .known = true,
                        .angle_deg = (int16_t) lround(
                                        from.angle_deg + (to.angle_deg - from.angle_deg) * share),
                        .height_mm = (int16_t) lround(
                                        from.height_mm + (to.height_mm - from.height_mm) * share),
                };

                if (leg_keep_out(&at))
                        return false;
        }
        return true;
}
