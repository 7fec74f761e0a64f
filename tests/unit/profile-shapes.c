/* SPDX-License-Identifier: MIT */
#include "tests/unit/profile-shapes.h"

#include "common/macro.h"

#define FIELD(report, member, kind, entries, low, high)                                      \
        {                                                                                    \
                .name = #member, .offset = offsetof(AnyReport, report.member), .type = kind, \
                .n = entries, .min = low, .max = high                                        \
        }

static const Field identity_fields[] = {
        FIELD(identity, profile_major, FIELD_U8, 1, 1, 255),
        FIELD(identity, profile_minor, FIELD_U8, 1, 0, 255),
        FIELD(identity, firmware_major, FIELD_U8, 1, 0, 255),
        FIELD(identity, firmware_minor, FIELD_U8, 1, 0, 255),
        FIELD(identity, n_actuators, FIELD_U8, 1, 1, 64),
        FIELD(identity, n_heaters, FIELD_U8, 1, 0, 4),
        FIELD(identity, capabilities, FIELD_U8, 1, 0, 7),
        FIELD(identity, host_silence_ms, FIELD_U16, 1, 100, 1000),
        FIELD(identity, session_cut_off_s, FIELD_U16, 1, 60, 1800),
        FIELD(identity, budget_ma, FIELD_U16, 1, 1, 5000),
};

static const Field record_fields[] = {
        FIELD(record, index, FIELD_U8, 1, 0, 67),
        FIELD(record, kind, FIELD_U8, 1, 1, 4),
        FIELD(record, has_position, FIELD_BOOL, 1, 0, 1),
        FIELD(record, angle_deg, FIELD_I16, 1, -179, 180),
        FIELD(record, height_mm, FIELD_I16, 1, -500, 600),
        FIELD(record, frequency_min_hz, FIELD_U16, 1, 0, 1000),
        FIELD(record, frequency_max_hz, FIELD_U16, 1, 0, 1000),
        FIELD(record, acceleration_cms2, FIELD_U16, 1, 0, 50000),
        FIELD(record, current_ma, FIELD_U16, 1, 1, 3000),
};

static const Field select_fields[] = {
        { .name = "index", .offset = 0, .type = FIELD_U8, .n = 1, .min = 0, .max = 67 },
};

static const Field frame_fields[] = {
        FIELD(frame, sequence, FIELD_U16, 1, 0, 65535),
        FIELD(frame, first, FIELD_U8, 1, 0, 63),
        FIELD(frame, count, FIELD_U8, 1, 1, 16),
        FIELD(frame, complete, FIELD_BOOL, 1, 0, 1),
        FIELD(frame, frequency_hz, FIELD_U16, 1, 0, 1000),
        FIELD(frame, level_permille, FIELD_U16, 16, 0, 1000),
};

static const Field heat_fields[] = {
        FIELD(heat, setpoint_cc, FIELD_U16, 4, 0, 4100),
};

static const Field command_fields[] = {
        { .name = "command", .offset = 0, .type = FIELD_U8, .n = 1, .min = 0, .max = 2 },
};

static const Field status_fields[] = {
        FIELD(status, sequence, FIELD_U16, 1, 0, 65535),
        FIELD(status, state, FIELD_U8, 1, 0, 2),
        FIELD(status, faults, FIELD_U16, 1, 0, 255),
        FIELD(status, contact, FIELD_BOOL, 1, 0, 1),
        FIELD(status, button, FIELD_BOOL, 1, 0, 1),
        FIELD(status, silence_left_ms, FIELD_U16, 1, 0, 1000),
        FIELD(status, session_left_s, FIELD_U16, 1, 0, 1800),
        FIELD(status, pressure_hpa, FIELD_U16, 1, 0, 1000),
        FIELD(status, battery_percent, FIELD_U8, 1, 0, 100),
        FIELD(status, supply_mv, FIELD_U16, 1, 0, 65535),
        FIELD(status, temperature_valid, FIELD_U8, 1, 0, 15),
        FIELD(status, temperature_cc, FIELD_I16, 4, -4000, 15000),
        FIELD(status, first, FIELD_U8, 1, 0, 48),
        FIELD(status, count, FIELD_U8, 1, 1, 16),
        FIELD(status, measured_permille, FIELD_U16, 16, 0, 1000),
};

static const AnyReport full_identity = {
        .identity = { 1, 2, 3, 4, 16, 2, 7, 400, 1200, 1500 },
};
static const AnyReport full_record = {
        .record = { 5, KNEED_KIND_LRA, true, -40, 120, 60, 180, 1500, 90 },
};
static const AnyReport full_index = { .index = 5 };
static const AnyReport full_frame = {
        .frame = { 258, 16, 16, true, 150,
                        { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } },
};
static const AnyReport full_heat = { .heat = { { 3850, 4100, 2500, 3000 } } };
static const AnyReport full_command = { .command = KNEED_COMMAND_ARM };
static const AnyReport full_status = {
        .status = { 258, KNEED_STATE_ARMED, 0, true, true, 300, 1100, 25, 80, 5000, 15,
                        { 3600, 3601, -5, 4 }, 16, 16,
                        { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } },
};

static void mend_nothing(AnyReport *report)
{
        (void) report;
}

static void mend_record(AnyReport *report)
{
        KneedRecord *r = &report->record;

        if (!r->has_position)
                r->angle_deg = r->height_mm = 0;
        if (r->kind == KNEED_KIND_HEATER) {
                r->index = MAX(r->index, (uint8_t) 1);
                r->frequency_min_hz = r->frequency_max_hz = r->acceleration_cms2 = 0;
        } else {
                r->index = MIN(r->index, (uint8_t) 63);
                r->frequency_min_hz = MAX(r->frequency_min_hz, (uint16_t) 1);
                r->frequency_max_hz = MAX(r->frequency_max_hz, r->frequency_min_hz);
        }
}

static void mend_levels(uint16_t *levels, unsigned count)
{
        for (unsigned i = count; i < 16; i++)
                levels[i] = 0;
}

static void mend_frame(AnyReport *report)
{
        KneedFrame *f = &report->frame;

        f->count = (uint8_t) MIN((unsigned) f->count, 64u - f->first);
        mend_levels(f->level_permille, f->count);
}

static void mend_heat(AnyReport *report)
{
        for (unsigned i = 0; i < 4; i++)
                if (report->heat.setpoint_cc[i] > 0 && report->heat.setpoint_cc[i] < 2500)
                        report->heat.setpoint_cc[i] = 2500;
}

static void mend_status(AnyReport *report)
{
        KneedStatus *s = &report->status;

        if (s->state != KNEED_STATE_ARMED)
                s->silence_left_ms = s->session_left_s = 0;
        for (unsigned i = 0; i < 4; i++)
                if (!(s->temperature_valid & 1 << i))
                        s->temperature_cc[i] = 0;
        s->first = (uint8_t) (s->first / 16 * 16);
        mend_levels(s->measured_permille, s->count);
}

static int encode_identity(const AnyReport *report, uint8_t *ret)
{
        return kneed_identity_encode(&report->identity, ret);
}

static int decode_identity(const uint8_t *data, size_t size, AnyReport *ret)
{
        return kneed_identity_decode(data, size, &ret->identity);
}

static int encode_record(const AnyReport *report, uint8_t *ret)
{
        return kneed_record_encode(&report->record, ret);
}

static int decode_record(const uint8_t *data, size_t size, AnyReport *ret)
{
        return kneed_record_decode(data, size, &ret->record);
}

static int encode_select(const AnyReport *report, uint8_t *ret)
{
        return kneed_select_encode(report->index, ret);
}

static int decode_select(const uint8_t *data, size_t size, AnyReport *ret)
{
        return kneed_select_decode(data, size, &ret->index);
}

static int encode_frame(const AnyReport *report, uint8_t *ret)
{
        return kneed_frame_encode(&report->frame, ret);
}

static int decode_frame(const uint8_t *data, size_t size, AnyReport *ret)
{
        return kneed_frame_decode(data, size, &ret->frame);
}

static int encode_heat(const AnyReport *report, uint8_t *ret)
{
        return kneed_heat_encode(&report->heat, ret);
}

static int decode_heat(const uint8_t *data, size_t size, AnyReport *ret)
{
        return kneed_heat_decode(data, size, &ret->heat);
}

static int encode_command(const AnyReport *report, uint8_t *ret)
{
        return kneed_command_encode((KneedCommand) report->command, ret);
}

static int decode_command(const uint8_t *data, size_t size, AnyReport *ret)
{
        KneedCommand command;
        int r = kneed_command_decode(data, size, &command);

        if (r >= 0)
                ret->command = (uint8_t) command;
        return r;
}

static int encode_status(const AnyReport *report, uint8_t *ret)
{
        return kneed_status_encode(&report->status, ret);
}

static int decode_status(const uint8_t *data, size_t size, AnyReport *ret)
{
        return kneed_status_decode(data, size, &ret->status);
}

#define FIELDS(list) .fields = (list), .n_fields = ELEMENTSOF(list)

const Shape shapes[] = {
        { .name = "identity",
                        .size = 16,
                        FIELDS(identity_fields),
                        .full = &full_identity,
                        .mend = mend_nothing,
                        .encode = encode_identity,
                        .decode = decode_identity },
        { .name = "record",
                        .size = 20,
                        FIELDS(record_fields),
                        .full = &full_record,
                        .mend = mend_record,
                        .encode = encode_record,
                        .decode = decode_record },
        { .name = "select",
                        .size = 20,
                        FIELDS(select_fields),
                        .full = &full_index,
                        .mend = mend_nothing,
                        .encode = encode_select,
                        .decode = decode_select },
        { .name = "frame",
                        .size = 40,
                        FIELDS(frame_fields),
                        .full = &full_frame,
                        .mend = mend_frame,
                        .encode = encode_frame,
                        .decode = decode_frame },
        { .name = "heat",
                        .size = 10,
                        FIELDS(heat_fields),
                        .full = &full_heat,
                        .mend = mend_heat,
                        .encode = encode_heat,
                        .decode = decode_heat },
        { .name = "command",
                        .size = 4,
                        FIELDS(command_fields),
                        .full = &full_command,
                        .mend = mend_nothing,
                        .encode = encode_command,
                        .decode = decode_command },
        { .name = "status",
                        .size = 60,
                        FIELDS(status_fields),
                        .full = &full_status,
                        .mend = mend_status,
                        .encode = encode_status,
                        .decode = decode_status },
};
const size_t n_shapes = ELEMENTSOF(shapes);

const Shape *shape_find(const char *name)
{
        for (size_t i = 0; i < n_shapes; i++)
                if (streq(shapes[i].name, name))
                        return &shapes[i];
        return NULL;
}

const Field *shape_field(const Shape *shape, const char *name)
{
        for (size_t i = 0; i < shape->n_fields; i++)
                if (streq(shape->fields[i].name, name))
                        return &shape->fields[i];
        return NULL;
}

int field_get(const Field *field, unsigned i, const AnyReport *report)
{
        const uint8_t *at = (const uint8_t *) report + field->offset;
        uint16_t u;
        int16_t s;

        switch (field->type) {
        case FIELD_BOOL:
        case FIELD_U8:
                return at[i];
        case FIELD_U16:
                memcpy(&u, at + i * sizeof(u), sizeof(u));
                return u;
        case FIELD_I16:
                memcpy(&s, at + i * sizeof(s), sizeof(s));
                return s;
        }
        abort();
}

void field_set(const Field *field, unsigned i, int value, AnyReport *report)
{
        uint8_t *at = (uint8_t *) report + field->offset;
        uint16_t u = (uint16_t) value;

        if (field->type == FIELD_U16 || field->type == FIELD_I16)
                memcpy(at + i * sizeof(u), &u, sizeof(u));
        else
                at[i] = (uint8_t) value;
}

bool field_can_hold(const Field *field, int value)
{
        switch (field->type) {
        case FIELD_BOOL:
                return value == 0 || value == 1;
        case FIELD_U8:
                return value >= 0 && value <= UINT8_MAX;
        case FIELD_U16:
                return value >= 0 && value <= UINT16_MAX;
        case FIELD_I16:
                return value >= INT16_MIN && value <= INT16_MAX;
        }
        abort();
}

bool shape_equal(const Shape *shape, const AnyReport *a, const AnyReport *b)
{
        for (size_t f = 0; f < shape->n_fields; f++)
                for (unsigned i = 0; i < shape->fields[f].n; i++)
                        if (field_get(&shape->fields[f], i, a) !=
                                        field_get(&shape->fields[f], i, b))
                                return false;
        return true;
}

bool shape_is_good(const Shape *shape, const AnyReport *report)
{
        AnyReport mended = *report;

        for (size_t f = 0; f < shape->n_fields; f++)
                for (unsigned i = 0; i < shape->fields[f].n; i++) {
                        int value = field_get(&shape->fields[f], i, report);

                        if (value < shape->fields[f].min || value > shape->fields[f].max)
                                return false;
                }
        shape->mend(&mended);
        return shape_equal(shape, report, &mended);
}
