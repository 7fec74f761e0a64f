/* SPDX-License-Identifier: MIT */
#pragma once

/* The inside of the governor. Only governor*.c and its own tests may look here: whoever can write a
 * GovernedFrame can get past the gate. */

#include "daemon/governor.h"

struct GovernedFrame {
        uint32_t n;
        uint16_t level_permille[LAYOUT_ACTUATORS_MAX];
        uint16_t setpoint_cc[LAYOUT_HEATERS_MAX];
        uint16_t frequency_hz;
};

typedef struct GovernorActuator {
        bool keep_out;
        uint16_t current_ma;
        uint32_t busy_ms;  /* since work began, gaps included */
        uint32_t quiet_ms; /* since the level went to 0 */
        uint32_t rest_ms;  /* still to rest */
} GovernorActuator;

typedef struct GovernorHeater {
        bool keep_out;
        uint16_t current_ma;
        int16_t last_cc;
        uint32_t hot_ms;  /* above GOVERNOR_HOT_SOON_CC for so long */
        uint32_t flat_ms; /* of heating without any change of the reading */
} GovernorHeater;

struct Governor {
        uint32_t n_actuators;
        uint32_t n_heaters;
        GovernorActuator actuators[LAYOUT_ACTUATORS_MAX];
        GovernorHeater heaters[LAYOUT_HEATERS_MAX];
        uint16_t budget_ma;
        uint16_t frequency_min_hz; /* what all actuators can do; 0 and 0: none */
        uint16_t frequency_max_hz;
        Limits limits;

        bool has_stepped;
        uint64_t last_ms;
        uint32_t worked_ms;     /* of this session */
        uint32_t heated_ms;     /* of this session */
        uint32_t ceiling_micro; /* per mille × 1000 */
        GovernorLatch latch;
        GovernorVerdict verdict;
        GovernedFrame frame;
};

void governor_init(Governor *g, const Layout *layout, const Limits *limits);
