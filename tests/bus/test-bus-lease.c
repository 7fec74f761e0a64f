/* SPDX-License-Identifier: MIT */

/* A session ends with the client that started it, unless it was detached; and one massager plays
 * for one at a time. */

#include <signal.h>
#include <stdio.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/kneectl.h"
#include "tests/bus/witness.h"
#include "tests/unit/cmocka-all.h"

#define GONE_MS 200u /* from the client's end until nothing moves */

/* Waits until motors move, so that coming to rest means something. */
static void await_moving(Stage *stage)
{
        (void) record_file_await(&stage->record, stage->record.n, record_is_moving);
}

static void check_stopped_since(Stage *stage, uint64_t began_ms)
{
        uint64_t took_ms = record_file_await_rest(&stage->record) - began_ms;

        if (took_ms > GONE_MS)
                fail_msg("Stopped after %u ms", (unsigned) took_ms);
}

/* Takes a client off the bus, and waits until the bus has seen it. */
static void leave(Stage *stage, Client *client)
{
        const char *unique;
        char name[64];

        assert_true(sd_bus_get_unique_name(client->bus, &unique) >= 0);
        (void) snprintf(name, sizeof(name), "%s", unique);
        sd_bus_close(client->bus);
        client_await_absent(stage->clients[0], name);
}

/* SR-LEASE */
static void test_client_leaves(void **state)
{
        Stage *stage = *state;
        Client *caller = stage_client(stage), *other = stage->clients[0];
        uint64_t began_ms;

        (void) client_run(caller, "friction", 1);
        assert_int_equal(client_get_number(other, SESSION_PATH(1), KNEED_SESSION, "Leased"), 1);
        await_moving(stage);

        began_ms = clock_now_ms();
        sd_bus_close(caller->bus);
        check_stopped_since(stage, began_ms);
        client_await_end(other, SESSION_PATH(1), "client-gone");
        client_check_text(other, VIRTUAL_PATH, KNEED_MASSAGER, "State", "idle");
}

/* SR-LEASE */
static void test_kneectl_is_killed(void **state)
{
        Stage *stage = *state;
        uint64_t began_ms;
        Kneectl k;

        kneectl_start(&k, stage,
                        (const char *const[]){ "run", "friction", "--minutes", "1", "--nothing-new",
                                        NULL });
        await_moving(stage);

        began_ms = clock_now_ms();
        child_signal(k.child, SIGKILL);
        check_stopped_since(stage, began_ms);
        assert_int_equal(kneectl_await(&k), 128 + SIGKILL);
        client_await_end(stage->clients[0], SESSION_PATH(1), "client-gone");
}

/* A lease is the caller's alone: of another's coming and going, also of a subscriber's, the session
 * hears nothing. */
static void test_others_leave(void **state)
{
        Stage *stage = *state;
        Client *other = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        client_do(other, witness.session, KNEED_SESSION, "Subscribe", "u", 20u);
        leave(stage, other);
        witness_end(&witness);
}

static void test_detached(void **state)
{
        Stage *stage = *state;
        Client *caller = stage_client(stage), *other = stage->clients[0];
        size_t at;

        client_do(caller, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 2, "detach", "b",
                        1, "nothing_new", "b", 1);
        assert_int_equal(client_get_number(other, SESSION_PATH(1), KNEED_SESSION, "Leased"), 0);
        await_moving(stage);

        leave(stage, caller);
        at = record_file_await_frames(&stage->record, 50);
        (void) record_file_check_frames(&stage->record, 0, at, WITNESS_GAP_MS);

        client_do(other, SESSION_PATH(1), KNEED_SESSION, "Stop", NULL);
        client_await_end(other, SESSION_PATH(1), "stopped");
        (void) record_file_await_rest(&stage->record);
}

static void test_second_run(void **state)
{
        Stage *stage = *state;
        Client *other = stage_client(stage);
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Witness witness;

        witness_begin(&witness, stage);
        assert_true(client_call(other, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                                    "tapping", 1, "leg", "s", "right") < 0);
        check_refusal(&error, KNEED_ERROR("MassagerBusy"));
        client_check_text(other, witness.session, KNEED_SESSION, "Routine", "friction");
        /* Who was refused holds nothing, so its going away ends nothing. */
        leave(stage, other);
        witness_end(&witness);
}

typedef struct Answers {
        unsigned n;
        unsigned won;
        unsigned busy;
} Answers;

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Answers *answers = userdata;

        answers->n++;
        answers->won += !sd_bus_message_is_method_error(reply, NULL);
        answers->busy += sd_bus_message_is_method_error(reply, KNEED_ERROR("MassagerBusy")) > 0;
        return 0;
}

static void ask_to_run(Client *client, Answers *answers)
{
        assert_true(sd_bus_call_method_async(client->bus, NULL, KNEED_NAME, KNEED_ROOT,
                                    KNEED_MANAGER, "Run", on_answer, answers, "sa{sv}", "friction",
                                    1, "nothing_new", "b", 1) >= 0);
        assert_true(sd_bus_flush(client->bus) >= 0);
}

static void await_answer(Client *client, const Answers *answers, unsigned n)
{
        uint64_t deadline_ms = deadline_from_now();
        int r;

        while (answers->n < n) {
                r = sd_bus_process(client->bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(client->bus, (uint64_t) DEADLINE_MS * 1000);
                assert_true(r >= 0 && deadline_left_ms(deadline_ms) > 0);
        }
}

/* Both calls are there before kneed looks at either. */
static void test_two_callers(void **state)
{
        Stage *stage = *state;
        Client *clients[] = { stage_client(stage), stage_client(stage) };
        Answers answers = { 0 };

        child_signal(stage->kneed, SIGSTOP);
        for (size_t i = 0; i < ELEMENTSOF(clients); i++)
                ask_to_run(clients[i], &answers);
        child_signal(stage->kneed, SIGCONT);

        for (unsigned i = 0; i < ELEMENTSOF(clients); i++)
                await_answer(clients[i], &answers, i + 1);
        assert_int_equal(answers.won, 1);
        assert_int_equal(answers.busy, 1);
        await_moving(stage);
}

/* Gone before kneed even reads the call: nobody says whose it is, so there never is a session. */
static void test_caller_vanishes(void **state)
{
        Stage *stage = *state;
        Client *caller = stage_client(stage), *other = stage->clients[0];
        Answers answers = { 0 };

        child_signal(stage->kneed, SIGSTOP);
        ask_to_run(caller, &answers);
        leave(stage, caller);
        child_signal(stage->kneed, SIGCONT);

        /* And the massager is free. */
        (void) client_run(other, "friction", 1);
        await_moving(stage);
}

/* A name of the bus is no lease: the caller's connection is. */
static void test_lease_and_subscription_of_one(void **state)
{
        Stage *stage = *state;
        Client *caller = stage_client(stage), *other = stage->clients[0];
        uint64_t began_ms;

        (void) client_run(caller, "friction", 1);
        for (unsigned rate = 1; rate <= 20; rate++)
                client_do(caller, SESSION_PATH(1), KNEED_SESSION, "Subscribe", "u", rate);
        client_do(caller, SESSION_PATH(1), KNEED_SESSION, "Unsubscribe", NULL);
        client_do(caller, SESSION_PATH(1), KNEED_SESSION, "Unsubscribe", NULL);
        client_do(caller, SESSION_PATH(1), KNEED_SESSION, "Subscribe", "u", 20u);
        await_moving(stage);

        began_ms = clock_now_ms();
        sd_bus_close(caller->bus);
        check_stopped_since(stage, began_ms);
        client_await_end(other, SESSION_PATH(1), "client-gone");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_client_leaves),
                TEST(test_kneectl_is_killed),
                TEST(test_others_leave),
                TEST(test_detached),
                TEST(test_second_run),
                TEST(test_two_callers),
                TEST(test_caller_vanishes),
                TEST(test_lease_and_subscription_of_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
