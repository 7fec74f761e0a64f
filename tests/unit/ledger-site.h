/* SPDX-License-Identifier: MIT */
#pragma once

/* A ledger in a directory of its own, and a loop that writes down what it tells. */

#include "daemon/ledger.h"

#define SITE_LOADED_MAX 4096u
#define SITE_PATH_SIZE  128u

typedef struct LedgerSite {
        char directory[64]; /* with a directory "state" in it, which the ledger makes */
        char state[SITE_PATH_SIZE];
        sd_event *event;
        Ledger *ledger;

        /* What the ledger told since it was opened. */
        unsigned n_opened, n_changed, n_durable;
        bool has_last;
        Moment last;
        unsigned n_loaded;
        Entry loaded[SITE_LOADED_MAX];
        uint64_t durable;
        uint64_t ticket; /* of the last that was entered */
} LedgerSite;

/* A setup and a teardown of cmocka; *state is the site. */
int site_setup(void **state);
int site_teardown(void **state);

void site_open(LedgerSite *site); /* the ledger */
void site_close(LedgerSite *site);

/* Turn the loop until the ledger is so, for at most twenty seconds. */
void site_await_state(LedgerSite *site, LedgerState state);
void site_await_durable(LedgerSite *site, uint64_t ticket);
void site_await_change(LedgerSite *site); /* one more */
/* Opens it, and it is ready. */
void site_open_ready(LedgerSite *site);
/* Closes it and opens it again: what was written is read back. */
void site_reopen(LedgerSite *site);

/* Enters; it is on the disk, except after the second. */
uint64_t site_enter(LedgerSite *site, const Entry *entry);
uint64_t site_enter_only(LedgerSite *site, const Entry *entry);

void site_path(const LedgerSite *site, const char *name, char ret[static SITE_PATH_SIZE]);
bool site_has(const LedgerSite *site, const char *name);
/* Runs SQL on the file of a ledger that is closed. */
void site_execute(const LedgerSite *site, const char *sql);

void site_write_file(const LedgerSite *site, const char *name, const void *bytes, size_t size);
void site_remove_file(const LedgerSite *site, const char *name);

/* A moment: so many seconds after the site's beginning of time. */
Moment site_moment(int64_t s);
#define SITE_DAY_S INT64_C(1800000000)

Entry site_begun(int64_t s, uint64_t id, Leg leg);
Entry site_charged(int64_t s, uint64_t id, Leg leg, uint32_t charged_ms);
Entry site_ended(int64_t s, uint64_t id, Leg leg, uint32_t played_ms, const char *end);
Entry site_pain(int64_t s, Leg leg, int score);
Entry site_screened(int64_t s, ScreeningAnswer answer); /* the same to every question */
Entry site_fault(int64_t s, const char *what);
Entry site_latch(int64_t s, const char *massager, EntryLatchCause cause);
Entry site_offer(int64_t s, OfferState answer);

/* What is lost when a ledger is lost: writes it down. Returns the entries as they come back. */
#define SITE_STORY_SIZE 9u
const Entry *site_tell_story(LedgerSite *site);
const Entry *site_last_loaded(const LedgerSite *site);

void site_check_entry(const Entry *entry, const Entry *expected);
