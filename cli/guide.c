/* SPDX-License-Identifier: MIT */
#include "cli/guide.h"

const GuidePage *guide_find(const char *topic, const char **ret_near)
{
        const char *near = NULL;
        unsigned distance = TEXT_FAR;

        for (const GuidePage *page = guide_pages; page->topic; page++) {
                if (streq(page->topic, topic))
                        return page;
                text_consider(topic, page->topic, &near, &distance);
        }
        *ret_near = near;
        return NULL;
}

static void print_title(const char *title, Colours colours, FILE *to)
{
        Canvas canvas;

        canvas_init(&canvas, CHARSET_ASCII, 1, GUIDE_COLUMNS_MAX);
        (void) canvas_text(&canvas, 0, 0, STYLE_BOLD, "%s", title);
        canvas_write(&canvas, colours, "\n", to);
}

void guide_print(const GuidePage *page, Colours colours, FILE *to)
{
        print_title(page->title, colours, to);
        (void) fprintf(to, "\n%s", page->text);
        if (page != guide_pages)
                return;
        for (const GuidePage *topic = guide_pages + 1; topic->topic; topic++)
                (void) fprintf(to, "  %-11s %s\n", topic->topic, topic->title);
}
