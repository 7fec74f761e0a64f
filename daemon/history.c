/* SPDX-License-Identifier: MIT */
#include "daemon/history.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/clock.h"
#include "daemon/clocks.h"
#include "daemon/log.h"

#define USEC_PER_S 1000000
/* Faults that are found before the ledger is read: one of each massager that is there by then, of
 * which more than that are rare; a judgement. */
#define EARLY_MAX 8u

struct History {
        Ledger *ledger;
        const HistoryListener *listener;
        void *userdata;

        bool read; /* the ledger has given back all that counts */
        DayClock clock;
        Person person;

        /* Until it is read. */
        unsigned n_early;
        Entry early[EARLY_MAX];
};

static void on_opened(void *userdata, const Moment *last)
{
        History *history = userdata;
        DayClockReading now = clocks_read();

        person_init(&history->person);
        day_clock_start(&history->clock, last, &now);
        history->read = true;
        for (unsigned i = 0; i < history->n_early; i++)
                (void) history_enter(history, &history->early[i], NULL);
        history->n_early = 0;
}

static void on_loaded(void *userdata, const Entry *entry)
{
        History *history = userdata;

        person_add(&history->person, entry);
        if (entry->kind == ENTRY_OFFER)
                history->listener->answered(history->userdata, &entry->offer);
        if (entry->kind == ENTRY_LATCH)
                history->listener->latched(history->userdata, &entry->latch);
}

static void on_durable(void *userdata, uint64_t ticket)
{
        History *history = userdata;

        history->listener->durable(history->userdata, ticket);
}

static void on_changed(void *userdata)
{
        History *history = userdata;

        if (ledger_state(history->ledger) == LEDGER_BROKEN)
                log_fields(3, &(const LogFields){ .message_id = LOG_LEDGER_BROKEN },
                                "No session can start: %s", ledger_reason(history->ledger));
        history->listener->changed(history->userdata);
}

static const LedgerListener ledger_listener = {
        .opened = on_opened,
        .loaded = on_loaded,
        .durable = on_durable,
        .changed = on_changed,
};

LedgerState history_state(const History *history)
{
        return ledger_state(history->ledger);
}

const char *history_reason(const History *history)
{
        return ledger_reason(history->ledger);
}

void history_retry(History *history)
{
        ledger_retry(history->ledger);
}

static Moment moment_now(const History *history)
{
        DayClockReading reading = clocks_read();

        return day_clock_moment(&history->clock, &reading);
}

const Person *history_person(History *history)
{
        Moment now = moment_now(history);

        person_see(&history->person, &now);
        return &history->person;
}

int64_t history_now_s(const History *history)
{
        return day_clock_s(&history->clock, clock_now_ms());
}

uint64_t history_wall_usec(const History *history, int64_t day_s)
{
        int64_t wall_s;

        if (day_s == 0)
                return 0;

        wall_s = time(NULL) + (day_s - history_now_s(history));
        return wall_s > 0 ? (uint64_t) wall_s * USEC_PER_S : 0;
}

int history_read_page(History *history, int64_t after, LedgerPageRead read, void *userdata)
{
        return ledger_read_page(history->ledger, after, read, userdata);
}

/* What it means for the person would have to be known at once, but a fault means nothing for them.
 */
static int keep_early(History *history, const Entry *entry)
{
        if (entry->kind != ENTRY_FAULT || history->n_early == EARLY_MAX)
                return -EAGAIN;

        history->early[history->n_early++] = *entry;
        return 0;
}

/* SR-CLOCK, SR-DISK */
int history_enter(History *history, const Entry *entry, uint64_t *ret_ticket)
{
        Entry now = *entry;

        if (!history->read)
                return keep_early(history, entry);

        now.at = moment_now(history);
        person_add(&history->person, &now);
        return ledger_enter(history->ledger, &now, ret_ticket);
}

History *history_free(History *history)
{
        if (!history)
                return NULL;

        ledger_free(history->ledger);
        free(history);
        return NULL;
}

int history_new(sd_event *event, const char *directory, const HistoryListener *listener,
                void *userdata, History **ret)
{
        _cleanup_(history_freep) History *history = NULL;
        int r;

        history = calloc(1, sizeof(*history));
        if (!history)
                return -ENOMEM;

        history->listener = listener;
        history->userdata = userdata;
        person_init(&history->person);
        r = ledger_new(event, directory, &ledger_listener, history, &history->ledger);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(history);
        return 0;
}
