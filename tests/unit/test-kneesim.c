/* SPDX-License-Identifier: MIT */
/* The program's parts, with the test in the place of the kernel. */
#include "tests/unit/cmocka-all.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "common/macro.h"
#include "simulator/kneesim-control.h"
#include "simulator/kneesim-options.h"
#include "simulator/kneesim-vhci.h"

#define DEADLINE_MS 5000

typedef struct Fixture {
        char directory[32];
        char path[64];
        sd_event *event;
        Plug *plug;
        int kernel; /* the kernel's end of the stream */
        int gone;   /* 1: not called */
} Fixture;

static void on_gone(void *userdata, int r)
{
        ((Fixture *) userdata)->gone = r;
}

static int set_up(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));
        PlugOptions options = {
                .port = VHCI_ANY_PORT, .directory = f->directory, .gone = on_gone, .userdata = f
        };
        int fds[2];

        assert_non_null(f);
        *state = f;
        f->gone = 1;
        strcpy(f->directory, "/tmp/test-kneesim-XXXXXX");
        assert_non_null(mkdtemp(f->directory));
        (void) snprintf(f->path, sizeof(f->path), "%s/socket", f->directory);
        assert_int_equal(sd_event_new(&f->event), 0);
        assert_int_equal(plug_new(f->event, &options, &f->plug), 0);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        f->kernel = fds[1];
        assert_int_equal(plug_connect(f->plug, fds[0]), 0);
        return 0;
}

static int tear_down(void **state)
{
        Fixture *f = *state;

        f->plug = plug_free(f->plug);
        f->event = sd_event_unref(f->event);
        close(f->kernel);
        (void) unlink(f->path);
        assert_int_equal(rmdir(f->directory), 0);
        free(f);
        return 0;
}

static void send_words(Fixture *f, const uint32_t words[static 10], const uint8_t setup[static 8])
{
        uint8_t bytes[48];

        for (size_t i = 0; i < 40; i++)
                bytes[i] = (uint8_t) (words[i / 4] >> (24 - i % 4 * 8));
        memcpy(bytes + 40, setup, 8);
        assert_int_equal(send(f->kernel, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
}

/* Turns the loop until so many bytes are there for the kernel. */
static void expect_bytes(Fixture *f, uint8_t *bytes, size_t size)
{
        while (recv(f->kernel, bytes, size, MSG_PEEK | MSG_DONTWAIT) < (ssize_t) size)
                assert_true(sd_event_run(f->event, DEADLINE_MS * UINT64_C(1000)) > 0);
        assert_int_equal(recv(f->kernel, bytes, size, 0), size);
}

static uint32_t word_at(const uint8_t *bytes, size_t at)
{
        return (uint32_t) bytes[at] << 24 | (uint32_t) bytes[at + 1] << 16 |
               (uint32_t) bytes[at + 2] << 8 | bytes[at + 3];
}

static const uint8_t no_setup[8];
static const uint8_t configure[8] = { 0x00, 0x09, 0x01 };

static void configure_it(Fixture *f)
{
        uint8_t reply[48];

        send_words(f, (const uint32_t[10]){ 1, 1, 1, 0, 0, 0, 0 }, configure);
        expect_bytes(f, reply, sizeof(reply));
        assert_int_equal(word_at(reply, 20), 0);
}

static void test_the_kernel_is_answered(void **state)
{
        static const uint8_t get_device[8] = { 0x80, 0x06, 0x00, 0x01, 0x00, 0x00, 0x12, 0x00 };
        Fixture *f = *state;
        uint8_t reply[48 + 18];

        send_words(f, (const uint32_t[10]){ 1, 77, 1, 1, 0, 0, 18 }, get_device);
        expect_bytes(f, reply, sizeof(reply));
        assert_int_equal(word_at(reply, 0), 3);
        assert_int_equal(word_at(reply, 4), 77);
        assert_int_equal(word_at(reply, 24), 18);
        assert_memory_equal(reply + 48 + 8, "\x09\x12\x01\x00", 4);

        /* Two at once are answered one after the other. */
        send_words(f, (const uint32_t[10]){ 1, 78, 1, 1, 0, 0, 18 }, get_device);
        send_words(f, (const uint32_t[10]){ 2, 79, 1, 0, 0, 77 }, no_setup);
        expect_bytes(f, reply, sizeof(reply));
        assert_int_equal(word_at(reply, 4), 78);
        expect_bytes(f, reply, 48);
        assert_int_equal(word_at(reply, 4), 79);
        assert_int_equal(word_at(reply, 20), 0); /* too late */
}

static void test_unlinks_are_answered_and_unplugged_urbs_shut_down(void **state)
{
        Fixture *f = *state;
        uint8_t reply[48], byte;

        configure_it(f);
        for (uint32_t seqnum = 10; seqnum < 12; seqnum++)
                send_words(f, (const uint32_t[10]){ 1, seqnum, 1, 1, 1, 0, 64 }, no_setup);
        send_words(f, (const uint32_t[10]){ 2, 20, 1, 0, 0, 10 }, no_setup);
        expect_bytes(f, reply, sizeof(reply));
        assert_int_equal(word_at(reply, 0), 4);
        assert_int_equal(word_at(reply, 4), 20);
        assert_int_equal((int) word_at(reply, 20), -ECONNRESET);

        plug_detach(f->plug);
        expect_bytes(f, reply, sizeof(reply));
        assert_int_equal(word_at(reply, 4), 11);
        assert_int_equal((int) word_at(reply, 20), -ESHUTDOWN);
        assert_int_equal(recv(f->kernel, &byte, 1, MSG_DONTWAIT), 0);
        assert_true(plug_port(f->plug) < 0);
        assert_int_equal(f->gone, 1);
}

/* What the kernel had begun to say is over with the connection. */
static void test_a_new_connection_begins_anew(void **state)
{
        Fixture *f = *state;
        int fds[2];

        assert_int_equal(send(f->kernel, "half a header", 13, MSG_NOSIGNAL), 13);
        assert_true(sd_event_run(f->event, DEADLINE_MS * UINT64_C(1000)) > 0);
        plug_detach(f->plug);
        close(f->kernel);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        f->kernel = fds[1];
        assert_int_equal(plug_connect(f->plug, fds[0]), 0);
        configure_it(f);
}

static void test_the_kernels_leaving_is_told(void **state)
{
        Fixture *f = *state;

        assert_int_equal(shutdown(f->kernel, SHUT_RDWR), 0);
        while (f->gone == 1)
                assert_true(sd_event_run(f->event, DEADLINE_MS * UINT64_C(1000)) > 0);
        assert_int_equal(f->gone, -ENOTCONN);
        assert_true(plug_port(f->plug) < 0);
}

static void test_nonsense_from_the_kernel_ends_it(void **state)
{
        Fixture *f = *state;

        send_words(f, (const uint32_t[10]){ 9 }, no_setup);
        while (f->gone == 1)
                assert_true(sd_event_run(f->event, DEADLINE_MS * UINT64_C(1000)) > 0);
        assert_int_equal(f->gone, -EBADMSG);
}

/* A kernel that does not read: nothing piles up, and all of it comes when it reads again. */
static void test_a_slow_kernel_loses_nothing(void **state)
{
        static const uint8_t get_report_descriptor[8] = { 0x81, 0x06, 0x00, 0x22, 0, 0, 0, 0x10 };
        enum { N = 2000 };
        Fixture *f = *state;
        size_t size = 48 + kneed_report_descriptor_size;
        uint8_t *reply = malloc(size);
        uint32_t sent = 0;

        assert_non_null(reply);
        configure_it(f);
        for (uint32_t got = 0; got < N;) {
                struct pollfd writable = { .fd = f->kernel, .events = POLLOUT };

                for (; sent < N && poll(&writable, 1, 0) == 1; sent++)
                        send_words(f, (const uint32_t[10]){ 1, sent, 1, 1, 0, 0, 4096 },
                                        get_report_descriptor);
                while (sd_event_run(f->event, 0) > 0)
                        ;
                if (sent < N && poll(&writable, 1, 0) == 1)
                        continue;
                expect_bytes(f, reply, size);
                assert_int_equal(word_at(reply, 4), got++);
        }
        free(reply);
}

static void test_a_free_port_is_found(void **state)
{
        static const char status[] = "hub port sta spd dev      sockfd local_busid\n"
                                     "hs  0000 006 002 00010002 000003 1-1\n"
                                     "hs  0001 005 000 00000000 000000 0-0\n"
                                     "hs  0002 004 000 00000000 000000 0-0\n"
                                     "hs  0003 004 000 00000000 000000 0-0\n"
                                     "ss  0008 004 000 00000000 000000 0-0\n";

        assert_int_equal(vhci_find_port(status, VHCI_ANY_PORT), 2);
        assert_int_equal(vhci_find_port(status, 3), 3);
        assert_int_equal(vhci_find_port(status, 0), -EBUSY);
        assert_int_equal(vhci_find_port(status, 8), -ENOENT);
        assert_int_equal(vhci_find_port(status, 9), -ENOENT);
        assert_int_equal(vhci_find_port("", VHCI_ANY_PORT), -ENOENT);
        assert_int_equal(vhci_find_port("hs  0000 00", VHCI_ANY_PORT), -ENOENT);
        assert_int_equal(vhci_find_port("hs", 0), -ENOENT);
}

static void write_file(const char *directory, const char *name, const char *text)
{
        char path[128];
        FILE *file;

        (void) snprintf(path, sizeof(path), "%s/%s", directory, name);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

static void test_a_port_of_a_later_controller_is_attached(void **state)
{
        Fixture *f = *state;
        static const char *const names[] = { "status", "status.1", "attach" };
        char path[128], text[64] = "";
        unsigned port, sockfd, devid, speed;
        _cleanup_close_ int fd = -1;
        FILE *file;

        assert_int_equal(vhci_attach(f->directory, VHCI_ANY_PORT, &fd), -ENODEV);
        write_file(f->directory, "status", "hs  0000 006 002 00010002 000003 1-1\n");
        assert_int_equal(vhci_attach(f->directory, VHCI_ANY_PORT, &fd), -ENOENT);
        assert_int_equal(vhci_attach(f->directory, 0, &fd), -EBUSY);
        write_file(f->directory, "status.1", "hs  0016 004 000 00000000 000000 0-0\n");
        write_file(f->directory, "attach", "");
        assert_int_equal(vhci_attach(f->directory, VHCI_ANY_PORT, &fd), 16);

        (void) snprintf(path, sizeof(path), "%s/attach", f->directory);
        file = fopen(path, "re");
        assert_non_null(file);
        assert_non_null(fgets(text, sizeof(text), file));
        assert_int_equal(fclose(file), 0);
        assert_int_equal(sscanf(text, "%u %u %u %u", &port, &sockfd, &devid, &speed), 4);
        assert_int_equal(port, 16);
        assert_int_not_equal(devid, 0);
        assert_int_equal(speed, 2); /* full */
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s", f->directory, names[i]);
                assert_int_equal(unlink(path), 0);
        }
}

/* Says a line to the words themselves. */
static WordsResult say(Fixture *f, const char *text, char answer[static CONTROL_ANSWER_MAX])
{
        char line[WORDS_LINE_MAX];
        FILE *stream;
        WordsResult result;

        memset(answer, 0, CONTROL_ANSWER_MAX);
        stream = fmemopen(answer, CONTROL_ANSWER_MAX - 1, "w");
        assert_non_null(stream);
        (void) snprintf(line, sizeof(line), "%s", text);
        result = words_obey(f->plug, line, stream);
        assert_int_equal(fclose(stream), 0);
        return result;
}

static void test_words_do_what_they_say(void **state)
{
        Fixture *f = *state;
        char answer[CONTROL_ANSWER_MAX];
        UsbFunction *function = plug_device(f->plug)->function;

        assert_int_equal(say(f, "fault stuck-motor on", answer), WORDS_DONE);
        assert_int_equal(say(f, "fault  mute   on ", answer), WORDS_DONE);
        assert_int_equal(function->faults, SIM_FAULT_STUCK_MOTOR | SIM_FAULT_MUTE);
        assert_int_equal(say(f, "fault stuck-motor off", answer), WORDS_DONE);
        assert_int_equal(function->faults, SIM_FAULT_MUTE);
        assert_int_equal(say(f, "button press", answer), WORDS_DONE);
        assert_int_equal(say(f, "contact off", answer), WORDS_DONE);
        assert_int_equal(say(f, "status", answer), WORDS_DONE);
        assert_non_null(strstr(answer, "state latched\nfaults 4\ninjected mute\n"
                                       "button pressed\ncontact off\n"
                                       "motors 0 0 0 0 0 0 0 0 0 0 0 0\nheaters 3200 3200\n"));
        assert_int_equal(say(f, "help", answer), WORDS_DONE);
        assert_non_null(strstr(answer, "replayed-status"));
        assert_true(strlen(answer) < CONTROL_ANSWER_MAX - 100);
        assert_int_equal(say(f, "unplug", answer), WORDS_END);
        assert_true(plug_port(f->plug) < 0);
}

static void test_words_that_are_not_understood_are_refused(void **state)
{
        static const char *const lines[] = { "", "   ", "stop", "fault", "fault hang",
                "fault hang maybe", "fault hung on", "fault hang on on", "button push", "contact",
                "replug -1", "replug 3601", "replug 99999", "replug 1x", "replug x", "unplug now",
                "status all" };
        Fixture *f = *state;
        char answer[CONTROL_ANSWER_MAX];

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                assert_int_equal(say(f, lines[i], answer), WORDS_REFUSED);
                assert_true(strlen(answer) > 10);
                assert_null(strchr(answer, '\n'));
        }
        assert_int_equal(plug_device(f->plug)->function->faults, 0);
        assert_true(plug_device(f->plug)->is_connected);
}

static void test_words_that_mean_nothing_to_a_trance_vibrator_are_refused(void **state)
{
        static const char *const lines[] = { "fault mute on", "fault mute off", "button press",
                "contact off" };
        PlugOptions options = {
                .model = PLUG_TRANCE_VIBRATOR, .port = VHCI_ANY_PORT, .gone = on_gone
        };
        Fixture *f = *state, other = { .event = f->event };
        char answer[CONTROL_ANSWER_MAX];

        options.userdata = &other;
        assert_int_equal(plug_new(f->event, &options, &other.plug), 0);
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                assert_int_equal(say(&other, lines[i], answer), WORDS_REFUSED);
                assert_non_null(strstr(answer, "trance-vibrator"));
        }
        assert_int_equal(say(&other, "fault stuck-motor on", answer), WORDS_DONE);
        assert_int_equal(say(&other, "status", answer), WORDS_DONE);
        assert_string_equal(answer, "model trance-vibrator\nport none\nstate idle\nfaults 0\n"
                                    "injected stuck-motor\nmotors 0\nheaters\n");
        assert_null(plug_free(other.plug));
}

/* A client of the control socket in the same loop: what it sends, and all that comes back. */
static void converse(Fixture *f, const char *sent, size_t size, char *ret, size_t ret_size)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const struct sockaddr *any = (const void *) &address;
        size_t got = 0;
        ssize_t n;

        assert_true(fd >= 0);
        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
        assert_int_equal(connect(fd, any, sizeof(address)), 0);
        assert_int_equal(send(fd, sent, size, MSG_NOSIGNAL), size);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        for (;;) {
                n = recv(fd, ret + got, ret_size - 1 - got, MSG_DONTWAIT);
                if (n == 0 || (n < 0 && errno == ECONNRESET))
                        break;
                if (n > 0)
                        got += (size_t) n;
                else
                        assert_true(sd_event_run(f->event, DEADLINE_MS * UINT64_C(1000)) > 0);
        }
        ret[got] = '\0';
}

static void test_the_control_socket_answers_line_by_line(void **state)
{
        static const char two[] = "contact off\nfault no-such on\n";
        static const char zero[] = "contact on\0button press\n";
        char flood[2 * WORDS_LINE_MAX], answer[1024];
        Fixture *f = *state;
        ControlServer *server, *second;
        struct stat st;

        assert_int_equal(control_server_new(f->event, f->path, f->plug, &server), 0);
        assert_int_equal(stat(f->path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
        assert_int_equal(control_server_new(f->event, f->path, f->plug, &second), -EADDRINUSE);

        converse(f, two, strlen(two), answer, sizeof(answer));
        assert_string_equal(answer, "ok\nerror: There is no fault \"no-such\"; help lists them.\n");
        converse(f, zero, sizeof(zero) - 1, answer, sizeof(answer));
        assert_non_null(strstr(answer, "error: "));
        assert_false(plug_device(f->plug)->function->model.button);
        memset(flood, 'x', sizeof(flood));
        converse(f, flood, sizeof(flood), answer, sizeof(answer));
        assert_string_equal(answer, "error: A line is too long.\n");
        assert_null(control_server_free(server));
        assert_int_equal(access(f->path, F_OK), -1);
}

static void test_what_a_dead_kneesim_left_is_replaced(void **state)
{
        Fixture *f = *state;
        ControlServer *server, *second;
        char aside[80];

        /* A socket file without a listener: the name that a closed one had. */
        assert_int_equal(control_server_new(f->event, f->path, f->plug, &server), 0);
        (void) snprintf(aside, sizeof(aside), "%s2", f->path);
        assert_int_equal(link(f->path, aside), 0);
        assert_null(control_server_free(server));
        assert_int_equal(rename(aside, f->path), 0);
        assert_int_equal(control_server_new(f->event, f->path, f->plug, &second), 0);
        assert_null(control_server_free(second));

        write_file(f->directory, "socket", "somebody's file");
        assert_int_equal(control_server_new(f->event, f->path, f->plug, &second), -EADDRINUSE);
}

static int parse(KneesimOptions *ret, const char *const words[static 1])
{
        char error[KNEESIM_ERROR_SIZE] = "", text[10][64], *argv[11] = { NULL };
        int n = 0, r;

        for (; words[n]; n++) {
                (void) snprintf(text[n], sizeof(text[n]), "%s", words[n]);
                argv[n] = text[n];
        }
        r = kneesim_options_parse(n, argv, ret, error);
        if (r < 0)
                assert_true(strlen(error) > 10);
        return r;
}

static void test_the_command_line(void **state)
{
        static const char *const refused[][6] = {
                { "kneesim" },
                { "kneesim", "push" },
                { "kneesim", "plug", "it" },
                { "kneesim", "control", "socket" },
                { "kneesim", "plug", "--fault", "none" },
                { "kneesim", "plug", "--fault" },
                { "kneesim", "plug", "--port", "-1" },
                { "kneesim", "plug", "--port", "12345" },
                { "kneesim", "plug", "--port", "1a" },
                { "kneesim", "plug", "--serial", "" },
                { "kneesim", "plug", "--serial", "a b" },
                { "kneesim", "plug", "--serial", "\xc3\xa4" },
                { "kneesim", "plug", "--model", "dog" },
                { "kneesim", "plug", "--speed", "high" },
                { "kneesim", "plug", "--model=trance-vibrator", "--fault=mute" },
        };
        KneesimOptions options;

        for (size_t i = 0; i < ELEMENTSOF(refused); i++)
                assert_int_equal(parse(&options, refused[i]), -EINVAL);

        assert_int_equal(parse(&options, (const char *[]){ "kneesim", "plug", "--fault=mute",
                                                         "--port=7", "--fault", "hang", NULL }),
                        0);
        assert_int_equal(options.verb, KNEESIM_PLUG);
        assert_int_equal(options.plug.port, 7);
        assert_int_equal(options.plug.faults, SIM_FAULT_MUTE | SIM_FAULT_HANG);
        assert_int_equal(parse(&options, (const char *[]){ "kneesim", "control", "s", "fault",
                                                         "hang", "on", NULL }),
                        0);
        assert_string_equal(options.line, "fault hang on");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_the_kernel_is_answered, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_unlinks_are_answered_and_unplugged_urbs_shut_down, set_up,
                                tear_down),
                cmocka_unit_test_setup_teardown(
                                test_a_new_connection_begins_anew, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_the_kernels_leaving_is_told, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_nonsense_from_the_kernel_ends_it, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_a_slow_kernel_loses_nothing, set_up, tear_down),
                cmocka_unit_test(test_a_free_port_is_found),
                cmocka_unit_test_setup_teardown(
                                test_a_port_of_a_later_controller_is_attached, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_words_do_what_they_say, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_words_that_are_not_understood_are_refused, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_words_that_mean_nothing_to_a_trance_vibrator_are_refused,
                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_the_control_socket_answers_line_by_line, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_what_a_dead_kneesim_left_is_replaced, set_up, tear_down),
                cmocka_unit_test(test_the_command_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
