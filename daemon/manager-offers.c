/* SPDX-License-Identifier: MIT */
/* The schedule at work: offers are made, answered, and begun. */
#include "daemon/manager-private.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/log.h"

#define USEC_PER_S 1000000u
#define MINUTE_S   60

/* What a look at the schedule needs. */
typedef struct Look {
        OffersNow now;
        CalendarZone zone;
        PersonVerdict verdicts[_LEG_MAX];
} Look;

const Offers *manager_offers(const Manager *manager)
{
        return manager->offers;
}

/* Until when a limit forbids a session on that leg. A screening that is missing or too old, or how
 * much it hurt, forbids no offer: whoever accepts it is asked. */
static int64_t held_until_s(const Manager *manager, Leg leg, PersonVerdict *ret)
{
        History *history = manager->history;
        uint64_t until_usec;

        *ret = (PersonVerdict){ .refusal = PERSON_NOT_SCREENED };
        if (history_state(history) != LEDGER_READY)
                return INT64_MAX;

        person_judge(history_person(history), leg, history_now_s(history), &manager->config->limits,
                        PAIN_UNKNOWN, ret);
        switch (ret->refusal) {
        case PERSON_MAY:
        case PERSON_NOT_SCREENED:
        case PERSON_SCREENING_EXPIRED:
        case PERSON_HURTS:
                return 0;
        default:
                /* The seconds of both clocks need not begin together. */
                until_usec = history_wall_usec(history, ret->until_s);
                return until_usec == 0 ? INT64_MAX : (int64_t) (until_usec / USEC_PER_S) + 1;
        }
}

static void look(const Manager *manager, Look *ret)
{
        int64_t now_s = wall_clock_now_s();
        const int64_t day_s = CALENDAR_DAY_S;

        ret->now = (OffersNow){
                .entries = manager->schedule,
                .n_entries = manager->n_schedule,
                .zone = &ret->zone,
                .now_s = now_s,
        };
        wall_clock_read_zone(now_s - (SCHEDULE_BACK_DAYS + 2) * day_s,
                        now_s + (SCHEDULE_AHEAD_DAYS + 2) * day_s, &ret->zone);
        for (Leg leg = 0; leg < _LEG_MAX; leg++)
                ret->now.held_until_s[leg] = held_until_s(manager, leg, &ret->verdicts[leg]);
}

static void tell_ended(Manager *manager, const ScheduleKey *key, OfferState state)
{
        char id[SCHEDULE_ID_MAX + 1];

        schedule_key_id(key, id);
        log_info("Offer %s: %s", id, offer_state_to_string(state));
        manager->listener->offer_ended(manager->userdata, id, state);
        manager->listener->offers_changed(manager->userdata);
}

static void tell_made(Manager *manager, const Offer *offer)
{
        char id[SCHEDULE_ID_MAX + 1];

        schedule_key_id(&offer->key, id);
        log_info("Offer %s: made", id);
        manager->listener->offer_made(manager->userdata, offer);
        manager->listener->offers_changed(manager->userdata);
}

/* One that may start by itself is told of when it did not. */
static void on_changed(void *userdata, const Offer *offer, OfferState before)
{
        Manager *manager = userdata;

        if (offer->unattended)
                return;
        if (offer->state == OFFER_PENDING && before != OFFER_PENDING)
                tell_made(manager, offer);
        else if (before == OFFER_PENDING && offer->state != OFFER_PENDING)
                tell_ended(manager, &offer->key, offer->state);
        else if (before != OFFER_WAITING && before != _OFFER_STATE_INVALID)
                manager->listener->offers_changed(manager->userdata);
}

static const OffersListener offers_listener = { .changed = on_changed };

static void enter_answer(
                Manager *manager, const ScheduleKey *key, OfferState state, int64_t until_s)
{
        Entry entry = { .kind = ENTRY_OFFER, .offer = { *key, state, until_s } };
        int r;

        offers_answer(manager->offers, &entry.offer);
        r = history_enter(manager->history, &entry, NULL);
        if (r < 0)
                log_error("An answer to an offer could not be written down: %s", strerror(-r));
}

static RunRequest request_for(const ScheduleEntry *entry)
{
        return (RunRequest){
                .routine = entry->routine,
                .leg = entry->leg,
                .has_minutes = entry->minutes > 0,
                .minutes = entry->minutes,
                .has_intensity = entry->intensity_percent > 0,
                .intensity_percent = entry->intensity_percent,
        };
}

/* The one massager that is worn; NULL where there is none, or several. */
static const Massager *worn_massager(const Manager *manager, unsigned *ret_n)
{
        const Massager *worn = NULL;

        *ret_n = 0;
        for (size_t i = 0; i < manager->n_massagers; i++)
                if (massager_contact(manager->massagers[i])) {
                        worn = manager->massagers[i];
                        (*ret_n)++;
                }

        return *ret_n == 1 ? worn : NULL;
}

/* SR-OFFER: Only what the config says, on a massager that is worn, with a screening that holds. The
 * ledger has it before the session begins: a crash does not begin it again. */
static int start_unattended(Manager *manager, const Offer *offer, char why[static OFFER_WHY_MAX])
{
        RunRequest request = request_for(offer->entry);
        const Massager *massager;
        RunRefusal refusal;
        unsigned n_worn;
        Player *p;
        int r;

        massager = worn_massager(manager, &n_worn);
        if (!massager) {
                (void) snprintf(why, OFFER_WHY_MAX, "It waits for your yes: %s.",
                                n_worn == 0 ? "no massager reports skin contact"
                                            : "more than one massager reports skin contact");
                return -EPERM;
        }

        request.device = massager_id(massager);
        request.nothing_new = true; /* whoever wrote "unattended" says so */
        enter_answer(manager, &offer->key, OFFER_SNOOZED, wall_clock_now_s());
        r = manager_run(manager, &request, &p, &refusal);
        if (r == -EPERM)
                (void) snprintf(why, OFFER_WHY_MAX, "It waits for your yes: %.200s",
                                refusal.sentence);
        else if (r < 0)
                (void) snprintf(why, OFFER_WHY_MAX,
                                "It waits for your yes: it could not start by itself.");
        if (r < 0)
                return r;

        enter_answer(manager, &offer->key, OFFER_ACCEPTED, 0);
        return 0;
}

static void try_unattended(Manager *manager, const Offer *offer)
{
        char why[OFFER_WHY_MAX], id[SCHEDULE_ID_MAX + 1];
        OfferAnswer again = { .key = offer->key, .state = OFFER_PENDING };
        const Offer *known;

        schedule_key_id(&offer->key, id);
        if (start_unattended(manager, offer, why) >= 0) {
                log_info("Offer %s: started unattended", id);
                return;
        }

        log_info("Offer %s: not started unattended", id);
        offers_explain(manager->offers, &offer->key, why);
        offers_answer(manager->offers, &again);
        known = offers_known(manager->offers, &offer->key);
        if (known)
                tell_made(manager, known);
}

static bool try_all_unattended(Manager *manager)
{
        bool tried = false;
        Offer offer;

        for (; offers_take_unattended(manager->offers, &offer); tried = true)
                try_unattended(manager, &offer);

        return tried;
}

/* SR-OFFER */
void manager_update_offers(Manager *manager)
{
        Look now;

        /* What was answered is in the ledger. */
        manager->offers_known = manager->offers_known ||
                                history_state(manager->history) == LEDGER_READY;
        if (!manager->offers_known || manager->updating)
                return;

        manager->updating = true;
        do {
                look(manager, &now);
                offers_update(manager->offers, &now.now, &offers_listener, manager);
        } while (try_all_unattended(manager));
        if (wall_clock_set(manager->wall_clock, offers_next_s(manager->offers, &now.now)) < 0)
                log_error("The schedule stands still: the clock cannot be set to ring.");
        manager->updating = false;
}

void manager_set_schedule(Manager *manager, const ScheduleEntry *entries, size_t n)
{
        manager->schedule = entries;
        manager->n_schedule = n;
        manager_update_offers(manager);
}

/* The offer of that id, as things stand now. */
static bool find_offer(Manager *manager, const char *id, Offer *ret, RunRefusal *refusal)
{
        const Offer *offer;

        manager_update_offers(manager);
        offer = offers_find(manager->offers, id);
        if (!offer) {
                (void) manager_refuse(refusal, REFUSAL_UNKNOWN_OFFER,
                                "No offer of that name stands, or not any more; see them with: "
                                "kneectl offers");
                return false;
        }

        *ret = *offer;
        return true;
}

static void take_answer(Manager *manager, const Offer *offer, OfferState state, int64_t until_s)
{
        enter_answer(manager, &offer->key, state, until_s);
        tell_ended(manager, &offer->key, state);
        manager_update_offers(manager);
}

int manager_accept_offer(Manager *manager, const char *id, const RunRequest *asked, Player **ret,
                RunRefusal *refusal)
{
        RunRequest request;
        Offer offer;
        int r;

        if (!find_offer(manager, id, &offer, refusal))
                return -EPERM;

        request = request_for(offer.entry);
        request.device = asked->device;
        request.nothing_new = asked->nothing_new;
        request.leased = asked->leased;
        request.has_pain = asked->has_pain;
        request.pain = asked->pain;
        if (asked->has_minutes) {
                request.has_minutes = true;
                request.minutes = asked->minutes;
        }
        if (asked->has_intensity) {
                request.has_intensity = true;
                request.intensity_percent = asked->intensity_percent;
        }

        r = manager_run(manager, &request, ret, refusal);
        if (r >= 0 && !(*ret)->told_ended)
                take_answer(manager, &offer, OFFER_ACCEPTED, 0);
        return r;
}

int manager_snooze_offer(Manager *manager, const char *id, unsigned minutes, RunRefusal *refusal)
{
        int64_t now_s = wall_clock_now_s(), left_minutes;
        Offer offer;

        if (!find_offer(manager, id, &offer, refusal))
                return -EPERM;

        left_minutes = (offer.closes_s - now_s - 1) / MINUTE_S;
        if (minutes == 0)
                return manager_refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "An offer is snoozed for a minute or more.");
        if (left_minutes < 1)
                return manager_refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "The offer stands for less than another minute; accept or decline "
                                "it.");
        if (minutes > left_minutes)
                return manager_refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "The offer ends before that; snooze it for at most %u minutes, or "
                                "decline it.",
                                (unsigned) left_minutes);

        take_answer(manager, &offer, OFFER_SNOOZED, now_s + minutes * (int64_t) MINUTE_S);
        return 0;
}

int manager_decline_offer(Manager *manager, const char *id, RunRefusal *refusal)
{
        Offer offer;

        if (!find_offer(manager, id, &offer, refusal))
                return -EPERM;

        take_answer(manager, &offer, OFFER_DECLINED, 0);
        return 0;
}

static void explain_skip(const ScheduleTime *time, char ret[static MANAGER_SENTENCE_MAX])
{
        static const char *const sentences[_SCHEDULE_SKIP_MAX] = {
                [SCHEDULE_NOT_BEGUN] = "This entry has not started yet (start).",
                [SCHEDULE_OVER] = "This entry has ended (end).",
                [SCHEDULE_SKIP_DATE] = "This day is left out (skip).",
                [SCHEDULE_QUIET] = "Its whole window lies in quiet hours (quiet).",
        };

        (void) snprintf(ret, MANAGER_SENTENCE_MAX, "%s", sentences[time->skip]);
}

/* What a limit makes of a time that is to come: later, or not at all. */
static void hold(const Manager *manager, const Look *now, ManagerPlanned *planned)
{
        Leg leg = planned->time->entry->leg;
        int64_t until_s = now->now.held_until_s[leg];
        RunRefusal refusal = { .sentence = "" };

        if (until_s <= planned->opens_s || until_s <= now->now.now_s)
                return;
        if (history_state(manager->history) != LEDGER_READY)
                (void) snprintf(refusal.sentence, sizeof(refusal.sentence), "%s",
                                history_reason(manager->history));
        else
                (void) manager_explain(manager, &now->verdicts[leg], &refusal);

        memcpy(planned->reason, refusal.sentence, sizeof(planned->reason));
        if (until_s >= planned->closes_s)
                planned->word = "skipped";
        else
                planned->opens_s = until_s;
}

static void plan_one(const Manager *manager, const Look *now, ManagerPlanned *planned)
{
        const ScheduleTime *time = planned->time;
        const Offer *offer = offers_known(manager->offers, &time->key);

        planned->opens_s = time->opens_s;
        planned->closes_s = time->closes_s;
        planned->reason[0] = '\0';
        planned->word = "planned";
        if (time->skip != SCHEDULE_OFFERED) {
                planned->word = "skipped";
                explain_skip(time, planned->reason);
                return;
        }

        if (offer && offer->state != OFFER_WAITING)
                planned->word = offer_state_to_string(offer->state);
        if (!offer || offer->state == OFFER_WAITING)
                hold(manager, now, planned);
        else if (offer->state == OFFER_PENDING)
                memcpy(planned->reason, offer->why_attended, sizeof(planned->reason));
}

int manager_plan(Manager *manager, unsigned days, ManagerTakesPlanned take, void *userdata)
{
        _cleanup_free_ ScheduleTime *times = NULL;
        Look now;
        size_t n;
        int r = 0;

        times = calloc(MANAGER_PLAN_MAX, sizeof(*times));
        if (!times)
                return -ENOMEM;

        manager_update_offers(manager);
        look(manager, &now);
        n = schedule_plan(now.now.entries, now.now.n_entries, now.now.zone, now.now.now_s,
                        now.now.now_s + days * (int64_t) CALENDAR_DAY_S, times, MANAGER_PLAN_MAX);
        for (size_t i = 0; r >= 0 && i < n; i++) {
                ManagerPlanned planned = { .time = &times[i] };

                plan_one(manager, &now, &planned);
                r = take(userdata, &planned);
        }

        return r;
}
