/* SPDX-License-Identifier: MIT */
#include "tests/unit/schedule-world.h"

static ScheduleTime only_time(const ScheduleEntry *entry, int32_t day, const CalendarZone *zone)
{
        ScheduleTime time;

        assert_true(schedule_time(entry, 0, day, zone, &time));
        return time;
}

static void days_and_dates_are_each_others_inverse(void **state)
{
        int32_t day = day_of(2000, 1, 1);
        CalendarDate before = { 1999, 12, 31 };

        assert_int_equal(day_of(2027, 1, 1), 20819);
        assert_int_equal(calendar_weekday(day_of(2026, 11, 26)), 3);
        assert_int_equal(calendar_weekday(0), 3);
        assert_int_equal(calendar_weekday(-4), 6);
        assert_int_equal(calendar_date(0).year, 1970);
        assert_int_equal(calendar_date(-1).year, 1969);
        for (; day <= day_of(2199, 12, 31); day++) {
                CalendarDate date = calendar_date(day);

                assert_true(calendar_date_exists(&date));
                assert_int_equal(calendar_day(&date), day);
                if (date.day > 1)
                        assert_int_equal(date.day, before.day + 1);
                else
                        assert_int_equal(date.month, before.month % 12 + 1);
                before = date;
        }
}

static void days_that_no_calendar_has_are_none(void **state)
{
        static const CalendarDate none[] = { { 2027, 2, 29 }, { 2100, 2, 29 }, { 2027, 4, 31 },
                { 2027, 0, 1 }, { 2027, 13, 1 }, { 2027, 1, 0 }, { 2027, 1, 32 }, { 1999, 12, 31 },
                { 2200, 1, 1 } };
        static const CalendarDate some[] = { { 2028, 2, 29 }, { 2000, 2, 29 }, { 2027, 12, 31 } };

        for (size_t i = 0; i < ELEMENTSOF(none); i++)
                assert_false(calendar_date_exists(&none[i]));
        for (size_t i = 0; i < ELEMENTSOF(some); i++)
                assert_true(calendar_date_exists(&some[i]));
}

static void the_wall_shows_what_the_zone_says(void **state)
{
        uint16_t minute;

        assert_int_equal(calendar_local(&berlin, SUMMER_S - 1, &minute), day_of(2027, 3, 28));
        assert_int_equal(minute, AT(1, 59));
        assert_int_equal(calendar_local(&berlin, SUMMER_S, &minute), day_of(2027, 3, 28));
        assert_int_equal(minute, AT(3, 0));
        assert_int_equal(calendar_local(&berlin, WINTER_S, &minute), day_of(2027, 10, 31));
        assert_int_equal(minute, AT(2, 0));
}

static void a_time_that_is_skipped_is_due_right_after(void **state)
{
        const ScheduleEntry entry = daily_at("a", AT(2, 30), 60);
        ScheduleTime time = only_time(&entry, day_of(2027, 3, 28), &berlin);

        assert_int_equal(time.due_s, SUMMER_S);
        assert_int_equal(time.opens_s, SUMMER_S);
        assert_int_equal(time.closes_s, SUMMER_S + HOUR_S);
        assert_int_equal(only_time(&entry, day_of(2027, 3, 27), &berlin).due_s,
                        SUMMER_S - 24 * HOUR_S + 30 * MINUTE_S);
        assert_int_equal(only_time(&entry, day_of(2027, 3, 29), &berlin).due_s,
                        SUMMER_S + 23 * HOUR_S + 30 * MINUTE_S);
}

static void a_time_that_is_there_twice_is_due_the_first_time(void **state)
{
        const ScheduleEntry entry = daily_at("a", AT(2, 30), 120);
        ScheduleTime time = only_time(&entry, day_of(2027, 10, 31), &berlin);

        assert_int_equal(time.due_s, WINTER_S - 30 * MINUTE_S);
        assert_int_equal(time.closes_s, WINTER_S + 90 * MINUTE_S);
        assert_int_equal(calendar_moment(&berlin, day_of(2027, 10, 31), AT(2, 0)),
                        WINTER_S - HOUR_S);
        assert_int_equal(calendar_moment(&berlin, day_of(2027, 10, 31), AT(3, 0)),
                        WINTER_S + HOUR_S);
}

/* The date line, as Samoa crossed it: 30 December is not there. */
static void a_day_that_is_skipped_is_due_on_the_next(void **state)
{
        static const CalendarZone samoa = {
                .offset_s = -10 * HOUR_S,
                .n = 1,
                .changes = { { INT64_C(1325239200), 14 * HOUR_S } },
        };
        const ScheduleEntry entry = daily_at("a", AT(7, 30), 60);

        assert_int_equal(calendar_local(&samoa, 1325239199, NULL), day_of(2011, 12, 29));
        assert_int_equal(calendar_local(&samoa, 1325239200, NULL), day_of(2011, 12, 31));
        assert_int_equal(only_time(&entry, day_of(2011, 12, 30), &samoa).due_s, 1325239200);
        assert_int_equal(only_time(&entry, day_of(2011, 12, 31), &samoa).due_s,
                        1325239200 + 7 * HOUR_S + 30 * MINUTE_S);
}

static void days_of_the_week_are_those_that_are_named(void **state)
{
        ScheduleEntry entry = daily_at("a", AT(7, 30), 60);
        ScheduleTime time;

        entry.days = 1u << 0 | 1u << 6; /* Monday and Sunday */
        for (int i = 0; i < 14; i++)    /* from Monday on */
                assert_int_equal(schedule_time(&entry, 0, day_of(2026, 11, 23) + i, &utc, &time),
                                i % 7 == 0 || i % 7 == 6);
        assert_false(schedule_time(&entry, 1, day_of(2026, 11, 23), &utc, &time));
}

static void a_leap_day_is_a_day(void **state)
{
        ScheduleEntry entry = daily_at("a", AT(23, 59), 10);
        int32_t leap_day = day_of(2028, 2, 29);

        entry.start_day = entry.end_day = leap_day;
        assert_int_equal(only_time(&entry, leap_day - 1, &utc).skip, SCHEDULE_NOT_BEGUN);
        assert_int_equal(only_time(&entry, leap_day, &utc).skip, SCHEDULE_OFFERED);
        assert_int_equal(only_time(&entry, leap_day + 1, &utc).skip, SCHEDULE_OVER);
        assert_int_equal(day_of(2028, 3, 1), leap_day + 1);
}

static void skip_dates_are_skipped_and_no_others(void **state)
{
        ScheduleEntry entry = daily_at("a", AT(7, 30), 60);
        int32_t day = day_of(2027, 1, 31);

        entry.n_skips = 2;
        entry.skips[0] = day;
        entry.skips[1] = day + 2;
        for (int i = -2; i < 5; i++) {
                ScheduleTime time = only_time(&entry, day + i, &utc);

                assert_int_equal(time.skip,
                                i == 0 || i == 2 ? SCHEDULE_SKIP_DATE : SCHEDULE_OFFERED);
                assert_true(time.skip == SCHEDULE_OFFERED ? time.closes_s > time.opens_s
                                                          : time.closes_s == time.opens_s);
        }
}

static void check_quiet(uint16_t due, uint16_t window, CalendarHours quiet, ScheduleSkip skip,
                int opens_after_m, int closes_after_m)
{
        ScheduleEntry entry = daily_at("a", due, window);
        ScheduleTime time;

        entry.quiet = quiet;
        time = only_time(&entry, day_of(2027, 5, 5), &berlin);
        assert_int_equal(time.skip, skip);
        assert_int_equal(time.opens_s - time.due_s, opens_after_m * MINUTE_S);
        assert_int_equal(time.closes_s - time.due_s, closes_after_m * MINUTE_S);
}

static void in_quiet_hours_no_offer_stands(void **state)
{
        static const CalendarHours night = { AT(22, 0), AT(7, 0) }, noon = { AT(12, 0), AT(13, 0) };

        check_quiet(AT(7, 0), 60, night, SCHEDULE_OFFERED, 0, 60);
        check_quiet(AT(6, 59), 60, night, SCHEDULE_OFFERED, 1, 60);
        check_quiet(AT(6, 0), 60, night, SCHEDULE_QUIET, 0, 0);
        check_quiet(AT(6, 0), 61, night, SCHEDULE_OFFERED, 60, 61);
        check_quiet(AT(21, 30), 60, night, SCHEDULE_OFFERED, 0, 30);
        check_quiet(AT(22, 0), 60, night, SCHEDULE_QUIET, 0, 0);
        check_quiet(AT(23, 0), 600, night, SCHEDULE_OFFERED, 480, 600);
        /* What is quiet once ends the offer: it does not come back after it. */
        check_quiet(AT(11, 30), 180, noon, SCHEDULE_OFFERED, 0, 30);
        check_quiet(AT(12, 30), 180, noon, SCHEDULE_OFFERED, 30, 180);
}

/* Quiet until 02:45, and then the clock goes from 03:00 back to 02:00. */
static void quiet_hours_go_by_the_wall(void **state)
{
        ScheduleEntry entry = daily_at("a", AT(2, 30), 240);
        ScheduleTime time;

        entry.quiet = (CalendarHours){ AT(1, 0), AT(2, 45) };
        time = only_time(&entry, day_of(2027, 10, 31), &berlin);
        assert_int_equal(time.opens_s, WINTER_S - 15 * MINUTE_S);
        assert_int_equal(time.closes_s, WINTER_S);

        /* In spring 02:45 is skipped, and so quiet ends with the change. */
        time = only_time(&entry, day_of(2027, 3, 28), &berlin);
        assert_int_equal(time.due_s, SUMMER_S);
        assert_int_equal(time.opens_s, SUMMER_S);
}

static void the_next_moment_is_the_earliest_that_is_to_come(void **state)
{
        ScheduleEntry entries[] = { daily_at("a", AT(7, 30), 60), daily_at("b", AT(8, 0), 60) };
        int64_t morning_s = calendar_moment(&utc, day_of(2027, 1, 4), AT(7, 0));

        assert_int_equal(schedule_next_s(entries, 0, &utc, morning_s), INT64_MAX);
        for (int i = 0; i < 2; i++, morning_s += CALENDAR_DAY_S) {
                assert_int_equal(schedule_next_s(entries, 2, &utc, morning_s),
                                morning_s + 30 * MINUTE_S);
                assert_int_equal(schedule_next_s(entries, 2, &utc, morning_s + 30 * MINUTE_S),
                                morning_s + 60 * MINUTE_S);
                assert_int_equal(schedule_next_s(entries, 2, &utc, morning_s + 60 * MINUTE_S),
                                morning_s + 90 * MINUTE_S);
                assert_int_equal(schedule_next_s(entries, 2, &utc, morning_s + 90 * MINUTE_S),
                                morning_s + 120 * MINUTE_S);
                assert_int_equal(schedule_next_s(entries, 2, &utc, morning_s + 120 * MINUTE_S),
                                morning_s + 30 * MINUTE_S + CALENDAR_DAY_S);
        }
}

/* An entry that begins in years wakes nobody up before that, but once in a long while. */
static void far_ahead_is_looked_again(void **state)
{
        ScheduleEntry entry = daily_at("a", AT(7, 30), 60);
        int64_t now_s = calendar_moment(&utc, day_of(2027, 1, 4), 0);

        entry.start_day = day_of(2030, 1, 1);
        assert_int_equal(schedule_next_s(&entry, 1, &utc, now_s),
                        now_s + SCHEDULE_AHEAD_DAYS * CALENDAR_DAY_S);
        now_s = calendar_moment(&utc, day_of(2029, 12, 31), AT(12, 0));
        assert_int_equal(schedule_next_s(&entry, 1, &utc, now_s),
                        calendar_moment(&utc, entry.start_day, AT(7, 30)));
}

static void a_plan_is_in_order_and_has_what_stands(void **state)
{
        ScheduleEntry entries[] = { daily_at("late", AT(23, 0), 180), daily_at("a", AT(7, 30), 60),
                daily_at("b", AT(7, 0), 60) };
        int64_t from_s = calendar_moment(&utc, day_of(2027, 1, 4), AT(1, 0));
        static ScheduleTime plan[64];
        size_t n;

        entries[1].times[entries[1].n_times++] = AT(20, 0);
        n = schedule_plan(entries, 3, &utc, from_s, from_s + 7 * CALENDAR_DAY_S, plan, 64);
        assert_int_equal(n, 1 + 7 * 4);
        assert_string_equal(plan[0].key.name, "late"); /* since yesterday */
        assert_int_equal(plan[0].key.day, day_of(2027, 1, 3));
        for (size_t i = 1; i < n; i++)
                assert_true(plan[i - 1].due_s <= plan[i].due_s);
        assert_int_equal(schedule_plan(entries, 3, &utc, from_s, from_s + 7 * CALENDAR_DAY_S, plan,
                                         5),
                        5);
}

static void a_key_finds_its_time_as_long_as_it_is_there(void **state)
{
        ScheduleEntry entries[] = { daily_at("a", AT(7, 30), 60), daily_at("b", AT(8, 0), 60) };
        ScheduleKey key = { .name = "b", .day = day_of(2027, 1, 4), .minute = AT(8, 0) };
        char id[SCHEDULE_ID_MAX + 1];
        ScheduleTime time;

        assert_true(schedule_find(entries, 2, &utc, &key, &time));
        assert_ptr_equal(time.entry, &entries[1]);
        assert_true(schedule_key_equal(&time.key, &key));
        schedule_key_id(&key, id);
        assert_string_equal(id, "b-20270104-0800");
        key.minute = AT(8, 1);
        assert_false(schedule_find(entries, 2, &utc, &key, &time));
        key.minute = AT(8, 0);
        key.name[0] = 'c';
        assert_false(schedule_find(entries, 2, &utc, &key, &time));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(days_and_dates_are_each_others_inverse),
                cmocka_unit_test(days_that_no_calendar_has_are_none),
                cmocka_unit_test(the_wall_shows_what_the_zone_says),
                cmocka_unit_test(a_time_that_is_skipped_is_due_right_after),
                cmocka_unit_test(a_time_that_is_there_twice_is_due_the_first_time),
                cmocka_unit_test(a_day_that_is_skipped_is_due_on_the_next),
                cmocka_unit_test(days_of_the_week_are_those_that_are_named),
                cmocka_unit_test(a_leap_day_is_a_day),
                cmocka_unit_test(skip_dates_are_skipped_and_no_others),
                cmocka_unit_test(in_quiet_hours_no_offer_stands),
                cmocka_unit_test(quiet_hours_go_by_the_wall),
                cmocka_unit_test(the_next_moment_is_the_earliest_that_is_to_come),
                cmocka_unit_test(far_ahead_is_looked_again),
                cmocka_unit_test(a_plan_is_in_order_and_has_what_stands),
                cmocka_unit_test(a_key_finds_its_time_as_long_as_it_is_there),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
