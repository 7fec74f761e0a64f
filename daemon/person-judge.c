/* SPDX-License-Identifier: MIT */
/* What may be done to a leg now. */
#include "common/macro.h"
#include "daemon/person-private.h"

#define MS_PER_MINUTE      60000u
#define SECONDS_PER_MINUTE 60

typedef struct Bout {
        int64_t last_s;
        uint64_t charged_ms;
} Bout;

/* The oldest first. Returns how many. */
static unsigned find_bouts(const Person *person, Leg leg, Bout ret[static PERSON_SESSIONS_MAX])
{
        unsigned n = 0;

        for (unsigned i = 0; i < person->n_sessions; i++) {
                const PersonSession *s = &person->sessions[i];

                if (s->leg != leg)
                        continue;
                if (n == 0 || !person_same_bout(ret[n - 1].last_s, s->begun_s))
                        ret[n++] = (Bout){ 0 };
                ret[n - 1].last_s = MAX(ret[n - 1].last_s, s->last_s);
                ret[n - 1].charged_ms += s->charged_ms;
        }

        return n;
}

static bool in_day(int64_t last_s, int64_t now_s)
{
        return now_s < last_s + PERSON_DAY_S;
}

/* What the leg is charged with in the day that ends then. */
static uint64_t charged_ms(const Person *person, Leg leg, int64_t now_s)
{
        uint64_t sum_ms = 0;

        for (unsigned i = 0; i < person->n_sessions; i++)
                if (person->sessions[i].leg == leg && in_day(person->sessions[i].last_s, now_s))
                        sum_ms += person->sessions[i].charged_ms;

        return sum_ms;
}

static uint64_t left_ms(uint64_t allowed_minutes, uint64_t used_ms)
{
        uint64_t allowed_ms = allowed_minutes * MS_PER_MINUTE;

        return allowed_ms > used_ms ? allowed_ms - used_ms : 0;
}

/* When a minute of the day will be free again: 0 where none ever is. */
static int64_t minute_free_s(const Person *person, Leg leg, uint64_t allowed_minutes)
{
        for (unsigned i = 0; i < person->n_sessions; i++) {
                int64_t at_s = person->sessions[i].last_s + PERSON_DAY_S;

                if (person->sessions[i].leg == leg &&
                                left_ms(allowed_minutes, charged_ms(person, leg, at_s)) >=
                                                MS_PER_MINUTE)
                        return at_s;
        }

        return 0;
}

static void refuse(PersonVerdict *verdict, PersonRefusal refusal, uint32_t value, int64_t until_s)
{
        if (verdict->refusal != PERSON_MAY)
                return;

        verdict->refusal = refusal;
        verdict->value = value;
        verdict->until_s = until_s;
}

int64_t person_screening_until_s(const Person *person, int64_t now_s)
{
        int64_t ago_s = person_most_ago_s(person, person->screened_s, &person->screened_at, now_s);

        return ago_s == INT64_MAX ? now_s : now_s + SCREENING_VALID_S - ago_s;
}

/* SR-SCREENING */
static void judge_screening(const Person *person, int64_t now_s, PersonVerdict *ret)
{
        ScreeningVerdict screening;
        Limits limits;

        screening = screening_judge(&person->screening, &ret->question, &limits);
        limits_tighten(&ret->limits, &limits);
        if (!person->screened || screening == SCREENING_INCOMPLETE)
                refuse(ret, PERSON_NOT_SCREENED, 0, 0);
        else if (now_s >= person_screening_until_s(person, now_s))
                refuse(ret, PERSON_SCREENING_EXPIRED, 0, 0);
        else if (screening == SCREENING_FORBIDS)
                refuse(ret, PERSON_SCREENING_FORBIDS, 0, 0);
        else if (screening == SCREENING_NEEDS_ADVICE)
                refuse(ret, PERSON_SCREENING_NEEDS_ADVICE, 0, 0);
}

/* SR-PAIN, SR-MORNING, SR-DAMAGED */
static void judge_closed(const Person *person, Leg leg, int64_t now_s, int pain, PersonVerdict *ret)
{
        if (now_s < person->damaged_until_s)
                refuse(ret, PERSON_HISTORY_LOST, 0, person->damaged_until_s);
        if (now_s < person->closed_until_s[leg])
                refuse(ret,
                                person->closed_by[leg] == PAIN_MORNING ? PERSON_CLOSED_BY_MORNING
                                                                       : PERSON_CLOSED_BY_PAIN,
                                0, person->closed_until_s[leg]);
        if (now_s < person->hurts_until_s[leg] && (pain < 0 || pain >= PAIN_STOP))
                refuse(ret, PERSON_HURTS, (uint32_t) person->hurts[leg],
                                person->hurts_until_s[leg]);
}

int64_t person_pain_until_s(const Person *person, Leg leg)
{
        return MAX(person->closed_until_s[leg], person->hurts_until_s[leg]);
}

/* Of a bout that was no more than a false start, the rest may be played; less than a minute is no
 * massage. Returns what may. */
static uint64_t judge_rest(const Bout *last, int64_t now_s, PersonVerdict *ret)
{
        uint64_t may_ms = left_ms(ret->limits.session_minutes, 0);

        if (!last || !person_same_bout(last->last_s, now_s))
                return may_ms;

        may_ms = left_ms(ret->limits.session_minutes, last->charged_ms);
        if (last->charged_ms > 0)
                ret->bound = PERSON_BOUND_BOUT;
        if (last->charged_ms > PERSON_FALSE_START_MS ||
                        (last->charged_ms > 0 && may_ms < MS_PER_MINUTE))
                refuse(ret, PERSON_RESTING, PERSON_REST_S / SECONDS_PER_MINUTE,
                                last->last_s + PERSON_REST_S);
        return may_ms;
}

static void judge_sessions(const Bout bouts[], unsigned n, int64_t now_s, PersonVerdict *ret)
{
        unsigned allowed = ret->limits.day_sessions, past = 0;
        int64_t until_s = 0;

        for (unsigned i = n; i > 0; i--) {
                const Bout *bout = &bouts[i - 1];

                if (!in_day(bout->last_s, now_s) || bout->charged_ms <= PERSON_FALSE_START_MS)
                        continue;
                /* Once this one leaves the day, one less than allowed is in it. */
                if (++past == allowed)
                        until_s = bout->last_s + PERSON_DAY_S;
        }

        ret->day_sessions = past;
        if (past >= allowed)
                refuse(ret, PERSON_DAY_SESSIONS, allowed, until_s);
}

/* SR-DAY */
static void judge_dose(const Person *person, Leg leg, int64_t now_s, PersonVerdict *ret)
{
        Bout bouts[PERSON_SESSIONS_MAX];
        unsigned n = find_bouts(person, leg, bouts);
        uint64_t day_ms = charged_ms(person, leg, now_s), may_ms, day_left_ms;

        may_ms = judge_rest(n > 0 ? &bouts[n - 1] : NULL, now_s, ret);
        judge_sessions(bouts, n, now_s, ret);

        day_left_ms = left_ms(ret->limits.day_minutes, day_ms);
        if (day_left_ms < MS_PER_MINUTE)
                refuse(ret, PERSON_DAY_MINUTES, ret->limits.day_minutes,
                                minute_free_s(person, leg, ret->limits.day_minutes));

        ret->day_charged_ms = (uint32_t) MIN(day_ms, (uint64_t) UINT32_MAX);
        ret->dose_left_ms = (uint32_t) MIN(may_ms, day_left_ms);
        if (day_left_ms < may_ms)
                ret->bound = PERSON_BOUND_DAY;
}

void person_judge(const Person *person, Leg leg, int64_t now_s, const Limits *limits, int pain,
                PersonVerdict *ret)
{
        now_s = person_moment(now_s);
        *ret = (PersonVerdict){ .limits = *limits };

        judge_screening(person, now_s, ret);
        judge_closed(person, leg, now_s, pain, ret);
        judge_dose(person, leg, now_s, ret);
        if (ret->refusal != PERSON_MAY) {
                ret->dose_left_ms = 0;
                return;
        }

        ret->screening = GOVERNOR_SCREENED;
        ret->experience = person->experienced[leg] ? GOVERNOR_LATER_SESSION
                                                   : GOVERNOR_FIRST_SESSION;
}
