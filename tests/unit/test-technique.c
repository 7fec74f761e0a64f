/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/technique.h"
#include "tests/unit/layouts.h"
#include "tests/unit/shipped.h"

#define TICK_MS 20u

static const char *const all[] = { "tapping", "glide", "friction" };

/* The centre of pressure: where a person would point to. */
static LegPoint centre(const Layout *layout, const uint16_t *levels)
{
        double sum = 0, angle = 0, height = 0;

        for (unsigned i = 0; i < layout->n_actuators; i++) {
                sum += levels[i];
                angle += levels[i] * (double) layout->actuators[i].place.angle_deg;
                height += levels[i] * (double) layout->actuators[i].place.height_mm;
        }

        return (LegPoint){ angle / sum, height / sum };
}

static bool any(const Layout *layout, const uint16_t *levels)
{
        for (unsigned i = 0; i < layout->n_actuators; i++)
                if (levels[i] > 0)
                        return true;

        return false;
}

static void tapping_travels_from_hip_to_knee_on_front_and_both_sides(void **state)
{
        const Technique *t = shipped_technique("tapping");
        bool front = false, outer = false, inner = false;

        for (uint64_t begin = 0; begin < technique_round_ms(t);) {
                uint64_t end = technique_next_place_ms(t, begin);
                Contact first = technique_contact(t, begin, 100),
                        last = technique_contact(t, end - 1, 100);
                double before = HUGE_VAL;

                assert_true(first.at.height_mm >= 230 && last.at.height_mm <= 150);
                for (uint64_t ms = begin; ms < end; ms += TICK_MS) {
                        Contact c = technique_contact(t, ms, 100);

                        assert_true(c.at.height_mm <= before);
                        assert_true(fabs(c.at.angle_deg - first.at.angle_deg) < 1);
                        before = c.at.height_mm;
                }
                front = front || fabs(first.at.angle_deg) < 20;
                outer = outer || first.at.angle_deg > 40;
                inner = inner || first.at.angle_deg < -40;
                begin = end;
        }

        assert_true(front && outer && inner);
}

/* Beats in a round: how often the hand comes down. */
static unsigned count_beats(const Technique *t, unsigned tempo_percent)
{
        unsigned beats = 0;
        bool down = false;

        for (uint64_t ms = 0; ms < technique_round_ms(t); ms++) {
                bool now = technique_contact(t, ms, tempo_percent).strength_permille > 500;

                beats += now && !down;
                down = now;
        }

        return beats;
}

static void tapping_drums_and_lifts_between_taps(void **state)
{
        unsigned seconds = (unsigned) technique_round_ms(shipped_technique("tapping")) / 1000;

        assert_in_range(count_beats(shipped_technique("tapping"), 100) / seconds, 2, 6);
}

static void tempo_changes_the_beat_and_not_the_stay(void **state)
{
        for (size_t i = 0; i < 3; i++) {
                unsigned slow, fast;

                slow = count_beats(shipped_technique(all[i]), 50);
                fast = count_beats(shipped_technique(all[i]), 150);
                assert_in_range(fast * 10 / slow, 25, 32);
        }
}

static void glide_strokes_down_and_is_quiet_on_the_way_back(void **state)
{
        const Technique *t = shipped_technique("glide");
        double height = HUGE_VAL;
        unsigned touching = 0, ticks = 0;

        for (uint64_t ms = 0; ms < technique_round_ms(t); ms += TICK_MS, ticks++) {
                Contact c = technique_contact(t, ms, 100);

                if (c.strength_permille == 0) {
                        height = HUGE_VAL;
                        continue;
                }
                touching++;
                assert_true(c.at.height_mm <= height);
                assert_true(fabs(c.at.angle_deg) < 60);
                height = c.at.height_mm;
        }

        /* A steady rhythm: as long on the way as it takes to feel it, and a rest after each. */
        assert_in_range(touching * 100 / ticks, 40, 80);
}

static void friction_circles_around_the_kneecap_and_never_on_it(void **state)
{
        const Technique *t = shipped_technique("friction");
        static const Zone order[] = { ZONE_KNEE_ABOVE, ZONE_KNEE_OUTER, ZONE_KNEE_BELOW,
                ZONE_KNEE_INNER };
        uint64_t begin = 0;

        for (size_t i = 0; i < 4; i++) {
                uint64_t end = technique_next_place_ms(t, begin);
                double turned = 0, angle_before = 0;

                for (uint64_t ms = begin; ms < end; ms += TICK_MS) {
                        Contact c = technique_contact(t, ms, 100);
                        LegPoint middle = zone_place(order[i]);
                        double across = (c.at.angle_deg - middle.angle_deg) * LEG_MM_PER_DEGREE;
                        double angle = atan2(across, c.at.height_mm - middle.height_mm);
                        double step = remainder(angle - angle_before, 2 * M_PI);

                        assert_true(leg_distance_mm(c.at, (LegPoint){ 0, 0 }) > 32);
                        assert_true(leg_distance_mm(c.at, middle) < 20);
                        if (ms > begin)
                                turned += step;
                        angle_before = angle;
                }
                assert_true(fabs(turned) / (2 * M_PI) > 8);
                begin = end;
        }
        assert_int_equal(begin, technique_round_ms(t));
}

static const Technique two_circles = {
        .name = "two-circles",
        .n_motions = 2,
        .motions = { { .kind = MOTION_CIRCLE,
                                     .duration_ms = 10001,
                                     .beat_ms = 1000,
                                     .radius_mm = 30,
                                     .circle_mm = 15,
                                     .n_path = 3,
                                     .path = { ZONE_KNEE_ABOVE, ZONE_KNEE_OUTER, ZONE_KNEE_BELOW },
                                     .n_envelope = 3,
                                     .envelope = { { 0, 0 }, { 500, 1000 }, { 1000, 0 } } },
                        { .kind = MOTION_REST, .duration_ms = 5000 } },
};

static void an_eased_hand_goes_on_to_the_next_place(void **state)
{
        static const Zone order[] = { ZONE_KNEE_ABOVE, ZONE_KNEE_OUTER, ZONE_KNEE_BELOW };
        uint64_t begin = 10001 + 5000;

        for (size_t i = 0; i < 3; i++) {
                uint64_t end = technique_next_place_ms(&two_circles, begin);

                for (uint64_t ms = begin; ms < end; ms++) {
                        LegPoint at = technique_contact(&two_circles, ms, 100).at;

                        assert_int_equal(technique_next_place_ms(&two_circles, ms), end);
                        assert_true(leg_distance_mm(at, zone_place(order[i])) < 15.01);
                }
                begin = end;
        }
        assert_int_equal(begin, 2 * 10001 + 5000);
        assert_int_equal(technique_next_place_ms(&two_circles, begin), 2 * 15001);
}

/* A motion with a phase is the same motion, begun so much earlier: strength and way. */
static void a_phase_is_a_part_of_the_first_beat(void **state)
{
        Technique late = two_circles;

        late.motions[0].n_path = 1;
        late.motions[0].path[0] = ZONE_KNEE_INNER;
        for (unsigned tempo = 50; tempo <= 150; tempo += 50)
                for (unsigned percent = 0; percent < 100; percent += 10) {
                        Technique early = late;
                        /* How long so much of a beat takes at that tempo. */
                        unsigned ahead_ms = percent * 1000 / tempo;

                        if (percent * 1000 % tempo > 0)
                                continue;
                        early.motions[0].phase_permille = (uint16_t) (percent * 10);
                        for (uint64_t ms = 0; ms < 6000; ms += TICK_MS) {
                                Contact a = technique_contact(&early, ms, tempo);
                                Contact b = technique_contact(&late, ms + ahead_ms, tempo);

                                assert_int_equal(a.strength_permille, b.strength_permille);
                                assert_true(leg_distance_mm(a.at, b.at) < 0.001);
                        }
                }
}

/* SR-KEEP-OUT: However large circles may be, around whatever zone. */
static void no_circle_reaches_the_kneecap(void **state)
{
        Technique t = two_circles;

        t.motions[0].n_path = 1;
        t.motions[0].circle_mm = TECHNIQUE_CIRCLE_MAX_MM;
        for (Zone zone = 0; zone < _ZONE_MAX; zone++) {
                t.motions[0].path[0] = zone;
                for (uint64_t ms = 0; ms < 1000; ms++) {
                        Contact c = technique_contact(&t, ms, 100);

                        assert_true(leg_distance_mm(c.at, (LegPoint){ 0, 0 }) > 32);
                }
        }
}

static void centre_of_pressure_follows_the_hand(void **state)
{
        static const struct {
                size_t layout;
                double within_mm; /* half of the gap between its actuators, and a little */
        } cases[] = { { 0, 52 }, { 1, 30 }, { 2, 70 } };
        NamedLayout layouts[LAYOUTS_N];
        uint16_t levels[LAYOUT_ACTUATORS_MAX];

        layouts_make(layouts);
        for (size_t c = 0; c < 3; c++)
                for (size_t i = 0; i < 3; i++) {
                        const Technique *technique = shipped_technique(all[i]);

                        for (uint64_t ms = 0; ms < technique_round_ms(technique); ms += TICK_MS) {
                                const Layout *layout = &layouts[cases[c].layout].layout;
                                Contact contact = technique_contact(technique, ms, 100);

                                technique_levels(&contact, layout, levels);
                                if (!any(layout, levels))
                                        continue;
                                assert_true(leg_distance_mm(centre(layout, levels), contact.at) <
                                                cases[c].within_mm);
                        }
                }
}

static void the_nearest_actuator_answers_with_half_the_strength(void **state)
{
        Random random = { 7 };
        uint16_t levels[LAYOUT_ACTUATORS_MAX];
        Layout layout;

        for (int round = 0; round < 20000; round++) {
                Contact contact = {
                        .at = { (double) random_between(&random, -179, 180),
                                        (double) random_between(&random, -100, 300) },
                        .radius_mm = (double) random_between(&random, 10, 60),
                        .strength_permille = (unsigned) random_between(&random, 1, 1000),
                };
                double nearest = HUGE_VAL;
                unsigned most = 0;

                layout_random(&random, 12, &layout);
                technique_levels(&contact, &layout, levels);
                for (unsigned i = 0; i < layout.n_actuators; i++) {
                        const Place *place = &layout.actuators[i].place;
                        LegPoint at = { place->angle_deg, place->height_mm };

                        assert_true(levels[i] <= contact.strength_permille);
                        if (leg_keep_out(place))
                                assert_int_equal(levels[i], 0);
                        else if (!place->known)
                                assert_int_equal(levels[i], contact.strength_permille);
                        else {
                                nearest = fmin(nearest, leg_distance_mm(contact.at, at));
                                most = levels[i] > most ? levels[i] : most;
                        }
                }

                if (nearest <= LEG_REACH_MM)
                        assert_true(most * 2 >= contact.strength_permille - 1);
                else
                        assert_int_equal(most, 0);
        }
}

static void a_lifted_hand_touches_nothing(void **state)
{
        NamedLayout layouts[LAYOUTS_N];
        uint16_t levels[LAYOUT_ACTUATORS_MAX];
        Contact contact = { .at = { 0, 55 }, .radius_mm = 500, .strength_permille = 0 };

        layouts_make(layouts);
        for (size_t i = 0; i < LAYOUTS_N; i++) {
                technique_levels(&contact, &layouts[i].layout, levels);
                assert_false(any(&layouts[i].layout, levels));
        }
}

static void a_massager_without_the_place_is_refused_with_the_zone(void **state)
{
        Layout knee = { .n_actuators = 1 }, thigh = { .n_actuators = 1 };
        Zone zone;

        knee.actuators[0] = actuator_at(0, 55, 10);
        thigh.actuators[0] = actuator_at(0, 200, 10);

        assert_int_equal(technique_check(shipped_technique("tapping"), &knee, &zone), -ENXIO);
        assert_int_equal(zone, ZONE_THIGH_FRONT_UPPER);
        assert_int_equal(technique_check(shipped_technique("friction"), &thigh, &zone), -ENXIO);
        assert_int_equal(zone, ZONE_KNEE_ABOVE);
        /* One spot above the kneecap is not enough to go around it. */
        assert_int_equal(technique_check(shipped_technique("friction"), &knee, &zone), -ENXIO);
        assert_int_equal(zone, ZONE_KNEE_BELOW);
}

static void an_actuator_in_a_keep_out_does_not_count_as_reach(void **state)
{
        Layout layout = { .n_actuators = 1 };
        Zone zone;

        layout.actuators[0] = actuator_at(0, 0, 10); /* near all four places, but on the kneecap */
        assert_int_equal(technique_check(shipped_technique("friction"), &layout, &zone), -ENXIO);
}

static void techniques_play_on_every_layout_that_has_their_places(void **state)
{
        NamedLayout layouts[LAYOUTS_N];
        Zone zone;

        layouts_make(layouts);
        for (size_t l = 0; l < LAYOUTS_N; l++)
                for (size_t i = 0; i < 3; i++)
                        assert_int_equal(technique_check(shipped_technique(all[i]),
                                                         &layouts[l].layout, &zone),
                                        0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(tapping_travels_from_hip_to_knee_on_front_and_both_sides),
                cmocka_unit_test(tapping_drums_and_lifts_between_taps),
                cmocka_unit_test(tempo_changes_the_beat_and_not_the_stay),
                cmocka_unit_test(glide_strokes_down_and_is_quiet_on_the_way_back),
                cmocka_unit_test(friction_circles_around_the_kneecap_and_never_on_it),
                cmocka_unit_test(an_eased_hand_goes_on_to_the_next_place),
                cmocka_unit_test(a_phase_is_a_part_of_the_first_beat),
                cmocka_unit_test(no_circle_reaches_the_kneecap),
                cmocka_unit_test(centre_of_pressure_follows_the_hand),
                cmocka_unit_test(the_nearest_actuator_answers_with_half_the_strength),
                cmocka_unit_test(a_lifted_hand_touches_nothing),
                cmocka_unit_test(a_massager_without_the_place_is_refused_with_the_zone),
                cmocka_unit_test(an_actuator_in_a_keep_out_does_not_count_as_reach),
                cmocka_unit_test(techniques_play_on_every_layout_that_has_their_places),
        };

        return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
