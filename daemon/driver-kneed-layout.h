/* SPDX-License-Identifier: MIT */
#pragma once

/* What the records of the kneed HID profile say, as a layout. Pure. */

#include "daemon/layout.h"
#include "protocol/profile.h"

/* Adds the part that a record describes. Records come in their order, actuators first, and there
 * are no more than a layout holds. */
void kneed_layout_add(Layout *layout, const KneedRecord *record);
