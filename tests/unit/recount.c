/* SPDX-License-Identifier: MIT */
#include "tests/unit/recount.h"

#include <string.h>

#include "common/macro.h"

#define HOUR_S       INT64_C(3600)
#define SESSIONS_MAX 4096u

static const Entry *entries;
static unsigned n_entries;

bool recount_is_session(const Entry *entry)
{
        return entry->kind <= ENTRY_SESSION_ENDED;
}

typedef struct Count {
        uint64_t id;
        int64_t begun_s;
        int64_t last_s;
        uint64_t ms;
        Leg leg;
        bool open;
} Count;

static Count counts[SESSIONS_MAX];

static Count *count_of(unsigned n, const EntrySession *session)
{
        for (unsigned i = 0; i < n; i++)
                if (counts[i].id == session->id && counts[i].leg == session->leg)
                        return &counts[i];

        return NULL;
}

static unsigned count_sessions(void)
{
        unsigned n = 0;

        for (unsigned i = 0; i < n_entries; i++) {
                const Entry *e = &entries[i];
                Count *c;

                if (!recount_is_session(e))
                        continue;
                c = count_of(n, &e->session);
                if (!c) {
                        c = &counts[n++];
                        *c = (Count){ .id = e->session.id,
                                .leg = e->session.leg,
                                .begun_s = e->at.day_s,
                                .open = true };
                }
                c->last_s = e->at.day_s;
                if (e->kind == ENTRY_SESSION_ENDED && c->open) {
                        c->ms = e->session.dose.charged_ms;
                        c->open = false;
                } else if (e->session.dose.charged_ms > c->ms)
                        c->ms = e->session.dose.charged_ms;
        }

        return n;
}

/* What was told of that time of a session, up to that entry. */
static int told(unsigned up_to, uint64_t session, PainWhen when)
{
        for (unsigned i = 0; i < up_to; i++) {
                const Entry *e = &entries[i];

                if (e->kind == ENTRY_PAIN && e->pain.session == session && e->pain.when == when)
                        return e->pain.score;
        }

        return PAIN_UNKNOWN;
}

static bool was_worse(unsigned at)
{
        const EntryPain *pain = &entries[at].pain;
        int before = told(at, pain->session, PAIN_BEFORE);

        return pain->score > (before >= 0 ? before : MAX(told(at, pain->session, PAIN_AFTER), 0));
}

/* When all entries together close it until, and by what. */
static int64_t count_closed(Leg leg, PersonRefusal *ret)
{
        int64_t until_s = 0;

        for (unsigned i = 0; i < n_entries; i++) {
                const Entry *e = &entries[i];

                if (e->kind != ENTRY_PAIN || e->pain.leg != leg)
                        continue;
                if (e->pain.when == PAIN_DURING && e->pain.action == PAIN_ACTION_STOP &&
                                e->at.day_s + 24 * HOUR_S > until_s) {
                        until_s = e->at.day_s + 24 * HOUR_S;
                        *ret = PERSON_CLOSED_BY_PAIN;
                }
                if (e->pain.when == PAIN_MORNING && was_worse(i) &&
                                e->at.day_s + 48 * HOUR_S > until_s) {
                        until_s = e->at.day_s + 48 * HOUR_S;
                        *ret = PERSON_CLOSED_BY_MORNING;
                }
        }

        return until_s;
}

/* Whether the newest score lets nothing start. */
static bool hurts(Leg leg, int64_t now_s)
{
        for (unsigned i = n_entries; i > 0; i--) {
                const Entry *e = &entries[i - 1];

                if (e->kind == ENTRY_PAIN && e->pain.leg == leg)
                        return e->pain.score >= 5 && now_s < e->at.day_s + 24 * HOUR_S;
        }

        return false;
}

/* A session opens a bout where none of that leg before it ended less than a rest ago. */
static bool opens_bout(unsigned at)
{
        for (unsigned i = 0; i < at; i++)
                if (counts[i].leg == counts[at].leg && counts[i].last_s + 1800 > counts[at].begun_s)
                        return false;

        return true;
}

static int64_t wall_of(const Moment *at)
{
        int64_t wall_s = at->reading.wall_s < 0 ? -at->reading.wall_s : at->reading.wall_s;

        return day_clock_plausible(wall_s) ? wall_s : 0;
}

/* By either clock; over a boot the wall clock has to be right for that. */
static bool is_old(const Entry *screened, const Moment *now)
{
        if (now->day_s - screened->at.day_s >= 30 * 24 * HOUR_S)
                return true;
        if (memcmp(&screened->at.reading.boot, &now->reading.boot, sizeof(BootId)) == 0)
                return false;
        for (unsigned i = 0; i < n_entries; i++)
                if (wall_of(now) < wall_of(&entries[i].at))
                        return true;

        return wall_of(&screened->at) == 0 || wall_of(now) == 0 ||
               wall_of(now) - wall_of(&screened->at) >= 30 * 24 * HOUR_S;
}

/* What the entries that are no sessions and no pain refuse. */
static PersonRefusal count_known(const Moment *now)
{
        const Entry *screened = NULL;
        int64_t lost_s = INT64_MIN / 2;

        for (unsigned i = 0; i < n_entries; i++) {
                if (entries[i].kind == ENTRY_SCREENED)
                        screened = &entries[i];
                if (entries[i].kind == ENTRY_DAMAGED) {
                        lost_s = entries[i].at.day_s;
                        screened = NULL;
                }
        }
        if (!screened)
                return PERSON_NOT_SCREENED;
        if (is_old(screened, now))
                return PERSON_SCREENING_EXPIRED;

        return now->day_s < lost_s + 48 * HOUR_S ? PERSON_HISTORY_LOST : PERSON_MAY;
}

typedef struct Day {
        unsigned sessions;
        uint64_t ms;
        uint64_t bout_ms; /* of the last bout */
        int64_t bout_last_s;
} Day;

static Day count_day(Leg leg, int64_t now_s)
{
        Day day = { .bout_last_s = INT64_MIN / 2 };
        unsigned n = count_sessions();

        for (unsigned i = 0; i < n; i++) {
                if (counts[i].leg != leg)
                        continue;
                if (opens_bout(i)) {
                        day.sessions += day.bout_ms > 120000 &&
                                        day.bout_last_s > now_s - 24 * HOUR_S;
                        day.bout_ms = 0;
                }
                day.bout_ms += counts[i].ms;
                day.bout_last_s = counts[i].last_s;
                if (counts[i].last_s > now_s - 24 * HOUR_S)
                        day.ms += counts[i].ms;
        }
        day.sessions += day.bout_ms > 120000 && day.bout_last_s > now_s - 24 * HOUR_S;
        if (day.bout_last_s + 1800 <= now_s)
                day.bout_ms = 0;
        return day;
}

static uint32_t rest_of(uint32_t allowed_ms, uint64_t used_ms)
{
        return used_ms < allowed_ms ? (uint32_t) (allowed_ms - used_ms) : 0;
}

unsigned recount_sessions(const Entry all[], unsigned n, int64_t now_s)
{
        unsigned sessions, in_day = 0;

        entries = all;
        n_entries = n;
        sessions = count_sessions();
        for (unsigned i = 0; i < sessions; i++)
                in_day += counts[i].last_s > now_s - 24 * HOUR_S;
        return in_day;
}

void recount(const Entry all[], unsigned n, Leg leg, const Moment *now, PersonVerdict *ret)
{
        PersonRefusal closed = PERSON_MAY;
        int64_t now_s = now->day_s;
        Day day;

        entries = all;
        n_entries = n;
        day = count_day(leg, now_s);
        *ret = (PersonVerdict){
                .refusal = count_known(now),
                .day_sessions = day.sessions,
                .day_charged_ms = (uint32_t) day.ms,
        };

        if (ret->refusal != PERSON_MAY)
                return;
        if (count_closed(leg, &closed) > now_s)
                ret->refusal = closed;
        else if (hurts(leg, now_s))
                ret->refusal = PERSON_HURTS;
        else if (day.bout_ms > 120000)
                ret->refusal = PERSON_RESTING;
        else if (day.sessions >= 3)
                ret->refusal = PERSON_DAY_SESSIONS;
        else if (rest_of(2700000, day.ms) < 60000)
                ret->refusal = PERSON_DAY_MINUTES;
        else
                ret->dose_left_ms = MIN(rest_of(2700000, day.ms), rest_of(1200000, day.bout_ms));
}
