/* SPDX-License-Identifier: MIT */
#pragma once

/* routines.d: the vendor's routines, and the administrator's over them. */

#include "daemon/config-errors.h"

/* Sorted by name; the caller frees. Returns 0, with what is wrong in *errors; -ENOMEM. */
int config_read_routines(
                const ConfigPaths *paths, ConfigErrors *errors, Routine **ret, size_t *ret_n);
