/* SPDX-License-Identifier: MIT */
#pragma once

/* A routine played in virtual time, to see beforehand what would become of it on a massager: the
 * very session and governor that would play it, frame by frame, without anybody's leg. Pure.
 *
 * What is looked for is what a person would notice: a place that nothing touches, and whatever the
 * governor would take away. The governor keeps every limit all the same; this is so that a routine
 * that cannot be had is refused with its reason, and not played as something else. */

#include "daemon/session.h"

/* The first thing that is wrong with a routine. */
typedef enum RenderFlaw {
        RENDER_FINE,
        RENDER_OUT_OF_REACH,  /* no actuator is near a place of its path */
        RENDER_SESSION,       /* longer than limits.session_minutes */
        RENDER_HEAT,          /* heats for longer than limits.heat_minutes */
        RENDER_SETPOINT,      /* wants it warmer than limits.setpoint_cc */
        RENDER_HEAT_CURRENT,  /* no heater fits into the massager's budget */
        RENDER_BUSY,          /* goes on where all has to rest after limits.busy_s */
        RENDER_MOSTLY_REST,   /* most of a step is lost to that rest */
        RENDER_MOSTLY_RAMP,   /* most of a step is lost to limits.ramp_permille_per_s */
        RENDER_MOSTLY_BUDGET, /* most of a step is lost to the massager's budget */
        _RENDER_FLAW_MAX,
} RenderFlaw;

/* Who wrote a routine can leave places alone in time, so that nothing falls silent under the hand.
 * A massager that is at hand is what it is: one that does not say where its parts are, or has one
 * motor only, rests with all of it at once. That is no flaw while most of each step is had. */
typedef enum RenderRigour {
        RENDER_AS_WRITTEN, /* RENDER_BUSY is a flaw */
        RENDER_AS_HAD,
} RenderRigour;

/* A step is mostly clamped when the governor takes away more than this share of what is wanted in
 * it: the sum of all levels over all its frames. At the hard limits a gentle beginning costs a step
 * of 30 s at full strength a seventh, so half is never a beginning alone; and with less than half
 * of it left, what is felt is not what was written. A judgement. */
#define RENDER_CLAMPED_PERMILLE 500u

typedef struct RenderReport {
        RenderFlaw flaw;
        unsigned step;  /* from 0; of the flaw */
        uint32_t at_ms; /* since the routine began; of the flaw */
        Zone zone;      /* out of reach, or nearest to the hand */
} RenderReport;

typedef struct Render {
        Session session;
        SessionReadings readings;
        RenderRigour rigour;
        RenderReport report;
        uint64_t now_ms;
        unsigned step;       /* that the sums are of */
        uint64_t wanted;     /* the sum of levels, over the step's frames */
        uint64_t by_ramp;    /* what the ceiling took of it */
        uint64_t by_rest;    /* what the rest of actuators took of it */
        uint64_t by_budget;  /* what the budget took of it */
        uint32_t lost_at_ms; /* the first frame of the step that lost much; UINT32_MAX: none */
        uint32_t heated_ms;  /* of the routine */
} Render;

/* layout, and the governor, which is new and for that layout, must outlive the render. It is
 * played as strong as it is written, by somebody for whom it is not the first session. */
void render_init(Render *r, const Routine *routine, const Layout *layout, const Limits *limits,
                Governor *governor, RenderRigour rigour);

/* Plays at most so many frames. Returns whether there is more to play; if not, the report is
 * whole. Nothing is played after a flaw. */
bool render_play(Render *r, unsigned frames);
