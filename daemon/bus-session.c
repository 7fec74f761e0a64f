/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "common/macro.h"
#include "daemon/bus-private.h"
#include "daemon/clock.h"

BusSession *bus_session_of(Bus *bus, const Player *p)
{
        for (size_t i = 0; i < bus->n_sessions; i++)
                if (bus->sessions[i]->player == p)
                        return bus->sessions[i];

        return NULL;
}

static int find_session(sd_bus *sd, const char *path, const char *interface, void *userdata,
                void **ret, sd_bus_error *error)
{
        Bus *bus = userdata;

        for (size_t i = 0; i < bus->n_sessions; i++)
                if (streq(path, bus->sessions[i]->path)) {
                        *ret = bus->sessions[i];
                        return 1;
                }

        return 0;
}

static int list_sessions(
                sd_bus *sd, const char *prefix, void *userdata, char ***ret, sd_bus_error *error)
{
        Bus *bus = userdata;
        char **paths;
        size_t n = 0;

        paths = calloc(bus->n_sessions + 1, sizeof(*paths));
        if (!paths)
                return -ENOMEM;

        for (size_t i = 0; i < bus->n_sessions; i++) {
                paths[n] = strdup(bus->sessions[i]->path);
                if (paths[n])
                        n++;
        }

        *ret = paths;
        return 0;
}

static int get_property(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const BusSession *s = userdata;
        const Player *p = s->player;
        const PlayerView *v = &p->view;
        char massager[BUS_PATH_MAX];

        if (streq(property, "Routine"))
                return sd_bus_message_append(reply, "s", p->session.routine.name);
        if (streq(property, "Massager")) {
                bus_massager_path(p->massager, massager);
                return sd_bus_message_append(reply, "o", massager);
        }
        if (streq(property, "Leg"))
                return sd_bus_message_append(reply, "s", leg_to_string(p->leg));
        if (streq(property, "Steps"))
                return sd_bus_message_append(reply, "u", p->session.routine.n_steps);
        if (streq(property, "DurationMs"))
                return sd_bus_message_append(reply, "t", (uint64_t) v->duration_ms);
        if (streq(property, "State"))
                return sd_bus_message_append(reply, "s", session_state_to_string(v->state));
        if (streq(property, "Step"))
                return sd_bus_message_append(reply, "u", v->step + 1);
        if (streq(property, "Technique"))
                return sd_bus_message_append(
                                reply, "s", p->session.routine.steps[v->step].technique->name);
        if (streq(property, "Intensity"))
                return sd_bus_message_append(reply, "u", v->intensity_percent);
        if (streq(property, "Tempo"))
                return sd_bus_message_append(reply, "u", v->tempo_percent);
        if (streq(property, "Deadline"))
                return sd_bus_message_append(reply, "t", v->deadline_ms * USEC_PER_MS);
        if (streq(property, "RemainingMs"))
                return sd_bus_message_append(reply, "t", (uint64_t) v->remaining_ms);

        return sd_bus_message_append(reply, "b", (int) p->leased);
}

/* The answer to a call that changes a session. */
static int reply_to(sd_bus_message *call, int r)
{
        switch (r) {
        case 0:
                return sd_bus_reply_method_return(call, NULL);
        case -EBUSY:
                return sd_bus_reply_method_errorf(call, BUS_ERROR("WrongState"),
                                "The session is not in a state for that; see: kneectl status");
        case -ERANGE:
                return sd_bus_reply_method_errorf(call, BUS_ERROR("OutOfRange"),
                                "Intensity goes from 1 to 100 percent of what the limits allow.");
        default:
                return r;
        }
}

static int method_stop(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusSession *s = userdata;

        player_stop(s->player, SESSION_END_STOPPED);
        return reply_to(call, 0);
}

static int method_pause(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusSession *s = userdata;

        return reply_to(call, player_pause(s->player));
}

static int method_resume(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusSession *s = userdata;

        return reply_to(call, player_resume(s->player));
}

static int method_ease(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusSession *s = userdata;

        return reply_to(call, player_ease(s->player));
}

static int method_skip(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusSession *s = userdata;

        return reply_to(call, player_skip(s->player));
}

static int method_set_intensity(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusSession *s = userdata;
        uint32_t percent;
        int r;

        r = sd_bus_message_read(call, "u", &percent);
        if (r < 0)
                return r;

        return reply_to(call, player_set_intensity(s->player, percent));
}

static Subscription *find_subscription(BusSession *s, const char *name)
{
        for (size_t i = 0; i < s->n_subscriptions; i++)
                if (streq(bus_peer_name(s->subscriptions[i].peer), name))
                        return &s->subscriptions[i];

        return NULL;
}

static void drop_subscription(BusSession *s, Subscription *subscription)
{
        if (!subscription)
                return;

        bus_peer_free(subscription->peer);
        *subscription = s->subscriptions[--s->n_subscriptions];
}

static void on_subscriber_gone(void *userdata, BusPeer *peer)
{
        BusSession *s = userdata;

        drop_subscription(s, find_subscription(s, bus_peer_name(peer)));
}

static int method_subscribe(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const char *sender = sd_bus_message_get_sender(call);
        BusSession *s = userdata;
        Subscription *subscription = find_subscription(s, sender);
        uint32_t rate;
        int r;

        r = sd_bus_message_read(call, "u", &rate);
        if (r < 0)
                return r;
        if (rate < 1 || rate > FRAME_RATE_MAX)
                return sd_bus_reply_method_errorf(call, BUS_ERROR("OutOfRange"),
                                "The rate goes from 1 to %u frames a second.", FRAME_RATE_MAX);

        if (!subscription) {
                if (s->n_subscriptions == SUBSCRIPTIONS_MAX)
                        return sd_bus_reply_method_errorf(call, BUS_ERROR("TooManySubscriptions"),
                                        "A session has at most %u subscribers; end another one.",
                                        SUBSCRIPTIONS_MAX);
                subscription = &s->subscriptions[s->n_subscriptions];
                r = bus_peer_new(s->bus->bus, sender, on_subscriber_gone, s, &subscription->peer);
                if (r < 0)
                        return r;
                s->n_subscriptions++;
        }

        subscription->rate = rate;
        subscription->next_ms = 0;
        return sd_bus_reply_method_return(call, NULL);
}

static int method_unsubscribe(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusSession *s = userdata;

        drop_subscription(s, find_subscription(s, sd_bus_message_get_sender(call)));
        return sd_bus_reply_method_return(call, NULL);
}

#define CONST   SD_BUS_VTABLE_PROPERTY_CONST
#define CHANGES SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Routine", "s", get_property, 0, CONST),
        SD_BUS_PROPERTY("Massager", "o", get_property, 0, CONST),
        SD_BUS_PROPERTY("Leg", "s", get_property, 0, CONST),
        SD_BUS_PROPERTY("Steps", "u", get_property, 0, CONST),
        SD_BUS_PROPERTY("DurationMs", "t", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("State", "s", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Step", "u", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Technique", "s", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Intensity", "u", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Tempo", "u", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Deadline", "t", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("RemainingMs", "t", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Leased", "b", get_property, 0, CONST),
        SD_BUS_METHOD("Stop", NULL, NULL, method_stop, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Pause", NULL, NULL, method_pause, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Resume", NULL, NULL, method_resume, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Ease", NULL, NULL, method_ease, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Skip", NULL, NULL, method_skip, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetIntensity", SD_BUS_ARGS("u", percent), SD_BUS_NO_RESULT,
                        method_set_intensity, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ReportPain", SD_BUS_ARGS("u", score),
                        SD_BUS_RESULT("s", action, "s", sentence), bus_session_report_pain,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Subscribe", SD_BUS_ARGS("u", rate), SD_BUS_NO_RESULT,
                        method_subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Unsubscribe", NULL, NULL, method_unsubscribe, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Frame",
                        SD_BUS_ARGS("t", elapsed_ms, "au", levels, "i", angle, "i", height, "u",
                                        strength),
                        0),
        SD_BUS_SIGNAL_WITH_ARGS("Ended", SD_BUS_ARGS("s", reason, "t", played_ms, "s", detail), 0),
        SD_BUS_VTABLE_END,
};

int bus_add_sessions(Bus *bus)
{
        int r;

        r = sd_bus_add_fallback_vtable(bus->bus, NULL, BUS_SESSION_PREFIX, BUS_SESSION_IFACE,
                        vtable, find_session, bus);
        if (r < 0)
                return r;

        return sd_bus_add_node_enumerator(bus->bus, NULL, BUS_SESSION_PREFIX, list_sessions, bus);
}

/* SR-LEASE */
static void on_client_gone(void *userdata, BusPeer *peer)
{
        BusSession *s = userdata;

        player_stop(s->player, SESSION_END_CLIENT_GONE);
}

int bus_session_lease(BusSession *s, sd_bus_message *call)
{
        return bus_peer_new(
                        s->bus->bus, sd_bus_message_get_sender(call), on_client_gone, s, &s->lease);
}

BusSession *bus_session_free(BusSession *s)
{
        if (!s)
                return NULL;

        while (s->n_subscriptions > 0)
                drop_subscription(s, &s->subscriptions[s->n_subscriptions - 1]);
        bus_peer_free(s->lease);
        free(s);
        return NULL;
}

/* Without memory for it there is no object, and Run then ends the session again. */
void bus_session_added(Bus *bus, Player *p)
{
        BusSession *s;

        if (bus->n_sessions == MANAGER_MASSAGERS_MAX)
                return;
        s = calloc(1, sizeof(*s));
        if (!s)
                return;

        s->bus = bus;
        s->player = p;
        (void) snprintf(s->path, sizeof(s->path), BUS_SESSION_PREFIX "/%u", p->id);
        bus->sessions[bus->n_sessions++] = s;
        (void) sd_bus_emit_object_added(bus->bus, s->path);
}

void bus_session_changed(Bus *bus, Player *p, const PlayerView *before)
{
        /* sd-bus only reads the names; its type is older than const was usual. */
        union {
                const char *names[10];
                char *strv[10];
        } changed = { .names = { "RemainingMs" } };
        BusSession *s = bus_session_of(bus, p);
        const PlayerView *now = &p->view;
        size_t n = 1;

        if (!s)
                return;

        if (now->state != before->state)
                changed.names[n++] = "State";
        if (now->step != before->step) {
                changed.names[n++] = "Step";
                changed.names[n++] = "Technique";
        }
        if (now->intensity_percent != before->intensity_percent)
                changed.names[n++] = "Intensity";
        if (now->tempo_percent != before->tempo_percent)
                changed.names[n++] = "Tempo";
        if (now->duration_ms != before->duration_ms)
                changed.names[n++] = "DurationMs";
        if (now->deadline_ms != before->deadline_ms)
                changed.names[n++] = "Deadline";

        (void) sd_bus_emit_properties_changed_strv(
                        bus->bus, s->path, BUS_SESSION_IFACE, changed.strv);
}

static int send_frame(BusSession *s, const char *to, const GovernedFrame *frame)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *signal = NULL;
        const Session *session = &s->player->session;
        uint32_t levels[LAYOUT_ACTUATORS_MAX];
        unsigned n = governed_frame_size(frame);
        int r;

        for (unsigned i = 0; i < n; i++)
                levels[i] = governed_frame_level(frame, i);

        r = sd_bus_message_new_signal(s->bus->bus, &signal, s->path, BUS_SESSION_IFACE, "Frame");
        if (r >= 0)
                r = sd_bus_message_append(signal, "t", (uint64_t) session->played_ms);
        if (r >= 0)
                r = sd_bus_message_append_array(signal, 'u', levels, n * sizeof(*levels));
        if (r >= 0)
                r = sd_bus_message_append(signal, "iiu",
                                (int) lround(session->contact.at.angle_deg),
                                (int) lround(session->contact.at.height_mm),
                                session->contact.strength_permille);
        if (r < 0)
                return r;

        return sd_bus_send_to(s->bus->bus, signal, to, NULL);
}

void bus_session_frame(Bus *bus, Player *p, const GovernedFrame *frame)
{
        BusSession *s = bus_session_of(bus, p);
        uint64_t now_ms = p->session.tick_ms, queued;

        if (!s)
                return;

        for (size_t i = 0; i < s->n_subscriptions; i++) {
                Subscription *subscription = &s->subscriptions[i];

                if (now_ms < subscription->next_ms)
                        continue;
                if (sd_bus_get_n_queued_write(bus->bus, &queued) < 0 || queued > FRAME_QUEUE_MAX)
                        return;

                subscription->next_ms = MAX(subscription->next_ms + MSEC_PER_S / subscription->rate,
                                now_ms + 1);
                (void) send_frame(s, bus_peer_name(subscription->peer), frame);
        }
}

void bus_session_ended(Bus *bus, Player *p)
{
        const Session *session = &p->session;
        BusSession *s = bus_session_of(bus, p);

        if (!s)
                return;

        (void) sd_bus_emit_signal(bus->bus, s->path, BUS_SESSION_IFACE, "Ended", "sts",
                        session_end_to_string(session->end), (uint64_t) session->played_ms,
                        session_end_sentence(session->end));
        (void) sd_bus_emit_object_removed(bus->bus, s->path);

        for (size_t i = 0; i < bus->n_sessions; i++)
                if (bus->sessions[i] == s)
                        bus->sessions[i] = bus->sessions[--bus->n_sessions];
        bus_session_free(s);
}
