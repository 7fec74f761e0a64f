/* SPDX-License-Identifier: MIT */

/* How kneed begins and ends, and that the last thing a massager hears is stop. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "tests/bus/kneectl.h"
#include "tests/bus/witness.h"
#include "tests/unit/cmocka-all.h"

#define LOG_SIZE 8192u

static void begin_playing(Stage *stage)
{
        client_do(stage_client(stage), KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 2,
                        "detach", "b", 1, "nothing_new", "b", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
}

/* All that kneed wrote is there when it is gone: the massager was stopped by it, and did not have
 * to notice its silence. */
static void check_last_words(Stage *stage)
{
        RecordFile *record = &stage->record;
        size_t zero, idle, armed;

        record_file_read(record);
        assert_true(record->rest_ms > 0);
        armed = record_file_await(record, 0, record_is_armed);
        idle = record_file_await(record, armed, record_is_idle);
        assert_int_equal(record->lines[idle].faults, 0);
        for (zero = idle; !record_is_frame(&record->lines[zero]); zero--)
                ;
        assert_int_equal(record_line_peak(&record->lines[zero]), 0);
        for (size_t i = idle; i < record->n; i++)
                assert_false(record_is_frame(&record->lines[i]) &&
                                record_line_peak(&record->lines[i]) > 0);
}

static void check_end_by(void **state, int signal)
{
        Stage *stage = *state;

        begin_playing(stage);
        assert_int_equal(stage_end_kneed(stage, signal), EXIT_SUCCESS);
        check_last_words(stage);
        client_await_end(stage->clients[0], SESSION_PATH(1), "shutdown");
}

static void test_sigterm(void **state)
{
        check_end_by(state, SIGTERM);
}

static void test_sigint(void **state)
{
        check_end_by(state, SIGINT);
}

/* Nobody listens any more, so nobody could stop it. */
static void test_bus_goes_away(void **state)
{
        Stage *stage = *state;
        Child *kneed = stage->kneed;

        begin_playing(stage);
        stage->kneed = NULL;
        child_signal(stage->bus, SIGKILL);
        assert_int_equal(child_await(stage->bus), 128 + SIGKILL);
        /* Not a success: who watches over it starts it again. */
        assert_int_equal(child_await(kneed), EXIT_FAILURE);
        check_last_words(stage);
}

/* A sentence without the shorthand of programmers. */
static void check_says(const Stage *stage, const char *log, const char *words)
{
        char text[LOG_SIZE];

        stage_read(stage, log, text, sizeof(text));
        if (!strstr(text, words))
                fail_msg("kneed says \"%s\", not \"%s\"", text, words);
}

static void test_second_kneed(void **state)
{
        Stage *stage = *state;
        char record[128];
        Witness witness;
        Child *second;

        (void) snprintf(record, sizeof(record), "%s/second-record", stage->dir);
        witness_begin(&witness, stage);
        second = stage_spawn_kneed(stage, record, "second.log");
        assert_int_equal(child_await(second), EXIT_FAILURE);
        check_says(stage, "second.log", "another kneed may be running");
        witness_end(&witness);
}

static void check_wrong_config(void **state, const char *file, const char *text, const char *place)
{
        Stage *stage = *state;
        Child *kneed;

        stage_write(stage, file, text);
        kneed = stage_spawn_kneed(stage, stage->record_path, "kneed.log");
        assert_int_equal(child_await(kneed), EXIT_FAILURE);
        check_says(stage, "kneed.log", place);
        check_says(stage, "kneed.log", "so kneed does not start");
        /* It did not even touch the massager. */
        record_file_read(&stage->record);
        assert_int_equal(stage->record.n, 0);
}

static void test_wrong_kneed_conf(void **state)
{
        check_wrong_config(state, "etc/kneed.conf", "run = {\n  minutes = 21;\n};\n",
                        "kneed.conf:2: ");
}

static void test_wrong_limits_conf(void **state)
{
        check_wrong_config(
                        state, "etc/limits.conf", "\n\nlevel_permille = 801;\n", "limits.conf:3: ");
}

static void test_wrong_routine(void **state)
{
        check_wrong_config(state, "etc/routines.d/mine.conf",
                        "routines = (\n  { name = \"mine\"; }\n", "mine.conf:");
}

/* The vendor's files are gone: it says so, and so does whoever is asked to play. */
static void test_no_routines(void **state)
{
        Stage *stage = *state;
        char path[STAGE_PATH_SIZE];
        const char *const argv[] = { KNEED_PROGRAM, "--user", "--virtual", "--data-dir", path,
                "--config-dir", path, "--state-dir", path, NULL };
        Kneectl k;

        (void) snprintf(path, sizeof(path), "%.63s/etc", stage->dir);
        stage_await_kneed(stage,
                        stage_spawn(stage, argv, (ChildFiles){ .in = -1, .out = -1, .err = -1 }));
        assert_int_equal(KNEECTL(&k, stage, "routines"), EXIT_SUCCESS);
        assert_string_equal(k.said, "There is no routine.\n");
        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new"), 3);
        assert_non_null(strstr(k.complained, "There is no routine at all; install kneed's"));
}

static void test_no_bus(void **state)
{
        Stage *stage = *state;

        child_signal(stage->bus, SIGKILL);
        (void) child_await(stage->bus);
        assert_int_equal(child_await(stage_spawn_kneed(stage, stage->record_path, "kneed.log")),
                        EXIT_FAILURE);
        check_says(stage, "kneed.log", "Cannot connect to the bus");
}

/* Whoever takes the place of a kneed that was killed finds a name that is free, and a massager that
 * begins at rest. */
static void test_after_a_kill(void **state)
{
        Stage *stage = *state;
        size_t n;

        begin_playing(stage);
        assert_int_equal(stage_end_kneed(stage, SIGKILL), 128 + SIGKILL);
        record_file_read(&stage->record);
        n = stage->record.n;

        stage_start_kneed(stage);
        record_file_read(&stage->record);
        assert_true(stage->record.n > n);
        assert_true(record_is_idle(&stage->record.lines[n]));
        (void) client_run(stage_client(stage), "friction", 1);
        (void) record_file_await(&stage->record, n, record_is_moving);
}

#define TEST(f)       cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)
#define TEST_ALONE(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_sigterm),
                TEST(test_sigint),
                TEST(test_bus_goes_away),
                TEST(test_second_kneed),
                TEST_ALONE(test_wrong_kneed_conf),
                TEST_ALONE(test_wrong_limits_conf),
                TEST_ALONE(test_wrong_routine),
                TEST_ALONE(test_no_routines),
                TEST_ALONE(test_no_bus),
                TEST(test_after_a_kill),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
