/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/macro.h"
#include "daemon/reference.h"
#include "daemon/render-text.h"
#include "tests/unit/layouts.h"
#include "tests/unit/shipped.h"

#define S_MS      1000u
#define MINUTE_MS 60000u
#define FRAMES    60000u /* of 20 minutes */
#define RUNS      5u

static Layout reference;

static int set_up(void **state)
{
        reference_layout(&reference);
        return shipped_setup(state);
}

/* One zone, again and again, and then for so long nothing. */
static Technique on_one_place(Zone zone, uint32_t works_ms, uint32_t rests_ms)
{
        Technique technique = { .name = "one-place", .n_motions = 1 };

        technique.motions[0] = (Motion){
                .kind = MOTION_HOLD,
                .duration_ms = works_ms,
                .beat_ms = works_ms,
                .radius_mm = 20,
                .n_path = 1,
                .path = { zone },
                .n_envelope = 4,
                .envelope = { { 0, 0 }, { 10, 1000 }, { 990, 1000 }, { 1000, 0 } },
        };
        if (rests_ms > 0)
                technique.motions[technique.n_motions++] = (Motion){ .kind = MOTION_REST,
                        .duration_ms = rests_ms };
        return technique;
}

static RoutineStep step(const Technique *technique, uint32_t ms, unsigned intensity, unsigned heat)
{
        return (RoutineStep){ technique, ms, (uint8_t) intensity, 100, (uint8_t) heat };
}

static void render_in_slices(Render *render, const Routine *routine, const Layout *layout,
                const Limits *limits, RenderRigour rigour, unsigned frames)
{
        Governor *governor = governor_new(layout, limits);

        assert_non_null(governor);
        render_init(render, routine, layout, limits, governor, rigour);
        while (render_play(render, frames))
                ;
        assert_false(render_play(render, 1));
        governor_free(governor);
}

static RenderReport render(const Routine *routine, const Layout *layout, const Limits *limits)
{
        Render render;

        render_in_slices(&render, routine, layout, limits, RENDER_AS_WRITTEN, UINT32_MAX);
        return render.report;
}

static RenderReport render_at_hand(
                const Routine *routine, const Layout *layout, const Limits *limits)
{
        Render render;

        render_in_slices(&render, routine, layout, limits, RENDER_AS_HAD, UINT32_MAX);
        return render.report;
}

static RenderReport render_step(RoutineStep only, const Layout *layout, const Limits *limits)
{
        const Routine routine = { .name = "test", .n_steps = 1, .steps = { only } };

        return render(&routine, layout, limits);
}

static void check(RenderReport report, RenderFlaw flaw, unsigned step, uint32_t at_ms)
{
        if (report.flaw != flaw || report.step != step || report.at_ms != at_ms)
                fail_msg("flaw %u in step %u at %u ms, not %u in step %u at %u ms", report.flaw,
                                report.step, report.at_ms, flaw, step, at_ms);
}

/* Those that come with kneed suit whoever has actuators where they touch, whatever the tempo. */
static void what_comes_with_kneed_suits_every_massager_that_reaches(void **state)
{
        static const char *const suited[] = { "reference", "dense", "sparse", "placeless",
                "forbidden" };
        Config *config = shipped_config();
        NamedLayout layouts[LAYOUTS_N];
        unsigned n = 0;

        layouts_make(layouts);
        for (size_t r = 0; r < config->n_routines; r++) {
                check(render(&config->routines[r], &reference, &limits_hard), RENDER_FINE, 0, 0);
                for (size_t l = 0; l < LAYOUTS_N; l++)
                        for (size_t i = 0; i < ELEMENTSOF(suited); i++) {
                                if (!streq(layouts[l].name, suited[i]))
                                        continue;
                                check(render_at_hand(&config->routines[r], &layouts[l].layout,
                                                      &limits_hard),
                                                RENDER_FINE, 0, 0);
                                n++;
                        }
        }
        assert_int_equal(n, config->n_routines * ELEMENTSOF(suited));
        config_unref(config);
}

static void a_place_without_actuator_is_found_with_its_step(void **state)
{
        const Routine routine = {
                .n_steps = 2,
                .steps = { step(shipped_technique("glide"), 90 * S_MS, 60, 0),
                                step(shipped_technique("friction"), 60 * S_MS, 60, 0) },
        };
        Layout thigh = reference;
        RenderReport report;

        thigh.n_actuators = 6;
        report = render(&routine, &thigh, &limits_hard);
        check(report, RENDER_OUT_OF_REACH, 1, 90 * S_MS);
        assert_int_equal(report.zone, ZONE_KNEE_ABOVE);
}

static void a_routine_ends_where_the_session_does(void **state)
{
        const Routine routine = {
                .n_steps = 2,
                .steps = { step(shipped_technique("glide"), 40 * S_MS, 60, 0),
                                step(shipped_technique("tapping"), 40 * S_MS, 60, 0) },
        };
        Limits limits = limits_hard;

        limits.session_minutes = 1;
        check(render(&routine, &reference, &limits), RENDER_SESSION, 1, 60 * S_MS + 20);
        check(render_step(step(shipped_technique("glide"), 60 * S_MS, 60, 0), &reference, &limits),
                        RENDER_FINE, 0, 0);
        check(render_step(step(shipped_technique("glide"), 60 * S_MS + 40, 60, 0), &reference,
                              &limits),
                        RENDER_SESSION, 0, 60 * S_MS + 20);
}

static void heat_is_counted_over_all_steps(void **state)
{
        const Technique *glide = shipped_technique("glide");
        Routine routine = {
                .n_steps = 3,
                .steps = { step(glide, 40 * S_MS, 60, 38), step(glide, 40 * S_MS, 60, 0),
                                step(glide, 40 * S_MS, 60, 38) },
        };
        Limits limits = limits_hard;

        limits.heat_minutes = 1;
        check(render(&routine, &reference, &limits), RENDER_HEAT, 2, 100 * S_MS + 20);
        routine.steps[2].duration_ms = 20 * S_MS;
        check(render(&routine, &reference, &limits), RENDER_FINE, 0, 0);
        limits.heat_minutes = 0;
        check(render(&routine, &reference, &limits), RENDER_HEAT, 0, 20);
        check(render_step(step(glide, 18 * MINUTE_MS, 60, 41), &reference, &limits_hard),
                        RENDER_HEAT, 0, 15 * MINUTE_MS + 20);
}

static void a_setpoint_over_the_limit_is_found(void **state)
{
        const Technique *glide = shipped_technique("glide");
        Limits limits = limits_hard;

        limits.setpoint_cc = 3999;
        check(render_step(step(glide, MINUTE_MS, 60, 40), &reference, &limits), RENDER_SETPOINT, 0,
                        20);
        limits.setpoint_cc = 4000;
        check(render_step(step(glide, MINUTE_MS, 60, 40), &reference, &limits), RENDER_FINE, 0, 0);
}

/* One warm pad is heat; none is not. A pad where none may be is never waited for. */
static void heat_needs_one_pad_that_the_budget_bears(void **state)
{
        const RoutineStep warm = step(shipped_technique("glide"), MINUTE_MS, 60, 38);
        Layout layout = reference;

        assert_true(reference.heaters[0].current_ma * 2u > reference.budget_ma);
        check(render_step(warm, &layout, &limits_hard), RENDER_FINE, 0, 0);
        layout.budget_ma = layout.heaters[0].current_ma - 1;
        check(render_step(warm, &layout, &limits_hard), RENDER_HEAT_CURRENT, 0, 20);
        layout.n_heaters = 0;
        check(render_step(warm, &layout, &limits_hard), RENDER_FINE, 0, 0);
        layout.n_heaters = 1;
        layout.heaters[0].place = (Place){ true, 180, 0 };
        check(render_step(warm, &layout, &limits_hard), RENDER_FINE, 0, 0);
}

/* SR-BUSY */
static void a_place_that_must_rest_is_found_when_the_hand_is_still_there(void **state)
{
        Technique no_rest = on_one_place(ZONE_KNEE_BELOW, 10 * S_MS, 0);
        Technique short_rest = on_one_place(ZONE_KNEE_BELOW, 60 * S_MS, 29 * S_MS);
        Technique whole_rest = on_one_place(ZONE_KNEE_BELOW, 60 * S_MS, 31 * S_MS);
        Limits limits = limits_hard;
        RenderReport report;

        report = render_step(step(&no_rest, 4 * MINUTE_MS, 60, 0), &reference, &limits);
        assert_int_equal(report.flaw, RENDER_BUSY);
        assert_in_range(report.at_ms, 120 * S_MS, 121 * S_MS);
        assert_int_equal(report.zone, ZONE_KNEE_BELOW);
        report = render_step(step(&short_rest, 4 * MINUTE_MS, 60, 0), &reference, &limits);
        assert_int_equal(report.flaw, RENDER_BUSY);
        check(render_step(step(&whole_rest, 10 * MINUTE_MS, 60, 0), &reference, &limits),
                        RENDER_FINE, 0, 0);
        check(render_step(step(&no_rest, 115 * S_MS, 60, 0), &reference, &limits), RENDER_FINE, 0,
                        0);

        limits.busy_s = 40;
        report = render_step(step(&whole_rest, 10 * MINUTE_MS, 60, 0), &reference, &limits);
        assert_int_equal(report.flaw, RENDER_BUSY);
        assert_in_range(report.at_ms, 40 * S_MS, 41 * S_MS);
}

/* A massager of one motor rests as a whole. Nobody can help it, while most is had. */
static void at_hand_rest_is_no_flaw_while_most_is_had(void **state)
{
        Technique no_rest = on_one_place(ZONE_KNEE_BELOW, 10 * S_MS, 0);
        const Routine routine = { .n_steps = 1,
                .steps = { step(&no_rest, 10 * MINUTE_MS, 60, 0) } };
        Layout one = { .n_actuators = 1, .actuators = { { .current_ma = 400 } }, .budget_ma = 500 };
        Limits limits = limits_hard;
        RenderReport report;

        check(render_at_hand(&routine, &one, &limits), RENDER_FINE, 0, 0);
        assert_int_equal(render(&routine, &one, &limits).flaw, RENDER_BUSY);
        /* 10 s of work, 30 of rest. */
        limits.busy_s = 10;
        report = render_at_hand(&routine, &one, &limits);
        assert_int_equal(report.flaw, RENDER_MOSTLY_REST);
        /* 40 of work. */
        limits.busy_s = 40;
        check(render_at_hand(&routine, &one, &limits), RENDER_FINE, 0, 0);
}

/* At 10 per mille a second a step at full strength needs 80 s to rise to it. */
static void a_step_that_is_mostly_rise_is_found(void **state)
{
        Technique steady = on_one_place(ZONE_KNEE_BELOW, 110 * S_MS, 40 * S_MS);
        const Routine routine = {
                .n_steps = 2,
                .steps = { step(&steady, 300 * S_MS, 50, 0), step(&steady, 60 * S_MS, 100, 0) },
        };
        Limits slow = limits_hard;
        RenderReport report;

        slow.ramp_permille_per_s = 10;
        report = render_step(step(&steady, 30 * S_MS, 100, 0), &reference, &slow);
        assert_int_equal(report.flaw, RENDER_MOSTLY_RAMP);
        assert_true(report.at_ms < 5 * S_MS);
        check(render_step(step(&steady, 150 * S_MS, 100, 0), &reference, &slow), RENDER_FINE, 0, 0);
        check(render_step(step(&steady, 30 * S_MS, 100, 0), &reference, &limits_hard), RENDER_FINE,
                        0, 0);

        /* The sums are of one step: a long one before it that is had hides nothing. */
        report = render(&routine, &reference, &slow);
        assert_int_equal(report.flaw, RENDER_MOSTLY_RAMP);
        assert_int_equal(report.step, 1);
        assert_in_range(report.at_ms, 300 * S_MS, 305 * S_MS);

        /* The first flaw stays, also where the session ends in such a step. */
        slow.session_minutes = 1;
        report = render_step(step(&steady, 90 * S_MS, 100, 0), &reference, &slow);
        assert_int_equal(report.flaw, RENDER_MOSTLY_RAMP);
}

static void a_step_that_the_budget_mostly_takes_is_found(void **state)
{
        Layout layout = reference;
        RoutineStep strong = step(shipped_technique("friction"), MINUTE_MS, 100, 0);
        unsigned least = 0;
        RenderReport report;

        layout.budget_ma = 10;
        report = render_step(strong, &layout, &limits_hard);
        assert_int_equal(report.flaw, RENDER_MOSTLY_BUDGET);
        while (report.flaw != RENDER_FINE) {
                layout.budget_ma = (uint16_t) ++least;
                report = render_step(strong, &layout, &limits_hard);
                assert_true(report.flaw == RENDER_FINE || report.flaw == RENDER_MOSTLY_BUDGET);
        }
        /* One actuator at a time, 55 mA at full level, of which 800 per mille are allowed: half of
         * that, while it is touched. */
        assert_in_range(least, 10, 30);
        /* As strong as it is written, and no stronger. */
        strong.intensity_percent = 10;
        layout.budget_ma = (uint16_t) (least / 2);
        check(render_step(strong, &layout, &limits_hard), RENDER_FINE, 0, 0);
}

/* However it is cut, it is the same rendering. */
static void slices_are_the_whole(void **state)
{
        Config *config = shipped_config();
        Random random = { 5 };

        for (size_t i = 0; i < config->n_routines; i++) {
                Routine routine = config->routines[i];
                Render whole, cut;

                routine.steps[routine.n_steps - 1].heat_c = i % 2 ? 38 : 0;
                /* One of them heats for too long. */
                (void) routine_scale(&routine,
                                i == 1 ? 20 * MINUTE_MS
                                       : (uint32_t) random_between(&random, 1, 20) * MINUTE_MS);
                render_in_slices(&whole, &routine, &reference, &limits_hard, RENDER_AS_WRITTEN,
                                UINT32_MAX);
                render_in_slices(&cut, &routine, &reference, &limits_hard, RENDER_AS_WRITTEN,
                                (unsigned) random_between(&random, 1, 700));
                assert_int_equal(whole.report.flaw, cut.report.flaw);
                assert_int_equal(whole.report.at_ms, cut.report.at_ms);
                assert_int_equal(whole.now_ms, cut.now_ms);
                assert_int_equal(whole.heated_ms, cut.heated_ms);
                assert_true(whole.now_ms >= MINUTE_MS);
                /* Nothing is played after a flaw. */
                if (whole.report.flaw != RENDER_FINE)
                        assert_int_equal(whole.now_ms, whole.report.at_ms);
        }
        config_unref(config);
}

/* What is fine is had whole: played once more by a session that nobody looks into, it ends by
 * itself, and every place that the hand wants answers. */
static void what_is_fine_is_had(void **state)
{
        static const SessionPermit permit = { GOVERNOR_SCREENED, GOVERNOR_LATER_SESSION,
                UINT32_MAX };
        Random random = { 23 };
        unsigned fine = 0, wrong = 0;

        for (unsigned round = 0; round < 60; round++) {
                Technique technique = on_one_place((Zone) random_between(&random, 0, _ZONE_MAX - 1),
                                (uint32_t) random_between(&random, 5, 150) * S_MS,
                                (uint32_t) random_between(&random, 0, 45) * S_MS);
                const Routine routine = { .n_steps = 1,
                        .steps = { step(&technique,
                                        (uint32_t) random_between(&random, 1, 8) * MINUTE_MS,
                                        (unsigned) random_between(&random, 1, 100), 0) } };
                Governor *governor = governor_new(&reference, &limits_hard);
                unsigned withheld = 0;
                Session session;

                session_init(&session, &routine, routine.steps[0].intensity_percent, &reference,
                                governor, &limits_hard, &permit);
                assert_int_equal(session_armed(&session, 0), 0);
                for (uint64_t now_ms = SESSION_FRAME_MS; session.end == SESSION_END_NONE;
                                now_ms += SESSION_FRAME_MS) {
                        const SessionReadings readings = { .status_at_ms = now_ms };
                        const GovernedFrame *frame = session_tick(&session, now_ms, &readings);
                        uint16_t want[LAYOUT_ACTUATORS_MAX];

                        technique_levels(&session.contact, &reference, want);
                        for (unsigned i = 0; i < reference.n_actuators; i++)
                                withheld += session.step_ms > 10 * S_MS && want[i] == 1000 &&
                                            session_state(&session) == SESSION_PLAYING &&
                                            governed_frame_level(frame, i) == 0;
                }
                assert_int_equal(session.end, SESSION_END_FINISHED);
                governor_free(governor);

                if (render(&routine, &reference, &limits_hard).flaw == RENDER_FINE) {
                        assert_int_equal(withheld, 0);
                        fine++;
                } else
                        wrong++;
        }
        assert_true(fine > 10 && wrong > 10);
}

static void every_flaw_has_its_sentence(void **state)
{
        const Routine routine = { .n_steps = 2,
                .steps = { step(shipped_technique("glide"), MINUTE_MS, 60, 0),
                                step(shipped_technique("friction"), MINUTE_MS, 60, 41) } };
        char sentence[RENDER_SENTENCE_MAX];

        for (RenderFlaw flaw = RENDER_FINE + 1; flaw < _RENDER_FLAW_MAX; flaw++) {
                const RenderReport report = { flaw, 1, 83 * S_MS, ZONE_THIGH_FRONT_OUTER_UPPER };

                render_sentence(&routine, &limits_hard, &report, sentence);
                assert_int_equal(strncmp(sentence, "step 2 (friction) at 1:23: ", 27), 0);
                assert_true(strlen(sentence) > 60 && strlen(sentence) < sizeof(sentence) - 1);
                assert_string_equal(sentence + strlen(sentence) - 1, ".");
        }
}

static double cpu_ms(void)
{
        struct timespec now;

        assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
        return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

/* The hand and the governor alone: what 20 minutes cost whoever plays them. */
static double bare_ms(const Technique *technique)
{
        Governor *governor = governor_new(&reference, &limits_hard);
        GovernorInput input = { .wish = GOVERNOR_WISH_RUN,
                .screening = GOVERNOR_SCREENED,
                .experience = GOVERNOR_LATER_SESSION,
                .dose_left_ms = UINT32_MAX,
                .cap_permille = 480 };
        double begun_ms = cpu_ms();

        for (unsigned i = 1; i <= FRAMES; i++) {
                Contact contact = technique_contact(technique, i * SESSION_FRAME_MS, 100);

                input.now_ms = input.status_at_ms = i * SESSION_FRAME_MS;
                technique_levels(&contact, &reference, input.want_permille);
                (void) governor_step(governor, &input);
        }
        governor_free(governor);
        return cpu_ms() - begun_ms;
}

/* A ratio, as machines differ: twice what the hand and the governor cost alone. What it is here is
 * said; 20 minutes were seen to take 25 ms. */
static void rendering_costs_little_more_than_its_parts(void **state)
{
        const Technique *friction = shipped_technique("friction");
        const RoutineStep whole = step(friction, 20 * MINUTE_MS, 60, 0);
        double bare = 1e9, rendered = 1e9;

        for (unsigned i = 0; i < RUNS; i++) {
                double begun_ms;

                bare = MIN(bare, bare_ms(friction));
                begun_ms = cpu_ms();
                check(render_step(whole, &reference, &limits_hard), RENDER_FINE, 0, 0);
                rendered = MIN(rendered, cpu_ms() - begun_ms);
        }
        print_message("20 minutes: %.1f ms, hand and governor alone %.1f ms\n", rendered, bare);
        assert_true(rendered < 2 * bare);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_comes_with_kneed_suits_every_massager_that_reaches),
                cmocka_unit_test(a_place_without_actuator_is_found_with_its_step),
                cmocka_unit_test(a_routine_ends_where_the_session_does),
                cmocka_unit_test(heat_is_counted_over_all_steps),
                cmocka_unit_test(a_setpoint_over_the_limit_is_found),
                cmocka_unit_test(heat_needs_one_pad_that_the_budget_bears),
                cmocka_unit_test(a_place_that_must_rest_is_found_when_the_hand_is_still_there),
                cmocka_unit_test(at_hand_rest_is_no_flaw_while_most_is_had),
                cmocka_unit_test(a_step_that_is_mostly_rise_is_found),
                cmocka_unit_test(a_step_that_the_budget_mostly_takes_is_found),
                cmocka_unit_test(slices_are_the_whole),
                cmocka_unit_test(what_is_fine_is_had),
                cmocka_unit_test(every_flaw_has_its_sentence),
                cmocka_unit_test(rendering_costs_little_more_than_its_parts),
        };

        return cmocka_run_group_tests(tests, set_up, shipped_teardown);
}
