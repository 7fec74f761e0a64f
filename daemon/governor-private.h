/* SPDX-License-Identifier: MIT */
#pragma once

/* The inside of the governor. Only governor*.c and its own tests may look here: whoever can write a
 * GovernedFrame can get past the gate. */

#include "daemon/governor.h"

#define MICRO_PER_PERMILLE 1000u
#define MS_PER_MINUTE      60000u
#define MS_PER_S           1000u
#define LEVEL_MAX          1000u

/* The prover's memory is apart by type: it sees at once that writing one type does not touch
 * another. So levels, set-points and what is known of a part have types that nothing else here has;
 * flags that change are no bool. */
struct GovernedFrame {
        uint32_t n;
        int32_t level_permille[LAYOUT_ACTUATORS_MAX]; /* never below 0 */
        uint64_t setpoint_cc[LAYOUT_HEATERS_MAX];     /* 0..UINT16_MAX */
        uint16_t frequency_hz;
};

/* What the layout says of an actuator or heater: never changes. */
typedef struct GovernorPart {
        bool keep_out;
        int64_t current_ma; /* 0..UINT16_MAX */
} GovernorPart;

/* What an actuator has done. */
typedef struct GovernorWork {
        uint32_t begun;    /* 0 or 1; 1 also while no time has passed since */
        uint32_t busy_ms;  /* since work began, gaps included */
        uint32_t quiet_ms; /* since the level went to 0 */
        uint32_t rest_ms;  /* still to rest */
} GovernorWork;

/* What the sensors of the heaters have said. An array for each: so the prover tells two of one type
 * apart by where they begin. */
typedef struct GovernorWarmth {
        int16_t last_cc[LAYOUT_HEATERS_MAX];
        uint32_t hot_ms[LAYOUT_HEATERS_MAX];  /* above GOVERNOR_HOT_SOON_CC for so long */
        uint32_t flat_ms[LAYOUT_HEATERS_MAX]; /* of heating without any change of the reading */
} GovernorWarmth;

struct Governor {
        uint32_t n_actuators;
        uint32_t n_heaters;
        GovernorPart actuators[LAYOUT_ACTUATORS_MAX];
        GovernorPart heaters[LAYOUT_HEATERS_MAX];
        uint16_t budget_ma;
        uint16_t frequency_min_hz; /* what all actuators can do; 0 and 0: none */
        uint16_t frequency_max_hz;
        Limits limits;

        GovernorWork work[LAYOUT_ACTUATORS_MAX];
        GovernorWarmth warmth;

        uint32_t has_stepped; /* 0 or 1 */
        uint64_t last_ms;
        uint32_t worked_ms;     /* of this session */
        uint32_t heated_ms;     /* of this session */
        uint32_t ceiling_micro; /* per mille × 1000 */
        GovernorLatch latch;
        GovernorVerdict verdict;
        GovernedFrame frame;
};

/*@ assigns \nothing;
    ensures \result == (a < b ? a : b);
*/
static inline uint32_t least(uint32_t a, uint32_t b)
{
        return a < b ? a : b;
}

void governor_clear_frame(GovernedFrame *frame);

void governor_init(Governor *g, const Layout *layout, const Limits *limits);
