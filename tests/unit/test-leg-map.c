/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/leg-map.h"
#include "tests/unit/cmocka-all.h"

static Place place_at(int angle_deg, int height_mm)
{
        return (Place){ true, (int16_t) angle_deg, (int16_t) height_mm };
}

/* The rule in words, in floating point, beside the one in whole numbers. */
static bool forbidden(int angle_deg, int height_mm)
{
        double from_kneecap = leg_distance_mm(
                        (LegPoint){ angle_deg, height_mm }, (LegPoint){ 0, 0 });

        return from_kneecap <= 32 || (abs(angle_deg) >= 135 && abs(height_mm) <= 70);
}

/* SR-KEEP-OUT */
static void keep_out_is_kneecap_and_hollow_and_nothing_else(void **state)
{
        for (int angle = -179; angle <= 180; angle++)
                for (int height = -500; height <= 600; height++) {
                        Place place = place_at(angle, height);

                        assert_int_equal(leg_keep_out(&place), forbidden(angle, height));
                }
}

static void no_zone_lies_in_a_keep_out(void **state)
{
        for (Zone z = 0; z < _ZONE_MAX; z++) {
                LegPoint at = zone_place(z);

                assert_false(forbidden((int) at.angle_deg, (int) at.height_mm));
        }
}

static void keep_outs_have_no_name(void **state)
{
        for (Zone z = 0; z < _ZONE_MAX; z++) {
                assert_null(strstr(zone_name(z), "cap"));
                assert_null(strstr(zone_name(z), "hollow"));
                assert_null(strstr(zone_name(z), "back"));
                for (Zone other = 0; other < z; other++)
                        assert_string_not_equal(zone_name(z), zone_name(other));
        }
}

static void zones_are_found_by_their_names_and_by_no_other(void **state)
{
        static const char *const others[] = { "", "knee", "kneecap", "hollow", "Knee-above",
                "knee-above ", "knee-abov" };

        for (Zone z = 0; z < _ZONE_MAX; z++) {
                assert_int_equal(zone_by_name(zone_name(z)), z);
                assert_true(strlen(zone_words(z)) > 10);
        }
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                assert_int_equal(zone_by_name(others[i]), _ZONE_MAX);
}

/* The distance of the kneecap's middle from a way, by geometry instead of steps. */
static double kneecap_from_way(LegPoint a, LegPoint b)
{
        double x = a.angle_deg * LEG_MM_PER_DEGREE, y = a.height_mm;
        double dx = b.angle_deg * LEG_MM_PER_DEGREE - x, dy = b.height_mm - y;
        double square = dx * dx + dy * dy;
        double t = square > 0 ? fmin(fmax(-(x * dx + y * dy) / square, 0), 1) : 0;

        return hypot(x + t * dx, y + t * dy);
}

/* SR-KEEP-OUT */
static void a_way_is_clear_unless_it_crosses_a_keep_out(void **state)
{
        Random random = { 11 };
        unsigned crossed = 0, clear = 0;

        for (int i = 0; i < 20000; i++) {
                LegPoint a = { (double) random_between(&random, -130, 130),
                        (double) random_between(&random, -150, 300) };
                LegPoint b = { (double) random_between(&random, -130, 130),
                        (double) random_between(&random, -150, 300) };
                double distance = kneecap_from_way(a, b);
                bool is_clear = leg_way_is_clear(a, b);

                /* A place is given in whole degrees and millimetres. */
                if (distance < 31)
                        assert_false(is_clear);
                if (distance > 33)
                        assert_true(is_clear);
                crossed += !is_clear;
                clear += is_clear;
        }
        assert_true(crossed > 1000 && clear > 1000);
        /* Through the hollow, and past it. */
        assert_false(leg_way_is_clear((LegPoint){ 150, 120 }, (LegPoint){ 150, -120 }));
        assert_true(leg_way_is_clear((LegPoint){ 130, 120 }, (LegPoint){ 130, -120 }));
}

static void distance_goes_the_short_way_round(void **state)
{
        double d = leg_distance_mm((LegPoint){ 170, 0 }, (LegPoint){ -170, 0 });

        assert_true(fabs(d - 20 * LEG_MM_PER_DEGREE) < 0.01);
        assert_true(leg_distance_mm((LegPoint){ 0, -30 }, (LegPoint){ 0, 40 }) > 69.99);
}

static void hands_on_the_thigh_do_not_reach_the_knee(void **state)
{
        for (Zone thigh = 0; thigh < ZONE_KNEE_ABOVE; thigh++)
                for (Zone knee = ZONE_KNEE_ABOVE; knee < _ZONE_MAX; knee++)
                        assert_true(leg_distance_mm(zone_place(thigh), zone_place(knee)) >
                                        LEG_REACH_MM);
}

static void an_unknown_place_is_not_keep_out(void **state)
{
        Place place = { .known = false };

        assert_false(leg_keep_out(&place));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(keep_out_is_kneecap_and_hollow_and_nothing_else),
                cmocka_unit_test(no_zone_lies_in_a_keep_out),
                cmocka_unit_test(keep_outs_have_no_name),
                cmocka_unit_test(zones_are_found_by_their_names_and_by_no_other),
                cmocka_unit_test(a_way_is_clear_unless_it_crosses_a_keep_out),
                cmocka_unit_test(distance_goes_the_short_way_round),
                cmocka_unit_test(hands_on_the_thigh_do_not_reach_the_knee),
                cmocka_unit_test(an_unknown_place_is_not_keep_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
