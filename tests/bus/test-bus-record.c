/* SPDX-License-Identifier: MIT */

/* The massager's own record of a session: only what the limits allow, only where the technique is,
 * and nothing after the end. */

#include "common/macro.h"
#include "tests/bus/record-truth.h"
#include "tests/unit/cmocka-all.h"

#define QUIET_MS 400u

static void run(Stage *stage, const char *routine, unsigned intensity)
{
        client_do(stage_client(stage), KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", routine, 4,
                        "nothing_new", "b", 1, "minutes", "u", 1u, "intensity", "u", intensity,
                        "detach", "b", 1);
}

static void stop(Stage *stage)
{
        RecordFile *record = &stage->record;
        size_t n;

        client_do(stage->clients[0], KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL);
        (void) record_file_await_rest(record);
        n = record->n;
        client_take_for(stage->clients[0], QUIET_MS);
        record_file_read(record);
        assert_int_equal(record->n, n);
}

/* As strong as a person can ask for, until the limit is what holds it. */
static void test_friction(void **state)
{
        Stage *stage = *state;

        run(stage, "friction", 100);
        (void) record_file_await_frames(&stage->record, 350);
        stop(stage);
        assert_true(check_truth(stage, &truth_of_friction) > truth_of_friction.level_permille / 2);
}

/* The other end of the leg; and taps may not come with more than the ceiling of their moment. */
static void test_tapping(void **state)
{
        Stage *stage = *state;

        run(stage, "tapping", 100);
        (void) record_file_await_frames(&stage->record, 150);
        stop(stage);
        assert_true(check_truth(stage, &truth_of_tapping) > 50);
}

/* Ups and downs: each beginning is one from zero. */
static void test_interrupted(void **state)
{
        Stage *stage = *state;
        Client *client = stage->clients[0];
        const char *session = SESSION_PATH(1);

        run(stage, "friction", 60);
        for (unsigned i = 0; i < 2; i++) {
                (void) record_file_await_frames(&stage->record, 60);
                client_do(client, session, KNEED_SESSION, "SetIntensity", "u", 1u);
                client_do(client, session, KNEED_SESSION, "SetIntensity", "u", 100u);
                client_do(client, session, KNEED_SESSION, "Pause", NULL);
                (void) record_file_await_rest(&stage->record);
                client_do(client, session, KNEED_SESSION, "Resume", NULL);
        }
        (void) record_file_await_frames(&stage->record, 60);
        stop(stage);
        assert_true(check_truth(stage, &truth_of_friction) > 30);
}

/* What root wrote down holds, whoever asks for more. */
static void test_tightened(void **state)
{
        static const Truth truth = { 60, 40, -100, 100 };
        Stage *stage = *state;

        stage_write(stage, "etc/limits.conf",
                        "first_level_permille = 60;\nramp_permille_per_s = 40;\n");
        stage_start_kneed(stage);
        run(stage, "friction", 100);
        (void) record_file_await_frames(&stage->record, 200);
        stop(stage);
        assert_true(check_truth(stage, &truth) > truth.level_permille / 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_friction),
                TEST(test_tapping),
                TEST(test_interrupted),
                cmocka_unit_test_setup_teardown(test_tightened, stage_open, stage_close),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
