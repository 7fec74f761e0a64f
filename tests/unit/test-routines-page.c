/* SPDX-License-Identifier: MIT */

/* kneed-routines(5) against the code: every key with its type, range and default, no key that is
 * not there, and an example that works. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/macro.h"
#include "daemon/config-routine.h"
#include "daemon/config-routines.h"
#include "daemon/config-technique.h"
#include "tests/unit/config-site.h"
#include "tests/unit/shipped.h"

#define PAGE_MAX    32768
#define EXAMPLE_MAX 12u /* lines for a technique and a routine of one's own */

static char page[PAGE_MAX];

static const struct {
        const char *section;
        const ConfigTable *table;
} sections[] = {
        { "\n.SS In a file\n", &config_routines_table },
        { "\n.SS Of a technique\n", &config_technique_table },
        { "\n.SS Of a motion\n", &config_motion_table },
        { "\n.SS Of a routine\n", &config_routine_table },
        { "\n.SS Of a step\n", &config_step_table },
};

static int read_page(void **state)
{
        (void) read_shipped("../docs/kneed-routines.5", page, sizeof(page));
        return 0;
}

/* The lines from `from` to the next that begins with one of the marks. */
static void cut(const char *from, const char *const *marks, char *to, size_t room)
{
        size_t n = from ? strlen(from) : 0;

        assert_non_null(from);
        for (; from && *marks; marks++) {
                const char *end = strstr(from, *marks);

                if (end && (size_t) (end - from) < n)
                        n = (size_t) (end - from);
        }
        assert_true(n + 1 < room);
        if (n > 0)
                memcpy(to, from, n);
        to[n] = '\n';
        to[n + 1] = 0;
}

static void find_section(size_t i, char *to, size_t room)
{
        static const char *const marks[] = { "\n.SS", "\n.SH", NULL };
        const char *from = strstr(page, sections[i].section);

        assert_non_null(from);
        cut(from + strlen(sections[i].section) - 1, marks, to, room);
}

static void demand(const char *entry, const ConfigKey *key, const char *words)
{
        if (!strstr(entry, words))
                fail_msg("The page does not say \"%s\" of %s:\n%s", words, key->name, entry);
}

static const char *type_words(ConfigType type)
{
        return type == CONFIG_DECIMAL ? "\\fInumber\\fR"
               : type == CONFIG_OTHER ? "\\fI"
                                      : "\\fIwhole number\\fR";
}

static void check_entry(const char *entry, const ConfigKey *key)
{
        double unit = key->type == CONFIG_DECIMAL ? 1000 : 1;
        char words[64];

        demand(entry, key, type_words(key->type));
        demand(entry, key, key->required ? "\nRequired.\n" : "");
        if (!key->required && !strstr(entry, "\nDefault: ") && !strstr(entry, "\nRequired, ") &&
                        !strstr(entry, "\nWithout it "))
                fail_msg("The page does not say what %s is by default:\n%s", key->name, entry);
        if (key->type == CONFIG_OTHER)
                return;
        (void) snprintf(words, sizeof(words), ": %g to %g", key->low / unit, key->high / unit);
        demand(entry, key, words);
        if (key->type == CONFIG_INTEGER_OR_OFF)
                demand(entry, key, "or 0 for off");
        if (key->fallback > 0) {
                (void) snprintf(words, sizeof(words), "\nDefault: %u.\n", key->fallback);
                demand(entry, key, words);
        }
}

static void test_the_page_has_every_key_with_type_range_and_default(void **state)
{
        static const char *const marks[] = { "\n.TP", "\n.SS", "\n.SH", "\n.PP", NULL };

        for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
                const ConfigTable *table = sections[i].table;
                char section[8192], entry[2048], title[64];

                find_section(i, section, sizeof(section));
                for (size_t k = 0; k < table->n_keys; k++) {
                        const char *at;

                        (void) snprintf(title, sizeof(title),
                                        "\n.TP\n\\fB%s\\fR = ", table->keys[k].name);
                        at = strstr(section, title);
                        if (!at)
                                print_error("The page does not have %s\n", table->keys[k].name);
                        assert_non_null(at);
                        cut(at + 5, marks, entry, sizeof(entry));
                        check_entry(entry, &table->keys[k]);
                }
        }
}

static void test_the_page_has_no_other_key(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(sections); i++) {
                char section[8192];
                size_t n = 0;

                find_section(i, section, sizeof(section));
                for (const char *at = section; (at = strstr(at, "\n.TP\n")); at++)
                        n++;
                assert_int_equal(n, sections[i].table->n_keys);
        }
}

static void test_the_page_names_every_zone(void **state)
{
        for (Zone zone = 0; zone < _ZONE_MAX; zone++) {
                char name[64], *to = name;

                for (const char *from = zone_name(zone); *from; from++)
                        to = stpcpy(to, *from == '-' ? "\\-" : (char[]){ *from, 0 });
                if (!strstr(page, name))
                        fail_msg("The page does not name %s", name);
        }
}

static void test_the_example_works(void **state)
{
        Site *site = *state;
        const Technique *technique;
        const Routine *routine;
        char text[2048];

        assert_in_range(read_example(text, sizeof(text)), 5, EXAMPLE_MAX);
        write_text(site, ROUTINES, text);
        assert_good(site);
        technique = config_find_technique(site->config, "outer-sweep");
        routine = config_find_routine(site->config, "outer-sweep");
        assert_true(technique && routine);
        assert_ptr_equal(routine->steps[0].technique, technique);
        assert_int_equal(routine_duration_ms(routine), 600000);
        assert_int_equal(technique->n_motions, 2);
        assert_int_equal(technique->motions[0].kind, MOTION_STROKE);
        assert_int_equal(technique->motions[1].kind, MOTION_CIRCLE);
        assert_int_equal(technique->motions[1].path[0], ZONE_KNEE_OUTER);
}

/* What the page writes behind "Default:" of a kind is what a motion gets that does not say it. */
static void test_the_defaults_of_kinds_are_those_of_the_page(void **state)
{
        static const struct {
                const char *plain, *written;
        } kinds[] = {
                { "tap = \"knee-above\"",
                                "rate = 240; radius = 35; phase = 0; strength = ( [ 0, 0 ], [ "
                                "15, 100 ], [ 40, 100 ], [ 100, 0 ] );" },
                { "stroke = [ \"thigh-outer-upper\", \"thigh-outer-lower\" ]",
                                "rate = 12; radius = 45; strength = ( [ 0, 0 ], [ 12, 100 ], [ 48, "
                                "100 ], [ 60, 0 ], [ 100, 0 ] );" },
                { "circle = \"knee-inner\"", "rate = 48; radius = 36; circle_radius = 15; strength "
                                             "= ( [ 0, 0 ], [ 15, "
                                             "100 ], [ 85, 100 ], [ 100, 0 ] );" },
                { "hold = \"knee-below\"",
                                "rate = 10; radius = 45; strength = ( [ 0, 0 ], [ 30, 100 "
                                "], [ 70, 100 ], [ 100, 0 ] );" },
        };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                const char *strength = strstr(kinds[i].written, "( [");
                const Technique *technique;
                char text[512];

                assert_true(strlen(strength) < sizeof(text));
                (void) snprintf(text, sizeof(text), "%s", strength);
                *strchrnul(text, ';') = 0;
                assert_non_null(strstr(page, text));
                (void) snprintf(text, sizeof(text),
                                "techniques = ( { name = \"a\"; motions = ( { %s; seconds = 10; }, "
                                "{ %s; seconds = 10; %s } ); } );",
                                kinds[i].plain, kinds[i].plain, kinds[i].written);
                write_text(site, ROUTINES, text);
                assert_good(site);
                technique = config_find_technique(site->config, "a");
                assert_memory_equal(&technique->motions[0], &technique->motions[1], sizeof(Motion));
        }
        assert_non_null(strstr(page, "\nDefault: 240 taps, 12 strokes, 48 circles, 10 holds.\n"));
        assert_non_null(strstr(page,
                        "\nDefault: 35 for taps, 45 for strokes, 36 for circles, 45 for "
                        "holds.\n"));
        assert_non_null(strstr(page, "\nDefault: 15.\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_page_has_every_key_with_type_range_and_default),
                cmocka_unit_test(test_the_page_has_no_other_key),
                cmocka_unit_test(test_the_page_names_every_zone),
                TEST(test_the_example_works),
                TEST(test_the_defaults_of_kinds_are_those_of_the_page),
        };

        return cmocka_run_group_tests(tests, read_page, NULL);
}
