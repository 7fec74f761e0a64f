/* SPDX-License-Identifier: MIT */
#pragma once

/* A person's story, told entry by entry, in virtual time. */

#include <stdio.h>

#include "common/macro.h"
#include "daemon/person.h"
#include "tests/unit/cmocka-all.h"

#define STORY_START_S (DAY_CLOCK_WALL_MIN_S + 100 * (int64_t) PERSON_DAY_S)
#define MINUTE_S      60
#define HOUR_S        3600
#define MINUTE_MS     60000u

typedef struct Story {
        int64_t now_s;
        uint64_t id; /* of the last session */
        Person person;
} Story;

static inline void story_add(Story *story, Entry entry)
{
        entry.at = (Moment){ .reading.boot = { "the only boot" }, .day_s = story->now_s };
        person_add(&story->person, &entry);
}

static inline void story_screen(Story *story, const char *id, ScreeningAnswer answer)
{
        Entry entry = { .kind = ENTRY_SCREENED };

        for (unsigned i = 0; screening_question(i); i++)
                entry.screening.answers[i] = SCREENING_NO;
        if (id)
                entry.screening.answers[screening_find(id)] = answer;
        story_add(story, entry);
}

static inline void story_begin_screened(Story *story)
{
        *story = (Story){ .now_s = STORY_START_S };
        person_init(&story->person);
        story_screen(story, NULL, SCREENING_NO);
}

static inline void story_session(
                Story *story, EntryKind kind, Leg leg, uint32_t charged_ms, const char *end)
{
        Entry entry = { .kind = kind, .session = { .leg = leg, .dose.charged_ms = charged_ms } };

        if (kind == ENTRY_SESSION_ENDED)
                entry.session.dose.played_ms = charged_ms;
        entry.session.id = kind == ENTRY_SESSION_BEGUN ? ++story->id : story->id;
        (void) snprintf(entry.session.end, sizeof(entry.session.end), "%s", end);
        story_add(story, entry);
}

/* Plays so long from now on, to its end. */
static inline void story_play(Story *story, Leg leg, uint32_t played_ms)
{
        story_session(story, ENTRY_SESSION_BEGUN, leg, MIN(played_ms, 31000u), "");
        story->now_s += played_ms / 1000;
        story_session(story, ENTRY_SESSION_ENDED, leg, played_ms, "finished");
}

static inline void story_pain(
                Story *story, Leg leg, uint64_t session, PainWhen when, int score, PainAction led)
{
        story_add(story, (Entry){ .kind = ENTRY_PAIN, .pain = { session, leg, when, score, led } });
}

static inline PersonVerdict story_judge(const Story *story, Leg leg)
{
        PersonVerdict verdict;

        person_judge(&story->person, leg, story->now_s, &limits_hard, PAIN_UNKNOWN, &verdict);
        return verdict;
}

/* It may, now. */
static inline void story_check_may(const Story *story, Leg leg, uint32_t dose_left_ms)
{
        PersonVerdict verdict = story_judge(story, leg);

        assert_int_equal(verdict.refusal, PERSON_MAY);
        assert_int_equal(verdict.screening, GOVERNOR_SCREENED);
        assert_int_equal(verdict.dose_left_ms, dose_left_ms);
}

/* It may not, up to the second before, for that reason. Leaves the story where it was. */
static inline void story_check_refused(
                const Story *story, Leg leg, PersonRefusal refusal, uint32_t value, int64_t until_s)
{
        Story then = *story;
        PersonVerdict verdict = story_judge(&then, leg);

        assert_int_equal(verdict.refusal, refusal);
        assert_int_equal(verdict.value, value);
        assert_int_equal(verdict.until_s, until_s);
        assert_int_equal(verdict.dose_left_ms, 0);
        assert_int_equal(verdict.screening, GOVERNOR_UNKNOWN);
        if (until_s == 0)
                return;

        then.now_s = until_s - 1;
        assert_int_equal(story_judge(&then, leg).refusal, refusal);
        then.now_s = until_s;
        assert_int_not_equal(story_judge(&then, leg).refusal, refusal);
}
