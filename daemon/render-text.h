/* SPDX-License-Identifier: MIT */
#pragma once

/* What rendering found, for people. */

#include "daemon/render.h"

#define RENDER_SENTENCE_MAX 224u

/* "step 2 (friction) at 3:00: what is wrong; what to do." limits are those that it was rendered
 * with. The report has a flaw. */
void render_sentence(const Routine *routine, const Limits *limits, const RenderReport *report,
                char ret[static RENDER_SENTENCE_MAX]);
