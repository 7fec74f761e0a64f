/* SPDX-License-Identifier: MIT */
#include "cli/one-session.h"
#include "cli/verbs.h"

ExitCode verb_skip(const Options *options)
{
        return one_session_call(options, "Skip", 0, "skips to its next step.");
}
