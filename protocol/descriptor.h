/* SPDX-License-Identifier: MIT */
#pragma once

/* A bounded parser of HID report descriptors: enough to recognise a massager and to check that its
 * reports have the shape that the profile says. No allocation, no recursion, fixed limits, checked
 * arithmetic; it may be fed anything. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/profile.h"

#define HID_DESCRIPTOR_SIZE_MAX  4096u /* as the Linux kernel's HID_MAX_DESCRIPTOR_SIZE */
#define HID_REPORTS_MAX          32u   /* (type, id) pairs inside the massager's collection */
#define HID_COLLECTION_DEPTH_MAX 16u
#define HID_PUSH_DEPTH_MAX       4u
#define HID_REPORT_BITS_MAX      65536u

typedef struct HidReport {
        uint8_t type; /* KneedReportType */
        uint8_t id;
        uint32_t bits; /* payload, without the report id */
} HidReport;

typedef struct HidDescriptor {
        bool has_massager; /* an application collection with the massager's usage was seen */
        uint8_t n_reports; /* only those inside that collection */
        HidReport reports[HID_REPORTS_MAX];
} HidDescriptor;

/* Reads a whole descriptor. Returns 0; -EMSGSIZE: empty, too long, or it ends inside an item;
 * -EBADMSG: a reserved or contradictory item, collections that do not balance, a report id of 0;
 * -E2BIG: one of the limits above; -ENOTUNIQ: two massager collections. */
int hid_descriptor_parse(const uint8_t *data, size_t size, HidDescriptor *ret);

/* Whether the parsed descriptor carries the profile: 0; -ENODEV: no massager in it (not ours);
 * -EPROTO: a massager whose reports are missing or have another size. */
int hid_descriptor_check_profile(const HidDescriptor *descriptor);
