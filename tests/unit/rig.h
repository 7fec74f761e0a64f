/* SPDX-License-Identifier: MIT */
#pragma once

/* A whole massage in virtual time: a real session and its governor, the real driver, and the
 * simulator's model at the other end of a wire that is only a queue. No event loop, no clock: ten
 * minutes pass in milliseconds. */

#include "daemon/driver.h"
#include "daemon/session.h"
#include "simulator/model.h"

#define RIG_QUEUE 16u

typedef struct RigRequest {
        TransportDone done;
        void *userdata;
        int r;
        uint8_t data[KNEED_REPORT_SIZE_MAX];
} RigRequest;

typedef struct Rig {
        Transport transport; /* first: the driver is given this */
        TransportInfo info;
        SimDesign design;
        SimModel model;
        unsigned n_requests;
        RigRequest requests[RIG_QUEUE];

        Device *device;
        DeviceFacts facts;
        bool ready;
        const char *refused;
        DeviceStatus status;
        SessionReadings readings;

        uint64_t now_ms;
        Governor *governor;
        Session session;
        const GovernedFrame *frame; /* of the last tick */
} Rig;

/* A massager of that layout, opened by the driver. */
void rig_open(Rig *rig, const Layout *layout);
void rig_close(Rig *rig);

/* Lets virtual time pass without a tick. */
void rig_pass(Rig *rig, uint64_t ms);

/* Arms the massager and starts the session's clock. */
void rig_start(Rig *rig, const Routine *routine, unsigned intensity_percent,
                const SessionPermit *permit);

/* One frame: the session ticks, the driver sends, the model moves. Sends stop when the session has
 * ended. Returns whether it goes on. */
bool rig_tick(Rig *rig);
