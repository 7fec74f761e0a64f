/* SPDX-License-Identifier: MIT */
#pragma once

/* Offers and the schedule, as plain values. Every string in them is clean (see text.h). */

#include <systemd/sd-bus.h>

#include "cli/person.h"

typedef struct OfferInfo {
        char id[64];
        char name[48]; /* of the entry in the schedule */
        char routine[64];
        char leg[LEG_SIZE];
        uint32_t minutes;           /* 0: as any run */
        uint32_t intensity_percent; /* 0: as any run */
        char state[16];             /* "pending" or "snoozed" */
        uint64_t deadline_us;       /* CLOCK_REALTIME, as all here */
        uint64_t until_us;          /* of a snooze; else 0 */
        char sentence[256];         /* why it did not start by itself, or empty */
} OfferInfo;

typedef struct OfferList {
        OfferInfo *offers;
        size_t n_offers;
} OfferList;

typedef struct PlannedTime {
        char id[64];
        char name[48];
        char routine[64];
        char leg[LEG_SIZE];
        uint32_t minutes;
        uint32_t intensity_percent;
        uint64_t due_us, opens_us, closes_us;
        bool unattended;
        char state[16]; /* "planned", "skipped", or that of its offer */
        char sentence[512];
} PlannedTime;

typedef struct PlannedList {
        PlannedTime *times;
        size_t n_times;
} PlannedList;

void offer_list_clear(OfferList *list);
void planned_list_clear(PlannedList *list);

/* Read the value of the property, and a whole reply. */
int offer_list_read(sd_bus_message *m, OfferList *ret);
int planned_list_read(sd_bus_message *m, PlannedList *ret);

/* NULL where there is none. */
const OfferInfo *offer_list_find(const OfferList *list, const char *id);
