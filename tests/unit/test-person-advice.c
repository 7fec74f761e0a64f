/* SPDX-License-Identifier: MIT */
/* SR-ADVICE: What a person is asked, and told about how it goes. */
#include "tests/unit/story.h"

static Story story;

static int begin(void **state)
{
        story_begin_screened(&story);
        return 0;
}

/* A session, with what was told before it. */
static void play_scored(int before)
{
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        story_pain(&story, LEG_LEFT, story.id, PAIN_BEFORE, before, PAIN_ACTION_NONE);
        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, 10 * MINUTE_MS, "finished");
}

static PersonAdvice play_all(const int scores[], size_t n, int64_t every_s)
{
        story_begin_screened(&story);
        for (size_t i = 0; i < n; i++) {
                if (i > 0)
                        story.now_s += every_s;
                play_scored(scores[i]);
        }
        assert_int_equal(person_advice(&story.person, LEG_RIGHT, story.now_s), PERSON_ADVICE_NONE);
        return person_advice(&story.person, LEG_LEFT, story.now_s);
}

#define check_advice(advice, every_s, ...)                                                   \
        do {                                                                                 \
                const int scores_[] = { __VA_ARGS__ };                                       \
                assert_int_equal(play_all(scores_, ELEMENTSOF(scores_), every_s), (advice)); \
        } while (0)

static void six_sessions_without_improvement_are_told(void **state)
{
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 4, 4, 4, 4, 4, 4);
        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 4, 4, 4, 4, 4);
        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 4, 4, 4, 4, 4, 3);
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 4, 3, 2, 2, 3, 4);
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 4, 3, 2, 2, 4, 4);
}

static void three_weeks_without_improvement_are_told(void **state)
{
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_ADVICE_S / 3, 3, 3, 3, 3);
        check_advice(PERSON_ADVICE_NONE, PERSON_ADVICE_S / 3, 3, 3, 3, 2);
        check_advice(PERSON_ADVICE_NONE, PERSON_ADVICE_S / 3, 3, 3, 3);
        check_advice(PERSON_ADVICE_NONE, PERSON_ADVICE_S / 3 - 1, 3, 3, 3, 3);
        check_advice(PERSON_ADVICE_NONE, PERSON_ADVICE_S, 3, 3);
}

static void little_pain_needs_no_improvement(void **state)
{
        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 1, 1, 1, 1, 1, 1);
        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 0, 0, 0, 0, 1, 1);
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 1, 1, 1, 1, 1, 2);
}

static void a_rise_of_two_is_told_after_three_sessions(void **state)
{
        check_advice(PERSON_ADVICE_WORSENING, PERSON_DAY_S, 1, 1, 3);
        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 1, 1, 2);
        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 1, 4);
        check_advice(PERSON_ADVICE_WORSENING, PERSON_DAY_S, 1, 2, 2, 2, 3, 4);
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 1, 2, 2, 2, 3, 3);
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 3, 3, 3, 3, 2, 5);
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 1, 3, 3, 3, 3, 3);
}

/* What is long ago tells nothing about now. */
static void old_scores_are_not_compared_with(void **state)
{
        check_advice(PERSON_ADVICE_NO_IMPROVEMENT, PERSON_DAY_S, 4, 4, 4, 4, 4, 4);
        story.now_s += PERSON_ADVICE_S;
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s), PERSON_ADVICE_NONE);
}

static void sessions_without_a_score_say_nothing(void **state)
{
        for (unsigned i = 0; i < 10; i++) {
                story_play(&story, LEG_LEFT, 10 * MINUTE_MS);
                story.now_s += PERSON_DAY_S;
        }
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s), PERSON_ADVICE_NONE);
}

/* A score for which nothing began tells how it goes as well as one before a session; told again and
 * again on one day it is told once, and the worst counts. */
static void what_kept_a_session_from_beginning_counts(void **state)
{
        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 2, 2);
        story.now_s += PERSON_DAY_S;
        for (int score = 5; score <= 7; score++) {
                story_pain(&story, LEG_LEFT, 0, PAIN_BEFORE, score, PAIN_ACTION_NONE);
                story_pain(&story, LEG_RIGHT, 0, PAIN_BEFORE, score, PAIN_ACTION_NONE);
                story.now_s += PERSON_SCORE_S / 3;
        }
        assert_int_equal(story.person.n_scores, 2);
        assert_int_equal(story.person.scores[0].score, 7);
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s),
                        PERSON_ADVICE_WORSENING);
        assert_int_equal(person_advice(&story.person, LEG_RIGHT, story.now_s), PERSON_ADVICE_NONE);
        story.now_s += PERSON_ADVICE_S + PERSON_DAY_S;
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s), PERSON_ADVICE_NONE);

        check_advice(PERSON_ADVICE_NONE, PERSON_DAY_S, 4, 4, 4, 4, 4);
        story.now_s += PERSON_SCORE_S;
        story_pain(&story, LEG_LEFT, 0, PAIN_BEFORE, 5, PAIN_ACTION_NONE);
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s),
                        PERSON_ADVICE_NO_IMPROVEMENT);
        story_add(&story, (Entry){ .kind = ENTRY_DELETED });
        assert_int_equal(story.person.n_scores, 0);
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s), PERSON_ADVICE_NONE);
}

/* They stand in the order in which they were told, whatever they were told of. */
static void scores_are_compared_in_their_order(void **state)
{
        story_pain(&story, LEG_LEFT, 0, PAIN_BEFORE, 9, PAIN_ACTION_NONE);
        for (unsigned i = 0; i < 5; i++) {
                story.now_s += PERSON_DAY_S;
                play_scored(5);
        }
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s), PERSON_ADVICE_NONE);
}

/* All that count are known; what makes room is past. */
static void no_score_that_counts_is_forgotten(void **state)
{
        for (unsigned i = 0; i < 2 * PERSON_SCORES_MAX; i++) {
                story_pain(&story, LEG_LEFT, 0, PAIN_BEFORE, (int) (i % 5), PAIN_ACTION_NONE);
                story_pain(&story, LEG_RIGHT, 0, PAIN_BEFORE, 0, PAIN_ACTION_NONE);
                story.now_s += PERSON_SCORE_S;
        }
        assert_int_equal(story.person.n_scores, PERSON_SCORES_MAX);
        assert_true(story.now_s - story.person.scores[0].at_s > PERSON_ADVICE_S + PERSON_DAY_S);
        assert_int_equal(story.person.scores[PERSON_SCORES_MAX - 2].score,
                        (2 * PERSON_SCORES_MAX - 1) % 5);
}

/* SR-MORNING: It comes first, until a later morning was better. */
static void a_worse_morning_is_told_until_a_better_one(void **state)
{
        check_advice(PERSON_ADVICE_WORSENING, PERSON_DAY_S, 1, 1, 3);
        story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 4, PAIN_ACTION_NONE);
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s),
                        PERSON_ADVICE_WORSE_NEXT_MORNING);
        assert_int_equal(person_advice(&story.person, LEG_RIGHT, story.now_s), PERSON_ADVICE_NONE);

        story.now_s += 2 * PERSON_DAY_S;
        play_scored(1);
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s),
                        PERSON_ADVICE_WORSE_NEXT_MORNING);
        story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 1, PAIN_ACTION_NONE);
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s), PERSON_ADVICE_NONE);
}

static void a_worse_morning_of_long_ago_is_told_no_more(void **state)
{
        play_scored(1);
        story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 4, PAIN_ACTION_NONE);
        story.now_s += PERSON_ADVICE_S + PERSON_DAY_S - 1;
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s),
                        PERSON_ADVICE_WORSE_NEXT_MORNING);
        story.now_s += 1;
        assert_int_equal(person_advice(&story.person, LEG_LEFT, story.now_s), PERSON_ADVICE_NONE);
}

static void every_advice_says_whom_to_see(void **state)
{
        assert_string_equal(person_advice_sentence(PERSON_ADVICE_NONE), "");
        assert_string_equal(person_advice_sentence(_PERSON_ADVICE_MAX), "");
        for (PersonAdvice advice = PERSON_ADVICE_NONE + 1; advice < _PERSON_ADVICE_MAX; advice++) {
                const char *sentence = person_advice_sentence(advice);

                assert_non_null(strstr(sentence, "doctor"));
                assert_in_range(strlen(sentence), 20, 200);
                assert_ptr_equal(strchr(sentence, '.'), sentence + strlen(sentence) - 1);
        }
}

static void check_when(int64_t ago_s, PainWhen expected, uint64_t session)
{
        Story then = story;
        uint64_t id = 99;

        then.now_s += ago_s;
        assert_int_equal(person_pain_when(&then.person, LEG_LEFT, then.now_s, &id), expected);
        assert_int_equal(id, session);
        assert_int_equal(person_pain_when(&then.person, LEG_RIGHT, then.now_s, &id), PAIN_BEFORE);
        assert_int_equal(id, 0);
}

static void a_score_belongs_to_the_session_before_it(void **state)
{
        check_when(0, PAIN_BEFORE, 0);
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        check_when(0, PAIN_DURING, 1);
        check_when(PERSON_RUNS_S - 1, PAIN_DURING, 1);
        /* It was cut off. */
        check_when(PERSON_RUNS_S, PAIN_AFTER, 1);
        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, 10 * MINUTE_MS, "finished");
        check_when(0, PAIN_AFTER, 1);
        check_when(PERSON_MORNING_MIN_S - 1, PAIN_AFTER, 1);
        check_when(PERSON_MORNING_MIN_S, PAIN_MORNING, 1);
        check_when(PERSON_MORNING_MAX_S - 1, PAIN_MORNING, 1);
        check_when(PERSON_MORNING_MAX_S, PAIN_BEFORE, 0);

        story.now_s += HOUR_S;
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        check_when(0, PAIN_DURING, 2);
        /* As a false start it stands back. */
        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, 0, "client");
        check_when(0, PAIN_AFTER, 1);
}

static uint64_t due(int64_t in_s)
{
        assert_int_equal(person_morning_due(&story.person, LEG_RIGHT, story.now_s + in_s), 0);
        return person_morning_due(&story.person, LEG_LEFT, story.now_s + in_s);
}

/* SR-MORNING */
static void a_session_is_asked_about_once_on_its_next_morning(void **state)
{
        assert_int_equal(due(0), 0);
        story_play(&story, LEG_LEFT, 10 * MINUTE_MS);
        assert_int_equal(due(PERSON_MORNING_MIN_S - 1), 0);
        assert_int_equal(due(PERSON_MORNING_MIN_S), 1);
        assert_int_equal(due(PERSON_MORNING_MAX_S - 1), 1);
        assert_int_equal(due(PERSON_MORNING_MAX_S), 0);

        /* The last of an evening, not each of it. */
        story.now_s += HOUR_S;
        story_play(&story, LEG_LEFT, 10 * MINUTE_MS);
        story.now_s += 10 * HOUR_S;
        assert_int_equal(due(0), 2);
        story_pain(&story, LEG_LEFT, 2, PAIN_MORNING, 0, PAIN_ACTION_NONE);
        assert_int_equal(due(0), 0);

        /* Also while the next one plays. */
        story_begin_screened(&story);
        story_play(&story, LEG_LEFT, 10 * MINUTE_MS);
        story.now_s += 10 * HOUR_S;
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        assert_int_equal(due(0), 1);
}

static void a_crash_is_asked_about_too(void **state)
{
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        assert_int_equal(due(PERSON_MORNING_MIN_S), 1);
}

#define TOLD(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TOLD(six_sessions_without_improvement_are_told),
                TOLD(three_weeks_without_improvement_are_told),
                TOLD(little_pain_needs_no_improvement),
                TOLD(a_rise_of_two_is_told_after_three_sessions),
                TOLD(old_scores_are_not_compared_with),
                TOLD(sessions_without_a_score_say_nothing),
                TOLD(what_kept_a_session_from_beginning_counts),
                TOLD(scores_are_compared_in_their_order),
                TOLD(no_score_that_counts_is_forgotten),
                TOLD(a_worse_morning_is_told_until_a_better_one),
                TOLD(a_worse_morning_of_long_ago_is_told_no_more),
                TOLD(every_advice_says_whom_to_see),
                TOLD(a_score_belongs_to_the_session_before_it),
                TOLD(a_session_is_asked_about_once_on_its_next_morning),
                TOLD(a_crash_is_asked_about_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
