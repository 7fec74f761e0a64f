/* SPDX-License-Identifier: MIT */
#pragma once

/* The inside of the manager. Only manager*.c may look here. */

#include "daemon/config-loader.h"
#include "daemon/frame-clock.h"
#include "daemon/manager.h"
#include "daemon/wall-clock.h"

/* More than can be attached, so that the place that is used again is never one in use. */
#define MANAGER_KEPT_MAX (2 * MANAGER_MASSAGERS_MAX)

/* What is remembered of a massager while it is unplugged. */
typedef struct Kept {
        char id[TRANSPORT_TEXT_MAX + 1]; /* empty: a free place */
        uint64_t seen_ms;
        Layout layout;
        Governor *governor;      /* NULL: it was not here yet */
        EntryLatchCause latched; /* by a person, as the ledger knows it */
        bool faulty;             /* the ledger knows */
        bool unplugged;          /* since it was here last */
} Kept;

typedef struct Rendered Rendered;
typedef struct Rendering Rendering;

struct Manager {
        sd_event *event;
        Config *config;
        History *history;
        const ManagerListener *listener;
        void *userdata;

        ManagerPlays plays; /* or NULL */
        void *plays_userdata;
        ManagerLoads loads; /* or NULL */
        void *loads_userdata;

        ConfigLoader *loader; /* NULL: nobody said where to read */
        unsigned load;        /* number of the reading that began last */
        bool is_loading;
        bool loads_again; /* as soon as it is over */

        sd_event_source *renderer;
        Rendering *rendering; /* NULL: none is under way */
        size_t n_rendered;
        Rendered *rendered[MANAGER_MASSAGERS_MAX]; /* one a kind of massager */

        ManagerNews news; /* or NULL */
        void *news_userdata;

        bool resting; /* no session starts */
        FrameClock *clock;
        sd_event_source *reaper; /* frees what is over, outside of its own callbacks */
        unsigned last_session_id;

        /* One session a massager; what is gone or over stays until the reaper comes. */
        size_t n_massagers;
        Massager *massagers[MANAGER_MASSAGERS_MAX];
        bool gone[MANAGER_MASSAGERS_MAX];
        size_t n_players;
        Player *players[MANAGER_MASSAGERS_MAX];
        Kept kept[MANAGER_KEPT_MAX];

        WallClock *wall_clock;
        const ScheduleEntry *schedule; /* of the config */
        size_t n_schedule;
        Offers *offers;
        bool offers_known;  /* what the ledger says of them was read */
        bool latches_known; /* and of latches */
        bool updating;      /* the offers */
};

extern const PlayerListener manager_player_listener;
extern const HistoryListener manager_history_listener;

/* Massagers are alike when their layouts are. */
bool manager_same_layout(const Layout *a, const Layout *b);

/* The governor of a massager that has just said what it is made of: the one that it had before,
 * with what its actuators have worked and with its latch. NULL: no memory. */
Governor *manager_kept_governor(void *userdata, const Massager *m, const Layout *layout);

/* What has become of it; what a person must know of later goes into the ledger. */
void manager_keep(Manager *manager, const Massager *m);
void manager_keep_gone(Manager *manager, const Massager *m, TransportGone how);

/* What the ledger tells of latches when it is read; and then, that it has told all. */
void manager_keep_latched(Manager *manager, const EntryLatch *latch);
void manager_latch_again(Manager *manager);

void manager_forget_kept(Manager *manager);

int manager_new_renderer(Manager *manager);

/* Begins to render what is new: call it when a massager has said what it is. */
void manager_render(Manager *manager);

/* Of massagers that are gone, or all. */
void manager_forget_rendered(Manager *manager, bool all);

/* Whether the massager can play the routine, which is one of config's, perhaps scaled: 0, -EPERM
 * with the reason, -ENOMEM. */
int manager_check_rendered(
                Manager *manager, const Routine *routine, const Massager *m, RunRefusal *refusal);

void manager_tell_news(const Manager *manager);

int manager_refuse(RunRefusal *refusal, Refusal why, const char *format, ...) _printf_(3, 4);

/* Makes and ends offers as things stand now. Called whenever they may be others. */
void manager_update_offers(Manager *manager);

/* What a verdict is for the person: 0 where it may, or -EPERM with the reason. */
int manager_explain(const Manager *manager, const PersonVerdict *verdict, RunRefusal *refusal);

/* What person, history and limits say of a leg now, with the score that is told now, or
 * PAIN_UNKNOWN. 0, or -EPERM with the reason. */
int manager_judge_leg(const Manager *manager, Leg leg, const Limits *limits, int pain,
                PersonVerdict *ret, RunRefusal *refusal);

/* What goes into the ledger. A session begins once it is there; one that is not charged ahead any
 * more is ended. */
void manager_enter_begin(Manager *manager, Player *p);
void manager_enter_resume(Manager *manager, Player *p);
void manager_enter_frame(Manager *manager, Player *p, const GovernedFrame *frame);
void manager_enter_end(Manager *manager, const Player *p);
void manager_enter_fault(Manager *manager, const Massager *m);
void manager_enter_latch(Manager *manager, const Massager *m, EntryLatchCause cause);
