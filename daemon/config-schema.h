/* SPDX-License-Identifier: MIT */
#pragma once

/* The table-driven reader: a row says what a key is called, what it may be, what it is when nobody
 * sets it, and where it goes. Errors are collected, never thrown: who reads looks at errors->n. */

#include <libconfig.h>

#include "daemon/config-text.h"

#define CONFIG_NAMES_MAX 64u

typedef struct ConfigReader {
        config_t parsed;
        ConfigText *text;
        ConfigErrors *errors;
        size_t n_techniques; /* that steps may name */
        const Technique *techniques;
} ConfigReader;

typedef enum ConfigType {
        CONFIG_INTEGER,
        CONFIG_INTEGER_OR_OFF, /* or 0 */
        CONFIG_DECIMAL,        /* a whole number or one with a point; its range is in thousandths */
        CONFIG_BOOLEAN,
        CONFIG_OTHER, /* parse() knows; gets the whole struct where no field is named */
} ConfigType;

typedef struct ConfigKey {
        const char *name;
        ConfigType type;
        bool required;
        uint32_t low, high; /* of a number; fits into the field */
        uint32_t fallback;
        uint32_t scale;       /* of a decimal: what a thousandth of it counts in the field */
        const char *above;    /* why not more than high; NULL: nothing is to be said */
        size_t offset, width; /* of the field; an unsigned integer or a bool */
        void (*parse)(ConfigReader *reader, const config_setting_t *setting, void *field);
} ConfigKey;

/* All keys of one kind of group, so that what documents them can be checked. */
typedef struct ConfigTable {
        const char *what;
        size_t n_keys;
        const ConfigKey *keys;
} ConfigTable;

#define CONFIG_FIELD(type, member) \
        .offset = offsetof(type, member), .width = sizeof(((type *) NULL)->member)

/* Names to choose from, for suggestions. */
typedef struct ConfigNames {
        size_t n;
        const char *at[CONFIG_NAMES_MAX];
        const char *see; /* what shows them all, where they may be too many to tell; NULL: nothing
                          */
} ConfigNames;

/* The one of paths->files that has this name; NULL: none. */
const char *config_file_of_name(const ConfigPaths *paths, const char *name);

/* Reads and parses one file. Returns 1; 0 where there is none or it is wrong, which *errors says;
 * -ENOMEM. */
int config_reader_open(const char *path, ConfigErrors *errors, ConfigReader **ret);
ConfigReader *config_reader_free(ConfigReader *reader);
DEFINE_TRIVIAL_CLEANUP_FUNC(ConfigReader *, config_reader_free)

/* Reads a group by at most CONFIG_NAMES_MAX rows into the struct at `to`. */
void config_read_group(ConfigReader *reader, const config_setting_t *group, const ConfigKey *keys,
                size_t n_keys, void *to);

/* The text of a setting, or NULL and an error where it is none. */
const char *config_read_text(ConfigReader *reader, const config_setting_t *setting);

/* For keys with a parse(): a name of at most ROUTINE_NAME_MAX bytes, and a line for people of at
 * most ROUTINE_SUMMARY_MAX. The field has room for the end. */
void config_parse_name(ConfigReader *reader, const config_setting_t *setting, void *field);
void config_parse_summary(ConfigReader *reader, const config_setting_t *setting, void *field);

/* The length of a list in ( ); 0 and an error where it is none, or has not 1 to `most` elements. */
unsigned config_read_list(ConfigReader *reader, const config_setting_t *setting, unsigned most);

/* Whether a group has a key. */
bool config_has(const config_setting_t *group, const char *key);

/* What a setting is, in words: "a text". */
const char *config_type_words(const config_setting_t *setting);

/* Where a setting was written. */
ConfigPlace config_place(const ConfigReader *reader, const config_setting_t *setting);

/* Adds that nothing called `word` is known, and what may have been meant. */
void config_errors_add_unknown(ConfigErrors *errors, ConfigPlace place, const char *what,
                const char *word, const ConfigNames *known);
