/* SPDX-License-Identifier: MIT */

/* A massager that has just been attached: nobody waits long for what is still being found out, and
 * when all is found out nothing wakes the loop any more. */

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/manager.h"
#include "daemon/transport-virtual.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/shipped.h"

#define DEADLINE_MS 20000u
#define MINUTE_MS   60000u

typedef struct Home {
        sd_event *event;
        Config *config;
        Manager *manager;
        char state_dir[32];
} Home;

static unsigned n_unsuited;

/* In the place of the daemon's own. */
void log_fields(int level, const LogFields *fields, const char *format, ...)
{
        n_unsuited += strstr(format, "does not suit") != NULL;
}

static void turn_until(Home *home, bool (*done)(Home *home))
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        while (!done(home)) {
                assert_true(clock_now_ms() < until_ms);
                assert_true(sd_event_run(home->event, DEADLINE_MS * USEC_PER_MS) >= 0);
        }
}

static bool ledger_is_read(Home *home)
{
        return history_state(manager_history(home->manager)) == LEDGER_READY;
}

static bool massager_is_idle(Home *home)
{
        const Massager *m = manager_massager(home->manager, 0);

        return m && massager_state(m) == MASSAGER_IDLE;
}

static int set_up(void **state)
{
        Home *home = calloc(1, sizeof(*home));
        Screening screening = { 0 };
        RunRefusal refusal;

        assert_non_null(home);
        *state = home;
        n_unsuited = 0;
        (void) snprintf(home->state_dir, sizeof(home->state_dir), "/tmp/kneed-render.XXXXXX");
        assert_non_null(mkdtemp(home->state_dir));
        assert_int_equal(sd_event_new(&home->event), 0);
        home->config = shipped_config();
        assert_int_equal(
                        manager_new(home->event, home->config, home->state_dir, &home->manager), 0);
        turn_until(home, ledger_is_read);
        for (unsigned i = 0; screening_question(i); i++)
                screening.answers[i] = SCREENING_NO;
        assert_int_equal(manager_screen(home->manager, &screening, &refusal), 0);
        return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static int tear_down(void **state)
{
        Home *home = *state;

        manager_shut_down(home->manager);
        manager_free(home->manager);
        sd_event_unref(home->event);
        (void) nftw(home->state_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        free(home);
        return 0;
}

/* Returns as soon as it has said what it is. */
static void attach(Home *home)
{
        Transport *transport;

        assert_int_equal(
                        transport_virtual_new(home->event, &sim_reference_design, NULL, &transport),
                        0);
        assert_int_equal(manager_add_transport(home->manager, transport), 0);
        turn_until(home, massager_is_idle);
}

static void make_long(Home *home)
{
        for (size_t i = 0; i < home->config->n_routines; i++)
                assert_int_equal(routine_scale(&home->config->routines[i], 20 * MINUTE_MS), 0);
}

static int run(Home *home, const char *routine, RunRefusal *refusal)
{
        const RunRequest request = { .routine = routine, .leg = LEG_LEFT, .nothing_new = true };
        Player *p;

        return manager_run(home->manager, &request, &p, refusal);
}

/* Ten minutes are found out at once. */
static void what_is_short_starts_at_once(void **state)
{
        Home *home = *state;
        RunRefusal refusal;

        attach(home);
        assert_int_equal(run(home, "tapping", &refusal), 0);
}

/* Returns how many turns the loop had something to do. */
static unsigned turn_until_quiet(Home *home)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;
        unsigned turns = 0;

        while (sd_event_run(home->event, 100 * USEC_PER_MS) > 0) {
                assert_true(clock_now_ms() < until_ms);
                turns++;
        }
        return turns;
}

/* 20 would keep the loop for longer than a frame. They go on by themselves. */
static void what_is_long_starts_in_a_moment(void **state)
{
        Home *home = *state;
        RunRefusal refusal;

        make_long(home);
        attach(home);
        assert_int_equal(run(home, "tapping", &refusal), -EPERM);
        assert_int_equal(refusal.why, REFUSAL_MASSAGER_NOT_READY);
        assert_non_null(strstr(refusal.sentence, "try again in a moment"));
        assert_true(turn_until_quiet(home) > 100);
        assert_int_equal(run(home, "tapping", &refusal), 0);
}

/* All of it, once; and then there is nothing to do. */
static void when_all_is_found_out_nothing_wakes_the_loop(void **state)
{
        Home *home = *state;
        char sentence[MANAGER_UNSUITED_MAX];

        home->config->limits.busy_s = 10; /* before the massager comes */
        attach(home);
        assert_true(turn_until_quiet(home) > 100);
        assert_true(n_unsuited > 0 && n_unsuited <= home->config->n_routines);
        for (size_t i = 0; i < home->config->n_routines; i++)
                n_unsuited -= manager_unsuited(home->manager, i, sentence);
        assert_int_equal(n_unsuited, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_is_short_starts_at_once),
                TEST(what_is_long_starts_in_a_moment),
                TEST(when_all_is_found_out_nothing_wakes_the_loop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
