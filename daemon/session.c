/* SPDX-License-Identifier: MIT */
#include "daemon/session.h"

#include <errno.h>

#include "common/macro.h"

#define PERCENT  100u
#define PERMILLE 1000u
#define CC_PER_C 100u

static const char *const state_names[_SESSION_STATE_MAX] = {
        [SESSION_STARTING] = "starting",
        [SESSION_WARMING_UP] = "warming-up",
        [SESSION_PLAYING] = "playing",
        [SESSION_FINISHING] = "finishing",
        [SESSION_PAUSED] = "paused",
        [SESSION_ENDED] = "ended",
};

static const struct {
        const char *name;
        const char *sentence;
} ends[_SESSION_END_MAX] = {
        [SESSION_END_NONE] = { "", "" },
        [SESSION_END_FINISHED] = { "finished", "The routine was played to its end." },
        [SESSION_END_STOPPED] = { "stopped", "The session was stopped." },
        [SESSION_END_CLIENT_GONE] = { "client-gone",
                        "The program that started the session went away, so it was stopped." },
        [SESSION_END_MASSAGER_GONE] = { "massager-gone",
                        "The massager was unplugged; plug it in and start again." },
        [SESSION_END_MASSAGER_SILENT] = { "massager-silent",
                        "The massager no longer says what it does; unplug it and plug it in "
                        "again." },
        [SESSION_END_MASSAGER_FAULT] = { "massager-fault",
                        "The massager reported a fault; see its reason with: kneectl devices" },
        [SESSION_END_BUTTON] = { "button",
                        "The stop button on the massager was pressed; when the person is ready, "
                        "clear it with: kneectl clear" },
        [SESSION_END_TOO_HOT] = { "too-hot",
                        "The massager became too hot; take it off, let it cool down, then clear it "
                        "with: kneectl clear" },
        [SESSION_END_LIMIT] = { "limit", "The time that the limits allow is used up." },
        [SESSION_END_NOT_ARMED] = { "not-armed",
                        "The massager did not become ready; unplug it and plug it in again." },
        [SESSION_END_PAUSED_TOO_LONG] = { "paused-too-long",
                        "The pause was too long, so the session was ended; start again." },
        [SESSION_END_PAIN] = { "pain",
                        "It hurt too much, so the session was stopped; let the leg rest for a "
                        "day." },
        [SESSION_END_SCREENING] = { "screening",
                        "New answers to the questions do not allow the session as it was, so it "
                        "was stopped; see what may start now with: kneectl status" },
        [SESSION_END_EMERGENCY] = { "emergency",
                        "An emergency stop was called; see why, then clear it with: kneectl "
                        "clear" },
        [SESSION_END_LEDGER] = { "ledger",
                        "What is done could not be written down, so the session was ended; see: "
                        "kneectl status" },
        [SESSION_END_SLEEP] = { "sleep", "The computer went to sleep; start again." },
        [SESSION_END_SHUTDOWN] = { "shutdown", "kneed is being stopped." },
};

const char *session_state_to_string(SessionState state)
{
        return state_names[state];
}

const char *session_end_to_string(SessionEnd end)
{
        return ends[end].name;
}

const char *session_end_sentence(SessionEnd end)
{
        return ends[end].sentence;
}

void session_init(Session *s, const Routine *routine, unsigned intensity_percent,
                const Layout *layout, Governor *governor, const Limits *limits,
                const SessionPermit *permit)
{
        *s = (Session){
                .routine = *routine,
                .layout = layout,
                .governor = governor,
                .permit = *permit,
                .limits = limits_hard,
                .intensity_percent = intensity_percent,
                .tempo_percent = PERCENT,
        };
        limits_tighten(&s->limits, limits);
        governor_begin(governor, &s->limits);
}

uint32_t session_duration_ms(const Session *s)
{
        return routine_duration_ms(&s->routine);
}

uint32_t session_remaining_ms(const Session *s)
{
        return session_duration_ms(s) - s->played_ms;
}

static uint32_t warm_up_ms(const Session *s)
{
        return MIN(SESSION_WARM_UP_MS, session_duration_ms(s) / 10);
}

static uint32_t finish_ms(const Session *s)
{
        return MIN(SESSION_FINISH_MS, session_duration_ms(s) / 10);
}

SessionState session_state(const Session *s)
{
        if (s->end != SESSION_END_NONE)
                return SESSION_ENDED;
        if (s->paused)
                return SESSION_PAUSED;
        if (!s->armed)
                return SESSION_STARTING;
        if (s->played_ms < warm_up_ms(s))
                return SESSION_WARMING_UP;

        return session_remaining_ms(s) <= finish_ms(s) ? SESSION_FINISHING : SESSION_PLAYING;
}

int session_armed(Session *s, uint64_t now_ms)
{
        if (session_state(s) != SESSION_STARTING)
                return -EBUSY;

        s->armed = true;
        s->tick_ms = now_ms;
        s->silent_at_ms = 0;
        return 0;
}

/* A straight line from `from` at 0 to PERMILLE at full_ms. */
static uint32_t rise_permille(uint32_t from, uint32_t ms, uint32_t full_ms)
{
        return ms >= full_ms ? PERMILLE : from + (PERMILLE - from) * ms / full_ms;
}

/* How much of what the limits allow may be used now: the dial, the step's share of it, and the
 * gentle beginnings and endings. */
static uint32_t cap_permille(const Session *s)
{
        const RoutineStep *step = &s->routine.steps[s->step];
        uint32_t cap = s->permit.experience == GOVERNOR_LATER_SESSION
                                       ? s->limits.level_permille
                                       : MIN(s->limits.level_permille,
                                                         s->limits.first_level_permille);

        cap = cap * s->intensity_percent / PERCENT;
        cap = cap * step->intensity_percent / routine_peak_percent(&s->routine);
        cap = cap * rise_permille(SESSION_WARM_UP_PERMILLE, s->played_ms, warm_up_ms(s)) / PERMILLE;
        cap = cap * rise_permille(0, s->step_ms, SESSION_STEP_FADE_MS) / PERMILLE;

        return cap * rise_permille(SESSION_FINISH_PERMILLE, session_remaining_ms(s), finish_ms(s)) /
               PERMILLE;
}

static unsigned tempo_percent(const Session *s)
{
        return s->routine.steps[s->step].tempo_percent * s->tempo_percent / PERCENT;
}

static void next_step(Session *s)
{
        s->step++;
        s->step_ms = 0;
        s->technique_ms = 0;
}

/* Moves the clocks on. Returns false when nothing is left to play. */
static bool advance(Session *s, uint64_t now_ms)
{
        uint64_t dt_ms = now_ms > s->tick_ms ? now_ms - s->tick_ms : 0;

        s->tick_ms = MAX(s->tick_ms, now_ms);
        if (dt_ms >= session_remaining_ms(s)) {
                s->played_ms = session_duration_ms(s);
                return false;
        }

        s->played_ms += (uint32_t) dt_ms;
        s->technique_ms += dt_ms;
        s->step_ms += (uint32_t) dt_ms;
        while (s->step_ms >= s->routine.steps[s->step].duration_ms) {
                uint32_t over_ms = s->step_ms - s->routine.steps[s->step].duration_ms;

                next_step(s);
                s->step_ms = over_ms;
        }

        return true;
}

static void ask(const Session *s, uint64_t now_ms, const SessionReadings *readings,
                GovernorInput *ret)
{
        const RoutineStep *step = &s->routine.steps[s->step];
        uint32_t cap = cap_permille(s);

        *ret = (GovernorInput){
                .now_ms = now_ms,
                .status_at_ms = readings->status_at_ms,
                .wish = GOVERNOR_WISH_RUN,
                .screening = s->permit.screening,
                .experience = s->permit.experience,
                .dose_left_ms = s->permit.dose_left_ms > s->played_ms
                                                ? s->permit.dose_left_ms - s->played_ms
                                                : 0,
                .cap_permille = (uint16_t) cap,
                .frequency_hz = step->technique->frequency_hz,
        };

        technique_levels(&s->contact, s->layout, ret->want_permille);
        for (unsigned i = 0; i < s->layout->n_actuators; i++)
                ret->want_permille[i] = (uint16_t) (ret->want_permille[i] * cap / PERMILLE);
        for (unsigned i = 0; i < s->layout->n_heaters; i++) {
                ret->want_setpoint_cc[i] = (uint16_t) (step->heat_c * CC_PER_C);
                ret->reading[i] = readings->heaters[i];
        }
}

SessionEnd session_end_of_latch(GovernorLatch cause)
{
        switch (cause) {
        case GOVERNOR_LATCH_HOT:
                return SESSION_END_TOO_HOT;
        case GOVERNOR_LATCH_BUTTON:
                return SESSION_END_BUTTON;
        case GOVERNOR_LATCH_PAIN:
                return SESSION_END_PAIN;
        case GOVERNOR_LATCH_EMERGENCY:
                return SESSION_END_EMERGENCY;
        case GOVERNOR_LATCH_FAULT:
        case GOVERNOR_LATCH_NONE:
                break;
        }

        return SESSION_END_MASSAGER_FAULT;
}

/* SR-SILENT, SR-SESSION: What the governor's verdict means for the session. */
static SessionEnd verdict_end(Session *s, uint64_t now_ms)
{
        switch (governor_verdict(s->governor)) {
        case GOVERNOR_LATCHED:
                return session_end_of_latch(governor_latched(s->governor));
        case GOVERNOR_STALE:
                if (s->silent_at_ms == 0)
                        s->silent_at_ms = now_ms;
                return now_ms - s->silent_at_ms >= SESSION_SILENT_MS ? SESSION_END_MASSAGER_SILENT
                                                                     : SESSION_END_NONE;
        case GOVERNOR_UNSCREENED:
        case GOVERNOR_EXHAUSTED:
                return SESSION_END_LIMIT;
        case GOVERNOR_STOPPED:
        case GOVERNOR_LATE:
        case GOVERNOR_RUNNING:
                break;
        }

        s->silent_at_ms = 0;
        return SESSION_END_NONE;
}

static const GovernedFrame *governor_to_zero(Session *s, uint64_t now_ms)
{
        return governor_step(s->governor, &(GovernorInput){ .now_ms = now_ms });
}

const GovernedFrame *session_tick(Session *s, uint64_t now_ms, const SessionReadings *readings)
{
        const GovernedFrame *frame;
        SessionEnd end;

        if (!s->armed)
                return NULL;

        if (!advance(s, now_ms)) {
                session_end(s, now_ms, SESSION_END_FINISHED);
                return governed_frame_zero();
        }

        s->contact = technique_contact(
                        s->routine.steps[s->step].technique, s->technique_ms, tempo_percent(s));
        ask(s, now_ms, readings, &s->asked);
        frame = governor_step(s->governor, &s->asked);

        end = verdict_end(s, now_ms);
        if (end != SESSION_END_NONE)
                session_end(s, now_ms, end);

        return frame;
}

/* SR-SESSION */
void session_check_pause(Session *s, uint64_t now_ms)
{
        uint64_t limit_ms = s->limits.pause_minutes * 60000ull;

        if (session_state(s) == SESSION_PAUSED && now_ms - s->paused_at_ms >= limit_ms)
                session_end(s, now_ms, SESSION_END_PAUSED_TOO_LONG);
}

int session_pause(Session *s, uint64_t now_ms)
{
        if (!s->armed)
                return -EBUSY;

        s->armed = false;
        s->paused = true;
        s->paused_at_ms = now_ms;
        s->contact.strength_permille = 0;
        (void) governor_to_zero(s, now_ms);
        return 0;
}

/* SR-RAMP */
int session_resume(Session *s)
{
        if (session_state(s) != SESSION_PAUSED)
                return -EBUSY;

        s->paused = false;
        return 0;
}

int session_ease(Session *s)
{
        const Technique *technique = s->routine.steps[s->step].technique;

        if (s->end != SESSION_END_NONE)
                return -EBUSY;

        s->intensity_percent = MAX(s->intensity_percent / 2, 1u);
        s->tempo_percent = MAX(s->tempo_percent / 2, ROUTINE_TEMPO_MIN_PERCENT);
        s->technique_ms = technique_next_place_ms(technique, s->technique_ms);
        return 0;
}

/* What is skipped is taken out of the routine, so that duration, time left and the finish stay
 * true. */
int session_skip(Session *s)
{
        if (s->end != SESSION_END_NONE)
                return -EBUSY;

        s->routine.steps[s->step].duration_ms = s->step_ms;
        if (s->step + 1 < s->routine.n_steps)
                next_step(s);

        return 0;
}

int session_set_intensity(Session *s, unsigned percent)
{
        if (percent < 1 || percent > PERCENT)
                return -ERANGE;
        if (s->end != SESSION_END_NONE)
                return -EBUSY;

        s->intensity_percent = percent;
        return 0;
}

void session_end(Session *s, uint64_t now_ms, SessionEnd reason)
{
        if (s->end != SESSION_END_NONE)
                return;

        s->end = reason;
        s->armed = false;
        s->paused = false;
        s->contact.strength_permille = 0;
        (void) governor_to_zero(s, now_ms);
}
