/* SPDX-License-Identifier: MIT */
#include "daemon/config-schema.h"

#include <errno.h>

#define WORD_MAX  40u  /* nothing that has a name here has a longer one */
#define LIST_SIZE 192u /* of the names that are told; more are left out */

/* Levenshtein's distance: how many letters to change, add or leave out. */
static size_t distance(const char *a, const char *b)
{
        size_t row[WORD_MAX + 1];
        size_t n_a = strlen(a), n_b = strlen(b);

        if (n_a > WORD_MAX || n_b > WORD_MAX)
                return SIZE_MAX;
        for (size_t j = 0; j <= n_b; j++)
                row[j] = j;
        for (size_t i = 1; i <= n_a; i++) {
                size_t diagonal = row[0];

                row[0] = i;
                for (size_t j = 1; j <= n_b; j++) {
                        size_t changed = diagonal + (a[i - 1] != b[j - 1]);
                        size_t shorter = MIN(row[j - 1], row[j]) + 1;

                        diagonal = row[j];
                        row[j] = MIN(changed, shorter);
                }
        }
        return row[n_b];
}

static const char *nearest(const char *word, const ConfigNames *known)
{
        size_t least = 1 + strlen(word) / 4;
        const char *name = NULL;

        for (size_t i = 0; i < known->n; i++) {
                size_t d = distance(word, known->at[i]);

                if (d <= least && (!name || d < least)) {
                        least = d;
                        name = known->at[i];
                }
        }
        return name;
}

void config_errors_add_unknown(ConfigErrors *errors, ConfigPlace place, const char *what,
                const char *word, const ConfigNames *known)
{
        const char *name = nearest(word, known);
        char list[LIST_SIZE] = "";
        char *end = list;

        if (name) {
                config_errors_add(errors, place, "unknown %s \"%.40s\"; did you mean \"%s\"?", what,
                                word, name);
                return;
        }
        for (size_t i = 0; i < known->n; i++) {
                if (strlen(known->at[i]) + sizeof(", ") > sizeof(list) - (size_t) (end - list))
                        break;
                if (i > 0)
                        end = stpcpy(end, ", ");
                end = stpcpy(end, known->at[i]);
        }
        config_errors_add(errors, place, "unknown %s \"%.40s\"; known here are %s.", what, word,
                        list);
}

ConfigPlace config_place(const ConfigReader *reader, const config_setting_t *setting)
{
        return config_text_place(reader->text, config_setting_source_line(setting));
}

const char *config_read_text(ConfigReader *reader, const config_setting_t *setting)
{
        if (config_setting_type(setting) == CONFIG_TYPE_STRING)
                return config_setting_get_string(setting);
        config_errors_add(reader->errors, config_place(reader, setting),
                        "\"%.40s\" must be a text; put it in quotation marks.", setting->name);
        return NULL;
}

void config_parse_leg(ConfigReader *reader, const config_setting_t *setting, void *field)
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

static void store(const ConfigKey *key, void *to, uint32_t value)
{
        void *field = (char *) to + key->offset;

        if (key->width == sizeof(uint8_t))
                *(uint8_t *) field = (uint8_t) value;
        else
                *(uint16_t *) field = (uint16_t) value;
}

static void read_integer(ConfigReader *reader, const config_setting_t *setting,
                const ConfigKey *key, void *to)
{
        ConfigPlace place = config_place(reader, setting);
        const char *or_off = key->type == CONFIG_INTEGER_OR_OFF ? ", or 0 for off" : "";
        int value;

        if (config_setting_type(setting) != CONFIG_TYPE_INT) {
                config_errors_add(reader->errors, place,
                                "\"%s\" must be a whole number; allowed are %u to %u%s.", key->name,
                                key->low, key->high, or_off);
                return;
        }
        value = config_setting_get_int(setting);
        if (key->above && value > (int64_t) key->high)
                config_errors_add(reader->errors, place, "\"%s\" is %d; %s: the most is %u.",
                                key->name, value, key->above, key->high);
        else if ((value < (int64_t) key->low || value > (int64_t) key->high) &&
                        (value != 0 || key->type != CONFIG_INTEGER_OR_OFF))
                config_errors_add(reader->errors, place, "\"%s\" is %d; allowed are %u to %u%s.",
                                key->name, value, key->low, key->high, or_off);
        else
                store(key, to, (uint32_t) value);
}

static void read_key(ConfigReader *reader, const config_setting_t *setting, const ConfigKey *key,
                void *to)
{
        switch (key->type) {
        case CONFIG_INTEGER:
        case CONFIG_INTEGER_OR_OFF:
                read_integer(reader, setting, key, to);
                break;
        case CONFIG_BOOLEAN:
                if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
                        store(key, to, config_setting_get_bool(setting) ? 1 : 0);
                else
                        config_errors_add(reader->errors, config_place(reader, setting),
                                        "\"%s\" must be a yes or no; write true or false.",
                                        key->name);
                break;
        case CONFIG_OTHER:
                key->parse(reader, setting, (char *) to + key->offset);
                break;
        }
}

static const ConfigKey *find_key(const ConfigKey *keys, size_t n_keys, const char *name)
{
        for (size_t i = 0; i < n_keys; i++)
                if (streq(keys[i].name, name))
                        return &keys[i];
        return NULL;
}

static void complain_unknown_key(ConfigReader *reader, const config_setting_t *setting,
                const ConfigKey *keys, size_t n_keys)
{
        ConfigNames known = { .n = MIN(n_keys, (size_t) CONFIG_NAMES_MAX) };

        for (size_t i = 0; i < known.n; i++)
                known.at[i] = keys[i].name;
        config_errors_add_unknown(reader->errors, config_place(reader, setting), "key",
                        setting->name, &known);
}

void config_read_group(ConfigReader *reader, const config_setting_t *group, const ConfigKey *keys,
                size_t n_keys, void *to)
{
        if (config_setting_type(group) != CONFIG_TYPE_GROUP) {
                config_errors_add(reader->errors, config_place(reader, group),
                                "keys are wanted here; write { key = value; }.");
                return;
        }
        for (size_t i = 0; i < n_keys; i++) {
                if (keys[i].type != CONFIG_OTHER)
                        store(&keys[i], to, keys[i].fallback);
                if (keys[i].required && !config_setting_get_member(group, keys[i].name))
                        config_errors_add(reader->errors, config_place(reader, group),
                                        "\"%s\" is missing; it must be set here.", keys[i].name);
        }
        for (int i = 0; i < config_setting_length(group); i++) {
                const config_setting_t *setting = config_setting_get_elem(group, (unsigned) i);
                const ConfigKey *key = find_key(keys, n_keys, setting->name);

                if (key)
                        read_key(reader, setting, key, to);
                else
                        complain_unknown_key(reader, setting, keys, n_keys);
        }
}

ConfigReader *config_reader_free(ConfigReader *reader)
{
        if (!reader)
                return NULL;
        config_destroy(&reader->parsed);
        (void) config_text_free(reader->text);
        free(reader);
        return NULL;
}

static const char *parse_error_sentence(const char *text)
{
        if (text && streq(text, "duplicate setting name"))
                return "this key is set twice; each key may be set once.";
        if (text && streq(text, "mismatched element type in array"))
                return "values in [ ] must be of one type; write a list in ( ).";
        return "this cannot be understood; write \"key = value;\" and close every bracket.";
}

int config_reader_open(const char *path, ConfigErrors *errors, ConfigReader **ret)
{
        _cleanup_(config_reader_freep) ConfigReader *reader = calloc(1, sizeof(ConfigReader));
        int r;

        if (!reader)
                return -ENOMEM;
        reader->errors = errors;
        config_init(&reader->parsed);
        /* Nothing is left to include. Should libconfig see an @include that the scanner did not, it
         * finds nothing below a file. */
        config_set_include_dir(&reader->parsed, "/dev/null");

        r = config_text_read(path, errors, &reader->text);
        if (r == -EINVAL)
                return 0;
        if (r <= 0)
                return r;
        if (!config_read_string(&reader->parsed, reader->text->data)) {
                unsigned line = (unsigned) MAX(config_error_line(&reader->parsed), 1);

                config_errors_add(errors, config_text_place(reader->text, line), "%s",
                                parse_error_sentence(config_error_text(&reader->parsed)));
                return 0;
        }
        *ret = TAKE_PTR(reader);
        return 1;
}
