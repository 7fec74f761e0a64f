/* SPDX-License-Identifier: MIT */
/* The schedule against an oracle that walks through years minute by minute.
 *
 * The oracle looks at nothing but what the C library says that a clock on the wall shows, and knows
 * the rules in another way: what a clock on the wall reaches or jumps over for the first time is
 * due; each minute that passes takes one from the window; a quiet minute ends what stands. It
 * counts no days and adds no offsets, and finds no moment but by getting there. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/wall-clock.h"
#include "tests/unit/schedule-world.h"

#define ENTRIES   16u
#define FOUND_MAX 65536u
#define OPEN_MAX  256u
#define YEARS     3

/* What a clock on the wall shows, in parts that can be compared from the left to the right. */
typedef struct Shown {
        int year, month, day, hour, minute;
} Shown;

/* What the oracle found out about one time of an entry. */
typedef struct Found {
        unsigned entry;
        Shown time; /* as it is written */
        int64_t due_s, opens_s, closes_s;
        ScheduleSkip skip;
} Found;

typedef struct Oracle {
        const ScheduleEntry *entries;
        bool is_quiet[ENTRIES][1440];
        Shown latest; /* that was ever shown */
        size_t n_found;
        Found found[FOUND_MAX];
        size_t n_open; /* those whose window lasts still */
        struct {
                size_t found;
                unsigned minutes_left;
                bool made;
        } open[OPEN_MAX];
        size_t n_moments; /* at which an offer was made or ended */
        int64_t moments[2 * FOUND_MAX];
} Oracle;

static int compare_shown(const Shown *a, const Shown *b)
{
        const int left[] = { a->year, a->month, a->day, a->hour, a->minute };
        const int right[] = { b->year, b->month, b->day, b->hour, b->minute };

        for (size_t i = 0; i < ELEMENTSOF(left); i++)
                if (left[i] != right[i])
                        return left[i] < right[i] ? -1 : 1;
        return 0;
}

static Shown look_at_wall(int64_t s)
{
        time_t t = s;
        struct tm tm;

        assert_non_null(localtime_r(&t, &tm));
        return (Shown){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min };
}

/* A minute later, on a wall without daylight saving; also says which day of the week it is. */
static Shown one_minute_on(const Shown *shown, int *ret_weekday)
{
        struct tm tm = {
                .tm_year = shown->year - 1900,
                .tm_mon = shown->month - 1,
                .tm_mday = shown->day,
                .tm_hour = shown->hour,
                .tm_min = shown->minute + 1,
        };

        assert_true(timegm(&tm) != -1);
        *ret_weekday = tm.tm_wday; /* 0: Sunday */
        return (Shown){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min };
}

static void write_date(int32_t day, char ret[static 16])
{
        time_t t = day * INT64_C(86400);
        struct tm tm;

        assert_non_null(gmtime_r(&t, &tm));
        assert_true(strftime(ret, 16, "%Y-%m-%d", &tm) > 0);
}

/* Dates as text are in the order of the calendar. */
static ScheduleSkip is_left_out(const ScheduleEntry *entry, const Shown *shown)
{
        char date[64], other[16];

        (void) snprintf(date, sizeof(date), "%04d-%02d-%02d", shown->year, shown->month,
                        shown->day);
        if (entry->start_day != INT32_MIN) {
                write_date(entry->start_day, other);
                if (strcmp(date, other) < 0)
                        return SCHEDULE_NOT_BEGUN;
        }
        if (entry->end_day != INT32_MAX) {
                write_date(entry->end_day, other);
                if (strcmp(date, other) > 0)
                        return SCHEDULE_OVER;
        }
        for (unsigned i = 0; i < entry->n_skips; i++) {
                write_date(entry->skips[i], other);
                if (streq(date, other))
                        return SCHEDULE_SKIP_DATE;
        }
        return SCHEDULE_OFFERED;
}

/* The wall shows that time for the first time, or has just jumped over it. */
static void reach(Oracle *oracle, const Shown *shown, int weekday, int64_t now_s)
{
        for (unsigned e = 0; e < ENTRIES; e++) {
                const ScheduleEntry *entry = &oracle->entries[e];
                bool is_its_day = entry->days >> (weekday == 0 ? 6 : weekday - 1) & 1;

                for (unsigned i = 0; is_its_day && i < entry->n_times; i++) {
                        Found *found = &oracle->found[oracle->n_found];

                        if (entry->times[i] != shown->hour * 60 + shown->minute)
                                continue;
                        assert_true(oracle->n_found < FOUND_MAX && oracle->n_open < OPEN_MAX);
                        *found = (Found){ e, *shown, now_s, now_s, now_s,
                                is_left_out(entry, shown) };
                        if (found->skip == SCHEDULE_OFFERED) {
                                oracle->open[oracle->n_open].found = oracle->n_found;
                                oracle->open[oracle->n_open].minutes_left = entry->window_minutes;
                                oracle->open[oracle->n_open++].made = false;
                        }
                        oracle->n_found++;
                }
        }
}

static void reach_all_until(Oracle *oracle, const Shown *now, int64_t now_s)
{
        while (compare_shown(&oracle->latest, now) < 0) {
                int weekday;

                oracle->latest = one_minute_on(&oracle->latest, &weekday);
                reach(oracle, &oracle->latest, weekday, now_s);
        }
}

/* Walked through, too: each minute of the day. */
static void walk_through_quiet(Oracle *oracle)
{
        for (unsigned e = 0; e < ENTRIES; e++) {
                const CalendarHours *quiet = &oracle->entries[e].quiet;

                for (unsigned m = quiet->from_minute; m != quiet->to_minute; m = (m + 1) % 1440)
                        oracle->is_quiet[e][m] = true;
        }
}

static void note(Oracle *oracle, int64_t now_s)
{
        if (oracle->n_moments == 0 || oracle->moments[oracle->n_moments - 1] != now_s)
                oracle->moments[oracle->n_moments++] = now_s;
}

/* One minute of all that is open. */
static void pass(Oracle *oracle, const Shown *now, int64_t now_s)
{
        size_t kept = 0;

        for (size_t i = 0; i < oracle->n_open; i++) {
                Found *found = &oracle->found[oracle->open[i].found];
                bool quiet = oracle->is_quiet[found->entry][now->hour * 60 + now->minute];
                bool over = oracle->open[i].minutes_left == 0;

                if (oracle->open[i].made && (over || quiet)) {
                        found->closes_s = now_s;
                        note(oracle, now_s);
                        continue;
                }
                if (over) {
                        found->skip = SCHEDULE_QUIET;
                        continue;
                }
                if (!oracle->open[i].made && !quiet) {
                        oracle->open[i].made = true;
                        found->opens_s = now_s;
                        note(oracle, now_s);
                }
                oracle->open[i].minutes_left--;
                oracle->open[kept++] = oracle->open[i];
        }
        oracle->n_open = kept;
}

/* Entries of every kind; times near midnight, near changes of the clock, and anywhere. */
static void invent(ScheduleEntry entries[static ENTRIES], Random *random, int32_t first_day)
{
        static const uint16_t odd[] = { AT(0, 0), AT(0, 30), AT(1, 0), AT(1, 59), AT(2, 0),
                AT(2, 15), AT(2, 30), AT(2, 59), AT(3, 0), AT(23, 59) };

        for (unsigned e = 0; e < ENTRIES; e++) {
                ScheduleEntry *entry = &entries[e];
                char name[8];

                (void) snprintf(name, sizeof(name), "e%u", e);
                *entry = daily_at(name, 0, (uint16_t) random_between(random, 1, 1440));
                if (e % 3 == 0)
                        entry->window_minutes = (uint16_t) random_between(random, 1, 90);
                if (e % 2 == 0)
                        entry->days = (uint8_t) random_between(random, 1, SCHEDULE_EVERY_DAY);
                entry->times[0] = e < ELEMENTSOF(odd) ? odd[e]
                                                      : (uint16_t) random_between(random, 0, 1439);
                if (e % 4 == 1)
                        entry->times[entry->n_times++] = (uint16_t) random_between(random, 0, 1439);
                if (e % 3 != 1) {
                        entry->quiet.from_minute = (uint16_t) random_between(random, 0, 1439);
                        entry->quiet.to_minute = (uint16_t) random_between(random, 0, 1439);
                }
                if (e % 5 == 2) {
                        entry->start_day = first_day + (int32_t) random_between(random, 0, 400);
                        entry->end_day = entry->start_day +
                                         (int32_t) random_between(random, 0, 600);
                }
                while (e % 4 == 3 && entry->n_skips < 20)
                        entry->skips[entry->n_skips++] = first_day +
                                                         (int32_t) random_between(random, 0, 1095);
        }
}

static void check_found(const Found *found, const ScheduleEntry *entries, const CalendarZone *zone)
{
        const ScheduleEntry *entry = &entries[found->entry];
        ScheduleKey key = {
                .day = day_of(found->time.year, found->time.month, found->time.day),
                .minute = AT(found->time.hour, found->time.minute),
        };
        ScheduleTime time;

        memcpy(key.name, entry->name, sizeof(key.name));
        assert_true(schedule_find(entries, ENTRIES, zone, &key, &time));
        if (time.skip != found->skip || time.due_s != found->due_s ||
                        time.opens_s != found->opens_s || time.closes_s != found->closes_s)
                fail_msg("%s on %d-%02d-%02d at %02d:%02d: skip %d due %ld opens %ld closes %ld, "
                         "but it is skip %d due %ld opens %ld closes %ld",
                                entry->name, found->time.year, found->time.month, found->time.day,
                                found->time.hour, found->time.minute, (int) time.skip,
                                (long) time.due_s, (long) time.opens_s, (long) time.closes_s,
                                (int) found->skip, (long) found->due_s, (long) found->opens_s,
                                (long) found->closes_s);
}

/* Who follows schedule_next_s() from moment to moment sees every one, and no other. */
static void check_moments(
                const Oracle *oracle, const CalendarZone *zone, int64_t from_s, int64_t until_s)
{
        int64_t now_s = from_s;
        size_t n = 0;

        while ((now_s = schedule_next_s(oracle->entries, ENTRIES, zone, now_s)) < until_s) {
                assert_true(n < oracle->n_moments);
                assert_int_equal(now_s, oracle->moments[n]);
                n++;
        }
        assert_int_equal(n, oracle->n_moments);
}

/* A plan of all of it has what was found, and nothing else. */
static void check_plan(
                const Oracle *oracle, const CalendarZone *zone, int64_t from_s, int64_t until_s)
{
        ScheduleTime *plan = calloc(FOUND_MAX, sizeof(*plan));
        size_t n, n_begun = 0;

        assert_non_null(plan);
        n = schedule_plan(oracle->entries, ENTRIES, zone, from_s, until_s, plan, FOUND_MAX);
        for (size_t i = 0; i < n; i++) {
                assert_true(i == 0 || plan[i - 1].due_s <= plan[i].due_s);
                n_begun += plan[i].due_s >= from_s;
        }
        assert_int_equal(n_begun, oracle->n_found);
        free(plan);
}

static void check_zone(const char *name, int from_year, unsigned n_changes, uint64_t seed)
{
        static Oracle oracle;
        static ScheduleEntry entries[ENTRIES];
        Random random = { .state = seed };
        int32_t first_day = day_of(from_year, 6, 1);
        /* A day before it, nothing is open yet; what is open at the end is left to itself. */
        int64_t from_s = first_day * INT64_C(86400);
        int64_t until_s = day_of(from_year + YEARS, 6, 1) * INT64_C(86400);
        CalendarZone zone;
        Shown now;

        assert_int_equal(setenv("TZ", name, 1), 0);
        wall_clock_read_zone(from_s - 10 * CALENDAR_DAY_S, until_s + 10 * CALENDAR_DAY_S, &zone);
        assert_int_equal(zone.n, n_changes); /* else the machine does not know the zone */

        invent(entries, &random, first_day);
        memset(&oracle, 0, sizeof(oracle));
        oracle.entries = entries;
        walk_through_quiet(&oracle);
        oracle.latest = look_at_wall(from_s - MINUTE_S);
        for (int64_t now_s = from_s; now_s < until_s; now_s += MINUTE_S) {
                now = look_at_wall(now_s);
                reach_all_until(&oracle, &now, now_s);
                pass(&oracle, &now, now_s);
        }
        assert_true(oracle.n_found > 5000 && oracle.n_moments > 5000);

        for (size_t i = 0; i < oracle.n_found; i++) {
                bool is_open = false;

                for (size_t o = 0; o < oracle.n_open; o++)
                        is_open = is_open || oracle.open[o].found == i;
                if (!is_open)
                        check_found(&oracle.found[i], entries, &zone);
        }
        check_plan(&oracle, &zone, from_s, until_s);
        /* What was due before the oracle looked may still stand in its first days. */
        {
                int64_t skipped_s = from_s + 3 * CALENDAR_DAY_S;
                size_t n = 0;

                while (n < oracle.n_moments && oracle.moments[n] <= skipped_s)
                        n++;
                memmove(oracle.moments, oracle.moments + n,
                                (oracle.n_moments - n) * sizeof(oracle.moments[0]));
                oracle.n_moments -= n;
                check_moments(&oracle, &zone, skipped_s, until_s);
        }
}

static void berlin_agrees(void **state)
{
        check_zone("Europe/Berlin", 2026, 6, 0x1);
}

static void new_york_agrees(void **state)
{
        check_zone("America/New_York", 2026, 6, 0x2);
}

/* Half an hour of daylight saving. */
static void lord_howe_agrees(void **state)
{
        check_zone("Australia/Lord_Howe", 2026, 6, 0x3);
}

/* No daylight saving, and a quarter of an hour off. */
static void kathmandu_agrees(void **state)
{
        check_zone("Asia/Kathmandu", 2026, 0, 0x4);
}

/* Back in Ramadan, and on after it. */
static void casablanca_agrees(void **state)
{
        check_zone("Africa/Casablanca", 2026, 6, 0x5);
}

/* Daylight saving began at midnight: 00:00 was skipped. */
static void sao_paulo_agrees(void **state)
{
        check_zone("America/Sao_Paulo", 2015, 6, 0x6);
}

/* It changed at 00:01, so that a day ended twice. */
static void st_johns_agrees(void **state)
{
        check_zone("America/St_Johns", 2008, 6, 0x8);
}

/* 30 December 2011 was skipped. */
static void samoa_agrees(void **state)
{
        check_zone("Pacific/Apia", 2010, 7, 0x7);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(berlin_agrees),
                cmocka_unit_test(new_york_agrees),
                cmocka_unit_test(lord_howe_agrees),
                cmocka_unit_test(kathmandu_agrees),
                cmocka_unit_test(casablanca_agrees),
                cmocka_unit_test(sao_paulo_agrees),
                cmocka_unit_test(st_johns_agrees),
                cmocka_unit_test(samoa_agrees),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
