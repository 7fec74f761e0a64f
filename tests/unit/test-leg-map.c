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
                cmocka_unit_test(distance_goes_the_short_way_round),
                cmocka_unit_test(hands_on_the_thigh_do_not_reach_the_knee),
                cmocka_unit_test(an_unknown_place_is_not_keep_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
