/* SPDX-License-Identifier: MIT */

/* Before the computer sleeps or shuts down: it waits until massagers are still, and nothing goes on
 * by itself. With a logind of our own, or none. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "common/macro.h"
#include "tests/bus/stage.h"
#include "tests/bus/witness.h"
#include "tests/unit/cmocka-all.h"

#define LOGIND_NAME      "org.freedesktop.login1"
#define LOGIND_PATH      "/org/freedesktop/login1"
#define LOGIND_INTERFACE "org.freedesktop.login1.Manager"
#define INHIBITORS       2u /* of sleep, and of shutdown */
#define INHIBITORS_MAX   32u

typedef struct Logind {
        sd_bus *bus;
        unsigned n;
        int ends[INHIBITORS_MAX]; /* ours, of each inhibitor that was ever given */
} Logind;

static int on_inhibit(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const char *what, *who, *why, *mode;
        Logind *logind = userdata;
        int ends[2], r;

        if (sd_bus_message_read(call, "ssss", &what, &who, &why, &mode) < 0)
                return -EINVAL;
        /* Both in one are not for a service: so the real one has it. */
        if ((!streq(what, "sleep") && !streq(what, "shutdown")) || !streq(who, "kneed") ||
                        !streq(mode, "delay") || logind->n == INHIBITORS_MAX ||
                        pipe2(ends, O_CLOEXEC) < 0)
                return -EINVAL;

        logind->ends[logind->n++] = ends[0];
        r = sd_bus_reply_method_return(call, "h", ends[1]);
        (void) close(ends[1]);
        return r;
}

static int on_held(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Logind *logind = userdata;
        uint32_t n = 0;

        for (unsigned i = 0; i < logind->n; i++) {
                struct pollfd fd = { .fd = logind->ends[i] };

                n += poll(&fd, 1, 0) == 0;
        }

        return sd_bus_reply_method_return(call, "u", n);
}

static int on_say(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Logind *logind = userdata;
        const char *member;
        int about_to;

        if (sd_bus_message_read(call, "sb", &member, &about_to) < 0 ||
                        sd_bus_emit_signal(logind->bus, LOGIND_PATH, LOGIND_INTERFACE, member, "b",
                                        about_to) < 0)
                return -EINVAL;

        return sd_bus_reply_method_return(call, NULL);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("Inhibit", "ssss", "h", on_inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Held", "", "u", on_held, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Say", "sb", "", on_say, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static void be_logind(const Stage *stage, unsigned how)
{
        static Logind logind;

        if (sd_bus_new(&logind.bus) < 0 || sd_bus_set_address(logind.bus, stage->address) < 0 ||
                        sd_bus_set_bus_client(logind.bus, true) < 0 ||
                        sd_bus_negotiate_fds(logind.bus, true) < 0 ||
                        sd_bus_start(logind.bus) < 0 ||
                        sd_bus_add_object_vtable(logind.bus, NULL, LOGIND_PATH, LOGIND_INTERFACE,
                                        vtable, &logind) < 0 ||
                        sd_bus_request_name(logind.bus, LOGIND_NAME, 0) < 0)
                return;

        while (sd_bus_process(logind.bus, NULL) > 0 || sd_bus_wait(logind.bus, UINT64_MAX) >= 0)
                ;
}

static void start_logind(Stage *stage)
{
        Client *client = stage_client(stage);

        client_listen(client);
        (void) stage_fork(stage, be_logind, 0);
        while (!client_has_owner(client, LOGIND_NAME))
                (void) client_await(client, NULL, "NameOwnerChanged");
}

static unsigned held(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t n;

        assert_true(sd_bus_call_method(client->bus, LOGIND_NAME, LOGIND_PATH, LOGIND_INTERFACE,
                                    "Held", NULL, &reply, NULL) >= 0);
        assert_true(sd_bus_message_read(reply, "u", &n) > 0);
        return n;
}

static void await_held(Client *client, unsigned n)
{
        uint64_t deadline_ms = deadline_from_now();

        while (held(client) != n)
                assert_true(deadline_left_ms(deadline_ms) > 0);
}

static void say(Client *client, const char *member, bool about_to)
{
        assert_true(sd_bus_call_method(client->bus, LOGIND_NAME, LOGIND_PATH, LOGIND_INTERFACE,
                                    "Say", NULL, NULL, "sb", member, (int) about_to) >= 0);
}

/* On the system bus, where logind is; here that is the stage's, too. */
static void start_kneed(Stage *stage)
{
        char etc[STAGE_PATH_SIZE], state[STAGE_PATH_SIZE];
        const char *const argv[] = { KNEED_PROGRAM, "--data-dir", KNEED_DATA, "--config-dir", etc,
                "--state-dir", state, "--virtual-record", stage->record_path, NULL };

        (void) snprintf(etc, sizeof(etc), "%.60s/etc", stage->dir);
        (void) snprintf(state, sizeof(state), "%.60s/state", stage->dir);
        stage_write(stage, "kneed.log", "");
        stage_await_kneed(stage, stage_spawn(stage, argv, (ChildFiles){ -1, -1, -1, false }));
        client_await_ledger(stage->clients[0]);
        client_screen(stage->clients[0]);
}

static int open_without_logind(void **state)
{
        (void) stage_open(state);
        start_kneed(*state);
        return 0;
}

static int open_with_logind(void **state)
{
        (void) stage_open(state);
        start_logind(*state);
        start_kneed(*state);
        await_held(((Stage *) *state)->clients[0], INHIBITORS);
        return 0;
}

static Client *begin(Stage *stage)
{
        Client *client = stage_client(stage);

        client_listen(client);
        (void) client_run(client, "friction", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
        return client;
}

static const char *run_error(Client *client)
{
        static char name[128];
        sd_bus_error error = SD_BUS_ERROR_NULL;

        (void) client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                        "friction", 1, "nothing_new", "b", 1);
        (void) snprintf(name, sizeof(name), "%s", error.name ? error.name : "");
        sd_bus_error_free(&error);
        return name;
}

/* SR-SLEEP, SR-NOT-AGAIN */
static void sleep_waits_for_the_stop(void **state)
{
        Stage *stage = *state;
        Client *client = begin(stage);

        say(client, "PrepareForSleep", true);
        client_await_end(client, SESSION_PATH(1), "sleep");
        await_held(client, 0);
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "idle");
        assert_string_equal(run_error(client), KNEED_ERROR("MassagerNotReady"));

        say(client, "PrepareForSleep", false);
        await_held(client, INHIBITORS);
        (void) record_file_await_rest(&stage->record);
        assert_true(client_call(client, SESSION_PATH(1), KNEED_SESSION, "Resume", NULL, NULL,
                                    NULL) < 0);
        (void) client_run(client, "friction", 2);
}

/* SR-SLEEP */
static void so_does_shutdown(void **state)
{
        Client *client = begin(*state);

        say(client, "PrepareForShutdown", true);
        client_await_end(client, SESSION_PATH(1), "shutdown");
        await_held(client, 0);
        assert_string_equal(run_error(client), KNEED_ERROR("MassagerNotReady"));

        /* It was called off. */
        say(client, "PrepareForShutdown", false);
        await_held(client, INHIBITORS);
        (void) client_run(client, "friction", 2);
}

static void told_twice_is_told_once(void **state)
{
        Client *client = begin(*state);

        say(client, "PrepareForSleep", true);
        say(client, "PrepareForSleep", true);
        client_await_end(client, SESSION_PATH(1), "sleep");
        await_held(client, 0);
        say(client, "PrepareForSleep", true);
        say(client, "PrepareForSleep", false);
        say(client, "PrepareForSleep", false);
        await_held(client, INHIBITORS);
        say(client, "PrepareForSleep", false);
        (void) client_run(client, "friction", 2);
        assert_int_equal(held(client), INHIBITORS);
}

static void a_logind_that_comes_later_waits_too(void **state)
{
        Client *client = stage_client(*state);

        (void) client_run(client, "friction", 1);
        start_logind(*state);
        await_held(client, INHIBITORS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                                sleep_waits_for_the_stop, open_with_logind, stage_close),
                cmocka_unit_test_setup_teardown(so_does_shutdown, open_with_logind, stage_close),
                cmocka_unit_test_setup_teardown(
                                told_twice_is_told_once, open_with_logind, stage_close),
                cmocka_unit_test_setup_teardown(a_logind_that_comes_later_waits_too,
                                open_without_logind, stage_close),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
