/* SPDX-License-Identifier: MIT */
#pragma once

/* The zones that a technique can work on, as kneed lists them. */

#include <json-c/json.h>
#include <systemd/sd-bus.h>

#include "common/macro.h"

typedef struct ZoneInfo {
        char name[64];
        char words[128];
        int32_t angle_deg; /* 0 front, +90 outer side */
        int32_t height_mm; /* 0 the middle of the kneecap, positive towards the hip */
} ZoneInfo;

typedef struct ZoneList {
        ZoneInfo *zones;
        size_t n_zones;
} ZoneList;

void zone_list_clear(ZoneList *list);

/* Reads a whole reply of ListZones. */
int zone_list_read(sd_bus_message *m, ZoneList *ret);

void zones_print(const ZoneList *list);
void json_add_zones(json_object *to, const ZoneList *list);
