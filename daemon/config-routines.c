/* SPDX-License-Identifier: MIT */
#include "daemon/config-routines.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/config-schema.h"

#define STEP_MINUTES_MIN 0.5
#define MS_PER_MINUTE    60000

/* A routine and where it is from, for those who define it again. */
typedef struct Entry {
        Routine routine;
        RoutineSource source;
        unsigned directory;
        char place[80];
} Entry;

typedef struct RoutineList {
        size_t n;
        unsigned directory; /* the one that is being read */
        bool full;          /* and it has been said */
        Entry entries[CONFIG_ROUTINES_MAX];
} RoutineList;

typedef struct FileNames {
        size_t n;
        char *at[CONFIG_ROUTINES_MAX];
} FileNames;

static void parse_technique(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const ConfigNames known = {
                .n = 3,
                .at = { technique_tapping.name, technique_glide.name, technique_friction.name },
        };
        const char *name = config_read_text(reader, setting);
        const Technique *technique = name ? technique_by_name(name) : NULL;

        if (technique)
                *(const Technique **) field = technique;
        else if (name)
                config_errors_add_unknown(reader->errors, config_place(reader, setting),
                                "technique", name, &known);
}

static void parse_minutes(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        int type = config_setting_type(setting);
        double minutes = 0;

        if (type == CONFIG_TYPE_INT)
                minutes = config_setting_get_int(setting);
        else if (type == CONFIG_TYPE_FLOAT)
                minutes = config_setting_get_float(setting);
        if (minutes >= STEP_MINUTES_MIN && minutes <= ROUTINE_MINUTES_MAX)
                *(uint32_t *) field = (uint32_t) (minutes * MS_PER_MINUTE + 0.5);
        else
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"minutes\" of a step must be a number; allowed are %.1f to %u.",
                                STEP_MINUTES_MIN, ROUTINE_MINUTES_MAX);
}

static const ConfigKey step_keys[] = {
        { "technique", CONFIG_OTHER, .required = true, .parse = parse_technique,
                        CONFIG_FIELD(RoutineStep, technique) },
        { "minutes", CONFIG_OTHER, .required = true, .parse = parse_minutes,
                        CONFIG_FIELD(RoutineStep, duration_ms) },
        { "intensity", CONFIG_INTEGER, .low = 1, .high = 100, .fallback = ROUTINE_INTENSITY_DEFAULT,
                        CONFIG_FIELD(RoutineStep, intensity_percent) },
        { "tempo", CONFIG_INTEGER, .low = ROUTINE_TEMPO_MIN_PERCENT,
                        .high = ROUTINE_TEMPO_MAX_PERCENT, .fallback = 100,
                        CONFIG_FIELD(RoutineStep, tempo_percent) },
        { "heat", CONFIG_INTEGER_OR_OFF, .low = ROUTINE_HEAT_MIN_C, .high = ROUTINE_HEAT_MAX_C,
                        CONFIG_FIELD(RoutineStep, heat_c) },
};

static bool is_list(ConfigReader *reader, const config_setting_t *setting)
{
        if (config_setting_is_list(setting))
                return true;
        config_errors_add(reader->errors, config_place(reader, setting),
                        "\"%s\" must be a list; write ( { … }, { … } ).", setting->name);
        return false;
}

static void parse_steps(ConfigReader *reader, const config_setting_t *setting, void *to)
{
        Routine *routine = to;
        unsigned n;

        if (!is_list(reader, setting))
                return;
        n = (unsigned) config_setting_length(setting);
        if (n == 0 || n > ROUTINE_STEPS_MAX) {
                config_errors_add(reader->errors, config_place(reader, setting),
                                "this routine has %u steps; allowed are 1 to %u.", n,
                                ROUTINE_STEPS_MAX);
                return;
        }
        for (routine->n_steps = 0; routine->n_steps < n; routine->n_steps++)
                config_read_group(reader, config_setting_get_elem(setting, routine->n_steps),
                                step_keys, ELEMENTSOF(step_keys),
                                &routine->steps[routine->n_steps]);
}

static bool name_is_valid(const char *name)
{
        size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

        return name[0] >= 'a' && name[0] <= 'z' && n <= ROUTINE_NAME_MAX && name[n] == 0;
}

static void parse_name(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const char *name = config_read_text(reader, setting);

        if (name && name_is_valid(name))
                memcpy(field, name, strlen(name) + 1);
        else if (name)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"%.40s\" cannot be a name; use a letter and then letters, digits "
                                "and "
                                "hyphens, all small, at most %u.",
                                name, ROUTINE_NAME_MAX);
}

static bool summary_is_valid(const char *summary)
{
        const char *s = summary;

        while (*s) {
                size_t n = utf8_sequence(s);

                if (n == 0 || utf8_is_control(s))
                        return false;
                s += n;
        }
        return s - summary <= ROUTINE_SUMMARY_MAX;
}

static void parse_summary(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const char *summary = config_read_text(reader, setting);

        if (summary && summary_is_valid(summary))
                memcpy(field, summary, strlen(summary) + 1);
        else if (summary)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "this summary cannot be shown; use one line of plain text of at "
                                "most %u "
                                "bytes.",
                                ROUTINE_SUMMARY_MAX);
}

static const ConfigKey routine_keys[] = {
        { "name", CONFIG_OTHER, .required = true, .parse = parse_name,
                        CONFIG_FIELD(Routine, name) },
        { "summary", CONFIG_OTHER, .parse = parse_summary, CONFIG_FIELD(Routine, summary) },
        { "steps", CONFIG_OTHER, .required = true, .parse = parse_steps },
};

static Entry *find_entry(RoutineList *list, const char *name)
{
        for (size_t i = 0; i < list->n; i++)
                if (streq(list->entries[i].routine.name, name))
                        return &list->entries[i];
        return NULL;
}

static void keep(RoutineList *list, const Routine *routine, bool is_sound, ConfigErrors *errors,
                ConfigPlace place)
{
        Entry *entry = find_entry(list, routine->name);
        const char *slash = strrchr(place.file, '/');

        if (entry && entry->directory == list->directory) {
                config_errors_add(errors, place,
                                "the routine \"%s\" is already in %s; give one of them another "
                                "name.",
                                routine->name, entry->place);
                return;
        }
        if (!entry && list->n >= CONFIG_ROUTINES_MAX) {
                if (!list->full)
                        config_errors_add(errors, place,
                                        "this routine is one too many; at most %u can be kept.",
                                        CONFIG_ROUTINES_MAX);
                list->full = true;
                return;
        }
        if (!entry)
                entry = &list->entries[list->n++];
        entry->routine = *routine;
        entry->source = (RoutineSource){
                .line = place.line,
                .is_vendors = list->directory == 0,
                .is_sound = is_sound,
        };
        (void) snprintf(entry->source.file, sizeof(entry->source.file), "%s",
                        config_path_shown(place.file));
        entry->directory = list->directory;
        (void) snprintf(entry->place, sizeof(entry->place), "%.60s:%u",
                        slash ? slash + 1 : place.file, place.line);
}

static void parse_routines(ConfigReader *reader, const config_setting_t *setting, void *list)
{
        if (!is_list(reader, setting))
                return;
        for (int i = 0; i < config_setting_length(setting); i++) {
                const config_setting_t *group = config_setting_get_elem(setting, (unsigned) i);
                ConfigPlace place = config_place(reader, group);
                Routine routine = { .n_steps = 0 };
                size_t errors_before = reader->errors->n;
                uint32_t duration_ms;

                config_read_group(reader, group, routine_keys, ELEMENTSOF(routine_keys), &routine);
                duration_ms = routine_duration_ms(&routine);
                if (duration_ms > ROUTINE_MINUTES_MAX * MS_PER_MINUTE)
                        config_errors_add(reader->errors, place,
                                        "this routine lasts %.1f minutes; all steps together may "
                                        "last %u.",
                                        duration_ms / (double) MS_PER_MINUTE, ROUTINE_MINUTES_MAX);
                /* A wrong routine is kept too, so that a second one of its name is found at once.
                 */
                if (routine.name[0])
                        keep(list, &routine, reader->errors->n == errors_before, reader->errors,
                                        place);
        }
}

static const ConfigKey file_keys[] = {
        { "routines", CONFIG_OTHER, .parse = parse_routines },
};

static void file_names_done(FileNames *names)
{
        for (size_t i = 0; i < names->n; i++)
                free(names->at[i]);
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

bool config_is_routine_file(const char *name)
{
        size_t n = strlen(name);

        return name[0] != '.' && n > strlen(".conf") && streq(name + n - strlen(".conf"), ".conf");
}

static void closedirp(DIR **directory)
{
        if (*directory)
                (void) closedir(*directory);
}

/* Returns 0, -ENOMEM, or -ENOSPC, which *errors says. */
static int add_name(FileNames *names, const char *name, const char *directory, ConfigErrors *errors)
{
        if (names->n == ELEMENTSOF(names->at)) {
                config_errors_add(errors, (ConfigPlace){ directory, 0 },
                                "the directory holds too many files; at most %u are read.",
                                CONFIG_ROUTINES_MAX);
                return -ENOSPC;
        }
        names->at[names->n] = strdup(name);
        if (!names->at[names->n])
                return -ENOMEM;
        names->n++;
        return 0;
}

/* Fills *names. Returns 0, with what is wrong in *errors; -ENOMEM. */
static int list_files(const char *path, ConfigErrors *errors, FileNames *names)
{
        _cleanup_(closedirp) DIR *directory = opendir(path);
        const ConfigPlace place = { path, 0 };
        const struct dirent *found;
        int r;

        if (!directory) {
                if (errno != ENOENT || !config_path_absent(path))
                        config_errors_add_unreadable(errors, place, "the directory", -errno);
                return 0;
        }
        while (errno = 0, (found = readdir(directory))) {
                if (!config_is_routine_file(found->d_name))
                        continue;
                r = add_name(names, found->d_name, path, errors);
                if (r == -ENOSPC)
                        break;
                if (r < 0)
                        return r;
        }
        if (!found && errno > 0)
                config_errors_add_unreadable(errors, place, "the directory", -errno);
        return 0;
}

/* Adds those of paths->files that the directory does not have by their name. */
static int add_files(const ConfigPaths *paths, const char *directory, ConfigErrors *errors,
                FileNames *names)
{
        for (size_t i = 0; i < paths->n_files; i++) {
                const char *name = basename(paths->files[i]);
                bool is_there = !config_is_routine_file(name) || streq(name, "kneed.conf") ||
                                streq(name, "limits.conf");
                int r;

                for (size_t k = 0; k < names->n && !is_there; k++)
                        is_there = streq(names->at[k], name);
                r = is_there ? 0 : add_name(names, name, directory, errors);
                if (r < 0)
                        return r == -ENOSPC ? 0 : r;
        }
        return 0;
}

static int read_file(RoutineList *list, const char *path, ConfigErrors *errors)
{
        _cleanup_(config_reader_freep) ConfigReader *reader = NULL;
        int r = config_reader_open(path, errors, &reader);

        if (r > 0)
                config_read_group(reader, config_root_setting(&reader->parsed), file_keys,
                                ELEMENTSOF(file_keys), list);
        return MIN(r, 0);
}

/* One of paths->files, or one of the directory. */
static int read_named(RoutineList *list, const ConfigPaths *paths, const char *directory,
                const char *name, ConfigErrors *errors)
{
        const char *file = list->directory > 0 ? config_file_of_name(paths, name) : NULL;
        _cleanup_free_ char *path = NULL;

        if (file)
                return read_file(list, file, errors);
        if (asprintf(&path, "%s/%s", directory, name) < 0)
                return -ENOMEM;
        return read_file(list, path, errors);
}

static int read_directory(RoutineList *list, const ConfigPaths *paths, ConfigErrors *errors)
{
        const char *parent = list->directory > 0 ? paths->etc_dir : paths->data_dir;
        _cleanup_(file_names_done) FileNames names = { .n = 0 };
        _cleanup_free_ char *directory = NULL;
        int r;

        if (asprintf(&directory, "%s/routines.d", parent) < 0)
                return -ENOMEM;
        r = list_files(directory, errors, &names);
        if (r >= 0 && list->directory > 0)
                r = add_files(paths, directory, errors, &names);
        qsort(names.at, names.n, sizeof(names.at[0]), compare_names);
        for (size_t i = 0; r >= 0 && i < names.n; i++)
                r = read_named(list, paths, directory, names.at[i], errors);
        return r;
}

static int compare_entries(const void *a, const void *b)
{
        return strcmp(((const Entry *) a)->routine.name, ((const Entry *) b)->routine.name);
}

static int take_all(const RoutineList *list, Config *config)
{
        config->routines = calloc(MAX(list->n, (size_t) 1), sizeof(Routine));
        config->sources = calloc(MAX(list->n, (size_t) 1), sizeof(RoutineSource));
        if (!config->routines || !config->sources)
                return -ENOMEM;

        for (size_t i = 0; i < list->n; i++) {
                config->routines[i] = list->entries[i].routine;
                config->sources[i] = list->entries[i].source;
        }
        config->n_routines = list->n;
        return 0;
}

int config_read_routines(const ConfigPaths *paths, ConfigErrors *errors, Config *config)
{
        _cleanup_free_ RoutineList *list = calloc(1, sizeof(RoutineList));

        if (!list)
                return -ENOMEM;
        for (list->directory = 0; list->directory < 2; list->directory++) {
                int r = read_directory(list, paths, errors);

                if (r < 0)
                        return r;
        }

        qsort(list->entries, list->n, sizeof(Entry), compare_entries);
        return take_all(list, config);
}
