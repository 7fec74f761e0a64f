/* SPDX-License-Identifier: MIT */
#pragma once

/* The pages of the guide, as tests look at them. What fails in here fails the test. */

#include "cli/guide.h"

#define GUIDE_TEXT_FILE_MAX (64u * 1024u)
#define GUIDE_TEXT_MAX      4096u

/* The page of a topic. */
const GuidePage *guide_text_page(const char *topic);

/* As a person sees it. */
void guide_text_print(const GuidePage *page, Colours colours, char text[static GUIDE_TEXT_MAX]);

/* One blank wherever there are blanks or line breaks. */
void guide_text_unwrap(const char *from, char text[static GUIDE_TEXT_MAX]);

/* The word in small letters at the beginning of text. */
const char *guide_text_word(const char *text, char word[static 32]);

/* A file of the source tree. */
void guide_text_read(const char *path, char text[static GUIDE_TEXT_FILE_MAX]);
