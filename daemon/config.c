/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "daemon/config-routines.h"
#include "daemon/config-schedule.h"

DEFINE_TRIVIAL_CLEANUP_FUNC(Config *, config_free)

static const ConfigKey run_keys[] = {
        { "leg", CONFIG_OTHER, .parse = config_parse_leg, CONFIG_FIELD(Config, leg) },
        { "intensity", CONFIG_INTEGER, .low = 1, .high = 100,
                        CONFIG_FIELD(Config, intensity_percent) },
        { "minutes", CONFIG_INTEGER, .low = 1, .high = ROUTINE_MINUTES_MAX,
                        CONFIG_FIELD(Config, minutes) },
};

static void parse_run(ConfigReader *reader, const config_setting_t *setting, void *config)
{
        config_read_group(reader, setting, run_keys, ELEMENTSOF(run_keys), config);
}

/* It names routines, so it is read when they are known: see config_read_schedule(). */
static void leave_for_later(ConfigReader *reader, const config_setting_t *setting, void *config)
{
}

static const ConfigKey kneed_keys[] = {
        { "run", CONFIG_OTHER, .parse = parse_run },
        { "schedule", CONFIG_OTHER, .parse = leave_for_later },
        { "virtual_massager", CONFIG_BOOLEAN, CONFIG_FIELD(Config, virtual_massager) },
        { "allow_without_cut_off", CONFIG_BOOLEAN, CONFIG_FIELD(Config, allow_without_cut_off) },
};

static const ConfigKey limits_keys[] = {
#define X(field, strictest, hard, unit, what)                                             \
        { #field, CONFIG_INTEGER, .low = (strictest), .high = (hard), .fallback = (hard), \
                .above = "limits.conf can only lower limits", CONFIG_FIELD(Limits, field) },
        LIMITS(X)
#undef X
};

_Static_assert(ELEMENTSOF(limits_keys) <= CONFIG_NAMES_MAX, "room for all names");

/* A directory that is not there has nothing to say. One that cannot be entered may hold limits. */
static void check_directory(const char *path, ConfigErrors *errors)
{
        const ConfigPlace place = { path, 0 };
        struct stat st;

        if (stat(path, &st) < 0) {
                int r = -errno;

                if (r != -ENOENT || !config_path_absent(path))
                        config_errors_add_unreadable(errors, place, "the directory", r);
        } else if (!S_ISDIR(st.st_mode))
                config_errors_add(errors, place, "this is not a directory; mend or remove it.");
}

/* *ret_reader: NULL where there is nothing more to be read. */
static int read_file(const ConfigPaths *paths, const char *name, const ConfigKey *keys,
                size_t n_keys, void *to, ConfigErrors *errors, ConfigReader **ret_reader)
{
        _cleanup_free_ char *path = NULL;
        int r;

        if (asprintf(&path, "%s/%s", paths->etc_dir, name) < 0)
                return -ENOMEM;
        r = config_reader_open(path, errors, ret_reader);
        if (r > 0)
                config_read_group(*ret_reader, config_root_setting(&(*ret_reader)->parsed), keys,
                                n_keys, to);
        return MIN(r, 0);
}

int config_load(const ConfigPaths *paths, Config **ret, ConfigErrors *errors)
{
        _cleanup_(config_freep) Config *config = calloc(1, sizeof(Config));
        _cleanup_(config_reader_freep) ConfigReader *kneed = NULL, *limits = NULL;
        Limits asked = limits_hard;
        int r;

        errors->n = 0;
        if (!config)
                return -ENOMEM;
        config->leg = LEG_LEFT;
        check_directory(paths->data_dir, errors);
        check_directory(paths->etc_dir, errors);
        if (errors->n > 0)
                return -EINVAL;

        r = read_file(paths, "kneed.conf", kneed_keys, ELEMENTSOF(kneed_keys), config, errors,
                        &kneed);
        if (r < 0)
                return r;
        r = read_file(paths, "limits.conf", limits_keys, ELEMENTSOF(limits_keys), &asked, errors,
                        &limits);
        if (r < 0)
                return r;
        config->limits = limits_hard;
        limits_tighten(&config->limits, &asked);
        r = config_read_routines(paths, errors, &config->routines, &config->n_routines);
        if (r < 0)
                return r;
        r = kneed ? config_read_schedule(kneed, config) : 0;
        if (r < 0)
                return r;
        if (errors->n > 0)
                return -EINVAL;

        *ret = TAKE_PTR(config);
        return 0;
}

Config *config_free(Config *config)
{
        if (!config)
                return NULL;
        free(config->schedule);
        free(config->routines);
        free(config);
        return NULL;
}

const Routine *config_find_routine(const Config *config, const char *name)
{
        for (size_t i = 0; i < config->n_routines; i++)
                if (streq(config->routines[i].name, name))
                        return &config->routines[i];
        return NULL;
}
