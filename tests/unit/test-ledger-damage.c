/* SPDX-License-Identifier: MIT */
/* A ledger that is damaged or lost: that is known from then on, whatever else goes wrong. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/disk.h"
#include "tests/unit/ledger-site.h"

/* Broken by the disk, with one entry waiting. */
static void break_it(LedgerSite *site)
{
        Entry entry = site_charged(100, 2, LEG_RIGHT, 120000);

        disk_fail(DISK_WRITE, 1, 0, EIO);
        (void) site_enter_only(site, &entry);
        site_await_state(site, LEDGER_BROKEN);
        disk_mend();
}

/* The loop is told by the same road, its clock goes on, and what waited is written down. */
static void check_lost_meanwhile(LedgerSite *site)
{
        site->n_loaded = 0;
        ledger_retry(site->ledger);
        site_await_state(site, LEDGER_READY);
        site_await_durable(site, 1);
        assert_int_equal(site->n_opened, 1);
        assert_int_equal(site->n_loaded, 1);
        assert_int_equal(site->loaded[0].kind, ENTRY_DAMAGED);
        assert_true(site->loaded[0].at.day_s >= SITE_DAY_S + 9);

        site_reopen(site);
        assert_int_equal(site->n_loaded, 3);
        assert_int_equal(site->loaded[0].kind, ENTRY_DAMAGED);
        assert_int_equal(site->loaded[1].kind, ENTRY_SESSION_BEGUN);
        assert_int_equal(site->loaded[2].kind, ENTRY_SESSION_CHARGED);
        assert_int_equal(site->loaded[2].session.dose.charged_ms, 120000);
}

static void damage_while_it_runs_is_told(void **state)
{
        LedgerSite *site = *state;

        (void) site_tell_story(site);
        site_open_ready(site);
        break_it(site);
        site_write_file(site, "ledger.db", "hello", 5);
        check_lost_meanwhile(site);
        assert_true(site_has(site, "ledger.db.damaged-1"));
}

static void a_ledger_that_vanishes_while_it_runs_is_damage(void **state)
{
        LedgerSite *site = *state;

        (void) site_tell_story(site);
        site_open_ready(site);
        break_it(site);
        site_remove_file(site, "ledger.db");
        check_lost_meanwhile(site);
}

/* The thread has closed the file, and will look up what of its own is in it. */
static void forge_progress(const LedgerSite *site, const char *ticket)
{
        char path[SITE_PATH_SIZE], sql[128];
        sqlite3 *db;

        site_path(site, "ledger.db", path);
        (void) snprintf(sql, sizeof(sql),
                        "PRAGMA locking_mode = EXCLUSIVE; UPDATE progress SET ticket = %s", ticket);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* SR-LEDGER: a number that says that more is on the disk than was ever written is damage: what
 * waits is not taken for written. */
static void progress_that_cannot_be_is_damage(void **state)
{
        static const char *const tickets[] = { "1000", "4", "-1", "9223372036854775807" };

        for (unsigned i = 0; i < ELEMENTSOF(tickets); i++) {
                LedgerSite *site;
                Entry first = site_begun(50, 3, LEG_LEFT);

                (void) site_setup((void **) &site);
                (void) site_tell_story(site);
                site_open_ready(site);
                (void) site_enter(site, &first);
                break_it(site);
                forge_progress(site, tickets[i]);
                site->n_loaded = 0;
                ledger_retry(site->ledger);
                site_await_state(site, LEDGER_READY);
                site_await_durable(site, 2);
                assert_int_equal(site->durable, 2);
                assert_int_equal(site_last_loaded(site)->kind, ENTRY_DAMAGED);
                site_reopen(site);
                assert_int_equal(site_last_loaded(site)->session.dose.charged_ms, 120000);
                (void) site_teardown((void **) &site);
        }
}

/* The damage comes to light in the midst of reading: what the loop was given stays, and the damage
 * comes after it. */
static void damage_in_the_midst_comes_last(void **state)
{
        LedgerSite *site = *state;

        (void) site_tell_story(site);
        site_execute(site, "UPDATE latches SET massager = 'x'");
        site_open_ready(site);
        assert_int_equal(site->n_loaded, SITE_STORY_SIZE);
        assert_int_equal(site->loaded[0].kind, ENTRY_SCREENED);
        assert_int_equal(site_last_loaded(site)->kind, ENTRY_DAMAGED);
        assert_true(site_last_loaded(site)->at.day_s >= SITE_DAY_S + 9);
}

/* Whether there was an n-th call to fail. */
static bool damage_and_an_error(DiskCall call, unsigned n)
{
        LedgerSite *site;
        bool failed;

        (void) site_setup((void **) &site);
        (void) site_tell_story(site);
        site_execute(site, "UPDATE latches SET massager = 'x'");
        disk_fail(call, n, 1, EIO);
        site_open(site);
        while (ledger_state(site->ledger) == LEDGER_OPENING)
                assert_true(sd_event_run(site->event, UINT64_MAX) >= 0);
        failed = disk_failed();
        disk_mend();
        if (ledger_state(site->ledger) == LEDGER_BROKEN)
                ledger_retry(site->ledger);
        site_await_state(site, LEDGER_READY);

        if (site_last_loaded(site)->kind != ENTRY_DAMAGED)
                fail_msg("call %d, the %u-th: %u entries, and no damage", (int) call, n,
                                site->n_loaded);
        (void) site_teardown((void **) &site);
        return failed;
}

/* SR-DAMAGED: whatever fails while the damaged one is set aside and a new one made, it is not ready
 * before the loop knows of the damage. */
static void damage_and_one_more_error_is_damage(void **state)
{
        for (DiskCall call = 0; call < _DISK_CALL_MAX; call++)
                for (unsigned n = 1; damage_and_an_error(call, n); n++)
                        assert_true(n < 500);
}

static void rename_if_there(const LedgerSite *site, const char *from, const char *to)
{
        char old[SITE_PATH_SIZE], new[SITE_PATH_SIZE];

        site_path(site, from, old);
        site_path(site, to, new);
        assert_true(rename(old, new) == 0 || errno == ENOENT);
}

/* Does what the sentence says. SR-DAMAGED: nothing is given back by that. */
static void check_advice(LedgerSite *site)
{
        site_open(site);
        site_await_state(site, LEDGER_BROKEN);
        if (!strstr(ledger_reason(site->ledger), "rename ledger.db to ledger.db.damaged-1 "))
                fail_msg("%s", ledger_reason(site->ledger));
        rename_if_there(site, "ledger.db", "ledger.db.damaged-1");
        rename_if_there(site, "ledger.db-wal", "ledger.db.damaged-1-wal");
        ledger_retry(site->ledger);
        site_await_state(site, LEDGER_READY);
        assert_int_equal(site_last_loaded(site)->kind, ENTRY_DAMAGED);
        site_reopen(site);
        assert_int_equal(site_last_loaded(site)->kind, ENTRY_DAMAGED);
}

static void a_newer_one_is_put_aside_as_the_sentence_says(void **state)
{
        LedgerSite *site = *state;

        (void) site_tell_story(site);
        site_execute(site, "PRAGMA user_version = 99");
        check_advice(site);
}

static void a_link_is_put_aside_as_the_sentence_says(void **state)
{
        LedgerSite *site = *state;
        char path[SITE_PATH_SIZE];

        (void) site_tell_story(site);
        rename_if_there(site, "ledger.db", "elsewhere");
        site_path(site, "ledger.db", path);
        assert_int_equal(symlink("elsewhere", path), 0);
        check_advice(site);
}

static void a_log_that_is_none_is_put_aside_as_the_sentence_says(void **state)
{
        LedgerSite *site = *state;
        char path[SITE_PATH_SIZE];

        (void) site_tell_story(site);
        site_path(site, "ledger.db-wal", path);
        assert_int_equal(mkfifo(path, 0600), 0);
        check_advice(site);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(damage_while_it_runs_is_told),
                TEST(a_ledger_that_vanishes_while_it_runs_is_damage),
                cmocka_unit_test(progress_that_cannot_be_is_damage),
                TEST(damage_in_the_midst_comes_last),
                TEST(a_newer_one_is_put_aside_as_the_sentence_says),
                TEST(a_link_is_put_aside_as_the_sentence_says),
                TEST(a_log_that_is_none_is_put_aside_as_the_sentence_says),
                cmocka_unit_test(damage_and_one_more_error_is_damage),
        };

        disk_install();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
