/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of the bus share among themselves. */

#include <systemd/sd-bus.h>

#include "daemon/bus-authority.h"
#include "daemon/bus-guard.h"
#include "daemon/bus-peer.h"
#include "daemon/bus.h"

#define BUS_NAME            "org.kneed1"
#define BUS_ROOT            "/org/kneed1"
#define BUS_MASSAGER_PREFIX BUS_ROOT "/massager"
#define BUS_SESSION_PREFIX  BUS_ROOT "/session"
#define BUS_MANAGER_IFACE   "org.kneed1.Manager"
#define BUS_MASSAGER_IFACE  "org.kneed1.Massager"
#define BUS_SESSION_IFACE   "org.kneed1.Session"
#define BUS_ERROR_PREFIX    "org.kneed1.Error."
#define BUS_ERROR(name)     BUS_ERROR_PREFIX name

#define BUS_PATH_MAX      192u
#define BUS_STRING_MAX    64u /* of a routine's name or a massager's id in a call */
#define SUBSCRIPTIONS_MAX 8u  /* of a session */
#define RELOADS_MAX       16u /* calls that wait for config to be read */
#define FRAME_RATE_MAX    20u /* a second, to each subscriber */
#define FRAME_QUEUE_MAX   64u /* messages waiting to go out; more, and frames are left out */

typedef struct Subscription {
        BusPeer *peer;
        unsigned rate;
        uint64_t next_ms;
} Subscription;

/* What a session has on the bus only. */
typedef struct BusSession {
        struct Bus *bus;
        Player *player;
        char path[BUS_PATH_MAX];
        BusPeer *lease; /* NULL: detached */
        size_t n_subscriptions;
        Subscription subscriptions[SUBSCRIPTIONS_MAX];
} BusSession;

/* The first step of clearing a latched stop: what the second one has to name. */
typedef struct BusClear {
        const Massager *massager; /* NULL: nothing was prepared */
        uint32_t code;
        GovernorLatch cause;
        uint64_t until_ms;
} BusClear;

/* A call that is answered when config was read. */
typedef struct BusReload {
        sd_bus_message *call;
        unsigned load; /* as manager_reload() says */
} BusReload;

typedef enum BusInhibits {
        BUS_INHIBITS_SLEEP,
        BUS_INHIBITS_SHUTDOWN,
        _BUS_INHIBITS_MAX,
} BusInhibits;

typedef struct BusInhibitor {
        struct Bus *bus;
        int fd;                /* -1: it is not held */
        sd_bus_slot *question; /* for it */
} BusInhibitor;

/* What logind waits for. */
typedef struct BusSleep {
        BusInhibitor inhibitors[_BUS_INHIBITS_MAX];
        sd_event_source *timer;
        bool announced; /* sleep or shutdown is coming */
} BusSleep;

/* The first step of deleting the history. */
typedef struct BusDelete {
        uint32_t code;
        uint64_t until_ms; /* 0: nothing was prepared */
} BusDelete;

struct Bus {
        sd_bus *bus;
        Manager *manager;
        BusGuard guard;
        BusAuthority *authority;
        BusClear clear;
        BusDelete delete;
        sd_bus_message *export; /* the call that waits for its page, or NULL */
        bool refused;           /* the last message was one call too many */
        sd_event_source *drain;
        size_t n_reloads;
        BusReload reloads[RELOADS_MAX];
        BusSleep sleep;
        BusWoken woken;
        void *woken_userdata;
        size_t n_sessions;
        BusSession *sessions[MANAGER_MASSAGERS_MAX];
};

/* Sets an error, and returns what a handler returns with it. */
int bus_refuse(sd_bus_error *error, const char *name, const char *format, ...) _printf_(3, 4);
int bus_refuse_run(sd_bus_error *error, const RunRefusal *refusal);
const char *bus_refusal_name(Refusal why); /* without "org.kneed1.Error." */

/* Reads the variant that comes next, which must be a text. */
int bus_read_text_option(
                sd_bus_message *call, const char *key, const char **ret, sd_bus_error *error);

/* Reads the options of Run, an a{sv}. */
int bus_read_run_options(sd_bus_message *call, RunRequest *request, sd_bus_error *error);
/* Binds a new session to its caller, and answers with its path. */
int bus_reply_run(Bus *bus, sd_bus_message *call, Player *p, sd_bus_error *error);

/* Methods of the Manager, and one property, on offers and the schedule. */
int bus_accept_offer(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_snooze_offer(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_decline_offer(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_get_schedule(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_get_offers(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error);
void bus_offer_made(Bus *bus, const Offer *offer);
void bus_offer_ended(Bus *bus, const char *id, OfferState state);
void bus_offers_changed(Bus *bus);

/* Methods of the Manager, and one of the Session, on the person. */
int bus_list_questions(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_screen(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_get_screening(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_get_leg(sd_bus_message *call, void *userdata, sd_bus_error *error);
/* Whether a call of ReportPain is of a session that runs, and of now. Leaves the call as it was. */
bool bus_is_pain_of_session(const Bus *bus, sd_bus_message *call);
int bus_report_pain(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_session_report_pain(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_list_sessions(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_list_limits(sd_bus_message *call, void *userdata, sd_bus_error *error);

int bus_reload(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_get_routines(sd_bus *sd, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error);
void bus_config_changed(Bus *bus);
void bus_config_loaded(Bus *bus, unsigned load, const ConfigErrors *errors);
void bus_drop_reloads(Bus *bus); /* unanswered */

int bus_export_history(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_prepare_delete(sd_bus_message *call, void *userdata, sd_bus_error *error);
int bus_delete_history(sd_bus_message *call, void *userdata, sd_bus_error *error);

void bus_ledger_changed(Bus *bus);
int bus_add_manager(Bus *bus);
int bus_add_massagers(Bus *bus);
int bus_add_sessions(Bus *bus);

int bus_sleep_start(Bus *bus, sd_event *event);
void bus_sleep_follow(Bus *bus); /* a massager changed */
void bus_sleep_end(BusSleep *sleep);

void bus_massager_path(const Massager *m, char ret[static BUS_PATH_MAX]);
void bus_massager_added(Bus *bus, const Massager *m);
void bus_massager_changed(Bus *bus, const Massager *m);
void bus_massager_removed(Bus *bus, const Massager *m);

/* The session of a player; NULL where there is none. */
BusSession *bus_session_of(Bus *bus, const Player *p);
void bus_session_added(Bus *bus, Player *p);
void bus_session_changed(Bus *bus, Player *p, const PlayerView *before);
void bus_session_frame(Bus *bus, Player *p, const GovernedFrame *frame);
void bus_session_ended(Bus *bus, Player *p);

/* Binds the session to the sender of a call. */
int bus_session_lease(BusSession *s, sd_bus_message *call);
BusSession *bus_session_free(BusSession *s);
