/* SPDX-License-Identifier: MIT */
#include "cli/json-private.h"

static void add_score(json_object *to, const char *key, PainScore pain)
{
        if (pain.known)
                json_add_number(to, key, pain.score);
}

void json_add_verdict(json_object *to, const Screening *screening)
{
        json_add_text(to, "verdict", screening->verdict);
        json_add_text(to, "sentence", screening->sentence);
}

static json_object *json_question(const Question *question, const Answers *answers)
{
        json_object *object = json_object_new_object();
        const Answer *answer = answers_find(answers, question->id);

        json_add_text(object, "id", question->id);
        json_add_text(object, "kind", question->kind);
        json_add_text(object, "text", question->text);
        json_add_text(object, "detail", question->detail);
        json_add_text(object, "advice", question->advice);
        json_add_text(object, "why", question->why);
        json_add_text(object, "source", question->source);
        if (answer)
                json_add_text(object, "answer", answer->word);
        return object;
}

void json_add_screening(json_object *to, const Screening *screening, const QuestionList *list)
{
        json_object *questions = json_object_new_array();

        json_add_verdict(to, screening);
        json_add_bool(to, "valid", screening->valid);
        json_add_number(to, "valid_until", screening->valid_until_us);
        for (size_t i = 0; i < list->n_questions; i++)
                (void) json_object_array_add(
                                questions, json_question(&list->questions[i], &screening->answers));
        (void) json_object_object_add(to, "questions", questions);
}

static json_object *json_leg(const LegState *state)
{
        json_object *object = json_object_new_object();

        json_add_text(object, "leg", state->leg);
        json_add_bool(object, "may_start", state->may_start);
        json_add_text(object, "error", state->error);
        json_add_text(object, "sentence", state->sentence);
        json_add_number(object, "until", state->until_us);
        json_add_number(object, "minutes_left", state->minutes_left);
        json_add_number(object, "sessions_today", state->sessions_today);
        json_add_number(object, "minutes_today", state->minutes_today);
        json_add_bool(object, "morning_due", state->morning_due);
        json_add_text(object, "advice", state->advice);
        return object;
}

void json_add_legs(json_object *to, const LegState *legs, size_t n)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < n; i++)
                (void) json_object_array_add(array, json_leg(&legs[i]));
        (void) json_object_object_add(to, "legs", array);
}

void json_add_ledger(json_object *to, const Manager *manager)
{
        json_object *ledger = json_object_new_object();

        json_add_text(ledger, "state", manager->ledger_state);
        json_add_text(ledger, "reason", manager->ledger_reason);
        (void) json_object_object_add(to, "ledger", ledger);
}

static json_object *json_past_session(const PastSession *session)
{
        json_object *object = json_object_new_object();

        json_add_text(object, "leg", session->leg);
        json_add_number(object, "begun", session->begun_us);
        json_add_number(object, "charged_ms", session->charged_ms);
        json_add_bool(object, "finished", session->finished);
        add_score(object, "pain_before", session->before);
        add_score(object, "pain_during", session->during);
        add_score(object, "pain_after", session->after);
        add_score(object, "pain_morning", session->morning);
        return object;
}

void json_add_history(json_object *to, const PastSessionList *list)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < list->n_sessions; i++)
                (void) json_object_array_add(array, json_past_session(&list->sessions[i]));
        (void) json_object_object_add(to, "history", array);
}

static json_object *json_limit(const LimitInfo *limit)
{
        json_object *object = json_object_new_object();

        json_add_text(object, "key", limit->key);
        json_add_number(object, "value", limit->value);
        json_add_number(object, "hard", limit->hard);
        json_add_text(object, "unit", limit->unit);
        json_add_text(object, "what", limit->what);
        json_add_text(object, "source", limit->source);
        return object;
}

void json_add_limits(json_object *to, const LimitList *list)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < list->n_limits; i++)
                (void) json_object_array_add(array, json_limit(&list->limits[i]));
        (void) json_object_object_add(to, "limits", array);
}

void json_add_pain(json_object *to, const char *leg, unsigned score, const PainResult *result)
{
        json_add_text(to, "leg", leg);
        json_add_number(to, "score", score);
        json_add_text(to, "action", result->action);
        json_add_text(to, "sentence", result->sentence);
}
