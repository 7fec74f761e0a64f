/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/model-private.h"

static bool all_zero(const uint16_t level_permille[static KNEED_ACTUATORS_MAX])
{
        for (unsigned i = 0; i < KNEED_ACTUATORS_MAX; i++)
                if (level_permille[i] > 0)
                        return false;
        return true;
}

static void apply_frame(SimModel *m)
{
        m->applied_sequence = m->taken_sequence;
        m->fed_at_ms = m->now_ms;
        if (!sim_has(m, SIM_FAULT_IGNORES_STOP) || !all_zero(m->staged_permille)) {
                memcpy(m->target_permille, m->staged_permille, sizeof(m->target_permille));
                m->frames_applied++;
        }
        memset(m->staged_permille, 0, sizeof(m->staged_permille));
}

static int take_frame(SimModel *m, const uint8_t *data, size_t size)
{
        KneedFrame frame;
        int r;

        r = kneed_frame_decode(data, size, &frame);
        if (r < 0)
                return r;
        if (frame.first + frame.count > m->design->identity.n_actuators)
                return -ERANGE;
        if (m->state != KNEED_STATE_ARMED)
                return 0;
        if (m->has_sequence && !kneed_sequence_newer(frame.sequence, m->taken_sequence))
                return 0;

        m->has_sequence = true;
        m->taken_sequence = frame.sequence;
        memcpy(m->staged_permille + frame.first, frame.level_permille,
                        frame.count * sizeof(frame.level_permille[0]));
        if (frame.complete)
                apply_frame(m);
        return 0;
}

static int take_heat(SimModel *m, const uint8_t *data, size_t size)
{
        unsigned n = m->design->identity.n_heaters;
        KneedHeat heat;
        int r;

        r = kneed_heat_decode(data, size, &heat);
        for (unsigned i = n; r >= 0 && i < KNEED_HEATERS_MAX; i++)
                if (heat.setpoint_cc[i] > 0)
                        r = -ERANGE;
        if (r == -ERANGE)
                sim_firmware_heaters_off(m);
        if (r < 0)
                return r;
        if (m->state == KNEED_STATE_ARMED && !(m->faults & KNEED_FAULT_SENSOR))
                memcpy(m->setpoint_cc, heat.setpoint_cc, sizeof(m->setpoint_cc));
        return 0;
}

static int take_command(SimModel *m, const uint8_t *data, size_t size)
{
        KneedCommand command;
        int r;

        r = kneed_command_decode(data, size, &command);
        if (r < 0)
                return r;
        switch (command) {
        case KNEED_COMMAND_STOP:
                sim_firmware_stop(m);
                break;
        case KNEED_COMMAND_ARM:
                sim_firmware_arm(m);
                break;
        case KNEED_COMMAND_CLEAR:
                sim_firmware_clear(m);
                break;
        }
        return 0;
}

/* Returns a negative errno for a bad report: the two pipes differ in how they say so. */
static int take_output(SimModel *m, const uint8_t *data, size_t size)
{
        if (size == 0)
                return -EMSGSIZE;
        switch (data[0]) {
        case KNEED_REPORT_FRAME:
                return take_frame(m, data, size);
        case KNEED_REPORT_HEAT:
                return take_heat(m, data, size);
        case KNEED_REPORT_COMMAND:
                return take_command(m, data, size);
        default:
                return -ENOMSG;
        }
}

static unsigned n_records(const SimModel *m)
{
        return m->design->identity.n_actuators + m->design->identity.n_heaters;
}

static int take_select(SimModel *m, const uint8_t *data, size_t size)
{
        uint8_t index;
        int r;

        r = kneed_select_decode(data, size, &index);
        if (r < 0)
                return r;
        if (index >= n_records(m))
                return -ERANGE;
        m->selected_record = index;
        return 0;
}

/* -EAGAIN for no answer, -EPIPE for a STALL. */
static int answer_control(SimModel *m, uint64_t now_ms)
{
        sim_model_advance(m, now_ms);
        if (sim_has(m, SIM_FAULT_HANG))
                return -EAGAIN;
        return sim_has(m, SIM_FAULT_STALL) ? -EPIPE : 0;
}

int sim_model_set_report(SimModel *m, uint64_t now_ms, KneedReportType type, const uint8_t *data,
                size_t size)
{
        int r;

        r = answer_control(m, now_ms);
        if (r < 0)
                return r;
        if (type == KNEED_TYPE_OUTPUT)
                r = take_output(m, data, size);
        else if (type == KNEED_TYPE_FEATURE)
                r = take_select(m, data, size);
        else
                r = -ENOMSG;
        return r < 0 ? -EPIPE : 0;
}

int sim_model_interrupt_out(SimModel *m, uint64_t now_ms, const uint8_t *data, size_t size)
{
        sim_model_advance(m, now_ms);
        if (sim_has(m, SIM_FAULT_HANG))
                return -EAGAIN;
        if (take_output(m, data, size) < 0)
                sim_firmware_raise(m, KNEED_FAULT_BAD_REPORT);
        return 0;
}

static int give_record(SimModel *m, uint8_t buffer[static KNEED_REPORT_SIZE_MAX])
{
        uint8_t index = m->selected_record;

        m->selected_record = (uint8_t) ((index + 1u) % n_records(m));
        return kneed_record_encode(&m->design->records[index], buffer);
}

static void fill_left(const SimModel *m, KneedStatus *status)
{
        const KneedIdentity *identity = &m->design->identity;
        uint64_t session_ms = identity->session_cut_off_s * UINT64_C(1000);

        if (m->state != KNEED_STATE_ARMED)
                return;
        status->silence_left_ms = (uint16_t) (identity->host_silence_ms -
                                              (m->now_ms - m->fed_at_ms));
        status->session_left_s = (uint16_t) ((session_ms - (m->now_ms - m->armed_at_ms) + 999) /
                                             1000);
}

static void fill_readings(const SimModel *m, KneedStatus *status)
{
        unsigned capabilities = m->design->identity.capabilities;

        status->contact = (capabilities & KNEED_CAP_CONTACT) && m->contact;
        status->pressure_hpa = capabilities & KNEED_CAP_PRESSURE ? m->pressure_hpa : 0;
        status->battery_percent = capabilities & KNEED_CAP_BATTERY ? m->battery_percent : 0;
        status->supply_mv = sim_has(m, SIM_FAULT_LOW_SUPPLY) ? SIM_LOW_SUPPLY_MV : m->supply_mv;
        if (sim_has(m, SIM_FAULT_LOST_SENSOR))
                return;
        for (unsigned i = 0; i < m->design->identity.n_heaters; i++) {
                status->temperature_valid |= (uint8_t) (1u << i);
                status->temperature_cc[i] = sim_reading_cc(m, i);
        }
}

static int give_status(
                const SimModel *m, unsigned first, uint8_t buffer[static KNEED_REPORT_SIZE_MAX])
{
        unsigned count = MIN(m->design->identity.n_actuators - first, KNEED_LEVELS_PER_REPORT);
        KneedStatus status = {
                .sequence = m->applied_sequence,
                .state = (uint8_t) m->state,
                .faults = m->faults,
                .button = m->button,
                .first = (uint8_t) first,
                .count = (uint8_t) count,
        };

        fill_left(m, &status);
        fill_readings(m, &status);
        for (unsigned i = 0; i < count; i++)
                status.measured_permille[i] = (uint16_t) sim_measured_permille(m, first + i);
        return kneed_status_encode(&status, buffer);
}

int sim_model_get_report(SimModel *m, uint64_t now_ms, KneedReportType type, uint8_t id,
                uint8_t buffer[static KNEED_REPORT_SIZE_MAX])
{
        int r;

        r = answer_control(m, now_ms);
        if (r < 0)
                return r;
        if (type == KNEED_TYPE_FEATURE && id == KNEED_REPORT_IDENTITY)
                r = kneed_identity_encode(&m->design->identity, buffer);
        else if (type == KNEED_TYPE_FEATURE && id == KNEED_REPORT_RECORD)
                r = give_record(m, buffer);
        else if (type == KNEED_TYPE_INPUT && id == KNEED_REPORT_STATUS)
                r = give_status(m, 0, buffer);
        else
                r = -ENOMSG;
        return r < 0 ? -EPIPE : r;
}

int sim_model_interrupt_in(
                SimModel *m, uint64_t now_ms, uint8_t buffer[static KNEED_REPORT_SIZE_MAX])
{
        unsigned first;

        sim_model_advance(m, now_ms);
        if (sim_has(m, SIM_FAULT_HANG | SIM_FAULT_MUTE))
                return 0;
        first = m->status_first;
        if (first == 0) {
                bool regular = m->state == KNEED_STATE_ARMED || sim_motors_measure(m);

                regular = regular && m->now_ms - m->status_at_ms >= KNEED_STATUS_PERIOD_MS;
                if (!m->status_due && !regular)
                        return 0;
                m->status_due = false;
                m->status_at_ms = m->now_ms;
        }
        m->status_first = (uint8_t) (first + KNEED_LEVELS_PER_REPORT);
        if (m->status_first >= m->design->identity.n_actuators)
                m->status_first = 0;
        return give_status(m, first, buffer);
}
