/* SPDX-License-Identifier: MIT */
#include <limits.h>

#include "common/macro.h"
#include "daemon/pain.h"
#include "tests/unit/cmocka-all.h"

/* SR-PAIN: All scores and starts there are, against what the document promises. */
static void every_score_asks_for_what_is_promised(void **state)
{
        for (int start = PAIN_UNKNOWN; start <= PAIN_MAX; start++)
                for (int score = 0; score <= PAIN_MAX; score++) {
                        int known_start = start == PAIN_UNKNOWN ? 0 : start;
                        PainAction action = pain_during(score, start);

                        if (score >= 5 || score - known_start >= 2)
                                assert_int_equal(action, PAIN_ACTION_STOP);
                        else if (score >= 3)
                                assert_int_equal(action, PAIN_ACTION_EASE);
                        else
                                assert_int_equal(action, PAIN_ACTION_NONE);
                }
}

/* More pain never asks for less, and no start makes much pain bearable. */
static void hostile_scores_ask_for_no_less(void **state)
{
        static const int starts[] = { INT_MIN, -2, PAIN_UNKNOWN, 0, PAIN_MAX, PAIN_MAX + 1,
                INT_MAX };

        assert_int_equal(pain_during(PAIN_STOP - 1, INT_MAX), PAIN_ACTION_EASE);
        for (size_t i = 0; i < ELEMENTSOF(starts); i++) {
                assert_int_equal(pain_during(PAIN_STOP, starts[i]), PAIN_ACTION_STOP);
                assert_int_equal(pain_during(INT_MAX, starts[i]), PAIN_ACTION_STOP);
                assert_true(pain_during(PAIN_EASE, starts[i]) >= PAIN_ACTION_EASE);
                for (int score = 0; score < PAIN_MAX; score++)
                        assert_true(pain_during(score, starts[i]) <=
                                        pain_during(score + 1, starts[i]));
        }
}

/* SR-MORNING */
static void a_morning_is_worse_than_what_is_known_from_before(void **state)
{
        for (int before = PAIN_UNKNOWN; before <= PAIN_MAX; before++)
                for (int after = PAIN_UNKNOWN; after <= PAIN_MAX; after++)
                        for (int morning = 0; morning <= PAIN_MAX; morning++) {
                                int known = before != PAIN_UNKNOWN ? before : after;

                                assert_int_equal(pain_worse_next_morning(morning, before, after),
                                                known == PAIN_UNKNOWN ? morning > 0
                                                                      : morning > known);
                        }
}

static void names_are_the_ones_of_the_bus_and_go_back(void **state)
{
        static const char *const whens[] = { "before", "during", "after", "morning" };
        static const char *const actions[] = { "none", "eased", "stopped" };
        static const char *const strangers[] = { "", "Before", "before ", "noon" };

        for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++) {
                assert_string_equal(pain_when_to_string(when), whens[when]);
                assert_int_equal(pain_when_from_string(whens[when]), when);
        }
        for (PainAction action = 0; action < _PAIN_ACTION_MAX; action++)
                assert_string_equal(pain_action_to_string(action), actions[action]);
        for (size_t i = 0; i < ELEMENTSOF(strangers); i++)
                assert_int_equal(pain_when_from_string(strangers[i]), _PAIN_WHEN_INVALID);
        assert_null(pain_when_to_string(_PAIN_WHEN_INVALID));
        assert_null(pain_when_to_string(_PAIN_WHEN_MAX));
        assert_null(pain_action_to_string(_PAIN_ACTION_MAX));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_score_asks_for_what_is_promised),
                cmocka_unit_test(hostile_scores_ask_for_no_less),
                cmocka_unit_test(a_morning_is_worse_than_what_is_known_from_before),
                cmocka_unit_test(names_are_the_ones_of_the_bus_and_go_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
