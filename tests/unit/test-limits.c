/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/macro.h"
#include "daemon/limits.h"

#define ROUNDS   20000
#define N_FIELDS (sizeof(Limits) / sizeof(uint16_t))

typedef union Fields {
        Limits limits;
        uint16_t at[N_FIELDS];
} Fields;

static uint16_t random_u16(void)
{
        static uint32_t state = 0x6b6e6565;

        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return (uint16_t) (state >> 8);
}

/* SR-TIGHTEN */
static void test_tightening_never_raises_a_limit(void **state)
{
        for (unsigned round = 0; round < ROUNDS; round++) {
                Fields hard = { .limits = limits_hard }, effective = hard;

                for (unsigned time = 0; time < 3; time++) {
                        Fields before = effective, asked;

                        /* Around the hard limit as often as anywhere. */
                        for (size_t i = 0; i < N_FIELDS; i++)
                                asked.at[i] = round % 2 ? random_u16()
                                                        : (uint16_t) (hard.at[i] +
                                                                          random_u16() % 3 - 1);
                        limits_tighten(&effective.limits, &asked.limits);
                        for (size_t i = 0; i < N_FIELDS; i++) {
                                assert_true(effective.at[i] <= hard.at[i]);
                                assert_true(effective.at[i] <= before.at[i]);
                                assert_true(effective.at[i] <= asked.at[i]);
                                assert_true(effective.at[i] == before.at[i] ||
                                                effective.at[i] == asked.at[i]);
                        }
                }
        }
}

/* The promises that people are made: whoever loosens one of these has to change it here too. */
static void test_hard_limits_are_what_is_promised(void **state)
{
        assert_true(limits_hard.level_permille <= 800);
        assert_true(limits_hard.first_level_permille <= 400);
        assert_true(limits_hard.session_minutes <= 20);
        assert_true(limits_hard.ramp_permille_per_s <= 100);
        assert_true(limits_hard.busy_s <= 120);
        assert_true(limits_hard.setpoint_cc <= 4100);
        assert_true(limits_hard.heat_minutes <= 15);
        assert_true(limits_hard.day_sessions <= 3);
        assert_true(limits_hard.day_minutes <= 45);
}

static void test_the_strictest_is_within_the_hard_limit(void **state)
{
#define X(field, strictest, hard, unit, what) \
        assert_true((strictest) <= (hard) && (hard) <= UINT16_MAX);
        LIMITS(X)
#undef X
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tightening_never_raises_a_limit),
                cmocka_unit_test(test_hard_limits_are_what_is_promised),
                cmocka_unit_test(test_the_strictest_is_within_the_hard_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
