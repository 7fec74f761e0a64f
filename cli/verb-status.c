/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>

#include "cli/client.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "cli/when.h"

static uint64_t left_ms(const Client *client, const Session *session)
{
        struct timespec now;

        /* Another machine's clock tells nothing here. */
        if (client->options->host)
                return session->remaining_ms;
        (void) clock_gettime(CLOCK_BOOTTIME, &now);
        return session_left_ms(
                        session, (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000);
}

static void print_session(const Client *client, const Objects *objects, const Session *session)
{
        const Massager *massager = objects_massager_by_path(objects, session->massager);
        char left[TEXT_DURATION_SIZE], whole[TEXT_DURATION_SIZE];

        if (session->step > 0)
                say(stdout, "Session   %s, %s, step %u of %u, %s, intensity %u %%",
                                session->routine, session->state, session->step, session->n_steps,
                                session->technique, session->intensity_percent);
        else
                say(stdout, "Session   %s, %s, intensity %u %%", session->routine, session->state,
                                session->intensity_percent);
        say(stdout, "          %s leg, on %s, %s of %s left%s", session->leg,
                        massager ? massager->id : "a massager that is gone",
                        text_duration(left_ms(client, session), left),
                        text_duration(session->duration_ms, whole),
                        session->leased ? "" : ", detached");
}

static void print_massager(const Massager *massager)
{
        say(stdout, "Massager  %s, %s, %s%s", massager->id, massager->name, massager->state,
                        massager->contact ? ", feels skin" : "");
        if (massager->reason[0])
                say(stdout, "          %s", massager->reason);
}

/* What is known of the person's side. */
typedef struct Legs {
        Manager manager;
        LegState legs[2];
} Legs;

static int get_legs(Client *client, sd_bus_error *error, Legs *ret)
{
        static const char *const names[] = { "left", "right" };
        int r;

        r = client_get_manager(client, error, &ret->manager);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(ret->legs); i++)
                r = client_get_leg(client, names[i], error, &ret->legs[i]);
        return r;
}

static void print_may_start(const char *label, const LegState *state)
{
        char done[48] = "";

        if (state->minutes_today > 0)
                (void) snprintf(done, sizeof(done), "; %u in the last 24 hours",
                                state->minutes_today);
        say(stdout, "%s may start, up to %u minutes%s", label, state->minutes_left, done);
}

static bool is_at_work(const Objects *objects, const char *leg)
{
        for (size_t i = 0; i < objects->n_sessions; i++)
                if (streq(objects->sessions[i].leg, leg))
                        return true;
        return false;
}

static void print_leg(const LegState *state, bool at_work)
{
        const char *label = streq(state->leg, "left") ? "Left leg " : "Right leg";
        char until[WHEN_SIZE];

        if (at_work)
                say(stdout, "%s at work", label);
        else if (state->may_start)
                print_may_start(label, state);
        else if (state->until_us > 0)
                say(stdout, "%s not before %s", label,
                                when_text(state->until_us, when_now(), until));
        else
                say(stdout, "%s not now", label);
        /* What is the matter with the ledger is said below, once. */
        if (!at_work && !state->may_start && !streq(state->error, "LedgerUnavailable"))
                say_wrapped(stdout, "          ", state->sentence);
        if (state->morning_due)
                say(stdout, "          How is it this morning? Say: kneectl pain --leg %s",
                                state->leg);
        if (state->advice[0])
                say_wrapped(stdout, "          ", state->advice);
}

static void print_ledger(const Manager *manager)
{
        if (streq(manager->ledger_state, "ready"))
                return;
        say(stdout, "Ledger    %s", manager->ledger_state);
        if (manager->ledger_reason[0])
                say_wrapped(stdout, "          ", manager->ledger_reason);
}

static void print_status(const Client *client, const Objects *objects, const Legs *legs)
{
        for (size_t i = 0; i < objects->n_sessions; i++)
                print_session(client, objects, &objects->sessions[i]);
        if (objects->n_sessions == 0)
                say(stdout, "Session   none is running");
        for (size_t i = 0; i < objects->n_massagers; i++)
                print_massager(&objects->massagers[i]);
        if (objects->n_massagers == 0)
                say(stdout, "Massager  none is attached");
        for (size_t i = 0; i < ELEMENTSOF(legs->legs); i++)
                print_leg(&legs->legs[i], is_at_work(objects, legs->legs[i].leg));
        print_ledger(&legs->manager);
}

static void print_json(const Objects *objects, const Legs *legs, JsonMode mode)
{
        _cleanup_(json_object_putp) json_object *document = json_document();

        json_add_sessions(document, objects);
        json_add_massagers(document, objects);
        json_add_legs(document, legs->legs, ELEMENTSOF(legs->legs));
        json_add_ledger(document, &legs->manager);
        json_print(document, mode);
}

ExitCode verb_status(const Options *options)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(objects_clear) Objects objects = {};
        _cleanup_(client_close) Client client = {};
        Legs legs = {};
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_get_objects(&client, &error, &objects);
        if (r >= 0)
                r = get_legs(&client, &error, &legs);
        if (r < 0)
                return client_complain(&client, r, &error);
        if (options->json == JSON_OFF)
                print_status(&client, &objects, &legs);
        else
                print_json(&objects, &legs, options->json);
        return EXIT_DONE;
}
