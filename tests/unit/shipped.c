/* SPDX-License-Identifier: MIT */
#include "tests/unit/shipped.h"

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
