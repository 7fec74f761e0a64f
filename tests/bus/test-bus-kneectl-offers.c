/* SPDX-License-Identifier: MIT */

/* kneectl's offers and schedule, with the real kneed. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/macro.h"
#include "tests/bus/kneectl.h"
#include "tests/unit/cmocka-all.h"

#define MINUTE_S   60
#define LATER_S    3600
#define USAGE      2
#define NO_SUCH    3
#define REFUSED    4
#define UNSCREENED 6
#define PATH_SIZE  192u

typedef struct Ids {
        char left[64], right[64];
} Ids;

/* Two entries that are due in this minute, and kneed. */
static Ids start(Stage *stage, unsigned in_s)
{
        time_t due_s = time(NULL) + in_s;
        char at[16], day[16], text[512];
        struct tm tm;
        Ids ids;

        assert_non_null(localtime_r(&due_s, &tm));
        assert_true(strftime(at, sizeof(at), "%H:%M", &tm) > 0);
        (void) snprintf(text, sizeof(text),
                        "schedule = ( { name = \"one\"; routine = \"friction\"; at = \"%s\"; "
                        "window = 60; minutes = 5; }, { name = \"two\"; routine = \"daily\"; "
                        "leg = \"right\"; at = \"%s\"; window = 60; } );\n",
                        at, at);
        stage_write(stage, "etc/kneed.conf", text);
        assert_true(strftime(day, sizeof(day), "%Y%m%d-%H%M", &tm) > 0);
        (void) snprintf(ids.left, sizeof(ids.left), "one-%s", day);
        (void) snprintf(ids.right, sizeof(ids.right), "two-%s", day);
        stage_start_kneed(stage);
        return ids;
}

static void check_says(const char *said, const char *part)
{
        if (!strstr(said, part))
                fail_msg("it says \"%s\", not \"%s\"", said, part);
}

static void an_offer_is_answered_by_a_word(void **state)
{
        Stage *stage = *state;
        const Ids ids = start(stage, 0);
        static Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "offers"), 0);
        check_says(k.said, ids.left);
        check_says(k.said, ids.right);
        assert_int_equal(KNEECTL(&k, stage, "offers", "decline"), USAGE);
        check_says(k.complained, "several offers wait");
        assert_int_equal(KNEECTL(&k, stage, "offers", "refuse", ids.left), USAGE);
        assert_int_equal(KNEECTL(&k, stage, "offers", "decline", "--minutes", "5"), USAGE);
        assert_int_equal(KNEECTL(&k, stage, "offers", "decline", "three"), NO_SUCH);

        assert_int_equal(KNEECTL(&k, stage, "offers", "decline", ids.right), 0);
        assert_int_equal(KNEECTL(&k, stage, "offers", "decline", ids.right), NO_SUCH);
}

static void the_only_offer_needs_no_name(void **state)
{
        Stage *stage = *state;
        const Ids ids = start(stage, 0);
        static Kneectl k;

        client_do(stage->clients[0], KNEED_ROOT, KNEED_MANAGER, "DeclineOffer", "s", ids.right);
        assert_int_equal(KNEECTL(&k, stage, "offers", "snooze", "--minutes", "61"), REFUSED);
        assert_int_equal(KNEECTL(&k, stage, "offers", "snooze"), 0);
        check_says(k.said, "comes again in 10 minutes");
        assert_int_equal(KNEECTL(&k, stage, "offers", "--json=short"), 0);
        check_says(k.said, "\"state\":\"snoozed\"");

        assert_int_equal(KNEECTL(&k, stage, "offers", "accept"), UNSCREENED);
        assert_int_equal(KNEECTL(&k, stage, "offers", "accept", "--nothing-new", "--pain", "6"),
                        REFUSED);
        record_file_read(&stage->record);
        assert_int_equal(stage->record.motor_peak, 0);
        assert_int_equal(KNEECTL(&k, stage, "offers", "accept", "--nothing-new", "--detach"),
                        REFUSED);
        check_says(k.complained, "hurt 6 of 10");
        assert_int_equal(KNEECTL(&k, stage, "offers", "accept", "--nothing-new", "--pain", "2",
                                         "--detach"),
                        0);
        (void) record_file_await(&stage->record, 0, record_is_moving);
        assert_int_equal(KNEECTL(&k, stage, "offers", "accept"), NO_SUCH);
        assert_int_equal(KNEECTL(&k, stage, "offers"), 0);
        check_says(k.said, "No offer waits.");
}

static void the_schedule_is_a_table_an_object_or_a_calendar(void **state)
{
        /* What another program makes of it: Debian's, whatever python3 is in the path. */
        static const char script[] =
                        "import sys, icalendar\n"
                        "calendar = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())\n"
                        "events = calendar.walk('VEVENT')\n"
                        "assert len(events) == 62, len(events)\n"
                        "assert len({str(event['UID']) for event in events}) == 62\n"
                        "for event in events:\n"
                        "    assert event.errors == [], event.errors\n"
                        "    assert event['DTSTART'].dt.tzinfo.utcoffset(None).seconds == 0\n"
                        "assert str(events[0]['SUMMARY']) == 'friction, left knee'\n"
                        "assert events[0]['DURATION'].dt.seconds == 300\n";
        Stage *stage = *state;
        /* Not now: a minute that ends meanwhile would be one of the past. */
        const Ids ids = start(stage, LATER_S);
        char path[PATH_SIZE];
        static Kneectl k;

        assert_int_equal(KNEECTL(&k, stage, "schedule"), 0);
        check_says(k.said, "tomorrow");
        assert_int_equal(KNEECTL(&k, stage, "schedule", "--json=short"), 0);
        check_says(k.said, ids.left);
        assert_int_equal(KNEECTL(&k, stage, "schedule", "--json=short", "--ics"), USAGE);
        assert_int_equal(KNEECTL(&k, stage, "schedule", "--ics"), 0);
        stage_write(stage, "calendar.ics", k.said);
        (void) snprintf(path, sizeof(path), "%s/calendar.ics", stage->dir);
        assert_int_equal(child_await(stage_spawn(stage,
                                         (const char *const[]){ "/usr/bin/python3", "-c", script,
                                                         path, NULL },
                                         (ChildFiles){ .in = -1, .out = -1, .err = dup(2) })),
                        0);
}

#define ALONE(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int main(void)
{
        const struct CMUnitTest tests[] = {
                ALONE(an_offer_is_answered_by_a_word),
                ALONE(the_only_offer_needs_no_name),
                ALONE(the_schedule_is_a_table_an_object_or_a_calendar),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
