/* SPDX-License-Identifier: MIT */
#include "daemon/technique.h"

#include "common/macro.h"

/* The three techniques, as data. Their times keep one rule of the governor in mind: an actuator
 * that works for 120 s rests for 30 s. So each place is left alone for 37 s and more in every
 * round, and nothing has to be taken away from a person in mid-stroke. */

/* Light drumming: a quick, soft fall of the fingers, four a second. */
#define TAP_ENVELOPE \
        .n_envelope = 4, .envelope = { { 0, 0 }, { 150, 1000 }, { 400, 1000 }, { 1000, 0 } }

#define TAP_PASS(from, to)                                                                 \
        {                                                                                  \
                .kind = MOTION_TAP, .duration_ms = 20000, .beat_ms = 250, .radius_mm = 35, \
                .n_path = 2, .path = { from, to }, TAP_ENVELOPE,                           \
        }

const Technique technique_tapping = {
        .name = "tapping",
        .summary = "Light drumming down the front and the sides of the thigh, from hip to knee",
        .frequency_hz = 120,
        .n_motions = 3,
        .motions = {
                TAP_PASS(ZONE_THIGH_FRONT_UPPER, ZONE_THIGH_FRONT_LOWER),
                TAP_PASS(ZONE_THIGH_OUTER_UPPER, ZONE_THIGH_OUTER_LOWER),
                TAP_PASS(ZONE_THIGH_INNER_UPPER, ZONE_THIGH_INNER_LOWER),
        },
};

/* A palm laid on, drawn down, lifted off and carried back: three of five seconds touch. */
#define GLIDE_ENVELOPE   \
        .n_envelope = 5, \
        .envelope = { { 0, 0 }, { 120, 1000 }, { 480, 1000 }, { 600, 0 }, { 1000, 0 } }

#define GLIDE(ms, from, to)                                                                 \
        {                                                                                   \
                .kind = MOTION_STROKE, .duration_ms = ms, .beat_ms = 5000, .radius_mm = 45, \
                .n_path = 2, .path = { from, to }, GLIDE_ENVELOPE,                          \
        }

const Technique technique_glide = {
        .name = "glide",
        .summary = "Slow strokes down the front of the thigh, from hip to knee",
        .frequency_hz = 80,
        .n_motions = 3,
        .motions = {
                GLIDE(40000, ZONE_THIGH_FRONT_UPPER, ZONE_THIGH_FRONT_LOWER),
                GLIDE(20000, ZONE_THIGH_FRONT_OUTER_UPPER, ZONE_THIGH_FRONT_OUTER_LOWER),
                GLIDE(20000, ZONE_THIGH_FRONT_INNER_UPPER, ZONE_THIGH_FRONT_INNER_LOWER),
        },
};

/* Fingertips pressed in, circled once and eased off, ten times at each place. */
const Technique technique_friction = {
        .name = "friction",
        .summary = "Small circles around the kneecap: above, outer side, below, inner side",
        .frequency_hz = 100,
        .n_motions = 4,
        .motions = {
#define FRICTION(zone)                                                                         \
        {                                                                                      \
                .kind = MOTION_CIRCLE, .duration_ms = 12500, .beat_ms = 1250, .radius_mm = 36, \
                .circle_mm = 15, .n_path = 1, .path = { zone }, .n_envelope = 4,               \
                .envelope = { { 0, 0 }, { 150, 1000 }, { 850, 1000 }, { 1000, 0 } },           \
        }
                FRICTION(ZONE_KNEE_ABOVE),
                FRICTION(ZONE_KNEE_OUTER),
                FRICTION(ZONE_KNEE_BELOW),
                FRICTION(ZONE_KNEE_INNER),
#undef FRICTION
        },
};

const Technique *technique_by_name(const char *name)
{
        static const Technique *const all[] = {
                &technique_tapping,
                &technique_glide,
                &technique_friction,
        };

        for (size_t i = 0; i < ELEMENTSOF(all); i++)
                if (streq(all[i]->name, name))
                        return all[i];

        return NULL;
}
