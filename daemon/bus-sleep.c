/* SPDX-License-Identifier: MIT */
#include "common/macro.h"
#include "daemon/bus-private.h"

#define LOGIN_RULE                                       \
        "type='signal',sender='org.freedesktop.login1'," \
        "path='/org/freedesktop/login1',"                \
        "interface='org.freedesktop.login1.Manager',member='PrepareForSleep'"

/* Stopped before sleep; opened anew after it, because what was open may be stale. Nothing resumes.
 * Told twice, the second time changes nothing. */
static int on_prepare_for_sleep(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        int about_to_sleep;

        if (sd_bus_message_read(message, "b", &about_to_sleep) < 0)
                return 0;

        manager_sleep(bus->manager);
        if (!about_to_sleep && bus->woken)
                bus->woken(bus->woken_userdata);
        return 0;
}

int bus_watch_sleep(Bus *bus)
{
        return sd_bus_add_match_async(bus->bus, NULL, LOGIN_RULE, on_prepare_for_sleep, NULL, bus);
}

void bus_set_woken(Bus *bus, BusWoken woken, void *userdata)
{
        bus->woken = woken;
        bus->woken_userdata = userdata;
}
