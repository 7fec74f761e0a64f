/* SPDX-License-Identifier: MIT */
#pragma once

/* A stage for the real programs: a directory, a bus of their own, kneed with a massager in software
 * on it, and kneectl. Nothing of the machine is touched, and what a test starts ends with it, also
 * when it fails or dies.
 *
 * All that waits here waits for an event, and fails the test when it has not come in
 * DEADLINE_MS: so late that only what never comes is late. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bus/client.h"
#include "tests/bus/record-file.h"

#define DEADLINE_MS        20000u
#define STAGE_CHILDREN_MAX 16u
#define STAGE_CLIENTS_MAX  64u
#define STAGE_PATH_SIZE    128u

uint64_t deadline_from_now(void);
int deadline_left_ms(uint64_t deadline_ms); /* for poll() */

typedef struct Child {
        pid_t pid; /* 0: it is over */
        int fd;    /* readable when it is over */
} Child;

typedef struct Stage {
        char dir[64];
        char address[STAGE_PATH_SIZE]; /* of the bus */
        char record_path[STAGE_PATH_SIZE];
        RecordFile record;
        Child *bus;
        Child *kneed; /* NULL: there is none, or the test has seen to its end */
        size_t n_children;
        Child children[STAGE_CHILDREN_MAX];
        size_t n_clients;
        Client *clients[STAGE_CLIENTS_MAX];
} Stage;

/* For cmocka: the state is the Stage. The clean-up fails where kneed does not end well. */
int stage_open(void **state); /* the bus alone */
int stage_open_with_kneed(void **state);
int stage_close(void **state);

/* Starts kneed, waits until it has its name, and answers the screening as a healthy person would.
 * What was done and felt is kept below the directory, from one start to the next. */
void stage_start_kneed(Stage *stage);
void stage_start_kneed_unscreened(Stage *stage);
void stage_start_kneed_without_massager(Stage *stage);

/* Takes it for the stage's kneed, and waits until it has its name. */
void stage_await_kneed(Stage *stage, Child *kneed);

/* Ends kneed by a signal. Returns how it ended, as a shell says it. */
int stage_end_kneed(Stage *stage, int signal);

/* Writes a file below the directory. kneed reads its config in "etc", and its log is "kneed.log".
 */
void stage_write(const Stage *stage, const char *name, const char *text);

/* Reads one; at most size - 1 bytes. */
void stage_read(const Stage *stage, const char *name, char *buffer, size_t size);

/* For who has to find out why a test fails: what kneed said. */
void stage_print_log(const Stage *stage);

/* Starts a program of which the stage takes care. A descriptor below 0 is /dev/null; what it is
 * given is closed here. With a terminal, all three are that. */
typedef struct ChildFiles {
        int in;
        int out;
        int err;
        bool is_terminal;
} ChildFiles;
Child *stage_spawn(Stage *stage, const char *const argv[], ChildFiles files);

/* Starts a child of this program that does that, and never returns. */
typedef void (*Deed)(const Stage *stage, unsigned how);
Child *stage_fork(Stage *stage, Deed deed, unsigned how);

/* One more kneed, with its log in the file of that name. record_path NULL: without a massager. */
Child *stage_spawn_kneed(Stage *stage, const char *record_path, const char *log);

/* Waits for the end. Returns the exit status, or 128 and the number of the signal. */
int child_await(Child *child);

/* Waits that long for what takes long; child_await() comes after it. */
void child_await_longer(const Child *child, unsigned ms);
void child_signal(const Child *child, int signal);

/* A connection to the bus. */
Client *stage_client(Stage *stage);
