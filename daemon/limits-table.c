/* SPDX-License-Identifier: MIT */
#include "daemon/limits-table.h"

#include <string.h>

#include "common/macro.h"
#include "daemon/governor.h"
#include "daemon/pain.h"
#include "daemon/person.h"
#include "daemon/screening.h"

#define SECONDS_A_MINUTE 60
#define SECONDS_AN_HOUR  3600
#define SECONDS_A_DAY    86400
#define MS_A_SECOND      1000

#define SOURCE_level_permille       "judgement: room is left to the top of any motor"
#define SOURCE_first_level_permille "judgement: half of that for a skin that nobody knows yet"
#define SOURCE_session_minutes                                                           \
        "appliances switch off after 10 to 20 minutes; a trial of self-massage in knee " \
        "osteoarthritis (Atkins and Eichler) used 20"
#define SOURCE_pause_minutes "judgement: longer, and somebody has forgotten it"
#define SOURCE_ramp_permille_per_s \
        "judgement, near what electrical stimulators do (5 s and more to full)"
#define SOURCE_busy_s "judgement: then the actuator rests for 30 s"
#define SOURCE_setpoint_cc                                                                        \
        "41 °C: an older edition of IEC 60601-1 for long contact; a published regression gives " \
        "no burn for 67 min"
#define SOURCE_heat_minutes "one maker's advice for heated appliances"
#define SOURCE_day_sessions "one maker's advice for massage appliances: at most 3 times a day"
#define SOURCE_day_minutes  "judgement: three times the 15 minutes that one maker advises"

/* What no setting changes. */
#define FIXED(name, value, unit_text, what_text, source_text)                             \
        {                                                                                 \
                .key = (name), .hard = (value), .unit = (unit_text), .what = (what_text), \
                .source = (source_text),                                                  \
        }

static const LimitRow rows[] = {
#define X(field, strictest, hard_value, unit_text, what_text) \
        { .key = #field,                                      \
                .hard = (hard_value),                         \
                .unit = (unit_text),                          \
                .what = (what_text),                          \
                .source = SOURCE_##field,                     \
                .has_setting = true,                          \
                .offset = offsetof(Limits, field) },
        LIMITS(X)
#undef X
                        FIXED("rest_minutes", PERSON_REST_S / SECONDS_A_MINUTE, "minutes",
                                        "rest of a leg after a session",
                                        "judgement: appliances ask for about as much between "
                                        "uses"),
        FIXED("false_start_s", PERSON_FALSE_START_MS / MS_A_SECOND, "seconds",
                        "massage that needs no rest after it yet",
                        "judgement: a strap that slipped is no massage"),
        FIXED("screening_days", SCREENING_VALID_S / SECONDS_A_DAY, "days",
                        "how long the answers of a screening hold", "judgement: a month"),
        FIXED("pain_ease", PAIN_EASE, "of 10", "pain that eases the massage",
                        "judgement, between the 2 and the 5 of advice on exercise"),
        FIXED("pain_stop", PAIN_STOP, "of 10", "pain that stops the massage, or forbids its start",
                        "advice on exercise with sore joints: never over 5"),
        FIXED("pain_rise", PAIN_RISE, "of 10", "rise of pain that stops the massage",
                        "judgement: a clear change for the worse"),
        FIXED("pain_hours", PAIN_CLOSED_S / SECONDS_AN_HOUR, "hours",
                        "how long a stop for pain closes the leg",
                        "judgement: pain should settle within an hour; a day is on the safe side"),
        FIXED("morning_hours", PAIN_MORNING_S / SECONDS_AN_HOUR, "hours",
                        "how long a worse morning closes the leg",
                        "judgement: advice on exercise says not worse next morning"),
        FIXED("lost_hours", PERSON_LOST_S / SECONDS_AN_HOUR, "hours",
                        "how long both legs rest after a ledger was damaged",
                        "judgement: as long as the longest closing that it may have held"),
        FIXED("start_hours", PAIN_START_S / SECONDS_AN_HOUR, "hours",
                        "how long pain that forbids a start does, unless less is told",
                        "judgement: as long as a stop for pain"),
        FIXED("hot_cc", GOVERNOR_HOT_NOW_CC, "hundredths of a degree",
                        "a warmer pad latches at once",
                        "IEC 60601-1, contact of 10 minutes and more"),
        FIXED("hot_soon_cc", GOVERNOR_HOT_SOON_CC, "hundredths of a degree",
                        "a warmer pad latches after 10 s",
                        "a published regression: 34 min without a burn; the 10 s are a judgement"),
        FIXED("disagree_cc", GOVERNOR_DISAGREE_CC, "hundredths of a degree",
                        "pads that read further apart are not heated",
                        "judgement: pads on one knee; one sensor lies"),
        FIXED("status_ms", GOVERNOR_STATUS_FRESH_MS, "milliseconds",
                        "an older status counts as none", "judgement: five status periods"),
        FIXED("actuator_rest_s", GOVERNOR_REST_MS / MS_A_SECOND, "seconds",
                        "rest of an actuator after busy_s", "judgement"),
};

const LimitRow *limits_row(unsigned i)
{
        return i < ELEMENTSOF(rows) ? &rows[i] : NULL;
}

uint32_t limits_value(const LimitRow *row, const Limits *limits)
{
        uint16_t value;

        if (!row->has_setting)
                return row->hard;

        memcpy(&value, (const char *) limits + row->offset, sizeof(value));
        return value;
}
