/* SPDX-License-Identifier: MIT */
#pragma once

/* Offers: scheduled routines that wait for the person's yes, and what became of them. Pure.
 *
 * An offer is made once: what was answered, or has expired, is not made again, whatever clock, time
 * zone and config do. Nothing here starts anything. */

#include "daemon/schedule.h"

#define OFFERS_MAX 512u /* more than two days of the fullest schedule; the oldest are forgotten */
/* A judgement: later than that, nobody is taken to have waited for it. */
#define OFFER_ON_TIME_S 60
#define OFFER_WHY_MAX   256u

typedef enum OfferState {
        OFFER_PENDING,
        OFFER_WAITING, /* a limit forbids it for now */
        OFFER_SNOOZED,
        OFFER_ACCEPTED,
        OFFER_DECLINED,
        OFFER_EXPIRED, /* nobody answered, or it is not in the schedule any more */
        _OFFER_STATE_MAX,
        _OFFER_STATE_INVALID = -1,
} OfferState;

const char *offer_state_to_string(OfferState state); /* NULL where it is none */
OfferState offer_state_from_string(const char *s);

/* What a person, or the schedule for one, made of an offer. */
typedef struct OfferAnswer {
        ScheduleKey key;
        OfferState state; /* OFFER_SNOOZED, OFFER_ACCEPTED or OFFER_DECLINED */
        int64_t until_s;  /* of the wall clock, where it is snoozed; else 0 */
} OfferAnswer;

typedef struct Offer {
        ScheduleKey key;
        OfferState state;
        int64_t until_s; /* where it is snoozed, or waits: until then */
        /* As the schedule has it now; the entry is NULL once it is answered or has expired. */
        const ScheduleEntry *entry;
        int64_t closes_s;
        bool unattended; /* it may start by itself, if all else allows: see offers_update() */
        char why_attended[OFFER_WHY_MAX]; /* for the person: why it did not; else empty */
} Offer;

typedef struct Offers {
        size_t n;
        Offer at[OFFERS_MAX];
} Offers;

/* What the schedule is to be held against. */
typedef struct OffersNow {
        const ScheduleEntry *entries;
        size_t n_entries;
        const CalendarZone *zone;
        int64_t now_s;
        /* Until when a limit forbids a session on that leg: 0: it does not; INT64_MAX: not by
         * waiting. */
        int64_t held_until_s[_LEG_MAX];
} OffersNow;

typedef struct OffersListener {
        /* It was made (before is _OFFER_STATE_INVALID), or its state or deadline is another. */
        void (*changed)(void *userdata, const Offer *offer, OfferState before);
} OffersListener;

/* Makes what is to be made, and ends what has ended. An offer is unattended where its entry says
 * so, it was made just now, on time, and no limit held it back. */
void offers_update(Offers *offers, const OffersNow *now, const OffersListener *listener,
                void *userdata);

/* The next moment at which offers_update() has something to do; later than now. */
int64_t offers_next_s(const Offers *offers, const OffersNow *now);

/* Whether it stands: it can be answered. */
bool offer_stands(const Offer *offer);

/* The one that stands and has that id; NULL: there is none. */
const Offer *offers_find(const Offers *offers, const char *id);

/* Takes an answer, from a person or from the ledger. */
void offers_answer(Offers *offers, const OfferAnswer *answer);

/* Gives back one that is unattended, which it is no more after that; false: there is none. */
bool offers_take_unattended(Offers *offers, Offer *ret);
void offers_explain(Offers *offers, const ScheduleKey *key, const char why[static OFFER_WHY_MAX]);

/* What is known of that time of an entry; NULL: nothing. */
const Offer *offers_known(const Offers *offers, const ScheduleKey *key);
