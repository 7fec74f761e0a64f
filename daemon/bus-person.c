/* SPDX-License-Identifier: MIT */
/* The Manager's methods on the person: screening, pain, legs, history, limits. */
#include <errno.h>

#include "common/macro.h"
#include "daemon/bus-private.h"
#include "daemon/limits-table.h"

#define MS_PER_MINUTE 60000u

static const char *const day_keys[_PAIN_WHEN_MAX] = {
        [PAIN_BEFORE] = "pain_before",
        [PAIN_DURING] = "pain_during",
        [PAIN_AFTER] = "pain_after",
        [PAIN_MORNING] = "pain_morning",
};

/* An array of dictionaries: begin, for each of them a filler, and send. */
static int reply_list(sd_bus_message *call, const Bus *bus, unsigned n,
                int (*fill)(sd_bus_message *reply, const Bus *bus, unsigned i))
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (unsigned i = 0; r >= 0 && i < n; i++) {
                r = sd_bus_message_open_container(reply, 'a', "{sv}");
                if (r >= 0)
                        r = fill(reply, bus, i);
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static int fill_question(sd_bus_message *reply, const Bus *bus, unsigned i)
{
        const ScreeningQuestion *q = screening_question(i);

        return sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "id", "s", q->id,
                        "kind", "s", q->kind == SCREENING_RED_FLAG ? "red-flag" : "caution", "text",
                        "s", q->text, "detail", "s", q->detail, "advice", "s", q->advice, "why",
                        "s", q->why, "source", "s", q->source);
}

int bus_list_questions(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        unsigned n = 0;

        while (screening_question(n))
                n++;

        return reply_list(call, userdata, n, fill_question);
}

static int take_answer(Screening *screening, const char *id, const char *text, sd_bus_error *error)
{
        int i = strnlen(id, BUS_STRING_MAX + 1) > BUS_STRING_MAX ? -ENOENT : screening_find(id);
        ScreeningAnswer answer = screening_answer_from_string(text);

        if (i < 0)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "There is no question of that name; see them with: kneectl "
                                "screen");
        if (answer == _SCREENING_ANSWER_INVALID)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "An answer is no, yes or advised.");
        if (answer == SCREENING_ADVISED &&
                        screening_question((unsigned) i)->kind != SCREENING_CAUTION)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "Question %s is answered by no or yes.",
                                screening_question((unsigned) i)->id);
        if (screening->answers[i] != SCREENING_UNANSWERED)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "Question %s is answered twice.",
                                screening_question((unsigned) i)->id);

        screening->answers[i] = answer;
        return 0;
}

static int read_answers(sd_bus_message *call, Screening *screening, sd_bus_error *error)
{
        const char *id, *text;
        int r;

        r = sd_bus_message_enter_container(call, 'a', "{ss}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(call, "{ss}", &id, &text)) > 0) {
                r = take_answer(screening, id, text, error);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : sd_bus_message_exit_container(call);
}

/* SR-SCREENING */
int bus_screen(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        char sentence[MANAGER_SENTENCE_MAX];
        Screening screening = { 0 };
        ScreeningVerdict verdict;
        RunRefusal refusal;
        Bus *bus = userdata;
        int r;

        r = read_answers(call, &screening, error);
        if (r < 0)
                return r;

        r = manager_screen(bus->manager, &screening, &refusal);
        if (r == -EPERM)
                return bus_refuse_run(error, &refusal);
        if (r == -EINVAL)
                return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                "Not all questions are answered; see them with: kneectl screen");
        if (r < 0)
                return r;

        verdict = manager_screening_verdict(&screening, sentence);
        return sd_bus_reply_method_return(
                        call, "ss", screening_verdict_to_string(verdict), sentence);
}

static int append_answers(sd_bus_message *reply, const Screening *screening)
{
        const ScreeningQuestion *q;
        int r;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", "answers");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "a{ss}");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{ss}");
        for (unsigned i = 0; r >= 0 && (q = screening_question(i)); i++)
                if (screening->answers[i] != SCREENING_UNANSWERED)
                        r = sd_bus_message_append(reply, "{ss}", q->id,
                                        screening_answer_to_string(screening->answers[i]));
        for (unsigned i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(reply);

        return r;
}

int bus_get_screening(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Bus *bus = userdata;
        History *history = manager_history(bus->manager);
        const Person *person = history_person(history);
        char sentence[MANAGER_SENTENCE_MAX] = "";
        ScreeningVerdict verdict = SCREENING_INCOMPLETE;
        int64_t until_s = 0;
        int r;

        if (person->screened) {
                verdict = manager_screening_verdict(&person->screening, sentence);
                until_s = person_screening_until_s(person, history_now_s(history));
        }

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}", "verdict", "s",
                                screening_verdict_to_string(verdict), "valid", "b",
                                (int) (person->screened && history_now_s(history) < until_s),
                                "valid_until", "t", history_wall_usec(history, until_s), "sentence",
                                "s", sentence);
        if (r >= 0)
                r = append_answers(reply, &person->screening);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static int read_leg(sd_bus_message *call, Leg *ret, sd_bus_error *error)
{
        const char *text;
        int r;

        r = sd_bus_message_read(call, "s", &text);
        if (r < 0)
                return r;

        *ret = leg_from_string(text);
        return *ret == _LEG_INVALID ? bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                                      "A leg is left or right.")
                                    : 0;
}

/* SR-ADVICE */
int bus_get_leg(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Bus *bus = userdata;
        History *history = manager_history(bus->manager);
        const Person *person = history_person(history);
        int64_t now_s = history_now_s(history);
        RunRefusal refusal = { 0 };
        PersonVerdict verdict;
        bool may;
        Leg leg;
        int r;

        r = read_leg(call, &leg, error);
        if (r < 0)
                return r;

        may = manager_look_at_leg(bus->manager, leg, &verdict, &refusal) >= 0;
        return sd_bus_reply_method_return(call, "a{sv}", 9, "may_start", "b", (int) may, "error",
                        "s", may ? "" : bus_refusal_name(refusal.why), "sentence", "s",
                        refusal.sentence, "until", "t",
                        may ? 0 : history_wall_usec(history, verdict.until_s), "minutes_left", "u",
                        may ? verdict.dose_left_ms / MS_PER_MINUTE : 0u, "sessions_today", "u",
                        verdict.day_sessions, "minutes_today", "u",
                        (verdict.day_charged_ms + MS_PER_MINUTE - 1) / MS_PER_MINUTE, "morning_due",
                        "b", (int) (person_morning_due(person, leg, now_s) != 0), "advice", "s",
                        person_advice_sentence(person_advice(person, leg, now_s)));
}

static int read_pain_when(sd_bus_message *call, PainWhen *ret, sd_bus_error *error)
{
        const char *key, *text;
        int r;

        r = sd_bus_message_enter_container(call, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(call, 'e', "sv")) > 0) {
                r = sd_bus_message_read(call, "s", &key);
                if (r < 0)
                        return r;
                if (!streq(key, "when") || *ret != _PAIN_WHEN_INVALID)
                        return bus_refuse(error, BUS_ERROR("UnknownOption"),
                                        "ReportPain has the option when, once, and no other.");
                r = bus_read_text_option(call, key, &text, error);
                if (r < 0)
                        return r;
                *ret = pain_when_from_string(text);
                if (*ret == _PAIN_WHEN_INVALID)
                        return bus_refuse(error, BUS_ERROR("InvalidArgument"),
                                        "Option when is before, during, after or morning.");
                r = sd_bus_message_exit_container(call);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : sd_bus_message_exit_container(call);
}

static int read_score(sd_bus_message *call, int *ret, sd_bus_error *error)
{
        uint32_t score;
        int r;

        r = sd_bus_message_read(call, "u", &score);
        if (r < 0)
                return r;
        if (score > PAIN_MAX)
                return bus_refuse(error, BUS_ERROR("OutOfRange"),
                                "Pain goes from 0 (none) to %d (the worst).", PAIN_MAX);

        *ret = (int) score;
        return 0;
}

static int report(sd_bus_message *call, Bus *bus, PainReport *pain, sd_bus_error *error)
{
        RunRefusal refusal;
        int r;

        r = manager_report_pain(bus->manager, pain, &refusal);
        if (r == -EPERM)
                return bus_refuse_run(error, &refusal);
        if (r < 0)
                return r;

        return sd_bus_reply_method_return(
                        call, "ss", pain_action_to_string(pain->led), pain->sentence);
}

static int read_report(sd_bus_message *call, PainReport *ret, sd_bus_error *error)
{
        int r;

        *ret = (PainReport){ .when = _PAIN_WHEN_INVALID };
        r = read_leg(call, &ret->leg, error);
        if (r >= 0)
                r = read_score(call, &ret->score, error);
        if (r >= 0)
                r = read_pain_when(call, &ret->when, error);

        return r;
}

static bool is_massaged(const Bus *bus, Leg leg)
{
        for (size_t i = 0; i < bus->n_sessions; i++)
                if (bus->sessions[i]->player->leg == leg)
                        return true;

        return false;
}

bool bus_is_pain_of_session(const Bus *bus, sd_bus_message *call)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        bool is_valid, is_now;
        PainReport pain;

        is_valid = sd_bus_message_has_signature(call, "sua{sv}") > 0 &&
                   read_report(call, &pain, &error) >= 0;
        if (sd_bus_message_rewind(call, true) < 0 || !is_valid)
                return false;

        is_now = pain.when == _PAIN_WHEN_INVALID || pain.when == PAIN_DURING;
        return is_now && is_massaged(bus, pain.leg);
}

int bus_report_pain(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        PainReport pain;
        int r;

        r = read_report(call, &pain, error);
        if (r < 0)
                return r;

        return report(call, userdata, &pain, error);
}

int bus_session_report_pain(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const BusSession *s = userdata;
        PainReport pain = { .leg = s->player->leg, .when = PAIN_DURING };
        int r;

        r = read_score(call, &pain.score, error);
        if (r < 0)
                return r;

        return report(call, s->bus, &pain, error);
}

static int fill_session(sd_bus_message *reply, const Bus *bus, unsigned i)
{
        History *history = manager_history(bus->manager);
        const Person *person = history_person(history);
        const PersonSession *s = &person->sessions[person->n_sessions - 1 - i];
        int r;

        r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}", "leg", "s", leg_to_string(s->leg),
                        "begun", "t", history_wall_usec(history, s->begun_s), "charged_ms", "u",
                        s->charged_ms, "finished", "b", (int) s->finished);
        for (PainWhen when = 0; r >= 0 && when < _PAIN_WHEN_MAX; when++)
                if (s->pain[when] >= 0)
                        r = sd_bus_message_append(reply, "{sv}", day_keys[when], "u",
                                        (uint32_t) s->pain[when]);

        return r;
}

int bus_list_sessions(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Bus *bus = userdata;
        const Person *person = history_person(manager_history(bus->manager));
        uint32_t most;
        int r;

        r = sd_bus_message_read(call, "u", &most);
        if (r < 0)
                return r;
        if (most < 1 || most > PERSON_SESSIONS_MAX)
                return bus_refuse(error, BUS_ERROR("OutOfRange"),
                                "From 1 to %u sessions can be asked for.", PERSON_SESSIONS_MAX);

        return reply_list(call, bus, MIN(most, (uint32_t) person->n_sessions), fill_session);
}

static int append_limit(sd_bus_message *reply, const LimitRow *row, const Limits *limits)
{
        return sd_bus_message_append(reply, "{sa{sv}}", row->key, 5, "value", "u",
                        limits_value(row, limits), "hard", "u", row->hard, "unit", "s", row->unit,
                        "what", "s", row->what, "source", "s", row->source);
}

int bus_list_limits(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Bus *bus = userdata;
        const LimitRow *row;
        int r;

        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");
        for (unsigned i = 0; r >= 0 && (row = limits_row(i)); i++)
                r = append_limit(reply, row, &manager_config(bus->manager)->limits);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}
