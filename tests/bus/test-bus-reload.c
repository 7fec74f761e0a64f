/* SPDX-License-Identifier: MIT */

/* Config that is read anew: all of it or nothing, and never under a session. And config that is
 * only checked. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/kneectl.h"
#include "tests/bus/record-file.h"
#include "tests/unit/cmocka-all.h"

#define SESSION     SESSION_PATH(1)
#define LOG_SIZE    16384u
#define FAILED      1
#define USAGE       2
#define UNREACHABLE 101
#define ROUTINES    20u /* of 20 minutes each: half a second of rendering */

/* Nothing can be had of it: 20 minutes of heat. */
static const char too_warm[] = "routines = ( {\n"
                               "  name = \"warm\";\n"
                               "  steps = ( { technique = \"friction\"; minutes = 20; heat = 40; } "
                               "); } );\n";

static const char evening[] = "routines = ( { name = \"evening\"; steps = (\n"
                              "  { technique = \"glide\"; minutes = 5; } ); } );\n";

static void reload(Client *client)
{
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Reload", NULL);
}

static void check_refused(Client *client, const char *const parts[], size_t n)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "Reload", &error, NULL, NULL) <
                        0);
        assert_string_equal(error.name, KNEED_ERROR("WrongConfig"));
        for (size_t i = 0; i < n; i++)
                if (!strstr(error.message, parts[i]))
                        fail_msg("\"%s\" does not say \"%s\"", error.message, parts[i]);
}

static uint32_t limit_of(Client *client, const char *name)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t value, found = 0;
        const char *key;

        assert_true(client_call(client, KNEED_ROOT, PROPERTIES, "Get", NULL, &reply, "ss",
                                    KNEED_MANAGER, "Limits") >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'v', "a{sv}") > 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{sv}") > 0);
        while (sd_bus_message_read(reply, "{sv}", &key, "u", &value) > 0)
                if (streq(key, name))
                        found = value;
        return found;
}

static bool has_routine(Client *client, const char *name)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        bool found = false;
        const char *got;

        assert_true(client_call(client, KNEED_ROOT, PROPERTIES, "Get", NULL, &reply, "ss",
                                    KNEED_MANAGER, "Routines") >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'v', "as") > 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "s") > 0);
        while (sd_bus_message_read(reply, "s", &got) > 0)
                found = found || streq(got, name);
        return found;
}

static void run_for(Client *client, const char *routine, unsigned minutes, const char *error_name,
                const char *part)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                                    routine, 2, "minutes", "u", minutes, "nothing_new", "b",
                                    1) < 0);
        assert_string_equal(error.name, error_name);
        if (!strstr(error.message, part))
                fail_msg("\"%s\" does not say \"%s\"", error.message, part);
}

/* SR-TIGHTEN: The session goes on as it began; the next one is held to the new limits. */
static void test_a_session_keeps_what_it_began_with(void **state)
{
        Stage *stage = *state;
        Client *ear = stage_client(stage), *client = stage_client(stage);
        RecordFile *record = &stage->record;
        size_t at;

        client_listen(ear);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 1, "nothing_new",
                        "b", 1);
        at = record_file_await_level(record, 0, 60);

        stage_write(stage, "etc/limits.conf",
                        "first_level_permille = 50;\nlevel_permille = 50;\nsession_minutes = 5;\n");
        stage_write(stage, "etc/routines.d/a.conf",
                        "techniques = ( { name = \"friction\"; motions = (\n"
                        "  { tap = [ \"thigh-front-upper\" ]; seconds = 10; }, { rest = 40; } ); } "
                        ");\n");
        stage_write(stage, "etc/kneed.conf", "run = { leg = \"right\"; };\n");
        reload(client);
        client_await_text(ear, KNEED_ROOT, "DefaultLeg", "right");
        assert_int_equal(limit_of(client, "session_minutes"), 5);

        at = record_file_await_frames(record, 30);
        (void) record_file_await_level(record, at, 60);
        client_check_text(client, SESSION, KNEED_SESSION, "Leg", "left");
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "DurationMs"), 600000);
        for (size_t i = at; i < record->n; i++)
                for (unsigned k = 0; record_is_frame(&record->lines[i]) && k < 6; k++)
                        assert_int_equal(record->lines[i].level[k], 0); /* the thigh */
        client_do(client, SESSION, KNEED_SESSION, "Stop", NULL);
        client_await_end(ear, SESSION, "stopped");
        (void) record_file_await_rest(record);

        run_for(client, "friction", 6, KNEED_ERROR("LimitExceeded"), "at most 5 minutes");
        at = record->n;
        (void) client_run(client, "friction", 2);
        (void) record_file_await_level(record, at, 20);
        for (size_t i = at; i < record->n; i++)
                assert_true(record_line_peak(&record->lines[i]) <= 50);
}

/* All that is wrong is said, and nothing of what is right comes into force. */
static void test_all_or_nothing(void **state)
{
        static const char *const parts[] = { "/etc/limits.conf:2: ", "/etc/routines.d/a.conf:1: ",
                "step 1 (friction) at 15:00", "heat_minutes", "2 errors",
                "the one before it stays in force." };
        Stage *stage = *state;
        Client *client = stage_client(stage);
        char log[LOG_SIZE];

        (void) client_run(client, "friction", 1);
        stage_write(stage, "etc/kneed.conf", "run = { leg = \"right\"; };\n");
        stage_write(stage, "etc/limits.conf", "pause_minutes = 5;\nbusy_s = 121;\n");
        stage_write(stage, "etc/routines.d/a.conf", too_warm);
        stage_write(stage, "etc/routines.d/b.conf", evening);
        check_refused(client, parts, ELEMENTSOF(parts));
        client_check_text(client, KNEED_ROOT, KNEED_MANAGER, "DefaultLeg", "left");
        assert_int_equal(limit_of(client, "pause_minutes"), 10);
        assert_false(has_routine(client, "evening"));
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "DurationMs"), 60000);
        stage_read(stage, "kneed.log", log, sizeof(log));
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                assert_non_null(strstr(log, parts[i]));

        stage_write(stage, "etc/limits.conf", "pause_minutes = 5;\n");
        stage_write(stage, "etc/routines.d/a.conf", "");
        reload(client);
        client_check_text(client, KNEED_ROOT, KNEED_MANAGER, "DefaultLeg", "right");
        assert_int_equal(limit_of(client, "pause_minutes"), 5);
        assert_true(has_routine(client, "evening"));
}

/* SR-DISK: It takes longer than a massager waits for a frame. */
static void test_no_frame_waits_for_a_reload(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        char text[ROUTINES * 96] = "routines = (", *end = text + strlen(text);
        size_t at;

        for (unsigned i = 0; i < ROUTINES; i++)
                end += sprintf(end, "%s{name=\"r%u\";steps=({technique=\"tapping\";minutes=20;});}",
                                i > 0 ? "," : "", i);
        (void) stpcpy(end, ");");
        stage_write(stage, "etc/routines.d/many.conf", text);
        (void) client_run(client, "friction", 1);
        at = record_file_await_level(&stage->record, 0, 40);
        reload(client);
        assert_true(has_routine(client, "r19"));
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "playing");
        record_file_read(&stage->record);
        for (size_t i = at; i < stage->record.n; i++)
                assert_false(record_is_idle(&stage->record.lines[i]));
}

/* A client that goes away while it waits takes nothing with it. */
static void test_whoever_asked_may_be_gone(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);

        for (unsigned i = 0; i < 5; i++) {
                Client *gone = client_new(stage->address);

                assert_true(sd_bus_call_method_async(gone->bus, NULL, KNEED_NAME, KNEED_ROOT,
                                            KNEED_MANAGER, "Reload", NULL, NULL, NULL) >= 0);
                assert_true(sd_bus_flush(gone->bus) >= 0);
                client_free(gone);
        }
        stage_write(stage, "etc/routines.d/b.conf", evening);
        reload(client);
        assert_true(has_routine(client, "evening"));
}

static void await_log(Stage *stage, const char *words)
{
        uint64_t deadline_ms = deadline_from_now();
        char log[LOG_SIZE];

        do {
                if (deadline_left_ms(deadline_ms) == 0)
                        fail_msg("kneed does not say \"%s\"", words);
                client_take_for(stage->clients[0], 5);
                stage_read(stage, "kneed.log", log, sizeof(log));
        } while (!strstr(log, words));
}

static void test_sighup(void **state)
{
        Stage *stage = *state;
        Client *ear = stage_client(stage), *client = stage_client(stage);

        client_listen(ear);
        (void) client_run(client, "friction", 1);
        client_await_text(ear, VIRTUAL_PATH, "State", "playing");
        stage_write(stage, "etc/kneed.conf", "run = { leg = \"neither\"; };\n");
        child_signal(stage->kneed, SIGHUP);
        await_log(stage, "/etc/kneed.conf:1: unknown leg \"neither\"");
        await_log(stage, "the one before it stays in force");
        client_check_text(client, KNEED_ROOT, KNEED_MANAGER, "DefaultLeg", "left");
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "playing");

        stage_write(stage, "etc/kneed.conf",
                        "run = { leg = \"right\"; };\nvirtual_massager = true;\n");
        child_signal(stage->kneed, SIGHUP);
        client_await_text(ear, KNEED_ROOT, "DefaultLeg", "right");
        await_log(stage, "virtual_massager has changed; that counts when kneed is started again.");
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "playing");
}

/* What came with kneed is no reason to start nothing; it is only not played. */
static void test_a_tight_limit_refuses_a_routine_and_not_the_config(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Kneectl k;

        stage_write(stage, "etc/limits.conf", "busy_s = 10;\nsession_minutes = 2;\n");
        reload(client);
        run_for(client, "glide", 2, KNEED_ERROR("LimitExceeded"),
                        "This massager cannot play it: step 1 (glide) at ");
        await_log(stage, "glide does not suit massager " VIRTUAL_ID ": step 1 (glide) at ");
        assert_int_equal(KNEECTL(&k, stage, "routines"), EXIT_SUCCESS);
        assert_non_null(strstr(
                        k.said, "\nglide: " VIRTUAL_ID " cannot play it: step 1 (glide) at "));

        /* What is behind the name now does suit it. */
        stage_write(stage, "etc/routines.d/a.conf",
                        "techniques = ( { name = \"glide\"; motions = (\n"
                        "  { stroke = [ \"thigh-front-upper\", \"thigh-front-lower\" ]; seconds = "
                        "8; }, { rest = 32; } ); } );\n");
        reload(client);
        (void) client_run(client, "glide", 1);
}

static void expect_notice(int fd, const char *start)
{
        struct timeval most = { .tv_sec = DEADLINE_MS / 1000 };
        char text[512] = "";

        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)), 0);
        do {
                ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

                if (n < 0)
                        fail_msg("systemd is not told %s", start);
                text[n] = '\0';
        } while (strncmp(text, "WATCHDOG_USEC", 13) == 0 || strncmp(text, "STATUS=", 7) == 0);
        if (strncmp(text, start, strlen(start)) != 0)
                fail_msg("systemd is told %s, not %s", text, start);
}

/* A unit of Type=notify hears when a reload begins and when it is over, however it ends. */
static void test_systemd_is_told(void **state)
{
        Stage *stage = *state;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char variable[192], etc[STAGE_PATH_SIZE], data[STAGE_PATH_SIZE];
        const char *const argv[] = { "env", variable, KNEED_PROGRAM, "--user", "--data-dir",
                KNEED_DATA, "--config-dir", etc, "--state-dir", data, NULL };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", stage->dir);
        (void) snprintf(variable, sizeof(variable), "NOTIFY_SOCKET=%s/notify", stage->dir);
        (void) snprintf(etc, sizeof(etc), "%s/etc", stage->dir);
        (void) snprintf(data, sizeof(data), "%s/state", stage->dir);
        assert_int_equal(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        stage_await_kneed(stage, stage_spawn(stage, argv, (ChildFiles){ -1, -1, -1, false }));
        expect_notice(fd, "READY=1");

        reload(stage_client(stage));
        expect_notice(fd, "RELOADING=1\nMONOTONIC_USEC=");
        expect_notice(fd, "READY=1");
        stage_write(stage, "etc/kneed.conf", "nonsense\n");
        child_signal(stage->kneed, SIGHUP);
        expect_notice(fd, "RELOADING=1\nMONOTONIC_USEC=");
        expect_notice(fd, "READY=1");
        (void) close(fd);
}

/* The kneed that kneectl finds: the one that was built, with the stage's config. */
static void stage_checker(const Stage *stage)
{
        char path[STAGE_PATH_SIZE], text[512];

        (void) snprintf(text, sizeof(text),
                        "#!/bin/sh\nexec '%s' --data-dir '%s' --config-dir '%s/etc' \"$@\"\n",
                        KNEED_PROGRAM, KNEED_DATA, stage->dir);
        stage_write(stage, "kneed", text);
        (void) snprintf(path, sizeof(path), "%s/kneed", stage->dir);
        assert_int_equal(chmod(path, 0700), 0);
        assert_int_equal(setenv("KNEECTL_KNEED", path, 1), 0);
}

static void check_lines(const Kneectl *k, const char *const parts[], size_t n)
{
        size_t lines = 0;

        for (const char *at = k->complained; (at = strchr(at, '\n')); at++)
                lines++;
        for (size_t i = 0; i < n; i++)
                if (!strstr(k->complained, parts[i]))
                        fail_msg("\"%s\" does not say \"%s\"", k->complained, parts[i]);
        assert_int_equal(lines, n);
}

/* No kneed, and no bus: there is nobody to ask. */
static void test_check(void **state)
{
        static const char *const wrong[] = { "etc/kneed.conf:1: unknown key \"leq\"",
                "etc/routines.d/a.conf:1: the routine \"warm\" cannot be played: step 1 "
                "(friction) at 15:00: " };
        Stage *stage = *state;
        Kneectl k;

        child_signal(stage->bus, SIGKILL);
        (void) child_await(stage->bus);
        stage_checker(stage);
        assert_int_equal(KNEECTL(&k, stage, "check"), EXIT_SUCCESS);
        assert_string_equal(k.said, "The config is in order; it has 4 routines.\n");
        assert_string_equal(k.complained, "");

        stage_write(stage, "etc/kneed.conf", "leq = 1;\n");
        stage_write(stage, "etc/routines.d/a.conf", too_warm);
        assert_int_equal(KNEECTL(&k, stage, "check"), FAILED);
        assert_string_equal(k.said, "");
        check_lines(&k, wrong, ELEMENTSOF(wrong));

        assert_int_equal(KNEECTL(&k, stage, "check", "-H", "sofa"), USAGE);
        assert_int_equal(setenv("KNEECTL_KNEED", "/nonexistent/kneed", 1), 0);
        assert_int_equal(KNEECTL(&k, stage, "check"), UNREACHABLE);
        assert_int_equal(unsetenv("KNEECTL_KNEED"), 0);
}

/* A file is read as if it stood among the others, in the place of one of its name. */
static void test_check_files(void **state)
{
        Stage *stage = *state;
        char evening_path[STAGE_PATH_SIZE], limits_path[STAGE_PATH_SIZE], text[STAGE_PATH_SIZE];
        char late_path[STAGE_PATH_SIZE], missing[STAGE_PATH_SIZE];
        const char *const late[] = { "new/late.conf:1: the routine \"evening\" is already in" };
        const char *const limits[] = { "new/limits.conf:1: \"busy_s\" is 121" };
        const char *const odd[] = { "evening.txt: ", "missing.conf: there is no such file" };
        Kneectl k;

        stage_checker(stage);
        (void) snprintf(evening_path, sizeof(evening_path), "%s/new/evening.conf", stage->dir);
        (void) snprintf(late_path, sizeof(late_path), "%s/new/late.conf", stage->dir);
        (void) snprintf(limits_path, sizeof(limits_path), "%s/new/limits.conf", stage->dir);
        (void) snprintf(text, sizeof(text), "%s/evening.txt", stage->dir);
        (void) snprintf(missing, sizeof(missing), "%s/missing.conf", stage->dir);
        *strrchr(evening_path, '/') = '\0';
        assert_int_equal(mkdir(evening_path, 0700), 0);
        evening_path[strlen(evening_path)] = '/';
        stage_write(stage, "etc/routines.d/evening.conf", evening);
        stage_write(stage, "new/evening.conf", evening);
        stage_write(stage, "new/late.conf", evening);
        stage_write(stage, "new/limits.conf", "busy_s = 121;\n");
        stage_write(stage, "evening.txt", evening);

        assert_int_equal(KNEECTL(&k, stage, "check", evening_path), EXIT_SUCCESS);
        assert_string_equal(k.said, "The config is in order; it has 5 routines.\n");
        assert_int_equal(KNEECTL(&k, stage, "check", late_path), FAILED);
        check_lines(&k, late, ELEMENTSOF(late));
        assert_int_equal(KNEECTL(&k, stage, "check", evening_path, limits_path), FAILED);
        check_lines(&k, limits, ELEMENTSOF(limits));
        assert_int_equal(KNEECTL(&k, stage, "check", text, missing), FAILED);
        check_lines(&k, odd, ELEMENTSOF(odd));
        assert_int_equal(unsetenv("KNEECTL_KNEED"), 0);
}

static void test_kneectl_reload(void **state)
{
        static const char *const wrong[] = { "etc/routines.d/a.conf:1: the routine \"warm\" ",
                "The config has 1 error, so the one before it stays in force." };
        Stage *stage = *state;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "reload"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "read anew"));
        assert_int_equal(KNEECTL(&k, stage, "reload", "-q"), EXIT_SUCCESS);
        assert_string_equal(k.said, "");
        stage_write(stage, "etc/routines.d/a.conf", too_warm);
        assert_int_equal(KNEECTL(&k, stage, "reload"), FAILED);
        check_lines(&k, wrong, ELEMENTSOF(wrong));
        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
        assert_int_equal(KNEECTL(&k, stage, "reload"), UNREACHABLE);
}

#define TEST(f)       cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)
#define TEST_ALONE(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_a_session_keeps_what_it_began_with),
                TEST(test_all_or_nothing),
                TEST(test_no_frame_waits_for_a_reload),
                TEST(test_whoever_asked_may_be_gone),
                TEST(test_sighup),
                TEST(test_a_tight_limit_refuses_a_routine_and_not_the_config),
                TEST_ALONE(test_systemd_is_told),
                TEST_ALONE(test_check),
                TEST_ALONE(test_check_files),
                TEST(test_kneectl_reload),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
