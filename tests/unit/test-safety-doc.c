/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "common/macro.h"
#include "daemon/limits-table.h"
#include "tests/unit/cmocka-all.h"

#define DOC_MAX (64u * 1024u)

static char doc[DOC_MAX];

static int read_doc(void **state)
{
        FILE *f = fopen(KNEED_SOURCE_DIR "/docs/safety.md", "re");
        size_t n;

        if (!f)
                return -1;
        n = fread(doc, 1, sizeof(doc) - 1, f);
        doc[n] = '\0';
        return fclose(f);
}

/* A person who reads the document reads what is compiled in and what `kneectl limits` says, and
 * where it comes from. */
static void every_limit_stands_in_the_document_with_its_value_and_source(void **state)
{
        const LimitRow *row;
        unsigned n = 0;

        for (; (row = limits_row(n)); n++) {
                char text[512];

                if (row->has_setting)
                        (void) snprintf(text, sizeof(text), "\n| `%s` | %u | %s | %s |\n", row->key,
                                        row->hard, row->unit, row->source);
                else
                        (void) snprintf(text, sizeof(text), "| %s", row->source);
                if (!strstr(doc, text))
                        fail_msg("not in the document: %s", text);
        }
        assert_true(n > 20);
}

/* What is in force is the setting, where there is one. */
static void the_value_of_a_limit_is_its_setting(void **state)
{
        Limits limits = limits_hard;
        unsigned n = 0;

        limits.day_minutes = 17;
        limits.level_permille = 51;
        for (const LimitRow *row; (row = limits_row(n)); n++)
                assert_int_equal(limits_value(row, &limits), streq(row->key, "day_minutes") ? 17
                                                             : streq(row->key, "level_permille")
                                                                             ? 51
                                                                             : row->hard);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_limit_stands_in_the_document_with_its_value_and_source),
                cmocka_unit_test(the_value_of_a_limit_is_its_setting),
        };

        return cmocka_run_group_tests(tests, read_doc, NULL);
}
