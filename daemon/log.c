/* SPDX-License-Identifier: MIT */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 1024

/* One write a line, so that lines of several processes do not mix. */
void log_message(int level, const char *format, ...)
{
        char line[LINE_MAX_BYTES];
        va_list ap;
        int head, n;

        head = getenv("JOURNAL_STREAM") ? snprintf(line, sizeof(line), "<%d>", level) : 0;

        va_start(ap, format);
        n = vsnprintf(line + head, sizeof(line) - (size_t) head - 1, format, ap);
        va_end(ap);
        if (n < 0)
                return;

        n = MIN(head + n, (int) sizeof(line) - 2);
        line[n] = '\n';
        if (write(STDERR_FILENO, line, (size_t) n + 1) < 0) {
                /* There is nobody to tell. */
        }
}
