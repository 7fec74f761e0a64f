/* SPDX-License-Identifier: MIT */
#pragma once

/* What comes with kneed: its techniques and routines, for tests of what plays them, and its texts.
 */

#include "daemon/config.h"

/* Read from config/, with hard limits and no settings; a test that cannot have it fails. The caller
 * frees. */
Config *shipped_config(void);

/* For a group of tests: keeps one until the teardown. */
int shipped_setup(void **state);
int shipped_teardown(void **state);
const Technique *shipped_technique(const char *name); /* fails where there is none */

/* A shipped file as it is, and with its comments gone but for the keys in them, which are let in.
 * Ends it with a zero byte; returns its size. */
size_t read_shipped(const char *name, char *text, size_t room);
size_t read_shipped_keys(const char *name, char *text, size_t room);

/* The example of kneed-routines(5), as somebody would copy it from their screen. Returns its lines.
 */
unsigned read_example(char *text, size_t room);
