/* SPDX-License-Identifier: MIT */
#pragma once

/* routines.d: the vendor's routines, and the administrator's over them. */

#include "daemon/config-errors.h"

/* Fills routines, sources and their number. Returns 0, with what is wrong in *errors; -ENOMEM. */
int config_read_routines(const ConfigPaths *paths, ConfigErrors *errors, Config *config);

/* Whether a file of that name is read from routines.d. */
bool config_is_routine_file(const char *name);
