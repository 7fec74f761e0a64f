/* SPDX-License-Identifier: MIT */
#include "simulator/kneesim-control.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "common/macro.h"
#include "simulator/kneesim-words.h"

#define ANSWER_WAIT_S 5

typedef struct Client {
        ControlServer *server;
        sd_event_source *io;
        int fd;
        size_t size;
        char line[WORDS_LINE_MAX];
} Client;

struct ControlServer {
        sd_event *event;
        sd_event_source *io;
        Plug *plug;
        int fd;
        struct sockaddr_un address;
        Client *clients[CONTROL_CLIENTS_MAX];
};

static Client *client_free(Client *c)
{
        if (!c)
                return NULL;
        sd_event_source_disable_unref(c->io);
        close(c->fd);
        free(c);
        return NULL;
}

static void drop(Client *c)
{
        ControlServer *server = c->server;

        for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
                if (server->clients[i] == c)
                        server->clients[i] = client_free(c);
}

static bool is_plain(const char *text)
{
        for (; *text != '\0'; text++)
                if (*text < ' ' || *text > '~')
                        return false;
        return true;
}

/* An answer fits into the buffer of a socket; a client that does not read is dropped. */
static int send_all(int fd, const char *text)
{
        size_t size = strlen(text);
        ssize_t n = send(fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0)
                return -errno;
        return (size_t) n < size ? -ENOBUFS : 0;
}

static int answer_line(Client *c, char *line)
{
        char answer[CONTROL_ANSWER_MAX], whole[CONTROL_ANSWER_MAX + 16];
        WordsResult result = WORDS_REFUSED;
        FILE *stream;
        int r;

        /* One byte is kept for the end, which fmemopen() writes only where there is room. */
        memset(answer, 0, sizeof(answer));
        stream = fmemopen(answer, sizeof(answer) - 1, "w");
        if (!stream)
                return -errno;
        if (is_plain(line))
                result = words_obey(c->server->plug, line, stream);
        else
                (void) fputs("Only printable ASCII is understood.", stream);
        if (fclose(stream) == EOF)
                return -errno;

        if (result == WORDS_REFUSED)
                (void) snprintf(whole, sizeof(whole), "error: %s\n", answer);
        else
                (void) snprintf(whole, sizeof(whole), "%sok\n", answer);
        r = send_all(c->fd, whole);
        if (result == WORDS_END)
                return sd_event_exit(c->server->event, 0);
        return r;
}

static int answer_lines(Client *c)
{
        char *end;

        while ((end = memchr(c->line, '\n', c->size))) {
                size_t size = (size_t) (end - c->line) + 1;
                int r;

                *end = '\0';
                /* A zero byte inside would hide what follows it. */
                if (strlen(c->line) + 1 < size)
                        c->line[0] = '\t';
                r = answer_line(c, c->line);
                if (r < 0)
                        return r;
                c->size -= size;
                memmove(c->line, c->line + size, c->size);
        }
        return c->size < sizeof(c->line) ? 0 : send_all(c->fd, "error: A line is too long.\n");
}

static int on_client(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Client *c = userdata;
        ssize_t n;

        n = recv(fd, c->line + c->size, sizeof(c->line) - c->size, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n > 0)
                c->size += (size_t) n;
        if (n <= 0 || answer_lines(c) < 0 || c->size == sizeof(c->line))
                drop(c);
        return 0;
}

static Client **find_place(ControlServer *server)
{
        for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
                if (!server->clients[i])
                        return &server->clients[i];
        return NULL;
}

static int on_server(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        ControlServer *server = userdata;
        Client **place = find_place(server);
        Client *c;
        int client_fd;

        client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client_fd < 0)
                return 0;
        c = place ? calloc(1, sizeof(*c)) : NULL;
        if (!c) {
                (void) send_all(client_fd, "error: Too many are connected; try again.\n");
                close(client_fd);
                return 0;
        }
        c->server = server;
        c->fd = client_fd;
        if (sd_event_add_io(server->event, &c->io, client_fd, EPOLLIN, on_client, c) < 0)
                client_free(c);
        else
                *place = c;
        return 0;
}

static int set_address(const char *path, struct sockaddr_un *ret)
{
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        if (strlen(path) == 0 || strlen(path) >= sizeof(ret->sun_path))
                return -ENAMETOOLONG;
        memcpy(ret->sun_path, path, strlen(path));
        return 0;
}

/* Returns the socket or a negative errno; not connected yet. */
static int new_socket(void)
{
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : fd;
}

static int connect_to(int fd, const struct sockaddr_un *address)
{
        return connect(fd, (const struct sockaddr *) address, sizeof(*address)) < 0 ? -errno : 0;
}

static int bind_to(int fd, const struct sockaddr_un *address)
{
        return bind(fd, (const struct sockaddr *) address, sizeof(*address)) < 0 ? -errno : 0;
}

/* What is left of a kneesim that did not end by itself. */
static bool is_forsaken(const struct sockaddr_un *address)
{
        _cleanup_close_ int fd = new_socket();
        struct stat st;

        if (fd < 0 || lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
                return false;
        return connect_to(fd, address) == -ECONNREFUSED;
}

static int bind_and_listen(int fd, const struct sockaddr_un *address)
{
        mode_t mask = umask(S_IRWXG | S_IRWXO);
        int r;

        r = bind_to(fd, address);
        if (r == -EADDRINUSE && is_forsaken(address) && unlink(address->sun_path) == 0)
                r = bind_to(fd, address);
        (void) umask(mask);
        if (r < 0)
                return r;
        if (listen(fd, CONTROL_CLIENTS_MAX) < 0) {
                r = -errno;
                (void) unlink(address->sun_path);
        }
        return r;
}

static int listen_at(const struct sockaddr_un *address)
{
        int fd = new_socket(), r;

        if (fd < 0)
                return fd;
        r = bind_and_listen(fd, address);
        if (r < 0) {
                close(fd);
                return r;
        }
        return fd;
}

ControlServer *control_server_free(ControlServer *server)
{
        if (!server)
                return NULL;
        for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
                client_free(server->clients[i]);
        sd_event_source_disable_unref(server->io);
        if (server->fd >= 0) {
                close(server->fd);
                (void) unlink(server->address.sun_path);
        }
        free(server);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(ControlServer *, control_server_free)

int control_server_new(sd_event *event, const char *path, Plug *plug, ControlServer **ret)
{
        _cleanup_(control_server_freep) ControlServer *server = NULL;
        int r;

        server = calloc(1, sizeof(*server));
        if (!server)
                return -ENOMEM;
        server->fd = -1;
        server->event = event;
        server->plug = plug;
        r = set_address(path, &server->address);
        if (r < 0)
                return r;
        r = listen_at(&server->address);
        if (r < 0)
                return r;
        server->fd = r;
        r = sd_event_add_io(event, &server->io, server->fd, EPOLLIN, on_server, server);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(server);
        return 0;
}

/* Cuts off the last line, which says how it went. */
static int judge(char *answer)
{
        static const char error[] = "error: ";
        size_t size = strlen(answer);
        char *last;

        if (size == 0 || answer[size - 1] != '\n')
                return -EAGAIN;
        answer[size - 1] = '\0';
        last = strrchr(answer, '\n');
        last = last ? last + 1 : answer;
        if (streq(last, "ok")) {
                *last = '\0';
                return 0;
        }
        if (strncmp(last, error, strlen(error)) == 0) {
                memmove(answer, last + strlen(error), strlen(last + strlen(error)) + 1);
                return -EREMOTEIO;
        }
        answer[size - 1] = '\n';
        return -EAGAIN;
}

static int receive_answer(int fd, char answer[static CONTROL_ANSWER_MAX])
{
        size_t size = 0;
        ssize_t n;
        int r;

        while (size < CONTROL_ANSWER_MAX - 1) {
                n = recv(fd, answer + size, CONTROL_ANSWER_MAX - 1 - size, 0);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                if (n == 0)
                        return -ECONNRESET;
                size += (size_t) n;
                answer[size] = '\0';
                r = judge(answer);
                if (r != -EAGAIN)
                        return r;
        }
        return -EMSGSIZE;
}

int control_say(const char *path, const char *line, char answer[static CONTROL_ANSWER_MAX])
{
        const struct timeval wait = { .tv_sec = ANSWER_WAIT_S };
        _cleanup_close_ int fd = -1;
        struct sockaddr_un address;
        char text[WORDS_LINE_MAX];
        int r;

        answer[0] = '\0';
        if (strlen(line) + 2 > sizeof(text))
                return -E2BIG;
        r = set_address(path, &address);
        if (r < 0)
                return r;
        fd = new_socket();
        if (fd < 0)
                return fd;
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0)
                return -errno;
        r = connect_to(fd, &address);
        if (r < 0)
                return r;
        (void) snprintf(text, sizeof(text), "%s\n", line);
        r = send_all(fd, text);
        if (r < 0)
                return r;
        return receive_answer(fd, answer);
}
