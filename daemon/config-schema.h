/* SPDX-License-Identifier: MIT */
#pragma once

/* The table-driven reader: a row says what a key is called, what it may be, what it is when nobody
 * sets it, and where it goes. Errors are collected, never thrown: who reads looks at errors->n. */

#include <libconfig.h>

#include "daemon/config-text.h"

#define CONFIG_NAMES_MAX CONFIG_ROUTINES_MAX

typedef struct ConfigReader {
        config_t parsed;
        ConfigText *text;
        ConfigErrors *errors;
} ConfigReader;

typedef enum ConfigType {
        CONFIG_INTEGER,
        CONFIG_INTEGER_OR_OFF, /* or 0 */
        CONFIG_BOOLEAN,
        CONFIG_OTHER, /* parse() knows; gets the whole struct where no field is named */
} ConfigType;

typedef struct ConfigKey {
        const char *name;
        ConfigType type;
        bool required;
        uint32_t low, high; /* of an integer; fits into the field */
        uint32_t fallback;
        const char *above;    /* why not more than high; NULL: nothing is to be said */
        size_t offset, width; /* of the field; an unsigned integer or a bool */
        void (*parse)(ConfigReader *reader, const config_setting_t *setting, void *field);
} ConfigKey;

#define CONFIG_FIELD(type, member) \
        .offset = offsetof(type, member), .width = sizeof(((type *) NULL)->member)

/* Names to choose from, for suggestions. */
typedef struct ConfigNames {
        size_t n;
        const char *at[CONFIG_NAMES_MAX];
} ConfigNames;

/* Reads and parses one file. Returns 1; 0 where there is none or it is wrong, which *errors says;
 * -ENOMEM. */
int config_reader_open(const char *path, ConfigErrors *errors, ConfigReader **ret);
ConfigReader *config_reader_free(ConfigReader *reader);
DEFINE_TRIVIAL_CLEANUP_FUNC(ConfigReader *, config_reader_free)

/* Reads a group by at most CONFIG_NAMES_MAX rows into the struct at `to`. */
void config_read_group(ConfigReader *reader, const config_setting_t *group, const ConfigKey *keys,
                size_t n_keys, void *to);

/* Of a key whose field is a Leg. */
void config_parse_leg(ConfigReader *reader, const config_setting_t *setting, void *field);

/* The text of a setting, or NULL and an error where it is none. */
const char *config_read_text(ConfigReader *reader, const config_setting_t *setting);

/* Where a setting was written. */
ConfigPlace config_place(const ConfigReader *reader, const config_setting_t *setting);

/* Adds that nothing called `word` is known, and what may have been meant. */
void config_errors_add_unknown(ConfigErrors *errors, ConfigPlace place, const char *what,
                const char *word, const ConfigNames *known);
