/* SPDX-License-Identifier: MIT */
/* The schedule as it is written in kneed.conf. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/macro.h"
#include "tests/unit/config-site.h"

#define CONF "etc/kneed.conf"
/* The keys of an entry begin on line 3. */
#define ENTRY(keys)     "schedule = ( {\n name = \"a\"; routine = \"daily\";\n" keys " } );\n"
#define ENTRY_AT(keys)  ENTRY("at = \"07:30\"; " keys)
#define WRITTEN(keys)   "schedule = ( { " keys " } );\n"
#define REQUIRED(name)  "{ name = \"" name "\"; routine = \"daily\"; at = \"07:30\"; }"
#define AT_MINUTE(h, m) ((h) *60 + (m))

static void write_routines(const Site *site)
{
        write_text(site, "data/routines.d/some.conf",
                        "routines = ( " NAMED("\"daily\"") ", " NAMED("\"friction\"") " );\n");
}

static void what_is_wrong_is_told_where_it_stands(void **state)
{
        static const struct {
                const char *text, *line, *part;
        } bad[] = {
                { "schedule = { };\n", "1",
                                "\"schedule\" must be a list; write ( { … }, { … } )." },
                { "schedule = [ ];\n", "1", "must be a list" },
                { "\nschedule = \"07:30\";\n", "2", "must be a list" },
                { "schedule = (\n 5 );\n", "2", "keys are wanted here" },
                { "shedule = ( );\n", "1", "did you mean \"schedule\"?" },
                { WRITTEN("routine = \"daily\"; at = \"07:30\";"), "1", "\"name\" is missing" },
                { WRITTEN("name = \"a\"; at = \"07:30\";"), "1", "\"routine\" is missing" },
                { ENTRY(""), "1", "\"at\" is missing" },
                { ENTRY_AT("windw = 5;"), "3", "did you mean \"window\"?" },
                { ENTRY_AT("at = \"08:00\";"), "3", "set twice" },
                { WRITTEN("name = \"A\"; routine = \"daily\"; at = \"07:30\";"), "1",
                                "\"A\" cannot be a name" },
                { WRITTEN("name = \"\"; routine = \"daily\"; at = \"07:30\";"), "1",
                                "cannot be a name" },
                { WRITTEN("name = \"123456789012345678901234567890123\"; routine = \"daily\"; "
                          "at = \"07:30\";"),
                                "1", "cannot be a name" },
                { WRITTEN("name = \"a23456789012345678901234567890123\"; routine = \"daily\"; "
                          "at = \"07:30\";"),
                                "1", "at most 32" },
                { WRITTEN("name = 1; routine = \"daily\"; at = \"07:30\";"), "1",
                                "must be a text" },
                { WRITTEN("name = \"a\"; routine = \"dayly\"; at = \"07:30\";"), "1",
                                "unknown routine \"dayly\"; did you mean \"daily\"?" },
                { WRITTEN("name = \"a\"; routine = \"tapping\"; at = \"07:30\";"), "1",
                                "known here are daily, friction." },
                { WRITTEN("name = \"a\"; routine = 5; at = \"07:30\";"), "1", "must be a text" },
                { "schedule = ( " REQUIRED("a") ",\n" REQUIRED("a") " );\n", "2",
                                "an entry \"a\" already" },
                { ENTRY_AT("leg = \"lefft\";"), "3", "did you mean \"left\"?" },
                { ENTRY_AT("leg = 1;"), "3", "must be a text" },
                { ENTRY_AT("days = \"monday\";"), "3", "unknown day \"monday\"" },
                { ENTRY_AT("days = \"weekday\";"), "3", "did you mean \"weekdays\"?" },
                { ENTRY_AT("days = \"never\";"), "3", "known here are mon, tue, wed, thu, fri" },
                { ENTRY_AT("days = 1;"), "3", "\"days\" must be a text, or several in [ ]" },
                { ENTRY_AT("days = [ ];"), "3", "\"days\" is empty" },
                { ENTRY_AT("days = [ \"mon\",\n \"mon\" ];"), "4", "\"mon\" is there already" },
                { ENTRY_AT("days = [ \"weekdays\", \"fri\" ];"), "3", "\"fri\" is there already" },
                { ENTRY("at = \"7:30\";"), "3",
                                "\"7:30\" is no time of day; write it like \"07:30\"" },
                { ENTRY("at = \"24:00\";"), "3", "from \"00:00\" to \"23:59\"" },
                { ENTRY("at = \"07:60\";"), "3", "is no time of day" },
                { ENTRY("at = \"07-30\";"), "3", "is no time of day" },
                { ENTRY("at = \"07:3x\";"), "3", "is no time of day" },
                { ENTRY("at = \"07:300\";"), "3", "is no time of day" },
                { ENTRY("at = \"\";"), "3", "is no time of day" },
                { ENTRY("at = 730;"), "3", "must be a text" },
                { ENTRY("at = [ 730 ];"), "3", "must be a text" },
                { ENTRY("at = { };"), "3", "must be a text" },
                { ENTRY("at = ( );"), "3", "\"at\" is empty" },
                { ENTRY("at = [ \"07:30\", \"07:30\" ]; window = 1;"), "3",
                                "\"07:30\" is there twice" },
                { ENTRY("at = [ \"01:00\", \"02:00\", \"03:00\", \"04:00\", \"05:00\", \"06:00\", "
                        "\"07:00\" ]; window = 1;"),
                                "3", "\"07:00\" is one time too many; at most 6" },
                { ENTRY_AT("intensity = 0;"), "3", "allowed are 1 to 100." },
                { ENTRY_AT("intensity = 101;"), "3", "allowed are 1 to 100." },
                { ENTRY_AT("minutes = 0;"), "3", "allowed are 1 to 20." },
                { ENTRY_AT("minutes = 21;"), "3", "allowed are 1 to 20." },
                { ENTRY_AT("window = 0;"), "3", "allowed are 1 to 1440." },
                { ENTRY_AT("window = 1441;"), "3", "allowed are 1 to 1440." },
                { ENTRY_AT("window = \"1\";"), "3", "must be a whole number" },
                { ENTRY("at = [ \"07:30\", \"08:30\" ]; window = 61;"), "1",
                                "two times of this entry are only 60 apart" },
                { ENTRY("at = [ \"00:10\", \"23:50\" ]; window = 21;"), "1", "only 20 apart" },
                { ENTRY_AT("quiet = [ ];"), "3", "write [ \"22:00\", \"07:00\" ]." },
                { ENTRY_AT("quiet = [ \"22:00\" ];"), "3", "must be two times" },
                { ENTRY_AT("quiet = [ 22, 7 ];"), "3", "must be two times" },
                { ENTRY_AT("quiet = \"22:00\";"), "3", "must be two times" },
                { ENTRY_AT("quiet = ( \"22:00\", 7 );"), "3", "must be two times" },
                { ENTRY_AT("quiet = [ \"22:00\", \"7\" ];"), "3", "\"7\" is no time of day" },
                { ENTRY_AT("quiet = [ \"22:00\", \"22:00\" ];"), "3", "at the same time" },
                { ENTRY_AT("quiet = [ \"07:00\", \"09:30\" ];"), "1",
                                "07:30 can never be offered" },
                { ENTRY_AT("skip = \"2027-02-29\";"), "3",
                                "\"2027-02-29\" is no day of the calendar; write it like "
                                "\"2027-01-31\"" },
                { ENTRY_AT("skip = [ \"2027-02-28\", \"28.02.2027\" ];"), "3",
                                "is no day of the calendar" },
                { ENTRY_AT("start = \"2027-1-31\";"), "3", "is no day of the calendar" },
                { ENTRY_AT("start = \"2027-13-01\";"), "3", "is no day of the calendar" },
                { ENTRY_AT("start = \"1999-12-31\";"), "3", "in the years 2000 to 2199" },
                { ENTRY_AT("end = \"2200-01-01\";"), "3", "in the years 2000 to 2199" },
                { ENTRY_AT("end = 2027;"), "3", "must be a text" },
                { ENTRY_AT("start = \"2027-02-01\"; end = \"2027-01-31\";"), "1",
                                "ends before it starts" },
                { ENTRY_AT("unattended = 1;"), "3", "write true or false" },
        };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                char place[64];

                site_renew(site);
                write_routines(site);
                write_text(site, CONF, bad[i].text);
                (void) snprintf(place, sizeof(place), "%s:%s", CONF, bad[i].line);
                assert_one_error(site, place, bad[i].part);
        }
}

static void what_is_left_out_is_as_it_is_documented(void **state)
{
        Site *site = *state;
        const ScheduleEntry *entry;

        site_renew(site);
        assert_good(site);
        assert_int_equal(site->config->n_schedule, 0);

        write_routines(site);
        write_text(site, CONF, "run = { leg = \"right\"; };\n" ENTRY_AT(""));
        assert_good(site);
        assert_int_equal(site->config->n_schedule, 1);
        entry = site->config->schedule;
        assert_string_equal(entry->name, "a");
        assert_string_equal(entry->routine, "daily");
        assert_int_equal(entry->leg, LEG_RIGHT);
        assert_int_equal(entry->days, SCHEDULE_EVERY_DAY);
        assert_int_equal(entry->n_times, 1);
        assert_int_equal(entry->times[0], AT_MINUTE(7, 30));
        assert_int_equal(entry->intensity_percent, 0);
        assert_int_equal(entry->minutes, 0);
        assert_int_equal(entry->window_minutes, 120);
        assert_int_equal(entry->quiet.from_minute, entry->quiet.to_minute);
        assert_int_equal(entry->start_day, INT32_MIN);
        assert_int_equal(entry->end_day, INT32_MAX);
        assert_int_equal(entry->n_skips, 0);
        assert_false(entry->unattended);
}

static void what_is_written_counts(void **state)
{
        const CalendarDate start = { 2027, 1, 31 }, skip = { 2028, 2, 29 };
        Site *site = *state;
        const ScheduleEntry *entry;

        site_renew(site);
        write_routines(site);
        write_text(site, CONF,
                        ENTRY("at = [ \"23:59\", \"00:00\", \"12:30\" ]; leg = \"right\"; "
                              "days = [ \"weekend\", \"wed\" ]; intensity = 45; minutes = 12; "
                              "window = 1; quiet = [ \"22:00\", \"23:00\" ]; "
                              "skip = [ \"2028-02-29\" ]; start = \"2027-01-31\"; "
                              "end = \"2027-01-31\"; unattended = true;"));
        assert_good(site);
        entry = site->config->schedule;
        assert_int_equal(entry->leg, LEG_RIGHT);
        assert_int_equal(entry->days, 1u << 2 | 1u << 5 | 1u << 6);
        assert_int_equal(entry->n_times, 3);
        assert_int_equal(entry->times[0], 0);
        assert_int_equal(entry->times[1], AT_MINUTE(12, 30));
        assert_int_equal(entry->times[2], AT_MINUTE(23, 59));
        assert_int_equal(entry->intensity_percent, 45);
        assert_int_equal(entry->minutes, 12);
        assert_int_equal(entry->window_minutes, 1);
        assert_int_equal(entry->quiet.from_minute, AT_MINUTE(22, 0));
        assert_int_equal(entry->quiet.to_minute, AT_MINUTE(23, 0));
        assert_int_equal(entry->start_day, calendar_day(&start));
        assert_int_equal(entry->end_day, calendar_day(&start));
        assert_int_equal(entry->n_skips, 1);
        assert_int_equal(entry->skips[0], calendar_day(&skip));
        assert_true(entry->unattended);
}

static void as_many_entries_as_can_be_kept_are_kept(void **state)
{
        Site *site = *state;

        for (unsigned n = SCHEDULE_ENTRIES_MAX; n <= SCHEDULE_ENTRIES_MAX + 1; n++) {
                FILE *file;

                site_renew(site);
                write_routines(site);
                file = site_open(site, CONF);
                (void) fputs("schedule = (", file);
                for (unsigned i = 0; i < n; i++)
                        (void) fprintf(file,
                                        "%s{ name = \"e%u\"; routine = \"daily\"; at = \"07:30\"; "
                                        "}",
                                        i > 0 ? ", " : "", i);
                (void) fputs(");\n", file);
                assert_int_equal(fclose(file), 0);
                if (n > SCHEDULE_ENTRIES_MAX)
                        assert_one_error(site, CONF ":1", "33 entries; at most 32");
                else
                        assert_good(site);
        }
}

static void no_more_days_are_skipped_than_can_be_kept(void **state)
{
        Site *site = *state;

        for (unsigned n = SCHEDULE_SKIPS_MAX; n <= SCHEDULE_SKIPS_MAX + 1; n++) {
                FILE *file;

                site_renew(site);
                write_routines(site);
                file = site_open(site, CONF);
                (void) fputs("schedule = ( { name = \"a\"; routine = \"daily\"; at = \"07:30\"; "
                             "skip = [",
                                file);
                for (unsigned i = 0; i < n; i++)
                        (void) fprintf(file, "%s\"2027-%02u-%02u\"", i > 0 ? ", " : "", 1 + i / 28,
                                        1 + i % 28);
                (void) fputs("]; } );\n", file);
                assert_int_equal(fclose(file), 0);
                if (n > SCHEDULE_SKIPS_MAX)
                        assert_one_error(site, CONF ":1", "is one day too many; at most 64");
                else
                        assert_good(site);
        }
}

/* An offer that no limit allows is refused when it is written, not when it is accepted. */
static void minutes_are_within_the_limits(void **state)
{
        Site *site = *state;

        site_renew(site);
        write_routines(site);
        write_text(site, "etc/limits.conf", "session_minutes = 10;\n");
        write_text(site, CONF, ENTRY_AT("minutes = 11;"));
        assert_one_error(site, CONF ":1", "a session lasts at most 10 (session_minutes");
        write_text(site, CONF, ENTRY_AT("minutes = 10;"));
        assert_good(site);
}

static void a_place_in_an_included_file_is_told(void **state)
{
        Site *site = *state;

        site_renew(site);
        write_routines(site);
        write_text(site, CONF, "# one\n@include \"schedule.conf\"\n");
        write_text(site, "etc/schedule.conf", "\n" ENTRY_AT("days = \"mun\";"));
        assert_one_error(site, "etc/schedule.conf:4", "did you mean");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_wrong_is_told_where_it_stands),
                cmocka_unit_test(what_is_left_out_is_as_it_is_documented),
                cmocka_unit_test(what_is_written_counts),
                cmocka_unit_test(as_many_entries_as_can_be_kept_are_kept),
                cmocka_unit_test(no_more_days_are_skipped_than_can_be_kept),
                cmocka_unit_test(minutes_are_within_the_limits),
                cmocka_unit_test(a_place_in_an_included_file_is_told),
        };

        return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
