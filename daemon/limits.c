/* SPDX-License-Identifier: MIT */
#include "daemon/limits.h"

const Limits limits_hard = {
#define X(field, strictest, hard, unit, what) .field = (hard),
        LIMITS(X)
#undef X
};

#define LEAST(field, strictest, hard, unit, what) \
        ensures limits->field == \min(\old(limits->field), \old(by->field));

/* SR-TIGHTEN */
/*@ requires \valid(limits) && \valid_read(by) && \separated(limits, by);
    assigns *limits;
    LIMITS(LEAST)
*/
void limits_tighten(Limits *limits, const Limits *by)
{
#define X(field, strictest, hard, unit, what) \
        if (by->field < limits->field)        \
                limits->field = by->field;
        LIMITS(X)
#undef X
}
