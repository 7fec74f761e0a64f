/* SPDX-License-Identifier: MIT */
#include "daemon/config-technique.h"

#define MS_PER_MINUTE    60000u
#define FREQUENCY_HZ     100u
#define PERMILLE_PERCENT 10u /* per mille in a percent */
#define PERCENT          100

_Static_assert(TECHNIQUE_NAME_MAX == ROUTINE_NAME_MAX &&
                                TECHNIQUE_SUMMARY_MAX == ROUTINE_SUMMARY_MAX,
                "one rule for names and summaries");

static const char *const kind_names[_MOTION_KIND_MAX] = {
        [MOTION_TAP] = "tap",
        [MOTION_STROKE] = "stroke",
        [MOTION_CIRCLE] = "circle",
        [MOTION_HOLD] = "hold",
        [MOTION_REST] = "rest",
};

/* What a motion is where nothing else is written: as the techniques that come with kneed have it.
 * Taps are a quick, soft fall of the fingers; a stroke touches for three fifths of its time and is
 * carried back lifted; a circle is pressed in, drawn and eased off; a hold swells and fades. */
static const Motion usual[_MOTION_KIND_MAX] = {
        [MOTION_TAP] = { .beat_ms = MS_PER_MINUTE / 240,
                        .radius_mm = 35,
                        .n_envelope = 4,
                        .envelope = { { 0, 0 }, { 150, 1000 }, { 400, 1000 }, { 1000, 0 } } },
        [MOTION_STROKE] = { .beat_ms = MS_PER_MINUTE / 12,
                        .radius_mm = 45,
                        .n_envelope = 5,
                        .envelope = { { 0, 0 }, { 120, 1000 }, { 480, 1000 }, { 600, 0 },
                                        { 1000, 0 } } },
        [MOTION_CIRCLE] = { .beat_ms = MS_PER_MINUTE / 48,
                        .radius_mm = 36,
                        .circle_mm = 15,
                        .n_envelope = 4,
                        .envelope = { { 0, 0 }, { 150, 1000 }, { 850, 1000 }, { 1000, 0 } } },
        [MOTION_HOLD] = { .beat_ms = MS_PER_MINUTE / 10,
                        .radius_mm = 45,
                        .n_envelope = 4,
                        .envelope = { { 0, 0 }, { 300, 1000 }, { 700, 1000 }, { 1000, 0 } } },
};

typedef struct MotionDraft {
        Motion motion; /* zero where nothing is written */
        uint32_t rest_ms;
        uint16_t rate; /* beats a minute */
        uint8_t phase_percent;
} MotionDraft;

/* Words that people have for what has no name here, and why it has none. */
static const struct {
        const char *word;
        const char *why;
} kept_out[] = {
#define KNEECAP                                                                              \
        "nothing presses on the kneecap; around it are knee-above, knee-outer, knee-below, " \
        "knee-inner."
#define HOLLOW                                                                                 \
        "nothing presses into the hollow of the knee, where vessels and nerves lie under the " \
        "skin."
        { "kneecap", KNEECAP },
        { "knee-cap", KNEECAP },
        { "patella", KNEECAP },
        { "knee", KNEECAP },
        { "hollow", HOLLOW },
        { "knee-hollow", HOLLOW },
        { "hollow-of-the-knee", HOLLOW },
        { "knee-back", HOLLOW },
        { "knee-behind", HOLLOW },
        { "back-of-knee", HOLLOW },
};

/* SR-KEEP-OUT */
static void refuse_zone(ConfigReader *reader, ConfigPlace place, const char *word)
{
        ConfigNames known = { .n = _ZONE_MAX, .see = "kneectl routines --zones" };

        for (size_t i = 0; i < ELEMENTSOF(kept_out); i++)
                if (streq(kept_out[i].word, word)) {
                        config_errors_add(reader->errors, place, "\"%s\" is no zone: %s", word,
                                        kept_out[i].why);
                        return;
                }
        for (Zone zone = 0; zone < _ZONE_MAX; zone++)
                known.at[zone] = zone_name(zone);
        config_errors_add_unknown(reader->errors, place, "zone", word, &known);
}

static void add_zone(ConfigReader *reader, const config_setting_t *setting, Motion *motion)
{
        const char *word = config_setting_get_string(setting);
        Zone zone = zone_by_name(word);

        if (zone == _ZONE_MAX)
                refuse_zone(reader, config_place(reader, setting), word);
        else
                motion->path[motion->n_path++] = zone;
}

static bool is_text_array(const config_setting_t *setting)
{
        return config_setting_type(setting) == CONFIG_TYPE_ARRAY &&
               (config_setting_length(setting) == 0 ||
                               config_setting_type(config_setting_get_elem(setting, 0)) ==
                                               CONFIG_TYPE_STRING);
}

static void parse_path(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        MotionDraft *draft = field;
        unsigned n;

        /* Of two paths neither counts. */
        draft->motion.n_path = 0;
        if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
                add_zone(reader, setting, &draft->motion);
                return;
        }
        if (!is_text_array(setting)) {
                config_errors_add(reader->errors, config_place(reader, setting),
                                "\"%s\" must be zones; write [ \"knee-above\", \"knee-outer\" ].",
                                setting->name);
                return;
        }
        n = (unsigned) config_setting_length(setting);
        if (n == 0 || n > TECHNIQUE_PATH_MAX) {
                config_errors_add(reader->errors, config_place(reader, setting),
                                "this path has %u zones; allowed are 1 to %u.", n,
                                TECHNIQUE_PATH_MAX);
                return;
        }
        for (unsigned i = 0; i < n; i++)
                add_zone(reader, config_setting_get_elem(setting, i), &draft->motion);
}

/* A pair of whole numbers from 0 to 100. */
static bool read_point(const config_setting_t *setting, EnvelopePoint *ret)
{
        int percent[2];

        if (!config_setting_is_aggregate(setting) || config_setting_is_group(setting) ||
                        config_setting_length(setting) != 2)
                return false;
        for (unsigned i = 0; i < 2; i++) {
                const config_setting_t *number = config_setting_get_elem(setting, i);

                if (config_setting_type(number) != CONFIG_TYPE_INT)
                        return false;
                percent[i] = config_setting_get_int(number);
                if (percent[i] < 0 || percent[i] > PERCENT)
                        return false;
        }
        *ret = (EnvelopePoint){
                .beat_permille = (uint16_t) ((unsigned) percent[0] * PERMILLE_PERCENT),
                .strength_permille = (uint16_t) ((unsigned) percent[1] * PERMILLE_PERCENT),
        };
        return true;
}

/* What is wrong with an envelope as a whole, or NULL. */
static const char *envelope_fault(const EnvelopePoint *points, unsigned n)
{
        const EnvelopePoint *last = &points[n - 1];
        bool touches = false;

        if (points[0].beat_permille != 0 || points[0].strength_permille != 0)
                return "it must begin with [ 0, 0 ]";
        if (last->beat_permille != PERCENT * PERMILLE_PERCENT || last->strength_permille != 0)
                return "it must end with [ 100, 0 ]";
        for (unsigned i = 1; i < n; i++) {
                if (points[i].beat_permille <= points[i - 1].beat_permille)
                        return "the time must rise from point to point";
                touches = touches || points[i].strength_permille > 0;
        }
        return touches ? NULL : "one point must be above zero";
}

static void parse_strength(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        MotionDraft *draft = field;
        ConfigPlace place = config_place(reader, setting);
        EnvelopePoint points[TECHNIQUE_ENVELOPE_MAX];
        bool good = config_setting_is_list(setting);
        unsigned n = good ? (unsigned) config_setting_length(setting) : 0;
        const char *fault;

        if (n > ELEMENTSOF(points) || (good && n < 3)) {
                config_errors_add(reader->errors, place,
                                "\"strength\" has %u points; allowed are 3 to %zu.", n,
                                ELEMENTSOF(points));
                return;
        }
        for (unsigned i = 0; good && i < n; i++)
                good = read_point(config_setting_get_elem(setting, i), &points[i]);
        if (!good) {
                config_errors_add(reader->errors, place,
                                "\"strength\" must be pairs of 0 to 100, percent of the beat and "
                                "of the strength; write ( [ 0, 0 ], [ 50, 100 ], [ 100, 0 ] ).");
                return;
        }
        fault = envelope_fault(points, n);
        if (fault) {
                config_errors_add(reader->errors, place, "\"strength\" is no rise and fall; %s.",
                                fault);
                return;
        }
        memcpy(draft->motion.envelope, points, n * sizeof(points[0]));
        draft->motion.n_envelope = (uint8_t) n;
}

static const ConfigKey motion_keys[] = {
        { "tap", CONFIG_OTHER, .parse = parse_path },
        { "stroke", CONFIG_OTHER, .parse = parse_path },
        { "circle", CONFIG_OTHER, .parse = parse_path },
        { "hold", CONFIG_OTHER, .parse = parse_path },
        { "rest", CONFIG_DECIMAL, .low = 1000, .high = 600000, .scale = 1,
                        CONFIG_FIELD(MotionDraft, rest_ms) },
        { "seconds", CONFIG_DECIMAL, .low = 1000, .high = 600000, .scale = 1,
                        CONFIG_FIELD(MotionDraft, motion.duration_ms) },
        { "rate", CONFIG_INTEGER, .low = 1, .high = 600, CONFIG_FIELD(MotionDraft, rate) },
        { "radius", CONFIG_INTEGER, .low = 10, .high = 60,
                        CONFIG_FIELD(MotionDraft, motion.radius_mm) },
        { "circle_radius", CONFIG_INTEGER, .low = 5, .high = TECHNIQUE_CIRCLE_MAX_MM,
                        CONFIG_FIELD(MotionDraft, motion.circle_mm) },
        { "strength", CONFIG_OTHER, .parse = parse_strength },
        { "phase", CONFIG_INTEGER, .low = 0, .high = 99, CONFIG_FIELD(MotionDraft, phase_percent) },
};

const ConfigTable config_motion_table = { "motion", ELEMENTSOF(motion_keys), motion_keys };

/* The one kind that is written, or _MOTION_KIND_MAX and an error. */
static MotionKind find_kind(ConfigReader *reader, const config_setting_t *group)
{
        MotionKind found = _MOTION_KIND_MAX;

        for (MotionKind kind = 0; kind < _MOTION_KIND_MAX; kind++) {
                if (!config_has(group, kind_names[kind]))
                        continue;
                if (found != _MOTION_KIND_MAX) {
                        config_errors_add(reader->errors, config_place(reader, group),
                                        "\"%s\" and \"%s\" are two motions; write each in braces "
                                        "of its own.",
                                        kind_names[found], kind_names[kind]);
                        return _MOTION_KIND_MAX;
                }
                found = kind;
        }
        if (found == _MOTION_KIND_MAX)
                config_errors_add(reader->errors, config_place(reader, group),
                                "this motion does nothing; write tap, stroke, circle or hold = "
                                "[ zones ], or rest = seconds.");
        return found;
}

static void refuse_keys(ConfigReader *reader, const config_setting_t *group, MotionKind kind,
                const char *const *keys, size_t n_keys)
{
        for (size_t i = 0; i < n_keys; i++) {
                const config_setting_t *setting = config_setting_get_member(group, keys[i]);

                if (setting)
                        config_errors_add(reader->errors, config_place(reader, setting),
                                        "\"%s\" does not go with \"%s\"; remove it.", keys[i],
                                        kind_names[kind]);
        }
}

static void finish_rest(ConfigReader *reader, const config_setting_t *group, MotionDraft *draft)
{
        static const char *const others[] = { "seconds", "rate", "radius", "circle_radius",
                "strength", "phase" };

        refuse_keys(reader, group, MOTION_REST, others, ELEMENTSOF(others));
        draft->motion = (Motion){ .kind = MOTION_REST, .duration_ms = draft->rest_ms };
}

static void fill_in(MotionDraft *draft)
{
        Motion *motion = &draft->motion;
        const Motion *from = &usual[motion->kind];

        motion->beat_ms = draft->rate > 0 ? MS_PER_MINUTE / draft->rate : from->beat_ms;
        motion->phase_permille = (uint16_t) (draft->phase_percent * PERMILLE_PERCENT);
        if (motion->radius_mm == 0)
                motion->radius_mm = from->radius_mm;
        if (motion->circle_mm == 0)
                motion->circle_mm = from->circle_mm;
        if (motion->n_envelope == 0) {
                motion->n_envelope = from->n_envelope;
                memcpy(motion->envelope, from->envelope, sizeof(motion->envelope));
        }
}

/* What only shows when all keys of a motion are read. */
static void check_motion(ConfigReader *reader, const config_setting_t *group, const Motion *motion)
{
        ConfigPlace place = config_place(reader, group);
        bool dwells = motion->kind == MOTION_CIRCLE || motion->kind == MOTION_HOLD;
        unsigned turns = dwells ? motion->n_path : 1;
        Zone from, to;

        if (motion->kind == MOTION_STROKE && motion->n_path < 2)
                config_errors_add(reader->errors, place,
                                "a stroke leads from one zone to another; name at least two.");
        if (motion->duration_ms / turns < motion->beat_ms)
                config_errors_add(reader->errors, place,
                                "%s has %g seconds, and one %s takes %g; make \"seconds\" or "
                                "\"rate\" greater.",
                                turns > 1 ? "each of its zones" : "this motion",
                                motion->duration_ms / 1000.0 / turns, kind_names[motion->kind],
                                motion->beat_ms / 1000.0);
        /* SR-KEEP-OUT */
        if (motion_check_way(motion, &from, &to) < 0)
                config_errors_add(reader->errors, place,
                                "the way from %s to %s leads over the kneecap; lead it around, "
                                "through the zones beside it.",
                                zone_name(from), zone_name(to));
}

static void read_motion(ConfigReader *reader, const config_setting_t *group, Motion *ret)
{
        static const char *const of_circle[] = { "circle_radius" };
        MotionDraft draft = { .rest_ms = 0 };
        size_t errors_before = reader->errors->n;
        MotionKind kind;

        config_read_group(reader, group, motion_keys, ELEMENTSOF(motion_keys), &draft);
        if (!config_setting_is_group(group))
                return;
        kind = find_kind(reader, group);
        if (kind == _MOTION_KIND_MAX)
                return;

        draft.motion.kind = kind;
        if (kind == MOTION_REST)
                finish_rest(reader, group, &draft);
        else {
                if (kind != MOTION_CIRCLE)
                        refuse_keys(reader, group, kind, of_circle, ELEMENTSOF(of_circle));
                if (!config_has(group, "seconds"))
                        config_errors_add(reader->errors, config_place(reader, group),
                                        "\"seconds\" is missing; it must be set here.");
                fill_in(&draft);
                if (reader->errors->n == errors_before)
                        check_motion(reader, group, &draft.motion);
        }
        *ret = draft.motion;
}

static void parse_motions(ConfigReader *reader, const config_setting_t *setting, void *field)
{
        Technique *technique = field;
        unsigned n = config_read_list(reader, setting, TECHNIQUE_MOTIONS_MAX);
        bool touches = false;

        for (unsigned i = 0; i < n; i++) {
                Motion *motion = &technique->motions[i];

                read_motion(reader, config_setting_get_elem(setting, i), motion);
                touches = touches || motion->kind != MOTION_REST;
        }
        technique->n_motions = (uint8_t) n;
        if (n > 0 && !touches)
                config_errors_add(reader->errors, config_place(reader, setting),
                                "this technique only rests; add a tap, stroke, circle or hold.");
}

static const ConfigKey technique_keys[] = {
        { "name", CONFIG_OTHER, .required = true, .parse = config_parse_name,
                        CONFIG_FIELD(Technique, name) },
        { "summary", CONFIG_OTHER, .parse = config_parse_summary,
                        CONFIG_FIELD(Technique, summary) },
        { "frequency_hz", CONFIG_INTEGER, .low = TECHNIQUE_FREQUENCY_MIN_HZ,
                        .high = TECHNIQUE_FREQUENCY_MAX_HZ, .fallback = FREQUENCY_HZ,
                        CONFIG_FIELD(Technique, frequency_hz) },
        { "motions", CONFIG_OTHER, .required = true, .parse = parse_motions },
};

const ConfigTable config_technique_table = { "technique", ELEMENTSOF(technique_keys),
        technique_keys };

void config_read_technique(
                ConfigReader *reader, const config_setting_t *group, Technique *technique)
{
        config_read_group(reader, group, technique_keys, ELEMENTSOF(technique_keys), technique);
}
