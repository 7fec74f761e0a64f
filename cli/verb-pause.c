/* SPDX-License-Identifier: MIT */
#include "cli/one-session.h"
#include "cli/verbs.h"

ExitCode verb_pause(const Options *options)
{
        return one_session_call(options, "Pause", 0, "is paused; go on with: kneectl resume");
}
