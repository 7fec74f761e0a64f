/* SPDX-License-Identifier: MIT */
#include "cli/json-private.h"

#define SHAPE_VERSION 1

void json_add_text(json_object *to, const char *key, const char *text)
{
        (void) json_object_object_add(to, key, json_object_new_string(text));
}

void json_add_number(json_object *to, const char *key, uint64_t number)
{
        (void) json_object_object_add(to, key, json_object_new_uint64(number));
}

void json_add_bool(json_object *to, const char *key, bool yes)
{
        (void) json_object_object_add(to, key, json_object_new_boolean(yes));
}

json_object *json_document(void)
{
        json_object *document = json_object_new_object();

        if (document)
                json_add_number(document, "version", SHAPE_VERSION);
        return document;
}

json_object *json_event(const char *event)
{
        json_object *object = json_document();

        if (object)
                json_add_text(object, "event", event);
        return object;
}

static json_object *json_place(LegPlace place)
{
        json_object *object = json_object_new_object();

        (void) json_object_object_add(object, "angle", json_object_new_int(place.angle_deg));
        (void) json_object_object_add(object, "height", json_object_new_int(place.height_mm));
        return object;
}

json_object *json_massager(const Massager *massager)
{
        json_object *object = json_object_new_object(), *places = json_object_new_array();

        json_add_text(object, "id", massager->id);
        json_add_text(object, "name", massager->name);
        json_add_text(object, "driver", massager->driver);
        json_add_text(object, "state", massager->state);
        json_add_text(object, "reason", massager->reason);
        json_add_text(object, "warning", massager->warning);
        json_add_number(object, "actuators", massager->n_actuators);
        json_add_number(object, "heaters", massager->n_heaters);
        json_add_number(object, "cut_off_ms", massager->cut_off_ms);
        json_add_bool(object, "contact", massager->contact);
        for (unsigned i = 0; i < massager->places.n; i++)
                (void) json_object_array_add(places, json_place(massager->places.at[i]));
        (void) json_object_object_add(object, "places", places);
        json_add_text(object, "path", massager->path);
        return object;
}

json_object *json_session(const Session *session)
{
        json_object *object = json_object_new_object();

        json_add_text(object, "routine", session->routine);
        json_add_text(object, "leg", session->leg);
        json_add_text(object, "state", session->state);
        json_add_number(object, "step", session->step);
        json_add_number(object, "steps", session->n_steps);
        json_add_text(object, "technique", session->technique);
        json_add_number(object, "intensity", session->intensity_percent);
        json_add_number(object, "tempo", session->tempo_percent);
        json_add_number(object, "duration_ms", session->duration_ms);
        json_add_number(object, "remaining_ms", session->remaining_ms);
        json_add_number(object, "deadline", session->deadline_us);
        json_add_bool(object, "leased", session->leased);
        json_add_text(object, "massager", session->massager);
        json_add_text(object, "path", session->path);
        return object;
}

json_object *json_routine(const RoutineInfo *routine)
{
        json_object *object = json_object_new_object(), *techniques = json_object_new_array();

        json_add_text(object, "name", routine->name);
        json_add_text(object, "summary", routine->summary);
        json_add_text(object, "unsuited", routine->unsuited);
        json_add_number(object, "duration_s", routine->duration_s);
        json_add_number(object, "intensity", routine->intensity_percent);
        for (unsigned i = 0; i < routine->techniques.n; i++)
                (void) json_object_array_add(
                                techniques, json_object_new_string(routine->techniques.name[i]));
        (void) json_object_object_add(object, "techniques", techniques);
        return object;
}

void json_add_frame(json_object *to, const Frame *frame)
{
        json_object *levels = json_object_new_array(), *contact = json_place(frame->contact);

        json_add_number(to, "elapsed_ms", frame->elapsed_ms);
        for (unsigned i = 0; i < frame->n_levels; i++)
                (void) json_object_array_add(
                                levels, json_object_new_uint64(frame->level_permille[i]));
        (void) json_object_object_add(to, "levels", levels);
        json_add_number(contact, "strength", frame->strength_permille);
        (void) json_object_object_add(to, "contact", contact);
}

void json_add_ended(json_object *to, const Ended *ended)
{
        json_add_text(to, "reason", ended->reason);
        json_add_number(to, "played_ms", ended->played_ms);
        json_add_text(to, "detail", ended->detail);
}

void json_add_massagers(json_object *to, const Objects *objects)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < objects->n_massagers; i++)
                (void) json_object_array_add(array, json_massager(&objects->massagers[i]));
        (void) json_object_object_add(to, "massagers", array);
}

void json_add_sessions(json_object *to, const Objects *objects)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < objects->n_sessions; i++)
                (void) json_object_array_add(array, json_session(&objects->sessions[i]));
        (void) json_object_object_add(to, "sessions", array);
}

void json_add_routines(json_object *to, const RoutineList *list)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < list->n_routines; i++)
                (void) json_object_array_add(array, json_routine(&list->routines[i]));
        (void) json_object_object_add(to, "routines", array);
}

const char *json_text(json_object *object, JsonMode mode)
{
        const int pretty = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
        const int style = mode == JSON_PRETTY ? pretty : JSON_C_TO_STRING_PLAIN;

        return json_object_to_json_string_ext(object, style | JSON_C_TO_STRING_NOSLASHESCAPE);
}

void json_print(json_object *object, JsonMode mode)
{
        (void) printf("%s\n", json_text(object, mode));
}
