/* SPDX-License-Identifier: MIT */
#include "cli/one-session.h"
#include "cli/verbs.h"

ExitCode verb_ease(const Options *options)
{
        return one_session_call(options, "Ease", 0,
                        "is eased: half the intensity and tempo, at another place.");
}
