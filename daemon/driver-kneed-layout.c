/* SPDX-License-Identifier: MIT */
#include "daemon/driver-kneed-layout.h"

void kneed_layout_add(Layout *layout, const KneedRecord *record)
{
        bool chooses = record->kind != KNEED_KIND_ERM; /* an eccentric mass has no frequency */
        Place place = {
                .known = record->has_position,
                .angle_deg = record->angle_deg,
                .height_mm = record->height_mm,
        };

        if (record->kind == KNEED_KIND_HEATER)
                layout->heaters[layout->n_heaters++] = (Heater){
                        .place = place,
                        .current_ma = record->current_ma,
                };
        else
                layout->actuators[layout->n_actuators++] = (Actuator){
                        .place = place,
                        .frequency_min_hz = chooses ? record->frequency_min_hz : 0,
                        .frequency_max_hz = chooses ? record->frequency_max_hz : 0,
                        .current_ma = record->current_ma,
                };
}
