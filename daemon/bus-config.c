/* SPDX-License-Identifier: MIT */
/* Config on the bus: reading it anew, and what clients have to know of it. */
#include <errno.h>

#include "common/macro.h"
#include "daemon/bus-private.h"

int bus_reload(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = userdata;
        BusReload *reload = &bus->reloads[bus->n_reloads];
        int r;

        if (bus->n_reloads == ELEMENTSOF(bus->reloads))
                return bus_refuse(error, BUS_ERROR("TooManyCalls"),
                                "The config is being read already; wait a moment.");

        r = manager_reload(bus->manager, &reload->load);
        if (r < 0)
                return r;

        reload->call = sd_bus_message_ref(call);
        bus->n_reloads++;
        return 1;
}

/* All that is wrong, a line each. There is room: errors are bounded in number and length. */
static int reply_errors(sd_bus_message *call, const ConfigErrors *errors)
{
        size_t shown = MIN(errors->n, (size_t) CONFIG_ERRORS_MAX), size = 256;
        _cleanup_free_ char *text = NULL;
        char *end;

        if (errors->n == 0)
                return sd_bus_reply_method_errno(call, ENOMEM, NULL);

        for (size_t i = 0; i < shown; i++)
                size += strlen(errors->text[i]) + 1;
        end = text = malloc(size);
        if (!text)
                return sd_bus_reply_method_errno(call, ENOMEM, NULL);

        for (size_t i = 0; i < shown; i++)
                end = stpcpy(stpcpy(end, errors->text[i]), "\n");
        (void) snprintf(end, size - (size_t) (end - text),
                        "The config has %zu error%s, so the one before it stays in force.",
                        errors->n, errors->n == 1 ? "" : "s");
        return sd_bus_reply_method_errorf(call, BUS_ERROR("WrongConfig"), "%s", text);
}

void bus_config_loaded(Bus *bus, unsigned load, const ConfigErrors *errors)
{
        size_t kept = 0;

        for (size_t i = 0; i < bus->n_reloads; i++) {
                BusReload *reload = &bus->reloads[i];

                if (reload->load != load) {
                        bus->reloads[kept++] = *reload;
                        continue;
                }
                (void) (errors ? reply_errors(reload->call, errors)
                               : sd_bus_reply_method_return(reload->call, NULL));
                sd_bus_message_unref(reload->call);
        }
        bus->n_reloads = kept;
}

void bus_config_changed(Bus *bus)
{
        (void) sd_bus_emit_properties_changed(bus->bus, BUS_ROOT, BUS_MANAGER_IFACE, "DefaultLeg",
                        "Limits", "Routines", NULL);
}

void bus_drop_reloads(Bus *bus)
{
        while (bus->n_reloads > 0)
                sd_bus_message_unref(bus->reloads[--bus->n_reloads].call);
}

int bus_get_routines(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Bus *bus = userdata;
        const Config *config = manager_config(bus->manager);
        int r;

        r = sd_bus_message_open_container(reply, 'a', "s");
        for (size_t i = 0; r >= 0 && i < config->n_routines; i++)
                r = sd_bus_message_append(reply, "s", config->routines[i].name);
        if (r < 0)
                return r;

        return sd_bus_message_close_container(reply);
}
