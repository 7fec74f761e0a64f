/* SPDX-License-Identifier: MIT */
#pragma once

/* What the administrator and the user wrote: kneed.conf, limits.conf and routines.d, read with
 * libconfig and checked before anything of it counts. Nothing is clamped in silence: an unknown
 * key, a wrong type, a value out of range or a doubled name is an error with file and line.
 *
 * A missing file means its defaults. A file that is there and cannot be read, or is wrong, is an
 * error: the caller keeps what it had, and one that has nothing yet starts no session. So a
 * limits.conf that cannot be read never means no limits. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/layout.h"
#include "daemon/leg.h"
#include "daemon/limits.h"
#include "daemon/routine.h"

#define CONFIG_ROUTINES_MAX   64u
#define CONFIG_TECHNIQUES_MAX 64u
/* Of a file with all that it includes. libconfig's time grows with the square of the keys: 64 KiB
 * were seen to take 0.6 s at worst, 256 KiB 6 s. */
#define CONFIG_FILE_SIZE_MAX  (64u * 1024u)
#define CONFIG_ERRORS_MAX     32u /* more are counted, not kept */
#define CONFIG_ERROR_TEXT_MAX 448u
#define CONFIG_PATH_SHOWN_MAX 120u /* of a longer path only the end is shown */

/* Where a routine was written. */
typedef struct RoutineSource {
        char file[CONFIG_PATH_SHOWN_MAX + 1]; /* its end, where it is longer */
        unsigned line;
        bool is_vendors; /* it came with kneed */
        bool is_tried;   /* its techniques did, too: as a whole it was rendered by kneed's tests */
        bool is_sound;   /* nothing was wrong in it as it was read */
} RoutineSource;

/* Counted: a session keeps what it began with while newer config comes into force. Not changed
 * after it was loaded. */
typedef struct Config {
        unsigned n_refs;
        Leg leg;                    /* which leg a run is for when nobody says */
        uint8_t intensity_percent;  /* of a run when nobody says; 0: as the routine has it */
        uint8_t minutes;            /* of a run when nobody says; 0: as long as the routine is */
        bool virtual_massager;      /* attach the massager in software */
        bool allow_without_cut_off; /* use massagers that cannot stop by themselves */
        Limits limits;              /* hard limits tightened by limits.conf */
        size_t n_techniques;
        Technique *techniques; /* owned; sorted by name */
        size_t n_routines;
        Routine *routines;      /* owned; sorted by name; their steps point to the techniques */
        RoutineSource *sources; /* owned; of each routine */
} Config;

/* All errors of a reading, in the order of the files. Each text is whole: "FILE:LINE: what is
 * wrong; what is allowed.", without a line where the file as a whole is meant. It is valid UTF-8
 * without control characters, whatever the files hold. */
typedef struct ConfigErrors {
        size_t n; /* all that were found; only the first CONFIG_ERRORS_MAX have a text */
        char text[CONFIG_ERRORS_MAX][CONFIG_ERROR_TEXT_MAX];
} ConfigErrors;

/* Where config is read from. Later directories override earlier ones by the names of techniques and
 * routines; kneed.conf and limits.conf are read from etc_dir only. */
typedef struct ConfigPaths {
        const char *data_dir; /* the vendor's: routines.d is read from here first */
        const char *etc_dir;  /* the administrator's */

        /* Read as if they stood in etc_dir already, in the place of what has their name there:
         * kneed.conf and limits.conf, and all others in its routines.d. */
        const char *const *files;
        size_t n_files;

        /* The massager against which routines are rendered; NULL: none is. The administrator's are
         * rendered with the limits in force, the vendor's with the hard ones: a limit that somebody
         * tightens is never the reason to refuse a routine that they did not write. Those that
         * kneed's tests have tried are rendered only where that is asked for, since somebody waits
         * for kneed to start. */
        const Layout *reference;
        bool renders_tried;
} ConfigPaths;

/* Reads all. Returns 0; -EINVAL: *errors says what is wrong; -ENOMEM; no other. */
int config_load(const ConfigPaths *paths, Config **ret, ConfigErrors *errors);
Config *config_ref(Config *config);
Config *config_unref(Config *config);

/* NULL where there is none of that name. */
const Routine *config_find_routine(const Config *config, const char *name);
const Technique *config_find_technique(const Config *config, const char *name);
