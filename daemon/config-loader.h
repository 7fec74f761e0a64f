/* SPDX-License-Identifier: MIT */
#pragma once

/* Reads config while massagers are at work. On a thread that lives for one reading: a slow disk, a
 * large file or an hour of routines to render must not keep a frame, or a stop, waiting. */

#include <systemd/sd-event.h>

#include "daemon/config.h"

typedef struct ConfigLoader ConfigLoader;

/* From the loop. r: as config_load()'s; 0: the config is the receiver's. */
typedef void (*ConfigLoaded)(void *userdata, int r, Config *config, const ConfigErrors *errors);

/* What the paths point to must outlive the loader. Returns 0 or a negative errno. */
int config_loader_new(sd_event *event, const ConfigPaths *paths, ConfigLoaded loaded,
                void *userdata, ConfigLoader **ret);

/* Waits for a reading that is under way. */
ConfigLoader *config_loader_free(ConfigLoader *loader);

/* Returns 0; -EBUSY: a reading is under way; another negative errno: there is no thread. */
int config_loader_start(ConfigLoader *loader);
