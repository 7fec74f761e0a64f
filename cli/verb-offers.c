/* SPDX-License-Identifier: MIT */
#include "cli/client.h"
#include "cli/json.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/when.h"

#define SNOOZE_MINUTES 10u /* where nobody says; a judgement */

static int get_offers(Client *client, sd_bus_error *error, OfferList *ret)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = client_call(client, KNEED_ROOT, "org.freedesktop.DBus.Properties", "Get", error, &reply,
                        "ss", KNEED_MANAGER, "Offers");
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(reply, 'v', "aa{sv}");
        if (r < 0)
                return r;
        return offer_list_read(reply, ret);
}

static void print_offers(const OfferList *list)
{
        static const char *const heading[] = { "ID", "ROUTINE", "LEG", "STATE", "UNTIL" };
        _cleanup_(table_clear) Table table = {};
        const uint64_t now_us = when_now();

        if (list->n_offers == 0) {
                say(stdout, "No offer waits. What is to come: kneectl schedule");
                return;
        }
        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < list->n_offers; i++) {
                const OfferInfo *offer = &list->offers[i];
                char when[WHEN_SIZE];

                (void) table_add(&table, "%s", offer->id);
                (void) table_add(&table, "%s", offer->routine);
                (void) table_add(&table, "%s", offer->leg);
                (void) table_add(&table, "%s", offer->state);
                (void) table_add(&table, "%s", when_text(offer->deadline_us, now_us, when));
        }
        table_print(&table, stdout);
        for (size_t i = 0; i < list->n_offers; i++)
                if (list->offers[i].sentence[0])
                        say_wrapped(stdout, "", list->offers[i].sentence);
}

static ExitCode list_offers(Client *client)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(offer_list_clear) OfferList list = {};
        const JsonMode json = client->options->json;
        int r;

        r = get_offers(client, &error, &list);
        if (r < 0)
                return client_complain(client, r, &error);
        if (json == JSON_OFF) {
                print_offers(&list);
                return EXIT_DONE;
        }
        document = json_document();
        json_add_offers(document, &list);
        json_print(document, json);
        return EXIT_DONE;
}

/* The offer that is named, or the only one. */
static ExitCode find_offer(Client *client, OfferInfo *ret)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(offer_list_clear) OfferList list = {};
        const char *id = client->options->arguments[1];
        const OfferInfo *offer;
        int r;

        r = get_offers(client, &error, &list);
        if (r < 0)
                return client_complain(client, r, &error);
        if (list.n_offers == 0) {
                complain("no offer waits. What is to come: kneectl schedule");
                return EXIT_NO_SUCH_THING;
        }
        if (!id && list.n_offers > 1) {
                complain("several offers wait; say which one. See: kneectl offers");
                return EXIT_USAGE;
        }
        offer = id ? offer_list_find(&list, id) : &list.offers[0];
        if (!offer) {
                complain("no offer has that ID, or not any more. See: kneectl offers");
                return EXIT_NO_SUCH_THING;
        }
        *ret = *offer;
        return EXIT_DONE;
}

static ExitCode accept_offer(Client *client, const OfferInfo *offer)
{
        const Wish wish = { .member = "AcceptOffer", .what = offer->id };

        return run_session(client, &wish, offer->leg);
}

static ExitCode snooze_offer(Client *client, const OfferInfo *offer)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const Options *options = client->options;
        const unsigned minutes = options->minutes > 0 ? options->minutes : SNOOZE_MINUTES;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "SnoozeOffer", &error, NULL, "su",
                        offer->id, minutes);
        if (r < 0)
                return client_complain(client, r, &error);
        if (!options_has(options, OPTION_QUIET))
                say(stdout, "%s comes again in %u minute%s.", offer->id, minutes,
                                minutes == 1 ? "" : "s");
        return EXIT_DONE;
}

static ExitCode decline_offer(Client *client, const OfferInfo *offer)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = client_call(client, KNEED_ROOT, KNEED_MANAGER, "DeclineOffer", &error, NULL, "s",
                        offer->id);
        if (r < 0)
                return client_complain(client, r, &error);
        if (!options_has(client->options, OPTION_QUIET))
                say(stdout, "%s does not come again.", offer->id);
        return EXIT_DONE;
}

static const struct GivenAnswer {
        const char *word;
        unsigned options; /* that go with it */
        ExitCode (*give)(Client *client, const OfferInfo *offer);
} answers[] = {
        { "accept",
                        OPTION_BIT(OPTION_MINUTES) | OPTION_BIT(OPTION_INTENSITY) |
                                        OPTION_BIT(OPTION_DEVICE) | OPTION_BIT(OPTION_NOTHING_NEW) |
                                        OPTION_BIT(OPTION_PAIN) | OPTION_BIT(OPTION_DETACH) |
                                        OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_QUIET),
                        accept_offer },
        { "snooze", OPTION_BIT(OPTION_MINUTES) | OPTION_BIT(OPTION_QUIET), snooze_offer },
        { "decline", OPTION_BIT(OPTION_QUIET), decline_offer },
};

static ExitCode give_answer(const Options *options, const struct GivenAnswer *answer)
{
        _cleanup_(client_close) Client client = {};
        OfferInfo offer;
        ExitCode code;

        if (options->given & ~(answer->options | OPTIONS_ALWAYS)) {
                complain("an option that is there does not go with offers %s. "
                         "See: kneectl offers --help",
                                answer->word);
                return EXIT_USAGE;
        }
        code = client_open(options, &client);
        if (code == EXIT_DONE)
                code = find_offer(&client, &offer);
        return code == EXIT_DONE ? answer->give(&client, &offer) : code;
}

ExitCode verb_offers(const Options *options)
{
        _cleanup_(client_close) Client client = {};
        ExitCode code;

        for (size_t i = 0; options->n_arguments > 0 && i < ELEMENTSOF(answers); i++)
                if (streq(options->arguments[0], answers[i].word))
                        return give_answer(options, &answers[i]);
        if (options->n_arguments > 0) {
                complain("an offer is answered by accept, snooze or decline.");
                return EXIT_USAGE;
        }
        if (options->given & ~(OPTION_BIT(OPTION_JSON) | OPTIONS_ALWAYS)) {
                complain("an option that is there goes with accept, snooze or decline only. "
                         "See: kneectl offers --help");
                return EXIT_USAGE;
        }
        code = client_open(options, &client);
        return code == EXIT_DONE ? list_offers(&client) : code;
}
