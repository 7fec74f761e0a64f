/* SPDX-License-Identifier: MIT */
#pragma once

/* The history: the ledger, the day clock, and the person that both add up to. What happens is
 * entered here, and counts from that moment on, whenever the disk is done with it. */

#include <systemd/sd-event.h>

#include "daemon/ledger.h"
#include "daemon/person.h"

typedef struct History History;

typedef struct HistoryListener {
        void (*durable)(void *userdata, uint64_t ticket); /* all up to it is on the disk */
        void (*changed)(void *userdata);                  /* the ledger's state */
        /* As it was written once: all come before the ledger is ready. */
        void (*answered)(void *userdata, const OfferAnswer *answer);
        void (*latched)(void *userdata, const EntryLatch *latch);
} HistoryListener;

/* directory: where the ledger is. Returns 0, -ENOMEM or an error of the event loop; a ledger that
 * cannot be read is a state. */
int history_new(sd_event *event, const char *directory, const HistoryListener *listener,
                void *userdata, History **ret);

/* What was entered is on the disk afterwards, if the disk allows. */
History *history_free(History *history);
DEFINE_TRIVIAL_CLEANUP_FUNC(History *, history_free);

LedgerState history_state(const History *history);
const char *history_reason(const History *history); /* one sentence; empty unless broken */

/* Tries again what failed. */
void history_retry(History *history);

/* Nobody, as long as the ledger is opening or was never read. They see the clocks as they are now.
 */
const Person *history_person(History *history);
int64_t history_now_s(const History *history);

/* When that second of the day clock will be, or was, in microseconds of CLOCK_REALTIME; 0 for 0. */
uint64_t history_wall_usec(const History *history, int64_t day_s);

/* As ledger_read_page(). */
int history_read_page(History *history, int64_t after, LedgerPageRead read, void *userdata);

/* Enters what happened now: *entry without its moment. *ret_ticket (may be NULL) says when it is on
 * the disk. As long as the ledger is not read, a fault waits for that, without a ticket; anything
 * else, and a fault too many, is not entered: -EAGAIN. -ENOBUFS: it counts, but the ledger did not
 * take it and is broken. */
int history_enter(History *history, const Entry *entry, uint64_t *ret_ticket);
