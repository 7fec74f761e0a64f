/* SPDX-License-Identifier: MIT */

/* kneectl against the real daemon: what it says, how it ends, and what that does to the massager.
 */

#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/kneectl.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/shipped.h"

#define STOP_MS     200u
#define NO_SUCH     3
#define REFUSED     4
#define ENDED_EARLY 5
#define UNREACHABLE 101

static const char *const run_words[] = { "run", "friction", "--minutes", "1", "--nothing-new",
        NULL };

/* "kneectl: " and words that end, on one line. */
static void check_complaint(const Kneectl *k)
{
        size_t size = strlen(k->complained);

        if (strncmp(k->complained, "kneectl: ", 9) != 0 || size < 20 ||
                        strchr(k->complained, '\n') != k->complained + size - 1)
                fail_msg("kneectl complains \"%s\"", k->complained);
}

static void await_playing(Stage *stage, const Kneectl *k)
{
        (void) record_file_await(&stage->record, 0, record_is_moving);
        kneectl_await_words(k);
}

/* Returns the exit status. */
static int end_by(Stage *stage, Kneectl *k, int signal)
{
        uint64_t began_ms = clock_now_ms();
        uint64_t took_ms;

        child_signal(k->child, signal);
        took_ms = record_file_await_rest(&stage->record) - began_ms;
        if (took_ms > STOP_MS)
                fail_msg("Stopped after %u ms", (unsigned) took_ms);
        return kneectl_await(k);
}

static void run_and_end_by(void **state, int signal)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start(&k, stage, run_words);
        await_playing(stage, &k);
        assert_int_equal(end_by(stage, &k, signal), 128 + signal);
        client_await_end(stage->clients[0], SESSION_PATH(1), "stopped");
}

static void test_sigint(void **state)
{
        run_and_end_by(state, SIGINT);
}

static void test_sigterm(void **state)
{
        run_and_end_by(state, SIGTERM);
}

static void test_sighup(void **state)
{
        run_and_end_by(state, SIGHUP);
}

/* Ctrl-C on a terminal is a key; the picture that stood there is replaced by a word on the end. */
static void test_ctrl_c(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        await_playing(stage, &k);
        assert_int_equal(write(k.out, "\003", 1), 1);
        (void) record_file_await_rest(&stage->record);
        assert_int_equal(kneectl_await(&k), 128 + SIGINT);
        client_await_end(stage->clients[0], SESSION_PATH(1), "stopped");
}

/* SR-LEASE: Put aside it would hold the lease, and the massage would play on. */
static void test_it_cannot_be_put_aside(void **state)
{
        static const char *const ways[][3] = { { NULL }, { "--quiet" }, { "--json", "short" } };
        static const int signals[] = { SIGTSTP, SIGTTOU, SIGTTIN };
        Stage *stage = *state;
        Kneectl k;

        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                const size_t from = stage->record.n;

                kneectl_start(&k, stage,
                                (const char *const[]){ "run", "friction", "--nothing-new",
                                                ways[i][0], ways[i][1], NULL });
                (void) record_file_await(&stage->record, from, record_is_moving);
                assert_int_equal(end_by(stage, &k, signals[i]), 128 + signals[i]);
                assert_int_equal(strstr(k.complained, "kneectl: Ctrl-Z stops") != NULL,
                                signals[i] == SIGTSTP);
        }
}

/* On a picture it is a key. */
static void test_ctrl_z(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        await_playing(stage, &k);
        assert_int_equal(write(k.out, "\032", 1), 1);
        (void) record_file_await_rest(&stage->record);
        kneectl_await_text(&k, "Ctrl-Z stops");
        assert_int_equal(kneectl_await(&k), 128 + SIGTSTP);
        client_await_end(stage->clients[0], SESSION_PATH(1), "stopped");
}

static void test_terminal_is_closed(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        await_playing(stage, &k);
        (void) close(k.out);
        k.out = -1;
        (void) record_file_await_rest(&stage->record);
        assert_int_equal(kneectl_await(&k), 128 + SIGHUP);
}

/* No last word can be said: the lease alone ends it. */
static void test_killed(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start(&k, stage, run_words);
        await_playing(stage, &k);
        assert_int_equal(end_by(stage, &k, SIGKILL), 128 + SIGKILL);
        client_await_end(stage->clients[0], SESSION_PATH(1), "client-gone");
}

/* Somebody else stops it: kneectl says so, and that it was not played to its end. */
static void test_stopped_from_elsewhere(void **state)
{
        Stage *stage = *state;
        Kneectl k, stop;

        kneectl_start(&k, stage, run_words);
        await_playing(stage, &k);
        assert_int_equal(KNEECTL(&stop, stage, "stop"), EXIT_SUCCESS);
        assert_non_null(strstr(stop.said, "Stopped 1 session."));
        assert_int_equal(kneectl_await(&k), ENDED_EARLY);
        check_complaint(&k);
        assert_non_null(strstr(k.complained, "The session was stopped."));
}

static void test_kneed_goes_away(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start(&k, stage, run_words);
        await_playing(stage, &k);
        assert_int_equal(stage_end_kneed(stage, SIGKILL), 128 + SIGKILL);
        assert_int_equal(kneectl_await(&k), UNREACHABLE);
        check_complaint(&k);
}

static void test_unknown_routine(void **state)
{
        Kneectl k;

        assert_int_equal(KNEECTL(&k, *state, "run", "polka"), NO_SUCH);
        check_complaint(&k);
        assert_non_null(strstr(k.complained, "kneectl routines"));
        assert_string_equal(k.said, "");
}

static void test_refusal(void **state)
{
        Kneectl k;

        assert_int_equal(KNEECTL(&k, *state, "run", "friction", "--minutes", "21", "--nothing-new"),
                        REFUSED);
        check_complaint(&k);
        assert_non_null(strstr(k.complained, "20 minutes"));
}

/* The array of that name has so many objects, the first with such a text. */
static void check_json(Kneectl *k, Stage *stage, const char *verb, const char *array, size_t n,
                const char *key, const char *text)
{
        json_object *document, *member, *first;

        assert_int_equal(KNEECTL(k, stage, verb, "--json", "short"), EXIT_SUCCESS);
        document = json_tokener_parse(k->said);
        assert_non_null(document);
        assert_true(json_object_object_get_ex(document, "version", &member));
        assert_int_equal(json_object_get_int(member), 1);
        assert_true(json_object_object_get_ex(document, array, &member));
        assert_int_equal(json_object_array_length(member), n);
        if (n > 0) {
                first = json_object_array_get_idx(member, 0);
                assert_true(json_object_object_get_ex(first, key, &member));
                assert_string_equal(json_object_get_string(member), text);
        }
        json_object_put(document);
}

/* Of the reference massager: the two on the outer side of the thigh. */
static bool outer_thigh_moves(const RecordLine *line)
{
        return record_is_moving(line) && (line->level[2] > 0 || line->level[5] > 0);
}

/* The example of kneed-routines(5), as somebody would try it who has read no more. */
static void test_a_technique_of_ones_own(void **state)
{
        static const char *const words[] = { "run", "outer-sweep", "--minutes", "2",
                "--nothing-new", NULL };
        Stage *stage = *state;
        char text[2048];
        Kneectl k;

        (void) read_example(text, sizeof(text));
        stage_write(stage, "etc/routines.d/outer-sweep.conf", text);
        stage_start_kneed(stage);
        kneectl_start(&k, stage, words);
        (void) record_file_await(&stage->record, 0, outer_thigh_moves);
        for (size_t i = 0; i < stage->record.n; i++)
                for (unsigned a = 0; a < stage->record.lines[i].n; a++)
                        if (stage->record.lines[i].kind == RECORD_MOTOR && a != 2 && a != 5)
                                assert_int_equal(stage->record.lines[i].level[a], 0);
        assert_int_equal(end_by(stage, &k, SIGINT), 128 + SIGINT);
        assert_non_null(strstr(k.said, "of 02:00"));
}

static void test_zones_are_listed_and_keep_outs_are_not(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "routines", "--zones"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said,
                        "\nthigh-outer-upper        60     240     outer side of the "
                        "thigh, half way up\n"));
        assert_non_null(strstr(
                        k.said, "\nknee-below               0      -55     below the kneecap\n"));
        assert_null(strstr(k.said, "\nkneecap"));
        assert_non_null(strstr(k.said, "nothing may press there"));
        assert_int_equal(
                        KNEECTL(&k, stage, "routines", "--zones", "--json", "short"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "{\"name\":\"knee-below\",\"angle\":0,\"height\":-55,"));
}

static void test_json(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        check_json(&k, stage, "devices", "massagers", 1, "id", VIRTUAL_ID);
        check_json(&k, stage, "routines", "routines", 4, "name", "daily");
        check_json(&k, stage, "status", "sessions", 0, NULL, NULL);
        check_json(&k, stage, "status", "massagers", 1, "state", "idle");
        assert_int_equal(KNEECTL(&k, stage, "run", "glide", "--detach", "--leg", "right",
                                         "--nothing-new"),
                        EXIT_SUCCESS);
        check_json(&k, stage, "status", "sessions", 1, "routine", "glide");
        check_json(&k, stage, "status", "sessions", 1, "leg", "right");
}

static void test_detached(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--detach", "--nothing-new"),
                        EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "kneectl stop"));
        (void) record_file_await(&stage->record, 0, record_is_moving);
        assert_int_equal(KNEECTL(&k, stage, "status"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "detached"));
        assert_int_equal(KNEECTL(&k, stage, "run", "glide", "--nothing-new"), REFUSED);
        check_complaint(&k);

        assert_int_equal(KNEECTL(&k, stage, "stop"), EXIT_SUCCESS);
        client_await_end(stage->clients[0], SESSION_PATH(1), "stopped");
        (void) record_file_await_rest(&stage->record);
        assert_int_equal(KNEECTL(&k, stage, "stop"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "Nothing was running"));
}

static void test_steering(void **state)
{
        Stage *stage = *state;
        Client *client = stage->clients[0];
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "run", "daily", "--minutes", "3", "--intensity", "40",
                                         "--nothing-new", "--detach"),
                        EXIT_SUCCESS);
        (void) record_file_await(&stage->record, 0, record_is_moving);
        assert_int_equal(
                        client_get_number(client, SESSION_PATH(1), KNEED_SESSION, "Intensity"), 40);

        assert_int_equal(KNEECTL(&k, stage, "pause"), EXIT_SUCCESS);
        (void) record_file_await_rest(&stage->record);
        client_check_text(client, SESSION_PATH(1), KNEED_SESSION, "State", "paused");
        assert_int_equal(KNEECTL(&k, stage, "pause"), REFUSED);
        check_complaint(&k);
        assert_int_equal(KNEECTL(&k, stage, "resume"), EXIT_SUCCESS);
        assert_int_equal(KNEECTL(&k, stage, "ease"), EXIT_SUCCESS);
        assert_int_equal(
                        client_get_number(client, SESSION_PATH(1), KNEED_SESSION, "Intensity"), 20);
        assert_int_equal(KNEECTL(&k, stage, "intensity", "33"), EXIT_SUCCESS);
        assert_int_equal(
                        client_get_number(client, SESSION_PATH(1), KNEED_SESSION, "Intensity"), 33);
        assert_int_equal(KNEECTL(&k, stage, "skip"), EXIT_SUCCESS);
        assert_int_equal(client_get_number(client, SESSION_PATH(1), KNEED_SESSION, "Step"), 2);
        assert_int_equal(KNEECTL(&k, stage, "stop", VIRTUAL_ID), EXIT_SUCCESS);
        client_await_end(client, SESSION_PATH(1), "stopped");

        assert_int_equal(KNEECTL(&k, stage, "pause"), NO_SUCH);
        check_complaint(&k);
}

static void test_not_running(void **state)
{
        static const char *const verbs[] = { "status", "stop", "devices", "routines", "pause" };
        Stage *stage = *state;
        Kneectl k;

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                assert_int_equal(KNEECTL(&k, stage, verbs[i]), UNREACHABLE);
                check_complaint(&k);
                assert_non_null(strstr(k.complained, "kneed --user"));
        }
        assert_int_equal(KNEECTL(&k, stage, "run", "friction"), UNREACHABLE);
        check_complaint(&k);
}

static void test_no_bus(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        child_signal(stage->bus, SIGKILL);
        (void) child_await(stage->bus);
        assert_int_equal(KNEECTL(&k, stage, "stop"), UNREACHABLE);
        check_complaint(&k);
}

#define TEST(f)       cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)
#define TEST_ALONE(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_sigint),
                TEST(test_sigterm),
                TEST(test_sighup),
                TEST(test_ctrl_c),
                TEST(test_it_cannot_be_put_aside),
                TEST(test_ctrl_z),
                TEST(test_terminal_is_closed),
                TEST(test_killed),
                TEST(test_stopped_from_elsewhere),
                TEST(test_kneed_goes_away),
                TEST(test_unknown_routine),
                TEST(test_refusal),
                TEST_ALONE(test_a_technique_of_ones_own),
                TEST(test_zones_are_listed_and_keep_outs_are_not),
                TEST(test_json),
                TEST(test_detached),
                TEST(test_steering),
                TEST_ALONE(test_not_running),
                TEST_ALONE(test_no_bus),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
