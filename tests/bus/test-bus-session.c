/* SPDX-License-Identifier: MIT */

/* The life of a session, as clients see it, and what the massager's own record says of it. */

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/record-truth.h"
#include "tests/unit/cmocka-all.h"

#define SESSION       SESSION_PATH(1)
#define FIRST_MAX     400u /* per mille, of a first session */
#define QUIET_MS      400u
#define LEVEL_THAT_IS 40u /* per mille: enough to see a fall */

/* The least that a routine can be: its warm-up is a tenth of it. */
static const char short_routine[] = "routines = ({ name = \"short\"; steps = (\n"
                                    "  { technique = \"friction\"; minutes = 0.5; } ); });\n";

static Client *open_ear(Stage *stage)
{
        Client *ear = stage_client(stage);

        client_listen(ear);
        return ear;
}

/* The State that comes with InterfacesAdded. */
static void check_added(Client *ear, const char *path, const char *state)
{
        sd_bus_message *added = client_await(ear, KNEED_ROOT, "InterfacesAdded");
        const char *got, *interface, *key, *value = NULL;

        assert_true(sd_bus_message_read(added, "o", &got) > 0);
        assert_string_equal(got, path);
        assert_true(sd_bus_message_enter_container(added, 'a', "{sa{sv}}") > 0);
        while (!value && sd_bus_message_enter_container(added, 'e', "sa{sv}") > 0) {
                assert_true(sd_bus_message_read(added, "s", &interface) > 0);
                assert_true(sd_bus_message_enter_container(added, 'a', "{sv}") > 0);
                while (sd_bus_message_enter_container(added, 'e', "sv") > 0) {
                        assert_true(sd_bus_message_read(added, "s", &key) > 0);
                        if (streq(interface, KNEED_SESSION) && streq(key, "State"))
                                assert_true(sd_bus_message_read(added, "v", "s", &value) > 0);
                        else
                                assert_true(sd_bus_message_skip(added, "v") > 0);
                        assert_true(sd_bus_message_exit_container(added) >= 0);
                }
                assert_true(sd_bus_message_exit_container(added) >= 0);
                assert_true(sd_bus_message_exit_container(added) >= 0);
        }
        assert_non_null(value);
        assert_string_equal(value, state);
}

static void test_course(void **state)
{
        Stage *stage = *state;
        Client *ear, *client;

        stage_write(stage, "etc/routines.d/short.conf", short_routine);
        stage_start_kneed(stage);
        ear = open_ear(stage);
        client = stage_client(stage);

        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "short", 1, "nothing_new",
                        "b", 1);
        check_added(ear, SESSION, "starting");
        client_await_text(ear, SESSION, "State", "warming-up");
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "DurationMs"), 30000);
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "playing");
        client_await_text(ear, SESSION, "State", "playing");
        client_check_text(client, SESSION, KNEED_SESSION, "State", "playing");

        client_do(client, SESSION, KNEED_SESSION, "Stop", NULL);
        client_await_text(ear, SESSION, "State", "ended");
        client_await_end(ear, SESSION, "stopped");
        (void) client_await(ear, KNEED_ROOT, "InterfacesRemoved");
        client_await_text(ear, VIRTUAL_PATH, "State", "idle");
}

static void test_pause(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        RecordFile *record = &stage->record;
        uint64_t remaining_ms;
        size_t at;

        (void) client_run(client, "friction", 1);
        (void) record_file_await_level(record, 0, LEVEL_THAT_IS);
        client_do(client, SESSION, KNEED_SESSION, "Pause", NULL);
        client_await_text(ear, SESSION, "State", "paused");
        (void) record_file_await_rest(record);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Deadline"), 0);
        remaining_ms = client_get_number(client, SESSION, KNEED_SESSION, "RemainingMs");

        at = record->n;
        client_take_for(ear, QUIET_MS);
        record_file_read(record);
        assert_int_equal(record->n, at);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "RemainingMs"),
                        remaining_ms);
}

/* What was at 40 before a pause is not at 40 after it, but begins again. */
static void test_resume(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        RecordFile *record = &stage->record;
        size_t at;

        (void) client_run(client, "friction", 1);
        (void) record_file_await_level(record, 0, LEVEL_THAT_IS);
        client_do(client, SESSION, KNEED_SESSION, "Pause", NULL);
        (void) record_file_await_rest(record);

        at = record->n;
        client_do(client, SESSION, KNEED_SESSION, "Resume", NULL);
        client_await_text(ear, SESSION, "State", "paused");
        client_await_text(ear, SESSION, "State", "starting");
        client_await_text(ear, SESSION, "State", "warming-up");
        assert_true(client_get_number(client, SESSION, KNEED_SESSION, "Deadline") >
                        clock_now_ms() * USEC_PER_MS);

        at = record_file_await(record, at, record_is_armed);
        (void) record_file_await_level(record, at, LEVEL_THAT_IS);
        (void) check_truth(stage, &truth_of_friction);
}

static void test_ease(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);

        (void) client_run(client, "friction", 1);
        client_do(client, SESSION, KNEED_SESSION, "Ease", NULL);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Intensity"), 30);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Tempo"), 50);
        client_do(client, SESSION, KNEED_SESSION, "Ease", NULL);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Intensity"), 15);
        /* However often it hurts, it gets less and stays a session. */
        for (unsigned i = 0; i < 20; i++)
                client_do(client, SESSION, KNEED_SESSION, "Ease", NULL);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Intensity"), 1);
        (void) record_file_await_frames(&stage->record, 5);
}

static void test_skip(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        uint64_t duration_ms;

        (void) client_run(client, "daily", 1);
        client_await_text(ear, SESSION, "State", "warming-up");
        client_check_text(client, SESSION, KNEED_SESSION, "Technique", "tapping");
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Steps"), 3);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Step"), 1);
        duration_ms = client_get_number(client, SESSION, KNEED_SESSION, "DurationMs");
        assert_int_equal(duration_ms, 60000);

        client_do(client, SESSION, KNEED_SESSION, "Skip", NULL);
        client_await_text(ear, SESSION, "Technique", "glide");
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Step"), 2);
        assert_true(client_get_number(client, SESSION, KNEED_SESSION, "DurationMs") < duration_ms);
        client_do(client, SESSION, KNEED_SESSION, "Skip", NULL);
        client_await_text(ear, SESSION, "Technique", "friction");
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Step"), 3);

        client_do(client, SESSION, KNEED_SESSION, "Skip", NULL);
        client_await_end(ear, SESSION, "finished");
        (void) record_file_await_rest(&stage->record);
}

/* Clients that follow the objects have to hear why before the object is gone. */
static void test_skip_of_only_step(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        const char *path;

        (void) client_run(client, "friction", 1);
        client_await_text(ear, SESSION, "State", "warming-up");
        client_do(client, SESSION, KNEED_SESSION, "Skip", NULL);
        client_await_end(ear, SESSION, "finished");
        assert_true(sd_bus_message_read(client_await(ear, KNEED_ROOT, "InterfacesRemoved"), "o",
                                    &path) > 0);
        assert_string_equal(path, SESSION);
        (void) record_file_await_rest(&stage->record);
        (void) client_run(client, "friction", 2);
}

/* Less acts at once: on the next frame but one at the latest, the first may be under way. */
static void test_less_intensity(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        RecordFile *record = &stage->record;
        size_t at, end;

        (void) client_run(client, "friction", 1);
        (void) record_file_await_level(record, 0, LEVEL_THAT_IS);
        client_do(client, SESSION, KNEED_SESSION, "SetIntensity", "u", 5u);
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Intensity"), 5);

        record_file_read(record);
        at = record_file_await(record, record->n, record_is_frame) + 1;
        end = record_file_await_frames(record, 50);
        for (size_t i = at; i < end; i++)
                if (record_is_frame(&record->lines[i]))
                        assert_true(record_line_peak(&record->lines[i]) <= FIRST_MAX * 5 / 100);
}

static void check_stop_all(Client *client, uint32_t expected)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t stopped;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL, &reply, NULL) >=
                        0);
        assert_true(sd_bus_message_read(reply, "u", &stopped) > 0);
        assert_int_equal(stopped, expected);
}

static void test_stop_all(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage), *other = stage_client(stage);

        check_stop_all(other, 0);
        (void) client_run(client, "friction", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
        check_stop_all(other, 1);
        client_await_end(ear, SESSION, "stopped");
        (void) record_file_await_rest(&stage->record);
        check_stop_all(other, 0);
}

/* To stop while the massager is being armed is a stop as well. */
static void test_stop_at_once(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);

        for (unsigned i = 1; i <= 20; i++) {
                const char *path = client_run(client, "friction", i);

                client_do(client, path, KNEED_SESSION, "Stop", NULL);
                client_await_end(ear, path, "stopped");
        }
        (void) record_file_await_rest(&stage->record);
        client_take_for(ear, QUIET_MS);
        record_file_read(&stage->record);
        assert_true(stage->record.rest_ms > 0);
        for (size_t i = 0; i < stage->record.n; i++)
                assert_int_equal(record_line_peak(&stage->record.lines[i]), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_course, stage_open, stage_close),
                TEST(test_pause),
                TEST(test_resume),
                TEST(test_ease),
                TEST(test_skip),
                TEST(test_skip_of_only_step),
                TEST(test_less_intensity),
                TEST(test_stop_all),
                TEST(test_stop_at_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
