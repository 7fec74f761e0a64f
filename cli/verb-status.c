/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "cli/client.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verbs.h"

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

static void print_status(const Client *client, const Objects *objects)
{
        for (size_t i = 0; i < objects->n_sessions; i++)
                print_session(client, objects, &objects->sessions[i]);
        if (objects->n_sessions == 0)
                say(stdout, "Session   none is running");
        for (size_t i = 0; i < objects->n_massagers; i++)
                print_massager(&objects->massagers[i]);
        if (objects->n_massagers == 0)
                say(stdout, "Massager  none is attached");
}

ExitCode verb_status(const Options *options)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(json_object_putp) json_object *document = NULL;
        _cleanup_(objects_clear) Objects objects = {};
        _cleanup_(client_close) Client client = {};
        ExitCode code;
        int r;

        code = client_open(options, &client);
        if (code != EXIT_DONE)
                return code;
        r = client_get_objects(&client, &error, &objects);
        if (r < 0)
                return client_complain(&client, r, &error);
        if (options->json == JSON_OFF) {
                print_status(&client, &objects);
                return EXIT_DONE;
        }
        document = json_document();
        json_add_sessions(document, &objects);
        json_add_massagers(document, &objects);
        json_print(document, options->json);
        return EXIT_DONE;
}
