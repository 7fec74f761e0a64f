/* SPDX-License-Identifier: MIT */
#include "daemon/player.h"

#include <errno.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"

#define MS_PER_MINUTE 60000u

static PlayerView look(const Player *p)
{
        const Session *s = &p->session;

        return (PlayerView){
                .state = session_state(s),
                .step = s->step,
                .intensity_percent = s->intensity_percent,
                .tempo_percent = s->tempo_percent,
                .duration_ms = session_duration_ms(s),
                .remaining_ms = session_remaining_ms(s),
                .deadline_ms = s->armed ? s->tick_ms + session_remaining_ms(s) : 0,
        };
}

/* Says what changed since the last time; time passing is no change. */
static void show(Player *p)
{
        PlayerView before = p->view, now = look(p);

        if (now.state == before.state && now.step == before.step &&
                        now.intensity_percent == before.intensity_percent &&
                        now.tempo_percent == before.tempo_percent &&
                        now.duration_ms == before.duration_ms &&
                        now.deadline_ms == before.deadline_ms)
                return;

        p->view = now;
        p->listener->changed(p->userdata, p, &before);
}

/* SR-STOP, SR-NOT-AGAIN: The session is over, for whatever reason: the massager is stopped before
 * anybody hears of it. */
static void follow_end(Player *p)
{
        if (p->session.end == SESSION_END_NONE || p->told_ended)
                return;

        p->told_ended = true;
        p->arming = false;
        massager_stop(p->massager);
        (void) sd_event_source_set_enabled(p->pause_timer, SD_EVENT_OFF);
        show(p);
        p->listener->ended(p->userdata, p);
}

void player_stop(Player *p, SessionEnd reason)
{
        session_end(&p->session, clock_now_ms(), reason);
        follow_end(p);
}

static void try_to_arm(Player *p)
{
        if (!p->entered || session_state(&p->session) != SESSION_STARTING || p->arming ||
                        massager_state(p->massager) != MASSAGER_IDLE)
                return;

        p->arming = true;
        if (massager_arm(p->massager) < 0)
                player_stop(p, SESSION_END_NOT_ARMED);
}

void player_entered(Player *p)
{
        p->entered = true;
        try_to_arm(p);
}

/* What the massager latched is latched here too. */
static SessionEnd trouble_end(const Massager *m)
{
        return session_end_of_latch(governor_latched(massager_governor(m)));
}

void player_massager_changed(Player *p)
{
        MassagerState state = massager_state(p->massager);
        SessionState session = session_state(&p->session);

        if (session == SESSION_ENDED)
                return;

        switch (state) {
        case MASSAGER_IDLE:
                if (p->session.armed)
                        player_stop(p, trouble_end(p->massager));
                else
                        try_to_arm(p);
                break;
        case MASSAGER_PLAYING:
                if (session == SESSION_STARTING) {
                        p->arming = false;
                        (void) session_armed(&p->session, clock_now_ms());
                        show(p);
                }
                break;
        case MASSAGER_STOPPING:
                if (p->session.armed)
                        player_stop(p, trouble_end(p->massager));
                else if (p->arming)
                        player_stop(p, SESSION_END_NOT_ARMED);
                break;
        case MASSAGER_LATCHED:
        case MASSAGER_FAULTY:
        case MASSAGER_REFUSED:
                player_stop(p, trouble_end(p->massager));
                break;
        case MASSAGER_OPENING:
        case MASSAGER_ARMING:
        case _MASSAGER_STATE_MAX:
                break;
        }
}

bool player_ticks(const Player *p)
{
        return p->session.armed;
}

void player_tick(Player *p, uint64_t now_ms)
{
        const GovernedFrame *frame = session_tick(
                        &p->session, now_ms, massager_readings(p->massager));

        if (!frame)
                return;

        if (p->session.end == SESSION_END_NONE) {
                /* A frame that is lost shows in the massager's statuses, and then ends the
                 * session. */
                (void) massager_output(p->massager, frame);
                p->listener->frame(p->userdata, p, frame);
        }

        follow_end(p);
        show(p);
}

static int on_pause_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Player *p = userdata;

        session_check_pause(&p->session, clock_now_ms());
        follow_end(p);
        return 0;
}

int player_pause(Player *p)
{
        uint64_t limit_ms = (uint64_t) p->session.limits.pause_minutes * MS_PER_MINUTE;
        int r;

        r = session_pause(&p->session, clock_now_ms());
        if (r < 0)
                return r;

        massager_stop(p->massager);
        (void) sd_event_source_set_time_relative(p->pause_timer, limit_ms * USEC_PER_MS);
        (void) sd_event_source_set_enabled(p->pause_timer, SD_EVENT_ONESHOT);
        show(p);
        return 0;
}

int player_resume(Player *p)
{
        int r;

        r = session_resume(&p->session);
        if (r < 0)
                return r;

        (void) sd_event_source_set_enabled(p->pause_timer, SD_EVENT_OFF);
        show(p);
        try_to_arm(p);
        return 0;
}

static int shown(Player *p, int r)
{
        if (r >= 0)
                show(p);
        return r;
}

int player_ease(Player *p)
{
        return shown(p, session_ease(&p->session));
}

int player_skip(Player *p)
{
        return shown(p, session_skip(&p->session));
}

int player_set_intensity(Player *p, unsigned percent)
{
        return shown(p, session_set_intensity(&p->session, percent));
}

/* SR-PAIN: The stop comes first: nothing of it waits for what is said or written afterwards. */
PainAction player_pain(Player *p, int score)
{
        PainAction action = pain_during(score, p->pain_before);

        /* In this order, or the latch would be the end's reason. */
        if (action == PAIN_ACTION_STOP) {
                player_stop(p, SESSION_END_PAIN);
                massager_latch(p->massager, GOVERNOR_LATCH_PAIN);
        } else if (action == PAIN_ACTION_EASE && player_ease(p) < 0)
                action = PAIN_ACTION_NONE;

        return action;
}

Player *player_free(Player *p)
{
        if (!p)
                return NULL;

        sd_event_source_disable_unref(p->pause_timer);
        config_unref(p->config);
        free(p);
        return NULL;
}

int player_new(sd_event *event, const PlayerOrder *order, const PlayerListener *listener,
                void *userdata, Player **ret)
{
        const Layout *layout = &massager_facts(order->massager)->layout;
        Player *p;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;

        p->id = order->id;
        p->config = config_ref(order->config);
        p->massager = order->massager;
        p->leg = order->leg;
        p->leased = order->leased;
        p->pain_before = order->pain_before;
        p->listener = listener;
        p->userdata = userdata;
        session_init(&p->session, &order->routine, order->intensity_percent, layout,
                        massager_governor(order->massager), &order->limits, &order->permit);
        account_init(&p->account, layout, session_duration_ms(&p->session));
        p->view = look(p);

        r = sd_event_add_time(
                        event, &p->pause_timer, CLOCK_BOOTTIME, UINT64_MAX, 0, on_pause_timer, p);
        if (r < 0) {
                player_free(p);
                return r;
        }
        (void) sd_event_source_set_enabled(p->pause_timer, SD_EVENT_OFF);

        *ret = p;
        return 0;
}
