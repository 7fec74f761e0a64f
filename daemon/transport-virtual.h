/* SPDX-License-Identifier: MIT */
#pragma once

/* The massager in software, inside the daemon: the simulator's model behind the same door as USB.
 * It makes the first run work with no hardware. */

#include <systemd/sd-event.h>

#include "daemon/transport.h"
#include "simulator/model.h"

/* design must outlive the transport. record_path: where the massager writes down what its motors
 * do (see simulator/record.h), or NULL. Returns 0 or a negative errno. */
int transport_virtual_new(
                sd_event *event, const SimDesign *design, const char *record_path, Transport **ret);

/* The model, for who plays the person or the fault: change it with sim_model_*, then tell the
 * transport, so that it looks. */
SimModel *transport_virtual_model(Transport *t);
void transport_virtual_touched(Transport *t);

/* As if the cable had been pulled. */
void transport_virtual_unplug(Transport *t);
