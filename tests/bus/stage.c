/* SPDX-License-Identifier: MIT */
#include "tests/bus/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/unit/cmocka-all.h"

#define SIGNALLED   128
#define NOT_STARTED 127

static Stage the_stage;

uint64_t deadline_from_now(void)
{
        return clock_now_ms() + DEADLINE_MS;
}

int deadline_left_ms(uint64_t deadline_ms)
{
        uint64_t now_ms = clock_now_ms();

        return now_ms < deadline_ms ? (int) (deadline_ms - now_ms) : 0;
}

static void path_in(const Stage *stage, const char *name, char ret[static STAGE_PATH_SIZE])
{
        (void) snprintf(ret, STAGE_PATH_SIZE, "%.60s/%.60s", stage->dir, name);
}

static int open_in(const Stage *stage, const char *name, int flags)
{
        char path[STAGE_PATH_SIZE];
        int fd;

        path_in(stage, name, path);
        fd = open(path, flags | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        return fd;
}

void stage_write(const Stage *stage, const char *name, const char *text)
{
        _cleanup_close_ int fd = open_in(stage, name, O_WRONLY | O_CREAT | O_TRUNC);

        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

void stage_read(const Stage *stage, const char *name, char *buffer, size_t size)
{
        _cleanup_close_ int fd = open_in(stage, name, O_RDONLY);
        ssize_t n;

        n = read(fd, buffer, size - 1);
        assert_true(n >= 0);
        buffer[n] = '\0';
}

/* What a child sees of the world: nobody's home, and no bus but ours. */
static int set_scene(const Stage *stage)
{
        static const char *const taken[] = { "HOME", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR",
                "XDG_RUNTIME_DIR", "NOTIFY_SOCKET", "WATCHDOG_USEC", "TMUX" };

        for (size_t i = 0; i < ELEMENTSOF(taken); i++)
                if (unsetenv(taken[i]) < 0)
                        return -errno;
        if (setenv("DBUS_SESSION_BUS_ADDRESS", stage->address, 1) < 0 ||
                        setenv("DBUS_SYSTEM_BUS_ADDRESS", stage->address, 1) < 0 ||
                        setenv("TERM", "xterm-256color", 1) < 0 ||
                        setenv("LC_ALL", "C.UTF-8", 1) < 0)
                return -errno;
        return 0;
}

/* Nothing outlives the test, however it ends; and the test may be gone already. */
static void leave_with(pid_t parent)
{
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || setsid() < 0)
                _exit(NOT_STARTED);
}

static _Noreturn void become(const Stage *stage, const char *const argv[], const ChildFiles *files)
{
        if (dup2(files->in, STDIN_FILENO) < 0 || dup2(files->out, STDOUT_FILENO) < 0 ||
                        dup2(files->err, STDERR_FILENO) < 0)
                _exit(NOT_STARTED);
        if (files->is_terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
                _exit(NOT_STARTED);
        if (set_scene(stage) < 0)
                _exit(NOT_STARTED);

        /* exec() only reads them; its type is older than const was usual. */
        /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
        (void) execvp(argv[0], (char **) (uintptr_t) argv);
        _exit(NOT_STARTED);
}

/* Returns NULL in the child. */
static Child *split(Stage *stage)
{
        pid_t parent = getpid();
        Child *child;

        assert_true(stage->n_children < STAGE_CHILDREN_MAX);
        child = &stage->children[stage->n_children];
        child->pid = fork();
        assert_true(child->pid >= 0);
        if (child->pid == 0) {
                leave_with(parent);
                return NULL;
        }

        stage->n_children++;
        child->fd = pidfd_open(child->pid, 0);
        assert_true(child->fd >= 0);
        return child;
}

static int or_null(int fd)
{
        return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : open("/dev/null", O_RDWR | O_CLOEXEC);
}

Child *stage_spawn(Stage *stage, const char *const argv[], ChildFiles files)
{
        int given[] = { files.in, files.out, files.err };
        ChildFiles own = { or_null(files.in), or_null(files.out), or_null(files.err),
                files.is_terminal };
        Child *child = split(stage);

        if (!child)
                become(stage, argv, &own);

        (void) close(own.in);
        (void) close(own.out);
        (void) close(own.err);
        for (size_t i = 0; i < ELEMENTSOF(given); i++)
                if (given[i] >= 0 && (i == 0 || given[i] != given[i - 1]))
                        (void) close(given[i]);
        return child;
}

Child *stage_fork(Stage *stage, Deed deed, unsigned how)
{
        Child *child = split(stage);

        if (child)
                return child;
        deed(stage, how);
        _exit(EXIT_FAILURE);
}

void child_signal(const Child *child, int signal)
{
        assert_true(child->pid > 0);
        assert_int_equal(kill(child->pid, signal), 0);
}

static int reap(Child *child)
{
        int status;

        while (waitpid(child->pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        (void) close(child->fd);
        *child = (Child){ .fd = -1 };
        return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool is_over(const Child *child, uint64_t deadline_ms)
{
        struct pollfd fd = { .fd = child->fd, .events = POLLIN };
        int r;

        do
                r = poll(&fd, 1, deadline_left_ms(deadline_ms));
        while (r < 0 && errno == EINTR);

        return r > 0;
}

int child_await(Child *child)
{
        assert_true(child->pid > 0);
        if (!is_over(child, deadline_from_now()))
                fail_msg("A child does not end");
        return reap(child);
}

void child_await_longer(const Child *child, unsigned ms)
{
        assert_true(child->pid > 0);
        (void) is_over(child, clock_now_ms() + ms);
}

Client *stage_client(Stage *stage)
{
        assert_true(stage->n_clients < STAGE_CLIENTS_MAX);
        return stage->clients[stage->n_clients++] = client_new(stage->address);
}

/* Returns when the bus listens: it says its address then. */
static void start_bus(Stage *stage)
{
        static const char format
                        [] = "<!DOCTYPE busconfig PUBLIC\n"
                             " \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
                             " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                             "<busconfig>\n"
                             "  <type>session</type>\n"
                             "  <listen>unix:path=%s/bus</listen>\n"
                             "  <auth>EXTERNAL</auth>\n"
                             "  <policy context=\"default\">\n"
                             "    <allow send_destination=\"*\"/>\n"
                             "    <allow receive_sender=\"*\"/>\n"
                             "    <allow own=\"*\"/>\n"
                             "    <allow user=\"*\"/>\n"
                             "  </policy>\n"
                             "  <limit name=\"max_replies_per_connection\">1000000</limit>\n"
                             "</busconfig>\n";
        char text[1024], config[STAGE_PATH_SIZE];
        const char *const argv[] = { "dbus-daemon", "--config-file", config, "--nofork",
                "--print-address=1", NULL };
        int ends[2], log;
        ssize_t n;

        (void) snprintf(text, sizeof(text), format, stage->dir);
        stage_write(stage, "bus.conf", text);
        path_in(stage, "bus.conf", config);

        log = open_in(stage, "bus.log", O_WRONLY | O_CREAT);
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        stage->bus = stage_spawn(stage, argv, (ChildFiles){ .in = -1, .out = ends[1], .err = log });
        n = read(ends[0], text, sizeof(text));
        (void) close(ends[0]);
        if (n <= 0)
                stage_read(stage, "bus.log", text, sizeof(text));
        if (n <= 0)
                fail_msg("The private bus does not start: %s", text);
        (void) snprintf(stage->address, sizeof(stage->address), "unix:path=%.60s/bus", stage->dir);
}

Child *stage_spawn_kneed(Stage *stage, const char *record_path, const char *log)
{
        char etc[STAGE_PATH_SIZE], state[STAGE_PATH_SIZE];
        const char *const argv[] = { KNEED_PROGRAM, "--user", "--data-dir", KNEED_DATA,
                "--config-dir", etc, "--state-dir", state, record_path ? "--virtual-record" : NULL,
                record_path, NULL };
        int fd = open_in(stage, log, O_WRONLY | O_CREAT | O_APPEND);

        path_in(stage, "etc", etc);
        path_in(stage, "state", state);
        return stage_spawn(stage, argv, (ChildFiles){ .in = -1, .out = -1, .err = fd });
}

void stage_print_log(const Stage *stage)
{
        char text[8192];

        stage_read(stage, "kneed.log", text, sizeof(text));
        print_error("kneed says:\n%s\n", text);
}

/* Fails the test where kneed ends before anything is heard. */
static void await_word_or_end(Stage *stage, Client *client)
{
        struct pollfd fds[] = { { .fd = sd_bus_get_fd(client->bus), .events = POLLIN },
                { .fd = stage->kneed->fd, .events = POLLIN } };

        (void) poll(fds, ELEMENTSOF(fds), DEADLINE_MS);
        if (fds[1].revents == 0 && fds[0].revents != 0)
                return;
        stage_print_log(stage);
        fail_msg("kneed does not take its name");
}

void stage_await_kneed(Stage *stage, Child *kneed)
{
        Client *client = stage_client(stage);

        client_listen(client);
        stage->kneed = kneed;
        while (!client_has_owner(client, KNEED_NAME))
                await_word_or_end(stage, client);
}

void stage_start_kneed_unscreened(Stage *stage)
{
        stage_await_kneed(stage, stage_spawn_kneed(stage, stage->record_path, "kneed.log"));
}

void stage_start_kneed(Stage *stage)
{
        stage_start_kneed_unscreened(stage);
        client_await_ledger(stage->clients[stage->n_clients - 1]);
        client_screen(stage->clients[stage->n_clients - 1]);
}

void stage_start_kneed_without_massager(Stage *stage)
{
        stage_await_kneed(stage, stage_spawn_kneed(stage, NULL, "kneed.log"));
}

int stage_end_kneed(Stage *stage, int signal)
{
        Child *kneed = stage->kneed;

        child_signal(kneed, signal);
        stage->kneed = NULL;
        return child_await(kneed);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static void wipe(void)
{
        Stage *stage = &the_stage;

        for (size_t i = 0; i < stage->n_clients; i++)
                client_free(stage->clients[i]);
        for (size_t i = 0; i < stage->n_children; i++) {
                if (stage->children[i].pid == 0)
                        continue;
                (void) kill(stage->children[i].pid, SIGKILL);
                (void) reap(&stage->children[i]);
        }
        if (stage->dir[0] != '\0') {
                record_file_close(&stage->record);
                (void) nftw(stage->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        }
        *stage = (Stage){ .record = { .fd = -1, .watch = -1 } };
}

int stage_open(void **state)
{
        static bool is_registered;
        Stage *stage = &the_stage;
        char path[STAGE_PATH_SIZE];

        /* cmocka does not clean up after a set-up that failed. */
        if (!is_registered)
                assert_int_equal(atexit(wipe), 0);
        is_registered = true;
        wipe();

        (void) snprintf(stage->dir, sizeof(stage->dir), "/tmp/kneed-bus-XXXXXX");
        assert_non_null(mkdtemp(stage->dir));
        path_in(stage, "etc", path);
        assert_int_equal(mkdir(path, 0700), 0);
        path_in(stage, "etc/routines.d", path);
        assert_int_equal(mkdir(path, 0700), 0);
        path_in(stage, "record", stage->record_path);
        record_file_open(&stage->record, stage->record_path);
        start_bus(stage);
        *state = stage;
        return 0;
}

int stage_open_with_kneed(void **state)
{
        (void) stage_open(state);
        stage_start_kneed(*state);
        return 0;
}

int stage_close(void **state)
{
        Stage *stage = *state;
        int r = 0;

        /* Under the sanitizers a leak shows in the exit status. */
        if (stage->kneed) {
                (void) kill(stage->kneed->pid, SIGTERM);
                r = is_over(stage->kneed, deadline_from_now()) ? reap(stage->kneed) : -ETIMEDOUT;
        }
        if (r != 0) {
                print_error("kneed ended with %i\n", r);
                stage_print_log(stage);
        }

        wipe();
        return r == 0 ? 0 : -1;
}
