/* SPDX-License-Identifier: MIT */
#pragma once

/* One config file as text that libconfig can be trusted with: bounded, checked, and with every
 * @include already in its place.
 *
 * libconfig's own reading is not used, because of what it was seen to do (1.5): it waits for ever
 * on a FIFO, ends the whole process where an @include names a directory, reads a file without
 * bound, makes 10 of 4294967306, and takes an unclosed comment or string for the end of the file,
 * so that a limit written below would be lost without a word. */

#include "daemon/config-errors.h"

#define CONFIG_TEXT_FILES_MAX 32u /* a file and all that it includes */
#define CONFIG_TEXT_DEPTH_MAX 10u

/* A run of lines that come from one file. */
typedef struct ConfigOrigin {
        unsigned line; /* its first, in the text */
        unsigned file;
        unsigned file_line;
} ConfigOrigin;

typedef struct ConfigText {
        char *data;       /* ends with a zero byte */
        size_t size;      /* at most CONFIG_FILE_SIZE_MAX */
        unsigned n_lines; /* that have ended */
        unsigned n_files;
        unsigned n_origins;
        char *files[CONFIG_TEXT_FILES_MAX];
        ConfigOrigin origins[2 * CONFIG_TEXT_FILES_MAX];
} ConfigText;

/* A relative @include is looked for beside the file that asks for it. Returns 1; 0 where there is
 * no such file; -EINVAL: *errors says what is wrong; -ENOMEM. */
int config_text_read(const char *path, ConfigErrors *errors, ConfigText **ret);
ConfigText *config_text_free(ConfigText *text);
DEFINE_TRIVIAL_CLEANUP_FUNC(ConfigText *, config_text_free)

/* Where a line of the text was written. */
ConfigPlace config_text_place(const ConfigText *text, unsigned line);

/* Whether there is nothing at all at path. A link that leads nowhere is something. */
bool config_path_absent(const char *path);

/* Adds the sentence for a file or directory that is there and cannot be read. */
void config_errors_add_unreadable(ConfigErrors *errors, ConfigPlace place, const char *what, int r);
