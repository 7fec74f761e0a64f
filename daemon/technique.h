/* SPDX-License-Identifier: MIT */
#pragma once

/* How a contact moves over the leg map. A technique is data: motions over a path of zones, played
 * one after the other and then again from the first. Pure: the time is an argument. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/layout.h"
#include "daemon/leg-map.h"

#define TECHNIQUE_NAME_MAX     32u /* bytes, without the end */
#define TECHNIQUE_SUMMARY_MAX  120u
#define TECHNIQUE_MOTIONS_MAX  16u
#define TECHNIQUE_PATH_MAX     16u
#define TECHNIQUE_ENVELOPE_MAX 8u
/* What the governor lets through. */
#define TECHNIQUE_FREQUENCY_MIN_HZ 50u
#define TECHNIQUE_FREQUENCY_MAX_HZ 300u
/* No circle around a zone reaches the kneecap: the nearest zones lie 52 mm from its middle. */
#define TECHNIQUE_CIRCLE_MAX_MM 20u

typedef enum MotionKind {
        MOTION_TAP,    /* beats, while the hand travels along the path */
        MOTION_STROKE, /* travels along the whole path in each beat, comes back lifted */
        MOTION_CIRCLE, /* small circles around each place of the path in turn, one circle a beat */
        MOTION_HOLD,   /* rests its weight on each place of the path in turn */
        MOTION_REST,   /* the hand is lifted */
        _MOTION_KIND_MAX,
} MotionKind;

/* A point of the strength envelope: linear between points, at 0 per mille of a beat first and at
 * 1000 last. */
typedef struct EnvelopePoint {
        uint16_t beat_permille;
        uint16_t strength_permille;
} EnvelopePoint;

typedef struct Motion {
        MotionKind kind;
        uint32_t duration_ms;    /* of the whole motion, at any tempo */
        uint32_t beat_ms;        /* of one tap, stroke, circle or hold's swell at a tempo of 100 %;
                                  * not for rest */
        uint16_t radius_mm;      /* of the contact: a finger 20, a palm 45 */
        uint16_t circle_mm;      /* radius of the circles, at most TECHNIQUE_CIRCLE_MAX_MM; only for
                                  * circle */
        uint16_t phase_permille; /* where in its beat it begins, 0 to 999; not for rest */
        uint8_t n_path;          /* not for rest */
        uint8_t n_envelope;      /* at least 2; not for rest */
        Zone path[TECHNIQUE_PATH_MAX];
        EnvelopePoint envelope[TECHNIQUE_ENVELOPE_MAX];
} Motion;

typedef struct Technique {
        char name[TECHNIQUE_NAME_MAX + 1];
        char summary[TECHNIQUE_SUMMARY_MAX + 1]; /* one line, for people */
        uint16_t frequency_hz;                   /* of a massager that can choose it */
        uint8_t n_motions;
        Motion motions[TECHNIQUE_MOTIONS_MAX];
} Technique;

/* The virtual hand at one moment. */
typedef struct Contact {
        LegPoint at;
        double radius_mm;
        unsigned strength_permille; /* 0: lifted */
} Contact;

/* The length of one round of all motions, in ms. */
uint64_t technique_round_ms(const Technique *technique);

/* Where the hand is after t_ms. Tempo makes the hand quicker, not its stay at a place shorter: each
 * place is worked, and left alone, for as long at any tempo. */
Contact technique_contact(const Technique *technique, uint64_t t_ms, unsigned tempo_percent);

/* When the hand goes on from where it is at t_ms, to the next zone of a circle or hold, else to the
 * next motion: where an eased hand moves on to. */
uint64_t technique_next_place_ms(const Technique *technique, uint64_t t_ms);

/* What each actuator wants under the contact: strength by distance, 0 beyond the contact's radius.
 * Where actuators stand further apart than the radius, the nearest one in reach still answers.
 * A massager without places gets the strength alone. Writes layout->n_actuators levels. Keep-out
 * actuators get nothing: the governor would take it from them, and the massage must not depend on
 * what is taken away. */
void technique_levels(const Contact *contact, const Layout *layout,
                uint16_t ret_permille[static LAYOUT_ACTUATORS_MAX]);

/* Whether a motion keeps the hand's middle out of the keep-out zones on its way, and
 * not only where it stays. Returns 0, or -EPERM with the zones that the first forbidden way leads
 * from and to. */
int motion_check_way(const Motion *motion, Zone *ret_from, Zone *ret_to);

/* Whether the massager has an actuator in reach of every place that the technique touches. Returns
 * 0, or -ENXIO with the first zone out of reach. */
int technique_check(const Technique *technique, const Layout *layout, Zone *ret_zone);
