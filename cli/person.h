/* SPDX-License-Identifier: MIT */
#pragma once

/* What kneed asks a person and knows of one, as plain values. Every string in them is clean (see
 * text.h). */

#include <systemd/sd-bus.h>

#include "common/macro.h"

#define LEG_SIZE      8u
#define QUESTIONS_MAX 32u /* more are refused */

typedef struct Question {
        char id[32];
        char kind[16]; /* "red-flag" or "caution" */
        char text[256];
        char detail[512]; /* one thing a line */
        char advice[256];
        char why[256];
        char source[512];
} Question;

typedef struct QuestionList {
        Question *questions;
        size_t n_questions;
} QuestionList;

/* "no", "yes" or "advised" to a question. */
typedef struct Answer {
        char id[sizeof(((Question *) NULL)->id)];
        char word[16];
} Answer;

typedef struct Answers {
        unsigned n;
        Answer at[QUESTIONS_MAX];
} Answers;

typedef struct Screening {
        char verdict[32];
        char sentence[512];
        bool valid;
        uint64_t valid_until_us; /* CLOCK_REALTIME; 0: there is none */
        Answers answers;
} Screening;

typedef struct LegState {
        char leg[LEG_SIZE];
        bool may_start;
        char error[32];     /* what a run would be refused with, or empty */
        char sentence[512]; /* for the person, or empty */
        uint64_t until_us;  /* CLOCK_REALTIME: when that no longer holds; 0: not by waiting */
        uint32_t minutes_left;
        uint32_t sessions_today;
        uint32_t minutes_today;
        bool morning_due;
        char advice[512]; /* whom to see, or empty */
} LegState;

/* 0 to 10, where it is known. */
typedef struct PainScore {
        bool known;
        uint32_t score;
} PainScore;

/* A session that is over, or counts as such. */
typedef struct PastSession {
        char leg[LEG_SIZE];
        uint64_t begun_us; /* CLOCK_REALTIME */
        uint32_t charged_ms;
        bool finished;
        PainScore before;
        PainScore during; /* the worst */
        PainScore after;
        PainScore morning;
} PastSession;

typedef struct PastSessionList {
        PastSession *sessions;
        size_t n_sessions;
} PastSessionList;

typedef struct LimitInfo {
        char key[48];
        uint32_t value;
        uint32_t hard;
        char unit[32];
        char what[256];
        char source[512];
} LimitInfo;

typedef struct LimitList {
        LimitInfo *limits;
        size_t n_limits;
} LimitList;

/* What a report of pain led to. */
typedef struct PainResult {
        char action[16]; /* "none", "eased" or "stopped" */
        char sentence[512];
} PainResult;

void question_list_clear(QuestionList *list);
void past_session_list_clear(PastSessionList *list);
void limit_list_clear(LimitList *list);

/* NULL where there is none. */
const Answer *answers_find(const Answers *answers, const char *id);

/* Takes the place of an answer that is there. -ENOSPC where there are too many. */
int answers_set(Answers *answers, const char *id, const char *word);

/* Append an a{ss}, and read one. */
int answers_append(sd_bus_message *m, const Answers *answers);
int answers_read(sd_bus_message *m, Answers *ret);

/* Read a whole reply. */
int question_list_read(sd_bus_message *m, QuestionList *ret);
int screening_read(sd_bus_message *m, Screening *ret);
int leg_state_read(sd_bus_message *m, LegState *ret);
int past_session_list_read(sd_bus_message *m, PastSessionList *ret);
int limit_list_read(sd_bus_message *m, LimitList *ret);
int pain_result_read(sd_bus_message *m, PainResult *ret);
