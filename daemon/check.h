/* SPDX-License-Identifier: MIT */
#pragma once

/* kneed --check-config: reads config as kneed would, says all that is wrong, and touches nothing
 * else. It needs no bus, no massager, no ledger and no rights but to read. */

#include "daemon/config.h"

/* Returns 0 where all is in order, -EINVAL where something is wrong, which was said; -ENOMEM. */
int check_config(const ConfigPaths *paths);
