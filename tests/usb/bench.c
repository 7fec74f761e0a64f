/* SPDX-License-Identifier: MIT */
#include "tests/usb/bench.h"

#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <valgrind/valgrind.h>

#include "daemon/log.h"
#include "tests/unit/shipped.h"
#include "tests/usb/turn-time.h"

#define VALGRIND_FACTOR 20u
#define TURN_MS         5u /* what a test waits for is not always an event of the loop */

BenchHelper bench_helper;

static char logged[BENCH_LOG_MAX];
static size_t n_logged;

int __real_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[],
                char *const environment[]);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[],
                char *const environment[]);

static void wait_helper(void)
{
        BenchHelper *h = &bench_helper;
        const BenchRun *run = &h->runs[h->n_ended++ % BENCH_HELPERS_MAX];
        int status;

        assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
        assert_true(WIFEXITED(status));
        assert_true(run->may_fail || WEXITSTATUS(status) == 0);
}

/* The linker puts it in the place of posix_spawn(). The program is not beside this one. */
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[],
                char *const environment[])
{
        bool is_reset = streq(arguments[1], "reset");
        BenchHelper *h = &bench_helper;
        int r;

        assert_null(arguments[is_reset ? 4 : 5]);
        assert_non_null(strstr(path, "/kneed-usb-helper"));
        (void) snprintf(h->arguments, sizeof(h->arguments), "%s %s %s %s", arguments[1],
                        arguments[2], arguments[3], is_reset ? "" : arguments[4]);
        *pid = -1;
        h->n_detaches += streq(arguments[1], "detach");
        h->n_returns += streq(arguments[1], "give-back");
        if (is_reset) {
                h->n_resets++;
                if (!h->resets)
                        return 0;
        }

        while (h->n_begun - h->n_ended == BENCH_HELPERS_MAX)
                wait_helper();
        r = __real_posix_spawn(
                        pid, KNEED_USB_HELPER_BUILT, actions, attributes, arguments, environment);
        if (r == 0)
                h->runs[h->n_begun++ % BENCH_HELPERS_MAX] = (BenchRun){ *pid,
                        streq(arguments[1], "detach") };
        return r;
}

void bench_wait_helpers(void)
{
        while (bench_helper.n_ended < bench_helper.n_begun)
                wait_helper();
}

/* In the place of the daemon's own, so that a test can read it. */
void log_fields(int level, const LogFields *fields, const char *format, ...)
{
        char line[1024];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(line, sizeof(line), format, ap);
        va_end(ap);
        (void) fprintf(stderr, "<%d>%s\n", level, line);
        n_logged += (size_t) snprintf(logged + n_logged, sizeof(logged) - n_logged, "%s\n", line);
        assert_true(n_logged < sizeof(logged));
}

unsigned bench_logged(const char *part)
{
        const char *at = logged;
        unsigned n = 0;

        while ((at = strstr(at, part)) && (at = strchr(at, '\n')))
                n++;

        return n;
}

static void on_massager(void *userdata, Massager *m)
{
}

static void on_massager_removed(void *userdata, Massager *m)
{
        Bench *b = userdata;

        b->n_removed++;
}

static void on_session(void *userdata, Player *p)
{
}

static void on_session_changed(void *userdata, Player *p, const PlayerView *before)
{
}

static void on_session_frame(void *userdata, Player *p, const GovernedFrame *frame)
{
        Bench *b = userdata;

        if (b->n_frames == MOCK_FRAMES_MAX)
                return;
        b->frames[b->n_frames].session = p->id;
        for (unsigned i = 0; i < governed_frame_size(frame); i++)
                b->frames[b->n_frames].level_permille[i] = (uint16_t) governed_frame_level(
                                frame, i);
        b->n_frames++;
}

static void on_session_ended(void *userdata, Player *p)
{
        Bench *b = userdata;

        assert_true(b->n_ended < BENCH_ENDS_MAX);
        b->ends[b->n_ended++] = p->session.end;
        b->ended_at_ms = clock_now_ms();
}

static void ignore_event(void *userdata)
{
}

static void ignore_load(void *userdata, unsigned load, const ConfigErrors *errors)
{
}

static const ManagerListener listener = {
        .massager_added = on_massager,
        .massager_changed = on_massager,
        .massager_removed = on_massager_removed,
        .session_added = on_session,
        .session_changed = on_session_changed,
        .session_frame = on_session_frame,
        .session_ended = on_session_ended,
        .ledger_changed = ignore_event,
        .config_changed = ignore_event,
        .config_loaded = ignore_load,
};

static Config *load_config(void)
{
        Config *config = shipped_config();

        config->allow_without_cut_off = true;
        for (size_t i = 0; i < config->n_routines; i++) {
                if (streq(config->routines[i].name, "friction"))
                        config->routines[i].steps[0].duration_ms = BENCH_SHORT_MS;
                else if (streq(config->routines[i].name, "tapping"))
                        config->routines[i].steps[0].duration_ms = BENCH_LONGER_MS;
        }
        return config;
}

/* A healthy person, who answered all questions. */
static void screen(Bench *b)
{
        uint64_t until_ms = clock_now_ms() + BENCH_DEADLINE_MS;
        Screening screening = { 0 };
        RunRefusal refusal = { 0 };

        for (unsigned i = 0; screening_question(i); i++)
                screening.answers[i] = SCREENING_NO;
        while (history_state(manager_history(b->manager)) != LEDGER_READY) {
                assert_true(clock_now_ms() < until_ms);
                assert_true(sd_event_run(b->event, BENCH_DEADLINE_MS * USEC_PER_MS) >= 0);
        }
        if (manager_screen(b->manager, &screening, &refusal) < 0)
                fail_msg("No screening: %s", refusal.sentence);
}

int bench_set_up(void **state)
{
        Bench *b = calloc(1, sizeof(*b));

        assert_non_null(b);
        *state = b;
        logged[0] = '\0';
        n_logged = 0;
        bench_helper = (BenchHelper){ 0 };
        b->bus = mock_bus_new();
        assert_int_equal(sd_event_new(&b->event), 0);
        (void) snprintf(b->state_dir, sizeof(b->state_dir), "/tmp/kneed-bench.XXXXXX");
        assert_non_null(mkdtemp(b->state_dir));
        b->config = load_config();
        assert_int_equal(manager_new(b->event, b->config, b->state_dir, &b->manager), 0);
        manager_set_listener(b->manager, &listener, b);
        screen(b);
        return 0;
}

static void on_arrived(void *userdata, Transport *transport)
{
        Bench *b = userdata;

        assert_int_equal(manager_add_transport(b->manager, transport), 0);
}

void bench_start(Bench *b, UsbAllow allow)
{
        assert_int_equal(usb_new(b->event, allow, on_arrived, b, &b->usb), 0);
}

void bench_shut_down(Bench *b)
{
        if (b->manager)
                manager_shut_down(b->manager);
        b->manager = manager_free(b->manager);
        b->usb = usb_free(b->usb);
}

static void remove_state(const char *dir)
{
        static const char *const names[] = { "ledger.db", "ledger.db-wal", "ledger.db-shm",
                "lock" };
        char path[64];

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
                (void) unlink(path);
        }
        assert_int_equal(rmdir(dir), 0);
}

int bench_tear_down(void **state)
{
        Bench *b = *state;
        uint64_t longest_us = b->longest_us;
        unsigned n_turns = b->n_turns;

        bench_shut_down(b);
        bench_wait_helpers();
        b->event = sd_event_unref(b->event);
        remove_state(b->state_dir);
        b->bus = mock_bus_free(b->bus);
        free(b);

        (void) fprintf(stderr, "%u turns, the longest took %lu us\n", n_turns, longest_us);
        /* valgrind takes its time with what it sees first. */
        if (longest_us <= BENCH_TURN_MAX_US || RUNNING_ON_VALGRIND)
                return 0;
        print_error("A turn of the loop took %lu us\n", longest_us);
        return -1;
}

void bench_turn(Bench *b, uint64_t until_ms)
{
        int64_t before_us;
        int r;

        if (clock_now_ms() >= until_ms)
                fail_msg("What was waited for did not happen");

        r = sd_event_prepare(b->event);
        if (r == 0)
                r = sd_event_wait(b->event, TURN_MS * USEC_PER_MS);
        assert_true(r >= 0);
        if (r == 0)
                return;

        before_us = turn_time_us();
        assert_true(sd_event_dispatch(b->event) >= 0);
        b->longest_us = MAX(b->longest_us, (uint64_t) MAX(turn_time_us() - before_us, 0));
        b->n_turns++;
}

uint64_t bench_within(uint64_t ms)
{
        return RUNNING_ON_VALGRIND ? VALGRIND_FACTOR * ms : ms;
}

void bench_pass(Bench *b, uint64_t ms)
{
        uint64_t end_ms = clock_now_ms() + ms;

        while (clock_now_ms() < end_ms)
                bench_turn(b, UINT64_MAX);
}

Massager *bench_find(const Bench *b, const char *id)
{
        Massager *m;

        for (size_t i = 0; (m = manager_massager(b->manager, i)); i++)
                if (streq(massager_id(m), id))
                        return m;

        return NULL;
}

Massager *bench_attach(Bench *b, const char *serial, unsigned port, MockDevice **ret)
{
        *ret = mock_device_new(b->bus, MOCK_MASSAGER, serial);
        mock_device_plug(*ret, port);
        if (!b->usb)
                bench_start(b, USB_ALLOW_WITH_CUT_OFF);
        bench_wait_massager(b, serial, "idle", "");
        return bench_find(b, serial);
}

Player *bench_run(Bench *b, const char *routine, const char *massager, Leg leg)
{
        const RunRequest request = {
                .routine = routine,
                .device = massager,
                .leg = leg,
                .has_intensity = true,
                .intensity_percent = 100,
                .nothing_new = true,
        };
        RunRefusal refusal = { 0 };
        Player *p = NULL;

        if (manager_run(b->manager, &request, &p, &refusal) < 0)
                fail_msg("No session: %s", refusal.sentence);
        return p;
}

bool bench_moves(MockDevice *d)
{
        MockTruth truth;

        mock_device_look(d, &truth);
        return truth.is_moving;
}

void bench_play(Bench *b, const char *routine, const Massager *m, MockDevice *d)
{
        (void) bench_run(b, routine, massager_id(m), LEG_LEFT);
        bench_wait(b, bench_moves(d));
}

static bool has_become(const Massager *m, const char *state, const char *reason)
{
        return m && streq(massager_state_to_string(massager_state(m)), state) &&
               streq(massager_reason(m), reason);
}

void bench_wait_massager(Bench *b, const char *id, const char *state, const char *reason)
{
        uint64_t until_ms = clock_now_ms() + BENCH_DEADLINE_MS;
        const Massager *m = bench_find(b, id);

        while (!has_become(m, state, reason)) {
                if (clock_now_ms() >= until_ms)
                        fail_msg("%s is %s (%s), not %s (%s)", id,
                                        m ? massager_state_to_string(massager_state(m))
                                          : "not there",
                                        m ? massager_reason(m) : "", state, reason);
                bench_turn(b, until_ms);
                m = bench_find(b, id);
        }
}

void bench_assert_ends(const Bench *b, unsigned n, const char *reason)
{
        assert_int_equal(b->n_ended, n);
        for (unsigned i = 0; i < n; i++)
                assert_string_equal(session_end_to_string(b->ends[i]), reason);
}
