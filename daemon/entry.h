/* SPDX-License-Identifier: MIT */
#pragma once

/* What goes into the ledger, one thing that happened at a time. Plain data.
 *
 * The ledger writes entries down and gives them back when it is opened; the person is what they add
 * up to. So what was loaded and what happens now take one road. */

#include "daemon/day-clock.h"
#include "daemon/leg-map.h"
#include "daemon/leg.h"
#include "daemon/offers.h"
#include "daemon/pain.h"
#include "daemon/screening.h"

#define ENTRY_TEXT_MAX 128u
/* What was done stays for so long when a person deletes what was known, without its names: what the
 * day's limits need, and a day more for what hangs together with it. */
#define ENTRY_KEPT_S (2 * DAY_CLOCK_DAY_S)

typedef enum EntryKind {
        ENTRY_SESSION_BEGUN,   /* before the first frame */
        ENTRY_SESSION_CHARGED, /* a checkpoint */
        ENTRY_SESSION_ENDED,
        ENTRY_PAIN,
        ENTRY_SCREENED,
        ENTRY_FAULT,   /* of a massager */
        ENTRY_OFFER,   /* an answer to it */
        ENTRY_LATCH,   /* a person stopped a massager until it is cleared, or cleared it */
        ENTRY_DAMAGED, /* what was known before is lost: no limit of it is taken to be over */
        ENTRY_DELETED, /* by the person: what was felt and answered, and what is over for long */
        _ENTRY_KIND_MAX,
} EntryKind;

typedef struct EntryDose {
        /* What a session is taken to have used. While it runs that is ahead of what was played, so
         * that a crash gives nothing back; at its end it is what was played. */
        uint32_t charged_ms;
        uint32_t played_ms;
        uint32_t heated_ms;
        uint32_t zone_permille_s[_ZONE_MAX]; /* level × time of the actuators nearest to each zone
                                              */
} EntryDose;

typedef struct EntrySession {
        uint64_t id; /* of the ledger: never used twice */
        Leg leg;
        char routine[ENTRY_TEXT_MAX + 1];
        char massager[ENTRY_TEXT_MAX + 1];
        uint32_t planned_ms;
        EntryDose dose;
        char end[ENTRY_TEXT_MAX + 1]; /* the reason, "finished"; empty while it runs */
} EntrySession;

typedef struct EntryPain {
        uint64_t session; /* 0: of none */
        Leg leg;
        PainWhen when;
        int score;
        PainAction action; /* what it led to */
} EntryPain;

typedef struct EntryFault {
        char massager[ENTRY_TEXT_MAX + 1];
        char what[ENTRY_TEXT_MAX + 1];
} EntryFault;

/* What the massager itself latched it says itself. */
typedef enum EntryLatchCause {
        ENTRY_LATCH_CLEARED,
        ENTRY_LATCH_PAIN,
        ENTRY_LATCH_EMERGENCY,
        _ENTRY_LATCH_CAUSE_MAX,
} EntryLatchCause;

typedef struct EntryLatch {
        char massager[ENTRY_TEXT_MAX + 1];
        EntryLatchCause cause;
} EntryLatch;

typedef struct Entry {
        EntryKind kind;
        Moment at;
        union {
                EntrySession session;
                EntryPain pain;
                Screening screening;
                EntryFault fault;
                OfferAnswer offer;
                EntryLatch latch;
        };
} Entry;
