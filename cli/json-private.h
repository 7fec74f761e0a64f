/* SPDX-License-Identifier: MIT */
#pragma once

/* Members of an object, for those who make them. */

#include "cli/json.h"

void json_add_text(json_object *to, const char *key, const char *text);
void json_add_number(json_object *to, const char *key, uint64_t number);
void json_add_bool(json_object *to, const char *key, bool yes);
