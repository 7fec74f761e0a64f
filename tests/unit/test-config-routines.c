/* SPDX-License-Identifier: MIT */

/* Techniques and routines as people write them: what counts, and what is said of what does not. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/macro.h"
#include "daemon/config-routine.h"
#include "daemon/config-routines.h"
#include "daemon/config-technique.h"
#include "tests/unit/config-site.h"

#define MOTIONS(text)      "techniques = ( { name = \"a\"; motions = (\n" text "\n); } );\n"
#define MOTION(keys)       MOTIONS("{ " keys " }")
#define TAP                "tap = \"knee-above\"; seconds = 20; "
#define STEPS(keys, steps) "routines = ( { name = \"a\"; " keys " steps = ( " steps " ); } );\n"
#define GLIDE(keys)        "{ technique = \"glide\"; " keys " }"

/* What people forget most. */
static void test_bad_spelling_is_shown(void **state)
{
        static const struct {
                const char *text, *line, *part;
        } bad[] = {
                { MOTIONS(PLAIN_MOTION ",\n" PLAIN_MOTION ","), "4",
                                "understood, near ); } );; write" },
                { MOTIONS(PLAIN_MOTION "\n  " PLAIN_MOTION), "3",
                                "understood, near { tap = \"thigh-front-upper\"; sec; write" },
                { "techniques = ( {\n name = \"a\";\n", "3", ", where the file ends; write" },
                { "techniques = (\n name = \"a\";\n", "2", "near name = \"a\";; write" },
        };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                char place[96];

                write_text(site, ROUTINES, bad[i].text);
                (void) snprintf(place, sizeof(place), ROUTINES ":%s", bad[i].line);
                assert_one_error(site, place, bad[i].part);
                assert_non_null(strstr(site->errors.text[0], "close every bracket."));
        }
}

static void test_bad_input_is_refused_where_it_stands(void **state)
{
        static const struct {
                const char *text, *line, *part;
        } bad[] = {
                /* Techniques */
                { "technique = ();\n", "1", "did you mean \"techniques\"?" },
                { "techniques = { };\n", "1", "must be a list and is keys in { }; write (" },
                { "techniques = \"a\";\n", "1", "must be a list and is a text" },
                { "techniques = (\n 5\n);\n", "2", "keys are wanted here" },
                { "techniques = ( { motions = ( " PLAIN_MOTION " ); } );\n", "1",
                                "\"name\" is missing" },
                { "techniques = ( { name = \"a\"; } );\n", "1", "\"motions\" is missing" },
                { "techniques = ( { name = \"a\"; motions = (); } );\n", "1",
                                "\"motions\" is a list of 0; allowed are 1 to 16." },
                { "techniques = ( { name = \"a\"; motions = " PLAIN_MOTION "; } );\n", "1",
                                "\"motions\" must be a list and is keys in { }" },
                { "techniques = (\n" TECHNIQUE("\"b\"") ",\n" TECHNIQUE("\"b\"") " );\n", "3",
                                "the technique \"b\" is already in a.conf:2;" },
                { MOTIONS(FOUR(FOUR(PLAIN_MOTION)) ", " PLAIN_MOTION), "1", "is a list of 17" },
                { MOTIONS("{ rest = 5; }, { rest = 6; }"), "1", "only rests" },
                { "techniques = ( { name = \"a\"; frequency_hz = 49; motions = ( " PLAIN_MOTION
                  " ); } );\n",
                                "1", "\"frequency_hz\" is 49; allowed are 50 to 300." },
                { "techniques = ( { name = \"a\"; frequenzy_hz = 90; motions = ( " PLAIN_MOTION
                  " ); } );\n",
                                "1", "did you mean \"frequency_hz\"?" },
                /* Motions */
                { MOTIONS("7"), "2", "keys are wanted here" },
                { MOTION("seconds = 20;"), "2", "this motion does nothing; write tap, stroke" },
                { MOTION(TAP "hold = \"knee-above\";"), "2",
                                "\"tap\" and \"hold\" are two motions" },
                { MOTION("stroek = \"knee-above\"; tap = \"knee-above\"; seconds = 20;"), "2",
                                "did you mean \"stroke\"?" },
                { MOTION("tap = \"knee-above\";"), "2", "\"seconds\" is missing" },
                { MOTION("tap = 5; seconds = 20;"), "2", "\"tap\" must be zones; write [" },
                { MOTION("tap = ( \"knee-above\" ); seconds = 20;"), "2", "must be zones" },
                { MOTION("tap = [ 1, 2 ]; seconds = 20;"), "2", "must be zones" },
                { MOTION("tap = [ ]; seconds = 20;"), "2", "0 zones; allowed are 1 to 16." },
                { MOTION("tap = \"\"; seconds = 20;"), "2", "unknown zone \"\"" },
                { MOTION("stroke = \"thigh-outer-upper\"; seconds = 20;"), "2",
                                "from one zone to another; name at least two." },
                { MOTION("tap = \"knee-abve\"; seconds = 20;"), "2",
                                "did you mean \"knee-above\"?" },
                { MOTION("tap = \"outer-thigh-high\"; seconds = 20;"), "2",
                                "did you mean \"thigh-outer-upper\"?" },
                { MOTION("tap = \"lower-outer-thigh\"; seconds = 20;"), "2",
                                "did you mean \"thigh-outer-lower\"?" },
                { MOTION("tap = \"-outer--x-\"; seconds = 20;"), "2", "see all with:" },
                { MOTION("tap = [\n\"knee-above\",\n\"ankle\" ]; seconds = 20;"), "4",
                                "unknown zone \"ankle\"; see all with: kneectl routines --zones" },
                { MOTION(TAP "circle_radius = 10;"), "2", "does not go with \"tap\"" },
                { MOTION("circle = \"knee-above\"; seconds = 20; circle_radius = 21;"), "2",
                                "allowed are 5 to 20." },
                { MOTIONS("{ rest = 5; seconds = 5; }, " PLAIN_MOTION), "2",
                                "\"seconds\" does not go with \"rest\"; remove it." },
                { MOTIONS("{ rest = true; }, " PLAIN_MOTION), "2",
                                "\"rest\" must be a number and is true or false; allowed are 1 to "
                                "600." },
                { MOTION("stroke = [ \"thigh-outer-upper\", \"thigh-outer-lower\" ]; seconds = "
                         "4.9;"),
                                "2", "this motion has 4.9 seconds, and one stroke takes 5;" },
                { MOTION("circle = [ \"knee-above\", \"knee-inner\" ]; seconds = 2;"), "2",
                                "each of its zones has 1 seconds, and one circle takes 1.25;" },
                /* Envelopes */
                { MOTION(TAP "strength = 50;"), "2", "must be pairs of 0 to 100" },
                { MOTION(TAP "strength = [ 0, 100, 0 ];"), "2", "must be pairs of 0 to 100" },
                { MOTION(TAP "strength = ( 0, 100, 0 );"), "2", "must be pairs of 0 to 100" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 100, 0 ] );"), "2",
                                "2 points; allowed are 3 "
                                "to 8." },
                { MOTION(TAP "strength = ( " FOUR(FOUR("[ 0, 0 ]")) " );"), "2", "16 points" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50 ], [ 100, 0 ] );"), "2",
                                "must be pairs" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50, 101 ], [ 100, 0 ] );"), "2",
                                "must be pairs" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50, -1 ], [ 100, 0 ] );"), "2",
                                "must be pairs" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50.0, 1.0 ], [ 100, 0 ] );"), "2",
                                "must be pairs" },
                { MOTION(TAP "strength = ( [ 0, 1 ], [ 50, 50 ], [ 100, 0 ] );"), "2",
                                "must begin with [ 0, 0 ]" },
                { MOTION(TAP "strength = ( [ 1, 0 ], [ 50, 50 ], [ 100, 0 ] );"), "2",
                                "must begin with [ 0, 0 ]" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50, 50 ], [ 100, 1 ] );"), "2",
                                "must end with [ 100, 0 ]" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50, 50 ], [ 99, 0 ] );"), "2",
                                "must end with [ 100, 0 ]" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50, 50 ], [ 50, 60 ], [ 100, 0 ] );"), "2",
                                "must rise from point to point" },
                { MOTION(TAP "strength = ( [ 0, 0 ], [ 50, 0 ], [ 100, 0 ] );"), "2",
                                "must be above zero" },
                /* Routines */
                { STEPS("", GLIDE("")), "1", "\"minutes\" is missing; it, or \"share\"" },
                { STEPS("", GLIDE("minutes = 3; share = 1;")), "1", "are both set" },
                { STEPS("", GLIDE("share = 1;")), "1", "set the \"minutes\" of the routine." },
                { STEPS("minutes = 10;", GLIDE("minutes = 3;")), "1",
                                "routine and steps both have minutes" },
                { STEPS("minutes = 10;", GLIDE("minutes = 3;") ", " GLIDE("share = 3;")), "1",
                                "some steps have minutes and some have shares" },
                { STEPS("minutes = 1;", GLIDE("share = 1;") ", " GLIDE("share = 2;")), "1",
                                "the share of step 1 is only 20.0 seconds; a step lasts 30 at "
                                "least." },
                { STEPS("repeat = 6;", GLIDE("minutes = 1;") "," GLIDE("minutes = 1;") "," GLIDE(
                                                       "minutes = 1;")),
                                "1", "3 steps, played 6 times, are 18; allowed are 16" },
                { STEPS("repeat = 3;", GLIDE("minutes = 7;")), "1", "lasts 21.0 minutes" },
                { STEPS("", "5"), "1", "keys are wanted here" },
        };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                char place[96];

                write_text(site, ROUTINES, bad[i].text);
                (void) snprintf(place, sizeof(place), ROUTINES ":%s", bad[i].line);
                assert_one_error(site, place, bad[i].part);
        }
}

/* SR-KEEP-OUT: There is no word for them, and whoever looks for one is told why. */
static void test_keep_outs_cannot_be_written(void **state)
{
        static const struct {
                const char *word, *why;
        } words[] = {
                { "kneecap", "nothing presses on the kneecap" },
                { "patella", "nothing presses on the kneecap" },
                { "knee", "nothing presses on the kneecap" },
                { "hollow", "vessels and nerves" },
                { "knee-back", "vessels and nerves" },
        };
        static const char *const kinds[] = { "tap", "stroke", "circle", "hold" };
        Site *site = *state;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                for (size_t k = 0; k < ELEMENTSOF(kinds); k++) {
                        char text[256];

                        (void) snprintf(text, sizeof(text),
                                        MOTION("%s = [ \"knee-above\", \"%s\" ]; seconds = 20;"),
                                        kinds[k], words[i].word);
                        write_text(site, ROUTINES, text);
                        assert_one_error(site, ROUTINES ":2", words[i].why);
                }
}

/* SR-KEEP-OUT: Over every pair of zones, against the distance by geometry. */
static void test_no_way_leads_over_the_kneecap(void **state)
{
        Site *site = *state;
        unsigned refused = 0;

        for (Zone a = 0; a < _ZONE_MAX; a++)
                for (Zone b = 0; b < _ZONE_MAX; b++) {
                        bool knee = a >= ZONE_KNEE_ABOVE && b >= ZONE_KNEE_ABOVE;
                        bool opposite = knee && (a + 2 == b || b + 2 == a);
                        /* From a thigh straight down past the front of the knee. */
                        LegPoint from = zone_place(a), to = zone_place(b);
                        char text[256];
                        bool crosses = false;

                        for (unsigned i = 0; i <= 1000; i++) {
                                double t = i / 1000.0;
                                LegPoint at = { from.angle_deg +
                                                                t * (to.angle_deg - from.angle_deg),
                                        from.height_mm + t * (to.height_mm - from.height_mm) };

                                crosses = crosses || leg_distance_mm(at, (LegPoint){ 0, 0 }) < 31.3;
                        }
                        assert_true(!opposite || crosses);
                        (void) snprintf(text, sizeof(text),
                                        MOTION("stroke = [ \"%s\", \"%s\" ]; seconds = 20;"),
                                        zone_name(a), zone_name(b));
                        write_text(site, ROUTINES, text);
                        refused += crosses;
                        if (crosses)
                                assert_one_error(site, ROUTINES ":2", "leads over the kneecap");
                        else
                                assert_good(site);
                        if (!crosses)
                                continue;
                        /* A circle at each of them does not travel, so it may have both. */
                        (void) snprintf(text, sizeof(text),
                                        MOTION("circle = [ \"%s\", \"%s\" ]; seconds = 20;"),
                                        zone_name(a), zone_name(b));
                        write_text(site, ROUTINES, text);
                        assert_good(site);
                }
        assert_true(refused >= 4);
}

static void test_what_is_written_counts(void **state)
{
        static const EnvelopePoint envelope[] = { { 0, 0 }, { 10, 1000 }, { 990, 10 },
                { 1000, 0 } };
        Site *site = *state;
        const Technique *t;
        const Motion *m;

        write_text(site, ROUTINES,
                        "techniques = ( { name = \"a\"; summary = \"Süß\"; frequency_hz = 300;\n"
                        "motions = (\n"
                        "{ stroke = [ \"knee-above\", \"knee-outer\", \"knee-below\" ]; seconds = "
                        "600; rate = 600; radius = 60; phase = 99;\n"
                        "  strength = ( [ 0, 0 ], [ 1, 100 ], [ 99, 1 ], [ 100, 0 ] ); },\n"
                        "{ rest = 1.5; },\n"
                        "{ circle = \"knee-inner\"; seconds = 12.25; circle_radius = 5; radius = "
                        "10; "
                        "},\n"
                        "{ hold = \"knee-inner\"; seconds = 60; rate = 1; },\n"
                        "{ tap = \"knee-inner\"; seconds = 1; } ); } );\n");
        assert_good(site);
        t = config_find_technique(site->config, "a");
        assert_non_null(t);
        assert_string_equal(t->summary, "Süß");
        assert_int_equal(t->frequency_hz, 300);
        assert_int_equal(t->n_motions, 5);
        m = &t->motions[0];
        assert_int_equal(m->kind, MOTION_STROKE);
        assert_int_equal(m->n_path, 3);
        assert_int_equal(m->path[0], ZONE_KNEE_ABOVE);
        assert_int_equal(m->path[1], ZONE_KNEE_OUTER);
        assert_int_equal(m->path[2], ZONE_KNEE_BELOW);
        assert_int_equal(m->duration_ms, 600000);
        assert_int_equal(m->beat_ms, 100);
        assert_int_equal(m->radius_mm, 60);
        assert_int_equal(m->phase_permille, 990);
        assert_int_equal(m->n_envelope, ELEMENTSOF(envelope));
        assert_memory_equal(m->envelope, envelope, sizeof(envelope));
        assert_int_equal(t->motions[1].kind, MOTION_REST);
        assert_int_equal(t->motions[1].duration_ms, 1500);
        assert_int_equal(t->motions[2].kind, MOTION_CIRCLE);
        assert_int_equal(t->motions[2].duration_ms, 12250);
        assert_int_equal(t->motions[2].circle_mm, 5);
        assert_int_equal(t->motions[2].radius_mm, 10);
        assert_int_equal(t->motions[3].kind, MOTION_HOLD);
        assert_int_equal(t->motions[3].beat_ms, 60000);
        assert_int_equal(t->motions[4].kind, MOTION_TAP);
        assert_null(config_find_technique(site->config, "b"));
}

static void test_shares_and_rounds_divide_the_whole(void **state)
{
        Site *site = *state;
        const Routine *routine;

        write_text(site, ROUTINES,
                        STEPS("minutes = 10.5; repeat = 2;",
                                        GLIDE("share = 25; intensity = 10;") ", " GLIDE(
                                                        "share = 75; intensity = 20;")));
        assert_good(site);
        routine = config_find_routine(site->config, "a");
        assert_int_equal(routine_duration_ms(routine), 630000);
        assert_int_equal(routine->n_steps, 4);
        for (unsigned i = 0; i < 4; i++) {
                assert_int_equal(routine->steps[i].duration_ms, i % 2 ? 236250 : 78750);
                assert_int_equal(routine->steps[i].intensity_percent, i % 2 ? 20 : 10);
        }

        write_text(site, ROUTINES, STEPS("repeat = 16;", GLIDE("minutes = 1.25;")));
        assert_good(site);
        routine = config_find_routine(site->config, "a");
        assert_int_equal(routine->n_steps, 16);
        assert_int_equal(routine_duration_ms(routine), 1200000);

        /* Rounded, not cut off: this is a little less than 60060 in binary. */
        write_text(site, ROUTINES, STEPS("", GLIDE("minutes = 1.001;")));
        assert_good(site);
        assert_int_equal(routine_duration_ms(config_find_routine(site->config, "a")), 60060);

        /* Thirds, in whole milliseconds; and the parts of a whole make it. */
        write_text(site, ROUTINES,
                        STEPS("minutes = 10;",
                                        GLIDE("share = 1;") ", " GLIDE("share = 1;") ", " GLIDE(
                                                        "share = 1;")));
        assert_good(site);
        routine = config_find_routine(site->config, "a");
        assert_int_equal(routine_duration_ms(routine), 600000);
        for (unsigned i = 0; i < 3; i++)
                assert_in_range(routine->steps[i].duration_ms, 199999, 200001);
}

/* The administrator's technique is played by the vendor's routine; and files are in no order. */
static void test_techniques_are_overridden_by_name(void **state)
{
        Site *site = *state;
        const Routine *routine;

        write_text(site, "data/routines.d/a.conf", ROUTINE("\"v\""));
        write_text(site, "etc/routines.d/a.conf",
                        STEPS("", "{ technique = \"later\"; minutes = 1; }"));
        write_text(site, "etc/routines.d/z.conf",
                        "techniques = ( { name = \"glide\"; summary = \"own\"; motions = "
                        "( " PLAIN_MOTION " ); }, " TECHNIQUE("\"later\"") " );");
        assert_good(site);
        assert_int_equal(site->config->n_techniques, 4);
        for (size_t i = 1; i < site->config->n_techniques; i++)
                assert_true(strcmp(site->config->techniques[i - 1].name,
                                            site->config->techniques[i].name) < 0);
        routine = config_find_routine(site->config, "v");
        assert_string_equal(routine->steps[0].technique->summary, "own");
        routine = config_find_routine(site->config, "a");
        assert_string_equal(routine->steps[0].technique->name, "later");

        write_text(site, "etc/routines.d/b.conf", "\ntechniques = (" TECHNIQUE("\"glide\"") ");");
        assert_one_error(site, "etc/routines.d/z.conf:1", "is already in b.conf:2; give one");
        /* A technique and a routine of one name are two things. */
        write_text(site, "etc/routines.d/b.conf", ROUTINE("\"glide\""));
        assert_good(site);
}

static void test_a_wrong_technique_is_the_only_error(void **state)
{
        Site *site = *state;

        write_text(site, ROUTINES,
                        "techniques = ( { name = \"mine\"; motions = (\n{ tap = \"nowhere\"; "
                        "seconds = "
                        "20; } ); } );\n"
                        "routines = ( { name = \"a\"; steps = ( { technique = \"mine\"; minutes = "
                        "1; } "
                        "); } );\n");
        assert_one_error(site, ROUTINES ":2", "unknown zone");
        /* With no technique at all. */
        site_renew(site);
        assert_int_equal(unlink(in_site(site, "data/routines.d/techniques.conf")), 0);
        write_text(site, ROUTINES, ROUTINE("\"a\""));
        assert_one_error(site, ROUTINES ":1", "unknown technique \"glide\"; none is known.");
}

static void test_errors_keep_the_order_of_files(void **state)
{
        Site *site = *state;

        write_text(site, "data/routines.d/a.conf", STEPS("", GLIDE("minutes = 99;")));
        write_text(site, "etc/routines.d/a.conf", MOTION(TAP "rate = 0;"));
        write_text(site, "etc/routines.d/b.conf", "routines = (\n");
        write_text(site, "etc/routines.d/c.conf",
                        STEPS("", GLIDE("heat = 1;")) MOTION(TAP "rate = 601; phase = 100;"));
        assert_int_equal(load(site), -EINVAL);
        assert_int_equal(site->errors.n, 8);
        assert_error(site, 0, "data/routines.d/a.conf:1", "\"minutes\" is 99");
        assert_error(site, 1, "etc/routines.d/a.conf:2", "\"rate\" is 0; allowed are 1 to 600.");
        assert_error(site, 2, "etc/routines.d/b.conf:2", "cannot be understood");
        assert_error(site, 3, "etc/routines.d/c.conf:3", "\"rate\" is 601");
        assert_error(site, 4, "etc/routines.d/c.conf:3", "\"phase\" is 100");
        assert_error(site, 5, "etc/routines.d/c.conf:2", "already in a.conf:1");
        assert_error(site, 6, "etc/routines.d/c.conf:1", "\"minutes\" is missing");
        assert_error(site, 7, "etc/routines.d/c.conf:1", "\"heat\" is 1");
}

/* Each key by what its row says of it: a good file, in which one key is taken away, written twice,
 * and given values of each type and at and past each bound. */
typedef struct Frame {
        const ConfigTable *table;
        const char *before, *after;
        const char *good[12]; /* by the rows of the table; NULL: left out */
} Frame;

static const Frame frames[] = {
        { &config_routines_table, "", "",
                        { "techniques = (" TECHNIQUE("\"a\"") ");",
                                        "routines = (" NAMED("\"a\"") ");" } },
        { &config_technique_table, "techniques = ( {\n", "} );\n",
                        { "name = \"a\";", "summary = \"A\";", "frequency_hz = 100;",
                                        "motions = ( " PLAIN_MOTION " );" } },
        { &config_motion_table, "techniques = ( { name = \"a\"; motions = ( {\n",
                        "}, " PLAIN_MOTION " ); } );\n",
                        { NULL, NULL, "circle = \"knee-above\";", NULL, NULL, "seconds = 100;",
                                        "rate = 100;", "radius = 20;", "circle_radius = 10;",
                                        "strength = ( [ 0, 0 ], [ 50, 100 ], [ 100, 0 ] );",
                                        "phase = 50;" } },
        { &config_routine_table, "routines = ( {\n", "} );\n",
                        { "name = \"a\";", "summary = \"A\";", "minutes = 10;", "repeat = 1;",
                                        "steps = ( { technique = \"glide\"; share = 1; } );" } },
        { &config_step_table, "routines = ( { name = \"a\"; steps = ( {\n", "} ); } );\n",
                        { "technique = \"glide\";", "minutes = 10;", NULL, "intensity = 50;",
                                        "tempo = 100;", "heat = 40;" } },
};

/* Writes a frame with `instead` for one of its keys. */
static void write_frame(Site *site, const Frame *frame, size_t key, const char *instead)
{
        FILE *file = site_open(site, ROUTINES);

        (void) fputs(frame->before, file);
        for (size_t i = 0; i < frame->table->n_keys; i++)
                (void) fprintf(file, "%s\n",
                                i == key         ? instead
                                : frame->good[i] ? frame->good[i]
                                                 : "");
        (void) fputs(frame->after, file);
        assert_int_equal(fclose(file), 0);
}

static void test_every_key_missing_or_doubled(void **state)
{
        Site *site = *state;

        for (size_t f = 0; f < ELEMENTSOF(frames); f++)
                for (size_t k = 0; k < frames[f].table->n_keys; k++) {
                        const ConfigKey *key = &frames[f].table->keys[k];
                        char doubled[512];

                        if (!frames[f].good[k])
                                continue;
                        write_frame(site, &frames[f], k, frames[f].good[k]);
                        assert_good(site);
                        (void) snprintf(doubled, sizeof(doubled), "%s %s", frames[f].good[k],
                                        frames[f].good[k]);
                        write_frame(site, &frames[f], k, doubled);
                        assert_int_equal(load(site), -EINVAL);
                        assert_int_equal(site->errors.n, 1);
                        assert_non_null(strstr(site->errors.text[0], "this key is set twice"));
                        if (!key->required)
                                continue;
                        write_frame(site, &frames[f], k, "");
                        assert_int_equal(load(site), -EINVAL);
                        (void) snprintf(doubled, sizeof(doubled), "\"%s\" is missing", key->name);
                        assert_non_null(strstr(site->errors.text[0], doubled));
                }
}

static void test_every_key_of_every_wrong_type(void **state)
{
        static const struct {
                const char *value;
                bool text, number, whole, list;
        } types[] = {
                { .value = "\"1\"", .text = true },
                { .value = "10", .number = true, .whole = true },
                { .value = "10.5", .number = true },
                { .value = "10L" },
                { .value = "true" },
                { .value = "[ 10, 20 ]" },
                { .value = "[ ]" },
                { .value = "( 10, \"a\" )", .list = true },
                { .value = "( )", .list = true },
                { .value = "{ a = 1; }" },
                { .value = "{ }" },
        };
        Site *site = *state;

        for (size_t f = 0; f < ELEMENTSOF(frames); f++)
                for (size_t k = 0; k < frames[f].table->n_keys; k++)
                        for (size_t t = 0; t < ELEMENTSOF(types); t++) {
                                const ConfigKey *key = &frames[f].table->keys[k];
                                char text[128];
                                bool fits = key->type == CONFIG_DECIMAL ? types[t].number
                                            : key->type != CONFIG_OTHER
                                                            ? types[t].whole
                                                            : types[t].text || types[t].list;

                                if (fits)
                                        continue;
                                (void) snprintf(text, sizeof(text), "%s = %s;", key->name,
                                                types[t].value);
                                write_frame(site, &frames[f], k, text);
                                assert_int_equal(load(site), -EINVAL);
                                /* It stands in the line behind those of the keys before it, and the
                                 * sentence names it or what is wanted in its place. */
                                (void) snprintf(text, sizeof(text), "\"%s\"", key->name);
                                if (!strstr(site->errors.text[0], text) &&
                                                !strstr(site->errors.text[0], "zones"))
                                        fail_msg("%s = %s: %s", key->name, types[t].value,
                                                        site->errors.text[0]);
                        }
}

static bool any_error_says(const Site *site, const char *a, const char *b)
{
        for (size_t i = 0; i < site->errors.n; i++)
                if (strstr(site->errors.text[i], a) && strstr(site->errors.text[i], b))
                        return true;
        return false;
}

/* What is allowed by itself may still not go with the others. */
static void assert_bound(Site *site, const Frame *frame, size_t k, double value, bool allowed)
{
        const ConfigKey *key = &frame->table->keys[k];
        char text[128];

        (void) snprintf(text, sizeof(text),
                        key->type == CONFIG_DECIMAL ? "%s = %.3f;" : "%s = %.0f;", key->name,
                        value);
        write_frame(site, frame, k, text);
        (void) load(site);
        (void) snprintf(text, sizeof(text), "\"%s\" is ", key->name);
        if (any_error_says(site, text, "; allowed are ") == allowed)
                fail_msg("%s = %g should %sbe allowed", key->name, value, allowed ? "" : "not ");
}

static void test_every_number_at_and_past_its_bounds(void **state)
{
        Site *site = *state;
        unsigned numbers = 0;

        for (size_t f = 0; f < ELEMENTSOF(frames); f++)
                for (size_t k = 0; k < frames[f].table->n_keys; k++) {
                        const ConfigKey *key = &frames[f].table->keys[k];
                        double unit = key->type == CONFIG_DECIMAL ? 1000 : 1;
                        double low = key->low / unit, high = key->high / unit;

                        if (key->type == CONFIG_OTHER)
                                continue;
                        assert_bound(site, &frames[f], k, low, true);
                        assert_bound(site, &frames[f], k, high, true);
                        assert_bound(site, &frames[f], k, low - 1 / unit, false);
                        assert_bound(site, &frames[f], k, high + 1 / unit, false);
                        assert_bound(site, &frames[f], k, -1, false);
                        assert_bound(site, &frames[f], k, INT32_MAX, false);
                        numbers++;
                }
        assert_int_equal(numbers, 14);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_bad_spelling_is_shown),
                TEST(test_bad_input_is_refused_where_it_stands),
                TEST(test_keep_outs_cannot_be_written),
                TEST(test_no_way_leads_over_the_kneecap),
                TEST(test_what_is_written_counts),
                TEST(test_shares_and_rounds_divide_the_whole),
                TEST(test_techniques_are_overridden_by_name),
                TEST(test_a_wrong_technique_is_the_only_error),
                TEST(test_errors_keep_the_order_of_files),
                TEST(test_every_key_missing_or_doubled),
                TEST(test_every_key_of_every_wrong_type),
                TEST(test_every_number_at_and_past_its_bounds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
