/* SPDX-License-Identifier: MIT */
#pragma once

/* An attached massager: owns its transport and its device (the driver's side of it), has a
 * governor, arms and stops it, and climbs the stop ladder:
 *   1. a frame of zeros and stop, on both pipes at once;
 *   2. no confirmation within MASSAGER_CONFIRM_MS: it is not fed any more, so that its own cut-off
 *      fires, and it is faulty;
 *   3. it still moves after MASSAGER_STILL_MS: its port is reset, by a process of its own, and
 * people are told to unplug it. Every rung is logged. What massager_stop() does depends on nobody:
 * no session, lease, disk or authorisation. */

#include <systemd/sd-event.h>

#include "daemon/driver.h"
#include "daemon/session.h"
#include "daemon/transport.h"

#define MASSAGER_ARM_MS     500u  /* to say that it is armed; ten status periods: a judgement */
#define MASSAGER_OPEN_MS    5000u /* to say what it is */
#define MASSAGER_CONFIRM_MS 200u  /* to confirm a stop */
#define MASSAGER_STILL_MS   1000u /* for its motors to come to rest */

typedef enum MassagerState {
        MASSAGER_OPENING,
        MASSAGER_IDLE,
        MASSAGER_ARMING,
        MASSAGER_PLAYING,
        MASSAGER_STOPPING,
        MASSAGER_LATCHED,
        MASSAGER_FAULTY,
        MASSAGER_REFUSED,
        _MASSAGER_STATE_MAX,
} MassagerState;

const char *massager_state_to_string(MassagerState state);

typedef struct Massager Massager;

typedef struct MassagerListener {
        /* The governor for a massager that has just said what it is made of. It stays the
         * listener's: a replug must not wipe out what an actuator has worked. NULL: no memory. */
        Governor *(*governor)(void *userdata, const Massager *m, const Layout *layout);
        void (*changed)(void *userdata, Massager *m); /* state, reason, contact or facts */
        /* The last call; free it from a later event. */
        void (*gone)(void *userdata, Massager *m, TransportGone how);
} MassagerListener;

/* Takes the transport in any case. Begins to open the device; `changed` tells how that ends.
 * Returns 0; -ENODEV: nobody's device; -ENOMEM; an error of the transport or the event loop. */
int massager_new(sd_event *event, Transport *transport, const MassagerListener *listener,
                void *userdata, Massager **ret);

/* Sends stop first. */
Massager *massager_free(Massager *m);

const char *massager_id(const Massager *m);
const char *massager_name(const Massager *m);
const char *massager_driver(const Massager *m);
MassagerState massager_state(const Massager *m);
const char *massager_reason(const Massager *m); /* one sentence, or empty */
bool massager_contact(const Massager *m);
const DeviceFacts *massager_facts(const Massager *m); /* NULL until it is open */
Governor *massager_governor(const Massager *m);       /* NULL until it is open */
const SessionReadings *massager_readings(const Massager *m);
const char *massager_warning(const Massager *m); /* told at each start; empty: none */

/* From idle: it will be playing, or stopped again after MASSAGER_ARM_MS. -EBUSY in other states. */
int massager_arm(Massager *m);

/* While playing; -EBUSY otherwise: a frame that comes late is not sent. */
int massager_output(Massager *m, const GovernedFrame *frame);

/* In any state, as often as one likes. */
void massager_stop(Massager *m);

/* Stops it and latches it: nothing moves until the latch is cleared. In any state. */
void massager_latch(Massager *m, GovernorLatch cause);

/* Releases a latch, or tries a faulty massager again: it is stopped once more, and idle when it
 * confirms. -EBUSY: there is nothing to release, or its cause still holds. */
int massager_clear(Massager *m);
