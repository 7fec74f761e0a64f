/* SPDX-License-Identifier: MIT */
#include "cli/session-screen.h"

#include "cli/leg-view.h"

#define PICTURE_ROWS     22u
#define PICTURE_COLUMNS  72u
#define LEG_COLUMNS      50u
#define LEG_ROWS         18u
#define LEG_ROWS_MAX     26u
#define PANEL_COLUMN     52
#define BAR_TIME_COLUMNS 38

static LegView view_of(const Scene *scene)
{
        return (LegView){
                .places = &scene->massager.places,
                .frame = scene->has_frame ? &scene->frame : NULL,
                .full_permille = scene->full_permille,
                .outer_right = !streq(scene->session.leg, "left"),
        };
}

uint64_t scene_elapsed_ms(const Scene *scene)
{
        const uint64_t duration = scene->session.duration_ms;

        return duration > scene->left_ms ? duration - scene->left_ms : 0;
}

static Style state_style(const char *state)
{
        if (streq(state, "playing") || streq(state, "warming-up"))
                return STYLE_GOOD;
        return STYLE_WARN;
}

static const char *hand_of(const Scene *scene)
{
        if (!scene->has_frame)
                return "";
        return scene->frame.strength_permille > 0 ? leg_region_name(scene->frame.contact)
                                                  : "lifted";
}

static void draw_legend(const Scene *scene, Canvas *canvas, int row)
{
        int column = PANEL_COLUMN;

        for (unsigned step = 1; step <= 8; step++)
                canvas_put(canvas, row, column++, leg_level_glyph(step, canvas->charset),
                                STYLE_LEVEL_1 + step - 1);
        (void) canvas_text(canvas, row, column + 1, STYLE_DIM, "up to %u %%",
                        scene->full_permille / 10);
        (void) canvas_text(canvas, row + 1, PANEL_COLUMN, STYLE_DIM, "of full strength");
}

static void draw_panel(const Scene *scene, Canvas *canvas, int row)
{
        const Session *s = &scene->session;

        (void) canvas_text(canvas, row, PANEL_COLUMN, STYLE_BOLD, "%s", s->routine);
        (void) canvas_text(canvas, row + 1, PANEL_COLUMN, STYLE_PLAIN, "%s leg", s->leg);
        (void) canvas_text(canvas, row + 2, PANEL_COLUMN, STYLE_DIM, "%s", scene->massager.name);

        (void) canvas_text(canvas, row + 4, PANEL_COLUMN, state_style(s->state), "%s", s->state);
        (void) canvas_text(canvas, row + 5, PANEL_COLUMN, STYLE_PLAIN, "%s", s->technique);
        if (s->step > 0)
                (void) canvas_text(canvas, row + 6, PANEL_COLUMN, STYLE_PLAIN, "step %u of %u",
                                s->step, s->n_steps);

        (void) canvas_text(canvas, row + 8, PANEL_COLUMN, STYLE_DIM, "intensity");
        (void) canvas_text(canvas, row + 8, PANEL_COLUMN + 11, STYLE_BOLD, "%u %%",
                        s->intensity_percent);
        (void) canvas_text(canvas, row + 9, PANEL_COLUMN, STYLE_DIM, "tempo");
        (void) canvas_text(
                        canvas, row + 9, PANEL_COLUMN + 11, STYLE_PLAIN, "%u %%", s->tempo_percent);
        (void) canvas_text(canvas, row + 10, PANEL_COLUMN, STYLE_DIM, "hand");
        (void) canvas_text(
                        canvas, row + 10, PANEL_COLUMN + 11, STYLE_CONTACT, "%s", hand_of(scene));
        draw_legend(scene, canvas, row + 12);
}

static void draw_bar(const Scene *scene, Canvas *canvas, int row)
{
        const char32_t filled = canvas->charset == CHARSET_UTF8 ? U'━' : '=';
        const char32_t empty = canvas->charset == CHARSET_UTF8 ? U'─' : '-';
        const uint64_t duration = scene->session.duration_ms;
        const uint64_t elapsed = MIN(scene_elapsed_ms(scene), duration);
        const int room = (int) canvas->columns - BAR_TIME_COLUMNS;
        const unsigned width = (unsigned) MAX(room, 0);
        const unsigned part = duration > 0 ? (unsigned) ((double) elapsed / (double) duration *
                                                             width)
                                           : 0;
        char played[TEXT_DURATION_SIZE], whole[TEXT_DURATION_SIZE], left[TEXT_DURATION_SIZE];
        int column;

        canvas_fill(canvas, row, 1, part, filled, STYLE_BAR);
        canvas_fill(canvas, row, 1 + (int) part, width - part, empty, STYLE_DIM);
        column = canvas_text(canvas, row, (int) width + 3, STYLE_PLAIN, "%s of %s",
                        text_duration(elapsed, played), text_duration(duration, whole));
        (void) canvas_text(canvas, row, column + 3, STYLE_BOLD, "%s left",
                        text_duration(scene->left_ms, left));
}

static void draw_key(Canvas *canvas, int row, int *column, const char *key, const char *what)
{
        *column = canvas_text(canvas, row, *column, STYLE_BOLD, "%s", key);
        *column = canvas_text(canvas, row, *column + 1, STYLE_DIM, "%s", what) + 3;
}

static void draw_keys(const Scene *scene, Canvas *canvas, int row)
{
        const bool paused = streq(scene->session.state, "paused");
        int column = 1;

        if (scene->message[0]) {
                (void) canvas_text(canvas, row, column, STYLE_WARN, "%s", scene->message);
                return;
        }
        if (scene->keys == SCENE_KEYS_NONE)
                return;
        draw_key(canvas, row, &column, "space", paused ? "resume" : "pause");
        draw_key(canvas, row, &column, "e", "ease");
        draw_key(canvas, row, &column, "s", "skip");
        draw_key(canvas, row, &column, "p", "pain");
        draw_key(canvas, row, &column, "+ -", "intensity");
        draw_key(canvas, row, &column, "q", scene->keys == SCENE_KEYS_RUN ? "stop" : "leave");
}

/* Pieces of a line, two blanks apart, in as many rows as they need. Returns the row after them. */
static int draw_wrapped(Canvas *canvas, int row, char *line)
{
        int column = 1;

        for (char *piece = line, *next; piece; piece = next) {
                next = strstr(piece, "  ");
                if (next) {
                        *next = '\0';
                        next += 2;
                }
                if (column > 1 && column + (int) text_columns(piece) > (int) canvas->columns) {
                        column = 1;
                        row++;
                }
                column = canvas_text(canvas, row, column, STYLE_PLAIN, "%s", piece) + 2;
        }
        return row + 1;
}

static unsigned draw_small(const Scene *scene, Canvas *canvas)
{
        const Session *s = &scene->session;
        const LegView view = view_of(scene);
        _cleanup_free_ char *levels = NULL;
        int row = 1;
        size_t size;
        FILE *f;

        (void) canvas_text(canvas, 0, 1, STYLE_BOLD, "%s  %s  step %u of %u  %s  %u %%", s->routine,
                        s->state, s->step, s->n_steps, s->technique, s->intensity_percent);
        f = open_memstream(&levels, &size);
        if (f) {
                leg_view_line(&view, canvas->charset, f);
                (void) fclose(f);
                row = draw_wrapped(canvas, row, levels);
        }
        draw_bar(scene, canvas, row);
        draw_keys(scene, canvas, row + 1);
        return (unsigned) row + 2;
}

unsigned scene_draw(const Scene *scene, Canvas *canvas)
{
        const LegView view = view_of(scene);
        unsigned leg_rows;

        if (canvas->rows < PICTURE_ROWS || canvas->columns < PICTURE_COLUMNS)
                return MIN(draw_small(scene, canvas), canvas->rows);
        leg_rows = MIN(LEG_ROWS + canvas->rows - PICTURE_ROWS, LEG_ROWS_MAX);
        leg_view_draw(&view, canvas, 0, 1, leg_rows, LEG_COLUMNS);
        draw_panel(scene, canvas, 2);
        draw_bar(scene, canvas, (int) leg_rows + 1);
        draw_keys(scene, canvas, (int) leg_rows + 3);
        return leg_rows + 4;
}

void scene_line(const Scene *scene, Charset charset, FILE *to)
{
        const Session *s = &scene->session;
        const LegView view = view_of(scene);
        char played[TEXT_DURATION_SIZE], whole[TEXT_DURATION_SIZE];

        (void) fprintf(to, "%s of %s  %s  %s", text_duration(scene_elapsed_ms(scene), played),
                        text_duration(s->duration_ms, whole), s->state, s->routine);
        if (s->step > 0)
                (void) fprintf(to, "  %s %u/%u  %u %%", s->technique, s->step, s->n_steps,
                                s->intensity_percent);
        if (!scene->has_frame)
                return;
        (void) fprintf(to, "  hand %s  ", hand_of(scene));
        leg_view_line(&view, charset, to);
}
