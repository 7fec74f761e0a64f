/* SPDX-License-Identifier: MIT */
#include "daemon/pain.h"

#include <string.h>

#include "common/macro.h"

static const char *const when_names[_PAIN_WHEN_MAX] = {
        [PAIN_BEFORE] = "before",
        [PAIN_DURING] = "during",
        [PAIN_AFTER] = "after",
        [PAIN_MORNING] = "morning",
};

static const char *const action_names[_PAIN_ACTION_MAX] = {
        [PAIN_ACTION_NONE] = "none",
        [PAIN_ACTION_EASE] = "eased",
        [PAIN_ACTION_STOP] = "stopped",
};

const char *pain_when_to_string(PainWhen when)
{
        return when >= 0 && when < _PAIN_WHEN_MAX ? when_names[when] : NULL;
}

PainWhen pain_when_from_string(const char *s)
{
        for (PainWhen when = 0; when < _PAIN_WHEN_MAX; when++)
                if (streq(when_names[when], s))
                        return when;

        return _PAIN_WHEN_INVALID;
}

const char *pain_action_to_string(PainAction action)
{
        return action < _PAIN_ACTION_MAX ? action_names[action] : NULL;
}

/* SR-PAIN */
PainAction pain_during(int score, int start)
{
        if (score >= PAIN_STOP || score >= MIN(MAX(start, 0), PAIN_MAX) + PAIN_RISE)
                return PAIN_ACTION_STOP;

        return score >= PAIN_EASE ? PAIN_ACTION_EASE : PAIN_ACTION_NONE;
}

/* SR-MORNING */
bool pain_worse_next_morning(int morning, int before, int after)
{
        return morning > (before >= 0 ? before : MAX(after, 0));
}
