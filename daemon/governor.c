/* SPDX-License-Identifier: MIT */
#include "daemon/governor-proof.h"

/* Accounts stop at their top instead of wrapping round to "fresh". */
/*@ assigns \nothing;
    ensures \result == added(account_ms, ms);
*/
static uint32_t add_up(uint32_t account_ms, uint64_t ms)
{
        return ms > UINT32_MAX - account_ms ? UINT32_MAX : account_ms + (uint32_t) ms;
}

/*@ assigns \nothing;
    ensures \result == taken_off(account_ms, ms);
*/
static uint32_t take_off(uint32_t account_ms, uint64_t ms)
{
        return ms >= account_ms ? 0 : account_ms - (uint32_t) ms;
}

/* A status from the future is as doubtful as an old one. */
/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> fresh(in);
*/
static bool status_fresh(const GovernorInput *in)
{
        return in->status_at_ms <= in->now_ms &&
               in->now_ms - in->status_at_ms <= GOVERNOR_STATUS_FRESH_MS;
}

/* Books the time since the last step on what that step let through. */
/* SR-BUSY */
/*@ requires \valid(w);
    assigns w->begun, w->busy_ms, w->quiet_ms, w->rest_ms;
    ensures work_booked{Pre, Post}(w, worked != 0, dt_ms, busy_max_ms);
*/
static void book_work(GovernorWork *w, bool worked, uint64_t dt_ms, uint32_t busy_max_ms)
{
        w->rest_ms = take_off(w->rest_ms, dt_ms);
        w->quiet_ms = worked ? 0 : add_up(w->quiet_ms, dt_ms);

        w->begun = (worked || w->begun) && w->quiet_ms < GOVERNOR_REST_MS;
        w->busy_ms = w->begun ? add_up(w->busy_ms, dt_ms) : 0;
        if (w->busy_ms >= busy_max_ms) {
                /* What was quiet already counts towards the rest. */
                w->rest_ms = take_off(GOVERNOR_REST_MS, w->quiet_ms);
                w->begun = 0;
                w->busy_ms = 0;
        }
}

/*@ requires \valid(g) && \valid_read(in) && \separated(g, in) && i < LAYOUT_HEATERS_MAX;
    requires fresh <==> fresh(in);
    assigns g->warmth.last_cc[i], g->warmth.hot_ms[i], g->warmth.flat_ms[i];
    ensures warmth_booked{Pre, Post}(g, in, i, dt_ms);
    ensures has_reading(in, i) ==> g->warmth.last_cc[i] == in->reading[i].temperature_cc;
*/
static void book_warmth(
                Governor *g, const GovernorInput *in, uint32_t i, bool fresh, uint64_t dt_ms)
{
        const GovernorReading *reading = &in->reading[i];
        GovernorWarmth *w = &g->warmth;

        if (!reading->present || !fresh)
                return;

        w->hot_ms[i] = reading->temperature_cc > GOVERNOR_HOT_SOON_CC ? add_up(w->hot_ms[i], dt_ms)
                                                                      : 0;
        if (reading->temperature_cc != w->last_cc[i])
                w->flat_ms[i] = 0;
        else if (g->frame.setpoint_cc[i] > 0)
                w->flat_ms[i] = add_up(w->flat_ms[i], dt_ms);
        w->last_cc[i] = reading->temperature_cc;
}

/*@ requires \valid_read(frame);
    assigns \nothing;
    ensures \result <==> heat(frame);
*/
static bool any_heat(const GovernedFrame *frame)
{
        /*@ loop invariant 0 <= i <= LAYOUT_HEATERS_MAX;
            loop invariant \forall integer j; 0 <= j < i ==> frame->setpoint_cc[j] == 0;
            loop assigns i;
            loop variant LAYOUT_HEATERS_MAX - i;
        */
        for (uint32_t i = 0; i < LAYOUT_HEATERS_MAX; i++)
                if (frame->setpoint_cc[i] > 0)
                        return true;

        return false;
}

/*@ requires \valid(g) && sound(g);
    requires 0 <= busy_max_ms;
    assigns g->work[0 .. LAYOUT_ACTUATORS_MAX - 1];
    ensures work_is_booked: \forall integer i; 0 <= i < g->n_actuators ==>
        work_booked{Pre, Post}(&g->work[i], g->frame.level_permille[i] > 0, dt_ms,
                                   busy_max_ms);
*/
static void book_all_work(Governor *g, uint64_t dt_ms, uint32_t busy_max_ms)
{
        /*@ loop invariant 0 <= i <= g->n_actuators;
            loop invariant \forall integer j; 0 <= j < i ==>
                work_booked{Pre, Here}(&g->work[j], g->frame.level_permille[j] > 0, dt_ms,
                                           busy_max_ms);
            loop invariant \forall integer j; i <= j < LAYOUT_ACTUATORS_MAX ==>
                g->work[j].begun == \at(g->work[j].begun, Pre) &&
                g->work[j].busy_ms == \at(g->work[j].busy_ms, Pre) &&
                g->work[j].quiet_ms == \at(g->work[j].quiet_ms, Pre) &&
                g->work[j].rest_ms == \at(g->work[j].rest_ms, Pre);
            loop assigns i, g->work[0 .. LAYOUT_ACTUATORS_MAX - 1];
            loop variant g->n_actuators - i;
        */
        for (uint32_t i = 0; i < g->n_actuators; i++) {
                book_work(&g->work[i], g->frame.level_permille[i] > 0, dt_ms, busy_max_ms);
                /*@ assert \forall integer j; 0 <= j < LAYOUT_ACTUATORS_MAX && j != i ==>
                        g->work[j].begun == \at(g->work[j].begun, LoopCurrent) &&
                        g->work[j].busy_ms == \at(g->work[j].busy_ms, LoopCurrent) &&
                        g->work[j].quiet_ms == \at(g->work[j].quiet_ms, LoopCurrent) &&
                        g->work[j].rest_ms == \at(g->work[j].rest_ms, LoopCurrent); */
                /*@ assert work_booked{Pre, Here}(&g->work[i], g->frame.level_permille[i] > 0,
                                                  dt_ms, busy_max_ms); */
                /*@ assert \forall integer j; 0 <= j < i ==>
                        work_booked{Pre, Here}(&g->work[j], g->frame.level_permille[j] > 0, dt_ms,
                                               busy_max_ms); */
        }
}

/*@ requires \valid(g) && \valid_read(in) && \separated(g, in) && sound(g);
    assigns g->warmth;
    ensures readings_are_booked: \forall integer i; 0 <= i < g->n_heaters ==>
        warmth_booked{Pre, Post}(g, in, i, dt_ms);
    ensures readings_are_known(g, in);
*/
static void book_all_warmth(Governor *g, const GovernorInput *in, uint64_t dt_ms)
{
        const uint32_t n = g->n_heaters;
        bool fresh = status_fresh(in);

        /*@ loop invariant 0 <= i <= n;
            loop invariant \forall integer j; 0 <= j < i ==>
                warmth_booked{Pre, Here}(g, in, j, dt_ms);
            loop invariant \forall integer j; 0 <= j < i ==> has_reading(in, j) ==>
                g->warmth.last_cc[j] == in->reading[j].temperature_cc;
            loop invariant \forall integer j; i <= j < LAYOUT_HEATERS_MAX ==>
                g->warmth.last_cc[j] == \at(g->warmth.last_cc[j], Pre) &&
                g->warmth.hot_ms[j] == \at(g->warmth.hot_ms[j], Pre) &&
                g->warmth.flat_ms[j] == \at(g->warmth.flat_ms[j], Pre);
            loop assigns i, g->warmth;
            loop variant n - i;
        */
        for (uint32_t i = 0; i < n; i++) {
                book_warmth(g, in, i, fresh, dt_ms);
                /*@ assert others: \forall integer j; 0 <= j < i ==>
                        g->warmth.last_cc[j] == \at(g->warmth.last_cc[j], LoopCurrent) &&
                        g->warmth.hot_ms[j] == \at(g->warmth.hot_ms[j], LoopCurrent) &&
                        g->warmth.flat_ms[j] == \at(g->warmth.flat_ms[j], LoopCurrent); */
                /*@ assert kept: \forall integer j; 0 <= j < i ==>
                        warmth_booked{Pre, Here}(g, in, j, dt_ms); */
        }
}

/* SR-HEAT */
/*@ requires \valid(g) && g->n_heaters <= LAYOUT_HEATERS_MAX;
    assigns g->latch;
    ensures \old(g->latch) != GOVERNOR_LATCH_NONE ==> g->latch == \old(g->latch);
    ensures hot_is_latched(g);
*/
static void latch_hot(Governor *g)
{
        /*@ loop invariant 0 <= i <= g->n_heaters;
            loop invariant \at(g->latch, Pre) != GOVERNOR_LATCH_NONE ==>
                g->latch == \at(g->latch, Pre);
            loop invariant \forall integer j; 0 <= j < i ==>
                (g->warmth.last_cc[j] > GOVERNOR_HOT_NOW_CC ||
                 g->warmth.hot_ms[j] >= GOVERNOR_HOT_MS ==> g->latch != GOVERNOR_LATCH_NONE);
            loop assigns i, g->latch;
            loop variant g->n_heaters - i;
        */
        for (uint32_t i = 0; i < g->n_heaters; i++)
                if (g->warmth.last_cc[i] > GOVERNOR_HOT_NOW_CC ||
                                g->warmth.hot_ms[i] >= GOVERNOR_HOT_MS)
                        governor_latch(g, GOVERNOR_LATCH_HOT);
}

/*@ requires \valid(g) && \valid_read(in) && \separated(g, in) && sound(g);
    assigns g->worked_ms, g->heated_ms, g->latch, g->work[0 .. LAYOUT_ACTUATORS_MAX - 1],
        g->warmth;
    ensures sound(g);
    ensures g->worked_ms == (g->verdict == GOVERNOR_RUNNING ? added(\old(g->worked_ms), dt_ms)
                                                            : \old(g->worked_ms));
    ensures heat(&g->frame) ==> g->heated_ms == added(\old(g->heated_ms), dt_ms);
    ensures !heat(&g->frame) ==> g->heated_ms == \old(g->heated_ms);
    ensures \old(g->latch) != GOVERNOR_LATCH_NONE ==> g->latch == \old(g->latch);
    ensures hot_latches_soon: hot_is_latched(g);
    ensures hot_latches_at_once: hot_reading_is_latched{Pre}(g, in, g->latch);
*/
static void book(Governor *g, const GovernorInput *in, uint64_t dt_ms)
{
        if (g->verdict == GOVERNOR_RUNNING)
                g->worked_ms = add_up(g->worked_ms, dt_ms);
        if (any_heat(&g->frame))
                g->heated_ms = add_up(g->heated_ms, dt_ms);

        book_all_work(g, dt_ms, g->limits.busy_s * MS_PER_S);
        //@ assert sound(g);
        book_all_warmth(g, in, dt_ms);
        //@ assert sound(g);
        //@ assert readings_are_known(g, in);
        latch_hot(g);
}

/* SR-ZERO */
/*@ requires \valid_read(g) && \valid_read(in);
    assigns \nothing;
    ensures \result == GOVERNOR_RUNNING ==> may_run(g, in) && !late;
*/
static GovernorVerdict judge(const Governor *g, const GovernorInput *in, bool late)
{
        if (g->latch != GOVERNOR_LATCH_NONE)
                return GOVERNOR_LATCHED;
        if (in->wish != GOVERNOR_WISH_RUN)
                return GOVERNOR_STOPPED;
        if (in->screening != GOVERNOR_SCREENED)
                return GOVERNOR_UNSCREENED;
        if (in->dose_left_ms == 0 || g->worked_ms >= g->limits.session_minutes * MS_PER_MINUTE)
                return GOVERNOR_EXHAUSTED;
        if (!status_fresh(in))
                return GOVERNOR_STALE;

        return late ? GOVERNOR_LATE : GOVERNOR_RUNNING;
}

/* SR-LEVEL */
/*@ requires \valid_read(g) && \valid_read(in) && sound(g);
    assigns \nothing;
    ensures \result <= in->cap_permille && \result <= g->limits.level_permille;
    ensures in->experience != GOVERNOR_LATER_SESSION ==>
        \result <= g->limits.first_level_permille;
*/
static uint32_t cap_of(const Governor *g, const GovernorInput *in)
{
        uint32_t cap = least(in->cap_permille, g->limits.level_permille);

        return in->experience == GOVERNOR_LATER_SESSION
                               ? cap
                               : least(cap, g->limits.first_level_permille);
}

/* SR-HEAT */
/*@ requires \valid_read(g) && \valid_read(in) && g->n_heaters <= LAYOUT_HEATERS_MAX;
    assigns \nothing;
    ensures \result ==> readings_agree(g, in);
*/
static bool do_readings_agree(const Governor *g, const GovernorInput *in)
{
        int coldest_cc = INT16_MAX, hottest_cc = INT16_MIN;

        /*@ loop invariant 0 <= i <= g->n_heaters;
            loop invariant INT16_MIN <= coldest_cc <= INT16_MAX;
            loop invariant INT16_MIN <= hottest_cc <= INT16_MAX;
            loop invariant \forall integer j; 0 <= j < i && in->reading[j].present ==>
                coldest_cc <= in->reading[j].temperature_cc <= hottest_cc;
            loop assigns i, coldest_cc, hottest_cc;
            loop variant g->n_heaters - i;
        */
        for (uint32_t i = 0; i < g->n_heaters; i++) {
                int reading_cc = in->reading[i].temperature_cc;

                if (!in->reading[i].present)
                        continue;
                if (reading_cc < coldest_cc)
                        coldest_cc = reading_cc;
                if (reading_cc > hottest_cc)
                        hottest_cc = reading_cc;
        }

        return hottest_cc - coldest_cc <= GOVERNOR_DISAGREE_CC;
}

/* SR-HEAT, SR-KEEP-OUT */
/*@ requires \valid_read(g) && \valid_read(in) && i < g->n_heaters <= LAYOUT_HEATERS_MAX;
    requires at_most_hard(&g->limits);
    assigns \nothing;
    ensures \result ==> may_heat(g, in, i);
*/
static bool heater_allowed(const Governor *g, const GovernorInput *in, uint32_t i)
{
        /* The status is fresh here: otherwise the verdict would not be running. */
        return !g->heaters[i].keep_out && in->reading[i].present && in->want_setpoint_cc[i] > 0 &&
               in->reading[i].temperature_cc > GOVERNOR_PLAUSIBLE_MIN_CC &&
               g->warmth.flat_ms[i] < GOVERNOR_FLAT_MS &&
               g->heated_ms < g->limits.heat_minutes * MS_PER_MINUTE;
}

/* The asserts show that what the other heaters draw does not change by it. */
/*@ requires \valid(g) && i < g->n_heaters && sound(g);
    assigns g->frame.setpoint_cc[i];
    ensures sound(g);
    ensures g->frame.setpoint_cc[i] == setpoint_cc;
    ensures heat_current(g) <= heat_current{Pre}(g) + \old(g->heaters[i].current_ma);
*/
static void set_setpoint(Governor *g, uint32_t i, uint16_t setpoint_cc)
{
        g->frame.setpoint_cc[i] = setpoint_cc;
        /*@ assert \forall integer j; 0 <= j < LAYOUT_HEATERS_MAX && j != i ==>
                heater_current(g, j) == heater_current{Pre}(g, j);
        */
        //@ assert heater_current(g, i) <= heater_current{Pre}(g, i) + g->heaters[i].current_ma;
        //@ assert i == 0 || i == 1 || i == 2 || i == 3;
}

/* Returns what is left of the budget, in mA × per mille. */
/*@ requires \valid(g) && \valid_read(in) && \separated(g, in) && sound(g);
    requires all_zero_but_frequency(&g->frame);
    assigns g->frame.setpoint_cc[0 .. LAYOUT_HEATERS_MAX - 1];
    ensures \result + heat_current(g) * LEVEL_MAX <= g->budget_ma * LEVEL_MAX;
    ensures \result <= UINT16_MAX * LEVEL_MAX;
    ensures sound(g);
    ensures no_heat_outside(g);
    ensures no_heat_in_keep_out(g);
    ensures heat_with_reading(g, in);
    ensures heat_with_plausible_reading(g, in);
    ensures heat_with_living_reading(g);
    ensures heat_with_agreeing_readings(g, in);
    ensures heat_in_time(g);
    ensures setpoints_wanted(g, in);
    ensures setpoints_within_limit(g);
*/
static uint32_t allow_heat(Governor *g, const GovernorInput *in)
{
        uint32_t left_ma = g->budget_ma;
        bool agree = do_readings_agree(g, in);

        /*@ loop invariant 0 <= i <= g->n_heaters;
            loop invariant sound(g);
            loop invariant left_ma <= \at(g->budget_ma, Pre);
            loop invariant left_ma + heat_current(g) <= \at(g->budget_ma, Pre);
            loop invariant \forall integer j; 0 <= j < LAYOUT_HEATERS_MAX ==>
                in->want_setpoint_cc[j] == \at(in->want_setpoint_cc[j], Pre);
            loop invariant \forall integer j; i <= j < LAYOUT_HEATERS_MAX ==>
                g->frame.setpoint_cc[j] == 0;
            loop invariant \forall integer j; 0 <= j < i && g->frame.setpoint_cc[j] > 0 ==>
                agree && may_heat{Pre}(g, in, j);
            loop invariant \forall integer j; 0 <= j < i ==>
                g->frame.setpoint_cc[j] <= \at(in->want_setpoint_cc[j], Pre);
            loop invariant \forall integer j; 0 <= j < i ==>
                g->frame.setpoint_cc[j] <= \at(g->limits.setpoint_cc, Pre);
            loop assigns i, left_ma, g->frame.setpoint_cc[0 .. LAYOUT_HEATERS_MAX - 1];
            loop variant g->n_heaters - i;
        */
        for (uint32_t i = 0; i < g->n_heaters; i++) {
                uint32_t current_ma = (uint32_t) g->heaters[i].current_ma;

                if (!agree || !heater_allowed(g, in, i) || current_ma > left_ma)
                        continue;
                left_ma -= current_ma;
                set_setpoint(g, i,
                                (uint16_t) least(in->want_setpoint_cc[i], g->limits.setpoint_cc));
                //@ assert g->frame.setpoint_cc[i] <= in->want_setpoint_cc[i];
        }

        return left_ma * LEVEL_MAX;
}

/* SR-LEVEL, SR-BUSY, SR-KEEP-OUT */
/*@ requires \valid_read(g) && \valid_read(in) && i < g->n_actuators <= LAYOUT_ACTUATORS_MAX;
    requires g->ceiling_micro <= 800 * MICRO_PER_PERMILLE;
    requires at_most_hard(&g->limits);
    assigns \nothing;
    ensures \result <= 800;
    ensures \result <= in->want_permille[i];
    ensures \result * MICRO_PER_PERMILLE <= g->ceiling_micro;
    ensures \result > 0 ==> may_work(g, i);
*/
static uint32_t allowed_level(const Governor *g, const GovernorInput *in, uint32_t i)
{
        if (g->actuators[i].keep_out || g->work[i].rest_ms > 0 ||
                        g->work[i].busy_ms >= g->limits.busy_s * MS_PER_S)
                return 0;

        return least(in->want_permille[i], g->ceiling_micro / MICRO_PER_PERMILLE);
}

/*@ requires level <= LEVEL_MAX;
    assigns \nothing;
    ensures \result == level * current_ma;
    ensures \result <= LEVEL_MAX * UINT16_MAX;
*/
static uint32_t current_of(uint32_t level, uint16_t current_ma)
{
        return level * current_ma;
}

/* SR-CURRENT */
/*@ requires level <= LEVEL_MAX;
    assigns \nothing;
    ensures \result <= level;
    ensures \result * current_ma <= left;
*/
static uint32_t affordable(uint32_t level, uint16_t current_ma, uint32_t left)
{
        return current_ma > 0 ? least(level, left / current_ma) : level;
}

/*@ requires level <= LEVEL_MAX && 0 <= part < whole && part <= UINT32_MAX;
    assigns \nothing;
    ensures \result <= level;
*/
static uint32_t scaled(uint32_t level, uint32_t part, uint64_t whole)
{
        return (uint32_t) ((uint64_t) level * part / whole);
}

/* The ghost shows that what the actuators before it draw does not change by it. */
/*@ requires \valid(g) && i < g->n_actuators <= LAYOUT_ACTUATORS_MAX;
    assigns g->frame.level_permille[i];
    ensures g->frame.level_permille[i] == level;
    ensures levels_current(g, i + 1) ==
        levels_current{Pre}(g, i) + level * \old(g->actuators[i].current_ma);
*/
static void set_level(Governor *g, uint32_t i, int32_t level)
{
        g->frame.level_permille[i] = level;
        /*@ ghost
            /@ loop invariant 0 <= k <= i;
               loop invariant levels_current{Here}(g, k) == levels_current{Pre}(g, k);
               loop assigns k;
               loop variant i - k;
            @/
            for (uint32_t k = 0; k < i; k++)
                    ;
        */
}

/*@ requires \valid(g) && \valid_read(in) && \separated(g, in) && sound(g);
    requires budget <= UINT16_MAX * LEVEL_MAX;
    requires \forall integer i; 0 <= i < LAYOUT_ACTUATORS_MAX ==>
        g->frame.level_permille[i] == 0;
    requires no_heat_outside(g);
    requires no_heat_in_keep_out(g);
    requires heat_with_reading(g, in);
    requires heat_with_plausible_reading(g, in);
    requires heat_with_living_reading(g);
    requires heat_with_agreeing_readings(g, in);
    requires heat_in_time(g);
    requires setpoints_wanted(g, in);
    requires setpoints_within_limit(g);
    assigns g->frame.level_permille[0 .. LAYOUT_ACTUATORS_MAX - 1];
    ensures sound(g);
    ensures levels_current(g, g->n_actuators) <= budget;
    ensures heat_current(g) == heat_current{Pre}(g);
    ensures no_level_in_keep_out(g);
    ensures no_level_in_rest(g);
    ensures no_level_outside(g);
    ensures levels_wanted(g, in);
    ensures levels_under_ceiling(g);
    ensures no_heat_outside(g);
    ensures no_heat_in_keep_out(g);
    ensures heat_with_reading(g, in);
    ensures heat_with_plausible_reading(g, in);
    ensures heat_with_living_reading(g);
    ensures heat_with_agreeing_readings(g, in);
    ensures heat_in_time(g);
    ensures setpoints_wanted(g, in);
    ensures setpoints_within_limit(g);
*/
/* Shares the budget, given in mA × per mille: all levels shrink alike, so that the touch keeps its
 * shape. The clamp after it is what carries the promise: nobody gets more than what is left. */
static void allow_levels(Governor *g, const GovernorInput *in, uint32_t budget)
{
        uint64_t wanted = 0;
        uint32_t left = budget;

        /*@ loop invariant 0 <= i <= g->n_actuators;
            loop invariant wanted <= i * LEVEL_MAX * UINT16_MAX;
            loop assigns i, wanted;
            loop variant g->n_actuators - i;
        */
        for (uint32_t i = 0; i < g->n_actuators; i++)
                wanted += current_of(
                                allowed_level(g, in, i), (uint16_t) g->actuators[i].current_ma);

        /*@ loop invariant 0 <= i <= g->n_actuators;
            loop invariant left + levels_current(g, i) == budget;
            loop invariant \forall integer j; 0 <= j < i ==>
                0 <= g->frame.level_permille[j] <= in->want_permille[j];
            loop invariant \forall integer j; 0 <= j < i ==>
                g->frame.level_permille[j] * MICRO_PER_PERMILLE <= g->ceiling_micro;
            loop invariant \forall integer j; 0 <= j < i && g->frame.level_permille[j] > 0 ==>
                may_work(g, j);
            loop invariant \forall integer j; i <= j < LAYOUT_ACTUATORS_MAX ==>
                g->frame.level_permille[j] == 0;
            loop invariant sound(g);
            loop invariant heat_current(g) == heat_current{Pre}(g);
            loop invariant no_heat_outside(g);
            loop invariant no_heat_in_keep_out(g);
            loop invariant heat_with_reading(g, in);
            loop invariant heat_with_plausible_reading(g, in);
            loop invariant heat_with_living_reading(g);
            loop invariant heat_with_agreeing_readings(g, in);
            loop invariant heat_in_time(g);
            loop invariant setpoints_wanted(g, in);
            loop invariant setpoints_within_limit(g);
            loop assigns i, left, g->frame.level_permille[0 .. LAYOUT_ACTUATORS_MAX - 1];
            loop variant g->n_actuators - i;
        */
        for (uint32_t i = 0; i < g->n_actuators; i++) {
                uint16_t current_ma = (uint16_t) g->actuators[i].current_ma;
                uint32_t level = allowed_level(g, in, i);

                if (wanted > budget)
                        level = scaled(level, budget, wanted);
                level = affordable(level, current_ma, left);
                left -= current_of(level, current_ma);
                //@ assert level > 0 ==> may_work(g, i);
                //@ assert level <= in->want_permille[i];
                set_level(g, i, (int32_t) level);
        }
}

/*@ requires \valid_read(g) && frequencies_sound(g);
    assigns \nothing;
    ensures \result == 0 || GOVERNOR_FREQUENCY_MIN_HZ <= \result <= GOVERNOR_FREQUENCY_MAX_HZ;
*/
static uint16_t allowed_frequency(const Governor *g, uint16_t wanted_hz)
{
        if (wanted_hz == 0 || g->frequency_max_hz == 0)
                return 0;
        if (wanted_hz < g->frequency_min_hz)
                return g->frequency_min_hz;

        return (uint16_t) least(wanted_hz, g->frequency_max_hz);
}

/* SR-RAMP */
/*@ requires \valid(g) && sound(g) && dt_ms <= GOVERNOR_LATE_MS;
    requires cap_permille <= g->limits.level_permille;
    assigns g->ceiling_micro;
    ensures sound(g);
    ensures g->ceiling_micro <= \old(g->ceiling_micro) + g->limits.ramp_permille_per_s * dt_ms;
    ensures g->ceiling_micro <= cap_permille * MICRO_PER_PERMILLE;
*/
static void raise_ceiling(Governor *g, uint32_t cap_permille, uint32_t dt_ms)
{
        /* Per mille a second is micro-levels a millisecond. */
        g->ceiling_micro = least(g->ceiling_micro + g->limits.ramp_permille_per_s * dt_ms,
                        cap_permille * MICRO_PER_PERMILLE);
}

/* The ghost shows that levels of 0 draw nothing. */
/* SR-RAMP */
/*@ requires \valid(g) && \valid_read(in) && sound(g) && all_zero(&g->frame);
    assigns g->ceiling_micro;
    ensures sound(g);
    ensures all_zero(&g->frame) && g->ceiling_micro == 0;
    ensures no_level_in_keep_out(g);
    ensures no_level_outside(g);
    ensures no_level_in_rest(g);
    ensures levels_wanted(g, in);
    ensures levels_at_most(g, in->cap_permille);
    ensures levels_at_most(g, g->limits.level_permille);
    ensures in->experience != GOVERNOR_LATER_SESSION ==>
        levels_at_most(g, g->limits.first_level_permille);
    ensures levels_under_ceiling(g);
    ensures no_heat_outside(g);
    ensures no_heat_in_keep_out(g);
    ensures heat_with_reading(g, in);
    ensures heat_with_plausible_reading(g, in);
    ensures heat_with_living_reading(g);
    ensures heat_with_agreeing_readings(g, in);
    ensures heat_in_time(g);
    ensures setpoints_wanted(g, in);
    ensures setpoints_within_limit(g);
    ensures within_budget(g);
    ensures frequency_within(g);
*/
static void stay_at_zero(Governor *g, const GovernorInput *in)
{
        g->ceiling_micro = 0;
        /*@ ghost
            /@ loop invariant 0 <= k <= g->n_actuators;
               loop invariant levels_current(g, k) == 0;
               loop assigns k;
               loop variant g->n_actuators - k;
            @/
            for (uint32_t k = 0; k < g->n_actuators; k++) {
                    /@ assert levels_current(g, k + 1) ==
                           levels_current(g, k) +
                               g->frame.level_permille[k] * g->actuators[k].current_ma; @/
                    /@ assert g->frame.level_permille[k] == 0; @/
            }
        */
}

/*@ requires \valid(g) && \valid_read(in) && \separated(g, in);
    requires sound(g) && all_zero(&g->frame) && dt_ms <= GOVERNOR_LATE_MS;
    assigns g->ceiling_micro, g->frame.level_permille[0 .. LAYOUT_ACTUATORS_MAX - 1],
        g->frame.setpoint_cc[0 .. LAYOUT_HEATERS_MAX - 1], g->frame.frequency_hz;
    ensures sound(g);
    ensures g->ceiling_micro <= \old(g->ceiling_micro) + g->limits.ramp_permille_per_s * dt_ms;
    ensures no_level_in_keep_out(g);
    ensures no_level_outside(g);
    ensures no_level_in_rest(g);
    ensures levels_wanted(g, in);
    ensures levels_at_most(g, in->cap_permille);
    ensures levels_at_most(g, g->limits.level_permille);
    ensures in->experience != GOVERNOR_LATER_SESSION ==>
        levels_at_most(g, g->limits.first_level_permille);
    ensures levels_under_ceiling(g);
    ensures no_heat_outside(g);
    ensures no_heat_in_keep_out(g);
    ensures heat_with_reading(g, in);
    ensures heat_with_plausible_reading(g, in);
    ensures heat_with_living_reading(g);
    ensures heat_with_agreeing_readings(g, in);
    ensures heat_in_time(g);
    ensures setpoints_wanted(g, in);
    ensures setpoints_within_limit(g);
    ensures within_budget(g);
    ensures frequency_within(g);
*/
static void let_through(Governor *g, const GovernorInput *in, uint32_t dt_ms)
{
        uint32_t budget;

        raise_ceiling(g, cap_of(g, in), dt_ms);
        //@ assert ceiling_within(g, in);
        g->frame.frequency_hz = allowed_frequency(g, in->frequency_hz);
        //@ assert all_zero_but_frequency(&g->frame) && sound(g) && ceiling_within(g, in);
        budget = allow_heat(g, in);
        //@ assert sound(g);
        //@ assert ceiling_within(g, in);
        //@ assert frequency_within(g);
        allow_levels(g, in, budget);
        //@ assert ceiling_within(g, in);
}

/* SR-GATE, SR-ZERO */
/*@ requires \valid(g) && \valid_read(in) && \separated(g, in);
    requires sound(g) && (g->verdict == GOVERNOR_RUNNING ==> dt_ms <= GOVERNOR_LATE_MS);
    assigns g->ceiling_micro, g->frame.level_permille[0 .. LAYOUT_ACTUATORS_MAX - 1],
        g->frame.setpoint_cc[0 .. LAYOUT_HEATERS_MAX - 1], g->frame.frequency_hz;
    ensures sound(g);
    ensures g->verdict != GOVERNOR_RUNNING ==> all_zero(&g->frame) && g->ceiling_micro == 0;
    ensures heat(&g->frame) ==> g->verdict == GOVERNOR_RUNNING;
    ensures g->ceiling_micro <= \old(g->ceiling_micro) + g->limits.ramp_permille_per_s * dt_ms;
    ensures no_level_in_keep_out(g);
    ensures no_level_outside(g);
    ensures no_level_in_rest(g);
    ensures levels_wanted(g, in);
    ensures levels_at_most(g, in->cap_permille);
    ensures levels_at_most(g, g->limits.level_permille);
    ensures in->experience != GOVERNOR_LATER_SESSION ==>
        levels_at_most(g, g->limits.first_level_permille);
    ensures levels_under_ceiling(g);
    ensures no_heat_outside(g);
    ensures no_heat_in_keep_out(g);
    ensures heat_with_reading(g, in);
    ensures heat_with_plausible_reading(g, in);
    ensures heat_with_living_reading(g);
    ensures heat_with_agreeing_readings(g, in);
    ensures heat_in_time(g);
    ensures setpoints_wanted(g, in);
    ensures setpoints_within_limit(g);
    ensures within_budget(g);
    ensures frequency_within(g);
*/
static void make_frame(Governor *g, const GovernorInput *in, uint64_t dt_ms)
{
        governor_clear_frame(&g->frame);
        //@ assert sound(g);
        //@ assert 0 <= g->limits.ramp_permille_per_s * dt_ms;
        //@ assert g->ceiling_micro == \at(g->ceiling_micro, Pre);
        if (g->verdict == GOVERNOR_RUNNING)
                let_through(g, in, (uint32_t) dt_ms);
        else
                stay_at_zero(g, in);
}

const GovernedFrame *governor_step(Governor *g, const GovernorInput *input)
{
        bool back = g->has_stepped && input->now_ms < g->last_ms;
        uint64_t dt_ms = g->has_stepped && !back ? input->now_ms - g->last_ms : 0;

        //@ assert dt_ms == elapsed_ms{Pre}(g, input);
        book(g, input, dt_ms);
        //@ assert sound(g);
        g->verdict = judge(g, input, back || dt_ms > GOVERNOR_LATE_MS);
        /* A clock that went back gives no rest twice: nothing moves until it has caught up. */
        g->last_ms = back ? g->last_ms : input->now_ms;
        g->has_stepped = 1;
        //@ assert g->verdict == GOVERNOR_RUNNING ==> may_run(g, input);
        //@ assert g->verdict == GOVERNOR_RUNNING ==> fresh(input);
        //@ assert sound(g);
        make_frame(g, input, dt_ms);
        return &g->frame;
}
