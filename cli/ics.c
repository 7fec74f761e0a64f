/* SPDX-License-Identifier: MIT */
#include "cli/ics.h"

#include <stdarg.h>
#include <time.h>

#include "cli/when.h"

#define US_PER_S   1000000u
#define LINE_BYTES 75u /* at most, without its end; RFC 5545, 3.1 */
#define LINE_SIZE  2048u
#define UTC_SIZE   sizeof("20270131T063000Z")

/* A longer line goes on behind a blank, and is never cut within a character. */
static void put_line(FILE *to, const char *line)
{
        size_t used = 0;

        for (const char *s = line; *s;) {
                size_t n = 1;

                while ((s[n] & 0xc0) == 0x80)
                        n++;
                if (used + n > LINE_BYTES) {
                        (void) fputs("\r\n ", to);
                        used = 1;
                }
                (void) fwrite(s, 1, n, to);
                used += n;
                s += n;
        }
        (void) fputs("\r\n", to);
}

static _printf_(2, 3) void put(FILE *to, const char *format, ...)
{
        char line[LINE_SIZE];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(line, sizeof(line), format, ap);
        va_end(ap);
        put_line(to, line);
}

/* RFC 5545, 3.3.11. Ends of lines are not in clean text. */
static void put_text(FILE *to, const char *name, const char *text)
{
        char line[LINE_SIZE];
        size_t n = (size_t) snprintf(line, sizeof(line), "%s:", name);

        for (const char *s = text; *s && n + 2 < sizeof(line); s++) {
                if (strchr("\\;,", *s))
                        line[n++] = '\\';
                line[n++] = *s;
        }
        line[n] = '\0';
        put_line(to, line);
}

static const char *utc(uint64_t us, char buffer[static UTC_SIZE])
{
        const time_t t = (time_t) (us / US_PER_S);
        struct tm tm;

        if (!gmtime_r(&t, &tm) || strftime(buffer, UTC_SIZE, "%Y%m%dT%H%M%SZ", &tm) == 0)
                (void) snprintf(buffer, UTC_SIZE, "19700101T000000Z");
        return buffer;
}

static void put_event(FILE *to, const PlannedTime *time, const char *host, uint64_t now_us)
{
        char at[UTC_SIZE], when[WHEN_SIZE], text[512];

        put(to, "BEGIN:VEVENT");
        put(to, "UID:%s@%s", time->id, host);
        put(to, "DTSTAMP:%s", utc(now_us, at));
        put(to, "DTSTART:%s", utc(time->opens_us, at));
        if (time->minutes > 0)
                put(to, "DURATION:PT%uM", time->minutes);
        (void) snprintf(text, sizeof(text), "%s, %s knee", time->routine, time->leg);
        put_text(to, "SUMMARY", text);
        (void) snprintf(text, sizeof(text),
                        "Offered until %s; answer with: kneectl offers accept %s",
                        when_text(time->closes_us, time->opens_us, when), time->id);
        put_text(to, "DESCRIPTION", text);
        put(to, "TRANSP:TRANSPARENT");
        put(to, "END:VEVENT");
}

static bool is_to_come(const PlannedTime *time)
{
        return streq(time->state, "planned") || streq(time->state, "pending") ||
               streq(time->state, "snoozed");
}

void ics_write(FILE *to, const PlannedList *list, const char *host, uint64_t now_us)
{
        put(to, "BEGIN:VCALENDAR");
        put(to, "VERSION:2.0");
        put(to, "PRODID:-//kneed//kneectl//EN");
        for (size_t i = 0; i < list->n_times; i++)
                if (is_to_come(&list->times[i]))
                        put_event(to, &list->times[i], host, now_us);
        put(to, "END:VCALENDAR");
}
