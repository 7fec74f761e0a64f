/* SPDX-License-Identifier: MIT */
/* Any bytes as a report descriptor: the parser ends, stays in bounds, and what it takes for a
 * massager has the reports that the profile says. */
#include <stdlib.h>

#include "protocol/descriptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
        if (!holds)
                abort();
}

static uint32_t bits_of(const HidDescriptor *d, uint8_t type, uint8_t id)
{
        for (unsigned i = 0; i < d->n_reports; i++)
                if (d->reports[i].type == type && d->reports[i].id == id)
                        return d->reports[i].bits;

        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        HidDescriptor parsed = { .n_reports = UINT8_MAX };

        if (hid_descriptor_parse(data, size, &parsed) < 0) {
                /* What is refused leaves no trace. */
                demand(parsed.n_reports == UINT8_MAX && !parsed.has_massager);
                return 0;
        }

        demand(size > 0 && size <= HID_DESCRIPTOR_SIZE_MAX);
        demand(parsed.n_reports <= HID_REPORTS_MAX);
        for (unsigned i = 0; i < parsed.n_reports; i++)
                demand(parsed.reports[i].bits <= HID_REPORT_BITS_MAX);

        if (hid_descriptor_check_profile(&parsed) == 0) {
                demand(parsed.has_massager);
                demand(bits_of(&parsed, KNEED_TYPE_OUTPUT, KNEED_REPORT_FRAME) ==
                                (KNEED_FRAME_SIZE - 1) * 8);
                demand(bits_of(&parsed, KNEED_TYPE_OUTPUT, KNEED_REPORT_COMMAND) ==
                                (KNEED_COMMAND_SIZE - 1) * 8);
                demand(bits_of(&parsed, KNEED_TYPE_INPUT, KNEED_REPORT_STATUS) ==
                                (KNEED_STATUS_SIZE - 1) * 8);
        }

        return 0;
}
