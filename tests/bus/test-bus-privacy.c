/* SPDX-License-Identifier: MIT */

/* What was felt is the person's: it is in no log, can be taken along whole and be deleted, and
 * neither gives any dose back. */

#include <dirent.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "daemon/screening.h"
#include "tests/bus/kneectl.h"
#include "tests/unit/cmocka-all.h"

#define REFUSED     4
#define PAGES_SCORE 20 /* more than one page */

/* A minute of knee friction that hurt a little, and broke off. */
static void massage(Stage *stage, unsigned number)
{
        Client *client = stage_client(stage);
        char path[STAGE_PATH_SIZE];

        client_listen(client);
        (void) snprintf(path, sizeof(path), KNEED_ROOT "/session/%u", number);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 5, "leg", "s",
                        "right", "minutes", "u", 1u, "nothing_new", "b", 1, "pain", "u", 1u,
                        "detach", "b", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
        client_do(client, path, KNEED_SESSION, "ReportPain", "u", 2u);
        client_do(client, path, KNEED_SESSION, "Stop", NULL);
        client_await_end(client, path, "stopped");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "ReportPain", "sua{sv}", "right", 2u, 1,
                        "when", "s", "after");
}

static json_object *export_history(Stage *stage)
{
        json_object *document;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "history", "export", "--json", "short"), EXIT_SUCCESS);
        document = json_tokener_parse(k.said);
        assert_non_null(document);
        return document;
}

static const char *text_of(json_object *entry, const char *key)
{
        json_object *value;

        return json_object_object_get_ex(entry, key, &value) ? json_object_get_string(value) : "";
}

/* How many entries of that kind there are; *ret_last is the last one. */
static unsigned count(json_object *document, const char *kind, json_object **ret_last)
{
        json_object *entries = NULL;
        unsigned n = 0;

        assert_true(json_object_object_get_ex(document, "entries", &entries));
        for (size_t i = 0; i < json_object_array_length(entries); i++) {
                json_object *entry = json_object_array_get_idx(entries, i);

                if (!streq(text_of(entry, "kind"), kind))
                        continue;
                *ret_last = entry;
                n++;
        }

        return n;
}

static void all_can_be_taken_along(void **state)
{
        Stage *stage = *state;
        json_object *document, *entry = NULL, *answers = NULL;

        massage(stage, 1);
        for (unsigned i = 0; i < PAGES_SCORE; i++)
                client_do(stage->clients[0], KNEED_ROOT, KNEED_MANAGER, "ReportPain", "sua{sv}",
                                "left", i % 3, 0);

        document = export_history(stage);
        assert_int_equal(count(document, "screened", &entry), 1);
        assert_true(json_object_object_get_ex(entry, "answers", &answers));
        assert_string_equal(text_of(answers, screening_question(0)->id), "no");
        assert_int_equal(count(document, "session-begun", &entry), 1);
        assert_int_equal(count(document, "session-ended", &entry), 1);
        assert_string_equal(text_of(entry, "routine"), "friction");
        assert_string_equal(text_of(entry, "end"), "stopped");
        assert_string_equal(text_of(entry, "leg"), "right");
        assert_int_equal(count(document, "pain", &entry), 3 + PAGES_SCORE);
        json_object_put(document);
}

static bool has_bytes(const char *path, const char *text)
{
        static char bytes[1 << 20];
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        assert_true(fd >= 0);
        n = read(fd, bytes, sizeof(bytes));
        assert_true(n >= 0);
        (void) close(fd);
        return memmem(bytes, (size_t) n, text, strlen(text)) != NULL;
}

/* Whether any file of the ledger has it. */
static bool is_on_disk(const Stage *stage, const char *text)
{
        char path[STAGE_PATH_SIZE + 256];
        const struct dirent *file;
        bool has = false;
        DIR *folder;

        (void) snprintf(path, sizeof(path), "%s/state", stage->dir);
        folder = opendir(path);
        assert_non_null(folder);
        while ((file = readdir(folder)))
                if (file->d_type == DT_REG) {
                        (void) snprintf(path, sizeof(path), "%s/state/%s", stage->dir,
                                        file->d_name);
                        has = has || has_bytes(path, text);
                }
        (void) closedir(folder);
        return has;
}

static void check_run_refused(Client *client, const char *why)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                                    "friction", 1, "nothing_new", "b", 1) < 0);
        assert_string_equal(error.name, why);
        sd_bus_error_free(&error);
}

/* SR-DELETE */
static void what_is_deleted_is_gone_and_the_dose_is_not(void **state)
{
        Stage *stage = *state;
        Client *client = stage->clients[0];
        json_object *document, *entry = NULL;
        uint64_t charged_ms;
        Kneectl k;

        massage(stage, 1);
        stage_write(stage, "state/ledger.db.damaged-1", "an older friction");
        charged_ms = client_charged_ms(client);
        assert_true(charged_ms > 0);

        assert_int_equal(KNEECTL(&k, stage, "history", "delete"), 2); /* nobody to ask */
        assert_int_equal(client_charged_ms(client), charged_ms);
        assert_int_equal(KNEECTL(&k, stage, "history", "delete", "--yes"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "in the last two days stays"));

        for (unsigned i = 0; i < 2; i++) {
                document = export_history(stage);
                assert_int_equal(count(document, "pain", &entry), 0);
                assert_int_equal(count(document, "screened", &entry), 0);
                assert_int_equal(count(document, "deleted", &entry), 1);
                assert_int_equal(count(document, "session-ended", &entry), 1);
                assert_string_equal(text_of(entry, "routine"), "");
                assert_string_equal(text_of(entry, "end"), "deleted");
                json_object_put(document);
                assert_int_equal(client_charged_ms(stage->clients[stage->n_clients - 1]),
                                charged_ms);
                check_run_refused(stage->clients[stage->n_clients - 1],
                                KNEED_ERROR("ScreeningNeeded"));

                /* And so it is after the next start. */
                assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
                assert_false(is_on_disk(stage, "friction"));
                assert_false(is_on_disk(stage, screening_question(0)->id));
                stage_start_kneed_unscreened(stage);
                client_await_ledger(stage->clients[stage->n_clients - 1]);
        }
}

static void check_delete_refused(Client *client, const char *why)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "PrepareDelete", &error, NULL,
                                    NULL) < 0);
        assert_string_equal(error.name, why);
        sd_bus_error_free(&error);
}

/* SR-DELETE, SR-PAIN */
static void a_leg_that_is_closed_cannot_be_opened_by_it(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        sd_bus_error error = SD_BUS_ERROR_NULL;

        client_listen(client);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 2, "detach", "b",
                        1, "nothing_new", "b", 1);
        check_delete_refused(client, KNEED_ERROR("MassagerBusy"));
        client_do(client, SESSION_PATH(1), KNEED_SESSION, "ReportPain", "u", 6u);
        client_await_end(client, SESSION_PATH(1), "pain");
        check_delete_refused(client, KNEED_ERROR("LegClosed"));
        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "DeleteHistory", &error, NULL,
                                    "u", 0u) < 0);
        assert_string_equal(error.name, KNEED_ERROR("WrongState"));
        sd_bus_error_free(&error);
}

/* What a person answered, and that it hurt. */
static void the_log_says_nothing_of_it(void **state)
{
        static const char *const words[] = { "pain", "hurt", "screen", "answer", "advice",
                "friction", "left", "right", "leg ", "doctor", "massage " };
        Stage *stage = *state;
        Client *client = stage->clients[0];
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const ScreeningQuestion *question;
        char log[8192];

        massage(stage, 1);
        client_listen(client);
        (void) client_run(client, "friction", 2);
        client_screen_with(client, screening_question(0)->id, "yes", &reply);
        client_await_end(client, SESSION_PATH(2), "screening");
        client_screen(client);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 2, "detach", "b",
                        1, "nothing_new", "b", 1);
        client_do(client, SESSION_PATH(3), KNEED_SESSION, "ReportPain", "u", 7u);
        client_await_end(client, SESSION_PATH(3), "pain");

        stage_read(stage, "kneed.log", log, sizeof(log));
        assert_non_null(strstr(log, "Session 2 on " VIRTUAL_ID " is over after 0 s: stopped"));
        assert_non_null(strstr(log, "Session 3 on " VIRTUAL_ID " is over after 0 s: stopped"));
        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (strstr(log, words[i]))
                        fail_msg("The log says \"%s\":\n%s", words[i], log);
        for (unsigned i = 0; (question = screening_question(i)); i++)
                if (strstr(log, question->id))
                        fail_msg("The log says \"%s\":\n%s", question->id, log);
}

static void nobody_else_can_read_it(void **state)
{
        Stage *stage = *state;
        char path[STAGE_PATH_SIZE];
        struct stat st;

        (void) snprintf(path, sizeof(path), "%s/state", stage->dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        (void) snprintf(path, sizeof(path), "%s/state/ledger.db", stage->dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(all_can_be_taken_along),
                TEST(what_is_deleted_is_gone_and_the_dose_is_not),
                TEST(a_leg_that_is_closed_cannot_be_opened_by_it),
                TEST(the_log_says_nothing_of_it),
                TEST(nobody_else_can_read_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
