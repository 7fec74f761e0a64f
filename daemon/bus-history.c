/* SPDX-License-Identifier: MIT */
/* The Manager's methods that give the history to the person, and delete it. */
#include <errno.h>
#include <sys/random.h>

#include "common/macro.h"
#include "daemon/bus-private.h"
#include "daemon/clock.h"

/* How long the second step may take: to read a sentence. */
#define DELETE_MS  30000u
#define USEC_PER_S 1000000

static const char *const kinds[_ENTRY_KIND_MAX] = {
        [ENTRY_SESSION_BEGUN] = "session-begun",
        [ENTRY_SESSION_CHARGED] = "session-charged",
        [ENTRY_SESSION_ENDED] = "session-ended",
        [ENTRY_PAIN] = "pain",
        [ENTRY_SCREENED] = "screened",
        [ENTRY_FAULT] = "fault",
        [ENTRY_OFFER] = "offer",
        [ENTRY_LATCH] = "latch",
        [ENTRY_DAMAGED] = "damaged",
        [ENTRY_DELETED] = "deleted",
};

static int open_value(sd_bus_message *reply, const char *key, const char *type)
{
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", key);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', type);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', type + 1);
        return r;
}

static int close_value(sd_bus_message *reply, int r)
{
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(reply);
        return r;
}

static int append_session(sd_bus_message *reply, const EntrySession *s)
{
        int r;

        r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "session", "t",
                        s->id, "leg", "s", leg_to_string(s->leg), "routine", "s", s->routine,
                        "massager", "s", s->massager, "planned_ms", "u", s->planned_ms,
                        "charged_ms", "u", s->dose.charged_ms, "played_ms", "u", s->dose.played_ms,
                        "heated_ms", "u", s->dose.heated_ms, "end", "s", s->end);
        if (r >= 0)
                r = open_value(reply, "zones", "a{su}");
        for (Zone zone = 0; r >= 0 && zone < _ZONE_MAX; zone++)
                if (s->dose.zone_permille_s[zone] > 0)
                        r = sd_bus_message_append(reply, "{su}", zone_name(zone),
                                        s->dose.zone_permille_s[zone]);

        return close_value(reply, r);
}

static int append_pain(sd_bus_message *reply, const EntryPain *pain)
{
        return sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}", "session", "t", pain->session,
                        "leg", "s", leg_to_string(pain->leg), "when", "s",
                        pain_when_to_string(pain->when), "score", "u", (uint32_t) pain->score,
                        "action", "s", pain_action_to_string(pain->action));
}

static int append_answers(sd_bus_message *reply, const Screening *screening)
{
        const ScreeningQuestion *q;
        int r;

        r = open_value(reply, "answers", "a{ss}");
        for (unsigned i = 0; r >= 0 && (q = screening_question(i)); i++)
                if (screening->answers[i] != SCREENING_UNANSWERED)
                        r = sd_bus_message_append(reply, "{ss}", q->id,
                                        screening_answer_to_string(screening->answers[i]));

        return close_value(reply, r);
}

static int append_offer(sd_bus_message *reply, const OfferAnswer *answer)
{
        char id[SCHEDULE_ID_MAX + 1];

        schedule_key_id(&answer->key, id);
        return sd_bus_message_append(reply, "{sv}{sv}", "offer", "s", id, "answer", "s",
                        offer_state_to_string(answer->state));
}

static int append_details(sd_bus_message *reply, const Entry *entry)
{
        switch (entry->kind) {
        case ENTRY_SESSION_BEGUN:
        case ENTRY_SESSION_CHARGED:
        case ENTRY_SESSION_ENDED:
                return append_session(reply, &entry->session);
        case ENTRY_PAIN:
                return append_pain(reply, &entry->pain);
        case ENTRY_SCREENED:
                return append_answers(reply, &entry->screening);
        case ENTRY_FAULT:
                return sd_bus_message_append(reply, "{sv}{sv}", "massager", "s",
                                entry->fault.massager, "what", "s", entry->fault.what);
        case ENTRY_OFFER:
                return append_offer(reply, &entry->offer);
        case ENTRY_LATCH:
                return sd_bus_message_append(reply, "{sv}{sv}", "massager", "s",
                                entry->latch.massager, "cause", "s",
                                ledger_latch_cause_to_string(entry->latch.cause));
        default:
                return 0;
        }
}

static int append_entry(sd_bus_message *reply, int64_t number, const Entry *entry)
{
        int64_t wall_s = day_clock_seen_s(&entry->at.reading);
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "number", "t", (uint64_t) number,
                                "kind", "s", kinds[entry->kind], "at", "t",
                                (uint64_t) wall_s * USEC_PER_S);
        if (r >= 0)
                r = append_details(reply, entry);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_page(sd_bus_message *call, const LedgerPage *page)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int64_t next = page->n == LEDGER_PAGE_MAX ? page->numbers[page->n - 1] : 0;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (unsigned i = 0; r >= 0 && i < page->n; i++)
                r = append_entry(reply, page->numbers[i], &page->entries[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "t", (uint64_t) next);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static void on_page(void *userdata, const LedgerPage *page)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        Bus *bus = userdata;

        call = TAKE_PTR(bus->export);
        if (page->r < 0)
                (void) sd_bus_reply_method_errorf(call, BUS_ERROR("LedgerUnavailable"),
                                "The ledger cannot be read now; see: kneectl status");
        else if (reply_page(call, page) < 0)
                (void) sd_bus_reply_method_errno(call, -ENOMEM, NULL);
}

int bus_export_history(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        uint64_t after;
        int r;

        r = sd_bus_message_read(call, "t", &after);
        if (r < 0)
                return r;
        if (after >= INT64_MAX)
                return bus_refuse(error, BUS_ERROR("OutOfRange"),
                                "No entry has so high a number; begin with 0.");

        r = manager_read_page(bus->manager, (int64_t) after, on_page, bus);
        if (r == -EBUSY)
                return bus_refuse(error, BUS_ERROR("TooManyCalls"),
                                "The history is just being read; try again in a moment.");
        if (r < 0)
                return r;

        bus->export = sd_bus_message_ref(call);
        return 1;
}

/* SR-DELETE: A number that no script can know beforehand: deleting is an act, not a habit. */
int bus_prepare_delete(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        BusDelete delete = { .until_ms = clock_now_ms() + DELETE_MS };
        RunRefusal refusal;
        Bus *bus = userdata;

        if (manager_may_delete(bus->manager, &refusal) < 0)
                return bus_refuse_run(error, &refusal);
        if (getrandom(&delete.code, sizeof(delete.code), GRND_NONBLOCK) != sizeof(delete.code))
                return -errno;

        bus->delete = delete;
        return sd_bus_reply_method_return(call, "us", delete.code,
                        "All answers, pain and sessions are deleted, for good. How long each leg "
                        "was massaged in the last two days stays, because the limits of the day "
                        "need it. Before the next massage all questions are asked anew.");
}

int bus_delete_history(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        BusDelete delete = bus->delete;
        RunRefusal refusal;
        uint32_t code;
        int r;

        r = sd_bus_message_read(call, "u", &code);
        if (r < 0)
                return r;

        bus->delete = (BusDelete){ 0 };
        if (code != delete.code || clock_now_ms() > delete.until_ms)
                return bus_refuse(error, BUS_ERROR("WrongState"),
                                "The history is deleted in two steps within 30 seconds; begin "
                                "again with: kneectl history delete");

        r = manager_delete_history(bus->manager, &refusal);
        if (r == -EPERM)
                return bus_refuse_run(error, &refusal);
        if (r < 0)
                return r;

        return sd_bus_reply_method_return(call, NULL);
}
