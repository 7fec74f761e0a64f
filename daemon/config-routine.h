/* SPDX-License-Identifier: MIT */
#pragma once

/* One routine as people write it: a name, a summary, and steps. */

#include "daemon/config-schema.h"

/* A routine's keys, and a step's. */
extern const ConfigTable config_routine_table, config_step_table;

/* Reads one group of "routines" into a zeroed routine, whose steps name reader->techniques. What is
 * wrong is in reader->errors. */
void config_read_routine(ConfigReader *reader, const config_setting_t *group, Routine *ret);
