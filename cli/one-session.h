/* SPDX-License-Identifier: MIT */
#pragma once

#include "cli/options.h"

/* Calls a method of the only session, or of the one on the massager of --device, with percent where
 * that is not 0. done says of the routine what has come of it. */
ExitCode one_session_call(
                const Options *options, const char *member, unsigned percent, const char *done);
