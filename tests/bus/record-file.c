/* SPDX-License-Identifier: MIT */
#include "tests/bus/record-file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "common/macro.h"
#include "tests/bus/stage.h"
#include "tests/unit/cmocka-all.h"

unsigned record_line_peak(const RecordLine *line)
{
        unsigned peak = 0;

        for (unsigned i = 0; i < line->n; i++)
                peak = MAX(peak, (unsigned) line->level[i]);

        return peak;
}

static unsigned take_number(char **words, int base)
{
        char *word = strsep(words, " "), *end;
        unsigned long n;

        assert_non_null(word);
        n = strtoul(word, &end, base);
        assert_true(end > word && *end == '\0' && n <= UINT32_MAX);
        return (unsigned) n;
}

static KneedState take_state(char **words)
{
        static const char *const names[_KNEED_STATE_MAX] = {
                [KNEED_STATE_IDLE] = "idle",
                [KNEED_STATE_ARMED] = "armed",
                [KNEED_STATE_LATCHED] = "latched",
        };
        const char *word = strsep(words, " ");

        assert_non_null(word);
        for (KneedState state = 0; state < _KNEED_STATE_MAX; state++)
                if (names[state] && streq(word, names[state]))
                        return state;

        fail_msg("The record has a state \"%s\"", word);
        return KNEED_STATE_IDLE;
}

static RecordKind take_kind(char **words)
{
        static const char *const names[] = {
                [RECORD_STATE] = "state",
                [RECORD_FRAME] = "frame",
                [RECORD_MOTOR] = "motor",
                [RECORD_HEAT] = "heat",
        };
        const char *word = strsep(words, " ");

        assert_non_null(word);
        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (streq(word, names[i]))
                        return (RecordKind) i;

        fail_msg("The record has a line \"%s\"", word);
        return RECORD_STATE;
}

static void follow(RecordFile *record, const RecordLine *line)
{
        bool still;

        switch (line->kind) {
        case RECORD_STATE:
                record->state = line->state;
                break;
        case RECORD_FRAME:
                record->frame_peak = record_line_peak(line);
                break;
        case RECORD_MOTOR:
                record->motor_peak = record_line_peak(line);
                break;
        case RECORD_HEAT:
                break;
        }

        still = record->state == KNEED_STATE_IDLE && record->frame_peak == 0 &&
                record->motor_peak == 0;
        if (!still)
                record->rest_ms = 0;
        else if (record->rest_ms == 0)
                record->rest_ms = line->ms;
}

static void add_line(RecordFile *record, char *words)
{
        RecordLine line = { 0 };
        char *end;

        line.ms = strtoull(words, &end, 10);
        assert_int_equal(*end, ' ');
        words = end + 1;
        line.kind = take_kind(&words);
        if (line.kind == RECORD_STATE) {
                line.state = take_state(&words);
                line.faults = take_number(&words, 16);
        }
        if (line.kind == RECORD_FRAME)
                line.sequence = take_number(&words, 10);
        while (words) {
                assert_true(line.n < KNEED_ACTUATORS_MAX);
                line.level[line.n++] = (uint16_t) take_number(&words, 10);
        }

        if (record->n == record->room) {
                record->room = MAX(2 * record->room, (size_t) 1024);
                record->lines = reallocarray(record->lines, record->room, sizeof(RecordLine));
                assert_non_null(record->lines);
        }
        record->lines[record->n++] = line;
        follow(record, &line);
}

void record_file_read(RecordFile *record)
{
        ssize_t n;

        for (;;) {
                char *at = record->torn, *newline;

                n = read(record->fd, record->torn + record->n_torn,
                                sizeof(record->torn) - record->n_torn);
                assert_true(n >= 0);
                if (n == 0)
                        return;

                record->n_torn += (size_t) n;
                while ((newline = memchr(at, '\n', record->n_torn))) {
                        *newline = '\0';
                        record->n_torn -= (size_t) (newline + 1 - at);
                        add_line(record, at);
                        at = newline + 1;
                }
                memmove(record->torn, at, record->n_torn);
                assert_true(record->n_torn < sizeof(record->torn));
        }
}

/* Returns false when nothing was written before the deadline. */
static bool wait_for_more(RecordFile *record, uint64_t deadline_ms)
{
        struct pollfd fd = { .fd = record->watch, .events = POLLIN };
        char events[4096];
        int r;

        r = poll(&fd, 1, deadline_left_ms(deadline_ms));
        if (r <= 0)
                return r < 0 && errno == EINTR;

        assert_true(read(record->watch, events, sizeof(events)) > 0);
        record_file_read(record);
        return true;
}

size_t record_file_await(RecordFile *record, size_t from, RecordFits fits)
{
        uint64_t deadline_ms = deadline_from_now();

        record_file_read(record);
        for (size_t i = from;; i++) {
                while (i >= record->n)
                        if (!wait_for_more(record, deadline_ms))
                                fail_msg("The massager's record does not get the line that is "
                                         "waited for");
                if (fits(&record->lines[i]))
                        return i;
        }
}

size_t record_file_await_frames(RecordFile *record, unsigned n)
{
        size_t at;

        record_file_read(record);
        at = record->n;
        for (unsigned i = 0; i < n; i++)
                at = record_file_await(record, at, record_is_frame) + 1;

        return at;
}

size_t record_file_await_level(RecordFile *record, size_t from, unsigned permille)
{
        size_t i = record_file_await(record, from, record_is_frame);

        while (record_line_peak(&record->lines[i]) < permille)
                i = record_file_await(record, i + 1, record_is_frame);

        return i;
}

uint64_t record_file_await_rest(RecordFile *record)
{
        uint64_t deadline_ms = deadline_from_now();

        record_file_read(record);
        while (record->rest_ms == 0)
                if (!wait_for_more(record, deadline_ms))
                        fail_msg("The massager does not come to rest");

        return record->rest_ms;
}

bool record_is_moving(const RecordLine *line)
{
        return line->kind == RECORD_MOTOR && record_line_peak(line) > 0;
}

bool record_is_armed(const RecordLine *line)
{
        return line->kind == RECORD_STATE && line->state == KNEED_STATE_ARMED;
}

bool record_is_idle(const RecordLine *line)
{
        return line->kind == RECORD_STATE && line->state == KNEED_STATE_IDLE;
}

bool record_is_frame(const RecordLine *line)
{
        return line->kind == RECORD_FRAME;
}

bool record_is_zero_frame(const RecordLine *line)
{
        return line->kind == RECORD_FRAME && record_line_peak(line) == 0;
}

size_t record_file_check_frames(const RecordFile *record, size_t from, size_t to, unsigned gap_ms)
{
        const RecordLine *last = NULL;
        size_t n = 0;

        assert_true(to <= record->n);
        for (size_t i = from; i < to; i++) {
                const RecordLine *line = &record->lines[i];

                if (line->kind != RECORD_FRAME)
                        continue;
                n++;
                if (last && line->sequence != (uint16_t) (last->sequence + 1))
                        fail_msg("Frame %u comes after frame %u", line->sequence, last->sequence);
                if (last && line->ms - last->ms > gap_ms)
                        fail_msg("Frame %u comes %u ms after the one before it", line->sequence,
                                        (unsigned) (line->ms - last->ms));
                last = line;
        }

        return n;
}

void record_file_open(RecordFile *record, const char *path)
{
        *record = (RecordFile){ .watch = -1 };
        record->fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
        assert_true(record->fd >= 0);
        record->watch = inotify_init1(IN_CLOEXEC);
        assert_true(record->watch >= 0);
        assert_true(inotify_add_watch(record->watch, path, IN_MODIFY) >= 0);
}

void record_file_close(RecordFile *record)
{
        if (record->fd >= 0)
                close(record->fd);
        if (record->watch >= 0)
                close(record->watch);
        free(record->lines);
        *record = (RecordFile){ .fd = -1, .watch = -1 };
}
