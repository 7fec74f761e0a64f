/* SPDX-License-Identifier: MIT */
#pragma once

/* The ledger: what was done and felt, in SQLite, on a thread of its own. The loop never waits for
 * the disk: entries go into a bounded queue, and the thread tells by an eventfd what is on the
 * disk.
 *
 * Nothing that may close a leg is ever lost in silence: what could not be written leaves the ledger
 * broken until it is written after all, and where it could not even be kept, the day is written
 * down as used up instead. While it is broken no session may start; stop does not depend on it. */

#include <systemd/sd-event.h>

#include "common/macro.h"
#include "daemon/entry.h"

#define LEDGER_QUEUE_MAX    256u
#define LEDGER_SENTENCE_MAX 256u
#define LEDGER_SCHEMA       3
/* So many massagers that a person has stopped are remembered, the latest ones; a judgement: more
 * than anybody has. */
#define LEDGER_LATCHES_MAX 16u
/* Past so many the ledger is broken, and the places that are left are for what must not be lost:
 * what may close a leg. Then nothing begins any more, and what plays ends within seconds; a
 * judgement: the session of each leg may enter a few times until then. */
#define LEDGER_QUEUE_COMMON 192u
/* A disk that says nothing for longer, while it is to be read at first or while entries wait for
 * it, breaks the ledger until it does. A judgement: a disk that sleeps wakes up in less. */
#define LEDGER_SLOW_MS 8000u
/* While it is broken and entries wait, it tries again so often by itself: what closes a leg must
 * not wait in memory for somebody to come by. A judgement: seldom enough for a disk that has
 * trouble. */
#define LEDGER_RETRY_MS 60000u
/* How far back entries are given back: what the person keeps, and a day more. */
#define LEDGER_LOOK_BACK_S (22 * 86400)

/* As it stands in the file; NULL: there is no such cause. */
const char *ledger_latch_cause_to_string(EntryLatchCause cause);

typedef enum LedgerState {
        LEDGER_OPENING,
        LEDGER_READY,
        LEDGER_BROKEN, /* ledger_reason() says why and what to do */
} LedgerState;

typedef struct Ledger Ledger;

typedef struct LedgerListener {
        /* Once, after it was opened: the latest moment it knows (NULL: none), and then each entry
         * that still counts, in the order in which they happened. A session comes back as its begin
         * and its last entry, both with its dose as it stands by now. What is found out to be
         * damaged later, also while it runs, comes as ENTRY_DAMAGED. */
        void (*opened)(void *userdata, const Moment *last);
        void (*loaded)(void *userdata, const Entry *entry);
        /* All up to that ticket are on the disk. */
        void (*durable)(void *userdata, uint64_t ticket);
        void (*changed)(void *userdata); /* its state */
} LedgerListener;

/* Starts the thread, which opens or makes the file "ledger.db" in that directory. All callbacks
 * come from the event loop. Returns 0, -ENOMEM, -EAGAIN or an error of the event loop: what is
 * wrong with the file is a state, not an error. */
int ledger_new(sd_event *event, const char *directory, const LedgerListener *listener,
                void *userdata, Ledger **ret);

/* Waits until what was entered is on the disk, for at most LEDGER_FREE_MS. */
#define LEDGER_FREE_MS 5000u
Ledger *ledger_free(Ledger *ledger);
DEFINE_TRIVIAL_CLEANUP_FUNC(Ledger *, ledger_free);

LedgerState ledger_state(const Ledger *ledger);
const char *ledger_reason(const Ledger *ledger); /* one sentence; empty unless broken */

/* Enters it. *ret_ticket (may be NULL) says when it is on the disk. Also while it is broken or
 * opening: then it is written when it is ready. The entry was not taken: -ENOBUFS, the queue is
 * full, and the ledger is broken then; if the entry may have closed a leg, an ENTRY_DAMAGED comes
 * in its place before the ledger is ready again. -EINVAL: no such thing can have happened. */
int ledger_enter(Ledger *ledger, const Entry *entry, uint64_t *ret_ticket);

/* Entries one after the other, as they stand in the file, each with its number. r < 0: they cannot
 * be read now. */
#define LEDGER_PAGE_MAX 16u
typedef struct LedgerPage {
        int r;
        unsigned n; /* fewer than LEDGER_PAGE_MAX: these were the last */
        int64_t numbers[LEDGER_PAGE_MAX];
        Entry entries[LEDGER_PAGE_MAX];
} LedgerPage;
typedef void (*LedgerPageRead)(void *userdata, const LedgerPage *page);

/* Reads the page after that number (0: the first), and what was entered before stands in it.
 * -EBUSY: one is being read. */
int ledger_read_page(Ledger *ledger, int64_t after, LedgerPageRead read, void *userdata);

/* Tries again what failed. Its outcome comes as a change of state. */
void ledger_retry(Ledger *ledger);
