/* SPDX-License-Identifier: MIT */
#pragma once

/* The reference massager as kneed sees it on an ordinary USB port: what config is rendered
 * against. */

#include "daemon/layout.h"

void reference_layout(Layout *ret);
