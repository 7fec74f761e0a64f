/* SPDX-License-Identifier: MIT */
#include "tests/unit/shipped.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/cmocka-all.h"

static Config *kept;

Config *shipped_config(void)
{
        static ConfigErrors errors;
        const ConfigPaths paths = { .data_dir = KNEED_SOURCE_DIR "/config",
                .etc_dir = "/nonexistent" };
        Config *config = NULL;
        int r = config_load(&paths, &config, &errors);

        if (r < 0)
                print_error("%d: %s\n", r, errors.text[0]);
        assert_int_equal(r, 0);
        return config;
}

int shipped_setup(void **state)
{
        kept = shipped_config();
        return 0;
}

int shipped_teardown(void **state)
{
        kept = config_unref(kept);
        return 0;
}

const Technique *shipped_technique(const char *name)
{
        const Technique *technique = config_find_technique(kept, name);

        assert_non_null(technique);
        return technique;
}

size_t read_shipped(const char *name, char *text, size_t room)
{
        char path[512];
        FILE *file;
        size_t n;

        (void) snprintf(path, sizeof(path), "%s/config/%s", KNEED_SOURCE_DIR, name);
        file = fopen(path, "re");
        assert_non_null(file);
        n = fread(text, 1, room - 1, file);
        assert_int_equal(fclose(file), 0);
        assert_true(n > 0 && n < room - 1);
        text[n] = 0;
        return n;
}

size_t read_shipped_keys(const char *name, char *text, size_t room)
{
        char *to = text;
        char *line_end;

        (void) read_shipped(name, text, room);
        for (char *line = text; *line; line = line_end + 1) {
                char *key = line + strspn(line, " #");
                size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyz_");
                bool comment = memchr(line, '#', (size_t) (key - line));

                line_end = strchrnul(line, '\n');
                assert_int_equal(*line_end, '\n');
                if (comment && strncmp(key + n, " = ", 3) != 0)
                        continue;
                n = (size_t) (line_end + 1 - key);
                memmove(to, key, n);
                to += n;
        }
        *to = 0;
        return (size_t) (to - text);
}

unsigned read_example(char *text, size_t room)
{
        static char page[32768];
        const char *from, *end;
        unsigned lines = 0;

        (void) read_shipped("../docs/kneed-routines.5", page, sizeof(page));
        from = strstr(page, "\n.EX\n");
        end = strstr(page, "\n.EE\n");
        assert_true(from && end && from < end && (size_t) (end - from) < room);
        for (from += strlen("\n.EX\n"); from <= end; from++) {
                if (*from == '\\') {
                        assert_int_equal(from[1], '-');
                        continue;
                }
                lines += *from == '\n';
                *text++ = *from;
        }
        *text = 0;
        return lines;
}
