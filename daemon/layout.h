/* SPDX-License-Identifier: MIT */
#pragma once

/* What a massager is made of, whatever protocol it speaks: the neutral description that a driver
 * fills and that technique, governor and session read. Pure data. */

#include <stdbool.h>
#include <stdint.h>

#define LAYOUT_ACTUATORS_MAX 64u
#define LAYOUT_HEATERS_MAX   4u

typedef struct Place {
        bool known;        /* a massager may not say where its parts are */
        int16_t angle_deg; /* -179..180, 0 front, +90 outer side */
        int16_t height_mm; /* 0 the middle of the kneecap, positive towards the hip */
} Place;

typedef struct Actuator {
        Place place;
        uint16_t frequency_min_hz; /* 0 and 0: its frequency cannot be chosen */
        uint16_t frequency_max_hz;
        uint16_t current_ma; /* at full level */
} Actuator;

typedef struct Heater {
        Place place;
        uint16_t current_ma; /* while it heats */
} Heater;

typedef struct Layout {
        unsigned n_actuators; /* at most LAYOUT_ACTUATORS_MAX */
        unsigned n_heaters;   /* at most LAYOUT_HEATERS_MAX */
        Actuator actuators[LAYOUT_ACTUATORS_MAX];
        Heater heaters[LAYOUT_HEATERS_MAX];
        uint16_t budget_ma; /* the least of what the massager and its port can give */
} Layout;
