/* SPDX-License-Identifier: MIT */
#include "simulator/model.h"

/* Small eccentric motors: 30 to 200 Hz, 55 mA and about 1.5 g at full level. */
#define MOTOR(i, angle, height)                                                                   \
        {                                                                                         \
                .index = (i), .kind = KNEED_KIND_ERM, .has_position = true, .angle_deg = (angle), \
                .height_mm = (height), .frequency_min_hz = 30, .frequency_max_hz = 200,           \
                .acceleration_cms2 = 1500, .current_ma = 55,                                      \
        }
#define HEATER(i, angle)                                                       \
        {                                                                      \
                .index = (i), .kind = KNEED_KIND_HEATER, .has_position = true, \
                .angle_deg = (angle), .height_mm = 0, .current_ma = 350,       \
        }

/* The budget is less than everything at full level draws, so that whoever plays on this massager
 * has to keep one. */
const SimDesign sim_reference_design = {
        .name = "kneed reference massager",
        .serial = "KNEED-SIM-1",
        .identity = {
                .profile_major = KNEED_PROFILE_MAJOR,
                .profile_minor = KNEED_PROFILE_MINOR,
                .firmware_major = 1,
                .firmware_minor = 0,
                .n_actuators = 12,
                .n_heaters = 2,
                .capabilities = KNEED_CAP_CONTACT | KNEED_CAP_PRESSURE | KNEED_CAP_BATTERY,
                .host_silence_ms = 300,
                .session_cut_off_s = 1500,
                .budget_ma = 900,
        },
        .records = {
                /* thigh: inner, front, outer */
                MOTOR(0, -60, 140), MOTOR(1, 0, 140), MOTOR(2, 60, 140),
                MOTOR(3, -60, 240), MOTOR(4, 0, 240), MOTOR(5, 60, 240),
                /* knee: above and below the kneecap, then outer and inner, upper and lower */
                MOTOR(6, 0, 55), MOTOR(7, 0, -55),
                MOTOR(8, 42, 28), MOTOR(9, 42, -28),
                MOTOR(10, -42, 28), MOTOR(11, -42, -28),
                HEATER(12, -80), HEATER(13, 80),
        },
};
