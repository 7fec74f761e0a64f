/* SPDX-License-Identifier: MIT */
#include "daemon/governor-private.h"

#include <errno.h>

#include "daemon/leg-map.h"

#define MS_PER_MINUTE      60000u
#define MS_PER_S           1000u
#define MICRO_PER_PERMILLE 1000u
#define LEVEL_MAX          1000u

static uint32_t least(uint32_t a, uint32_t b)
{
        return a < b ? a : b;
}

/* Accounts stop at their top instead of wrapping round to "fresh". */
static uint32_t add_up(uint32_t account_ms, uint64_t ms)
{
        return ms > UINT32_MAX - account_ms ? UINT32_MAX : account_ms + (uint32_t) ms;
}

static uint32_t take_off(uint32_t account_ms, uint64_t ms)
{
        return ms >= account_ms ? 0 : account_ms - (uint32_t) ms;
}

unsigned governed_frame_level(const GovernedFrame *frame, unsigned actuator)
{
        return actuator < frame->n ? frame->level_permille[actuator] : 0;
}

unsigned governed_frame_setpoint_cc(const GovernedFrame *frame, unsigned heater)
{
        return heater < LAYOUT_HEATERS_MAX ? frame->setpoint_cc[heater] : 0;
}

unsigned governed_frame_frequency_hz(const GovernedFrame *frame)
{
        return frame->frequency_hz;
}

unsigned governed_frame_size(const GovernedFrame *frame)
{
        return frame->n;
}

const GovernedFrame *governed_frame_zero(void)
{
        static const GovernedFrame zero = { .n = LAYOUT_ACTUATORS_MAX };

        return &zero;
}

static void set_limits(Governor *g, const Limits *limits)
{
        g->limits = limits_hard;
        limits_tighten(&g->limits, limits);
}

/* The range that suits every actuator whose frequency can be chosen at all. */
static void find_frequency_range(Governor *g, const Layout *layout)
{
        uint32_t low = GOVERNOR_FREQUENCY_MIN_HZ, high = GOVERNOR_FREQUENCY_MAX_HZ;
        bool any = false;

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

void governor_init(Governor *g, const Layout *layout, const Limits *limits)
{
        *g = (Governor){
                .n_actuators = least(layout->n_actuators, LAYOUT_ACTUATORS_MAX),
                .n_heaters = least(layout->n_heaters, LAYOUT_HEATERS_MAX),
                .budget_ma = layout->budget_ma,
        };

        for (uint32_t i = 0; i < g->n_actuators; i++) {
                g->actuators[i].keep_out = leg_keep_out(&layout->actuators[i].place);
                g->actuators[i].current_ma = layout->actuators[i].current_ma;
        }
        for (uint32_t i = 0; i < g->n_heaters; i++) {
                g->heaters[i].keep_out = leg_keep_out(&layout->heaters[i].place);
                g->heaters[i].current_ma = layout->heaters[i].current_ma;
        }

        g->frame.n = g->n_actuators;
        find_frequency_range(g, layout);
        set_limits(g, limits);
}

void governor_begin(Governor *g, const Limits *limits)
{
        set_limits(g, limits);
        g->worked_ms = 0;
        g->heated_ms = 0;
        g->ceiling_micro = 0;
}

GovernorVerdict governor_verdict(const Governor *g)
{
        return g->verdict;
}

void governor_latch(Governor *g, GovernorLatch cause)
{
        if (g->latch == GOVERNOR_LATCH_NONE)
                g->latch = cause;
}

GovernorLatch governor_latched(const Governor *g)
{
        return g->latch;
}

int governor_clear(Governor *g)
{
        for (uint32_t i = 0; i < g->n_heaters; i++)
                if (g->heaters[i].last_cc > GOVERNOR_HOT_SOON_CC)
                        return -EBUSY;

        g->latch = GOVERNOR_LATCH_NONE;
        g->ceiling_micro = 0;
        return 0;
}

/* A status from the future is as doubtful as an old one. */
static bool status_fresh(const GovernorInput *in)
{
        return in->status_at_ms <= in->now_ms &&
               in->now_ms - in->status_at_ms <= GOVERNOR_STATUS_FRESH_MS;
}

/* Books the time since the last step on what that step let through. */
static void book_actuator(GovernorActuator *a, bool worked, uint64_t dt_ms, uint32_t busy_max_ms)
{
        a->rest_ms = take_off(a->rest_ms, dt_ms);
        a->quiet_ms = worked ? 0 : add_up(a->quiet_ms, dt_ms);

        if (worked || a->busy_ms > 0)
                a->busy_ms = add_up(a->busy_ms, dt_ms);
        if (a->quiet_ms >= GOVERNOR_REST_MS)
                a->busy_ms = 0;
        if (a->busy_ms >= busy_max_ms) {
                /* What was quiet already counts towards the rest. */
                a->rest_ms = GOVERNOR_REST_MS - a->quiet_ms;
                a->busy_ms = 0;
        }
}

static void book_heater(GovernorHeater *h, const GovernorReading *reading, bool fresh, bool heated,
                uint64_t dt_ms)
{
        if (!reading->present || !fresh)
                return;

        h->hot_ms = reading->temperature_cc > GOVERNOR_HOT_SOON_CC ? add_up(h->hot_ms, dt_ms) : 0;
        if (reading->temperature_cc != h->last_cc)
                h->flat_ms = 0;
        else if (heated)
                h->flat_ms = add_up(h->flat_ms, dt_ms);
        h->last_cc = reading->temperature_cc;
}

static bool any_heat(const GovernedFrame *frame)
{
        for (uint32_t i = 0; i < LAYOUT_HEATERS_MAX; i++)
                if (frame->setpoint_cc[i] > 0)
                        return true;

        return false;
}

static void book(Governor *g, const GovernorInput *in, uint64_t dt_ms)
{
        bool fresh = status_fresh(in);

        if (g->verdict == GOVERNOR_RUNNING)
                g->worked_ms = add_up(g->worked_ms, dt_ms);
        if (any_heat(&g->frame))
                g->heated_ms = add_up(g->heated_ms, dt_ms);

        for (uint32_t i = 0; i < g->n_actuators; i++)
                book_actuator(&g->actuators[i], g->frame.level_permille[i] > 0, dt_ms,
                                g->limits.busy_s * MS_PER_S);

        for (uint32_t i = 0; i < g->n_heaters; i++) {
                GovernorHeater *h = &g->heaters[i];

                book_heater(h, &in->reading[i], fresh, g->frame.setpoint_cc[i] > 0, dt_ms);
                if (h->last_cc > GOVERNOR_HOT_NOW_CC || h->hot_ms >= GOVERNOR_HOT_MS)
                        governor_latch(g, GOVERNOR_LATCH_HOT);
        }
}

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

static uint32_t cap_of(const Governor *g, const GovernorInput *in)
{
        uint32_t cap = least(in->cap_permille, g->limits.level_permille);

        return in->experience == GOVERNOR_LATER_SESSION
                               ? cap
                               : least(cap, g->limits.first_level_permille);
}

static bool heater_allowed(const Governor *g, const GovernorInput *in, uint32_t i)
{
        const GovernorHeater *h = &g->heaters[i];

        /* The status is fresh here: otherwise the verdict would not be running. */
        return !h->keep_out && in->reading[i].present && in->want_setpoint_cc[i] > 0 &&
               in->reading[i].temperature_cc > GOVERNOR_PLAUSIBLE_MIN_CC &&
               h->flat_ms < GOVERNOR_FLAT_MS &&
               g->heated_ms < g->limits.heat_minutes * MS_PER_MINUTE;
}

/* Returns what is left of the budget, in mA × per mille. */
static uint32_t allow_heat(Governor *g, const GovernorInput *in)
{
        uint32_t left_ma = g->budget_ma;

        for (uint32_t i = 0; i < g->n_heaters; i++) {
                const GovernorHeater *h = &g->heaters[i];

                if (!heater_allowed(g, in, i) || h->current_ma > left_ma)
                        continue;
                left_ma -= h->current_ma;
                g->frame.setpoint_cc[i] = (uint16_t) least(
                                in->want_setpoint_cc[i], g->limits.setpoint_cc);
        }

        return left_ma * LEVEL_MAX;
}

static uint32_t allowed_level(const Governor *g, const GovernorInput *in, uint32_t i)
{
        const GovernorActuator *a = &g->actuators[i];

        if (a->keep_out || a->rest_ms > 0)
                return 0;

        return least(in->want_permille[i], g->ceiling_micro / MICRO_PER_PERMILLE);
}

/* Shares the budget, given in mA × per mille: all levels shrink alike, so that the touch keeps its
 * shape. The clamp after it is what carries the promise: nobody gets more than what is left. */
static void allow_levels(Governor *g, const GovernorInput *in, uint32_t budget)
{
        uint64_t wanted = 0;
        uint32_t left = budget;

        for (uint32_t i = 0; i < g->n_actuators; i++)
                wanted += (uint64_t) allowed_level(g, in, i) * g->actuators[i].current_ma;

        for (uint32_t i = 0; i < g->n_actuators; i++) {
                uint32_t current_ma = g->actuators[i].current_ma;
                uint32_t level = allowed_level(g, in, i);

                if (wanted > budget)
                        level = (uint32_t) ((uint64_t) level * budget / wanted);
                if (current_ma > 0)
                        level = least(level, left / current_ma);

                left -= level * current_ma;
                g->frame.level_permille[i] = (uint16_t) level;
        }
}

static uint16_t allowed_frequency(const Governor *g, uint16_t wanted_hz)
{
        if (wanted_hz == 0 || g->frequency_max_hz == 0)
                return 0;
        if (wanted_hz < g->frequency_min_hz)
                return g->frequency_min_hz;

        return (uint16_t) least(wanted_hz, g->frequency_max_hz);
}

static void clear_frame(GovernedFrame *frame)
{
        for (uint32_t i = 0; i < LAYOUT_ACTUATORS_MAX; i++)
                frame->level_permille[i] = 0;
        for (uint32_t i = 0; i < LAYOUT_HEATERS_MAX; i++)
                frame->setpoint_cc[i] = 0;
        frame->frequency_hz = 0;
}

static void raise_ceiling(Governor *g, uint32_t cap_permille, uint32_t dt_ms)
{
        /* Per mille a second is micro-levels a millisecond. */
        g->ceiling_micro = least(g->ceiling_micro + g->limits.ramp_permille_per_s * dt_ms,
                        cap_permille * MICRO_PER_PERMILLE);
}

const GovernedFrame *governor_step(Governor *g, const GovernorInput *input)
{
        bool back = g->has_stepped && input->now_ms < g->last_ms;
        uint64_t dt_ms = g->has_stepped && !back ? input->now_ms - g->last_ms : 0;

        book(g, input, dt_ms);
        g->verdict = judge(g, input, back || dt_ms > GOVERNOR_LATE_MS);
        /* A clock that went back gives no rest twice: nothing moves until it has caught up. */
        g->last_ms = back ? g->last_ms : input->now_ms;
        g->has_stepped = true;

        clear_frame(&g->frame);
        if (g->verdict != GOVERNOR_RUNNING) {
                g->ceiling_micro = 0;
                return &g->frame;
        }

        raise_ceiling(g, cap_of(g, input), (uint32_t) dt_ms);
        allow_levels(g, input, allow_heat(g, input));
        g->frame.frequency_hz = allowed_frequency(g, input->frequency_hz);
        return &g->frame;
}
