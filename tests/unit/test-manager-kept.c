/* SPDX-License-Identifier: MIT */
/* SR-CLEAR: What a person stopped stays so while the massager is unplugged and while kneed is not
 * there, whatever comes first then: the massager or what the ledger knows. */
#include <stdio.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/manager-private.h"
#include "daemon/transport-virtual.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/ledger-site.h"
#include "tests/unit/shipped.h"

#define DEADLINE_MS 20000u
#define HISTORY     2000u
#define BATCH       100u

static Manager *open_manager(LedgerSite *site)
{
        Manager *manager;

        assert_int_equal(manager_new(site->event, shipped_config(), site->state, &manager), 0);
        return manager;
}

static void close_manager(Manager *manager)
{
        manager_shut_down(manager);
        manager_free(manager);
}

static void turn(LedgerSite *site, uint64_t until_ms)
{
        assert_true(clock_now_ms() < until_ms);
        assert_true(sd_event_run(site->event, DEADLINE_MS * USEC_PER_MS) >= 0);
}

static void await_ledger(LedgerSite *site, Manager *manager)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        while (history_state(manager->history) != LEDGER_READY)
                turn(site, until_ms);
}

static Transport *attach(LedgerSite *site, Manager *manager, const SimDesign *design)
{
        Transport *transport;

        assert_int_equal(transport_virtual_new(site->event, design, NULL, &transport), 0);
        assert_int_equal(manager_add_transport(manager, transport), 0);
        return transport;
}

static Massager *await_massager(LedgerSite *site, Manager *manager, MassagerState state)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;
        Massager *m;

        while (!(m = manager_massager(manager, 0)) || massager_state(m) != state)
                turn(site, until_ms);
        return m;
}

static void await_unplugged(LedgerSite *site, Manager *manager)
{
        uint64_t until_ms = clock_now_ms() + DEADLINE_MS;

        while (manager_massager(manager, 0))
                turn(site, until_ms);
}

static void assert_emergency(const Massager *m)
{
        assert_int_equal(governor_latched(massager_governor(m)), GOVERNOR_LATCH_EMERGENCY);
}

/* Returns with kneed over. */
static void stop_in_an_emergency(LedgerSite *site)
{
        Manager *manager = open_manager(site);

        (void) attach(site, manager, &sim_reference_design);
        await_ledger(site, manager);
        (void) await_massager(site, manager, MASSAGER_IDLE);
        (void) manager_emergency_stop(manager);
        (void) await_massager(site, manager, MASSAGER_LATCHED);
        close_manager(manager);
}

static void clear(LedgerSite *site, Manager *manager)
{
        Massager *m = await_massager(site, manager, MASSAGER_LATCHED);

        assert_emergency(m);
        assert_int_equal(massager_clear(m), 0);
        (void) await_massager(site, manager, MASSAGER_IDLE);
        close_manager(manager);
}

static void the_ledger_may_come_first(void **state)
{
        LedgerSite *site = *state;
        Manager *manager;

        stop_in_an_emergency(site);
        manager = open_manager(site);
        await_ledger(site, manager);
        (void) attach(site, manager, &sim_reference_design);
        clear(site, manager);
}

static void the_massager_may_come_first(void **state)
{
        LedgerSite *site = *state;
        Manager *manager;

        stop_in_an_emergency(site);
        manager = open_manager(site);
        (void) attach(site, manager, &sim_reference_design);
        clear(site, manager);
}

/* The massager is there before the ledger is read, which takes many turns, and says something in
 * some of them. */
static void both_may_come_at_once(void **state)
{
        Entry entry = site_latch(0, "KNEED_SIM_1", ENTRY_LATCH_EMERGENCY);
        LedgerSite *site = *state;
        Transport *transport;
        uint64_t until_ms;
        Manager *manager;

        site_open_ready(site);
        (void) site_enter(site, &entry);
        entry = site_fault(1, "loose");
        for (unsigned i = 1; i <= HISTORY; i++)
                (void) (i % BATCH == 0 ? site_enter : site_enter_only)(site, &entry);
        site_close(site);

        until_ms = clock_now_ms() + DEADLINE_MS;
        manager = open_manager(site);
        transport = attach(site, manager, &sim_reference_design);
        for (unsigned i = 0; history_state(manager->history) != LEDGER_READY; i++) {
                /* Not in each: the massager comes before the ledger. */
                if (i % 4 == 0)
                        sim_model_set_contact(transport_virtual_model(transport), clock_now_ms(),
                                        i % 8 == 0);
                transport_virtual_touched(transport);
                turn(site, until_ms);
        }
        clear(site, manager);
}

static void what_was_cleared_stays_cleared(void **state)
{
        LedgerSite *site = *state;
        Manager *manager;

        the_ledger_may_come_first(state);
        manager = open_manager(site);
        await_ledger(site, manager);
        (void) attach(site, manager, &sim_reference_design);
        (void) await_massager(site, manager, MASSAGER_IDLE);
        close_manager(manager);
}

/* A firmware may be replaced, and two massagers may have one serial number. */
static void one_with_other_parts_is_the_same_one(void **state)
{
        SimDesign other = sim_reference_design;
        LedgerSite *site = *state;
        Manager *manager = open_manager(site);
        Transport *transport;

        other.records[0].current_ma++;
        transport = attach(site, manager, &sim_reference_design);
        await_ledger(site, manager);
        (void) await_massager(site, manager, MASSAGER_IDLE);
        (void) manager_emergency_stop(manager);
        (void) await_massager(site, manager, MASSAGER_LATCHED);
        transport_virtual_unplug(transport);
        await_unplugged(site, manager);
        (void) attach(site, manager, &other);
        assert_emergency(await_massager(site, manager, MASSAGER_LATCHED));
        close_manager(manager);
}

/* Places are few; one that is needed goes last. */
static void many_others_do_not_push_it_out(void **state)
{
        SimDesign other = sim_reference_design;
        LedgerSite *site = *state;
        Manager *manager;
        char serial[16];

        stop_in_an_emergency(site);
        manager = open_manager(site);
        await_ledger(site, manager);
        other.serial = serial;
        for (unsigned i = 0; i < 2 * MANAGER_KEPT_MAX; i++) {
                Transport *transport;

                (void) snprintf(serial, sizeof(serial), "OTHER%u", i);
                transport = attach(site, manager, &other);
                (void) await_massager(site, manager, MASSAGER_IDLE);
                transport_virtual_unplug(transport);
                await_unplugged(site, manager);
        }
        (void) attach(site, manager, &sim_reference_design);
        clear(site, manager);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(the_ledger_may_come_first),
                TEST(the_massager_may_come_first),
                TEST(both_may_come_at_once),
                TEST(what_was_cleared_stays_cleared),
                TEST(one_with_other_parts_is_the_same_one),
                TEST(many_others_do_not_push_it_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
