/* SPDX-License-Identifier: MIT */
#pragma once

/* What kneed knows of the person: all of it, and none of it any more. */

#include "cli/client.h"
#include "cli/options.h"

/* Prints every entry as JSON, the oldest first. */
ExitCode history_export(Client *client);

/* Says what will be deleted, asks, and has it deleted. */
ExitCode history_delete(Client *client);
