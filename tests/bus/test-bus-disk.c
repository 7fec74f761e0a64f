/* SPDX-License-Identifier: MIT */

/* A disk that takes seconds: neither frames nor a stop wait for it; and what it does not take, is
 * not played. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/account.h"
#include "daemon/clock.h"
#include "tests/bus/stage.h"
#include "tests/unit/cmocka-all.h"

#define SYNC_MS "2000"
#define HANG_MS "60000"
#define FAILS   "-1"
/* Frames come every 20 ms, and a stop in a few. A wait for the disk is ten times that long. */
#define GAP_MS  200u
#define STOP_MS 200u

/* At once: kneed may ask at any moment, and an empty file is no answer. */
static void set_disk(Stage *stage, const char *ms)
{
        char from[STAGE_PATH_SIZE], to[STAGE_PATH_SIZE];

        stage_write(stage, "disk.new", ms);
        (void) snprintf(from, sizeof(from), "%.60s/disk.new", stage->dir);
        (void) snprintf(to, sizeof(to), "%.60s/disk", stage->dir);
        assert_int_equal(rename(from, to), 0);
}

/* The person is known before the disk gets slow. */
static Client *start_kneed(Stage *stage, const char *ms)
{
        char path[STAGE_PATH_SIZE];

        stage_start_kneed(stage);
        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
        record_file_read(&stage->record);

        set_disk(stage, ms);
        (void) snprintf(path, sizeof(path), "%.60s/disk", stage->dir);
        assert_int_equal(setenv("KNEED_SLOW_DISK", path, 1), 0);
        assert_int_equal(setenv("LD_PRELOAD", SLOW_DISK_LIBRARY, 1), 0);
        stage_start_kneed_unscreened(stage);
        assert_int_equal(unsetenv("LD_PRELOAD"), 0);
        return stage->clients[stage->n_clients - 1];
}

/* How many times the disk was asked, and whether it is busy. */
static unsigned count_syncs(Stage *stage, bool *ret_is_busy)
{
        char text[8192];
        unsigned n = 0, ended = 0;

        stage_read(stage, "disk.log", text, sizeof(text));
        for (const char *s = text; (s = strstr(s, " begin")); s++)
                n++;
        for (const char *s = text; (s = strstr(s, " end")); s++)
                ended++;
        *ret_is_busy = n > ended;
        return n;
}

static void run(Client *client)
{
        uint64_t deadline_ms = deadline_from_now();

        for (;;) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

                if (client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                                    "friction", 3, "minutes", "u", 5u, "nothing_new", "b", 1,
                                    "detach", "b", 1) >= 0)
                        return;
                /* A slow disk is slow to open, too. */
                if (!sd_bus_error_has_name(&error, KNEED_ERROR("LedgerUnavailable")) ||
                                deadline_left_ms(deadline_ms) == 0)
                        fail_msg("Run: %s: %s", error.name, error.message);
                client_take_for(client, 20);
        }
}

/* SR-DISK */
static void neither_frames_nor_a_stop_wait_for_the_disk(void **state)
{
        Stage *stage = *state;
        RecordFile *record = &stage->record;
        Client *client = start_kneed(stage, SYNC_MS);
        unsigned begun, syncs;
        uint64_t stop_ms;
        size_t from;
        bool is_busy;

        run(client);
        from = record_file_await(record, record->n, record_is_moving);
        from = record_file_await(record, from, record_is_frame);
        begun = count_syncs(stage, &is_busy);

        /* Until the ledger is being charged again, and well into it. */
        do {
                (void) record_file_await_frames(record, 10);
                syncs = count_syncs(stage, &is_busy);
                assert_true(record->lines[record->n - 1].ms < record->lines[from].ms + DEADLINE_MS);
        } while (syncs == begun || !is_busy);
        (void) record_file_await_frames(record, 25);

        stop_ms = clock_now_ms();
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL);
        (void) record_file_await(record, record->n - 1, record_is_idle);
        (void) count_syncs(stage, &is_busy);
        assert_true(is_busy);
        record_file_read(record);
        for (size_t i = from; i < record->n; i++)
                if (record->lines[i].kind == RECORD_STATE &&
                                record->lines[i].state == KNEED_STATE_IDLE) {
                        assert_true(record->lines[i].ms < stop_ms + STOP_MS);
                        (void) record_file_check_frames(record, from, i, GAP_MS);
                        return;
                }
        fail_msg("The massager was not stopped");
}

/* SR-LEDGER: a disk that hangs ends the session when what it took is used up. */
static void what_the_disk_does_not_take_is_not_played(void **state)
{
        Stage *stage = *state;
        RecordFile *record = &stage->record;
        Client *client = start_kneed(stage, "0"), *ear = stage_client(stage);
        uint64_t begin_ms, rest_ms;
        size_t first;

        client_listen(ear);
        run(client);
        first = record_file_await(record, record->n, record_is_moving);
        begin_ms = record->lines[first].ms;
        set_disk(stage, HANG_MS);

        client_take_for(client, ACCOUNT_AHEAD_MS - DEADLINE_MS / 2);
        client_await_end(ear, SESSION_PATH(1), "ledger");
        rest_ms = record_file_await_rest(record);
        assert_in_range(rest_ms - begin_ms, ACCOUNT_AHEAD_MS - ACCOUNT_CUT_OFF_MS,
                        ACCOUNT_AHEAD_MS + ACCOUNT_CUT_OFF_MS);

        /* It does not wait for such a disk for ever, and the dose is not given back. */
        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
        stage_start_kneed_unscreened(stage);
        assert_true(client_charged_ms(stage->clients[stage->n_clients - 1]) >= rest_ms - begin_ms);
}

/* SR-SCREENING: What forbids the massage ends it, also where it cannot be written down. */
static void answers_count_for_what_runs_without_a_disk(void **state)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        Stage *stage = *state;
        Client *client = start_kneed(stage, "0"), *ear = stage_client(stage);

        client_listen(ear);
        run(client);
        (void) record_file_await(&stage->record, stage->record.n, record_is_moving);
        set_disk(stage, FAILS);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "ReportPain", "sua{sv}", "left", 0u, 0);
        client_await_text(ear, KNEED_ROOT, "LedgerState", "broken");

        assert_true(sd_bus_message_new_method_call(client->bus, &call, KNEED_NAME, KNEED_ROOT,
                                    KNEED_MANAGER, "Screen") >= 0);
        client_append_answers(client, call, "infection", "yes");
        assert_true(sd_bus_call(client->bus, call, 0, &error, NULL) < 0);
        assert_string_equal(error.name, KNEED_ERROR("LedgerUnavailable"));
        client_await_end(ear, SESSION_PATH(1), "screening");
        set_disk(stage, "0");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(neither_frames_nor_a_stop_wait_for_the_disk),
                TEST(what_the_disk_does_not_take_is_not_played),
                TEST(answers_count_for_what_runs_without_a_disk),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
