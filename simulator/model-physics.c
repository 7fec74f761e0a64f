/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "common/macro.h"
#include "simulator/model-private.h"

#define MOTOR_UP_UNITS   (KNEED_LEVEL_MAX * SIM_MOTOR_UNITS / SIM_SPIN_UP_MS)
#define MOTOR_DOWN_UNITS (KNEED_LEVEL_MAX * SIM_MOTOR_UNITS / SIM_SPIN_DOWN_MS)
#define NOISE_CC         3

static_assert(KNEED_LEVEL_MAX * SIM_MOTOR_UNITS % SIM_SPIN_UP_MS == 0, "inexact slew");
static_assert(KNEED_LEVEL_MAX * SIM_MOTOR_UNITS % SIM_SPIN_DOWN_MS == 0, "inexact slew");

static uint32_t approach(uint32_t value, uint32_t goal, uint32_t up, uint32_t down, uint64_t dt_ms)
{
        uint32_t distance = value < goal ? goal - value : value - goal;
        uint32_t rate = value < goal ? up : down;

        if (rate == 0)
                return value;
        if (dt_ms > distance / rate) /* also keeps the product below from overflowing */
                return goal;
        return value < goal ? value + (uint32_t) dt_ms * rate : value - (uint32_t) dt_ms * rate;
}

static uint32_t motor_down_units(const SimModel *m)
{
        return sim_has(m, SIM_FAULT_STUCK_MOTOR) ? 0 : MOTOR_DOWN_UNITS;
}

/* What a motor may measure for long. One that was told 0 has to come to rest. */
static uint32_t excess_bound_units(const SimModel *m, unsigned index)
{
        uint32_t target = m->target_permille[index];

        return target > 0 ? (target + SIM_MOTOR_EXCESS) * SIM_MOTOR_UNITS : 0;
}

/* For how many milliseconds from now a motor measures too much: 0 when it does not, even now. */
static uint64_t excess_lasts_ms(const SimModel *m, unsigned index)
{
        uint32_t bound = excess_bound_units(m, index);
        uint32_t down = motor_down_units(m);

        if (sim_has(m, SIM_FAULT_LYING_STATUS) || m->motor_units[index] <= bound)
                return 0;
        if (down == 0)
                return SIM_NEVER;
        return (m->motor_units[index] - bound + down - 1) / down;
}

static void move_motor(SimModel *m, unsigned index, uint64_t dt_ms)
{
        uint64_t excess = sim_later(dt_ms, m->motor_excess_ms[index]);

        if (dt_ms >= excess_lasts_ms(m, index))
                excess = 0;
        m->motor_excess_ms[index] = (uint16_t) MIN(excess, (uint64_t) SIM_MOTOR_EXCESS_MS);
        m->motor_units[index] = approach(m->motor_units[index],
                        m->target_permille[index] * SIM_MOTOR_UNITS, MOTOR_UP_UNITS,
                        motor_down_units(m), dt_ms);
}

/* Where a heater ends up. The firmware switches it by what its sensor says: a true sensor holds it
 * at its set-point, one that stands still leaves it on or off for good. */
static uint32_t heater_goal_units(const SimModel *m, unsigned index)
{
        uint32_t setpoint = m->setpoint_cc[index], goal;

        if (sim_has(m, SIM_FAULT_LYING_SENSOR))
                goal = setpoint > SIM_SKIN_CC ? SIM_HEATER_FULL_CC : SIM_SKIN_CC;
        else if (sim_has(m, SIM_FAULT_STUCK_SENSOR))
                goal = (int) setpoint > m->stuck_cc[index] ? SIM_HEATER_FULL_CC : SIM_SKIN_CC;
        else
                goal = MAX(setpoint, (uint32_t) SIM_SKIN_CC);
        return goal * SIM_HEATER_UNITS;
}

void sim_physics_move(SimModel *m, uint64_t dt_ms)
{
        if (dt_ms == 0)
                return;
        for (unsigned i = 0; i < m->design->identity.n_actuators; i++)
                move_motor(m, i, dt_ms);
        for (unsigned i = 0; i < m->design->identity.n_heaters; i++)
                m->heater_units[i] = approach(m->heater_units[i], heater_goal_units(m, i),
                                SIM_HEATER_UP_UNITS, SIM_HEATER_DOWN_UNITS, dt_ms);
}

uint64_t sim_motors_still_in_ms(const SimModel *m)
{
        uint32_t down = motor_down_units(m), fastest = 0;

        for (unsigned i = 0; i < m->design->identity.n_actuators; i++) {
                if (m->target_permille[i] > 0)
                        return SIM_NEVER;
                fastest = MAX(fastest, m->motor_units[i]);
        }
        if (fastest == 0)
                return 0;
        return down == 0 ? SIM_NEVER : (fastest + down - 1) / down;
}

uint64_t sim_motors_excess_in_ms(const SimModel *m)
{
        uint64_t least = SIM_NEVER;

        for (unsigned i = 0; i < m->design->identity.n_actuators; i++) {
                uint64_t left = SIM_MOTOR_EXCESS_MS - m->motor_excess_ms[i];

                if (left < excess_lasts_ms(m, i))
                        least = MIN(least, left);
        }
        return least;
}

uint64_t sim_heaters_hot_in_ms(const SimModel *m)
{
        const uint32_t bound = SIM_HEATER_HOT_CC * SIM_HEATER_UNITS;
        uint64_t least = SIM_NEVER;

        for (unsigned i = 0; i < m->design->identity.n_heaters; i++)
                if (m->heater_units[i] > bound)
                        return 0;
                else if (heater_goal_units(m, i) > bound)
                        least = MIN(least, (uint64_t) (bound - m->heater_units[i]) /
                                                                           SIM_HEATER_UP_UNITS +
                                                           1);
        return least;
}

unsigned sim_measured_permille(const SimModel *m, unsigned index)
{
        return sim_has(m, SIM_FAULT_LYING_STATUS) ? 0 : sim_model_motor_permille(m, index);
}

bool sim_motors_measure(const SimModel *m)
{
        for (unsigned i = 0; i < m->design->identity.n_actuators; i++)
                if (sim_measured_permille(m, i) > 0)
                        return true;
        return false;
}

/* A real sensor is never quite flat. The same moment always has the same noise. */
static int noise_cc(uint64_t now_ms, unsigned index)
{
        uint64_t x = (now_ms * KNEED_HEATERS_MAX + index) * UINT64_C(0x9e3779b97f4a7c15);

        x ^= x >> 29;
        x *= UINT64_C(0x9e3779b97f4a7c15);
        return (int) ((x >> 32) % (2 * NOISE_CC + 1)) - NOISE_CC;
}

int16_t sim_reading_cc(const SimModel *m, unsigned index)
{
        int noise = noise_cc(m->now_ms, index);

        if (sim_has(m, SIM_FAULT_LYING_SENSOR))
                return (int16_t) (SIM_SKIN_CC + noise);
        if (sim_has(m, SIM_FAULT_STUCK_SENSOR))
                return m->stuck_cc[index];
        return (int16_t) (sim_model_heater_cc(m, index) + noise);
}

unsigned sim_model_motor_permille(const SimModel *m, unsigned index)
{
        if (index >= m->design->identity.n_actuators)
                return 0;
        return (m->motor_units[index] + SIM_MOTOR_UNITS - 1) / SIM_MOTOR_UNITS;
}

int sim_model_heater_cc(const SimModel *m, unsigned index)
{
        if (index >= m->design->identity.n_heaters)
                return SIM_SKIN_CC;
        return (int) (m->heater_units[index] / SIM_HEATER_UNITS);
}
