/* SPDX-License-Identifier: MIT */
#pragma once

#include "cli/options.h"

/* Ends with a NULL name. In the order of the help. */
extern const Verb verbs[];

ExitCode verb_run(const Options *options);
ExitCode verb_stop(const Options *options);
ExitCode verb_pause(const Options *options);
ExitCode verb_resume(const Options *options);
ExitCode verb_ease(const Options *options);
ExitCode verb_skip(const Options *options);
ExitCode verb_intensity(const Options *options);
ExitCode verb_screen(const Options *options);
ExitCode verb_pain(const Options *options);
ExitCode verb_clear(const Options *options);
ExitCode verb_status(const Options *options);
ExitCode verb_watch(const Options *options);
ExitCode verb_devices(const Options *options);
ExitCode verb_routines(const Options *options);
ExitCode verb_history(const Options *options);
ExitCode verb_limits(const Options *options);
ExitCode verb_guide(const Options *options);
ExitCode verb_check(const Options *options);
ExitCode verb_reload(const Options *options);

/* The versions of both ends; not a verb, but done as one. */
ExitCode verb_version(const Options *options);
