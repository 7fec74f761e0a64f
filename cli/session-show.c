/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <time.h>

#include "cli/json.h"
#include "cli/session-view-private.h"

#define LINE_EVERY_MS 5000u

static bool is_json(const SessionView *view)
{
        return view->client->options->json != JSON_OFF;
}

static bool is_quiet(const SessionView *view)
{
        return options_has(view->client->options, OPTION_QUIET);
}

static void update_left(SessionView *view)
{
        Scene *scene = &view->scene;
        struct timespec now;
        uint64_t now_us;

        (void) clock_gettime(CLOCK_BOOTTIME, &now);
        now_us = (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
        if (view->remote)
                scene->left_ms = session_left_remote_ms(&scene->session,
                                scene->has_frame ? &scene->frame : NULL, view->said_us, now_us);
        else
                scene->left_ms = session_left_ms(&scene->session, now_us);
}

void session_show_picture(SessionView *view)
{
        unsigned rows, columns;
        Canvas canvas;

        if (is_json(view) || is_quiet(view) || !view->terminal.picture)
                return;
        update_left(view);
        terminal_size(&rows, &columns);
        /* The cursor stays below, and the last column would wrap. */
        canvas_init(&canvas, view->terminal.charset, rows - 1, columns - 1);
        canvas.rows = scene_draw(&view->scene, &canvas);
        terminal_draw(&view->terminal, &canvas);
}

/* A line stands for seconds in which the hand went up and down, so it shows what was highest, and
 * where the hand was last before it was lifted. */
static void take_highest(SessionView *view)
{
        const Frame *frame = &view->scene.frame;
        Frame *highest = &view->highest;

        for (unsigned i = 0; i < frame->n_levels; i++) {
                const uint32_t before = i < highest->n_levels ? highest->level_permille[i] : 0;

                highest->level_permille[i] = MAX(before, frame->level_permille[i]);
        }
        highest->n_levels = frame->n_levels;
        if (frame->strength_permille > 0 || highest->strength_permille == 0) {
                highest->contact = frame->contact;
                highest->strength_permille = frame->strength_permille;
        }
}

static void show_line(SessionView *view)
{
        _cleanup_free_ char *line = NULL;
        Scene scene;
        size_t size;
        FILE *f;

        update_left(view);
        view->logged_slot = scene_elapsed_ms(&view->scene) / LINE_EVERY_MS;
        scene = view->scene;
        if (view->highest.n_levels > 0)
                scene.frame = view->highest;
        view->highest = (Frame){};
        f = open_memstream(&line, &size);
        if (!f)
                return;
        scene_line(&scene, view->terminal.charset, f);
        (void) fputc('\n', f);
        (void) fclose(f);
        if (view->terminal.charset == CHARSET_ASCII) {
                text_to_ascii(line);
                size = strlen(line);
        }
        terminal_write(&view->terminal, line, size, TERMINAL_KEEP);
}

static void show_json(SessionView *view, json_object *object, TerminalLoss loss)
{
        _cleanup_free_ char *line = NULL;
        int n;

        n = asprintf(&line, "%s\n", json_text(object, view->client->options->json));
        if (n >= 0)
                terminal_write(&view->terminal, line, (size_t) n, loss);
        else
                line = NULL;
}

void session_show_change(SessionView *view, bool worth_a_line)
{
        _cleanup_(json_object_putp) json_object *event = NULL;

        if (is_quiet(view))
                return;
        if (is_json(view)) {
                event = json_event("session");
                (void) json_object_object_add(event, "session", json_session(&view->scene.session));
                show_json(view, event, TERMINAL_KEEP);
        } else if (view->terminal.picture)
                session_show_picture(view);
        else if (worth_a_line)
                show_line(view);
}

void session_show_frame(SessionView *view)
{
        _cleanup_(json_object_putp) json_object *event = NULL;

        if (is_quiet(view))
                return;
        if (is_json(view)) {
                event = json_event("frame");
                json_add_frame(event, &view->scene.frame);
                show_json(view, event, TERMINAL_MAY_LOSE);
        } else if (view->terminal.picture) {
                session_show_picture(view);
        } else {
                take_highest(view);
                update_left(view);
                if (scene_elapsed_ms(&view->scene) / LINE_EVERY_MS > view->logged_slot)
                        show_line(view);
        }
}

static void show_ended(SessionView *view)
{
        const Ended *ended = &view->ended;
        const bool asked = view->stopping && streq(ended->reason, "stopped");
        const bool finished = streq(ended->reason, "finished");
        char played[TEXT_DURATION_SIZE], text[64];
        int n;

        (void) text_duration(ended->played_ms, played);
        if (finished || asked) {
                if (is_quiet(view))
                        return;
                n = snprintf(text, sizeof(text), "%s after %s.\n",
                                finished ? "Finished" : "Stopped", played);
                terminal_write(&view->terminal, text, (size_t) n, TERMINAL_KEEP);
                return;
        }
        complain("%s (%s, after %s)",
                        ended->detail[0] ? ended->detail : "the session ended before its time.",
                        ended->reason, played);
        if (streq(ended->reason, "pain") && view->pain.sentence[0])
                complain("%s", view->pain.sentence);
}

void session_show_end(SessionView *view, ExitCode code)
{
        _cleanup_(json_object_putp) json_object *event = NULL;

        if (view->has_ended && is_json(view)) {
                event = json_event("ended");
                json_add_ended(event, &view->ended);
                show_json(view, event, TERMINAL_KEEP);
        } else if (view->has_ended) {
                show_ended(view);
        } else if (view->stopping) {
                complain("kneed has not confirmed the stop, but stops what kneectl leaves behind; "
                         "see: kneectl status");
        } else if (code == EXIT_ENDED_EARLY) {
                complain("the session is gone and did not say why; see: kneectl status");
        }
        if (view->unheard) {
                complain("%s", view->pain.sentence);
                complain("so much pain ends a massage, so kneectl stopped it; the pain is not "
                         "noted yet, so say it again: kneectl pain %u",
                                view->reported);
        }
        if (view->stopping && view->stop_code == EXIT_SIGNAL + SIGTSTP)
                complain("Ctrl-Z stops the massage as Ctrl-C does, since nobody would watch it; to "
                         "let it rest, press space or use: kneectl pause");
}
