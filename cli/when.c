/* SPDX-License-Identifier: MIT */
#include "cli/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define US_PER_S 1000000u
#define DAY_SIZE 32u

uint64_t when_now(void)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t) now.tv_sec * US_PER_S + (uint64_t) now.tv_nsec / 1000;
}

/* The day that is so many days after another: noon, so that no change of daylight saving time makes
 * it another one. */
static bool is_day(const struct tm *day, const struct tm *today, int after)
{
        struct tm noon = {
                .tm_year = today->tm_year,
                .tm_mon = today->tm_mon,
                .tm_mday = today->tm_mday + after,
                .tm_hour = 12,
                .tm_isdst = -1,
        };

        return mktime(&noon) != -1 && noon.tm_year == day->tm_year && noon.tm_yday == day->tm_yday;
}

static void name_day(const struct tm *day, const struct tm *today, char name[static DAY_SIZE])
{
        static const char *const near[] = { "yesterday", "today", "tomorrow" };

        for (int after = -1; after <= 1; after++)
                if (is_day(day, today, after)) {
                        (void) snprintf(name, DAY_SIZE, "%s", near[after + 1]);
                        return;
                }
        if (day->tm_year == today->tm_year)
                (void) strftime(name, DAY_SIZE, "%-d %B", day);
        else
                (void) strftime(name, DAY_SIZE, "%-d %B %Y", day);
}

const char *when_text(uint64_t when_us, uint64_t now_us, char buffer[static WHEN_SIZE])
{
        const time_t when = (time_t) (when_us / US_PER_S), now = (time_t) (now_us / US_PER_S);
        char name[DAY_SIZE] = "";
        struct tm day, today;

        if (!localtime_r(&when, &day) || !localtime_r(&now, &today)) {
                (void) snprintf(buffer, WHEN_SIZE, "a day that no calendar has");
                return buffer;
        }
        name_day(&day, &today, name);
        (void) snprintf(buffer, WHEN_SIZE, "%s %02d:%02d", name, day.tm_hour, day.tm_min);
        return buffer;
}
