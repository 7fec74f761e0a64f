/* SPDX-License-Identifier: MIT */
#pragma once

/* The leg map as a picture, and in words. Pure. */

#include "cli/canvas.h"
#include "cli/objects.h"

/* How a level is scaled: full is what a full block means. */
typedef struct LegView {
        const Places *places;
        const Frame *frame; /* NULL: none yet */
        unsigned full_permille;
        bool outer_right; /* the outer side is on the right, as on a right leg in a mirror */
} LegView;

/* Draws the leg from the front, unrolled: the thigh above, the knee below. Actuators and contact of
 * the back of the leg stand at its edge. A massager that does not say where its actuators are gets
 * a row of them. */
void leg_view_draw(const LegView *view, Canvas *canvas, int row, int column, unsigned rows,
                unsigned columns);

/* "thigh-front", "knee-outer": where on the leg that is. */
const char *leg_region_name(LegPlace place);

/* The levels as one line of text: each region with those of its actuators from the top down, as
 * "knee-above ▃  knee-outer ▇▂". */
void leg_view_line(const LegView *view, Charset charset, FILE *to);

/* How a level looks: 0 for none, up to 8. */
unsigned leg_level_step(unsigned permille, unsigned full_permille);
char32_t leg_level_glyph(unsigned step, Charset charset);
