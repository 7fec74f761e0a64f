/* SPDX-License-Identifier: MIT */
/* What pain that was told means for what may follow. */
#include "tests/unit/story.h"

#define SESSION_MS (20 * MINUTE_MS)

static Story story;

static int begin(void **state)
{
        story_begin_screened(&story);
        return 0;
}

/* SR-PAIN */
static void a_stop_for_pain_closes_the_leg_for_a_day(void **state)
{
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        story_pain(&story, LEG_LEFT, story.id, PAIN_DURING, 4, PAIN_ACTION_STOP);
        story_check_refused(
                        &story, LEG_LEFT, PERSON_CLOSED_BY_PAIN, 0, story.now_s + PAIN_CLOSED_S);
        story_check_may(&story, LEG_RIGHT, SESSION_MS);
}

/* So much pain closes it whatever it led to, also when it is told too late to stop anything. */
static void much_pain_during_closes_whatever_it_led_to(void **state)
{
        story_pain(&story, LEG_LEFT, 0, PAIN_DURING, 4, PAIN_ACTION_EASE);
        story_check_may(&story, LEG_LEFT, SESSION_MS);
        story_pain(&story, LEG_LEFT, 0, PAIN_DURING, 5, PAIN_ACTION_NONE);
        story_check_refused(
                        &story, LEG_LEFT, PERSON_CLOSED_BY_PAIN, 0, story.now_s + PAIN_CLOSED_S);
}

/* A score that is none is the worst. */
static void hostile_scores_close(void **state)
{
        static const int scores[] = { INT32_MIN, -1, PAIN_MAX + 1, 300, INT32_MAX };

        for (size_t i = 0; i < ELEMENTSOF(scores); i++) {
                story_begin_screened(&story);
                story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 0, "");
                story_pain(&story, LEG_LEFT, story.id, PAIN_DURING, scores[i], PAIN_ACTION_NONE);
                assert_int_equal(story.person.sessions[0].pain[PAIN_DURING], PAIN_MAX);
                story_check_refused(&story, LEG_LEFT, PERSON_CLOSED_BY_PAIN, 0,
                                story.now_s + PAIN_CLOSED_S);
        }
}

/* SR-PAIN: Whatever it was told of. */
static void a_score_that_ended_a_session_closes(void **state)
{
        for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++) {
                story_begin_screened(&story);
                story_pain(&story, LEG_LEFT, 0, when, 0, PAIN_ACTION_STOP);
                story_check_refused(&story, LEG_LEFT, PERSON_CLOSED_BY_PAIN, 0,
                                story.now_s + PAIN_CLOSED_S);
        }
}

/* SR-PAIN: For a day, whenever it was told of, until less is told. */
static void much_pain_lets_nothing_start(void **state)
{
        for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++) {
                bool closes = when == PAIN_DURING || when == PAIN_MORNING;

                story_begin_screened(&story);
                story_pain(&story, LEG_LEFT, 0, when, PAIN_STOP - 1, PAIN_ACTION_NONE);
                assert_int_equal(story_judge(&story, LEG_LEFT).refusal,
                                when == PAIN_MORNING ? PERSON_CLOSED_BY_MORNING : PERSON_MAY);
                story_pain(&story, LEG_LEFT, 0, when, 7, PAIN_ACTION_NONE);
                story_check_may(&story, LEG_RIGHT, SESSION_MS);
                if (!closes)
                        story_check_refused(&story, LEG_LEFT, PERSON_HURTS, 7,
                                        story.now_s + PAIN_START_S);
                assert_int_equal(person_pain_until_s(&story.person, LEG_LEFT),
                                story.now_s + (when == PAIN_MORNING ? PAIN_MORNING_S
                                                                    : PAIN_START_S));
                story.now_s += HOUR_S;
                story_pain(&story, LEG_LEFT, 0, PAIN_BEFORE, PAIN_STOP, PAIN_ACTION_NONE);
                if (!closes)
                        story_check_refused(&story, LEG_LEFT, PERSON_HURTS, PAIN_STOP,
                                        story.now_s + PAIN_START_S);
                story_pain(&story, LEG_LEFT, 0, PAIN_BEFORE, PAIN_STOP - 1, PAIN_ACTION_NONE);
                assert_int_equal(story_judge(&story, LEG_LEFT).refusal == PERSON_MAY, !closes);
        }
}

/* SR-PAIN: What is told with the wish is newer; what is no less lifts nothing, and what is less
 * opens no leg that pain has closed. */
static void the_score_of_the_wish_is_the_newest(void **state)
{
        static const struct {
                int pain;
                PersonRefusal refusal;
        } cases[] = { { PAIN_UNKNOWN, PERSON_HURTS }, { 0, PERSON_MAY },
                { PAIN_STOP - 1, PERSON_MAY }, { PAIN_STOP, PERSON_HURTS },
                { PAIN_MAX, PERSON_HURTS }, { INT32_MIN, PERSON_HURTS },
                { INT32_MAX, PERSON_HURTS } };
        PersonVerdict verdict;

        story_pain(&story, LEG_LEFT, 0, PAIN_AFTER, 7, PAIN_ACTION_NONE);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                person_judge(&story.person, LEG_LEFT, story.now_s, &limits_hard, cases[i].pain,
                                &verdict);
                assert_int_equal(verdict.refusal, cases[i].refusal);
        }

        story_pain(&story, LEG_LEFT, 0, PAIN_DURING, 7, PAIN_ACTION_STOP);
        person_judge(&story.person, LEG_LEFT, story.now_s, &limits_hard, 0, &verdict);
        assert_int_equal(verdict.refusal, PERSON_CLOSED_BY_PAIN);
}

/* SR-MORNING: Whose word it is that a morning is worse. */
static void a_morning_is_worse_than_before_its_own_session(void **state)
{
        story_play(&story, LEG_LEFT, SESSION_MS);
        story_pain(&story, LEG_LEFT, story.id, PAIN_BEFORE, 4, PAIN_ACTION_NONE);
        assert_false(person_is_worse_morning(&story.person, LEG_LEFT, story.id, 4));
        assert_true(person_is_worse_morning(&story.person, LEG_LEFT, story.id, 5));
        assert_true(person_is_worse_morning(&story.person, LEG_RIGHT, story.id, 4));
        assert_true(person_is_worse_morning(&story.person, LEG_LEFT, 0, 1));
        assert_false(person_is_worse_morning(&story.person, LEG_LEFT, 0, 0));
}

/* SR-MORNING */
static void a_worse_morning_closes_the_leg_for_two_days(void **state)
{
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        story_pain(&story, LEG_LEFT, story.id, PAIN_BEFORE, 3, PAIN_ACTION_NONE);
        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, SESSION_MS, "finished");
        story.now_s += 12 * HOUR_S;
        story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 3, PAIN_ACTION_NONE);
        story_check_may(&story, LEG_LEFT, SESSION_MS);
        story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 4, PAIN_ACTION_NONE);
        story_check_refused(&story, LEG_LEFT, PERSON_CLOSED_BY_MORNING, 0,
                        story.now_s + PAIN_MORNING_S);
        story_check_may(&story, LEG_RIGHT, SESSION_MS);

        /* A shorter closing does not open it earlier. */
        story_pain(&story, LEG_LEFT, story.id, PAIN_DURING, 9, PAIN_ACTION_STOP);
        story_check_refused(&story, LEG_LEFT, PERSON_CLOSED_BY_MORNING, 0,
                        story.now_s + PAIN_MORNING_S);
}

/* What is said later cannot hide that it was worse. */
static void the_least_before_and_after_is_compared_with(void **state)
{
        for (PainWhen when = PAIN_BEFORE; when <= PAIN_AFTER; when += PAIN_AFTER - PAIN_BEFORE) {
                story_begin_screened(&story);
                story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
                story_pain(&story, LEG_LEFT, story.id, when, 3, PAIN_ACTION_NONE);
                story_pain(&story, LEG_LEFT, story.id, when, 2, PAIN_ACTION_NONE);
                story_pain(&story, LEG_LEFT, story.id, when, 8, PAIN_ACTION_NONE);
                story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 2, PAIN_ACTION_NONE);
                story_check_may(&story, LEG_LEFT, SESSION_MS - 31000);
                story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 3, PAIN_ACTION_NONE);
                story_check_refused(&story, LEG_LEFT, PERSON_CLOSED_BY_MORNING, 0,
                                story.now_s + PAIN_MORNING_S);
        }
}

static void a_morning_of_no_session_closes_with_any_pain(void **state)
{
        story_pain(&story, LEG_LEFT, 0, PAIN_MORNING, 0, PAIN_ACTION_NONE);
        story_check_may(&story, LEG_LEFT, SESSION_MS);
        /* Nor is it compared with a session that nobody could have begun. */
        story_session(&story, ENTRY_SESSION_CHARGED, LEG_LEFT, 0, "");
        story_pain(&story, LEG_LEFT, 0, PAIN_BEFORE, 4, PAIN_ACTION_NONE);
        story_check_may(&story, LEG_LEFT, SESSION_MS);
        story_pain(&story, LEG_LEFT, 0, PAIN_MORNING, 1, PAIN_ACTION_NONE);
        story_check_refused(&story, LEG_LEFT, PERSON_CLOSED_BY_MORNING, 0,
                        story.now_s + PAIN_MORNING_S);
}

static void the_worst_is_kept_of_several_scores(void **state)
{
        static const int scores[] = { 2, 4, 3 };

        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 0, "");
        for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++)
                for (size_t i = 0; i < ELEMENTSOF(scores); i++)
                        story_pain(&story, LEG_LEFT, story.id, when, scores[i], PAIN_ACTION_NONE);
        assert_int_equal(story.person.sessions[0].pain[PAIN_BEFORE], 2);
        assert_int_equal(story.person.sessions[0].pain[PAIN_DURING], 4);
        assert_int_equal(story.person.sessions[0].pain[PAIN_AFTER], 2);
        assert_int_equal(story.person.sessions[0].pain[PAIN_MORNING], 4);
}

#define TOLD(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TOLD(a_stop_for_pain_closes_the_leg_for_a_day),
                TOLD(much_pain_during_closes_whatever_it_led_to),
                TOLD(hostile_scores_close),
                TOLD(a_score_that_ended_a_session_closes),
                TOLD(much_pain_lets_nothing_start),
                TOLD(the_score_of_the_wish_is_the_newest),
                TOLD(a_morning_is_worse_than_before_its_own_session),
                TOLD(a_worse_morning_closes_the_leg_for_two_days),
                TOLD(the_least_before_and_after_is_compared_with),
                TOLD(a_morning_of_no_session_closes_with_any_pain),
                TOLD(the_worst_is_kept_of_several_scores),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
