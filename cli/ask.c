/* SPDX-License-Identifier: MIT */
#include "cli/ask.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "cli/text.h"

#define CTRL_C         0x03
#define CTRL_D         0x04
#define BACKSPACE      0x08
#define CTRL_BACKSLASH 0x1c
#define ESCAPE         0x1b
#define DELETE         0x7f

static int block_signals(Ask *ask)
{
        sigset_t ending;

        (void) sigemptyset(&ending);
        (void) sigaddset(&ending, SIGINT);
        (void) sigaddset(&ending, SIGTERM);
        (void) sigaddset(&ending, SIGHUP);
        (void) sigaddset(&ending, SIGQUIT);
        if (sigprocmask(SIG_BLOCK, &ending, &ask->before) < 0)
                return -errno;
        ask->signal_fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
        if (ask->signal_fd < 0) {
                const int r = -errno;

                (void) sigprocmask(SIG_SETMASK, &ask->before, NULL);
                return r;
        }
        return 0;
}

int ask_open(Ask *ret)
{
        Ask ask = { .signal_fd = -1 };
        int r = 0;

        terminal_open(&ask.terminal);
        if (!ask.terminal.input || !isatty(STDOUT_FILENO))
                r = -ENOTTY;
        if (r >= 0)
                r = block_signals(&ask);
        if (r >= 0)
                r = terminal_take_keys(&ask.terminal);
        if (r < 0) {
                ask_close(&ask);
                return r;
        }
        *ret = ask;
        return 0;
}

void ask_close(Ask *ask)
{
        terminal_close(&ask->terminal);
        if (ask->signal_fd > 0) {
                close(ask->signal_fd);
                (void) sigprocmask(SIG_SETMASK, &ask->before, NULL);
        }
        *ask = (Ask){};
}

static int leave(Ask *ask, ExitCode code)
{
        (void) fputc('\n', stdout);
        (void) fflush(stdout);
        ask->code = code;
        return -ECANCELED;
}

static int take_signal(Ask *ask)
{
        struct signalfd_siginfo info;

        if (read(ask->signal_fd, &info, sizeof(info)) != sizeof(info))
                return 0;
        return leave(ask, EXIT_SIGNAL + (ExitCode) info.ssi_signo);
}

/* Waits until there are keys. */
static int read_keys(Ask *ask)
{
        struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                { .fd = ask->signal_fd, .events = POLLIN } };
        ssize_t n;
        int r;

        if (poll(fds, ELEMENTSOF(fds), -1) < 0)
                return errno == EINTR ? 0 : -errno;
        if (fds[1].revents) {
                r = take_signal(ask);
                if (r < 0)
                        return r;
        }
        if (!fds[0].revents)
                return 0;
        n = read(STDIN_FILENO, ask->keys, sizeof(ask->keys));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        /* The terminal was closed. */
        if (n <= 0)
                return leave(ask, EXIT_SIGNAL + SIGHUP);
        ask->n_keys = (size_t) n;
        return 0;
}

/* The next key, or -ECANCELED. */
static int next_key(Ask *ask)
{
        char key;
        int r;

        (void) fflush(stdout);
        do {
                while (ask->n_keys == 0) {
                        r = read_keys(ask);
                        if (r < 0)
                                return r;
                }
                key = ask->keys[0];
                memmove(ask->keys, ask->keys + 1, --ask->n_keys);
                /* Arrows and the like arrive as a sequence, whose letters are no keys. */
                if (key == ESCAPE)
                        ask->n_keys = 0;
        } while (key == ESCAPE);

        switch (key) {
        case CTRL_C:
                return leave(ask, EXIT_SIGNAL + SIGINT);
        case CTRL_BACKSLASH:
                return leave(ask, EXIT_SIGNAL + SIGQUIT);
        case CTRL_D:
        case 'q':
        case 'Q':
                return leave(ask, EXIT_ENDED_EARLY);
        default:
                return tolower((unsigned char) key);
        }
}

int ask_letter(Ask *ask, const char *letters, const char *const words[])
{
        const char *at = NULL;
        int key;

        for (size_t i = 0; letters[i]; i++)
                (void) printf("%c %s   ", letters[i], words[i]);
        (void) printf("q quit  > ");
        while (!at) {
                key = next_key(ask);
                if (key < 0)
                        return key;
                at = key > 0 ? strchr(letters, key) : NULL;
        }
        (void) printf("%s\n", words[at - letters]);
        return *at;
}

int ask_yes_or_no(Ask *ask)
{
        static const char *const words[] = { "yes", "no" };
        int r;

        r = ask_letter(ask, "yn", words);
        return r < 0 ? r : r == 'y';
}

int score_keys_take(ScoreKeys *keys, char key)
{
        const bool one = keys->one;

        keys->one = false;
        if (one && (key == '\n' || key == '\r'))
                return 1;
        if (one && key == '0')
                return (int) PAIN_HIGHEST;
        if (one && (key == BACKSPACE || key == DELETE))
                return -EAGAIN;
        if (key == '1' && !one) {
                keys->one = true;
                return -EAGAIN;
        }
        if (!one && key >= '0' && key <= '9')
                return key - '0';
        keys->one = one;
        return -EINVAL;
}

ExitCode ask_confirm(const Options *options, const char *question, const char *when_yes)
{
        _cleanup_(ask_close) Ask ask = {};
        int yes;

        if (options_has(options, OPTION_YES))
                return EXIT_DONE;
        if (ask_open(&ask) < 0) {
                complain("there is nobody here to ask; %s, say so with --yes.", when_yes);
                return EXIT_USAGE;
        }
        say(stdout, "%s", question);
        yes = ask_yes_or_no(&ask);
        if (yes < 0)
                return ask.code;
        return yes ? EXIT_DONE : EXIT_ENDED_EARLY;
}

int ask_score(Ask *ask, const char *question)
{
        ScoreKeys keys = {};
        int score = -EAGAIN;

        say(stdout, "%s", question);
        (void) printf("0 none to %u the worst, 1 needs Enter   q quit  > ", PAIN_HIGHEST);
        while (score < 0) {
                const bool one = keys.one;
                const int key = next_key(ask);

                if (key < 0)
                        return key;
                score = score_keys_take(&keys, (char) key);
                if (keys.one != one)
                        (void) fputs(keys.one ? "1" : "\b \b", stdout);
        }
        (void) printf("%i\n", score);
        return score;
}
