/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>

#include "cli/text.h"

#define LONG_BASE 256 /* of getopt_long()'s values, above every letter */

typedef struct OptionSpec {
        const char *name;
        char letter; /* 0: none */
        const char *value;
        const char *summary;
} OptionSpec;

static const OptionSpec specs[] = {
        [OPTION_HOST] = { "host", 'H', "HOST", "kneed on another machine, over ssh" },
        [OPTION_USER] = { "user", 0, NULL, "kneed on the session bus" },
        [OPTION_JSON] = { "json", 0, "MODE", "short, pretty or off: for programs" },
        [OPTION_QUIET] = { "quiet", 'q', NULL, "say nothing but errors" },
        [OPTION_HELP] = { "help", 'h', NULL, "this help; after a verb, more about it" },
        [OPTION_VERSION] = { "version", 0, NULL, "versions of kneectl and of kneed" },
        [OPTION_MINUTES] = { "minutes", 0, "N", "play so long; all steps are scaled alike" },
        [OPTION_INTENSITY] = { "intensity", 0, "N", "1 to 100, percent of what the limits allow" },
        [OPTION_LEG] = { "leg", 0, "LEG", "left or right" },
        [OPTION_DEVICE] = { "device", 0, "ID", "which massager, where several are attached" },
        [OPTION_DETACH] = { "detach", 0, NULL, "leave it to kneed and return at once" },
        [OPTION_NOTHING_NEW] = { "nothing-new", 0, NULL, "no new fever, swelling, injury, wound" },
        [OPTION_PAIN] = { "pain", 0, "SCORE", "before the session, 0 (none) to 10 (worst)" },
        [OPTION_SHOW] = { "show", 0, NULL, "the questions, and what was answered" },
        [OPTION_WHEN] = { "when", 0, "WHEN", "before, during, after or morning" },
        [OPTION_EMERGENCY] = { "emergency", 0, NULL, "all of them stay stopped until cleared" },
        [OPTION_YES] = { "yes", 'y', NULL, "do not ask" },
        [OPTION_SOURCES] = { "sources", 0, NULL, "where each number comes from" },
        [OPTION_MOST] = { "most", 0, "N", "at most so many; 20 where it is not said" },
        [OPTION_ZONES] = { "zones", 0, NULL, "the places that a technique can work on" },
        [OPTION_ICS] = { "ics", 0, NULL, "a month of it as a calendar (RFC 5545)" },
        [OPTION_ANSWER] = { "answer", 0, "ID=WORD", "no, yes or advised; once a question" },
};

static _printf_(2, 3) int refuse(char error[static OPTIONS_ERROR_SIZE], const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(error, OPTIONS_ERROR_SIZE, format, ap);
        va_end(ap);
        return -EINVAL;
}

/* " Do you mean …?", or nothing where no name is near. */
static void suggest(const char *near, const char *dashes, char *buffer, size_t size)
{
        buffer[0] = '\0';
        if (near)
                (void) snprintf(buffer, size, " Do you mean %s%s?", dashes, near);
}

static int refuse_option(const char *word, char error[static OPTIONS_ERROR_SIZE])
{
        char name[32], hint[64], clean[64];
        const char *near = NULL;
        unsigned nearest = TEXT_FAR;
        const char *bare = word + strspn(word, "-");

        (void) snprintf(name, sizeof(name), "%.*s", (int) MIN(strcspn(bare, "="), 31u), bare);
        for (OptionId id = 0; id < _OPTION_MAX; id++)
                text_consider(name, specs[id].name, &near, &nearest);
        suggest(near, "--", hint, sizeof(hint));
        text_clean(word, clean, sizeof(clean));
        return refuse(error, "there is no option %s.%s", clean,
                        near ? hint : " See: kneectl --help");
}

static int refuse_verb(const char *word, const Verb *verbs, char error[static OPTIONS_ERROR_SIZE])
{
        char hint[64], clean[64];
        const char *near = NULL;
        unsigned nearest = TEXT_FAR;

        for (const Verb *verb = verbs; verb->name; verb++)
                text_consider(word, verb->name, &near, &nearest);
        suggest(near, "", hint, sizeof(hint));
        text_clean(word, clean, sizeof(clean));
        return refuse(error, "there is no verb %s.%s", clean, near ? hint : " See: kneectl --help");
}

static int take_number(const char *name, const char *value, unsigned *ret,
                char error[static OPTIONS_ERROR_SIZE])
{
        char clean[32];
        int r;

        r = text_parse_number(value, ret);
        if (r >= 0)
                return 0;
        text_clean(value, clean, sizeof(clean));
        if (r == -ERANGE)
                return refuse(error, "%s must be a whole number from 1 to 65535, not %s.", name,
                                clean);
        return refuse(error, "%s must be a whole number, not \"%s\".", name, clean);
}

static int take_word(const char *name, const char *value, const char **ret,
                char error[static OPTIONS_ERROR_SIZE])
{
        if (value[0] == '\0')
                return refuse(error, "%s is empty.", name);
        if (!text_is_clean(value))
                return refuse(error, "%s has a character that cannot be shown.", name);
        *ret = value;
        return 0;
}

static int take_json(const char *value, JsonMode *ret, char error[static OPTIONS_ERROR_SIZE])
{
        static const char *const names[] = {
                [JSON_OFF] = "off", [JSON_SHORT] = "short", [JSON_PRETTY] = "pretty"
        };

        for (JsonMode mode = 0; mode < ELEMENTSOF(names); mode++)
                if (streq(value, names[mode])) {
                        *ret = mode;
                        return 0;
                }
        return refuse(error, "--json is short, pretty or off.");
}

static int take_leg(const char *value, const char **ret, char error[static OPTIONS_ERROR_SIZE])
{
        if (!streq(value, "left") && !streq(value, "right"))
                return refuse(error, "--leg is left or right.");
        *ret = value;
        return 0;
}

static int take_pain(const char *value, unsigned *ret, char error[static OPTIONS_ERROR_SIZE])
{
        if (text_parse_score(value, PAIN_HIGHEST, ret) < 0)
                return refuse(error, "--pain is a whole number from 0 (none) to %u (the worst).",
                                PAIN_HIGHEST);
        return 0;
}

static int take_answer(const char *value, Answers *answers, char error[static OPTIONS_ERROR_SIZE])
{
        static const char *const words[] = { "no", "yes", "advised" };
        const size_t length = strcspn(value, "=");
        const char *word = NULL;
        char id[sizeof(answers->at[0].id)];

        for (size_t i = 0; value[length] == '=' && i < ELEMENTSOF(words); i++)
                if (streq(value + length + 1, words[i]))
                        word = words[i];
        if (!word || length == 0 || length >= sizeof(id))
                return refuse(error, "--answer is ID=no, ID=yes or ID=advised; the questions and "
                                     "their IDs: kneectl screen --show");
        (void) snprintf(id, sizeof(id), "%.*s", (int) length, value);
        if (!text_is_clean(id))
                return refuse(error, "--answer has a character that cannot be shown.");
        if (answers_find(answers, id))
                return refuse(error, "--answer %s is there twice.", id);
        if (answers_set(answers, id, word) < 0)
                return refuse(error, "--answer is there too often: once a question is enough.");
        return 0;
}

static int take_when(const char *value, const char **ret, char error[static OPTIONS_ERROR_SIZE])
{
        static const char *const words[] = { "before", "during", "after", "morning" };

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                if (streq(value, words[i])) {
                        *ret = words[i];
                        return 0;
                }
        return refuse(error, "--when is before, during, after or morning.");
}

static int take_option(
                Options *o, OptionId id, const char *value, char error[static OPTIONS_ERROR_SIZE])
{
        o->given |= OPTION_BIT(id);
        switch (id) {
        case OPTION_HOST:
                if (value[0] == '-')
                        return refuse(error, "--host takes the name of a machine.");
                return take_word("--host", value, &o->host, error);
        case OPTION_JSON:
                return take_json(value, &o->json, error);
        case OPTION_MINUTES:
                return take_number("--minutes", value, &o->minutes, error);
        case OPTION_INTENSITY:
                return take_number("--intensity", value, &o->intensity, error);
        case OPTION_LEG:
                return take_leg(value, &o->leg, error);
        case OPTION_DEVICE:
                return take_word("--device", value, &o->device, error);
        case OPTION_PAIN:
                return take_pain(value, &o->pain, error);
        case OPTION_ANSWER:
                return take_answer(value, &o->answers, error);
        case OPTION_WHEN:
                return take_when(value, &o->when, error);
        case OPTION_MOST:
                return take_number("--most", value, &o->most, error);
        case OPTION_USER:
        case OPTION_QUIET:
        case OPTION_HELP:
        case OPTION_VERSION:
        case OPTION_DETACH:
        case OPTION_NOTHING_NEW:
        case OPTION_SHOW:
        case OPTION_EMERGENCY:
        case OPTION_YES:
        case OPTION_SOURCES:
        case OPTION_ZONES:
        case OPTION_ICS:
        case _OPTION_MAX:
                break;
        }
        return 0;
}

/* The first word is the verb, the others are its arguments. */
static int take_argument(Options *o, const char *word, const Verb *verbs,
                char error[static OPTIONS_ERROR_SIZE])
{
        const char *ignored;

        if (!o->verb) {
                for (const Verb *verb = verbs; verb->name; verb++)
                        if (streq(verb->name, word))
                                o->verb = verb;
                return o->verb ? 0 : refuse_verb(word, verbs, error);
        }
        /* One too many is kept, so that it is counted. */
        if (o->n_arguments <= ARGUMENTS_MAX)
                o->arguments[o->n_arguments++] = word;
        return take_word("an argument", word, &ignored, error);
}

static int refuse_getopt(int c, char **argv, char error[static OPTIONS_ERROR_SIZE])
{
        char letter[3] = { '-', (char) optopt, '\0' };

        if (optopt >= LONG_BASE)
                return refuse(error, "--%s takes %s.", specs[optopt - LONG_BASE].name,
                                c == ':' ? "a value" : "no value");
        if (c == ':')
                return refuse(error, "%s takes a value.", letter);
        return refuse_option(optopt ? letter : argv[optind - 1], error);
}

static int check_verb(const Options *o, char error[static OPTIONS_ERROR_SIZE])
{
        const Verb *verb = o->verb;
        const unsigned allowed = OPTIONS_ALWAYS | (verb ? verb->options : 0);

        for (OptionId id = 0; id < _OPTION_MAX; id++)
                if (options_has(o, id) && !(allowed & OPTION_BIT(id)))
                        return refuse(error, "%s takes no --%s.",
                                        verb ? verb->name : "kneectl alone", specs[id].name);
        if (options_has(o, OPTION_USER) && options_has(o, OPTION_HOST))
                return refuse(error, "--user and --host do not go together: "
                                     "another machine has only its system bus here.");
        if (options_has(o, OPTION_HELP) || options_has(o, OPTION_VERSION))
                return 0;
        if (!verb)
                return refuse(error, "say what to do, for example: kneectl status. "
                                     "See: kneectl --help");
        if (o->n_arguments < verb->n_arguments_min)
                return refuse(error, "%s needs %s. See: kneectl %s --help", verb->name,
                                verb->arguments, verb->name);
        if (o->n_arguments > verb->n_arguments_max)
                return refuse(error, "%s takes no more than %u argument%s. See: kneectl %s --help",
                                verb->name, verb->n_arguments_max,
                                verb->n_arguments_max == 1 ? "" : "s", verb->name);
        return 0;
}

static OptionId option_of(int c)
{
        if (c >= LONG_BASE)
                return (OptionId) (c - LONG_BASE);
        for (OptionId id = 0; id < _OPTION_MAX; id++)
                if (specs[id].letter == c)
                        return id;
        return _OPTION_MAX;
}

int options_parse(int argc, char **argv, const Verb *verbs, Options *ret,
                char error[static OPTIONS_ERROR_SIZE])
{
        struct option longs[_OPTION_MAX + 1] = {};
        Options o = {};
        int c, r = 0;

        for (OptionId id = 0; id < _OPTION_MAX; id++)
                longs[id] = (struct option){ specs[id].name,
                        specs[id].value ? required_argument : no_argument, NULL,
                        LONG_BASE + (int) id };
        /* 0 also forgets what an earlier command line left behind. */
        optind = 0;
        opterr = 0;
        /* The leading dash gives words in their order, also where POSIXLY_CORRECT is set. */
        while (r >= 0 && (c = getopt_long(argc, argv, "-:H:qh", longs, NULL)) != -1) {
                if (c == '?' || c == ':')
                        return refuse_getopt(c, argv, error);
                r = c == 1 ? take_argument(&o, optarg, verbs, error)
                           : take_option(&o, option_of(c), optarg, error);
        }
        while (r >= 0 && optind < argc)
                r = take_argument(&o, argv[optind++], verbs, error);
        if (r < 0)
                return r;
        r = check_verb(&o, error);
        if (r < 0)
                return r;
        *ret = o;
        return 0;
}

static void help_option(FILE *to, OptionId id)
{
        const OptionSpec *spec = &specs[id];
        char names[32];

        (void) snprintf(names, sizeof(names), "%c%c%s --%s %s", spec->letter ? '-' : ' ',
                        spec->letter ? spec->letter : ' ', spec->letter ? "," : " ", spec->name,
                        spec->value ? spec->value : "");
        (void) fprintf(to, "  %-20s %s\n", names, spec->summary);
}

void options_help(FILE *to, const Verb *verbs)
{
        const char *group = "";

        (void) fputs("Usage: kneectl [OPTION...] VERB [ARGUMENT...]\n", to);
        for (const Verb *verb = verbs; verb->name; verb++) {
                char usage[32];

                if (!streq(verb->group, group))
                        (void) fprintf(to, "%s:\n", verb->group);
                group = verb->group;
                (void) snprintf(usage, sizeof(usage), "%s %s", verb->name, verb->arguments);
                (void) fprintf(to, "  %-21s %s\n", usage, verb->summary);
        }
        (void) fputs("Options: -H HOST, --user, --json MODE, -q, -h, --version; more: VERB "
                     "--help\n",
                        to);
}

void options_help_verb(FILE *to, const Verb *verb)
{
        (void) fprintf(to, "Usage: kneectl [OPTION...] %s%s%s\n\n%s\n", verb->name,
                        verb->arguments[0] ? " " : "", verb->arguments, verb->more);
        (void) fputs("\nOptions:\n", to);
        for (OptionId id = 0; id < _OPTION_MAX; id++)
                if ((verb->options | OPTIONS_ALWAYS) & OPTION_BIT(id))
                        help_option(to, id);
}
