/* SPDX-License-Identifier: MIT */
/* kneed.conf(5) is held to the code: every key stands in it with its range, no other does, and its
 * examples are read as they are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/macro.h"
#include "tests/unit/config-site.h"

#define TEXT_MAX  65536u
#define KEYS_MAX  96u
#define KEY_SIZE  48u
#define ROW_BEGIN "\n        { \""

typedef struct Keys {
        size_t n;
        char at[KEYS_MAX][KEY_SIZE];
} Keys;

static char page[TEXT_MAX];

static void read_source(const char *name, char text[static TEXT_MAX])
{
        char path[512];
        FILE *file;
        size_t n;

        (void) snprintf(path, sizeof(path), "%s/%s", KNEED_SOURCE_DIR, name);
        file = fopen(path, "re");
        assert_non_null(file);
        n = fread(text, 1, TEXT_MAX - 1, file);
        assert_int_equal(fclose(file), 0);
        assert_true(n > 0 && n < TEXT_MAX - 1);
        text[n] = '\0';
}

static int read_page(void **state)
{
        read_source("docs/kneed.conf.5", page);
        return site_setup(state);
}

static bool has(const Keys *keys, const char *key)
{
        for (size_t i = 0; i < keys->n; i++)
                if (streq(keys->at[i], key))
                        return true;
        return false;
}

static void add(Keys *keys, const char *key, size_t length)
{
        char copy[KEY_SIZE] = "";

        assert_true(length > 0 && length < KEY_SIZE && keys->n < KEYS_MAX);
        memcpy(copy, key, length);
        if (!has(keys, copy))
                memcpy(keys->at[keys->n++], copy, KEY_SIZE);
}

/* The names of all rows of the schema in a source, and of the limits. */
static void collect_known(Keys *keys)
{
        static const char *const sources[] = { "daemon/config.c", "daemon/config-schedule.c" };
        static char text[TEXT_MAX];

        for (size_t i = 0; i < ELEMENTSOF(sources); i++) {
                unsigned n = 0;

                read_source(sources[i], text);
                for (const char *at = text; (at = strstr(at, ROW_BEGIN));) {
                        size_t length;

                        at += strlen(ROW_BEGIN);
                        length = strcspn(at, "\"");
                        if (strncmp(at + length, "\", CONFIG_", 10) == 0) {
                                add(keys, at, length);
                                n++;
                        }
                }
                assert_true(n >= 6); /* they are still written in that way */
        }
#define X(field, strictest, hard, unit, what) add(keys, #field, strlen(#field));
        LIMITS(X)
#undef X
}

/* What the page describes: "\fBKEY\fR = ". */
static void collect_described(Keys *keys)
{
        for (const char *at = page; (at = strstr(at, "\n\\fB"));) {
                size_t length;

                at += 4;
                length = strcspn(at, "\\");
                if (strncmp(at + length, "\\fR = ", 6) == 0)
                        add(keys, at, length);
        }
}

static void every_key_is_described_and_no_other(void **state)
{
        static Keys known, described;

        collect_known(&known);
        collect_described(&described);
        assert_true(known.n > 20);
        for (size_t i = 0; i < known.n; i++)
                if (!has(&described, known.at[i]))
                        fail_msg("not in kneed.conf(5): %s", known.at[i]);
        for (size_t i = 0; i < described.n; i++)
                if (!has(&known, described.at[i]))
                        fail_msg("kneed.conf(5) has a key that is none: %s", described.at[i]);
}

static void check_row(const char *key, unsigned low, unsigned high)
{
        char row[96];

        (void) snprintf(row, sizeof(row), "\n\\fB%s\\fR = %u to %u;\n", key, low, high);
        if (!strstr(page, row))
                fail_msg("not in kneed.conf(5):%s", row);
}

static void check_says(const char *format, unsigned number)
{
        char text[96];

        (void) snprintf(text, sizeof(text), "%u%s", number, format);
        if (!strstr(page, text))
                fail_msg("not in kneed.conf(5): %s", text);
}

static void ranges_and_defaults_are_those_of_the_code(void **state)
{
#define X(field, strictest, hard, unit, what) check_row(#field, strictest, hard);
        LIMITS(X)
#undef X
        check_row("intensity", 1, 100);
        check_row("minutes", 1, ROUTINE_MINUTES_MAX);
        check_row("window", SCHEDULE_WINDOW_MIN, SCHEDULE_WINDOW_MAX);
        check_says(" of them.", SCHEDULE_TIMES_MAX);
        check_says(" entries; see below.", SCHEDULE_ENTRIES_MAX);
        check_says(".\nDefault: none.", SCHEDULE_SKIPS_MAX);
        assert_non_null(strstr(page, "apart.\nDefault: 120.\n"));
        assert_int_equal(SCHEDULE_WINDOW_DEFAULT, 120);
}

/* The n-th example, as a reader copies it. */
static void copy_example(unsigned n, char text[static TEXT_MAX])
{
        const char *from = page, *end;
        char *to = text;

        for (unsigned i = 0; i <= n; i++) {
                from = strstr(from, "\n.EX\n");
                assert_non_null(from);
                from += strlen("\n.EX\n");
        }
        end = strstr(from, ".EE\n");
        assert_non_null(end);
        for (; from < end; from++)
                if (from[0] != '\\')
                        *to++ = *from;
                else
                        assert_int_equal(from[1], '-');
        *to = '\0';
}

static void the_examples_are_read_as_they_are(void **state)
{
        static char text[TEXT_MAX];
        Site *site = *state;
        const ScheduleEntry *entries;

        site_renew(site);
        write_text(site, "data/routines.d/some.conf",
                        "routines = ( " NAMED("\"daily\"") ", " NAMED("\"friction\"") " );\n");
        copy_example(0, text);
        write_text(site, "etc/kneed.conf", text);
        copy_example(1, text);
        write_text(site, "etc/limits.conf", text);
        assert_good(site);

        assert_int_equal(site->config->leg, LEG_RIGHT);
        assert_int_equal(site->config->intensity_percent, 50);
        assert_int_equal(site->config->limits.level_permille, 500);
        assert_int_equal(site->config->limits.heat_minutes, 0);
        assert_int_equal(site->config->limits.day_sessions, 2);
        assert_int_equal(site->config->n_schedule, 2);
        entries = site->config->schedule;
        assert_string_equal(entries[0].name, "morning");
        assert_int_equal(entries[0].leg, LEG_RIGHT);
        assert_int_equal(entries[0].n_skips, 2);
        assert_string_equal(entries[1].name, "after-walks");
        assert_int_equal(entries[1].leg, LEG_LEFT);
        assert_int_equal(entries[1].n_times, 2);
        assert_int_equal(entries[1].days, 1u << 1 | 1u << 3 | 1u << 5 | 1u << 6);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_key_is_described_and_no_other),
                cmocka_unit_test(ranges_and_defaults_are_those_of_the_code),
                cmocka_unit_test(the_examples_are_read_as_they_are),
        };

        return cmocka_run_group_tests(tests, read_page, site_teardown);
}
