/* SPDX-License-Identifier: MIT */

/* Somebody who has never used kneed before, at a terminal: what is asked is answered by one key
 * each, and there are few of them. */

#include <stdio.h>

#include "common/macro.h"
#include "tests/bus/tmux.h"
#include "tests/unit/cmocka-all.h"

/* After the command line, for a healthy person: the first time, and when they come back. The key
 * that cuts the session short is not among them: it plays to its end without. */
#define KEYS_AT_FIRST 11u
#define KEYS_LATER    3u

#define PAIN_BEFORE_KEY "3"
#define PAIN_AFTER_KEY  "2"

/* A question waits for a key at the end of the last row. */
static bool is_asked(const Tmux *t)
{
        TmuxRow row;

        tmux_last_row(t, row);
        return row[0] != '\0' && row[strlen(row) - 1] == '>';
}

static bool is_played(const Tmux *t)
{
        return strstr(t->screen, "q stop");
}

static bool is_asked_anew_or_goes_on(const Tmux *t, const void *before)
{
        return (is_asked(t) && !streq(t->screen, before)) || is_played(t) ||
               tmux_is_at_prompt(t, NULL);
}

static bool is_played_no_more(const Tmux *t, const void *userdata)
{
        return !is_played(t) && (is_asked(t) || tmux_is_at_prompt(t, NULL));
}

static bool wants_a_score(const Tmux *t)
{
        TmuxRow row;

        tmux_last_row(t, row);
        return row[0] == '0';
}

/* Answers until nothing is asked any more; how it hurts is asked once. */
static void answer(Tmux *t, const char *score)
{
        unsigned n_scores = 0;

        while (is_asked(t)) {
                char before[TMUX_SCREEN_SIZE];

                memcpy(before, t->screen, sizeof(before));
                n_scores += wants_a_score(t);
                tmux_press(t, wants_a_score(t) ? score : "n");
                tmux_await(t, is_asked_anew_or_goes_on, before);
        }
        assert_int_equal(n_scores, 1);
}

/* Returns how many keys it took. */
static unsigned run(Tmux *t, Stage *stage)
{
        static const char nothing[] = "";
        const size_t from = stage->record.n;

        t->n_keys = 0;
        tmux_type(t, "kneectl --user run friction --minutes 10");
        tmux_await(t, is_asked_anew_or_goes_on, nothing);
        answer(t, PAIN_BEFORE_KEY);
        if (!is_played(t))
                fail_msg("Nothing is played. On the screen is:\n%s", t->screen);
        (void) record_file_await(&stage->record, from, record_is_moving);

        tmux_press(t, "q");
        t->n_keys--;
        tmux_await(t, is_played_no_more, NULL);
        (void) record_file_await_rest(&stage->record);
        answer(t, PAIN_AFTER_KEY);
        return t->n_keys;
}

static void check_keys(const Tmux *t, unsigned n, unsigned most)
{
        print_message("%u keys\n", n);
        if (n > most)
                fail_msg("%u keys are needed, and not %u. On the screen is:\n%s", n, most,
                                t->screen);
}

/* What stty says: as it was before. */
static void check_terminal(Tmux *t, Stage *stage, const char *name, char modes[static 512])
{
        char line[TMUX_LINE_MAX + 1];

        (void) snprintf(line, sizeof(line), "stty -g >%s/%s", stage->dir, name);
        tmux_type(t, line);
        tmux_await(t, tmux_is_at_prompt, NULL);
        stage_read(stage, name, modes, 512);
}

/* SR-SCREENING, SR-PAIN */
static void a_first_run_takes_few_keys_and_the_next_one_fewer(void **state)
{
        char before[512], after[512];
        Stage *stage = *state;
        Tmux t;

        stage_start_kneed_unscreened(stage);
        tmux_open(&t, stage);
        check_terminal(&t, stage, "before", before);
        check_keys(&t, run(&t, stage), KEYS_AT_FIRST);
        check_keys(&t, run(&t, stage), KEYS_LATER);
        check_terminal(&t, stage, "after", after);
        assert_string_equal(before, after);
        tmux_close(&t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_first_run_takes_few_keys_and_the_next_one_fewer,
                                stage_open, stage_close),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
