/* SPDX-License-Identifier: MIT */
#include "daemon/bus-authority.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/bus-private.h"
#include "daemon/clock.h"

#define POLKIT_NAME        "org.freedesktop.PolicyKit1"
#define POLKIT_PATH        "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE   "org.freedesktop.PolicyKit1.Authority"
#define POLKIT_INTERACTIVE 1u

/* SR-OWNER, SR-STOP */
static const struct {
        const char *interface;
        const char *member;
        BusAction action;
} methods[] = {
        { BUS_MANAGER_IFACE, "Run", BUS_ACTION_START },
        { BUS_MANAGER_IFACE, "StopAll", BUS_ACTION_NONE },
        { BUS_MANAGER_IFACE, "EmergencyStop", BUS_ACTION_NONE },
        { BUS_MANAGER_IFACE, "ListQuestions", BUS_ACTION_NONE },
        { BUS_MANAGER_IFACE, "ListLimits", BUS_ACTION_NONE },
        { BUS_MANAGER_IFACE, "ListRoutines", BUS_ACTION_NONE },
        { BUS_MANAGER_IFACE, "ListZones", BUS_ACTION_NONE },
        { BUS_MANAGER_IFACE, "AcceptOffer", BUS_ACTION_START },
        { BUS_MANAGER_IFACE, "SnoozeOffer", BUS_ACTION_CONTROL },
        { BUS_MANAGER_IFACE, "DeclineOffer", BUS_ACTION_CONTROL },
        { BUS_MANAGER_IFACE, "GetSchedule", BUS_ACTION_READ },
        { BUS_MANAGER_IFACE, "Screen", BUS_ACTION_WRITE },
        { BUS_MANAGER_IFACE, "ReportPain", BUS_ACTION_WRITE },
        { BUS_MANAGER_IFACE, "GetScreening", BUS_ACTION_READ },
        { BUS_MANAGER_IFACE, "GetLeg", BUS_ACTION_READ },
        { BUS_MANAGER_IFACE, "ListSessions", BUS_ACTION_READ },
        { BUS_MANAGER_IFACE, "ExportHistory", BUS_ACTION_READ },
        { BUS_MANAGER_IFACE, "PrepareDelete", BUS_ACTION_DELETE },
        { BUS_MANAGER_IFACE, "DeleteHistory", BUS_ACTION_DELETE },
        { BUS_MANAGER_IFACE, "Reload", BUS_ACTION_RELOAD },

        { BUS_MASSAGER_IFACE, "Stop", BUS_ACTION_NONE },
        { BUS_MASSAGER_IFACE, "PrepareClear", BUS_ACTION_CLEAR },
        { BUS_MASSAGER_IFACE, "Clear", BUS_ACTION_CLEAR },

        { BUS_SESSION_IFACE, "Stop", BUS_ACTION_NONE },
        { BUS_SESSION_IFACE, "Pause", BUS_ACTION_NONE },
        { BUS_SESSION_IFACE, "Ease", BUS_ACTION_NONE },
        /* Of a session that runs it can only ease it, or end it and close its leg for a day. */
        { BUS_SESSION_IFACE, "ReportPain", BUS_ACTION_NONE },
        { BUS_SESSION_IFACE, "Unsubscribe", BUS_ACTION_NONE },
        { BUS_SESSION_IFACE, "Resume", BUS_ACTION_CONTROL },
        { BUS_SESSION_IFACE, "Skip", BUS_ACTION_CONTROL },
        { BUS_SESSION_IFACE, "SetIntensity", BUS_ACTION_CONTROL },
        { BUS_SESSION_IFACE, "Subscribe", BUS_ACTION_CONTROL },
};

/* id: polkit's, see config/polkit/. what: to go on after "may". */
static const struct {
        const char *id;
        const char *what;
} actions[_BUS_ACTION_MAX] = {
        [BUS_ACTION_START] = { "org.kneed1.start", "start a massage" },
        [BUS_ACTION_CONTROL] = { "org.kneed1.control", "change a running massage" },
        [BUS_ACTION_CLEAR] = { "org.kneed1.clear", "release a massager that was stopped by force" },
        [BUS_ACTION_READ] = { "org.kneed1.read-history", "see what was done and felt" },
        [BUS_ACTION_WRITE] = { "org.kneed1.write-history", "answer for the person" },
        [BUS_ACTION_DELETE] = { "org.kneed1.delete-history", "delete what was done and felt" },
        [BUS_ACTION_RELOAD] = { "org.kneed1.reload", "have the settings read anew" },
        [BUS_ACTION_ROOT] = { NULL, "do that" },
};

typedef enum AskState {
        ASK_OF_BUS,    /* whose call it is */
        ASK_OF_POLKIT, /* whether that user may */
        ASK_GRANTED,   /* the call is on its way in again */
        ASK_STOPPED,   /* so it was, but somebody stopped something */
} AskState;

typedef struct Ask {
        BusAuthority *authority;
        AskState state;
        BusAction action;
        uint32_t uid;
        sd_bus_message *call;
        sd_bus_slot *slot; /* of the question that is out */
        BusPeer *caller;   /* while polkit is asked */
        char id[32];       /* of the question to polkit */
} Ask;

struct BusAuthority {
        sd_bus *bus;
        unsigned n_asked;
        size_t n;
        Ask *asks[BUS_ASKS_MAX];
};

static const char ours[] = "org.kneed1.";

BusAction bus_action_of(const char *interface, const char *member)
{
        if (!interface)
                return bus_guard_is_stop(member) ? BUS_ACTION_NONE : BUS_ACTION_ROOT;
        if (strncmp(interface, ours, sizeof(ours) - 1) != 0)
                return BUS_ACTION_NONE;

        for (size_t i = 0; i < ELEMENTSOF(methods); i++)
                if (streq(methods[i].interface, interface) && streq(methods[i].member, member))
                        return methods[i].action;

        return BUS_ACTION_ROOT;
}

static Ask *find(const BusAuthority *authority, const sd_bus_message *call)
{
        for (size_t i = 0; i < authority->n; i++)
                if (authority->asks[i]->call == call)
                        return authority->asks[i];

        return NULL;
}

bool bus_authority_has(const BusAuthority *authority, const sd_bus_message *call)
{
        return find(authority, call) != NULL;
}

static void forget(Ask *ask)
{
        BusAuthority *authority = ask->authority;

        for (size_t i = 0; i < authority->n; i++)
                if (authority->asks[i] == ask)
                        authority->asks[i] = authority->asks[--authority->n];

        sd_bus_slot_unref(ask->slot);
        bus_peer_free(ask->caller);
        sd_bus_message_unref(ask->call);
        free(ask);
}

/* So that no dialog stays up for what nobody waits for. */
static void take_back(const Ask *ask)
{
        if (ask->state == ASK_OF_POLKIT)
                (void) sd_bus_call_method_async(ask->authority->bus, NULL, POLKIT_NAME, POLKIT_PATH,
                                POLKIT_INTERFACE, "CancelCheckAuthorization", NULL, NULL, "s",
                                ask->id);
}

static void refuse_stopped(Ask *ask)
{
        (void) sd_bus_reply_method_errorf(ask->call, BUS_ERROR("WrongState"),
                        "Somebody stopped the massage while this waited for a yes; ask again.");
        forget(ask);
}

static void refuse_denied(Ask *ask)
{
        (void) sd_bus_reply_method_errorf(ask->call, BUS_ERROR("NotAuthorized"),
                        ask->action == BUS_ACTION_ROOT || ask->action == BUS_ACTION_RELOAD
                                        ? "Only an administrator may %s; use sudo."
                                        : "Only whoever sits at this computer or an administrator "
                                          "may %s; use sudo.",
                        actions[ask->action].what);
        forget(ask);
}

static void refuse_challenge(Ask *ask)
{
        (void) sd_bus_reply_method_errorf(ask->call,
                        SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                        "An administrator has to agree before you may %s from here; use sudo.",
                        actions[ask->action].what);
        forget(ask);
}

static void refuse_without_polkit(Ask *ask)
{
        (void) sd_bus_reply_method_errorf(ask->call, BUS_ERROR("NotAuthorized"),
                        "Only root may %s while polkit, which knows who sits at this computer, "
                        "does "
                        "not answer; see: systemctl status polkit",
                        actions[ask->action].what);
        forget(ask);
}

static void grant(Ask *ask)
{
        ask->slot = sd_bus_slot_unref(ask->slot);
        ask->caller = bus_peer_free(ask->caller);
        if (sd_bus_message_rewind(ask->call, true) < 0 ||
                        sd_bus_enqueue_for_read(ask->authority->bus, ask->call) < 0) {
                (void) sd_bus_reply_method_errno(ask->call, -ENOMEM, NULL);
                forget(ask);
                return;
        }

        ask->state = ASK_GRANTED;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Ask *ask = userdata;
        int authorized, challenge;

        if (sd_bus_message_is_method_error(reply, NULL) ||
                        sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
                        sd_bus_message_read(reply, "bb", &authorized, &challenge) < 0)
                refuse_without_polkit(ask);
        else if (authorized)
                grant(ask);
        else if (challenge && !sd_bus_message_get_allow_interactive_authorization(ask->call))
                refuse_challenge(ask);
        else
                refuse_denied(ask);

        return 1;
}

/* SR-LEASE: Nothing begins for a client that is not there any more. */
static void on_caller_gone(void *userdata, BusPeer *peer)
{
        Ask *ask = userdata;

        take_back(ask);
        forget(ask);
}

static int ask_polkit(Ask *ask)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *question = NULL;
        const char *caller = sd_bus_message_get_sender(ask->call);
        bool interactive = sd_bus_message_get_allow_interactive_authorization(ask->call) > 0;
        sd_bus *bus = ask->authority->bus;
        int r;

        ask->state = ASK_OF_POLKIT;
        (void) snprintf(ask->id, sizeof(ask->id), "kneed-%u", ++ask->authority->n_asked);
        r = sd_bus_message_new_method_call(bus, &question, POLKIT_NAME, POLKIT_PATH,
                        POLKIT_INTERFACE, "CheckAuthorization");
        if (r >= 0)
                r = sd_bus_message_append(question, "(sa{sv})sa{ss}us", "system-bus-name", 1,
                                "name", "s", caller, actions[ask->action].id, 0,
                                interactive ? POLKIT_INTERACTIVE : 0u, ask->id);
        if (r >= 0)
                r = sd_bus_call_async(bus, &ask->slot, question, on_answer, ask,
                                (interactive ? BUS_ASK_INTERACTIVE_MS : BUS_ASK_MS) *
                                                (uint64_t) USEC_PER_MS);
        if (r < 0)
                return r;

        return bus_peer_new(bus, caller, on_caller_gone, ask, &ask->caller);
}

/* One user who lets dialogs stand open leaves room for the others. */
static bool asks_too_much(const Ask *ask)
{
        const BusAuthority *authority = ask->authority;
        unsigned n = 0;

        for (size_t i = 0; i < authority->n; i++)
                n += authority->asks[i]->state == ASK_OF_POLKIT &&
                     authority->asks[i]->uid == ask->uid;

        return n >= BUS_ASKS_USER_MAX;
}

static void refuse_too_many(sd_bus_message *call)
{
        (void) sd_bus_reply_method_errorf(call, BUS_ERROR("TooManyCalls"),
                        "Too many calls wait for a yes; answer them first. Stopping always works.");
}

static int on_uid(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        Ask *ask = userdata;

        ask->slot = sd_bus_slot_unref(ask->slot);
        if (sd_bus_message_is_method_error(reply, NULL) ||
                        sd_bus_message_read(reply, "u", &ask->uid) < 0) {
                forget(ask); /* the caller is gone, or the bus is */
        } else if (ask->uid == 0 || ask->uid == geteuid()) {
                grant(ask);
        } else if (ask->action == BUS_ACTION_ROOT) {
                refuse_denied(ask);
        } else if (asks_too_much(ask)) {
                refuse_too_many(ask->call);
                forget(ask);
        } else if (ask_polkit(ask) < 0) {
                refuse_without_polkit(ask);
        }

        return 1;
}

/* SR-OWNER */
int bus_authority_check(BusAuthority *authority, sd_bus_message *call, BusAction action)
{
        Ask *ask = find(authority, call);
        bool granted = ask && ask->state == ASK_GRANTED;
        int r;

        if (ask && !granted) {
                refuse_stopped(ask);
                return 1;
        }
        if (granted) {
                forget(ask);
                return 0;
        }
        if (action == BUS_ACTION_NONE)
                return 0;
        if (authority->n == BUS_ASKS_MAX) {
                refuse_too_many(call);
                return 1;
        }

        ask = calloc(1, sizeof(*ask));
        if (!ask)
                return -ENOMEM;

        ask->authority = authority;
        ask->action = action;
        ask->call = sd_bus_message_ref(call);
        authority->asks[authority->n++] = ask;
        r = sd_bus_call_method_async(authority->bus, &ask->slot, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixUser",
                        on_uid, ask, "s", sd_bus_message_get_sender(call));
        if (r < 0)
                forget(ask);

        return r < 0 ? r : 1;
}

/* SR-STOP: Nothing begins behind the back of somebody who has just stopped it. */
void bus_authority_stop(BusAuthority *authority)
{
        for (size_t i = authority->n; i > 0; i--) {
                Ask *ask = authority->asks[i - 1];

                if (ask->action != BUS_ACTION_START && ask->action != BUS_ACTION_CONTROL)
                        continue;
                if (ask->state == ASK_GRANTED) {
                        ask->state = ASK_STOPPED;
                } else if (ask->state != ASK_STOPPED) {
                        take_back(ask);
                        refuse_stopped(ask);
                }
        }
}

BusAuthority *bus_authority_free(BusAuthority *authority)
{
        if (!authority)
                return NULL;

        while (authority->n > 0)
                forget(authority->asks[authority->n - 1]);
        free(authority);
        return NULL;
}

int bus_authority_new(sd_bus *bus, BusAuthority **ret)
{
        BusAuthority *authority;

        authority = calloc(1, sizeof(*authority));
        if (!authority)
                return -ENOMEM;

        authority->bus = bus;
        *ret = authority;
        return 0;
}
