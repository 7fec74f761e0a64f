/* SPDX-License-Identifier: MIT */
#pragma once

/* Messages for the journal: standard error with the level in front, as systemd reads it, or plain
 * on a terminal. Never anything about a person's health. */

#include "common/macro.h"

void log_message(int level, const char *format, ...) _printf_(2, 3);

#define log_info(...)    log_message(6, __VA_ARGS__)
#define log_warning(...) log_message(4, __VA_ARGS__)
#define log_error(...)   log_message(3, __VA_ARGS__)
