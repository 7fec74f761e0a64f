/* SPDX-License-Identifier: MIT */
#include "tests/unit/model-host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "simulator/record.h"

DEFINE_TRIVIAL_CLEANUP_FUNC(SimRecord *, sim_record_close)

typedef struct Fixture {
        char directory[32];
        char path[64];
        char text[8192];
        SimModel model;
        SimRecord *record;
} Fixture;

static int set_up(void **state)
{
        Fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        *state = f;
        strcpy(f->directory, "/tmp/test-record-XXXXXX");
        assert_non_null(mkdtemp(f->directory));
        (void) snprintf(f->path, sizeof(f->path), "%s/record", f->directory);
        sim_model_init(&f->model, &sim_reference_design, START_MS);
        assert_int_equal(sim_record_open(f->path, &f->record), 0);
        return 0;
}

static int tear_down(void **state)
{
        Fixture *f = *state;

        f->record = sim_record_close(f->record);
        assert_int_equal(unlink(f->path), 0);
        assert_int_equal(rmdir(f->directory), 0);
        free(f);
        return 0;
}

static const char *read_all(Fixture *f)
{
        _cleanup_close_ int fd = open(f->path, O_RDONLY | O_CLOEXEC);
        ssize_t n;

        assert_true(fd >= 0);
        n = read(fd, f->text, sizeof(f->text) - 1);
        assert_in_range(n, 0, sizeof(f->text) - 2);
        f->text[n] = '\0';
        return f->text;
}

static void update(Fixture *f)
{
        assert_int_equal(sim_record_update(f->record, &f->model), 0);
}

static void test_each_event_is_a_line(void **state)
{
        Fixture *f = *state;
        SimModel *m = &f->model;

        update(f);
        update(f);
        host_command(m, 5001, KNEED_COMMAND_ARM);
        update(f);
        host_frame_part(m, 5002, 65535, 3, 2, 500, true);
        update(f);
        host_frame_part(m, 5005, 0, 3, 2, 500, true);
        update(f);
        host_heat(m, 5005, 3850);
        update(f);
        sim_model_advance(m, 5304);
        update(f);
        sim_model_advance(m, 5305);
        update(f);
        sim_model_press_button(m, 5999, true);
        update(f);
        assert_string_equal(read_all(f), "5000 state idle 0\n"
                                         "5001 state armed 0\n"
                                         "5002 frame 65535 0 0 0 500 500 0 0 0 0 0 0 0\n"
                                         "5005 frame 0 0 0 0 500 500 0 0 0 0 0 0 0\n"
                                         "5005 motor 0 0 0 50 50 0 0 0 0 0 0 0\n"
                                         "5005 heat 3850 3850\n"
                                         "5304 motor 0 0 0 500 500 0 0 0 0 0 0 0\n"
                                         "5305 state idle 1\n"
                                         "5305 heat 0 0\n"
                                         "5999 state latched 5\n"
                                         "5999 motor 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

static void test_reports_that_change_nothing_leave_no_line(void **state)
{
        Fixture *f = *state;
        SimModel *m = &f->model;

        host_command(m, 5000, KNEED_COMMAND_ARM);
        host_frame(m, 5000, 9, 0);
        update(f);
        host_frame(m, 5010, 9, 700);                     /* replayed */
        host_frame_part(m, 5020, 10, 0, 6, 700, false);  /* not complete */
        host_frame_part(m, 5030, 11, 12, 1, 700, false); /* not there: a fault */
        update(f);
        assert_string_equal(read_all(f), "5000 state armed 0\n"
                                         "5000 frame 9 0 0 0 0 0 0 0 0 0 0 0 0\n"
                                         "5030 state armed 80\n");
}

static void test_a_record_is_appended_to(void **state)
{
        Fixture *f = *state;
        _cleanup_(sim_record_closep) SimRecord *second = NULL;
        struct stat st;

        update(f);
        assert_int_equal(sim_record_open(f->path, &second), 0);
        assert_int_equal(sim_record_update(second, &f->model), 0);
        assert_string_equal(read_all(f), "5000 state idle 0\n5000 state idle 0\n");
        assert_int_equal(stat(f->path, &st), 0);
        assert_int_equal(st.st_mode & 0133, 0);
}

static void test_no_record_where_none_can_be(void **state)
{
        Fixture *f = *state;
        SimRecord *record = NULL;

        assert_int_equal(sim_record_open(f->directory, &record), -EISDIR);
        assert_null(record);
        assert_null(sim_record_close(NULL));
}

static void test_the_longest_line_fits(void **state)
{
        Fixture *f = *state;
        SimModel *m = &f->model;
        SimDesign design = sim_reference_design;
        unsigned n = 0;

        design.identity.n_actuators = KNEED_ACTUATORS_MAX;
        design.identity.n_heaters = 0;
        sim_model_init(m, &design, UINT64_MAX - 1000);
        host_command(m, UINT64_MAX - 1000, KNEED_COMMAND_ARM);
        for (uint8_t i = 0; i < 4; i++)
                host_frame_part(m, UINT64_MAX - 1000, (uint16_t) (65532 + i), (uint8_t) (16 * i),
                                16, 1000, i == 3);
        update(f);
        for (const char *at = strstr(read_all(f), "frame 65535"); (at = strstr(at, " 1000")); at++)
                n++;
        assert_int_equal(n, KNEED_ACTUATORS_MAX);
        assert_int_equal(f->text[strlen(f->text) - 1], '\n');
}

static void limit_file_size(rlim_t size)
{
        struct rlimit limit;

        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        limit.rlim_cur = MIN(size, limit.rlim_max);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A limit on the file's size stands for a full disk. */
static void test_a_full_disk_tears_one_line_only(void **state)
{
        Fixture *f = *state;
        SimModel *m = &f->model;
        int r, again;

        update(f);
        limit_file_size(strlen("5000 state idle 0\n") + 7);
        host_command(m, 5001, KNEED_COMMAND_ARM);
        r = sim_record_update(f->record, m);
        host_command(m, 5002, KNEED_COMMAND_STOP);
        again = sim_record_update(f->record, m);
        limit_file_size(RLIM_INFINITY);
        assert_int_equal(r, -ENOSPC);
        assert_int_equal(again, -EFBIG);

        host_command(m, 5003, KNEED_COMMAND_ARM);
        update(f);
        host_command(m, 5004, KNEED_COMMAND_STOP);
        update(f);
        assert_string_equal(read_all(f), "5000 state idle 0\n5001 st\n5003 state armed 0\n"
                                         "5004 state idle 0\n");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_each_event_is_a_line, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_reports_that_change_nothing_leave_no_line, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_a_record_is_appended_to, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_no_record_where_none_can_be, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_the_longest_line_fits, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                                test_a_full_disk_tears_one_line_only, set_up, tear_down),
        };

        (void) signal(SIGXFSZ, SIG_IGN); /* an error instead of the end */
        return cmocka_run_group_tests(tests, NULL, NULL);
}
