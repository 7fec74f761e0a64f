/* SPDX-License-Identifier: MIT */
/* SR-CLOCK: No setting of a clock while the computer runs, no time zone, and no clock at boot that
 * cannot be right or is behind the ledger opens a day. */
#include "common/macro.h"
#include "daemon/day-clock.h"
#include "tests/unit/cmocka-all.h"

#define HOUR_S   3600
#define DAY_S    DAY_CLOCK_DAY_S
#define MS_PER_S 1000
/* Some day that can be right. */
#define NOW_S (DAY_CLOCK_WALL_MIN_S + 200 * (int64_t) DAY_S)
/* 2100-01-01, and the clock of a computer without a battery. */
#define YEAR_2100_S INT64_C(4102444800)
#define YEAR_1970_S INT64_C(0)

#define UPTIME_MS UINT64_C(5000000)

static DayClockReading reading(unsigned boot, uint64_t boottime_ms, int64_t wall_s)
{
        DayClockReading r = { .boottime_ms = boottime_ms, .wall_s = wall_s };

        memcpy(r.boot.bytes, &boot, sizeof(boot));
        return r;
}

/* What the ledger keeps of a computer that was right all along. */
static Moment right_moment(void)
{
        return (Moment){ reading(1, UPTIME_MS, NOW_S), NOW_S };
}

/* What it says at the start of that reading. */
static int64_t started_s(const Moment *last, DayClockReading now)
{
        DayClock clock;

        day_clock_start(&clock, last, &now);
        return day_clock_s(&clock, now.boottime_ms);
}

static const int64_t walls[] = {
        INT64_MIN,
        -1,
        YEAR_1970_S,
        DAY_CLOCK_WALL_MIN_S - 1,
        DAY_CLOCK_WALL_MIN_S,
        NOW_S - 3 * DAY_S,
        NOW_S - DAY_S,
        NOW_S - HOUR_S,
        NOW_S,
        NOW_S + HOUR_S,
        NOW_S + DAY_S,
        NOW_S + 400 * DAY_S,
        DAY_CLOCK_WALL_MAX_S - 1,
        DAY_CLOCK_WALL_MAX_S,
        YEAR_2100_S,
        INT64_MAX,
};

static void what_can_be_right_has_bounds(void **state)
{
        assert_false(day_clock_plausible(YEAR_1970_S));
        assert_false(day_clock_plausible(DAY_CLOCK_WALL_MIN_S - 1));
        assert_true(day_clock_plausible(DAY_CLOCK_WALL_MIN_S));
        assert_true(day_clock_plausible(DAY_CLOCK_WALL_MAX_S - 1));
        assert_false(day_clock_plausible(DAY_CLOCK_WALL_MAX_S));
        assert_false(day_clock_plausible(YEAR_2100_S));
}

static void the_first_start_goes_by_the_wall_clock_where_it_can_be_right(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(walls); i++)
                assert_int_equal(started_s(NULL, reading(1, 7, walls[i])),
                                day_clock_plausible(walls[i]) ? walls[i] : DAY_CLOCK_WALL_MIN_S);
}

/* Whatever the wall clock says at both ends: a restart of the daemon is none of the computer. */
static void within_a_boot_the_wall_clock_says_nothing(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(walls); i++)
                for (size_t k = 0; k < ELEMENTSOF(walls); k++) {
                        Moment last = { reading(1, UPTIME_MS, walls[i]), NOW_S };
                        DayClockReading now = reading(1, UPTIME_MS + 5999, walls[k]);
                        DayClock clock;

                        day_clock_start(&clock, &last, &now);
                        assert_int_equal(day_clock_s(&clock, now.boottime_ms), NOW_S + 5);
                        assert_int_equal(day_clock_s(&clock, now.boottime_ms + 999), NOW_S + 5);
                        assert_int_equal(day_clock_s(&clock, now.boottime_ms + 1000), NOW_S + 6);
                }
}

static void a_clock_that_runs_backwards_gives_nothing(void **state)
{
        Moment last = right_moment();
        DayClock clock;

        assert_int_equal(started_s(&last, reading(1, UPTIME_MS - 1, NOW_S)), NOW_S);
        assert_int_equal(started_s(&last, reading(1, 0, NOW_S)), NOW_S);
        day_clock_start(&clock, &last, &last.reading);
        assert_int_equal(day_clock_s(&clock, 0), NOW_S);
}

static void the_time_off_counts_as_the_wall_clock_went_on(void **state)
{
        Moment last = right_moment();

        assert_int_equal(started_s(&last, reading(2, 10, NOW_S + 1)), NOW_S + 1);
        assert_int_equal(started_s(&last, reading(2, 10, NOW_S + DAY_S)), NOW_S + DAY_S);
        /* Also where the day clock is not the wall clock. */
        last.day_s -= 100 * DAY_S;
        assert_int_equal(started_s(&last, reading(2, 10, NOW_S + HOUR_S)), last.day_s + HOUR_S);
        last.day_s += 5000 * (int64_t) DAY_S;
        assert_int_equal(started_s(&last, reading(2, 10, NOW_S + HOUR_S)), last.day_s + HOUR_S);
}

static void a_clock_that_cannot_be_right_gives_nothing_for_the_time_off(void **state)
{
        Moment last = right_moment();

        for (size_t i = 0; i < ELEMENTSOF(walls); i++)
                if (!day_clock_plausible(walls[i]) || walls[i] < NOW_S)
                        assert_int_equal(started_s(&last, reading(2, 10, walls[i])), NOW_S);
        /* Nor is it known how long it was off, when it was wrong before. */
        for (size_t i = 0; i < ELEMENTSOF(walls); i++) {
                last.reading.wall_s = YEAR_1970_S;
                assert_int_equal(started_s(&last, reading(2, 10, walls[i])), NOW_S);
                last.reading.wall_s = YEAR_2100_S;
                assert_int_equal(started_s(&last, reading(2, 10, walls[i])), NOW_S);
        }
}

/* Two boots of which nobody knows the id may be one or two. */
static void without_a_boot_id_only_the_wall_clock_counts(void **state)
{
        Moment last = { reading(0, 1000, NOW_S), NOW_S };

        assert_int_equal(started_s(&last, reading(0, 1000 + DAY_S * MS_PER_S, 0)), NOW_S);
        assert_int_equal(started_s(&last, reading(0, 2000, NOW_S + 60)), NOW_S + 60);
}

static int64_t kept_wall_s(const DayClock *clock, uint64_t boottime_ms, int64_t wall_s)
{
        DayClockReading now = reading(2, boottime_ms, wall_s);
        Moment moment = day_clock_moment(clock, &now);

        assert_memory_equal(&moment.reading.boot, &now.boot, sizeof(now.boot));
        assert_int_equal(moment.reading.boottime_ms, boottime_ms);
        assert_int_equal(moment.day_s, day_clock_s(clock, boottime_ms));
        return moment.reading.wall_s;
}

/* No time off is counted from it, but it is there to see. */
static int64_t seen_only(int64_t wall_s)
{
        return day_clock_plausible(wall_s) ? -wall_s : 0;
}

/* What is entered under a clock that was set back stands there as if it were not. */
static void the_ledger_keeps_the_wall_clock_as_it_goes_on(void **state)
{
        Moment last = right_moment();
        DayClockReading now = reading(2, 0, NOW_S + HOUR_S);
        DayClock clock;

        day_clock_start(&clock, &last, &now);
        for (size_t i = 0; i < ELEMENTSOF(walls); i++)
                assert_int_equal(kept_wall_s(&clock, 60000, walls[i]),
                                day_clock_plausible(walls[i]) && walls[i] > NOW_S + HOUR_S + 60
                                                ? walls[i]
                                                : NOW_S + HOUR_S + 60);

        /* It was wrong at boot: what it is set to then may be wrong, too. */
        for (size_t i = 0; i < ELEMENTSOF(walls); i++) {
                now.wall_s = NOW_S - 1;
                day_clock_start(&clock, &last, &now);
                assert_int_equal(kept_wall_s(&clock, 60000, walls[i]), seen_only(walls[i]));
                now.wall_s = YEAR_1970_S;
                day_clock_start(&clock, &last, &now);
                assert_int_equal(kept_wall_s(&clock, 60000, walls[i]), seen_only(walls[i]));
        }

        /* It was not known in this boot: a restart of the daemon does not make it so. */
        last.reading = reading(2, 0, 0);
        now = reading(2, 0, NOW_S);
        day_clock_start(&clock, &last, &now);
        for (size_t i = 0; i < ELEMENTSOF(walls); i++)
                assert_int_equal(kept_wall_s(&clock, 60000, walls[i]), seen_only(walls[i]));
}

static void what_was_only_seen_counts_for_no_time_off(void **state)
{
        Moment last = right_moment();

        last.reading.wall_s = -NOW_S;
        assert_int_equal(day_clock_seen_s(&last.reading), NOW_S);
        assert_int_equal(started_s(&last, reading(2, 10, NOW_S + DAY_S)), NOW_S);
        last.reading.wall_s = INT64_MIN;
        assert_int_equal(day_clock_seen_s(&last.reading), 0);
        last.reading.wall_s = -YEAR_2100_S;
        assert_int_equal(day_clock_seen_s(&last.reading), 0);

        /* A clock that is behind it is as wrong as one behind what was counted. */
        last.reading.wall_s = -NOW_S;
        for (int64_t behind_s = 0; behind_s <= 1; behind_s++) {
                DayClockReading now = reading(2, 10, NOW_S - behind_s);
                DayClock clock;

                day_clock_start(&clock, &last, &now);
                assert_int_equal(clock.wall_s, behind_s ? 0 : NOW_S);
        }
}

/* A computer whose true time we know. */
typedef struct Computer {
        unsigned boot;
        uint64_t boottime_ms;
        int64_t true_s;
        int64_t wall_error_s;
        DayClock clock;
        Moment last;
} Computer;

static DayClockReading look(const Computer *c)
{
        return reading(c->boot, c->boottime_ms, c->true_s + c->wall_error_s);
}

static void start(Computer *c, const Moment *last)
{
        DayClockReading now = look(c);

        day_clock_start(&c->clock, last, &now);
}

static void enter(Computer *c)
{
        DayClockReading now = look(c);

        c->last = day_clock_moment(&c->clock, &now);
}

static Computer right_computer(void)
{
        Computer c = { .boot = 1, .boottime_ms = UPTIME_MS, .true_s = NOW_S };

        start(&c, NULL);
        enter(&c);
        return c;
}

static void run_on(Computer *c, int64_t s)
{
        c->true_s += s;
        c->boottime_ms += (uint64_t) s * MS_PER_S;
}

static void reboot(Computer *c, int64_t off_s, int64_t wall_error_s)
{
        c->boot++;
        c->boottime_ms = 100;
        c->true_s += off_s;
        c->wall_error_s = wall_error_s;
        start(c, &c->last);
}

/* How much more time the day clock says has passed than has. */
static int64_t lead_s(const Computer *c)
{
        return day_clock_s(&c->clock, c->boottime_ms) - c->true_s;
}

static void daylight_saving_neither_opens_nor_closes_a_day(void **state)
{
        for (int64_t jump = -HOUR_S; jump <= HOUR_S; jump += 2 * HOUR_S) {
                Computer c = right_computer();

                run_on(&c, 600);
                c.wall_error_s = jump;
                enter(&c);
                run_on(&c, 600);
                assert_int_equal(lead_s(&c), 0);
                enter(&c);

                /* The next boot is right again, after a night. */
                reboot(&c, 8 * HOUR_S, 0);
                assert_int_equal(lead_s(&c), jump > 0 ? -jump : 0);
        }
}

/* A battery that is empty: each boot begins in 1970, and the network puts it right or not. Then it
 * is mended: the second night counts again. */
static void an_empty_battery_opens_no_day(void **state)
{
        for (unsigned put_right = 0; put_right < 2; put_right++) {
                Computer c = right_computer();
                int64_t lead;

                reboot(&c, 3 * DAY_S, -c.true_s);
                lead = lead_s(&c);
                assert_int_equal(lead, -3 * DAY_S);
                if (put_right)
                        c.wall_error_s = 0;
                enter(&c);
                reboot(&c, 8 * HOUR_S, 0);
                assert_int_equal(lead_s(&c), lead - 8 * HOUR_S);
                enter(&c);
                reboot(&c, 8 * HOUR_S, 0);
                assert_int_equal(lead_s(&c), lead - 8 * HOUR_S);
        }
}

/* Days go on, at the latest with the second boot, when a clock that was ahead is mended. */
static void a_clock_that_was_ahead_and_is_mended_costs_two_nights(void **state)
{
        Computer c = right_computer();
        int64_t lead;

        c.wall_error_s = 9000 * (int64_t) DAY_S;
        enter(&c);
        lead = lead_s(&c);
        reboot(&c, 8 * HOUR_S, 0);
        assert_int_equal(lead_s(&c), lead - 8 * HOUR_S);
        enter(&c);
        reboot(&c, 8 * HOUR_S, 0);
        assert_int_equal(lead_s(&c), lead - 16 * HOUR_S);
        enter(&c);
        reboot(&c, 8 * HOUR_S, 0);
        assert_int_equal(lead_s(&c), lead - 16 * HOUR_S);
}

/* An error of the wall clock at a moment of a boot. At its start it is none that could be taken for
 * time off: it is right, cannot be right, or is behind the ledger. */
static int64_t some_error_s(Random *random, const Computer *c, bool at_start)
{
        switch (random_between(random, 0, at_start ? 3 : 7)) {
        case 0:
                return -c->true_s + random_between(random, 0, 100000); /* 1970 */
        case 1:
                return YEAR_2100_S - c->true_s;
        case 2:
                return MIN(day_clock_seen_s(&c->last.reading) - 1, c->true_s) - c->true_s -
                       random_between(random, 0, 90 * DAY_S);
        case 3:
        case 4:
                return 0;
        case 5:
                return random_between(random, -2 * HOUR_S, 2 * HOUR_S);
        case 6:
                return random_between(random, -30 * DAY_S, 30 * DAY_S);
        default:
                return c->wall_error_s;
        }
}

/* Whatever happens to the wall clock: from any moment in the ledger to any later one, no more time
 * is counted than passed. */
static void no_time_is_counted_that_did_not_pass(void **state)
{
        Random random = { 20261101 };
        unsigned lost = 0, kept = 0;

        for (unsigned life = 0; life < 2000; life++) {
                Computer c = right_computer();
                int64_t lead = 0;

                for (unsigned i = 0; i < 60; i++) {
                        switch (random_between(&random, 0, 4)) {
                        case 0: {
                                int64_t off_s = random_between(&random, 1, 3 * DAY_S);

                                c.true_s += off_s;
                                reboot(&c, 0, some_error_s(&random, &c, true));
                                break;
                        }
                        case 1: /* of the daemon alone */
                                if (c.last.reading.boot.bytes[0] == c.boot)
                                        start(&c, &c.last);
                                break;
                        case 2:
                                c.wall_error_s = some_error_s(&random, &c, false);
                                break;
                        case 3:
                                enter(&c);
                                lost += lead_s(&c) < lead;
                                kept += lead_s(&c) == lead;
                                assert_true(lead_s(&c) <= lead);
                                lead = lead_s(&c);
                                break;
                        default:
                                run_on(&c, random_between(&random, 0, 10 * HOUR_S));
                        }
                        assert_true(lead_s(&c) <= lead);
                }
        }
        /* Nor is all time lost. */
        assert_true(kept > lost && lost > 1000);
}

/* Anything may stand in a ledger: it never goes back, and nothing overflows. */
static void hostile_moments_never_set_it_back(void **state)
{
        static const uint64_t boottimes[] = { 0, 1, UPTIME_MS, INT64_MAX, UINT64_MAX };
        static const int64_t days[] = { INT64_MIN, -1, 0, NOW_S, INT64_MAX - 1, INT64_MAX };
        unsigned n = 0;

        for (size_t day = 0; day < ELEMENTSOF(days); day++)
                for (size_t i = 0; i < ELEMENTSOF(walls); i++)
                        for (size_t k = 0; k < ELEMENTSOF(walls); k++)
                                for (size_t b = 0; b < ELEMENTSOF(boottimes); b++)
                                        for (unsigned boot = 0; boot < 3; boot++) {
                                                Moment last = { reading(1, UPTIME_MS, walls[i]),
                                                        days[day] };
                                                DayClockReading now = reading(
                                                                boot, boottimes[b], walls[k]);
                                                DayClock clock;

                                                day_clock_start(&clock, &last, &now);
                                                assert_true(clock.day_s >= days[day]);
                                                now.boottime_ms = UINT64_MAX;
                                                assert_true(day_clock_moment(&clock, &now).day_s >=
                                                                clock.day_s);
                                                n++;
                                        }
        assert_true(n > 10000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_can_be_right_has_bounds),
                cmocka_unit_test(the_first_start_goes_by_the_wall_clock_where_it_can_be_right),
                cmocka_unit_test(within_a_boot_the_wall_clock_says_nothing),
                cmocka_unit_test(a_clock_that_runs_backwards_gives_nothing),
                cmocka_unit_test(the_time_off_counts_as_the_wall_clock_went_on),
                cmocka_unit_test(a_clock_that_cannot_be_right_gives_nothing_for_the_time_off),
                cmocka_unit_test(without_a_boot_id_only_the_wall_clock_counts),
                cmocka_unit_test(the_ledger_keeps_the_wall_clock_as_it_goes_on),
                cmocka_unit_test(what_was_only_seen_counts_for_no_time_off),
                cmocka_unit_test(daylight_saving_neither_opens_nor_closes_a_day),
                cmocka_unit_test(an_empty_battery_opens_no_day),
                cmocka_unit_test(a_clock_that_was_ahead_and_is_mended_costs_two_nights),
                cmocka_unit_test(no_time_is_counted_that_did_not_pass),
                cmocka_unit_test(hostile_moments_never_set_it_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
