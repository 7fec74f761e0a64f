/* SPDX-License-Identifier: MIT */

/* kneectl and the person: what it asks, how few keys that takes, and that nothing moves before the
 * answers are there. */

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>

#include "common/macro.h"
#include "tests/bus/kneectl.h"
#include "tests/unit/cmocka-all.h"

#define USAGE        2
#define NO_SUCH      3
#define REFUSED      4
#define ENDED_EARLY  5
#define NOT_SCREENED 6
#define KEYS_MAX     11u /* of a new user, to the end of the first session */
#define QUIET_MS     300u

static const char *const run_words[] = { "run", "friction", "--minutes", "10", NULL };

static void check_complains(const Kneectl *k, const char *part)
{
        if (strncmp(k->complained, "kneectl: ", 9) != 0 || !strstr(k->complained, part))
                fail_msg("kneectl complains \"%s\"", k->complained);
}

static void check_says(const char *said, const char *part)
{
        if (!strstr(said, part))
                fail_msg("kneectl says \"%s\"", said);
}

static void check_nothing_moved(Stage *stage)
{
        client_take_for(stage->clients[0], QUIET_MS);
        record_file_read(&stage->record);
        assert_int_equal(stage->record.frame_peak, 0);
        assert_int_equal(stage->record.motor_peak, 0);
}

/* The other end of the terminal is as it was: lines, echo, and Ctrl-C as a signal. */
static void check_terminal_is_sane(const Kneectl *k)
{
        struct termios mode;

        assert_int_equal(tcgetattr(k->out, &mode), 0);
        assert_true(mode.c_lflag & ICANON);
        assert_true(mode.c_lflag & ECHO);
        assert_true(mode.c_lflag & ISIG);
}

static json_object *member(json_object *object, const char *key)
{
        json_object *value;

        if (!json_object_object_get_ex(object, key, &value))
                fail_msg("There is no %s in %s", key, json_object_to_json_string(object));
        return value;
}

static int count_questions(Stage *stage)
{
        json_object *document;
        Kneectl k;
        int n;

        assert_int_equal(KNEECTL(&k, stage, "screen", "--show", "--json", "short"), EXIT_SUCCESS);
        document = json_tokener_parse(k.said);
        assert_non_null(document);
        n = (int) json_object_array_length(member(document, "questions"));
        json_object_put(document);
        return n;
}

/* Answers these questions by no, by single keys. */
static void answer_no(Kneectl *k, int from, int to)
{
        char words[48];

        for (int i = from; i <= to; i++) {
                (void) snprintf(words, sizeof(words), "Question %i of", i);
                kneectl_answer_question(k, words, "n");
        }
}

/* SR-SCREENING: Somebody new needs few keys, and none of them can be left out. */
static void a_new_user_is_asked_and_massaged(void **state)
{
        Stage *stage = *state;
        int n = count_questions(stage);
        Kneectl k;

        assert_true(n > 0);
        kneectl_start_on_terminal(&k, stage, run_words);
        answer_no(&k, 1, n);
        kneectl_await_text(&k, "How is the left knee now");
        check_nothing_moved(stage);
        kneectl_answer_question(&k, "", "2");
        (void) record_file_await(&stage->record, 0, record_is_moving);

        /* Stopping is not one of the keys that it takes, and works while a score is asked for. */
        kneectl_answer(&k, "of full strength", "p");
        kneectl_answer(&k, "How much does it hurt", "q");
        k.n_keys -= 2;
        (void) record_file_await_rest(&stage->record);
        kneectl_answer_question(&k, "How is the left knee now", "1\r");
        k.n_keys--;
        assert_int_equal(kneectl_await(&k), ENDED_EARLY);
        if (k.n_keys > KEYS_MAX)
                fail_msg("It took %u keys", k.n_keys);

        assert_int_equal(KNEECTL(&k, stage, "history"), EXIT_SUCCESS);
        check_says(k.said, "today ");
        check_says(k.said, "early  2       -       1 ");
}

/* SR-SCREENING: The next time one question is enough, and a yes to it asks all of them again. */
static void somebody_known_is_asked_for_news(void **state)
{
        Stage *stage = *state;
        int n = count_questions(stage);
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        kneectl_answer_question(&k, "Anything new since your last session", "n");
        kneectl_answer_question(&k, "How is the left knee now", "0");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        assert_int_equal(k.n_keys, 2);
        kneectl_answer(&k, "of full strength", "\003");
        assert_int_equal(kneectl_await(&k), 128 + SIGINT);
        (void) record_file_await_rest(&stage->record);

        kneectl_start_on_terminal(&k, stage, run_words);
        kneectl_answer_question(&k, "Anything new since your last session", "y");
        answer_no(&k, 1, n - 1);
        kneectl_answer_question(&k, "", "q");
        assert_int_equal(kneectl_await(&k), ENDED_EARLY);
        client_check_text(stage->clients[0], VIRTUAL_PATH, KNEED_MASSAGER, "State", "idle");
}

/* SR-SCREENING: A red flag ends the questions at once, and nothing starts. */
static void a_warning_sign_ends_the_questions(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        kneectl_answer_question(&k, "Question 1 of", "y");
        kneectl_await_text(&k, "kneectl: No massage for now.");
        assert_int_equal(kneectl_await(&k), REFUSED);
        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new"), REFUSED);
        check_complains(&k, "No massage for now.");
        check_nothing_moved(stage);
}

/* Back takes an answer back; a caution asks whom they asked. */
static void answers_can_be_taken_back(void **state)
{
        Stage *stage = *state;
        int n = count_questions(stage);
        char words[48];
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, (const char *const[]){ "screen", NULL });
        answer_no(&k, 1, n - 1);
        (void) snprintf(words, sizeof(words), "Question %i of", n);
        kneectl_answer_question(&k, words, "y");
        kneectl_answer_question(&k, "Has a doctor", "n");
        kneectl_await_text(&k, "Ask a professional first.");
        assert_int_equal(kneectl_await(&k), EXIT_SUCCESS);
        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new"), REFUSED);
        check_complains(&k, "Ask a professional first.");

        kneectl_start_on_terminal(&k, stage, (const char *const[]){ "screen", NULL });
        answer_no(&k, 1, n - 1);
        kneectl_answer_question(&k, words, "b");
        answer_no(&k, n - 1, n - 1);
        kneectl_answer_question(&k, words, "y");
        kneectl_answer_question(&k, "Has a doctor", "b");
        kneectl_answer_question(&k, words, "y");
        kneectl_answer_question(&k, "Has a doctor", "y");
        kneectl_await_text(&k, "with care");
        assert_int_equal(kneectl_await(&k), EXIT_SUCCESS);
        assert_int_equal(KNEECTL(&k, stage, "screen", "--show"), EXIT_SUCCESS);
        check_says(k.said, "advised");
}

/* Whatever ends the questions: nothing starts, and the terminal is given back. */
static void leaving_gives_the_terminal_back(void **state)
{
        static const struct {
                const char *keys;
                int signal, status;
        } ways[] = {
                { "\003", 0, 128 + SIGINT },
                { "\034", 0, 128 + SIGQUIT },
                { "q", 0, ENDED_EARLY },
                { "", SIGTERM, 128 + SIGTERM },
                { "", SIGINT, 128 + SIGINT },
                { "", SIGHUP, 128 + SIGHUP },
        };
        Stage *stage = *state;
        Kneectl k;

        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                kneectl_start_on_terminal(&k, stage, run_words);
                kneectl_answer_question(&k, "Question 1 of", "n");
                kneectl_answer_question(&k, "Question 2 of", ways[i].keys);
                if (ways[i].signal)
                        child_signal(k.child, ways[i].signal);
                child_await_longer(k.child, DEADLINE_MS);
                check_terminal_is_sane(&k);
                assert_int_equal(kneectl_await(&k), ways[i].status);
        }
        check_nothing_moved(stage);
}

/* Without a terminal nothing is asked, and so nothing starts. */
static void a_script_has_to_say_it(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new"), NOT_SCREENED);
        check_complains(&k, "kneectl screen");
        assert_int_equal(KNEECTL(&k, stage, "screen"), USAGE);
        check_complains(&k, "--answer");
        assert_int_equal(KNEECTL(&k, stage, "screen", "--answer", "infection=no"), USAGE);
        check_complains(&k, "Not all questions");
        assert_int_equal(KNEECTL(&k, stage, "screen", "--answer", "infection=advised"), USAGE);
        assert_int_equal(KNEECTL(&k, stage, "screen", "--answer", "nonsense=no"), USAGE);
        check_nothing_moved(stage);
}

static void a_script_screens_by_answers(void **state)
{
        Stage *stage = *state;
        json_object *document, *questions;
        const char *words[32] = { "screen", "--json", "short" };
        char answers[16][48];
        Kneectl k;
        size_t n;

        assert_int_equal(KNEECTL(&k, stage, "screen", "--show", "--json", "short"), EXIT_SUCCESS);
        document = json_tokener_parse(k.said);
        assert_string_equal(json_object_get_string(member(document, "verdict")), "incomplete");
        assert_false(json_object_get_boolean(member(document, "valid")));
        questions = member(document, "questions");
        n = json_object_array_length(questions);
        assert_in_range(n, 1, ELEMENTSOF(answers));
        for (size_t i = 0; i < n; i++) {
                (void) snprintf(answers[i], sizeof(answers[i]), "--answer=%s=no",
                                json_object_get_string(member(
                                                json_object_array_get_idx(questions, i), "id")));
                words[3 + i] = answers[i];
        }
        json_object_put(document);

        assert_int_equal(kneectl_run(&k, stage, words), EXIT_SUCCESS);
        document = json_tokener_parse(k.said);
        assert_string_equal(json_object_get_string(member(document, "verdict")), "allows");
        json_object_put(document);

        assert_int_equal(KNEECTL(&k, stage, "run", "friction"), NOT_SCREENED);
        check_complains(&k, "--nothing-new");
        check_nothing_moved(stage);
        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new", "--detach"),
                        EXIT_SUCCESS);
        (void) record_file_await(&stage->record, 0, record_is_moving);
}

static void run_detached(Stage *stage, const char *leg, const char *pain)
{
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new", "--leg", leg,
                                         "--pain", pain, "--detach"),
                        EXIT_SUCCESS);
        (void) record_file_await(&stage->record, 0, record_is_moving);
}

/* SR-PAIN: The leg that is at work is meant, and not the usual one. */
static void too_much_pain_stops_and_closes_the_leg(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        run_detached(stage, "right", "1");
        assert_int_equal(KNEECTL(&k, stage, "status"), EXIT_SUCCESS);
        check_says(k.said, "Right leg at work");
        assert_int_equal(KNEECTL(&k, stage, "pain", "5"), EXIT_SUCCESS);
        check_says(k.said, "Noted: 5 of 10, right knee.");
        check_says(k.said, "stopped");
        client_await_end(stage->clients[0], SESSION_PATH(1), "pain");
        (void) record_file_await_rest(&stage->record);

        assert_int_equal(KNEECTL(&k, stage, "clear", "--yes"), EXIT_SUCCESS);
        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new", "--leg", "right"),
                        REFUSED);
        check_complains(&k, "It hurt too much");
        assert_int_equal(KNEECTL(&k, stage, "status"), EXIT_SUCCESS);
        check_says(k.said, "Left leg  may start, up to 20 minutes\n");
        check_says(k.said, "Right leg not before tomorrow ");
        assert_int_equal(KNEECTL(&k, stage, "history", "--most", "1"), EXIT_SUCCESS);
        check_says(k.said, "early  1       5       -");
}

/* SR-PAIN: p and a digit; a 1 waits for what follows it. What was the last word is not asked for
 * again. */
static void the_pain_key_eases_and_stops(void **state)
{
        Stage *stage = *state;
        Client *client = stage->clients[0];
        uint64_t before;
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        kneectl_answer_question(&k, "Anything new", "n");
        kneectl_answer_question(&k, "How is the left knee now", "2");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        before = client_get_number(client, SESSION_PATH(1), KNEED_SESSION, "Intensity");
        kneectl_answer(&k, "of full strength", "p");
        kneectl_answer(&k, "How much does it hurt", "3");
        kneectl_await_text(&k, "gentler");
        assert_int_equal(client_get_number(client, SESSION_PATH(1), KNEED_SESSION, "Intensity"),
                        before / 2);

        kneectl_answer(&k, "", "p");
        kneectl_answer(&k, "How much does it hurt", "1");
        kneectl_answer(&k, "or 0 for 10", "0");
        client_await_end(client, SESSION_PATH(1), "pain");
        (void) record_file_await_rest(&stage->record);
        kneectl_await_text(&k, "It hurt too much");
        kneectl_await_text(&k, "see a doctor");
        assert_int_equal(kneectl_await(&k), ENDED_EARLY);
}

/* SR-PAIN: A kneed that is called too often refuses the report, but no stop. */
static void a_pain_key_that_is_not_taken_stops(void **state)
{
        Stage *stage = *state;
        char keys[600];
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        kneectl_answer_question(&k, "Anything new", "n");
        kneectl_answer_question(&k, "How is the left knee now", "2");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        memset(keys, '-', sizeof(keys));
        memcpy(keys + sizeof(keys) - 3, "p5", 3);
        kneectl_answer(&k, "of full strength", keys);
        client_await_end(stage->clients[0], SESSION_PATH(1), "stopped");
        (void) record_file_await_rest(&stage->record);
        kneectl_await_text(&k, "kneectl: This program calls too often");
        kneectl_await_text(&k, "kneectl pain 5");
        kneectl_answer_question(&k, "How is the left knee now", "q");
        assert_int_equal(kneectl_await(&k), ENDED_EARLY);
}

/* SR-PAIN */
static void it_does_not_begin_into_pain(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start_on_terminal(&k, stage, run_words);
        kneectl_answer_question(&k, "Anything new", "n");
        kneectl_answer_question(&k, "How is the left knee now", "5");
        kneectl_await_text(&k, "It hurts too much");
        assert_int_equal(kneectl_await(&k), REFUSED);
        assert_int_equal(KNEECTL(&k, stage, "run", "friction", "--nothing-new", "--pain", "5"),
                        REFUSED);
        check_complains(&k, "It hurts too much");
        check_nothing_moved(stage);
}

/* Nobody answers questions for a session that cannot be. */
static void what_cannot_be_is_not_asked_for(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        kneectl_start_on_terminal(&k, stage,
                        (const char *const[]){ "run", "friction", "--minutes", "21", NULL });
        assert_int_equal(kneectl_await(&k), REFUSED);
        assert_null(strstr(k.said, "Question"));
        kneectl_start_on_terminal(&k, stage, (const char *const[]){ "run", "polka", NULL });
        assert_int_equal(kneectl_await(&k), NO_SUCH);
        assert_null(strstr(k.said, "Question"));
        check_nothing_moved(stage);
}

/* SR-EMERGENCY, SR-CLEAR: Two steps, the second of which somebody has to take. */
static void an_emergency_stop_is_cleared_by_hand(void **state)
{
        Stage *stage = *state;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "clear"), NO_SUCH);
        run_detached(stage, "left", "0");
        assert_int_equal(KNEECTL(&k, stage, "stop", "--emergency", VIRTUAL_ID), USAGE);
        assert_int_equal(KNEECTL(&k, stage, "stop", "--emergency"), EXIT_SUCCESS);
        check_says(k.said, "that are attached now stay stopped until they are released by: "
                           "kneectl clear");
        client_await_end(stage->clients[0], SESSION_PATH(1), "emergency");
        client_await_text(stage->clients[0], VIRTUAL_PATH, "State", "latched");

        assert_int_equal(KNEECTL(&k, stage, "clear"), USAGE);
        check_complains(&k, "--yes");
        kneectl_start_on_terminal(&k, stage, (const char *const[]){ "clear", NULL });
        kneectl_answer_question(&k, "shall it be released", "n");
        assert_int_equal(kneectl_await(&k), ENDED_EARLY);
        client_check_text(stage->clients[0], VIRTUAL_PATH, KNEED_MASSAGER, "State", "latched");

        kneectl_start_on_terminal(&k, stage, (const char *const[]){ "clear", NULL });
        kneectl_answer_question(&k, "shall it be released", "y");
        kneectl_await_text(&k, VIRTUAL_ID " is released.");
        assert_int_equal(kneectl_await(&k), EXIT_SUCCESS);
        client_await_text(stage->clients[0], VIRTUAL_PATH, "State", "idle");
        record_file_await_rest(&stage->record);
}

static void limits_say_where_they_come_from(void **state)
{
        Stage *stage = *state;
        json_object *document, *limit;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "limits"), EXIT_SUCCESS);
        check_says(k.said, "session_minutes");
        assert_int_equal(KNEECTL(&k, stage, "limits", "--sources"), EXIT_SUCCESS);
        check_says(k.said, "level_permille: 800 (hard 800) per mille");
        assert_int_equal(KNEECTL(&k, stage, "limits", "--json", "short"), EXIT_SUCCESS);
        document = json_tokener_parse(k.said);
        limit = json_object_array_get_idx(member(document, "limits"), 0);
        assert_string_equal(json_object_get_string(member(limit, "key")), "level_permille");
        assert_int_equal(json_object_get_int(member(limit, "value")), 800);
        assert_true(json_object_get_string_len(member(limit, "source")) > 10);
        json_object_put(document);
}

static void programs_read_history_and_legs(void **state)
{
        Stage *stage = *state;
        json_object *document, *first;
        Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "history"), EXIT_SUCCESS);
        check_says(k.said, "There was no session yet.");
        run_detached(stage, "left", "2");
        assert_int_equal(KNEECTL(&k, stage, "stop"), EXIT_SUCCESS);
        client_await_end(stage->clients[0], SESSION_PATH(1), "stopped");

        assert_int_equal(KNEECTL(&k, stage, "history", "--json", "short"), EXIT_SUCCESS);
        document = json_tokener_parse(k.said);
        first = json_object_array_get_idx(member(document, "history"), 0);
        assert_string_equal(json_object_get_string(member(first, "leg")), "left");
        assert_int_equal(json_object_get_int(member(first, "pain_before")), 2);
        assert_false(json_object_object_get_ex(first, "pain_after", NULL));
        json_object_put(document);

        assert_int_equal(KNEECTL(&k, stage, "status", "--json", "short"), EXIT_SUCCESS);
        document = json_tokener_parse(k.said);
        assert_int_equal(json_object_array_length(member(document, "legs")), 2);
        first = json_object_array_get_idx(member(document, "legs"), 0);
        assert_true(json_object_get_boolean(member(first, "may_start")));
        assert_int_equal(json_object_get_int(member(first, "minutes_today")), 1);
        assert_string_equal(json_object_get_string(member(member(document, "ledger"), "state")),
                        "ready");
        json_object_put(document);
}

static int open_unscreened(void **state)
{
        (void) stage_open(state);
        stage_start_kneed_unscreened(*state);
        return 0;
}

#define TEST(f)     cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)
#define TEST_NEW(f) cmocka_unit_test_setup_teardown(f, open_unscreened, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST_NEW(a_new_user_is_asked_and_massaged),
                TEST(somebody_known_is_asked_for_news),
                TEST_NEW(a_warning_sign_ends_the_questions),
                TEST_NEW(answers_can_be_taken_back),
                TEST_NEW(leaving_gives_the_terminal_back),
                TEST_NEW(a_script_has_to_say_it),
                TEST_NEW(a_script_screens_by_answers),
                TEST(too_much_pain_stops_and_closes_the_leg),
                TEST(the_pain_key_eases_and_stops),
                TEST(a_pain_key_that_is_not_taken_stops),
                TEST(it_does_not_begin_into_pain),
                TEST_NEW(what_cannot_be_is_not_asked_for),
                TEST(an_emergency_stop_is_cleared_by_hand),
                TEST(limits_say_where_they_come_from),
                TEST(programs_read_history_and_legs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
