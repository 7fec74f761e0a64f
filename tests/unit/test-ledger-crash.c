/* SPDX-License-Identifier: MIT */
/* SR-CRASH, SR-LEDGER: kneed dies, or the power fails, at any moment. What was said to be on the
 * disk is there afterwards, nothing is there twice, and nothing counts as damage. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/disk.h"
#include "tests/unit/ledger-site.h"

#define KILLS  200u
#define ROUNDS 10u /* on one file */
/* Of one life: more than are ever written before it is killed, and a few commits. */
#define KILLED_ENTRIES (SITE_LOADED_MAX / ROUNDS)
#define CUT_ENTRIES    10u

typedef struct Writer {
        sd_event *event;
        Ledger *ledger;
        int fd; /* where it says what is durable */
        unsigned first, entered, most;
} Writer;

static void ignore_opened(void *userdata, const Moment *last)
{
}

static void ignore_loaded(void *userdata, const Entry *entry)
{
}

static void ignore_changed(void *userdata)
{
}

/* The entries of a writer are numbered by their seconds. */
static void enter_some(Writer *writer)
{
        unsigned n = 1 + writer->entered % 3;

        for (unsigned i = 0; i < n && writer->entered < writer->most; i++) {
                Entry entry = site_pain(writer->first + writer->entered, LEG_LEFT, 1);

                if (ledger_enter(writer->ledger, &entry, NULL) < 0)
                        _exit(EXIT_FAILURE);
                writer->entered++;
        }
}

static void on_durable(void *userdata, uint64_t ticket)
{
        Writer *writer = userdata;
        uint32_t durable = writer->first + (uint32_t) ticket;

        if (write(writer->fd, &durable, sizeof(durable)) != sizeof(durable))
                _exit(EXIT_FAILURE);
        enter_some(writer);
}

static const LedgerListener listener = {
        .opened = ignore_opened,
        .loaded = ignore_loaded,
        .durable = on_durable,
        .changed = ignore_changed,
};

/* Writes so many entries, and ends. */
static _Noreturn void run_writer(const LedgerSite *site, int fd, unsigned first, unsigned most)
{
        Writer writer = { .fd = fd, .first = first, .most = most };

        if (sd_event_new(&writer.event) < 0 || ledger_new(writer.event, site->state, &listener,
                                                               &writer, &writer.ledger) < 0)
                _exit(EXIT_FAILURE);

        enter_some(&writer);
        while (sd_event_run(writer.event, UINT64_MAX) >= 0)
                if (writer.entered == writer.most)
                        break;
        ledger_free(writer.ledger);
        _exit(EXIT_SUCCESS);
}

typedef struct Cut {
        DiskCall call;
        unsigned n;
        uint64_t seed;
} Cut;

typedef struct Death {
        bool killed;      /* it did not come to its end */
        unsigned durable; /* as many entries it said to be on the disk, with those before */
} Death;

static void nap(uint64_t usec)
{
        const struct timespec delay = { .tv_nsec = (long) usec * 1000 };

        (void) clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
}

/* kill_usec: kills it so long after its birth; 0: not. */
static Death watch_writer(
                const LedgerSite *site, unsigned first, const Cut *cut, uint64_t kill_usec)
{
        Death death = { .durable = first };
        uint32_t durable;
        int fds[2], status;
        pid_t pid;

        assert_int_equal(pipe(fds), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void) close(fds[0]);
                if (cut)
                        disk_cut(cut->call, cut->n, cut->seed);
                run_writer(site, fds[1], first, cut ? CUT_ENTRIES : KILLED_ENTRIES);
        }

        (void) close(fds[1]);
        if (kill_usec > 0) {
                nap(kill_usec);
                assert_int_equal(kill(pid, SIGKILL), 0);
        }
        while (read(fds[0], &durable, sizeof(durable)) == sizeof(durable))
                death.durable = durable;
        (void) close(fds[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        death.killed = WIFSIGNALED(status);
        if (!death.killed)
                assert_int_equal(WEXITSTATUS(status), EXIT_SUCCESS);
        return death;
}

/* Returns how many there are: all from the first on, each once. */
static unsigned check_kept(LedgerSite *site, const Death *death)
{
        unsigned n;

        site_open_ready(site);
        n = site->n_loaded;
        assert_true(n >= death->durable);
        for (unsigned i = 0; i < n; i++) {
                assert_int_equal(site->loaded[i].kind, ENTRY_PAIN);
                assert_int_equal(site->loaded[i].at.day_s, SITE_DAY_S + i);
        }
        site_close(site);
        assert_false(site_has(site, "ledger.db.damaged-1"));
        return n;
}

static void killed_at_any_time(void **state)
{
        Random random = { 4 };
        unsigned killed = 0, with_entries = 0;

        for (unsigned i = 0; i < KILLS;) {
                LedgerSite *site;
                unsigned n = 0;

                (void) site_setup((void **) &site);
                for (unsigned k = 0; k < ROUNDS; k++, i++) {
                        uint64_t usec = (uint64_t) random_between(&random, 1, 20000);
                        Death death = watch_writer(site, n, NULL, usec);

                        killed += death.killed;
                        with_entries += death.durable > n;
                        n = check_kept(site, &death);
                }
                (void) site_teardown((void **) &site);
        }

        assert_true(killed > KILLS / 4);
        print_message("%u killed, %u with entries on the disk\n", killed, with_entries);
}

/* From the making of the file on: twice the same, so that the second finds a ledger. */
static bool cut_off(const Cut *cut)
{
        LedgerSite *site;
        Death death;
        bool killed;
        unsigned n;

        (void) site_setup((void **) &site);
        death = watch_writer(site, 0, cut, 0);
        killed = death.killed;
        n = check_kept(site, &death);
        death = watch_writer(site, n, cut, 0);
        (void) check_kept(site, &death);
        (void) site_teardown((void **) &site);
        return killed;
}

static void the_power_fails_at_every(DiskCall call)
{
        unsigned n = 1;

        for (bool killed = true; killed; n++) {
                killed = false;
                for (uint64_t seed = 1; seed <= 2; seed++) {
                        Cut cut = { call, n, seed * 77 + n };

                        killed = cut_off(&cut) || killed;
                }
        }

        assert_true(n > 2);
}

static void the_power_fails_at_every_write(void **state)
{
        the_power_fails_at_every(DISK_WRITE);
}

static void the_power_fails_at_every_sync(void **state)
{
        the_power_fails_at_every(DISK_SYNC);
}

static void the_power_fails_at_every_truncation(void **state)
{
        the_power_fails_at_every(DISK_TRUNCATE);
}

/* Breaks it by so many syncs that fail in the midst of it, tries again until it is mended, and says
 * what is durable then. */
static _Noreturn void run_broken_writer(LedgerSite *site, int fd, unsigned n)
{
        uint32_t durable;

        assert_int_equal(sd_event_new(&site->event), 0); /* that of the parent stays with it */
        disk_cut(DISK_OPEN, 0, 1); /* never, but what is not synced is known */
        site_open_ready(site);
        for (unsigned i = 0; i < 3; i++) {
                Entry entry = site_pain(i, LEG_LEFT, 1);

                if (i == 1)
                        disk_fail(DISK_SYNC, 1, n, EIO);
                (void) site_enter_only(site, &entry);
                while (site->durable < site->ticket && ledger_state(site->ledger) != LEDGER_BROKEN)
                        (void) sd_event_run(site->event, UINT64_MAX);
                while (site->durable < site->ticket) {
                        ledger_retry(site->ledger);
                        (void) sd_event_run(site->event, USEC_PER_MS);
                }
        }

        durable = (uint32_t) site->durable;
        (void) !write(fd, &durable, sizeof(durable));
        disk_cut_now(true);
}

/* After a sync that failed, the next one says that all is well, and what the first should have
 * brought to the disk is not there. */
static void a_failed_sync_is_not_believed_afterwards(void **state)
{
        for (unsigned n = 1; n <= 4; n++) {
                Death death = { .killed = false };
                LedgerSite *site;
                uint32_t durable = 0;
                int fds[2], status;
                pid_t pid;

                (void) site_setup((void **) &site);
                assert_int_equal(pipe(fds), 0);
                pid = fork();
                assert_true(pid >= 0);
                if (pid == 0)
                        run_broken_writer(site, fds[1], n);

                (void) close(fds[1]);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(WIFSIGNALED(status));
                assert_int_equal(read(fds[0], &durable, sizeof(durable)), sizeof(durable));
                (void) close(fds[0]);
                assert_int_equal(durable, 3);
                death.durable = durable;
                (void) check_kept(site, &death);
                (void) site_teardown((void **) &site);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(killed_at_any_time),
                cmocka_unit_test(the_power_fails_at_every_write),
                cmocka_unit_test(the_power_fails_at_every_sync),
                cmocka_unit_test(the_power_fails_at_every_truncation),
                cmocka_unit_test(a_failed_sync_is_not_believed_afterwards),
        };

        disk_install();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
