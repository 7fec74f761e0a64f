/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "common/macro.h"
#include "daemon/limits.h"
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

/* A person who reads the table reads what is compiled in, and where it comes from. */
static void every_limit_stands_in_the_document_with_its_value_and_a_source(void **state)
{
        static const struct {
                const char *key;
                unsigned hard;
        } limits[] = {
#define X(field, strictest, hard, unit, what) { #field, hard },
                LIMITS(X)
#undef X
        };

        for (size_t i = 0; i < ELEMENTSOF(limits); i++) {
                char row[80];
                const char *found, *source;

                (void) snprintf(row, sizeof(row), "\n| `%s` | %u | ", limits[i].key,
                                limits[i].hard);
                found = strstr(doc, row);
                if (!found) {
                        fail_msg("no row%s", row);
                        return;
                }
                source = strchr(found + strlen(row), '|');
                assert_non_null(source);
                assert_true(strcspn(source + 1, "|") > 10);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_limit_stands_in_the_document_with_its_value_and_a_source),
        };

        return cmocka_run_group_tests(tests, read_doc, NULL);
}
