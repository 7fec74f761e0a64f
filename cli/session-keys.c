/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "cli/session-view-private.h"

#define CTRL_C         0x03
#define CTRL_Z         0x1a
#define CTRL_BACKSLASH 0x1c
#define ESCAPE         0x1b
#define INTENSITY_STEP 5u

/* To the next multiple of INTENSITY_STEP, up or down. */
static uint32_t intensity_after(uint32_t percent, int direction)
{
        const uint32_t at = MIN(percent, 100u);
        const uint32_t steps = direction > 0 ? at / INTENSITY_STEP + 1
                               : at > 0      ? (at - 1) / INTENSITY_STEP
                                             : 0;

        return steps == 0 ? 1 : MIN(steps * INTENSITY_STEP, 100u);
}

/* Keys come faster than answers, so each goes on from what was asked for last. */
static void change_intensity(SessionView *view, int direction)
{
        const uint32_t from = view->asked_percent > 0 ? view->asked_percent
                                                      : view->scene.session.intensity_percent;

        view->asked_percent = intensity_after(from, direction);
        session_view_call(view, "SetIntensity", view->asked_percent);
}

static void ask_for_pain(SessionView *view)
{
        view->scoring = true;
        (void) snprintf(view->scene.message, sizeof(view->scene.message),
                        "How much does it hurt, 0 to %u? %s", PAIN_HIGHEST,
                        view->score.one ? "1, then Enter, or 0 for 10" : "");
}

/* Whether it was a key of a score. All others keep their meaning, those that stop above all. */
static bool take_score_key(SessionView *view, char key)
{
        const int score = score_keys_take(&view->score, key);

        view->scoring = false;
        if (score == -EAGAIN)
                ask_for_pain(view);
        else if (score >= 0)
                session_view_report_pain(view, (unsigned) score);
        else
                view->score = (ScoreKeys){};
        return score >= 0 || score == -EAGAIN;
}

static void take_key(SessionView *view, char key)
{
        const Session *session = &view->scene.session;

        if (view->scoring && take_score_key(view, key))
                return;
        switch (key) {
        case ' ':
                session_view_call(view, streq(session->state, "paused") ? "Resume" : "Pause", 0);
                break;
        case 'e':
                session_view_call(view, "Ease", 0);
                break;
        case 'p':
                ask_for_pain(view);
                break;
        case 's':
                session_view_call(view, "Skip", 0);
                break;
        case '+':
        case '=': /* the same key without shift */
                change_intensity(view, 1);
                break;
        case '-':
                change_intensity(view, -1);
                break;
        case 'q':
                session_view_leave(view, view->role == VIEW_RUN ? EXIT_ENDED_EARLY : EXIT_DONE);
                break;
        case CTRL_C:
                session_view_leave(view, EXIT_SIGNAL + SIGINT);
                break;
        case CTRL_Z:
                session_view_leave(view, EXIT_SIGNAL + SIGTSTP);
                break;
        case CTRL_BACKSLASH:
                session_view_leave(view, EXIT_SIGNAL + SIGQUIT);
                break;
        default:
                break;
        }
}

void session_keys_take(SessionView *view, const char *keys, size_t n)
{
        /* Arrows and the like arrive as a sequence, whose letters are no keys. */
        if (n > 1 && keys[0] == ESCAPE)
                return;
        view->scene.message[0] = '\0';
        for (size_t i = 0; i < n; i++)
                take_key(view, keys[i]);
        session_show_picture(view);
}
