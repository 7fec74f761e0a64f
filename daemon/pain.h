/* SPDX-License-Identifier: MIT */
#pragma once

/* Pain, 0 to 10: what a score means for what may go on. Pure.
 *
 * Sources of the numbers: advice on exercise with sore joints (ideally under 2, never over 5,
 * settled within an hour, not worse next morning); the steps between are judgements. */

#include <stdbool.h>
#include <stdint.h>

#define PAIN_MAX       10
#define PAIN_UNKNOWN   (-1)
#define PAIN_EASE      3           /* during: from here on it eases */
#define PAIN_STOP      5           /* during: from here on it stops; before: nothing starts */
#define PAIN_RISE      2           /* during: so much above the start stops */
#define PAIN_CLOSED_S  (24 * 3600) /* how long a stop for pain closes the leg */
#define PAIN_MORNING_S (48 * 3600) /* how long "worse next morning" closes it */
#define PAIN_START_S \
        (24 * 3600) /* how long PAIN_STOP lets nothing start, if nothing less is told */

typedef enum PainWhen {
        PAIN_BEFORE,
        PAIN_DURING,
        PAIN_AFTER,
        PAIN_MORNING, /* the next one */
        _PAIN_WHEN_MAX,
        _PAIN_WHEN_INVALID = -1,
} PainWhen;

const char *pain_when_to_string(PainWhen when); /* "before"; NULL where it is none */
PainWhen pain_when_from_string(const char *s);  /* _PAIN_WHEN_INVALID */

/* What a score asks for at once, the mildest first. */
typedef enum PainAction {
        PAIN_ACTION_NONE,
        PAIN_ACTION_EASE, /* halves intensity and tempo, moves on */
        PAIN_ACTION_STOP, /* stops, and closes the leg */
        _PAIN_ACTION_MAX,
} PainAction;

const char *pain_action_to_string(PainAction action); /* "none", "eased", "stopped" */

/* During a session. score: 0 to PAIN_MAX; start: the score before it, PAIN_UNKNOWN counts as 0. */
PainAction pain_during(int score, int start);

/* Whether the next morning is worse: compared with before the session; where that is not known,
 * with after it; where nothing is known, any pain is. */
bool pain_worse_next_morning(int morning, int before, int after);
