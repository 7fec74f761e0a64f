/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside the model: physics goes on whatever the firmware does, the firmware decides in moments,
 * reports are what it hears and says. */

#include "simulator/model.h"

static inline bool sim_has(const SimModel *m, uint32_t faults)
{
        return (m->faults_injected & faults) != 0;
}

/* base + ms, or SIM_NEVER where that is past the end of time. */
static inline uint64_t sim_later(uint64_t base, uint64_t ms)
{
        return ms < SIM_NEVER - base ? base + ms : SIM_NEVER;
}

/* Physics. The *_in_ms functions say in how many milliseconds something comes true if nothing is
 * commanded until then, 0 when it is true now, SIM_NEVER when it does not. */
void sim_physics_move(SimModel *m, uint64_t dt_ms);
uint64_t sim_motors_still_in_ms(const SimModel *m);
uint64_t sim_motors_excess_in_ms(const SimModel *m); /* over the target for too long */
uint64_t sim_heaters_hot_in_ms(const SimModel *m);
bool sim_motors_measure(const SimModel *m); /* any above zero */
unsigned sim_measured_permille(const SimModel *m, unsigned index);
int16_t sim_reading_cc(const SimModel *m, unsigned index);

/* The firmware. */
void sim_firmware_raise(SimModel *m, uint16_t faults);
void sim_firmware_arm(SimModel *m);
void sim_firmware_stop(SimModel *m);
void sim_firmware_clear(SimModel *m);
void sim_firmware_heaters_off(SimModel *m);
