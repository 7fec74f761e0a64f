/* SPDX-License-Identifier: MIT */
#pragma once

/* The person: what the entries of the ledger add up to, and what may be done to a leg now. Pure.
 *
 * Days roll: all that counts by the day counts over the last PERSON_DAY_S seconds of the day clock,
 * so neither midnight nor daylight saving gives more. What is not known counts against the person.
 */

#include "daemon/entry.h"
#include "daemon/governor.h"
#include "daemon/limits.h"

#define PERSON_DAY_S DAY_CLOCK_DAY_S
/* Between sessions of one leg. Appliances ask for so much; a judgement. */
#define PERSON_REST_S 1800
/* A session that broke off needs no rest before it is begun again, until so much was played since
 * the last whole rest: a strap that slipped is no massage. The time after which a single actuator
 * rests, too. So short a one is no experience either. A judgement. */
#define PERSON_FALSE_START_MS 120000u
/* Advice comes after so long, or so many sessions, without any improvement. */
#define PERSON_ADVICE_S        (21 * 86400)
#define PERSON_ADVICE_SESSIONS 6u
/* When a score counts for the next morning of a session: so long after its end. Judgements. */
#define PERSON_MORNING_MIN_S (6 * 3600)
#define PERSON_MORNING_MAX_S (36 * 3600)
/* A session that is open, but had no entry for so long, was cut off by a crash: the longest pause,
 * and a minute for the checkpoints. */
#define PERSON_RUNS_S (11 * 60)
/* What is kept of the past: more than three sessions a leg and day over PERSON_ADVICE_S. */
#define PERSON_SESSIONS_MAX 160u

typedef struct PersonSession {
        uint64_t id;
        Leg leg;
        bool open; /* not known to have ended */
        bool finished;
        int64_t begun_s;
        int64_t last_s; /* its last entry */
        DayClockReading last_at;
        uint32_t charged_ms;
        /* PAIN_UNKNOWN; of several the worst, but before and after the least: so no worse morning
         * is hidden. */
        int8_t pain[_PAIN_WHEN_MAX];
} PersonSession;

/* Both legs rest when what was known is lost: as long as the longest that may have been known. */
#define PERSON_LOST_S PAIN_MORNING_S
/* What is told of a leg again so soon is told of the same pain. A judgement. */
#define PERSON_SCORE_S (6 * 3600)
/* More than there can be in as long as advice looks back. */
#define PERSON_SCORES_MAX 192u

/* Told before a session that did not begin. */
typedef struct PersonScore {
        Leg leg;
        int8_t score; /* of several the worst */
        int64_t at_s; /* the first of them */
} PersonScore;

typedef struct Person {
        bool screened;
        int64_t screened_s;
        DayClockReading screened_at;
        Screening screening;

        Moment now;            /* the latest that it was told */
        int64_t latest_wall_s; /* that any entry has seen */

        int64_t closed_until_s[_LEG_MAX]; /* 0: open */
        PainWhen closed_by[_LEG_MAX];     /* PAIN_DURING, PAIN_MORNING */
        int64_t hurts_until_s[_LEG_MAX];  /* the newest score lets nothing start; 0: it does */
        int8_t hurts[_LEG_MAX];           /* that score */
        int64_t damaged_until_s;          /* all that was known is lost; 0: it is not */

        uint64_t last_id;           /* of a session */
        bool experienced[_LEG_MAX]; /* one finished that was no false start, and not for pain */
        unsigned n_sessions;        /* the latest, in the order in which they began */
        PersonSession sessions[PERSON_SESSIONS_MAX];
        unsigned n_scores; /* the latest, in the order in which they were told */
        PersonScore scores[PERSON_SCORES_MAX];
} Person;

/* Nobody is known yet: nothing was done, nothing is screened. */
void person_init(Person *person);

/* Adds an entry. Entries come in the order in which they happened; one that makes no sense (a
 * checkpoint of an unknown session) counts against the person, never for. */
void person_add(Person *person, const Entry *entry);

/* What the clocks say now: how long ago something was depends on it. */
void person_see(Person *person, const Moment *now);

/* Until when the answers hold, by the day clock, as far as is known now. Time off of which nobody
 * knows how long it was could have been long, so that they hold no more. */
int64_t person_screening_until_s(const Person *person, int64_t now_s);

typedef enum PersonRefusal {
        PERSON_MAY,
        PERSON_NOT_SCREENED,
        PERSON_SCREENING_EXPIRED,
        PERSON_SCREENING_FORBIDS,      /* question says why */
        PERSON_SCREENING_NEEDS_ADVICE, /* question says why */
        PERSON_HISTORY_LOST,
        PERSON_CLOSED_BY_PAIN,
        PERSON_CLOSED_BY_MORNING,
        PERSON_HURTS,        /* value: the newest score, told PAIN_START_S before until_s */
        PERSON_RESTING,      /* value: minutes of rest, also when less than a minute could be
                                played without it */
        PERSON_DAY_SESSIONS, /* value: how many are allowed */
        PERSON_DAY_MINUTES,  /* value: how many are allowed; less than a minute is left */
        _PERSON_REFUSAL_MAX,
} PersonRefusal;

/* What leaves no more than dose_left_ms. */
typedef enum PersonBound {
        PERSON_BOUND_SESSION, /* session_minutes */
        PERSON_BOUND_BOUT,    /* the same, and that some of it was played without a rest since */
        PERSON_BOUND_DAY,     /* day_minutes, and what was played in the day */
} PersonBound;

typedef struct PersonVerdict {
        PersonRefusal refusal;
        uint32_t value;  /* of the limit that refuses */
        int64_t until_s; /* day clock: when that limit no longer refuses; 0: not by waiting */
        const ScreeningQuestion *question; /* that decided, or NULL */

        unsigned day_sessions; /* in the last PERSON_DAY_S, whether it may or not */
        uint32_t day_charged_ms;

        /* Where it may: */
        GovernorScreening screening;
        GovernorExperience experience;
        uint32_t dose_left_ms; /* for one session now: a minute or more */
        PersonBound bound;
        Limits limits; /* limits given, tightened by the screening */
} PersonVerdict;

/* Whether a session on that leg may start now, under these limits. pain: the score that is told
 * with the wish, newer than all that are known, or PAIN_UNKNOWN. The first refusal in the order of
 * the enum is told. */
void person_judge(const Person *person, Leg leg, int64_t now_s, const Limits *limits, int pain,
                PersonVerdict *ret);

/* Until when what was told of pain keeps that leg from a session: day clock; 0: it does not. */
int64_t person_pain_until_s(const Person *person, Leg leg);

/* Whose the next score is, when nobody says: the session that runs (during), the last one of that
 * leg within PERSON_MORNING_MIN_S (after), or until PERSON_MORNING_MAX_S (morning), else none
 * (before). Of several it is the last that was no false start. *ret_session: its id, or 0. Where
 * nobody knows how long the computer was off, it may have been a night. */
PainWhen person_pain_when(const Person *person, Leg leg, int64_t now_s, uint64_t *ret_session);

/* Whether that score, told in the morning after that session (0: of none), is worse than before it.
 */
bool person_is_worse_morning(const Person *person, Leg leg, uint64_t session, int score);

/* The session that a score in the morning would belong to, if it has none yet: its id, or 0. */
uint64_t person_morning_due(const Person *person, Leg leg, int64_t now_s);

typedef enum PersonAdvice {
        PERSON_ADVICE_NONE,
        PERSON_ADVICE_NO_IMPROVEMENT, /* over PERSON_ADVICE_S or PERSON_ADVICE_SESSIONS */
        PERSON_ADVICE_WORSENING,
        PERSON_ADVICE_WORSE_NEXT_MORNING,
        _PERSON_ADVICE_MAX,
} PersonAdvice;

/* How it goes, by the scores before the sessions of the last PERSON_ADVICE_S (and a day), also
 * before such as were not begun. Where there are three or more, the latest third of them is
 * compared with the first third.
 *  - Worse next morning: the latest morning that was asked about was worse.
 *  - Worsening: the mean has risen by PAIN_RISE or more.
 *  - No improvement: the mean has not fallen and is above 1, with PERSON_ADVICE_SESSIONS scores, or
 *    with PERSON_ADVICE_S between the first and the last. */
PersonAdvice person_advice(const Person *person, Leg leg, int64_t now_s);

/* One sentence: what was seen, and whom to see. Empty for none. */
const char *person_advice_sentence(PersonAdvice advice);
