/* SPDX-License-Identifier: MIT */
#pragma once

/* The techniques and routines that come with kneed, for tests of what plays them. */

#include "daemon/config.h"

/* Read from config/, with hard limits and no settings; a test that cannot have it fails. The caller
 * frees. */
Config *shipped_config(void);

/* For a group of tests: keeps one until the teardown. */
int shipped_setup(void **state);
int shipped_teardown(void **state);
const Technique *shipped_technique(const char *name); /* fails where there is none */
