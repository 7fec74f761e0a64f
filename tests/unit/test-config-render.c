/* SPDX-License-Identifier: MIT */

/* Which routines are rendered as config is read, with which limits, and what is said of them. */

#include <errno.h>
#include <stdio.h>

#include "common/macro.h"
#include "daemon/config.h"
#include "daemon/reference.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/config-site.h"

/* Works on one place for a minute, and then leaves it alone. */
#define ONE_PLACE(name)                                       \
        "techniques = ( { name = \"" name "\"; motions = (\n" \
        "  { hold = [ \"knee-above\" ]; seconds = 60; }, { rest = 40; } ); } );\n"
#define PLAYS(name, technique, minutes)                                                \
        "routines = ( {\n name = \"" name "\";\n steps = ( { technique = \"" technique \
        "\"; minutes = " minutes "; } ); } );\n"

static int read_with(Site *site, const ConfigPaths *more)
{
        ConfigPaths paths = *more;
        Layout reference;

        reference_layout(&reference);
        paths.data_dir = site->data_dir;
        paths.etc_dir = site->etc_dir;
        paths.reference = &reference;
        site->config = config_unref(site->config);
        return config_load(&paths, &site->config, &site->errors);
}

static int read_as_kneed(Site *site)
{
        return read_with(site, &(ConfigPaths){ 0 });
}

static int read_as_check(Site *site)
{
        return read_with(site, &(ConfigPaths){ .renders_tried = true });
}

static void assert_in_order(Site *site)
{
        if (read_as_kneed(site) != 0)
                fail_msg("%s", site->errors.text[0]);
}

static void what_cannot_be_played_is_refused_where_it_is_written(void **state)
{
        Site *site = *state;

        site_renew(site);
        write_text(site, "etc/routines.d/a.conf",
                        "# Mine.\n\n" ONE_PLACE("mine") PLAYS("long", "mine", "20"));
        assert_in_order(site);
        write_text(site, "etc/limits.conf", "busy_s = 50;\n");
        assert_int_equal(read_as_kneed(site), -EINVAL);
        assert_int_equal(site->errors.n, 1);
        assert_error(site, 0, "etc/routines.d/a.conf:5",
                        "the routine \"long\" cannot be played: step 1 (mine) at 0:50: knee-above "
                        "has been worked for 50 s (busy_s)");
}

/* Who copies it from the manual must not be sent back. */
static void the_example_of_the_manual_is_accepted(void **state)
{
        Site *site = *state;
        char text[2048];

        site_renew(site);
        assert_in_range(read_example(text, sizeof(text)), 1, 12);
        write_text(site, "etc/routines.d/outer-sweep.conf", text);
        assert_in_order(site);
        assert_non_null(config_find_routine(site->config, "outer-sweep"));
}

/* What is wrong elsewhere is said with it. */
static void all_is_said_at_once(void **state)
{
        Site *site = *state;

        site_renew(site);
        write_text(site, "etc/kneed.conf", "nothing = 1;\n");
        write_text(site, "etc/limits.conf", "session_minutes = 2;\n");
        write_text(site, "etc/routines.d/a.conf", ONE_PLACE("mine") PLAYS("z-last", "mine", "20"));
        write_text(site, "etc/routines.d/b.conf", PLAYS("other", "mine", "3"));
        assert_int_equal(read_as_kneed(site), -EINVAL);
        assert_int_equal(site->errors.n, 3);
        assert_error(site, 0, "etc/kneed.conf:1", "unknown key");
        assert_error(site, 1, "etc/routines.d/b.conf:1", "step 1 (mine) at 2:00: ");
        assert_error(site, 2, "etc/routines.d/a.conf:3", "the 2 minutes of a session");
}

/* Only what its author can mend: a limit that is tightened refuses nothing that came with kneed. */
static void the_vendors_own_is_held_to_the_hard_limits_and_only_by_a_check(void **state)
{
        Site *site = *state;

        site_renew(site);
        write_text(site, "data/routines.d/a.conf",
                        ONE_PLACE("theirs") PLAYS("fine", "theirs", "9"));
        write_text(site, "etc/limits.conf", "busy_s = 50;\nsession_minutes = 5;\n");
        assert_in_order(site);
        assert_int_equal(read_as_check(site), 0);

        write_text(site, "data/routines.d/b.conf",
                        "routines = ( { name = \"hot\"; steps = (\n"
                        "  { technique = \"theirs\"; minutes = 16; heat = 40; } ); } );\n");
        assert_in_order(site);
        assert_int_equal(read_as_check(site), -EINVAL);
        assert_int_equal(site->errors.n, 1);
        assert_error(site, 0, "data/routines.d/b.conf:1", "(heat_minutes)");
}

/* A technique of one's own in a routine that came with kneed is new, but the routine is not one's
 * own. */
static void a_technique_that_is_overridden_is_rendered(void **state)
{
        static const char too_long[] = "techniques = ( { name = \"theirs\"; motions = (\n"
                                       "  { hold = [ \"knee-above\" ]; seconds = 130; } ); } );\n";
        Site *site = *state;

        site_renew(site);
        write_text(site, "data/routines.d/a.conf",
                        ONE_PLACE("theirs") PLAYS("fine", "theirs", "9"));
        write_text(site, "etc/limits.conf", "busy_s = 50;\nsession_minutes = 5;\n");
        write_text(site, "etc/routines.d/a.conf", ONE_PLACE("theirs"));
        assert_in_order(site);
        write_text(site, "etc/routines.d/a.conf", too_long);
        assert_int_equal(read_as_kneed(site), -EINVAL);
        assert_error(site, 0, "data/routines.d/a.conf:3",
                        "\"fine\" cannot be played: step 1 (theirs) at 2:00: knee-above has been "
                        "worked for 120 s (busy_s)");
        write_text(site, "etc/routines.d/a.conf", PLAYS("fine", "theirs", "4"));
        assert_int_equal(read_as_kneed(site), -EINVAL);
        assert_error(site, 0, "etc/routines.d/a.conf:1", "\"fine\" cannot be played");
}

/* What could not be read cannot be played either, but only the first is said. */
static void what_is_wrong_as_it_is_read_is_not_rendered(void **state)
{
        static const char *const wrong[] = {
                "techniques = ( { name = \"mine\"; motions = ( ); } );\n",
                "techniques = ( { name = \"mine\"; motions = ( { hold = [ ]; } ); } );\n",
                "techniques = ( { name = \"mine\"; motions = ( { hold = [ \"knee-above\" ]; "
                "seconds = "
                "0; } ); } );\n",
                "techniques = ( { name = \"mine\"; } );\n",
                "",
        };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                site_renew(site);
                write_text(site, "etc/routines.d/a.conf", wrong[i]);
                write_text(site, "etc/routines.d/b.conf", PLAYS("long", "mine", "20"));
                assert_int_equal(read_as_kneed(site), -EINVAL);
                for (size_t k = 0; k < site->errors.n; k++)
                        assert_null(strstr(site->errors.text[k], "cannot be played"));
        }
}

/* Files that do not stand there yet. */
static void files_are_read_in_the_place_of_their_names(void **state)
{
        Site *site = *state;
        char limits[256], routine[256];
        const char *const both[] = { limits, routine }, *const one[] = { routine };

        site_renew(site);
        (void) snprintf(limits, sizeof(limits), "%s", in_site(site, "limits.conf"));
        (void) snprintf(routine, sizeof(routine), "%s", in_site(site, "a.conf"));
        write_text(site, "limits.conf", "busy_s = 50;\n");
        write_text(site, "a.conf", ONE_PLACE("mine") PLAYS("new", "mine", "4"));
        write_text(site, "etc/limits.conf", "busy_s = 121;\n");
        write_text(site, "etc/routines.d/a.conf", "nonsense");

        assert_int_equal(read_with(site, &(ConfigPaths){ .files = both, .n_files = 2 }), -EINVAL);
        assert_int_equal(site->errors.n, 1);
        assert_error(site, 0, "a.conf:3", "(busy_s)");
        write_text(site, "limits.conf", "busy_s = 70;\n");
        assert_int_equal(read_with(site, &(ConfigPaths){ .files = both, .n_files = 2 }), 0);
        assert_non_null(config_find_routine(site->config, "new"));
        assert_int_equal(site->config->limits.busy_s, 70);
        assert_int_equal(read_with(site, &(ConfigPaths){ .files = one, .n_files = 1 }), -EINVAL);
        assert_int_equal(site->errors.n, 1);
        assert_error(site, 0, "etc/limits.conf:1", "\"busy_s\" is 121");
}

/* Who names a file means it. */
static void no_file_is_passed_over(void **state)
{
        Site *site = *state;
        char missing[256], odd[256], first[256], second[256];
        const char *const files[] = { missing, odd, first, second };

        site_renew(site);
        (void) snprintf(missing, sizeof(missing), "%s", in_site(site, "missing.conf"));
        (void) snprintf(odd, sizeof(odd), "%s", in_site(site, "odd.txt"));
        (void) snprintf(first, sizeof(first), "%s", in_site(site, "a.conf"));
        (void) snprintf(second, sizeof(second), "%s", in_site(site, "data/a.conf"));
        write_text(site, "odd.txt", "");
        write_text(site, "a.conf", ONE_PLACE("mine"));
        write_text(site, "data/a.conf", ONE_PLACE("mine"));
        assert_int_equal(read_with(site, &(ConfigPaths){ .files = files, .n_files = 4 }), -EINVAL);
        assert_int_equal(site->errors.n, 3);
        assert_error(site, 0, "missing.conf", "there is no such file");
        assert_error(site, 1, "odd.txt", "names end in .conf");
        assert_error(site, 2, "data/a.conf", "two files of one name");
}

static void config_lives_until_the_last_reference_is_gone(void **state)
{
        Site *site = *state;
        Config *second;

        site_renew(site);
        assert_in_order(site);
        second = config_ref(site->config);
        assert_ptr_equal(second, site->config);
        assert_null(config_unref(second));
        assert_int_equal(site->config->n_refs, 1);
        assert_null(config_unref(NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(what_cannot_be_played_is_refused_where_it_is_written),
                TEST(the_example_of_the_manual_is_accepted),
                TEST(all_is_said_at_once),
                TEST(the_vendors_own_is_held_to_the_hard_limits_and_only_by_a_check),
                TEST(a_technique_that_is_overridden_is_rendered),
                TEST(what_is_wrong_as_it_is_read_is_not_rendered),
                TEST(files_are_read_in_the_place_of_their_names),
                TEST(no_file_is_passed_over),
                TEST(config_lives_until_the_last_reference_is_gone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
