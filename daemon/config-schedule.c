/* SPDX-License-Identifier: MIT */
#include "daemon/config-schedule.h"

#include <errno.h>

#define MINUTES_AN_HOUR 60u

/* An entry while it is read, with what it is checked against. */
typedef struct Reading {
        ScheduleEntry entry;
        const Config *config;
} Reading;

/* What each element of a setting is given to. */
typedef void (*TakeText)(ConfigReader *reader, const config_setting_t *setting, const char *text,
                ScheduleEntry *entry);

/* One text, or several in [ ]. */
static void read_texts(ConfigReader *reader, const config_setting_t *setting, TakeText take,
                ScheduleEntry *entry)
{
        bool several = config_setting_is_array(setting) || config_setting_is_list(setting);
        int n = several ? config_setting_length(setting) : 1;

        for (int i = 0; i < n; i++) {
                const config_setting_t *element = several ? config_setting_get_elem(
                                                                            setting, (unsigned) i)
                                                          : setting;

                if (config_setting_type(element) == CONFIG_TYPE_STRING)
                        take(reader, element, config_setting_get_string(element), entry);
                else
                        config_errors_add(reader->errors, config_place(reader, element),
                                        "\"%.40s\" must be a text, or several in [ ]; put each in "
                                        "quotation marks.",
                                        setting->name);
        }
        if (n == 0)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"%.40s\" is empty; leave it out, or write at least one.",
                                setting->name);
}

/* Two digits; -1 where they are none. */
static int two_digits(const char *s)
{
        if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
                return -1;

        return (s[0] - '0') * 10 + s[1] - '0';
}

/* "07:30" */
static bool parse_time(const char *text, uint16_t *ret)
{
        int hour, minute;

        if (strlen(text) != strlen("07:30") || text[2] != ':')
                return false;
        hour = two_digits(text);
        minute = two_digits(text + 3);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
                return false;

        *ret = (uint16_t) ((unsigned) hour * MINUTES_AN_HOUR + (unsigned) minute);
        return true;
}

/* "2027-01-31" */
static bool parse_date(const char *text, int32_t *ret)
{
        CalendarDate date;

        if (strlen(text) != CALENDAR_DATE_TEXT_MAX || text[4] != '-' || text[7] != '-' ||
                        two_digits(text) < 0 || two_digits(text + 2) < 0)
                return false;
        date = (CalendarDate){
                .year = two_digits(text) * 100 + two_digits(text + 2),
                .month = two_digits(text + 5),
                .day = two_digits(text + 8),
        };
        if (!calendar_date_exists(&date))
                return false;

        *ret = calendar_day(&date);
        return true;
}

static bool read_time(ConfigReader *reader, const config_setting_t *setting, const char *text,
                uint16_t *ret)
{
        if (parse_time(text, ret))
                return true;
        config_errors_add(reader->errors, config_place(reader, setting),
                        "\"%.40s\" is no time of day; write it like \"07:30\", from \"00:00\" to "
                        "\"23:59\".",
                        text);
        return false;
}

static bool read_date(ConfigReader *reader, const config_setting_t *setting, const char *text,
                int32_t *ret)
{
        if (parse_date(text, ret))
                return true;
        config_errors_add(reader->errors, config_place(reader, setting),
                        "\"%.40s\" is no day of the calendar; write it like \"2027-01-31\", in the "
                        "years %d to %d.",
                        text, CALENDAR_YEAR_MIN, CALENDAR_YEAR_MAX);
        return false;
}

static void take_day(ConfigReader *reader, const config_setting_t *setting, const char *text,
                ScheduleEntry *entry)
{
        static const struct {
                const char *word;
                uint8_t days;
        } words[] = { { "mon", 1u << 0 }, { "tue", 1u << 1 }, { "wed", 1u << 2 },
                { "thu", 1u << 3 }, { "fri", 1u << 4 }, { "sat", 1u << 5 }, { "sun", 1u << 6 },
                { "weekdays", 0x1f }, { "weekend", 0x60 }, { "daily", SCHEDULE_EVERY_DAY } };
        ConfigNames known = { .n = ELEMENTSOF(words) };

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                known.at[i] = words[i].word;
                if (!streq(words[i].word, text))
                        continue;
                if (entry->days & words[i].days)
                        config_errors_add(reader->errors, config_place(reader, setting),
                                        "\"%s\" is there already; name each day once.", text);
                entry->days |= words[i].days;
                return;
        }
        config_errors_add_unknown(
                        reader->errors, config_place(reader, setting), "day", text, &known);
}

/* Into their order. */
static void take_time(ConfigReader *reader, const config_setting_t *setting, const char *text,
                ScheduleEntry *entry)
{
        unsigned i = entry->n_times;
        uint16_t minute;

        if (!read_time(reader, setting, text, &minute))
                return;
        if (entry->n_times == SCHEDULE_TIMES_MAX) {
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"%s\" is one time too many; at most %u a day can be kept.", text,
                                SCHEDULE_TIMES_MAX);
                return;
        }
        for (; i > 0 && entry->times[i - 1] > minute; i--)
                entry->times[i] = entry->times[i - 1];
        if (i > 0 && entry->times[i - 1] == minute)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"%s\" is there twice; write each time once.", text);
        entry->times[i] = minute;
        entry->n_times++;
}

static void take_skip(ConfigReader *reader, const config_setting_t *setting, const char *text,
                ScheduleEntry *entry)
{
        int32_t day;

        if (!read_date(reader, setting, text, &day))
                return;
        if (entry->n_skips < SCHEDULE_SKIPS_MAX)
                entry->skips[entry->n_skips++] = day;
        else
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"%s\" is one day too many; at most %u can be skipped.", text,
                                SCHEDULE_SKIPS_MAX);
}

static void parse_routine(ConfigReader *reader, const config_setting_t *setting, void *reading)
{
        Reading *r = reading;
        const char *name = config_read_text(reader, setting);
        ConfigNames known = { .n = MIN(r->config->n_routines, (size_t) CONFIG_NAMES_MAX) };

        if (!name)
                return;
        for (size_t i = 0; i < known.n; i++)
                known.at[i] = r->config->routines[i].name;
        if (config_find_routine(r->config, name))
                memcpy(r->entry.routine, name, strlen(name) + 1);
        else
                config_errors_add_unknown(reader->errors, config_place(reader, setting), "routine",
                                name, &known);
}

static void parse_days(ConfigReader *reader, const config_setting_t *setting, void *reading)
{
        ScheduleEntry *entry = &((Reading *) reading)->entry;

        entry->days = 0;
        read_texts(reader, setting, take_day, entry);
}

static void parse_at(ConfigReader *reader, const config_setting_t *setting, void *reading)
{
        read_texts(reader, setting, take_time, &((Reading *) reading)->entry);
}

static void parse_skip(ConfigReader *reader, const config_setting_t *setting, void *reading)
{
        read_texts(reader, setting, take_skip, &((Reading *) reading)->entry);
}

static void parse_day(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const char *text = config_read_text(reader, setting);

        if (text)
                (void) read_date(reader, setting, text, field);
}

static const char *element_text(const config_setting_t *setting, unsigned i)
{
        return config_setting_get_string(config_setting_get_elem(setting, i));
}

static void parse_quiet(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        CalendarHours *quiet = field;

        if (!config_setting_is_array(setting) || config_setting_length(setting) != 2 ||
                        !element_text(setting, 0)) {
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"quiet\" must be two times, from and to; write [ \"22:00\", "
                                "\"07:00\" ].");
                return;
        }
        if (read_time(reader, setting, element_text(setting, 0), &quiet->from_minute) &&
                        read_time(reader, setting, element_text(setting, 1), &quiet->to_minute) &&
                        quiet->from_minute == quiet->to_minute)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "the quiet hours begin and end at the same time; leave them out, "
                                "or write two times.");
}

static const ConfigKey entry_keys[] = {
        { "name", CONFIG_OTHER, .required = true, .parse = config_parse_name,
                        CONFIG_FIELD(Reading, entry.name) },
        { "routine", CONFIG_OTHER, .required = true, .parse = parse_routine },
        { "leg", CONFIG_OTHER, .parse = config_parse_leg, CONFIG_FIELD(Reading, entry.leg) },
        { "days", CONFIG_OTHER, .parse = parse_days },
        { "at", CONFIG_OTHER, .required = true, .parse = parse_at },
        { "intensity", CONFIG_INTEGER, .low = 1, .high = 100,
                        CONFIG_FIELD(Reading, entry.intensity_percent) },
        { "minutes", CONFIG_INTEGER, .low = 1, .high = ROUTINE_MINUTES_MAX,
                        CONFIG_FIELD(Reading, entry.minutes) },
        { "window", CONFIG_INTEGER, .low = SCHEDULE_WINDOW_MIN, .high = SCHEDULE_WINDOW_MAX,
                        .fallback = SCHEDULE_WINDOW_DEFAULT,
                        CONFIG_FIELD(Reading, entry.window_minutes) },
        { "quiet", CONFIG_OTHER, .parse = parse_quiet, CONFIG_FIELD(Reading, entry.quiet) },
        { "skip", CONFIG_OTHER, .parse = parse_skip },
        { "start", CONFIG_OTHER, .parse = parse_day, CONFIG_FIELD(Reading, entry.start_day) },
        { "end", CONFIG_OTHER, .parse = parse_day, CONFIG_FIELD(Reading, entry.end_day) },
        { "unattended", CONFIG_BOOLEAN, CONFIG_FIELD(Reading, entry.unattended) },
};

_Static_assert(sizeof(((ScheduleEntry *) NULL)->name) == ROUTINE_NAME_MAX + 1,
                "one rule for names");
_Static_assert(ELEMENTSOF(entry_keys) <= CONFIG_NAMES_MAX, "room for all names");

/* Two offers of one entry do not stand side by side. */
static unsigned least_distance(const ScheduleEntry *entry)
{
        unsigned least = CALENDAR_DAY_MINUTES;

        for (unsigned i = 0; i < entry->n_times; i++) {
                unsigned next = i + 1 < entry->n_times ? entry->times[i + 1]
                                                       : entry->times[0] + CALENDAR_DAY_MINUTES;

                least = MIN(least, next - entry->times[i]);
        }

        return least;
}

/* Every day is like that one, by the clock on the wall. */
static bool is_ever_offered(const ScheduleEntry *entry, unsigned i)
{
        static const CalendarZone utc = { .n = 0 };
        ScheduleEntry always = *entry;
        ScheduleTime time;

        always.days = SCHEDULE_EVERY_DAY;
        return !schedule_time(&always, i, 0, &utc, &time) || time.skip != SCHEDULE_QUIET;
}

/* What each key may be, but not all of them together. */
static void check_entry(ConfigReader *reader, ConfigPlace place, const Reading *reading)
{
        const ScheduleEntry *entry = &reading->entry;
        unsigned distance = least_distance(entry);
        unsigned most = reading->config->limits.session_minutes;

        if (entry->start_day > entry->end_day)
                config_errors_add(reader->errors, place,
                                "this entry ends before it starts; \"end\" must not be before "
                                "\"start\".");
        if (entry->window_minutes > distance)
                config_errors_add(reader->errors, place,
                                "\"window\" is %u minutes, but two times of this entry are only "
                                "%u apart; write at most that.",
                                entry->window_minutes, distance);
        if (entry->minutes > most)
                config_errors_add(reader->errors, place,
                                "\"minutes\" is %u, but a session lasts at most %u "
                                "(session_minutes in limits.conf).",
                                entry->minutes, most);
        for (unsigned i = 0; i < entry->n_times; i++)
                if (!is_ever_offered(entry, i))
                        config_errors_add(reader->errors, place,
                                        "the time %02u:%02u can never be offered, since its whole "
                                        "window is quiet; change \"at\", \"window\" or \"quiet\".",
                                        entry->times[i] / MINUTES_AN_HOUR,
                                        entry->times[i] % MINUTES_AN_HOUR);
}

static bool is_known(const Config *config, const char *name)
{
        for (size_t i = 0; i < config->n_schedule; i++)
                if (streq(config->schedule[i].name, name))
                        return true;

        return false;
}

static void read_entry(ConfigReader *reader, const config_setting_t *group, Config *config)
{
        ConfigPlace place = config_place(reader, group);
        size_t n_errors = reader->errors->n;
        Reading reading = {
                .config = config,
                .entry = {
                        .leg = config->leg,
                        .days = SCHEDULE_EVERY_DAY,
                        .start_day = INT32_MIN,
                        .end_day = INT32_MAX,
                },
        };

        config_read_group(reader, group, entry_keys, ELEMENTSOF(entry_keys), &reading);
        if (reader->errors->n == n_errors)
                check_entry(reader, place, &reading);
        if (reading.entry.name[0] == '\0')
                return;
        if (is_known(config, reading.entry.name))
                config_errors_add(reader->errors, place,
                                "the schedule has an entry \"%s\" already; give one of them "
                                "another name.",
                                reading.entry.name);
        else
                config->schedule[config->n_schedule++] = reading.entry;
}

int config_read_schedule(ConfigReader *reader, Config *config)
{
        const config_setting_t *setting = config_lookup(&reader->parsed, "schedule");
        unsigned n;

        if (!setting)
                return 0;
        if (!config_setting_is_list(setting)) {
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"schedule\" must be a list; write ( { … }, { … } ).");
                return 0;
        }
        n = (unsigned) config_setting_length(setting);
        if (n > SCHEDULE_ENTRIES_MAX) {
                config_errors_add(reader->errors, config_place(reader, setting),
                                "the schedule has %u entries; at most %u can be kept.", n,
                                SCHEDULE_ENTRIES_MAX);
                return 0;
        }
        config->schedule = calloc(MAX(n, 1u), sizeof(ScheduleEntry));
        if (!config->schedule)
                return -ENOMEM;

        for (unsigned i = 0; i < n; i++)
                read_entry(reader, config_setting_get_elem(setting, i), config);
        return 0;
}
