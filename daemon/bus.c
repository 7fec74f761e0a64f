/* SPDX-License-Identifier: MIT */
#include "daemon/bus.h"

#include <errno.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/bus-private.h"
#include "daemon/clock.h"
#include "daemon/log.h"

/* A quarter of a frame. */
#define DRAIN_MS 5u

static void on_massager_added(void *userdata, Massager *m)
{
        bus_massager_added(userdata, m);
}

static void on_massager_changed(void *userdata, Massager *m)
{
        bus_massager_changed(userdata, m);
        bus_sleep_follow(userdata);
}

static void on_massager_removed(void *userdata, Massager *m)
{
        bus_massager_removed(userdata, m);
}

static void on_session_added(void *userdata, Player *p)
{
        bus_session_added(userdata, p);
}

static void on_session_changed(void *userdata, Player *p, const PlayerView *before)
{
        bus_session_changed(userdata, p, before);
}

static void on_session_frame(void *userdata, Player *p, const GovernedFrame *frame)
{
        bus_session_frame(userdata, p, frame);
}

static void on_session_ended(void *userdata, Player *p)
{
        bus_session_ended(userdata, p);
}

static void on_ledger_changed(void *userdata)
{
        bus_ledger_changed(userdata);
}

static void on_config_changed(void *userdata)
{
        bus_config_changed(userdata);
}

static void on_config_loaded(void *userdata, unsigned load, const ConfigErrors *errors)
{
        bus_config_loaded(userdata, load, errors);
}

static void on_offer_made(void *userdata, const Offer *offer)
{
        bus_offer_made(userdata, offer);
}

static void on_offer_ended(void *userdata, const char *id, OfferState state)
{
        bus_offer_ended(userdata, id, state);
}

static void on_offers_changed(void *userdata)
{
        bus_offers_changed(userdata);
}

static const ManagerListener listener = {
        .massager_added = on_massager_added,
        .massager_changed = on_massager_changed,
        .massager_removed = on_massager_removed,
        .session_added = on_session_added,
        .session_changed = on_session_changed,
        .session_frame = on_session_frame,
        .session_ended = on_session_ended,
        .ledger_changed = on_ledger_changed,
        .config_changed = on_config_changed,
        .config_loaded = on_config_loaded,
        .offer_made = on_offer_made,
        .offer_ended = on_offer_ended,
        .offers_changed = on_offers_changed,
};

/* SR-PAIN: That it hurts on a leg that is massaged is heard at once, whoever says it: it eases the
 * session, or ends it and closes that leg for a day. What is told of another leg, or of another
 * time, does other things, so whoever tells it has to be known. */
static BusAction action_of(
                Bus *bus, sd_bus_message *message, const char *interface, const char *member)
{
        if (interface && streq(interface, BUS_MANAGER_IFACE) && streq(member, "ReportPain") &&
                        bus_is_pain_of_session(bus, message))
                return BUS_ACTION_NONE;

        return bus_action_of(interface, member);
}

/* Comes before every object. */
static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *sender = sd_bus_message_get_sender(message);
        const char *interface = sd_bus_message_get_interface(message);
        const char *member = sd_bus_message_get_member(message);
        Bus *bus = userdata;

        if (sd_bus_message_is_method_call(message, NULL, NULL) <= 0 || !sender || !member)
                return 0;

        if (bus_guard_is_stop(member)) {
                bus_authority_stop(bus->authority);
        } else if (!bus_authority_has(bus->authority, message) &&
                        !bus_guard_admit(&bus->guard, sender, clock_now_ms())) {
                bus->refused = true;
                (void) sd_bus_reply_method_errorf(message, BUS_ERROR("TooManyCalls"),
                                "This program calls too often; wait a moment. Stopping always "
                                "works.");
                return 1;
        }

        return bus_authority_check(
                        bus->authority, message, action_of(bus, message, interface, member));
}

/* After every turn of the loop: what a flood left in the queue is refused on end, without a turn
 * for each, so that a stop behind it is reached soon. For a moment only: frames come first. */
static int on_drain(sd_event_source *source, void *userdata)
{
        uint64_t until_ms = clock_now_ms() + DRAIN_MS;
        Bus *bus = userdata;

        while (bus->refused && clock_now_ms() < until_ms) {
                bus->refused = false;
                if (sd_bus_process(bus->bus, NULL) <= 0)
                        break;
        }

        return 0;
}

Bus *bus_free(Bus *bus)
{
        if (!bus)
                return NULL;

        sd_event_source_disable_unref(bus->drain);
        manager_set_listener(bus->manager, NULL, NULL);
        bus_sleep_end(&bus->sleep);
        sd_bus_message_unref(bus->export);
        bus_authority_free(bus->authority);
        while (bus->n_sessions > 0)
                bus_session_free(bus->sessions[--bus->n_sessions]);
        bus_drop_reloads(bus);
        sd_bus_flush_close_unref(bus->bus);
        free(bus);
        return NULL;
}

int bus_new(sd_event *event, BusKind kind, Manager *manager, Bus **ret)
{
        _cleanup_(bus_freep) Bus *bus = NULL;
        Massager *m;
        int r;

        bus = calloc(1, sizeof(*bus));
        if (!bus)
                return -ENOMEM;

        bus->manager = manager;
        for (BusInhibits i = 0; i < _BUS_INHIBITS_MAX; i++)
                bus->sleep.inhibitors[i].fd = -1;
        r = kind == BUS_USER ? sd_bus_open_user(&bus->bus) : sd_bus_open_system(&bus->bus);
        if (r < 0)
                return r;

        r = bus_authority_new(bus->bus, &bus->authority);
        if (r < 0)
                return r;

        r = sd_bus_add_filter(bus->bus, NULL, on_message, bus);
        if (r >= 0)
                r = sd_bus_add_object_manager(bus->bus, NULL, BUS_ROOT);
        if (r >= 0)
                r = bus_add_manager(bus);
        if (r >= 0)
                r = bus_add_massagers(bus);
        if (r >= 0)
                r = bus_add_sessions(bus);
        if (r >= 0 && kind == BUS_SYSTEM) /* logind is on the system bus only */
                r = bus_sleep_start(bus, event);
        if (r >= 0)
                r = sd_bus_set_exit_on_disconnect(bus->bus, true);
        if (r >= 0) /* sessions that end with the loop are still to be told of */
                r = sd_bus_set_close_on_exit(bus->bus, false);
        if (r >= 0)
                r = sd_bus_attach_event(bus->bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_event_add_post(event, &bus->drain, on_drain, bus);
        if (r < 0)
                return r;

        manager_set_listener(manager, &listener, bus);
        for (size_t i = 0; (m = manager_massager(manager, i)); i++)
                bus_massager_added(bus, m);

        *ret = TAKE_PTR(bus);
        return 0;
}

int bus_acquire_name(Bus *bus)
{
        return sd_bus_request_name(bus->bus, BUS_NAME, 0);
}
