/* SPDX-License-Identifier: MIT */
/* What the governor knows between two steps: from the layout and the limits, and its latch. */
#include "daemon/governor-proof.h"

#include <errno.h>

/*@ requires \valid_read(frame) && frame->n <= LAYOUT_ACTUATORS_MAX;
    requires \forall integer i; 0 <= i < frame->n ==> 0 <= frame->level_permille[i];
    assigns \nothing;
    ensures \result == (actuator < frame->n ? frame->level_permille[actuator] : 0);
*/
unsigned governed_frame_level(const GovernedFrame *frame, unsigned actuator)
{
        return actuator < frame->n ? (unsigned) frame->level_permille[actuator] : 0;
}

/*@ requires \valid_read(frame);
    requires \forall integer i; 0 <= i < LAYOUT_HEATERS_MAX ==>
        frame->setpoint_cc[i] <= UINT16_MAX;
    assigns \nothing;
    ensures \result == (heater < LAYOUT_HEATERS_MAX ? frame->setpoint_cc[heater] : 0);
*/
unsigned governed_frame_setpoint_cc(const GovernedFrame *frame, unsigned heater)
{
        return heater < LAYOUT_HEATERS_MAX ? (unsigned) frame->setpoint_cc[heater] : 0;
}

/*@ requires \valid_read(frame);
    assigns \nothing;
    ensures \result == frame->frequency_hz;
*/
unsigned governed_frame_frequency_hz(const GovernedFrame *frame)
{
        return frame->frequency_hz;
}

/*@ requires \valid_read(frame);
    assigns \nothing;
    ensures \result == frame->n;
*/
unsigned governed_frame_size(const GovernedFrame *frame)
{
        return frame->n;
}

static const GovernedFrame zero = { .n = LAYOUT_ACTUATORS_MAX };

/*@ assigns \result \from \nothing;
    ensures zero_frame_is_zero: all_zero(\result);
*/
const GovernedFrame *governed_frame_zero(void)
{
        return &zero;
}

/* SR-TIGHTEN */
/*@ requires \valid(g) && \valid_read(limits) && \separated(g, limits);
    assigns g->limits;
    ensures at_most_hard(&g->limits);
    ensures at_most_asked(&g->limits, limits);
    ensures LIMITS(OWN_AT_MOST_HARD) \true;
    ensures LIMITS(OWN_AT_MOST_ASKED) \true;
*/
static void set_limits(Governor *g, const Limits *limits)
{
#define X(field, strictest, hard, unit, what) \
        g->limits.field = (uint16_t) least(limits->field, (hard));
        LIMITS(X)
#undef X
}

/* The range that suits every actuator whose frequency can be chosen at all. */
/*@ requires \valid(g) && \valid_read(layout) && \separated(g, layout);
    requires g->n_actuators <= LAYOUT_ACTUATORS_MAX;
    assigns g->frequency_min_hz, g->frequency_max_hz;
    ensures frequencies_sound(g);
    ensures g->frequency_max_hz > 0 ==> range_suits{Pre}(layout, g->n_actuators,
        \at(g->frequency_min_hz, Post), \at(g->frequency_max_hz, Post));
*/
static void find_frequency_range(Governor *g, const Layout *layout)
{
        uint32_t low = GOVERNOR_FREQUENCY_MIN_HZ, high = GOVERNOR_FREQUENCY_MAX_HZ;
        bool any = false;

        /*@ loop invariant 0 <= i <= g->n_actuators;
            loop invariant GOVERNOR_FREQUENCY_MIN_HZ <= low <= UINT16_MAX;
            loop invariant high <= GOVERNOR_FREQUENCY_MAX_HZ;
            loop invariant range_suits{Pre}(layout, i, low, high);
            loop assigns i, low, high, any;
            loop variant g->n_actuators - i;
        */
        for (uint32_t i = 0; i < g->n_actuators; i++) {
                const Actuator *a = &layout->actuators[i];

                if (a->frequency_max_hz == 0)
                        continue;
                any = true;
                if (a->frequency_min_hz > low)
                        low = a->frequency_min_hz;
                high = least(high, a->frequency_max_hz);
        }

        g->frequency_min_hz = any && low <= high ? (uint16_t) low : 0;
        g->frequency_max_hz = any && low <= high ? (uint16_t) high : 0;
}

/*@ requires \valid(g) && \valid_read(layout) && \separated(g, layout);
    requires g->n_actuators <= LAYOUT_ACTUATORS_MAX && g->n_heaters <= LAYOUT_HEATERS_MAX;
    assigns g->actuators[0 .. LAYOUT_ACTUATORS_MAX - 1], g->heaters[0 .. LAYOUT_HEATERS_MAX - 1];
    ensures actuators_of{Pre, Post}(g, layout, g->n_actuators);
    ensures heaters_of{Pre, Post}(g, layout, g->n_heaters);
    ensures currents_sound(g);
*/
static void take_parts(Governor *g, const Layout *layout)
{
        /*@ loop invariant 0 <= i <= g->n_actuators;
            loop invariant actuators_of{Pre, Here}(g, layout, i);
            loop invariant actuator_currents_sound(g, i);
            loop assigns i, g->actuators[0 .. LAYOUT_ACTUATORS_MAX - 1];
            loop variant g->n_actuators - i;
        */
        for (uint32_t i = 0; i < g->n_actuators; i++) {
                g->actuators[i].keep_out = leg_keep_out(&layout->actuators[i].place);
                g->actuators[i].current_ma = layout->actuators[i].current_ma;
                //@ assert 0 <= g->actuators[i].current_ma <= UINT16_MAX;
        }
        /*@ loop invariant 0 <= i <= g->n_heaters;
            loop invariant heaters_of{Pre, Here}(g, layout, i);
            loop invariant heater_currents_sound(g, i);
            loop assigns i, g->heaters[0 .. LAYOUT_HEATERS_MAX - 1];
            loop variant g->n_heaters - i;
        */
        for (uint32_t i = 0; i < g->n_heaters; i++) {
                g->heaters[i].keep_out = leg_keep_out(&layout->heaters[i].place);
                g->heaters[i].current_ma = layout->heaters[i].current_ma;
                //@ assert 0 <= g->heaters[i].current_ma <= UINT16_MAX;
        }
}

/*@ requires \valid(g);
    assigns g->work[0 .. LAYOUT_ACTUATORS_MAX - 1], g->warmth;
    ensures \forall integer i; 0 <= i < LAYOUT_ACTUATORS_MAX ==> no_work(&g->work[i]);
    ensures \forall integer i; 0 <= i < LAYOUT_HEATERS_MAX ==> no_warmth(g, i);
*/
static void clear_accounts(Governor *g)
{
        /*@ loop invariant 0 <= i <= LAYOUT_ACTUATORS_MAX;
            loop invariant \forall integer j; 0 <= j < i ==> no_work(&g->work[j]);
            loop assigns i, g->work[0 .. LAYOUT_ACTUATORS_MAX - 1];
            loop variant LAYOUT_ACTUATORS_MAX - i;
        */
        for (uint32_t i = 0; i < LAYOUT_ACTUATORS_MAX; i++) {
                g->work[i].begun = 0;
                g->work[i].busy_ms = 0;
                g->work[i].quiet_ms = 0;
                g->work[i].rest_ms = 0;
        }
        /*@ loop invariant 0 <= i <= LAYOUT_HEATERS_MAX;
            loop invariant \forall integer j; 0 <= j < i ==> no_warmth(g, j);
            loop assigns i, g->warmth;
            loop variant LAYOUT_HEATERS_MAX - i;
        */
        for (uint32_t i = 0; i < LAYOUT_HEATERS_MAX; i++) {
                g->warmth.last_cc[i] = 0;
                g->warmth.hot_ms[i] = 0;
                g->warmth.flat_ms[i] = 0;
        }
}

/*@ requires \valid(frame);
    assigns frame->level_permille[0 .. LAYOUT_ACTUATORS_MAX - 1],
        frame->setpoint_cc[0 .. LAYOUT_HEATERS_MAX - 1], frame->frequency_hz;
    ensures all_zero(frame);
*/
void governor_clear_frame(GovernedFrame *frame)
{
        /*@ loop invariant 0 <= i <= LAYOUT_ACTUATORS_MAX;
            loop invariant \forall integer j; 0 <= j < i ==> frame->level_permille[j] == 0;
            loop assigns i, frame->level_permille[0 .. LAYOUT_ACTUATORS_MAX - 1];
            loop variant LAYOUT_ACTUATORS_MAX - i;
        */
        for (uint32_t i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                frame->level_permille[i] = 0;
        /*@ loop invariant 0 <= i <= LAYOUT_HEATERS_MAX;
            loop invariant \forall integer j; 0 <= j < i ==> frame->setpoint_cc[j] == 0;
            loop assigns i, frame->setpoint_cc[0 .. LAYOUT_HEATERS_MAX - 1];
            loop variant LAYOUT_HEATERS_MAX - i;
        */
        for (uint32_t i = 0; i < LAYOUT_HEATERS_MAX; i++)
                frame->setpoint_cc[i] = 0;
        frame->frequency_hz = 0;
}

/*@ requires \valid(g);
    requires g->n_actuators <= LAYOUT_ACTUATORS_MAX;
    assigns g->has_stepped, g->last_ms, g->worked_ms, g->heated_ms, g->ceiling_micro, g->latch,
        g->verdict, g->work[0 .. LAYOUT_ACTUATORS_MAX - 1], g->warmth, g->frame;
    ensures all_zero(&g->frame);
    ensures g->frame.n == g->n_actuators;
    ensures g->ceiling_micro == 0 && !g->has_stepped && g->latch == GOVERNOR_LATCH_NONE;
*/
static void clear_all(Governor *g)
{
        clear_accounts(g);
        governor_clear_frame(&g->frame);
        g->frame.n = g->n_actuators;
        g->has_stepped = 0;
        g->last_ms = 0;
        g->worked_ms = 0;
        g->heated_ms = 0;
        g->ceiling_micro = 0;
        g->latch = GOVERNOR_LATCH_NONE;
        g->verdict = GOVERNOR_STOPPED;
}

void governor_init(Governor *g, const Layout *layout, const Limits *limits)
{
        g->n_actuators = least(layout->n_actuators, LAYOUT_ACTUATORS_MAX);
        g->n_heaters = least(layout->n_heaters, LAYOUT_HEATERS_MAX);
        take_parts(g, layout);
        set_limits(g, limits);
        g->budget_ma = layout->budget_ma;
        find_frequency_range(g, layout);
        clear_all(g);
}

void governor_begin(Governor *g, const Limits *limits)
{
        set_limits(g, limits);
        g->worked_ms = 0;
        g->heated_ms = 0;
        g->ceiling_micro = 0;
}

/*@ requires \valid_read(g);
    assigns \nothing;
    ensures \result == g->verdict;
*/
GovernorVerdict governor_verdict(const Governor *g)
{
        return g->verdict;
}

/*@ requires \valid_read(g);
    assigns \nothing;
    ensures \result == g->ceiling_micro / MICRO_PER_PERMILLE;
*/
unsigned governor_ceiling_permille(const Governor *g)
{
        return g->ceiling_micro / MICRO_PER_PERMILLE;
}

/*@ requires \valid_read(g) && g->n_actuators <= LAYOUT_ACTUATORS_MAX;
    assigns \nothing;
    ensures \result <==> actuator < g->n_actuators && g->work[actuator].rest_ms > 0;
*/
bool governor_rests(const Governor *g, unsigned actuator)
{
        return actuator < g->n_actuators && g->work[actuator].rest_ms > 0;
}

void governor_set_budget(Governor *g, uint16_t budget_ma)
{
        g->budget_ma = budget_ma;
}

/*@ assigns \nothing;
    ensures \result <==> persons(cause);
*/
bool governor_is_persons(GovernorLatch cause)
{
        return cause == GOVERNOR_LATCH_PAIN || cause == GOVERNOR_LATCH_EMERGENCY;
}

/* SR-CLEAR */
void governor_latch(Governor *g, GovernorLatch cause)
{
        if (g->latch == GOVERNOR_LATCH_NONE ||
                        (governor_is_persons(cause) && !governor_is_persons(g->latch)))
                g->latch = cause;
}

/*@ requires \valid_read(g);
    assigns \nothing;
    ensures \result == g->latch;
*/
GovernorLatch governor_latched(const Governor *g)
{
        return g->latch;
}

/* SR-CLEAR */
int governor_clear(Governor *g)
{
        /*@ loop invariant 0 <= i <= g->n_heaters;
            loop invariant \forall integer j; 0 <= j < i ==>
                g->warmth.last_cc[j] <= GOVERNOR_HOT_SOON_CC;
            loop assigns i;
            loop variant g->n_heaters - i;
        */
        for (uint32_t i = 0; i < g->n_heaters; i++)
                if (g->warmth.last_cc[i] > GOVERNOR_HOT_SOON_CC)
                        return -EBUSY;

        g->latch = GOVERNOR_LATCH_NONE;
        g->ceiling_micro = 0;
        return 0;
}
