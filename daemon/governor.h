/* SPDX-License-Identifier: MIT */
#pragma once

/* The governor: the one gate between any request and an actuator.
 *
 * Pure: whole numbers only, the time is an argument, no I/O, no allocation, every loop is bounded.
 * A massager has one governor for as long as it is attached: what an actuator has worked, and a
 * latch, outlive a session.
 *
 * What governor_step() promises, whatever it is given:
 *  1. All levels and set-points are 0 unless the verdict is GOVERNOR_RUNNING, and it is that only
 *     when running is wished, nothing is latched, the massager's status is at most
 *     GOVERNOR_STATUS_FRESH_MS old, the person is screened, dose and session time are left, and the
 *     step is not late.
 *  2. A keep-out actuator's level, and a keep-out heater's set-point, is always 0.
 *  3. Every level is at most each of: what is wanted, the cap of the input, the level limit, in a
 *     first session its lower limit, and the ceiling.
 *  4. The ceiling rises by at most limits.ramp_permille_per_s, from 0 at the start, after every
 *     step that was not GOVERNOR_RUNNING, and after a late one. It never exceeds the cap, so that a
 *     raised intensity rises as slowly as a start. Falling is unlimited.
 *  5. The currents of all levels and lit heaters together are at most the layout's budget.
 *  6. An actuator that has worked for limits.busy_s, without a rest of GOVERNOR_REST_MS in one
 *     piece, rests for GOVERNOR_REST_MS. Work counts from the first level above 0, gaps included.
 *  7. A heater is off unless its reading is present, at most GOVERNOR_STATUS_FRESH_MS old, above
 *     GOVERNOR_PLAUSIBLE_MIN_CC and not flat for GOVERNOR_FLAT_MS of heating, and while any two
 *     readings lie more than GOVERNOR_DISAGREE_CC apart. Its set-point is at most
 *     limits.setpoint_cc. Heat ends after limits.heat_minutes of a session.
 *  8. A reading above GOVERNOR_HOT_NOW_CC, or above GOVERNOR_HOT_SOON_CC for GOVERNOR_HOT_MS,
 *     latches, heating or not.
 *
 * Time is milliseconds of CLOCK_BOOTTIME. A step earlier than the last one is late. */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/layout.h"
#include "daemon/limits.h"

/* Five status periods of the profile: a judgement. */
#define GOVERNOR_STATUS_FRESH_MS 250u
/* Five frames: longer, and the hand that comes back would come back at strength. A judgement. */
#define GOVERNOR_LATE_MS 100u
#define GOVERNOR_REST_MS 30000u
/* Contact of 10 minutes and more: 43 °C in IEC 60601-1; 42 °C no burn for 34 min (regression). */
#define GOVERNOR_HOT_NOW_CC       4300
#define GOVERNOR_HOT_SOON_CC      4200
#define GOVERNOR_HOT_MS           10000u
#define GOVERNOR_PLAUSIBLE_MIN_CC 500    /* nobody's skin; a broken sensor reads low: a judgement */
#define GOVERNOR_FLAT_MS          20000u /* 400 readings without noise: a judgement */
#define GOVERNOR_DISAGREE_CC      2000   /* two pads on one knee: one sensor lies: a judgement */
/* Under 50 Hz a leg feels vibration worst (21 to 25 Hz); muscle studies use 50 to 300 Hz. */
#define GOVERNOR_FREQUENCY_MIN_HZ 50u
#define GOVERNOR_FREQUENCY_MAX_HZ 300u

typedef struct Governor Governor;

/* What a driver accepts for output. Only the governor can make one: its inside is known to it
 * alone. */
typedef struct GovernedFrame GovernedFrame;

unsigned governed_frame_level(const GovernedFrame *frame, unsigned actuator);     /* per mille */
unsigned governed_frame_setpoint_cc(const GovernedFrame *frame, unsigned heater); /* 0: off */
unsigned governed_frame_frequency_hz(const GovernedFrame *frame); /* 0: the massager's own choice */
unsigned governed_frame_size(const GovernedFrame *frame);         /* how many actuators */

/* In each of these the zero value is the strict one, so that what is forgotten forbids. */
typedef enum GovernorWish {
        GOVERNOR_WISH_STOP = 0,
        GOVERNOR_WISH_RUN = 1,
} GovernorWish;

typedef enum GovernorScreening {
        GOVERNOR_UNKNOWN = 0,
        GOVERNOR_SCREENED = 1,
} GovernorScreening;

typedef enum GovernorExperience {
        GOVERNOR_FIRST_SESSION = 0, /* or nobody knows */
        GOVERNOR_LATER_SESSION = 1,
} GovernorExperience;

typedef enum GovernorVerdict {
        GOVERNOR_STOPPED,
        GOVERNOR_LATCHED,
        GOVERNOR_STALE,
        GOVERNOR_UNSCREENED,
        GOVERNOR_EXHAUSTED,
        GOVERNOR_LATE,
        GOVERNOR_RUNNING,
} GovernorVerdict;

typedef enum GovernorLatch {
        GOVERNOR_LATCH_NONE,
        GOVERNOR_LATCH_HOT,
        GOVERNOR_LATCH_BUTTON,
        GOVERNOR_LATCH_FAULT,
        GOVERNOR_LATCH_PAIN,
        GOVERNOR_LATCH_EMERGENCY,
} GovernorLatch;

typedef struct GovernorReading {
        bool present;
        int16_t temperature_cc; /* hundredths of a degree Celsius */
} GovernorReading;

typedef struct GovernorInput {
        uint64_t now_ms;
        uint64_t status_at_ms; /* when the massager's last status came */
        GovernorWish wish;
        GovernorScreening screening;
        GovernorExperience experience;
        uint32_t dose_left_ms;
        uint16_t cap_permille;
        uint16_t frequency_hz; /* 0: the massager's own choice */
        uint16_t want_permille[LAYOUT_ACTUATORS_MAX];
        uint16_t want_setpoint_cc[LAYOUT_HEATERS_MAX];
        GovernorReading reading[LAYOUT_HEATERS_MAX]; /* of that status */
} GovernorInput;

/* Allocates one; NULL when there is no memory. */
Governor *governor_new(const Layout *layout, const Limits *limits);
Governor *governor_free(Governor *g);

/* A new session: its time, its heat and the ceiling count from zero; limits as given, but never
 * above the hard ones. */
void governor_begin(Governor *g, const Limits *limits);

/* One tick. The frame belongs to the governor and holds until its next call. */
const GovernedFrame *governor_step(Governor *g, const GovernorInput *input);

/* The frame of zeros: what stop sends, also to a massager that has no governor yet. */
const GovernedFrame *governed_frame_zero(void);

/* Why the last step gave what it gave. */
GovernorVerdict governor_verdict(const Governor *g);

/* The ceiling of the last step, in whole per mille. */
unsigned governor_ceiling_permille(const Governor *g);

/* Whether an actuator rests, because it has worked for limits.busy_s. */
bool governor_rests(const Governor *g, unsigned actuator);

/* What the massager and its port can give now: it may come back on another port or supply. */
void governor_set_budget(Governor *g, uint16_t budget_ma);

/* Latches. The first cause stays, but that a person stops it counts more than anything that the
 * massager does. */
void governor_latch(Governor *g, GovernorLatch cause);
GovernorLatch governor_latched(const Governor *g);

/* Whether a person stopped it, so that only a person releases it. */
bool governor_is_persons(GovernorLatch cause);

/* Releases a latch: 0, or -EBUSY while a heater's last reading is above GOVERNOR_HOT_SOON_CC. */
int governor_clear(Governor *g);
