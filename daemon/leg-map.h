/* SPDX-License-Identifier: MIT */
#pragma once

/* The leg map: where things are on a leg. Side-neutral, so left and right knees share one map.
 * Pure.
 *
 * A leg is unrolled into a plane: millimetres across are angle × LEG_MM_PER_DEGREE. One scale for
 * thigh and knee: a circumference of 41 cm lies between an adult's knee (about 37 cm) and mid-thigh
 * (about 50 cm). A judgement; it only bends circles a little. */

#include <stdbool.h>

#include "daemon/layout.h"

#define LEG_CENTIMM_PER_DEGREE 114 /* 41000 hundredths of a millimetre / 360° */
#define LEG_MM_PER_DEGREE      (LEG_CENTIMM_PER_DEGREE / 100.0)

/* A contact reaches an actuator that lies at most so far from its middle, in millimetres; a place
 * without an actuator in reach cannot be massaged. About the length of a finger: a judgement. */
#define LEG_REACH_MM 80.0

/* Zones that a technique can name. The two keep-out zones have no name here, on purpose: what has
 * no name cannot be asked for. */
typedef enum Zone {
        ZONE_THIGH_FRONT_UPPER,
        ZONE_THIGH_FRONT_LOWER,
        ZONE_THIGH_OUTER_UPPER,
        ZONE_THIGH_OUTER_LOWER,
        ZONE_THIGH_INNER_UPPER,
        ZONE_THIGH_INNER_LOWER,
        ZONE_THIGH_FRONT_OUTER_UPPER, /* between front and outer side */
        ZONE_THIGH_FRONT_OUTER_LOWER,
        ZONE_THIGH_FRONT_INNER_UPPER,
        ZONE_THIGH_FRONT_INNER_LOWER,
        ZONE_KNEE_ABOVE,
        ZONE_KNEE_OUTER,
        ZONE_KNEE_BELOW,
        ZONE_KNEE_INNER,
        _ZONE_MAX,
} Zone;

typedef struct LegPoint {
        double angle_deg;
        double height_mm;
} LegPoint;

const char *zone_name(Zone zone);  /* "knee-above"; stable, used in config and on the bus */
const char *zone_words(Zone zone); /* where it is, for people: "below the kneecap" */
LegPoint zone_place(Zone zone);    /* its middle */

/* _ZONE_MAX where none has that name. */
Zone zone_by_name(const char *name);

/* Millimetres between two points on the unrolled leg, the short way round. */
double leg_distance_mm(LegPoint a, LegPoint b);

/* Whether the straight way on the unrolled leg, without turning around the back, stays out of both
 * keep-out zones. */
bool leg_way_is_clear(LegPoint from, LegPoint to);

/* Whether a point lies in a keep-out zone: within 32 mm of the middle of the kneecap (an adult's
 * kneecap is about 45 mm across, and a finger's breadth is left around it), or in the hollow of the
 * knee (135° to 225° around, 70 mm up and down: the diamond where vessels and nerves lie under the
 * skin). Judgements on ordinary anatomy. A place that is not known is not keep-out: a massager
 * without places is worn as its maker says. */
/*@ predicate on_kneecap(integer across_centimm, integer along_centimm) =
        across_centimm * across_centimm + along_centimm * along_centimm <= 3200 * 3200;

    predicate in_hollow(integer angle_deg, integer height_mm) =
        (angle_deg >= 135 || angle_deg <= -135) && -70 <= height_mm <= 70;

    predicate in_keep_out(Place *place) = place->known &&
        (on_kneecap(place->angle_deg * LEG_CENTIMM_PER_DEGREE, place->height_mm * 100) ||
         in_hollow(place->angle_deg, place->height_mm));
*/
/*@ requires \valid_read(place);
    assigns \nothing;
    ensures keep_out: \result <==> in_keep_out(place);
*/
bool leg_keep_out(const Place *place);
