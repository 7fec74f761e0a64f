/* SPDX-License-Identifier: MIT */
#pragma once

/* What the command line asks for. */

#include <stddef.h>
#include <stdio.h>

#include "cli/person.h"
#include "common/macro.h"

/* What kneectl exits with. Documented in kneectl(1). */
typedef enum ExitCode {
        EXIT_DONE = 0,
        EXIT_FAILED = 1,
        EXIT_USAGE = 2,
        EXIT_NO_SUCH_THING = 3,
        EXIT_REFUSED = 4,
        EXIT_ENDED_EARLY = 5,
        EXIT_NOT_SCREENED = 6,
        EXIT_UNREACHABLE = 101,
        EXIT_SIGNAL = 128, /* and the signal's number */
} ExitCode;

typedef enum JsonMode {
        JSON_OFF,
        JSON_SHORT,
        JSON_PRETTY,
} JsonMode;

typedef enum OptionId {
        OPTION_HOST,
        OPTION_USER,
        OPTION_JSON,
        OPTION_QUIET,
        OPTION_HELP,
        OPTION_VERSION,
        OPTION_MINUTES,
        OPTION_INTENSITY,
        OPTION_LEG,
        OPTION_DEVICE,
        OPTION_DETACH,
        OPTION_NOTHING_NEW,
        OPTION_PAIN,
        OPTION_ANSWER,
        OPTION_SHOW,
        OPTION_WHEN,
        OPTION_EMERGENCY,
        OPTION_YES,
        OPTION_SOURCES,
        OPTION_MOST,
        OPTION_ZONES,
        OPTION_ICS,
        _OPTION_MAX,
} OptionId;

#define OPTION_BIT(id) (1u << (id))

/* Those that stand before any verb. */
#define OPTIONS_ALWAYS                                                                 \
        (OPTION_BIT(OPTION_HOST) | OPTION_BIT(OPTION_USER) | OPTION_BIT(OPTION_HELP) | \
                        OPTION_BIT(OPTION_VERSION))

#define ARGUMENTS_MAX      64u
#define PAIN_HIGHEST       10u /* scores are 0 to this */
#define PAIN_STOPS         5u  /* a score that ends a session */
#define OPTIONS_ERROR_SIZE 256u

typedef struct Options Options;

typedef struct Verb {
        const char *name;
        const char *group;
        const char *arguments; /* as help shows them */
        const char *summary;   /* one line */
        const char *more;      /* what its own help adds */
        unsigned options;      /* OPTION_BIT()s besides OPTIONS_ALWAYS */
        unsigned n_arguments_min;
        unsigned n_arguments_max;
        ExitCode (*run)(const Options *options);
} Verb;

struct Options {
        const Verb *verb; /* NULL where none was named */
        const char *arguments[ARGUMENTS_MAX + 1];
        unsigned n_arguments;
        unsigned given; /* OPTION_BIT()s */
        const char *host;
        JsonMode json;
        unsigned minutes;   /* 0: not given */
        unsigned intensity; /* 0: not given */
        unsigned pain;      /* 0 to PAIN_HIGHEST, where OPTION_PAIN is given */
        Answers answers;
        unsigned most; /* 0: not given */
        const char *when;
        const char *leg;
        const char *device;
};

static inline bool options_has(const Options *options, OptionId id)
{
        return options->given & OPTION_BIT(id);
}

/* Reads the command line. verbs ends with a NULL name. Strings in *ret point into argv. Returns 0,
 * or -EINVAL with one sentence in error. */
int options_parse(int argc, char **argv, const Verb *verbs, Options *ret,
                char error[static OPTIONS_ERROR_SIZE]);

/* Help for everything, and for one verb: at most 80 columns and 24 lines. */
void options_help(FILE *to, const Verb *verbs);
void options_help_verb(FILE *to, const Verb *verb);
