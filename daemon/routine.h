/* SPDX-License-Identifier: MIT */
#pragma once

/* A routine: steps in order, each a technique with minutes, intensity, tempo and heat. Pure data
 * and arithmetic; routines come from config. */

#include <stdint.h>

#include "daemon/layout.h"
#include "daemon/technique.h"

#define ROUTINE_STEPS_MAX         16u
#define ROUTINE_NAME_MAX          32u /* bytes, without the end */
#define ROUTINE_SUMMARY_MAX       120u
#define ROUTINE_MINUTES_MAX       20u /* of a whole routine, as the session limit */
#define ROUTINE_INTENSITY_DEFAULT 60u /* percent of what the limits allow: the usual start */
#define ROUTINE_TEMPO_MIN_PERCENT 50u
#define ROUTINE_TEMPO_MAX_PERCENT 150u
#define ROUTINE_HEAT_MIN_C        30u
#define ROUTINE_HEAT_MAX_C        41u

typedef struct RoutineStep {
        const Technique *technique;
        uint32_t duration_ms;
        uint8_t intensity_percent; /* 1..100, of what the limits allow */
        uint8_t tempo_percent;     /* ROUTINE_TEMPO_MIN..MAX_PERCENT */
        uint8_t heat_c;            /* degrees Celsius; 0: off, else ROUTINE_HEAT_MIN..MAX_C */
} RoutineStep;

typedef struct Routine {
        char name[ROUTINE_NAME_MAX + 1];
        char summary[ROUTINE_SUMMARY_MAX + 1];
        unsigned n_steps; /* 1..ROUTINE_STEPS_MAX */
        RoutineStep steps[ROUTINE_STEPS_MAX];
} Routine;

uint32_t routine_duration_ms(const Routine *routine);

/* The intensity of the strongest step: what the dial of a session means. A session at another
 * intensity keeps the proportions between the steps. */
unsigned routine_peak_percent(const Routine *routine);

/* Stretches or shortens all steps alike, so that the whole lasts duration_ms exactly.
 * duration_ms: 1..ROUTINE_MINUTES_MAX minutes; -ERANGE otherwise. */
int routine_scale(Routine *routine, uint32_t duration_ms);

/* Whether the massager can play every step. Returns 0, or -ENXIO with the step and zone that no
 * actuator reaches. */
int routine_check(const Routine *routine, const Layout *layout, unsigned *ret_step, Zone *ret_zone);
