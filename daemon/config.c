/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "daemon/config-render.h"
#include "daemon/config-routines.h"
#include "daemon/config-schema.h"

DEFINE_TRIVIAL_CLEANUP_FUNC(Config *, config_unref)

static void parse_leg(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const ConfigNames known = { .n = _LEG_MAX,
                .at = { leg_to_string(LEG_LEFT), leg_to_string(LEG_RIGHT) } };
        const char *name = config_read_text(reader, setting);
        Leg leg = name ? leg_from_string(name) : _LEG_INVALID;

        if (leg != _LEG_INVALID)
                *(Leg *) field = leg;
        else if (name)
                config_errors_add_unknown(
                                reader->errors, config_place(reader, setting), "leg", name, &known);
}

static const ConfigKey run_keys[] = {
        { "leg", CONFIG_OTHER, .parse = parse_leg, CONFIG_FIELD(Config, leg) },
        { "intensity", CONFIG_INTEGER, .low = 1, .high = 100,
                        CONFIG_FIELD(Config, intensity_percent) },
        { "minutes", CONFIG_INTEGER, .low = 1, .high = ROUTINE_MINUTES_MAX,
                        CONFIG_FIELD(Config, minutes) },
};

static void parse_run(ConfigReader *reader, const config_setting_t *setting, void *config)
{
        config_read_group(reader, setting, run_keys, ELEMENTSOF(run_keys), config);
}

static const ConfigKey kneed_keys[] = {
        { "run", CONFIG_OTHER, .parse = parse_run },
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

const char *config_file_of_name(const ConfigPaths *paths, const char *name)
{
        for (size_t i = 0; i < paths->n_files; i++)
                if (streq(basename(paths->files[i]), name))
                        return paths->files[i];
        return NULL;
}

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

/* Who names a file means it, so that one is not passed over in silence. */
static void check_file(const ConfigPaths *paths, size_t i, ConfigErrors *errors)
{
        const ConfigPlace place = { paths->files[i], 0 };
        const char *name = basename(paths->files[i]);

        if (config_path_absent(paths->files[i]))
                config_errors_add(errors, place, "there is no such file; see how it is written.");
        else if (!config_is_routine_file(name))
                config_errors_add(errors, place,
                                "from routines.d only files are read whose names end in .conf; "
                                "rename it.");
        else if (config_file_of_name(paths, name) != paths->files[i])
                config_errors_add(errors, place,
                                "two files of one name cannot stand in one directory; rename one "
                                "or check them one after the other.");
}

/* NULL: no memory. */
static char *path_of(const ConfigPaths *paths, const char *name)
{
        const char *file = config_file_of_name(paths, name);
        char *path;

        if (file)
                return strdup(file);
        return asprintf(&path, "%s/%s", paths->etc_dir, name) < 0 ? NULL : path;
}

static int read_file(const ConfigPaths *paths, const char *name, const ConfigKey *keys,
                size_t n_keys, void *to, ConfigErrors *errors)
{
        _cleanup_(config_reader_freep) ConfigReader *reader = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        path = path_of(paths, name);
        if (!path)
                return -ENOMEM;
        r = config_reader_open(path, errors, &reader);
        if (r > 0)
                config_read_group(reader, config_root_setting(&reader->parsed), keys, n_keys, to);
        return MIN(r, 0);
}

int config_load(const ConfigPaths *paths, Config **ret, ConfigErrors *errors)
{
        _cleanup_(config_unrefp) Config *config = calloc(1, sizeof(Config));
        Limits asked = limits_hard;
        int r;

        errors->n = 0;
        if (!config)
                return -ENOMEM;
        config->n_refs = 1;
        config->leg = LEG_LEFT;
        check_directory(paths->data_dir, errors);
        check_directory(paths->etc_dir, errors);
        if (errors->n > 0)
                return -EINVAL;
        for (size_t i = 0; i < paths->n_files; i++)
                check_file(paths, i, errors);

        r = read_file(paths, "kneed.conf", kneed_keys, ELEMENTSOF(kneed_keys), config, errors);
        if (r < 0)
                return r;
        r = read_file(paths, "limits.conf", limits_keys, ELEMENTSOF(limits_keys), &asked, errors);
        if (r < 0)
                return r;
        config->limits = limits_hard;
        limits_tighten(&config->limits, &asked);
        r = config_read_routines(paths, errors, config);
        if (r < 0)
                return r;
        r = paths->reference ? config_render(config, paths, errors) : 0;
        if (r < 0)
                return r;
        if (errors->n > 0)
                return -EINVAL;

        *ret = TAKE_PTR(config);
        return 0;
}

Config *config_ref(Config *config)
{
        config->n_refs++;
        return config;
}

Config *config_unref(Config *config)
{
        if (!config || --config->n_refs > 0)
                return NULL;
        free(config->sources);
        free(config->routines);
        free(config->techniques);
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

const Technique *config_find_technique(const Config *config, const char *name)
{
        for (size_t i = 0; i < config->n_techniques; i++)
                if (streq(config->techniques[i].name, name))
                        return &config->techniques[i];
        return NULL;
}
