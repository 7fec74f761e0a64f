/* SPDX-License-Identifier: MIT */
#pragma once

/* Screening: questions whose answers allow, warn or forbid, for both legs alike. The questions are
 * data, in one table (screening-questions.c), each with its reason, whom to see, how soon, and its
 * source. Pure. */

#include <stdint.h>

#include "daemon/limits.h"

#define SCREENING_QUESTIONS_MAX 16u
#define SCREENING_VALID_S       (30 * 86400) /* a judgement: a month */

typedef enum ScreeningKind {
        SCREENING_RED_FLAG, /* yes forbids */
        SCREENING_CAUTION,  /* yes asks for a professional's yes, and lowers the limits */
} ScreeningKind;

/* The zero value is the strict one: what was not answered is not known. */
typedef enum ScreeningAnswer {
        SCREENING_UNANSWERED,
        SCREENING_NO,
        SCREENING_YES,
        SCREENING_ADVISED, /* yes, and a professional said that massage is all right */
        _SCREENING_ANSWER_MAX,
        _SCREENING_ANSWER_INVALID = -1,
} ScreeningAnswer;

/* "no", "yes", "advised"; NULL and _SCREENING_ANSWER_INVALID for all else. */
const char *screening_answer_to_string(ScreeningAnswer answer);
ScreeningAnswer screening_answer_from_string(const char *s);

typedef struct ScreeningQuestion {
        const char *id;     /* "infection"; stable, used on the bus and in the ledger */
        const char *text;   /* the question, in plain words, to be answered by yes or no */
        const char *detail; /* what belongs to it, one thing a line; may be empty */
        const char *advice; /* one sentence: whom to see and how soon */
        const char *why;    /* one sentence */
        const char *source; /* where the rule comes from, and how far to trust it */
        ScreeningKind kind;
        Limits limits; /* of a caution, with a professional's yes: only tighten */
} ScreeningQuestion;

/* In the order in which they are asked; NULL at the end. */
const ScreeningQuestion *screening_question(unsigned i);
int screening_find(const char *id); /* its place, or -ENOENT */

typedef struct Screening {
        ScreeningAnswer answers[SCREENING_QUESTIONS_MAX];
} Screening;

/* The strictest first. */
typedef enum ScreeningVerdict {
        SCREENING_INCOMPLETE,
        SCREENING_FORBIDS,
        SCREENING_NEEDS_ADVICE,
        SCREENING_WARNS, /* allowed, with lower limits */
        SCREENING_ALLOWS,
        _SCREENING_VERDICT_MAX,
} ScreeningVerdict;

const char *screening_verdict_to_string(ScreeningVerdict verdict); /* "needs-advice" */

/* What the answers come to. A red flag is grave whatever else was left open. *ret_question: the
 * first question that decided (NULL: none was answered by yes, or what decides is that some are
 * open); *ret_limits: hard limits, tightened by every caution that was answered by yes, also one
 * without a professional's yes. Both may be NULL. */
ScreeningVerdict screening_judge(const Screening *screening, const ScreeningQuestion **ret_question,
                Limits *ret_limits);
