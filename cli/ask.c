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
#define CTRL_Z         0x1a
#define CTRL_BACKSLASH 0x1c
#define ESCAPE         0x1b
#define DELETE         0x7f

#define PROMPT "q quit  > "

/* A held key repeats within this, on a slow console too; nobody reads a question in it. */
#define QUIET_MS 150

static int block_signals(Ask *ask)
{
        sigset_t ending;

        (void) sigemptyset(&ending);
        (void) sigaddset(&ending, SIGINT);
        (void) sigaddset(&ending, SIGTERM);
        (void) sigaddset(&ending, SIGHUP);
        (void) sigaddset(&ending, SIGQUIT);
        (void) sigaddset(&ending, SIGTSTP);
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

        terminal_open(&ask.terminal);
        if (!ask.terminal.input || !isatty(STDOUT_FILENO)) {
                ask_close(&ask);
                return -ENOTTY;
        }
        *ret = ask;
        return 0;
}

void ask_close(Ask *ask)
{
        terminal_close(&ask->terminal);
        *ask = (Ask){};
}

static int leave(Ask *ask, ExitCode code)
{
        (void) fputc('\n', stdout);
        (void) fflush(stdout);
        ask->code = code;
        return -ECANCELED;
}

static int give_up(Ask *ask)
{
        complain("this terminal does not give its keys; try again in another one.");
        return leave(ask, EXIT_FAILED);
}

static void end_question(Ask *ask)
{
        terminal_give_keys(&ask->terminal);
        if (ask->signal_fd < 0)
                return;
        close(ask->signal_fd);
        ask->signal_fd = -1;
        (void) sigprocmask(SIG_SETMASK, &ask->before, NULL);
}

/* The terminal is taken for one question only: between two of them a call may wait, for kneed or
 * for a password, and Ctrl-C has to end that as it ends any program. */
static int begin_question(Ask *ask)
{
        int r;

        r = block_signals(ask);
        if (r >= 0)
                r = terminal_take_keys(&ask->terminal);
        if (r < 0) {
                end_question(ask);
                return give_up(ask);
        }
        /* What was typed before the question stood there does not answer it. */
        ask->n_keys = 0;
        (void) tcflush(STDIN_FILENO, TCIFLUSH);
        return 0;
}

static int take_signal(Ask *ask)
{
        struct signalfd_siginfo info;

        if (read(ask->signal_fd, &info, sizeof(info)) != sizeof(info))
                return 0;
        return leave(ask, EXIT_SIGNAL + (ExitCode) info.ssi_signo);
}

/* Waits until there may be keys: -EAGAIN where there are none in that time. */
static int read_keys(Ask *ask, int timeout_ms)
{
        struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                { .fd = ask->signal_fd, .events = POLLIN } };
        ssize_t n;
        int r;

        r = poll(fds, ELEMENTSOF(fds), timeout_ms);
        if (r < 0)
                return errno == EINTR ? 0 : give_up(ask);
        if (r == 0)
                return -EAGAIN;
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

static void drop_keys(Ask *ask, size_t n)
{
        ask->n_keys -= n;
        memmove(ask->keys, ask->keys + n, ask->n_keys);
}

/* Arrows and the like arrive as a sequence, whose letters are no keys: behind the escape [ or O,
 * numbers, and a letter; with Alt one letter. */
static void drop_sequence(Ask *ask)
{
        size_t n = 1;

        if (ask->n_keys == 0)
                return;
        if (ask->keys[0] == '[' || ask->keys[0] == 'O') {
                while (n < ask->n_keys && ask->keys[n] < '@')
                        n++;
                n++;
        }
        drop_keys(ask, MIN(n, ask->n_keys));
}

/* The next key; -EAGAIN where none comes in that time, or -ECANCELED. */
static int next_key(Ask *ask, int timeout_ms)
{
        char key;
        int r;

        (void) fflush(stdout);
        do {
                while (ask->n_keys == 0) {
                        r = read_keys(ask, timeout_ms);
                        if (r < 0)
                                return r;
                }
                key = ask->keys[0];
                drop_keys(ask, 1);
                if (key == ESCAPE)
                        drop_sequence(ask);
        } while (key == ESCAPE);

        switch (key) {
        case CTRL_C:
                return leave(ask, EXIT_SIGNAL + SIGINT);
        case CTRL_BACKSLASH:
                return leave(ask, EXIT_SIGNAL + SIGQUIT);
        case CTRL_Z:
                return leave(ask, EXIT_SIGNAL + SIGTSTP);
        case CTRL_D:
        case 'q':
        case 'Q':
                return leave(ask, EXIT_ENDED_EARLY);
        default:
                return tolower((unsigned char) key);
        }
}

/* Waits until the keyboard is quiet. Returns 1 where no key came but Enter, which many people add
 * to an answer; 0 where others did. Then a key is held down, or somebody types on without reading
 * what is asked, and the first of these keys says no more than the others. */
static int was_alone(Ask *ask)
{
        int key, alone = 1;

        for (;;) {
                key = next_key(ask, QUIET_MS);
                if (key == -EAGAIN)
                        break;
                if (key < 0)
                        return key;
                if (key != '\r' && key != '\n')
                        alone = 0;
        }
        if (!alone)
                say(stdout, "\nSeveral keys came at once, so none of them counts. Press one.");
        return alone;
}

static int take_letter(Ask *ask, const char *letters, const char *const words[])
{
        const char *at = NULL;
        int key;

        for (size_t i = 0; letters[i]; i++)
                (void) printf("%c %s   ", letters[i], words[i]);
        (void) printf(PROMPT);
        while (!at) {
                key = next_key(ask, -1);
                if (key < 0)
                        return key;
                at = key > 0 ? strchr(letters, key) : NULL;
        }
        return (int) (at - letters);
}

int ask_letter(Ask *ask, const char *letters, const char *const words[])
{
        int i = 0, r;

        r = begin_question(ask);
        while (r == 0) {
                i = take_letter(ask, letters, words);
                r = i < 0 ? i : was_alone(ask);
        }
        end_question(ask);
        if (r < 0)
                return r;
        (void) printf("%s\n", words[i]);
        return letters[i];
}

int ask_yes_or_no(Ask *ask)
{
        static const char *const words[] = { "yes", "no" };
        int r;

        r = ask_letter(ask, "yn", words);
        return r < 0 ? r : r == 'y';
}

static int take_score(Ask *ask)
{
        ScoreKeys keys = {};
        int score = -EAGAIN;

        (void) printf("0 none to %u the worst, 1 needs Enter   " PROMPT, PAIN_HIGHEST);
        while (score < 0) {
                const bool one = keys.one;
                const int key = next_key(ask, -1);

                if (key < 0)
                        return key;
                score = score_keys_take(&keys, (char) key);
                if (keys.one != one)
                        (void) fputs(keys.one ? "1" : "\b \b", stdout);
        }
        return score;
}

int ask_score(Ask *ask, const char *question)
{
        int score = 0, r;

        say(stdout, "%s", question);
        r = begin_question(ask);
        while (r == 0) {
                score = take_score(ask);
                r = score < 0 ? score : was_alone(ask);
        }
        end_question(ask);
        if (r < 0)
                return r;
        (void) printf("%i\n", score);
        return score;
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
