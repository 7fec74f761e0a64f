/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "daemon/bus-guard.h"
#include "tests/unit/cmocka-all.h"

static unsigned admitted(BusGuard *guard, const char *sender, unsigned calls, uint64_t now_ms)
{
        unsigned n = 0;

        for (unsigned i = 0; i < calls; i++)
                n += bus_guard_admit(guard, sender, now_ms);

        return n;
}

static void a_flood_gets_its_burst_and_then_its_rate(void **state)
{
        BusGuard guard = { 0 };

        assert_int_equal(admitted(&guard, ":1.1", 10000, 1000), BUS_GUARD_BURST);
        assert_int_equal(admitted(&guard, ":1.1", 10000, 2000), BUS_GUARD_PER_S);
        assert_int_equal(admitted(&guard, ":1.1", 10000, 2000), 0);
        assert_int_equal(admitted(&guard, ":1.1", 10000, 1000000), BUS_GUARD_BURST);
}

static void a_flood_takes_nothing_from_others(void **state)
{
        BusGuard guard = { 0 };

        (void) admitted(&guard, ":1.1", 10000, 1000);
        assert_int_equal(admitted(&guard, ":1.2", 100, 1000), 100);
}

static void more_senders_than_places_replace_the_quietest(void **state)
{
        BusGuard guard = { 0 };
        char name[BUS_GUARD_NAME_MAX];

        for (unsigned i = 0; i < BUS_GUARD_SENDERS; i++) {
                (void) snprintf(name, sizeof(name), ":1.%u", i);
                (void) admitted(&guard, name, BUS_GUARD_BURST, 1000 + i);
        }
        assert_true(bus_guard_admit(&guard, ":1.999", 1050));
        /* The first was the quietest and was forgotten; the second is still known. */
        assert_int_equal(admitted(&guard, ":1.5", BUS_GUARD_BURST, 1050), 4);
        assert_int_equal(guard.n, BUS_GUARD_SENDERS);
}

static void a_name_that_no_bus_gives_is_refused(void **state)
{
        BusGuard guard = { 0 };
        char name[200];

        memset(name, 'x', sizeof(name));
        name[sizeof(name) - 1] = '\0';
        assert_false(bus_guard_admit(&guard, name, 1000));
}

/* SR-STOP */
static void stopping_is_stop_stop_all_and_pause(void **state)
{
        assert_true(bus_guard_is_stop("Stop") && bus_guard_is_stop("StopAll"));
        assert_true(bus_guard_is_stop("Pause"));
        assert_false(bus_guard_is_stop("Run") || bus_guard_is_stop("Resume"));
        assert_false(bus_guard_is_stop("Stopp") || bus_guard_is_stop(""));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_flood_gets_its_burst_and_then_its_rate),
                cmocka_unit_test(a_flood_takes_nothing_from_others),
                cmocka_unit_test(more_senders_than_places_replace_the_quietest),
                cmocka_unit_test(a_name_that_no_bus_gives_is_refused),
                cmocka_unit_test(stopping_is_stop_stop_all_and_pause),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
