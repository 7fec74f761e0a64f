/* SPDX-License-Identifier: MIT */

/* What kneed says of the person, as kneectl takes it in, and the times that it tells. */

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "cli/person.h"
#include "cli/text.h"
#include "cli/when.h"
#include "tests/unit/cmocka-all.h"

#define HOUR_US (3600 * UINT64_C(1000000))
#define DAY_US  (24 * HOUR_US)

/* A bus that talks to nobody, to make messages with. */
static sd_bus *lone_bus(void)
{
        sd_bus *bus;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        close(fds[1]);
        return bus;
}

static sd_bus_message *new_message(sd_bus *bus)
{
        sd_bus_message *m;

        assert_true(sd_bus_message_new_signal(bus, &m, "/a", "a.b", "C") >= 0);
        return m;
}

static void seal(sd_bus_message *m)
{
        assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
        assert_true(sd_bus_message_rewind(m, 1) >= 0);
}

static void append_questions(sd_bus_message *m, unsigned n, const char *text, const char *detail)
{
        assert_true(sd_bus_message_open_container(m, 'a', "a{sv}") >= 0);
        for (unsigned i = 0; i < n; i++)
                assert_true(sd_bus_message_append(m, "a{sv}", 5, "id", "s", "infection", "kind",
                                            "s", "red-flag", "text", "s", text, "detail", "s",
                                            detail, "colour", "u", 7u) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        seal(m);
}

static void test_questions_are_clean_and_keep_their_lines(void **state)
{
        _cleanup_(question_list_clear) QuestionList list = {};
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_unrefp) sd_bus *bus = lone_bus();
        char text[4096];

        memset(text, 't', sizeof(text));
        text[sizeof(text) - 1] = '\0';
        m = new_message(bus);
        append_questions(m, 2, text, "one\033[2J\ntwo\r\tthree");
        assert_int_equal(question_list_read(m, &list), 0);
        assert_int_equal(list.n_questions, 2);
        assert_string_equal(list.questions[1].id, "infection");
        assert_int_equal(strlen(list.questions[1].text), sizeof(list.questions[1].text) - 1);
        assert_string_equal(list.questions[1].detail, "one\xef\xbf\xbd[2J\ntwo\xef\xbf\xbd three");
        assert_string_equal(list.questions[1].advice, "");
}

static void test_too_many_questions_are_refused(void **state)
{
        for (unsigned n = QUESTIONS_MAX; n <= QUESTIONS_MAX + 1; n++) {
                _cleanup_(question_list_clear) QuestionList list = {};
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
                _cleanup_(sd_bus_unrefp) sd_bus *bus = lone_bus();

                m = new_message(bus);
                append_questions(m, n, "", "");
                assert_int_equal(question_list_read(m, &list), n > QUESTIONS_MAX ? -EBADMSG : 0);
                assert_int_equal(list.n_questions, n > QUESTIONS_MAX ? 0 : n);
        }
}

static void test_answers_are_one_a_question(void **state)
{
        Answers answers = {};
        char id[16];

        for (unsigned i = 0; i < QUESTIONS_MAX; i++) {
                (void) snprintf(id, sizeof(id), "q%u", i);
                assert_int_equal(answers_set(&answers, id, "no"), 0);
        }
        assert_int_equal(answers_set(&answers, "q5", "yes"), 0);
        assert_int_equal(answers_set(&answers, "more", "no"), -ENOSPC);
        assert_int_equal(answers.n, QUESTIONS_MAX);
        assert_string_equal(answers_find(&answers, "q5")->word, "yes");
        assert_string_equal(answers_find(&answers, "q6")->word, "no");
        assert_null(answers_find(&answers, "more"));
}

static void test_answers_come_back_as_they_went(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_unrefp) sd_bus *bus = lone_bus();
        Answers answers = {}, back;

        assert_int_equal(answers_set(&answers, "clot", "no"), 0);
        assert_int_equal(answers_set(&answers, "implant", "advised"), 0);
        m = new_message(bus);
        assert_true(answers_append(m, &answers) >= 0);
        seal(m);
        assert_true(answers_read(m, &back) >= 0);
        assert_int_equal(back.n, 2);
        assert_string_equal(answers_find(&back, "implant")->word, "advised");
}

/* A score of 0 is known; one that is not there is not. */
static void test_a_score_that_is_not_there_is_unknown(void **state)
{
        _cleanup_(past_session_list_clear) PastSessionList list = {};
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_unrefp) sd_bus *bus = lone_bus();

        m = new_message(bus);
        assert_true(sd_bus_message_append(m, "aa{sv}", 1, 4, "leg", "s", "left", "finished", "b", 1,
                                    "pain_before", "u", 0u, "pain_after", "s", "much") >= 0);
        seal(m);
        assert_int_equal(past_session_list_read(m, &list), 0);
        assert_int_equal(list.n_sessions, 1);
        assert_true(list.sessions[0].finished);
        assert_true(list.sessions[0].before.known);
        assert_int_equal(list.sessions[0].before.score, 0);
        assert_false(list.sessions[0].after.known);
        assert_false(list.sessions[0].morning.known);
}

static void test_a_leg_that_says_nothing_may_not_start(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *wrong = NULL;
        _cleanup_(sd_bus_unrefp) sd_bus *bus = lone_bus();
        LegState leg = { .may_start = true };

        m = new_message(bus);
        assert_true(sd_bus_message_append(m, "a{sv}", 1, "may_start", "s", "yes") >= 0);
        seal(m);
        assert_int_equal(leg_state_read(m, &leg), 0);
        assert_false(leg.may_start);

        wrong = new_message(bus);
        assert_true(sd_bus_message_append(wrong, "s", "yes") >= 0);
        seal(wrong);
        assert_true(leg_state_read(wrong, &leg) < 0);
}

static uint64_t local_us(int year, int month, int day, int hour, int minute)
{
        struct tm tm = { .tm_year = year - 1900,
                .tm_mon = month - 1,
                .tm_mday = day,
                .tm_hour = hour,
                .tm_min = minute,
                .tm_isdst = -1 };

        return (uint64_t) mktime(&tm) * 1000000;
}

static void check_when(uint64_t when_us, uint64_t now_us, const char *expected)
{
        char buffer[WHEN_SIZE];

        assert_string_equal(when_text(when_us, now_us, buffer), expected);
}

static void test_times_are_said_as_a_person_says_them(void **state)
{
        uint64_t now_us = local_us(2026, 12, 31, 9, 0);

        check_when(local_us(2026, 12, 31, 17, 40), now_us, "today 17:40");
        check_when(local_us(2026, 12, 31, 0, 0), now_us, "today 00:00");
        check_when(local_us(2027, 1, 1, 8, 5), now_us, "tomorrow 08:05");
        check_when(local_us(2026, 12, 30, 23, 59), now_us, "yesterday 23:59");
        check_when(local_us(2026, 12, 29, 23, 59), now_us, "29 December 23:59");
        check_when(local_us(2027, 1, 2, 0, 0), now_us, "2 January 2027 00:00");
        check_when(local_us(2025, 12, 31, 9, 0), now_us, "31 December 2025 09:00");
        check_when(UINT64_MAX, now_us, "19 January 586524 09:01");
}

/* The days on which clocks change have 23 and 25 hours. */
static void test_days_change_at_midnight_also_when_clocks_do(void **state)
{
        check_when(local_us(2026, 3, 30, 0, 30), local_us(2026, 3, 29, 0, 30), "tomorrow 00:30");
        check_when(local_us(2026, 3, 29, 0, 30), local_us(2026, 3, 29, 23, 30), "today 00:30");
        check_when(local_us(2026, 10, 25, 23, 30), local_us(2026, 10, 25, 0, 30), "today 23:30");
        check_when(local_us(2026, 10, 25, 0, 30) + DAY_US, local_us(2026, 10, 25, 0, 30),
                        "today 23:30");
        check_when(local_us(2026, 3, 28, 23, 30) + DAY_US, local_us(2026, 3, 28, 23, 30),
                        "30 March 00:30");
}

/* Where clocks are set forward at midnight, a day begins at one. */
static void test_a_day_without_a_midnight_is_a_day(void **state)
{
        (void) setenv("TZ", "BRT3BRST,M10.3.0/0,M2.3.0/0", 1);
        tzset();
        check_when(local_us(2026, 10, 18, 8, 0), local_us(2026, 10, 17, 8, 0), "tomorrow 08:00");
        check_when(local_us(2026, 10, 18, 8, 0), local_us(2026, 10, 19, 8, 0), "yesterday 08:00");
        check_when(local_us(2026, 10, 18, 8, 0), local_us(2026, 10, 18, 1, 0), "today 08:00");
        check_when(local_us(2026, 10, 17, 8, 0), local_us(2026, 10, 18, 1, 0), "yesterday 08:00");
}

static int set_zone(void **state)
{
        (void) setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        tzset();
        return 0;
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_questions_are_clean_and_keep_their_lines),
                cmocka_unit_test(test_too_many_questions_are_refused),
                cmocka_unit_test(test_answers_are_one_a_question),
                cmocka_unit_test(test_answers_come_back_as_they_went),
                cmocka_unit_test(test_a_score_that_is_not_there_is_unknown),
                cmocka_unit_test(test_a_leg_that_says_nothing_may_not_start),
                cmocka_unit_test_setup(test_times_are_said_as_a_person_says_them, set_zone),
                cmocka_unit_test_setup(test_days_change_at_midnight_also_when_clocks_do, set_zone),
                cmocka_unit_test(test_a_day_without_a_midnight_is_a_day),
        };

        (void) setlocale(LC_CTYPE, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
