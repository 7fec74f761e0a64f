/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define ROWS_USUAL    24u
#define COLUMNS_USUAL 80u
#define WAITING_MAX   65536u
#define FAREWELL_MS   200

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define CLEAR       "\033[H\033[2J"

/* A pipe or terminal is opened anew, because O_NONBLOCK on the inherited one would change it for
 * everybody who shares it, the shell among them. */
static int open_output(bool *ret_own)
{
        struct stat st;
        int fd = -1;

        if (isatty(STDOUT_FILENO) || (fstat(STDOUT_FILENO, &st) >= 0 && S_ISFIFO(st.st_mode)))
                fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        *ret_own = fd >= 0;
        return fd >= 0 ? fd : STDOUT_FILENO;
}

void terminal_open(Terminal *ret)
{
        const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
        const bool capable = term && term[0] && !streq(term, "dumb");
        /* In the background the terminal belongs to somebody else. */
        const bool foreground = tcgetpgrp(STDOUT_FILENO) == getpgrp();

        *ret = (Terminal){ .charset = text_charset() };
        ret->picture = isatty(STDOUT_FILENO) && capable && foreground;
        ret->input = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
        ret->colours = ret->picture && !(no_colour && no_colour[0]) ? COLOURS_256 : COLOURS_NONE;
        ret->out_fd = open_output(&ret->out_own);
}

void terminal_close(Terminal *t)
{
        if (t->drawn_rows > 0)
                terminal_write(t, SHOW_CURSOR, strlen(SHOW_CURSOR), TERMINAL_KEEP);
        if (t->n_waiting > 0) {
                struct pollfd pollfd = { .fd = t->out_fd, .events = POLLOUT };

                (void) poll(&pollfd, 1, FAREWELL_MS);
                terminal_write(t, "", 0, TERMINAL_KEEP);
        }
        terminal_give_keys(t);
        if (t->out_own)
                close(t->out_fd);
        free(t->waiting);
        *t = (Terminal){};
}

int terminal_take_keys(Terminal *t)
{
        struct termios raw;

        if (tcgetattr(STDIN_FILENO, &t->before) < 0)
                return -errno;
        raw = t->before;
        /* Ctrl-C is read as a key, so that it does not kill the ssh of a remote bus, and with it
         * the word to stop. Ctrl-S is none, so that nobody holds up the picture by mistake. */
        raw.c_lflag &= ~(tcflag_t) (ICANON | ECHO | ISIG | IEXTEN);
        raw.c_iflag &= ~(tcflag_t) IXON;
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
                return -errno;
        t->keys = true;
        return 0;
}

void terminal_give_keys(Terminal *t)
{
        if (t->keys)
                (void) tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
        t->keys = false;
}

void terminal_size(unsigned *ret_rows, unsigned *ret_columns)
{
        struct winsize size = {};

        (void) ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
        *ret_rows = size.ws_row > 0 ? size.ws_row : ROWS_USUAL;
        *ret_columns = size.ws_col > 0 ? size.ws_col : COLUMNS_USUAL;
}

static size_t write_some(int fd, const char *text, size_t size)
{
        ssize_t n;

        do
                n = write(fd, text, size);
        while (n < 0 && errno == EINTR);
        return n < 0 ? 0 : (size_t) n;
}

/* Keeps what was not taken, for the next write. */
static void keep(Terminal *t, const char *text, size_t size)
{
        char *larger;

        if (size == 0 || t->n_waiting + size > WAITING_MAX)
                return;
        larger = realloc(t->waiting, t->n_waiting + size);
        if (!larger)
                return;
        memcpy(larger + t->n_waiting, text, size);
        t->waiting = larger;
        t->n_waiting += size;
}

void terminal_write(Terminal *t, const char *text, size_t size, TerminalLoss loss)
{
        size_t done;

        if (t->n_waiting > 0) {
                done = write_some(t->out_fd, t->waiting, t->n_waiting);
                memmove(t->waiting, t->waiting + done, t->n_waiting - done);
                t->n_waiting -= done;
        }
        if (t->n_waiting > 0) {
                if (loss == TERMINAL_KEEP)
                        keep(t, text, size);
                return;
        }
        done = write_some(t->out_fd, text, size);
        /* Half a picture or line would spoil what comes after it, so the rest always follows. */
        if (done > 0 || loss == TERMINAL_KEEP)
                keep(t, text + done, size - done);
}

void terminal_draw(Terminal *t, const Canvas *canvas)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f;

        /* A picture that waits is the better one to show next, and cursors would go astray. */
        if (t->n_waiting > 0) {
                terminal_write(t, "", 0, TERMINAL_MAY_LOSE);
                return;
        }
        f = open_memstream(&text, &size);
        if (!f)
                return;
        (void) fputs(HIDE_CURSOR "\r", f);
        if (t->drawn_rows > 0)
                (void) fprintf(f, "\033[%uA", t->drawn_rows);
        canvas_write(canvas, t->colours, "\033[K\r\n", f);
        (void) fputs("\033[J", f);
        (void) fclose(f);
        terminal_write(t, text, size, TERMINAL_KEEP);
        t->drawn_rows = canvas->rows;
}

void terminal_forget(Terminal *t)
{
        if (t->drawn_rows > 0)
                terminal_write(t, CLEAR, strlen(CLEAR), TERMINAL_KEEP);
        t->drawn_rows = 0;
}
