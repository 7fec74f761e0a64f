/* SPDX-License-Identifier: MIT */
#include "daemon/bus-peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"

#define NAME_MAX_BYTES 255 /* of a bus name, by the D-Bus specification */

struct BusPeer {
        char name[NAME_MAX_BYTES + 1];
        BusPeerGone gone;
        void *userdata;
        sd_bus_slot *match;
        sd_bus_slot *question;
};

static void tell(BusPeer *peer)
{
        BusPeerGone gone = peer->gone;

        if (!gone)
                return;

        peer->gone = NULL;
        gone(peer->userdata, peer);
}

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name, *before, *after;

        if (sd_bus_message_read(message, "sss", &name, &before, &after) >= 0 && after[0] == '\0')
                tell(userdata);

        return 0;
}

static int on_owner(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        if (sd_bus_message_is_method_error(reply, NULL))
                tell(userdata);

        return 0;
}

const char *bus_peer_name(const BusPeer *peer)
{
        return peer->name;
}

BusPeer *bus_peer_free(BusPeer *peer)
{
        if (!peer)
                return NULL;

        sd_bus_slot_unref(peer->match);
        sd_bus_slot_unref(peer->question);
        free(peer);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(BusPeer *, bus_peer_free);

int bus_peer_new(sd_bus *bus, const char *name, BusPeerGone gone, void *userdata, BusPeer **ret)
{
        _cleanup_(bus_peer_freep) BusPeer *peer = NULL;
        char rule[2 * NAME_MAX_BYTES];
        int r;

        if (!name || strlen(name) > NAME_MAX_BYTES)
                return -EINVAL;

        peer = calloc(1, sizeof(*peer));
        if (!peer)
                return -ENOMEM;

        (void) snprintf(peer->name, sizeof(peer->name), "%s", name);
        peer->gone = gone;
        peer->userdata = userdata;

        (void) snprintf(rule, sizeof(rule),
                        "type='signal',sender='org.freedesktop.DBus',"
                        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
                        name);
        r = sd_bus_add_match_async(bus, &peer->match, rule, on_owner_changed, NULL, peer);
        if (r < 0)
                return r;

        r = sd_bus_call_method_async(bus, &peer->question, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetNameOwner", on_owner,
                        peer, "s", name);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(peer);
        return 0;
}
