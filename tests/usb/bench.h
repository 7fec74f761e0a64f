/* SPDX-License-Identifier: MIT */
#pragma once

/* kneed's manager and its USB side as the daemon puts them together, in the process of the test, on
 * a mock bus. Every turn of the loop is timed: whatever a massager does, the loop has to answer. */

#include <sys/types.h>

#include "daemon/clock.h"
#include "daemon/manager.h"
#include "daemon/usb.h"
#include "tests/unit/cmocka-all.h"
#include "tests/usb/mock-usb.h"

#define BENCH_DEADLINE_MS 8000u
#define BENCH_TURN_MAX_US 20000u /* the longest that one turn of the loop may take */
#define BENCH_SHORT_MS    2000u  /* of the routine "friction" here */
#define BENCH_LONGER_MS   12000u /* of "tapping": long enough to reach full strength */
#define BENCH_LOG_MAX     65536u
#define BENCH_ENDS_MAX    8u
#define BENCH_HELPERS_MAX 8u

/* What the daemon meant by a frame. */
typedef struct BenchFrame {
        unsigned session;
        uint16_t level_permille[KNEED_ACTUATORS_MAX];
} BenchFrame;

typedef struct Bench {
        MockBus *bus;
        sd_event *event;
        Usb *usb;
        Manager *manager;
        Config *config;     /* the manager's, for tests that change it as a reload would */
        char state_dir[32]; /* of the ledger */

        unsigned n_turns;
        uint64_t longest_us;

        /* heard from the manager */
        unsigned n_removed;
        unsigned n_ended;
        SessionEnd ends[BENCH_ENDS_MAX];
        uint64_t ended_at_ms; /* the last one */
        size_t n_frames;
        BenchFrame frames[MOCK_FRAMES_MAX];
} Bench;

/* For cmocka: *state is a Bench. The tear-down also holds that no turn took too long, and that no
 * transfer is left over. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

#define BENCH_TEST(f) cmocka_unit_test_setup_teardown(f, bench_set_up, bench_tear_down)

/* Begins to look for devices, those that are there already included. */
void bench_start(Bench *b, UsbAllow allow);

/* Ends all as the daemon does at its exit: sessions, massagers, USB. */
void bench_shut_down(Bench *b);

/* One turn of the loop, or a moment without one. Fails the test at the deadline. */
void bench_turn(Bench *b, uint64_t until_ms);

#define bench_wait(b, condition)                                              \
        do {                                                                  \
                uint64_t bench_until_ms = clock_now_ms() + BENCH_DEADLINE_MS; \
                                                                              \
                while (!(condition))                                          \
                        bench_turn(b, bench_until_ms);                        \
        } while (0)

/* What must happen within so many ms: longer under valgrind, where kneed waits for its processor.
 */
uint64_t bench_within(uint64_t ms);

/* Turns for so long, whatever happens. */
void bench_pass(Bench *b, uint64_t ms);

/* A massager with that serial number, plugged in at that port, that has become idle. */
Massager *bench_attach(Bench *b, const char *serial, unsigned port, MockDevice **ret);

/* The one with that id, NULL where there is none. */
Massager *bench_find(const Bench *b, const char *id);

/* Starts a session at full intensity; of the default leg, or the other. */
Player *bench_run(Bench *b, const char *routine, const char *massager, Leg leg);

/* The same on the left leg, and waits until its motors move. */
void bench_play(Bench *b, const char *routine, const Massager *m, MockDevice *d);
bool bench_moves(MockDevice *d);

/* What becomes of a massager, and what became of n sessions, which are all that ended. */
void bench_wait_massager(Bench *b, const char *id, const char *state, const char *reason);
void bench_assert_ends(const Bench *b, unsigned n, const char *reason);

/* Lines of the log that hold this text. */
unsigned bench_logged(const char *part);

typedef struct BenchRun {
        pid_t pid;
        bool may_fail; /* where another program has the interface, say */
} BenchRun;

/* The helpers that kneed asked for. They are run, but for those that reset a port: these only where
 * a test says so. */
typedef struct BenchHelper {
        bool resets;
        unsigned n_resets;
        unsigned n_detaches;
        unsigned n_returns;
        char arguments[64]; /* of the last one */
        BenchRun runs[BENCH_HELPERS_MAX];
        unsigned n_begun;
        unsigned n_ended;
} BenchHelper;

extern BenchHelper bench_helper;

/* Waits until all of them are done with what they were asked. The tear-down does so too. */
void bench_wait_helpers(void);
