/* SPDX-License-Identifier: MIT */
#pragma once

/* A session at work on a massager: arms it, gives it the session's frames, stops it, and says what
 * changed. The session knows what is to be played; the massager knows how to stop; the player
 * brings them together. */

#include <systemd/sd-event.h>

#include "daemon/account.h"
#include "daemon/config.h"
#include "daemon/massager.h"
#include "daemon/session.h"

/* What clients are shown of a session that changes. */
typedef struct PlayerView {
        SessionState state;
        unsigned step; /* from 0 */
        unsigned intensity_percent;
        unsigned tempo_percent;
        uint32_t duration_ms;
        uint32_t remaining_ms; /* when this view was taken */
        uint64_t deadline_ms;  /* CLOCK_BOOTTIME; 0 while the clock does not run */
} PlayerView;

typedef struct Player Player;

typedef struct PlayerListener {
        void (*changed)(void *userdata, Player *p, const PlayerView *before);
        void (*frame)(void *userdata, Player *p, const GovernedFrame *frame);
        void (*ended)(void *userdata, Player *p); /* once; free it from a later event */
} PlayerListener;

struct Player {
        unsigned id; /* never used twice */
        Leg leg;
        bool leased;
        Massager *massager;
        Session session;
        Config *config;     /* that its routine is of; it has a reference */
        Account account;    /* kept by the manager */
        uint64_t ledger_id; /* of the session */
        int pain_before;    /* or PAIN_UNKNOWN */
        PlayerView view;    /* as shown last */

        const PlayerListener *listener;
        void *userdata;
        sd_event_source *pause_timer;
        bool entered; /* it is in the ledger */
        bool arming;  /* the massager was asked to */
        bool told_ended;
};

/* What is to be played, and what may be. */
typedef struct PlayerOrder {
        unsigned id;
        Leg leg;
        bool leased;
        Massager *massager; /* open; outlives the player */
        Config *config;     /* that the routine is of; the player takes a reference */
        Routine routine;
        unsigned intensity_percent;
        Limits limits;
        SessionPermit permit;
        int pain_before; /* or PAIN_UNKNOWN */
} PlayerOrder;

/* Nothing moves before player_entered(). Returns 0, -ENOMEM or an error of the event loop. */
int player_new(sd_event *event, const PlayerOrder *order, const PlayerListener *listener,
                void *userdata, Player **ret);
Player *player_free(Player *p);

/* The session is in the ledger, on the disk: it may begin. */
void player_entered(Player *p);

/* Whether it wants ticks now. */
bool player_ticks(const Player *p);
void player_tick(Player *p, uint64_t now_ms);

/* The massager's state changed. */
void player_massager_changed(Player *p);

/* Ends the session and stops the massager. The first reason stays. */
void player_stop(Player *p, SessionEnd reason);

/* As the functions of the session: 0, -EBUSY, -ERANGE. */
int player_pause(Player *p);
int player_resume(Player *p);
int player_ease(Player *p);
int player_skip(Player *p);
int player_set_intensity(Player *p, unsigned percent);

/* It hurts so much now: eases, or stops and latches the massager. Returns what it led to. */
PainAction player_pain(Player *p, int score);
