/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/macro.h"
#include "daemon/config-text.h"
#include "tests/unit/config-site.h"
#include "tests/unit/shipped.h"

#define MUTATIONS 3000

/* Limits that cannot be known are not the loosest. */
static void test_limits_that_cannot_be_read_stop_the_load(void **state)
{
        Site *site = *state;
        char elsewhere[96];

        assert_int_equal(mkdir(in_site(site, "etc/limits.conf"), 0700), 0);
        assert_one_error(site, "etc/limits.conf", "not a regular file");

        site_renew(site);
        assert_int_equal(symlink("nowhere", in_site(site, "etc/limits.conf")), 0);
        assert_one_error(site, "etc/limits.conf", "leads nowhere");

        site_renew(site);
        assert_int_equal(symlink("limits.conf", in_site(site, "etc/limits.conf")), 0);
        assert_one_error(site, "etc/limits.conf", "leads nowhere");

        site_renew(site);
        assert_int_equal(mkfifo(in_site(site, "etc/limits.conf"), 0700), 0);
        assert_one_error(site, "etc/limits.conf", "not a regular file");

        site_renew(site);
        assert_int_equal(symlink("/dev/zero", in_site(site, "etc/limits.conf")), 0);
        assert_one_error(site, "etc/limits.conf", "not a regular file");

        site_renew(site);
        (void) snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", site->root);
        assert_int_equal(rename(site->etc_dir, elsewhere), 0);
        assert_int_equal(symlink("nowhere", site->etc_dir), 0);
        assert_one_error(site, "etc", "leads nowhere");
        assert_int_equal(unlink(site->etc_dir), 0);
        write_text(site, "etc", "busy_s = 10;\n");
        assert_one_error(site, "etc", "not a directory");
}

static void test_routines_that_cannot_be_read_stop_the_load(void **state)
{
        Site *site = *state;

        assert_int_equal(mkdir(in_site(site, "etc/routines.d/a.conf"), 0700), 0);
        assert_one_error(site, "etc/routines.d/a.conf", "not a regular file");

        site_renew(site);
        assert_int_equal(rmdir(in_site(site, "etc/routines.d")), 0);
        assert_int_equal(symlink("nowhere", in_site(site, "etc/routines.d")), 0);
        assert_one_error(site, "etc/routines.d", "leads nowhere");
        assert_int_equal(unlink(in_site(site, "etc/routines.d")), 0);
        write_text(site, "etc/routines.d", "");
        assert_one_error(site, "etc/routines.d", "cannot be read");
}

static void test_an_include_is_read_and_its_errors_are_its_own(void **state)
{
        Site *site = *state;
        char text[256];

        assert_int_equal(mkdir(in_site(site, "etc/more"), 0700), 0);
        write_text(site, "etc/kneed.conf",
                        "virtual_massager = true;\n  @include \"more/run\" run = { \n leg = "
                        "\"right\"; };\n");
        write_text(site, "etc/more/run", "# from here\n@include \"empty\"\n");
        write_text(site, "etc/more/empty", "");
        assert_good(site);
        assert_true(site->config->virtual_massager);
        assert_int_equal(site->config->leg, LEG_RIGHT);

        write_text(site, "etc/more/empty", "a = 1;\n\nb = 1;");
        write_text(site, "etc/more/run", "\n@include \"empty\"\nc = 1;");
        write_text(site, "etc/kneed.conf", "d = 1;\n@include \"more/run\" e = 1;\nf = 1;\n");
        assert_int_equal(load(site), -EINVAL);
        assert_int_equal(site->errors.n, 6);
        assert_error(site, 0, "etc/kneed.conf:1", "\"d\"");
        assert_error(site, 1, "etc/more/empty:1", "\"a\"");
        assert_error(site, 2, "etc/more/empty:3", "\"b\"");
        assert_error(site, 3, "etc/more/run:3", "\"c\"");
        assert_error(site, 4, "etc/kneed.conf:2", "\"e\"");
        assert_error(site, 5, "etc/kneed.conf:3", "\"f\"");

        write_text(site, "etc/more/empty", "\n a = = 1;\n");
        assert_one_error(site, "etc/more/empty:2", "cannot be understood");
        write_text(site, "etc/more/empty", "\n/* ");
        assert_one_error(site, "etc/more/empty:2", "never closed");

        (void) snprintf(text, sizeof(text), "@include \"%s/more/whole\"\n", site->etc_dir);
        write_text(site, "etc/kneed.conf", text);
        write_text(site, "etc/more/whole", "x = 1;\n");
        assert_one_error(site, "etc/more/whole:1", "\"x\"");
        /* In a comment or a text it is only a word. */
        write_text(site, "etc/kneed.conf",
                        "/*\n@include \"nowhere\"\n*/\n# @include \"nowhere\"\n");
        assert_good(site);
}

static void include_empty(Site *site, unsigned times)
{
        FILE *file = site_open(site, "etc/kneed.conf");

        for (unsigned i = 0; i < times; i++)
                (void) fputs("@include \"empty\"\n", file);
        assert_int_equal(fclose(file), 0);
}

static void test_an_include_can_do_no_harm(void **state)
{
        Site *site = *state;

        write_text(site, "etc/kneed.conf", "\n@include \"nowhere\"\n");
        assert_one_error(site, "etc/kneed.conf:2", "is not there");
        write_text(site, "etc/kneed.conf", "@include \"routines.d\"\n");
        assert_one_error(site, "etc/kneed.conf:1", "not a regular file");
        write_text(site, "etc/kneed.conf", "@include \"/dev/zero\"\n");
        assert_one_error(site, "etc/kneed.conf:1", "not a regular file");
        assert_int_equal(mkfifo(in_site(site, "etc/pipe"), 0700), 0);
        write_text(site, "etc/kneed.conf", "@include \"pipe\"\n");
        assert_one_error(site, "etc/kneed.conf:1", "not a regular file");
        write_text(site, "etc/kneed.conf", "# me again\n@include \"kneed.conf\"\n");
        assert_one_error(site, "etc/kneed.conf:2", "more than 10 files deep");

        write_text(site, "etc/empty", "");
        include_empty(site, CONFIG_TEXT_FILES_MAX - 1);
        assert_good(site);
        include_empty(site, CONFIG_TEXT_FILES_MAX);
        assert_one_error(site, "etc/kneed.conf:32", "one too many");

        /* Two at each of ten levels: a thousand, were they all followed. */
        write_text(site, "etc/kneed.conf", "@include \"kneed.conf\"\n@include \"kneed.conf\"\n");
        assert_int_equal(load(site), -EINVAL);
        assert_true(site->errors.n < 2 * CONFIG_TEXT_FILES_MAX);
}

static void test_sizes_are_bounded(void **state)
{
        Site *site = *state;
        _cleanup_free_ char *text = malloc(CONFIG_FILE_SIZE_MAX + 1);

        assert_non_null(text);
        memset(text, ' ', CONFIG_FILE_SIZE_MAX + 1);
        write_bytes(site, "etc/kneed.conf", text, CONFIG_FILE_SIZE_MAX - 2);
        assert_good(site);
        write_bytes(site, "etc/kneed.conf", text, CONFIG_FILE_SIZE_MAX + 1);
        assert_one_error(site, "etc/kneed.conf", "too large; at most 64 KiB");

        /* Each of them is small enough; together they are not. */
        write_bytes(site, "etc/half", text, CONFIG_FILE_SIZE_MAX / 2);
        write_text(site, "etc/kneed.conf", "@include \"half\"\n@include \"half\"\n");
        assert_one_error(site, "etc/half:1", "too large with what it includes");

        write_bytes(site, "etc/kneed.conf", "a\0b", 3);
        assert_one_error(site, "etc/kneed.conf:1", "save the file as UTF-8");
        /* Brackets deeper than any parser's stack. */
        memset(text, '(', CONFIG_FILE_SIZE_MAX - 2);
        text[0] = 'a';
        text[1] = '=';
        write_bytes(site, "etc/kneed.conf", text, CONFIG_FILE_SIZE_MAX - 2);
        assert_one_error(site, "etc/kneed.conf:1", "cannot be understood");
}

static void test_routines_and_files_are_bounded(void **state)
{
        Site *site = *state;
        FILE *file = site_open(site, "data/routines.d/a.conf");

        (void) fputs("routines = (\n", file);
        for (unsigned i = 0; i < CONFIG_ROUTINES_MAX; i++)
                (void) fprintf(file, "{ name = \"r%u\"; steps = ( " PLAIN_STEP " ); }%s\n", i,
                                i + 1 < CONFIG_ROUTINES_MAX ? "," : "");
        (void) fputs(");\n", file);
        assert_int_equal(fclose(file), 0);
        /* One that is overridden takes no place of its own. */
        write_text(site, "etc/routines.d/a.conf", ROUTINE("\"r7\""));
        assert_good(site);
        assert_int_equal(site->config->n_routines, CONFIG_ROUTINES_MAX);
        write_text(site, "etc/routines.d/a.conf",
                        "\nroutines = ( " NAMED("\"x\"") ",\n" NAMED("\"y\"") " );\n");
        assert_one_error(site, "etc/routines.d/a.conf:2", "at most 64 can be kept");

        site_renew(site);
        for (unsigned i = 0; i <= CONFIG_ROUTINES_MAX; i++) {
                char name[64];

                (void) snprintf(name, sizeof(name), "etc/routines.d/%u.conf", i);
                write_text(site, name, "");
        }
        assert_one_error(site, "etc/routines.d", "too many files; at most 64");
}

static void write_many_routines(Site *site, const char *name, unsigned first, unsigned n)
{
        FILE *file = site_open(site, name);

        (void) fputs("routines = (\n", file);
        for (unsigned i = first; i < first + n; i++)
                (void) fprintf(file, "{ name = \"r%u\"; steps = ( " PLAIN_STEP " ); }%s\n", i,
                                i + 1 < first + n ? "," : "");
        (void) fputs(");\n", file);
        assert_int_equal(fclose(file), 0);
}

static void test_ten_thousand_routines_are_too_many(void **state)
{
        Site *site = *state;

        write_many_routines(site, ROUTINES, 0, 10000);
        assert_one_error(site, ROUTINES, "the file is too large; at most 64 KiB");

        /* In as many files as there may be. One sentence is enough for all that do not fit. */
        assert_int_equal(unlink(in_site(site, ROUTINES)), 0);
        for (unsigned i = 0; i < 50; i++) {
                char name[64];

                (void) snprintf(name, sizeof(name), "etc/routines.d/%02u.conf", i);
                write_many_routines(site, name, 200 * i, 200);
        }
        assert_one_error(
                        site, "etc/routines.d/00.conf:66", "one too many; at most 64 can be kept.");
}

static void test_techniques_are_bounded(void **state)
{
        Site *site = *state;
        FILE *file = site_open(site, ROUTINES);

        /* Three are the vendor's. */
        (void) fputs("techniques = (\n", file);
        for (unsigned i = 4; i < CONFIG_TECHNIQUES_MAX; i++)
                (void) fprintf(file, "{ name = \"t%u\"; motions = ( " PLAIN_MOTION " ); },\n", i);
        (void) fputs("{ name = \"last\"; motions = ( " PLAIN_MOTION " ); });\n", file);
        assert_int_equal(fclose(file), 0);
        assert_good(site);
        assert_int_equal(site->config->n_techniques, CONFIG_TECHNIQUES_MAX);
        write_text(site, "etc/routines.d/b.conf",
                        "\ntechniques = ( " TECHNIQUE("\"x\"") ",\n" TECHNIQUE("\"y\"") " );\n");
        assert_one_error(site, "etc/routines.d/b.conf:2", "technique is one too many; at most 64");
}

static void write_path(Site *site, unsigned n)
{
        FILE *file = site_open(site, ROUTINES);

        (void) fputs("techniques = ( { name = \"a\"; motions = (\n{ tap = [", file);
        for (unsigned i = 0; i < n; i++)
                (void) fprintf(file, "%s\"thigh-outer-upper\"", i > 0 ? ", " : "");
        (void) fputs("]; seconds = 20; } ); } );\n", file);
        assert_int_equal(fclose(file), 0);
}

static void test_paths_are_bounded(void **state)
{
        Site *site = *state;

        write_path(site, TECHNIQUE_PATH_MAX);
        assert_good(site);
        write_path(site, TECHNIQUE_PATH_MAX + 1);
        assert_one_error(site, ROUTINES ":2", "this path has 17 zones; allowed are 1 to 16.");
        write_path(site, 1000);
        assert_one_error(site, ROUTINES ":2", "this path has 1000 zones; allowed are 1 to 16.");
}

static void test_texts_are_bounded(void **state)
{
        static const char *const keys[] = { "name", "summary" };
        static const size_t sizes[] = { 1000, 60000, 1000000 };
        Site *site = *state;

        for (size_t k = 0; k < ELEMENTSOF(keys); k++)
                for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                        FILE *file = site_open(site, ROUTINES);

                        (void) fprintf(file, "routines = ( {\n %s = \"", keys[k]);
                        for (size_t n = 0; n < sizes[i]; n++)
                                (void) fputc('x', file);
                        (void) fprintf(file, "\";\n%s steps = ( " PLAIN_STEP " ); } );\n",
                                        k == 0 ? "" : "name = \"a\";");
                        assert_int_equal(fclose(file), 0);
                        if (sizes[i] > CONFIG_FILE_SIZE_MAX)
                                assert_one_error(site, ROUTINES, "the file is too large");
                        else
                                assert_one_error(site, ROUTINES ":2",
                                                k == 0 ? "cannot be a name" : "cannot be shown");
                }
}

/* Somebody writes to a file while kneed reads it: after the first piece of it was read. */
static const char *meanwhile_path;
static const char *meanwhile_mode;

ssize_t __real_read(int fd, void *data, size_t size);
ssize_t __wrap_read(int fd, void *data, size_t size);

ssize_t __wrap_read(int fd, void *data, size_t size)
{
        ssize_t n = __real_read(fd, data, size);

        if (meanwhile_path) {
                FILE *file = fopen(meanwhile_path, meanwhile_mode);

                assert_non_null(file);
                (void) fputs("busy_s = 20;\n", file);
                assert_int_equal(fclose(file), 0);
                meanwhile_path = NULL;
        }
        return n;
}

/* SR-TIGHTEN */
static void test_a_file_that_changes_while_it_is_read_is_not_believed(void **state)
{
        static const char *const modes[] = { "we", "ae", "r+e" };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

                write_text(site, "etc/limits.conf", "busy_s = 10;\n");
                assert_int_equal(utimensat(AT_FDCWD, in_site(site, "etc/limits.conf"), old, 0), 0);
                meanwhile_path = in_site(site, "etc/limits.conf");
                meanwhile_mode = modes[i];
                assert_one_error(site, "etc/limits.conf",
                                "was changed while it was read; try again");
                assert_null(meanwhile_path);
        }
        write_text(site, "etc/limits.conf", "busy_s = 20;\n");
        assert_good(site);
        assert_int_equal(site->config->limits.busy_s, 20);
}

#define NOBODY 65534

/* Root may read everything, so the load is somebody else's. */
static int load_as_nobody(Site *site)
{
        bool root = geteuid() == 0;
        int r;

        if (root)
                assert_int_equal(seteuid(NOBODY), 0);
        r = load(site);
        if (root)
                assert_int_equal(seteuid(0), 0);
        return r;
}

static void test_what_may_not_be_read_stops_the_load(void **state)
{
        static const char *const closed[] = { "etc", "data", "etc/routines.d", "data/routines.d",
                "etc/limits.conf", "etc/kneed.conf", ROUTINES };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(closed); i++) {
                struct stat st;

                site_renew(site);
                assert_int_equal(chmod(site->root, 0755), 0);
                assert_int_equal(chmod(site->etc_dir, 0755), 0);
                assert_int_equal(chmod(site->data_dir, 0755), 0);
                assert_int_equal(chmod(in_site(site, "etc/routines.d"), 0755), 0);
                assert_int_equal(chmod(in_site(site, "data/routines.d"), 0755), 0);
                write_text(site, "etc/limits.conf", "busy_s = 10;\n");
                write_text(site, "etc/kneed.conf", "");
                write_text(site, ROUTINES, ROUTINE("\"a\""));
                assert_int_equal(load_as_nobody(site), 0);
                assert_int_equal(site->config->limits.busy_s, 10);

                assert_int_equal(stat(in_site(site, closed[i]), &st), 0);
                assert_int_equal(chmod(in_site(site, closed[i]), 0), 0);
                assert_int_equal(load_as_nobody(site), -EINVAL);
                assert_true(site->errors.n > 0);
                assert_non_null(strstr(site->errors.text[0], closed[i]));
                assert_non_null(strstr(site->errors.text[0], "may not be read"));
                assert_int_equal(chmod(in_site(site, closed[i]), st.st_mode & 0777), 0);
        }
}

static bool is_printable(const char *text)
{
        while (*text) {
                size_t n = utf8_sequence(text);

                if (n == 0 || utf8_is_control(text))
                        return false;
                text += n;
        }
        return true;
}

static void test_errors_are_fit_for_a_terminal(void **state)
{
        Site *site = *state;

        write_text(site, "etc/kneed.conf",
                        "run = { leg = \"\\x1b[31m\\xff\\xc2\\x9b\u00e9\\n\"; };\n");
        assert_one_error(site, "etc/kneed.conf:1", "unknown leg \"?[31m??\u00e9?\"");
        /* Cut in the middle of a letter, and still text. */
        write_text(site, "etc/kneed.conf", "run = { leg = \"x" TEN(TEN("\u00e9")) "\"; };\n");
        assert_int_equal(load(site), -EINVAL);
        assert_true(is_printable(site->errors.text[0]));
}

static void assert_technique_sound(const Technique *technique)
{
        bool touches = false;

        assert_true(technique->name[0] && is_printable(technique->summary));
        assert_in_range(technique->frequency_hz, TECHNIQUE_FREQUENCY_MIN_HZ,
                        TECHNIQUE_FREQUENCY_MAX_HZ);
        assert_in_range(technique->n_motions, 1, TECHNIQUE_MOTIONS_MAX);
        for (unsigned i = 0; i < technique->n_motions; i++) {
                const Motion *motion = &technique->motions[i];
                const EnvelopePoint *last = &motion->envelope[motion->n_envelope - 1];
                Zone from, to;

                assert_true(motion->kind < _MOTION_KIND_MAX);
                assert_in_range(motion->duration_ms, 1000, 600000);
                if (motion->kind == MOTION_REST)
                        continue;
                touches = true;
                assert_in_range(motion->beat_ms, 100, 60000);
                assert_in_range(motion->n_path, 1, TECHNIQUE_PATH_MAX);
                assert_in_range(motion->n_envelope, 3, TECHNIQUE_ENVELOPE_MAX);
                assert_int_equal(motion->envelope[0].strength_permille, 0);
                assert_int_equal(last->strength_permille, 0);
                assert_int_equal(last->beat_permille, 1000);
                assert_int_equal(motion_check_way(motion, &from, &to), 0);
                for (unsigned p = 0; p < motion->n_path; p++)
                        assert_true(motion->path[p] < _ZONE_MAX);
        }
        assert_true(touches);
}

static void assert_sound(const Site *site, int r)
{
        const Config *config = site->config;

        if (r != 0) {
                assert_int_equal(r, -EINVAL);
                assert_true(site->errors.n > 0);
                for (size_t i = 0; i < MIN(site->errors.n, (size_t) CONFIG_ERRORS_MAX); i++)
                        assert_true(is_printable(site->errors.text[i]) && site->errors.text[i][0]);
                return;
        }
        assert_int_equal(site->errors.n, 0);
#define X(field, strictest, hard, unit, what) \
        assert_in_range(config->limits.field, strictest, hard);
        LIMITS(X)
#undef X
        assert_in_range(config->leg, LEG_LEFT, LEG_RIGHT);
        assert_in_range(config->intensity_percent, 0, 100);
        assert_in_range(config->minutes, 0, ROUTINE_MINUTES_MAX);
        for (size_t i = 0; i < config->n_techniques; i++)
                assert_technique_sound(&config->techniques[i]);
        for (size_t i = 0; i < config->n_routines; i++) {
                const Routine *routine = &config->routines[i];

                assert_true(routine->name[0] && is_printable(routine->summary));
                assert_in_range(routine->n_steps, 1, ROUTINE_STEPS_MAX);
                assert_in_range(routine_duration_ms(routine), 30000, ROUTINE_MINUTES_MAX * 60000);
                for (unsigned j = 0; j < routine->n_steps; j++) {
                        assert_true(routine->steps[j].technique >= config->techniques &&
                                        routine->steps[j].technique <
                                                        config->techniques + config->n_techniques);
                        assert_in_range(routine->steps[j].intensity_percent, 1, 100);
                        assert_in_range(routine->steps[j].tempo_percent, 50, 150);
                        assert_true(routine->steps[j].heat_c <= ROUTINE_HEAT_MAX_C);
                }
        }
}

static size_t mutate(char *text, size_t size, size_t room)
{
        static const char *const scraps[] = { "\"", "/*", "*/", "#", "{", "}", "(", ")", "[", "=",
                ";", "\\", "\n@include \"a\"\n", "9", ".", "e", "0x", "L", "-", "", "\xff", "\n",
                "true" };
        unsigned times = 1 + random_below(4);

        for (unsigned i = 0; i < times && size > 0; i++) {
                size_t at = random_below((uint32_t) size);
                const char *scrap = scraps[random_below(ELEMENTSOF(scraps))];
                size_t n = MAX(strlen(scrap), (size_t) 1);

                switch (random_below(4)) {
                case 0:
                        size = at;
                        break;
                case 1:
                        text[at] = (char) random_below(256);
                        break;
                case 2:
                        memmove(text + at, text + at + 1, size - at - 1);
                        size--;
                        break;
                default:
                        if (size + n > room)
                                break;
                        memmove(text + at + n, text + at, size - at);
                        for (size_t j = 0; j < n; j++)
                                text[at + j] = scrap[j];
                        size += n;
                }
        }
        return size;
}

static void test_damaged_files_are_taken_whole_or_refused(void **state)
{
        static const char *const files[] = { "kneed.conf", "limits.conf", "routines.d/daily.conf",
                "routines.d/friction.conf" };
        Site *site = *state;
        unsigned taken = 0;

        for (unsigned i = 0; i < MUTATIONS; i++) {
                const char *file = files[i % ELEMENTSOF(files)];
                char text[16384], name[64];
                /* Comments hide most of a shipped file from the parser. */
                size_t size = i % 8 < 4 ? read_shipped_keys(file, text, sizeof(text) / 2)
                                        : read_shipped(file, text, sizeof(text) / 2);
                int r;

                size = mutate(text, size, sizeof(text));
                (void) snprintf(name, sizeof(name), "etc/%s", file);
                write_bytes(site, name, text, size);
                r = load(site);
                assert_sound(site, r);
                assert_int_equal(unlink(in_site(site, name)), 0);
                taken += r == 0;
        }
        /* Neither all nor none: the damage was of both kinds. */
        assert_in_range(taken, MUTATIONS / 20, MUTATIONS - MUTATIONS / 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_limits_that_cannot_be_read_stop_the_load),
                TEST(test_routines_that_cannot_be_read_stop_the_load),
                TEST(test_an_include_is_read_and_its_errors_are_its_own),
                TEST(test_an_include_can_do_no_harm),
                TEST(test_sizes_are_bounded),
                TEST(test_routines_and_files_are_bounded),
                TEST(test_ten_thousand_routines_are_too_many),
                TEST(test_techniques_are_bounded),
                TEST(test_paths_are_bounded),
                TEST(test_texts_are_bounded),
                TEST(test_a_file_that_changes_while_it_is_read_is_not_believed),
                TEST(test_what_may_not_be_read_stops_the_load),
                TEST(test_errors_are_fit_for_a_terminal),
                TEST(test_damaged_files_are_taken_whole_or_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
