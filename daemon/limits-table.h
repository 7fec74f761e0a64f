/* SPDX-License-Identifier: MIT */
#pragma once

/* Every number that keeps a knee safe, with its source: what `kneectl limits` shows. Pure data. The
 * same sources stand in docs/safety.md, and a test compares them. */

#include <stdbool.h>
#include <stddef.h>

#include "daemon/limits.h"

typedef struct LimitRow {
        const char *key;
        const char *unit;
        const char *what;
        const char *source; /* where the number comes from, or that it is a judgement */
        size_t offset;      /* in Limits */
        uint32_t hard;
        bool has_setting; /* a key of limits.conf: its value in force is limits_value() */
} LimitRow;

/* NULL at the end. Those with a setting come first. */
const LimitRow *limits_row(unsigned i);

/* What is in force. */
uint32_t limits_value(const LimitRow *row, const Limits *limits);
