/* SPDX-License-Identifier: MIT */
#include "daemon/config-routine.h"

#define STEP_MS_MIN          30000u
#define MS_PER_MINUTE        60000u
#define MINUTES_PER_THOUSAND 60u /* milliseconds in a thousandth of a minute */

_Static_assert(CONFIG_TECHNIQUES_MAX <= CONFIG_NAMES_MAX, "room for all names");

typedef struct StepDraft {
        RoutineStep step; /* of a share: as many seconds as its share */
        uint8_t share;
} StepDraft;

typedef struct RoutineDraft {
        Routine routine;
        uint32_t whole_ms; /* 0: the sum of the steps */
        uint8_t repeat;
        unsigned n_shares; /* steps that have one */
} RoutineDraft;

static void parse_technique(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        const char *name = config_read_text(reader, setting);
        ConfigNames known = { .n = MIN(reader->n_techniques, (size_t) CONFIG_NAMES_MAX) };

        if (!name)
                return;
        for (size_t i = 0; i < reader->n_techniques; i++)
                if (streq(reader->techniques[i].name, name)) {
                        *(const Technique **) field = &reader->techniques[i];
                        return;
                }
        for (size_t i = 0; i < known.n; i++)
                known.at[i] = reader->techniques[i].name;
        config_errors_add_unknown(
                        reader->errors, config_place(reader, setting), "technique", name, &known);
}

static const ConfigKey step_keys[] = {
        { "technique", CONFIG_OTHER, .required = true, .parse = parse_technique,
                        CONFIG_FIELD(StepDraft, step.technique) },
        { "minutes", CONFIG_DECIMAL, .low = 500, .high = ROUTINE_MINUTES_MAX * 1000,
                        .scale = MINUTES_PER_THOUSAND, CONFIG_FIELD(StepDraft, step.duration_ms) },
        { "share", CONFIG_INTEGER, .low = 1, .high = 100, CONFIG_FIELD(StepDraft, share) },
        { "intensity", CONFIG_INTEGER, .low = 1, .high = 100, .fallback = ROUTINE_INTENSITY_DEFAULT,
                        CONFIG_FIELD(StepDraft, step.intensity_percent) },
        { "tempo", CONFIG_INTEGER, .low = ROUTINE_TEMPO_MIN_PERCENT,
                        .high = ROUTINE_TEMPO_MAX_PERCENT, .fallback = 100,
                        CONFIG_FIELD(StepDraft, step.tempo_percent) },
        { "heat", CONFIG_INTEGER_OR_OFF, .low = ROUTINE_HEAT_MIN_C, .high = ROUTINE_HEAT_MAX_C,
                        CONFIG_FIELD(StepDraft, step.heat_c) },
};

const ConfigTable config_step_table = { "step", ELEMENTSOF(step_keys), step_keys };

static void read_step(ConfigReader *reader, const config_setting_t *group, StepDraft *ret)
{
        bool minutes = config_has(group, "minutes"), share = config_has(group, "share");
        const char *fault = NULL;

        if (minutes && share)
                fault = "\"minutes\" and \"share\" are both set; a step has one of them.";
        else if (config_setting_is_group(group) && !minutes && !share)
                fault = "\"minutes\" is missing; it, or \"share\", must be set here.";
        if (fault)
                config_errors_add(reader->errors, config_place(reader, group), "%s", fault);
        config_read_group(reader, group, step_keys, ELEMENTSOF(step_keys), ret);
        if (share)
                ret->step.duration_ms = ret->share * 1000u;
}

static void parse_steps(ConfigReader *reader, const config_setting_t *setting, void *to)
{
        RoutineDraft *draft = to;
        unsigned n = config_read_list(reader, setting, ROUTINE_STEPS_MAX);

        for (unsigned i = 0; i < n; i++) {
                StepDraft step = { .share = 0 };

                read_step(reader, config_setting_get_elem(setting, i), &step);
                draft->routine.steps[i] = step.step;
                draft->n_shares += step.share > 0;
        }
        draft->routine.n_steps = n;
}

static const ConfigKey routine_keys[] = {
        { "name", CONFIG_OTHER, .required = true, .parse = config_parse_name,
                        CONFIG_FIELD(RoutineDraft, routine.name) },
        { "summary", CONFIG_OTHER, .parse = config_parse_summary,
                        CONFIG_FIELD(RoutineDraft, routine.summary) },
        { "minutes", CONFIG_DECIMAL, .low = 1000, .high = ROUTINE_MINUTES_MAX * 1000,
                        .scale = MINUTES_PER_THOUSAND, CONFIG_FIELD(RoutineDraft, whole_ms) },
        { "repeat", CONFIG_INTEGER, .low = 1, .high = ROUTINE_STEPS_MAX, .fallback = 1,
                        CONFIG_FIELD(RoutineDraft, repeat) },
        { "steps", CONFIG_OTHER, .required = true, .parse = parse_steps },
};

const ConfigTable config_routine_table = { "routine", ELEMENTSOF(routine_keys), routine_keys };

/* Returns whether minutes and shares fit together. */
static bool check_shares(ConfigReader *reader, ConfigPlace place, const RoutineDraft *draft)
{
        const char *fault = NULL;

        if (draft->n_shares > 0 && draft->n_shares < draft->routine.n_steps)
                fault = "some steps have minutes and some have shares; give all of them the same.";
        else if (draft->n_shares > 0 && draft->whole_ms == 0)
                fault = "the steps share minutes that are missing; set the \"minutes\" of the "
                        "routine.";
        else if (draft->n_shares == 0 && draft->whole_ms > 0)
                fault = "routine and steps both have minutes; give the steps shares, or take the "
                        "routine's away.";
        if (fault)
                config_errors_add(reader->errors, place, "%s", fault);
        return !fault;
}

static bool repeat_steps(ConfigReader *reader, ConfigPlace place, RoutineDraft *draft)
{
        Routine *routine = &draft->routine;
        unsigned n = routine->n_steps;

        if (n * draft->repeat > ROUTINE_STEPS_MAX) {
                config_errors_add(reader->errors, place,
                                "%u steps, played %u times, are %u; allowed are %u in all.", n,
                                draft->repeat, n * draft->repeat, ROUTINE_STEPS_MAX);
                return false;
        }
        for (unsigned i = n; i < n * draft->repeat; i++)
                routine->steps[i] = routine->steps[i - n];
        routine->n_steps = n * draft->repeat;
        return true;
}

static void check_times(ConfigReader *reader, ConfigPlace place, const Routine *routine)
{
        uint32_t duration_ms = routine_duration_ms(routine);

        if (duration_ms > ROUTINE_MINUTES_MAX * MS_PER_MINUTE)
                config_errors_add(reader->errors, place,
                                "this routine lasts %.1f minutes; all steps together may last %u.",
                                duration_ms / (double) MS_PER_MINUTE, ROUTINE_MINUTES_MAX);
        for (unsigned i = 0; i < routine->n_steps; i++)
                if (routine->steps[i].duration_ms < STEP_MS_MIN) {
                        config_errors_add(reader->errors, place,
                                        "the share of step %u is only %.1f seconds; a step lasts "
                                        "%u at least.",
                                        i + 1, routine->steps[i].duration_ms / 1000.0,
                                        STEP_MS_MIN / 1000);
                        return;
                }
}

void config_read_routine(ConfigReader *reader, const config_setting_t *group, Routine *ret)
{
        ConfigPlace place = config_place(reader, group);
        size_t errors_before = reader->errors->n;
        RoutineDraft draft = { .repeat = 1 };

        config_read_group(reader, group, routine_keys, ELEMENTSOF(routine_keys), &draft);
        /* What was not understood cannot be added up. */
        if (reader->errors->n == errors_before && check_shares(reader, place, &draft) &&
                        repeat_steps(reader, place, &draft)) {
                if (draft.whole_ms > 0)
                        (void) routine_scale(&draft.routine, draft.whole_ms);
                check_times(reader, place, &draft.routine);
        }
        *ret = draft.routine;
}
