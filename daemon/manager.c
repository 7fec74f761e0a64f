/* SPDX-License-Identifier: MIT */
#include "daemon/manager.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/frame-clock.h"
#include "daemon/log.h"

#define MS_PER_MINUTE 60000u

/* More than can be attached, so that the place that is used again is never one in use. */
#define MANAGER_KEPT_MAX (2 * MANAGER_MASSAGERS_MAX)

/* What is remembered of a massager while it is unplugged. */
typedef struct Kept {
        char id[TRANSPORT_TEXT_MAX + 1];
        uint64_t seen_ms;
        Layout layout;
        Governor *governor; /* NULL: a free place */
} Kept;

struct Manager {
        sd_event *event;
        Config *config;
        const ManagerListener *listener;
        void *userdata;

        ManagerPlays plays; /* or NULL */
        void *plays_userdata;

        FrameClock *clock;
        sd_event_source *reaper; /* frees what is over, outside of its own callbacks */
        unsigned last_session_id;

        /* One session a massager; what is gone or over stays until the reaper comes. */
        size_t n_massagers;
        Massager *massagers[MANAGER_MASSAGERS_MAX];
        bool gone[MANAGER_MASSAGERS_MAX];
        size_t n_players;
        Player *players[MANAGER_MASSAGERS_MAX];
        Kept kept[MANAGER_KEPT_MAX];
};

static void ignore_massager(void *userdata, Massager *m)
{
}

static void ignore_session(void *userdata, Player *p)
{
}

static void ignore_change(void *userdata, Player *p, const PlayerView *before)
{
}

static void ignore_frame(void *userdata, Player *p, const GovernedFrame *frame)
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

const Config *manager_config(const Manager *manager)
{
        return manager->config;
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
        Manager *manager = userdata;

        if (player_ticks(p) && frame_clock_start(manager->clock) && manager->plays)
                manager->plays(manager->plays_userdata, true);
        manager->listener->session_changed(manager->userdata, p, before);
}

static void on_session_frame(void *userdata, Player *p, const GovernedFrame *frame)
{
        Manager *manager = userdata;

        manager->listener->session_frame(manager->userdata, p, frame);
}

static void call_reaper(Manager *manager)
{
        (void) sd_event_source_set_enabled(manager->reaper, SD_EVENT_ONESHOT);
}

static void on_session_ended(void *userdata, Player *p)
{
        Manager *manager = userdata;

        log_info("Session %u on %s is over: %s", p->id, massager_id(p->massager),
                        session_end_to_string(p->session.end));
        manager->listener->session_ended(manager->userdata, p);
        call_reaper(manager);
}

static const PlayerListener player_listener = {
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
        manager->listener->massager_changed(manager->userdata, m);
}

static void on_massager_gone(void *userdata, Massager *m)
{
        Manager *manager = userdata;
        Player *p = manager_player_on(manager, m);

        if (p)
                player_stop(p, SESSION_END_MASSAGER_GONE);

        for (size_t i = 0; i < manager->n_massagers; i++)
                if (manager->massagers[i] == m)
                        manager->gone[i] = true;
        call_reaper(manager);
}

static bool same_place(const Place *a, const Place *b)
{
        return a->known == b->known && a->angle_deg == b->angle_deg && a->height_mm == b->height_mm;
}

/* Member by member: what lies between members is nobody's. */
static bool same_layout(const Layout *a, const Layout *b)
{
        if (a->n_actuators != b->n_actuators || a->n_heaters != b->n_heaters ||
                        a->budget_ma != b->budget_ma)
                return false;

        for (unsigned i = 0; i < a->n_actuators; i++)
                if (!same_place(&a->actuators[i].place, &b->actuators[i].place) ||
                                a->actuators[i].current_ma != b->actuators[i].current_ma ||
                                a->actuators[i].frequency_min_hz !=
                                                b->actuators[i].frequency_min_hz ||
                                a->actuators[i].frequency_max_hz !=
                                                b->actuators[i].frequency_max_hz)
                        return false;
        for (unsigned i = 0; i < a->n_heaters; i++)
                if (!same_place(&a->heaters[i].place, &b->heaters[i].place) ||
                                a->heaters[i].current_ma != b->heaters[i].current_ma)
                        return false;

        return true;
}

static bool in_use(const Manager *manager, const Kept *kept)
{
        for (size_t i = 0; i < manager->n_massagers; i++)
                if (kept->governor && massager_governor(manager->massagers[i]) == kept->governor)
                        return true;

        return false;
}

/* The place of that massager, or the one that has not been needed for longest. */
static Kept *find_kept(Manager *manager, const char *id)
{
        Kept *oldest = NULL;

        for (size_t i = 0; i < MANAGER_KEPT_MAX; i++) {
                Kept *kept = &manager->kept[i];

                if (kept->governor && streq(kept->id, id))
                        return kept;
                if ((!oldest || kept->seen_ms < oldest->seen_ms) && !in_use(manager, kept))
                        oldest = kept;
        }

        return oldest;
}

/* A massager that comes back as it was finds its governor again, with what its actuators have
 * worked. A latch is released by pulling the plug, which is deliberate enough, unless it is hot. */
static Governor *on_massager_governor(void *userdata, const Massager *m, const Layout *layout)
{
        Manager *manager = userdata;
        const char *id = massager_id(m);
        Kept *kept = find_kept(manager, id);

        if (!kept->governor || !streq(kept->id, id) || !same_layout(&kept->layout, layout)) {
                governor_free(kept->governor);
                *kept = (Kept){ .layout = *layout };
                (void) snprintf(kept->id, sizeof(kept->id), "%s", id);
                kept->governor = governor_new(layout, &manager->config->limits);
        }

        kept->seen_ms = clock_now_ms();
        if (kept->governor)
                (void) governor_clear(kept->governor);

        return kept->governor;
}

static const MassagerListener massager_listener = {
        .governor = on_massager_governor,
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
                log_info("Massager %s is gone", massager_id(m));
                manager->listener->massager_removed(manager->userdata, m);
                massager_free(m);
        }
        manager->n_massagers = kept;
        memset(manager->gone, 0, sizeof(manager->gone));
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
        log_info("Massager %s (%s) is attached", massager_id(m), massager_name(m));
        manager->listener->massager_added(manager->userdata, m);
        return 0;
}

static int refuse(RunRefusal *refusal, Refusal why, const char *format, ...) _printf_(3, 4);

static int refuse(RunRefusal *refusal, Refusal why, const char *format, ...)
{
        va_list ap;

        refusal->why = why;
        va_start(ap, format);
        (void) vsnprintf(refusal->sentence, sizeof(refusal->sentence), format, ap);
        va_end(ap);
        return -EPERM;
}

static int choose_massager(
                const Manager *manager, const char *id, Massager **ret, RunRefusal *refusal)
{
        if (manager->n_massagers == 0)
                return refuse(refusal, REFUSAL_NO_MASSAGER,
                                "No massager is attached; plug one in.");

        if (!id) {
                if (manager->n_massagers > 1)
                        return refuse(refusal, REFUSAL_AMBIGUOUS_MASSAGER,
                                        "Several massagers are attached; name one of: kneectl "
                                        "devices");
                *ret = manager->massagers[0];
                return 0;
        }

        for (size_t i = 0; i < manager->n_massagers; i++)
                if (streq(massager_id(manager->massagers[i]), id)) {
                        *ret = manager->massagers[i];
                        return 0;
                }

        return refuse(refusal, REFUSAL_UNKNOWN_MASSAGER,
                        "No attached massager has that id; see the ids with: kneectl devices");
}

static int check_free(const Manager *manager, const Massager *m, Leg leg, RunRefusal *refusal)
{
        MassagerState state = massager_state(m);
        const Player *p;

        if (manager_player_on(manager, m))
                return refuse(refusal, REFUSAL_MASSAGER_BUSY,
                                "A session is running on that massager; end it with: kneectl stop");

        /* Of a stop that is just being confirmed the session can wait for the end. */
        if (!massager_facts(m) || (state != MASSAGER_IDLE && state != MASSAGER_STOPPING))
                return refuse(refusal, REFUSAL_MASSAGER_NOT_READY, "The massager is %s. %s",
                                massager_state_to_string(state),
                                massager_reason(m)[0] != '\0' ? massager_reason(m)
                                                              : "Try again in a moment.");

        for (size_t i = 0; (p = manager_player(manager, i)); i++)
                if (p->leg == leg && !p->told_ended)
                        return refuse(refusal, REFUSAL_MASSAGER_BUSY,
                                        "Another massager is at work on the %s leg; end that "
                                        "session first, or use --leg.",
                                        leg_to_string(leg));

        return 0;
}

static int choose_routine(const Manager *manager, const RunRequest *request, Routine *ret,
                RunRefusal *refusal)
{
        unsigned most = manager->config->limits.session_minutes;
        unsigned minutes = request->has_minutes ? request->minutes : manager->config->minutes;
        const Routine *routine = config_find_routine(manager->config, request->routine);

        if (!routine)
                return refuse(refusal, REFUSAL_UNKNOWN_ROUTINE,
                                "There is no routine of that name; see them with: kneectl "
                                "routines");
        if (request->has_minutes && minutes == 0)
                return refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "A session lasts from 1 to %u minutes.", most);

        *ret = *routine;
        if (minutes > most || (minutes == 0 && routine_duration_ms(ret) > most * MS_PER_MINUTE))
                return refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "A session lasts at most %u minutes (session_minutes); choose "
                                "fewer with --minutes.",
                                most);
        if (minutes > 0 && routine_scale(ret, minutes * MS_PER_MINUTE) < 0)
                return refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "The routine cannot be played in %u minutes; choose more.",
                                minutes);

        return 0;
}

static int check_routine(const Routine *routine, const Massager *m, RunRefusal *refusal)
{
        const DeviceFacts *facts = massager_facts(m);
        unsigned step;
        Zone zone;

        if (routine_check(routine, &facts->layout, &step, &zone) < 0)
                return refuse(refusal, REFUSAL_UNSUITABLE_MASSAGER,
                                "This massager has no actuator near %s, where step %u (%s) "
                                "needs one; choose another routine.",
                                zone_name(zone), step + 1, routine->steps[step].technique->name);

        if (routine_duration_ms(routine) > facts->limits.session_minutes * MS_PER_MINUTE)
                return refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "This kind of massager may work for at most %u minutes; choose "
                                "fewer with --minutes.",
                                facts->limits.session_minutes);
        if (routine_duration_ms(routine) > facts->session_cut_off_s * (uint64_t) MSEC_PER_S)
                return refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "This massager switches itself off after %u minutes; choose fewer "
                                "with --minutes.",
                                facts->session_cut_off_s / 60);

        return 0;
}

static int choose_intensity(const Manager *manager, const RunRequest *request,
                const Routine *routine, unsigned *ret, RunRefusal *refusal)
{
        if (!request->has_intensity) {
                *ret = manager->config->intensity_percent > 0 ? manager->config->intensity_percent
                                                              : routine_peak_percent(routine);
                return 0;
        }

        if (request->intensity_percent < 1 || request->intensity_percent > 100)
                return refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "Intensity goes from 1 to 100 percent of what the limits allow.");

        *ret = request->intensity_percent;
        return 0;
}

int manager_run(Manager *manager, const RunRequest *request, Player **ret, RunRefusal *refusal)
{
        Leg leg = request->leg == _LEG_INVALID ? manager->config->leg : request->leg;
        Limits limits = manager->config->limits;
        unsigned intensity_percent = 0;
        Massager *m = NULL;
        Routine routine;
        Player *p;
        int r;

        r = choose_routine(manager, request, &routine, refusal);
        if (r >= 0)
                r = choose_intensity(manager, request, &routine, &intensity_percent, refusal);
        if (r >= 0)
                r = choose_massager(manager, request->device, &m, refusal);
        if (r >= 0)
                r = check_free(manager, m, leg, refusal);
        if (r >= 0)
                r = check_routine(&routine, m, refusal);
        if (r < 0)
                return r;
        if (manager->n_players == MANAGER_MASSAGERS_MAX)
                return -ENOMEM;
        limits_tighten(&limits, &massager_facts(m)->limits);

        r = player_new(manager->event, ++manager->last_session_id, m, &routine, intensity_percent,
                        leg, &limits, &player_listener, manager, &p);
        if (r < 0)
                return r;

        p->leased = request->leased;
        manager->players[manager->n_players++] = p;
        log_info("Session %u on %s: %s for %u s", p->id, massager_id(m), routine.name,
                        routine_duration_ms(&routine) / MSEC_PER_S);
        manager->listener->session_added(manager->userdata, p);
        player_start(p);
        *ret = p;
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

unsigned manager_stop_all(Manager *manager)
{
        return stop_all(manager, SESSION_END_STOPPED);
}

void manager_shut_down(Manager *manager)
{
        (void) stop_all(manager, SESSION_END_SHUTDOWN);
}

void manager_sleep(Manager *manager)
{
        (void) stop_all(manager, SESSION_END_SLEEP);
}

Manager *manager_free(Manager *manager)
{
        if (!manager)
                return NULL;

        for (size_t i = 0; i < manager->n_players; i++)
                player_free(manager->players[i]);
        for (size_t i = 0; i < manager->n_massagers; i++)
                massager_free(manager->massagers[i]);
        for (size_t i = 0; i < MANAGER_KEPT_MAX; i++)
                governor_free(manager->kept[i].governor);
        frame_clock_free(manager->clock);
        sd_event_source_disable_unref(manager->reaper);
        config_free(manager->config);
        sd_event_unref(manager->event);
        free(manager);
        return NULL;
}

int manager_new(sd_event *event, Config *config, Manager **ret)
{
        _cleanup_(manager_freep) Manager *manager = NULL;
        int r;

        manager = calloc(1, sizeof(*manager));
        if (!manager) {
                config_free(config);
                return -ENOMEM;
        }

        manager->event = sd_event_ref(event);
        manager->config = config;
        manager->listener = &nobody;

        r = frame_clock_new(event, on_tick, manager, &manager->clock);
        if (r < 0)
                return r;
        r = sd_event_add_defer(event, &manager->reaper, on_reaper, manager);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(manager->reaper, SD_EVENT_OFF);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(manager);
        return 0;
}
