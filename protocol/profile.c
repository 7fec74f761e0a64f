/* SPDX-License-Identifier: MIT */
#include "protocol/profile.h"

#include <errno.h>
#include <string.h>

#include "common/macro.h"

#define FLAG_RECORD_HAS_POSITION 0x01u
#define FLAG_FRAME_COMPLETE      0x01u
#define FLAG_STATUS_CONTACT      0x01u
#define FLAG_STATUS_BUTTON       0x02u

#define RECORDS_MAX (KNEED_ACTUATORS_MAX + KNEED_HEATERS_MAX)
#define HEATER_MASK ((1u << KNEED_HEATERS_MAX) - 1)

static uint16_t get_u16(const uint8_t *at)
{
        return (uint16_t) (at[0] | at[1] << 8);
}

static int16_t get_i16(const uint8_t *at)
{
        return (int16_t) get_u16(at);
}

static void put_u16(uint8_t *at, uint16_t value)
{
        at[0] = (uint8_t) value;
        at[1] = (uint8_t) (value >> 8);
}

static void put_i16(uint8_t *at, int16_t value)
{
        put_u16(at, (uint16_t) value);
}

static bool in_range(int value, int low, int high)
{
        return value >= low && value <= high;
}

static bool all_zero(const uint8_t *at, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (at[i] != 0)
                        return false;
        return true;
}

/* The id comes first, because the right size depends on it. */
static int check_id_and_size(const uint8_t *report, size_t size, KneedReport id, size_t right_size)
{
        if (size == 0)
                return -EMSGSIZE;
        if (report[0] != id)
                return -ENOMSG;
        return size == right_size ? 0 : -EMSGSIZE;
}

static void put_levels(uint8_t *at, const uint16_t *level_permille, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                put_u16(at + 2 * i, level_permille[i]);
}

static void get_levels(const uint8_t *at, uint16_t *ret_level_permille)
{
        for (unsigned i = 0; i < KNEED_LEVELS_PER_REPORT; i++)
                ret_level_permille[i] = get_u16(at + 2 * i);
}

/* A count that is out of range is not the business of this check; it leaves no level unused. */
static bool unused_levels_are_zero(const uint8_t *at, unsigned count)
{
        unsigned used = MIN(count, KNEED_LEVELS_PER_REPORT);

        return all_zero(at + 2 * used, 2 * (KNEED_LEVELS_PER_REPORT - used));
}

static bool levels_in_range(const uint16_t *level_permille, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                if (level_permille[i] > KNEED_LEVEL_MAX)
                        return false;
        return true;
}

static bool span_in_range(unsigned first, unsigned count)
{
        return count >= 1 && count <= KNEED_LEVELS_PER_REPORT &&
               first + count <= KNEED_ACTUATORS_MAX;
}

/* Identity. Another major is in range, so that a host can say which one it met. */

static bool identity_in_range(const KneedIdentity *i)
{
        return i->profile_major >= 1 && in_range(i->n_actuators, 1, KNEED_ACTUATORS_MAX) &&
               i->n_heaters <= KNEED_HEATERS_MAX && (i->capabilities & ~KNEED_CAP_ALL) == 0 &&
               in_range(i->host_silence_ms, KNEED_HOST_SILENCE_MIN_MS, KNEED_HOST_SILENCE_MAX_MS) &&
               in_range(i->session_cut_off_s, KNEED_SESSION_CUT_OFF_MIN_S,
                               KNEED_SESSION_CUT_OFF_MAX_S) &&
               in_range(i->budget_ma, 1, KNEED_BUDGET_MAX_MA);
}

int kneed_identity_encode(const KneedIdentity *identity, uint8_t ret[static KNEED_IDENTITY_SIZE])
{
        if (!identity_in_range(identity))
                return -ERANGE;

        memset(ret, 0, KNEED_IDENTITY_SIZE);
        ret[0] = KNEED_REPORT_IDENTITY;
        ret[1] = identity->profile_major;
        ret[2] = identity->profile_minor;
        ret[3] = identity->firmware_major;
        ret[4] = identity->firmware_minor;
        ret[5] = identity->n_actuators;
        ret[6] = identity->n_heaters;
        ret[7] = identity->capabilities;
        put_u16(ret + 8, identity->host_silence_ms);
        put_u16(ret + 10, identity->session_cut_off_s);
        put_u16(ret + 12, identity->budget_ma);
        return KNEED_IDENTITY_SIZE;
}

int kneed_identity_decode(const uint8_t *report, size_t size, KneedIdentity *ret)
{
        int r = check_id_and_size(report, size, KNEED_REPORT_IDENTITY, KNEED_IDENTITY_SIZE);

        if (r < 0)
                return r;
        if ((report[7] & ~KNEED_CAP_ALL) != 0 || !all_zero(report + 14, 2))
                return -EBADMSG;

        KneedIdentity identity = {
                .profile_major = report[1],
                .profile_minor = report[2],
                .firmware_major = report[3],
                .firmware_minor = report[4],
                .n_actuators = report[5],
                .n_heaters = report[6],
                .capabilities = report[7],
                .host_silence_ms = get_u16(report + 8),
                .session_cut_off_s = get_u16(report + 10),
                .budget_ma = get_u16(report + 12),
        };
        if (!identity_in_range(&identity))
                return -ERANGE;

        *ret = identity;
        return 0;
}

/* Record */

static bool motor_in_range(const KneedRecord *m)
{
        return m->index < KNEED_ACTUATORS_MAX && m->frequency_min_hz >= KNEED_FREQUENCY_MIN_HZ &&
               m->frequency_min_hz <= m->frequency_max_hz &&
               m->frequency_max_hz <= KNEED_FREQUENCY_MAX_HZ &&
               m->acceleration_cms2 <= KNEED_ACCELERATION_MAX_CMS2;
}

/* At least one actuator stands before the first heater. */
static bool heater_in_range(const KneedRecord *h)
{
        return h->index >= 1 && h->index < RECORDS_MAX && h->frequency_min_hz == 0 &&
               h->frequency_max_hz == 0 && h->acceleration_cms2 == 0;
}

static bool record_in_range(const KneedRecord *r)
{
        if (r->has_position && (!in_range(r->angle_deg, KNEED_ANGLE_MIN_DEG, KNEED_ANGLE_MAX_DEG) ||
                                               !in_range(r->height_mm, KNEED_HEIGHT_MIN_MM,
                                                               KNEED_HEIGHT_MAX_MM)))
                return false;
        if (!in_range(r->current_ma, 1, KNEED_CURRENT_MAX_MA))
                return false;

        switch (r->kind) {
        case KNEED_KIND_ERM:
        case KNEED_KIND_LRA:
        case KNEED_KIND_VCM:
                return motor_in_range(r);
        case KNEED_KIND_HEATER:
                return heater_in_range(r);
        default:
                return false;
        }
}

int kneed_record_encode(const KneedRecord *record, uint8_t ret[static KNEED_RECORD_SIZE])
{
        if (!record_in_range(record))
                return -ERANGE;

        memset(ret, 0, KNEED_RECORD_SIZE);
        ret[0] = KNEED_REPORT_RECORD;
        ret[1] = record->index;
        ret[2] = record->kind;
        if (record->has_position) {
                ret[3] = FLAG_RECORD_HAS_POSITION;
                put_i16(ret + 4, record->angle_deg);
                put_i16(ret + 6, record->height_mm);
        }
        put_u16(ret + 8, record->frequency_min_hz);
        put_u16(ret + 10, record->frequency_max_hz);
        put_u16(ret + 12, record->acceleration_cms2);
        put_u16(ret + 14, record->current_ma);
        return KNEED_RECORD_SIZE;
}

int kneed_record_decode(const uint8_t *report, size_t size, KneedRecord *ret)
{
        int r = check_id_and_size(report, size, KNEED_REPORT_RECORD, KNEED_RECORD_SIZE);

        if (r < 0)
                return r;

        bool has_position = report[3] & FLAG_RECORD_HAS_POSITION;
        if ((report[3] & ~FLAG_RECORD_HAS_POSITION) != 0 || !all_zero(report + 16, 4) ||
                        (!has_position && !all_zero(report + 4, 4)))
                return -EBADMSG;

        KneedRecord record = {
                .index = report[1],
                .kind = report[2],
                .has_position = has_position,
                .angle_deg = get_i16(report + 4),
                .height_mm = get_i16(report + 6),
                .frequency_min_hz = get_u16(report + 8),
                .frequency_max_hz = get_u16(report + 10),
                .acceleration_cms2 = get_u16(report + 12),
                .current_ma = get_u16(report + 14),
        };
        if (!record_in_range(&record))
                return -ERANGE;

        *ret = record;
        return 0;
}

int kneed_select_encode(unsigned index, uint8_t ret[static KNEED_SELECT_SIZE])
{
        if (index >= RECORDS_MAX)
                return -ERANGE;

        memset(ret, 0, KNEED_SELECT_SIZE);
        ret[0] = KNEED_REPORT_RECORD;
        ret[1] = (uint8_t) index;
        return KNEED_SELECT_SIZE;
}

int kneed_select_decode(const uint8_t *report, size_t size, uint8_t *ret_index)
{
        int r = check_id_and_size(report, size, KNEED_REPORT_RECORD, KNEED_SELECT_SIZE);

        if (r < 0)
                return r;
        if (!all_zero(report + 2, KNEED_SELECT_SIZE - 2))
                return -EBADMSG;
        if (report[1] >= RECORDS_MAX)
                return -ERANGE;

        *ret_index = report[1];
        return 0;
}

/* Frame */

static bool frame_in_range(const KneedFrame *f)
{
        return span_in_range(f->first, f->count) && f->frequency_hz <= KNEED_FREQUENCY_MAX_HZ &&
               levels_in_range(f->level_permille, f->count);
}

int kneed_frame_encode(const KneedFrame *frame, uint8_t ret[static KNEED_FRAME_SIZE])
{
        if (!frame_in_range(frame))
                return -ERANGE;

        memset(ret, 0, KNEED_FRAME_SIZE);
        ret[0] = KNEED_REPORT_FRAME;
        ret[1] = frame->first;
        put_u16(ret + 2, frame->sequence);
        ret[4] = frame->count;
        ret[5] = frame->complete ? FLAG_FRAME_COMPLETE : 0;
        put_u16(ret + 6, frame->frequency_hz);
        put_levels(ret + 8, frame->level_permille, frame->count);
        return KNEED_FRAME_SIZE;
}

int kneed_frame_decode(const uint8_t *report, size_t size, KneedFrame *ret)
{
        int r = check_id_and_size(report, size, KNEED_REPORT_FRAME, KNEED_FRAME_SIZE);

        if (r < 0)
                return r;
        if ((report[5] & ~FLAG_FRAME_COMPLETE) != 0 ||
                        !unused_levels_are_zero(report + 8, report[4]))
                return -EBADMSG;

        KneedFrame frame = {
                .sequence = get_u16(report + 2),
                .first = report[1],
                .count = report[4],
                .complete = report[5] & FLAG_FRAME_COMPLETE,
                .frequency_hz = get_u16(report + 6),
        };
        get_levels(report + 8, frame.level_permille);
        if (!frame_in_range(&frame))
                return -ERANGE;

        *ret = frame;
        return 0;
}

bool kneed_sequence_newer(uint16_t a, uint16_t b)
{
        uint16_t ahead = (uint16_t) (a - b);

        return ahead >= 1 && ahead <= 0x7fff;
}

/* Heat */

static bool heat_in_range(const KneedHeat *h)
{
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                if (h->setpoint_cc[i] != 0 && !in_range(h->setpoint_cc[i], KNEED_SETPOINT_MIN_CC,
                                                              KNEED_SETPOINT_MAX_CC))
                        return false;
        return true;
}

int kneed_heat_encode(const KneedHeat *heat, uint8_t ret[static KNEED_HEAT_SIZE])
{
        if (!heat_in_range(heat))
                return -ERANGE;

        memset(ret, 0, KNEED_HEAT_SIZE);
        ret[0] = KNEED_REPORT_HEAT;
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                put_u16(ret + 2 + 2 * i, heat->setpoint_cc[i]);
        return KNEED_HEAT_SIZE;
}

int kneed_heat_decode(const uint8_t *report, size_t size, KneedHeat *ret)
{
        int r = check_id_and_size(report, size, KNEED_REPORT_HEAT, KNEED_HEAT_SIZE);

        if (r < 0)
                return r;
        if (report[1] != 0)
                return -EBADMSG;

        KneedHeat heat = { 0 };
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                heat.setpoint_cc[i] = get_u16(report + 2 + 2 * i);
        if (!heat_in_range(&heat))
                return -ERANGE;

        *ret = heat;
        return 0;
}

/* Command */

static uint8_t command_check(uint8_t opcode)
{
        return opcode ^ 0xffu;
}

int kneed_command_encode(KneedCommand command, uint8_t ret[static KNEED_COMMAND_SIZE])
{
        switch (command) {
        case KNEED_COMMAND_STOP:
        case KNEED_COMMAND_ARM:
        case KNEED_COMMAND_CLEAR:
                ret[0] = KNEED_REPORT_COMMAND;
                ret[1] = (uint8_t) command;
                ret[2] = command_check(ret[1]);
                ret[3] = 0;
                return KNEED_COMMAND_SIZE;
        default:
                return -ERANGE;
        }
}

int kneed_command_decode(const uint8_t *report, size_t size, KneedCommand *ret)
{
        if (size >= 2 && report[0] == KNEED_REPORT_COMMAND && report[1] == KNEED_COMMAND_STOP) {
                *ret = KNEED_COMMAND_STOP;
                return 0;
        }

        int r = check_id_and_size(report, size, KNEED_REPORT_COMMAND, KNEED_COMMAND_SIZE);

        if (r < 0)
                return r;
        if (report[2] != command_check(report[1]) || report[3] != 0)
                return -EBADMSG;
        if (report[1] > KNEED_COMMAND_CLEAR)
                return -ERANGE;

        *ret = (KneedCommand) report[1];
        return 0;
}

/* Status */

static bool temperatures_in_range(const KneedStatus *s)
{
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                if ((s->temperature_valid & 1u << i) != 0 &&
                                !in_range(s->temperature_cc[i], KNEED_TEMPERATURE_MIN_CC,
                                                KNEED_TEMPERATURE_MAX_CC))
                        return false;
        return true;
}

static bool time_left_in_range(const KneedStatus *s)
{
        if (s->state != KNEED_STATE_ARMED)
                return s->silence_left_ms == 0 && s->session_left_s == 0;
        return s->silence_left_ms <= KNEED_HOST_SILENCE_MAX_MS &&
               s->session_left_s <= KNEED_SESSION_CUT_OFF_MAX_S;
}

static bool status_in_range(const KneedStatus *s)
{
        return s->state < _KNEED_STATE_MAX && (s->faults & ~KNEED_FAULT_ALL) == 0 &&
               time_left_in_range(s) && s->pressure_hpa <= KNEED_PRESSURE_MAX_HPA &&
               s->battery_percent <= 100 && (s->temperature_valid & ~HEATER_MASK) == 0 &&
               temperatures_in_range(s) && s->first % KNEED_LEVELS_PER_REPORT == 0 &&
               span_in_range(s->first, s->count) && levels_in_range(s->measured_permille, s->count);
}

int kneed_status_encode(const KneedStatus *status, uint8_t ret[static KNEED_STATUS_SIZE])
{
        if (!status_in_range(status))
                return -ERANGE;

        memset(ret, 0, KNEED_STATUS_SIZE);
        ret[0] = KNEED_REPORT_STATUS;
        ret[1] = status->state;
        put_u16(ret + 2, status->sequence);
        put_u16(ret + 4, status->faults);
        ret[6] = (uint8_t) ((status->contact ? FLAG_STATUS_CONTACT : 0) |
                            (status->button ? FLAG_STATUS_BUTTON : 0));
        ret[7] = status->temperature_valid;
        put_u16(ret + 8, status->silence_left_ms);
        put_u16(ret + 10, status->session_left_s);
        put_u16(ret + 12, status->pressure_hpa);
        ret[14] = status->battery_percent;
        ret[15] = status->first;
        put_u16(ret + 16, status->supply_mv);
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                if ((status->temperature_valid & 1u << i) != 0)
                        put_i16(ret + 18 + 2 * i, status->temperature_cc[i]);
        ret[26] = status->count;
        put_levels(ret + 28, status->measured_permille, status->count);
        return KNEED_STATUS_SIZE;
}

static bool status_reserved_is_zero(const uint8_t *report)
{
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                if ((report[7] & 1u << i) == 0 && !all_zero(report + 18 + 2 * i, 2))
                        return false;
        return (get_u16(report + 4) & ~KNEED_FAULT_ALL) == 0 &&
               (report[6] & ~(FLAG_STATUS_CONTACT | FLAG_STATUS_BUTTON)) == 0 &&
               (report[7] & ~HEATER_MASK) == 0 && report[27] == 0 &&
               unused_levels_are_zero(report + 28, report[26]);
}

int kneed_status_decode(const uint8_t *report, size_t size, KneedStatus *ret)
{
        int r = check_id_and_size(report, size, KNEED_REPORT_STATUS, KNEED_STATUS_SIZE);

        if (r < 0)
                return r;
        if (!status_reserved_is_zero(report))
                return -EBADMSG;

        KneedStatus status = {
                .sequence = get_u16(report + 2),
                .state = report[1],
                .faults = get_u16(report + 4),
                .contact = report[6] & FLAG_STATUS_CONTACT,
                .button = report[6] & FLAG_STATUS_BUTTON,
                .silence_left_ms = get_u16(report + 8),
                .session_left_s = get_u16(report + 10),
                .pressure_hpa = get_u16(report + 12),
                .battery_percent = report[14],
                .supply_mv = get_u16(report + 16),
                .temperature_valid = report[7],
                .first = report[15],
                .count = report[26],
        };
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                status.temperature_cc[i] = get_i16(report + 18 + 2 * i);
        get_levels(report + 28, status.measured_permille);
        if (!status_in_range(&status))
                return -ERANGE;

        *ret = status;
        return 0;
}
