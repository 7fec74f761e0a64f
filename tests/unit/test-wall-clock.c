/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/wall-clock.h"
#include "tests/unit/schedule-world.h"

#define ZONES_FILE "/usr/share/zoneinfo/zone1970.tab"
#define DAYS       402 /* as far as the schedule looks */

static void check_moment(const CalendarZone *zone, const char *name, int64_t s)
{
        time_t t = s;
        uint16_t minute;
        int32_t day = calendar_local(zone, s, &minute);
        CalendarDate date = calendar_date(day);
        struct tm tm;

        assert_non_null(localtime_r(&t, &tm));
        if (date.year != tm.tm_year + 1900 || date.month != tm.tm_mon + 1 ||
                        date.day != tm.tm_mday || minute != tm.tm_hour * 60 + tm.tm_min ||
                        (int) calendar_weekday(day) != (tm.tm_wday + 6) % 7)
                fail_msg("%s at %ld", name, (long) s);
}

static unsigned check_zone(const char *name)
{
        int64_t from_s = day_of(2026, 11, 26) * INT64_C(86400);
        CalendarZone zone;

        assert_int_equal(setenv("TZ", name, 1), 0);
        wall_clock_read_zone(from_s, from_s + DAYS * INT64_C(86400), &zone);
        assert_in_range(zone.n, 0, 4);
        for (int64_t s = from_s; s < from_s + DAYS * INT64_C(86400); s += 3 * HOUR_S)
                check_moment(&zone, name, s);
        for (unsigned i = 0; i < zone.n; i++) {
                check_moment(&zone, name, zone.changes[i].at_s - 1);
                check_moment(&zone, name, zone.changes[i].at_s);
        }

        return zone.n;
}

/* Every zone that there is. */
static void a_zone_is_read_as_the_library_knows_it(void **state)
{
        FILE *zones = fopen(ZONES_FILE, "re");
        unsigned n = 0, n_changing = 0;
        char line[512], name[64];

        assert_non_null(zones); /* of the package tzdata */
        while (fgets(line, sizeof(line), zones))
                if (line[0] != '#' && sscanf(line, "%*s %*s %63s", name) == 1) {
                        n++;
                        n_changing += check_zone(name) > 0;
                }
        assert_int_equal(fclose(zones), 0);
        assert_true(n > 250 && n_changing > 50);
}

/* As it is set now, not as it was when somebody asked first. */
static void a_zone_that_changes_is_read_anew(void **state)
{
        assert_int_equal(check_zone("Asia/Kathmandu"), 0);
        assert_int_equal(check_zone("Europe/Berlin"), 2);
        assert_int_equal(check_zone("UTC"), 0);
}

typedef struct World {
        sd_event *event;
        WallClock *clock;
        unsigned n_rings;
} World;

static void on_ring(void *userdata)
{
        World *world = userdata;

        world->n_rings++;
}

static int setup(void **state)
{
        static World world;

        world = (World){ .n_rings = 0 };
        if (sd_event_new(&world.event) < 0 ||
                        wall_clock_new(world.event, on_ring, &world, &world.clock) < 0)
                return -1;
        *state = &world;
        return 0;
}

static int teardown(void **state)
{
        World *world = *state;

        wall_clock_free(world->clock);
        sd_event_unref(world->event);
        return 0;
}

static void it_rings_at_its_moment_and_once(void **state)
{
        World *world = *state;
        int64_t moment_s = wall_clock_now_s() + 2;

        assert_int_equal(wall_clock_set(world->clock, moment_s + 3600), 0);
        assert_int_equal(wall_clock_set(world->clock, moment_s), 0);
        while (world->n_rings == 0)
                assert_true(sd_event_run(world->event, 20 * UINT64_C(1000000)) > 0);
        assert_in_range(wall_clock_now_s(), moment_s, moment_s + 10);
        assert_int_equal(sd_event_run(world->event, 0), 0);
        assert_int_equal(world->n_rings, 1);
}

static void a_moment_that_has_passed_rings_at_once(void **state)
{
        World *world = *state;

        assert_int_equal(wall_clock_set(world->clock, wall_clock_now_s() - 86400), 0);
        assert_true(sd_event_run(world->event, 20 * UINT64_C(1000000)) > 0);
        assert_int_equal(world->n_rings, 1);
}

static void what_is_put_off_does_not_ring(void **state)
{
        World *world = *state;

        assert_int_equal(wall_clock_set(world->clock, wall_clock_now_s() - 1), 0);
        assert_int_equal(wall_clock_set(world->clock, INT64_MAX), 0);
        assert_int_equal(sd_event_run(world->event, 0), 0);
        assert_int_equal(world->n_rings, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_zone_is_read_as_the_library_knows_it),
                cmocka_unit_test(a_zone_that_changes_is_read_anew),
                cmocka_unit_test_setup_teardown(it_rings_at_its_moment_and_once, setup, teardown),
                cmocka_unit_test_setup_teardown(
                                a_moment_that_has_passed_rings_at_once, setup, teardown),
                cmocka_unit_test_setup_teardown(what_is_put_off_does_not_ring, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
