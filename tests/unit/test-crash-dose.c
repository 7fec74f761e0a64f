/* SPDX-License-Identifier: MIT */
/* SR-CRASH: A session that plays for minutes, through the real manager and onto a real ledger, and
 * a kill at any moment of it. A session's time is the test's, so it takes no minutes. */
#include <stdio.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/manager-private.h"
#include "daemon/transport-virtual.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/ledger-site.h"
#include "tests/unit/shipped.h"

#define PLAYED_MS   180000u
#define KILLS       30u
#define DEADLINE_MS 20000u
#define COPY_MAX    (256u * 1024u)

static void turn(LedgerSite *site, uint64_t until_ms)
{
        assert_true(clock_now_ms() < until_ms);
        assert_true(sd_event_run(site->event, DEADLINE_MS * USEC_PER_MS) >= 0);
}

/* A healthy person, and a massager in software. */
static Manager *open_manager(LedgerSite *site)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;
        Screening screening = { 0 };
        RunRefusal refusal;
        Transport *transport;
        Manager *manager;

        assert_int_equal(manager_new(site->event, shipped_config(), site->state, &manager), 0);
        assert_int_equal(
                        transport_virtual_new(site->event, &sim_reference_design, NULL, &transport),
                        0);
        assert_int_equal(manager_add_transport(manager, transport), 0);
        while (history_state(manager->history) != LEDGER_READY || !manager_settled(manager))
                turn(site, until_ms);

        for (unsigned i = 0; screening_question(i); i++)
                screening.answers[i] = SCREENING_NO;
        assert_int_equal(manager_screen(manager, &screening, &refusal), 0);
        return manager;
}

static Player *run(LedgerSite *site, Manager *manager)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;
        RunRequest request = { .routine = "friction",
                .leg = LEG_LEFT,
                .has_minutes = true,
                .minutes = 10,
                .nothing_new = true };
        RunRefusal refusal = { 0 };
        Player *p;

        if (manager_run(manager, &request, &p, &refusal) < 0)
                fail_msg("%s", refusal.sentence);
        while (!p->session.armed)
                turn(site, until_ms);
        return p;
}

/* As the manager hears of a frame, once the disk has what was charged before it. */
static void play_a_frame(LedgerSite *site, Manager *manager, Player *p)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        p->session.played_ms += SESSION_FRAME_MS;
        manager_enter_frame(manager, p, governed_frame_zero());
        while (p->account.ticket != 0)
                turn(site, until_ms);
        if (p->told_ended)
                fail_msg("It ended after %u ms: %s", p->session.played_ms,
                                session_end_to_string(p->session.end));
}

static void copy(const LedgerSite *from, const LedgerSite *to, const char *name)
{
        static uint8_t bytes[COPY_MAX];
        char path[SITE_PATH_SIZE];
        size_t size;
        FILE *file;

        site_path(from, name, path);
        file = fopen(path, "re");
        assert_non_null(file);
        size = fread(bytes, 1, sizeof(bytes), file);
        assert_true(size < sizeof(bytes));
        assert_int_equal(fclose(file), 0);
        site_write_file(to, name, bytes, size);
}

/* What the next kneed would know of the session if this one were killed now. */
static uint32_t charged_after_a_kill_ms(const LedgerSite *site)
{
        const Entry *entry;
        LedgerSite *next;
        uint32_t charged_ms;

        (void) site_setup((void **) &next);
        assert_int_equal(mkdir(next->state, 0700), 0);
        copy(site, next, "ledger.db");
        copy(site, next, "ledger.db-wal");
        site_open_ready(next);
        entry = site_last_loaded(next);
        assert_true(entry->kind == ENTRY_SESSION_BEGUN || entry->kind == ENTRY_SESSION_CHARGED);
        charged_ms = entry->session.dose.charged_ms;
        (void) site_teardown((void **) &next);
        return charged_ms;
}

static void a_kill_at_any_moment_gives_no_dose_back(void **state)
{
        LedgerSite *site = *state;
        Manager *manager = open_manager(site);
        Player *p = run(site, manager);
        uint32_t next_ms = 0;
        unsigned kills = 0;

        while (p->session.played_ms < PLAYED_MS) {
                play_a_frame(site, manager, p);
                if (p->session.played_ms < next_ms)
                        continue;
                next_ms += PLAYED_MS / KILLS;
                kills++;
                assert_in_range(charged_after_a_kill_ms(site),
                                p->session.played_ms + ACCOUNT_CUT_OFF_MS,
                                p->session.played_ms + ACCOUNT_AHEAD_MS + ACCOUNT_CUT_OFF_MS);
        }
        assert_true(kills >= KILLS);
        manager_shut_down(manager);
        manager_free(manager);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                                a_kill_at_any_moment_gives_no_dose_back, site_setup, site_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
