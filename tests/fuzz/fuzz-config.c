/* SPDX-License-Identifier: MIT */
/* Any bytes as config: what is taken is sound and plays without touching a keep-out, what is
 * refused is refused in sentences. The input is up to four files with a form feed between them. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "daemon/config-errors.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 forgets a text that stands where it expects none, an empty one too. */
const char *__lsan_default_suppressions(void)
{
        return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

/* In memory where that can be: a disk is a hundred times slower. */
static char in_memory[] = "/dev/shm/kneed-fuzz-config-XXXXXX";
static char on_disk[] = "/tmp/kneed-fuzz-config-XXXXXX";
static const char *root;
static char data_dir[64], etc_dir[64];

static const char *const files[] = { "etc/routines.d/a.conf", "data/routines.d/a.conf",
        "etc/limits.conf", "etc/kneed.conf" };

static void demand(bool holds)
{
        if (!holds)
                abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        return remove(path);
}

static void remove_all(void)
{
        (void) nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        static const char *const folders[] = { "data", "etc", "data/routines.d", "etc/routines.d" };

        root = mkdtemp(in_memory);
        if (!root)
                root = mkdtemp(on_disk);
        demand(root);
        demand(atexit(remove_all) == 0);
        (void) snprintf(data_dir, sizeof(data_dir), "%s/data", root);
        (void) snprintf(etc_dir, sizeof(etc_dir), "%s/etc", root);
        for (size_t i = 0; i < ELEMENTSOF(folders); i++) {
                char path[64];

                (void) snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
                demand(mkdir(path, 0700) == 0);
        }
        return 0;
}

static void write_files(const char *data, size_t size)
{
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                const char *end = size > 0 ? memchr(data, '\f', size) : NULL;
                size_t n = end ? (size_t) (end - data) : size;
                char path[96];
                FILE *file;

                (void) snprintf(path, sizeof(path), "%s/%s", root, files[i]);
                file = fopen(path, "we");
                demand(file && fwrite(data, 1, n, file) == n && fclose(file) == 0);
                data += n + (end ? 1 : 0);
                size -= n + (end ? 1 : 0);
        }
}

static void demand_printable(const char *text)
{
        demand(text[0]);
        while (*text) {
                size_t n = utf8_sequence(text);

                demand(n > 0 && !utf8_is_control(text));
                text += n;
        }
}

/* Moves over the front of the knee and both its sides, among them what is kept out. */
static void play(const Technique *technique)
{
        Layout layout = { .n_actuators = LAYOUT_ACTUATORS_MAX };
        uint64_t round_ms = technique_round_ms(technique);
        uint16_t levels[LAYOUT_ACTUATORS_MAX];

        demand(round_ms > 0);
        for (unsigned i = 0; i < layout.n_actuators; i++)
                layout.actuators[i].place = (Place){ true, (int16_t) (-105 + 30 * (int) (i % 8)),
                        (int16_t) (-80 + 40 * (int) (i / 8)) };
        for (unsigned i = 0; i < 50; i++) {
                Contact contact = technique_contact(technique, round_ms * i / 50, 50 + 2 * i);

                demand(contact.strength_permille <= 1000);
                demand(contact.strength_permille == 0 ||
                                leg_distance_mm(contact.at, (LegPoint){ 0, 0 }) > 31);
                technique_levels(&contact, &layout, levels);
                for (unsigned a = 0; a < layout.n_actuators; a++)
                        demand(levels[a] <= 1000 &&
                                        (levels[a] == 0 ||
                                                        !leg_keep_out(&layout.actuators[a].place)));
                demand(technique_next_place_ms(technique, round_ms * i / 50) > round_ms * i / 50);
        }
}

static void check(const Config *config)
{
#define X(field, strictest, hard, unit, what) \
        demand(config->limits.field >= (strictest) && config->limits.field <= (hard));
        LIMITS(X)
#undef X
        demand(config->leg == LEG_LEFT || config->leg == LEG_RIGHT);
        demand(config->intensity_percent <= 100 && config->minutes <= ROUTINE_MINUTES_MAX);
        demand(config->n_techniques <= CONFIG_TECHNIQUES_MAX);
        demand(config->n_routines <= CONFIG_ROUTINES_MAX);
        for (size_t i = 0; i < config->n_techniques; i++)
                play(&config->techniques[i]);
        for (size_t i = 0; i < config->n_routines; i++) {
                Routine routine = config->routines[i];
                uint32_t duration_ms = routine_duration_ms(&routine);

                demand(duration_ms >= 30000 && duration_ms <= ROUTINE_MINUTES_MAX * 60000u);
                demand(routine.n_steps >= 1 && routine.n_steps <= ROUTINE_STEPS_MAX);
                for (unsigned s = 0; s < routine.n_steps; s++) {
                        const RoutineStep *step = &routine.steps[s];

                        demand(config_find_technique(config, step->technique->name) ==
                                        step->technique);
                        demand(step->intensity_percent >= 1 && step->intensity_percent <= 100);
                        demand(step->tempo_percent >= 50 && step->tempo_percent <= 150);
                        demand(step->heat_c <= ROUTINE_HEAT_MAX_C);
                }
                demand(routine_scale(&routine, 60000) == 0);
                demand(routine_duration_ms(&routine) == 60000);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static ConfigErrors errors;
        const ConfigPaths paths = { .data_dir = data_dir, .etc_dir = etc_dir };
        Config *config = NULL;
        int r;

        write_files((const char *) data, size);
        r = config_load(&paths, &config, &errors);
        demand(r == 0 || r == -EINVAL);
        if (r == 0) {
                demand(errors.n == 0);
                check(config);
                config_unref(config);
        } else {
                demand(errors.n > 0 && !config);
                for (size_t i = 0; i < MIN(errors.n, (size_t) CONFIG_ERRORS_MAX); i++)
                        demand_printable(errors.text[i]);
        }
        return 0;
}
