/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/macro.h"
#include "tests/unit/config-site.h"
#include "tests/unit/shipped.h"

static void test_bad_input_is_refused_where_it_stands(void **state)
{
        static const struct {
                const char *file, *text, *line, *part;
        } bad[] = {
                /* kneed.conf: keys, types, ranges */
                { "etc/kneed.conf", "\nvirtual = true;\n", "2",
                                "unknown key \"virtual\"; known here are run, virtual_massager, "
                                "allow_without_cut_off." },
                { "etc/kneed.conf", "run = { intensty = 5; };\n", "1",
                                "did you mean \"intensity\"?" },
                { "etc/kneed.conf", "run = { lag = \"left\"; };\n", "1", "did you mean \"leg\"?" },
                { "etc/kneed.conf", "run = {\n leg = \"lefft\"; };\n", "2",
                                "did you mean \"left\"?" },
                { "etc/kneed.conf", "run = { leg = \"both\"; };\n", "1",
                                "known here are left, right." },
                { "etc/kneed.conf", "run = { leg = 1; };\n", "1", "must be a text" },
                { "etc/kneed.conf", "run = 5;\n", "1", "keys are wanted here" },
                { "etc/kneed.conf", "run = ( { leg = \"left\"; } );\n", "1",
                                "keys are wanted here" },
                { "etc/kneed.conf", "virtual_massager = 1;\n", "1", "write true or false" },
                { "etc/kneed.conf", "virtual_massager = \"true\";\n", "1", "write true or false" },
                { "etc/kneed.conf", "run = { minutes = 0; };\n", "1",
                                "\"minutes\" is 0; allowed are 1 to 20." },
                { "etc/kneed.conf", "run = { minutes = 21; };\n", "1",
                                "\"minutes\" is 21; allowed are 1 to 20." },
                { "etc/kneed.conf", "run = { minutes = -5; };\n", "1", "\"minutes\" is -5" },
                { "etc/kneed.conf", "run = { minutes = 10L; };\n", "1",
                                "must be a whole number and is a number with an L;"
                                " allowed are 1 to 20." },
                { "etc/kneed.conf", "run = { minutes = 10.0; };\n", "1", "must be a whole number" },
                { "etc/kneed.conf", "run = { minutes = \"10\"; };\n", "1",
                                "must be a whole number" },
                { "etc/kneed.conf", "run = { minutes = true; };\n", "1", "must be a whole number" },
                { "etc/kneed.conf", "run = { minutes = [ 5 ]; };\n", "1",
                                "must be a whole number" },
                { "etc/kneed.conf", "run = { intensity = 0; };\n", "1", "allowed are 1 to 100." },
                { "etc/kneed.conf", "run = { intensity = 101; };\n", "1", "allowed are 1 to 100." },
                /* Modulo 2^32 these are 10, and modulo 256 so is 266. */
                { "etc/kneed.conf", "\n\nrun = { minutes = 4294967306; };\n", "3", "too large" },
                { "etc/kneed.conf", "run = { minutes = 4294967306L; };\n", "1", "too large" },
                { "etc/kneed.conf", "run = { minutes = 0x10000000A; };\n", "1", "too large" },
                { "etc/kneed.conf", "run = { minutes = 4294967306leg=\"left\"; };\n", "1",
                                "too large" },
                { "etc/kneed.conf", "run = { minutes = 99999999999999999999999999; };\n", "1",
                                "too large" },
                { "etc/kneed.conf", "run = { minutes = 266; };\n", "1", "allowed are 1 to 20." },
                /* What libconfig would lose or misread */
                { "etc/kneed.conf", "\n/* never closed\nrun = { minutes = 99; };\n", "2",
                                "comment is never closed" },
                { "etc/kneed.conf", "\n\nrun = { leg = \"left; };\n\n", "3",
                                "text is never closed" },
                { "etc/kneed.conf", "run = { leg = \"left\\x00x\"; };\n", "1", "zero byte" },
                { "etc/kneed.conf", "run = {\n leg = \"left\";\n leg = \"right\";\n};\n", "3",
                                "set twice" },
                { "etc/kneed.conf", "run = { };\nrun = { };\n", "2", "set twice" },
                { "etc/kneed.conf", "run = {\n minutes = nan;\n};\n", "2", "cannot be understood" },
                { "etc/kneed.conf", "run = { minutes = inf; };\n", "1", "cannot be understood" },
                { "etc/kneed.conf", "run = { minutes = ; };\n", "1", "cannot be understood" },
                { "etc/kneed.conf", "x = [ 1, \"a\" ];\n", "1", "of one type" },
                { "etc/kneed.conf", "# a\n# \xff\n", "2", "save the file as UTF-8" },
                { "etc/kneed.conf", "# a\n# \xed\xa0\x80\n", "2", "save the file as UTF-8" },
                { "etc/kneed.conf", "# \xc0\xaf\n", "1", "save the file as UTF-8" },
                { "etc/kneed.conf", "# \xe0\x80\xaf\n", "1", "save the file as UTF-8" },
                { "etc/kneed.conf", "# \xf0\x80\x80\xaf\n", "1", "save the file as UTF-8" },
                { "etc/kneed.conf", "# \xf4\x90\x80\x80\n", "1", "save the file as UTF-8" },
                { "etc/kneed.conf", "# \xc3", "1", "save the file as UTF-8" },
                { "etc/kneed.conf", "@include etc\n", "1", "@ is only for @include" },
                { "etc/kneed.conf", "run = { @include \"x\"\n };\n", "1",
                                "@ is only for @include" },
                /* limits.conf: below and above */
                { "etc/limits.conf", "\nsession_minutes = 21;\n", "2",
                                "limits.conf can only lower limits: the most is 20." },
                { "etc/limits.conf", "session_minutes = 0;\n", "1", "allowed are 1 to 20." },
                { "etc/limits.conf", "level_permille = 801;\n", "1",
                                "limits.conf can only lower limits: the most is 800." },
                { "etc/limits.conf", "level_permille = 65586;\n", "1", "the most is 800." },
                { "etc/limits.conf", "level_permile = 100;\n", "1",
                                "did you mean \"level_permille\"?" },
                { "etc/limits.conf", "heat_minutes = -1;\n", "1",
                                "\"heat_minutes\" is -1; allowed are 0 to 15." },
                { "etc/limits.conf", "limits = { busy_s = 60; };\n", "1",
                                "unknown key \"limits\"" },
                /* routines */
                { ROUTINES, "routine = ();\n", "1", "did you mean \"routines\"?" },
                { ROUTINES, "routines = { };\n", "1", "must be a list" },
                { ROUTINES, "routines = [ ];\n", "1", "must be a list" },
                { ROUTINES, "routines = (\n 5\n);\n", "2", "keys are wanted here" },
                { ROUTINES,
                                "routines = ( "
                                "{ steps = ( " PLAIN_STEP " ); } );\n",
                                "1", "\"name\" is missing" },
                { ROUTINES, "routines = ( { name = \"a\"; } );\n", "1", "\"steps\" is missing" },
                { ROUTINES, "routines = ( { name = \"a\"; steps = ( ); } );\n", "1",
                                "is a list of 0; allowed are 1 to 16." },
                { ROUTINES,
                                "routines = ( { name = \"a\";\nsteps = ( " FOUR(
                                                FOUR(PLAIN_STEP)) "," PLAIN_STEP " ); } );\n",
                                "2", "is a list of 17; allowed are 1 to 16." },
                { ROUTINES, ROUTINE("\"\""), "1", "cannot be a name" },
                { ROUTINES, ROUTINE("\"1a\""), "1", "cannot be a name" },
                { ROUTINES, ROUTINE("\"-a\""), "1", "cannot be a name" },
                { ROUTINES, ROUTINE("\"Daily\""), "1", "cannot be a name" },
                { ROUTINES, ROUTINE("\"a b\""), "1", "cannot be a name" },
                { ROUTINES, ROUTINE("\"../a\""), "1", "cannot be a name" },
                { ROUTINES, ROUTINE("\"abcdefghijklmnopqrstuvwxyz1234567\""), "1", "at most 32" },
                { ROUTINES, ROUTINE("5"), "1", "must be a text" },
                { ROUTINES, ROUTINE("\"a\"; summary = \"a\\nb\""), "1", "one line of plain text" },
                { ROUTINES, ROUTINE("\"a\"; summary = \"a\\x1b[31m\""), "1",
                                "one line of plain text" },
                { ROUTINES, ROUTINE("\"a\"; summary = \"\\xff\""), "1", "one line of plain text" },
                { ROUTINES, ROUTINE("\"a\"; summary = \"\\xc2\\x85\""), "1",
                                "one line of plain text" },
                { ROUTINES, ROUTINE("\"a\"; summary = \"" TEN(TEN("x")) TEN("xy") ".\""), "1",
                                "at most 120" },
                { ROUTINES, STEP("minutes = 3;"), "3", "\"technique\" is missing" },
                { ROUTINES, STEP("technique = \"glide\";"), "3", "\"minutes\" is missing" },
                { ROUTINES, STEP("technique = \"fricton\"; minutes = 3;"), "4",
                                "unknown technique \"fricton\"; did you mean \"friction\"?" },
                { ROUTINES, STEP("technique = \"kneecap\"; minutes = 3;"), "4",
                                "known here are friction, glide, tapping." },
                { ROUTINES, STEP("technique = 1; minutes = 3;"), "4", "must be a text" },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 0;"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 0.49;"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 20.01;"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = -1;"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 1e999;"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = -1e999;"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = \"3\";"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 3L;"), "4",
                                "allowed are 0.5 to 20." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 3; intensity = 0;"), "4",
                                "allowed are 1 to 100." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 3;\n tempo = 49;"), "5",
                                "allowed are 50 to 150." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 3; tempo = 151;"), "4",
                                "allowed are 50 to 150." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 3; heat = 29;"), "4",
                                "allowed are 30 to 41, or 0 for off." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 3; heat = 42;"), "4",
                                "allowed are 30 to 41, or 0 for off." },
                { ROUTINES, STEP("technique = \"glide\"; minutes = 3; head = 40;"), "4",
                                "did you mean \"heat\"?" },
                { ROUTINES,
                                STEP("technique = \"glide\"; minutes = 19.5; }, { technique = "
                                     "\"glide\"; minutes = 1;"),
                                "1", "lasts 20.5 minutes; all steps together may last 20." },
                { ROUTINES, "routines = (\n" NAMED("\"b\"") ",\n" NAMED("\"b\"") " );\n", "3",
                                "the routine \"b\" is already in a.conf:2;" },
        };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                char place[96];

                write_text(site, bad[i].file, bad[i].text);
                (void) snprintf(place, sizeof(place), "%s:%s", bad[i].file, bad[i].line);
                assert_one_error(site, place, bad[i].part);
                assert_int_equal(unlink(in_site(site, bad[i].file)), 0);
        }
        assert_good(site);
}

static void test_all_errors_are_told_at_once(void **state)
{
        Site *site = *state;

        write_text(site, "etc/kneed.conf", "run = { minutes = 99;\n leg = \"mid\"; };\nfoo = 1;\n");
        write_text(site, "etc/limits.conf", "busy_s = 1;\n");
        write_text(site, "data/routines.d/x.conf",
                        STEP("technique = \"tap\"; tempo = 1; heat = 1;"));
        write_text(site, "etc/routines.d/a.conf", "routines = (\n");
        write_text(site, "etc/routines.d/b.conf", ROUTINE("\"B\""));
        assert_int_equal(load(site), -EINVAL);
        assert_int_equal(site->errors.n, 10);
        assert_error(site, 0, "etc/kneed.conf:1", "minutes");
        assert_error(site, 1, "etc/kneed.conf:2", "leg");
        assert_error(site, 2, "etc/kneed.conf:3", "foo");
        assert_error(site, 3, "etc/limits.conf:1", "busy_s");
        assert_error(site, 4, "data/routines.d/x.conf:3", "\"minutes\" is missing");
        assert_error(site, 5, "data/routines.d/x.conf:4", "technique");
        assert_error(site, 6, "data/routines.d/x.conf:4", "tempo");
        assert_error(site, 7, "data/routines.d/x.conf:4", "heat");
        assert_error(site, 8, "etc/routines.d/a.conf:2", "cannot be understood");
        assert_error(site, 9, "etc/routines.d/b.conf:1", "name");
}

static void test_errors_beyond_the_kept_ones_are_counted(void **state)
{
        Site *site = *state;
        FILE *file = site_open(site, "etc/kneed.conf");

        for (unsigned i = 0; i < 100; i++)
                (void) fprintf(file, "k%u = 1;\n", i);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(load(site), -EINVAL);
        assert_int_equal(site->errors.n, 100);
        assert_error(site, CONFIG_ERRORS_MAX - 1, "etc/kneed.conf:32", "k31");
        write_text(site, "etc/kneed.conf", "");
        assert_good(site);
}

static void test_nothing_written_means_defaults(void **state)
{
        Site *site = *state;

        for (unsigned round = 0; round < 3; round++) {
                if (round == 1) {
                        write_text(site, "etc/kneed.conf", "");
                        write_text(site, "etc/limits.conf", "# nothing");
                        write_text(site, "etc/routines.d/a.conf", "routines = ( );");
                        write_text(site, "data/routines.d/a.conf", "");
                }
                if (round == 2)
                        site_clear(site);
                assert_good(site);
                assert_int_equal(site->config->leg, LEG_LEFT);
                assert_int_equal(site->config->intensity_percent, 0);
                assert_int_equal(site->config->minutes, 0);
                assert_false(site->config->virtual_massager);
                assert_memory_equal(&site->config->limits, &limits_hard, sizeof(Limits));
                assert_int_equal(site->config->n_routines, 0);
        }
}

static void test_what_is_written_counts(void **state)
{
        Site *site = *state;
        const Routine *routine;

        write_text(site, "etc/kneed.conf",
                        "run = { leg = \"right\", intensity = 100, minutes = 0x14 "
                        "}\nvirtual_massager = TRUE");
        write_text(site, "etc/limits.conf",
                        "level_permille : 50; first_level_permille = 400\nheat_minutes = 0 # none");
        write_text(site, ROUTINES,
                        "routines = ( { name = \"abcdefghijklmnopqrstuvwxyz-12345\"; steps = (\n"
                        "{ technique = \"tapping\"; minutes = 0.5; intensity = 1; tempo = 50; heat "
                        "= 30; },\n"
                        "{ technique = \"glide\"; minutes = 5; intensity = 100; tempo = 150; heat "
                        "= 41; },\n"
                        "{ technique = \"friction\"; minutes = 1.45e1; heat = 0; } );\n"
                        "summary = \"" TEN(TEN("x")) "\" \"" TEN("é") "\"; } );\n");
        assert_good(site);
        assert_int_equal(site->config->leg, LEG_RIGHT);
        assert_int_equal(site->config->intensity_percent, 100);
        assert_int_equal(site->config->minutes, 20);
        assert_true(site->config->virtual_massager);
        assert_int_equal(site->config->limits.level_permille, 50);
        assert_int_equal(site->config->limits.first_level_permille, 400);
        assert_int_equal(site->config->limits.heat_minutes, 0);
        assert_int_equal(site->config->limits.session_minutes, limits_hard.session_minutes);

        assert_int_equal(site->config->n_routines, 1);
        routine = config_find_routine(site->config, "abcdefghijklmnopqrstuvwxyz-12345");
        assert_non_null(routine);
        assert_int_equal(strlen(routine->summary), 120);
        assert_int_equal(routine->n_steps, 3);
        assert_string_equal(routine->steps[0].technique->name, "tapping");
        assert_int_equal(routine->steps[0].duration_ms, 30000);
        assert_int_equal(routine->steps[0].intensity_percent, 1);
        assert_int_equal(routine->steps[0].tempo_percent, 50);
        assert_int_equal(routine->steps[0].heat_c, 30);
        assert_int_equal(routine->steps[1].duration_ms, 300000);
        assert_int_equal(routine->steps[1].intensity_percent, 100);
        assert_int_equal(routine->steps[1].tempo_percent, 150);
        assert_int_equal(routine->steps[1].heat_c, 41);
        assert_ptr_equal(routine->steps[2].technique,
                        config_find_technique(site->config, "friction"));
        assert_int_equal(routine->steps[2].duration_ms, 870000);
        assert_int_equal(routine->steps[2].intensity_percent, 60);
        assert_int_equal(routine->steps[2].tempo_percent, 100);
        assert_int_equal(routine->steps[2].heat_c, 0);
        assert_null(config_find_routine(site->config, "abc"));
}

static void test_the_administrator_overrides_by_name(void **state)
{
        Site *site = *state;
        const char *const names[] = { "a", "b", "c", "d" };

        write_text(site, "data/routines.d/z.conf",
                        "routines = ( " NAMED("\"d\"; summary = \"vendor\"") "," NAMED(
                                        "\"b\"; summary = \"vendor\"") " );");
        write_text(site, "data/routines.d/a.conf", ROUTINE("\"c\"; summary = \"vendor\""));
        write_text(site, "etc/routines.d/mine.conf", ROUTINE("\"b\"; summary = \"own\""));
        write_text(site, "etc/routines.d/first.conf", ROUTINE("\"a\"; summary = \"own\""));
        /* Not routines: what editors and package managers leave behind. */
        write_text(site, "etc/routines.d/.mine.conf", "rubbish");
        write_text(site, "etc/routines.d/mine.conf~", "rubbish");
        write_text(site, "etc/routines.d/mine.conf.dpkg-old", "rubbish");
        write_text(site, "etc/routines.d/.conf", "rubbish");
        assert_good(site);
        assert_int_equal(site->config->n_routines, ELEMENTSOF(names));
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                assert_string_equal(site->config->routines[i].name, names[i]);
                assert_string_equal(site->config->routines[i].summary, i < 2 ? "own" : "vendor");
        }

        /* Within one directory no file is above another. */
        write_text(site, "etc/routines.d/other.conf", "\n" ROUTINE("\"b\""));
        assert_one_error(site, "etc/routines.d/other.conf:2", "already in mine.conf:1; give one");
}

static void test_shipped_files_are_good(void **state)
{
        static const char *const names[] = { "daily", "friction", "glide", "tapping" };
        Site *site = *state;
        const Routine *daily;
        Config *config = NULL;
        const ConfigPaths paths = {
                .data_dir = KNEED_SOURCE_DIR "/config",
                .etc_dir = KNEED_SOURCE_DIR "/config",
        };

        (void) config_load(&paths, &config, &site->errors);
        assert_string_equal(site->errors.text[0], "");
        assert_non_null(config);
        site->config = config;
        /* They change nothing: all keys are there to be read, none is set. */
        assert_memory_equal(&config->limits, &limits_hard, sizeof(Limits));
        assert_int_equal(config->leg, LEG_LEFT);
        assert_int_equal(config->intensity_percent, 0);
        assert_int_equal(config->minutes, 0);
        assert_false(config->virtual_massager);

        assert_int_equal(config->n_routines, ELEMENTSOF(names));
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                assert_string_equal(config->routines[i].name, names[i]);
                assert_int_equal(routine_duration_ms(&config->routines[i]), 600000);
                assert_int_equal(routine_peak_percent(&config->routines[i]), 60);
                assert_true(config->routines[i].summary[0] != 0);
        }
        daily = config_find_routine(config, "daily");
        assert_int_equal(daily->n_steps, 3);
        assert_ptr_equal(daily->steps[0].technique, config_find_technique(config, "tapping"));
        assert_ptr_equal(daily->steps[1].technique, config_find_technique(config, "glide"));
        assert_ptr_equal(daily->steps[2].technique, config_find_technique(config, "friction"));
}

/* With every commented key let in, what the comments say of defaults is true. */
static void test_shipped_comments_name_every_key_and_its_default(void **state)
{
        Site *site = *state;
        char text[16384];

        (void) read_shipped_keys("kneed.conf", text, sizeof(text));
        write_text(site, "etc/kneed.conf", text);
        assert_non_null(strstr(text, "leg = "));
        assert_non_null(strstr(text, "virtual_massager = "));
        (void) read_shipped_keys("limits.conf", text, sizeof(text));
        write_text(site, "etc/limits.conf", text);
#define X(field, strictest, hard, unit, what) assert_non_null(strstr(text, #field " = "));
        LIMITS(X)
#undef X
        assert_good(site);
        assert_memory_equal(&site->config->limits, &limits_hard, sizeof(Limits));
        assert_int_equal(site->config->leg, LEG_LEFT);
        assert_int_equal(site->config->intensity_percent, ROUTINE_INTENSITY_DEFAULT);
        assert_int_equal(site->config->minutes, 10);
        assert_false(site->config->virtual_massager);
}

static void test_written_limits_only_tighten(void **state)
{
        static const char *const keys[] = {
#define X(field, strictest, hard, unit, what) #field,
                LIMITS(X)
#undef X
        };
        static const struct {
                unsigned strictest, hard;
        } ranges[] = {
#define X(field, strictest, hard, unit, what) { strictest, hard },
                LIMITS(X)
#undef X
        };
        Site *site = *state;

        for (unsigned round = 0; round < 500; round++) {
                size_t i = random_below(ELEMENTSOF(keys));
                unsigned value = random_below(ranges[i].hard + ranges[i].hard / 2);
                bool allowed = value >= ranges[i].strictest && value <= ranges[i].hard;
                uint16_t effective[ELEMENTSOF(keys)];
                char text[64];

                (void) snprintf(text, sizeof(text), "%s = %u;\n", keys[i], value);
                write_text(site, "etc/limits.conf", text);
                assert_int_equal(load(site), allowed ? 0 : -EINVAL);
                if (!allowed)
                        continue;
                memcpy(effective, &site->config->limits, sizeof(effective));
                for (size_t j = 0; j < ELEMENTSOF(keys); j++)
                        assert_int_equal(effective[j], j == i ? value : ranges[j].hard);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_bad_input_is_refused_where_it_stands),
                TEST(test_all_errors_are_told_at_once),
                TEST(test_errors_beyond_the_kept_ones_are_counted),
                TEST(test_nothing_written_means_defaults),
                TEST(test_what_is_written_counts),
                TEST(test_the_administrator_overrides_by_name),
                TEST(test_shipped_files_are_good),
                TEST(test_shipped_comments_name_every_key_and_its_default),
                TEST(test_written_limits_only_tighten),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
