/* SPDX-License-Identifier: MIT */
#pragma once

/* routines.d: the vendor's techniques and routines, and the administrator's over them. */

#include "daemon/config-schema.h"

extern const ConfigTable config_routines_table; /* the keys of a file */

/* Fills in the config's techniques, routines and their sources. Returns 0, with what is wrong in
 * *errors; -ENOMEM. What is there is the config's either way. */
int config_read_routines(const ConfigPaths *paths, ConfigErrors *errors, Config *config);

/* Whether a file of that name is read from routines.d. */
bool config_is_routine_file(const char *name);
