/* SPDX-License-Identifier: MIT */
#pragma once

/* What one session has used: its time, its heat, and its dose in each zone. Pure.
 *
 * The ledger is charged ahead of what is played, so that a crash or a power cut gives no dose back;
 * and nothing is played that is not charged on the disk. At the end the charge becomes what was
 * played. */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/entry.h"
#include "daemon/governor.h"
#include "daemon/layout.h"

/* How far ahead of what is played the ledger is charged. A crash costs a person no more than that.
 * A judgement. */
#define ACCOUNT_AHEAD_MS 30000u
/* With less than this left, it is charged again: the disk has so long to write it. A judgement. */
#define ACCOUNT_LOW_MS 20000u
/* What a massager may still do after its last frame: the longest cut-off of its own. */
#define ACCOUNT_CUT_OFF_MS 1000u

typedef struct Account {
        unsigned n_actuators;
        Zone zones[LAYOUT_ACTUATORS_MAX]; /* the nearest to each actuator */
        uint32_t planned_ms;
        uint32_t played_ms;
        uint32_t heated_ms;
        uint64_t zone_permille_ms[_ZONE_MAX];
        uint32_t entered_ms; /* charged, on its way to the disk */
        uint32_t durable_ms; /* charged, on the disk */
        uint64_t ticket;     /* of what is on its way; 0: nothing is */
} Account;

void account_init(Account *account, const Layout *layout, uint32_t planned_ms);

/* A frame went out; played_ms is what the session has played by now. */
void account_frame(Account *account, uint32_t played_ms, const GovernedFrame *frame);

/* Whether the ledger is to be charged again now. */
bool account_due(const Account *account);

/* What to charge now, and that it is on its way under that ticket. */
EntryDose account_charge(const Account *account);
void account_entered(Account *account, uint32_t charged_ms, uint64_t ticket);

/* All up to that ticket is on the disk. */
void account_durable(Account *account, uint64_t ticket);

/* Whether all that was played, and what the massager may still do after it, is charged on the disk.
 * Where it is not, the session must end. */
bool account_covered(const Account *account);

typedef enum AccountEnd {
        ACCOUNT_AT_REST, /* the massager was told to stop */
        ACCOUNT_UNSEEN,  /* nobody knows: it may have gone on to its own cut-off */
} AccountEnd;

/* What it comes to in the end. */
EntryDose account_settle(const Account *account, AccountEnd end);
