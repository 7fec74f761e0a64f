/* SPDX-License-Identifier: MIT */

/* Whatever can be written, played: random techniques and routines go from text through the reader
 * into a real session and its governor, with people who pause, ease and skip, on massagers of many
 * makes. Every step of the governor is held to its contract. */

#include <math.h>
#include <stdio.h>

#include "common/macro.h"
#include "daemon/session.h"
#include "tests/unit/config-site.h"
#include "tests/unit/governor-contract.h"
#include "tests/unit/layouts.h"
#include "tests/unit/shipped.h"

_Static_assert(TECHNIQUE_FREQUENCY_MIN_HZ == GOVERNOR_FREQUENCY_MIN_HZ &&
                                TECHNIQUE_FREQUENCY_MAX_HZ == GOVERNOR_FREQUENCY_MAX_HZ,
                "what may be written is let through");

#define ROUNDS 120

static const SessionPermit later = { GOVERNOR_SCREENED, GOVERNOR_LATER_SESSION, UINT32_MAX };

/* What the governor was seen to do since the last look. */
typedef struct Seen {
        Contract contract;
        uint64_t wanted, given;
        unsigned frames, touching, running;
} Seen;

static Seen seen;

const GovernedFrame *__real_governor_step(Governor *g, const GovernorInput *in);
const GovernedFrame *__wrap_governor_step(Governor *g, const GovernorInput *in);

/* SR-KEEP-OUT, SR-LEVEL, SR-RAMP, SR-BUSY, SR-CURRENT, SR-HEAT */
const GovernedFrame *__wrap_governor_step(Governor *g, const GovernorInput *in)
{
        const GovernedFrame *frame = __real_governor_step(g, in);
        const Layout *layout = &seen.contract.layout;
        bool touching = false;

        contract_check(&seen.contract, g, in, frame);
        for (unsigned i = 0; i < layout->n_actuators; i++) {
                /* Not even asked for: what is taken away must not be part of a massage. */
                if (leg_keep_out(&layout->actuators[i].place))
                        assert_int_equal(in->want_permille[i], 0);
                seen.wanted += in->want_permille[i];
                seen.given += governed_frame_level(frame, i);
                touching = touching || governed_frame_level(frame, i) > 0;
        }
        seen.frames++;
        seen.touching += touching;
        seen.running += governor_verdict(g) == GOVERNOR_RUNNING;
        return frame;
}

/* A writer: what it writes follows kneed-routines(5) and nothing else. */

static Random writer = { 5 };

static unsigned some(unsigned low, unsigned high)
{
        return (unsigned) random_between(&writer, low, high);
}

static bool often(unsigned percent)
{
        return some(1, 100) <= percent;
}

static unsigned write_zones(FILE *file, const char *kind)
{
        static const char *const around[] = { "knee-above", "knee-outer", "knee-below",
                "knee-inner" };
        static const char *const thigh[] = { "thigh-front-upper", "thigh-front-lower",
                "thigh-outer-upper", "thigh-outer-lower", "thigh-inner-upper", "thigh-inner-lower",
                "thigh-front-outer-upper", "thigh-front-outer-lower", "thigh-front-inner-upper",
                "thigh-front-inner-lower" };
        unsigned n = some(streq(kind, "stroke") ? 2 : 1, 6), at = some(0, 3);
        bool knee = often(50);

        (void) fprintf(file, "{ %s = [", kind);
        for (unsigned i = 0; i < n; i++) {
                /* Around the kneecap, from neighbour to neighbour. */
                at = (at + (often(50) ? 1 : 3)) % 4;
                (void) fprintf(file, "%s \"%s\"", i > 0 ? "," : "",
                                knee ? around[at] : thigh[some(0, ELEMENTSOF(thigh) - 1)]);
        }
        (void) fputs(" ];", file);
        return streq(kind, "circle") || streq(kind, "hold") ? n : 1;
}

static void write_strength(FILE *file)
{
        unsigned n = some(1, 6), time = 0;

        (void) fputs(" strength = ( [ 0, 0 ]", file);
        for (unsigned i = 0; i < n; i++) {
                time += some(1, 99 / n);
                (void) fprintf(file, ", [ %u, %u ]", time, some(1, 100));
        }
        (void) fputs(", [ 100, 0 ] );", file);
}

static void write_motion(FILE *file)
{
        static const char *const kinds[] = { "tap", "stroke", "circle", "hold" };
        const char *kind = kinds[some(0, 3)];
        unsigned rate = some(1, 600), turns;

        turns = write_zones(file, kind);
        if (often(60))
                (void) fprintf(file, " rate = %u;", rate);
        else
                rate = 10;
        (void) fprintf(file, " seconds = %u.%u;", MIN(turns * (60 / rate + 1) + some(0, 60), 600u),
                        some(0, 9));
        if (often(50))
                (void) fprintf(file, " radius = %u;", some(10, 60));
        if (often(50) && streq(kind, "circle"))
                (void) fprintf(file, " circle_radius = %u;", some(5, 20));
        if (often(30))
                (void) fprintf(file, " phase = %u;", some(0, 99));
        if (often(50))
                write_strength(file);
        (void) fputs(" }", file);
}

static void write_techniques(FILE *file, unsigned n)
{
        (void) fputs("techniques = (\n", file);
        for (unsigned i = 0; i < n; i++) {
                unsigned n_motions = some(1, 6);

                (void) fprintf(file, "{ name = \"t%u\";", i);
                if (often(50))
                        (void) fprintf(file, " frequency_hz = %u;", some(50, 300));
                (void) fputs(" motions = (\n", file);
                for (unsigned m = 0; m < n_motions; m++) {
                        write_motion(file);
                        if (often(20))
                                (void) fprintf(file, ",\n{ rest = %u; }", some(1, 40));
                        (void) fputs(m + 1 < n_motions ? ",\n" : "\n", file);
                }
                (void) fprintf(file, "); }%s\n", i + 1 < n ? "," : "");
        }
        (void) fputs(");\n", file);
}

static void write_routine(FILE *file, unsigned n_techniques)
{
        bool shares = often(50);
        unsigned n = some(1, 4), repeat = some(1, 2);

        (void) fprintf(file, "routines = ( { name = \"a\"; repeat = %u;", repeat);
        if (shares)
                (void) fprintf(file, " minutes = %u;", some(8, 12));
        (void) fputs(" steps = (\n", file);
        for (unsigned i = 0; i < n; i++) {
                (void) fprintf(file, "{ technique = \"t%u\"; intensity = %u; tempo = %u;",
                                some(0, n_techniques - 1), some(1, 100), some(50, 150));
                if (shares)
                        (void) fprintf(file, " share = %u;", some(20, 60));
                else
                        (void) fprintf(file, " minutes = %u.5;", some(0, 1));
                if (often(30))
                        (void) fprintf(file, " heat = %u;", some(30, 41));
                (void) fprintf(file, " }%s\n", i + 1 < n ? "," : "");
        }
        (void) fputs("); } );\n", file);
}

static void write_any(Site *site)
{
        FILE *file = site_open(site, ROUTINES);
        unsigned n = some(1, 4);

        write_techniques(file, n);
        write_routine(file, n);
        assert_int_equal(fclose(file), 0);
        assert_good(site);
}

static void begin(Session *s, Governor **governor, const Routine *routine,
                unsigned intensity_percent, const Layout *layout, const Limits *limits)
{
        *governor = governor_new(layout, limits);
        assert_non_null(*governor);
        contract_init(&seen.contract, layout, limits);
        session_init(s, routine, intensity_percent, layout, *governor, limits, &later);
        assert_int_equal(session_armed(s, 1000), 0);
}

static void tick(Session *s, uint64_t now_ms)
{
        SessionReadings readings = { .status_at_ms = now_ms };

        for (unsigned i = 0; i < LAYOUT_HEATERS_MAX; i++)
                readings.heaters[i] = (GovernorReading){ true, (int16_t) (3500 + now_ms / 20 % 7) };
        (void) session_tick(s, now_ms, &readings);
        if (s->contact.strength_permille > 0)
                assert_true(leg_distance_mm(s->contact.at, (LegPoint){ 0, 0 }) > 31);
}

/* A person who now and then does something; and a computer that is now and then late. */
static uint64_t meddle(Session *s, uint64_t now_ms)
{
        switch (some(0, 5)) {
        case 0:
                (void) session_ease(s);
                break;
        case 1:
                (void) session_set_intensity(s, some(1, 100));
                break;
        case 2:
                if (often(20))
                        (void) session_skip(s);
                break;
        case 3:
                if (session_pause(s, now_ms) == 0) {
                        now_ms += some(1, 30000);
                        assert_int_equal(session_resume(s), 0);
                        assert_int_equal(session_armed(s, now_ms), 0);
                }
                break;
        case 4:
                now_ms += some(1, 2000);
                break;
        default:
                break;
        }
        return now_ms;
}

static void play(const Routine *routine, const Layout *layout)
{
        Limits limits = limits_hard;
        Governor *governor;
        Session session;
        uint64_t now_ms = 1000;

        if (often(50))
                limits.busy_s = (uint16_t) some(10, 120);
        if (often(50))
                limits.level_permille = (uint16_t) some(50, 800);
        begin(&session, &governor, routine, some(1, 100), layout, &limits);
        while (session.end == SESSION_END_NONE) {
                now_ms += SESSION_FRAME_MS;
                tick(&session, now_ms);
                if (often(1) && often(10))
                        now_ms = meddle(&session, now_ms);
        }
        assert_int_equal(session.end, SESSION_END_FINISHED);
        governor_free(governor);
}

static void what_can_be_written_keeps_the_contract(void **state)
{
        NamedLayout layouts[LAYOUTS_N];
        Site *site = *state;

        layouts_make(layouts);
        seen = (Seen){ .frames = 0 };
        for (unsigned round = 0; round < ROUNDS; round++) {
                Layout layout = layouts[round % LAYOUTS_N].layout;

                if (round % 2)
                        layout_random(&writer, 16, &layout);
                write_any(site);
                play(&site->config->routines[0], &layout);
        }
        /* Most of it was a massage. */
        assert_true(seen.frames > ROUNDS * 5000);
        assert_true(seen.running * 10ull > seen.frames * 9ull);
        assert_true(seen.touching * 3 > seen.frames);
}

/* Somebody who copies the page's example gets what it says: next to nothing is taken away. */
static void the_example_of_the_page_is_let_through(void **state)
{
        NamedLayout layouts[LAYOUTS_N];
        Governor *governor;
        Site *site = *state;
        char text[2048];
        Session session;

        layouts_make(layouts);
        (void) read_example(text, sizeof(text));
        write_text(site, ROUTINES, text);
        assert_good(site);
        begin(&session, &governor, config_find_routine(site->config, "outer-sweep"), 60,
                        &layouts[0].layout, &limits_hard);
        for (uint64_t now_ms = 1020; session.end == SESSION_END_NONE; now_ms += SESSION_FRAME_MS) {
                if (now_ms == 41000)
                        seen = (Seen){ .contract = seen.contract };
                tick(&session, now_ms);
        }
        assert_int_equal(session.end, SESSION_END_FINISHED);
        assert_true(seen.wanted > 1000000);
        assert_true(seen.given * 100 > seen.wanted * 95);
        governor_free(governor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(what_can_be_written_keeps_the_contract),
                TEST(the_example_of_the_page_is_let_through),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
