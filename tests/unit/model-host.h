/* SPDX-License-Identifier: MIT */
#pragma once

/* A host for the model, in as few words as the tests need. Times are virtual. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/macro.h"
#include "simulator/model.h"

#define START_MS   UINT64_C(5000)
#define SILENCE_MS 300u /* of the reference massager */
#define WEEK_MS    (7 * 24 * 3600 * UINT64_C(1000))

static inline void host_out(SimModel *m, uint64_t now_ms, const uint8_t *report, int size)
{
        assert_true(size > 0);
        assert_int_equal(sim_model_interrupt_out(m, now_ms, report, (size_t) size), 0);
}

static inline void host_command(SimModel *m, uint64_t now_ms, KneedCommand command)
{
        uint8_t report[KNEED_COMMAND_SIZE];

        host_out(m, now_ms, report, kneed_command_encode(command, report));
}

/* One report of a frame, every level of it the same. */
static inline void host_frame_part(SimModel *m, uint64_t now_ms, uint16_t sequence, uint8_t first,
                uint8_t count, uint16_t level_permille, bool complete)
{
        KneedFrame frame = {
                .sequence = sequence, .first = first, .count = count, .complete = complete
        };
        uint8_t report[KNEED_FRAME_SIZE];

        for (unsigned i = 0; i < count; i++)
                frame.level_permille[i] = level_permille;
        host_out(m, now_ms, report, kneed_frame_encode(&frame, report));
}

static inline void host_frame(
                SimModel *m, uint64_t now_ms, uint16_t sequence, uint16_t level_permille)
{
        host_frame_part(m, now_ms, sequence, 0, sim_reference_design.identity.n_actuators,
                        level_permille, true);
}

static inline void host_heat(SimModel *m, uint64_t now_ms, uint16_t setpoint_cc)
{
        KneedHeat heat = { .setpoint_cc = { setpoint_cc, setpoint_cc } };
        uint8_t report[KNEED_HEAT_SIZE];

        host_out(m, now_ms, report, kneed_heat_encode(&heat, report));
}

/* Takes what the model has to say at this moment. Returns how many reports; *ret is the last. */
static inline unsigned host_hear(SimModel *m, uint64_t now_ms, KneedStatus *ret)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        unsigned n = 0;
        int size;

        while ((size = sim_model_interrupt_in(m, now_ms, report)) > 0) {
                assert_int_equal(kneed_status_decode(report, (size_t) size, ret), 0);
                assert_true(++n <= KNEED_ACTUATORS_MAX / KNEED_LEVELS_PER_REPORT);
        }
        assert_int_equal(size, 0);
        return n;
}

/* As host_hear, for a moment at which there has to be something. */
static inline KneedStatus host_status(SimModel *m, uint64_t now_ms)
{
        KneedStatus status = { 0 };

        assert_int_not_equal(host_hear(m, now_ms, &status), 0);
        return status;
}

/* The state without asking for a status, on a copy, so that asking changes nothing. */
static inline KneedStatus host_peek(const SimModel *m, uint64_t now_ms)
{
        SimModel copy = *m;
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        KneedStatus status = { 0 };
        int size;

        size = sim_model_get_report(&copy, now_ms, KNEED_TYPE_INPUT, KNEED_REPORT_STATUS, report);
        assert_true(size > 0);
        assert_int_equal(kneed_status_decode(report, (size_t) size, &status), 0);
        return status;
}

/* An armed reference massager whose motors have been at level_permille for a while. Its sequence
 * is 1, it was fed at the returned time. */
static inline uint64_t host_start(SimModel *m, uint16_t level_permille)
{
        KneedStatus status;

        sim_model_init(m, &sim_reference_design, START_MS);
        host_command(m, START_MS, KNEED_COMMAND_ARM);
        host_frame(m, START_MS, 0, level_permille);
        host_frame(m, START_MS + 200, 1, level_permille);
        (void) host_hear(m, START_MS + 200, &status);
        return START_MS + 200;
}

static inline uint64_t host_random(uint64_t *seed)
{
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return *seed >> 33;
}
