/* SPDX-License-Identifier: MIT */
#pragma once

/* How errors in config are written down, and what text a config file may hold. */

#include "common/macro.h"
#include "daemon/config.h"

/* Where a line of a config file was written. Line 0: the file as a whole. */
typedef struct ConfigPlace {
        const char *file;
        unsigned line;
} ConfigPlace;

/* Whatever the text quotes, what is kept is valid UTF-8 without control characters: it goes to
 * terminals, to the journal and to the bus. */
void config_errors_add(ConfigErrors *errors, ConfigPlace place, const char *format, ...)
                _printf_(3, 4);

/* Adds all that another reading found. */
void config_errors_join(ConfigErrors *errors, const ConfigErrors *more);

/* What is shown of a path: CONFIG_PATH_SHOWN_MAX bytes at most. */
const char *config_path_shown(const char *path);

/* The length of the well-formed UTF-8 sequence at s, 1 to 4; 0 where there is none. Reads no
 * further than a zero byte. */
size_t utf8_sequence(const char *s);

/* Whether the sequence at s, which is well-formed, is a control character (C0, DEL or C1). */
bool utf8_is_control(const char *s);
