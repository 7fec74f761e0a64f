/* SPDX-License-Identifier: MIT */
/* The calendar that kneectl writes: what RFC 5545 asks of its lines. */
#include <stdio.h>

#include "cli/ics.h"
#include "common/macro.h"
#include "tests/unit/cmocka-all.h"

#define NOW_US  UINT64_C(1800000000000000) /* 2027-01-15 08:00:00 UTC */
#define HOUR_US UINT64_C(3600000000)

static char *written(const PlannedTime *times, size_t n)
{
        PlannedTime copy[8];
        const PlannedList list = { .times = copy, .n_times = n };
        char *text;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        assert_true(n <= ELEMENTSOF(copy));
        memcpy(copy, times, n * sizeof(*times));
        ics_write(f, &list, "sofa", NOW_US);
        assert_int_equal(fclose(f), 0);
        return text;
}

static PlannedTime planned(const char *state)
{
        PlannedTime time = {
                .id = "morning-20270115-0900",
                .routine = "daily",
                .leg = "left",
                .minutes = 12,
                .due_us = NOW_US,
                .opens_us = NOW_US + HOUR_US,
                .closes_us = NOW_US + 2 * HOUR_US,
        };

        (void) snprintf(time.state, sizeof(time.state), "%s", state);
        return time;
}

static void an_event_says_when_what_and_how_to_answer(void **state)
{
        const PlannedTime time = planned("planned");
        _cleanup_free_ char *text = NULL;

        assert_int_equal(setenv("TZ", "UTC", 1), 0);
        text = written(&time, 1);
        assert_string_equal(text, "BEGIN:VCALENDAR\r\n"
                                  "VERSION:2.0\r\n"
                                  "PRODID:-//kneed//kneectl//EN\r\n"
                                  "BEGIN:VEVENT\r\n"
                                  "UID:morning-20270115-0900@sofa\r\n"
                                  "DTSTAMP:20270115T080000Z\r\n"
                                  "DTSTART:20270115T090000Z\r\n"
                                  "DURATION:PT12M\r\n"
                                  "SUMMARY:daily\\, left knee\r\n"
                                  "DESCRIPTION:Offered until today 10:00\\; answer with: kneectl "
                                  "offers accept \r\n"
                                  " morning-20270115-0900\r\n"
                                  "TRANSP:TRANSPARENT\r\n"
                                  "END:VEVENT\r\n"
                                  "END:VCALENDAR\r\n");
}

static void only_what_is_to_come_is_in_it(void **state)
{
        static const struct {
                const char *state;
                bool is_in;
        } cases[] = { { "planned", true }, { "pending", true }, { "snoozed", true },
                { "skipped", false }, { "accepted", false }, { "declined", false },
                { "expired", false } };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const PlannedTime time = planned(cases[i].state);
                _cleanup_free_ char *text = written(&time, 1);

                assert_int_equal(strstr(text, "BEGIN:VEVENT") != NULL, cases[i].is_in);
        }
}

/* Whatever kneed sends: no line is longer than 75 bytes, none is cut within a character, and none
 * begins a component that is not ours. */
static void hostile_text_stays_within_its_line(void **state)
{
        PlannedTime time = planned("planned");
        _cleanup_free_ char *text = NULL;
        unsigned n_lines = 0;

        time.minutes = 0;
        for (size_t i = 0; i + 3 < sizeof(time.routine); i += 3)
                memcpy(time.routine + i, "\xe2\x82\xac", 3);
        memcpy(time.routine, "a\\;,", 4);
        time.routine[4] = ';';
        time.routine[5] = ';';
        text = written(&time, 1);
        assert_non_null(strstr(text, "SUMMARY:a\\\\\\;\\,\\;\\;"));
        assert_null(strstr(text, "DURATION"));
        for (char *line = text; *line; n_lines++) {
                size_t n = strcspn(line, "\r\n");

                assert_in_range(n, 1, 75);
                assert_int_equal(strncmp(line + n, "\r\n", 2), 0);
                assert_false((line[0] & 0xc0) == 0x80);
                assert_false(line[0] == ' ' && (line[1] & 0xc0) == 0x80);
                line += n + 2;
        }
        assert_true(n_lines > 13);
}

static void an_empty_schedule_is_a_calendar(void **state)
{
        const PlannedTime none = planned("skipped");
        _cleanup_free_ char *text = written(&none, 0);

        assert_string_equal(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
                                  "PRODID:-//kneed//kneectl//EN\r\nEND:VCALENDAR\r\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_event_says_when_what_and_how_to_answer),
                cmocka_unit_test(only_what_is_to_come_is_in_it),
                cmocka_unit_test(hostile_text_stays_within_its_line),
                cmocka_unit_test(an_empty_schedule_is_a_calendar),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
