/* SPDX-License-Identifier: MIT */
#include "daemon/render.h"

#include "common/macro.h"

#define MS_PER_MINUTE 60000u
#define PERMILLE      1000u
/* What a pad on skin reads. It varies: a sensor that stands still is not believed. */
#define READING_CC 3200

static const SessionPermit permit = { GOVERNOR_SCREENED, GOVERNOR_LATER_SESSION, UINT32_MAX };

static Zone nearest_zone(LegPoint at)
{
        Zone nearest = 0;

        for (Zone zone = 1; zone < _ZONE_MAX; zone++)
                if (leg_distance_mm(at, zone_place(zone)) <
                                leg_distance_mm(at, zone_place(nearest)))
                        nearest = zone;

        return nearest;
}

/* The first flaw stays. */
static void find(Render *r, RenderFlaw flaw, unsigned step, uint32_t at_ms)
{
        if (r->report.flaw != RENDER_FINE)
                return;

        r->report = (RenderReport){
                .flaw = flaw,
                .step = step,
                .at_ms = at_ms,
                .zone = nearest_zone(r->session.contact.at),
        };
}

static void find_now(Render *r, RenderFlaw flaw)
{
        find(r, flaw, r->session.step, r->session.played_ms);
}

static bool is_much(uint64_t lost, uint64_t wanted)
{
        return lost * PERMILLE > wanted * RENDER_CLAMPED_PERMILLE;
}

static void end_step(Render *r)
{
        uint64_t most = MAX(r->by_ramp, MAX(r->by_rest, r->by_budget));

        if (is_much(r->by_ramp + r->by_rest + r->by_budget, r->wanted))
                find(r,
                                most == r->by_rest     ? RENDER_MOSTLY_REST
                                : most == r->by_budget ? RENDER_MOSTLY_BUDGET
                                                       : RENDER_MOSTLY_RAMP,
                                r->step, r->lost_at_ms);

        r->step = r->session.step;
        r->wanted = r->by_ramp = r->by_rest = r->by_budget = 0;
        r->lost_at_ms = UINT32_MAX;
}

static void look_at_levels(Render *r, const GovernedFrame *frame)
{
        const Governor *governor = r->session.governor;
        uint32_t ceiling = governor_ceiling_permille(governor);
        uint32_t wanted = 0, by_ramp = 0, by_rest = 0, by_budget = 0;

        for (unsigned i = 0; i < r->session.layout->n_actuators; i++) {
                uint32_t want = r->session.asked.want_permille[i];
                uint32_t under_ceiling = MIN(want, ceiling);
                uint32_t lost = under_ceiling - governed_frame_level(frame, i);

                wanted += want;
                by_ramp += want - under_ceiling;
                if (lost > 0 && governor_rests(governor, i))
                        by_rest += lost;
                else
                        by_budget += lost;
        }

        r->wanted += wanted;
        r->by_ramp += by_ramp;
        r->by_rest += by_rest;
        r->by_budget += by_budget;
        if (r->lost_at_ms == UINT32_MAX && is_much(by_ramp + by_rest + by_budget, wanted))
                r->lost_at_ms = r->session.played_ms;
        if (r->rigour == RENDER_AS_WRITTEN && is_much(by_rest, wanted))
                find_now(r, RENDER_BUSY);
}

/* Pads that the budget leaves cold are no flaw while another one is warm. */
static void look_at_heat(Render *r, const GovernedFrame *frame)
{
        const Layout *layout = r->session.layout;
        bool wanted = false, heats = false;

        for (unsigned i = 0; i < layout->n_heaters; i++) {
                uint32_t want_cc = r->session.asked.want_setpoint_cc[i];
                uint32_t setpoint_cc = governed_frame_setpoint_cc(frame, i);

                /* A pad in a keep-out zone is the massager's fault, and never warm. */
                if (want_cc == 0 || leg_keep_out(&layout->heaters[i].place))
                        continue;
                wanted = true;
                heats = heats || setpoint_cc > 0;
                if (setpoint_cc > 0 && setpoint_cc < want_cc)
                        find_now(r, RENDER_SETPOINT);
        }

        if (wanted && !heats)
                find_now(r, r->heated_ms >= r->session.limits.heat_minutes * MS_PER_MINUTE
                                                ? RENDER_HEAT
                                                : RENDER_HEAT_CURRENT);
        if (heats)
                r->heated_ms += SESSION_FRAME_MS;
}

static void sense(Render *r)
{
        int16_t reading_cc = (int16_t) (READING_CC + r->now_ms / SESSION_FRAME_MS % 2);

        r->readings.status_at_ms = r->now_ms;
        for (unsigned i = 0; i < LAYOUT_HEATERS_MAX; i++)
                r->readings.heaters[i] = (GovernorReading){ true, reading_cc };
}

void render_init(Render *r, const Routine *routine, const Layout *layout, const Limits *limits,
                Governor *governor, RenderRigour rigour)
{
        uint32_t at_ms = 0;
        unsigned step;
        Zone zone;

        *r = (Render){ .rigour = rigour, .lost_at_ms = UINT32_MAX };
        session_init(&r->session, routine, routine_peak_percent(routine), layout, governor, limits,
                        &permit);
        (void) session_armed(&r->session, r->now_ms);

        if (routine_check(routine, layout, &step, &zone) < 0) {
                for (unsigned i = 0; i < step; i++)
                        at_ms += routine->steps[i].duration_ms;
                find(r, RENDER_OUT_OF_REACH, step, at_ms);
                r->report.zone = zone;
        }
}

/* Returns whether there is more to play. */
static bool play_frame(Render *r)
{
        const GovernedFrame *frame;

        r->now_ms += SESSION_FRAME_MS;
        sense(r);
        frame = session_tick(&r->session, r->now_ms, &r->readings);
        if (r->session.step != r->step || session_state(&r->session) == SESSION_ENDED)
                end_step(r);
        if (session_state(&r->session) == SESSION_ENDED) {
                if (r->session.end != SESSION_END_FINISHED)
                        find_now(r, RENDER_SESSION);
                return false;
        }

        look_at_levels(r, frame);
        look_at_heat(r, frame);
        return r->report.flaw == RENDER_FINE;
}

bool render_play(Render *r, unsigned frames)
{
        bool more = r->report.flaw == RENDER_FINE && session_state(&r->session) != SESSION_ENDED;

        while (more && frames-- > 0)
                more = play_frame(r);

        return more;
}
