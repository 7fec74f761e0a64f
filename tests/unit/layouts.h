/* SPDX-License-Identifier: MIT */
#pragma once

/* Massagers of different makes, for tests that must hold on any of them. */

#include "daemon/layout.h"
#include "tests/unit/cmocka-all.h"

#define LAYOUTS_N 6u

typedef struct NamedLayout {
        const char *name;
        Layout layout;
} NamedLayout;

/* reference: as the simulator's; dense: 8 × 8 from thigh to below the knee, some of it in keep-out;
 * sparse: one actuator a zone of the three techniques; placeless; hungry: more current than budget;
 * forbidden: half of it in keep-out. */
void layouts_make(NamedLayout ret[static LAYOUTS_N]);

/* Up to `most` actuators anywhere on the leg, keep-out included, some without a place. */
void layout_random(Random *random, unsigned most, Layout *ret);

Actuator actuator_at(int angle_deg, int height_mm, unsigned current_ma);
