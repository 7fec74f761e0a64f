/* SPDX-License-Identifier: MIT */
#pragma once

/* The words in which the governor's contract is written, in ACSL: for Frama-C, and for whoever
 * reads the clauses at governor_step(). To the compiler all of this is comment. docs/proof.md says
 * what is proved. */

#include "daemon/governor-private.h"
#include "daemon/leg-map.h"

/* Each line of the table of limits, as part of a predicate. */
#define AT_MOST_HARD(field, strictest, hard, unit, what)  limits->field <= hard &&
#define AT_MOST_ASKED(field, strictest, hard, unit, what) limits->field <= asked->field &&

/* The same of a governor's own limits and of the limits that a function was given, spelled out. */
#define OWN_AT_MOST_HARD(field, strictest, hard, unit, what) g->limits.field <= hard &&
#define OWN_AT_MOST_ASKED(field, strictest, hard, unit, what) \
        g->limits.field <= \old(limits->field) &&

/* sound(g) spelled out: the prover does not look into a predicate as far as this needs. */
#define SPELLED_SOUND                                                                       \
        g->n_actuators <= LAYOUT_ACTUATORS_MAX && g->n_heaters <= LAYOUT_HEATERS_MAX &&     \
                        g->frame.n == g->n_actuators &&                                     \
                        ((g->frequency_min_hz == 0 && g->frequency_max_hz == 0) ||          \
                                        GOVERNOR_FREQUENCY_MIN_HZ <= g->frequency_min_hz <= \
                                                        g->frequency_max_hz <=              \
                                                        GOVERNOR_FREQUENCY_MAX_HZ) &&       \
                        (\forall integer i; 0 <= i<g->n_actuators ==> 0 <=                  \
                                            g->actuators[i].current_ma <= UINT16_MAX) &&    \
                        (\forall integer i; 0 <= i<g->n_heaters ==> 0 <=                    \
                                            g->heaters[i].current_ma <= UINT16_MAX) &&      \
                        LIMITS(OWN_AT_MOST_HARD) g->ceiling_micro <= 800 * MICRO_PER_PERMILLE

/*@ predicate at_most_hard(Limits *limits) = LIMITS(AT_MOST_HARD) \true;

    predicate at_most_asked(Limits *limits, Limits *asked) = LIMITS(AT_MOST_ASKED) \true;

    predicate frequencies_sound(Governor *g) =
        (g->frequency_min_hz == 0 && g->frequency_max_hz == 0) ||
        GOVERNOR_FREQUENCY_MIN_HZ <= g->frequency_min_hz <= g->frequency_max_hz <=
            GOVERNOR_FREQUENCY_MAX_HZ;

    predicate range_suits(Layout *layout, integer n, integer low, integer high) =
        \forall integer i; 0 <= i < n && layout->actuators[i].frequency_max_hz > 0 ==>
            layout->actuators[i].frequency_min_hz <= low &&
            high <= layout->actuators[i].frequency_max_hz;

    predicate of_sound_size(Governor *g) =
        g->n_actuators <= LAYOUT_ACTUATORS_MAX && g->n_heaters <= LAYOUT_HEATERS_MAX &&
        g->frame.n == g->n_actuators && frequencies_sound(g);

    predicate actuator_currents_sound(Governor *g, integer n) = \forall integer i;
        0 <= i < n ==> 0 <= g->actuators[i].current_ma <= UINT16_MAX;

    predicate heater_currents_sound(Governor *g, integer n) = \forall integer i;
        0 <= i < n ==> 0 <= g->heaters[i].current_ma <= UINT16_MAX;

    predicate currents_sound(Governor *g) =
        actuator_currents_sound(g, g->n_actuators) && heater_currents_sound(g, g->n_heaters);

    // What always holds between two calls. governor_init() establishes it, every function keeps it.
    predicate sound(Governor *g) =
        of_sound_size(g) && currents_sound(g) && at_most_hard(&g->limits) &&
        g->ceiling_micro <= 800 * MICRO_PER_PERMILLE;

    predicate actuators_of{A, B}(Governor *g, Layout *layout, integer n) =
        \forall integer i; 0 <= i < n ==>
            \at(g->actuators[i].current_ma, B) == \at(layout->actuators[i].current_ma, A) &&
            (\at(g->actuators[i].keep_out, B) <==>
                in_keep_out{A}(\at(&layout->actuators[i].place, A)));

    predicate heaters_of{A, B}(Governor *g, Layout *layout, integer n) =
        \forall integer i; 0 <= i < n ==>
            \at(g->heaters[i].current_ma, B) == \at(layout->heaters[i].current_ma, A) &&
            (\at(g->heaters[i].keep_out, B) <==>
                in_keep_out{A}(\at(&layout->heaters[i].place, A)));

    predicate all_zero_but_frequency(GovernedFrame *frame) =
        (\forall integer i; 0 <= i < LAYOUT_ACTUATORS_MAX ==> frame->level_permille[i] == 0) &&
        (\forall integer i; 0 <= i < LAYOUT_HEATERS_MAX ==> frame->setpoint_cc[i] == 0);

    predicate all_zero(GovernedFrame *frame) =
        all_zero_but_frequency(frame) && frame->frequency_hz == 0;

    predicate heat(GovernedFrame *frame) =
        \exists integer i; 0 <= i < LAYOUT_HEATERS_MAX && frame->setpoint_cc[i] > 0;

    predicate persons(integer cause) =
        cause == GOVERNOR_LATCH_PAIN || cause == GOVERNOR_LATCH_EMERGENCY;

    predicate fresh(GovernorInput *in) =
        in->status_at_ms <= in->now_ms <= in->status_at_ms + GOVERNOR_STATUS_FRESH_MS;

    predicate went_back(Governor *g, GovernorInput *in) =
        g->has_stepped && in->now_ms < g->last_ms;

    logic integer elapsed_ms(Governor *g, GovernorInput *in) =
        g->has_stepped && in->now_ms >= g->last_ms ? in->now_ms - g->last_ms : 0;

    predicate late(Governor *g, GovernorInput *in) =
        went_back(g, in) || elapsed_ms(g, in) > GOVERNOR_LATE_MS;

    // Accounts of time stop at their top.
    logic integer added(integer account_ms, integer ms) =
        account_ms + ms > UINT32_MAX ? UINT32_MAX : account_ms + ms;

    logic integer taken_off(integer account_ms, integer ms) =
        ms >= account_ms ? 0 : account_ms - ms;

    // What the first n actuators draw, in mA times per mille.
    logic integer levels_current(Governor *g, integer n) =
        n <= 0 ? 0 : levels_current(g, n - 1) +
                             g->frame.level_permille[n - 1] * g->actuators[n - 1].current_ma;

    logic integer heater_current(Governor *g, integer i) =
        i < g->n_heaters && g->frame.setpoint_cc[i] > 0 ? g->heaters[i].current_ma : 0;

    // What all lit heaters draw, in mA.
    logic integer heat_current(Governor *g) =
        heater_current(g, 0) + heater_current(g, 1) + heater_current(g, 2) + heater_current(g, 3);

    // No two readings that are there lie further apart than pads on one knee can.
    predicate readings_agree(Governor *g, GovernorInput *in) =
        \forall integer i, j; 0 <= i < g->n_heaters && 0 <= j < g->n_heaters &&
            in->reading[i].present && in->reading[j].present ==>
            in->reading[i].temperature_cc - in->reading[j].temperature_cc <= GOVERNOR_DISAGREE_CC;

    predicate may_run(Governor *g, GovernorInput *in) =
        g->latch == GOVERNOR_LATCH_NONE && in->wish == GOVERNOR_WISH_RUN &&
        in->screening == GOVERNOR_SCREENED && in->dose_left_ms > 0 &&
        g->worked_ms < g->limits.session_minutes * MS_PER_MINUTE && fresh(in);

    predicate may_work(Governor *g, integer i) =
        !g->actuators[i].keep_out && g->work[i].rest_ms == 0 &&
        g->work[i].busy_ms < g->limits.busy_s * MS_PER_S;

    predicate may_heat(Governor *g, GovernorInput *in, integer i) =
        !g->heaters[i].keep_out && in->reading[i].present &&
        in->reading[i].temperature_cc > GOVERNOR_PLAUSIBLE_MIN_CC &&
        g->warmth.flat_ms[i] < GOVERNOR_FLAT_MS &&
        g->heated_ms < g->limits.heat_minutes * MS_PER_MINUTE;

    predicate ceiling_within(Governor *g, GovernorInput *in) =
        g->ceiling_micro <= in->cap_permille * MICRO_PER_PERMILLE &&
        g->ceiling_micro <= g->limits.level_permille * MICRO_PER_PERMILLE &&
        (in->experience != GOVERNOR_LATER_SESSION ==>
            g->ceiling_micro <= g->limits.first_level_permille * MICRO_PER_PERMILLE);

    predicate levels_under_ceiling(Governor *g) = \forall integer i; 0 <= i < g->n_actuators ==>
        g->frame.level_permille[i] * MICRO_PER_PERMILLE <= g->ceiling_micro;

    predicate levels_at_most(Governor *g, integer permille) =
        \forall integer i; 0 <= i < g->n_actuators ==> g->frame.level_permille[i] <= permille;

    predicate levels_wanted(Governor *g, GovernorInput *in) =
        \forall integer i; 0 <= i < g->n_actuators ==>
            0 <= g->frame.level_permille[i] <= in->want_permille[i];

    predicate no_level_outside(Governor *g) =
        \forall integer i; g->n_actuators <= i < LAYOUT_ACTUATORS_MAX ==>
            g->frame.level_permille[i] == 0;

    predicate no_level_in_keep_out(Governor *g) = \forall integer i; 0 <= i < g->n_actuators ==>
        (g->frame.level_permille[i] > 0 ==> !g->actuators[i].keep_out);

    predicate no_level_in_rest(Governor *g) = \forall integer i; 0 <= i < g->n_actuators ==>
        (g->frame.level_permille[i] > 0 ==> g->work[i].rest_ms == 0 &&
            g->work[i].busy_ms < g->limits.busy_s * MS_PER_S);

    predicate no_heat_outside(Governor *g) =
        \forall integer i; g->n_heaters <= i < LAYOUT_HEATERS_MAX ==> g->frame.setpoint_cc[i] == 0;

    predicate no_heat_in_keep_out(Governor *g) = \forall integer i; 0 <= i < g->n_heaters ==>
        (g->frame.setpoint_cc[i] > 0 ==> !g->heaters[i].keep_out);

    predicate heat_with_reading(Governor *g, GovernorInput *in) =
        \forall integer i; 0 <= i < g->n_heaters ==>
            (g->frame.setpoint_cc[i] > 0 ==> in->reading[i].present);

    predicate heat_with_plausible_reading(Governor *g, GovernorInput *in) =
        \forall integer i; 0 <= i < g->n_heaters ==>
            (g->frame.setpoint_cc[i] > 0 ==>
                in->reading[i].temperature_cc > GOVERNOR_PLAUSIBLE_MIN_CC);

    predicate heat_with_living_reading(Governor *g) = \forall integer i; 0 <= i < g->n_heaters ==>
        (g->frame.setpoint_cc[i] > 0 ==> g->warmth.flat_ms[i] < GOVERNOR_FLAT_MS);

    predicate heat_with_agreeing_readings(Governor *g, GovernorInput *in) =
        \forall integer i; 0 <= i < g->n_heaters ==>
            (g->frame.setpoint_cc[i] > 0 ==> readings_agree(g, in));

    predicate heat_in_time(Governor *g) = \forall integer i; 0 <= i < g->n_heaters ==>
        (g->frame.setpoint_cc[i] > 0 ==>
            g->heated_ms < g->limits.heat_minutes * MS_PER_MINUTE);

    predicate setpoints_wanted(Governor *g, GovernorInput *in) =
        \forall integer i; 0 <= i < g->n_heaters ==>
            g->frame.setpoint_cc[i] <= in->want_setpoint_cc[i];

    predicate setpoints_within_limit(Governor *g) = \forall integer i; 0 <= i < g->n_heaters ==>
        g->frame.setpoint_cc[i] <= g->limits.setpoint_cc;

    predicate within_budget(Governor *g) = levels_current(g, g->n_actuators) +
        heat_current(g) * LEVEL_MAX <= g->budget_ma * LEVEL_MAX;

    predicate frequency_within(Governor *g) = g->frame.frequency_hz == 0 ||
        GOVERNOR_FREQUENCY_MIN_HZ <= g->frame.frequency_hz <= GOVERNOR_FREQUENCY_MAX_HZ;

    predicate no_work(GovernorWork *w) =
        !w->begun && w->busy_ms == 0 && w->quiet_ms == 0 && w->rest_ms == 0;

    predicate no_warmth(Governor *g, integer i) =
        g->warmth.last_cc[i] == 0 && g->warmth.hot_ms[i] == 0 && g->warmth.flat_ms[i] == 0;

    // The accounts of an actuator after dt_ms in which it worked or was quiet.
    predicate work_booked{A, B}(GovernorWork *w, boolean worked, integer dt_ms,
                                    integer busy_max_ms) =
        \let quiet_ms = worked ? 0 : added(\at(w->quiet_ms, A), dt_ms);
        \let begun = (worked || \at(w->begun, A)) && quiet_ms < GOVERNOR_REST_MS;
        \let busy_ms = begun ? added(\at(w->busy_ms, A), dt_ms) : 0;
        \at(w->quiet_ms, B) == quiet_ms &&
        (busy_ms >= busy_max_ms
             ? !\at(w->begun, B) && \at(w->busy_ms, B) == 0 &&
               \at(w->rest_ms, B) == taken_off(GOVERNOR_REST_MS, quiet_ms)
             : (\at(w->begun, B) != 0) == begun && \at(w->busy_ms, B) == busy_ms &&
               \at(w->rest_ms, B) == taken_off(\at(w->rest_ms, A), dt_ms));

    logic boolean has_reading(GovernorInput *in, integer i) = in->reading[i].present != 0 &&
        in->status_at_ms <= in->now_ms &&
        in->now_ms - in->status_at_ms <= GOVERNOR_STATUS_FRESH_MS;

    // What the accounts of a heater become after dt_ms: without a reading they stay.
    logic integer last_after(Governor *g, GovernorInput *in, integer i) =
        has_reading(in, i) ? in->reading[i].temperature_cc : g->warmth.last_cc[i];

    logic integer hot_after(Governor *g, GovernorInput *in, integer i, integer dt_ms) =
        !has_reading(in, i) ? g->warmth.hot_ms[i]
        : in->reading[i].temperature_cc > GOVERNOR_HOT_SOON_CC
            ? added(g->warmth.hot_ms[i], dt_ms) : 0;

    logic integer flat_after(Governor *g, GovernorInput *in, integer i, integer dt_ms) =
        !has_reading(in, i) ? g->warmth.flat_ms[i]
        : in->reading[i].temperature_cc != g->warmth.last_cc[i] ? 0
        : g->frame.setpoint_cc[i] > 0 ? added(g->warmth.flat_ms[i], dt_ms)
                                      : g->warmth.flat_ms[i];

    predicate warmth_booked{A, B}(Governor *g, GovernorInput *in, integer i, integer dt_ms) =
        \at(g->warmth.last_cc[i], B) == last_after{A}(g, in, i) &&
        \at(g->warmth.hot_ms[i], B) == hot_after{A}(g, in, i, dt_ms) &&
        \at(g->warmth.flat_ms[i], B) == flat_after{A}(g, in, i, dt_ms);

    predicate readings_are_known(Governor *g, GovernorInput *in) =
        \forall integer i; 0 <= i < g->n_heaters ==> has_reading(in, i) ==>
            g->warmth.last_cc[i] == in->reading[i].temperature_cc;

    predicate hot_is_latched(Governor *g) = \forall integer i; 0 <= i < g->n_heaters ==>
        (g->warmth.last_cc[i] > GOVERNOR_HOT_NOW_CC || g->warmth.hot_ms[i] >= GOVERNOR_HOT_MS ==>
            g->latch != GOVERNOR_LATCH_NONE);

    predicate hot_reading_is_latched(Governor *g, GovernorInput *in, integer latch) =
        \forall integer i; 0 <= i < g->n_heaters ==>
            (has_reading(in, i) && in->reading[i].temperature_cc > GOVERNOR_HOT_NOW_CC ==>
                latch != GOVERNOR_LATCH_NONE);
*/

/* The contract. Its clauses are named in tests/proof/clauses, with what each of them means. */
#ifdef __FRAMAC__
/*@ requires \valid(g) && \valid_read(layout) && \valid_read(limits);
    requires \separated(g, layout, limits);
    assigns *g;
    ensures sound: SPELLED_SOUND;
    ensures starts_from_zero: g->ceiling_micro == 0 && !g->has_stepped && all_zero(&g->frame);
    ensures limits_only_tighten: LIMITS(OWN_AT_MOST_ASKED) \true;
    ensures budget_is_the_layouts: g->budget_ma == \old(layout->budget_ma);
    ensures actuators_are_the_layouts: actuators_of{Pre, Post}(g, layout, g->n_actuators);
    ensures heaters_are_the_layouts: heaters_of{Pre, Post}(g, layout, g->n_heaters);
*/
void governor_init(Governor *g, const Layout *layout, const Limits *limits);

/*@ requires \valid(g) && \valid_read(limits) && \separated(g, limits);
    requires sound(g);
    assigns g->limits, g->worked_ms, g->heated_ms, g->ceiling_micro;
    ensures sound: sound(g);
    ensures begins_from_zero: g->ceiling_micro == 0 && g->worked_ms == 0 && g->heated_ms == 0;
    ensures limits_only_tighten: at_most_asked(&g->limits, limits);
*/
void governor_begin(Governor *g, const Limits *limits);

/*@ requires \valid(g);
    assigns g->latch;
    ensures sound: sound{Pre}(g) ==> sound(g);
    ensures the_first_cause_stays:
        \old(g->latch) != GOVERNOR_LATCH_NONE && (persons(\old(g->latch)) || !persons(cause)) ==>
            g->latch == \old(g->latch);
    ensures a_persons_stop_counts_more:
        \old(g->latch) == GOVERNOR_LATCH_NONE || (persons(cause) && !persons(\old(g->latch))) ==>
            g->latch == cause;
*/
void governor_latch(Governor *g, GovernorLatch cause);

/*@ requires \valid(g);
    assigns g->budget_ma;
    ensures sound: sound{Pre}(g) ==> sound(g);
    ensures budget_is_what_is_given: g->budget_ma == budget_ma;
*/
void governor_set_budget(Governor *g, uint16_t budget_ma);

/*@ requires \valid(g) && sound(g);
    assigns g->latch, g->ceiling_micro;
    ensures sound: sound(g);
    ensures hot_is_not_cleared: \result == 0 <==> \forall integer i; 0 <= i < g->n_heaters ==>
        g->warmth.last_cc[i] <= GOVERNOR_HOT_SOON_CC;
    ensures not_cleared_is_latched: \result != 0 ==> g->latch == \old(g->latch);
    ensures cleared_begins_from_zero: \result == 0 ==>
        g->latch == GOVERNOR_LATCH_NONE && g->ceiling_micro == 0;
*/
int governor_clear(Governor *g);

/*@ requires \valid(g) && \valid_read(input) && \separated(g, input);
    requires sound(g);
    assigns g->has_stepped, g->last_ms, g->worked_ms, g->heated_ms, g->ceiling_micro, g->latch,
        g->verdict,
        g->work[0 .. LAYOUT_ACTUATORS_MAX - 1],
        g->warmth,
        g->frame.level_permille[0 .. LAYOUT_ACTUATORS_MAX - 1],
        g->frame.setpoint_cc[0 .. LAYOUT_HEATERS_MAX - 1], g->frame.frequency_hz;
    assigns \result \from g;
    ensures sound: sound(g);
    ensures frame_is_the_governors: \result == &g->frame;
    ensures time_goes_on: g->has_stepped &&
        (went_back{Pre}(g, input) ? g->last_ms == \old(g->last_ms)
                                  : g->last_ms == input->now_ms);

    // Zero.
    ensures not_running_is_zero: g->verdict != GOVERNOR_RUNNING ==> all_zero(&g->frame);
    ensures stopped_is_zero: input->wish != GOVERNOR_WISH_RUN ==> all_zero(&g->frame);
    ensures latched_is_zero: g->latch != GOVERNOR_LATCH_NONE ==> all_zero(&g->frame);
    ensures stale_is_zero: !fresh(input) ==> all_zero(&g->frame);
    ensures unscreened_is_zero: input->screening != GOVERNOR_SCREENED ==> all_zero(&g->frame);
    ensures no_dose_is_zero: input->dose_left_ms == 0 ==> all_zero(&g->frame);
    ensures no_session_time_is_zero:
        g->worked_ms >= g->limits.session_minutes * MS_PER_MINUTE ==> all_zero(&g->frame);
    ensures late_is_zero: late{Pre}(g, input) ==> all_zero(&g->frame);

    // Levels.
    ensures keep_out_is_zero: no_level_in_keep_out(g);
    ensures outside_the_layout_is_zero: no_level_outside(g);
    ensures level_at_most_wanted: levels_wanted(g, input);
    ensures level_at_most_cap: levels_at_most(g, input->cap_permille);
    ensures level_at_most_limit: levels_at_most(g, g->limits.level_permille);
    ensures first_session_is_lower: input->experience != GOVERNOR_LATER_SESSION ==>
        levels_at_most(g, g->limits.first_level_permille);
    ensures level_under_ceiling: levels_under_ceiling(g);

    // The ceiling.
    ensures ceiling_rises_slowly: g->ceiling_micro <=
        \old(g->ceiling_micro) + g->limits.ramp_permille_per_s * elapsed_ms{Pre}(g, input);
    ensures ceiling_starts_at_zero: g->verdict != GOVERNOR_RUNNING ==> g->ceiling_micro == 0;
    ensures late_starts_at_zero: late{Pre}(g, input) ==> g->ceiling_micro == 0;

    // Current.
    ensures current_within_budget: within_budget(g);

    // Work and rest.
    ensures rest_is_zero: no_level_in_rest(g);
    ensures session_is_booked: g->worked_ms == (\old(g->verdict) == GOVERNOR_RUNNING
        ? added(\old(g->worked_ms), elapsed_ms{Pre}(g, input)) : \old(g->worked_ms));

    // Heat.
    ensures heat_needs_a_heater: no_heat_outside(g);
    ensures keep_out_heater_is_off: no_heat_in_keep_out(g);
    ensures heat_needs_a_reading: heat_with_reading(g, input);
    ensures heat_needs_a_fresh_reading: heat(&g->frame) ==> fresh(input);
    ensures heat_needs_a_plausible_reading: heat_with_plausible_reading(g, input);
    ensures heat_needs_a_reading_that_lives: heat_with_living_reading(g);
    ensures heat_needs_readings_that_agree: heat_with_agreeing_readings(g, input);
    ensures setpoint_at_most_wanted: setpoints_wanted(g, input);
    ensures setpoint_at_most_limit: setpoints_within_limit(g);
    ensures heat_ends: heat_in_time(g);
    ensures limits_are_hard: g->limits.level_permille <= 800 &&
        g->limits.first_level_permille <= 400 && g->limits.ramp_permille_per_s <= 100 &&
        g->limits.busy_s <= 120 && g->limits.setpoint_cc <= 4100 && g->limits.heat_minutes <= 15 &&
        g->limits.session_minutes <= 20;
    ensures heat_is_booked: heat{Pre}(&g->frame)
        ? g->heated_ms == added(\old(g->heated_ms), elapsed_ms{Pre}(g, input))
        : g->heated_ms == \old(g->heated_ms);

    // The latch.
    ensures latch_stays: \old(g->latch) != GOVERNOR_LATCH_NONE ==> g->latch == \old(g->latch);

    // The rest of the frame.
    ensures frequency_suits: frequency_within(g);
*/
const GovernedFrame *governor_step(Governor *g, const GovernorInput *input);
#endif
