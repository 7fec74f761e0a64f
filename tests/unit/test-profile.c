/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/macro.h"
#include "protocol/profile.h"
#include "tests/unit/profile-shapes.h"

#define ROUNDS    4000
#define UNTOUCHED 0xa5

/* xorshift32: the same numbers in every run, so that a failure comes again. */
static uint32_t random_u32(void)
{
        static uint32_t state = 0x6b6e6565;

        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
}

/* The ends of a range are where mistakes live: half of all picks. */
static int pick(int min, int max)
{
        switch (random_u32() % 4) {
        case 0:
                return min;
        case 1:
                return max;
        default:
                return min + (int) (random_u32() % (uint32_t) (max - min + 1));
        }
}

static AnyReport random_good(const Shape *shape)
{
        AnyReport report = { 0 };

        for (size_t f = 0; f < shape->n_fields; f++)
                for (unsigned i = 0; i < shape->fields[f].n; i++)
                        field_set(&shape->fields[f], i,
                                        pick(shape->fields[f].min, shape->fields[f].max), &report);
        shape->mend(&report);
        return report;
}

static bool is_untouched(const void *p, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (((const uint8_t *) p)[i] != UNTOUCHED)
                        return false;
        return true;
}

/* On the heap and of the exact size, so that the sanitizer sees a byte read too far. Whatever the
 * answer is, a refusal must leave the result alone. */
static int decode(const Shape *shape, const uint8_t *data, size_t size, AnyReport *ret)
{
        _cleanup_free_ uint8_t *copy = malloc(size > 0 ? size : 1);
        int r;

        assert_non_null(copy);
        memcpy(copy, data, size);
        memset(ret, UNTOUCHED, sizeof(*ret));
        r = shape->decode(copy, size, ret);
        assert_true(r == 0 || r == -EMSGSIZE || r == -ENOMSG || r == -ERANGE || r == -EBADMSG);
        if (r < 0)
                assert_true(is_untouched(ret, sizeof(*ret)));
        return r;
}

static void encode_good(const Shape *shape, const AnyReport *report, uint8_t *ret)
{
        memset(ret, UNTOUCHED, KNEED_REPORT_SIZE_MAX);
        assert_int_equal(shape->encode(report, ret), shape->size);
        assert_true(is_untouched(ret + shape->size, KNEED_REPORT_SIZE_MAX - shape->size));
}

static void test_good_values_survive_the_wire(void **state)
{
        for (size_t s = 0; s < n_shapes; s++)
                for (unsigned round = 0; round < ROUNDS; round++) {
                        AnyReport report = random_good(&shapes[s]), back;
                        uint8_t wire[KNEED_REPORT_SIZE_MAX];

                        encode_good(&shapes[s], &report, wire);
                        assert_int_equal(decode(&shapes[s], wire, shapes[s].size, &back), 0);
                        assert_true(shape_equal(&shapes[s], &report, &back));
                }
}

static void refuse_to_encode(const Shape *shape, const AnyReport *report)
{
        uint8_t wire[KNEED_REPORT_SIZE_MAX];

        memset(wire, UNTOUCHED, sizeof(wire));
        assert_int_equal(shape->encode(report, wire), -ERANGE);
        assert_true(is_untouched(wire, sizeof(wire)));
}

static void refuse_value(const Shape *shape, const Field *field, unsigned i, int value)
{
        AnyReport report = *shape->full;

        if (!field_can_hold(field, value))
                return;
        field_set(field, i, value, &report);
        refuse_to_encode(shape, &report);
}

static void test_a_value_out_of_range_is_never_written(void **state)
{
        for (size_t s = 0; s < n_shapes; s++)
                for (size_t f = 0; f < shapes[s].n_fields; f++) {
                        const Field *field = &shapes[s].fields[f];

                        for (unsigned i = 0; i < field->n; i++) {
                                refuse_value(&shapes[s], field, i, field->min - 1);
                                refuse_value(&shapes[s], field, i, field->max + 1);
                        }
                }
}

static void refuse_combination(const char *name, const char *field_name, int value)
{
        const Shape *shape = shape_find(name);
        AnyReport report = *shape->full;

        field_set(shape_field(shape, field_name), 0, value, &report);
        refuse_to_encode(shape, &report);
}

static void test_contradictions_are_never_written(void **state)
{
        refuse_combination("record", "index", 64);               /* a motor among the heaters */
        refuse_combination("record", "kind", KNEED_KIND_HEATER); /* that vibrates */
        refuse_combination("record", "frequency_min_hz", 181);
        refuse_combination("record", "frequency_min_hz", 0);
        refuse_combination("frame", "first", 49); /* 16 levels do not fit any more */
        refuse_combination("heat", "setpoint_cc", 2499);
        refuse_combination("heat", "setpoint_cc", 1);
        refuse_combination("status", "state", KNEED_STATE_IDLE); /* with time left */
        refuse_combination("status", "state", KNEED_STATE_LATCHED);
        refuse_combination("status", "first", 8);
}

static void test_what_is_unused_goes_out_as_zero(void **state)
{
        AnyReport report = *shape_find("frame")->full;
        uint8_t wire[KNEED_REPORT_SIZE_MAX];

        report.frame.count = 3;
        report.frame.level_permille[3] = UINT16_MAX;
        encode_good(shape_find("frame"), &report, wire);
        for (unsigned i = 8 + 2 * 3; i < KNEED_FRAME_SIZE; i++)
                assert_int_equal(wire[i], 0);

        report = *shape_find("record")->full;
        report.record.has_position = false;
        report.record.angle_deg = 999;
        encode_good(shape_find("record"), &report, wire);
        for (unsigned i = 3; i < 8; i++)
                assert_int_equal(wire[i], 0);

        report = *shape_find("status")->full;
        report.status.temperature_valid = 0;
        report.status.temperature_cc[2] = INT16_MAX;
        encode_good(shape_find("status"), &report, wire);
        for (unsigned i = 18; i < 26; i++)
                assert_int_equal(wire[i], 0);
}

static bool is_stop(const uint8_t *data)
{
        return data[0] == KNEED_REPORT_COMMAND && data[1] == KNEED_COMMAND_STOP;
}

/* A changed byte is either refused, or it changed a value into another good one. It is never
 * overlooked: what was read is what stands there. */
static void test_no_byte_of_a_report_is_overlooked(void **state)
{
        for (size_t s = 0; s < n_shapes; s++)
                for (unsigned round = 0; round < 12; round++) {
                        AnyReport report = round == 0 ? *shapes[s].full : random_good(&shapes[s]);
                        uint8_t wire[KNEED_REPORT_SIZE_MAX], again[KNEED_REPORT_SIZE_MAX];

                        encode_good(&shapes[s], &report, wire);
                        for (size_t at = 0; at < shapes[s].size; at++) {
                                uint8_t right = wire[at];

                                for (unsigned flip = 1; flip <= UINT8_MAX; flip++) {
                                        AnyReport back;

                                        wire[at] = right ^ (uint8_t) flip;
                                        if (decode(&shapes[s], wire, shapes[s].size, &back) < 0 ||
                                                        is_stop(wire))
                                                continue;
                                        assert_true(shape_is_good(&shapes[s], &back));
                                        encode_good(&shapes[s], &back, again);
                                        assert_memory_equal(wire, again, shapes[s].size);
                                }
                                wire[at] = right;
                        }
                }
}

static void test_only_the_exact_size_is_taken(void **state)
{
        for (size_t s = 0; s < n_shapes; s++) {
                uint8_t wire[2 * KNEED_REPORT_SIZE_MAX] = { 0 };
                AnyReport back;

                encode_good(&shapes[s], shapes[s].full, wire);
                memset(wire + shapes[s].size, 0, sizeof(wire) - shapes[s].size);
                for (size_t size = 0; size < sizeof(wire); size++)
                        assert_int_equal(decode(&shapes[s], wire, size, &back),
                                        size == shapes[s].size ? 0 : -EMSGSIZE);
        }
}

static void test_only_the_own_report_id_is_taken(void **state)
{
        for (size_t s = 0; s < n_shapes; s++) {
                uint8_t wire[KNEED_REPORT_SIZE_MAX];
                AnyReport back;

                encode_good(&shapes[s], shapes[s].full, wire);
                for (unsigned flip = 1; flip <= UINT8_MAX; flip++) {
                        wire[0] ^= (uint8_t) flip;
                        assert_int_equal(decode(&shapes[s], wire, shapes[s].size, &back), -ENOMSG);
                        wire[0] ^= (uint8_t) flip;
                }
        }
}

static void test_a_damaged_stop_stops(void **state)
{
        uint8_t wire[200] = { KNEED_REPORT_COMMAND, KNEED_COMMAND_STOP };
        KneedCommand command;

        for (size_t size = 2; size <= sizeof(wire); size++) {
                for (size_t i = 2; i < size; i++)
                        wire[i] = (uint8_t) random_u32();
                command = KNEED_COMMAND_ARM;
                assert_int_equal(kneed_command_decode(wire, size, &command), 0);
                assert_int_equal(command, KNEED_COMMAND_STOP);
        }

        assert_int_equal(kneed_command_decode(wire, 1, &command), -EMSGSIZE);
        assert_int_equal(kneed_command_decode(wire, 0, &command), -EMSGSIZE);
}

static void test_a_damaged_byte_never_arms_or_clears(void **state)
{
        for (unsigned sent = 0; sent <= KNEED_COMMAND_CLEAR; sent++) {
                uint8_t wire[KNEED_COMMAND_SIZE];

                assert_int_equal(kneed_command_encode((KneedCommand) sent, wire), sizeof(wire));
                for (unsigned i = 0; i < sizeof(wire) * UINT8_MAX; i++) {
                        uint8_t flip = (uint8_t) (1 + i % UINT8_MAX);
                        KneedCommand got;

                        wire[i / UINT8_MAX] ^= flip;
                        if (kneed_command_decode(wire, sizeof(wire), &got) == 0)
                                assert_int_equal(got, KNEED_COMMAND_STOP);
                        wire[i / UINT8_MAX] ^= flip;
                }
        }
}

static void test_sequence_numbers_wrap(void **state)
{
        static const uint16_t bases[] = { 0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff };

        for (size_t i = 0; i < ELEMENTSOF(bases); i++)
                for (uint32_t ahead = 0; ahead <= UINT16_MAX; ahead++)
                        assert_int_equal(kneed_sequence_newer(
                                                         (uint16_t) (bases[i] + ahead), bases[i]),
                                        ahead >= 1 && ahead < 0x8000);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good_values_survive_the_wire),
                cmocka_unit_test(test_a_value_out_of_range_is_never_written),
                cmocka_unit_test(test_contradictions_are_never_written),
                cmocka_unit_test(test_what_is_unused_goes_out_as_zero),
                cmocka_unit_test(test_no_byte_of_a_report_is_overlooked),
                cmocka_unit_test(test_only_the_exact_size_is_taken),
                cmocka_unit_test(test_only_the_own_report_id_is_taken),
                cmocka_unit_test(test_a_damaged_stop_stops),
                cmocka_unit_test(test_a_damaged_byte_never_arms_or_clears),
                cmocka_unit_test(test_sequence_numbers_wrap),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
