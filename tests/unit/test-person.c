/* SPDX-License-Identifier: MIT */
#include "tests/unit/story.h"

#define SESSION_MS (20 * MINUTE_MS)

static Story story;

static int begin(void **state)
{
        story_begin_screened(&story);
        return 0;
}

static void nobody_who_is_not_screened_may(void **state)
{
        person_init(&story.person);
        story_check_refused(&story, LEG_LEFT, PERSON_NOT_SCREENED, 0, 0);
        story_add(&story, (Entry){ .kind = ENTRY_SCREENED });
        story_check_refused(&story, LEG_LEFT, PERSON_NOT_SCREENED, 0, 0);
        story_screen(&story, NULL, SCREENING_NO);
        story_check_may(&story, LEG_LEFT, SESSION_MS);
}

/* SR-SCREENING */
static void a_screening_holds_for_a_month(void **state)
{
        story.now_s += SCREENING_VALID_S - 1;
        story_check_may(&story, LEG_LEFT, SESSION_MS);
        story.now_s += 1;
        story_check_refused(&story, LEG_LEFT, PERSON_SCREENING_EXPIRED, 0, 0);
        story_screen(&story, NULL, SCREENING_NO);
        story_check_may(&story, LEG_LEFT, SESSION_MS);
}

static void a_red_flag_forbids_and_says_which(void **state)
{
        PersonVerdict verdict;

        story_screen(&story, "clot", SCREENING_YES);
        story_check_refused(&story, LEG_RIGHT, PERSON_SCREENING_FORBIDS, 0, 0);
        verdict = story_judge(&story, LEG_RIGHT);
        assert_string_equal(verdict.question->id, "clot");
}

/* SR-TIGHTEN: under what the screening lowers, too. */
static void a_caution_asks_for_advice_and_lowers(void **state)
{
        PersonVerdict verdict;

        story_screen(&story, "sensation", SCREENING_YES);
        story_check_refused(&story, LEG_LEFT, PERSON_SCREENING_NEEDS_ADVICE, 0, 0);
        verdict = story_judge(&story, LEG_LEFT);
        assert_string_equal(verdict.question->id, "sensation");

        story_screen(&story, "sensation", SCREENING_ADVISED);
        verdict = story_judge(&story, LEG_LEFT);
        assert_int_equal(verdict.refusal, PERSON_MAY);
        assert_int_equal(verdict.limits.heat_minutes, 0);
        assert_int_equal(verdict.limits.day_minutes, limits_hard.day_minutes);
        assert_int_equal(verdict.dose_left_ms, verdict.limits.session_minutes * MINUTE_MS);
        assert_true(verdict.dose_left_ms < SESSION_MS);
}

/* SR-TIGHTEN */
static void the_limits_given_hold_where_they_are_lower(void **state)
{
        Limits limits = limits_hard, wide = limits_hard;
        PersonVerdict verdict;

        limits.session_minutes = 7;
        limits.level_permille = 123;
        person_judge(&story.person, LEG_LEFT, story.now_s, &limits, PAIN_UNKNOWN, &verdict);
        assert_memory_equal(&verdict.limits, &limits, sizeof(limits));
        assert_int_equal(verdict.dose_left_ms, 7 * MINUTE_MS);

        wide.session_minutes = wide.day_minutes = UINT16_MAX;
        person_judge(&story.person, LEG_LEFT, story.now_s, &wide, PAIN_UNKNOWN, &verdict);
        assert_memory_equal(&verdict.limits, &limits_hard, sizeof(limits_hard));
        assert_int_equal(verdict.dose_left_ms, SESSION_MS);
}

/* SR-DAY */
static void a_leg_rests_after_a_session_and_the_other_does_not(void **state)
{
        story_play(&story, LEG_LEFT, 10 * MINUTE_MS);
        story_check_refused(&story, LEG_LEFT, PERSON_RESTING, 30, story.now_s + PERSON_REST_S);
        story_check_may(&story, LEG_RIGHT, SESSION_MS);
        story.now_s += PERSON_REST_S;
        story_check_may(&story, LEG_LEFT, SESSION_MS);
}

static void a_false_start_needs_no_rest_but_its_time_counts(void **state)
{
        PersonVerdict verdict;

        story_play(&story, LEG_LEFT, PERSON_FALSE_START_MS);
        story_check_may(&story, LEG_LEFT, SESSION_MS - PERSON_FALSE_START_MS);
        verdict = story_judge(&story, LEG_LEFT);
        assert_int_equal(verdict.day_sessions, 0);
        assert_int_equal(verdict.day_charged_ms, PERSON_FALSE_START_MS);

        /* A second more, and it was a session. */
        story.now_s += PERSON_REST_S - 1;
        story_play(&story, LEG_LEFT, 1000);
        assert_int_equal(story_judge(&story, LEG_LEFT).day_sessions, 1);
        story_check_refused(&story, LEG_LEFT, PERSON_RESTING, 30, story.now_s + PERSON_REST_S);
}

static void false_starts_with_whole_rests_between_are_not_added_up(void **state)
{
        for (unsigned i = 0; i < 4; i++) {
                story_play(&story, LEG_LEFT, 90000);
                story.now_s += PERSON_REST_S;
        }
        assert_int_equal(story_judge(&story, LEG_LEFT).day_sessions, 0);
        story_check_may(&story, LEG_LEFT, SESSION_MS);
}

/* Where less than a minute is left of a session, only a rest gives more. */
static void a_false_start_that_leaves_no_minute_is_rested_from(void **state)
{
        Limits limits = limits_hard;
        PersonVerdict verdict;

        limits.session_minutes = 2;
        story_play(&story, LEG_LEFT, 60000);
        person_judge(&story.person, LEG_LEFT, story.now_s, &limits, PAIN_UNKNOWN, &verdict);
        assert_int_equal(verdict.refusal, PERSON_MAY);
        assert_int_equal(verdict.dose_left_ms, 60000);
        story_play(&story, LEG_LEFT, 1000);
        person_judge(&story.person, LEG_LEFT, story.now_s, &limits, PAIN_UNKNOWN, &verdict);
        assert_int_equal(verdict.refusal, PERSON_RESTING);
        assert_int_equal(verdict.until_s, story.now_s + PERSON_REST_S);
}

/* SR-DAY */
static void three_sessions_use_up_the_day_of_a_leg(void **state)
{
        int64_t first_s = 0;

        for (unsigned i = 0; i < 3; i++) {
                assert_int_equal(story_judge(&story, LEG_LEFT).day_sessions, i);
                story_play(&story, LEG_LEFT, 5 * MINUTE_MS);
                if (i == 0)
                        first_s = story.now_s;
                story.now_s += 4 * HOUR_S;
        }
        story_check_refused(&story, LEG_LEFT, PERSON_DAY_SESSIONS, 3, first_s + PERSON_DAY_S);
        story_check_may(&story, LEG_RIGHT, SESSION_MS);
        story.now_s = first_s + PERSON_DAY_S;
        story_check_may(&story, LEG_LEFT, SESSION_MS);
}

/* With fewer allowed, more than one has to leave the day. */
static void a_lowered_number_of_sessions_is_waited_for(void **state)
{
        Limits limits = limits_hard;
        PersonVerdict verdict;
        int64_t ended_s[3];

        for (unsigned i = 0; i < 3; i++) {
                story_play(&story, LEG_LEFT, 5 * MINUTE_MS);
                ended_s[i] = story.now_s;
                story.now_s += HOUR_S;
        }
        for (uint16_t allowed = 1; allowed <= 3; allowed++) {
                limits.day_sessions = allowed;
                person_judge(&story.person, LEG_LEFT, story.now_s, &limits, PAIN_UNKNOWN, &verdict);
                assert_int_equal(verdict.refusal, PERSON_DAY_SESSIONS);
                assert_int_equal(verdict.value, allowed);
                assert_int_equal(verdict.until_s, ended_s[3 - allowed] + PERSON_DAY_S);
                person_judge(&story.person, LEG_LEFT, verdict.until_s, &limits, PAIN_UNKNOWN,
                                &verdict);
                assert_int_equal(verdict.refusal, PERSON_MAY);
        }
}

/* SR-DAY */
static void the_minutes_of_a_day_are_used_up(void **state)
{
        int64_t first_s;

        story_play(&story, LEG_LEFT, SESSION_MS);
        first_s = story.now_s;
        story.now_s += HOUR_S;
        story_play(&story, LEG_LEFT, SESSION_MS);
        story.now_s += HOUR_S;
        story_check_may(&story, LEG_LEFT, 5 * MINUTE_MS);
        story_play(&story, LEG_LEFT, 90000);
        story.now_s += HOUR_S;
        story_check_may(&story, LEG_LEFT, 210000);
        story_play(&story, LEG_LEFT, 100000);
        story.now_s += HOUR_S;
        story_check_may(&story, LEG_LEFT, 110000);
        story_play(&story, LEG_LEFT, 50001);
        story.now_s += HOUR_S;
        /* 59999 ms are left: no massage. */
        story_check_refused(&story, LEG_LEFT, PERSON_DAY_MINUTES, 45, first_s + PERSON_DAY_S);
        story.now_s = first_s + PERSON_DAY_S;
        story_check_may(&story, LEG_LEFT, SESSION_MS);
}

/* SR-DAY: Which limit leaves no more. */
static void the_limit_that_binds_is_named(void **state)
{
        Limits limits = limits_hard;
        PersonVerdict verdict = story_judge(&story, LEG_LEFT);

        assert_int_equal(verdict.bound, PERSON_BOUND_SESSION);
        story_play(&story, LEG_LEFT, 0);
        assert_int_equal(story_judge(&story, LEG_LEFT).bound, PERSON_BOUND_SESSION);
        story_play(&story, LEG_LEFT, MINUTE_MS);
        assert_int_equal(story_judge(&story, LEG_LEFT).bound, PERSON_BOUND_BOUT);
        limits.day_minutes = 20;
        person_judge(&story.person, LEG_LEFT, story.now_s, &limits, PAIN_UNKNOWN, &verdict);
        assert_int_equal(verdict.bound, PERSON_BOUND_BOUT);
        limits.day_minutes = 19;
        person_judge(&story.person, LEG_LEFT, story.now_s, &limits, PAIN_UNKNOWN, &verdict);
        assert_int_equal(verdict.bound, PERSON_BOUND_DAY);
        assert_int_equal(verdict.dose_left_ms, 18 * MINUTE_MS);
        story.now_s += PERSON_REST_S;
        assert_int_equal(story_judge(&story, LEG_LEFT).bound, PERSON_BOUND_SESSION);
}

/* SR-CRASH: What was charged ahead counts until the end says otherwise, and a crash has no end. */
static void a_session_that_is_open_counts_in_full(void **state)
{
        PersonSession *s;

        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        s = &story.person.sessions[0];
        assert_true(s->open);
        story.now_s += 60;
        story_session(&story, ENTRY_SESSION_CHARGED, LEG_LEFT, 150000, "");
        assert_int_equal(s->charged_ms, 150000);
        story_session(&story, ENTRY_SESSION_CHARGED, LEG_LEFT, 100, "");
        assert_int_equal(s->charged_ms, 150000);
        story_check_refused(&story, LEG_LEFT, PERSON_RESTING, 30, story.now_s + PERSON_REST_S);
        assert_int_equal(s->begun_s, story.now_s - 60);
        assert_int_equal(s->last_s, story.now_s);

        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, 119000, "client");
        assert_int_equal(s->charged_ms, 119000);
        assert_false(s->open);
        assert_false(s->finished);
        story_check_may(&story, LEG_LEFT, SESSION_MS - 119000);
        assert_int_equal(story.person.n_sessions, 1);
}

static void an_end_takes_nothing_back_twice(void **state)
{
        story_play(&story, LEG_LEFT, SESSION_MS);
        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, 0, "finished");
        assert_int_equal(story.person.sessions[0].charged_ms, SESSION_MS);
        story_session(&story, ENTRY_SESSION_CHARGED, LEG_LEFT, SESSION_MS + 1, "");
        assert_int_equal(story.person.sessions[0].charged_ms, SESSION_MS + 1);
}

/* More was played than charged: what was played counts. */
static void an_end_counts_what_was_played(void **state)
{
        Entry entry = { .kind = ENTRY_SESSION_ENDED };

        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        entry.session.id = story.id;
        entry.session.dose.played_ms = 60000;
        story_add(&story, entry);
        assert_int_equal(story.person.sessions[0].charged_ms, 60000);
}

static void what_makes_no_sense_counts_against_the_person(void **state)
{
        static const EntryKind orphans[] = { ENTRY_SESSION_CHARGED, ENTRY_SESSION_ENDED };

        for (size_t i = 0; i < ELEMENTSOF(orphans); i++) {
                story_begin_screened(&story);
                story.id = 17;
                story_session(&story, orphans[i], LEG_LEFT, SESSION_MS, "finished");
                assert_int_equal(story.person.last_id, 17);
                assert_false(story.person.experienced[LEG_LEFT]);
                story_check_refused(
                                &story, LEG_LEFT, PERSON_RESTING, 30, story.now_s + PERSON_REST_S);
                story_check_may(&story, LEG_RIGHT, SESSION_MS);
        }

        /* The id of a session of the other leg. */
        story_begin_screened(&story);
        story_play(&story, LEG_LEFT, MINUTE_MS);
        story_session(&story, ENTRY_SESSION_ENDED, LEG_RIGHT, SESSION_MS, "finished");
        assert_int_equal(story.person.sessions[0].charged_ms, MINUTE_MS);
        story_check_refused(&story, LEG_RIGHT, PERSON_RESTING, 30, story.now_s + PERSON_REST_S);
}

/* An entry that names no leg, or is of no kind, may be of any. */
static void what_cannot_be_told_apart_closes_both_legs(void **state)
{
        const Entry strangers[] = {
                { .kind = ENTRY_SESSION_BEGUN, .session.leg = _LEG_MAX },
                { .kind = ENTRY_SESSION_ENDED, .session.leg = _LEG_INVALID },
                { .kind = ENTRY_PAIN, .pain.leg = _LEG_INVALID },
                { .kind = ENTRY_PAIN, .pain.leg = (Leg) 1000000 },
                { .kind = ENTRY_PAIN, .pain.when = _PAIN_WHEN_MAX },
                { .kind = ENTRY_PAIN, .pain.when = _PAIN_WHEN_INVALID },
                { .kind = _ENTRY_KIND_MAX },
                { .kind = (EntryKind) 99 },
        };

        for (size_t i = 0; i < ELEMENTSOF(strangers); i++)
                for (Leg leg = 0; leg < _LEG_MAX; leg++) {
                        story_begin_screened(&story);
                        story_add(&story, strangers[i]);
                        story.now_s++;
                        story_screen(&story, NULL, SCREENING_NO);
                        story_check_refused(&story, leg, PERSON_HISTORY_LOST, 0,
                                        story.now_s - 1 + PAIN_MORNING_S);
                }
}

static void a_fault_of_a_massager_is_none_of_the_person(void **state)
{
        Person before = story.person;

        story_add(&story, (Entry){ .kind = ENTRY_FAULT });
        assert_memory_equal(&before, &story.person, sizeof(before));
}

/* SR-DAMAGED */
static void a_damaged_ledger_lets_both_legs_rest_and_loses_the_screening(void **state)
{
        story_play(&story, LEG_LEFT, SESSION_MS);
        story_add(&story, (Entry){ .kind = ENTRY_DAMAGED });
        for (Leg leg = 0; leg < _LEG_MAX; leg++)
                story_check_refused(&story, leg, PERSON_NOT_SCREENED, 0, 0);
        story_screen(&story, NULL, SCREENING_NO);
        for (Leg leg = 0; leg < _LEG_MAX; leg++)
                story_check_refused(
                                &story, leg, PERSON_HISTORY_LOST, 0, story.now_s + PAIN_MORNING_S);
        story.now_s += PAIN_MORNING_S;
        story_check_may(&story, LEG_LEFT, SESSION_MS);
}

/* SR-DELETE: Whatever a leg had before it was deleted it has afterwards, and so whatever it may. */
static void deleting_gives_nothing_back(void **state)
{
        PersonVerdict before;

        for (unsigned i = 0; i < 3; i++) {
                story_play(&story, LEG_LEFT, SESSION_MS);
                story.now_s += HOUR_S;
        }
        story_pain(&story, LEG_RIGHT, 0, PAIN_DURING, PAIN_STOP, PAIN_ACTION_STOP);
        before = story_judge(&story, LEG_LEFT);
        story_add(&story, (Entry){ .kind = ENTRY_DELETED });

        assert_int_equal(story_judge(&story, LEG_LEFT).day_sessions, before.day_sessions);
        assert_int_equal(story_judge(&story, LEG_LEFT).day_charged_ms, before.day_charged_ms);
        story_check_refused(&story, LEG_LEFT, PERSON_NOT_SCREENED, 0, 0);
        story_screen(&story, NULL, SCREENING_NO);
        assert_int_not_equal(story_judge(&story, LEG_LEFT).refusal, PERSON_MAY);
        assert_int_equal(story_judge(&story, LEG_RIGHT).refusal, PERSON_CLOSED_BY_PAIN);

        story.now_s += PERSON_DAY_S;
        assert_int_equal(story_judge(&story, LEG_LEFT).experience, GOVERNOR_FIRST_SESSION);
        story.now_s += ENTRY_KEPT_S;
        story_add(&story, (Entry){ .kind = ENTRY_DELETED });
        assert_int_equal(story.person.n_sessions, 0);
        assert_int_equal(story.person.last_id, 3);
}

/* The ledger gives the latest screening and the latest finished session back before the rest. */
static void what_is_given_back_out_of_turn_counts_at_its_own_time(void **state)
{
        Story then = { .now_s = STORY_START_S + 5 * (int64_t) PERSON_DAY_S, .id = 7 };

        story_play(&then, LEG_LEFT, SESSION_MS);
        story_screen(&then, NULL, SCREENING_NO);
        then.now_s = STORY_START_S;
        then.id = 3;
        story_add(&then, (Entry){ .kind = ENTRY_DAMAGED });
        story_play(&then, LEG_LEFT, SESSION_MS);
        story_screen(&then, "skin", SCREENING_YES);

        assert_int_equal(then.person.last_id, 8);
        assert_int_equal(then.person.sessions[0].id, 4);
        assert_int_equal(then.person.sessions[1].id, 8);
        then.now_s = STORY_START_S + 5 * (int64_t) PERSON_DAY_S + HOUR_S + 1;
        story_check_may(&then, LEG_LEFT, SESSION_MS);
        assert_int_equal(story_judge(&then, LEG_LEFT).day_sessions, 1);
}

/* SR-LEVEL */
static void experience_is_a_session_that_was_finished(void **state)
{
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 0, "");
        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, 0, "client");
        assert_int_equal(story_judge(&story, LEG_LEFT).experience, GOVERNOR_FIRST_SESSION);

        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 0, "");
        story_pain(&story, LEG_LEFT, story.id, PAIN_DURING, 5, PAIN_ACTION_STOP);
        story_session(&story, ENTRY_SESSION_ENDED, LEG_LEFT, 0, "finished");
        assert_false(story.person.experienced[LEG_LEFT]);

        story.now_s += PAIN_CLOSED_S;
        story_play(&story, LEG_LEFT, PERSON_FALSE_START_MS + 1);
        story.now_s += PERSON_REST_S;
        assert_int_equal(story_judge(&story, LEG_LEFT).experience, GOVERNOR_LATER_SESSION);
        assert_int_equal(story_judge(&story, LEG_RIGHT).experience, GOVERNOR_FIRST_SESSION);
}

/* SR-LEVEL: Whoever skips to the end finishes, and has felt nothing; what it is charged with, or
 * how often it is done, makes no difference. */
static void what_was_skipped_is_no_experience(void **state)
{
        Entry entry = { .kind = ENTRY_SESSION_ENDED, .session.end = "finished" };

        story_play(&story, LEG_LEFT, PERSON_FALSE_START_MS);
        assert_true(story.person.sessions[0].finished);
        assert_int_equal(story_judge(&story, LEG_LEFT).experience, GOVERNOR_FIRST_SESSION);

        story.now_s += PERSON_REST_S;
        story_session(&story, ENTRY_SESSION_BEGUN, LEG_LEFT, 31000, "");
        entry.session.id = story.id;
        entry.session.dose = (EntryDose){ .charged_ms = SESSION_MS, .played_ms = 1000 };
        story_add(&story, entry);
        story.now_s += PERSON_REST_S;
        assert_int_equal(story_judge(&story, LEG_LEFT).experience, GOVERNOR_FIRST_SESSION);
        story_play(&story, LEG_LEFT, 60000);
        story.now_s += PERSON_REST_S;
        assert_int_equal(story_judge(&story, LEG_LEFT).experience, GOVERNOR_FIRST_SESSION);
}

/* All refusals hold at once; each is told when those before it are gone. */
static void the_first_refusal_that_holds_is_told(void **state)
{
        Story s;

        story_begin_screened(&s);
        for (unsigned i = 0; i < 3; i++) {
                story_play(&s, LEG_LEFT, 15 * MINUTE_MS);
                s.now_s += PERSON_REST_S;
        }
        s.now_s -= PERSON_REST_S;
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_RESTING);
        s.now_s += PERSON_REST_S;
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_DAY_SESSIONS);
        s.now_s -= PERSON_REST_S;
        story_pain(&s, LEG_LEFT, 0, PAIN_DURING, 9, PAIN_ACTION_STOP);
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_CLOSED_BY_PAIN);
        s.person.damaged_until_s = s.now_s + 1;
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_HISTORY_LOST);
        story_screen(&s, "bleeding", SCREENING_YES);
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_SCREENING_NEEDS_ADVICE);
        story_screen(&s, "skin", SCREENING_YES);
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_SCREENING_FORBIDS);
        s.person.screened_s -= SCREENING_VALID_S;
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_SCREENING_EXPIRED);
        s.person.screened = false;
        assert_int_equal(story_judge(&s, LEG_LEFT).refusal, PERSON_NOT_SCREENED);
        /* The numbers of the day are there all the same. */
        assert_int_equal(story_judge(&s, LEG_LEFT).day_sessions, 3);
        assert_int_equal(story_judge(&s, LEG_LEFT).day_charged_ms, 45 * MINUTE_MS);
}

/* What the leg is charged with in the last day, by all that story_play() played every so often. */
static uint32_t charged_since_ms(int64_t begin_s, unsigned n, int64_t every_s, int64_t now_s)
{
        uint32_t ms = 0;

        for (unsigned i = 0; i < n; i++)
                if (begin_s + every_s * (i + 1) > now_s - PERSON_DAY_S)
                        ms += 1000;
        return ms;
}

/* So many in a day that not all can be kept: nothing of the day is forgotten, minutes and bouts. */
static void a_day_of_false_starts_pushes_nothing_out(void **state)
{
        const unsigned n = 3 * PERSON_SESSIONS_MAX;
        int64_t begin_s;

        story_play(&story, LEG_LEFT, 15 * MINUTE_MS);
        story.now_s += PERSON_REST_S;
        story_play(&story, LEG_LEFT, 16 * MINUTE_MS);
        begin_s = story.now_s;
        for (unsigned i = 0; i < n; i++) {
                story.now_s += 59;
                story_play(&story, LEG_RIGHT, 1000);
        }
        assert_int_equal(story.person.n_sessions, PERSON_SESSIONS_MAX);
        assert_int_equal(story_judge(&story, LEG_LEFT).day_charged_ms, 31 * MINUTE_MS);
        assert_int_equal(story_judge(&story, LEG_LEFT).day_sessions, 2);
        assert_int_equal(story_judge(&story, LEG_RIGHT).day_sessions, 1);
        assert_int_equal(story_judge(&story, LEG_RIGHT).day_charged_ms, n * 1000);

        for (story.now_s = begin_s + PERSON_DAY_S;
                        charged_since_ms(begin_s, n, 60, story.now_s) > 0; story.now_s += 60)
                assert_true(story_judge(&story, LEG_RIGHT).day_charged_ms >=
                                charged_since_ms(begin_s, n, 60, story.now_s));
        assert_int_equal(story_judge(&story, LEG_RIGHT).day_charged_ms, 0);
}

/* A bout that is longer than a day: its beginning is not forgotten before its end. */
static void a_bout_is_forgotten_as_a_whole(void **state)
{
        story_play(&story, LEG_LEFT, 100000);
        for (unsigned i = 0; i < 60; i++) {
                story.now_s += PERSON_REST_S - 60;
                story_play(&story, LEG_LEFT, 0);
                story_play(&story, LEG_RIGHT, 0);
                story_play(&story, LEG_RIGHT, 0);
        }
        assert_int_equal(story.person.n_sessions, PERSON_SESSIONS_MAX);
        story_play(&story, LEG_LEFT, 30000);
        story_check_refused(&story, LEG_LEFT, PERSON_RESTING, 30, story.now_s + PERSON_REST_S);
}

/* What becomes one keeps what was told of both. */
static void scores_outlive_a_day_of_false_starts(void **state)
{
        story_play(&story, LEG_LEFT, 10000);
        story_pain(&story, LEG_LEFT, story.id, PAIN_BEFORE, 2, PAIN_ACTION_NONE);
        story_pain(&story, LEG_LEFT, story.id, PAIN_DURING, 4, PAIN_ACTION_EASE);
        story_play(&story, LEG_LEFT, 10000);
        story_pain(&story, LEG_LEFT, story.id, PAIN_BEFORE, 3, PAIN_ACTION_NONE);
        story_pain(&story, LEG_LEFT, story.id, PAIN_DURING, 1, PAIN_ACTION_NONE);
        story_pain(&story, LEG_LEFT, story.id, PAIN_AFTER, 3, PAIN_ACTION_NONE);
        for (unsigned i = 0; i < PERSON_SESSIONS_MAX - 1; i++)
                story_play(&story, LEG_RIGHT, 0);

        assert_int_equal(story.person.n_sessions, PERSON_SESSIONS_MAX);
        assert_int_equal(story.person.sessions[0].id, 2);
        assert_int_equal(story.person.sessions[0].begun_s, STORY_START_S);
        assert_int_equal(story.person.sessions[0].charged_ms, 20000);
        assert_int_equal(story.person.sessions[0].pain[PAIN_BEFORE], 2);
        assert_int_equal(story.person.sessions[0].pain[PAIN_DURING], 4);
        assert_int_equal(story.person.sessions[0].pain[PAIN_AFTER], 3);
        assert_int_equal(story.person.sessions[0].pain[PAIN_MORNING], PAIN_UNKNOWN);
}

static void the_oldest_that_counts_no_more_is_forgotten_first(void **state)
{
        for (unsigned i = 0; i < PERSON_SESSIONS_MAX + 10; i++) {
                story_play(&story, i % 2 ? LEG_RIGHT : LEG_LEFT, 5 * MINUTE_MS);
                story.now_s += 8 * HOUR_S;
        }
        assert_int_equal(story.person.n_sessions, PERSON_SESSIONS_MAX);
        assert_int_equal(story.person.sessions[0].id, 11);
        assert_int_equal(story.person.sessions[PERSON_SESSIONS_MAX - 1].id,
                        PERSON_SESSIONS_MAX + 10);
}

static void hostile_moments_overflow_nothing(void **state)
{
        static const int64_t moments[] = { INT64_MIN, -1, 0, INT64_MAX - 1, INT64_MAX };

        for (size_t i = 0; i < ELEMENTSOF(moments); i++)
                for (size_t k = 0; k < ELEMENTSOF(moments); k++) {
                        uint64_t id;

                        story_begin_screened(&story);
                        story.now_s = moments[i];
                        story_play(&story, LEG_LEFT, 0);
                        story_session(&story, ENTRY_SESSION_CHARGED, LEG_LEFT, UINT32_MAX, "");
                        story_session(&story, ENTRY_SESSION_CHARGED, LEG_RIGHT, UINT32_MAX, "");
                        story_pain(&story, LEG_LEFT, story.id, PAIN_MORNING, 9, PAIN_ACTION_STOP);
                        story_add(&story, (Entry){ .kind = ENTRY_DAMAGED });
                        story_screen(&story, NULL, SCREENING_NO);
                        story.now_s = moments[k];
                        /* It is closed then, unless all of it is long ago. */
                        assert_true(story_judge(&story, LEG_LEFT).refusal != PERSON_MAY ||
                                        moments[k] > moments[i]);
                        (void) person_pain_when(&story.person, LEG_LEFT, story.now_s, &id);
                        (void) person_morning_due(&story.person, LEG_LEFT, story.now_s);
                        (void) person_advice(&story.person, LEG_LEFT, story.now_s);
                }
}

#define TOLD(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TOLD(nobody_who_is_not_screened_may),
                TOLD(a_screening_holds_for_a_month),
                TOLD(a_red_flag_forbids_and_says_which),
                TOLD(a_caution_asks_for_advice_and_lowers),
                TOLD(the_limits_given_hold_where_they_are_lower),
                TOLD(a_leg_rests_after_a_session_and_the_other_does_not),
                TOLD(a_false_start_needs_no_rest_but_its_time_counts),
                TOLD(false_starts_with_whole_rests_between_are_not_added_up),
                TOLD(a_false_start_that_leaves_no_minute_is_rested_from),
                TOLD(three_sessions_use_up_the_day_of_a_leg),
                TOLD(a_lowered_number_of_sessions_is_waited_for),
                TOLD(the_minutes_of_a_day_are_used_up),
                TOLD(the_limit_that_binds_is_named),
                TOLD(a_session_that_is_open_counts_in_full),
                TOLD(an_end_takes_nothing_back_twice),
                TOLD(an_end_counts_what_was_played),
                TOLD(what_makes_no_sense_counts_against_the_person),
                TOLD(what_cannot_be_told_apart_closes_both_legs),
                TOLD(a_fault_of_a_massager_is_none_of_the_person),
                TOLD(a_damaged_ledger_lets_both_legs_rest_and_loses_the_screening),
                TOLD(deleting_gives_nothing_back),
                TOLD(what_is_given_back_out_of_turn_counts_at_its_own_time),
                TOLD(experience_is_a_session_that_was_finished),
                TOLD(what_was_skipped_is_no_experience),
                TOLD(the_first_refusal_that_holds_is_told),
                TOLD(a_day_of_false_starts_pushes_nothing_out),
                TOLD(a_bout_is_forgotten_as_a_whole),
                TOLD(scores_outlive_a_day_of_false_starts),
                TOLD(the_oldest_that_counts_no_more_is_forgotten_first),
                TOLD(hostile_moments_overflow_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
