/* SPDX-License-Identifier: MIT */
#include "tests/usb/bench.h"

static void one_that_is_there_before_kneed_is_found(void **state)
{
        Bench *b = *state;
        MockDevice *d;
        Massager *m;

        m = bench_attach(b, "COLD1", 1, &d);
        bench_assert_massager(m, "idle", "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(one_that_is_there_before_kneed_is_found),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
