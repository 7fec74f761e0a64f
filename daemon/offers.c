/* SPDX-License-Identifier: MIT */
#include "daemon/offers.h"

#include "common/macro.h"

static const char *const states[_OFFER_STATE_MAX] = {
        [OFFER_PENDING] = "pending",
        [OFFER_WAITING] = "waiting",
        [OFFER_SNOOZED] = "snoozed",
        [OFFER_ACCEPTED] = "accepted",
        [OFFER_DECLINED] = "declined",
        [OFFER_EXPIRED] = "expired",
};

const char *offer_state_to_string(OfferState state)
{
        return state >= 0 && state < _OFFER_STATE_MAX ? states[state] : NULL;
}

OfferState offer_state_from_string(const char *s)
{
        for (OfferState state = 0; state < _OFFER_STATE_MAX; state++)
                if (streq(states[state], s))
                        return state;

        return _OFFER_STATE_INVALID;
}

static bool is_over(OfferState state)
{
        return state == OFFER_ACCEPTED || state == OFFER_DECLINED || state == OFFER_EXPIRED;
}

bool offer_stands(const Offer *offer)
{
        return offer->entry && (offer->state == OFFER_PENDING || offer->state == OFFER_SNOOZED);
}

const Offer *offers_known(const Offers *offers, const ScheduleKey *key)
{
        for (size_t i = 0; i < offers->n; i++)
                if (schedule_key_equal(&offers->at[i].key, key))
                        return &offers->at[i];

        return NULL;
}

static Offer *find(Offers *offers, const ScheduleKey *key)
{
        const Offer *known = offers_known(offers, key);

        return known ? &offers->at[known - offers->at] : NULL;
}

const Offer *offers_find(const Offers *offers, const char *id)
{
        char own[SCHEDULE_ID_MAX + 1];

        for (size_t i = 0; i < offers->n; i++) {
                schedule_key_id(&offers->at[i].key, own);
                if (offer_stands(&offers->at[i]) && streq(own, id))
                        return &offers->at[i];
        }

        return NULL;
}

/* The oldest of them gives way. */
static Offer *add(Offers *offers, const ScheduleKey *key)
{
        Offer *place = offers->at;

        if (offers->n < OFFERS_MAX)
                place = &offers->at[offers->n++];
        else
                for (size_t i = 1; i < OFFERS_MAX; i++)
                        if (offers->at[i].key.day < place->key.day)
                                place = &offers->at[i];

        *place = (Offer){ .key = *key, .state = _OFFER_STATE_INVALID };
        return place;
}

void offers_answer(Offers *offers, const OfferAnswer *answer)
{
        Offer *offer = find(offers, &answer->key);

        if (!offer)
                offer = add(offers, &answer->key);
        offer->state = answer->state;
        offer->until_s = answer->state == OFFER_SNOOZED ? answer->until_s : 0;
        offer->unattended = false;
        if (is_over(answer->state))
                offer->entry = NULL;
}

bool offers_take_unattended(Offers *offers, Offer *ret)
{
        for (size_t i = 0; i < offers->n; i++)
                if (offers->at[i].unattended) {
                        offers->at[i].unattended = false;
                        *ret = offers->at[i];
                        return true;
                }

        return false;
}

void offers_explain(Offers *offers, const ScheduleKey *key, const char why[static OFFER_WHY_MAX])
{
        Offer *offer = find(offers, key);

        if (offer)
                memcpy(offer->why_attended, why, OFFER_WHY_MAX);
}

/* What is to be made of an offer that is open now. A snooze goes before a limit, which may be gone
 * by then. */
static OfferState open_state(const Offer *offer, const OffersNow *now, int64_t *ret_until_s)
{
        int64_t held_until_s = now->held_until_s[offer->entry->leg];

        *ret_until_s = 0;
        if (offer->state == OFFER_SNOOZED && offer->until_s > now->now_s) {
                *ret_until_s = offer->until_s;
                return OFFER_SNOOZED;
        }
        if (held_until_s <= now->now_s)
                return OFFER_PENDING;

        *ret_until_s = held_until_s;
        return OFFER_WAITING;
}

static bool is_open(const ScheduleTime *time, int64_t now_s)
{
        return time->skip == SCHEDULE_OFFERED && time->opens_s <= now_s && now_s < time->closes_s;
}

static void tell(const OffersListener *listener, void *userdata, const Offer *offer,
                OfferState before)
{
        if (listener)
                listener->changed(userdata, offer, before);
}

/* SR-OFFER */
static void take_open(Offers *offers, const OffersNow *now, const ScheduleTime *time,
                const OffersListener *listener, void *userdata)
{
        Offer *offer = find(offers, &time->key);
        int64_t closes_s, until_s;
        OfferState before;
        bool fresh = !offer;

        if (offer && is_over(offer->state))
                return;
        if (!offer)
                offer = add(offers, &time->key);

        before = offer->state;
        closes_s = offer->closes_s;
        offer->entry = time->entry;
        offer->closes_s = time->closes_s;
        offer->state = open_state(offer, now, &until_s);
        offer->until_s = until_s;
        offer->unattended = fresh && time->entry->unattended && offer->state == OFFER_PENDING &&
                            now->now_s - time->due_s < OFFER_ON_TIME_S;
        if (offer->state != before || offer->closes_s != closes_s)
                tell(listener, userdata, offer, before);
}

/* An offer that is not open any more. One of which only an answer in the ledger is known is left
 * as it is. */
static void end(Offer *offer, const OffersNow *now, const OffersListener *listener, void *userdata)
{
        ScheduleTime time;
        OfferState before = offer->state;

        if (!offer->entry)
                return;
        if (schedule_find(now->entries, now->n_entries, now->zone, &offer->key, &time) &&
                        is_open(&time, now->now_s))
                return;

        offer->state = OFFER_EXPIRED;
        offer->entry = NULL;
        offer->unattended = false;
        tell(listener, userdata, offer, before);
}

void offers_update(Offers *offers, const OffersNow *now, const OffersListener *listener,
                void *userdata)
{
        ScheduleWalk walk;
        ScheduleTime time;

        for (size_t i = 0; i < offers->n; i++)
                end(&offers->at[i], now, listener, userdata);

        schedule_walk(&walk, now->entries, now->n_entries, now->zone, now->now_s, now->now_s);
        while (schedule_walk_next(&walk, &time))
                if (is_open(&time, now->now_s))
                        take_open(offers, now, &time, listener, userdata);
}

int64_t offers_next_s(const Offers *offers, const OffersNow *now)
{
        int64_t next_s = schedule_next_s(now->entries, now->n_entries, now->zone, now->now_s);

        for (size_t i = 0; i < offers->n; i++) {
                const Offer *offer = &offers->at[i];

                if (offer->entry && offer->until_s > now->now_s)
                        next_s = MIN(next_s, offer->until_s);
        }

        return next_s;
}
