/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/macro.h"
#include "simulator/record.h"

#define LINE_SIZE_MAX 512u /* the longest has 64 levels of 4 digits */

struct SimRecord {
        int fd;
        bool is_torn; /* the disk took a part of a line */
        bool has_begun;
        KneedState state;
        uint16_t faults;
        uint32_t frames_applied;
        uint16_t motor_permille[KNEED_ACTUATORS_MAX];
        uint16_t setpoint_cc[KNEED_HEATERS_MAX];
};

typedef struct Line {
        char text[LINE_SIZE_MAX]; /* a newline first, for use after a torn line */
        size_t size;
} Line;

static _printf_(2, 3) void line_add(Line *line, const char *format, ...)
{
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(line->text + line->size, sizeof(line->text) - line->size, format, ap);
        va_end(ap);
        if (n > 0)
                line->size = MIN(line->size + (size_t) n, sizeof(line->text) - 1);
}

static void line_add_levels(Line *line, const uint16_t *level, unsigned n)
{
        for (unsigned i = 0; i < n; i++)
                line_add(line, " %u", level[i]);
}

static int line_write(Line *line, SimRecord *record)
{
        size_t skip = record->is_torn ? 0 : 1;
        ssize_t n;

        line_add(line, "\n");
        n = write(record->fd, line->text + skip, line->size - skip);
        if (n < 0)
                return -errno;
        record->is_torn = (size_t) n < line->size - skip;
        return record->is_torn ? -ENOSPC : 0;
}

static int write_frame(SimRecord *record, const SimModel *model)
{
        Line line = { 0 };

        if (record->frames_applied == model->frames_applied)
                return 0;
        record->frames_applied = model->frames_applied;
        line_add(&line, "\n%" PRIu64 " frame %u", model->now_ms, model->applied_sequence);
        line_add_levels(&line, model->target_permille, model->design->identity.n_actuators);
        return line_write(&line, record);
}

static int write_motor(SimRecord *record, const SimModel *model)
{
        unsigned n = model->design->identity.n_actuators;
        uint16_t level[KNEED_ACTUATORS_MAX] = { 0 };
        Line line = { 0 };

        for (unsigned i = 0; i < n; i++)
                level[i] = (uint16_t) sim_model_motor_permille(model, i);
        if (memcmp(record->motor_permille, level, sizeof(level)) == 0)
                return 0;
        memcpy(record->motor_permille, level, sizeof(level));
        line_add(&line, "\n%" PRIu64 " motor", model->now_ms);
        line_add_levels(&line, level, n);
        return line_write(&line, record);
}

static int write_heat(SimRecord *record, const SimModel *model)
{
        Line line = { 0 };

        if (memcmp(record->setpoint_cc, model->setpoint_cc, sizeof(record->setpoint_cc)) == 0)
                return 0;
        memcpy(record->setpoint_cc, model->setpoint_cc, sizeof(record->setpoint_cc));
        line_add(&line, "\n%" PRIu64 " heat", model->now_ms);
        line_add_levels(&line, model->setpoint_cc, model->design->identity.n_heaters);
        return line_write(&line, record);
}

static int write_state(SimRecord *record, const SimModel *model)
{
        static const char *const names[_KNEED_STATE_MAX] = {
                [KNEED_STATE_IDLE] = "idle",
                [KNEED_STATE_ARMED] = "armed",
                [KNEED_STATE_LATCHED] = "latched",
        };
        Line line = { 0 };

        if (record->has_begun && record->state == model->state && record->faults == model->faults)
                return 0;
        record->has_begun = true;
        record->state = model->state;
        record->faults = model->faults;
        line_add(&line, "\n%" PRIu64 " state %s %x", model->now_ms, names[model->state],
                        model->faults);
        return line_write(&line, record);
}

int sim_record_open(const char *path, SimRecord **ret)
{
        _cleanup_free_ SimRecord *record = NULL;

        record = calloc(1, sizeof(*record));
        if (!record)
                return -ENOMEM;
        record->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        if (record->fd < 0)
                return -errno;
        *ret = TAKE_PTR(record);
        return 0;
}

SimRecord *sim_record_close(SimRecord *record)
{
        if (!record)
                return NULL;
        close(record->fd);
        free(record);
        return NULL;
}

int sim_record_update(SimRecord *record, const SimModel *model)
{
        static int (*const writers[])(SimRecord *, const SimModel *) = {
                write_state,
                write_frame,
                write_motor,
                write_heat,
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(writers); i++) {
                int k = writers[i](record, model);

                if (k < 0 && r == 0)
                        r = k;
        }
        return r;
}
