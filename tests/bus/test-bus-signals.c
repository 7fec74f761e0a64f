/* SPDX-License-Identifier: MIT */

/* What kneed says without being asked: little, whole, and frames to those alone who want them. */

#include <stdio.h>

#include "common/macro.h"
#include "tests/bus/witness.h"
#include "tests/unit/cmocka-all.h"

#define SESSION       SESSION_PATH(1)
#define ACTUATORS     12u
#define LISTEN_MS     3000u
#define BROADCASTS    10u /* a beginning has four or so, and then there is nothing to say */
#define QUIET_MS      400u
#define RATE_SLACK    25u /* percent */
#define LEVEL_CEILING 400u

static bool is_broadcast(sd_bus_message *message)
{
        return strncmp(sd_bus_message_get_path(message), KNEED_ROOT, strlen(KNEED_ROOT)) == 0 &&
               !sd_bus_message_get_destination(message);
}

static unsigned count(const Client *client, const char *member)
{
        unsigned n = 0;

        for (size_t i = 0; i < client->n_heard; i++)
                n += streq(sd_bus_message_get_member(client->heard[i]), member);

        return n;
}

/* While it plays, and others look on. */
static void test_no_flood(void **state)
{
        Stage *stage = *state;
        Client *ear = stage_client(stage), *subscriber = stage_client(stage);
        unsigned broadcasts = 0, deadlines = 0;
        Value value;

        client_listen(ear);
        (void) client_run(stage_client(stage), "friction", 1);
        client_do(subscriber, SESSION, KNEED_SESSION, "Subscribe", "u", 20u);
        client_take_for(ear, LISTEN_MS);

        for (size_t i = 0; i < ear->n_heard; i++) {
                broadcasts += is_broadcast(ear->heard[i]);
                deadlines += message_has_change(ear->heard[i], "Deadline", &value);
        }
        assert_in_range(broadcasts, 1, BROADCASTS);
        assert_int_equal(deadlines, 1);
        assert_int_equal(count(ear, "Frame"), 0);
}

/* Whoever has to ask back after each change would ask a lot. */
static void check_values(sd_bus_message *message)
{
        const char *interface, *contents;

        assert_true(sd_bus_message_rewind(message, true) >= 0);
        assert_true(sd_bus_message_read(message, "s", &interface) > 0);
        assert_true(sd_bus_message_enter_container(message, 'a', "{sv}") > 0);
        assert_true(sd_bus_message_peek_type(message, NULL, &contents) > 0);
        while (sd_bus_message_skip(message, "{sv}") > 0)
                ;
        assert_true(sd_bus_message_exit_container(message) >= 0);
        assert_true(sd_bus_message_enter_container(message, 'a', "s") >= 0);
        assert_int_equal(sd_bus_message_at_end(message, false), 1);
}

static void test_changes_have_values(void **state)
{
        Stage *stage = *state;
        Client *ear = stage_client(stage), *client = stage_client(stage);
        unsigned n = 0;

        client_listen(ear);
        (void) client_run(client, "daily", 1);
        client_await_text(ear, SESSION, "State", "warming-up");
        client_do(client, SESSION, KNEED_SESSION, "Skip", NULL);
        client_do(client, SESSION, KNEED_SESSION, "Ease", NULL);
        client_do(client, SESSION, KNEED_SESSION, "SetIntensity", "u", 50u);
        client_do(client, SESSION, KNEED_SESSION, "Pause", NULL);
        client_do(client, SESSION, KNEED_SESSION, "Resume", NULL);
        client_await_text(ear, SESSION, "State", "starting");
        client_do(client, SESSION, KNEED_SESSION, "Stop", NULL);
        client_await_end(ear, SESSION, "stopped");

        for (size_t i = 0; i < ear->n_heard; i++)
                if (sd_bus_message_is_signal(ear->heard[i], PROPERTIES, "PropertiesChanged") > 0) {
                        check_values(ear->heard[i]);
                        n++;
                }
        assert_true(n >= 8);
}

typedef struct Frame {
        uint64_t elapsed_ms;
        uint32_t levels[ACTUATORS];
} Frame;

static void read_frame(sd_bus_message *message, Frame *ret)
{
        const uint32_t *levels;
        uint32_t strength;
        int angle, height;
        size_t size;

        assert_true(sd_bus_message_rewind(message, true) >= 0);
        assert_true(sd_bus_message_read(message, "t", &ret->elapsed_ms) > 0);
        assert_true(sd_bus_message_read_array(message, 'u', (const void **) &levels, &size) > 0);
        assert_int_equal(size, sizeof(ret->levels));
        memcpy(ret->levels, levels, size);
        assert_true(sd_bus_message_read(message, "iiu", &angle, &height, &strength) > 0);
        assert_in_range(angle + 180, 0, 360);
        assert_in_range(strength, 0, 1000);
}

static bool is_same(const RecordLine *line, const Frame *frame)
{
        if (!record_is_frame(line) || line->n != ACTUATORS)
                return false;
        for (unsigned i = 0; i < ACTUATORS; i++)
                if (line->level[i] != frame->levels[i])
                        return false;

        return true;
}

/* Subscribes, takes frames for a while, and looks at how many came in the session's own time. */
static void check_rate(Client *client, unsigned rate, unsigned frames)
{
        size_t first;
        Frame frame;
        uint64_t from_ms, expected_ms = 1000ull * frames / rate;

        client_do(client, SESSION, KNEED_SESSION, "Subscribe", "u", rate);
        client_take(client);
        first = client->next = client->n_heard;
        for (unsigned i = 0; i <= frames; i++)
                (void) client_await(client, SESSION, "Frame");

        read_frame(client->heard[first], &frame);
        from_ms = frame.elapsed_ms;
        read_frame(client->heard[first + frames], &frame);
        assert_in_range(frame.elapsed_ms - from_ms, expected_ms * (100 - RATE_SLACK) / 100,
                        expected_ms * (100 + RATE_SLACK) / 100);
}

static void test_rate(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);

        (void) client_run(client, "friction", 1);
        check_rate(client, 20, 40);
        check_rate(client, 5, 5);

        client_do(client, SESSION, KNEED_SESSION, "Unsubscribe", NULL);
        client_take(client);
        client->next = client->n_heard;
        client_take_for(client, QUIET_MS);
        assert_int_equal(client->next, client->n_heard);
}

/* What clients draw is what the massager was told. */
static void test_frames_are_true(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        size_t at = 0;

        (void) client_run(client, "tapping", 1);
        client_do(client, SESSION, KNEED_SESSION, "Subscribe", "u", 20u);
        for (unsigned i = 0; i < 40; i++)
                (void) client_await(client, SESSION, "Frame");

        for (size_t i = 0; i < client->n_heard; i++) {
                Frame frame;

                read_frame(client->heard[i], &frame);
                for (unsigned k = 0; k < ACTUATORS; k++)
                        assert_in_range(frame.levels[k], 0, LEVEL_CEILING);
                at = record_file_await(&stage->record, at, record_is_frame);
                while (!is_same(&stage->record.lines[at], &frame))
                        at = record_file_await(&stage->record, at + 1, record_is_frame);
                at++;
        }
        client_do(client, SESSION, KNEED_SESSION, "Stop", NULL);
}

/* A massager and a session, each with all that its interface has. */
static void test_object_manager(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        unsigned massagers = 0, sessions = 0, objects = 0;
        const char *path, *interface;

        (void) client_run(client, "friction", 1);
        assert_true(client_call(client, KNEED_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL,
                                    &reply, NULL) >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}") > 0);
        while (sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}") > 0) {
                assert_true(sd_bus_message_read(reply, "o", &path) > 0);
                assert_true(sd_bus_message_enter_container(reply, 'a', "{sa{sv}}") > 0);
                while (sd_bus_message_enter_container(reply, 'e', "sa{sv}") > 0) {
                        assert_true(sd_bus_message_read(reply, "s", &interface) > 0);
                        assert_true(sd_bus_message_skip(reply, "a{sv}") > 0);
                        massagers += streq(path, VIRTUAL_PATH) && streq(interface, KNEED_MASSAGER);
                        sessions += streq(path, SESSION) && streq(interface, KNEED_SESSION);
                        assert_true(sd_bus_message_exit_container(reply) >= 0);
                }
                assert_true(sd_bus_message_exit_container(reply) >= 0);
                assert_true(sd_bus_message_exit_container(reply) >= 0);
                objects++;
        }
        assert_int_equal(massagers, 1);
        assert_int_equal(sessions, 1);
        assert_int_equal(objects, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_no_flood),
                TEST(test_changes_have_values),
                TEST(test_rate),
                TEST(test_frames_are_true),
                TEST(test_object_manager),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
