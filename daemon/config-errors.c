/* SPDX-License-Identifier: MIT */
#include "daemon/config-errors.h"

#include <stdarg.h>
#include <stdio.h>

size_t utf8_sequence(const char *s)
{
        const unsigned char *u = (const unsigned char *) s;
        unsigned char low = 0x80, high = 0xbf;
        size_t length;

        if (u[0] == 0)
                return 0;
        if (u[0] < 0x80)
                return 1;
        if (u[0] >= 0xc2 && u[0] <= 0xdf)
                length = 2;
        else if (u[0] >= 0xe0 && u[0] <= 0xef)
                length = 3;
        else if (u[0] >= 0xf0 && u[0] <= 0xf4)
                length = 4;
        else
                return 0;

        /* The second byte keeps out longer spellings, surrogates and what is above U+10FFFF. */
        if (u[0] == 0xe0)
                low = 0xa0;
        else if (u[0] == 0xed)
                high = 0x9f;
        else if (u[0] == 0xf0)
                low = 0x90;
        else if (u[0] == 0xf4)
                high = 0x8f;
        if (u[1] < low || u[1] > high)
                return 0;
        for (size_t i = 2; i < length; i++)
                if ((u[i] & 0xc0) != 0x80)
                        return 0;
        return length;
}

bool utf8_is_control(const char *s)
{
        const unsigned char *u = (const unsigned char *) s;

        return u[0] < 0x20 || u[0] == 0x7f || (u[0] == 0xc2 && u[1] < 0xa0);
}

static void make_printable(char *text)
{
        char *to = text;

        for (const char *from = text; *from;) {
                size_t length = utf8_sequence(from);

                if (length == 0 || utf8_is_control(from)) {
                        *to++ = '?';
                        from += MAX(length, (size_t) 1);
                        continue;
                }
                memmove(to, from, length);
                to += length;
                from += length;
        }
        *to = 0;
}

/* So that the sentence behind it keeps its room. */
const char *config_path_shown(const char *path)
{
        size_t n = strlen(path);

        return n > CONFIG_PATH_SHOWN_MAX ? path + n - CONFIG_PATH_SHOWN_MAX : path;
}

void config_errors_add(ConfigErrors *errors, ConfigPlace place, const char *format, ...)
{
        char *text;
        const char *file = config_path_shown(place.file);
        va_list arguments;
        int n;

        if (errors->n++ >= CONFIG_ERRORS_MAX)
                return;
        text = errors->text[errors->n - 1];

        if (place.line > 0)
                n = snprintf(text, CONFIG_ERROR_TEXT_MAX, "%s:%u: ", file, place.line);
        else
                n = snprintf(text, CONFIG_ERROR_TEXT_MAX, "%s: ", file);
        va_start(arguments, format);
        (void) vsnprintf(text + n, CONFIG_ERROR_TEXT_MAX - (size_t) n, format, arguments);
        va_end(arguments);
        make_printable(text);
}

void config_errors_join(ConfigErrors *errors, const ConfigErrors *more)
{
        for (size_t i = 0; i < more->n; i++, errors->n++)
                if (i < CONFIG_ERRORS_MAX && errors->n < CONFIG_ERRORS_MAX)
                        memcpy(errors->text[errors->n], more->text[i], CONFIG_ERROR_TEXT_MAX);
}
