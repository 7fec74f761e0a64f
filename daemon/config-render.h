/* SPDX-License-Identifier: MIT */
#pragma once

#include "daemon/config.h"

/* Renders every routine that is sound against the massager, and adds an error for each that cannot
 * be played. Returns 0 or -ENOMEM. */
int config_render(const Config *config, const Layout *massager, ConfigErrors *errors);
