/* SPDX-License-Identifier: MIT */
/* Does what memcheck has to find. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"

static int leak(void)
{
        char *volatile lost = malloc(10);

        lost[0] = 1;
        return 0;
}

static int uninitialised(void)
{
        int *volatile unwritten = malloc(sizeof(*unwritten));
        int r = 0;

        if (*unwritten == 1)
                r = puts("one") < 0;
        free(unwritten);
        return r;
}

static int open_file(void)
{
        return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0;
}

int main(int argc, char **argv)
{
        if (argc == 2 && streq(argv[1], "leak"))
                return leak();
        if (argc == 2 && streq(argv[1], "uninitialised"))
                return uninitialised();
        if (argc == 2 && streq(argv[1], "open-file"))
                return open_file();
        return argc != 1;
}
