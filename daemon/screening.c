/* SPDX-License-Identifier: MIT */
#include "daemon/screening.h"

#include <errno.h>

#include "common/macro.h"

static const char *const answer_names[_SCREENING_ANSWER_MAX] = {
        [SCREENING_NO] = "no",
        [SCREENING_YES] = "yes",
        [SCREENING_ADVISED] = "advised",
};

static const char *const verdict_names[_SCREENING_VERDICT_MAX] = {
        [SCREENING_INCOMPLETE] = "incomplete",
        [SCREENING_FORBIDS] = "forbids",
        [SCREENING_NEEDS_ADVICE] = "needs-advice",
        [SCREENING_WARNS] = "warns",
        [SCREENING_ALLOWS] = "allows",
};

const char *screening_answer_to_string(ScreeningAnswer answer)
{
        return answer >= 0 && answer < _SCREENING_ANSWER_MAX ? answer_names[answer] : NULL;
}

ScreeningAnswer screening_answer_from_string(const char *s)
{
        for (ScreeningAnswer answer = SCREENING_NO; answer < _SCREENING_ANSWER_MAX; answer++)
                if (streq(answer_names[answer], s))
                        return answer;

        return _SCREENING_ANSWER_INVALID;
}

const char *screening_verdict_to_string(ScreeningVerdict verdict)
{
        return verdict < _SCREENING_VERDICT_MAX ? verdict_names[verdict] : NULL;
}

int screening_find(const char *id)
{
        const ScreeningQuestion *q;

        for (unsigned i = 0; (q = screening_question(i)); i++)
                if (streq(q->id, id))
                        return (int) i;

        return -ENOENT;
}

/* What one answer comes to alone. One that is none of the answers counts as left open. */
static ScreeningVerdict judge_answer(const ScreeningQuestion *q, ScreeningAnswer answer)
{
        switch (answer) {
        case SCREENING_NO:
                return SCREENING_ALLOWS;
        case SCREENING_YES:
                return q->kind == SCREENING_CAUTION ? SCREENING_NEEDS_ADVICE : SCREENING_FORBIDS;
        case SCREENING_ADVISED:
                return q->kind == SCREENING_CAUTION ? SCREENING_WARNS : SCREENING_FORBIDS;
        default:
                return SCREENING_INCOMPLETE;
        }
}

/* Red flags come before what was left open. */
static bool graver(ScreeningVerdict a, ScreeningVerdict b)
{
        return a == SCREENING_FORBIDS ? b != SCREENING_FORBIDS : a < b && b != SCREENING_FORBIDS;
}

/* SR-SCREENING, SR-TIGHTEN */
ScreeningVerdict screening_judge(const Screening *screening, const ScreeningQuestion **ret_question,
                Limits *ret_limits)
{
        ScreeningVerdict verdict = SCREENING_ALLOWS;
        const ScreeningQuestion *q, *decided = NULL;
        Limits limits = limits_hard;

        for (unsigned i = 0; (q = screening_question(i)); i++) {
                ScreeningVerdict one = judge_answer(q, screening->answers[i]);

                if (one == SCREENING_NEEDS_ADVICE || one == SCREENING_WARNS)
                        limits_tighten(&limits, &q->limits);
                if (graver(one, verdict)) {
                        verdict = one;
                        decided = q;
                }
        }

        if (ret_question)
                *ret_question = verdict == SCREENING_INCOMPLETE ? NULL : decided;
        if (ret_limits)
                *ret_limits = limits;
        return verdict;
}
