/* SPDX-License-Identifier: MIT */
#include "tests/unit/ledger-site.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/unit/cmocka-all.h"

#define DEADLINE_MS 20000u

static void on_opened(void *userdata, const Moment *last)
{
        LedgerSite *site = userdata;

        assert_int_equal(site->n_loaded, 0);
        site->n_opened++;
        site->has_last = last != NULL;
        if (last)
                site->last = *last;
}

static void on_loaded(void *userdata, const Entry *entry)
{
        LedgerSite *site = userdata;

        assert_int_equal(site->n_opened, 1);
        assert_int_not_equal(ledger_state(site->ledger), LEDGER_READY);
        assert_true(site->n_loaded < SITE_LOADED_MAX);
        site->loaded[site->n_loaded++] = *entry;
}

static void on_durable(void *userdata, uint64_t ticket)
{
        LedgerSite *site = userdata;

        assert_true(ticket > site->durable);
        site->durable = ticket;
        site->n_durable++;
}

static void on_changed(void *userdata)
{
        LedgerSite *site = userdata;

        assert_true(streq(ledger_reason(site->ledger), "") ==
                        (ledger_state(site->ledger) != LEDGER_BROKEN));
        site->n_changed++;
}

static const LedgerListener listener = {
        .opened = on_opened,
        .loaded = on_loaded,
        .durable = on_durable,
        .changed = on_changed,
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

int site_setup(void **state)
{
        LedgerSite *site = calloc(1, sizeof(*site));

        assert_non_null(site);
        /* In memory, where there is such a place: what is tested is when it syncs, not the disk. */
        (void) snprintf(site->directory, sizeof(site->directory), "%s/kneed-ledger-XXXXXX",
                        access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp");
        assert_non_null(mkdtemp(site->directory));
        (void) snprintf(site->state, sizeof(site->state), "%s/state", site->directory);
        assert_int_equal(sd_event_new(&site->event), 0);
        *state = site;
        return 0;
}

int site_teardown(void **state)
{
        LedgerSite *site = *state;

        site_close(site);
        sd_event_unref(site->event);
        (void) chmod(site->state, 0700);
        (void) nftw(site->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        free(site);
        return 0;
}

void site_open(LedgerSite *site)
{
        assert_null(site->ledger);
        site->n_opened = site->n_changed = site->n_durable = site->n_loaded = 0;
        site->durable = site->ticket = 0;
        assert_int_equal(ledger_new(site->event, site->state, &listener, site, &site->ledger), 0);
        assert_int_equal(ledger_state(site->ledger), LEDGER_OPENING);
}

void site_close(LedgerSite *site)
{
        site->ledger = ledger_free(site->ledger);
}

static void turn(LedgerSite *site, uint64_t until_ms)
{
        assert_true(clock_now_ms() < until_ms);
        assert_true(sd_event_run(site->event, DEADLINE_MS * USEC_PER_MS) >= 0);
}

void site_await_state(LedgerSite *site, LedgerState state)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        while (ledger_state(site->ledger) != state)
                turn(site, until_ms);
}

void site_await_durable(LedgerSite *site, uint64_t ticket)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        while (site->durable < ticket)
                turn(site, until_ms);
}

void site_await_change(LedgerSite *site)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;
        unsigned before = site->n_changed;

        while (site->n_changed == before)
                turn(site, until_ms);
}

void site_open_ready(LedgerSite *site)
{
        site_open(site);
        site_await_state(site, LEDGER_READY);
}

void site_reopen(LedgerSite *site)
{
        site_close(site);
        site_open_ready(site);
}

uint64_t site_enter_only(LedgerSite *site, const Entry *entry)
{
        uint64_t ticket = 0;

        assert_int_equal(ledger_enter(site->ledger, entry, &ticket), 0);
        assert_true(ticket > site->ticket);
        site->ticket = ticket;
        return ticket;
}

uint64_t site_enter(LedgerSite *site, const Entry *entry)
{
        uint64_t ticket = site_enter_only(site, entry);

        site_await_durable(site, ticket);
        return ticket;
}

void site_path(const LedgerSite *site, const char *name, char ret[static SITE_PATH_SIZE])
{
        (void) snprintf(ret, SITE_PATH_SIZE, "%.80s/%.40s", site->state, name);
}

bool site_has(const LedgerSite *site, const char *name)
{
        char path[SITE_PATH_SIZE];
        struct stat st;

        site_path(site, name, path);
        return lstat(path, &st) == 0;
}

void site_execute(const LedgerSite *site, const char *sql)
{
        char path[SITE_PATH_SIZE], *error = NULL;
        sqlite3 *db;

        assert_null(site->ledger);
        site_path(site, "ledger.db", path);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL), 0);
        if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
                fail_msg("%s: %s", sql, error);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void site_write_file(const LedgerSite *site, const char *name, const void *bytes, size_t size)
{
        char path[SITE_PATH_SIZE];
        FILE *file;

        site_path(site, name, path);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

void site_remove_file(const LedgerSite *site, const char *name)
{
        char path[SITE_PATH_SIZE];

        site_path(site, name, path);
        assert_int_equal(unlink(path), 0);
}

Moment site_moment(int64_t s)
{
        return (Moment){
                .reading = {
                        .boot = { "0123456789abcde" },
                        .boottime_ms = 1000u * (uint64_t) s + 7,
                        .wall_s = SITE_DAY_S + s - 5,
                },
                .day_s = SITE_DAY_S + s,
        };
}

static Entry session(EntryKind kind, int64_t s, uint64_t id, Leg leg)
{
        return (Entry){
                .kind = kind,
                .at = site_moment(s),
                .session = {
                        .id = id,
                        .leg = leg,
                        .routine = "friction",
                        .massager = "KNEED_SIM_1",
                        .planned_ms = 600000,
                },
        };
}

Entry site_begun(int64_t s, uint64_t id, Leg leg)
{
        Entry entry = session(ENTRY_SESSION_BEGUN, s, id, leg);

        entry.session.dose.charged_ms = 30000;
        return entry;
}

Entry site_charged(int64_t s, uint64_t id, Leg leg, uint32_t charged_ms)
{
        Entry entry = session(ENTRY_SESSION_CHARGED, s, id, leg);

        entry.session.dose.charged_ms = charged_ms;
        entry.session.dose.zone_permille_s[ZONE_KNEE_OUTER] = charged_ms / 1000;
        return entry;
}

Entry site_ended(int64_t s, uint64_t id, Leg leg, uint32_t played_ms, const char *end)
{
        Entry entry = session(ENTRY_SESSION_ENDED, s, id, leg);

        entry.session.dose = (EntryDose){
                .charged_ms = played_ms,
                .played_ms = played_ms,
                .heated_ms = played_ms / 2,
                .zone_permille_s = { [ZONE_THIGH_FRONT_UPPER] = 1, [ZONE_KNEE_INNER] = UINT32_MAX },
        };
        (void) snprintf(entry.session.end, sizeof(entry.session.end), "%s", end);
        return entry;
}

Entry site_pain(int64_t s, Leg leg, int score)
{
        return (Entry){
                .kind = ENTRY_PAIN,
                .at = site_moment(s),
                .pain = { .leg = leg, .when = PAIN_AFTER, .score = score },
        };
}

Entry site_screened(int64_t s, ScreeningAnswer answer)
{
        Entry entry = { .kind = ENTRY_SCREENED, .at = site_moment(s) };

        for (unsigned i = 0; screening_question(i); i++)
                entry.screening.answers[i] = answer;

        return entry;
}

Entry site_fault(int64_t s, const char *what)
{
        Entry entry = { .kind = ENTRY_FAULT, .at = site_moment(s) };

        (void) snprintf(entry.fault.massager, sizeof(entry.fault.massager), "KNEED_SIM_1");
        (void) snprintf(entry.fault.what, sizeof(entry.fault.what), "%s", what);
        return entry;
}

Entry site_latch(int64_t s, const char *massager, EntryLatchCause cause)
{
        Entry entry = { .kind = ENTRY_LATCH, .at = site_moment(s), .latch.cause = cause };

        (void) snprintf(entry.latch.massager, sizeof(entry.latch.massager), "%s", massager);
        return entry;
}

Entry site_offer(int64_t s, OfferState answer)
{
        return (Entry){
                .kind = ENTRY_OFFER,
                .at = site_moment(s),
                .offer = {
                        .key = { .name = "morning", .day = 20819, .minute = 450 },
                        .state = answer,
                        .until_s = answer == OFFER_SNOOZED ? SITE_DAY_S : 0,
                },
        };
}

const Entry *site_tell_story(LedgerSite *site)
{
        static Entry entries[SITE_STORY_SIZE];

        entries[0] = site_screened(1, SCREENING_NO);
        entries[1] = site_begun(2, 1, LEG_LEFT);
        entries[2] = site_pain(4, LEG_LEFT, 3);
        entries[3] = site_ended(5, 1, LEG_LEFT, 50000, "finished");
        entries[4] = site_begun(6, 2, LEG_RIGHT);
        entries[5] = site_charged(7, 2, LEG_RIGHT, 90000);
        entries[6] = site_fault(8, "loose");
        entries[7] = site_offer(9, OFFER_DECLINED);
        entries[8] = site_latch(10, "KNEED_SIM_1", ENTRY_LATCH_EMERGENCY);
        site_open_ready(site);
        for (unsigned i = 0; i < SITE_STORY_SIZE; i++)
                (void) site_enter_only(site, &entries[i]);
        site_close(site);

        entries[1].session.dose = entries[3].session.dose;
        entries[4].session.dose = entries[5].session.dose;
        return entries;
}

const Entry *site_last_loaded(const LedgerSite *site)
{
        assert_true(site->n_loaded > 0);
        return &site->loaded[site->n_loaded - 1];
}

static void check_session(const EntrySession *a, const EntrySession *b)
{
        assert_int_equal(a->id, b->id);
        assert_int_equal(a->leg, b->leg);
        assert_string_equal(a->routine, b->routine);
        assert_string_equal(a->massager, b->massager);
        assert_int_equal(a->planned_ms, b->planned_ms);
        assert_int_equal(a->dose.charged_ms, b->dose.charged_ms);
        assert_int_equal(a->dose.played_ms, b->dose.played_ms);
        assert_int_equal(a->dose.heated_ms, b->dose.heated_ms);
        assert_memory_equal(a->dose.zone_permille_s, b->dose.zone_permille_s,
                        sizeof(a->dose.zone_permille_s));
        assert_string_equal(a->end, b->end);
}

static void check_moment(const Moment *a, const Moment *b)
{
        assert_memory_equal(&a->reading.boot, &b->reading.boot, sizeof(a->reading.boot));
        assert_int_equal(a->reading.boottime_ms, b->reading.boottime_ms);
        assert_int_equal(a->reading.wall_s, b->reading.wall_s);
        assert_int_equal(a->day_s, b->day_s);
}

void site_check_entry(const Entry *entry, const Entry *expected)
{
        assert_int_equal(entry->kind, expected->kind);
        check_moment(&entry->at, &expected->at);

        switch (entry->kind) {
        case ENTRY_SESSION_BEGUN:
        case ENTRY_SESSION_CHARGED:
        case ENTRY_SESSION_ENDED:
                check_session(&entry->session, &expected->session);
                break;
        case ENTRY_PAIN:
                assert_int_equal(entry->pain.session, expected->pain.session);
                assert_int_equal(entry->pain.leg, expected->pain.leg);
                assert_int_equal(entry->pain.when, expected->pain.when);
                assert_int_equal(entry->pain.score, expected->pain.score);
                assert_int_equal(entry->pain.action, expected->pain.action);
                break;
        case ENTRY_SCREENED:
                assert_memory_equal(&entry->screening, &expected->screening, sizeof(Screening));
                break;
        case ENTRY_FAULT:
                assert_string_equal(entry->fault.massager, expected->fault.massager);
                assert_string_equal(entry->fault.what, expected->fault.what);
                break;
        case ENTRY_LATCH:
                assert_string_equal(entry->latch.massager, expected->latch.massager);
                assert_int_equal(entry->latch.cause, expected->latch.cause);
                break;
        case ENTRY_OFFER:
                assert_true(schedule_key_equal(&entry->offer.key, &expected->offer.key));
                assert_int_equal(entry->offer.state, expected->offer.state);
                assert_int_equal(entry->offer.until_s, expected->offer.until_s);
                break;
        default:
                break;
        }
}
