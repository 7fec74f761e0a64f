/* SPDX-License-Identifier: MIT */
#pragma once

/* Another count of what a person's entries allow under the hard limits: of all of them, each time
 * anew, and sharing nothing with the person but the types. Of pain it knows what a story tells: a
 * score once, and stops by their action. */

#include "daemon/person.h"

bool recount_is_session(const Entry *entry);

/* How many sessions of both legs the day has that ends then. */
unsigned recount_sessions(const Entry all[], unsigned n, int64_t now_s);

/* Fills in refusal, day_sessions, day_charged_ms and dose_left_ms. */
void recount(const Entry all[], unsigned n, Leg leg, const Moment *now, PersonVerdict *ret);
