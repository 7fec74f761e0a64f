/* SPDX-License-Identifier: MIT */
#include "cli/text.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <wchar.h>

#define NUMBER_MAX      65535u
#define NUMBER_DIGITS   5u
#define DISTANCE_LENGTH 32u

Charset text_charset(void)
{
        return streq(nl_langinfo(CODESET), "UTF-8") ? CHARSET_UTF8 : CHARSET_ASCII;
}

/* How many bytes follow the first one, and what the first one gives; -1 for no first byte. */
static int utf8_first(uint8_t byte, char32_t *ret)
{
        if (byte < 0x80) {
                *ret = byte;
                return 0;
        }
        if (byte >= 0xc2 && byte < 0xe0) {
                *ret = byte & 0x1fu;
                return 1;
        }
        if (byte >= 0xe0 && byte < 0xf0) {
                *ret = byte & 0x0fu;
                return 2;
        }
        if (byte >= 0xf0 && byte < 0xf5) {
                *ret = byte & 0x07u;
                return 3;
        }
        return -1;
}

char32_t text_next(const char **s)
{
        static const char32_t least[] = { 0, 0x80, 0x800, 0x10000 };
        const char *p = *s;
        char32_t c;
        int following;

        if (*p == '\0')
                return 0;
        following = utf8_first((uint8_t) *p, &c);
        (*s)++;
        if (following < 0)
                return TEXT_BAD;
        for (int i = 1; i <= following; i++) {
                const uint8_t byte = (uint8_t) p[i];

                if ((byte & 0xc0u) != 0x80)
                        return TEXT_BAD;
                c = c << 6 | (byte & 0x3fu);
        }
        if (c < least[following] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
                return TEXT_BAD;
        *s = p + following + 1;
        return c;
}

size_t text_encode(char32_t c, char buffer[static 4])
{
        if (c < 0x80) {
                buffer[0] = (char) c;
                return 1;
        }
        if (c < 0x800) {
                buffer[0] = (char) (0xc0 | c >> 6);
                buffer[1] = (char) (0x80 | (c & 0x3f));
                return 2;
        }
        if (c < 0x10000) {
                buffer[0] = (char) (0xe0 | c >> 12);
                buffer[1] = (char) (0x80 | (c >> 6 & 0x3f));
                buffer[2] = (char) (0x80 | (c & 0x3f));
                return 3;
        }
        buffer[0] = (char) (0xf0 | c >> 18);
        buffer[1] = (char) (0x80 | (c >> 12 & 0x3f));
        buffer[2] = (char) (0x80 | (c >> 6 & 0x3f));
        buffer[3] = (char) (0x80 | (c & 0x3f));
        return 4;
}

bool text_is_printable(char32_t c)
{
        /* Invisible ones and those that turn the direction can make a name look like another. */
        static const struct {
                char32_t first, last;
        } unfit[] = {
                { 0x0, 0x1f },         /* C0 controls */
                { 0x7f, 0x9f },        /* delete and the C1 controls */
                { 0xad, 0xad },        /* soft hyphen */
                { 0x61c, 0x61c },      /* direction */
                { 0x200b, 0x200f },    /* zero width and direction */
                { 0x2028, 0x202e },    /* line breaks and direction */
                { 0x2060, 0x206f },    /* invisible operators and direction */
                { 0xfeff, 0xfeff },    /* byte order mark */
                { 0xfff9, 0xfffb },    /* annotation */
                { 0xfffe, 0xffff },    /* no characters */
                { 0xe0000, 0xe0fff },  /* tags */
                { 0xf0000, 0x10ffff }, /* private use */
        };

        for (size_t i = 0; i < ELEMENTSOF(unfit); i++)
                if (c >= unfit[i].first && c <= unfit[i].last)
                        return false;
        return true;
}

bool text_is_clean(const char *s)
{
        char32_t c;

        while ((c = text_next(&s)) != 0)
                if (c == TEXT_BAD || !text_is_printable(c))
                        return false;
        return true;
}

static void clean(const char *from, char *to, size_t size, bool keep_lines)
{
        size_t used = 0;
        char32_t c;

        while ((c = text_next(&from)) != 0) {
                char bytes[4];
                size_t n;

                if (c == '\t' || (c == '\n' && !keep_lines))
                        c = ' ';
                n = text_encode(text_is_printable(c) || c == '\n' ? c : TEXT_BAD, bytes);
                if (used + n >= size)
                        break;
                memcpy(to + used, bytes, n);
                used += n;
        }
        to[used] = '\0';
}

void text_clean(const char *from, char *to, size_t size)
{
        clean(from, to, size, false);
}

void text_clean_lines(const char *from, char *to, size_t size)
{
        clean(from, to, size, true);
}

void text_to_ascii(char *s)
{
        const char *from = s;
        char32_t c;

        while ((c = text_next(&from)) != 0)
                *s++ = (char) (c < 0x80 ? c : U'?');
        *s = '\0';
}

unsigned text_glyph_columns(char32_t c)
{
        const int columns = wcwidth((wchar_t) c);

        return columns < 0 ? 1 : (unsigned) columns;
}

unsigned text_columns(const char *s)
{
        unsigned columns = 0;
        char32_t c;

        while ((c = text_next(&s)) != 0)
                columns += text_glyph_columns(c);
        return columns;
}

const char *text_duration(uint64_t ms, char buffer[static TEXT_DURATION_SIZE])
{
        const uint64_t s = ms / 1000;

        if (s < 3600)
                (void) snprintf(buffer, TEXT_DURATION_SIZE, "%02" PRIu64 ":%02" PRIu64, s / 60,
                                s % 60);
        else
                (void) snprintf(buffer, TEXT_DURATION_SIZE, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
                                s / 3600, s / 60 % 60, s % 60);
        return buffer;
}

int text_parse_number(const char *s, unsigned *ret)
{
        const size_t digits = strspn(s, "0123456789");
        unsigned number = 0;

        if (digits == 0 || s[digits] != '\0')
                return -EINVAL;
        if (digits > NUMBER_DIGITS)
                return -ERANGE;
        for (size_t i = 0; i < digits; i++)
                number = number * 10 + (unsigned) (s[i] - '0');
        if (number < 1 || number > NUMBER_MAX)
                return -ERANGE;
        *ret = number;
        return 0;
}

int text_parse_score(const char *s, unsigned highest, unsigned *ret)
{
        unsigned score = 0;
        int r = 0;

        if (!streq(s, "0"))
                r = text_parse_number(s, &score);
        if (r < 0)
                return r;
        if (score > highest)
                return -ERANGE;
        *ret = score;
        return 0;
}

unsigned text_distance(const char *a, const char *b)
{
        const size_t n = strlen(a), m = strlen(b);
        unsigned row[DISTANCE_LENGTH + 1];

        if (n > DISTANCE_LENGTH || m > DISTANCE_LENGTH)
                return UINT32_MAX;
        for (unsigned j = 0; j <= m; j++)
                row[j] = j;
        for (unsigned i = 1; i <= n; i++) {
                unsigned diagonal = row[0];

                row[0] = i;
                for (unsigned j = 1; j <= m; j++) {
                        const unsigned replace = diagonal + (a[i - 1] != b[j - 1]);

                        diagonal = row[j];
                        row[j] = MIN(row[j], row[j - 1]) + 1;
                        row[j] = MIN(row[j], replace);
                }
        }
        return row[m];
}

void text_consider(const char *word, const char *name, const char **near, unsigned *distance)
{
        const size_t length = strlen(word);
        /* A beginning of a name is as good as a slip of the finger. */
        const unsigned d = length >= 2 && strncmp(word, name, length) == 0
                                           ? 1
                                           : text_distance(word, name);

        if (d < *distance) {
                *distance = d;
                *near = name;
        }
}

static _printf_(3, 0) void say_list(FILE *to, const char *start, const char *format, va_list ap)
{
        _cleanup_free_ char *text = NULL;

        if (vasprintf(&text, format, ap) < 0) {
                text = NULL;
                return;
        }
        if (text_charset() == CHARSET_ASCII)
                text_to_ascii(text);
        (void) fprintf(to, "%s%s\n", start, text);
}

void say(FILE *to, const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        say_list(to, "", format, ap);
        va_end(ap);
}

/* As many bytes as fit, up to a blank or the end; one word at least. */
static size_t fitting(const char *text, unsigned room)
{
        size_t fits = 0, n = 0;
        unsigned columns = 0;

        while (text[n]) {
                const size_t word = n + strcspn(text + n, " ");
                const char *c = text + n;

                while (c < text + word)
                        columns += text_glyph_columns(text_next(&c));
                if (fits > 0 && columns > room)
                        break;
                fits = word;
                n = word + strspn(text + word, " ");
                columns += (unsigned) (n - word);
        }
        return fits;
}

void say_wrapped(FILE *to, const char *first, const char *text)
{
        const unsigned indent = text_columns(first);
        const unsigned room = TEXT_LINE_COLUMNS - MIN(indent, TEXT_LINE_COLUMNS);

        text += strspn(text, " ");
        for (bool begins = true; begins || *text; begins = false) {
                const size_t n = fitting(text, room);

                say(to, "%*s%.*s", (int) indent, begins ? first : "", (int) n, text);
                text += n;
                text += strspn(text, " ");
        }
}

void complain(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        say_list(stderr, "kneectl: ", format, ap);
        va_end(ap);
}
