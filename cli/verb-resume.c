/* SPDX-License-Identifier: MIT */
#include "cli/one-session.h"
#include "cli/verbs.h"

ExitCode verb_resume(const Options *options)
{
        return one_session_call(options, "Resume", 0, "goes on.");
}
