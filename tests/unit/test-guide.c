/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/verbs.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/guide-text.h"

#define N_TOPICS 10u

static void test_every_page_fits_a_screen(void **state)
{
        for (const GuidePage *page = guide_pages; page->topic; page++) {
                char text[GUIDE_TEXT_MAX], *rest = text, *line;
                unsigned rows = 0;

                guide_text_print(page, COLOURS_NONE, text);
                for (; (line = strsep(&rest, "\n")) && rest; rows++) {
                        const size_t width = strlen(line);

                        if (width > GUIDE_COLUMNS_MAX)
                                fail_msg("%s is too wide: %s", page->topic, line);
                        if (width > 0 && line[width - 1] == ' ')
                                fail_msg("%s has a blank at the end of: %s", page->topic, line);
                        for (size_t i = 0; i < width; i++)
                                if (line[i] < ' ' || line[i] > '~')
                                        fail_msg("%s has a strange character in: %s", page->topic,
                                                        line);
                        if (rows == 0)
                                assert_string_equal(line, page->title);
                        if (rows == 1)
                                assert_string_equal(line, "");
                }
                assert_string_equal(line, ""); /* the last line has its end */
                assert_in_range(rows, 10, GUIDE_ROWS_MAX);
        }
}

static void test_only_the_title_is_bold_and_only_in_colours(void **state)
{
        for (const GuidePage *page = guide_pages; page->topic; page++) {
                char plain[GUIDE_TEXT_MAX], bold[GUIDE_TEXT_MAX], *end, *rest;

                guide_text_print(page, COLOURS_NONE, plain);
                guide_text_print(page, COLOURS_256, bold);
                assert_null(strchr(plain, '\033'));
                rest = strchr(bold, '\n');
                assert_non_null(rest);
                assert_string_equal(rest, strchr(plain, '\n'));
                end = strstr(bold, "\033[0m");
                assert_ptr_equal(end + strlen("\033[0m"), rest);
                assert_int_equal(bold[0], '\033');
                assert_memory_equal(end - strlen(page->title), page->title, strlen(page->title));
        }
}

static void test_the_index_has_every_topic_with_its_title(void **state)
{
        const GuidePage *index = &guide_pages[0];
        char text[GUIDE_TEXT_MAX];
        const char *at = text;
        unsigned n = 0;

        assert_string_equal(index->topic, "index");
        guide_text_print(index, COLOURS_NONE, text);
        at += strlen(index->title) + 2 + strlen(index->text);
        for (const GuidePage *page = guide_pages + 1; page->topic; page++, n++) {
                char row[128];

                (void) snprintf(row, sizeof(row), "  %-11s %s\n", page->topic, page->title);
                if (strncmp(at, row, strlen(row)) != 0)
                        fail_msg("not next in the index: %s", row);
                at += strlen(row);
                assert_ptr_equal(guide_text_page(page->topic), page);
        }
        assert_string_equal(at, "");
        assert_int_equal(n, N_TOPICS);
}

static void test_an_unknown_topic_is_refused_with_the_nearest(void **state)
{
        static const struct {
                const char *topic, *near;
        } wrong[] = {
                { "oil", "oils" },
                { "docter", "doctor" },
                { "tap", "tapping" },
                { "Risk", "risk" },
                { "x-ray", NULL },
                { "", NULL },
                { "a topic that is far too long to be any of them", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                const Options options = { .arguments = { wrong[i].topic }, .n_arguments = 1 };
                const char *near = "none";

                assert_null(guide_find(wrong[i].topic, &near));
                if (wrong[i].near)
                        assert_string_equal(near, wrong[i].near);
                else
                        assert_null(near);
                assert_int_equal(verb_guide(&options), EXIT_USAGE);
        }
}

static void test_it_needs_nobody(void **state)
{
        const Options index = {};
        const Options doctor = { .arguments = { "doctor" }, .n_arguments = 1 };

        assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", 1), 0);
        assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1), 0);
        assert_int_equal(verb_guide(&index), EXIT_DONE);
        assert_int_equal(verb_guide(&doctor), EXIT_DONE);
}

/* What stands between two pieces of a file. */
static void part_of(char text[static GUIDE_TEXT_FILE_MAX], const char *from, const char *to)
{
        char *begin = strstr(text, from), *end;

        assert_non_null(begin);
        end = strstr(begin, to);
        assert_non_null(end);
        *end = '\0';
        memmove(text, begin, (size_t) (end - begin) + 1);
}

static void test_completions_and_manual_have_every_topic(void **state)
{
        static const char *const completions[] = { "kneectl.bash", "_kneectl", "kneectl.fish" };
        char topics[256] = "", *end = topics, text[GUIDE_TEXT_FILE_MAX];

        for (const GuidePage *page = guide_pages + 1; page->topic; page++) {
                assert_true(strlen(page->topic) + 1 < sizeof(topics) - (size_t) (end - topics));
                end = stpcpy(stpcpy(end, page == guide_pages + 1 ? "" : " "), page->topic);
        }
        for (size_t i = 0; i < ELEMENTSOF(completions); i++) {
                char path[256];

                (void) snprintf(path, sizeof(path), "%s/cli/completions/%s", KNEED_SOURCE_DIR,
                                completions[i]);
                guide_text_read(path, text);
                if (!strstr(text, topics))
                        fail_msg("%s does not have: %s", completions[i], topics);
        }
        guide_text_read(KNEED_SOURCE_DIR "/docs/kneectl.1", text);
        part_of(text, "\\fBguide\\fR", ".SH OPTIONS");
        for (const GuidePage *page = guide_pages + 1; page->topic; page++)
                if (!strstr(text, page->topic))
                        fail_msg("the manual does not have %s", page->topic);
}

/* In all pages together. */
static unsigned count_pieces(const char *piece)
{
        unsigned n = 0;

        for (const GuidePage *page = guide_pages; page->topic; page++) {
                char text[GUIDE_TEXT_MAX];

                guide_text_unwrap(page->text, text);
                for (const char *at = text; (at = strstr(at, piece)); at++)
                        n++;
        }
        return n;
}

static void test_what_kneed_is_not_is_said_once(void **state)
{
        assert_int_equal(count_pieces("kneed is not a medical device."), 1);
        assert_int_equal(count_pieces("medical device"), 1);
        assert_int_equal(count_pieces("no clinician has reviewed it."), 1);
}

static bool is_verb(const char *word)
{
        for (const Verb *verb = verbs; verb->name; verb++)
                if (streq(verb->name, word))
                        return true;
        return false;
}

static void test_what_a_page_points_to_is_there(void **state)
{
        for (const GuidePage *page = guide_pages; page->topic; page++) {
                char text[GUIDE_TEXT_MAX], word[32];
                const char *near;

                guide_text_unwrap(page->text, text);
                for (const char *at = text; (at = strchr(at, '"')); at = strchr(at + 1, '"') + 1)
                        if (!guide_find(guide_text_word(at + 1, word), &near))
                                fail_msg("%s points to \"%s\"", page->topic, word);
                for (const char *at = text; (at = strstr(at, "kneectl ")); at++)
                        if (!is_verb(guide_text_word(at + strlen("kneectl "), word)))
                                fail_msg("%s points to kneectl %s", page->topic, word);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_page_fits_a_screen),
                cmocka_unit_test(test_only_the_title_is_bold_and_only_in_colours),
                cmocka_unit_test(test_the_index_has_every_topic_with_its_title),
                cmocka_unit_test(test_an_unknown_topic_is_refused_with_the_nearest),
                cmocka_unit_test(test_it_needs_nobody),
                cmocka_unit_test(test_completions_and_manual_have_every_topic),
                cmocka_unit_test(test_what_kneed_is_not_is_said_once),
                cmocka_unit_test(test_what_a_page_points_to_is_there),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
