/* SPDX-License-Identifier: MIT */
#pragma once

/* A picture of characters, drawn in memory and then written in one piece. Pure. What lies outside
 * is cut off. */

#include <stdio.h>

#include "cli/text.h"

#define CANVAS_ROWS_MAX    40u
#define CANVAS_COLUMNS_MAX 120u

typedef enum Style {
        STYLE_PLAIN,
        STYLE_DIM,
        STYLE_BOLD,
        STYLE_LEG, /* the outline */
        STYLE_KEEP_OUT,
        STYLE_CONTACT,
        STYLE_BAR,
        STYLE_GOOD,
        STYLE_WARN,
        STYLE_LEVEL_1, /* up to STYLE_LEVEL_8: from faint to strong */
        STYLE_LEVEL_8 = STYLE_LEVEL_1 + 7,
        _STYLE_MAX,
} Style;

typedef struct Cell {
        char32_t glyph; /* 0: the second column of the glyph before it */
        Style style;
} Cell;

typedef struct Canvas {
        Charset charset;
        unsigned rows;
        unsigned columns;
        Cell cells[CANVAS_ROWS_MAX][CANVAS_COLUMNS_MAX];
} Canvas;

typedef enum Colours {
        COLOURS_NONE,
        COLOURS_256,
} Colours;

/* Blank, of at most CANVAS_ROWS_MAX × CANVAS_COLUMNS_MAX. */
void canvas_init(Canvas *c, Charset charset, unsigned rows, unsigned columns);

void canvas_put(Canvas *c, int row, int column, char32_t glyph, Style style);
void canvas_fill(Canvas *c, int row, int column, unsigned n, char32_t glyph, Style style);

/* Clean text. Returns the column after it. */
int canvas_text(Canvas *c, int row, int column, Style style, const char *format, ...)
                _printf_(5, 6);

/* All rows, each ended by end. */
void canvas_write(const Canvas *c, Colours colours, const char *end, FILE *to);
