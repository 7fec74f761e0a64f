/* SPDX-License-Identifier: MIT */
#pragma once

#include "daemon/config.h"

/* Renders routines that are sound against paths->reference, and adds an error for each that cannot
 * be played. Returns 0 or -ENOMEM. */
int config_render(const Config *config, const ConfigPaths *paths, ConfigErrors *errors);
