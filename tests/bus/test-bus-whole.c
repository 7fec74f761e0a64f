/* SPDX-License-Identifier: MIT */

/* One whole session as a person has it: ten minutes of wall time. */

#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/kneectl.h"
#include "tests/bus/record-truth.h"
#include "tests/unit/cmocka-all.h"

#define MINUTES_MS   (10u * 60u * MSEC_PER_S)
#define MARGIN_MS    (30u * MSEC_PER_S)
#define FRAMES_PER_S 50u
#define SLACK        2u   /* percent */
#define GAP_MS       250u /* the massager gives up after 300 */

static void check_frame_rate(const RecordFile *record)
{
        size_t armed = 0, idle, frames;
        uint64_t played_ms, expected;

        while (!record_is_armed(&record->lines[armed]))
                assert_true(++armed < record->n);
        idle = armed;
        while (!record_is_idle(&record->lines[idle]))
                assert_true(++idle < record->n);

        frames = record_file_check_frames(record, armed, idle, GAP_MS);
        played_ms = record->lines[idle].ms - record->lines[armed].ms;
        expected = played_ms * FRAMES_PER_S / MSEC_PER_S;
        print_message("%zu frames in %u ms\n", frames, (unsigned) played_ms);
        assert_in_range(played_ms, MINUTES_MS - MSEC_PER_S, MINUTES_MS + MSEC_PER_S);
        assert_in_range(frames, expected * (100 - SLACK) / 100, expected * (100 + SLACK) / 100);
}

static void test_ten_minutes(void **state)
{
        static const char *const words[] = { "run", "friction", "--minutes", "10", "--nothing-new",
                NULL };
        Stage *stage = *state;
        Kneectl k;

        kneectl_start(&k, stage, words);
        child_await_longer(k.child, MINUTES_MS + MARGIN_MS);
        assert_int_equal(kneectl_await(&k), EXIT_SUCCESS);
        assert_non_null(strstr(k.said, "Finished after 10:00"));
        client_await_end(stage->clients[0], SESSION_PATH(1), "finished");

        (void) record_file_await_rest(&stage->record);
        check_frame_rate(&stage->record);
        assert_true(check_truth(stage, &truth_of_friction) > 200);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                                test_ten_minutes, stage_open_with_kneed, stage_close),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
