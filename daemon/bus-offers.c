/* SPDX-License-Identifier: MIT */
/* The Manager's side of offers and the schedule. */
#include <errno.h>

#include "common/macro.h"
#include "daemon/bus-private.h"

#define USEC_PER_S 1000000u

static uint64_t usec(int64_t wall_s)
{
        return wall_s > 0 ? (uint64_t) wall_s * USEC_PER_S : 0;
}

/* What an offer and a time of the schedule have in common; within an open a{sv}. */
static int append_what(sd_bus_message *reply, const ScheduleKey *key, const ScheduleEntry *entry)
{
        char id[SCHEDULE_ID_MAX + 1];

        schedule_key_id(key, id);
        return sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}", "id", "s", id, "name", "s",
                        entry->name, "routine", "s", entry->routine, "leg", "s",
                        leg_to_string(entry->leg), "minutes", "u", (uint32_t) entry->minutes,
                        "intensity", "u", (uint32_t) entry->intensity_percent);
}

static int append_offer(sd_bus_message *reply, const Offer *offer)
{
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = append_what(reply, &offer->key, offer->entry);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}", "state", "s",
                                offer_state_to_string(offer->state), "deadline", "t",
                                usec(offer->closes_s), "until", "t", usec(offer->until_s),
                                "sentence", "s", offer->why_attended);

        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int bus_get_offers(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Bus *bus = userdata;
        const Offers *offers = manager_offers(bus->manager);
        int r;

        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (size_t i = 0; r >= 0 && i < offers->n; i++)
                if (offer_stands(&offers->at[i]))
                        r = append_offer(reply, &offers->at[i]);

        return r < 0 ? r : sd_bus_message_close_container(reply);
}

void bus_offers_changed(Bus *bus)
{
        (void) sd_bus_emit_properties_changed(
                        bus->bus, BUS_ROOT, BUS_MANAGER_IFACE, "Offers", NULL);
}

void bus_offer_made(Bus *bus, const Offer *offer)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *signal = NULL;
        char id[SCHEDULE_ID_MAX + 1];
        int r;

        schedule_key_id(&offer->key, id);
        r = sd_bus_message_new_signal(bus->bus, &signal, BUS_ROOT, BUS_MANAGER_IFACE, "OfferMade");
        if (r >= 0)
                r = sd_bus_message_append(signal, "s", id);
        if (r >= 0)
                r = append_offer(signal, offer);
        if (r >= 0)
                (void) sd_bus_send(bus->bus, signal, NULL);
}

void bus_offer_ended(Bus *bus, const char *id, OfferState state)
{
        (void) sd_bus_emit_signal(bus->bus, BUS_ROOT, BUS_MANAGER_IFACE, "OfferEnded", "ss", id,
                        offer_state_to_string(state));
}

static int read_id(sd_bus_message *call, const char **ret, sd_bus_error *error)
{
        int r;

        r = sd_bus_message_read(call, "s", ret);
        if (r < 0)
                return r;
        if (strlen(*ret) > BUS_STRING_MAX)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "The id of an offer has at most %u bytes.", BUS_STRING_MAX);

        return 0;
}

/* SR-OFFER */
int bus_accept_offer(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        RunRequest request = { .leg = _LEG_INVALID, .leased = true };
        RunRefusal refusal;
        const char *id;
        Player *p;
        int r;

        r = read_id(call, &id, error);
        if (r >= 0)
                r = bus_read_run_options(call, &request, error);
        if (r < 0)
                return r;
        if (request.leg != _LEG_INVALID)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "The leg is the offer's; decline it and use Run for the other.");

        r = manager_accept_offer(bus->manager, id, &request, &p, &refusal);
        if (r == -EPERM)
                return bus_refuse_run(error, &refusal);

        return r < 0 ? r : bus_reply_run(bus, call, p, error);
}

int bus_snooze_offer(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        RunRefusal refusal;
        uint32_t minutes;
        const char *id;
        int r;

        r = read_id(call, &id, error);
        if (r >= 0)
                r = sd_bus_message_read(call, "u", &minutes);
        if (r < 0)
                return r;
        if (manager_snooze_offer(bus->manager, id, minutes, &refusal) < 0)
                return bus_refuse_run(error, &refusal);

        return sd_bus_reply_method_return(call, NULL);
}

int bus_decline_offer(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        RunRefusal refusal;
        const char *id;
        int r;

        r = read_id(call, &id, error);
        if (r < 0)
                return r;
        if (manager_decline_offer(bus->manager, id, &refusal) < 0)
                return bus_refuse_run(error, &refusal);

        return sd_bus_reply_method_return(call, NULL);
}

static int append_planned(void *userdata, const ManagerPlanned *planned)
{
        const ScheduleTime *time = planned->time;
        sd_bus_message *reply = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = append_what(reply, &time->key, time->entry);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}", "due", "t",
                                usec(time->due_s), "opens", "t", usec(planned->opens_s), "closes",
                                "t", usec(planned->closes_s), "unattended", "b",
                                (int) time->entry->unattended, "state", "s", planned->word,
                                "sentence", "s", planned->reason);

        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int bus_get_schedule(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Bus *bus = userdata;
        uint32_t days;
        int r;

        r = sd_bus_message_read(call, "u", &days);
        if (r < 0)
                return r;
        if (days < 1 || days > MANAGER_PLAN_DAYS_MAX)
                return bus_refuse(error, BUS_ERROR("OutOfRange"),
                                "The schedule is shown for 1 to %u days.", MANAGER_PLAN_DAYS_MAX);

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        if (r >= 0)
                r = manager_plan(bus->manager, days, append_planned, reply);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}
