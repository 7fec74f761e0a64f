/* SPDX-License-Identifier: MIT */
#pragma once

/* What has to be true of every record, whoever asked for what. */

#include "tests/bus/stage.h"

typedef struct Truth {
        unsigned level_permille; /* never more */
        unsigned ramp_permille_per_s;
        int height_min_mm; /* of the actuators that may leave zero */
        int height_max_mm;
} Truth;

extern const Truth truth_of_friction; /* by the limits that are built in */
extern const Truth truth_of_tapping;

/* Fails the test where the record, as far as it was read, breaks one of them. Returns the highest
 * level that was commanded. */
unsigned check_truth(Stage *stage, const Truth *truth);
