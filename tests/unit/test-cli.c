/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <locale.h>
#include <sys/socket.h>

#include "cli/leg-view.h"
#include "cli/session-screen.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "tests/unit/cmocka-all.h"

#define ARGV_MAX 12

/* Splits a command line at its blanks. */
static int parse(const char *line, Options *ret, char error[static OPTIONS_ERROR_SIZE])
{
        static char words[256];
        char *argv[ARGV_MAX + 1] = { NULL }, *rest = words, *word;
        int argc = 0;

        (void) snprintf(words, sizeof(words), "%s", line);
        while ((word = strsep(&rest, " ")) && argc < ARGV_MAX)
                argv[argc++] = word;
        return options_parse(argc, argv, verbs, ret, error);
}

static void test_a_number_is_digits_in_range_and_nothing_else(void **state)
{
        static const char *const no_numbers[] = { "", " 1", "1 ", "+1", "-1", "1.0", "1e3", "0x1",
                "nan", "inf", "ten", "1\n", "\xd9\xa1" };
        static const char *const out_of_range[] = { "0", "00000", "65536", "99999", "100000",
                "18446744073709551617" };
        unsigned number = 7;

        for (size_t i = 0; i < ELEMENTSOF(no_numbers); i++)
                assert_int_equal(text_parse_number(no_numbers[i], &number), -EINVAL);
        for (size_t i = 0; i < ELEMENTSOF(out_of_range); i++)
                assert_int_equal(text_parse_number(out_of_range[i], &number), -ERANGE);
        assert_int_equal(number, 7);
        assert_int_equal(text_parse_number("1", &number), 0);
        assert_int_equal(number, 1);
        assert_int_equal(text_parse_number("65535", &number), 0);
        assert_int_equal(number, 65535);
}

static void test_options_stand_anywhere(void **state)
{
        static const char *const lines[] = {
                "kneectl --user run friction --minutes 10 --leg left --json=short -q",
                "kneectl run --minutes=10 -q friction --json short --user --leg=left",
                "kneectl -q --leg left --json=short --minutes 10 --user run -- friction",
        };
        char error[OPTIONS_ERROR_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                Options o;

                assert_int_equal(parse(lines[i], &o, error), 0);
                assert_string_equal(o.verb->name, "run");
                assert_int_equal(o.n_arguments, 1);
                assert_string_equal(o.arguments[0], "friction");
                assert_int_equal(o.minutes, 10);
                assert_string_equal(o.leg, "left");
                assert_int_equal(o.json, JSON_SHORT);
                assert_true(options_has(&o, OPTION_USER));
                assert_true(options_has(&o, OPTION_QUIET));
                assert_false(options_has(&o, OPTION_DETACH));
                assert_null(o.host);
        }
}

static void test_a_wrong_command_line_is_refused_with_a_next_step(void **state)
{
        static const struct {
                const char *line, *part;
        } wrong[] = {
                { "kneectl", "kneectl --help" },
                { "kneectl rum friction", "Do you mean run?" },
                { "kneectl stauts", "Do you mean status?" },
                { "kneectl st", "Do you mean stop?" },
                { "kneectl frobnicate", "See: kneectl --help" },
                { "kneectl run friction --minuts=10", "Do you mean --minutes?" },
                { "kneectl status --colour", "there is no option --colour" },
                { "kneectl -x", "there is no option -x" },
                { "kneectl run", "run needs ROUTINE" },
                { "kneectl run a b", "no more than 1 argument" },
                { "kneectl run a b c d e f g h", "no more than 1 argument" },
                { "kneectl status now", "no more than 0 arguments" },
                { "kneectl run friction --minutes", "--minutes takes a value" },
                { "kneectl run friction --minutes nan", "whole number, not \"nan\"" },
                { "kneectl run friction --minutes -5", "whole number, not \"-5\"" },
                { "kneectl run friction --intensity 0", "from 1 to 65535" },
                { "kneectl run friction --leg both", "left or right" },
                { "kneectl run friction --pain 11", "from 0 (none) to 10" },
                { "kneectl run friction --pain -1", "from 0 (none) to 10" },
                { "kneectl run friction --pain 00", "from 0 (none) to 10" },
                { "kneectl pain 3 --when noon", "before, during, after or morning" },
                { "kneectl pain 3 --nothing-new", "pain takes no --nothing-new" },
                { "kneectl screen --answer clot", "ID=no" },
                { "kneectl screen --answer clot=", "ID=no" },
                { "kneectl screen --answer =no", "ID=no" },
                { "kneectl screen --answer clot=maybe", "ID=no" },
                { "kneectl screen --answer clot=no --answer clot=no", "clot is there twice" },
                { "kneectl screen --answer a\033=no", "cannot be shown" },
                { "kneectl status --answer clot=no", "status takes no --answer" },
                { "kneectl history --most 0", "from 1 to 65535" },
                { "kneectl clear a b", "no more than 1 argument" },
                { "kneectl run friction --detach=yes", "takes no value" },
                { "kneectl run friction --device=", "--device is empty" },
                { "kneectl run \033[2J", "cannot be shown" },
                { "kneectl --json=xml status", "short, pretty or off" },
                { "kneectl stop --json=short", "stop takes no --json" },
                { "kneectl status --minutes 3", "status takes no --minutes" },
                { "kneectl --user -H sofa status", "do not go together" },
                { "kneectl -H -oProxyCommand=x status", "name of a machine" },
        };

        for (size_t i = 0; i < ELEMENTSOF(wrong); i++) {
                char error[OPTIONS_ERROR_SIZE] = "";
                Options o;

                assert_int_equal(parse(wrong[i].line, &o, error), -EINVAL);
                if (!strstr(error, wrong[i].part))
                        fail_msg("\"%s\" says: %s", wrong[i].line, error);
        }
}

/* "nothing-new", as it may stand in a page of troff. */
static bool stands_in(const char *text, const char *name)
{
        char troff[64];
        size_t n = 0;

        for (const char *c = name; *c; c++) {
                if (*c == '-')
                        troff[n++] = '\\';
                troff[n++] = *c;
        }
        troff[n] = '\0';
        return strstr(text, name) || strstr(text, troff);
}

static void check_is_documented(const char *text, const char *file, const Verb *verb)
{
        char *help, *at;
        size_t size;
        FILE *f;

        if (!stands_in(text, verb->name))
                fail_msg("%s has no %s", file, verb->name);
        f = open_memstream(&help, &size);
        options_help_verb(f, verb);
        (void) fclose(f);
        for (at = strstr(help, "\nOptions:"); (at = strstr(at, " --"));) {
                char name[32];

                at += 3;
                (void) snprintf(name, sizeof(name), "%.*s",
                                (int) MIN(strcspn(at, " \n"), sizeof(name) - 1), at);
                if (!stands_in(text, name))
                        fail_msg("%s has no option %s", file, name);
        }
        free(help);
}

static void test_answers_and_scores_are_taken_as_they_stand(void **state)
{
        char error[OPTIONS_ERROR_SIZE];
        Options o;

        assert_int_equal(parse("kneectl screen --answer clot=no --answer=implant=advised", &o,
                                         error),
                        0);
        assert_int_equal(o.answers.n, 2);
        assert_string_equal(answers_find(&o.answers, "clot")->word, "no");
        assert_string_equal(answers_find(&o.answers, "implant")->word, "advised");

        assert_int_equal(parse("kneectl run friction --nothing-new --pain 0", &o, error), 0);
        assert_true(options_has(&o, OPTION_NOTHING_NEW));
        assert_true(options_has(&o, OPTION_PAIN));
        assert_int_equal(o.pain, 0);
        assert_int_equal(parse("kneectl run friction --pain=10", &o, error), 0);
        assert_false(options_has(&o, OPTION_NOTHING_NEW));
        assert_int_equal(o.pain, 10);
}

/* Every verb and option stands in the man page and in the completions. */
static void test_verbs_and_options_are_documented(void **state)
{
        static const char *const files[] = { "docs/kneectl.1", "cli/completions/kneectl.bash",
                "cli/completions/_kneectl", "cli/completions/kneectl.fish" };
        static char text[65536];

        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                FILE *f;

                (void) snprintf(text, sizeof(text), "%s/%s", KNEED_SOURCE_DIR, files[i]);
                f = fopen(text, "r");
                assert_non_null(f);
                text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
                (void) fclose(f);
                for (const Verb *verb = verbs; verb->name; verb++)
                        check_is_documented(text, files[i], verb);
        }
}

#define TERMINAL_LINES 24u
#define HELP_LINES     32u /* a line a verb; a small window scrolls a little */

static void assert_fits(char *text, unsigned lines_max)
{
        unsigned lines = 0;

        for (char *rest = text, *line; (line = strsep(&rest, "\n")) && rest; lines++)
                if (text_columns(line) > 80)
                        fail_msg("wider than 80: %s", line);
        assert_in_range(lines, 1, lines_max);
}

static void test_help_fits_a_terminal_and_has_every_verb(void **state)
{
        char *text;
        size_t size;

        for (const Verb *verb = verbs; verb->name; verb++) {
                FILE *f = open_memstream(&text, &size);
                char usage[48];

                options_help_verb(f, verb);
                (void) fclose(f);
                assert_fits(text, TERMINAL_LINES);
                free(text);

                f = open_memstream(&text, &size);
                options_help(f, verbs);
                (void) fclose(f);
                (void) snprintf(usage, sizeof(usage), "\n  %s ", verb->name);
                assert_non_null(strstr(text, usage));
                assert_fits(text, HELP_LINES);
                free(text);
        }
}

/* SR-CLEAR: Whoever finds a massager stopped can tell by which of them. */
static void test_clear_names_all_that_it_releases(void **state)
{
        static const char *const causes[] = { "emergency stop", "button", "pain", "heat", "fault" };
        const Verb *verb = verbs;

        while (verb->name && !streq(verb->name, "clear"))
                verb++;
        for (size_t i = 0; i < ELEMENTSOF(causes); i++)
                assert_non_null(strstr(verb->more, causes[i]));
}

static void test_hostile_text_becomes_harmless(void **state)
{
        static const struct {
                const char *from, *to;
        } texts[] = {
                { "kneed reference massager", "kneed reference massager" },
                { "K\xc3\xbc"
                  "che \xe8\x86\x9d",
                                "K\xc3\xbc"
                                "che \xe8\x86\x9d" },
                { "a\033[31mb", "a\xef\xbf\xbd[31mb" }, { "a\nb\tc", "a b c" },
                { "a\x7f", "a\xef\xbf\xbd" },
                { "\xc2\x9b"
                  "31m",
                                "\xef\xbf\xbd"
                                "31m" }, /* a one-byte CSI */
                /* NOLINTNEXTLINE(misc-misleading-bidirectional): what is to be made harmless */
                { "\xe2\x80\xae"
                  "cod",
                                "\xef\xbf\xbd"
                                "cod" },                    /* right to left override */
                { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" }, /* an overlong slash */
                { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* a surrogate */
                { "a\xf0\x9f", "a\xef\xbf\xbd\xef\xbf\xbd" },               /* cut off */
        };
        char to[64];

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                text_clean(texts[i].from, to, sizeof(to));
                assert_string_equal(to, texts[i].to);
                assert_int_equal(text_is_clean(texts[i].from), streq(texts[i].from, to));
        }
}

static void test_any_bytes_become_clean_text_that_fits(void **state)
{
        Random random = { 1 };

        for (int round = 0; round < 20000; round++) {
                const size_t size = (size_t) random_between(&random, 1, 40);
                char from[64], to[64];
                const char *s = to;
                char32_t c;

                for (size_t i = 0; i < sizeof(from); i++)
                        from[i] = (char) random_between(&random, 1, 255);
                from[sizeof(from) - 1] = '\0';
                memset(to, 'x', sizeof(to));
                text_clean(from, to, size);
                assert_true(strlen(to) < size);
                assert_int_equal(to[size], 'x');
                while ((c = text_next(&s)) != 0)
                        assert_true(text_is_printable(c));
                /* Nothing was cut in the middle: cleaning it again changes nothing. */
                text_clean(to, from, sizeof(from));
                assert_string_equal(from, to);
        }
}

static void check_wrapped(const char *first, const char *text, const char *expected)
{
        char *said;
        size_t size;
        FILE *f;

        f = open_memstream(&said, &size);
        say_wrapped(f, first, text);
        (void) fclose(f);
        assert_string_equal(said, expected);
        free(said);
}

static void test_long_text_breaks_between_words(void **state)
{
        char word[TEXT_LINE_COLUMNS + 3], expected[TEXT_LINE_COLUMNS + 5];

        check_wrapped("", "", "\n");
        check_wrapped("- ", "Short.", "- Short.\n");
        check_wrapped("- ",
                        "Do you have diabetes, poor circulation, or parts of the leg that feel "
                        "less "
                        "than the others?",
                        "- Do you have diabetes, poor circulation, or parts of the leg that feel "
                        "less\n"
                        "  than the others?\n");

        /* As wide as a line, then one wider, then one word that is too long and stays whole. */
        memset(word, 'w', sizeof(word));
        word[sizeof(word) - 1] = '\0';
        word[70] = ' ';
        (void) snprintf(expected, sizeof(expected), "%.*s\n", (int) TEXT_LINE_COLUMNS, word);
        word[TEXT_LINE_COLUMNS] = '\0';
        check_wrapped("", word, expected);
        word[TEXT_LINE_COLUMNS] = 'w';
        word[TEXT_LINE_COLUMNS + 1] = '\0';
        (void) snprintf(expected, sizeof(expected), "%.70s\n%s\n", word, word + 71);
        check_wrapped("", word, expected);
        word[70] = 'w';
        (void) snprintf(expected, sizeof(expected), "%s\n", word);
        check_wrapped("", word, expected);
}

static void test_durations_read_as_clocks_do(void **state)
{
        static const struct {
                uint64_t ms;
                const char *text;
        } durations[] = {
                { 0, "00:00" },
                { 999, "00:00" },
                { 59999, "00:59" },
                { 600000, "10:00" },
                { 3599999, "59:59" },
                { 3600000, "1:00:00" },
                { UINT64_MAX, "5124095576030:25:51" },
        };
        char buffer[TEXT_DURATION_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(durations); i++)
                assert_string_equal(text_duration(durations[i].ms, buffer), durations[i].text);
}

/* A bus that talks to nobody, to make messages with. */
static sd_bus *lone_bus(void)
{
        sd_bus *bus;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_true(sd_bus_new(&bus) >= 0);
        assert_true(sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
        assert_true(sd_bus_start(bus) >= 0);
        close(fds[1]);
        return bus;
}

static void seal(sd_bus_message *m)
{
        assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
        assert_true(sd_bus_message_rewind(m, 1) >= 0);
}

static void test_what_a_daemon_says_is_bounded_and_typed(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *f = NULL;
        _cleanup_(sd_bus_unrefp) sd_bus *bus = lone_bus();
        int32_t places[2 * ACTUATORS_MAX + 41];
        uint32_t levels[ACTUATORS_MAX + 40];
        Massager massager = { .n_actuators = 3 };
        char name[4096];
        Frame frame;

        memset(name, 'n', sizeof(name));
        name[sizeof(name) - 1] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                places[i] = i % 2 == 0 ? INT32_MIN : INT32_MAX;
        memset(levels, 0xff, sizeof(levels));

        assert_true(sd_bus_message_new_signal(bus, &m, "/a", "a.b", "C") >= 0);
        assert_true(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
        assert_true(sd_bus_message_append(m, "{sv}", "Name", "s", name) >= 0);
        assert_true(sd_bus_message_append(m, "{sv}", "Actuators", "s", "many") >= 0);
        assert_true(sd_bus_message_append(m, "{sv}", "Colour", "(si)", "red", 1) >= 0);
        assert_true(sd_bus_message_open_container(m, 'e', "sv") >= 0);
        assert_true(sd_bus_message_append(m, "s", "Places") >= 0);
        assert_true(sd_bus_message_open_container(m, 'v', "ai") >= 0);
        assert_true(sd_bus_message_append_array(m, 'i', places, sizeof(places)) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        assert_true(sd_bus_message_append(m, "{sv}", "State", "s", "idle") >= 0);
        assert_true(sd_bus_message_close_container(m) >= 0);
        seal(m);
        assert_int_equal(massager_read(m, &massager) < 0, 0);
        assert_int_equal(strlen(massager.name), sizeof(massager.name) - 1);
        assert_int_equal(massager.n_actuators, 3); /* of another type, so passed over */
        assert_string_equal(massager.state, "idle");
        assert_int_equal(massager.places.n, ACTUATORS_MAX);
        for (unsigned i = 0; i < ACTUATORS_MAX; i++) {
                assert_int_equal(massager.places.at[i].angle_deg, -180);
                assert_int_equal(massager.places.at[i].height_mm, 600);
        }

        assert_true(sd_bus_message_new_signal(bus, &f, "/a", "a.b", "Frame") >= 0);
        assert_true(sd_bus_message_append(f, "t", (uint64_t) 5) >= 0);
        assert_true(sd_bus_message_append_array(f, 'u', levels, sizeof(levels)) >= 0);
        assert_true(sd_bus_message_append(f, "iiu", INT32_MAX, INT32_MIN, 1) >= 0);
        seal(f);
        assert_int_equal(frame_read(f, &frame), 0);
        assert_int_equal(frame.n_levels, ACTUATORS_MAX);
        assert_int_equal(frame.contact.angle_deg, 180);
        assert_int_equal(frame.contact.height_mm, -500);
}

static const Places places = {
        .n = 4,
        .at = { { 0, 240 }, { 60, 140 }, { -42, 0 }, { 0, -55 } },
};

/* Rows of text as a terminal would show them. */
static void draw_leg(const LegView *view, char rows[static 20][64])
{
        char text[20 * 64] = "", *rest = text;
        Canvas canvas;
        FILE *f;

        canvas_init(&canvas, CHARSET_ASCII, 20, 60);
        leg_view_draw(view, &canvas, 0, 0, 20, 50);
        f = fmemopen(text, sizeof(text), "w");
        canvas_write(&canvas, COLOURS_NONE, "\n", f);
        (void) fclose(f);
        for (int row = 0; row < 20; row++)
                (void) snprintf(rows[row], 64, "%s", strsep(&rest, "\n"));
}

/* Where a piece of the picture stands; both -1 where it does not. */
static void find(char rows[static 20][64], const char *piece, int *ret_row, int *ret_column)
{
        *ret_row = *ret_column = -1;
        for (int row = 0; row < 20; row++) {
                const char *at = strstr(rows[row], piece);

                if (at) {
                        *ret_row = row;
                        *ret_column = (int) (at - rows[row]);
                        return;
                }
        }
}

static void test_the_picture_shows_levels_where_they_are(void **state)
{
        const Frame frame = { .n_levels = 4,
                .level_permille = { 100, 200, 400, 300 },
                .contact = { 0, 100 },
                .strength_permille = 500 };
        LegView view = { &places, &frame, 400, true };
        int high[2], outer[2], inner[2], low[2], cap[2], hand[2], outer_left[2], inner_left[2];
        char rows[20][64];

        draw_leg(&view, rows);
        find(rows, "::", &high[0], &high[1]); /* 2 of 8 */
        find(rows, "===", &outer[0], &outer[1]);
        find(rows, "###", &inner[0], &inner[1]);
        find(rows, "***", &low[0], &low[1]);
        find(rows, "(   )", &cap[0], &cap[1]);
        find(rows, "O", &hand[0], &hand[1]);

        /* From the hip down: thigh, hand, kneecap, below it. */
        assert_true(0 <= high[0] && high[0] < outer[0] && outer[0] < hand[0]);
        assert_true(hand[0] < cap[0] && cap[0] < low[0]);
        assert_int_equal(inner[0], cap[0]);
        /* From left to right: inner, kneecap, outer; those in front above one another. */
        assert_true(0 <= inner[1] && inner[1] + 3 <= cap[1] && cap[1] + 5 <= outer[1]);
        assert_int_equal(high[1], low[1]);
        assert_int_equal(high[1] + 1, hand[1]);
        assert_int_equal(cap[1] + 2, hand[1]);

        view.outer_right = false;
        draw_leg(&view, rows);
        find(rows, "===", &outer_left[0], &outer_left[1]);
        find(rows, "###", &inner_left[0], &inner_left[1]);
        assert_true(outer_left[1] < cap[1] && cap[1] < inner_left[1]);
        assert_int_equal(outer_left[0], outer[0]);
}

static void test_a_higher_level_never_looks_lower(void **state)
{
        for (unsigned full = 1; full <= 1000; full += 111) {
                unsigned before = 0;

                for (unsigned permille = 0; permille <= 1000; permille++) {
                        const unsigned step = leg_level_step(permille, full);

                        assert_true(step >= before && step <= 8);
                        assert_int_equal(step == 0, permille == 0);
                        before = step;
                }
                assert_int_equal(leg_level_step(full, full), 8);
        }
}

static void fill_scene(Scene *scene, Random *random)
{
        memset(scene->session.routine, 'r', sizeof(scene->session.routine) - 1);
        memset(scene->massager.name, 'm', sizeof(scene->massager.name) - 1);
        memset(scene->message, 'e', sizeof(scene->message) - 1);
        scene->session.duration_ms = (uint64_t) random_between(random, 0, INT64_MAX - 1);
        scene->left_ms = (uint64_t) random_between(random, 0, INT64_MAX - 1);
        scene->full_permille = 400;
        scene->has_frame = true;
        scene->frame.n_levels = (unsigned) random_between(random, 0, ACTUATORS_MAX);
        scene->massager.places.n = (unsigned) random_between(random, 0, ACTUATORS_MAX);
        for (unsigned i = 0; i < ACTUATORS_MAX; i++) {
                scene->frame.level_permille[i] = (uint32_t) random_next(random);
                scene->massager.places.at[i] = (LegPlace){
                        (int) random_between(random, -180, 180),
                        (int) random_between(random, -500, 600),
                };
        }
        scene->frame.contact = scene->massager.places.at[0];
}

static void test_every_size_of_terminal_is_drawn_within_it(void **state)
{
        Random random = { 2 };
        Canvas canvas;

        for (unsigned rows = 0; rows <= 60; rows++)
                for (unsigned columns = 0; columns <= 140; columns += 7) {
                        Scene scene = {};
                        char *text;
                        size_t size;
                        FILE *f;

                        fill_scene(&scene, &random);
                        canvas_init(&canvas, rows % 2 ? CHARSET_ASCII : CHARSET_UTF8, rows,
                                        columns);
                        canvas.rows = scene_draw(&scene, &canvas);
                        assert_true(canvas.rows <= MIN(rows, CANVAS_ROWS_MAX));
                        f = open_memstream(&text, &size);
                        canvas_write(&canvas, COLOURS_NONE, "\n", f);
                        (void) fclose(f);
                        for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
                                assert_true(text_columns(line) <= columns);
                        free(text);
                }
}

static void test_a_line_shows_each_zone_from_the_hip_down(void **state)
{
        static const Places zones = {
                .n = 5,
                .at = { { 0, -55 }, { 42, -28 }, { 42, 28 }, { 0, 240 }, { 175, 200 } },
        };
        const Frame frame = { .n_levels = 5, .level_permille = { 50, 100, 400, 0, 200 } };
        const LegView view = { &zones, &frame, 400, true };
        char text[128] = "";
        FILE *f;

        f = fmemopen(text, sizeof(text), "w");
        leg_view_line(&view, CHARSET_ASCII, f);
        (void) fclose(f);
        assert_string_equal(text, "thigh-front _  thigh-back =  knee-outer #:  knee-below .");
}

static void test_time_left_is_counted_down_by_the_client(void **state)
{
        const Session standing = { .remaining_ms = 5000, .duration_ms = 60000 };
        const Session playing = {
                .remaining_ms = 5000, .duration_ms = 60000, .deadline_us = 90 * 1000000
        };
        const Frame frame = { .elapsed_ms = 58000 };

        assert_int_equal(session_left_ms(&standing, 80 * 1000000), 5000);
        assert_int_equal(session_left_ms(&playing, 87 * 1000000), 3000);
        assert_int_equal(session_left_ms(&playing, 91 * 1000000), 0);

        /* Another machine's deadline means nothing here. */
        assert_int_equal(session_left_remote_ms(&standing, &frame, 10, 80 * 1000000), 5000);
        assert_int_equal(session_left_remote_ms(&playing, NULL, 1000000, 2000000), 4000);
        assert_int_equal(session_left_remote_ms(&playing, &frame, 1000000, 2500000), 500);
        assert_int_equal(session_left_remote_ms(&playing, &frame, 1000000, 9000000), 0);
        assert_int_equal(session_left_remote_ms(&playing, &frame, 9000000, 1000000), 2000);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_number_is_digits_in_range_and_nothing_else),
                cmocka_unit_test(test_options_stand_anywhere),
                cmocka_unit_test(test_a_wrong_command_line_is_refused_with_a_next_step),
                cmocka_unit_test(test_answers_and_scores_are_taken_as_they_stand),
                cmocka_unit_test(test_verbs_and_options_are_documented),
                cmocka_unit_test(test_help_fits_a_terminal_and_has_every_verb),
                cmocka_unit_test(test_clear_names_all_that_it_releases),
                cmocka_unit_test(test_hostile_text_becomes_harmless),
                cmocka_unit_test(test_any_bytes_become_clean_text_that_fits),
                cmocka_unit_test(test_long_text_breaks_between_words),
                cmocka_unit_test(test_durations_read_as_clocks_do),
                cmocka_unit_test(test_what_a_daemon_says_is_bounded_and_typed),
                cmocka_unit_test(test_the_picture_shows_levels_where_they_are),
                cmocka_unit_test(test_a_higher_level_never_looks_lower),
                cmocka_unit_test(test_every_size_of_terminal_is_drawn_within_it),
                cmocka_unit_test(test_a_line_shows_each_zone_from_the_hip_down),
                cmocka_unit_test(test_time_left_is_counted_down_by_the_client),
        };

        (void) setlocale(LC_CTYPE, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
