/* SPDX-License-Identifier: MIT */
#include "daemon/leg-map.h"

/* In whole numbers, so that the governor may ask without floating point: hundredths of a
 * millimetre across and along. */
#define CENTIMM_PER_MM        100
#define KNEECAP_RADIUS_MM     32
#define HOLLOW_HALF_WIDTH_DEG 45
#define HOLLOW_HALF_HEIGHT_MM 70

/* SR-KEEP-OUT */
bool leg_keep_out(const Place *place)
{
        int64_t across = (int64_t) place->angle_deg * LEG_CENTIMM_PER_DEGREE;
        int64_t along = (int64_t) place->height_mm * CENTIMM_PER_MM;
        int64_t radius = KNEECAP_RADIUS_MM * CENTIMM_PER_MM;
        int from_back_deg = 180 - (place->angle_deg < 0 ? -place->angle_deg : place->angle_deg);

        if (!place->known)
                return false;
        if (across * across + along * along <= radius * radius)
                return true;

        return from_back_deg <= HOLLOW_HALF_WIDTH_DEG &&
               place->height_mm <= HOLLOW_HALF_HEIGHT_MM &&
               place->height_mm >= -HOLLOW_HALF_HEIGHT_MM;
}
