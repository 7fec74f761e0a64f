/* SPDX-License-Identifier: MIT */
#pragma once

/* The Rez Trance Vibrator (USB 0b49:064f) as a USB function: one motor, one vendor request, no
 * report, no cut-off. Pure. It shares the motor's physics with the model of a massager, not the
 * firmware.
 *
 * In a record each request that is taken is a frame whose sequence counts up from 1 and whose level
 * is the speed in per mille; the state is armed while the speed is above 0, else idle. */

#include "simulator/usb-device.h"

#define TRANCE_SPEED_MAX 255u
#define TRANCE_FAULTS                                                                        \
        (SIM_FAULT_HANG | SIM_FAULT_STALL | SIM_FAULT_IGNORES_STOP | SIM_FAULT_STUCK_MOTOR | \
                        USB_FAULT_DEAF_CONTROL | USB_FAULT_BROWN_OUT)
#define TRANCE_STEP_MS 20u /* how often the motor is looked at while it changes its speed */

typedef struct TranceVibrator {
        UsbFunction function;
} TranceVibrator;

/* serial is kept by address; NULL for none, as the real one has none. */
void trance_vibrator_init(TranceVibrator *t, const char *serial, uint64_t now_ms);
