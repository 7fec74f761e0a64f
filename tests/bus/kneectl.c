/* SPDX-License-Identifier: MIT */
#include "tests/bus/kneectl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "common/macro.h"
#include "tests/unit/cmocka-all.h"

#define WORDS_MAX 32u
#define TAIL_SIZE 800u

static Child *spawn(Stage *stage, const char *const words[], ChildFiles files)
{
        const char *argv[WORDS_MAX + 3] = { KNEECTL_PROGRAM, "--user" };
        size_t n = 2;

        for (; *words; words++) {
                assert_true(n < WORDS_MAX + 2);
                argv[n++] = *words;
        }
        return stage_spawn(stage, argv, files);
}

void kneectl_start(Kneectl *k, Stage *stage, const char *const words[])
{
        int out[2], err[2];

        *k = (Kneectl){ .out = -1, .err = -1 };
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
        assert_int_equal(pipe2(err, O_CLOEXEC), 0);
        k->child = spawn(stage, words, (ChildFiles){ .in = -1, .out = out[1], .err = err[1] });
        k->out = out[0];
        k->err = err[0];
}

void kneectl_start_on_terminal(Kneectl *k, Stage *stage, const char *const words[])
{
        struct winsize size = { .ws_row = 40, .ws_col = 100 };
        int fd;

        *k = (Kneectl){ .out = -1, .err = -1 };
        k->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(k->out >= 0);
        assert_int_equal(grantpt(k->out), 0);
        assert_int_equal(unlockpt(k->out), 0);
        fd = open(ptsname(k->out), O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
        k->child = spawn(stage, words, (ChildFiles){ fd, fd, fd, true });
}

void kneectl_await_words(const Kneectl *k)
{
        struct pollfd fd = { .fd = k->out, .events = POLLIN };
        uint64_t deadline_ms = deadline_from_now();
        int r;

        do
                r = poll(&fd, 1, deadline_left_ms(deadline_ms));
        while (r < 0 && errno == EINTR);
        assert_int_equal(r, 1);
        if (!(fd.revents & POLLIN))
                fail_msg("kneectl says nothing");
}

/* A picture is drawn ten times a second: only the latest is kept. */
static void forget(Kneectl *k)
{
        size_t n = k->n_said > KNEECTL_TEXT_SIZE / 2 ? k->n_said - KNEECTL_TEXT_SIZE / 4 : 0;

        k->n_said -= n;
        k->n_heard = k->n_heard > n ? k->n_heard - n : 0;
        memmove(k->said, k->said + n, k->n_said + 1);
}

/* The latest of what it said: a message of cmocka is short. */
static const char *tail(const Kneectl *k)
{
        return k->said + (k->n_said > TAIL_SIZE ? k->n_said - TAIL_SIZE : 0);
}

/* Reads what there is on a terminal; nothing after its end. */
static void listen_on(Kneectl *k, uint64_t deadline_ms)
{
        struct pollfd fd = { .fd = k->out, .events = POLLIN };
        ssize_t n;

        forget(k);
        if (poll(&fd, 1, deadline_left_ms(deadline_ms)) <= 0)
                fail_msg("kneectl says no more than: %s", tail(k));
        n = read(k->out, k->said + k->n_said, KNEECTL_TEXT_SIZE - 1 - k->n_said);
        if (n <= 0)
                fail_msg("kneectl ended, having said: %s", tail(k));
        k->n_said += (size_t) n;
        k->said[k->n_said] = '\0';
}

void kneectl_await_text(Kneectl *k, const char *text)
{
        const uint64_t deadline_ms = deadline_from_now();
        const char *at;

        while (!(at = strstr(k->said + k->n_heard, text)))
                listen_on(k, deadline_ms);
        k->n_heard = (size_t) (at - k->said) + strlen(text);
}

void kneectl_answer(Kneectl *k, const char *text, const char *keys)
{
        kneectl_await_text(k, text);
        assert_int_equal(write(k->out, keys, strlen(keys)), strlen(keys));
        k->n_keys += (unsigned) strlen(keys);
}

void kneectl_answer_question(Kneectl *k, const char *question, const char *keys)
{
        kneectl_await_text(k, question);
        kneectl_answer(k, "q quit  > ", keys);
}

static void drain(int fd, size_t size, char text[static KNEECTL_TEXT_SIZE])
{
        ssize_t n;

        while (fd >= 0 && (n = read(fd, text + size, KNEECTL_TEXT_SIZE - 1 - size)) > 0)
                size += (size_t) n;
        text[size] = '\0';
        if (fd >= 0)
                (void) close(fd);
}

int kneectl_await(Kneectl *k)
{
        int status = child_await(k->child);

        drain(k->out, k->n_said, k->said);
        drain(k->err, 0, k->complained);
        k->out = k->err = -1;
        return status;
}

int kneectl_run(Kneectl *k, Stage *stage, const char *const words[])
{
        kneectl_start(k, stage, words);
        return kneectl_await(k);
}
