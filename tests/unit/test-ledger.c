/* SPDX-License-Identifier: MIT */
/* What was entered comes back as it was, in order, and says when it is safe. */
#include "tests/unit/ledger-site.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/ledger-private.h"
#include "tests/unit/cmocka-all.h"

#define DAY_S INT64_C(86400)

static void check_loaded(const LedgerSite *site, const Entry *expected, unsigned n)
{
        assert_int_equal(site->n_loaded, n);
        for (unsigned i = 0; i < n; i++)
                site_check_entry(&site->loaded[i], &expected[i]);
}

static void new_ledger_knows_nothing(void **state)
{
        LedgerSite *site = *state;
        char path[SITE_PATH_SIZE];
        struct stat st;

        site_open_ready(site);
        assert_int_equal(site->n_opened, 1);
        assert_false(site->has_last);
        assert_int_equal(site->n_loaded, 0);
        assert_int_equal(site->n_changed, 1);
        assert_string_equal(ledger_reason(site->ledger), "");

        assert_int_equal(stat(site->state, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        site_path(site, "ledger.db", path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
}

/* A session comes back as two entries, both as it stands in the end. */
static void every_kind_comes_back(void **state)
{
        LedgerSite *site = *state;
        Entry entered[] = {
                site_screened(1, SCREENING_NO),
                site_begun(2, 1, LEG_RIGHT),
                site_pain(3, LEG_RIGHT, 4),
                site_ended(600, 1, LEG_RIGHT, 590000, "finished"),
                site_begun(700, 2, LEG_LEFT),
                site_charged(710, 2, LEG_LEFT, 40000),
                site_fault(711, "The massager is too hot."),
                site_offer(712, OFFER_SNOOZED),
                site_offer(712, OFFER_ACCEPTED),
                site_offer(712, OFFER_DECLINED),
                { .kind = ENTRY_DAMAGED, .at = site_moment(712) },
        };
        Entry expected[ELEMENTSOF(entered)];

        entered[2].pain.session = 1;
        entered[2].pain.when = PAIN_DURING;
        entered[2].pain.action = PAIN_ACTION_EASE;
        entered[0].screening.answers[1] = SCREENING_YES;
        entered[0].screening.answers[2] = SCREENING_ADVISED;
        entered[0].screening.answers[3] = SCREENING_UNANSWERED;

        site_open_ready(site);
        for (unsigned i = 0; i < ELEMENTSOF(entered); i++)
                (void) site_enter(site, &entered[i]);

        memcpy(expected, entered, sizeof(expected));
        expected[1].session.dose = entered[3].session.dose;
        expected[4].session.dose = entered[5].session.dose;
        for (unsigned i = 0; i < 3; i++) {
                site_reopen(site);
                assert_true(site->has_last);
                assert_int_equal(site->last.day_s, SITE_DAY_S + 712);
                check_loaded(site, expected, ELEMENTSOF(expected));
        }
}

static void every_word_comes_back(void **state)
{
        LedgerSite *site = *state;
        Entry entries[_LEG_MAX * _PAIN_WHEN_MAX * _PAIN_ACTION_MAX];
        unsigned n = 0;

        site_open_ready(site);
        for (Leg leg = 0; leg < _LEG_MAX; leg++)
                for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++)
                        for (PainAction action = 0; action < _PAIN_ACTION_MAX; action++) {
                                Entry *entry = &entries[n];

                                *entry = site_pain(n, leg, (int) n % (PAIN_MAX + 1));
                                entry->pain.when = when;
                                entry->pain.action = action;
                                (void) site_enter(site, entry);
                                n++;
                        }

        site_reopen(site);
        check_loaded(site, entries, n);
}

/* The longest texts, and the greatest numbers. */
static void extremes_come_back(void **state)
{
        LedgerSite *site = *state;
        Entry entries[2] = { site_begun(0, 1, LEG_LEFT), site_ended(0, 1, LEG_LEFT, 0, "x") };

        for (unsigned i = 0; i < 2; i++) {
                EntrySession *session = &entries[i].session;

                session->id = UINT64_C(1) << 53;
                session->planned_ms = UINT32_MAX;
                session->dose.charged_ms = UINT32_MAX;
                session->dose.played_ms = UINT32_MAX;
                session->dose.heated_ms = UINT32_MAX;
                for (Zone zone = 0; zone < _ZONE_MAX; zone++)
                        session->dose.zone_permille_s[zone] = UINT32_MAX - zone;
                memset(session->routine, 'r', ENTRY_TEXT_MAX);
                memset(session->massager, 'm', ENTRY_TEXT_MAX);
                if (i == 1)
                        memset(session->end, 'e', ENTRY_TEXT_MAX);
                entries[i].at.reading.boottime_ms = INT64_MAX;
                entries[i].at.reading.wall_s = -1;
                memset(&entries[i].at.reading.boot, 0xff, sizeof(BootId));
        }

        site_open_ready(site);
        (void) site_enter(site, &entries[0]);
        (void) site_enter(site, &entries[1]);
        site_reopen(site);
        check_loaded(site, entries, 2);
}

static void nonsense_is_not_entered(void **state)
{
        LedgerSite *site = *state;
        Entry entries[28];
        unsigned n = 0;

        for (unsigned i = 0; i < 5; i++)
                entries[n++] = site_begun(1, 1, LEG_LEFT);
        entries[0].session.id = 0;
        entries[1].session.id = (UINT64_C(1) << 53) + 1;
        entries[2].session.leg = _LEG_MAX;
        memset(entries[3].session.routine, 'x', sizeof(entries[3].session.routine));
        entries[4].kind = ENTRY_SESSION_ENDED; /* without a reason */
        for (unsigned i = 5; i < 10; i++)
                entries[n++] = site_pain(1, LEG_LEFT, 1);
        entries[5].pain.score = PAIN_MAX + 1;
        entries[6].pain.score = PAIN_UNKNOWN;
        entries[7].pain.when = _PAIN_WHEN_MAX;
        entries[8].pain.action = _PAIN_ACTION_MAX;
        entries[9].at.day_s = INT64_MAX;
        entries[n++] = site_screened(1, _SCREENING_ANSWER_MAX);
        entries[n++] = site_fault(1, "x");
        memset(entries[11].fault.what, 'x', sizeof(entries[11].fault.what));
        entries[n++] = (Entry){ .kind = _ENTRY_KIND_MAX };
        entries[n++] = site_pain(1, LEG_LEFT, 1);
        entries[13].at.reading.boottime_ms = UINT64_MAX;
        entries[n++] = site_pain(1, LEG_LEFT, 1);
        entries[14].at.reading.wall_s = INT64_MIN;
        entries[n++] = site_pain(1, LEG_LEFT, 1);
        entries[15].pain.session = UINT64_MAX;
        for (unsigned i = 16; i < 23; i++)
                entries[n++] = site_offer(1, OFFER_DECLINED);
        entries[16].offer.key.name[0] = '\0';
        memset(entries[17].offer.key.name, 'x', sizeof(entries[17].offer.key.name));
        entries[18].offer.key.day = INT32_MAX;
        entries[19].offer.key.minute = CALENDAR_DAY_MINUTES;
        entries[20].offer.state = OFFER_PENDING;
        entries[21].offer.state = _OFFER_STATE_INVALID;
        entries[22].offer.until_s = INT64_MAX;
        entries[n++] = site_latch(1, "", ENTRY_LATCH_PAIN);
        entries[n++] = site_latch(1, "KNEED_SIM_1", _ENTRY_LATCH_CAUSE_MAX);
        entries[n++] = site_latch(1, "x", ENTRY_LATCH_PAIN);
        memset(entries[25].latch.massager, 'x', sizeof(entries[25].latch.massager));

        site_open_ready(site);
        for (unsigned i = 0; i < n; i++)
                assert_int_equal(ledger_enter(site->ledger, &entries[i], NULL), -EINVAL);
        site_reopen(site);
        assert_int_equal(site->n_loaded, 0);
}

/* SR-OFFER: what was answered lately is not asked again, also after the history was deleted. */
static void answers_to_offers_are_deleted_when_they_are_old(void **state)
{
        LedgerSite *site = *state;
        Entry old = site_offer(0, OFFER_DECLINED), late = site_offer(ENTRY_KEPT_S, OFFER_ACCEPTED);
        const Entry deleted = { .kind = ENTRY_DELETED, .at = site_moment(ENTRY_KEPT_S) };

        old.offer.key.minute = 1;
        site_open_ready(site);
        (void) site_enter(site, &old);
        (void) site_enter(site, &late);
        (void) site_enter(site, &deleted);
        site_reopen(site);
        check_loaded(site, (const Entry[]){ late, deleted }, 2);
}

/* SR-CLEAR: What a person stopped stays so until they clear it, however long it is ago; also when
 * the history is deleted. */
static void what_is_latched_is_never_too_old(void **state)
{
        LedgerSite *site = *state;
        const Entry course[] = {
                site_latch(0, "CLEARED", ENTRY_LATCH_EMERGENCY),
                site_latch(1, "CLEARED", ENTRY_LATCH_CLEARED),
                site_latch(2, "TWICE", ENTRY_LATCH_CLEARED),
                site_latch(3, "TWICE", ENTRY_LATCH_PAIN),
                site_latch(4, "ONCE", ENTRY_LATCH_EMERGENCY),
        };
        const Entry late = site_offer(2 * LEDGER_LOOK_BACK_S, OFFER_DECLINED);
        const Entry deleted = {
                .kind = ENTRY_DELETED,
                .at = site_moment(2 * LEDGER_LOOK_BACK_S),
        };

        site_open_ready(site);
        for (unsigned i = 0; i < ELEMENTSOF(course); i++)
                (void) site_enter(site, &course[i]);
        site_reopen(site);
        check_loaded(site, course, ELEMENTSOF(course));

        (void) site_enter(site, &late);
        site_reopen(site);
        check_loaded(site, (const Entry[]){ course[3], course[4], late }, 3);
        (void) site_enter(site, &deleted);
        site_reopen(site);
        check_loaded(site, (const Entry[]){ course[3], course[4], late, deleted }, 4);
}

/* Whoever has stopped more massagers than anybody has: the latest count. */
static void the_latest_latches_are_remembered(void **state)
{
        const Entry late = site_offer(2 * LEDGER_LOOK_BACK_S, OFFER_DECLINED);
        LedgerSite *site = *state;
        char name[16];

        site_open_ready(site);
        for (unsigned i = 0; i < LEDGER_LATCHES_MAX + 3; i++) {
                Entry latch;

                (void) snprintf(name, sizeof(name), "M%u", i);
                latch = site_latch(i, name, ENTRY_LATCH_EMERGENCY);
                (void) site_enter(site, &latch);
        }
        (void) site_enter(site, &late);
        site_reopen(site);
        assert_int_equal(site->n_loaded, LEDGER_LATCHES_MAX + 1);
        assert_string_equal(site->loaded[0].latch.massager, "M3");
}

/* SR-CRASH: a checkpoint never lowers what is charged. Only the end does. */
static void a_checkpoint_only_raises(void **state)
{
        LedgerSite *site = *state;
        Entry entries[] = {
                site_begun(1, 1, LEG_LEFT),
                site_charged(10, 1, LEG_LEFT, 60000),
                site_charged(20, 1, LEG_LEFT, 40000),
        };
        Entry end = site_ended(30, 1, LEG_LEFT, 25000, "stopped");

        site_open_ready(site);
        for (unsigned i = 0; i < ELEMENTSOF(entries); i++)
                (void) site_enter(site, &entries[i]);
        site_reopen(site);
        assert_int_equal(site->n_loaded, 2);
        assert_int_equal(site->loaded[1].kind, ENTRY_SESSION_CHARGED);
        assert_int_equal(site->loaded[1].at.day_s, SITE_DAY_S + 20);
        assert_int_equal(site->loaded[1].session.dose.charged_ms, 60000);

        (void) site_enter(site, &end);
        site_reopen(site);
        assert_int_equal(site->n_loaded, 2);
        site_check_entry(&site->loaded[1], &end);
}

/* What a lost ledger knew of a session, its checkpoints do not. */
static void a_checkpoint_of_an_unknown_session_begins_it(void **state)
{
        LedgerSite *site = *state;
        Entry charged = site_charged(5, 9, LEG_RIGHT, 70000), begun = charged;

        begun.kind = ENTRY_SESSION_BEGUN;
        site_open_ready(site);
        (void) site_enter(site, &charged);
        site_reopen(site);
        check_loaded(site, (const Entry[]){ begun, charged }, 2);
}

static void an_id_is_not_used_twice(void **state)
{
        LedgerSite *site = *state;
        Entry entry = site_begun(1, 1, LEG_LEFT);

        site_open_ready(site);
        (void) site_enter(site, &entry);
        (void) site_enter_only(site, &entry);
        site_await_state(site, LEDGER_BROKEN);
        assert_int_equal(site->durable, 1);

        site_reopen(site);
        assert_int_equal(site->n_loaded, 1);
}

/* SR-DAY, SR-SCREENING: What is older than three weeks, but still counts, comes first: the latest
 * screening, the latest finished session of each leg, and the latest session at all, whose id must
 * not be used again. */
static void what_still_counts_comes_first(void **state)
{
        LedgerSite *site = *state;
        const int64_t late = 40 * DAY_S;
        Entry entered[] = {
                site_screened(1, SCREENING_YES), site_begun(10, 1, LEG_LEFT),
                site_ended(20, 1, LEG_LEFT, 1000, "finished"), site_begun(30, 2, LEG_LEFT),
                site_ended(40, 2, LEG_LEFT, 2000, "finished"), /* 4 */
                site_screened(50, SCREENING_NO),               /* 5 */
                site_begun(60, 3, LEG_RIGHT),
                site_ended(70, 3, LEG_RIGHT, 3000, "finished"), /* 7 */
                site_begun(80, 4, LEG_LEFT), site_ended(90, 4, LEG_LEFT, 4000, "stopped"),
                site_begun(100, 5, LEG_RIGHT), site_ended(110, 5, LEG_RIGHT, 5000, "pain"), /* 11 */
                site_pain(120, LEG_LEFT, 2), site_fault(130, "old"),
                site_pain(late, LEG_LEFT, 3), /* 14 */
        };
        static const unsigned expected[] = { 3, 4, 5, 6, 7, 10, 11, 14 };

        site_open_ready(site);
        for (unsigned i = 0; i < ELEMENTSOF(entered); i++)
                (void) site_enter_only(site, &entered[i]);
        site_reopen(site);

        assert_int_equal(site->n_loaded, ELEMENTSOF(expected));
        for (unsigned i = 0; i < ELEMENTSOF(expected); i++) {
                const Entry *entry = &entered[expected[i]];

                assert_int_equal(site->loaded[i].kind, entry->kind);
                assert_int_equal(site->loaded[i].at.day_s, entry->at.day_s);
        }
        assert_int_equal(site->loaded[2].screening.answers[0], SCREENING_NO);
        assert_int_equal(site->last.day_s, SITE_DAY_S + late);
}

/* The edge of the window is in it, and a session that crosses the edge comes back whole. */
static void the_window_has_an_edge(void **state)
{
        LedgerSite *site = *state;
        const int64_t edge = 30 * DAY_S, last = edge + LEDGER_LOOK_BACK_S;
        Entry entered[] = {
                site_pain(edge - 3, LEG_LEFT, 1),
                site_begun(edge - 2, 1, LEG_LEFT),
                site_pain(edge - 1, LEG_LEFT, 2),
                site_pain(edge, LEG_LEFT, 3),
                site_ended(edge + 1, 1, LEG_LEFT, 1000, "stopped"),
                site_begun(last - 1, 2, LEG_LEFT),
                site_pain(last, LEG_LEFT, 4),
        };
        Entry edged[] = { site_pain(edge - 1, LEG_LEFT, 1), site_pain(edge, LEG_LEFT, 2),
                site_pain(last, LEG_LEFT, 3) };

        site_open_ready(site);
        for (unsigned i = 0; i < ELEMENTSOF(entered); i++)
                (void) site_enter_only(site, &entered[i]);
        site_reopen(site);
        assert_int_equal(site->n_loaded, 6);
        assert_int_equal(site->loaded[0].kind, ENTRY_SESSION_BEGUN);
        assert_int_equal(site->loaded[5].pain.score, 4);
        site_close(site);

        site_execute(site, "DELETE FROM entries; DELETE FROM pains; DELETE FROM sessions");
        site_open_ready(site);
        for (unsigned i = 0; i < ELEMENTSOF(edged); i++)
                (void) site_enter_only(site, &edged[i]);
        site_reopen(site);
        check_loaded(site, edged + 1, 2);
}

static void tickets_rise_and_become_durable(void **state)
{
        LedgerSite *site = *state;

        site_open(site);
        for (int i = 0; i < 200; i++) { /* also while it is opening */
                Entry entry = site_pain(i, LEG_LEFT, i % 10);

                assert_int_equal(site_enter_only(site, &entry), i + 1);
        }
        site_await_durable(site, 200);
        assert_true(site->n_durable < 200);
        assert_int_equal(site->durable, 200);

        site_reopen(site);
        assert_int_equal(site->n_loaded, 200);
        for (int i = 0; i < 200; i++)
                assert_int_equal(site->loaded[i].at.day_s, SITE_DAY_S + i);
}

/* What lies in the queue at the end is written, without a turn of the loop. */
static void the_end_waits_for_the_disk(void **state)
{
        LedgerSite *site = *state;

        site_open(site);
        for (int i = 0; i < 100; i++) {
                Entry entry = site_pain(i, LEG_LEFT, 1);

                (void) site_enter_only(site, &entry);
        }
        site_reopen(site);
        assert_int_equal(site->n_loaded, 100);
}

/* More than lies ready at once: the thread waits for the loop, and the end for neither. */
static void a_long_history_comes_in_parts(void **state)
{
        LedgerSite *site = *state;
        const struct timespec delay = { .tv_nsec = 50000000 };
        const int n = 1000;
        uint64_t from_ms;

        site_open_ready(site);
        for (int i = 0; i < n; i++) {
                Entry entry = site_pain(i, LEG_LEFT, 1);

                (void) site_enter_only(site, &entry);
                if (i % 200 == 199)
                        site_await_durable(site, site->ticket);
        }
        site_reopen(site);
        assert_int_equal(site->n_loaded, n);
        for (int i = 0; i < n; i++)
                assert_int_equal(site->loaded[i].at.day_s, SITE_DAY_S + i);

        site_close(site);
        site_open(site); /* and closed in the midst of it */
        while (site->n_loaded == 0)
                assert_true(sd_event_run(site->event, 10 * USEC_PER_MS * MSEC_PER_S) >= 0);
        /* The thread may get as far as it can without the loop; if not, less is shown. */
        (void) clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
        from_ms = clock_now_ms();
        site_close(site);
        assert_true(clock_now_ms() - from_ms < LEDGER_FREE_MS);
}

static void a_second_kneed_is_told(void **state)
{
        LedgerSite *site = *state;
        char path[SITE_PATH_SIZE];
        sqlite3 *db;
        Entry entry = site_pain(1, LEG_LEFT, 1);

        site_open_ready(site);
        (void) site_enter(site, &entry);
        site_path(site, "ledger.db", path);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_not_equal(sqlite3_exec(db, "SELECT * FROM pains", NULL, NULL, NULL), SQLITE_OK);
        (void) sqlite3_close(db);

        site_close(site);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
        site_open(site);
        site_await_state(site, LEDGER_BROKEN);
        assert_non_null(strstr(ledger_reason(site->ledger), "in use by another"));
        assert_int_equal(site->n_opened, 0);

        (void) sqlite3_close(db);
        ledger_retry(site->ledger);
        site_await_state(site, LEDGER_READY);
        assert_int_equal(site->n_loaded, 1);
        assert_false(site_has(site, "ledger.db.damaged-1"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(new_ledger_knows_nothing),
                TEST(every_kind_comes_back),
                TEST(every_word_comes_back),
                TEST(extremes_come_back),
                TEST(nonsense_is_not_entered),
                TEST(answers_to_offers_are_deleted_when_they_are_old),
                TEST(what_is_latched_is_never_too_old),
                TEST(the_latest_latches_are_remembered),
                TEST(a_checkpoint_only_raises),
                TEST(a_checkpoint_of_an_unknown_session_begins_it),
                TEST(an_id_is_not_used_twice),
                TEST(what_still_counts_comes_first),
                TEST(the_window_has_an_edge),
                TEST(tickets_rise_and_become_durable),
                TEST(the_end_waits_for_the_disk),
                TEST(a_long_history_comes_in_parts),
                TEST(a_second_kneed_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
