/* SPDX-License-Identifier: MIT */
#include "tests/unit/guide-text.h"

#include <ctype.h>

#include "tests/unit/cmocka-all.h"

#define WORD_LETTERS "abcdefghijklmnopqrstuvwxyz"

const GuidePage *guide_text_page(const char *topic)
{
        const char *near;
        const GuidePage *page = guide_find(topic, &near);

        assert_non_null(page);
        return page;
}

void guide_text_print(const GuidePage *page, Colours colours, char text[static GUIDE_TEXT_MAX])
{
        FILE *f = fmemopen(text, GUIDE_TEXT_MAX, "w");

        assert_non_null(f);
        guide_print(page, colours, f);
        (void) fclose(f);
        assert_true(strlen(text) < GUIDE_TEXT_MAX - 1);
}

void guide_text_read(const char *path, char text[static GUIDE_TEXT_FILE_MAX])
{
        FILE *f = fopen(path, "re");
        size_t n;

        assert_non_null(f);
        n = fread(text, 1, GUIDE_TEXT_FILE_MAX - 1, f);
        text[n] = '\0';
        (void) fclose(f);
        assert_in_range(n, 1, GUIDE_TEXT_FILE_MAX - 2);
}

void guide_text_unwrap(const char *from, char text[static GUIDE_TEXT_MAX])
{
        size_t n = 0;

        assert_true(strlen(from) < GUIDE_TEXT_MAX);
        for (; *from; from++)
                if (!isspace((unsigned char) *from))
                        text[n++] = *from;
                else if (n > 0 && text[n - 1] != ' ')
                        text[n++] = ' ';
        text[n] = '\0';
}

const char *guide_text_word(const char *text, char word[static 32])
{
        (void) snprintf(word, 32, "%.*s", (int) MIN(strspn(text, WORD_LETTERS), 31u), text);
        return word;
}
