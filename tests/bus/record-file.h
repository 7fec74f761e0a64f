/* SPDX-License-Identifier: MIT */
#pragma once

/* Reads what simulator/record.h writes, while it is being written. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/profile.h"

typedef enum RecordKind {
        RECORD_STATE,
        RECORD_FRAME,
        RECORD_MOTOR,
        RECORD_HEAT,
} RecordKind;

typedef struct RecordLine {
        uint64_t ms;
        RecordKind kind;
        KneedState state; /* of a state */
        unsigned faults;
        unsigned sequence; /* of a frame */
        unsigned n;        /* of the rest */
        uint16_t level[KNEED_ACTUATORS_MAX];
} RecordLine;

typedef struct RecordFile {
        int fd;
        int watch;
        size_t n;
        size_t room;
        RecordLine *lines;
        size_t n_torn; /* bytes of a line that is not whole yet */
        char torn[1024];
        /* What holds after the last line. */
        KneedState state;
        unsigned frame_peak;
        unsigned motor_peak;
        uint64_t rest_ms; /* since when everything is still; 0: it is not */
} RecordFile;

/* Creates the file, so that it can be watched before anybody writes. */
void record_file_open(RecordFile *record, const char *path);
void record_file_close(RecordFile *record);

/* Takes in what was written meanwhile. */
void record_file_read(RecordFile *record);

unsigned record_line_peak(const RecordLine *line);

typedef bool (*RecordFits)(const RecordLine *line);

/* Returns the index of the first line from `from` that fits; waits for it, and fails the test when
 * none comes. */
size_t record_file_await(RecordFile *record, size_t from, RecordFits fits);

/* The same of a frame with at least that level. */
size_t record_file_await_level(RecordFile *record, size_t from, unsigned permille);

/* The fits that tests ask for. */
bool record_is_moving(const RecordLine *line); /* a motor does */
bool record_is_armed(const RecordLine *line);
bool record_is_idle(const RecordLine *line);
bool record_is_zero_frame(const RecordLine *line);
bool record_is_frame(const RecordLine *line);

/* Waits for so many more frames. Returns the index after the last of them. */
size_t record_file_await_frames(RecordFile *record, unsigned n);

/* Waits until the massager is idle and nothing moves or is told to. Returns since when. */
uint64_t record_file_await_rest(RecordFile *record);

/* Fails the test unless frames from..to-1 follow each other without a hole, and never more than
 * gap_ms apart. Returns how many they are. */
size_t record_file_check_frames(const RecordFile *record, size_t from, size_t to, unsigned gap_ms);
