/* SPDX-License-Identifier: MIT */
#include "cli/json.h"
#include "cli/screening.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/when.h"

static ExitCode tell(Client *client, const Answers *answers)
{
        _cleanup_(json_object_putp) json_object *document = NULL;
        const Options *options = client->options;
        Screening screening = {};
        ExitCode code;

        code = screening_send(client, answers, &screening);
        if (code != EXIT_DONE)
                return code;
        if (options->json != JSON_OFF) {
                document = json_document();
                json_add_verdict(document, &screening);
                json_print(document, options->json);
        } else if (!options_has(options, OPTION_QUIET)) {
                screening_say(&screening);
        }
        return EXIT_DONE;
}

static ExitCode ask_and_tell(Client *client)
{
        _cleanup_(ask_close) Ask ask = {};
        Answers answers;
        ExitCode code;

        if (client->options->json != JSON_OFF || ask_open(&ask) < 0) {
                complain("there is nobody here to ask; answer every question by --answer "
                         "ID=no, ID=yes or ID=advised. See: kneectl screen --show");
                return EXIT_USAGE;
        }
        code = screening_ask(client, &ask, &answers);
        if (code != EXIT_DONE)
                return code;
        return tell(client, &answers);
}

static int get_screening(Client *client, sd_bus_error *error, Screening *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "GetScreening", error, &reply, NULL);
        if (r < 0)
                return r;
        return screening_read(reply, ret);
}

static void print(const Screening *screening, const QuestionList *list)
{
        static const char *const heading[] = { "ID", "KIND", "ANSWER", "QUESTION" };
        _cleanup_(table_clear) Table table = {};
        char when[WHEN_SIZE];

        if (screening->valid_until_us == 0)
                say(stdout, "The questions were not answered yet; answer them with: kneectl "
                            "screen");
        else
                say(stdout, "%s until %s.", screening->valid ? "Answered, and holds" : "Held",
                                when_text(screening->valid_until_us, when_now(), when));
        if (screening->valid)
                screening_say(screening);
        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < list->n_questions; i++) {
                const Question *question = &list->questions[i];
                const Answer *answer = answers_find(&screening->answers, question->id);

                (void) table_add(&table, "%s", question->id);
                (void) table_add(&table, "%s", question->kind);
                (void) table_add(&table, "%s", answer ? answer->word : "-");
                (void) table_add(&table, "%s", question->text);
        }
        table_print(&table, stdout);
}

static ExitCode show(Client *client)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(question_list_clear) QuestionList list = {};
        const JsonMode json = client->options->json;
        Screening screening;
        int r;

        r = screening_questions(client, &error, &list);
        if (r >= 0)
                r = get_screening(client, &error, &screening);
        if (r < 0)
                return client_complain(client, r, &error);
        if (json == JSON_OFF) {
                print(&screening, &list);
                return EXIT_DONE;
        }
        document = json_document();
        json_add_screening(document, &screening, &list);
        json_print(document, json);
        return EXIT_DONE;
}

ExitCode verb_screen(const Options *options)
{
        _cleanup_(client_close) Client client = {};
        ExitCode code;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        if (options_has(options, OPTION_SHOW))
                return show(&client);
        if (options_has(options, OPTION_ANSWER))
                return tell(&client, &options->answers);
        return ask_and_tell(&client);
}
