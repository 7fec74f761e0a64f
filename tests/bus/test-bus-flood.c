/* SPDX-License-Identifier: MIT */

/* However much a client calls, whoever plays goes on playing, and whoever stops has stopped. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/witness.h"
#include "tests/unit/cmocka-all.h"

/* Instrumented programs are several times slower, the bus between them is not. */
#ifdef __SANITIZE_ADDRESS__
#define STOP_MS 1000u
#else
#define STOP_MS 200u
#endif
#define FLOOD_FRAMES  75u /* how long it lasts: a second and a half */
#define TOO_OFTEN     1000u
#define CALLS_AT_ONCE 300u /* before a flooder looks after its replies */

typedef enum Flood {
        FLOOD_NO_REPLY,  /* asks for no reply */
        FLOOD_DEAF,      /* asks for replies and never reads them */
        FLOOD_READS,     /* reads them */
        FLOOD_NEW_NAMES, /* comes back under another name all the time */
} Flood;

static int send_call(sd_bus *bus, unsigned i, bool wants_reply)
{
        static const struct {
                const char *path;
                const char *interface;
                const char *member;
                const char *types;
        } calls[] = {
                { KNEED_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL },
                { KNEED_ROOT, "org.freedesktop.DBus.Introspectable", "Introspect", NULL },
                { KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}" },
                { SESSION_PATH(1), KNEED_SESSION, "SetIntensity", "u" },
        };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        size_t k = i % ELEMENTSOF(calls);
        int r;

        r = sd_bus_message_new_method_call(
                        bus, &call, KNEED_NAME, calls[k].path, calls[k].interface, calls[k].member);
        if (r >= 0 && !wants_reply)
                r = sd_bus_message_set_expect_reply(call, false);
        if (r >= 0 && k == 2)
                r = sd_bus_message_append(call, "sa{sv}", "friction", 1, "minutes", "u", 0u);
        if (r >= 0 && k == 3)
                r = sd_bus_message_append(call, "u", 60u);
        return r < 0 ? r : sd_bus_send(bus, call, NULL);
}

static int connect_to(const char *address, sd_bus **ret)
{
        int r;

        r = sd_bus_new(ret);
        if (r >= 0)
                r = sd_bus_set_address(*ret, address);
        if (r >= 0)
                r = sd_bus_set_bus_client(*ret, true);
        return r < 0 ? r : sd_bus_start(*ret);
}

/* Sleeps until there is room: sd_bus_flush() alone would spin beside replies that nobody reads. */
static int write_out(sd_bus *bus)
{
        struct pollfd fd = { .fd = sd_bus_get_fd(bus), .events = POLLOUT };
        uint64_t queued;
        int r;

        r = sd_bus_get_n_queued_write(bus, &queued);
        if (r < 0 || queued == 0)
                return r;
        r = poll(&fd, 1, -1);
        return r < 0 ? -errno : sd_bus_flush(bus);
}

static void flood(const Stage *stage, unsigned how)
{
        sd_bus *bus = NULL;

        for (unsigned i = 0;; i++) {
                if (!bus && connect_to(stage->address, &bus) < 0)
                        return;
                if (send_call(bus, i, how != FLOOD_NO_REPLY) < 0 || write_out(bus) < 0)
                        return;
                if (i % CALLS_AT_ONCE != 0)
                        continue;
                while (how == FLOOD_READS && sd_bus_process(bus, NULL) > 0)
                        ;
                if (how == FLOOD_NEW_NAMES)
                        bus = sd_bus_flush_close_unref(bus);
        }
}

/* Returns how long it took from the call until nothing moved. */
static uint64_t time_stop(Stage *stage, Client *client, const char *path, const char *interface,
                const char *member)
{
        uint64_t began_ms = clock_now_ms();

        client_do(client, path, interface, member, NULL);
        return record_file_await_rest(&stage->record) - began_ms;
}

static void stop_under_flood(Stage *stage, Flood how)
{
        Client *client = stage_client(stage);
        Witness witness;
        uint64_t took_ms;
        size_t last;

        witness_begin(&witness, stage);
        (void) stage_fork(stage, flood, how);
        (void) stage_fork(stage, flood, how);
        last = record_file_await_frames(&stage->record, FLOOD_FRAMES);
        (void) record_file_check_frames(&stage->record, witness.first, last, WITNESS_GAP_MS);
        for (size_t i = witness.first; i < last; i++)
                assert_int_not_equal(stage->record.lines[i].kind, RECORD_STATE);

        took_ms = time_stop(stage, client, witness.session, KNEED_SESSION, "Stop");
        print_message("Stopped after %u ms\n", (unsigned) took_ms);
        assert_true(took_ms <= STOP_MS);
}

static void test_no_reply(void **state)
{
        stop_under_flood(*state, FLOOD_NO_REPLY);
}

static void test_deaf(void **state)
{
        stop_under_flood(*state, FLOOD_DEAF);
}

static void test_reads(void **state)
{
        stop_under_flood(*state, FLOOD_READS);
}

static void test_new_names(void **state)
{
        stop_under_flood(*state, FLOOD_NEW_NAMES);
}

/* Subscribed to everything there is, and never reads a word. */
static void test_deaf_subscriber(void **state)
{
        Stage *stage = *state;
        Client *deaf = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        client_listen(deaf);
        client_do(deaf, witness.session, KNEED_SESSION, "Subscribe", "u", 20u);
        for (unsigned i = 0; i < 20000; i++)
                assert_true(send_call(deaf->bus, 0, true) >= 0);
        (void) record_file_await_frames(&stage->record, FLOOD_FRAMES);
        witness_end(&witness);
}

typedef struct Tally {
        unsigned replies;
        unsigned done;
        unsigned refused;
} Tally;

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Tally *tally = userdata;

        tally->replies++;
        if (!sd_bus_message_is_method_error(reply, NULL)) {
                tally->done++;
                return 0;
        }
        tally->refused++;
        check_refusal(sd_bus_message_get_error(reply), KNEED_ERROR("TooManyCalls"));
        return 0;
}

static void ask_too_often(Client *client, Tally *tally)
{
        for (unsigned i = 0; i < TOO_OFTEN; i++)
                assert_true(sd_bus_call_method_async(client->bus, NULL, KNEED_NAME, KNEED_ROOT,
                                            KNEED_MANAGER, "ListRoutines", on_reply, tally,
                                            NULL) >= 0);
}

static void await_replies(Client *client, const Tally *tally)
{
        uint64_t deadline_ms = deadline_from_now();

        while (tally->replies < TOO_OFTEN) {
                int r = sd_bus_process(client->bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(client->bus, 1000000);
                assert_true(r >= 0 && deadline_left_ms(deadline_ms) > 0);
        }
}

/* Every call is answered: what is too much by that name. Someone else does not notice. */
static void test_refusal(void **state)
{
        Stage *stage = *state;
        Client *flooder = stage_client(stage), *other = stage_client(stage);
        Tally tally = { 0 };

        ask_too_often(flooder, &tally);
        await_replies(flooder, &tally);
        assert_true(tally.done >= 20 && tally.refused >= 20);
        assert_int_equal(tally.done + tally.refused, TOO_OFTEN);
        client_do(other, KNEED_ROOT, KNEED_MANAGER, "ListRoutines", NULL);
}

/* Who calls too often may still stop, by every door that there is, right behind calls that are
 * refused. */
static void stop_as_flooder(
                Stage *stage, const char *path, const char *interface, const char *member)
{
        Client *flooder = stage_client(stage);
        Tally tally = { 0 };
        Witness witness;

        witness_begin(&witness, stage);
        ask_too_often(flooder, &tally);
        client_do(flooder, path, interface, member, NULL);
        (void) record_file_await_rest(&stage->record);
        await_replies(flooder, &tally);
        assert_true(tally.refused >= 20);
}

static void test_flooder_stops_session(void **state)
{
        stop_as_flooder(*state, SESSION_PATH(1), KNEED_SESSION, "Stop");
}

static void test_flooder_pauses(void **state)
{
        stop_as_flooder(*state, SESSION_PATH(1), KNEED_SESSION, "Pause");
}

static void test_flooder_stops_massager(void **state)
{
        stop_as_flooder(*state, VIRTUAL_PATH, KNEED_MASSAGER, "Stop");
}

static void test_flooder_stops_all(void **state)
{
        stop_as_flooder(*state, KNEED_ROOT, KNEED_MANAGER, "StopAll");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_no_reply),
                TEST(test_deaf),
                TEST(test_reads),
                TEST(test_new_names),
                TEST(test_deaf_subscriber),
                TEST(test_refusal),
                TEST(test_flooder_stops_session),
                TEST(test_flooder_pauses),
                TEST(test_flooder_stops_massager),
                TEST(test_flooder_stops_all),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
