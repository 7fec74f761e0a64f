/* SPDX-License-Identifier: MIT */
#include "daemon/config-schema.h"

#include <errno.h>
#include <stdio.h>

#define WORD_MAX 40u /* nothing that has a name here has a longer one */
#define THOUSAND 1000.0
#define NEAR_MAX ((size_t) 32) /* bytes that are shown of what cannot be understood */
#define LIST_MAX 128u          /* of names in one sentence; all of them are shorter */

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

static bool has_part(const char *name, const char *part, size_t length)
{
        while (*name) {
                size_t n = strcspn(name, "-");

                if (n == length && strncmp(name, part, length) == 0)
                        return true;
                name += n;
                name += *name == '-';
        }
        return false;
}

/* How many of the parts of a name, between hyphens, another has too: "outer-thigh" and
 * "thigh-outer" have two. */
static unsigned parts_in_common(const char *a, const char *b)
{
        unsigned n = 0;

        for (size_t length; *a; a += length + (a[length] == '-')) {
                length = strcspn(a, "-");
                n += length > 0 && has_part(b, a, length);
        }
        return n;
}

/* The name of which most parts are the same, two at least, in whatever order. */
static const char *rearranged(const char *word, const ConfigNames *known)
{
        const char *name = NULL;
        unsigned most = 1;

        for (size_t i = 0; i < known->n; i++) {
                unsigned n = parts_in_common(word, known->at[i]);

                if (n > most) {
                        most = n;
                        name = known->at[i];
                }
        }
        return name;
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
        return name ? name : rearranged(word, known);
}

/* Names with commas between them, as far as they fit. Returns whether all did. */
static bool list_names(const ConfigNames *known, char *list, size_t size)
{
        size_t n = 0;

        list[0] = 0;
        for (size_t i = 0; i < known->n; i++) {
                if (n + strlen(known->at[i]) + sizeof(", ") > size)
                        return false;
                n += (size_t) sprintf(list + n, "%s%s", i > 0 ? ", " : "", known->at[i]);
        }
        return true;
}

void config_errors_add_unknown(ConfigErrors *errors, ConfigPlace place, const char *what,
                const char *word, const ConfigNames *known)
{
        const char *name = nearest(word, known);
        char list[LIST_MAX];
        bool whole = list_names(known, list, sizeof(list));

        if (name)
                config_errors_add(errors, place, "unknown %s \"%.40s\"; did you mean \"%s\"?", what,
                                word, name);
        else if (known->n == 0)
                config_errors_add(
                                errors, place, "unknown %s \"%.40s\"; none is known.", what, word);
        else if (!whole && known->see)
                config_errors_add(errors, place, "unknown %s \"%.40s\"; see all with: %s", what,
                                word, known->see);
        else
                config_errors_add(errors, place, "unknown %s \"%.40s\"; known here are %s%s", what,
                                word, list, whole ? "." : ", …");
}

ConfigPlace config_place(const ConfigReader *reader, const config_setting_t *setting)
{
        return config_text_place(reader->text, config_setting_source_line(setting));
}

bool config_has(const config_setting_t *group, const char *key)
{
        return config_setting_get_member(group, key);
}

const char *config_type_words(const config_setting_t *setting)
{
        switch (config_setting_type(setting)) {
        case CONFIG_TYPE_INT:
                return "a whole number";
        case CONFIG_TYPE_INT64:
                return "a number with an L";
        case CONFIG_TYPE_FLOAT:
                return "a number with a point";
        case CONFIG_TYPE_BOOL:
                return "true or false";
        case CONFIG_TYPE_STRING:
                return "a text";
        case CONFIG_TYPE_ARRAY:
                return "values in [ ]";
        case CONFIG_TYPE_LIST:
                return "a list in ( )";
        case CONFIG_TYPE_GROUP:
                return "keys in { }";
        default:
                return "nothing";
        }
}

const char *config_read_text(ConfigReader *reader, const config_setting_t *setting)
{
        if (config_setting_type(setting) == CONFIG_TYPE_STRING)
                return config_setting_get_string(setting);
        config_errors_add(reader->errors, config_place(reader, setting),
                        "\"%.40s\" must be a text and is %s; put it in quotation marks.",
                        setting->name, config_type_words(setting));
        return NULL;
}

unsigned config_read_list(ConfigReader *reader, const config_setting_t *setting, unsigned most)
{
        ConfigPlace place = config_place(reader, setting);
        unsigned n;

        if (!config_setting_is_list(setting)) {
                config_errors_add(reader->errors, place,
                                "\"%s\" must be a list and is %s; write ( { … }, { … } ).",
                                setting->name, config_type_words(setting));
                return 0;
        }
        n = (unsigned) config_setting_length(setting);
        if (n >= 1 && n <= most)
                return n;
        config_errors_add(reader->errors, place, "\"%s\" is a list of %u; allowed are 1 to %u.",
                        setting->name, n, most);
        return 0;
}

static bool name_is_valid(const char *name)
{
        size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

        return name[0] >= 'a' && name[0] <= 'z' && n <= ROUTINE_NAME_MAX && name[n] == 0;
}

void config_parse_name(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const char *name = config_read_text(reader, setting);

        if (name && name_is_valid(name))
                memcpy(field, name, strlen(name) + 1);
        else if (name)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"%.40s\" cannot be a name; use a letter and then letters, digits "
                                "and hyphens, all small, at most %u.",
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

void config_parse_summary(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const char *summary = config_read_text(reader, setting);

        if (summary && summary_is_valid(summary))
                memcpy(field, summary, strlen(summary) + 1);
        else if (summary)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "this summary cannot be shown; use one line of plain text of at "
                                "most %u bytes.",
                                ROUTINE_SUMMARY_MAX);
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
        else if (key->width == sizeof(uint16_t))
                *(uint16_t *) field = (uint16_t) value;
        else
                *(uint32_t *) field = value;
}

static void read_integer(ConfigReader *reader, const config_setting_t *setting,
                const ConfigKey *key, void *to)
{
        ConfigPlace place = config_place(reader, setting);
        const char *or_off = key->type == CONFIG_INTEGER_OR_OFF ? ", or 0 for off" : "";
        int value;

        if (config_setting_type(setting) != CONFIG_TYPE_INT) {
                config_errors_add(reader->errors, place,
                                "\"%s\" must be a whole number and is %s; allowed are %u to %u%s.",
                                key->name, config_type_words(setting), key->low, key->high, or_off);
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

static void read_decimal(ConfigReader *reader, const config_setting_t *setting,
                const ConfigKey *key, void *to)
{
        ConfigPlace place = config_place(reader, setting);
        int type = config_setting_type(setting);
        double low = key->low / THOUSAND, high = key->high / THOUSAND, value;

        if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_FLOAT) {
                config_errors_add(reader->errors, place,
                                "\"%s\" must be a number and is %s; allowed are %g to %g.",
                                key->name, config_type_words(setting), low, high);
                return;
        }
        value = type == CONFIG_TYPE_INT ? config_setting_get_int(setting)
                                        : config_setting_get_float(setting);
        if (value >= low && value <= high)
                store(key, to, (uint32_t) (value * THOUSAND * key->scale + 0.5));
        else
                config_errors_add(reader->errors, place, "\"%s\" is %g; allowed are %g to %g.",
                                key->name, value, low, high);
}

static void read_key(ConfigReader *reader, const config_setting_t *setting, const ConfigKey *key,
                void *to)
{
        switch (key->type) {
        case CONFIG_INTEGER:
        case CONFIG_INTEGER_OR_OFF:
                read_integer(reader, setting, key, to);
                break;
        case CONFIG_DECIMAL:
                read_decimal(reader, setting, key, to);
                break;
        case CONFIG_BOOLEAN:
                if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
                        store(key, to, config_setting_get_bool(setting) ? 1 : 0);
                else
                        config_errors_add(reader->errors, config_place(reader, setting),
                                        "\"%s\" must be a yes or no and is %s; write true or "
                                        "false.",
                                        key->name, config_type_words(setting));
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
                if (keys[i].required && !config_has(group, keys[i].name))
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

/* The beginning of a line of the text, without its blanks; where the text is over, its end. */
static const char *line_at(const ConfigText *text, unsigned line)
{
        const char *s = text->data;

        while (--line > 0) {
                s = strchrnul(s, '\n');
                s += *s ? 1 : 0;
        }
        return s + strspn(s, " \t");
}

static void complain_parse(ConfigReader *reader)
{
        const char *text = config_error_text(&reader->parsed);
        unsigned line = (unsigned) MAX(config_error_line(&reader->parsed), 1);
        ConfigPlace place = config_text_place(reader->text, line);
        const char *found = line_at(reader->text, line);

        if (text && streq(text, "duplicate setting name"))
                config_errors_add(reader->errors, place,
                                "this key is set twice; each key may be set once.");
        else if (text && streq(text, "mismatched element type in array"))
                config_errors_add(reader->errors, place,
                                "values in [ ] must be of one type; write a list in ( ).");
        else
                config_errors_add(reader->errors, place,
                                "this cannot be understood%s%.*s%s; write \"key = value;\", commas "
                                "between what stands in ( ) or [ ] and none behind the last, and "
                                "close "
                                "every bracket.",
                                *found ? ", near " : "", (int) MIN(strcspn(found, "\n"), NEAR_MAX),
                                found, *found ? "" : ", where the file ends");
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
                complain_parse(reader);
                return 0;
        }
        *ret = TAKE_PTR(reader);
        return 1;
}
