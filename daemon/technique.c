/* SPDX-License-Identifier: MIT */
#include "daemon/technique.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/macro.h"

/* Where the contact is smaller than the gap between actuators, it is widened to this much of the
 * distance to the nearest one, which then wants 1 - 1/1.5² = 56 % of the strength at least. */
#define WIDEN 1.5

#define TURN_PERMILLE 1000.0
#define PERMILLE      1000u
#define PERCENT       100u

uint64_t technique_round_ms(const Technique *technique)
{
        uint64_t sum = 0;

        for (unsigned i = 0; i < technique->n_motions; i++)
                sum += technique->motions[i].duration_ms;

        return sum;
}

/* The motion at t_ms, and how far into it that is. */
static const Motion *motion_at(const Technique *technique, uint64_t t_ms, uint64_t *ret_into_ms)
{
        uint64_t into = t_ms % MAX(technique_round_ms(technique), 1u);
        unsigned i = 0;

        while (i + 1 < technique->n_motions && into >= technique->motions[i].duration_ms)
                into -= technique->motions[i++].duration_ms;

        *ret_into_ms = into;
        return &technique->motions[i];
}

static double envelope_at(const Motion *motion, double beat_permille)
{
        const EnvelopePoint *p = motion->envelope;

        for (unsigned i = 1; i < motion->n_envelope; i++) {
                double span = p[i].beat_permille - p[i - 1].beat_permille;

                if (beat_permille > p[i].beat_permille)
                        continue;
                if (span <= 0)
                        return p[i].strength_permille;

                return p[i - 1].strength_permille +
                       (p[i].strength_permille - p[i - 1].strength_permille) *
                                       (beat_permille - p[i - 1].beat_permille) / span;
        }

        return 0;
}

/* When in a beat the hand is lifted for the way back: where the envelope's closing zeros begin. */
static double lifted_at_permille(const Motion *motion)
{
        unsigned i = motion->n_envelope - 1;

        while (i > 1 && motion->envelope[i - 1].strength_permille == 0)
                i--;

        return motion->envelope[i].beat_permille;
}

/* A place along the path: progress 0 is its first zone, 1 its last. */
static LegPoint path_at(const Motion *motion, double progress)
{
        double scaled = fmin(fmax(progress, 0), 1) * (motion->n_path - 1);
        unsigned i = (unsigned) scaled;
        LegPoint a = zone_place(motion->path[i]), b;

        if (i + 1 >= motion->n_path)
                return a;

        b = zone_place(motion->path[i + 1]);
        return (LegPoint){
                .angle_deg = a.angle_deg + (b.angle_deg - a.angle_deg) * (scaled - i),
                .height_mm = a.height_mm + (b.height_mm - a.height_mm) * (scaled - i),
        };
}

/* Whose turn it is in the path, each zone having an equal share of the motion. */
static unsigned turn_at(const Motion *motion, uint64_t into_ms)
{
        return (unsigned) (into_ms * motion->n_path / motion->duration_ms);
}

static LegPoint dwell_at(const Motion *motion, uint64_t into_ms)
{
        return zone_place(motion->path[turn_at(motion, into_ms)]);
}

static LegPoint on_circle(LegPoint middle, double circle_mm, double beat_permille)
{
        double turn = 2 * M_PI * beat_permille / TURN_PERMILLE;

        return (LegPoint){
                .angle_deg = middle.angle_deg + circle_mm * sin(turn) / LEG_MM_PER_DEGREE,
                .height_mm = middle.height_mm + circle_mm * cos(turn),
        };
}

Contact technique_contact(const Technique *technique, uint64_t t_ms, unsigned tempo_percent)
{
        uint64_t into_ms;
        const Motion *motion = motion_at(technique, t_ms, &into_ms);
        Contact contact = { .radius_mm = motion->radius_mm };
        uint32_t beat;
        uint64_t begun;
        double beat_permille;

        if (motion->kind == MOTION_REST)
                return contact;

        beat = motion->beat_ms * PERCENT;
        begun = (uint64_t) beat * motion->phase_permille / PERMILLE;
        beat_permille = TURN_PERMILLE * (double) ((into_ms * tempo_percent + begun) % beat) / beat;
        contact.strength_permille = (unsigned) lround(envelope_at(motion, beat_permille));

        switch (motion->kind) {
        case MOTION_TAP:
                contact.at = path_at(motion, (double) into_ms / motion->duration_ms);
                break;
        case MOTION_STROKE:
                contact.at = path_at(motion, beat_permille / lifted_at_permille(motion));
                break;
        case MOTION_CIRCLE:
                contact.at = on_circle(dwell_at(motion, into_ms), motion->circle_mm, beat_permille);
                break;
        case MOTION_HOLD:
                contact.at = dwell_at(motion, into_ms);
                break;
        case MOTION_REST:
        case _MOTION_KIND_MAX:
                break;
        }

        return contact;
}

uint64_t technique_next_place_ms(const Technique *technique, uint64_t t_ms)
{
        uint64_t into_ms, end_ms;
        const Motion *motion = motion_at(technique, t_ms, &into_ms);

        end_ms = motion->duration_ms;
        if (motion->kind == MOTION_CIRCLE || motion->kind == MOTION_HOLD) {
                uint64_t turns = turn_at(motion, into_ms) + 1;

                end_ms = (turns * motion->duration_ms + motion->n_path - 1) / motion->n_path;
        }

        return t_ms - into_ms + end_ms;
}

static double actuator_distance_mm(LegPoint at, const Actuator *actuator)
{
        return leg_distance_mm(
                        at, (LegPoint){ actuator->place.angle_deg, actuator->place.height_mm });
}

/* HUGE_VAL where no placed actuator may be used. */
static double nearest_mm(LegPoint at, const Layout *layout)
{
        double nearest = HUGE_VAL;

        for (unsigned i = 0; i < layout->n_actuators; i++) {
                const Actuator *a = &layout->actuators[i];

                if (a->place.known && !leg_keep_out(&a->place))
                        nearest = fmin(nearest, actuator_distance_mm(at, a));
        }

        return nearest;
}

/* What a contact of that radius gives an actuator at that distance. */
static double weight(double distance_mm, double radius_mm)
{
        double d = distance_mm > 0 ? distance_mm / radius_mm : 0;

        return d < 1 ? 1 - d * d : 0;
}

void technique_levels(const Contact *contact, const Layout *layout,
                uint16_t ret_permille[static LAYOUT_ACTUATORS_MAX])
{
        double distance_mm[LAYOUT_ACTUATORS_MAX];
        double nearest = HUGE_VAL, radius_mm = contact->radius_mm;

        memset(ret_permille, 0, LAYOUT_ACTUATORS_MAX * sizeof(*ret_permille));
        if (contact->strength_permille == 0)
                return;

        for (unsigned i = 0; i < layout->n_actuators; i++) {
                const Actuator *a = &layout->actuators[i];

                distance_mm[i] = !a->place.known           ? 0
                                 : leg_keep_out(&a->place) ? HUGE_VAL
                                                           : actuator_distance_mm(contact->at, a);
                if (a->place.known && distance_mm[i] < nearest)
                        nearest = distance_mm[i];
        }

        /* Out of reach of all: the radius alone decides, and it reaches nothing. */
        if (nearest <= LEG_REACH_MM)
                radius_mm = fmax(radius_mm, WIDEN * nearest);

        for (unsigned i = 0; i < layout->n_actuators; i++)
                ret_permille[i] = (uint16_t) lround(
                                contact->strength_permille * weight(distance_mm[i], radius_mm));
}

/* SR-KEEP-OUT */
int motion_check_way(const Motion *motion, Zone *ret_from, Zone *ret_to)
{
        /* Only these two travel between the places of their path. */
        if (motion->kind != MOTION_TAP && motion->kind != MOTION_STROKE)
                return 0;

        for (unsigned i = 1; i < motion->n_path; i++) {
                Zone from = motion->path[i - 1], to = motion->path[i];

                if (leg_way_is_clear(zone_place(from), zone_place(to)))
                        continue;
                *ret_from = from;
                *ret_to = to;
                return -EPERM;
        }

        return 0;
}

static bool zone_in_reach(Zone zone, const Layout *layout)
{
        for (unsigned i = 0; i < layout->n_actuators; i++)
                if (!layout->actuators[i].place.known)
                        return true;

        return nearest_mm(zone_place(zone), layout) <= LEG_REACH_MM;
}

int technique_check(const Technique *technique, const Layout *layout, Zone *ret_zone)
{
        for (unsigned i = 0; i < technique->n_motions; i++) {
                const Motion *motion = &technique->motions[i];

                for (unsigned z = 0; z < motion->n_path; z++)
                        if (!zone_in_reach(motion->path[z], layout)) {
                                *ret_zone = motion->path[z];
                                return -ENXIO;
                        }
        }

        return 0;
}
