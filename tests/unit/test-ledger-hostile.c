/* SPDX-License-Identifier: MIT */
/* Files that are not what kneed wrote: they are refused, or set aside and counted as damage. They
 * never give anybody more. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include "common/macro.h"
#include "daemon/ledger-private.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/disk.h"
#include "tests/unit/ledger-site.h"

#define FILE_MAX (256u * 1024u)
#define SOMEBODY 65534

typedef struct Copy {
        size_t size;
        uint8_t bytes[FILE_MAX];
} Copy;

static void read_file(const LedgerSite *site, const char *name, Copy *ret)
{
        char path[SITE_PATH_SIZE];
        FILE *file;

        site_path(site, name, path);
        file = fopen(path, "re");
        assert_non_null(file);
        ret->size = fread(ret->bytes, 1, sizeof(ret->bytes), file);
        assert_true(ret->size < sizeof(ret->bytes));
        assert_int_equal(fclose(file), 0);
}

static void check_file(const LedgerSite *site, const char *name, const void *bytes, size_t size)
{
        static Copy now;

        read_file(site, name, &now);
        assert_int_equal(now.size, size);
        assert_memory_equal(now.bytes, bytes, size);
}

static void check_story(const LedgerSite *site, const Entry *story)
{
        assert_int_equal(site->n_loaded, SITE_STORY_SIZE);
        for (unsigned i = 0; i < SITE_STORY_SIZE; i++)
                site_check_entry(&site->loaded[i], &story[i]);
}

/* SR-DAMAGED: the last word that the loop gets is that all is lost, now; it stands in the new
 * ledger, too, and the old one is still there. */
static void check_set_aside(LedgerSite *site, const char *as)
{
        const Entry *entry;

        site_open_ready(site);
        entry = site_last_loaded(site);
        assert_int_equal(entry->kind, ENTRY_DAMAGED);
        assert_true(labs((long) (entry->at.reading.wall_s - time(NULL))) < 60);
        assert_true(entry->at.day_s >= time(NULL) - 60);
        assert_int_equal(site->n_opened, 1);
        assert_true(site_has(site, as));

        site_reopen(site);
        assert_int_equal(site->n_loaded, 1);
        assert_int_equal(site->loaded[0].kind, ENTRY_DAMAGED);
        assert_true(site->has_last);
        site_close(site);
}

/* SR-LEDGER */
static void check_refused(LedgerSite *site, const char *part)
{
        site_open(site);
        site_await_state(site, LEDGER_BROKEN);
        if (!strstr(ledger_reason(site->ledger), part))
                fail_msg("\"%s\" is not in: %s", part, ledger_reason(site->ledger));
        assert_int_equal(site->n_opened, 0);
        assert_false(site_has(site, "ledger.db.damaged-1"));
        site_close(site);
}

static void check_mended(LedgerSite *site, const Entry *story)
{
        site_open_ready(site);
        check_story(site, story);
        site_close(site);
}

static void a_newer_ledger_is_left_alone(void **state)
{
        LedgerSite *site = *state;
        const Entry *story = site_tell_story(site);
        static Copy before;

        site_execute(site, "PRAGMA user_version = 4");
        read_file(site, "ledger.db", &before);
        check_refused(site, "newer kneed");
        check_file(site, "ledger.db", before.bytes, before.size);

        site_execute(site, "PRAGMA user_version = 3");
        check_mended(site, story);
}

/* As a kneed wrote it that knew nothing of offers, nor of latches. */
static void an_older_ledger_becomes_a_newer_one(void **state)
{
        LedgerSite *site = *state;
        const Entry *story = site_tell_story(site);

        site_execute(site,
                        "DROP TABLE latches; DROP TABLE offers;"
                        "DELETE FROM entries WHERE kind IN ('offer', 'latch');"
                        "CREATE TABLE older ("
                        " number INTEGER PRIMARY KEY CHECK (number > 0),"
                        " kind TEXT NOT NULL CHECK (kind IN ('session-begun', 'session-charged',"
                        "  'session-ended', 'pain', 'screened', 'fault', 'damaged')),"
                        " session INTEGER CHECK ((session IS NULL) = (kind NOT LIKE 'session-%')),"
                        " boot BLOB NOT NULL CHECK (length(boot) = 16),"
                        " boottime_ms INTEGER NOT NULL CHECK (boottime_ms >= 0),"
                        " wall_s INTEGER NOT NULL,"
                        " day_s INTEGER NOT NULL,"
                        " sum INTEGER NOT NULL) STRICT;"
                        "INSERT INTO older SELECT * FROM entries;"
                        "DROP TABLE entries;"
                        "ALTER TABLE older RENAME TO entries;"
                        "CREATE INDEX entries_screened ON entries (number)"
                        " WHERE kind = 'screened';"
                        "PRAGMA user_version = 1");

        site_open_ready(site);
        assert_int_equal(site->n_loaded, SITE_STORY_SIZE - 2);
        (void) site_enter(site, &story[SITE_STORY_SIZE - 2]);
        (void) site_enter(site, &story[SITE_STORY_SIZE - 1]);
        site_reopen(site);
        check_story(site, story);
        assert_false(site_has(site, "ledger.db.damaged-1"));
}

static void anothers_directory_is_refused(void **state)
{
        LedgerSite *site = *state;

        if (geteuid() == 0) {
                (void) site_tell_story(site);
                assert_int_equal(chown(site->state, SOMEBODY, SOMEBODY), 0);
        } else {
                (void) snprintf(site->state, sizeof(site->state), "/usr");
        }
        check_refused(site, "belongs to another user");
}

static void anothers_file_is_refused(void **state)
{
        LedgerSite *site = *state;
        char path[SITE_PATH_SIZE];
        const Entry *story;

        if (geteuid() != 0)
                skip();

        story = site_tell_story(site);
        site_path(site, "ledger.db", path);
        assert_int_equal(chown(path, SOMEBODY, SOMEBODY), 0);
        check_refused(site, "belongs to another user");
        assert_int_equal(chown(path, 0, 0), 0);
        check_mended(site, story);
}

static void a_disk_that_is_read_only_is_told(void **state)
{
        LedgerSite *site = *state;
        const Entry *story = site_tell_story(site);

        /* Only who may mount can make one. */
        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                        mount(site->state, site->state, NULL, MS_BIND, NULL) < 0)
                skip();

        assert_int_equal(mount("none", site->state, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL),
                        0);
        check_refused(site, "make the disk writable");
        assert_int_equal(umount2(site->state, MNT_DETACH), 0);
        check_mended(site, story);
}

static void a_directory_that_others_write_is_refused(void **state)
{
        LedgerSite *site = *state;
        const Entry *story = site_tell_story(site);

        assert_int_equal(chmod(site->state, 0770), 0);
        check_refused(site, "chmod go-w");
        assert_int_equal(chmod(site->state, 0702), 0);
        check_refused(site, "chmod go-w");
        assert_int_equal(chmod(site->state, 0755), 0);
        check_mended(site, story);
}

static void the_file_is_nobody_elses(void **state)
{
        LedgerSite *site = *state;
        const Entry *story = site_tell_story(site);
        char path[SITE_PATH_SIZE];
        struct stat st;

        site_path(site, "ledger.db", path);
        assert_int_equal(chmod(path, 0666), 0);
        check_mended(site, story);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
}

static void links_and_other_things_are_refused(void **state)
{
        LedgerSite *site = *state;
        static const char *const names[] = { "ledger.db", "ledger.db-wal" };
        char path[SITE_PATH_SIZE], target[SITE_PATH_SIZE];
        static Copy before;

        (void) site_tell_story(site);
        read_file(site, "ledger.db", &before);
        site_write_file(site, "target", before.bytes, before.size);
        site_path(site, "target", target);

        for (unsigned i = 0; i < ELEMENTSOF(names); i++) {
                site_path(site, names[i], path);
                (void) unlink(path);
                assert_int_equal(symlink(target, path), 0);
                check_refused(site, "not a plain file");
                assert_int_equal(unlink(path), 0);
                assert_int_equal(mkdir(path, 0700), 0);
                check_refused(site, "not a plain file");
                assert_int_equal(rmdir(path), 0);
                assert_int_equal(mkfifo(path, 0600), 0);
                check_refused(site, "not a plain file");
                assert_int_equal(unlink(path), 0);
                check_file(site, "target", before.bytes, before.size);
                site_write_file(site, "ledger.db", before.bytes, before.size);
        }
}

/* Only what lies in it must not be led astray; where it is, is the owner's business. */
static void a_linked_directory_is_followed(void **state)
{
        LedgerSite *site = *state;
        const Entry *story = site_tell_story(site);
        char real[SITE_PATH_SIZE];

        (void) snprintf(real, sizeof(real), "%.100s-real", site->state);
        assert_int_equal(rename(site->state, real), 0);
        assert_int_equal(symlink(real, site->state), 0);
        check_mended(site, story);
}

static void a_missing_directory_is_made(void **state)
{
        LedgerSite *site = *state;

        assert_int_equal(mkdir(site->state, 0700), 0);
        (void) snprintf(site->state, sizeof(site->state), "%s/state/a/b/c", site->directory);
        site_open_ready(site);
        assert_true(site_has(site, "ledger.db"));
        assert_int_equal(site->n_loaded, 0);
}

static void a_file_in_its_place_is_told(void **state)
{
        LedgerSite *site = *state;
        FILE *file = fopen(site->state, "we");

        assert_non_null(file);
        assert_int_equal(fclose(file), 0);
        site_open(site);
        site_await_state(site, LEDGER_BROKEN);
        assert_non_null(strstr(ledger_reason(site->ledger), "no directory"));

        assert_int_equal(unlink(site->state), 0);
        ledger_retry(site->ledger);
        site_await_state(site, LEDGER_READY);
        assert_int_equal(site->n_opened, 1);
        assert_int_equal(site->n_loaded, 0);
}

static void anew(LedgerSite *site, const void *bytes, size_t size)
{
        static const char *const names[] = { "ledger.db", "ledger.db-wal", "ledger.db.damaged-1",
                "ledger.db.damaged-1-wal" };

        for (unsigned i = 0; i < ELEMENTSOF(names); i++)
                if (site_has(site, names[i]))
                        site_remove_file(site, names[i]);
        site_write_file(site, "ledger.db", bytes, size);
}

static void a_cut_file_is_set_aside(void **state)
{
        LedgerSite *site = *state;
        Random random = { 1 };
        static Copy whole;

        (void) site_tell_story(site);
        read_file(site, "ledger.db", &whole);
        for (size_t size = 0; size < whole.size; size += 4096) {
                size_t odd = size + (size_t) random_between(&random, 1, 4095);

                anew(site, whole.bytes, size);
                check_set_aside(site, "ledger.db.damaged-1");
                check_file(site, "ledger.db.damaged-1", whole.bytes, size);
                anew(site, whole.bytes, odd);
                check_set_aside(site, "ledger.db.damaged-1");
        }
}

static void garbage_is_set_aside(void **state)
{
        LedgerSite *site = *state;
        Random random = { 2 };
        uint8_t bytes[20000];

        assert_int_equal(mkdir(site->state, 0700), 0);
        for (unsigned i = 0; i < 30; i++) {
                size_t size = (size_t) random_between(&random, 1, sizeof(bytes));

                for (size_t k = 0; k < size; k++)
                        bytes[k] = (uint8_t) random_next(&random);
                if (i % 2 == 0)
                        memcpy(bytes, "SQLite format 3", MIN(size, (size_t) 16));
                anew(site, bytes, size);
                check_set_aside(site, "ledger.db.damaged-1");
                check_file(site, "ledger.db.damaged-1", bytes, size);
        }
}

/* One bit: it is as it was, or it is damaged, or it is refused. */
static void no_bit_that_flips_gives_more(void **state)
{
        LedgerSite *site = *state;
        const Entry *story = site_tell_story(site);
        unsigned same = 0, damaged = 0, refused = 0;
        Random random = { 3 };
        static Copy whole;

        read_file(site, "ledger.db", &whole);
        for (unsigned i = 0; i < 600; i++) {
                /* A third in the header, which decides most. */
                size_t at = (size_t) random_between(
                                &random, 0, i % 3 == 0 ? 99 : (int64_t) whole.size - 1);
                uint8_t bit = (uint8_t) (1u << random_between(&random, 0, 7));

                whole.bytes[at] ^= bit;
                anew(site, whole.bytes, whole.size);
                whole.bytes[at] ^= bit;

                site_open(site);
                while (ledger_state(site->ledger) == LEDGER_OPENING)
                        assert_true(sd_event_run(site->event, UINT64_MAX) >= 0);
                if (ledger_state(site->ledger) == LEDGER_BROKEN) {
                        refused++;
                } else if (site_last_loaded(site)->kind == ENTRY_DAMAGED) {
                        assert_true(site_has(site, "ledger.db.damaged-1"));
                        damaged++;
                } else {
                        check_story(site, story);
                        same++;
                }
                site_close(site);
        }

        assert_true(damaged > 50 && same > 50 && refused < 60);
}

/* As whoever knows how a ledger is written would write it. */
static void forge(const LedgerSite *site, const char *sql)
{
        char path[SITE_PATH_SIZE], *error = NULL;
        sqlite3 *db;

        site_path(site, "ledger.db", path);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(ledger_sql_add_checksum(db), 0);
        assert_int_equal(sqlite3_exec(db,
                                         "PRAGMA locking_mode = EXCLUSIVE; PRAGMA "
                                         "ignore_check_constraints = ON",
                                         NULL, NULL, NULL),
                        SQLITE_OK);
        if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
                fail_msg("%s: %s", sql, error);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define LINE                                                                                   \
        "UPDATE entries SET sum = checksum(number, kind, session, boot, boottime_ms, wall_s, " \
        "day_s)"
#define SESSION                                                                                   \
        "UPDATE sessions SET sum = checksum(id, begun, last, leg, routine, massager, planned_ms," \
        " charged_ms, played_ms, heated_ms, end)"
#define PAIN   "UPDATE pains SET sum = checksum(number, session, leg, asked, score, action)"
#define ZONE   "UPDATE session_zones SET sum = checksum(session, zone, permille_s)"
#define OFFER  "UPDATE offers SET sum = checksum(number, name, day, minute, answer, until_s)"
#define ANSWER "UPDATE screening_answers SET sum = checksum(number, question, answer)"

static void hostile_rows_are_damage(void **state)
{
        static const char *const attacks[] = {
                /* Without a sum that fits. */
                "UPDATE sessions SET charged_ms = 0",
                "UPDATE sessions SET end = 'finished' WHERE id = 2",
                "UPDATE pains SET score = 1",
                "UPDATE screening_answers SET answer = 'advised'",
                "UPDATE session_zones SET permille_s = 0",
                "UPDATE faults SET what = 'nothing'",
                "UPDATE offers SET answer = 'snoozed'",
                "UPDATE entries SET day_s = day_s - 5000000",
                "UPDATE entries SET day_s = 0 WHERE number = 1",
                "UPDATE entries SET wall_s = 0 WHERE number = 5",
                "UPDATE entries SET kind = 'fault' WHERE kind = 'pain'",
                /* With one. */
                "UPDATE entries SET kind = 'gift' WHERE number = 4; " LINE,
                "UPDATE entries SET session = 3 WHERE number = 5; " LINE,
                "UPDATE entries SET session = NULL WHERE number = 5; " LINE,
                "UPDATE entries SET boot = x'00' WHERE number = 4; " LINE,
                "UPDATE entries SET boottime_ms = -1 WHERE number = 4; " LINE,
                "UPDATE entries SET day_s = 9223372036854775807 WHERE number = 6; " LINE,
                "UPDATE entries SET day_s = -9223372036854775808 WHERE number = 7; " LINE,
                "UPDATE entries SET wall_s = 9223372036854775807 WHERE number = 7; " LINE,
                "UPDATE entries SET number = 9223372036854775807 WHERE number = 7; " LINE,
                "DELETE FROM sessions WHERE id = 2",
                "DELETE FROM pains",
                "DELETE FROM faults",
                "UPDATE sessions SET begun = 3 WHERE id = 1; " SESSION,
                "UPDATE sessions SET last = 3 WHERE id = 1; " SESSION,
                "UPDATE sessions SET leg = 'middle' WHERE id = 1; " SESSION,
                "UPDATE sessions SET charged_ms = -1 WHERE id = 1; " SESSION,
                "UPDATE sessions SET charged_ms = 4294967296 WHERE id = 1; " SESSION,
                "UPDATE sessions SET planned_ms = 1e15 WHERE id = 1; " SESSION,
                "UPDATE sessions SET end = '' WHERE id = 1; " SESSION,
                "UPDATE sessions SET routine = printf('%.129c', 'x') WHERE id = 1; " SESSION,
                "UPDATE sessions SET routine = printf('%.100000c', 'x') WHERE id = 1; " SESSION,
                "UPDATE sessions SET massager = CAST(x'610062' AS TEXT) WHERE id = 1; " SESSION,
                "UPDATE session_zones SET zone = 'kneecap' WHERE zone = 'knee-inner'; " ZONE,
                "UPDATE session_zones SET permille_s = 4294967296 WHERE zone = 'knee-inner'; " ZONE,
                "UPDATE pains SET score = 11; " PAIN,
                "UPDATE pains SET score = -1; " PAIN,
                "UPDATE pains SET asked = 'never'; " PAIN,
                "UPDATE pains SET action = 'laughed'; " PAIN,
                "UPDATE pains SET leg = ''; " PAIN,
                "UPDATE pains SET session = -1; " PAIN,
                "UPDATE screening_answers SET answer = 'perhaps'; " ANSWER,
                "UPDATE offers SET answer = 'pending'; " OFFER,
                "UPDATE offers SET answer = 'perhaps'; " OFFER,
                "UPDATE offers SET name = ''; " OFFER,
                "UPDATE offers SET name = '123456789012345678901234567890123'; " OFFER,
                "UPDATE offers SET day = 9223372036854775807; " OFFER,
                "UPDATE offers SET minute = 1440; " OFFER,
                "UPDATE offers SET until_s = -9223372036854775808; " OFFER,
                "DELETE FROM offers",
                /* And the file as a whole. */
                "PRAGMA application_id = 1",
                "PRAGMA user_version = 0",
                "PRAGMA user_version = -1",
                "DROP TABLE entries",
                "DROP TABLE screening_answers",
                "DROP TABLE progress",
                "ALTER TABLE sessions DROP COLUMN planned_ms",
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'rubbish'",
        };
        LedgerSite *site = *state;
        static Copy whole;

        (void) site_tell_story(site);
        read_file(site, "ledger.db", &whole);
        for (unsigned i = 0; i < ELEMENTSOF(attacks); i++) {
                anew(site, whole.bytes, whole.size);
                forge(site, attacks[i]);
                site_open(site);
                while (ledger_state(site->ledger) == LEDGER_OPENING)
                        assert_true(sd_event_run(site->event, UINT64_MAX) >= 0);
                if (!site_has(site, "ledger.db.damaged-1") ||
                                site_last_loaded(site)->kind != ENTRY_DAMAGED)
                        fail_msg("%s: %s", attacks[i], ledger_reason(site->ledger));
                site_close(site);
        }
}

/* SR-SCREENING */
static void answers_to_other_questions_count_for_nothing(void **state)
{
        LedgerSite *site = *state;

        (void) site_tell_story(site);
        forge(site, "INSERT INTO screening_answers VALUES (1, 'horoscope', 'yes', 0); " ANSWER);
        site_open_ready(site);
        assert_int_equal(site->n_loaded, SITE_STORY_SIZE);
        for (unsigned i = 0; i < SCREENING_QUESTIONS_MAX; i++)
                assert_int_equal(site->loaded[0].screening.answers[i], SCREENING_UNANSWERED);
}

static void each_damaged_one_is_kept(void **state)
{
        LedgerSite *site = *state;

        (void) site_tell_story(site);
        site_write_file(site, "ledger.db", "first", 5);
        check_set_aside(site, "ledger.db.damaged-1");
        site_write_file(site, "ledger.db", "second", 6);
        site_write_file(site, "ledger.db-wal", "its log", 7);
        check_set_aside(site, "ledger.db.damaged-2");
        check_file(site, "ledger.db.damaged-1", "first", 5);
        check_file(site, "ledger.db.damaged-2", "second", 6);
        check_file(site, "ledger.db.damaged-2-wal", "its log", 7);
}

/* The power may fail between the two renames, or before there is a new one. */
static void a_crash_while_it_is_set_aside_is_damage(void **state)
{
        LedgerSite *site = *state;

        (void) site_tell_story(site);
        site_remove_file(site, "ledger.db");
        site_write_file(site, "ledger.db.damaged-1", "damaged", 7);
        check_set_aside(site, "ledger.db.damaged-1");

        site_remove_file(site, "ledger.db");
        site_write_file(site, "ledger.db-wal", "left behind", 11);
        check_set_aside(site, "ledger.db.damaged-2-wal");
        check_file(site, "ledger.db.damaged-2-wal", "left behind", 11);
}

static void a_crash_while_it_is_made_is_nothing(void **state)
{
        LedgerSite *site = *state;

        assert_int_equal(mkdir(site->state, 0700), 0);
        site_write_file(site, "ledger.db.new", "half", 4);
        site_write_file(site, "ledger.db.new-journal", "half", 4);
        site_open_ready(site);
        assert_int_equal(site->n_loaded, 0);
        assert_false(site_has(site, "ledger.db.new"));
        assert_false(site_has(site, "ledger.db.new-journal"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_newer_ledger_is_left_alone),
                TEST(an_older_ledger_becomes_a_newer_one),
                TEST(anothers_directory_is_refused),
                TEST(anothers_file_is_refused),
                TEST(a_disk_that_is_read_only_is_told),
                TEST(a_directory_that_others_write_is_refused),
                TEST(the_file_is_nobody_elses),
                TEST(links_and_other_things_are_refused),
                TEST(a_linked_directory_is_followed),
                TEST(a_missing_directory_is_made),
                TEST(a_file_in_its_place_is_told),
                TEST(a_cut_file_is_set_aside),
                TEST(garbage_is_set_aside),
                TEST(no_bit_that_flips_gives_more),
                TEST(hostile_rows_are_damage),
                TEST(answers_to_other_questions_count_for_nothing),
                TEST(each_damaged_one_is_kept),
                TEST(a_crash_while_it_is_set_aside_is_damage),
                TEST(a_crash_while_it_is_made_is_nothing),
        };

        disk_install();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
