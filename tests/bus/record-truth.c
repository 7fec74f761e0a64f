/* SPDX-License-Identifier: MIT */
#include "tests/bus/record-truth.h"

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/session.h"
#include "tests/unit/cmocka-all.h"

#define THIGH_MM 100 /* above the kneecap: here the thigh begins, and so far the knee reaches */

const Truth truth_of_friction = { 400, 100, -THIGH_MM, THIGH_MM };
const Truth truth_of_tapping = { 400, 100, THIGH_MM, INT32_MAX };

/* Returns how many there are. */
static size_t read_heights(Stage *stage, int32_t heights[static KNEED_ACTUATORS_MAX])
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const int32_t *places;
        size_t size;

        assert_true(client_call(stage_client(stage), VIRTUAL_PATH, PROPERTIES, "Get", NULL, &reply,
                                    "ss", KNEED_MASSAGER, "Places") >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'v', "ai") > 0);
        assert_true(sd_bus_message_read_array(reply, 'i', (const void **) &places, &size) > 0);
        size /= 2 * sizeof(*places);
        assert_in_range(size, 1, KNEED_ACTUATORS_MAX);
        for (size_t i = 0; i < size; i++)
                heights[i] = places[2 * i + 1];

        return size;
}

static void check_line(const RecordLine *line, const Truth *truth, const int32_t heights[])
{
        for (unsigned i = 0; i < line->n; i++) {
                if (line->level[i] > truth->level_permille)
                        fail_msg("Actuator %u at %u per mille", i, line->level[i]);
                if (line->level[i] > 0 && (heights[i] <= truth->height_min_mm ||
                                                          heights[i] >= truth->height_max_mm))
                        fail_msg("Actuator %u, %i mm from the kneecap, at %u per mille", i,
                                        heights[i], line->level[i]);
        }
}

/* From zero at the arming, and no faster: the first frame may have what a frame may add, and a
 * level is rounded to one per mille. */
static void check_ramp(const RecordLine *line, const Truth *truth, uint64_t armed_ms)
{
        uint64_t most = truth->ramp_permille_per_s * (line->ms - armed_ms + SESSION_FRAME_MS) /
                                        MSEC_PER_S +
                        1;

        if (record_line_peak(line) > most)
                fail_msg("%u per mille, %u ms after it was armed", record_line_peak(line),
                                (unsigned) (line->ms - armed_ms));
}

unsigned check_truth(Stage *stage, const Truth *truth)
{
        const RecordFile *record = &stage->record;
        int32_t heights[KNEED_ACTUATORS_MAX] = { 0 };
        size_t n_heights = read_heights(stage, heights);
        uint64_t armed_ms = 0;
        unsigned peak = 0;

        for (size_t i = 0; i < record->n; i++) {
                const RecordLine *line = &record->lines[i];

                if (record_is_armed(line))
                        armed_ms = line->ms;
                if (line->kind != RECORD_FRAME && line->kind != RECORD_MOTOR)
                        continue;
                assert_int_equal(line->n, n_heights);
                check_line(line, truth, heights);
                if (line->kind != RECORD_FRAME)
                        continue;
                check_ramp(line, truth, armed_ms);
                peak = MAX(peak, record_line_peak(line));
        }

        return peak;
}
