/* SPDX-License-Identifier: MIT */
#include "daemon/limits.h"

const Limits limits_hard = {
#define X(field, strictest, hard, unit, what) .field = (hard),
        LIMITS(X)
#undef X
};

void limits_tighten(Limits *limits, const Limits *by)
{
#define X(field, strictest, hard, unit, what) \
        if (by->field < limits->field)        \
                limits->field = by->field;
        LIMITS(X)
#undef X
}
