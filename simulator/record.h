/* SPDX-License-Identifier: MIT */
#pragma once

/* The massager's own record: a text file that says what its motors did and when, for tests and for
 * people who look for the truth. One line an event, fields separated by one space:
 *
 *   MS state STATE FAULTS           idle, armed or latched; fault bits in hex; first of all, and
 *                                   when they changed
 *   MS frame SEQUENCE L0 L1 … Ln    a complete frame was applied: levels as commanded, per mille
 *   MS motor L0 L1 … Ln             what the motors do, per mille; written when it changed
 *   MS heat T0 … Tn                 heater set-points, hundredths of a degree; when they changed
 *
 * MS is milliseconds of CLOCK_BOOTTIME, so that another process can compare its own times. The
 * file is appended to, one write a line, so that a reader sees whole lines only. */

#include "simulator/model.h"

typedef struct SimRecord SimRecord;

/* Opens path for appending, creating it. Returns 0 or a negative errno. */
int sim_record_open(const char *path, SimRecord **ret);
SimRecord *sim_record_close(SimRecord *record);

/* Compares the model with what was written last and writes the difference. The model counts the
 * frames that it applied, so two equal frames are two lines. Call after every sim_model_* call that
 * may change something: of several frames between calls only the last is seen. A full disk loses
 * lines, never the caller: returns 0 or the negative errno of the write. */
int sim_record_update(SimRecord *record, const SimModel *model);
