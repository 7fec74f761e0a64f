/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "common/macro.h"
#include "daemon/leg-map.h"
#include "tests/unit/layouts.h"
#include "tests/unit/rig.h"
#include "tests/unit/shipped.h"

/* Every routine that is shipped, on massagers of every make, from arming to rest. */

static const SessionPermit later = { GOVERNOR_SCREENED, GOVERNOR_LATER_SESSION, UINT32_MAX };
static const SessionPermit first = { GOVERNOR_SCREENED, GOVERNOR_FIRST_SESSION, UINT32_MAX };

static Config *config;
static NamedLayout layouts[LAYOUTS_N];

static int set_up(void **state)
{
        layouts_make(layouts);
        config = shipped_config();
        return 0;
}

static int tear_down(void **state)
{
        config = config_unref(config);
        return 0;
}

/* What must hold after every tick. */
static void check_tick(const Rig *rig, const GovernedFrame *frame, unsigned most, unsigned *ceiling)
{
        uint64_t power = 0;

        *ceiling = MIN(*ceiling + 2 * 1000, most * 1000); /* 100 per mille a second */
        for (unsigned i = 0; i < rig->facts.layout.n_actuators; i++) {
                unsigned level = governed_frame_level(frame, i);

                assert_true(level * 1000 <= *ceiling);
                if (leg_keep_out(&rig->facts.layout.actuators[i].place)) {
                        assert_int_equal(level, 0);
                        assert_int_equal(sim_model_motor_permille(&rig->model, i), 0);
                }
                power += (uint64_t) level * rig->facts.layout.actuators[i].current_ma;
        }
        assert_true(power <= rig->facts.layout.budget_ma * 1000ull);
}

static void check_rest(Rig *rig)
{
        rig_pass(rig, SIM_SPIN_DOWN_MS + 10);
        assert_int_equal(rig->status.state, DEVICE_IDLE);
        for (unsigned i = 0; i < rig->facts.layout.n_actuators; i++)
                assert_int_equal(sim_model_motor_permille(&rig->model, i), 0);
}

/* SR-LEVEL, SR-KEEP-OUT, SR-CURRENT */
static void every_routine_ends_finished_and_keeps_every_limit(void **state)
{
        for (size_t r = 0; r < config->n_routines; r++)
                for (size_t l = 0; l < LAYOUTS_N; l++) {
                        unsigned ceiling = 0, ticks = 0, felt = 0;
                        Rig rig;

                        rig_open(&rig, &layouts[l].layout);
                        rig_start(&rig, &config->routines[r], 100, &later);
                        while (rig_tick(&rig)) {
                                check_tick(&rig, rig.frame, 800, &ceiling);
                                for (unsigned i = 0; i < rig.facts.layout.n_actuators; i++)
                                        felt = MAX(felt, sim_model_motor_permille(&rig.model, i));
                                ticks++;
                        }

                        assert_int_equal(rig.session.end, SESSION_END_FINISHED);
                        assert_in_range(ticks, routine_duration_ms(&config->routines[r]) / 20 - 2,
                                        routine_duration_ms(&config->routines[r]) / 20 + 2);
                        assert_true(felt > (streq(layouts[l].name, "hungry") ? 50 : 300));
                        check_rest(&rig);
                        rig_close(&rig);
                }
}

static void a_first_session_stays_under_the_lower_limit(void **state)
{
        unsigned ceiling = 0;
        Rig rig;

        rig_open(&rig, &layouts[0].layout);
        rig_start(&rig, config_find_routine(config, "daily"), 100, &first);
        while (rig_tick(&rig))
                check_tick(&rig, rig.frame, 400, &ceiling);
        rig_close(&rig);
}

/* Which part of the leg each routine works on: the thigh lies above 100 mm. */
static void friction_stays_around_the_kneecap_and_the_others_on_the_thigh(void **state)
{
        static const struct {
                const char *routine;
                bool knee;
        } cases[] = { { "friction", true }, { "tapping", false }, { "glide", false } };

        for (size_t c = 0; c < ELEMENTSOF(cases); c++) {
                Rig rig;

                rig_open(&rig, &layouts[0].layout);
                rig_start(&rig, config_find_routine(config, cases[c].routine), 60, &later);
                while (rig_tick(&rig))
                        for (unsigned i = 0; i < rig.facts.layout.n_actuators; i++) {
                                bool knee = rig.facts.layout.actuators[i].place.height_mm < 100;

                                if (knee != cases[c].knee)
                                        assert_int_equal(governed_frame_level(rig.frame, i), 0);
                        }
                rig_close(&rig);
        }
}

/* The frames a person gets follow the hand: the governor takes nothing away in mid-stroke. */
static void the_governor_lets_the_shipped_techniques_through(void **state)
{
        for (unsigned tempo = 50; tempo <= 150; tempo += 50)
                for (size_t r = 0; r < config->n_routines; r++) {
                        Routine routine = config->routines[r];
                        unsigned wanted = 0, withheld = 0;
                        Rig rig;

                        for (unsigned i = 0; i < routine.n_steps; i++)
                                routine.steps[i].tempo_percent = (uint8_t) tempo;
                        rig_open(&rig, &layouts[0].layout);
                        rig_start(&rig, &routine, 60, &later);
                        while (rig_tick(&rig)) {
                                uint16_t want[LAYOUT_ACTUATORS_MAX];

                                if (session_state(&rig.session) != SESSION_PLAYING)
                                        continue;
                                technique_levels(&rig.session.contact, &rig.facts.layout, want);
                                for (unsigned i = 0; i < rig.facts.layout.n_actuators; i++) {
                                        wanted += want[i] > 500;
                                        withheld += want[i] > 500 && rig.session.step_ms > 3000 &&
                                                    governed_frame_level(rig.frame, i) == 0;
                                }
                        }
                        assert_true(wanted > 1000);
                        assert_int_equal(withheld, 0);
                        rig_close(&rig);
                }
}

/* Power as a person feels it: the sum of squares of what the motors do. */
static double felt_power(const Rig *rig)
{
        double sum = 0;

        for (unsigned i = 0; i < rig->facts.layout.n_actuators; i++)
                sum += pow(sim_model_motor_permille(&rig->model, i), 2);

        return sum;
}

static double felt_over_a_minute(
                const char *name, unsigned intensity, unsigned tempo, unsigned *ret_beats)
{
        Routine routine = *config_find_routine(config, name);
        double sum = 0;
        bool on = false;
        Rig rig;

        *ret_beats = 0;
        routine.steps[0].tempo_percent = (uint8_t) tempo;
        rig_open(&rig, &layouts[0].layout);
        rig_start(&rig, &routine, intensity, &later);
        for (unsigned i = 0; i < 90 * 50 && rig_tick(&rig); i++) {
                bool now = rig.session.contact.strength_permille > 500;

                if (i < 30 * 50)
                        continue;
                *ret_beats += now && !on;
                on = now;
                sum += felt_power(&rig);
        }
        rig_close(&rig);
        return sum;
}

static void intensity_and_tempo_are_felt(void **state)
{
        static const char *const names[] = { "tapping", "glide", "friction" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                unsigned beats, slow, fast;
                double soft = felt_over_a_minute(names[i], 30, 100, &beats);
                double strong = felt_over_a_minute(names[i], 90, 100, &beats);

                assert_true(strong > 4 * soft && soft > 0);
                (void) felt_over_a_minute(names[i], 60, 50, &slow);
                (void) felt_over_a_minute(names[i], 60, 150, &fast);
                assert_true(fast > 2 * slow && slow > 0);
        }
}

/* SR-STOP */
static void a_stop_at_any_moment_leaves_nothing_on(void **state)
{
        Random random = { 99 };

        for (int round = 0; round < 60; round++) {
                size_t r = (size_t) random_between(&random, 0, (int64_t) config->n_routines - 1);
                size_t l = (size_t) random_between(&random, 0, LAYOUTS_N - 1);
                unsigned ticks = (unsigned) random_between(&random, 1, 3000);
                Rig rig;

                rig_open(&rig, &layouts[l].layout);
                rig_start(&rig, &config->routines[r], 100, &later);
                while (ticks-- > 0)
                        (void) rig_tick(&rig);
                session_end(&rig.session, rig.now_ms, SESSION_END_STOPPED);
                assert_null(session_tick(&rig.session, rig.now_ms, &rig.readings));
                assert_int_equal(driver_kneed.stop(rig.device), 0);
                check_rest(&rig);
                rig_close(&rig);
        }
}

/* SR-CUT-OFF: A host that dies in mid-session: the massager's own cut-off, without anybody's help.
 */
static void a_host_that_falls_silent_leaves_nothing_on(void **state)
{
        Rig rig;

        rig_open(&rig, &layouts[0].layout);
        rig_start(&rig, config_find_routine(config, "tapping"), 100, &later);
        for (int i = 0; i < 50 * 40; i++)
                (void) rig_tick(&rig);
        rig_pass(&rig, 300 + SIM_SPIN_DOWN_MS + 10);
        assert_int_equal(rig.status.state, DEVICE_IDLE);
        assert_int_equal(rig.status.trouble, DEVICE_TROUBLE_HOST_SILENT);
        assert_false(rig.status.moving);
        rig_close(&rig);
}

/* SR-SILENT */
static void a_silent_massager_ends_the_session(void **state)
{
        Rig rig;
        unsigned ticks = 0;

        rig_open(&rig, &layouts[0].layout);
        rig_start(&rig, config_find_routine(config, "friction"), 60, &later);
        for (int i = 0; i < 50 * 10; i++)
                (void) rig_tick(&rig);
        sim_model_inject(&rig.model, rig.now_ms, SIM_FAULT_MUTE);
        while (rig_tick(&rig))
                assert_true(++ticks < 50);
        assert_int_equal(rig.session.end, SESSION_END_MASSAGER_SILENT);
        rig_close(&rig);
}

/* Knee friction with warm pads, on a massager that has some, until they are a degree warmer. */
static void start_warm(Rig *rig)
{
        static Routine warm;
        size_t i = 0;

        warm = *config_find_routine(config, "friction");
        warm.steps[0].heat_c = 40;
        while (layouts[i].layout.n_heaters == 0)
                assert_true(++i < LAYOUTS_N);
        rig_open(rig, &layouts[i].layout);
        rig_start(rig, &warm, 60, &later);
        while (sim_model_heater_cc(&rig->model, 0) < SIM_SKIN_CC + 100)
                assert_true(rig_tick(rig));
}

static bool heats(const Rig *rig)
{
        for (unsigned i = 0; i < rig->facts.layout.n_heaters; i++)
                if (governed_frame_setpoint_cc(rig->frame, i) > 0)
                        return true;

        return false;
}

/* A sensor that is gone ends the heat at once, one that stands still when that is noticed; neither
 * ends the massage. */
static void without_a_sensor_there_is_no_heat(void **state)
{
        static const struct {
                uint32_t fault;
                unsigned most_ms;
        } cases[] = {
                { SIM_FAULT_LOST_SENSOR, GOVERNOR_STATUS_FRESH_MS },
                { SIM_FAULT_STUCK_SENSOR, GOVERNOR_FLAT_MS + GOVERNOR_STATUS_FRESH_MS },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint64_t injected_ms;
                Rig rig;

                start_warm(&rig);
                injected_ms = rig.now_ms;
                sim_model_inject(&rig.model, rig.now_ms, cases[i].fault);
                while (rig_tick(&rig) && heats(&rig))
                        assert_true(rig.now_ms - injected_ms <= cases[i].most_ms);
                for (unsigned t = 0; t < 50 * 60 && rig_tick(&rig); t++)
                        assert_false(heats(&rig));
                assert_int_equal(session_state(&rig.session), SESSION_PLAYING);
                rig_close(&rig);
        }
}

/* kneed cannot know; the massager's own thermostat does. */
static void a_sensor_that_lies_leaves_the_heat_to_the_massager(void **state)
{
        Rig rig;

        start_warm(&rig);
        sim_model_inject(&rig.model, rig.now_ms, SIM_FAULT_LYING_SENSOR);
        while (rig.model.state == KNEED_STATE_ARMED) {
                (void) rig_tick(&rig);
                assert_true(sim_model_heater_cc(&rig.model, 0) <= SIM_HEATER_HOT_CC + 1);
        }
        rig_pass(&rig, 60 * 1000);
        assert_true(sim_model_heater_cc(&rig.model, 0) < SIM_HEATER_HOT_CC);
        rig_close(&rig);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_routine_ends_finished_and_keeps_every_limit),
                cmocka_unit_test(a_first_session_stays_under_the_lower_limit),
                cmocka_unit_test(friction_stays_around_the_kneecap_and_the_others_on_the_thigh),
                cmocka_unit_test(the_governor_lets_the_shipped_techniques_through),
                cmocka_unit_test(intensity_and_tempo_are_felt),
                cmocka_unit_test(a_stop_at_any_moment_leaves_nothing_on),
                cmocka_unit_test(a_host_that_falls_silent_leaves_nothing_on),
                cmocka_unit_test(a_silent_massager_ends_the_session),
                cmocka_unit_test(without_a_sensor_there_is_no_heat),
                cmocka_unit_test(a_sensor_that_lies_leaves_the_heat_to_the_massager),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
