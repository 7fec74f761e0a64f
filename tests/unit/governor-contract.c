/* SPDX-License-Identifier: MIT */
#include "tests/unit/governor-contract.h"

#include "daemon/leg-map.h"
#include "tests/unit/cmocka-all.h"

void contract_init(Contract *c, const Layout *layout, const Limits *limits)
{
        *c = (Contract){ .layout = *layout };
        contract_begin(c, limits);
}

void contract_begin(Contract *c, const Limits *limits)
{
        c->limits = *limits;
        c->session_ms = 0;
        c->heat_ms = 0;
        c->ceiling_micro = 0;
}

static bool is_fresh(const GovernorInput *in)
{
        return in->status_at_ms <= in->now_ms && in->now_ms - in->status_at_ms <= 250;
}

static uint64_t power_ma_permille(const Contract *c, const GovernedFrame *frame)
{
        uint64_t sum = 0;

        for (unsigned i = 0; i < c->layout.n_actuators; i++)
                sum += (uint64_t) governed_frame_level(frame, i) *
                       c->layout.actuators[i].current_ma;
        for (unsigned i = 0; i < c->layout.n_heaters; i++)
                if (governed_frame_setpoint_cc(frame, i) > 0)
                        sum += 1000ull * c->layout.heaters[i].current_ma;

        return sum;
}

static void check_zero(const GovernedFrame *frame)
{
        for (unsigned i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                assert_int_equal(governed_frame_level(frame, i), 0);
        for (unsigned i = 0; i < LAYOUT_HEATERS_MAX; i++)
                assert_int_equal(governed_frame_setpoint_cc(frame, i), 0);
}

static void check_may_run(const Contract *c, const Governor *g, const GovernorInput *in, bool late)
{
        assert_int_equal(in->wish, GOVERNOR_WISH_RUN);
        assert_int_equal(governor_latched(g), GOVERNOR_LATCH_NONE);
        assert_true(is_fresh(in));
        assert_int_equal(in->screening, GOVERNOR_SCREENED);
        assert_true(in->dose_left_ms > 0);
        assert_true(c->session_ms < c->limits.session_minutes * 60000ull);
        assert_false(late);
}

static void check_levels(
                Contract *c, const GovernorInput *in, const GovernedFrame *frame, uint64_t dt_ms)
{
        uint64_t most = in->cap_permille;

        if (most > c->limits.level_permille)
                most = c->limits.level_permille;
        if (in->experience != GOVERNOR_LATER_SESSION && most > c->limits.first_level_permille)
                most = c->limits.first_level_permille;

        c->ceiling_micro += dt_ms * c->limits.ramp_permille_per_s;
        if (c->ceiling_micro > most * 1000)
                c->ceiling_micro = most * 1000;

        for (unsigned i = 0; i < c->layout.n_actuators; i++) {
                unsigned level = governed_frame_level(frame, i);

                assert_true(level <= in->want_permille[i]);
                assert_true(level * 1000ull <= c->ceiling_micro);
                if (leg_keep_out(&c->layout.actuators[i].place))
                        assert_int_equal(level, 0);
        }

        assert_true(power_ma_permille(c, frame) <= c->layout.budget_ma * 1000ull);
}

static void check_rest(Contract *c, const GovernedFrame *frame, uint64_t now_ms)
{
        for (unsigned i = 0; i < c->layout.n_actuators; i++) {
                ContractActuator *a = &c->actuators[i];

                if (c->had_level[i])
                        a->last_worked_ms = now_ms;
                if (a->working && now_ms - a->last_worked_ms >= 30000)
                        a->working = false;
                c->had_level[i] = governed_frame_level(frame, i) > 0;
                if (!c->had_level[i])
                        continue;

                if (!a->working)
                        a->work_began_ms = now_ms;
                a->working = true;
                assert_true(now_ms - a->work_began_ms < c->limits.busy_s * 1000ull);
        }
}

static int readings_differ_by(const Contract *c, const GovernorInput *in)
{
        int most = 0;

        for (unsigned i = 0; i < c->layout.n_heaters; i++)
                for (unsigned j = 0; j < c->layout.n_heaters; j++)
                        if (in->reading[i].present && in->reading[j].present &&
                                        in->reading[i].temperature_cc - in->reading[j].temperature_cc >
                                                        most)
                                most = in->reading[i].temperature_cc -
                                       in->reading[j].temperature_cc;

        return most;
}

/* How long a heater has heated without any change of its reading. */
static void watch_flat(Contract *c, const GovernorInput *in, uint64_t dt_ms)
{
        for (unsigned i = 0; i < c->layout.n_heaters; i++) {
                if (!in->reading[i].present || !is_fresh(in))
                        continue;
                if (in->reading[i].temperature_cc != c->reading_cc[i])
                        c->flat_ms[i] = 0;
                else if (c->had_setpoint[i])
                        c->flat_ms[i] += dt_ms;
                c->reading_cc[i] = in->reading[i].temperature_cc;
        }
}

static void check_heat(Contract *c, const GovernorInput *in, const GovernedFrame *frame)
{
        c->had_heat = false;
        for (unsigned i = 0; i < c->layout.n_heaters; i++) {
                unsigned setpoint = governed_frame_setpoint_cc(frame, i);

                c->had_setpoint[i] = setpoint > 0;
                if (setpoint == 0)
                        continue;
                c->had_heat = true;
                assert_true(setpoint <= in->want_setpoint_cc[i]);
                assert_true(setpoint <= c->limits.setpoint_cc && setpoint <= 4100);
                assert_true(in->reading[i].present && is_fresh(in));
                assert_in_range(in->reading[i].temperature_cc, 501, 4300);
                assert_false(leg_keep_out(&c->layout.heaters[i].place));
                assert_true(readings_differ_by(c, in) <= 2000);
                assert_true(c->flat_ms[i] < 20000);
                assert_true(c->heat_ms < c->limits.heat_minutes * 60000ull);
        }
}

/* Too hot at once, or warm for too long, latches; whoever clears it is the test. */
static void check_hot(Contract *c, const Governor *g, const GovernorInput *in, uint64_t dt_ms)
{
        for (unsigned i = 0; i < c->layout.n_heaters; i++) {
                if (!in->reading[i].present || !is_fresh(in))
                        continue;
                c->hot_ms[i] = in->reading[i].temperature_cc > 4200 ? c->hot_ms[i] + dt_ms : 0;
                if (in->reading[i].temperature_cc > 4300 || c->hot_ms[i] >= 10000)
                        assert_int_not_equal(governor_latched(g), GOVERNOR_LATCH_NONE);
        }
}

void contract_check(
                Contract *c, const Governor *g, const GovernorInput *in, const GovernedFrame *frame)
{
        bool back = c->any_step && in->now_ms < c->last_ms;
        uint64_t dt_ms = c->any_step && !back ? in->now_ms - c->last_ms : 0;
        bool running = governor_verdict(g) == GOVERNOR_RUNNING;

        if (c->was_running)
                c->session_ms += dt_ms;
        if (c->had_heat)
                c->heat_ms += dt_ms;
        if (!back)
                c->last_ms = in->now_ms;
        c->any_step = true;
        c->was_running = running;

        check_hot(c, g, in, dt_ms);
        watch_flat(c, in, dt_ms);
        if (running) {
                check_may_run(c, g, in, back || dt_ms > 100);
                check_levels(c, in, frame, dt_ms);
        } else {
                check_zero(frame);
                c->ceiling_micro = 0;
        }
        check_rest(c, frame, c->last_ms);
        check_heat(c, in, frame);
}
