/* SPDX-License-Identifier: MIT */
#include "tests/bus/polkit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "tests/unit/cmocka-all.h"

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"
#define HELD_MAX         8u

typedef struct Polkit {
        const char *key; /* of the defaults in the policy that hold */
        char policy[16384];
        unsigned n_asked, n_taken_back, n_held;
        sd_bus_message *held[HELD_MAX];
} Polkit;

static int answer(sd_bus_message *question, bool authorized, bool challenge)
{
        return sd_bus_reply_method_return(
                        question, "(bba{ss})", (int) authorized, (int) challenge, 0);
}

/* What the policy says of that action: between the key's tags, after the action's id. */
static const char *find_default(const Polkit *p, const char *id)
{
        char start[128];
        const char *at;

        (void) snprintf(start, sizeof(start), "<action id=\"%.100s\">", id);
        at = strstr(p->policy, start);
        at = at ? strstr(at, p->key) : NULL;
        return at ? at + strlen(p->key) : NULL;
}

static int on_check(sd_bus_message *question, void *userdata, sd_bus_error *error)
{
        const char *kind, *name, *id, *cancel, *value;
        Polkit *p = userdata;
        uint32_t flags;
        int r;

        p->n_asked++;
        r = sd_bus_message_read(question, "(sa{sv})s", &kind, 1, &name, "s", &value, &id);
        if (r >= 0)
                r = sd_bus_message_skip(question, "a{ss}");
        if (r >= 0)
                r = sd_bus_message_read(question, "us", &flags, &cancel);
        if (r < 0)
                return r;
        if (!streq(kind, "system-bus-name") || !streq(name, "name") || value[0] != ':' ||
                        cancel[0] == '\0')
                return -EINVAL;

        value = find_default(p, id);
        if (!value)
                return sd_bus_error_setf(error, POLKIT_NAME ".Error.Failed", "No action %s", id);
        if (flags == 0)
                return answer(question, strncmp(value, "yes<", 4) == 0, true);
        if (p->n_held == HELD_MAX)
                return -ENOBUFS;

        p->held[p->n_held++] = sd_bus_message_ref(question);
        return 1;
}

static int on_cancel(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Polkit *p = userdata;

        p->n_taken_back++;
        return sd_bus_reply_method_return(call, NULL);
}

static int on_go(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        Polkit *p = userdata;

        while (p->n_held > 0) {
                sd_bus_message *question = p->held[--p->n_held];

                (void) answer(question, true, true);
                sd_bus_message_unref(question);
        }

        return sd_bus_reply_method_return(call, NULL);
}

static int on_told(sd_bus_message *call, void *userdata, sd_bus_error *error)
{
        const Polkit *p = userdata;

        return sd_bus_reply_method_return(call, "uu", p->n_asked, p->n_taken_back);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", on_check,
                        SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CancelCheckAuthorization", "s", "", on_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Go", "", "", on_go, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Told", "", "uu", on_told, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static void be_polkit(const Stage *stage, unsigned how)
{
        static const char *const keys[_POLKIT_CALLER_MAX] = {
                [POLKIT_ACTIVE] = "<allow_active>",
                [POLKIT_INACTIVE] = "<allow_inactive>",
                [POLKIT_ANY] = "<allow_any>",
        };
        static Polkit polkit;
        FILE *file = fopen(KNEED_DATA "/polkit/org.kneed1.policy", "re");
        sd_bus *bus;

        polkit.key = keys[how];
        if (!file || fread(polkit.policy, 1, sizeof(polkit.policy) - 1, file) == 0)
                return;
        (void) fclose(file);

        if (sd_bus_new(&bus) < 0 || sd_bus_set_address(bus, stage->address) < 0 ||
                        sd_bus_set_bus_client(bus, true) < 0 || sd_bus_start(bus) < 0 ||
                        sd_bus_add_object_vtable(bus, NULL, POLKIT_PATH, POLKIT_INTERFACE, vtable,
                                        &polkit) < 0 ||
                        sd_bus_request_name(bus, POLKIT_NAME, 0) < 0)
                return;

        while (sd_bus_process(bus, NULL) > 0 || sd_bus_wait(bus, UINT64_MAX) >= 0)
                ;
}

Child *polkit_start(Stage *stage, PolkitCaller caller)
{
        Client *client = stage_client(stage);
        Child *polkit;

        client_listen(client);
        polkit = stage_fork(stage, be_polkit, caller);
        while (!client_has_owner(client, POLKIT_NAME))
                (void) client_await(client, NULL, "NameOwnerChanged");
        return polkit;
}

static int call(Client *client, const char *member, sd_bus_message **ret_reply)
{
        return sd_bus_call_method(client->bus, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE, member,
                        NULL, ret_reply, NULL);
}

void polkit_go(Client *client)
{
        assert_true(call(client, "Go", NULL) >= 0);
}

void polkit_await(Client *client, unsigned n_asked, unsigned n_taken_back)
{
        uint64_t deadline_ms = deadline_from_now();
        uint32_t asked = 0, taken_back = 0;

        while (asked < n_asked || taken_back < n_taken_back) {
                sd_bus_message *reply;

                assert_true(deadline_left_ms(deadline_ms) > 0);
                assert_true(call(client, "Told", &reply) >= 0);
                assert_true(sd_bus_message_read(reply, "uu", &asked, &taken_back) > 0);
                sd_bus_message_unref(reply);
        }
        assert_int_equal(asked, n_asked);
        assert_int_equal(taken_back, n_taken_back);
}
