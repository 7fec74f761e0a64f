/* SPDX-License-Identifier: MIT */

/* Who may call what: each method, by each kind of caller, with a polkit that answers by the policy
 * that is shipped, and without one. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/macro.h"
#include "daemon/bus-authority.h"
#include "tests/bus/polkit.h"
#include "tests/unit/cmocka-all.h"

#define STRANGER     65534u
#define METHODS_MAX  64u
#define TEXT_MAX     64u
#define POLKIT_TABLE "systemctl status polkit"

typedef enum May {
        EVERYBODY,     /* whoever it is, polkit or not */
        ACTIVE,        /* whoever sits there, and root */
        ADMINISTRATOR, /* with a password, and root */
        ROOT,          /* nobody else */
} May;

/* Every method of config/dbus/; first those of a session, the last of which ends it. */
static const struct {
        const char *interface;
        const char *member;
        May may;
} methods[] = {
        { KNEED_SESSION, "SetIntensity", ACTIVE },
        { KNEED_SESSION, "Subscribe", ACTIVE },
        { KNEED_SESSION, "Unsubscribe", EVERYBODY },
        { KNEED_SESSION, "ReportPain", EVERYBODY },
        { KNEED_SESSION, "Pause", EVERYBODY },
        { KNEED_SESSION, "Ease", EVERYBODY },
        { KNEED_SESSION, "Skip", ACTIVE },
        { KNEED_SESSION, "Resume", ACTIVE },
        { KNEED_SESSION, "Stop", EVERYBODY },
        { KNEED_MANAGER, "Run", ACTIVE },
        { KNEED_MANAGER, "StopAll", EVERYBODY },
        { KNEED_MANAGER, "EmergencyStop", EVERYBODY },
        { KNEED_MANAGER, "ListQuestions", EVERYBODY },
        { KNEED_MANAGER, "Screen", ACTIVE },
        { KNEED_MANAGER, "GetScreening", ACTIVE },
        { KNEED_MANAGER, "GetLeg", ACTIVE },
        { KNEED_MANAGER, "ReportPain", ACTIVE },
        { KNEED_MANAGER, "ListSessions", ACTIVE },
        { KNEED_MANAGER, "ExportHistory", ACTIVE },
        { KNEED_MANAGER, "PrepareDelete", ACTIVE },
        { KNEED_MANAGER, "DeleteHistory", ACTIVE },
        { KNEED_MANAGER, "ListLimits", EVERYBODY },
        { KNEED_MANAGER, "ListRoutines", EVERYBODY },
        { KNEED_MANAGER, "ListZones", EVERYBODY },
        { KNEED_MANAGER, "AcceptOffer", ACTIVE },
        { KNEED_MANAGER, "SnoozeOffer", ACTIVE },
        { KNEED_MANAGER, "DeclineOffer", ACTIVE },
        { KNEED_MANAGER, "GetSchedule", ACTIVE },
        { KNEED_MANAGER, "Reload", ADMINISTRATOR },
        { KNEED_MASSAGER, "Stop", EVERYBODY },
        { KNEED_MASSAGER, "PrepareClear", ACTIVE },
        { KNEED_MASSAGER, "Clear", ACTIVE },
        /* Of no interface yet: what nobody has thought of is for root. */
        { KNEED_MANAGER, "NoSuchMethod", ROOT },
};

/* SR-PAIN: Who may call ReportPain of the Manager while the left leg is massaged. */
static const struct {
        const char *leg;
        const char *when; /* NULL: nobody says */
        May may;
} pains[] = {
        { "left", NULL, EVERYBODY },
        { "left", "during", EVERYBODY },
        { "left", "before", ACTIVE },
        { "left", "after", ACTIVE },
        { "left", "morning", ACTIVE },
        { "right", NULL, ACTIVE },
        { "right", "during", ACTIVE },
        { "right", "morning", ACTIVE },
        /* What is not understood is not of the session. */
        { "middle", NULL, ACTIVE },
        { "left", "noon", ACTIVE },
};

static const char *path_of(const char *interface)
{
        if (streq(interface, KNEED_MASSAGER))
                return VIRTUAL_PATH;
        if (streq(interface, KNEED_SESSION))
                return SESSION_PATH(1);

        return KNEED_ROOT;
}

static void read_file(const char *path, char *ret, size_t size)
{
        FILE *file = fopen(path, "re");
        size_t n;

        assert_non_null(file);
        n = fread(ret, 1, size - 1, file);
        assert_true(n > 0 && n < size - 1);
        ret[n] = '\0';
        (void) fclose(file);
}

static bool is_in_table(const char *interface, const char *member)
{
        for (size_t i = 0; i < ELEMENTSOF(methods); i++)
                if (streq(methods[i].interface, interface) && streq(methods[i].member, member))
                        return true;

        return false;
}

/* Returns how many methods there are. */
static unsigned check_interface(const char *interface)
{
        char path[256], text[65536], member[TEXT_MAX];
        unsigned n = 0;

        (void) snprintf(path, sizeof(path), KNEED_DATA "/dbus/%s.xml", interface);
        read_file(path, text, sizeof(text));
        for (const char *at = text; (at = strstr(at, "<method name=\"")); n++) {
                at += strlen("<method name=\"");
                assert_true(sscanf(at, "%60[A-Za-z]", member) == 1);
                if (!is_in_table(interface, member))
                        fail_msg("Who may call %s of %s stands nowhere", member, interface);
        }

        return n;
}

static void every_method_is_in_the_table(void **state)
{
        unsigned n = check_interface(KNEED_MANAGER) + check_interface(KNEED_MASSAGER) +
                     check_interface(KNEED_SESSION);

        assert_int_equal(n + 1, ELEMENTSOF(methods));
}

/* Somebody who is neither root nor kneed's own user. */
static Client *stranger(Stage *stage)
{
        bool is_root = geteuid() == 0;
        Client *client;

        assert_int_equal(chmod(stage->dir, 0711), 0);
        if (is_root)
                assert_int_equal(seteuid(STRANGER), 0);
        client = stage_client(stage);
        if (is_root)
                assert_int_equal(seteuid(0), 0);
        return client;
}

static int open_stage(void **state)
{
        Stage *stage;

        (void) stage_open(state);
        stage = *state;
        if (geteuid() != 0)
                assert_int_equal(setenv("LD_PRELOAD", OTHER_USER_LIBRARY, 1), 0);
        stage_start_kneed_unscreened(stage);
        assert_int_equal(unsetenv("LD_PRELOAD"), 0);
        client_await_ledger(stage->clients[0]);
        return 0;
}

/* What a call of that is answered by whoever looks at what was asked, once it may. */
static bool is_of_an_object(const sd_bus_error *error, const char *member)
{
        return !sd_bus_error_is_set(error) ||
               strncmp(error->name, KNEED_ERROR(""), strlen(KNEED_ERROR(""))) == 0 ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_INVALID_ARGS) ||
               (streq(member, "NoSuchMethod") &&
                               sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD));
}

/* 1: it may, or there was something else to complain of; 0: it may not; -1: a password would do. */
static int may_of(sd_bus_error *error, const char *member)
{
        int may = 1;

        if (sd_bus_error_has_name(error, KNEED_ERROR("NotAuthorized")))
                may = 0;
        else if (sd_bus_error_has_name(error, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED))
                may = -1;
        else if (!is_of_an_object(error, member))
                fail_msg("%s came to nobody: %s: %s", member, error->name, error->message);
        sd_bus_error_free(error);
        return may;
}

static int may_call(Client *client, size_t i)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;

        (void) client_call(client, path_of(methods[i].interface), methods[i].interface,
                        methods[i].member, &error, NULL, NULL);
        return may_of(&error, methods[i].member);
}

/* So little that it changes nothing. */
static int may_tell(Client *client, size_t i)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;

        if (pains[i].when)
                (void) client_call(client, KNEED_ROOT, KNEED_MANAGER, "ReportPain", &error, NULL,
                                "sua{sv}", pains[i].leg, 0u, 1, "when", "s", pains[i].when);
        else
                (void) client_call(client, KNEED_ROOT, KNEED_MANAGER, "ReportPain", &error, NULL,
                                "sua{sv}", pains[i].leg, 0u, 0);
        return may_of(&error, "ReportPain");
}

static int wanted_of(May may, int active)
{
        switch (may) {
        case EVERYBODY:
                return 1;
        case ACTIVE:
                return active;
        case ADMINISTRATOR:
                return active == 0 ? 0 : -1;
        default:
                return 0;
        }
}

static void check_pains(Client *client, const char *who, int active)
{
        for (size_t i = 0; i < ELEMENTSOF(pains); i++) {
                int wanted = wanted_of(pains[i].may, active);
                int may = may_tell(client, i);

                if (may != wanted)
                        fail_msg("ReportPain of %s, %s, by %s: %d, not %d", pains[i].leg,
                                        pains[i].when ? pains[i].when : "now", who, may, wanted);
        }
}

static void check_methods(Client *client, const char *who, int active)
{
        for (size_t i = 0; i < ELEMENTSOF(methods); i++) {
                int wanted = wanted_of(methods[i].may, active);
                int may = may_call(client, i);

                if (may != wanted)
                        fail_msg("%s of %s by %s: %d, not %d", methods[i].member,
                                        methods[i].interface, who, may, wanted);
        }
}

static void begin_session(Client *client)
{
        client_screen(client);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}", "daily", 3, "leg", "s",
                        "left", "detach", "b", 1, "nothing_new", "b", 1);
}

/* While a session runs that somebody has begun who may. Each is another client, as none may call
 * without end. caller: _POLKIT_CALLER_MAX: there is no polkit any more. */
static void check(Stage *stage, PolkitCaller caller, const char *who, int active)
{
        Client *client = stranger(stage);
        Child *polkit = polkit_start(stage, POLKIT_ACTIVE);

        begin_session(client);
        child_signal(polkit, SIGTERM);
        (void) child_await(polkit);
        client_await_absent(client, "org.freedesktop.PolicyKit1");
        if (caller != _POLKIT_CALLER_MAX)
                (void) polkit_start(stage, caller);

        check_pains(stranger(stage), who, active);
        check_methods(stranger(stage), who, active);
}

/* SR-OWNER */
static void whoever_sits_there_may(void **state)
{
        check(*state, POLKIT_ACTIVE, "an active local user", 1);
}

/* SR-OWNER */
static void whoever_does_not_needs_a_password(void **state)
{
        check(*state, POLKIT_INACTIVE, "an inactive local user", -1);
}

/* SR-OWNER */
static void whoever_is_elsewhere_needs_a_password(void **state)
{
        check(*state, POLKIT_ANY, "another user", -1);
}

/* SR-OWNER */
static void without_polkit_others_may_not(void **state)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;

        check(*state, _POLKIT_CALLER_MAX, "another user without polkit", 0);
        assert_true(client_call(stranger(*state), KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL,
                                    NULL) < 0);
        assert_non_null(strstr(error.message, "Only root may start a massage"));
        assert_non_null(strstr(error.message, POLKIT_TABLE));
        sd_bus_error_free(&error);
}

/* SR-OWNER: And kneed's own user, who cannot be told from root here where it is no root. */
static void without_polkit_root_may(void **state)
{
        Client *client = stage_client(*state);

        if (geteuid() != 0)
                skip();
        begin_session(client);
        for (size_t i = 0; i < ELEMENTSOF(pains); i++)
                assert_int_equal(may_tell(client, i), 1);
        for (size_t i = 0; i < ELEMENTSOF(methods); i++)
                assert_int_equal(may_call(client, i), 1);
}

typedef struct Answers {
        unsigned n;
        char last[128]; /* the name of the error, or empty */
} Answers;

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        Answers *answers = userdata;

        answers->n++;
        (void) snprintf(answers->last, sizeof(answers->last), "%s", error ? error->name : "");
        return 0;
}

/* Sends it without waiting; whoever has to agree may be asked. */
static void send_call(Client *client, sd_bus_message *call, Answers *answers)
{
        assert_true(sd_bus_message_set_allow_interactive_authorization(call, true) >= 0);
        assert_true(sd_bus_call_async(client->bus, NULL, call, on_answer, answers, UINT64_MAX) >=
                        0);
        assert_true(sd_bus_flush(client->bus) >= 0);
        sd_bus_message_unref(call);
}

/* Without a word that nothing is new it is refused in the end, but with a word of the person. */
static void ask_to_run(Client *client, Answers *answers)
{
        sd_bus_message *call;

        assert_true(sd_bus_message_new_method_call(client->bus, &call, KNEED_NAME, KNEED_ROOT,
                                    KNEED_MANAGER, "Run") >= 0);
        assert_true(sd_bus_message_append(call, "sa{sv}", "friction", 2, "detach", "b", 1,
                                    "nothing_new", "b", 1) >= 0);
        send_call(client, call, answers);
}

static void ask_to_screen(Client *client, const char *id, Answers *answers)
{
        sd_bus_message *call;

        assert_true(sd_bus_message_new_method_call(client->bus, &call, KNEED_NAME, KNEED_ROOT,
                                    KNEED_MANAGER, "Screen") >= 0);
        client_append_answers(client, call, id, "yes");
        send_call(client, call, answers);
}

static void await_answer(Client *client, const Answers *answers, unsigned n)
{
        uint64_t deadline_ms = deadline_from_now();

        while (answers->n < n) {
                assert_true(deadline_left_ms(deadline_ms) > 0);
                if (sd_bus_process(client->bus, NULL) == 0)
                        (void) sd_bus_wait(client->bus, (uint64_t) DEADLINE_MS * 1000);
        }
}

static bool has_session(Client *client)
{
        sd_bus_message *reply;
        bool has;

        has = client_call(client, SESSION_PATH(1), PROPERTIES, "Get", NULL, &reply, "ss",
                              KNEED_SESSION, "State") >= 0;
        if (has)
                sd_bus_message_unref(reply);
        return has;
}

/* The loop does not wait for a person who types, and the yes is still a yes afterwards. */
static void a_password_may_take_its_time(void **state)
{
        Client *client = stranger(*state), *other = stage_client(*state);
        Answers answers = { 0 };

        (void) polkit_start(*state, POLKIT_ACTIVE);
        client_screen(client);
        ask_to_run(client, &answers);
        client_do(other, KNEED_ROOT, KNEED_MANAGER, "ListRoutines", NULL);
        assert_false(has_session(other));
        assert_int_equal(answers.n, 0);

        polkit_go(other);
        await_answer(client, &answers, 1);
        assert_string_equal(answers.last, "");
        assert_true(has_session(other));
}

/* All that was asked for is looked at after the yes. */
static void what_changed_meanwhile_counts(void **state)
{
        Client *client = stranger(*state), *other = stranger(*state);
        Answers answers = { 0 };

        (void) polkit_start(*state, POLKIT_ACTIVE);
        client_screen(client);
        ask_to_run(client, &answers);
        polkit_await(other, 2, 0); /* the screening asked, too */
        (void) client_run(other, "friction", 1);
        polkit_go(other);
        await_answer(client, &answers, 1);
        assert_string_equal(answers.last, KNEED_ERROR("MassagerBusy"));
}

/* SR-SCREENING: Whichever of the two is agreed to first. Polkit answers the last question first. */
static void what_was_answered_counts_for_what_began_before_the_yes(void **state)
{
        Client *client = stranger(*state), *other = stranger(*state);
        Answers screened = { 0 }, begun = { 0 };

        (void) polkit_start(*state, POLKIT_ACTIVE);
        client_screen(client);
        client_listen(other);
        ask_to_screen(client, "infection", &screened);
        polkit_await(other, 2, 0);
        ask_to_run(client, &begun);
        polkit_await(other, 3, 0);
        polkit_go(other);
        await_answer(client, &begun, 1);
        assert_string_equal(begun.last, "");
        await_answer(client, &screened, 1);
        assert_string_equal(screened.last, "");
        client_await_end(other, SESSION_PATH(1), "screening");
}

/* SR-STOP: Nothing begins behind the back of somebody who stops. */
static void a_stop_wins_over_what_waits(void **state)
{
        static const struct {
                const char *interface;
                const char *member;
        } stops[] = { { KNEED_MANAGER, "StopAll" }, { KNEED_MASSAGER, "Stop" },
                { KNEED_MANAGER, "EmergencyStop" } };
        Client *client = stranger(*state), *other = stranger(*state);
        Answers answers = { 0 };

        (void) polkit_start(*state, POLKIT_ACTIVE);
        for (unsigned i = 0; i < ELEMENTSOF(stops); i++) {
                ask_to_run(client, &answers);
                polkit_await(other, i + 1, i);
                client_do(other, path_of(stops[i].interface), stops[i].interface, stops[i].member,
                                NULL);
                await_answer(client, &answers, i + 1);
                assert_string_equal(answers.last, KNEED_ERROR("WrongState"));
                polkit_await(other, i + 1, i + 1);
        }
        polkit_go(other);
        client_do(other, KNEED_ROOT, KNEED_MANAGER, "ListRoutines", NULL);
        assert_false(has_session(other));
}

/* SR-LEASE */
static void whoever_leaves_has_asked_for_nothing(void **state)
{
        Answers answers = { 0 };
        Client *client, *other;

        /* First, or it would hold what is closed here. */
        (void) polkit_start(*state, POLKIT_ACTIVE);
        client = stranger(*state);
        other = stranger(*state);
        client_screen(other);
        ask_to_run(client, &answers);
        polkit_await(other, 2, 0);
        sd_bus_close(client->bus);
        polkit_await(other, 2, 1);
        polkit_go(other);
        client_do(other, KNEED_ROOT, KNEED_MANAGER, "ListRoutines", NULL);
        assert_false(has_session(other));
}

/* Nobody can keep the others from being asked. */
static void dialogs_are_bounded(void **state)
{
        Client *client = stranger(*state), *other = stranger(*state);
        Answers answers = { 0 };

        (void) polkit_start(*state, POLKIT_ACTIVE);
        for (unsigned i = 0; i <= BUS_ASKS_USER_MAX; i++)
                ask_to_run(client, &answers);
        await_answer(client, &answers, 1);
        assert_string_equal(answers.last, KNEED_ERROR("TooManyCalls"));
        client_do(other, KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL);
        await_answer(client, &answers, 1 + BUS_ASKS_USER_MAX);
        assert_string_equal(answers.last, KNEED_ERROR("WrongState"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_method_is_in_the_table),
                cmocka_unit_test_setup_teardown(whoever_sits_there_may, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(
                                whoever_does_not_needs_a_password, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(
                                whoever_is_elsewhere_needs_a_password, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(
                                without_polkit_others_may_not, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(without_polkit_root_may, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(
                                a_password_may_take_its_time, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(
                                what_changed_meanwhile_counts, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(
                                what_was_answered_counts_for_what_began_before_the_yes, open_stage,
                                stage_close),
                cmocka_unit_test_setup_teardown(
                                a_stop_wins_over_what_waits, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(
                                whoever_leaves_has_asked_for_nothing, open_stage, stage_close),
                cmocka_unit_test_setup_teardown(dialogs_are_bounded, open_stage, stage_close),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
