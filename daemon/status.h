/* SPDX-License-Identifier: MIT */
#pragma once

/* What `systemctl status` says: one line on what is attached and what is running. Anybody may read
 * it, so it says nothing of legs, routines, pain or answers. */

#include <stddef.h>

#include "daemon/manager.h"

#define STATUS_TEXT_MAX 512u

void status_text(const Manager *manager, char ret[static STATUS_TEXT_MAX]);
