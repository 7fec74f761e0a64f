/* SPDX-License-Identifier: MIT */
#pragma once

/* One playing of a routine on one massager, for one leg. Pure: it is told the time, and what it
 * gives is the governor's frame; who sends it, and who arms and stops the massager, is not its
 * business.
 *
 * The course of a session: starting until the massager is armed; then its steps, the first of them
 * warming up and the last of them finishing; paused in between, as often as one likes. It ends for
 * exactly one reason and never starts again. */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/governor.h"
#include "daemon/routine.h"

#define SESSION_FRAME_MS 20u /* 50 frames a second */
/* Gentle beginnings and endings. Judgements: a hand takes about so long to settle in. */
#define SESSION_WARM_UP_MS       30000u /* or a tenth of the whole, if that is less */
#define SESSION_WARM_UP_PERMILLE 300u   /* where the warm-up begins */
#define SESSION_FINISH_MS        10000u /* or a tenth of the whole, if that is less */
#define SESSION_FINISH_PERMILLE  200u   /* where the finish ends */
#define SESSION_STEP_FADE_MS     2000u  /* each step comes in from zero */
/* How long the massager may stay silent after its status went stale: twice the time that makes it
 * stale, so that one late wake-up of ours is not taken for its fault. */
#define SESSION_SILENT_MS 250u

typedef enum SessionState {
        SESSION_STARTING, /* waits for the massager to be armed */
        SESSION_WARMING_UP,
        SESSION_PLAYING,
        SESSION_FINISHING,
        SESSION_PAUSED,
        SESSION_ENDED,
        _SESSION_STATE_MAX,
} SessionState;

typedef enum SessionEnd {
        SESSION_END_NONE,
        SESSION_END_FINISHED,
        SESSION_END_STOPPED,
        SESSION_END_CLIENT_GONE,
        SESSION_END_MASSAGER_GONE,
        SESSION_END_MASSAGER_SILENT,
        SESSION_END_MASSAGER_FAULT,
        SESSION_END_BUTTON,
        SESSION_END_TOO_HOT,
        SESSION_END_LIMIT,
        SESSION_END_NOT_ARMED,
        SESSION_END_PAUSED_TOO_LONG,
        SESSION_END_PAIN,
        SESSION_END_SCREENING,
        SESSION_END_EMERGENCY,
        SESSION_END_LEDGER,
        SESSION_END_SLEEP,
        SESSION_END_SHUTDOWN,
        _SESSION_END_MAX,
} SessionEnd;

const char *session_state_to_string(SessionState state); /* "warming-up" */
const char *session_end_to_string(SessionEnd end);       /* "client-gone" */
const char *session_end_sentence(SessionEnd end);        /* what happened and what to do next */

/* What is known of the person before a session. The zero values are the strict ones. */
typedef struct SessionPermit {
        GovernorScreening screening;
        GovernorExperience experience;
        uint32_t dose_left_ms; /* that the session may still use, from its beginning */
} SessionPermit;

/* What the massager said last. */
typedef struct SessionReadings {
        uint64_t status_at_ms;
        GovernorReading heaters[LAYOUT_HEATERS_MAX];
} SessionReadings;

typedef struct Session {
        Routine routine; /* its own copy: a reload does not change what began */
        const Layout *layout;
        Governor *governor;
        SessionPermit permit;
        Limits limits;

        SessionEnd end;
        bool armed; /* the massager is: the clock runs */
        bool paused;
        unsigned step;
        unsigned intensity_percent;
        unsigned tempo_percent;
        uint64_t tick_ms; /* of the last tick, while armed */
        uint64_t paused_at_ms;
        uint64_t silent_at_ms; /* since when the status is stale; 0: it is not */
        uint32_t played_ms;    /* of the whole */
        uint32_t step_ms;      /* of this step */
        uint64_t technique_ms; /* since the technique began */
        Contact contact;       /* of the last tick */
        GovernorInput asked;   /* of the governor in that tick */
} Session;

/* intensity_percent: 1..100. layout and governor must outlive the session. The limits in force are
 * the least of limits and the hard ones. Begins the governor's session. */
void session_init(Session *s, const Routine *routine, unsigned intensity_percent,
                const Layout *layout, Governor *governor, const Limits *limits,
                const SessionPermit *permit);

/* The massager is armed: the clock runs from now on. -EBUSY unless starting. */
int session_armed(Session *s, uint64_t now_ms);

/* One tick. NULL while starting, paused or ended; else the governor's frame, to be sent now. The
 * tick may end the session: look at its state afterwards. */
const GovernedFrame *session_tick(Session *s, uint64_t now_ms, const SessionReadings *readings);

/* The times that pass without ticks: ends a session that has been paused for too long. */
void session_check_pause(Session *s, uint64_t now_ms);

/* Each returns 0, or -EBUSY when the session is not in a state for it. After a pause the caller
 * stops the massager; after a resume it arms it. */
int session_pause(Session *s, uint64_t now_ms);
int session_resume(Session *s);
int session_ease(Session *s);
int session_skip(Session *s);
int session_set_intensity(Session *s, unsigned percent); /* also -ERANGE */

/* Ends the session: the first reason stays. The governor is at zero afterwards. */
void session_end(Session *s, uint64_t now_ms, SessionEnd reason);

/* What a latch means for a session. */
SessionEnd session_end_of_latch(GovernorLatch cause);

SessionState session_state(const Session *s);
uint32_t session_duration_ms(const Session *s);  /* of all steps; a skip shortens it */
uint32_t session_remaining_ms(const Session *s); /* still to play, pauses aside */
