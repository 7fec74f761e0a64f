/* SPDX-License-Identifier: MIT */
/* What the entries add up to. */
#include "daemon/person.h"

#include <assert.h>
#include <string.h>

#include "common/macro.h"
#include "daemon/person-private.h"

/* Of so many sessions in a day, two are in one bout. */
static_assert(PERSON_SESSIONS_MAX > _LEG_MAX * (PERSON_DAY_S / PERSON_REST_S + 1),
                "a day of sessions has to be known");

/* So what has to make room for another counts no more. */
static_assert(PERSON_SCORES_MAX > _LEG_MAX * (PERSON_TREND_S / PERSON_SCORE_S + 1),
                "all scores that advice goes by have to be known");

void person_init(Person *person)
{
        *person = (Person){ .n_sessions = 0 };
}

int64_t person_moment(int64_t day_s)
{
        return MIN(MAX(day_s, (int64_t) 0), PERSON_MOMENT_MAX_S);
}

bool person_same_bout(int64_t last_s, int64_t begun_s)
{
        return begun_s < last_s + PERSON_REST_S;
}

void person_see(Person *person, const Moment *now)
{
        person->now = *now;
}

/* The day clock may lack time off. The wall clock has it, unless it is behind what was seen before.
 */
int64_t person_most_ago_s(
                const Person *person, int64_t then_s, const DayClockReading *then, int64_t now_s)
{
        const Moment *now = &person->now;
        int64_t then_wall_s = day_clock_seen_s(then), wall_s = day_clock_seen_s(&now->reading);

        if (day_clock_same_boot(then, &now->reading))
                return now_s - then_s;
        if (then_wall_s == 0 || wall_s == 0 || wall_s < person->latest_wall_s)
                return INT64_MAX;

        wall_s += now_s - person_moment(now->day_s);
        return MAX(now_s - then_s, wall_s - then_wall_s);
}

static bool is_leg(Leg leg)
{
        return leg >= 0 && leg < _LEG_MAX;
}

static uint32_t sum_ms(uint32_t a, uint32_t b)
{
        uint32_t sum;

        return __builtin_add_overflow(a, b, &sum) ? UINT32_MAX : sum;
}

/* Whatever may have been lost is over by then. */
static_assert(PERSON_LOST_S >= PERSON_DAY_S, "a day of sessions may be lost");
static_assert(PERSON_LOST_S >= PAIN_CLOSED_S, "a stop for pain may be lost");
static_assert(PERSON_LOST_S >= PAIN_START_S, "a score may be lost");

/* SR-DAMAGED: Nobody knows what was done and felt, so all that could be is taken to be. */
static void lose(Person *person, int64_t at_s)
{
        person->damaged_until_s = MAX(person->damaged_until_s, at_s + PERSON_LOST_S);
}

static void close_leg(Person *person, Leg leg, PainWhen by, int64_t until_s)
{
        if (until_s <= person->closed_until_s[leg])
                return;

        person->closed_until_s[leg] = until_s;
        person->closed_by[leg] = by;
}

/* Its place, or -1. */
static int place_of(const Person *person, uint64_t id, Leg leg)
{
        for (int i = (int) person->n_sessions - 1; i >= 0; i--)
                if (person->sessions[i].id == id && person->sessions[i].leg == leg)
                        return i;

        return -1;
}

static PersonSession *find_session(Person *person, uint64_t id, Leg leg)
{
        int i = place_of(person, id, leg);

        return i < 0 ? NULL : &person->sessions[i];
}

/* The next session of the same leg, or NULL. */
static PersonSession *next_of_leg(Person *person, const PersonSession *s)
{
        PersonSession *end = person->sessions + person->n_sessions;

        for (PersonSession *next = person->sessions + (s - person->sessions) + 1; next < end;
                        next++)
                if (next->leg == s->leg)
                        return next;

        return NULL;
}

static void remove_session(Person *person, PersonSession *s)
{
        PersonSession *end = person->sessions + person->n_sessions--;

        memmove(s, s + 1, (size_t) (end - s - 1) * sizeof(*s));
}

/* Takes a score as it counts: the least before and after, so that a worse morning is not hidden;
 * else the worst. */
static void take_score(PersonSession *s, PainWhen when, int score)
{
        int8_t *pain = &s->pain[when];
        bool least = when == PAIN_BEFORE || when == PAIN_AFTER;

        if (*pain == PAIN_UNKNOWN || (least ? score < *pain : score > *pain))
                *pain = (int8_t) score;
}

/* Two sessions of one bout become one. */
static void merge_sessions(Person *person, PersonSession *s, PersonSession *next)
{
        PersonSession merged = *next;

        merged.begun_s = s->begun_s;
        if (s->last_s > merged.last_s) {
                merged.last_s = s->last_s;
                merged.last_at = s->last_at;
        }
        merged.charged_ms = sum_ms(s->charged_ms, next->charged_ms);
        for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++)
                if (s->pain[when] != PAIN_UNKNOWN)
                        take_score(&merged, when, s->pain[when]);

        *s = merged;
        remove_session(person, next);
}

/* Forgets the oldest session whose bout counts no more. Where all count, the first two of one bout
 * become one: that keeps their bouts, and their minutes only longer. */
static void make_room(Person *person, int64_t at_s)
{
        PersonSession *end = person->sessions + person->n_sessions, *next;

        for (PersonSession *s = person->sessions; s < end; s++) {
                next = next_of_leg(person, s);
                if (s->last_s + PERSON_DAY_S <= at_s &&
                                !(next && person_same_bout(s->last_s, next->begun_s))) {
                        remove_session(person, s);
                        return;
                }
        }

        for (PersonSession *s = person->sessions; s < end; s++) {
                next = next_of_leg(person, s);
                if (next && person_same_bout(s->last_s, next->begun_s)) {
                        merge_sessions(person, s, next);
                        return;
                }
        }
}

/* They stand in the order in which they began. */
static PersonSession *add_session(Person *person, const EntrySession *entry, int64_t at_s)
{
        PersonSession *s;

        if (person->n_sessions == PERSON_SESSIONS_MAX)
                make_room(person, at_s);
        for (s = person->sessions + person->n_sessions++; s > person->sessions; s--) {
                if (s[-1].begun_s <= at_s)
                        break;
                *s = s[-1];
        }

        *s = (PersonSession){ .id = entry->id, .leg = entry->leg, .open = true };
        s->begun_s = s->last_s = at_s;
        for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++)
                s->pain[when] = PAIN_UNKNOWN;
        return s;
}

/* SR-LEVEL: Skipping to the end finishes within seconds. What is too short for a massage where rest
 * is counted is too short here as well: after it a leg knows the full level for a minute or more,
 * the warm-up aside. */
static bool was_felt(const EntrySession *entry)
{
        return entry->dose.played_ms > PERSON_FALSE_START_MS;
}

static void end_session(Person *person, PersonSession *s, const EntrySession *entry)
{
        uint32_t used_ms = MAX(entry->dose.charged_ms, entry->dose.played_ms);

        /* A second end gives nothing back. */
        s->charged_ms = s->open ? used_ms : MAX(s->charged_ms, used_ms);
        s->open = false;
        s->finished = streq(entry->end, "finished");
        if (s->finished && was_felt(entry) &&
                        pain_during(s->pain[PAIN_DURING], s->pain[PAIN_BEFORE]) != PAIN_ACTION_STOP)
                person->experienced[s->leg] = true;
}

/* SR-DAY, SR-CRASH: Of a session that is not known to have begun, an end tells nothing good. */
static void take_session(Person *person, const Entry *entry, int64_t at_s)
{
        const EntrySession *session = &entry->session;
        PersonSession *s;
        bool known;

        person->last_id = MAX(person->last_id, session->id);
        if (!is_leg(session->leg)) {
                lose(person, at_s);
                return;
        }

        s = find_session(person, session->id, session->leg);
        known = s;
        if (!s)
                s = add_session(person, session, at_s);
        if (at_s >= s->last_s) {
                s->last_s = at_s;
                s->last_at = entry->at.reading;
        }
        if (entry->kind == ENTRY_SESSION_ENDED && known)
                end_session(person, s, session);
        else
                s->charged_ms = MAX(s->charged_ms, session->dose.charged_ms);
}

static PersonScore *last_score(Person *person, Leg leg)
{
        for (unsigned i = person->n_scores; i > 0; i--)
                if (person->scores[i - 1].leg == leg)
                        return &person->scores[i - 1];

        return NULL;
}

/* SR-ADVICE: One that kept a session from beginning tells how it goes as much as one before it. */
static void add_score(Person *person, Leg leg, int score, int64_t at_s)
{
        PersonScore *last = last_score(person, leg);

        if (last && at_s < last->at_s + PERSON_SCORE_S) {
                last->score = (int8_t) MAX((int) last->score, score);
                return;
        }

        if (person->n_scores == PERSON_SCORES_MAX)
                memmove(person->scores, person->scores + 1,
                                --person->n_scores * sizeof(*person->scores));
        person->scores[person->n_scores++] = (PersonScore){ leg, (int8_t) score, at_s };
}

bool person_is_worse_morning(const Person *person, Leg leg, uint64_t session, int score)
{
        int i = session == 0 ? -1 : place_of(person, session, leg);
        const int8_t *pain = i < 0 ? NULL : person->sessions[i].pain;

        return pain ? pain_worse_next_morning(score, pain[PAIN_BEFORE], pain[PAIN_AFTER])
                    : pain_worse_next_morning(score, PAIN_UNKNOWN, PAIN_UNKNOWN);
}

/* SR-PAIN, SR-MORNING: A score that is none is the worst. One that ended a session closes the leg,
 * whatever it was told of. */
static void take_pain(Person *person, const EntryPain *pain, int64_t at_s)
{
        int score = pain->score >= 0 && pain->score <= PAIN_MAX ? pain->score : PAIN_MAX;
        PersonSession *s;

        if (!is_leg(pain->leg) || !pain_when_to_string(pain->when)) {
                lose(person, at_s);
                return;
        }

        person->hurts[pain->leg] = (int8_t) score;
        person->hurts_until_s[pain->leg] = score >= PAIN_STOP ? at_s + PAIN_START_S : 0;
        s = pain->session == 0 ? NULL : find_session(person, pain->session, pain->leg);
        if (s)
                take_score(s, pain->when, score);
        else if (pain->session == 0 && pain->when == PAIN_BEFORE)
                add_score(person, pain->leg, score, at_s);

        if (pain->action == PAIN_ACTION_STOP || (pain->when == PAIN_DURING && score >= PAIN_STOP))
                close_leg(person, pain->leg, PAIN_DURING, at_s + PAIN_CLOSED_S);
        if (pain->when == PAIN_MORNING &&
                        person_is_worse_morning(person, pain->leg, pain->session, score))
                close_leg(person, pain->leg, PAIN_MORNING, at_s + PAIN_MORNING_S);
}

/* The latest holds, in whatever order they come. */
static void take_screening(
                Person *person, const Screening *screening, int64_t at_s, const DayClockReading *at)
{
        if (at_s < person->screened_s)
                return;

        person->screened = screening != NULL;
        person->screened_s = at_s;
        person->screened_at = *at;
        person->screening = screening ? *screening : (Screening){ 0 };
}

/* SR-DELETE: As if the ledger had been read after it: no screening, no experience, no pain; what
 * was done lately still counts, and a leg that is closed stays so. */
static void forget(Person *person, int64_t at_s, const DayClockReading *at)
{
        unsigned kept = 0;

        take_screening(person, NULL, at_s, at);
        for (Leg leg = 0; leg < _LEG_MAX; leg++)
                person->experienced[leg] = false;

        for (unsigned i = 0; i < person->n_sessions; i++) {
                PersonSession s = person->sessions[i];

                if (s.last_s <= at_s - ENTRY_KEPT_S)
                        continue;
                s.finished = false;
                for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++)
                        s.pain[when] = PAIN_UNKNOWN;
                person->sessions[kept++] = s;
        }
        person->n_sessions = kept;
        person->n_scores = 0;
}

void person_add(Person *person, const Entry *entry)
{
        const DayClockReading *at = &entry->at.reading;
        int64_t at_s = person_moment(entry->at.day_s);

        person_see(person, &entry->at);
        person->latest_wall_s = MAX(person->latest_wall_s, day_clock_seen_s(at));
        switch (entry->kind) {
        case ENTRY_SESSION_BEGUN:
        case ENTRY_SESSION_CHARGED:
        case ENTRY_SESSION_ENDED:
                take_session(person, entry, at_s);
                return;
        case ENTRY_PAIN:
                take_pain(person, &entry->pain, at_s);
                return;
        case ENTRY_SCREENED:
                take_screening(person, &entry->screening, at_s, at);
                return;
        case ENTRY_FAULT:
        case ENTRY_OFFER:
        case ENTRY_LATCH:
                return;
        case ENTRY_DELETED:
                forget(person, at_s, at);
                return;
        default: /* ENTRY_DAMAGED, and what nobody knows */
                lose(person, at_s);
                take_screening(person, NULL, at_s, at);
        }
}
