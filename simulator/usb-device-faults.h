/* SPDX-License-Identifier: MIT */
#pragma once

/* Faults by name, as people write them. */

#include "simulator/usb-device.h"

typedef struct UsbFaultName {
        const char *name;
        uint32_t fault;
        const char *meaning; /* one line */
} UsbFaultName;

extern const UsbFaultName usb_fault_names[];
extern const size_t n_usb_fault_names;

/* The fault's bit, or 0. */
uint32_t usb_fault_by_name(const char *name);
