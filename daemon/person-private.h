/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of the person share. */

#include "daemon/person.h"

/* Past it no moment is told from another, so that no sum of moments overflows. */
#define PERSON_MOMENT_MAX_S (INT64_MAX / 4)

/* How far advice looks back: over PERSON_ADVICE_S, and the day that it needs to be full. */
#define PERSON_TREND_S (PERSON_ADVICE_S + PERSON_DAY_S)

int64_t person_moment(int64_t day_s);

/* How long ago that was at the most; INT64_MAX: nobody knows. */
int64_t person_most_ago_s(
                const Person *person, int64_t then_s, const DayClockReading *then, int64_t now_s);

/* A bout is the sessions of a leg without a whole rest between them: whether one that begins then
 * belongs to one that ended so. */
bool person_same_bout(int64_t last_s, int64_t begun_s);
