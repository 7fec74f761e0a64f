/* SPDX-License-Identifier: MIT */
#pragma once

/* One technique as people write it: a name, a summary, and motions over paths of zones. */

#include "daemon/config-schema.h"

/* A technique's keys, and a motion's. */
extern const ConfigTable config_technique_table, config_motion_table;

/* Reads one group of "techniques" into a zeroed technique. What is wrong is in reader->errors. */
void config_read_technique(
                ConfigReader *reader, const config_setting_t *group, Technique *technique);
