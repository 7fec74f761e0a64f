/* SPDX-License-Identifier: MIT */
#include "common/macro.h"
#include "daemon/governor.h"
#include "tests/unit/layouts.h"

/* What the governor knows between two steps. */

static Layout one_of_each(void)
{
        Layout layout = { .n_actuators = 1, .n_heaters = 1, .budget_ma = 500 };

        layout.actuators[0] = actuator_at(0, 55, 100);
        layout.heaters[0] = (Heater){ { true, 80, 0 }, 100 };
        return layout;
}

/* SR-CLEAR */
static void a_persons_stop_does_not_hide_behind_the_massagers(void **state)
{
        static const struct {
                GovernorLatch first, second, stays;
        } courses[] = {
                { GOVERNOR_LATCH_NONE, GOVERNOR_LATCH_PAIN, GOVERNOR_LATCH_PAIN },
                { GOVERNOR_LATCH_HOT, GOVERNOR_LATCH_FAULT, GOVERNOR_LATCH_HOT },
                { GOVERNOR_LATCH_FAULT, GOVERNOR_LATCH_BUTTON, GOVERNOR_LATCH_FAULT },
                { GOVERNOR_LATCH_HOT, GOVERNOR_LATCH_EMERGENCY, GOVERNOR_LATCH_EMERGENCY },
                { GOVERNOR_LATCH_BUTTON, GOVERNOR_LATCH_PAIN, GOVERNOR_LATCH_PAIN },
                { GOVERNOR_LATCH_EMERGENCY, GOVERNOR_LATCH_FAULT, GOVERNOR_LATCH_EMERGENCY },
                { GOVERNOR_LATCH_PAIN, GOVERNOR_LATCH_EMERGENCY, GOVERNOR_LATCH_PAIN },
                { GOVERNOR_LATCH_EMERGENCY, GOVERNOR_LATCH_PAIN, GOVERNOR_LATCH_EMERGENCY },
                { GOVERNOR_LATCH_PAIN, GOVERNOR_LATCH_NONE, GOVERNOR_LATCH_PAIN },
        };
        Layout layout = one_of_each();

        for (size_t i = 0; i < ELEMENTSOF(courses); i++) {
                Governor *g = governor_new(&layout, &limits_hard);

                governor_latch(g, courses[i].first);
                governor_latch(g, courses[i].second);
                assert_int_equal(governor_latched(g), courses[i].stays);
                governor_free(g);
        }
}

/* Time begins with the first step, whenever that is. */
static void the_first_step_is_not_late(void **state)
{
        Layout layout = one_of_each();
        Governor *g = governor_new(&layout, &limits_hard);
        GovernorInput in = {
                .now_ms = 86400000,
                .status_at_ms = 86400000,
                .wish = GOVERNOR_WISH_RUN,
                .screening = GOVERNOR_SCREENED,
                .dose_left_ms = UINT32_MAX,
        };

        (void) governor_step(g, &in);
        assert_int_equal(governor_verdict(g), GOVERNOR_RUNNING);
        in.now_ms += GOVERNOR_LATE_MS + 1;
        in.status_at_ms = in.now_ms;
        (void) governor_step(g, &in);
        assert_int_equal(governor_verdict(g), GOVERNOR_LATE);
        governor_free(g);
}

/* SR-CURRENT */
static void another_budget_counts_from_the_next_step(void **state)
{
        static const struct {
                uint16_t budget_ma;
                unsigned level; /* of an actuator that draws 100 mA at full level */
        } supplies[] = { { 500, 800 }, { 40, 400 }, { 0, 0 }, { 60, 600 }, { 500, 800 } };
        Layout layout = one_of_each();
        Governor *g = governor_new(&layout, &limits_hard);
        uint64_t now_ms = 0;

        for (size_t i = 0; i < ELEMENTSOF(supplies); i++) {
                const GovernedFrame *frame = NULL;

                governor_set_budget(g, supplies[i].budget_ma);
                for (unsigned k = 0; k < 500; k++, now_ms += 20)
                        frame = governor_step(
                                        g, &(GovernorInput){
                                                           .now_ms = now_ms,
                                                           .status_at_ms = now_ms,
                                                           .wish = GOVERNOR_WISH_RUN,
                                                           .screening = GOVERNOR_SCREENED,
                                                           .experience = GOVERNOR_LATER_SESSION,
                                                           .dose_left_ms = UINT32_MAX,
                                                           .cap_permille = 1000,
                                                           .want_permille = { 1000 },
                                           });
                assert_int_equal(governed_frame_level(frame, 0), supplies[i].level);
        }
        governor_free(g);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_persons_stop_does_not_hide_behind_the_massagers),
                cmocka_unit_test(the_first_step_is_not_late),
                cmocka_unit_test(another_budget_counts_from_the_next_step),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
