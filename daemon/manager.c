/* SPDX-License-Identifier: MIT */
#include "daemon/manager-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/log.h"

static void ignore_massager(void *userdata, Massager *m)
{
}

static void ignore_session(void *userdata, Player *p)
{
}

static void ignore_change(void *userdata, Player *p, const PlayerView *before)
{
}

static void ignore_event(void *userdata)
{
}

static void ignore_load(void *userdata, unsigned load, const ConfigErrors *errors)
{
}

static void ignore_frame(void *userdata, Player *p, const GovernedFrame *frame)
{
}

static void ignore_offer(void *userdata, const Offer *offer)
{
}

static void ignore_offer_ended(void *userdata, const char *id, OfferState state)
{
}

static const ManagerListener nobody = {
        .massager_added = ignore_massager,
        .massager_changed = ignore_massager,
        .massager_removed = ignore_massager,
        .session_added = ignore_session,
        .session_changed = ignore_change,
        .session_frame = ignore_frame,
        .session_ended = ignore_session,
        .ledger_changed = ignore_event,
        .config_changed = ignore_event,
        .config_loaded = ignore_load,
        .offer_made = ignore_offer,
        .offer_ended = ignore_offer_ended,
        .offers_changed = ignore_event,
};

void manager_set_listener(Manager *manager, const ManagerListener *listener, void *userdata)
{
        manager->listener = listener ? listener : &nobody;
        manager->userdata = userdata;
}

void manager_set_plays(Manager *manager, ManagerPlays plays, void *userdata)
{
        manager->plays = plays;
        manager->plays_userdata = userdata;
}

void manager_set_news(Manager *manager, ManagerNews news, void *userdata)
{
        manager->news = news;
        manager->news_userdata = userdata;
}

void manager_tell_news(const Manager *manager)
{
        if (manager->news)
                manager->news(manager->news_userdata);
}

const Config *manager_config(const Manager *manager)
{
        return manager->config;
}

History *manager_history(const Manager *manager)
{
        return manager->history;
}

Massager *manager_massager(const Manager *manager, size_t i)
{
        return i < manager->n_massagers ? manager->massagers[i] : NULL;
}

Player *manager_player(const Manager *manager, size_t i)
{
        return i < manager->n_players ? manager->players[i] : NULL;
}

Player *manager_player_on(const Manager *manager, const Massager *massager)
{
        for (size_t i = 0; i < manager->n_players; i++)
                if (manager->players[i]->massager == massager && !manager->players[i]->told_ended)
                        return manager->players[i];

        return NULL;
}

bool manager_settled(const Manager *manager)
{
        for (size_t i = 0; i < manager->n_massagers; i++) {
                MassagerState state = massager_state(manager->massagers[i]);

                if (state == MASSAGER_OPENING || state == MASSAGER_STOPPING)
                        return false;
        }

        return true;
}

static bool on_tick(void *userdata, uint64_t now_ms)
{
        Manager *manager = userdata;
        bool again = false;

        for (size_t i = 0; i < manager->n_players; i++) {
                player_tick(manager->players[i], now_ms);
                again = again || player_ticks(manager->players[i]);
        }

        if (!again && manager->plays)
                manager->plays(manager->plays_userdata, false);
        return again;
}

static void on_session_changed(void *userdata, Player *p, const PlayerView *before)
{
        SessionState state = session_state(&p->session);
        Manager *manager = userdata;

        if (before->state == SESSION_PAUSED && state != SESSION_PAUSED && state != SESSION_ENDED)
                manager_enter_resume(manager, p);
        if (player_ticks(p) && frame_clock_start(manager->clock) && manager->plays)
                manager->plays(manager->plays_userdata, true);
        manager->listener->session_changed(manager->userdata, p, before);
}

static void on_session_frame(void *userdata, Player *p, const GovernedFrame *frame)
{
        Manager *manager = userdata;

        manager_enter_frame(manager, p, frame);
        manager->listener->session_frame(manager->userdata, p, frame);
}

static void call_reaper(Manager *manager)
{
        (void) sd_event_source_set_enabled(manager->reaper, SD_EVENT_ONESHOT);
}

/* The one line of a session. That it hurt, and what was answered, is nobody's business. */
static void log_end(const Player *p)
{
        SessionEnd why = p->session.end;
        bool told = why != SESSION_END_PAIN && why != SESSION_END_SCREENING;
        SessionEnd end = told ? why : SESSION_END_STOPPED;
        const LogFields fields = {
                .message_id = LOG_SESSION_OVER,
                .massager = massager_id(p->massager),
                .reason = session_end_to_string(end),
                .session = p->id,
                .played_ms = p->session.played_ms,
        };

        log_fields(6, &fields, "Session %u on %s is over after %" PRIu64 " s: %s", p->id,
                        fields.massager, fields.played_ms / MSEC_PER_S, fields.reason);
}

static void on_session_ended(void *userdata, Player *p)
{
        Manager *manager = userdata;

        log_end(p);
        manager_enter_end(manager, p);
        manager->listener->session_ended(manager->userdata, p);
        manager_update_offers(manager);
        manager_tell_news(manager);
        call_reaper(manager);
}

const PlayerListener manager_player_listener = {
        .changed = on_session_changed,
        .frame = on_session_frame,
        .ended = on_session_ended,
};

static void on_massager_changed(void *userdata, Massager *m)
{
        Manager *manager = userdata;
        Player *p = manager_player_on(manager, m);

        if (p)
                player_massager_changed(p);
        manager_keep(manager, m);
        manager_render(manager);
        manager->listener->massager_changed(manager->userdata, m);
}

/* SR-NOT-AGAIN */
static void on_massager_gone(void *userdata, Massager *m, TransportGone how)
{
        Manager *manager = userdata;
        Player *p = manager_player_on(manager, m);

        manager_keep_gone(manager, m, how);

        if (p)
                player_stop(p, SESSION_END_MASSAGER_GONE);

        for (size_t i = 0; i < manager->n_massagers; i++)
                if (manager->massagers[i] == m)
                        manager->gone[i] = true;
        call_reaper(manager);
}

static const MassagerListener massager_listener = {
        .governor = manager_kept_governor,
        .changed = on_massager_changed,
        .gone = on_massager_gone,
};

static int on_reaper(sd_event_source *source, void *userdata)
{
        Manager *manager = userdata;
        size_t kept = 0;

        for (size_t i = 0; i < manager->n_players; i++)
                if (manager->players[i]->told_ended)
                        player_free(manager->players[i]);
                else
                        manager->players[kept++] = manager->players[i];
        manager->n_players = kept;

        kept = 0;
        for (size_t i = 0; i < manager->n_massagers; i++) {
                Massager *m = manager->massagers[i];

                if (!manager->gone[i]) {
                        manager->massagers[kept++] = m;
                        continue;
                }
                log_massager(6, LOG_MASSAGER_GONE, massager_id(m), "Massager %s is gone",
                                massager_id(m));
                manager->listener->massager_removed(manager->userdata, m);
                massager_free(m);
        }
        if (manager->n_massagers != kept) {
                manager->n_massagers = kept;
                manager_tell_news(manager);
        }
        memset(manager->gone, 0, sizeof(manager->gone));
        manager_forget_rendered(manager, false);
        return 0;
}

int manager_add_transport(Manager *manager, Transport *transport)
{
        Massager *m;
        int r;

        if (manager->n_massagers == MANAGER_MASSAGERS_MAX) {
                transport_free(transport);
                return -ENOSPC;
        }

        r = massager_new(manager->event, transport, &massager_listener, manager, &m);
        if (r < 0)
                return r;

        manager->massagers[manager->n_massagers++] = m;
        log_massager(6, LOG_MASSAGER_ATTACHED, massager_id(m), "Massager %s (%s) is attached",
                        massager_id(m), massager_name(m));
        manager->listener->massager_added(manager->userdata, m);
        manager_tell_news(manager);
        return 0;
}

static unsigned stop_all(Manager *manager, SessionEnd reason)
{
        unsigned n = 0;

        for (size_t i = 0; i < manager->n_players; i++) {
                if (manager->players[i]->told_ended)
                        continue;
                player_stop(manager->players[i], reason);
                n++;
        }
        for (size_t i = 0; i < manager->n_massagers; i++)
                massager_stop(manager->massagers[i]);

        return n;
}

/* SR-EMERGENCY */
unsigned manager_emergency_stop(Manager *manager)
{
        unsigned n = stop_all(manager, SESSION_END_EMERGENCY);

        for (size_t i = 0; i < manager->n_massagers; i++)
                massager_latch(manager->massagers[i], GOVERNOR_LATCH_EMERGENCY);

        return n;
}

unsigned manager_stop_all(Manager *manager)
{
        return stop_all(manager, SESSION_END_STOPPED);
}

/* SR-BEGIN */
void manager_shut_down(Manager *manager)
{
        (void) stop_all(manager, SESSION_END_SHUTDOWN);
}

/* SR-NOT-AGAIN */
void manager_sleep(Manager *manager)
{
        (void) stop_all(manager, SESSION_END_SLEEP);
}

static void on_wall_clock(void *userdata)
{
        manager_update_offers(userdata);
}

void manager_set_resting(Manager *manager, bool resting)
{
        manager->resting = resting;
}

Manager *manager_free(Manager *manager)
{
        if (!manager)
                return NULL;

        for (size_t i = 0; i < manager->n_players; i++)
                player_free(manager->players[i]);
        for (size_t i = 0; i < manager->n_massagers; i++)
                massager_free(manager->massagers[i]);
        manager_forget_kept(manager);
        history_free(manager->history);
        config_loader_free(manager->loader);
        manager_forget_rendered(manager, true);
        sd_event_source_disable_unref(manager->renderer);
        wall_clock_free(manager->wall_clock);
        free(manager->offers);
        frame_clock_free(manager->clock);
        sd_event_source_disable_unref(manager->reaper);
        config_unref(manager->config);
        sd_event_unref(manager->event);
        free(manager);
        return NULL;
}

int manager_new(sd_event *event, Config *config, const char *state_dir, Manager **ret)
{
        _cleanup_(manager_freep) Manager *manager = NULL;
        int r;

        manager = calloc(1, sizeof(*manager));
        if (!manager) {
                config_unref(config);
                return -ENOMEM;
        }

        manager->event = sd_event_ref(event);
        manager->config = config;
        manager->listener = &nobody;
        manager->schedule = config->schedule;
        manager->n_schedule = config->n_schedule;
        manager->offers = calloc(1, sizeof(*manager->offers));
        if (!manager->offers)
                return -ENOMEM;

        r = frame_clock_new(event, on_tick, manager, &manager->clock);
        if (r < 0)
                return r;
        r = wall_clock_new(event, on_wall_clock, manager, &manager->wall_clock);
        if (r < 0)
                return r;
        r = history_new(event, state_dir, &manager_history_listener, manager, &manager->history);
        if (r < 0)
                return r;
        r = sd_event_add_defer(event, &manager->reaper, on_reaper, manager);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(manager->reaper, SD_EVENT_OFF);
        if (r >= 0)
                r = manager_new_renderer(manager);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(manager);
        return 0;
}
