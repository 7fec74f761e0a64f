/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/macro.h"
#include "daemon/routine.h"
#include "tests/unit/shipped.h"

#define ROUNDS      20000
#define MINUTE_MS   60000u
#define DURATION_MS (ROUTINE_MINUTES_MAX * MINUTE_MS)

static uint32_t random_below(uint32_t n)
{
        static uint32_t state = 0x6b6e6565;

        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state % n;
}

static Routine random_routine(uint32_t shortest_ms, uint32_t longest_ms)
{
        const char *const techniques[] = { "tapping", "glide", "friction" };
        Routine routine = { .name = "random", .n_steps = 1 + random_below(ROUTINE_STEPS_MAX) };

        for (unsigned i = 0; i < routine.n_steps; i++)
                routine.steps[i] = (RoutineStep){
                        .technique = shipped_technique(
                                        techniques[random_below(ELEMENTSOF(techniques))]),
                        .duration_ms = shortest_ms + random_below(longest_ms - shortest_ms + 1),
                        .intensity_percent = (uint8_t) (1 + random_below(100)),
                        .tempo_percent = (uint8_t) (50 + random_below(101)),
                };
        return routine;
}

static uint32_t random_duration(void)
{
        return MINUTE_MS + random_below(DURATION_MS - MINUTE_MS + 1);
}

static void test_scaling_keeps_sum_order_and_proportions(void **state)
{
        for (unsigned round = 0; round < ROUNDS; round++) {
                Routine before = random_routine(MINUTE_MS / 2, DURATION_MS), after = before;
                uint64_t whole = routine_duration_ms(&before), wanted = random_duration();
                uint64_t sum = 0;

                assert_int_equal(routine_scale(&after, (uint32_t) wanted), 0);
                assert_int_equal(after.n_steps, before.n_steps);
                for (unsigned i = 0; i < after.n_steps; i++) {
                        RoutineStep *step = &after.steps[i];
                        /* All times the whole, so that nothing is rounded here. */
                        uint64_t got = step->duration_ms * whole;
                        uint64_t share = before.steps[i].duration_ms * wanted;

                        assert_true(got <= share + whole && share <= got + whole);
                        sum += step->duration_ms;
                        step->duration_ms = before.steps[i].duration_ms;
                }
                assert_int_equal(sum, wanted);
                /* Nothing but the durations has changed. */
                assert_memory_equal(after.steps, before.steps, sizeof(before.steps));
        }
}

static void test_scaling_leaves_no_step_empty(void **state)
{
        for (unsigned round = 0; round < ROUNDS; round++) {
                Routine routine = random_routine(1, 3);
                uint64_t sum = 0;
                uint32_t wanted = random_duration();

                /* One long step, anywhere among very short ones. */
                routine.steps[random_below(routine.n_steps)].duration_ms = DURATION_MS;
                assert_int_equal(routine_scale(&routine, wanted), 0);
                for (unsigned i = 0; i < routine.n_steps; i++) {
                        assert_true(routine.steps[i].duration_ms > 0);
                        sum += routine.steps[i].duration_ms;
                }
                assert_int_equal(sum, wanted);
        }
}

static void test_scaling_refuses_what_no_session_may_last(void **state)
{
        const uint32_t refused[] = { 0, 1, MINUTE_MS - 1, DURATION_MS + 1, UINT32_MAX };
        const uint32_t taken[] = { MINUTE_MS, DURATION_MS };

        for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
                Routine before = random_routine(MINUTE_MS, MINUTE_MS), after = before;

                assert_int_equal(routine_scale(&after, refused[i]), -ERANGE);
                assert_memory_equal(&after, &before, sizeof(before));
        }
        for (size_t i = 0; i < ELEMENTSOF(taken); i++) {
                Routine routine = random_routine(MINUTE_MS, MINUTE_MS);

                assert_int_equal(routine_scale(&routine, taken[i]), 0);
                assert_int_equal(routine_duration_ms(&routine), taken[i]);
        }
}

static void test_peak_is_the_strongest_step(void **state)
{
        Routine routine = random_routine(MINUTE_MS, MINUTE_MS);

        routine.n_steps = 3;
        for (unsigned strongest = 0; strongest < 3; strongest++) {
                for (unsigned i = 0; i < ROUTINE_STEPS_MAX; i++)
                        routine.steps[i].intensity_percent = i < 3 ? 20 : 100;
                routine.steps[strongest].intensity_percent = 70;
                assert_int_equal(routine_peak_percent(&routine), 70);
        }
}

static void place_actuator(Layout *layout, Zone zone)
{
        LegPoint place = zone_place(zone);

        layout->actuators[layout->n_actuators++].place = (Place){
                .known = true,
                .angle_deg = (int16_t) place.angle_deg,
                .height_mm = (int16_t) place.height_mm,
        };
}

static void test_check_names_the_step_out_of_reach(void **state)
{
        Layout knee = { 0 }, all = { 0 };
        unsigned step = 77;
        Zone zone = _ZONE_MAX;
        Routine routine = {
                .n_steps = 2,
                .steps = {
                        { .technique = shipped_technique("friction"), .duration_ms = MINUTE_MS },
                        { .technique = shipped_technique("tapping"), .duration_ms = MINUTE_MS },
                },
        };

        for (Zone z = 0; z < _ZONE_MAX; z++) {
                place_actuator(&all, z);
                if (z >= ZONE_KNEE_ABOVE)
                        place_actuator(&knee, z);
        }
        assert_int_equal(routine_check(&routine, &all, &step, &zone), 0);
        assert_int_equal(step, 77);
        assert_int_equal(zone, _ZONE_MAX);

        assert_int_equal(routine_check(&routine, &knee, &step, &zone), -ENXIO);
        assert_int_equal(step, 1);
        assert_int_equal(zone, ZONE_THIGH_FRONT_UPPER);

        routine.n_steps = 1;
        assert_int_equal(routine_check(&routine, &knee, &step, &zone), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_scaling_keeps_sum_order_and_proportions),
                cmocka_unit_test(test_scaling_leaves_no_step_empty),
                cmocka_unit_test(test_scaling_refuses_what_no_session_may_last),
                cmocka_unit_test(test_peak_is_the_strongest_step),
                cmocka_unit_test(test_check_names_the_step_out_of_reach),
        };

        return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
