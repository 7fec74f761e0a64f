/* SPDX-License-Identifier: MIT */
/* A disk that is slow, full or broken: the loop does not wait, nothing is lost, nothing is entered
 * twice, and what is not on the disk is not said to be. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/disk.h"
#include "tests/unit/ledger-site.h"

#define TICK_MS 10u

/* The ledger's waits are over at once: nobody has to sit through them. */
static bool hasty;

/* In place of sd-event's. */
int sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
        uint64_t now;

        assert_true(sd_event_now(sd_event_source_get_event(source), CLOCK_MONOTONIC, &now) >= 0);
        if (hasty)
                assert_int_equal(sd_event_source_set_time_accuracy(source, 1), 0);
        return sd_event_source_set_time(source, hasty ? now : now + usec);
}

static int setup(void **state)
{
        hasty = false;
        disk_mend();
        return site_setup(state);
}

static int teardown(void **state)
{
        disk_mend();
        return site_teardown(state);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        unsigned *ticks = userdata;

        (*ticks)++;
        return sd_event_source_set_time_relative(source, TICK_MS * USEC_PER_MS);
}

/* SR-DISK */
static void the_loop_goes_on_while_the_disk_is_slow(void **state)
{
        LedgerSite *site = *state;
        Entry entry = site_begun(1, 1, LEG_LEFT);
        sd_event_source *timer = NULL;
        unsigned ticks = 0;
        uint64_t ticket, from_ms;

        site_open_ready(site);
        disk_slow(2000);
        assert_int_equal(sd_event_add_time_relative(site->event, &timer, CLOCK_MONOTONIC,
                                         TICK_MS * USEC_PER_MS, 1, on_tick, &ticks),
                        0);
        assert_int_equal(sd_event_source_set_enabled(timer, SD_EVENT_ON), 0);

        from_ms = clock_now_ms();
        ticket = site_enter_only(site, &entry);
        assert_true(clock_now_ms() - from_ms < 500);
        site_await_durable(site, ticket);
        assert_true(clock_now_ms() - from_ms >= 2000);
        assert_true(ticks >= 50); /* of about 200 */
        sd_event_source_disable_unref(timer);
}

/* SR-LEDGER: what is held in the disk is not said to be on it; all of it goes at one sync. */
static void nothing_is_durable_before_its_sync(void **state)
{
        LedgerSite *site = *state;
        unsigned syncs;

        site_open_ready(site);
        disk_hold(true);
        for (int i = 0; i < 20; i++) {
                Entry entry = site_pain(i, LEG_LEFT, 1);

                (void) site_enter_only(site, &entry);
        }
        while (disk_held() == 0)
                (void) sd_event_run(site->event, TICK_MS * USEC_PER_MS);
        assert_true(sd_event_run(site->event, TICK_MS * USEC_PER_MS) >= 0);
        assert_int_equal(site->durable, 0);

        syncs = disk_calls(DISK_SYNC);
        disk_hold(false);
        site_await_durable(site, 20);
        assert_true(disk_calls(DISK_SYNC) - syncs <= 4);
}

static Entry site_stop(int64_t s, Leg leg)
{
        Entry entry = site_pain(s, leg, 7);

        entry.pain.when = PAIN_DURING;
        entry.pain.action = PAIN_ACTION_STOP;
        return entry;
}

/* The disk hangs, and all places that faults may take are taken. Returns how many. */
static unsigned fill_common(LedgerSite *site)
{
        unsigned n = 0;

        site_open_ready(site);
        disk_hold(true);
        while (ledger_state(site->ledger) == LEDGER_READY) {
                Entry entry = site_fault(n++, "loose");

                (void) site_enter_only(site, &entry);
        }
        return n;
}

static bool has_loaded(const LedgerSite *site, const Entry *entry)
{
        for (unsigned i = 0; i < site->n_loaded; i++)
                if (site->loaded[i].kind == entry->kind &&
                                site->loaded[i].at.day_s == entry->at.day_s)
                        return true;

        return false;
}

/* SR-LEDGER: it is broken before anything is lost; what may close a leg still finds a place, and
 * is there when it is read back; and a fault that found none costs nobody a day. */
static void a_full_queue_breaks_it_and_keeps_what_closes_a_leg(void **state)
{
        LedgerSite *site = *state;
        Entry fault = site_fault(1000, "loose");
        const Entry closing[] = { site_stop(1000, LEG_LEFT), site_screened(1001, SCREENING_YES),
                site_begun(1002, 1, LEG_LEFT), site_ended(1003, 1, LEG_LEFT, 1000, "pain"),
                site_pain(1004, LEG_RIGHT, 2) };
        Entry eased = site_pain(1000, LEG_LEFT, 3);
        unsigned n = fill_common(site), changed = site->n_changed;

        eased.pain.when = PAIN_DURING;
        assert_string_not_equal(ledger_reason(site->ledger), "");
        assert_int_equal(site->n_changed, changed); /* told by the loop */
        site_await_change(site);
        assert_int_equal(ledger_enter(site->ledger, &fault, NULL), -ENOBUFS);
        assert_int_equal(ledger_enter(site->ledger, &eased, NULL), -ENOBUFS);
        for (unsigned i = 0; i < ELEMENTSOF(closing); i++)
                (void) site_enter_only(site, &closing[i]);

        disk_hold(false);
        site_await_state(site, LEDGER_READY);
        site_await_durable(site, site->ticket);
        site_reopen(site);
        assert_int_equal(site->n_loaded, n + ELEMENTSOF(closing));
        for (unsigned i = 0; i < ELEMENTSOF(closing); i++)
                assert_true(has_loaded(site, &closing[i]));
}

/* SR-DAMAGED: a leg may have been closed by what found no place at all. It is never ready before
 * the day is used up, now and after the next start. */
static void what_found_no_place_uses_up_the_day(void **state)
{
        LedgerSite *site = *state;
        Entry stop = site_stop(5000, LEG_LEFT), damaged = { .kind = ENTRY_DAMAGED };
        unsigned n = fill_common(site);

        for (; n < LEDGER_QUEUE_MAX; n++)
                (void) site_enter_only(site, &stop);
        assert_int_equal(ledger_enter(site->ledger, &stop, NULL), -ENOBUFS);
        stop.at = damaged.at = site_moment(5001);
        assert_int_equal(ledger_enter(site->ledger, &stop, NULL), -ENOBUFS);

        disk_hold(false);
        site_await_state(site, LEDGER_READY);
        assert_int_equal(site->n_loaded, 1);
        site_check_entry(&site->loaded[0], &damaged);
        site_await_durable(site, site->ticket);
        site_reopen(site);
        assert_int_equal(site->n_loaded, n + 1);
        site_check_entry(&site->loaded[n], &damaged);
        site_reopen(site); /* once */
        assert_int_equal(site->n_loaded, n + 1);
}

/* As long as it goes on. There is always something that waits for it. */
static void a_slow_disk_is_not_broken(void **state)
{
        LedgerSite *site = *state;
        uint64_t from_ms = clock_now_ms();

        site_open_ready(site);
        disk_slow(LEDGER_SLOW_MS / 3);
        for (int i = 0; clock_now_ms() - from_ms < LEDGER_SLOW_MS + 1000; i++) {
                Entry entry = site_pain(i, LEG_LEFT, 1);

                site_await_durable(site, site->ticket > 0 ? site->ticket - 1 : 0);
                (void) site_enter_only(site, &entry);
        }
        assert_int_equal(ledger_state(site->ledger), LEDGER_READY);
        assert_int_equal(site->n_changed, 1);
}

/* SR-LEDGER: nobody waits in vain for a disk that hangs. */
static void a_disk_that_hangs_is_told(void **state)
{
        LedgerSite *site = *state;
        Entry entry = site_begun(1, 1, LEG_LEFT);
        uint64_t from_ms = clock_now_ms();

        site_open_ready(site);
        disk_hold(true);
        (void) site_enter_only(site, &entry);
        site_await_state(site, LEDGER_BROKEN);
        assert_true(clock_now_ms() - from_ms >= LEDGER_SLOW_MS);
        assert_non_null(strstr(ledger_reason(site->ledger), "too busy"));
        assert_int_equal(site->durable, 0);

        disk_hold(false);
        site_await_state(site, LEDGER_READY);
        site_await_durable(site, 1);
}

/* SR-LEDGER: nor for one that hangs before it was ever read. */
static void a_disk_that_hangs_at_first_is_told(void **state)
{
        LedgerSite *site = *state;

        disk_hold(true);
        hasty = true;
        site_open(site);
        site_await_state(site, LEDGER_BROKEN);
        assert_non_null(strstr(ledger_reason(site->ledger), "does not give back"));
        assert_int_equal(site->n_opened, 0);

        hasty = false;
        disk_hold(false);
        site_await_state(site, LEDGER_READY);
        assert_int_equal(site->n_opened, 1);
}

static const Entry *story(unsigned *ret_n)
{
        static Entry entries[7];

        entries[0] = site_screened(1, SCREENING_NO);
        entries[1] = site_begun(2, 1, LEG_LEFT);
        entries[2] = site_charged(3, 1, LEG_LEFT, 60000);
        entries[3] = site_pain(4, LEG_LEFT, 3);
        entries[4] = site_ended(5, 1, LEG_LEFT, 50000, "finished");
        entries[5] = site_pain(6, LEG_LEFT, 2);
        entries[6] = site_fault(7, "loose");
        *ret_n = ELEMENTSOF(entries);
        return entries;
}

/* Each once, and in order: screening, begun, pain, ended, pain, fault. */
static void check_story(const LedgerSite *site, unsigned from)
{
        static const EntryKind kinds[] = { ENTRY_SCREENED, ENTRY_SESSION_BEGUN, ENTRY_PAIN,
                ENTRY_SESSION_ENDED, ENTRY_PAIN, ENTRY_FAULT };

        assert_int_equal(site->n_loaded, from + ELEMENTSOF(kinds));
        for (unsigned i = 0; i < ELEMENTSOF(kinds); i++)
                assert_int_equal(site->loaded[from + i].kind, kinds[i]);
        assert_int_equal(site->loaded[from + 3].session.dose.charged_ms, 50000);
        assert_string_equal(site->loaded[from + 3].session.end, "finished");
}

/* As far as it gets; true: nothing broke. */
static bool settles(LedgerSite *site)
{
        uint64_t until_ms = clock_now_ms() + 10000;

        while (ledger_state(site->ledger) != LEDGER_BROKEN &&
                        (site->durable < site->ticket ||
                                        ledger_state(site->ledger) != LEDGER_READY)) {
                assert_true(clock_now_ms() < until_ms);
                assert_true(sd_event_run(site->event, 10000 * USEC_PER_MS) >= 0);
        }

        return ledger_state(site->ledger) == LEDGER_READY;
}

static void mend(LedgerSite *site)
{
        disk_mend();
        ledger_retry(site->ledger);
        site_await_state(site, LEDGER_READY);
        site_await_durable(site, site->ticket);
}

/* What the second ledger of a story reads. */
static void check_kept(LedgerSite *site)
{
        mend(site);
        check_story(site, 0);
        assert_int_equal(site->n_opened, 1);
        site_reopen(site);
        check_story(site, 0);
        assert_false(site_has(site, "ledger.db.damaged-1"));
}

/* From the making of the file to its last entry, the n-th call fails, once or for ever. Returns
 * whether there was an n-th. */
static bool write_on(LedgerSite *site, DiskCall call, unsigned n, unsigned count, int error)
{
        unsigned n_entries;
        const Entry *entries = story(&n_entries);
        bool failed, ready = true;

        disk_fail(call, n, count, error);
        site_open(site);
        for (unsigned i = 0; i < n_entries; i++) {
                (void) site_enter_only(site, &entries[i]);
                ready = settles(site) && ready;
        }
        failed = disk_failed();
        if (failed && count == 0 && call != DISK_TRUNCATE)
                assert_int_equal(ledger_state(site->ledger), LEDGER_BROKEN);
        if (ledger_state(site->ledger) == LEDGER_BROKEN)
                assert_true(failed);

        mend(site);
        site_close(site);
        return failed;
}

static void check_every(void **state, DiskCall call, unsigned count, int error)
{
        unsigned n = 1;
        bool failed = true;

        for (; failed && n < 500; n++) {
                LedgerSite *site;

                (void) setup((void **) &site);
                failed = write_on(site, call, n, count, error);
                site_open(site);
                check_kept(site);
                (void) teardown((void **) &site);
        }

        assert_true(n > 2 && n < 500);
}

static void no_room_at_every_write(void **state)
{
        check_every(state, DISK_WRITE, 0, ENOSPC);
        check_every(state, DISK_WRITE, 1, ENOSPC);
}

static void every_write_fails(void **state)
{
        check_every(state, DISK_WRITE, 0, EIO);
        check_every(state, DISK_WRITE, 1, EIO);
}

/* The data was written, and its sync failed: nobody knows what is on the disk. It is neither said
 * to be there, nor entered twice. */
static void every_sync_fails(void **state)
{
        check_every(state, DISK_SYNC, 0, EIO);
        check_every(state, DISK_SYNC, 1, EIO);
}

static void every_open_fails(void **state)
{
        check_every(state, DISK_OPEN, 0, EROFS);
        check_every(state, DISK_OPEN, 1, EMFILE);
}

static void every_read_fails_while_writing(void **state)
{
        check_every(state, DISK_READ, 0, EIO);
        check_every(state, DISK_READ, 1, EIO);
}

/* Old entries that still count, and more new ones than lie in memory at once. */
static void tell_long_story(LedgerSite *site, int n_new)
{
        unsigned n_old;
        const Entry *old = story(&n_old);

        site_open_ready(site);
        for (unsigned i = 0; i < n_old; i++)
                (void) site_enter(site, &old[i]);
        for (int i = 0; i < n_new; i++) {
                Entry entry = site_pain(2 * LEDGER_LOOK_BACK_S + i, LEG_LEFT, 1);

                (void) site_enter_only(site, &entry);
                if (i % 200 == 199)
                        site_await_durable(site, site->ticket);
        }
        site_close(site);
}

/* The screening, the session, and all that is new, each once. */
static void check_long_story(const LedgerSite *site, unsigned n_new)
{
        static const EntryKind kinds[] = { ENTRY_SCREENED, ENTRY_SESSION_BEGUN,
                ENTRY_SESSION_ENDED };
        const unsigned n_old = ELEMENTSOF(kinds);

        assert_int_equal(site->n_opened, 1);
        assert_int_equal(site->n_loaded, n_old + n_new);
        for (unsigned i = 0; i < n_old; i++)
                assert_int_equal(site->loaded[i].kind, kinds[i]);
        for (unsigned i = 0; i < n_new; i++)
                assert_int_equal(site->loaded[n_old + i].at.day_s,
                                SITE_DAY_S + 2 * LEDGER_LOOK_BACK_S + i);
}

/* While it is read back: what the loop was given is not given again. */
static void every_read_fails_while_reading(void **state)
{
        LedgerSite *site = *state;
        unsigned n = 1, in_the_midst = 0;
        bool failed = true;

        tell_long_story(site, 1000);
        for (; failed; n++) {
                disk_fail(DISK_READ, n, 0, EIO);
                site_open(site);
                (void) settles(site);
                failed = disk_failed();
                in_the_midst += failed && site->n_loaded > 0;
                mend(site);
                check_long_story(site, 1000);
                site_close(site);
        }
        assert_true(in_the_midst > 3);
        assert_false(site_has(site, "ledger.db.damaged-1"));
}

static void sentence_says(LedgerSite *site, DiskCall call, int error, const char *part)
{
        Entry entry = site_pain(1, LEG_LEFT, 1);

        disk_fail(call, 1, 0, error);
        (void) site_enter_only(site, &entry);
        site_await_state(site, LEDGER_BROKEN);
        if (!strstr(ledger_reason(site->ledger), part))
                fail_msg("\"%s\" is not in: %s", part, ledger_reason(site->ledger));
        assert_int_equal(site->durable, 0);
}

static void a_full_disk_is_told(void **state)
{
        LedgerSite *site = *state;
        Entry entry = site_pain(2, LEG_LEFT, 2);

        site_open_ready(site);
        sentence_says(site, DISK_WRITE, ENOSPC, "make room on the disk that holds /");

        /* The next entry tries again by itself. */
        disk_mend();
        (void) site_enter_only(site, &entry);
        site_await_state(site, LEDGER_READY);
        site_await_durable(site, 2);
        site_reopen(site);
        assert_int_equal(site->n_loaded, 2);
}

/* SR-PAIN: that a leg is closed does not stand in memory only until somebody comes by. */
static void what_waits_is_written_once_the_disk_is_well(void **state)
{
        LedgerSite *site = *state;
        Entry stop = site_stop(2, LEG_LEFT);

        site_open_ready(site);
        disk_fail(DISK_WRITE, 1, 0, ENOSPC);
        hasty = true;
        (void) site_enter_only(site, &stop);
        while (!disk_failed() || ledger_state(site->ledger) != LEDGER_BROKEN)
                assert_true(sd_event_run(site->event, UINT64_MAX) >= 0);
        assert_int_equal(site->durable, 0);

        disk_mend();
        site_await_state(site, LEDGER_READY);
        site_await_durable(site, site->ticket);
}

static void check_idle(LedgerSite *site)
{
        for (unsigned n = 0; sd_event_run(site->event, 0) > 0; n++)
                assert_true(n < 10);
}

static void nothing_wakes_up_where_nothing_waits(void **state)
{
        LedgerSite *site = *state;
        Entry stop = site_stop(2, LEG_LEFT);

        site_open_ready(site);
        hasty = true;
        (void) site_enter(site, &stop);
        site_await_state(site, LEDGER_READY);
        check_idle(site);
        site_close(site);

        disk_fail(DISK_OPEN, 1, 0, EROFS);
        site_open(site);
        site_await_state(site, LEDGER_BROKEN);
        while (!disk_failed())
                assert_true(sd_event_run(site->event, TICK_MS * USEC_PER_MS) >= 0);
        check_idle(site);
}

static void a_disk_that_is_read_only_is_told(void **state)
{
        LedgerSite *site = *state;
        Entry entry = site_pain(1, LEG_LEFT, 1);

        site_open_ready(site);
        site_close(site);
        disk_fail(DISK_OPEN, 1, 0, EROFS);
        site_open(site);
        (void) site_enter_only(site, &entry);
        site_await_state(site, LEDGER_BROKEN);
        assert_non_null(strstr(ledger_reason(site->ledger), "make the disk writable"));
        mend(site);
        site_reopen(site);
        assert_int_equal(site->n_loaded, 1);
}

static void a_broken_disk_is_told(void **state)
{
        LedgerSite *site = *state;

        site_open_ready(site);
        sentence_says(site, DISK_SYNC, EIO, "look after it");
        mend(site);
        site_reopen(site);
        assert_int_equal(site->n_loaded, 1);
}

static unsigned count_threads(void)
{
        struct stat st;

        assert_int_equal(stat("/proc/self/task", &st), 0);
        return (unsigned) st.st_nlink - 2;
}

/* A disk that hangs does not hold up the end: what was entered may be lost, but that was not
 * said to be durable. The thread ends when the disk lets it. */
static void a_disk_that_hangs_does_not_hold_up_the_end(void **state)
{
        LedgerSite *site = *state;
        Entry entry = site_pain(1, LEG_LEFT, 1);
        unsigned threads = count_threads();
        uint64_t from_ms, took_ms;

        site_open_ready(site);
        disk_hold(true);
        (void) site_enter_only(site, &entry);
        while (disk_held() == 0)
                (void) sd_event_run(site->event, TICK_MS * USEC_PER_MS);

        from_ms = clock_now_ms();
        site_close(site);
        took_ms = clock_now_ms() - from_ms;
        assert_true(took_ms >= LEDGER_FREE_MS - 100 && took_ms < LEDGER_FREE_MS + 5000);
        assert_int_equal(disk_held(), 1);

        disk_hold(false);
        while (count_threads() > threads)
                assert_true(clock_now_ms() < from_ms + 20000);
        site_open_ready(site);
        assert_int_equal(site->n_loaded, 1);
}

/* At the end it is tried once more. */
static void the_end_tries_again(void **state)
{
        LedgerSite *site = *state;

        site_open_ready(site);
        sentence_says(site, DISK_WRITE, ENOSPC, "disk is full");
        disk_mend();
        site_reopen(site);
        assert_int_equal(site->n_loaded, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_loop_goes_on_while_the_disk_is_slow),
                TEST(nothing_is_durable_before_its_sync),
                TEST(a_full_queue_breaks_it_and_keeps_what_closes_a_leg),
                TEST(what_found_no_place_uses_up_the_day),
                TEST(a_slow_disk_is_not_broken),
                TEST(a_disk_that_hangs_is_told),
                TEST(a_disk_that_hangs_at_first_is_told),
                TEST(no_room_at_every_write),
                TEST(every_write_fails),
                TEST(every_sync_fails),
                TEST(every_open_fails),
                TEST(every_read_fails_while_writing),
                TEST(every_read_fails_while_reading),
                TEST(a_full_disk_is_told),
                TEST(what_waits_is_written_once_the_disk_is_well),
                TEST(nothing_wakes_up_where_nothing_waits),
                TEST(a_disk_that_is_read_only_is_told),
                TEST(a_broken_disk_is_told),
                TEST(a_disk_that_hangs_does_not_hold_up_the_end),
                TEST(the_end_tries_again),
        };

        disk_install();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
