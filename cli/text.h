/* SPDX-License-Identifier: MIT */
#pragma once

/* Text as a person sees it. Nothing that came from outside reaches a terminal but through
 * text_clean(). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <uchar.h>

#include "common/macro.h"

typedef enum Charset {
        CHARSET_ASCII,
        CHARSET_UTF8,
} Charset;

#define TEXT_BAD ((char32_t) 0xfffd) /* stands for what cannot be shown */

#define TEXT_LINE_COLUMNS 78u

/* "123:59:59" and the end. */
#define TEXT_DURATION_SIZE 24u

/* What the locale can show. */
Charset text_charset(void);

/* Takes the next character off *s: 0 at the end, TEXT_BAD for each byte that is no UTF-8. */
char32_t text_next(const char **s);

/* Writes the UTF-8 of a character, without an end. Returns its bytes, at most 4. */
size_t text_encode(char32_t c, char buffer[static 4]);

/* Whether a terminal may be told to show it: no control, no direction override, no line break. */
bool text_is_printable(char32_t c);

/* Whether text_clean() would leave it as it is, whatever its length. */
bool text_is_clean(const char *s);

/* Copies hostile text as printable UTF-8, cut at a whole character where it is too long. */
void text_clean(const char *from, char *to, size_t size);

/* The same, but ends of lines are kept. */
void text_clean_lines(const char *from, char *to, size_t size);

/* Replaces what is not ASCII, in place: for terminals that show nothing else. */
void text_to_ascii(char *s);

/* How many columns clean text takes. */
unsigned text_columns(const char *s);
unsigned text_glyph_columns(char32_t c);

/* "04:32", from an hour on "1:04:32". */
const char *text_duration(uint64_t ms, char buffer[static TEXT_DURATION_SIZE]);

/* A whole number written in digits alone, 1 to 65535, the whole string. -EINVAL when it is none,
 * -ERANGE outside. */
int text_parse_number(const char *s, unsigned *ret);

/* The same from 0 to the highest. */
int text_parse_score(const char *s, unsigned highest, unsigned *ret);

/* How many letters must change to make one of the other: for suggestions. */
unsigned text_distance(const char *a, const char *b);

/* Takes name for *near where word is nearer to it than *distance, which is TEXT_FAR at first: a
 * name that differs in so many letters is not suggested. */
#define TEXT_FAR 3u
void text_consider(const char *word, const char *name, const char **near, unsigned *distance);

/* Prints a line for people, in what their terminal can show. */
void say(FILE *to, const char *format, ...) _printf_(2, 3);

/* Prints clean text in lines of at most TEXT_LINE_COLUMNS, broken at blanks: the first one behind
 * first, the others behind as many blanks. */
void say_wrapped(FILE *to, const char *first, const char *text);

/* The same, to stderr, as "kneectl: …". */
void complain(const char *format, ...) _printf_(1, 2);
