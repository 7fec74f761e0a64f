/* SPDX-License-Identifier: MIT */

/* The person: screening, pain, latches, and what the ledger holds, through the real kneed. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/macro.h"
#include "daemon/account.h"
#include "daemon/clock.h"
#include "tests/bus/stage.h"
#include "tests/unit/cmocka-all.h"

#define SESSION  SESSION_PATH(1)
#define QUIET_MS 300u

static Client *open_ear(Stage *stage)
{
        Client *ear = stage_client(stage);

        client_listen(ear);
        return ear;
}

static void check_nothing_moved(Stage *stage)
{
        record_file_read(&stage->record);
        assert_int_equal(stage->record.frame_peak, 0);
        assert_int_equal(stage->record.motor_peak, 0);
}

/* A call that has to be refused by that name, with a sentence. */
#define check_refused(client, error_name, path, interface, member, ...)                   \
        do {                                                                              \
                _cleanup_(sd_bus_error_free) sd_bus_error refused_ = SD_BUS_ERROR_NULL;   \
                                                                                          \
                assert_true(client_call(client, path, interface, member, &refused_, NULL, \
                                            __VA_ARGS__) < 0);                            \
                assert_string_equal(refused_.name, error_name);                           \
                assert_true(strlen(refused_.message) > 20);                               \
        } while (0)

#define check_run_refused(client, why, ...) \
        check_refused(client, KNEED_ERROR(why), KNEED_ROOT, KNEED_MANAGER, "Run", __VA_ARGS__)

#define run_detached(client, leg)                                                                  \
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 5, "leg", "s",   \
                        leg, "minutes", "u", 5u, "nothing_new", "b", 1, "pain", "u", 2u, "detach", \
                        "b", 1)

/* The answer to one question is that one, to all others no. */
static void screen_with(Client *client, const char *id, const char *answer, const char *verdict)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL, *screening = NULL;
        const char *got, *sentence, *key;
        int valid;

        client_screen_with(client, id, answer, &reply);
        assert_true(sd_bus_message_read(reply, "ss", &got, &sentence) > 0);
        assert_string_equal(got, verdict);
        assert_true(streq(verdict, "allows") || strlen(sentence) > 20);

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "GetScreening", NULL, &screening,
                                    NULL) >= 0);
        assert_true(sd_bus_message_enter_container(screening, 'a', "{sv}") > 0);
        assert_true(sd_bus_message_read(screening, "{sv}", &key, "s", &got) > 0);
        assert_string_equal(key, "verdict");
        assert_string_equal(got, verdict);
        assert_true(sd_bus_message_read(screening, "{sv}", &key, "b", &valid) > 0);
        assert_string_equal(key, "valid");
        assert_true(valid);
}

/* SR-SCREENING: The daemon refuses, not the client: there is no client here that would ask. */
static void nobody_unscreened_is_massaged(void **state)
{
        Stage *stage = *state;
        Client *client;

        stage_start_kneed_unscreened(stage);
        client = stage_client(stage);
        check_run_refused(client, "ScreeningNeeded", "sa{sv}", "friction", 0);
        check_run_refused(
                        client, "ScreeningNeeded", "sa{sv}", "friction", 1, "nothing_new", "b", 1);

        client_screen(client);
        check_run_refused(client, "ScreeningNeeded", "sa{sv}", "friction", 0);
        check_run_refused(
                        client, "ScreeningNeeded", "sa{sv}", "friction", 1, "nothing_new", "b", 0);
        client_take_for(client, QUIET_MS);
        check_nothing_moved(stage);

        (void) client_run(client, "friction", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
}

/* SR-SCREENING */
static void a_red_flag_forbids_and_a_caution_asks_for_advice(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);

        screen_with(client, "infection", "yes", "forbids");
        check_run_refused(
                        client, "ScreeningForbids", "sa{sv}", "friction", 1, "nothing_new", "b", 1);
        screen_with(client, client_first_caution(client), "yes", "needs-advice");
        check_run_refused(client, "AdviceNeeded", "sa{sv}", "friction", 1, "nothing_new", "b", 1);
        client_take_for(client, QUIET_MS);
        check_nothing_moved(stage);

        screen_with(client, client_first_caution(client), "advised", "warns");
        (void) client_run(client, "friction", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
}

/* SR-SCREENING: What would not let it begin ends it; what it would begin with all the same, or what
 * would let it have more, does not. */
static void new_answers_count_for_what_runs(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        const char *caution = client_first_caution(client);

        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        client_screen(client);
        client_check_text(client, SESSION, KNEED_SESSION, "State", "warming-up");
        screen_with(client, "infection", "yes", "forbids");
        client_await_end(ear, SESSION, "screening");
        (void) record_file_await_rest(&stage->record);
        client_await_text(ear, VIRTUAL_PATH, "State", "idle");

        client_screen(client);
        run_detached(client, "left");
        client_await_text(ear, SESSION_PATH(2), "State", "warming-up");
        screen_with(client, caution, "yes", "needs-advice");
        client_await_end(ear, SESSION_PATH(2), "screening");
        client_await_text(ear, VIRTUAL_PATH, "State", "idle");
}

/* SR-TIGHTEN: A limit that is lower now than the one that it runs with ends it. */
static void a_caution_ends_what_runs_without_it(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        const char *caution = client_first_caution(client);

        run_detached(client, "left");
        client_await_text(ear, SESSION, "State", "warming-up");
        screen_with(client, caution, "advised", "warns");
        client_await_end(ear, SESSION, "screening");
        client_await_text(ear, VIRTUAL_PATH, "State", "idle");

        run_detached(client, "left");
        client_await_text(ear, SESSION_PATH(2), "State", "warming-up");
        screen_with(client, caution, "advised", "warns");
        client_screen(client);
        client_check_text(client, SESSION_PATH(2), KNEED_SESSION, "State", "warming-up");
}

static void bad_answers_are_refused_and_change_nothing(void **state)
{
        static const char invalid[] = KNEED_ERROR("InvalidArgument");
        Stage *stage = *state;
        Client *client = stage_client(stage);

        check_refused(client, invalid, KNEED_ROOT, KNEED_MANAGER, "Screen", "a{ss}", 0);
        check_refused(client, invalid, KNEED_ROOT, KNEED_MANAGER, "Screen", "a{ss}", 1, "infection",
                        "no");
        check_refused(client, invalid, KNEED_ROOT, KNEED_MANAGER, "Screen", "a{ss}", 1, "infection",
                        "maybe");
        check_refused(client, invalid, KNEED_ROOT, KNEED_MANAGER, "Screen", "a{ss}", 1, "infection",
                        "advised");
        check_refused(client, invalid, KNEED_ROOT, KNEED_MANAGER, "Screen", "a{ss}", 1, "shoe size",
                        "no");
        check_refused(client, invalid, KNEED_ROOT, KNEED_MANAGER, "Screen", "a{ss}", 2, "infection",
                        "no", "infection", "no");

        /* The screening from before still holds. */
        (void) client_run(client, "friction", 1);
}

static void pain_before_is_asked_within_its_range(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);

        check_run_refused(client, "OutOfRange", "sa{sv}", "friction", 2, "nothing_new", "b", 1,
                        "pain", "u", 11u);
        check_run_refused(client, "OutOfRange", "sa{sv}", "friction", 2, "nothing_new", "b", 1,
                        "pain", "u", UINT32_MAX);
        check_run_refused(client, "PainTooHigh", "sa{sv}", "friction", 2, "nothing_new", "b", 1,
                        "pain", "u", 5u);
        check_refused(client, KNEED_ERROR("OutOfRange"), KNEED_ROOT, KNEED_MANAGER, "ReportPain",
                        "sua{sv}", "left", 11u, 0);
        check_refused(client, KNEED_ERROR("InvalidArgument"), KNEED_ROOT, KNEED_MANAGER,
                        "ReportPain", "sua{sv}", "middle", 1u, 0);
        check_refused(client, KNEED_ERROR("InvalidArgument"), KNEED_ROOT, KNEED_MANAGER,
                        "ReportPain", "sua{sv}", "left", 1u, 1, "when", "s", "never");
        check_refused(client, KNEED_ERROR("UnknownOption"), KNEED_ROOT, KNEED_MANAGER, "ReportPain",
                        "sua{sv}", "left", 1u, 1, "where", "s", "knee");
        check_nothing_moved(stage);
}

static void report(Client *client, unsigned score, const char *action)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *got, *sentence;

        assert_true(client_call(client, SESSION, KNEED_SESSION, "ReportPain", NULL, &reply, "u",
                                    score) >= 0);
        assert_true(sd_bus_message_read(reply, "ss", &got, &sentence) > 0);
        assert_string_equal(got, action);
}

/* SR-PAIN: some pain eases; much of it stops, closes the leg and latches the massager. */
static void pain_eases_and_stops(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        uint64_t before;

        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        before = client_get_number(client, SESSION, KNEED_SESSION, "Intensity");
        report(client, 2, "none");
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "Intensity"), before);
        report(client, 3, "eased");
        assert_int_equal(
                        client_get_number(client, SESSION, KNEED_SESSION, "Intensity"), before / 2);

        report(client, 4, "stopped");
        client_await_end(ear, SESSION, "pain");
        (void) record_file_await_rest(&stage->record);
        client_await_text(ear, VIRTUAL_PATH, "State", "latched");

        check_run_refused(client, "MassagerNotReady", "sa{sv}", "friction", 2, "leg", "s", "right",
                        "nothing_new", "b", 1);
}

static uint32_t prepare_clear(Client *client)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *sentence;
        uint32_t code;

        assert_true(client_call(client, VIRTUAL_PATH, KNEED_MASSAGER, "PrepareClear", NULL, &reply,
                                    NULL) >= 0);
        assert_true(sd_bus_message_read(reply, "us", &code, &sentence) > 0);
        assert_true(strlen(sentence) > 20);
        return code;
}

static void clear(Client *ear, Client *client)
{
        client_do(client, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "u", prepare_clear(client));
        client_await_text(ear, VIRTUAL_PATH, "State", "idle");
}

/* What GetLeg says, by key. */
static uint64_t leg_number(Client *client, const char *leg, const char *key)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *got;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "GetLeg", NULL, &reply, "s",
                                    leg) >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                const char *contents;
                uint64_t number = 0;

                assert_true(sd_bus_message_read(reply, "s", &got) > 0);
                assert_true(sd_bus_message_peek_type(reply, NULL, &contents) > 0);
                if (streq(got, key)) {
                        assert_true(sd_bus_message_read(reply, "v", contents, &number) > 0);
                        return number;
                }
                assert_true(sd_bus_message_skip(reply, "v") > 0);
                assert_true(sd_bus_message_exit_container(reply) >= 0);
        }
        fail_msg("GetLeg does not say %s", key);
        return 0;
}

/* Returns the sentence, which holds until the next one is asked for. */
static const char *report_when(Client *client, const char *leg, unsigned score, const char *when,
                const char *action)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        static char sentence[512];
        const char *got, *text;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "ReportPain", NULL, &reply,
                                    "sua{sv}", leg, score, 1, "when", "s", when) >= 0);
        assert_true(sd_bus_message_read(reply, "ss", &got, &text) > 0);
        assert_string_equal(got, action);
        (void) snprintf(sentence, sizeof(sentence), "%s", text);
        return sentence;
}

/* A score of the latest session, by its key. */
static uint32_t latest_score(Client *client, const char *key)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *got;
        uint32_t score = UINT32_MAX;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "ListSessions", NULL, &reply,
                                    "u", 1u) >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "a{sv}") > 0);
        assert_true(sd_bus_message_enter_container(reply, 'a', "{sv}") > 0);
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                assert_true(sd_bus_message_read(reply, "s", &got) > 0);
                if (streq(got, key))
                        assert_true(sd_bus_message_read(reply, "v", "u", &score) > 0);
                else
                        assert_true(sd_bus_message_skip(reply, "v") > 0);
                assert_true(sd_bus_message_exit_container(reply) >= 0);
        }
        return score;
}

/* SR-PAIN: While it is massaged a leg that hurts is eased or left alone, whatever the score is said
 * to be of; and it is noted as that. */
static void a_score_of_any_time_acts_on_what_runs(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        uint64_t before;

        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        before = client_get_number(client, SESSION, KNEED_SESSION, "Intensity");
        assert_non_null(strstr(report_when(client, "left", 3, "before", "eased"), "gentler"));
        assert_int_equal(
                        client_get_number(client, SESSION, KNEED_SESSION, "Intensity"), before / 2);
        assert_string_equal(report_when(client, "right", 4, "before", "none"), "");
        client_check_text(client, SESSION, KNEED_SESSION, "State", "warming-up");

        assert_non_null(strstr(report_when(client, "left", 9, "after", "stopped"), "for a day"));
        client_await_end(ear, SESSION, "pain");
        (void) record_file_await_rest(&stage->record);
        client_await_text(ear, VIRTUAL_PATH, "State", "latched");
        assert_int_equal(latest_score(client, "pain_before"), 2);
        assert_int_equal(latest_score(client, "pain_during"), UINT32_MAX);
        assert_int_equal(latest_score(client, "pain_after"), 9);

        clear(ear, client);
        check_run_refused(client, "LegClosed", "sa{sv}", "friction", 2, "leg", "s", "left",
                        "nothing_new", "b", 1);
}

/* SR-MORNING: What closes the leg ends what runs on it, too. */
static void a_worse_morning_ends_what_runs(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);

        run_detached(client, "left");
        client_await_text(ear, SESSION, "State", "warming-up");
        assert_string_equal(report_when(client, "left", 2, "morning", "none"), "");
        client_check_text(client, SESSION, KNEED_SESSION, "State", "warming-up");
        assert_non_null(strstr(report_when(client, "left", 3, "morning", "stopped"), "two days"));
        client_await_end(ear, SESSION, "pain");
}

/* SR-PAIN, SR-MORNING: What a score did is said, and nothing that it did not do. */
static void what_a_score_did_is_said(void **state)
{
        Client *client = stage_client(*state);
        const char *said;

        assert_string_equal(report_when(client, "left", 4, "after", "none"), "");
        said = report_when(client, "left", 5, "after", "none");
        assert_non_null(strstr(said, "too much pain"));
        assert_non_null(strstr(said, "rest"));
        said = report_when(client, "left", 7, "during", "none");
        assert_non_null(strstr(said, "rests for a day"));
        assert_null(strstr(said, "stopped"));

        /* It is closed for what was before, and not for that morning. */
        assert_string_equal(report_when(client, "left", 0, "morning", "none"), "");
        said = report_when(client, "left", 1, "morning", "none");
        assert_non_null(strstr(said, "worse"));
        assert_non_null(strstr(said, "two days"));
        assert_null(strstr(said, "stopped"));
}

/* The left leg may not, for a score of 7. */
static void check_hurts(Client *client)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                                    "friction", 2, "leg", "s", "left", "nothing_new", "b", 1) < 0);
        assert_string_equal(error.name, KNEED_ERROR("PainTooHigh"));
        assert_non_null(strstr(error.message, "hurt 7 of 10 at "));
        assert_non_null(strstr(error.message, "kneectl pain"));
        assert_int_equal(leg_number(client, "left", "may_start"), 0);
        assert_int_equal(leg_number(client, "right", "may_start"), 1);
        check_refused(client, KNEED_ERROR("LegClosed"), KNEED_ROOT, KNEED_MANAGER, "PrepareDelete",
                        NULL);
}

/* SR-PAIN, SR-DELETE: Also when it was only told with a start that was refused for it; a new kneed
 * knows of it, and deleting does not lift it. */
static void much_pain_is_remembered_until_less_is_told(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);

        check_run_refused(client, "PainTooHigh", "sa{sv}", "friction", 3, "leg", "s", "left",
                        "nothing_new", "b", 1, "pain", "u", 7u);
        check_hurts(client);
        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
        stage_start_kneed(stage);
        client = stage_client(stage);
        check_hurts(client);
        check_nothing_moved(stage);

        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        assert_int_equal(latest_score(client, "pain_before"), 2);
}

/* SR-PAIN: The wish for another session on a leg that is massaged brings a score of it. */
static void the_score_of_a_wish_acts_on_what_runs(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);

        run_detached(client, "left");
        client_await_text(ear, SESSION, "State", "warming-up");
        check_run_refused(client, "PainTooHigh", "sa{sv}", "friction", 3, "leg", "s", "right",
                        "nothing_new", "b", 1, "pain", "u", 7u);
        client_check_text(client, SESSION, KNEED_SESSION, "State", "warming-up");
        check_run_refused(client, "PainTooHigh", "sa{sv}", "friction", 3, "leg", "s", "left",
                        "nothing_new", "b", 1, "pain", "u", 7u);
        client_await_end(ear, SESSION, "pain");
}

/* A score of before is of what comes next, not of what is over. */
static void a_score_before_is_not_of_the_last_session(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);

        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "friction", 2, "detach", "b",
                        1, "nothing_new", "b", 1);
        client_await_text(ear, SESSION, "State", "warming-up");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL);
        client_await_end(ear, SESSION, "stopped");
        assert_string_equal(report_when(client, "left", 4, "before", "none"), "");
        assert_int_equal(latest_score(client, "pain_before"), UINT32_MAX);
        assert_string_equal(report_when(client, "left", 4, "after", "none"), "");
        assert_int_equal(latest_score(client, "pain_after"), 4);
}

/* SR-CLEAR: neither one step, nor a wrong second one, nor the same one twice releases a latch; and
 * the leg that pain closed stays closed when it is released. */
static void a_latched_stop_is_cleared_in_two_steps(void **state)
{
        static const char wrong_state[] = KNEED_ERROR("WrongState");
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);
        uint32_t code;

        check_refused(client, wrong_state, VIRTUAL_PATH, KNEED_MASSAGER, "PrepareClear", NULL);
        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        report(client, 5, "stopped");
        client_await_text(ear, VIRTUAL_PATH, "State", "latched");

        check_refused(client, wrong_state, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "u", 0u);
        code = prepare_clear(client);
        check_refused(client, wrong_state, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "u", code + 1);
        check_refused(client, wrong_state, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "u", code);
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "latched");
        check_run_refused(client, "MassagerNotReady", "sa{sv}", "friction", 2, "leg", "s", "right",
                        "nothing_new", "b", 1);

        /* It is stopped once more in the meantime, and the code speaks of the other stop. */
        code = prepare_clear(client);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "EmergencyStop", NULL);
        check_refused(client, wrong_state, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "u", code);
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "latched");

        clear(ear, client);
        check_run_refused(client, "LegClosed", "sa{sv}", "friction", 2, "leg", "s", "left",
                        "nothing_new", "b", 1);
        run_detached(client, "right");
        client_await_text(ear, SESSION_PATH(2), "State", "warming-up");
}

/* SR-EMERGENCY: everything stops, and what was at rest is latched as well. */
static void an_emergency_stop_latches(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);

        client_do(client, KNEED_ROOT, KNEED_MANAGER, "EmergencyStop", NULL);
        client_await_text(ear, VIRTUAL_PATH, "State", "latched");
        check_run_refused(
                        client, "MassagerNotReady", "sa{sv}", "friction", 1, "nothing_new", "b", 1);
        clear(ear, client);

        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "EmergencyStop", NULL);
        client_await_end(ear, SESSION, "emergency");
        (void) record_file_await_rest(&stage->record);
        client_await_text(ear, VIRTUAL_PATH, "State", "latched");
        clear(ear, client);
        run_detached(client, "left");
        client_await_text(ear, SESSION_PATH(2), "State", "warming-up");
}

/* A run of so many minutes of the left leg has to be refused for a limit, by a sentence with that.
 */
static void check_too_long(Client *client, unsigned minutes, const char *words)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                                    "friction", 3, "leg", "s", "left", "nothing_new", "b", 1,
                                    "minutes", "u", minutes) < 0);
        assert_string_equal(error.name, KNEED_ERROR("LimitExceeded"));
        if (!strstr(error.message, words))
                fail_msg("\"%s\" does not say \"%s\"", error.message, words);
}

/* A refusal names the limit that binds, and its value. */
static void what_is_too_long_is_told_by_its_limit(void **state)
{
        Stage *stage = *state;
        Client *ear, *client;

        stage_write(stage, "etc/limits.conf", "day_minutes = 17;\n");
        stage_start_kneed(stage);
        ear = open_ear(stage);
        client = stage_client(stage);
        check_too_long(client, 18, "Only 17 of the 17 minutes of this leg in 24 hours");

        screen_with(client, "sensation", "advised", "warns");
        check_too_long(client, 11, "at most 10 minutes (session_minutes)");
        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL);
        client_await_end(ear, SESSION, "stopped");
        client_await_text(ear, VIRTUAL_PATH, "State", "idle");
        check_too_long(client, 10, "Only 9 of the 10 minutes of a session are left without a rest");
}

/* SR-CRASH: kneed is killed while its first charge still holds: the next one knows of at least as
 * much as the massager did, and a second one of the same. Kills later on are in test-crash-dose. */
static void a_crash_gives_no_dose_back(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        uint64_t begun_ms, did_ms, known;

        run_detached(client, "left");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        begun_ms = clock_now_ms();
        client_take_for(client, 700);
        did_ms = clock_now_ms() - begun_ms;
        assert_int_equal(stage_end_kneed(stage, SIGKILL), 128 + SIGKILL);

        stage_start_kneed(stage);
        client = stage_client(stage);
        known = client_charged_ms(client);
        assert_true(known >= did_ms);
        assert_in_range(known, did_ms, ACCOUNT_AHEAD_MS + ACCOUNT_CUT_OFF_MS);
        assert_int_equal(leg_number(client, "left", "minutes_today"), 1);
        assert_int_equal(leg_number(client, "right", "minutes_today"), 0);

        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
        stage_start_kneed(stage);
        assert_int_equal(client_charged_ms(stage_client(stage)), known);
}

/* SR-CLEAR, SR-CRASH: A crash is no deliberate step, and neither is whoever starts kneed anew. */
static void a_crash_clears_nothing(void **state)
{
        Stage *stage = *state;
        Client *ear = open_ear(stage), *client = stage_client(stage);

        client_do(client, KNEED_ROOT, KNEED_MANAGER, "EmergencyStop", NULL);
        client_await_text(ear, VIRTUAL_PATH, "State", "latched");
        /* What was entered before it is on the disk when it is answered. */
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "ExportHistory", "t", UINT64_C(0));
        assert_int_equal(stage_end_kneed(stage, SIGKILL), 128 + SIGKILL);

        stage_start_kneed(stage);
        ear = open_ear(stage);
        client = stage_client(stage);
        check_run_refused(
                        client, "MassagerNotReady", "sa{sv}", "friction", 1, "nothing_new", "b", 1);
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "latched");
        clear(ear, client);

        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
        stage_start_kneed(stage);
        client = stage_client(stage);
        run_detached(client, "left");
}

/* SR-LEDGER: without a ledger nothing starts, stop works, and the sentence says what mends it. */
static void without_a_ledger_nothing_starts(void **state)
{
        Stage *stage = *state;
        char path[STAGE_PATH_SIZE];
        Client *ear = open_ear(stage), *client = stage_client(stage);

        stage_write(stage, "state", "nobody's directory\n");
        stage_start_kneed_unscreened(stage);
        client_check_text(client, KNEED_ROOT, KNEED_MANAGER, "LedgerState", "broken");
        check_run_refused(client, "LedgerUnavailable", "sa{sv}", "friction", 1, "nothing_new", "b",
                        1);
        check_refused(client, KNEED_ERROR("LedgerUnavailable"), KNEED_ROOT, KNEED_MANAGER,
                        "ReportPain", "sua{sv}", "left", 1u, 0);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL);
        check_nothing_moved(stage);

        (void) snprintf(path, sizeof(path), "%s/state", stage->dir);
        assert_int_equal(unlink(path), 0);
        check_run_refused(client, "LedgerUnavailable", "sa{sv}", "friction", 1, "nothing_new", "b",
                        1);
        client_await_text(ear, KNEED_ROOT, "LedgerState", "ready");
        client_screen(client);
        (void) client_run(client, "friction", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
}

#define ALONE(f)      cmocka_unit_test_setup_teardown(f, stage_open, stage_close)
#define WITH_KNEED(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        const struct CMUnitTest tests[] = {
                ALONE(nobody_unscreened_is_massaged),
                WITH_KNEED(a_red_flag_forbids_and_a_caution_asks_for_advice),
                WITH_KNEED(new_answers_count_for_what_runs),
                WITH_KNEED(a_caution_ends_what_runs_without_it),
                WITH_KNEED(bad_answers_are_refused_and_change_nothing),
                WITH_KNEED(pain_before_is_asked_within_its_range),
                WITH_KNEED(pain_eases_and_stops),
                WITH_KNEED(a_score_of_any_time_acts_on_what_runs),
                WITH_KNEED(a_worse_morning_ends_what_runs),
                WITH_KNEED(what_a_score_did_is_said),
                WITH_KNEED(much_pain_is_remembered_until_less_is_told),
                WITH_KNEED(the_score_of_a_wish_acts_on_what_runs),
                WITH_KNEED(a_score_before_is_not_of_the_last_session),
                WITH_KNEED(a_latched_stop_is_cleared_in_two_steps),
                WITH_KNEED(an_emergency_stop_latches),
                ALONE(what_is_too_long_is_told_by_its_limit),
                WITH_KNEED(a_crash_gives_no_dose_back),
                WITH_KNEED(a_crash_clears_nothing),
                ALONE(without_a_ledger_nothing_starts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
