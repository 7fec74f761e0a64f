/* SPDX-License-Identifier: MIT */
#pragma once

/* Output for programs. The shape is documented in kneectl(1): every object says its version, and
 * within a version things are only added. */

#include <json-c/json.h>

#include "cli/objects.h"
#include "cli/offers.h"
#include "cli/options.h"
#include "cli/person.h"

DEFINE_TRIVIAL_CLEANUP_FUNC(json_object *, json_object_put);

/* What every object begins with. NULL when there is no memory, as all of these. */
json_object *json_document(void);
json_object *json_event(const char *event);

json_object *json_massager(const Massager *massager);
json_object *json_session(const Session *session);
json_object *json_routine(const RoutineInfo *routine);

/* Take the values of an event into its object. */
void json_add_frame(json_object *to, const Frame *frame);
void json_add_ended(json_object *to, const Ended *ended);

/* Adds an array of what each element of a list is. */
void json_add_massagers(json_object *to, const Objects *objects);
void json_add_sessions(json_object *to, const Objects *objects);
void json_add_routines(json_object *to, const RoutineList *list);

/* json-person.c: the same of the person. */
void json_add_legs(json_object *to, const LegState *legs, size_t n);
void json_add_ledger(json_object *to, const Manager *manager);
void json_add_verdict(json_object *to, const Screening *screening);
void json_add_screening(json_object *to, const Screening *screening, const QuestionList *list);
void json_add_history(json_object *to, const PastSessionList *list);
void json_add_limits(json_object *to, const LimitList *list);
void json_add_pain(json_object *to, const char *leg, unsigned score, const PainResult *result);

/* json-offers.c: the same of offers and the schedule. */
void json_add_offers(json_object *to, const OfferList *list);
void json_add_schedule(json_object *to, const PlannedList *list);

/* As text without an end of line; belongs to the object. */
const char *json_text(json_object *object, JsonMode mode);

/* On standard output. */
void json_print(json_object *object, JsonMode mode);
