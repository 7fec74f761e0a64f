/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "cli/ask.h"
#include "cli/client.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"

/* The leg of what is running, so that a cry of pain never goes to the other one; else the default.
 * NULL where both are at work. The leg belongs to objects or manager. */
static const char *leg_at_work(const Objects *objects, const Manager *manager)
{
        const char *leg = NULL;

        for (size_t i = 0; i < objects->n_sessions; i++) {
                if (leg && !streq(leg, objects->sessions[i].leg))
                        return NULL;
                leg = objects->sessions[i].leg;
        }
        return leg ? leg : manager->default_leg;
}

static ExitCode choose_leg(Client *client, char leg[static LEG_SIZE])
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(objects_clear) Objects objects = {};
        const char *chosen = client->options->leg;
        Manager manager;
        int r;

        r = client_get_manager(client, &error, &manager);
        if (r >= 0)
                r = client_get_objects(client, &error, &objects);
        if (r < 0)
                return client_complain(client, r, &error);
        if (!chosen)
                chosen = leg_at_work(&objects, &manager);
        if (!chosen) {
                complain("both legs are at work; say which with --leg.");
                return EXIT_USAGE;
        }
        (void) snprintf(leg, LEG_SIZE, "%s", chosen);
        return EXIT_DONE;
}

static ExitCode ask_for_score(const char *leg, unsigned *ret)
{
        _cleanup_(ask_close) Ask ask = {};
        char question[64];
        int score;

        if (ask_open(&ask) < 0) {
                complain("say how much it hurts, 0 (none) to %u (the worst): kneectl pain SCORE",
                                PAIN_HIGHEST);
                return EXIT_USAGE;
        }
        (void) snprintf(question, sizeof(question), "How much does the %s knee hurt?", leg);
        score = ask_score(&ask, question);
        if (score < 0)
                return ask.code;
        *ret = (unsigned) score;
        return EXIT_DONE;
}

static ExitCode report(Client *client, const char *leg, unsigned score)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *document = NULL;
        const Options *options = client->options;
        PainResult result;
        int r;

        r = client_report_pain(client, leg, score, options->when, &error, &result);
        if (r < 0)
                return client_complain(client, r, &error);
        if (options->json != JSON_OFF) {
                document = json_document();
                json_add_pain(document, leg, score, &result);
                json_print(document, options->json);
                return EXIT_DONE;
        }
        if (options_has(options, OPTION_QUIET))
                return EXIT_DONE;
        say(stdout, "Noted: %u of %u, %s knee.", score, PAIN_HIGHEST, leg);
        if (result.sentence[0])
                say_wrapped(stdout, "", result.sentence);
        return EXIT_DONE;
}

/* Stops what hurts where kneed cannot be told, or does not say that it heard: a stop is never
 * refused, as a report is by a kneed that is called too often. */
static void stop_for_pain(Client *client, unsigned score)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        uint32_t stopped = 0;

        if (client_stop_all(client, &error, &stopped) >= 0)
                complain("so much pain ends a massage, so kneectl stopped everything; the pain is "
                         "not noted yet, so say it again: kneectl pain %u",
                                score);
        else
                complain("the massage could not be stopped from here; press the button of the "
                         "massager, or unplug it.");
}

/* Whether a score may be of a massage that goes on. */
static bool is_of_now(const Options *options, unsigned score)
{
        return score >= PAIN_STOPS && (!options->when || streq(options->when, "during"));
}

/* SR-PAIN, SR-MORNING */
ExitCode verb_pain(const Options *options)
{
        _cleanup_(client_close) Client client = {};
        char leg[LEG_SIZE];
        unsigned score = 0;
        ExitCode code;

        if (options->n_arguments > 0 &&
                        text_parse_score(options->arguments[0], PAIN_HIGHEST, &score) < 0) {
                complain("pain is a whole number from 0 (none) to %u (the worst).", PAIN_HIGHEST);
                return EXIT_USAGE;
        }
        code = client_open(options, &client);
        if (code == EXIT_DONE)
                code = choose_leg(&client, leg);
        if (code == EXIT_DONE && options->n_arguments == 0)
                code = ask_for_score(leg, &score);
        if (code == EXIT_DONE)
                code = report(&client, leg, score);
        if (code != EXIT_DONE && client.bus && is_of_now(options, score))
                stop_for_pain(&client, score);
        return code;
}
