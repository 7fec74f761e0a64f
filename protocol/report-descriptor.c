/* SPDX-License-Identifier: MIT */
#include "protocol/profile.h"

/* Standard usages are written in their long form, page included, so that the usage page never
 * changes: a collection opened under another page would be taken for another kind of device. */
// clang-format off
const uint8_t kneed_report_descriptor[] = {
        0x06, 0x4b, 0xff,             /* Usage Page (kneed) */
        0x09, 0x01,                   /* Usage (massager) */
        0xa1, 0x01,                   /* Collection (Application) */

        0x09, 0x02,                   /*  Usage (identity) */
        0xa1, 0x02,                   /*  Collection (Logical) */
        0x85, 0x01,                   /*   Report ID (1) */
        0x15, 0x00,                   /*   Logical Minimum (0) */
        0x26, 0xff, 0x00,             /*   Logical Maximum (255) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x95, 0x04,                   /*   Report Count (4) */
        0x09, 0x10,                   /*   Usage (profile major) */
        0x09, 0x11,                   /*   Usage (profile minor) */
        0x09, 0x12,                   /*   Usage (firmware major) */
        0x09, 0x13,                   /*   Usage (firmware minor) */
        0xb1, 0x03,                   /*   Feature (Constant, Variable, Absolute) */
        0x15, 0x01,                   /*   Logical Minimum (1) */
        0x25, 0x40,                   /*   Logical Maximum (64) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x09, 0x14,                   /*   Usage (number of actuators) */
        0xb1, 0x03,                   /*   Feature (Constant, Variable, Absolute) */
        0x15, 0x00,                   /*   Logical Minimum (0) */
        0x25, 0x04,                   /*   Logical Maximum (4) */
        0x09, 0x15,                   /*   Usage (number of heaters) */
        0xb1, 0x03,                   /*   Feature (Constant, Variable, Absolute) */
        0x25, 0x01,                   /*   Logical Maximum (1) */
        0x75, 0x01,                   /*   Report Size (1) */
        0x95, 0x03,                   /*   Report Count (3) */
        0x09, 0x16,                   /*   Usage (has contact) */
        0x09, 0x17,                   /*   Usage (has pressure) */
        0x09, 0x18,                   /*   Usage (has battery) */
        0xb1, 0x03,                   /*   Feature (Constant, Variable, Absolute) */
        0x95, 0x05,                   /*   Report Count (5) */
        0xb1, 0x03,                   /*   Feature (Constant): reserved */
        0x15, 0x64,                   /*   Logical Minimum (100) */
        0x26, 0xe8, 0x03,             /*   Logical Maximum (1000) */
        0x66, 0x01, 0x10,             /*   Unit (second) */
        0x55, 0x0d,                   /*   Unit Exponent (-3) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x0b, 0x28, 0x00, 0x0e, 0x00, /*   Usage (Haptics: Waveform Cutoff Time) */
        0xb1, 0x03,                   /*   Feature (Constant, Variable, Absolute) */
        0x55, 0x00,                   /*   Unit Exponent (0) */
        0x15, 0x3c,                   /*   Logical Minimum (60) */
        0x26, 0x08, 0x07,             /*   Logical Maximum (1800) */
        0x09, 0x19,                   /*   Usage (session cut-off) */
        0xb1, 0x03,                   /*   Feature (Constant, Variable, Absolute) */
        0x65, 0x00,                   /*   Unit (none) */
        0x15, 0x01,                   /*   Logical Minimum (1) */
        0x26, 0x88, 0x13,             /*   Logical Maximum (5000) */
        0x09, 0x1a,                   /*   Usage (current budget) */
        0xb1, 0x03,                   /*   Feature (Constant, Variable, Absolute) */
        0xb1, 0x03,                   /*   Feature (Constant): reserved */
        0xc0,                         /*  End Collection */

        0x09, 0x03,                   /*  Usage (record) */
        0xa1, 0x02,                   /*  Collection (Logical) */
        0x85, 0x02,                   /*   Report ID (2) */
        0x15, 0x00,                   /*   Logical Minimum (0) */
        0x25, 0x43,                   /*   Logical Maximum (67) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x09, 0x20,                   /*   Usage (index) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x25, 0x04,                   /*   Logical Maximum (4) */
        0x09, 0x21,                   /*   Usage (kind) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x25, 0x01,                   /*   Logical Maximum (1) */
        0x75, 0x01,                   /*   Report Size (1) */
        0x09, 0x22,                   /*   Usage (has position) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x75, 0x07,                   /*   Report Size (7) */
        0xb1, 0x03,                   /*   Feature (Constant): reserved */
        0x16, 0x4d, 0xff,             /*   Logical Minimum (-179) */
        0x26, 0xb4, 0x00,             /*   Logical Maximum (180) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x09, 0x23,                   /*   Usage (angle) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x16, 0x0c, 0xfe,             /*   Logical Minimum (-500) */
        0x26, 0x58, 0x02,             /*   Logical Maximum (600) */
        0x09, 0x24,                   /*   Usage (height) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x15, 0x00,                   /*   Logical Minimum (0) */
        0x26, 0xe8, 0x03,             /*   Logical Maximum (1000) */
        0x95, 0x02,                   /*   Report Count (2) */
        0x09, 0x25,                   /*   Usage (lowest frequency) */
        0x09, 0x26,                   /*   Usage (highest frequency) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x27, 0x50, 0xc3, 0x00, 0x00, /*   Logical Maximum (50000) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x09, 0x27,                   /*   Usage (full-scale acceleration) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x26, 0xb8, 0x0b,             /*   Logical Maximum (3000) */
        0x09, 0x28,                   /*   Usage (full-scale current) */
        0xb1, 0x02,                   /*   Feature (Data, Variable, Absolute) */
        0x95, 0x02,                   /*   Report Count (2) */
        0xb1, 0x03,                   /*   Feature (Constant): reserved */
        0xc0,                         /*  End Collection */

        0x09, 0x04,                   /*  Usage (frame) */
        0xa1, 0x02,                   /*  Collection (Logical) */
        0x85, 0x03,                   /*   Report ID (3) */
        0x25, 0x3f,                   /*   Logical Maximum (63) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x09, 0x30,                   /*   Usage (first) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0x27, 0xff, 0xff, 0x00, 0x00, /*   Logical Maximum (65535) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x09, 0x31,                   /*   Usage (sequence) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0x15, 0x01,                   /*   Logical Minimum (1) */
        0x25, 0x10,                   /*   Logical Maximum (16) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x09, 0x32,                   /*   Usage (count) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0x15, 0x00,                   /*   Logical Minimum (0) */
        0x25, 0x01,                   /*   Logical Maximum (1) */
        0x75, 0x01,                   /*   Report Size (1) */
        0x09, 0x33,                   /*   Usage (complete) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0x75, 0x07,                   /*   Report Size (7) */
        0x91, 0x03,                   /*   Output (Constant): reserved */
        0x26, 0xe8, 0x03,             /*   Logical Maximum (1000) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x09, 0x34,                   /*   Usage (frequency) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0x95, 0x10,                   /*   Report Count (16) */
        0x0b, 0x23, 0x00, 0x0e, 0x00, /*   Usage (Haptics: Intensity) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0xc0,                         /*  End Collection */

        0x09, 0x05,                   /*  Usage (heat) */
        0xa1, 0x02,                   /*  Collection (Logical) */
        0x85, 0x04,                   /*   Report ID (4) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x91, 0x03,                   /*   Output (Constant): reserved */
        0x26, 0x04, 0x10,             /*   Logical Maximum (4100) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x95, 0x04,                   /*   Report Count (4) */
        0x09, 0x40,                   /*   Usage (set-point) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0xc0,                         /*  End Collection */

        0x09, 0x06,                   /*  Usage (command) */
        0xa1, 0x02,                   /*  Collection (Logical) */
        0x85, 0x05,                   /*   Report ID (5) */
        0x25, 0x02,                   /*   Logical Maximum (2) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x09, 0x50,                   /*   Usage (opcode) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0x26, 0xff, 0x00,             /*   Logical Maximum (255) */
        0x09, 0x51,                   /*   Usage (check) */
        0x91, 0x02,                   /*   Output (Data, Variable, Absolute) */
        0x91, 0x03,                   /*   Output (Constant): reserved */
        0xc0,                         /*  End Collection */

        0x09, 0x07,                   /*  Usage (status) */
        0xa1, 0x02,                   /*  Collection (Logical) */
        0x85, 0x06,                   /*   Report ID (6) */
        0x25, 0x02,                   /*   Logical Maximum (2) */
        0x09, 0x60,                   /*   Usage (state) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x27, 0xff, 0xff, 0x00, 0x00, /*   Logical Maximum (65535) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x09, 0x31,                   /*   Usage (sequence) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x25, 0x01,                   /*   Logical Maximum (1) */
        0x75, 0x01,                   /*   Report Size (1) */
        0x95, 0x08,                   /*   Report Count (8) */
        0x19, 0x70,                   /*   Usage Minimum (fault: host silent) */
        0x29, 0x77,                   /*   Usage Maximum (fault: bad report) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x81, 0x03,                   /*   Input (Constant): reserved */
        0x95, 0x02,                   /*   Report Count (2) */
        0x09, 0x61,                   /*   Usage (contact) */
        0x09, 0x62,                   /*   Usage (button) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x95, 0x06,                   /*   Report Count (6) */
        0x81, 0x03,                   /*   Input (Constant): reserved */
        0x95, 0x04,                   /*   Report Count (4) */
        0x09, 0x63,                   /*   Usage (temperature valid) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x81, 0x03,                   /*   Input (Constant): reserved */
        0x26, 0xe8, 0x03,             /*   Logical Maximum (1000) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x09, 0x64,                   /*   Usage (time until host-silence cut-off) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x26, 0x08, 0x07,             /*   Logical Maximum (1800) */
        0x09, 0x65,                   /*   Usage (time until session cut-off) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x26, 0xe8, 0x03,             /*   Logical Maximum (1000) */
        0x09, 0x66,                   /*   Usage (strap pressure) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x25, 0x64,                   /*   Logical Maximum (100) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x0b, 0x20, 0x00, 0x06, 0x00, /*   Usage (Generic Device Controls: Battery Strength) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x25, 0x30,                   /*   Logical Maximum (48) */
        0x09, 0x30,                   /*   Usage (first) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x27, 0xff, 0xff, 0x00, 0x00, /*   Logical Maximum (65535) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x09, 0x67,                   /*   Usage (supply voltage) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x16, 0x60, 0xf0,             /*   Logical Minimum (-4000) */
        0x26, 0x98, 0x3a,             /*   Logical Maximum (15000) */
        0x55, 0x0e,                   /*   Unit Exponent (-2) */
        0x95, 0x04,                   /*   Report Count (4) */
        0x0b, 0x34, 0x04, 0x20, 0x00, /*   Usage (Sensors: Data Field: Temperature) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x55, 0x00,                   /*   Unit Exponent (0) */
        0x15, 0x01,                   /*   Logical Minimum (1) */
        0x25, 0x10,                   /*   Logical Maximum (16) */
        0x75, 0x08,                   /*   Report Size (8) */
        0x95, 0x01,                   /*   Report Count (1) */
        0x09, 0x32,                   /*   Usage (count) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0x81, 0x03,                   /*   Input (Constant): reserved */
        0x15, 0x00,                   /*   Logical Minimum (0) */
        0x26, 0xe8, 0x03,             /*   Logical Maximum (1000) */
        0x75, 0x10,                   /*   Report Size (16) */
        0x95, 0x10,                   /*   Report Count (16) */
        0x0b, 0x23, 0x00, 0x0e, 0x00, /*   Usage (Haptics: Intensity) */
        0x81, 0x02,                   /*   Input (Data, Variable, Absolute) */
        0xc0,                         /*  End Collection */

        0xc0,                         /* End Collection */
};
// clang-format on

const size_t kneed_report_descriptor_size = sizeof(kneed_report_descriptor);
