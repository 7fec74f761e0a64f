/* SPDX-License-Identifier: MIT */
#include "cli/leg-view.h"

#include <math.h>

#define STEPS          8u
#define ANGLE_EDGE     90.0 /* degrees: as far round as one sees from the front */
#define HEIGHT_TOP     265  /* millimetres: shown even where no actuator is */
#define HEIGHT_BOTTOM  (-90)
#define HEIGHT_MARGIN  25
#define KNEECAP_MM     22 /* drawn; the keep-out zone leaves a finger's breadth around it */
#define KNEECAP_DEG    18
#define THIGH_ABOVE_MM 95 /* between the zones above the knee and those of the thigh */
#define BACK_DEG       120
#define MM_PER_DEGREE  1.14 /* across the unrolled leg */
#define LABEL_COLUMNS  7

typedef struct Glyphs {
        char32_t level[STEPS + 1];
        char32_t contact, lifted;
        char32_t side, falling, rising;
        char32_t corner[4]; /* of the kneecap: top left, top right, bottom left, bottom right */
        char32_t flat;
} Glyphs;

static const Glyphs glyphs[] = {
        [CHARSET_ASCII] = {
                .level = { '_', '.', ':', '-', '=', '+', '*', '%', '#' },
                .contact = 'O',
                .lifted = 'o',
                .side = '|',
                .falling = '\\',
                .rising = '/',
                .corner = { '.', '.', '\'', '\'' },
                .flat = '-',
        },
        [CHARSET_UTF8] = {
                .level = { U'·', U'▁', U'▂', U'▃', U'▄', U'▅', U'▆', U'▇', U'█' },
                .contact = U'●',
                .lifted = U'○',
                .side = U'│',
                .falling = U'╲',
                .rising = U'╱',
                .corner = { U'╭', U'╮', U'╰', U'╯' },
                .flat = U'─',
        },
};

/* Where the leg's outline lies, in parts of half the width, from the hip down. */
static const struct {
        double height_mm, width;
} outline[] = {
        { 600, 1.0 },
        { 270, 0.97 },
        { 140, 0.86 },
        { 60, 0.72 },
        { 0, 0.70 },
        { -50, 0.64 },
        { -120, 0.72 },
        { -250, 0.70 },
        { -500, 0.5 },
};

/* The plane that the leg is drawn on. */
typedef struct Plane {
        int first_row, last_row;
        int middle_row; /* of the kneecap's middle, exactly: so above and below look alike */
        int middle_column;
        double half_columns;
        double mm_per_row;
        int side; /* 1: the outer side is on the right, else -1 */
} Plane;

unsigned leg_level_step(unsigned permille, unsigned full_permille)
{
        uint64_t step;

        if (permille == 0 || full_permille == 0)
                return 0;
        step = (uint64_t) permille * STEPS / full_permille;
        return step < 1 ? 1 : (unsigned) MIN(step, (uint64_t) STEPS);
}

char32_t leg_level_glyph(unsigned step, Charset charset)
{
        return glyphs[charset].level[MIN(step, STEPS)];
}

static double width_at(double height_mm)
{
        for (size_t i = 1; i < ELEMENTSOF(outline); i++) {
                const double above = outline[i - 1].height_mm, below = outline[i].height_mm;

                if (height_mm >= below)
                        return outline[i].width + (outline[i - 1].width - outline[i].width) *
                                                                  (height_mm - below) /
                                                                  (above - below);
        }
        return outline[ELEMENTSOF(outline) - 1].width;
}

static int row_of(const Plane *plane, double height_mm)
{
        const int row = plane->middle_row - (int) lround(height_mm / plane->mm_per_row);

        return row < plane->first_row ? plane->first_row : MIN(row, plane->last_row);
}

static double half_at(const Plane *plane, int row)
{
        return plane->half_columns * width_at((plane->middle_row - row) * plane->mm_per_row);
}

static int column_of(const Plane *plane, LegPlace place)
{
        const double part = fmax(-1, fmin(1, place.angle_deg / ANGLE_EDGE));
        /* Inside the outline, with room for a glyph of three columns. */
        const double half = half_at(plane, row_of(plane, place.height_mm)) - 3;

        return plane->middle_column + (int) lround(plane->side * part * half);
}

static Plane plane_for(const LegView *view, int row, int column, unsigned rows, unsigned columns)
{
        int top = HEIGHT_TOP, bottom = HEIGHT_BOTTOM;
        double mm_per_row;

        for (unsigned i = 0; i < view->places->n; i++) {
                top = MAX(top, view->places->at[i].height_mm + HEIGHT_MARGIN);
                bottom = MIN(bottom, view->places->at[i].height_mm - HEIGHT_MARGIN);
        }
        mm_per_row = (double) (top - bottom) / (rows - 1);
        return (Plane){
                .first_row = row,
                .last_row = row + (int) rows - 1,
                .middle_row = row + (int) lround(top / mm_per_row),
                .middle_column = column + LABEL_COLUMNS + (int) (columns - LABEL_COLUMNS) / 2,
                .half_columns = (columns - LABEL_COLUMNS) / 2.0 - 1,
                .mm_per_row = mm_per_row,
                .side = view->outer_right ? 1 : -1,
        };
}

static void draw_outline(const Plane *plane, Canvas *canvas)
{
        const Glyphs *g = &glyphs[canvas->charset];

        for (int row = plane->first_row; row <= plane->last_row; row++) {
                const int half = (int) lround(half_at(plane, row));
                const int next = (int) lround(half_at(plane, row + 1));
                const char32_t left = next < half ? g->falling : next > half ? g->rising : g->side;
                const char32_t right = next < half ? g->rising : next > half ? g->falling : g->side;

                canvas_put(canvas, row, plane->middle_column - half, left, STYLE_LEG);
                canvas_put(canvas, row, plane->middle_column + half, right, STYLE_LEG);
        }
}

static void draw_kneecap(const Plane *plane, Canvas *canvas)
{
        const Glyphs *g = &glyphs[canvas->charset];
        const int top = row_of(plane, KNEECAP_MM), bottom = row_of(plane, -KNEECAP_MM);
        const int half = column_of(plane, (LegPlace){ KNEECAP_DEG, 0 }) - plane->middle_column;
        const int left = plane->middle_column - abs(half), right = plane->middle_column + abs(half);

        for (int row = top; row <= bottom; row++) {
                canvas_put(canvas, row, left, '(', STYLE_KEEP_OUT);
                canvas_put(canvas, row, right, ')', STYLE_KEEP_OUT);
        }
        if (bottom - top < 2)
                return;
        for (int i = 0; i < 2; i++) {
                const int row = i == 0 ? top : bottom;

                canvas_fill(canvas, row, left, (unsigned) (right - left), g->flat, STYLE_KEEP_OUT);
                canvas_put(canvas, row, left, g->corner[i * 2], STYLE_KEEP_OUT);
                canvas_put(canvas, row, right, g->corner[i * 2 + 1], STYLE_KEEP_OUT);
        }
}

static void draw_labels(const LegView *view, const Plane *plane, Canvas *canvas, int column)
{
        const int half = (int) lround(half_at(plane, plane->first_row)) - 2;
        const char *left = view->outer_right ? "inner" : "outer";
        const char *right = view->outer_right ? "outer" : "inner";

        (void) canvas_text(canvas, plane->first_row - 1, plane->middle_column - half, STYLE_DIM,
                        "%s", left);
        (void) canvas_text(
                        canvas, plane->first_row - 1, plane->middle_column - 2, STYLE_DIM, "front");
        (void) canvas_text(canvas, plane->first_row - 1, plane->middle_column + half - 4, STYLE_DIM,
                        "%s", right);
        (void) canvas_text(canvas, row_of(plane, 190), column, STYLE_DIM, "thigh");
        (void) canvas_text(canvas, row_of(plane, 0), column, STYLE_DIM, "knee");
}

static unsigned step_of(const LegView *view, unsigned actuator)
{
        if (!view->frame || actuator >= view->frame->n_levels)
                return 0;
        return leg_level_step(view->frame->level_permille[actuator], view->full_permille);
}

static void draw_level(Canvas *canvas, int row, int column, unsigned step)
{
        canvas_fill(canvas, row, column - 1, 3, leg_level_glyph(step, canvas->charset),
                        step == 0 ? STYLE_DIM : STYLE_LEVEL_1 + step - 1);
}

static void draw_contact(const Plane *plane, Canvas *canvas, const Frame *frame)
{
        const Glyphs *g = &glyphs[canvas->charset];

        canvas_put(canvas, row_of(plane, frame->contact.height_mm),
                        column_of(plane, frame->contact),
                        frame->strength_permille > 0 ? g->contact : g->lifted, STYLE_CONTACT);
}

/* Actuators without a place, numbered by their order alone. */
static void draw_row(const LegView *view, Canvas *canvas, int row, int column, unsigned columns)
{
        const unsigned n = view->frame ? view->frame->n_levels : 0;
        const int per_row = (int) (columns - LABEL_COLUMNS) / 4;

        (void) canvas_text(canvas, row, column, STYLE_DIM, "This massager does not say where its");
        (void) canvas_text(canvas, row + 1, column, STYLE_DIM, "actuators are.");
        for (unsigned i = 0; i < n; i++)
                draw_level(canvas, row + 3 + 2 * ((int) i / per_row),
                                column + 2 + 4 * ((int) i % per_row), step_of(view, i));
}

void leg_view_draw(const LegView *view, Canvas *canvas, int row, int column, unsigned rows,
                unsigned columns)
{
        /* The first row is for the labels. */
        const Plane plane = plane_for(view, row + 1, column, rows - 1, columns);

        if (view->places->n == 0) {
                draw_row(view, canvas, row + 1, column, columns);
                return;
        }
        draw_outline(&plane, canvas);
        draw_labels(view, &plane, canvas, column);
        draw_kneecap(&plane, canvas);
        for (unsigned i = 0; i < view->places->n; i++)
                draw_level(canvas, row_of(&plane, view->places->at[i].height_mm),
                                column_of(&plane, view->places->at[i]), step_of(view, i));
        if (view->frame)
                draw_contact(&plane, canvas, view->frame);
}

/* In the order of the line. */
static const char *const regions[] = {
        "thigh-inner",
        "thigh-front",
        "thigh-outer",
        "thigh-back",
        "knee-above",
        "knee-inner",
        "knee-outer",
        "knee-below",
        "knee-back",
};

typedef enum Region {
        THIGH_INNER,
        THIGH_FRONT,
        THIGH_OUTER,
        THIGH_BACK,
        KNEE_ABOVE,
        KNEE_INNER,
        KNEE_OUTER,
        KNEE_BELOW,
        KNEE_BACK,
} Region;

static Region region_of(LegPlace place)
{
        const bool thigh = place.height_mm >= THIGH_ABOVE_MM;
        const int turn = abs(place.angle_deg);

        if (turn > BACK_DEG)
                return thigh ? THIGH_BACK : KNEE_BACK;
        if (thigh)
                return turn <= 30 ? THIGH_FRONT : place.angle_deg > 0 ? THIGH_OUTER : THIGH_INNER;
        if (turn * MM_PER_DEGREE < abs(place.height_mm))
                return place.height_mm > 0 ? KNEE_ABOVE : KNEE_BELOW;
        return place.angle_deg > 0 ? KNEE_OUTER : KNEE_INNER;
}

const char *leg_region_name(LegPlace place)
{
        return regions[region_of(place)];
}

static void write_glyph(char32_t glyph, FILE *to)
{
        char bytes[4];

        (void) fwrite(bytes, 1, text_encode(glyph, bytes), to);
}

/* The actuator of a region that stands next below (or beside, by its number) the last one written;
 * the number of places where there is none. */
static unsigned next_below(const Places *places, Region region, unsigned last)
{
        unsigned best = places->n;

        for (unsigned i = 0; i < places->n; i++) {
                const int height = places->at[i].height_mm;

                if (region_of(places->at[i]) != region)
                        continue;
                if (last < places->n && (height > places->at[last].height_mm ||
                                                        (height == places->at[last].height_mm &&
                                                                        i <= last)))
                        continue;
                if (best == places->n || height > places->at[best].height_mm)
                        best = i;
        }
        return best;
}

void leg_view_line(const LegView *view, Charset charset, FILE *to)
{
        const Places *places = view->places;
        const char *space = "";

        if (places->n == 0) {
                (void) fputs("levels ", to);
                for (unsigned i = 0; view->frame && i < view->frame->n_levels; i++)
                        write_glyph(leg_level_glyph(step_of(view, i), charset), to);
                return;
        }
        for (Region region = 0; region < ELEMENTSOF(regions); region++) {
                unsigned i = next_below(places, region, places->n);

                if (i == places->n)
                        continue;
                (void) fprintf(to, "%s%s ", space, regions[region]);
                space = "  ";
                for (; i < places->n; i = next_below(places, region, i))
                        write_glyph(leg_level_glyph(step_of(view, i), charset), to);
        }
}
