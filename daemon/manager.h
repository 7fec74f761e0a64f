/* SPDX-License-Identifier: MIT */
#pragma once

/* What kneed keeps: config, massagers, the sessions on them, and their common clock. It knows
 * nothing of D-Bus; who wants to hear of changes gives it a listener. */

#include <systemd/sd-event.h>

#include "common/macro.h"
#include "daemon/config.h"
#include "daemon/history.h"
#include "daemon/massager.h"
#include "daemon/offers.h"
#include "daemon/player.h"

#define MANAGER_MASSAGERS_MAX 64u
#define MANAGER_SENTENCE_MAX  256u

typedef struct Manager Manager;

typedef struct ManagerListener {
        void (*massager_added)(void *userdata, Massager *m);
        void (*massager_changed)(void *userdata, Massager *m);
        void (*massager_removed)(void *userdata, Massager *m);
        void (*session_added)(void *userdata, Player *p);
        void (*session_changed)(void *userdata, Player *p, const PlayerView *before);
        void (*session_frame)(void *userdata, Player *p, const GovernedFrame *frame);
        void (*session_ended)(void *userdata, Player *p); /* it is gone after this */
        void (*ledger_changed)(void *userdata);           /* its state */
        void (*config_changed)(void *userdata);           /* a newer one is in force */
        /* The end of a reading that manager_reload() began. errors: why nothing was changed; of no
         * error where there was no memory. NULL: what it read is in force. */
        void (*config_loaded)(void *userdata, unsigned load, const ConfigErrors *errors);
        void (*offer_made)(void *userdata, const Offer *offer); /* also again, after a snooze */
        void (*offer_ended)(void *userdata, const char *id, OfferState state);
        void (*offers_changed)(void *userdata); /* something of those that stand */
} ManagerListener;

/* Takes the config in any case. state_dir: where the ledger is. */
int manager_new(sd_event *event, Config *config, const char *state_dir, Manager **ret);

/* Where manager_reload() reads; what the paths point to must outlive the manager. Returns 0 or a
 * negative errno. */
int manager_set_paths(Manager *manager, const ConfigPaths *paths);

/* Begins to read config anew. Returns 0, and the number that config_loaded will have when what
 * stands in the files now is in force or refused; -EOPNOTSUPP: nobody said where; another negative
 * errno: there is no thread to read on. */
int manager_reload(Manager *manager, unsigned *ret_load);

/* Stops all massagers. Sessions are over without a word: see manager_shut_down(). */
Manager *manager_free(Manager *manager);
DEFINE_TRIVIAL_CLEANUP_FUNC(Manager *, manager_free);

/* NULL: nobody listens any more. */
void manager_set_listener(Manager *manager, const ManagerListener *listener, void *userdata);
/* Called when the first session begins to play, and when the last one no longer does. */
typedef void (*ManagerPlays)(void *userdata, bool plays);
void manager_set_plays(Manager *manager, ManagerPlays plays, void *userdata);

/* Called when a reading of config begins, and when it is over. */
typedef void (*ManagerLoads)(void *userdata, bool loading);
void manager_set_loads(Manager *manager, ManagerLoads loads, void *userdata);

/* Called when a massager or a session has come or gone, or the ledger has changed its state. */
typedef void (*ManagerNews)(void *userdata);
void manager_set_news(Manager *manager, ManagerNews news, void *userdata);

/* What is in force now; a reload takes its place. */
const Config *manager_config(const Manager *manager);
History *manager_history(const Manager *manager);

/* Takes the transport in any case. -ENOSPC: there are too many. */
int manager_add_transport(Manager *manager, Transport *transport);

/* Whether every attached massager has said what it is. */
bool manager_settled(const Manager *manager);

/* NULL at the end: for (size_t i = 0; (m = manager_massager(manager, i)); i++) */
Massager *manager_massager(const Manager *manager, size_t i);
Player *manager_player(const Manager *manager, size_t i);
Player *manager_player_on(const Manager *manager, const Massager *massager); /* NULL: none */

/* Why a call was refused; each is an error on the bus, see org.kneed1.Manager. */
typedef enum Refusal {
        REFUSAL_NONE,
        REFUSAL_UNKNOWN_ROUTINE,
        REFUSAL_UNKNOWN_MASSAGER,
        REFUSAL_NO_MASSAGER,
        REFUSAL_AMBIGUOUS_MASSAGER,
        REFUSAL_MASSAGER_BUSY,
        REFUSAL_MASSAGER_NOT_READY,
        REFUSAL_UNSUITABLE_MASSAGER,
        REFUSAL_OUT_OF_RANGE,
        REFUSAL_LIMIT_EXCEEDED,
        REFUSAL_SCREENING_NEEDED,
        REFUSAL_SCREENING_FORBIDS,
        REFUSAL_ADVICE_NEEDED,
        REFUSAL_PAIN_TOO_HIGH,
        REFUSAL_LEG_CLOSED,
        REFUSAL_RESTING,
        REFUSAL_LEDGER_UNAVAILABLE,
        REFUSAL_UNKNOWN_OFFER,
        _REFUSAL_MAX,
} Refusal;

typedef struct RunRequest {
        const char *routine;
        const char *device; /* NULL: the only one */
        Leg leg;            /* _LEG_INVALID: as config says */
        bool has_minutes;
        bool has_intensity;
        bool has_pain;
        unsigned minutes;
        unsigned intensity_percent;
        unsigned pain;    /* before the session */
        bool nothing_new; /* the person said so: nothing since the screening */
        bool leased;
} RunRequest;

typedef struct RunRefusal {
        Refusal why;
        char sentence[MANAGER_SENTENCE_MAX]; /* what happened and what to do next */
} RunRefusal;

/* Starts a session. Returns 0; -EPERM: *refusal says why not; -ENOMEM or an error of the event
 * loop. The listener has heard of the session before this returns. */
int manager_run(Manager *manager, const RunRequest *request, Player **ret, RunRefusal *refusal);

#define MANAGER_UNSUITED_MAX 384u

/* Whether some attached massager is known to be unable to play config's i-th routine: the sentence
 * on the first one. */
bool manager_unsuited(const Manager *manager, size_t i, char ret[static MANAGER_UNSUITED_MAX]);

/* Whether a session on that leg may start now, as far as person and history go. 0, or -EPERM with
 * the reason. */
int manager_look_at_leg(const Manager *manager, Leg leg, PersonVerdict *ret, RunRefusal *refusal);

/* Takes the answers, and ends what runs and would not begin like that any more. -EINVAL: they are
 * not complete; -EPERM: the ledger cannot take them, and they count for what runs alone. */
int manager_screen(Manager *manager, const Screening *screening, RunRefusal *refusal);

/* The screening as it counts now: its sentence for the person, empty where it allows. */
ScreeningVerdict manager_screening_verdict(
                const Screening *screening, char ret[static MANAGER_SENTENCE_MAX]);

typedef struct PainReport {
        Leg leg;
        int score;                           /* 0 to PAIN_MAX */
        PainWhen when;                       /* _PAIN_WHEN_INVALID: as the history says */
        PainAction led;                      /* filled in: what it led to */
        char sentence[MANAGER_SENTENCE_MAX]; /* filled in: what it means; may be empty */
} PainReport;

/* During a session it acts at once, whatever the ledger does. -EPERM: the ledger cannot take it,
 * and there is no session. */
int manager_report_pain(Manager *manager, PainReport *report, RunRefusal *refusal);

/* The schedule that offers are made from, in place of the one before: called again when the config
 * is another. The entries stay the config's. */
void manager_set_schedule(Manager *manager, const ScheduleEntry *entries, size_t n);

/* Those that stand are to be told by offer_stands(). */
const Offers *manager_offers(const Manager *manager);

/* Starts what is offered, by the one road: see manager_run(). Of what was asked for the routine and
 * the leg are the offer's, and so are minutes and intensity where nobody asks for others. A refusal
 * leaves the offer as it is. */
int manager_accept_offer(Manager *manager, const char *id, const RunRequest *asked, Player **ret,
                RunRefusal *refusal);
/* 0, or -EPERM with the reason. */
int manager_snooze_offer(Manager *manager, const char *id, unsigned minutes, RunRefusal *refusal);
int manager_decline_offer(Manager *manager, const char *id, RunRefusal *refusal);

#define MANAGER_PLAN_MAX      1000u
#define MANAGER_PLAN_DAYS_MAX 31u

/* A time of the schedule that is to come, or whose offer could still stand. */
typedef struct ManagerPlanned {
        const ScheduleTime *time;
        const char *word; /* "planned", "skipped", or the state of its offer */
        int64_t opens_s, closes_s;
        char reason[MANAGER_SENTENCE_MAX]; /* why it is skipped, or comes later; or empty */
} ManagerPlanned;

typedef int (*ManagerTakesPlanned)(void *userdata, const ManagerPlanned *planned);

/* Gives the plan of so many days, at most MANAGER_PLAN_MAX times of it. Returns 0, -ENOMEM, or what
 * it was told. */
int manager_plan(Manager *manager, unsigned days, ManagerTakesPlanned take, void *userdata);

/* Deletes what was felt and answered, and what was done, but for what the limits of the day still
 * need. -EPERM: not while a session runs or a leg is closed for pain, or the ledger cannot. */
int manager_may_delete(const Manager *manager, RunRefusal *refusal);
int manager_delete_history(Manager *manager, RunRefusal *refusal);

/* As history_read_page(). */
int manager_read_page(Manager *manager, int64_t after, LedgerPageRead read, void *userdata);

/* Stops everything and latches every massager. Returns how many sessions there were. */
unsigned manager_emergency_stop(Manager *manager);

/* Ends all sessions and sends stop to every massager. Returns how many sessions there were. */
unsigned manager_stop_all(Manager *manager);

/* The same, with the reason "shutdown": the last thing to do before the loop is left for good. */
void manager_shut_down(Manager *manager);

/* The same, with the reason "sleep": before the computer sleeps. */
void manager_sleep(Manager *manager);

/* While the computer is about to sleep or to shut down no session starts. */
void manager_set_resting(Manager *manager, bool resting);
