/* SPDX-License-Identifier: MIT */
#pragma once

#include "daemon/config-schema.h"

/* Reads the schedule of kneed.conf into a config that has its leg, limits and routines already.
 * Returns 0, with what is wrong in the reader's errors; -ENOMEM. */
int config_read_schedule(ConfigReader *reader, Config *config);
