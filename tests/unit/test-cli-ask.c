/* SPDX-License-Identifier: MIT */

/* Questions at a terminal: each answer is what was typed, and the terminal comes back. */

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "cli/ask.h"
#include "tests/unit/cmocka-all.h"

#define DEADLINE_MS 20000
#define NO_TERMINAL 99
#define NOT_USUAL   98
#define PROMPT      "q quit  > "

/* A child at a terminal of its own. */
typedef struct Asked {
        pid_t pid;
        int fd; /* the other end of the terminal */
        char said[4096];
        size_t n_said;
} Asked;

/* What the child asks; returns what it exits with. */
typedef int (*Asking)(Ask *ask);

static int exit_with(const Ask *ask, int answer)
{
        return answer == -ECANCELED ? (int) ask->code : answer;
}

static int yes_or_no(Ask *ask)
{
        return exit_with(ask, ask_yes_or_no(ask));
}

static int score(Ask *ask)
{
        return exit_with(ask, ask_score(ask, "How is it?"));
}

static int letter(Ask *ask)
{
        static const char *const words[] = { "yes", "no", "back" };

        return exit_with(ask, ask_letter(ask, "ynb", words));
}

/* Where a question is over the terminal is as usual, and what is typed then is a line. */
static bool is_usual(void)
{
        struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
        struct termios mode;

        return poll(&fd, 1, DEADLINE_MS) == 1 && tcgetattr(STDIN_FILENO, &mode) >= 0 &&
               (mode.c_lflag & ICANON) && (mode.c_lflag & ISIG);
}

/* Asks only when something was typed. */
static int late(Ask *ask)
{
        return is_usual() ? yes_or_no(ask) : NOT_USUAL;
}

/* The same with a second question, which alone counts. */
static int late_again(Ask *ask)
{
        if (ask_yes_or_no(ask) < 0)
                return (int) ask->code;
        (void) fflush(stdout);
        return late(ask);
}

static _Noreturn void be_asked(Asking asking)
{
        Ask ask = {};
        int status = NO_TERMINAL;

        (void) alarm(DEADLINE_MS / 1000); /* nobody waits for a question that nobody answers */
        if (ask_open(&ask) >= 0)
                status = asking(&ask);
        ask_close(&ask);
        _exit(status);
}

static void listen_to(Asked *asked)
{
        struct pollfd fd = { .fd = asked->fd, .events = POLLIN };
        ssize_t n;

        assert_int_equal(poll(&fd, 1, DEADLINE_MS), 1);
        n = read(asked->fd, asked->said + asked->n_said, sizeof(asked->said) - 1 - asked->n_said);
        assert_true(n > 0);
        asked->n_said += (size_t) n;
        asked->said[asked->n_said] = '\0';
}

/* Waits for these words, and forgets all that was said before their end. */
static void await_words(Asked *asked, const char *words)
{
        const char *at;

        while (!(at = strstr(asked->said, words)))
                listen_to(asked);
        at += strlen(words);
        asked->n_said -= (size_t) (at - asked->said);
        memmove(asked->said, at, asked->n_said + 1);
}

static void type(const Asked *asked, const char *keys)
{
        assert_int_equal(write(asked->fd, keys, strlen(keys)), strlen(keys));
}

static void start(Asked *asked, Asking asking)
{
        *asked = (Asked){};
        asked->pid = forkpty(&asked->fd, NULL, NULL, NULL);
        assert_true(asked->pid >= 0);
        if (asked->pid == 0)
                be_asked(asking);
}

static void begin(Asked *asked, Asking asking)
{
        start(asked, asking);
        await_words(asked, PROMPT);
}

/* Returns how it ended, as a shell says it. The terminal is as it was before. */
static int end(Asked *asked)
{
        const tcflag_t usual = ICANON | ECHO | ISIG | IEXTEN | ECHOE | ECHOK | ECHOCTL | ECHOKE;
        struct termios mode;
        int status;

        assert_int_equal(waitpid(asked->pid, &status, 0), asked->pid);
        if (asked->fd >= 0) {
                assert_int_equal(tcgetattr(asked->fd, &mode), 0);
                assert_int_equal(mode.c_lflag, usual);
                (void) close(asked->fd);
        }
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int answer(Asking asking, const char *keys)
{
        Asked asked;

        begin(&asked, asking);
        type(&asked, keys);
        return end(&asked);
}

static void test_one_key_is_an_answer(void **state)
{
        static const struct {
                const char *keys;
                int answer;
        } typed[] = {
                { "y", 1 },
                { "n", 0 },
                { "Y", 1 },
                { "N", 0 },
                { "y\r", 1 },
                { "\rn", 0 },    /* Enter alone is no answer */
                { "x5 \tn", 0 }, /* nor is another key */
                { "\003", 130 }, /* Ctrl-C */
                { "\034", 131 }, /* Ctrl-\ */
                { "\004", 5 },   /* Ctrl-D */
                { "\032", 148 }, /* Ctrl-Z */
                { "q", 5 },
                { "Q", 5 },
        };

        for (size_t i = 0; i < ELEMENTSOF(typed); i++)
                assert_int_equal(answer(yes_or_no, typed[i].keys), typed[i].answer);
        assert_int_equal(answer(letter, "b"), 'b');
        assert_int_equal(answer(letter, "zn"), 'n');
}

/* An arrow or a function key arrives as letters behind an escape. */
static void test_a_sequence_is_no_answer(void **state)
{
        assert_int_equal(answer(yes_or_no, "\033Oyn"), 0);
        assert_int_equal(answer(yes_or_no, "\033[1;5yn"), 0);
        assert_int_equal(answer(yes_or_no, "\033yn"), 0);
        assert_int_equal(answer(yes_or_no, "n\033Oy"), 0);
}

/* Nobody has read a question by then. */
static void test_what_was_typed_before_is_no_answer(void **state)
{
        Asked asked;

        start(&asked, late);
        type(&asked, "y\r");
        await_words(&asked, PROMPT);
        type(&asked, "n");
        assert_int_equal(end(&asked), 0);

        begin(&asked, late_again);
        type(&asked, "n");
        await_words(&asked, "no");
        type(&asked, "y\r");
        await_words(&asked, PROMPT);
        type(&asked, "n");
        assert_int_equal(end(&asked), 0);
}

/* A key that is held down arrives again and again; the first of many is no answer either. */
static void test_keys_that_come_at_once_are_no_answer(void **state)
{
        static const struct {
                Asking asking;
                const char *keys;
                const char *then;
                int answer;
        } typed[] = {
                { yes_or_no, "nnnnnnnnn", "y", 1 },
                { yes_or_no, "yn", "n", 0 },
                { yes_or_no, "yx", "n", 0 },
                { letter, "bb", "y", 'y' },
                { score, "55", "2", 2 },
                { score, "100", "3", 3 },
                { score, "1\r0", "4", 4 },
                { score, "22", "1\r", 1 },
        };
        Asked asked;

        for (size_t i = 0; i < ELEMENTSOF(typed); i++) {
                begin(&asked, typed[i].asking);
                type(&asked, typed[i].keys);
                await_words(&asked, "Press one.");
                await_words(&asked, PROMPT);
                type(&asked, typed[i].then);
                assert_int_equal(end(&asked), typed[i].answer);
        }
        /* Leaving needs no quiet keyboard. */
        assert_int_equal(answer(yes_or_no, "yyq"), 5);
        assert_int_equal(answer(score, "22\003"), 130);
}

static void test_a_score_is_what_was_typed(void **state)
{
        static const struct {
                const char *keys;
                int score;
        } typed[] = {
                { "0", 0 },
                { "2", 2 },
                { "9", 9 },
                { "1\r", 1 },
                { "1\n", 1 },
                { "10", 10 },
                { "1\1774", 4 },
                { "1\b10", 10 },
                { "1x0", 10 },
                { "\r7", 7 },
                { "17\r", 1 }, /* 17 is no score: the 7 is not taken */
                { "1\003", 130 },
                { "q", 5 },
        };

        for (size_t i = 0; i < ELEMENTSOF(typed); i++)
                assert_int_equal(answer(score, typed[i].keys), typed[i].score);
}

/* Whatever is typed, a score that comes out stands there in digits. */
static void test_no_keys_make_another_score(void **state)
{
        for (unsigned a = 0; a < 256; a++)
                for (unsigned b = 0; b < 256; b++) {
                        const char keys[] = { (char) a, (char) b };
                        ScoreKeys score_keys = {};
                        int r = score_keys_take(&score_keys, keys[0]);

                        if (a >= '0' && a <= '9' && a != '1') {
                                assert_int_equal(r, (int) a - '0');
                                continue;
                        }
                        assert_int_equal(r, a == '1' ? -EAGAIN : -EINVAL);
                        r = score_keys_take(&score_keys, keys[1]);
                        if (a == '1' && r >= 0)
                                assert_true((b == '0' && r == 10) ||
                                                ((b == '\r' || b == '\n') && r == 1));
                        else if (a != '1' && r >= 0)
                                assert_int_equal(r, (int) b - '0');
                }
}

/* The signals that end or stop a program end the question first, and then give the terminal back.
 */
static void test_signals_give_the_terminal_back(void **state)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
        Asked asked;

        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                begin(&asked, yes_or_no);
                assert_int_equal(kill(asked.pid, signals[i]), 0);
                assert_int_equal(end(&asked), 128 + signals[i]);
        }
}

static void test_a_terminal_that_closes_ends_the_question(void **state)
{
        Asked asked;

        begin(&asked, score);
        (void) close(asked.fd);
        asked.fd = -1;
        assert_int_equal(end(&asked), 128 + SIGHUP);
}

static void test_nobody_is_asked_without_a_terminal(void **state)
{
        int fds[2], status;
        pid_t pid;

        assert_int_equal(pipe(fds), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                (void) dup2(fds[0], STDIN_FILENO);
                be_asked(yes_or_no);
        }
        (void) close(fds[0]);
        (void) close(fds[1]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(WEXITSTATUS(status), NO_TERMINAL);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_key_is_an_answer),
                cmocka_unit_test(test_a_sequence_is_no_answer),
                cmocka_unit_test(test_what_was_typed_before_is_no_answer),
                cmocka_unit_test(test_keys_that_come_at_once_are_no_answer),
                cmocka_unit_test(test_a_score_is_what_was_typed),
                cmocka_unit_test(test_no_keys_make_another_score),
                cmocka_unit_test(test_signals_give_the_terminal_back),
                cmocka_unit_test(test_a_terminal_that_closes_ends_the_question),
                cmocka_unit_test(test_nobody_is_asked_without_a_terminal),
        };

        (void) setlocale(LC_CTYPE, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
