/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "common/macro.h"
#include "daemon/bus-private.h"
#include "daemon/clock.h"

/* How long the second step may take: to read a sentence. */
#define CLEAR_MS 30000u

void bus_massager_path(const Massager *m, char ret[static BUS_PATH_MAX])
{
        (void) snprintf(ret, BUS_PATH_MAX, BUS_MASSAGER_PREFIX "/%s", massager_id(m));
}

static int find_massager(sd_bus *sd, const char *path, const char *interface, void *userdata,
                void **ret, sd_bus_error *error)
{
        char other[BUS_PATH_MAX];
        Bus *bus = userdata;
        Massager *m;

        for (size_t i = 0; (m = manager_massager(bus->manager, i)); i++) {
                bus_massager_path(m, other);
                if (streq(path, other)) {
                        *ret = m;
                        return 1;
                }
        }

        return 0;
}

static int list_massagers(
                sd_bus *sd, const char *prefix, void *userdata, char ***ret, sd_bus_error *error)
{
        char path[BUS_PATH_MAX];
        Bus *bus = userdata;
        char **paths;
        Massager *m;
        size_t n = 0;

        paths = calloc(MANAGER_MASSAGERS_MAX + 1, sizeof(*paths));
        if (!paths)
                return -ENOMEM;

        for (size_t i = 0; (m = manager_massager(bus->manager, i)); i++) {
                bus_massager_path(m, path);
                paths[n] = strdup(path);
                if (paths[n])
                        n++;
        }

        *ret = paths;
        return 0;
}

static int append_places(sd_bus_message *reply, const DeviceFacts *facts)
{
        int32_t places[2 * LAYOUT_ACTUATORS_MAX];
        unsigned n = facts ? facts->layout.n_actuators : 0;

        for (unsigned i = 0; i < n; i++) {
                const Place *place = &facts->layout.actuators[i].place;

                if (!place->known)
                        n = 0;
                places[2 * i] = place->angle_deg;
                places[2 * i + 1] = place->height_mm;
        }

        return sd_bus_message_append_array(reply, 'i', places, 2 * n * sizeof(*places));
}

static int get_property(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Massager *m = userdata;
        const DeviceFacts *facts = massager_facts(m);

        if (streq(property, "Id"))
                return sd_bus_message_append(reply, "s", massager_id(m));
        if (streq(property, "Name"))
                return sd_bus_message_append(reply, "s", massager_name(m));
        if (streq(property, "Driver"))
                return sd_bus_message_append(reply, "s", massager_driver(m));
        if (streq(property, "State"))
                return sd_bus_message_append(
                                reply, "s", massager_state_to_string(massager_state(m)));
        if (streq(property, "Reason"))
                return sd_bus_message_append(reply, "s", massager_reason(m));
        if (streq(property, "Actuators"))
                return sd_bus_message_append(reply, "u", facts ? facts->layout.n_actuators : 0u);
        if (streq(property, "Heaters"))
                return sd_bus_message_append(reply, "u", facts ? facts->layout.n_heaters : 0u);
        if (streq(property, "CutOffMs"))
                return sd_bus_message_append(reply, "u", facts ? facts->host_silence_ms : 0u);
        if (streq(property, "Warning"))
                return sd_bus_message_append(reply, "s", massager_warning(m));
        if (streq(property, "Contact"))
                return sd_bus_message_append(reply, "b", massager_contact(m));

        return append_places(reply, facts);
}

static Bus *bus_of(sd_bus_message *call)
{
        return sd_bus_slot_get_userdata(sd_bus_get_current_slot(sd_bus_message_get_bus(call)));
}

/* SR-STOP */
static int method_stop(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Bus *bus = bus_of(call);
        Massager *m = userdata;
        Player *p = manager_player_on(bus->manager, m);

        if (p)
                player_stop(p, SESSION_END_STOPPED);
        else
                massager_stop(m);

        return sd_bus_reply_method_return(call, NULL);
}

static GovernorLatch cause_of(const Massager *m)
{
        const Governor *governor = massager_governor(m);

        return governor ? governor_latched(governor) : GOVERNOR_LATCH_NONE;
}

/* A number that no script can know beforehand: clearing is an act, not a habit. */
static int method_prepare_clear(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Massager *m = userdata;
        MassagerState state = massager_state(m);
        Bus *bus = bus_of(call);
        BusClear clear = {
                .massager = m,
                .cause = cause_of(m),
                .until_ms = clock_now_ms() + CLEAR_MS,
        };

        if (state != MASSAGER_LATCHED && state != MASSAGER_FAULTY)
                return bus_refuse(error, BUS_ERROR("WrongState"),
                                "There is no latched stop to clear.");
        if (getrandom(&clear.code, sizeof(clear.code), GRND_NONBLOCK) != sizeof(clear.code))
                return -errno;

        bus->clear = clear;
        /* It answers with what its sensors say now: at rest it does not say when it has cooled. */
        massager_stop(m);
        return sd_bus_reply_method_return(call, "us", clear.code, massager_reason(m));
}

/* SR-CLEAR */
static int method_clear(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Massager *m = userdata;
        MassagerState state = massager_state(m);
        Bus *bus = bus_of(call);
        BusClear clear = bus->clear;
        uint32_t code;
        int r;

        r = sd_bus_message_read(call, "u", &code);
        if (r < 0)
                return r;

        bus->clear = (BusClear){ 0 };
        if (state != MASSAGER_LATCHED && state != MASSAGER_FAULTY)
                return bus_refuse(error, BUS_ERROR("WrongState"),
                                "There is no latched stop to clear.");
        if (clear.massager != m || clear.code != code || clear.cause != cause_of(m) ||
                        clock_now_ms() > clear.until_ms)
                return bus_refuse(error, BUS_ERROR("WrongState"),
                                "A stop is cleared in two steps within 30 seconds; begin again "
                                "with: kneectl clear");
        if (massager_clear(m) < 0)
                return bus_refuse(error, BUS_ERROR("WrongState"),
                                "What stopped the massager still holds; see: kneectl devices");

        return sd_bus_reply_method_return(call, NULL);
}

#define CONST   SD_BUS_VTABLE_PROPERTY_CONST
#define CHANGES SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Id", "s", get_property, 0, CONST),
        SD_BUS_PROPERTY("Name", "s", get_property, 0, CONST),
        SD_BUS_PROPERTY("Driver", "s", get_property, 0, CONST),
        SD_BUS_PROPERTY("State", "s", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Reason", "s", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Actuators", "u", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Heaters", "u", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Places", "ai", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("CutOffMs", "u", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Warning", "s", get_property, 0, CHANGES),
        SD_BUS_PROPERTY("Contact", "b", get_property, 0, CHANGES),
        SD_BUS_METHOD("Stop", NULL, NULL, method_stop, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("PrepareClear", SD_BUS_NO_ARGS,
                        SD_BUS_RESULT("u", code, "s", sentence), method_prepare_clear,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Clear", SD_BUS_ARGS("u", code), SD_BUS_NO_RESULT, method_clear,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

int bus_add_massagers(Bus *bus)
{
        int r;

        r = sd_bus_add_fallback_vtable(bus->bus, NULL, BUS_MASSAGER_PREFIX, BUS_MASSAGER_IFACE,
                        vtable, find_massager, bus);
        if (r < 0)
                return r;

        return sd_bus_add_node_enumerator(bus->bus, NULL, BUS_MASSAGER_PREFIX, list_massagers, bus);
}

void bus_massager_added(Bus *bus, const Massager *m)
{
        char path[BUS_PATH_MAX];

        bus_massager_path(m, path);
        (void) sd_bus_emit_object_added(bus->bus, path);
}

void bus_massager_removed(Bus *bus, const Massager *m)
{
        char path[BUS_PATH_MAX];

        if (bus->clear.massager == m)
                bus->clear = (BusClear){ 0 };
        bus_massager_path(m, path);
        (void) sd_bus_emit_object_removed(bus->bus, path);
}

/* Rare: a few times a session. So all that can change goes out together. */
void bus_massager_changed(Bus *bus, const Massager *m)
{
        char path[BUS_PATH_MAX];

        bus_massager_path(m, path);
        (void) sd_bus_emit_properties_changed(bus->bus, path, BUS_MASSAGER_IFACE, "State", "Reason",
                        "Actuators", "Heaters", "Places", "CutOffMs", "Warning", "Contact", NULL);
}
