/* SPDX-License-Identifier: MIT */
#include "daemon/config-routines.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/config-routine.h"
#include "daemon/config-technique.h"

#define N_PARENTS 2u

/* A name that is taken, and where, for those who define it again. */
typedef struct Claim {
        char name[ROUTINE_NAME_MAX + 1];
        char place[80];
        unsigned directory;
} Claim;

typedef struct Claims {
        const char *what;
        bool full; /* and it has been said */
        size_t n;
        Claim at[CONFIG_ROUTINES_MAX];
} Claims;

_Static_assert(CONFIG_TECHNIQUES_MAX <= CONFIG_ROUTINES_MAX &&
                                CONFIG_TECHNIQUES_MAX <= CONFIG_NAMES_MAX,
                "room for all names");

typedef struct Collection Collection;

/* A file stays open until all are read: a routine may use a technique from any of them. Its errors
 * are its own until then, so that they can be told in the order of the files. */
typedef struct File {
        Collection *collection;
        ConfigReader *reader; /* NULL: it is wrong */
        ConfigErrors errors;
        unsigned directory;
        const config_setting_t *routines; /* NULL: it has none */
} File;

struct Collection {
        size_t n_files;
        File *files[N_PARENTS * CONFIG_ROUTINES_MAX];
        Claims technique_claims, routine_claims;
        Technique techniques[CONFIG_TECHNIQUES_MAX]; /* by their claims */
        bool techniques_are_sound;
        Routine routines[CONFIG_ROUTINES_MAX]; /* by their claims */
        RoutineSource sources[CONFIG_ROUTINES_MAX];
};

typedef struct FileNames {
        size_t n;
        char *at[CONFIG_ROUTINES_MAX];
} FileNames;

static Collection *collection_free(Collection *collection)
{
        if (!collection)
                return NULL;
        for (size_t i = 0; i < collection->n_files; i++) {
                (void) config_reader_free(collection->files[i]->reader);
                free(collection->files[i]);
        }
        free(collection);
        return NULL;
}
DEFINE_TRIVIAL_CLEANUP_FUNC(Collection *, collection_free)

static const Claim *find_claim(const Claims *claims, const char *name)
{
        for (size_t i = 0; i < claims->n; i++)
                if (streq(claims->at[i].name, name))
                        return &claims->at[i];
        return NULL;
}

/* Where in its array to keep what has this name, or -1 and an error. A later directory takes the
 * place of an earlier one's. */
static int claim(Claims *claims, size_t most, const char *name, File *file, ConfigPlace place)
{
        const Claim *known = find_claim(claims, name);
        Claim *found = known ? &claims->at[known - claims->at] : NULL;
        const char *slash = strrchr(place.file, '/');

        if (found && found->directory == file->directory) {
                config_errors_add(&file->errors, place,
                                "the %s \"%s\" is already in %s; give one of them another name.",
                                claims->what, name, found->place);
                return -1;
        }
        if (!found && claims->n >= most) {
                if (!claims->full)
                        config_errors_add(&file->errors, place,
                                        "this %s is one too many; at most %zu can be kept.",
                                        claims->what, most);
                claims->full = true;
                return -1;
        }
        if (!found)
                found = &claims->at[claims->n++];
        (void) strcpy(found->name, name);
        (void) snprintf(found->place, sizeof(found->place), "%.60s:%u",
                        slash ? slash + 1 : place.file, place.line);
        found->directory = file->directory;
        return (int) (found - claims->at);
}

static bool is_list(ConfigReader *reader, const config_setting_t *setting)
{
        if (config_setting_is_list(setting))
                return true;
        config_errors_add(reader->errors, config_place(reader, setting),
                        "\"%s\" must be a list and is %s; write ( { … }, { … } ).", setting->name,
                        config_type_words(setting));
        return false;
}

/* What is wrong but has a name is kept too, so that a second one of it is found, and whoever uses
 * it is not blamed. */
static void parse_techniques(ConfigReader *reader, const config_setting_t *setting, void *to)
{
        File *file = to;
        Collection *collection = file->collection;

        if (!is_list(reader, setting))
                return;
        for (int i = 0; i < config_setting_length(setting); i++) {
                const config_setting_t *group = config_setting_get_elem(setting, (unsigned) i);
                Technique technique = { .n_motions = 0 };
                int at;

                config_read_technique(reader, group, &technique);
                if (!technique.name[0])
                        continue;
                at = claim(&collection->technique_claims, CONFIG_TECHNIQUES_MAX, technique.name,
                                file, config_place(reader, group));
                if (at >= 0)
                        collection->techniques[at] = technique;
        }
}

static void parse_routines(ConfigReader *reader, const config_setting_t *setting, void *to)
{
        File *file = to;

        if (is_list(reader, setting))
                file->routines = setting;
}

/* Whether it came with kneed, and all its techniques too. */
static bool is_tried(const File *file, const Routine *routine)
{
        const Claims *claims = &file->collection->technique_claims;

        for (unsigned i = 0; i < routine->n_steps; i++) {
                const Technique *technique = routine->steps[i].technique;
                const Claim *claim = technique ? find_claim(claims, technique->name) : NULL;

                if (!claim || claim->directory > 0)
                        return false;
        }
        return file->directory == 0;
}

static void read_routines(File *file)
{
        Collection *collection = file->collection;
        ConfigReader *reader = file->reader;

        for (int i = 0; file->routines && i < config_setting_length(file->routines); i++) {
                const config_setting_t *group = config_setting_get_elem(
                                file->routines, (unsigned) i);
                ConfigPlace place = config_place(reader, group);
                size_t errors_before = file->errors.n;
                Routine routine = { .n_steps = 0 };
                int at;

                config_read_routine(reader, group, &routine);
                if (!routine.name[0])
                        continue;
                at = claim(&collection->routine_claims, CONFIG_ROUTINES_MAX, routine.name, file,
                                place);
                if (at < 0)
                        continue;
                collection->routines[at] = routine;
                collection->sources[at] = (RoutineSource){
                        .line = place.line,
                        .is_vendors = file->directory == 0,
                        .is_tried = is_tried(file, &routine),
                        .is_sound = collection->techniques_are_sound &&
                                    file->errors.n == errors_before,
                };
                (void) snprintf(collection->sources[at].file, sizeof(collection->sources[at].file),
                                "%s", config_path_shown(place.file));
        }
}

static const ConfigKey file_keys[] = {
        { "techniques", CONFIG_OTHER, .parse = parse_techniques },
        { "routines", CONFIG_OTHER, .parse = parse_routines },
};

const ConfigTable config_routines_table = { "file", ELEMENTSOF(file_keys), file_keys };

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

static int read_file(Collection *collection, unsigned directory, const char *path)
{
        File *file = calloc(1, sizeof(File));
        int r;

        if (!file)
                return -ENOMEM;
        collection->files[collection->n_files++] = file;
        file->collection = collection;
        file->directory = directory;
        r = config_reader_open(path, &file->errors, &file->reader);
        if (r > 0)
                config_read_group(file->reader, config_root_setting(&file->reader->parsed),
                                file_keys, ELEMENTSOF(file_keys), file);
        return MIN(r, 0);
}

/* One of paths->files, or one of the directory. */
static int read_named(Collection *collection, const ConfigPaths *paths, unsigned number,
                const char *directory, const char *name)
{
        const char *file = number > 0 ? config_file_of_name(paths, name) : NULL;
        _cleanup_free_ char *path = NULL;

        if (file)
                return read_file(collection, number, file);
        if (asprintf(&path, "%s/%s", directory, name) < 0)
                return -ENOMEM;
        return read_file(collection, number, path);
}

static int read_directory(Collection *collection, const ConfigPaths *paths, unsigned number,
                ConfigErrors *errors)
{
        const char *parent = number > 0 ? paths->etc_dir : paths->data_dir;
        _cleanup_(file_names_done) FileNames names = { .n = 0 };
        _cleanup_free_ char *directory = NULL;
        int r;

        if (asprintf(&directory, "%s/routines.d", parent) < 0)
                return -ENOMEM;
        r = list_files(directory, errors, &names);
        if (r >= 0 && number > 0)
                r = add_files(paths, directory, errors, &names);
        qsort(names.at, names.n, sizeof(names.at[0]), compare_names);
        for (size_t i = 0; r >= 0 && i < names.n; i++)
                r = read_named(collection, paths, number, directory, names.at[i]);
        return r;
}

static int compare_techniques(const void *a, const void *b)
{
        return strcmp(((const Technique *) a)->name, ((const Technique *) b)->name);
}

static int compare_routines(const void *a, const void *b)
{
        return strcmp(((const Routine *) a)->name, ((const Routine *) b)->name);
}

/* A sorted copy of n elements, at least one byte long. */
static void *sorted(
                const void *from, size_t n, size_t size, int (*compare)(const void *, const void *))
{
        void *to = calloc(MAX(n, (size_t) 1), size);

        if (!to)
                return NULL;
        memcpy(to, from, n * size);
        qsort(to, n, size, compare);
        return to;
}

/* Every file's routines, once all techniques are known. */
static void read_all_routines(Collection *collection, const Config *config, ConfigErrors *errors)
{
        collection->techniques_are_sound = true;
        for (size_t i = 0; i < collection->n_files; i++)
                if (collection->files[i]->errors.n > 0)
                        collection->techniques_are_sound = false;

        for (size_t i = 0; i < collection->n_files; i++) {
                File *file = collection->files[i];

                if (file->reader) {
                        file->reader->techniques = config->techniques;
                        file->reader->n_techniques = config->n_techniques;
                        read_routines(file);
                }
                config_errors_join(errors, &file->errors);
        }
}

static int take_routines(const Collection *collection, Config *config)
{
        size_t n = collection->routine_claims.n;

        config->routines = sorted(collection->routines, n, sizeof(Routine), compare_routines);
        config->sources = calloc(MAX(n, (size_t) 1), sizeof(RoutineSource));
        if (!config->routines || !config->sources)
                return -ENOMEM;

        config->n_routines = n;
        for (size_t i = 0; i < n; i++) {
                const Claims *claims = &collection->routine_claims;
                const Claim *claim = find_claim(claims, config->routines[i].name);

                config->sources[i] = collection->sources[claim - claims->at];
        }
        return 0;
}

int config_read_routines(const ConfigPaths *paths, ConfigErrors *errors, Config *config)
{
        _cleanup_(collection_freep) Collection *collection = calloc(1, sizeof(Collection));

        if (!collection)
                return -ENOMEM;
        collection->technique_claims.what = "technique";
        collection->routine_claims.what = "routine";
        for (unsigned i = 0; i < N_PARENTS; i++) {
                int r = read_directory(collection, paths, i, errors);

                if (r < 0)
                        return r;
        }

        config->n_techniques = collection->technique_claims.n;
        config->techniques = sorted(collection->techniques, config->n_techniques, sizeof(Technique),
                        compare_techniques);
        if (!config->techniques)
                return -ENOMEM;
        read_all_routines(collection, config, errors);
        return take_routines(collection, config);
}
