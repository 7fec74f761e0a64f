/* SPDX-License-Identifier: MIT */
/* SR-DAY, SR-CLOCK, SR-CRASH, SR-DAMAGED: Lives of somebody who wants as much massage as there is,
 * on a computer that crashes, is switched off, and has a clock that is set and wrong.
 *
 * Two are asked whether too much was played: one who knows the true time and what the motors did,
 * and one who counts anew from all that was ever written down, in a way of its own. */
#include <stdlib.h>

#include "tests/unit/recount.h"
#include "tests/unit/story.h"

#define DAY_S         PERSON_DAY_S
#define YEAR_2100_S   INT64_C(4102444800)
#define LIVES         120u
#define HASTY_LIVES   30u
#define ACTS          700u
#define ENTRIES_MAX   8192u
#define PLAYS_MAX     2048u
#define LOOK_BACK_S   (22 * DAY_S) /* as the ledger does */
#define AHEAD_S       30
#define CUT_OFF_S     1
#define LONGEST_PAUSE 600

/* What the motors did. Of what crashed nobody can know when the motors stopped: the last entry is
 * its end. */
typedef struct Play {
        Leg leg;
        int64_t begun_s;
        int64_t last_s;
        int64_t played_s;
} Play;

typedef struct World {
        Random random;
        bool hasty; /* wants many short sessions, more than the person keeps */
        bool plain; /* each clock is right, or plainly wrong */

        int64_t true_s;
        int64_t wall_error_s;
        unsigned boot;
        uint64_t boottime_ms;

        DayClock clock;
        Person person;
        uint64_t id;
        unsigned n_entries;
        Entry entries[ENTRIES_MAX]; /* what the ledger holds */

        unsigned n_plays;
        Play plays[PLAYS_MAX];
        int64_t closed_until_s[_LEG_MAX]; /* true time, as the next three */
        int64_t hurts_until_s[_LEG_MAX];
        int64_t screened_s;
        int64_t lost_s;
        int64_t seek_s; /* day clock: what the last refusal said */

        unsigned most_a_day;
        unsigned n_may, n_mornings;
        unsigned refused[_PERSON_REFUSAL_MAX];
} World;

static World w;

static bool chance(unsigned one_in)
{
        return random_between(&w.random, 1, one_in) == 1;
}

static DayClockReading look(void)
{
        DayClockReading now = { .boottime_ms = w.boottime_ms, .wall_s = w.true_s + w.wall_error_s };

        memcpy(now.boot.bytes, &w.boot, sizeof(w.boot));
        return now;
}

static int64_t day_s(void)
{
        return day_clock_s(&w.clock, w.boottime_ms);
}

static Moment see(void)
{
        DayClockReading reading = look();
        Moment now = day_clock_moment(&w.clock, &reading);

        person_see(&w.person, &now);
        return now;
}

static void pass(int64_t s)
{
        w.true_s += s;
        w.boottime_ms += (uint64_t) s * 1000;
}

static void enter(Entry entry)
{
        DayClockReading now = look();

        assert_true(w.n_entries < ENTRIES_MAX);
        entry.at = day_clock_moment(&w.clock, &now);
        w.entries[w.n_entries++] = entry;
        person_add(&w.person, &entry);
}

static void enter_session(EntryKind kind, Leg leg, int64_t charged_s, const char *end)
{
        Entry entry = { .kind = kind,
                .session = { .id = w.id,
                                .leg = leg,
                                .dose.charged_ms = (uint32_t) charged_s * 1000 } };

        (void) snprintf(entry.session.end, sizeof(entry.session.end), "%s", end);
        enter(entry);
}

static void enter_pain(Leg leg, uint64_t session, PainWhen when, int score, PainAction led)
{
        enter((Entry){ .kind = ENTRY_PAIN, .pain = { session, leg, when, score, led } });
        w.hurts_until_s[leg] = score >= 5 ? w.true_s + 24 * HOUR_S : 0;
}

static void enter_screening(void)
{
        Entry entry = { .kind = ENTRY_SCREENED };

        for (unsigned i = 0; screening_question(i); i++)
                entry.screening.answers[i] = SCREENING_NO;
        w.screened_s = w.true_s;
        enter(entry);
}

/* What the ledger gives back of an entry of a session: it keeps one row of each, so its begin and
 * its latest entry, as it stands now. */
static void give_back_session(unsigned at, const unsigned last_of[])
{
        Entry entry = w.entries[at];
        unsigned last = last_of[entry.session.id];

        if (entry.kind != ENTRY_SESSION_BEGUN && at != last)
                return;

        entry.session.dose = w.entries[last].session.dose;
        person_add(&w.person, &entry);
}

/* kneed starts. The ledger gives the latest screening back, then what still counts. */
static void start(void)
{
        const Moment *last = w.n_entries > 0 ? &w.entries[w.n_entries - 1].at : NULL;
        static unsigned last_of[PLAYS_MAX];
        DayClockReading now = look();
        unsigned screening = UINT32_MAX;

        day_clock_start(&w.clock, last, &now);
        person_init(&w.person);
        for (unsigned i = 0; i < w.n_entries; i++) {
                if (w.entries[i].kind == ENTRY_SCREENED)
                        screening = i;
                if (recount_is_session(&w.entries[i]))
                        last_of[w.entries[i].session.id] = i;
        }
        if (screening < w.n_entries)
                person_add(&w.person, &w.entries[screening]);
        for (unsigned i = 0; i < w.n_entries; i++) {
                if (w.entries[i].at.day_s <= last->day_s - LOOK_BACK_S)
                        continue;
                if (recount_is_session(&w.entries[i]))
                        give_back_session(i, last_of);
                else
                        person_add(&w.person, &w.entries[i]);
        }
}

/* A clock that is right, cannot be right, or is behind the ledger: none of it looks like time off.
 */
static int64_t error_at_boot_s(void)
{
        const Moment *last = &w.entries[w.n_entries - 1].at;

        switch (random_between(&w.random, 0, 5)) {
        case 0:
                return random_between(&w.random, 0, DAY_S) - w.true_s; /* 1970 */
        case 1:
                return YEAR_2100_S - w.true_s;
        case 2:
                return MIN(day_clock_seen_s(&last->reading) -
                                                random_between(&w.random, 1, 40 * DAY_S) - w.true_s,
                                INT64_C(0));
        default:
                return 0;
        }
}

static int64_t error_later_s(void)
{
        static const int64_t errors[] = { 0, HOUR_S, -HOUR_S, DAY_S, -DAY_S,
                400 * (int64_t) DAY_S };

        switch (random_between(&w.random, 0, 4)) {
        case 0:
                return -w.true_s;
        case 1:
                return YEAR_2100_S - w.true_s;
        default:
                if (w.plain)
                        return 0;
                return errors[random_between(&w.random, 0, ELEMENTSOF(errors) - 1)];
        }
}

static void reboot(int64_t off_s)
{
        w.boot++;
        w.boottime_ms = (uint64_t) random_between(&w.random, 1, 60) * 1000;
        w.true_s += off_s;
        w.wall_error_s = error_at_boot_s();
        start();
        /* It is known to the ledger before anybody sets the clock again. */
        enter((Entry){ .kind = ENTRY_FAULT });
}

/* A damaged ledger: all that was known is gone, but for that. */
static void damage(void)
{
        w.entries[0] = w.entries[w.n_entries - 1];
        w.n_entries = 1;
        w.entries[0].kind = ENTRY_FAULT;
        start();
        enter((Entry){ .kind = ENTRY_DAMAGED });
        w.lost_s = w.true_s;
}

/* ---- The one who knows the truth. ---- */

/* What was played on the leg of the last play up to it, in any day that ends with it. */
static void check_truth(void)
{
        const Play *last = &w.plays[w.n_plays - 1], *p;
        int64_t day = 0, bout = 0, bout_last_s = INT64_MIN / 2;
        unsigned bouts = 0;

        for (p = w.plays; p <= last; p++) {
                if (p->leg != last->leg)
                        continue;
                /* SR-DAY: Rest, once it was more than a false start. */
                if (p->begun_s - bout_last_s >= PERSON_REST_S)
                        bout = 0;
                else
                        assert_true(bout * 1000 <= PERSON_FALSE_START_MS);
                if (p->last_s > last->last_s - DAY_S) {
                        day += p->played_s;
                        if (bout * 1000 <= PERSON_FALSE_START_MS &&
                                        (bout + p->played_s) * 1000 > PERSON_FALSE_START_MS)
                                bouts++;
                }
                bout += p->played_s;
                bout_last_s = p->last_s;
                assert_true(bout <= limits_hard.session_minutes * MINUTE_S);
        }
        assert_true(day <= limits_hard.day_minutes * MINUTE_S);
        assert_true(bouts <= limits_hard.day_sessions);
}

/* SR-SCREENING: A clock that is wrong and still can be right hides no more than it is wrong. */
static void check_screening(void)
{
        assert_true(w.true_s - w.screened_s < SCREENING_VALID_S + (w.plain ? 0 : 2 * DAY_S));
}

/* SR-MORNING: A score of the next morning is taken for one, whatever the computer did at night. Of
 * what is lost nobody knows. */
static void check_morning(Leg leg)
{
        const Play *last = NULL;
        int64_t ago_s;
        uint64_t id;

        for (const Play *p = w.plays; p < w.plays + w.n_plays; p++)
                if (p->leg == leg)
                        last = p;
        if (!w.plain || !last || last->last_s <= w.lost_s)
                return;

        ago_s = w.true_s - last->last_s;
        (void) see();
        if (ago_s >= PERSON_MORNING_MIN_S && ago_s < PERSON_MORNING_MAX_S) {
                assert_int_equal(person_pain_when(&w.person, leg, day_s(), &id), PAIN_MORNING);
                w.n_mornings++;
        }
}

static PersonVerdict judge(Leg leg, int64_t now_s)
{
        PersonVerdict verdict;

        person_judge(&w.person, leg, now_s, &limits_hard, PAIN_UNKNOWN, &verdict);
        return verdict;
}

/* Both agree; where more was done in a day than is kept, the person is the stricter one. */
static PersonVerdict check_verdict(Leg leg)
{
        Moment now = see();
        PersonVerdict got = judge(leg, day_s()), want;

        recount(w.entries, w.n_entries, leg, &now, &want);

        if (w.person.n_sessions < PERSON_SESSIONS_MAX) {
                assert_int_equal(got.refusal, want.refusal);
                assert_int_equal(got.dose_left_ms, want.dose_left_ms);
                assert_int_equal(got.day_charged_ms, want.day_charged_ms);
        }
        assert_int_equal(got.day_sessions, want.day_sessions);
        assert_true(got.refusal != PERSON_MAY || want.refusal == PERSON_MAY);
        assert_true(got.dose_left_ms <= want.dose_left_ms);
        assert_true(got.day_charged_ms >= want.day_charged_ms);
        if (got.until_s > 0) {
                assert_true(got.until_s > day_s());
                /* Up to the second before, unless the screening expires first. */
                assert_in_range(judge(leg, got.until_s - 1).refusal, PERSON_SCREENING_EXPIRED,
                                got.refusal);
                assert_int_not_equal(judge(leg, got.until_s).refusal, got.refusal);
        }
        w.refused[got.refusal]++;
        if (w.hasty)
                w.most_a_day = MAX(w.most_a_day, recount_sessions(w.entries, w.n_entries, day_s()));
        return got;
}

/* ---- What happens. ---- */

/* All that may be, or a false start, or something between. */
static int64_t choose_length_s(int64_t left_s)
{
        if (w.hasty && !chance(200))
                return random_between(&w.random, 0, 1);

        switch (random_between(&w.random, 0, 5)) {
        case 0:
        case 1:
                return left_s;
        case 2:
                return random_between(&w.random, 0, left_s);
        default:
                return MIN(random_between(&w.random, 0, 130), left_s);
        }
}

/* Charged before it is played, and no more often than the disk likes. */
static int64_t charge(Leg leg, EntryKind kind, int64_t played_s, int64_t planned_s)
{
        int64_t covered_s = MIN(played_s + AHEAD_S, planned_s);

        enter_session(kind, leg, covered_s + CUT_OFF_S, "");
        w.plays[w.n_plays - 1].last_s = w.true_s;
        return covered_s;
}

/* Plays as much as was charged on the disk. */
static void play_on(Play *p, int64_t planned_s, int64_t length_s, int64_t covered_s)
{
        for (;;) {
                int64_t step_s = MIN(covered_s, length_s) - p->played_s;

                if (!chance(4))
                        step_s = MIN(step_s, random_between(&w.random, 1, AHEAD_S));
                pass(step_s);
                p->played_s += step_s;
                if (chance(20))
                        pass(random_between(&w.random, 1, LONGEST_PAUSE));
                if (p->played_s == length_s || chance(80))
                        return;
                covered_s = charge(p->leg, ENTRY_SESSION_CHARGED, p->played_s, planned_s);
        }
}

static void crash(void)
{
        if (chance(2))
                start();
        else
                reboot(random_between(&w.random, 0, HOUR_S));
}

static void play(Leg leg, uint32_t dose_left_ms)
{
        int64_t planned_s = dose_left_ms / 1000, covered_s;
        Play *p = &w.plays[w.n_plays++];

        assert_true(w.n_plays < PLAYS_MAX);
        w.id = w.person.last_id + 1;
        *p = (Play){ .leg = leg, .begun_s = w.true_s };
        covered_s = charge(leg, ENTRY_SESSION_BEGUN, 0, planned_s);
        if (chance(2))
                enter_pain(leg, w.id, PAIN_BEFORE, (int) random_between(&w.random, 0, 4),
                                PAIN_ACTION_NONE);
        play_on(p, planned_s, choose_length_s(planned_s), covered_s);

        if (chance(w.hasty ? 200 : 6)) {
                crash();
                return;
        }
        if (chance(w.hasty ? 400 : 12)) {
                enter_pain(leg, w.id, PAIN_DURING, (int) random_between(&w.random, 5, 10),
                                PAIN_ACTION_STOP);
                w.closed_until_s[leg] = w.true_s + 24 * HOUR_S;
        }
        enter_session(ENTRY_SESSION_ENDED, leg, p->played_s, chance(2) ? "finished" : "client");
        p->last_s = w.true_s;
}

static void wish(void)
{
        Leg leg = (Leg) random_between(&w.random, 0, _LEG_MAX - 1);
        PersonVerdict verdict;

        if (chance(w.hasty ? 400 : 20))
                enter_pain(leg, 0, PAIN_BEFORE, (int) random_between(&w.random, 0, 10),
                                PAIN_ACTION_NONE);
        verdict = check_verdict(leg);
        w.seek_s = verdict.until_s;
        if (verdict.refusal == PERSON_NOT_SCREENED || verdict.refusal == PERSON_SCREENING_EXPIRED)
                enter_screening();
        if (verdict.refusal != PERSON_MAY)
                return;

        assert_true(verdict.dose_left_ms >= MINUTE_MS);
        /* SR-PAIN, SR-MORNING */
        assert_true(w.true_s >= w.closed_until_s[leg]);
        assert_true(w.true_s >= w.hurts_until_s[leg]);
        check_screening();
        w.n_may++;
        play(leg, verdict.dose_left_ms);
        check_truth();
}

static void tell_morning(void)
{
        (void) see();
        for (Leg leg = 0; leg < _LEG_MAX; leg++) {
                uint64_t due = person_morning_due(&w.person, leg, day_s());
                const PersonSession *s = w.person.sessions;
                int score = chance(6) ? (int) random_between(&w.random, 0, 10) : 0;

                if (due == 0)
                        continue;
                while (s->id != due)
                        s++;
                if (pain_worse_next_morning(score, s->pain[PAIN_BEFORE], s->pain[PAIN_AFTER]))
                        w.closed_until_s[leg] = MAX(w.closed_until_s[leg], w.true_s + 48 * HOUR_S);
                enter_pain(leg, due, PAIN_MORNING, score, PAIN_ACTION_NONE);
        }
}

/* Waits for what the last refusal said, to the second, or for some time. */
static void wait(void)
{
        if (w.seek_s > day_s() && chance(w.hasty ? 100 : 2))
                pass(w.seek_s - day_s());
        else
                pass(random_between(&w.random, 0, w.hasty ? 200 : 3 * HOUR_S));
}

static void act(void)
{
        switch (random_between(&w.random, 0, 19)) {
        case 0:
                w.wall_error_s = error_later_s();
                return;
        case 1:
                if (w.hasty && !chance(20))
                        return;
                reboot(random_between(&w.random, 1, chance(4) ? 2 * DAY_S : HOUR_S));
                return;
        case 2:
                start();
                return;
        case 3:
                tell_morning();
                return;
        case 4:
                if (chance(30))
                        damage();
                return;
        case 5:
        case 6:
        case 7:
        case 8:
                wait();
                return;
        default:
                wish();
        }
}

static void live(uint64_t seed, bool hasty, bool plain)
{
        w.random = (Random){ seed };
        w.hasty = hasty;
        w.plain = plain;
        w.true_s = STORY_START_S;
        w.wall_error_s = 0;
        w.boot = 1;
        w.boottime_ms = 1000;
        w.id = 0;
        w.n_entries = w.n_plays = w.most_a_day = 0;
        w.seek_s = w.lost_s = 0;
        memset(w.closed_until_s, 0, sizeof(w.closed_until_s));
        memset(w.hurts_until_s, 0, sizeof(w.hurts_until_s));
        start();
        enter_screening();
        for (unsigned i = 0; i < ACTS; i++) {
                act();
                for (Leg leg = 0; leg < _LEG_MAX; leg++)
                        check_morning(leg);
        }
}

static void whatever_happens_no_more_is_played_than_may_be(void **state)
{
        for (unsigned life = 1; life <= LIVES; life++)
                live(life * UINT64_C(0x9e3779b97f4a7c15), false, life % 2);

        /* All of it came up. */
        assert_true(w.n_may > LIVES * 20);
        assert_true(w.n_mornings > LIVES);
        assert_true(w.refused[PERSON_NOT_SCREENED] > 0);
        assert_true(w.refused[PERSON_SCREENING_EXPIRED] > 0);
        assert_true(w.refused[PERSON_HISTORY_LOST] > 0);
        for (PersonRefusal refusal = PERSON_CLOSED_BY_PAIN; refusal < _PERSON_REFUSAL_MAX;
                        refusal++)
                assert_true(w.refused[refusal] > 10);
}

/* More sessions in a day than the person keeps. */
static void whoever_is_hasty_gets_no_more(void **state)
{
        unsigned over = 0;

        for (unsigned life = 1; life <= HASTY_LIVES; life++) {
                live(life * UINT64_C(0xd1342543de82ef95), true, false);
                over += w.most_a_day > PERSON_SESSIONS_MAX;
        }
        assert_true(over > HASTY_LIVES / 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(whatever_happens_no_more_is_played_than_may_be),
                cmocka_unit_test(whoever_is_hasty_gets_no_more),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
