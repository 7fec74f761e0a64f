/* SPDX-License-Identifier: MIT */
/* The history on a real ledger. */
#include <errno.h>
#include <stdio.h>

#include "common/macro.h"
#include "daemon/history.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/ledger-site.h"

typedef struct Reading {
        LedgerPage page;
        bool there;
} Reading;

static void ignore_ticket(void *userdata, uint64_t ticket)
{
}

static void ignore_change(void *userdata)
{
}

static void ignore_answer(void *userdata, const OfferAnswer *answer)
{
}

static void ignore_latch(void *userdata, const EntryLatch *latch)
{
}

static const HistoryListener listener = {
        .durable = ignore_ticket,
        .changed = ignore_change,
        .answered = ignore_answer,
        .latched = ignore_latch,
};

static History *open_history(LedgerSite *site)
{
        History *history;

        assert_int_equal(history_new(site->event, site->state, &listener, NULL, &history), 0);
        return history;
}

static void await_ready(LedgerSite *site, const History *history)
{
        while (history_state(history) != LEDGER_READY)
                assert_true(sd_event_run(site->event, UINT64_MAX) >= 0);
}

static void on_page(void *userdata, const LedgerPage *page)
{
        Reading *reading = userdata;

        reading->page = *page;
        reading->there = true;
}

static void read_page(LedgerSite *site, History *history, LedgerPage *ret)
{
        Reading reading = { .there = false };

        assert_int_equal(history_read_page(history, 0, on_page, &reading), 0);
        while (!reading.there)
                assert_true(sd_event_run(site->event, UINT64_MAX) >= 0);
        assert_int_equal(reading.page.r, 0);
        *ret = reading.page;
}

static void a_fault_before_the_ledger_is_read_is_entered_then(void **state)
{
        LedgerSite *site = *state;
        History *history = open_history(site);
        Entry fault = site_fault(0, "loose"), pain = site_pain(0, LEG_LEFT, 1);
        LedgerPage page;
        unsigned n = 0;

        assert_int_equal(history_enter(history, &pain, NULL), -EAGAIN);
        while (history_enter(history, &fault, NULL) == 0)
                assert_true(++n < 1000);
        assert_true(n > 0);
        await_ready(site, history);

        read_page(site, history, &page);
        assert_int_equal(page.n, n);
        for (unsigned i = 0; i < n; i++) {
                assert_int_equal(page.entries[i].kind, ENTRY_FAULT);
                assert_string_equal(page.entries[i].fault.what, "loose");
                assert_int_not_equal(page.entries[i].at.day_s, 0);
        }
        history_free(history);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_fault_before_the_ledger_is_read_is_entered_then,
                                site_setup, site_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
