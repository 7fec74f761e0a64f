/* SPDX-License-Identifier: MIT */
#include "tests/bus/tmux.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/macro.h"
#include "tests/unit/cmocka-all.h"

#define LINE_SIZE 4096u
#define PROMPT    "$"

/* The session ends with its only client, the shell with the session, and the server with the last
 * shell: so nothing outlives the test. */
static const char settings[] = "set -g destroy-unattached on\n"
                               "set -g default-shell /bin/sh\n"
                               "set -g default-terminal screen-256color\n"
                               "set -g escape-time 0\n";

static void take_more(Tmux *t, uint64_t deadline_ms)
{
        struct pollfd fd = { .fd = t->out, .events = POLLIN };
        ssize_t n;
        int r;

        do
                r = poll(&fd, 1, deadline_left_ms(deadline_ms));
        while (r < 0 && errno == EINTR);
        if (r <= 0)
                fail_msg("Nothing happens. On the screen is:\n%s", t->screen);
        assert_true(t->n_lines < sizeof(t->lines));
        n = read(t->out, t->lines + t->n_lines, sizeof(t->lines) - t->n_lines);
        if (n <= 0)
                fail_msg("tmux is gone. On the screen was:\n%s", t->screen);
        t->n_lines += (size_t) MAX(n, 0);
}

/* Cut off where there is no room. */
static void copy(char *to, size_t size, const char *from, size_t n)
{
        n = MIN(n, size - 1);
        memcpy(to, from, n);
        to[n] = '\0';
}

/* The next line of tmux, cut off where it is long. */
static void next_line(Tmux *t, uint64_t deadline_ms, char line[static LINE_SIZE])
{
        const char *end;
        size_t n;

        while (!(end = memchr(t->lines, '\n', t->n_lines)))
                take_more(t, deadline_ms);
        n = (size_t) (end - t->lines);
        copy(line, LINE_SIZE, t->lines, n);
        t->n_lines -= n + 1;
        memmove(t->lines, end + 1, t->n_lines);
}

static bool begins(const char *line, const char *with)
{
        return strncmp(line, with, strlen(with)) == 0;
}

/* What the next command that is done has to say, into text. */
static void take_answer(Tmux *t, char text[static TMUX_SCREEN_SIZE])
{
        const uint64_t deadline_ms = deadline_from_now();
        char line[LINE_SIZE];
        size_t n = 0;

        do
                next_line(t, deadline_ms, line);
        while (!begins(line, "%begin "));
        text[0] = '\0';
        for (next_line(t, deadline_ms, line); !begins(line, "%end ");
                        next_line(t, deadline_ms, line)) {
                if (begins(line, "%error "))
                        fail_msg("tmux says: %s", text);
                assert_true(n + strlen(line) + 2 < TMUX_SCREEN_SIZE);
                n += (size_t) snprintf(text + n, TMUX_SCREEN_SIZE - n, "%s\n", line);
        }
}

static void command(Tmux *t, const char *words, char answer[static TMUX_SCREEN_SIZE])
{
        assert_int_equal(write(t->in, words, strlen(words)), strlen(words));
        assert_int_equal(write(t->in, "\n", 1), 1);
        take_answer(t, answer);
}

static void look(Tmux *t)
{
        command(t, "capture-pane -p", t->screen);
}

void tmux_open(Tmux *t, Stage *stage)
{
        char socket[STAGE_PATH_SIZE + 8], config[STAGE_PATH_SIZE + 8], shell[512];
        char nothing[TMUX_SCREEN_SIZE];
        const char *const argv[] = { "tmux", "-S", socket, "-f", config, "-C", "new-session", "-x",
                "80", "-y", "24", shell, NULL };
        int in[2], out[2];

        stage_write(stage, "tmux.conf", settings);
        (void) snprintf(config, sizeof(config), "%s/tmux.conf", stage->dir);
        (void) snprintf(socket, sizeof(socket), "%s/tmux", stage->dir);
        (void) snprintf(shell, sizeof(shell), "PATH='%.*s':$PATH PS1='" PROMPT " ' exec sh",
                        (int) (strrchr(KNEECTL_PROGRAM, '/') - KNEECTL_PROGRAM), KNEECTL_PROGRAM);
        assert_int_equal(pipe2(in, O_CLOEXEC), 0);
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
        *t = (Tmux){ .in = in[1], .out = out[0] };
        t->client = stage_spawn(stage, argv, (ChildFiles){ .in = in[0], .out = out[1], .err = -1 });
        take_answer(t, nothing);
        tmux_await(t, tmux_is_at_prompt, NULL);
}

void tmux_close(Tmux *t)
{
        char nothing[TMUX_SCREEN_SIZE];

        command(t, "kill-session", nothing);
        (void) close(t->in);
        (void) child_await(t->client);
        (void) close(t->out);
}

/* What was written stands there, so that what follows is not taken for what was there before. */
static bool is_written(const Tmux *t, const void *line)
{
        TmuxRow row;

        tmux_last_row(t, row);
        return begins(row, PROMPT " ") && streq(row + strlen(PROMPT " "), line);
}

void tmux_type(Tmux *t, const char *line)
{
        char words[128], nothing[TMUX_SCREEN_SIZE];

        assert_true(strlen(line) <= TMUX_LINE_MAX && !strchr(line, '"'));
        (void) snprintf(words, sizeof(words), "send-keys -l \"%s\"", line);
        command(t, words, nothing);
        tmux_await(t, is_written, line);
        command(t, "send-keys Enter", nothing);
}

void tmux_press(Tmux *t, const char *key)
{
        char words[64], nothing[TMUX_SCREEN_SIZE];

        (void) snprintf(words, sizeof(words), "send-keys %s", key);
        command(t, words, nothing);
        t->n_keys++;
}

void tmux_last_row(const Tmux *t, TmuxRow ret)
{
        size_t end = strlen(t->screen), begin;

        while (end > 0 && t->screen[end - 1] == '\n')
                end--;
        for (begin = end; begin > 0 && t->screen[begin - 1] != '\n';)
                begin--;
        copy(ret, sizeof(TmuxRow), t->screen + begin, end - begin);
}

bool tmux_is_at_prompt(const Tmux *t, const void *userdata)
{
        TmuxRow row;

        tmux_last_row(t, row);
        return streq(row, PROMPT);
}

void tmux_await(Tmux *t, TmuxFits fits, const void *userdata)
{
        const uint64_t deadline_ms = deadline_from_now();
        char line[LINE_SIZE];

        for (look(t); !fits(t, userdata); look(t))
                do
                        next_line(t, deadline_ms, line);
                while (!begins(line, "%output "));
}
