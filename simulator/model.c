/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/macro.h"
#include "simulator/model-private.h"

#define FAULTS_LATCHING \
        (KNEED_FAULT_BUTTON | KNEED_FAULT_HOT | KNEED_FAULT_MOTOR | KNEED_FAULT_SUPPLY)
#define FAULTS_CUT_OFF (KNEED_FAULT_HOST_SILENT | KNEED_FAULT_SESSION_CUT_OFF)

#define WORN_PRESSURE_HPA 25 /* of a snug strap: a judgement */
#define BATTERY_PERCENT   80
#define SUPPLY_MV         5000

static uint64_t silent_at_ms(const SimModel *m)
{
        return sim_later(m->fed_at_ms, m->design->identity.host_silence_ms);
}

static uint64_t cut_off_at_ms(const SimModel *m)
{
        return sim_later(m->armed_at_ms, m->design->identity.session_cut_off_s * UINT64_C(1000));
}

static bool has_lost_sensor(const SimModel *m)
{
        return sim_has(m, SIM_FAULT_LOST_SENSOR) && m->design->identity.n_heaters > 0;
}

/* Faults whose reason is there at this moment. */
static uint16_t present_faults(const SimModel *m)
{
        unsigned faults = 0;

        if (m->state == KNEED_STATE_ARMED && m->now_ms >= silent_at_ms(m))
                faults |= KNEED_FAULT_HOST_SILENT;
        if (m->state == KNEED_STATE_ARMED && m->now_ms >= cut_off_at_ms(m))
                faults |= KNEED_FAULT_SESSION_CUT_OFF;
        if (m->button)
                faults |= KNEED_FAULT_BUTTON;
        if (sim_heaters_hot_in_ms(m) == 0)
                faults |= KNEED_FAULT_HOT;
        if (has_lost_sensor(m))
                faults |= KNEED_FAULT_SENSOR;
        if (sim_motors_excess_in_ms(m) == 0)
                faults |= KNEED_FAULT_MOTOR;
        if (sim_has(m, SIM_FAULT_LOW_SUPPLY))
                faults |= KNEED_FAULT_SUPPLY;
        return (uint16_t) faults;
}

void sim_firmware_heaters_off(SimModel *m)
{
        memset(m->setpoint_cc, 0, sizeof(m->setpoint_cc));
}

static void enter(SimModel *m, KneedState state)
{
        if (m->state == state)
                return;
        m->state = state;
        m->status_due = true;
        memset(m->staged_permille, 0, sizeof(m->staged_permille));
        memset(m->target_permille, 0, sizeof(m->target_permille));
        sim_firmware_heaters_off(m);
}

static void set_faults(SimModel *m, unsigned faults)
{
        if (m->faults == faults)
                return;
        m->faults = (uint16_t) faults;
        m->status_due = true;
}

void sim_firmware_raise(SimModel *m, uint16_t faults)
{
        set_faults(m, m->faults | faults);
}

static void decide(SimModel *m)
{
        uint16_t faults = present_faults(m);

        if (faults & FAULTS_LATCHING)
                enter(m, KNEED_STATE_LATCHED);
        else if (faults & FAULTS_CUT_OFF)
                enter(m, KNEED_STATE_IDLE);
        if (faults & KNEED_FAULT_SENSOR)
                sim_firmware_heaters_off(m);
        sim_firmware_raise(m, faults);
}

/* When the firmware next decides something by itself, at the latest now; SIM_NEVER if it waits for
 * the host or a person. */
static uint64_t decides_at_ms(const SimModel *m)
{
        uint64_t at = SIM_NEVER;

        if (sim_has(m, SIM_FAULT_HANG))
                return SIM_NEVER;
        if (present_faults(m) & ~m->faults)
                return m->now_ms;
        if (m->state == KNEED_STATE_ARMED)
                at = MIN(silent_at_ms(m), cut_off_at_ms(m));
        if (!(m->faults & KNEED_FAULT_HOT))
                at = MIN(at, sim_later(m->now_ms, sim_heaters_hot_in_ms(m)));
        if (!(m->faults & KNEED_FAULT_MOTOR))
                at = MIN(at, sim_later(m->now_ms, sim_motors_excess_in_ms(m)));
        return MAX(at, m->now_ms);
}

static void move_to(SimModel *m, uint64_t now_ms)
{
        sim_physics_move(m, now_ms - m->now_ms);
        m->now_ms = now_ms;
}

/* Each turn of the loop raises a fault that was not raised, so there are few, however long ago the
 * last call was. */
void sim_model_advance(SimModel *m, uint64_t now_ms)
{
        bool moved = sim_motors_measure(m);
        uint64_t at;

        now_ms = MAX(now_ms, m->now_ms);
        while ((at = decides_at_ms(m)) <= now_ms && at != SIM_NEVER) {
                move_to(m, at);
                decide(m);
        }
        move_to(m, now_ms);
        if (moved && m->state != KNEED_STATE_ARMED && !sim_motors_measure(m))
                m->status_due = true;
}

void sim_firmware_arm(SimModel *m)
{
        unsigned cleared = FAULTS_CUT_OFF | KNEED_FAULT_BAD_REPORT;

        if (m->state != KNEED_STATE_IDLE) /* idle means that no reason to latch is there */
                return;
        if (!has_lost_sensor(m))
                cleared |= KNEED_FAULT_SENSOR;
        set_faults(m, m->faults & ~cleared);
        m->has_sequence = false;
        m->applied_sequence = 0;
        m->fed_at_ms = m->now_ms;
        m->armed_at_ms = m->now_ms;
        enter(m, KNEED_STATE_ARMED);
}

static void outputs_off(SimModel *m)
{
        if (m->state == KNEED_STATE_ARMED && !sim_has(m, SIM_FAULT_IGNORES_STOP))
                enter(m, KNEED_STATE_IDLE);
}

void sim_firmware_stop(SimModel *m)
{
        m->status_due = true;
        outputs_off(m);
}

void sim_firmware_clear(SimModel *m)
{
        m->status_due = true;
        if (m->state != KNEED_STATE_LATCHED || present_faults(m) & FAULTS_LATCHING)
                return;
        set_faults(m, m->faults & ~(unsigned) FAULTS_LATCHING);
        enter(m, KNEED_STATE_IDLE);
}

void sim_model_init(SimModel *m, const SimDesign *design, uint64_t now_ms)
{
        memset(m, 0, sizeof(*m));
        m->design = design;
        m->now_ms = now_ms;
        m->contact = true; /* worn */
        m->pressure_hpa = WORN_PRESSURE_HPA;
        m->battery_percent = BATTERY_PERCENT;
        m->supply_mv = SUPPLY_MV;
        for (unsigned i = 0; i < design->identity.n_heaters; i++)
                m->heater_units[i] = SIM_SKIN_CC * SIM_HEATER_UNITS;
}

void sim_model_usb_reset(SimModel *m, uint64_t now_ms)
{
        sim_model_advance(m, now_ms);
        if (sim_has(m, SIM_FAULT_HANG))
                return;
        outputs_off(m);
        m->selected_record = 0;
        m->status_first = 0;
}

void sim_model_power_cycle(SimModel *m, uint64_t now_ms)
{
        SimModel fresh;

        sim_model_advance(m, now_ms);
        sim_model_init(&fresh, m->design, m->now_ms);
        fresh.faults_injected = m->faults_injected;
        fresh.frames_applied = m->frames_applied; /* the record's, not the firmware's */
        fresh.contact = m->contact;
        fresh.button = m->button;
        fresh.pressure_hpa = m->pressure_hpa;
        memcpy(fresh.motor_units, m->motor_units, sizeof(fresh.motor_units));
        memcpy(fresh.heater_units, m->heater_units, sizeof(fresh.heater_units));
        memcpy(fresh.stuck_cc, m->stuck_cc, sizeof(fresh.stuck_cc));
        *m = fresh;
        sim_model_advance(m, m->now_ms);
}

uint64_t sim_model_acts_ms(const SimModel *m)
{
        /* Nobody hears the motors of a silent massager come to rest, but its record shows it. */
        uint64_t still = sim_motors_still_in_ms(m);
        uint64_t at = still > 0 ? sim_later(m->now_ms, still) : SIM_NEVER;

        return MAX(MIN(at, decides_at_ms(m)), m->now_ms);
}

uint64_t sim_model_next_ms(const SimModel *m)
{
        uint64_t at = sim_model_acts_ms(m);

        if (!sim_has(m, SIM_FAULT_HANG | SIM_FAULT_MUTE)) {
                if (m->status_due || m->status_first > 0)
                        return m->now_ms;
                if (m->state == KNEED_STATE_ARMED || sim_motors_measure(m))
                        at = MIN(at, sim_later(m->status_at_ms, KNEED_STATUS_PERIOD_MS));
        }
        return MAX(at, m->now_ms);
}

void sim_model_press_button(SimModel *m, uint64_t now_ms, bool pressed)
{
        sim_model_advance(m, now_ms);
        if (m->button == pressed)
                return;
        m->button = pressed;
        m->status_due = true;
        sim_model_advance(m, now_ms);
}

void sim_model_set_contact(SimModel *m, uint64_t now_ms, bool contact)
{
        sim_model_advance(m, now_ms);
        if (m->contact == contact)
                return;
        m->contact = contact;
        m->pressure_hpa = contact ? WORN_PRESSURE_HPA : 0;
        m->status_due = true;
}

void sim_model_inject(SimModel *m, uint64_t now_ms, uint32_t faults)
{
        sim_model_advance(m, now_ms);
        if (faults & ~m->faults_injected & SIM_FAULT_STUCK_SENSOR)
                for (unsigned i = 0; i < m->design->identity.n_heaters; i++)
                        m->stuck_cc[i] = sim_reading_cc(m, i);
        m->faults_injected = faults;
        sim_model_advance(m, now_ms);
}
