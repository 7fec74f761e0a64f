/* SPDX-License-Identifier: MIT */
/* What to ask the person, and what to say about how it goes. */
#include "common/macro.h"
#include "daemon/person-private.h"

#define TREND_PARTS       3u
#define TREND_WORSE       PAIN_RISE
#define TREND_LITTLE_PAIN 1u

static bool was_played(const PersonSession *s)
{
        return s->charged_ms > PERSON_FALSE_START_MS;
}

/* What a score is that is told now, as seen from that session once it has ended. By the longest
 * time that can have passed it is no more the same evening, by the shortest it is not yet the next
 * one. */
static PainWhen when_of(const Person *person, const PersonSession *s, int64_t now_s)
{
        if (person_most_ago_s(person, s->last_s, &s->last_at, now_s) < PERSON_MORNING_MIN_S)
                return PAIN_AFTER;

        return now_s - s->last_s < PERSON_MORNING_MAX_S ? PAIN_MORNING : PAIN_BEFORE;
}

/* The latest session of a leg for which it is so; false starts only where there is no other. NULL:
 * there is none. */
static const PersonSession *latest(const Person *person, Leg leg, int64_t now_s, PainWhen when)
{
        const PersonSession *found = NULL;

        for (unsigned i = person->n_sessions; i > 0; i--) {
                const PersonSession *s = &person->sessions[i - 1];

                if (s->leg != leg || when_of(person, s, now_s) != when)
                        continue;
                if (was_played(s))
                        return s;
                if (!found)
                        found = s;
        }

        return found;
}

static const PersonSession *running(const Person *person, Leg leg, int64_t now_s)
{
        for (unsigned i = person->n_sessions; i > 0; i--) {
                const PersonSession *s = &person->sessions[i - 1];

                if (s->leg == leg && s->open &&
                                person_most_ago_s(person, s->last_s, &s->last_at, now_s) <
                                                PERSON_RUNS_S)
                        return s;
        }

        return NULL;
}

/* SR-MORNING */
PainWhen person_pain_when(const Person *person, Leg leg, int64_t now_s, uint64_t *ret_session)
{
        const PersonSession *s;
        PainWhen when;

        now_s = person_moment(now_s);
        s = running(person, leg, now_s);
        when = PAIN_DURING;
        if (!s) {
                s = latest(person, leg, now_s, PAIN_AFTER);
                when = PAIN_AFTER;
        }
        if (!s) {
                s = latest(person, leg, now_s, PAIN_MORNING);
                when = PAIN_MORNING;
        }

        *ret_session = s ? s->id : 0;
        return s ? when : PAIN_BEFORE;
}

uint64_t person_morning_due(const Person *person, Leg leg, int64_t now_s)
{
        const PersonSession *s = latest(person, leg, person_moment(now_s), PAIN_MORNING);

        return s && s->pain[PAIN_MORNING] == PAIN_UNKNOWN ? s->id : 0;
}

typedef struct Score {
        int64_t at_s;
        unsigned pain;
} Score;

typedef struct Trend {
        unsigned n;
        Score scores[PERSON_SESSIONS_MAX + PERSON_SCORES_MAX]; /* the oldest first */
} Trend;

static void add(Trend *trend, int64_t at_s, int pain, int64_t now_s)
{
        unsigned i = trend->n;

        if (pain == PAIN_UNKNOWN || now_s - at_s >= PERSON_TREND_S)
                return;

        for (trend->n++; i > 0 && trend->scores[i - 1].at_s > at_s; i--)
                trend->scores[i] = trend->scores[i - 1];
        trend->scores[i] = (Score){ at_s, (unsigned) pain };
}

static void find_trend(const Person *person, Leg leg, int64_t now_s, Trend *ret)
{
        ret->n = 0;
        for (unsigned i = 0; i < person->n_sessions; i++)
                if (person->sessions[i].leg == leg)
                        add(ret, person->sessions[i].begun_s, person->sessions[i].pain[PAIN_BEFORE],
                                        now_s);
        for (unsigned i = 0; i < person->n_scores; i++)
                if (person->scores[i].leg == leg)
                        add(ret, person->scores[i].at_s, person->scores[i].score, now_s);
}

/* SR-MORNING: What the latest morning that was asked about said. */
static bool was_worse_next_morning(const Person *person, Leg leg, int64_t now_s)
{
        for (unsigned i = person->n_sessions; i > 0; i--) {
                const PersonSession *s = &person->sessions[i - 1];

                if (s->leg == leg && s->pain[PAIN_MORNING] != PAIN_UNKNOWN)
                        return now_s - s->begun_s < PERSON_TREND_S &&
                               pain_worse_next_morning(s->pain[PAIN_MORNING], s->pain[PAIN_BEFORE],
                                               s->pain[PAIN_AFTER]);
        }

        return false;
}

/* SR-ADVICE */
PersonAdvice person_advice(const Person *person, Leg leg, int64_t now_s)
{
        unsigned n, part, first = 0, last = 0;
        int64_t span_s;
        Trend trend;

        now_s = person_moment(now_s);
        if (was_worse_next_morning(person, leg, now_s))
                return PERSON_ADVICE_WORSE_NEXT_MORNING;

        find_trend(person, leg, now_s, &trend);
        n = trend.n;
        part = n / TREND_PARTS;
        if (part == 0)
                return PERSON_ADVICE_NONE;

        for (unsigned i = 0; i < part; i++) {
                first += trend.scores[i].pain;
                last += trend.scores[n - 1 - i].pain;
        }
        span_s = trend.scores[n - 1].at_s - trend.scores[0].at_s;

        if (last >= first + TREND_WORSE * part)
                return PERSON_ADVICE_WORSENING;
        if (last >= first && last > TREND_LITTLE_PAIN * part &&
                        (n >= PERSON_ADVICE_SESSIONS || span_s >= PERSON_ADVICE_S))
                return PERSON_ADVICE_NO_IMPROVEMENT;

        return PERSON_ADVICE_NONE;
}

static const char *const advice_sentences[_PERSON_ADVICE_MAX] = {
        [PERSON_ADVICE_NONE] = "",
        [PERSON_ADVICE_NO_IMPROVEMENT] = "The pain is no better than it was at first; let a doctor "
                                         "or physiotherapist look at the knee.",
        [PERSON_ADVICE_WORSENING] = "The pain has become worse since you began; see a doctor this "
                                    "week.",
        [PERSON_ADVICE_WORSE_NEXT_MORNING] = "It was worse the morning after the last time; if "
                                             "that "
                                             "happens again or lasts, see a doctor or "
                                             "physiotherapist.",
};

const char *person_advice_sentence(PersonAdvice advice)
{
        return advice < _PERSON_ADVICE_MAX ? advice_sentences[advice] : "";
}
