/* SPDX-License-Identifier: MIT */
#include "cli/json-private.h"

static json_object *json_offer(const OfferInfo *offer)
{
        json_object *object = json_object_new_object();

        json_add_text(object, "id", offer->id);
        json_add_text(object, "name", offer->name);
        json_add_text(object, "routine", offer->routine);
        json_add_text(object, "leg", offer->leg);
        json_add_number(object, "minutes", offer->minutes);
        json_add_number(object, "intensity", offer->intensity_percent);
        json_add_text(object, "state", offer->state);
        json_add_number(object, "deadline", offer->deadline_us);
        json_add_number(object, "until", offer->until_us);
        json_add_text(object, "sentence", offer->sentence);
        return object;
}

static json_object *json_planned(const PlannedTime *time)
{
        json_object *object = json_object_new_object();

        json_add_text(object, "id", time->id);
        json_add_text(object, "name", time->name);
        json_add_text(object, "routine", time->routine);
        json_add_text(object, "leg", time->leg);
        json_add_number(object, "minutes", time->minutes);
        json_add_number(object, "intensity", time->intensity_percent);
        json_add_number(object, "due", time->due_us);
        json_add_number(object, "opens", time->opens_us);
        json_add_number(object, "closes", time->closes_us);
        json_add_bool(object, "unattended", time->unattended);
        json_add_text(object, "state", time->state);
        json_add_text(object, "sentence", time->sentence);
        return object;
}

void json_add_offers(json_object *to, const OfferList *list)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < list->n_offers; i++)
                (void) json_object_array_add(array, json_offer(&list->offers[i]));
        (void) json_object_object_add(to, "offers", array);
}

void json_add_schedule(json_object *to, const PlannedList *list)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < list->n_times; i++)
                (void) json_object_array_add(array, json_planned(&list->times[i]));
        (void) json_object_object_add(to, "schedule", array);
}
