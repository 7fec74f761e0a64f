/* SPDX-License-Identifier: MIT */
#include "cli/person.h"

#include <errno.h>
#include <stdio.h>

#include "cli/fields.h"
#include "cli/text.h"

static int read_answers(sd_bus_message *m, void *to, size_t size);
static int read_score(sd_bus_message *m, void *to, size_t size);

static const FieldType field_answers = { "a{ss}", read_answers };
static const FieldType field_score = { "u", read_score };

static const Field question_fields[] = {
        FIELD("id", field_text, Question, id),
        FIELD("kind", field_text, Question, kind),
        FIELD("text", field_text, Question, text),
        FIELD("detail", field_lines, Question, detail),
        FIELD("advice", field_text, Question, advice),
        FIELD("why", field_text, Question, why),
        FIELD("source", field_text, Question, source),
};

static const Field screening_fields[] = {
        FIELD("verdict", field_text, Screening, verdict),
        FIELD("sentence", field_text, Screening, sentence),
        FIELD("valid", field_bool, Screening, valid),
        FIELD("valid_until", field_u64, Screening, valid_until_us),
        FIELD("answers", field_answers, Screening, answers),
};

static const Field leg_fields[] = {
        FIELD("may_start", field_bool, LegState, may_start),
        FIELD("error", field_text, LegState, error),
        FIELD("sentence", field_text, LegState, sentence),
        FIELD("until", field_u64, LegState, until_us),
        FIELD("minutes_left", field_u32, LegState, minutes_left),
        FIELD("sessions_today", field_u32, LegState, sessions_today),
        FIELD("minutes_today", field_u32, LegState, minutes_today),
        FIELD("morning_due", field_bool, LegState, morning_due),
        FIELD("advice", field_text, LegState, advice),
};

static const Field past_fields[] = {
        FIELD("leg", field_text, PastSession, leg),
        FIELD("begun", field_u64, PastSession, begun_us),
        FIELD("charged_ms", field_u32, PastSession, charged_ms),
        FIELD("finished", field_bool, PastSession, finished),
        FIELD("pain_before", field_score, PastSession, before),
        FIELD("pain_during", field_score, PastSession, during),
        FIELD("pain_after", field_score, PastSession, after),
        FIELD("pain_morning", field_score, PastSession, morning),
};

_Static_assert(offsetof(LimitInfo, key) == 0, "the key of a map comes first");

static const Field limit_fields[] = {
        FIELD("value", field_u32, LimitInfo, value),
        FIELD("hard", field_u32, LimitInfo, hard),
        FIELD("unit", field_text, LimitInfo, unit),
        FIELD("what", field_text, LimitInfo, what),
        FIELD("source", field_text, LimitInfo, source),
};

void question_list_clear(QuestionList *list)
{
        free(list->questions);
        *list = (QuestionList){};
}

void past_session_list_clear(PastSessionList *list)
{
        free(list->sessions);
        *list = (PastSessionList){};
}

void limit_list_clear(LimitList *list)
{
        free(list->limits);
        *list = (LimitList){};
}

const Answer *answers_find(const Answers *answers, const char *id)
{
        for (unsigned i = 0; i < answers->n; i++)
                if (streq(answers->at[i].id, id))
                        return &answers->at[i];
        return NULL;
}

int answers_set(Answers *answers, const char *id, const char *word)
{
        unsigned i = 0;

        while (i < answers->n && !streq(answers->at[i].id, id))
                i++;
        if (i == QUESTIONS_MAX)
                return -ENOSPC;
        text_clean(id, answers->at[i].id, sizeof(answers->at[i].id));
        text_clean(word, answers->at[i].word, sizeof(answers->at[i].word));
        answers->n = MAX(answers->n, i + 1);
        return 0;
}

int answers_append(sd_bus_message *m, const Answers *answers)
{
        int r;

        r = sd_bus_message_open_container(m, 'a', "{ss}");
        for (unsigned i = 0; r >= 0 && i < answers->n; i++)
                r = sd_bus_message_append(m, "{ss}", answers->at[i].id, answers->at[i].word);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int answers_read(sd_bus_message *m, Answers *ret)
{
        const char *id, *word;
        Answers answers = {};
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{ss}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(m, "{ss}", &id, &word)) > 0)
                if (answers_set(&answers, id, word) < 0)
                        return -EBADMSG;
        if (r < 0)
                return r;
        *ret = answers;
        return sd_bus_message_exit_container(m);
}

static int read_answers(sd_bus_message *m, void *to, size_t size)
{
        return answers_read(m, to);
}

static int read_score(sd_bus_message *m, void *to, size_t size)
{
        PainScore *score = to;
        int r;

        r = sd_bus_message_read_basic(m, 'u', &score->score);
        score->known = r > 0;
        return r;
}

int question_list_read(sd_bus_message *m, QuestionList *ret)
{
        _cleanup_(question_list_clear) QuestionList list = {};
        int r;

        r = fields_read_list(m, question_fields, ELEMENTSOF(question_fields), &list.questions,
                        &list.n_questions, sizeof(*list.questions));
        if (r < 0)
                return r;
        if (list.n_questions > QUESTIONS_MAX)
                return -EBADMSG;
        *ret = list;
        list = (QuestionList){};
        return 0;
}

int screening_read(sd_bus_message *m, Screening *ret)
{
        Screening screening = {};
        int r;

        r = fields_read(m, screening_fields, ELEMENTSOF(screening_fields), &screening);
        if (r < 0)
                return r;
        *ret = screening;
        return 0;
}

int leg_state_read(sd_bus_message *m, LegState *ret)
{
        LegState state = {};
        int r;

        r = fields_read(m, leg_fields, ELEMENTSOF(leg_fields), &state);
        if (r < 0)
                return r;
        *ret = state;
        return 0;
}

int past_session_list_read(sd_bus_message *m, PastSessionList *ret)
{
        _cleanup_(past_session_list_clear) PastSessionList list = {};
        int r;

        r = fields_read_list(m, past_fields, ELEMENTSOF(past_fields), &list.sessions,
                        &list.n_sessions, sizeof(*list.sessions));
        if (r < 0)
                return r;
        *ret = list;
        list = (PastSessionList){};
        return 0;
}

int limit_list_read(sd_bus_message *m, LimitList *ret)
{
        _cleanup_(limit_list_clear) LimitList list = {};
        int r;

        r = fields_read_map(m, limit_fields, ELEMENTSOF(limit_fields), &list.limits, &list.n_limits,
                        sizeof(*list.limits), sizeof(list.limits->key));
        if (r < 0)
                return r;
        *ret = list;
        list = (LimitList){};
        return 0;
}

int pain_result_read(sd_bus_message *m, PainResult *ret)
{
        const char *action, *sentence;
        PainResult result;
        int r;

        r = sd_bus_message_read(m, "ss", &action, &sentence);
        if (r < 0)
                return r;
        text_clean(action, result.action, sizeof(result.action));
        text_clean(sentence, result.sentence, sizeof(result.sentence));
        *ret = result;
        return 0;
}
