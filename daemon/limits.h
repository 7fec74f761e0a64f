/* SPDX-License-Identifier: MIT */
#pragma once

/* The limits. Hard limits are compiled in; limits.conf may only lower them. Pure.
 *
 * Every number names its source in docs/safety.md; most are judgements that no clinician has
 * reviewed yet. */

#include <stdint.h>

/* One table for all that is said of a limit: its field, the key in limits.conf, the strictest value
 * that can be asked for, the hard limit, the unit, and what it is. */
#define LIMITS(X)                                                                             \
        X(level_permille, 50, 800, "per mille", "highest level of any actuator")              \
        X(first_level_permille, 50, 400, "per mille",                                         \
                        "highest level in a first session, or while no history is kept")      \
        X(session_minutes, 1, 20, "minutes", "longest session")                               \
        X(pause_minutes, 1, 10, "minutes", "longest pause before a session ends")             \
        X(ramp_permille_per_s, 10, 100, "per mille a second", "fastest rise of the ceiling")  \
        X(busy_s, 10, 120, "seconds", "longest time that one actuator works without rest")    \
        X(setpoint_cc, 2500, 4100, "hundredths of a degree", "highest set-point of a heater") \
        X(heat_minutes, 0, 15, "minutes", "longest heat in a session")                        \
        X(day_sessions, 1, 3, "sessions", "most sessions of a leg in 24 hours")               \
        X(day_minutes, 1, 45, "minutes", "longest massage of a leg in 24 hours")

typedef struct Limits {
#define X(field, strictest, hard, unit, what) uint16_t field;
        LIMITS(X)
#undef X
} Limits;

/* What is compiled in: the loosest that can ever hold. */
extern const Limits limits_hard;

/* Takes the least of each field into *limits. */
void limits_tighten(Limits *limits, const Limits *by);
