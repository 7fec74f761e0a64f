/* SPDX-License-Identifier: MIT */
#pragma once

/* The schedule as a calendar, by RFC 5545.
 *
 * Written here and not by libical, which would bring ICU, GLib, Berkeley DB and the C++ library
 * into a command line that writes one kind of component. What it takes is quoting, folding and UTC:
 * the times come from kneed as moments, so no time zone has to be described. */

#include <stdio.h>

#include "cli/offers.h"

/* Writes what is still to come: planned, pending and snoozed. host: where kneed runs; makes the
 * ids of events unique. */
void ics_write(FILE *to, const PlannedList *list, const char *host, uint64_t now_us);
