/* SPDX-License-Identifier: MIT */

/* kneectl against a kneed that is not the real one: on a morning after, with hostile words, and one
 * that starts without being told that nothing is new. */

#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "tests/bus/kneectl.h"
#include "tests/unit/cmocka-all.h"

#define FAILED      1
#define REFUSED     4
#define ENDED_EARLY 5

#define ADVICE    "See a physiotherapist about the left knee."
#define TOO_OFTEN "This program calls too often; try again in a second."
#define WORSE     "It was worse this morning, so this leg rests until the day after tomorrow."

/* Clears the screen, sets a title, rings, turns the direction, and ends a line. */
/* NOLINTNEXTLINE(misc-misleading-bidirectional): what is to be made harmless */
#define HOSTILE "a\033[2Jb\033]0;c\007d\302\2332Je\342\200\256f\r\ng"

typedef enum MockKind {
        MOCK_MORNING,
        MOCK_ADVICE,
        MOCK_BROKEN,
        MOCK_HOSTILE,
        MOCK_CARELESS,
        MOCK_GUARDED, /* wants a password */
        MOCK_FLOODED, /* refuses a report of pain, but no stop */
        MOCK_DROWNED, /* refuses to say anything of itself, too */
} MockKind;

typedef struct Mock {
        MockKind kind;
        bool reported; /* how the morning was */
} Mock;

static const char *words_of(const Mock *mock)
{
        return mock->kind == MOCK_HOSTILE ? HOSTILE : "Words.";
}

static int get_property(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Mock *mock = userdata;

        if (mock->kind == MOCK_DROWNED)
                return sd_bus_error_set(error, KNEED_ERROR("TooManyCalls"), TOO_OFTEN);
        if (streq(property, "DefaultLeg"))
                return sd_bus_message_append(reply, "s", "left");
        if (streq(property, "LedgerState"))
                return sd_bus_message_append(reply, "s",
                                mock->kind == MOCK_BROKEN    ? "broken"
                                : mock->kind == MOCK_HOSTILE ? HOSTILE
                                                             : "ready");
        return sd_bus_message_append(reply, "s", words_of(mock));
}

static int method_get_leg(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Mock *mock = userdata;
        const bool closed = mock->kind == MOCK_HOSTILE || mock->reported;

        if (mock->kind == MOCK_BROKEN)
                return sd_bus_reply_method_return(call, "a{sv}", 2, "error", "s",
                                "LedgerUnavailable", "sentence", "s", words_of(mock));
        return sd_bus_reply_method_return(call, "a{sv}", 5, "may_start", "b", (int) !closed,
                        "error", "s", closed ? "LegClosed" : "", "sentence", "s",
                        mock->kind == MOCK_HOSTILE ? HOSTILE
                        : closed                   ? WORSE
                                                   : "",
                        "morning_due", "b", (int) (mock->kind == MOCK_MORNING && !mock->reported),
                        "advice", "s", mock->kind == MOCK_HOSTILE ? HOSTILE : ADVICE);
}

static int method_report_pain(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const char *leg, *key, *when;
        Mock *mock = userdata;
        char sentence[96];
        uint32_t score;
        int r;

        if (mock->kind == MOCK_FLOODED)
                return sd_bus_error_set(error, KNEED_ERROR("TooManyCalls"), TOO_OFTEN);
        r = sd_bus_message_read(call, "sua{sv}", &leg, &score, 1, &key, "s", &when);
        if (r < 0)
                return r;
        mock->reported = true;
        (void) snprintf(sentence, sizeof(sentence), "Heard %s %u %s.", leg, score, when);
        return sd_bus_reply_method_return(call, "ss", "none", sentence);
}

static int method_stop_all(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(call, "u", 1);
}

static int ask_for_password(sd_bus_message *call, sd_bus_error *error)
{
        if (sd_bus_message_get_allow_interactive_authorization(call) > 0)
                return 0;
        return sd_bus_error_set(error, BUS_ERROR("InteractiveAuthorizationRequired"), "Password.");
}

static int method_run(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Mock *mock = userdata;

        const char *what, *first, *second;
        int nothing_new, detach, r;

        if (mock->kind == MOCK_GUARDED) {
                r = ask_for_password(call, error);
                if (r >= 0)
                        r = sd_bus_message_read(call, "sa{sv}", &what, 2, &first, "b", &nothing_new,
                                        &second, "b", &detach);
                return r < 0 ? r : sd_bus_reply_method_return(call, "o", SESSION_PATH(1));
        }
        if (mock->kind == MOCK_CARELESS)
                return sd_bus_reply_method_return(call, "o", SESSION_PATH(1));
        return sd_bus_error_set(error, KNEED_ERROR("ScreeningNeeded"), "Say it first.");
}

static int method_list_questions(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(call, "aa{sv}", 1, 4, "id", "s", HOSTILE, "kind", "s",
                        HOSTILE, "text", "s", HOSTILE, "detail", "s", HOSTILE);
}

static int method_get_screening(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(call, "a{sv}", 4, "verdict", "s", HOSTILE, "sentence",
                        "s", HOSTILE, "valid", "b", 1, "valid_until", "t", UINT64_MAX);
}

static int method_screen(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Mock *mock = userdata;
        const char *id, *answer;
        int r;

        if (mock->kind == MOCK_GUARDED) {
                r = ask_for_password(call, error);
                if (r >= 0)
                        r = sd_bus_message_read(call, "a{ss}", 1, &id, &answer);
                return r < 0 ? r : sd_bus_reply_method_return(call, "ss", id, answer);
        }
        return sd_bus_reply_method_return(call, "ss", HOSTILE, HOSTILE);
}

static int method_list_sessions(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(call, "aa{sv}", 1, 3, "leg", "s", HOSTILE, "begun", "t",
                        UINT64_MAX, "pain_before", "u", UINT32_MAX);
}

static int method_list_limits(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(call, "a{sa{sv}}", 1, HOSTILE, 3, "unit", "s", HOSTILE,
                        "what", "s", HOSTILE, "source", "s", HOSTILE);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", get_property, 0, 0),
        SD_BUS_PROPERTY("DefaultLeg", "s", get_property, 0, 0),
        SD_BUS_PROPERTY("LedgerState", "s", get_property, 0, 0),
        SD_BUS_PROPERTY("LedgerReason", "s", get_property, 0, 0),
        SD_BUS_METHOD("GetLeg", "s", "a{sv}", method_get_leg, 0),
        SD_BUS_METHOD("ReportPain", "sua{sv}", "ss", method_report_pain, 0),
        SD_BUS_METHOD("StopAll", NULL, "u", method_stop_all, 0),
        SD_BUS_METHOD("Run", "sa{sv}", "o", method_run, 0),
        SD_BUS_METHOD("ListQuestions", NULL, "aa{sv}", method_list_questions, 0),
        SD_BUS_METHOD("GetScreening", NULL, "a{sv}", method_get_screening, 0),
        SD_BUS_METHOD("Screen", "a{ss}", "ss", method_screen, 0),
        SD_BUS_METHOD("ListSessions", "u", "aa{sv}", method_list_sessions, 0),
        SD_BUS_METHOD("ListLimits", NULL, "a{sa{sv}}", method_list_limits, 0),
        SD_BUS_VTABLE_END,
};

/* Says its name when all is there. */
static void be_kneed(const Stage *stage, unsigned kind)
{
        Mock mock = { .kind = (MockKind) kind };
        sd_bus *bus;
        int r;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, stage->address);
        if (r >= 0)
                r = sd_bus_set_bus_client(bus, 1);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r >= 0)
                r = sd_bus_add_object_manager(bus, NULL, KNEED_ROOT);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, KNEED_ROOT, KNEED_MANAGER, vtable, &mock);
        if (r >= 0)
                r = sd_bus_request_name(bus, KNEED_NAME, 0);
        while (r >= 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
}

static void start_mock(Stage *stage, MockKind kind)
{
        Client *client = stage_client(stage);

        client_listen(client);
        (void) stage_fork(stage, be_kneed, kind);
        while (!client_has_owner(client, KNEED_NAME))
                (void) client_await(client, NULL, "NameOwnerChanged");
}

/* Nothing that a terminal would obey, but ends of lines. */
static void check_harmless(const char *said)
{
        static const char override[] = { '\342', '\200', '\256' }; /* of the direction */

        for (const char *c = said; *c; c++)
                if (((unsigned char) *c < ' ' && *c != '\n' && *c != '\r') || *c == '\177' ||
                                ((unsigned char) c[0] == 0xc2 && (unsigned char) c[1] < 0xa0) ||
                                strncmp(c, override, sizeof(override)) == 0)
                        fail_msg("kneectl says byte %u of \"%s\"", (unsigned char) *c, said);
}

/* SR-MORNING, SR-ADVICE: Asked before all else, and believed. */
static void the_morning_after_is_asked_for(void **state)
{
        static const char *const words[] = { "run", "friction", NULL };
        Stage *stage = *state;
        Kneectl k;

        start_mock(stage, MOCK_MORNING);
        kneectl_start_on_terminal(&k, stage, words);
        kneectl_answer_question(&k, "How is the left knee this morning", "6");
        kneectl_await_text(&k, "Heard left 6 morning.");
        kneectl_await_text(&k, "kneectl: " WORSE);
        assert_int_equal(kneectl_await(&k), REFUSED);
        assert_null(strstr(k.said, "Anything new"));
}

/* SR-ADVICE: Said before the questions. */
static void advice_is_given_before_a_session(void **state)
{
        static const char *const words[] = { "run", "friction", NULL };
        Stage *stage = *state;
        Kneectl k;

        start_mock(stage, MOCK_ADVICE);
        kneectl_start_on_terminal(&k, stage, words);
        kneectl_await_text(&k, ADVICE);
        kneectl_answer_question(&k, "Anything new", "q");
        assert_int_equal(kneectl_await(&k), ENDED_EARLY);
}

static void check_stops(Stage *stage, bool stops, const char *const words[])
{
        Kneectl k;

        assert_int_equal(kneectl_run(&k, stage, words), REFUSED);
        assert_string_equal(k.said, "");
        assert_non_null(strstr(k.complained, "kneectl: " TOO_OFTEN));
        assert_int_equal(strstr(k.complained, "kneectl stopped everything") != NULL, stops);
}
#define CHECK_STOPS(stage, stops, ...) \
        check_stops(stage, stops, (const char *const[]){ __VA_ARGS__, NULL })

/* SR-PAIN: Where kneed takes no report, too much pain stops all the same. */
static void pain_that_is_not_taken_stops(void **state)
{
        Stage *stage = *state;

        start_mock(stage, MOCK_FLOODED);
        CHECK_STOPS(stage, true, "pain", "5");
        CHECK_STOPS(stage, true, "pain", "10", "--quiet");
        CHECK_STOPS(stage, true, "pain", "7", "--when", "during");
        CHECK_STOPS(stage, false, "pain", "4");
        CHECK_STOPS(stage, false, "pain", "7", "--when", "morning");
}

/* SR-PAIN: Nor is it known which leg is meant. */
static void pain_that_cannot_be_told_stops(void **state)
{
        Stage *stage = *state;

        start_mock(stage, MOCK_DROWNED);
        CHECK_STOPS(stage, true, "pain", "5");
        CHECK_STOPS(stage, false, "pain", "4");
}

static void advice_and_morning_stand_in_the_status(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        start_mock(stage, MOCK_MORNING);
        assert_int_equal(KNEECTL(&k, stage, "status"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, ADVICE));
        assert_non_null(strstr(k.said, "kneectl pain --leg left"));
}

static void a_broken_ledger_is_told_once(void **state)
{
        Stage *stage = *state;
        const char *at;
        Kneectl k;

        start_mock(stage, MOCK_BROKEN);
        assert_int_equal(KNEECTL(&k, stage, "status"), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "Left leg  not now\nRight leg not now\nLedger    broken\n"));
        at = strstr(k.said, "Words.");
        assert_non_null(at);
        assert_null(strstr(at + 1, "Words."));
}

static void hostile_words_reach_no_terminal(void **state)
{
        static const char *const verbs[][4] = {
                { "status", NULL },
                { "history", NULL },
                { "limits", NULL },
                { "limits", "--sources", NULL },
                { "screen", "--show", NULL },
                { "screen", "--answer", "clot=no", NULL },
        };
        Stage *stage = *state;
        Kneectl k;

        start_mock(stage, MOCK_HOSTILE);
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
                assert_int_equal(kneectl_run(&k, stage, verbs[i]), EXIT_SUCCESS);
                assert_non_null(strstr(k.said, "[2J"));
                check_harmless(k.said);
        }

        kneectl_start_on_terminal(&k, stage, (const char *const[]){ "screen", NULL });
        kneectl_answer_question(&k, "Question 1 of 1", "n");
        assert_int_equal(kneectl_await(&k), EXIT_SUCCESS);
        check_harmless(k.said);
}

/* SR-SCREENING: Without the person's word kneectl takes no session, not even from a kneed that
 * would begin one. */
static void a_session_without_a_word_is_not_taken(void **state)
{
        static const char *const words[] = { "run", "friction", NULL };
        Stage *stage = *state;
        Kneectl k;

        start_mock(stage, MOCK_CARELESS);
        kneectl_start_on_terminal(&k, stage, words);
        kneectl_await_text(&k, "kneectl --version");
        assert_int_equal(kneectl_await(&k), FAILED);
        assert_null(strstr(k.said, "q quit"));
}

/* Where somebody is there, a password is asked for, for these as for all others. */
static void a_password_is_asked_for_where_somebody_is(void **state)
{
        static const char *const screen[] = { "screen", "--answer", "clot=no", "--json", "short",
                NULL };
        static const char *const run[] = { "run", "friction", "--nothing-new", "--detach", NULL };
        Stage *stage = *state;
        Kneectl k;

        start_mock(stage, MOCK_GUARDED);
        assert_int_equal(kneectl_run(&k, stage, screen), REFUSED);
        assert_int_equal(kneectl_run(&k, stage, run), REFUSED);
        kneectl_start_on_terminal(&k, stage, screen);
        kneectl_await_text(&k, "\"verdict\":\"clot\",\"sentence\":\"no\"");
        assert_int_equal(kneectl_await(&k), EXIT_SUCCESS);
        kneectl_start_on_terminal(&k, stage, run);
        kneectl_await_text(&k, "friction plays.");
        assert_int_equal(kneectl_await(&k), EXIT_SUCCESS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(the_morning_after_is_asked_for),
                TEST(advice_is_given_before_a_session),
                TEST(pain_that_is_not_taken_stops),
                TEST(pain_that_cannot_be_told_stops),
                TEST(advice_and_morning_stand_in_the_status),
                TEST(a_broken_ledger_is_told_once),
                TEST(a_password_is_asked_for_where_somebody_is),
                TEST(hostile_words_reach_no_terminal),
                TEST(a_session_without_a_word_is_not_taken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
