/* SPDX-License-Identifier: MIT */
#include "cli/screening.h"

#include <errno.h>

#include "cli/text.h"

static void show_question(const Question *question, size_t number, size_t n)
{
        char detail[sizeof(question->detail)];
        char *rest = detail, *line;

        (void) snprintf(detail, sizeof(detail), "%s", question->detail);
        say(stdout, "\nQuestion %zu of %zu", number, n);
        say_wrapped(stdout, "", question->text);
        while ((line = strsep(&rest, "\n")))
                if (line[0])
                        say_wrapped(stdout, "  - ", line);
}

/* 'y', 'n', 'b' for back, or -ECANCELED. */
static int ask_one(Ask *ask, const Question *question, size_t i, size_t n)
{
        static const char *const words[] = { "yes", "no", "back" };

        show_question(question, i + 1, n);
        return ask_letter(ask, i > 0 ? "ynb" : "yn", words);
}

/* Whether a professional said yes: 'y', 'n', 'b' for back, or -ECANCELED. */
static int ask_for_advice(Ask *ask)
{
        static const char *const words[] = { "yes", "no", "back" };

        say(stdout, "Has a doctor or physiotherapist said that massage is all right for you?");
        return ask_letter(ask, "ynb", words);
}

static int walk(Ask *ask, const QuestionList *list, Answers *answers)
{
        for (size_t i = 0; i < list->n_questions;) {
                const Question *question = &list->questions[i];
                const char *word = "no";
                int r;

                r = ask_one(ask, question, i, list->n_questions);
                if (r == 'b') {
                        i--;
                        continue;
                }
                if (r == 'y') {
                        word = "yes";
                        if (streq(question->kind, "caution")) {
                                r = ask_for_advice(ask);
                                if (r == 'b')
                                        continue;
                                word = r == 'y' ? "advised" : "yes";
                        }
                }
                if (r < 0)
                        return r;
                r = answers_set(answers, question->id, word);
                if (r < 0)
                        return r;
                /* There is no need to ask on. */
                if (streq(word, "yes") && !streq(question->kind, "caution"))
                        return 0;
                i++;
        }
        return 0;
}

int screening_questions(Client *client, sd_bus_error *error, QuestionList *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "ListQuestions", error, &reply, NULL);
        if (r < 0)
                return r;
        return question_list_read(reply, ret);
}

ExitCode screening_ask(Client *client, Ask *ask, Answers *ret)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(question_list_clear) QuestionList list = {};
        Answers answers = {};
        int r;

        r = screening_questions(client, &error, &list);
        if (r < 0)
                return client_complain(client, r, &error);
        say(stdout, "Massage is not right for every knee. Is it for yours?");
        r = walk(ask, &list, &answers);
        if (r == -ECANCELED)
                return ask->code;
        if (r < 0)
                return client_complain(client, r, NULL);
        *ret = answers;
        return EXIT_DONE;
}

static int send_answers(Client *client, const Answers *answers, sd_bus_error *error, Screening *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        const char *verdict, *sentence;
        int r;

        r = sd_bus_message_new_method_call(
                        client->bus, &m, client->peer, KNEED_ROOT, KNEED_MANAGER, "Screen");
        if (r < 0)
                return r;
        r = answers_append(m, answers);
        if (r < 0)
                return r;
        r = client_call_message(client, m, error, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "ss", &verdict, &sentence);
        if (r < 0)
                return r;
        text_clean(verdict, ret->verdict, sizeof(ret->verdict));
        text_clean(sentence, ret->sentence, sizeof(ret->sentence));
        return 0;
}

ExitCode screening_send(Client *client, const Answers *answers, Screening *ret)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = send_answers(client, answers, &error, ret);
        return r < 0 ? client_complain(client, r, &error) : EXIT_DONE;
}

void screening_say(const Screening *screening)
{
        say_wrapped(stdout, "",
                        screening->sentence[0] ? screening->sentence
                                               : "Massage is all right for you.");
}

bool screening_permits(const Screening *screening)
{
        return streq(screening->verdict, "allows") || streq(screening->verdict, "warns");
}
