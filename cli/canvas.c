/* SPDX-License-Identifier: MIT */
#include "cli/canvas.h"

#include <stdarg.h>

/* Of the 256 colours, from a cool grey to a warm red, readable on dark and on light. */
static const char *const escapes[] = {
        [STYLE_PLAIN] = "0",
        [STYLE_DIM] = "0;2",
        [STYLE_BOLD] = "0;1",
        [STYLE_LEG] = "0;38;5;137",
        [STYLE_KEEP_OUT] = "0;38;5;244",
        [STYLE_CONTACT] = "0;1;38;5;39",
        [STYLE_BAR] = "0;38;5;36",
        [STYLE_GOOD] = "0;1;38;5;36",
        [STYLE_WARN] = "0;1;38;5;172",
        [STYLE_LEVEL_1] = "0;38;5;66",
        [STYLE_LEVEL_1 + 1] = "0;38;5;72",
        [STYLE_LEVEL_1 + 2] = "0;38;5;71",
        [STYLE_LEVEL_1 + 3] = "0;38;5;107",
        [STYLE_LEVEL_1 + 4] = "0;38;5;143",
        [STYLE_LEVEL_1 + 5] = "0;38;5;179",
        [STYLE_LEVEL_1 + 6] = "0;38;5;173",
        [STYLE_LEVEL_8] = "0;38;5;167",
};

void canvas_init(Canvas *c, Charset charset, unsigned rows, unsigned columns)
{
        c->charset = charset;
        c->rows = MIN(rows, CANVAS_ROWS_MAX);
        c->columns = MIN(columns, CANVAS_COLUMNS_MAX);
        for (unsigned row = 0; row < c->rows; row++)
                for (unsigned column = 0; column < c->columns; column++)
                        c->cells[row][column] = (Cell){ ' ', STYLE_PLAIN };
}

void canvas_put(Canvas *c, int row, int column, char32_t glyph, Style style)
{
        const unsigned width = text_glyph_columns(glyph);

        if (row < 0 || (unsigned) row >= c->rows || column < 0 ||
                        (unsigned) column + width > c->columns || width == 0)
                return;
        c->cells[row][column] = (Cell){ glyph, style };
        if (width > 1)
                c->cells[row][column + 1] = (Cell){ 0, style };
}

void canvas_fill(Canvas *c, int row, int column, unsigned n, char32_t glyph, Style style)
{
        for (unsigned i = 0; i < n; i++)
                canvas_put(c, row, column + (int) i, glyph, style);
}

int canvas_text(Canvas *c, int row, int column, Style style, const char *format, ...)
{
        char text[512];
        const char *s = text;
        char32_t glyph;
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        if (c->charset == CHARSET_ASCII)
                text_to_ascii(text);
        while ((glyph = text_next(&s)) != 0) {
                canvas_put(c, row, column, glyph, style);
                column += (int) text_glyph_columns(glyph);
        }
        return column;
}

static unsigned used_columns(const Canvas *c, unsigned row)
{
        unsigned n = c->columns;

        while (n > 0 && c->cells[row][n - 1].glyph == ' ')
                n--;
        return n;
}

void canvas_write(const Canvas *c, Colours colours, const char *end, FILE *to)
{
        for (unsigned row = 0; row < c->rows; row++) {
                Style style = STYLE_PLAIN;

                for (unsigned column = 0; column < used_columns(c, row); column++) {
                        const Cell *cell = &c->cells[row][column];
                        char bytes[4];

                        if (cell->glyph == 0)
                                continue;
                        /* A blank looks alike in every style. */
                        if (colours != COLOURS_NONE && cell->style != style && cell->glyph != ' ') {
                                (void) fprintf(to, "\033[%sm", escapes[cell->style]);
                                style = cell->style;
                        }
                        (void) fwrite(bytes, 1, text_encode(cell->glyph, bytes), to);
                }
                if (style != STYLE_PLAIN)
                        (void) fputs("\033[0m", to);
                (void) fputs(end, to);
        }
}
