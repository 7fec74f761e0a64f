/* SPDX-License-Identifier: MIT */
#pragma once

/* Watches one peer on the bus: the other end of a lease or a subscription.
 *
 * Why not sd_bus_track: adding a name to it asks the bus whether the name is still there and waits
 * for the answer. Here nothing waits: the match and the question go out together, in this order, so
 * that a peer that leaves is heard of either way. */

#include <systemd/sd-bus.h>

typedef struct BusPeer BusPeer;

/* Called once; the watch may be freed in it. */
typedef void (*BusPeerGone)(void *userdata, BusPeer *peer);

/* name: a unique name, as the sender of a message. */
int bus_peer_new(sd_bus *bus, const char *name, BusPeerGone gone, void *userdata, BusPeer **ret);
BusPeer *bus_peer_free(BusPeer *peer);
const char *bus_peer_name(const BusPeer *peer);
