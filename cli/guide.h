/* SPDX-License-Identifier: MIT */
#pragma once

/* The guide: short pages for people, kept as text in docs/guide/. */

#include <stdio.h>

#include "cli/canvas.h"

/* What a page takes on a terminal, title and all, so that nobody needs a pager. */
#define GUIDE_ROWS_MAX    22u
#define GUIDE_COLUMNS_MAX 76u

typedef struct GuidePage {
        const char *topic;
        const char *title;
        const char *text; /* lines, each with its end */
} GuidePage;

/* The index first, then the topics in its order. Ends with a NULL topic. */
extern const GuidePage guide_pages[];

/* NULL where there is none; *ret_near is then a topic that may have been meant, or NULL. */
const GuidePage *guide_find(const char *topic, const char **ret_near);

void guide_print(const GuidePage *page, Colours colours, FILE *to);
