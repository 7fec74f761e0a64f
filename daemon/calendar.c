/* SPDX-License-Identifier: MIT */
#include "daemon/calendar.h"

#include "common/macro.h"

#define MINUTE_S          60
#define FEBRUARY          2
#define MONTHS            12
#define ERA_DAYS          146097 /* 400 years, after which all comes again */
#define ERA_YEARS         400
#define DAYS_TO_1970      719468 /* from 0000-03-01 */
#define WEEKDAY_OF_DAY_0  3      /* 1970-01-01 was a Thursday */
#define DAYS_FROM_MARCH_N 153    /* five months from March on, and again */

static bool is_leap_year(int year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool calendar_date_exists(const CalendarDate *date)
{
        static const int days[MONTHS] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        if (date->year < CALENDAR_YEAR_MIN || date->year > CALENDAR_YEAR_MAX || date->month < 1 ||
                        date->month > MONTHS || date->day < 1)
                return false;

        return date->day <=
               days[date->month - 1] + (date->month == FEBRUARY && is_leap_year(date->year));
}

/* Years begin in March here, so that a leap day is the last of its year. */
int32_t calendar_day(const CalendarDate *date)
{
        int year = date->month > FEBRUARY ? date->year : date->year - 1;
        int month = (date->month + 9) % MONTHS;
        int of_era = year % ERA_YEARS;
        int of_year = (DAYS_FROM_MARCH_N * month + 2) / 5 + date->day - 1;

        return year / ERA_YEARS * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
               DAYS_TO_1970;
}

static int64_t floor_div(int64_t a, int64_t b)
{
        return a >= 0 ? a / b : -((-a + b - 1) / b);
}

CalendarDate calendar_date(int32_t day)
{
        int64_t era = floor_div((int64_t) day + DAYS_TO_1970, ERA_DAYS);
        int of_era = (int) ((int64_t) day + DAYS_TO_1970 - era * ERA_DAYS);
        int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        int of_year = of_era - (365 * year + year / 4 - year / 100);
        int month = (5 * of_year + 2) / DAYS_FROM_MARCH_N;

        return (CalendarDate){
                .year = (int) era * ERA_YEARS + year + (month >= 10 ? 1 : 0),
                .month = month >= 10 ? month - 9 : month + 3,
                .day = of_year - (DAYS_FROM_MARCH_N * month + 2) / 5 + 1,
        };
}

unsigned calendar_weekday(int32_t day)
{
        int64_t from_monday = (int64_t) day + WEEKDAY_OF_DAY_0;
        int64_t week = floor_div(from_monday, CALENDAR_WEEK_DAYS);

        return (unsigned) (from_monday - week * (int64_t) CALENDAR_WEEK_DAYS);
}

/* Between two changes a clock on the wall goes on evenly. The stretches are numbered 0..zone->n. */
typedef struct Stretch {
        int64_t from_s, until_s;
        int32_t offset_s;
} Stretch;

static Stretch stretch(const CalendarZone *zone, unsigned i)
{
        return (Stretch){
                .from_s = i == 0 ? INT64_MIN : zone->changes[i - 1].at_s,
                .until_s = i == zone->n ? INT64_MAX : zone->changes[i].at_s,
                .offset_s = i == 0 ? zone->offset_s : zone->changes[i - 1].offset_s,
        };
}

int32_t calendar_local(const CalendarZone *zone, int64_t moment_s, uint16_t *ret_minute)
{
        unsigned i = zone->n;
        int64_t local_s, day;

        while (stretch(zone, i).from_s > moment_s)
                i--;
        local_s = moment_s + stretch(zone, i).offset_s;
        day = floor_div(local_s, CALENDAR_DAY_S);
        if (ret_minute)
                *ret_minute = (uint16_t) ((local_s - day * CALENDAR_DAY_S) / MINUTE_S);

        return (int32_t) day;
}

int64_t calendar_moment(const CalendarZone *zone, int32_t day, uint16_t minute)
{
        int64_t local_s = day * (int64_t) CALENDAR_DAY_S + minute * MINUTE_S, moment_s;
        unsigned i = 0;

        do {
                Stretch s = stretch(zone, i);

                moment_s = MAX(local_s - s.offset_s, s.from_s);
                if (moment_s < s.until_s)
                        break;
        } while (i++ < zone->n);

        return moment_s;
}

bool calendar_within(const CalendarHours *hours, uint16_t minute)
{
        if (hours->from_minute <= hours->to_minute)
                return minute >= hours->from_minute && minute < hours->to_minute;

        return minute >= hours->from_minute || minute < hours->to_minute;
}

static int64_t next(const CalendarZone *zone, const CalendarHours *hours, int64_t from_s, bool in)
{
        int64_t border_s = (in ? hours->from_minute : hours->to_minute) * MINUTE_S;

        for (unsigned i = 0; i <= zone->n; i++) {
                Stretch s = stretch(zone, i);
                int64_t moment_s = MAX(from_s, s.from_s), local_s, of_day_s;

                if (moment_s >= s.until_s)
                        continue;
                local_s = moment_s + s.offset_s;
                of_day_s = local_s - floor_div(local_s, CALENDAR_DAY_S) * CALENDAR_DAY_S;
                if (calendar_within(hours, (uint16_t) (of_day_s / MINUTE_S)) == in)
                        return moment_s;

                moment_s += border_s - of_day_s + (border_s > of_day_s ? 0 : CALENDAR_DAY_S);
                if (moment_s < s.until_s)
                        return moment_s;
        }

        return INT64_MAX;
}

int64_t calendar_next_within(const CalendarZone *zone, const CalendarHours *hours, int64_t from_s)
{
        return hours->from_minute == hours->to_minute ? INT64_MAX : next(zone, hours, from_s, true);
}

int64_t calendar_next_outside(const CalendarZone *zone, const CalendarHours *hours, int64_t from_s)
{
        return hours->from_minute == hours->to_minute ? from_s : next(zone, hours, from_s, false);
}
