/* SPDX-License-Identifier: MIT */
#include "daemon/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#define LINE_MAX_BYTES  1024
#define FIELD_MAX_BYTES 192
#define FIELDS_MAX      8u

/* Whether standard error leads to the journal: a child may have inherited the word, but not the
 * stream. */
static bool is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        char own[64];
        struct stat st;

        if (!stream || fstat(STDERR_FILENO, &st) < 0)
                return false;

        (void) snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t) st.st_dev, (uintmax_t) st.st_ino);
        return streq(stream, own);
}

typedef struct Record {
        unsigned n;
        char text[FIELDS_MAX][FIELD_MAX_BYTES];
        struct iovec fields[FIELDS_MAX + 1];
} Record;

static void add(Record *record, const char *format, ...) _printf_(2, 3);

static void add(Record *record, const char *format, ...)
{
        char *text = record->text[record->n];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, FIELD_MAX_BYTES, format, ap);
        va_end(ap);
        record->fields[record->n++] = (struct iovec){ .iov_base = text, .iov_len = strlen(text) };
}

static int send_fields(int level, const LogFields *fields, char *message)
{
        Record record = { .n = 0 };

        add(&record, "PRIORITY=%d", level);
        if (fields->message_id)
                add(&record, "MESSAGE_ID=%s", fields->message_id);
        if (fields->massager)
                add(&record, "KNEED_MASSAGER=%s", fields->massager);
        if (fields->reason)
                add(&record, "KNEED_REASON=%s", fields->reason);
        if (fields->session > 0) {
                add(&record, "KNEED_SESSION=%u", fields->session);
                add(&record, "KNEED_PLAYED_MS=%" PRIu64, fields->played_ms);
        }

        record.fields[record.n++] = (struct iovec){ .iov_base = message,
                .iov_len = strlen(message) };
        return sd_journal_sendv(record.fields, (int) record.n);
}

/* One write a line, so that lines of several processes do not mix. */
void log_fields(int level, const LogFields *fields, const char *format, ...)
{
        static const char head[] = "MESSAGE=";
        char message[LINE_MAX_BYTES] = "MESSAGE=", *line = message + sizeof(head) - 1;
        va_list ap;
        size_t n;

        va_start(ap, format);
        (void) vsnprintf(line, sizeof(message) - sizeof(head), format, ap);
        va_end(ap);

        if (is_journal() && send_fields(level, fields, message) >= 0)
                return;

        n = strlen(line);
        line[n] = '\n';
        if (write(STDERR_FILENO, line, n + 1) < 0) {
                /* There is nobody to tell. */
        }
}
