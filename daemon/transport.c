/* SPDX-License-Identifier: MIT */
#include "daemon/transport.h"

#include <string.h>

static uint16_t report_value(KneedReportType type, uint8_t id)
{
        return (uint16_t) (type << 8 | id);
}

int transport_get_report(Transport *t, KneedReportType type, uint8_t id, size_t size,
                TransportDone done, void *userdata)
{
        const TransportSetup setup = {
                .request_type = TRANSPORT_HID_GET,
                .request = TRANSPORT_HID_GET_REPORT,
                .value = report_value(type, id),
                .index = t->info->interface,
                .length = (uint16_t) size,
        };

        return t->vtable->control(t, &setup, NULL, done, userdata);
}

int transport_set_report(Transport *t, KneedReportType type, const uint8_t *report, size_t size,
                TransportDone done, void *userdata)
{
        const TransportSetup setup = {
                .request_type = TRANSPORT_HID_SET,
                .request = TRANSPORT_HID_SET_REPORT,
                .value = report_value(type, report[0]),
                .index = t->info->interface,
                .length = (uint16_t) size,
        };

        return t->vtable->control(t, &setup, report, done, userdata);
}

Transport *transport_free(Transport *t)
{
        return t ? t->vtable->free(t) : NULL;
}

void transport_make_id(const char *from, char ret[static TRANSPORT_TEXT_MAX + 1])
{
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        size_t n = strnlen(from, TRANSPORT_TEXT_MAX);

        memset(ret, '_', n);
        ret[n] = '\0';
        for (size_t i = 0; i < n; i++)
                if (strchr(allowed, from[i]))
                        ret[i] = from[i];
}
