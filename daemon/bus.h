/* SPDX-License-Identifier: MIT */
#pragma once

/* kneed on D-Bus: org.kneed1, as config/dbus/ describes it. Thin: it checks what comes in, calls
 * the manager, and says what changed. */

#include <systemd/sd-event.h>

#include "common/macro.h"
#include "daemon/manager.h"

typedef struct Bus Bus;

typedef enum BusKind {
        BUS_SYSTEM,
        BUS_USER,
} BusKind;

/* Connects and puts the objects there, not yet the name. Becomes the manager's listener. Returns 0
 * or a negative errno of the connection. */
int bus_new(sd_event *event, BusKind kind, Manager *manager, Bus **ret);

/* Called after the computer has slept: what was open may be stale. */
typedef void (*BusWoken)(void *userdata);
void bus_set_woken(Bus *bus, BusWoken woken, void *userdata);

/* -EEXIST: another kneed has it. */
int bus_acquire_name(Bus *bus);

/* Sends what is still to be sent. */
Bus *bus_free(Bus *bus);
DEFINE_TRIVIAL_CLEANUP_FUNC(Bus *, bus_free);
