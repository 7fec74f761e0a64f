/* SPDX-License-Identifier: MIT */
#pragma once

/* The governor's contract as executable checks: what daemon/governor.h promises, watched from the
 * outside over any course of steps. It keeps books of its own and shares no code with the governor
 * but the leg map's keep-outs. */

#include "daemon/governor.h"

typedef struct ContractActuator {
        bool working;
        uint64_t work_began_ms;
        uint64_t last_worked_ms; /* until when a level above 0 held */
} ContractActuator;

typedef struct Contract {
        Layout layout;
        Limits limits;
        ContractActuator actuators[LAYOUT_ACTUATORS_MAX];
        bool any_step;
        uint64_t last_ms; /* the latest time so far */
        uint64_t ceiling_micro;
        uint64_t session_ms;
        uint64_t heat_ms;
        uint64_t hot_ms[LAYOUT_HEATERS_MAX];
        bool had_level[LAYOUT_ACTUATORS_MAX];
        bool had_heat;
        bool had_setpoint[LAYOUT_HEATERS_MAX];
        int16_t reading_cc[LAYOUT_HEATERS_MAX];
        uint64_t flat_ms[LAYOUT_HEATERS_MAX];
        bool was_running;
} Contract;

void contract_init(Contract *c, const Layout *layout, const Limits *limits);
void contract_begin(Contract *c, const Limits *limits);

/* After each governor_step() with that input. Fails the test where a promise is broken. */
void contract_check(Contract *c, const Governor *g, const GovernorInput *in,
                const GovernedFrame *frame);
