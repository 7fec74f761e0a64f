/* SPDX-License-Identifier: MIT */

/* Calls that make no sense: of the wrong shape, out of range, on what is not there. Each is refused
 * by name, and a session that plays meanwhile does not feel it. */

#include <stdio.h>

#include "common/macro.h"
#include "tests/bus/witness.h"
#include "tests/unit/cmocka-all.h"

#define OUT_OF_RANGE      KNEED_ERROR("OutOfRange")
#define WRONG_STATE       KNEED_ERROR("WrongState")
#define INVALID_ARGS      BUS_ERROR("InvalidArgs")
#define UNKNOWN_OBJECT    BUS_ERROR("UnknownObject")
#define UNKNOWN_INTERFACE BUS_ERROR("UnknownInterface")
#define UNKNOWN_METHOD    BUS_ERROR("UnknownMethod")
#define UNKNOWN_PROPERTY  BUS_ERROR("UnknownProperty")
#define READ_ONLY         BUS_ERROR("PropertyReadOnly")

#define SESSION SESSION_PATH(1)

/* Fails the test unless the call is refused by that name. Types and values as sd_bus_call_method's,
 * as a macro because they are of any type. */
#define REFUSED(client, error_name, path, interface, member, ...)                       \
        do {                                                                            \
                _cleanup_(sd_bus_error_free) sd_bus_error error_ = SD_BUS_ERROR_NULL;   \
                                                                                        \
                assert_true(client_call(client, path, interface, member, &error_, NULL, \
                                            __VA_ARGS__) < 0);                          \
                check_refusal(&error_, error_name);                                     \
        } while (0)

static void test_ranges(void **state)
{
        static const uint32_t bad_percents[] = { 0, 101, 1000, INT32_MAX, UINT32_MAX };
        static const uint32_t bad_rates[] = { 0, 21, 1000, INT32_MAX, UINT32_MAX };
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        for (size_t i = 0; i < ELEMENTSOF(bad_percents); i++)
                REFUSED(client, OUT_OF_RANGE, SESSION, KNEED_SESSION, "SetIntensity", "u",
                                bad_percents[i]);
        for (size_t i = 0; i < ELEMENTSOF(bad_rates); i++)
                REFUSED(client, OUT_OF_RANGE, SESSION, KNEED_SESSION, "Subscribe", "u",
                                bad_rates[i]);
        client_do(client, SESSION, KNEED_SESSION, "SetIntensity", "u", 100u);
        client_do(client, SESSION, KNEED_SESSION, "SetIntensity", "u", 1u);
        client_do(client, SESSION, KNEED_SESSION, "SetIntensity", "u", 60u);
        client_do(client, SESSION, KNEED_SESSION, "Subscribe", "u", 1u);
        client_do(client, SESSION, KNEED_SESSION, "Subscribe", "u", 20u);
        witness_end(&witness);
}

static void test_signatures(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "Run", NULL);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "Run", "s", "friction");
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "Run", "sas", "friction", 0);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{ss}", "friction", 0);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "Run", "ua{sv}", 1u, 0);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}u", "friction", 0,
                        1u);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "StopAll", "u", 1u);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "ListRoutines", "s", "");
        REFUSED(client, INVALID_ARGS, VIRTUAL_PATH, KNEED_MASSAGER, "Stop", "b", 0);
        REFUSED(client, INVALID_ARGS, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", NULL);
        REFUSED(client, INVALID_ARGS, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "b", 0);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "Screen", "as", 0);
        REFUSED(client, INVALID_ARGS, KNEED_ROOT, KNEED_MANAGER, "ReportPain", "su", "left", 1u);
        witness_end(&witness);
}

static void test_signatures_of_sessions(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "ReportPain", "i", 1);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Stop", "s", "now");
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Pause", "u", 1u);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Resume", "u", 1u);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Ease", "u", 1u);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Skip", "u", 1u);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "SetIntensity", NULL);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "SetIntensity", "i", -1);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "SetIntensity", "s", "60");
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "SetIntensity", "d", 60.0);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "SetIntensity", "uu", 60u, 60u);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Subscribe", NULL);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Subscribe", "t", (uint64_t) 10);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Subscribe", "v", "u", 10u);
        REFUSED(client, INVALID_ARGS, SESSION, KNEED_SESSION, "Unsubscribe", "u", 10u);
        witness_end(&witness);
}

static void test_absent_objects(void **state)
{
        static const char *const sessions[] = { SESSION_PATH(0), SESSION_PATH(2), SESSION_PATH(01),
                SESSION_PATH(4294967297), SESSION "/1", KNEED_ROOT "/session", VIRTUAL_PATH,
                KNEED_ROOT, "/", "/org/freedesktop/DBus" };
        static const char *const massagers[] = { KNEED_ROOT "/massager/NONE", VIRTUAL_PATH "1",
                VIRTUAL_PATH "/x", KNEED_ROOT "/massager", SESSION, KNEED_ROOT };
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        for (size_t i = 0; i < ELEMENTSOF(sessions); i++) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

                assert_true(client_call(client, sessions[i], KNEED_SESSION, "Skip", &error, NULL,
                                            NULL) < 0);
                assert_true(sd_bus_error_has_names(
                                &error, UNKNOWN_OBJECT, UNKNOWN_INTERFACE, UNKNOWN_METHOD));
        }
        for (size_t i = 0; i < ELEMENTSOF(massagers); i++) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

                assert_true(client_call(client, massagers[i], KNEED_MASSAGER, "Stop", &error, NULL,
                                            NULL) < 0);
                assert_true(sd_bus_error_has_names(
                                &error, UNKNOWN_OBJECT, UNKNOWN_INTERFACE, UNKNOWN_METHOD));
        }
        witness_end(&witness);
}

static void test_wrong_doors(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        REFUSED(client, UNKNOWN_METHOD, SESSION, KNEED_MANAGER, "StopAll", NULL);
        REFUSED(client, UNKNOWN_METHOD, SESSION, "org.kneed2.Session", "Skip", NULL);
        REFUSED(client, UNKNOWN_METHOD, SESSION, KNEED_SESSION, "skip", NULL);
        REFUSED(client, UNKNOWN_METHOD, SESSION, KNEED_SESSION, "Frame", NULL);
        REFUSED(client, UNKNOWN_METHOD, VIRTUAL_PATH, KNEED_MASSAGER, "Run", NULL);
        REFUSED(client, UNKNOWN_INTERFACE, SESSION, PROPERTIES, "GetAll", "s", "org.kneed2");
        REFUSED(client, UNKNOWN_PROPERTY, SESSION, PROPERTIES, "Get", "ss", KNEED_SESSION, "Level");
        REFUSED(client, UNKNOWN_PROPERTY, SESSION, PROPERTIES, "Get", "ss", KNEED_SESSION, "");
        REFUSED(client, UNKNOWN_PROPERTY, SESSION, PROPERTIES, "Get", "ss", KNEED_MASSAGER, "Id");
        witness_end(&witness);
}

/* Everything that can be read, and nothing that can be written. */
static void test_read_only(void **state)
{
        static const struct {
                const char *path;
                const char *interface;
                const char *names[16];
        } objects[] = {
                { KNEED_ROOT, KNEED_MANAGER,
                                { "Version", "Limits", "DefaultLeg", "LedgerState",
                                                "LedgerReason" } },
                { VIRTUAL_PATH, KNEED_MASSAGER,
                                { "Id", "Name", "Driver", "State", "Reason", "Actuators", "Heaters",
                                                "Places", "CutOffMs", "Contact" } },
                { SESSION, KNEED_SESSION,
                                { "Routine", "Massager", "Leg", "Steps", "DurationMs", "State",
                                                "Step", "Technique", "Intensity", "Tempo",
                                                "Deadline", "RemainingMs", "Leased" } },
        };
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        for (size_t i = 0; i < ELEMENTSOF(objects); i++)
                for (size_t k = 0; objects[i].names[k]; k++) {
                        REFUSED(client, READ_ONLY, objects[i].path, PROPERTIES, "Set", "ssv",
                                        objects[i].interface, objects[i].names[k], "u", 100u);
                        REFUSED(client, READ_ONLY, objects[i].path, PROPERTIES, "Set", "ssv",
                                        objects[i].interface, objects[i].names[k], "s", "playing");
                }
        witness_end(&witness);
}

/* Not in a state for it. Pausing twice is no error to be afraid of, but it is one. */
static void test_states(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        REFUSED(client, WRONG_STATE, SESSION, KNEED_SESSION, "Resume", NULL);
        REFUSED(client, WRONG_STATE, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "u", 1u);
        REFUSED(client, WRONG_STATE, VIRTUAL_PATH, KNEED_MASSAGER, "PrepareClear", NULL);
        client_do(client, SESSION, KNEED_SESSION, "Unsubscribe", NULL);
        witness_end(&witness);

        REFUSED(client, UNKNOWN_OBJECT, SESSION, KNEED_SESSION, "Resume", NULL);
        REFUSED(client, UNKNOWN_OBJECT, SESSION, KNEED_SESSION, "Stop", NULL);
        REFUSED(client, WRONG_STATE, VIRTUAL_PATH, KNEED_MASSAGER, "Clear", "u", 1u);
}

/* More than eight who want frames: the ninth is told so, and a place that gets free is given on. */
static void test_subscriptions(void **state)
{
        Client *clients[9];
        Stage *stage = *state;
        Witness witness;

        witness_begin(&witness, stage);
        for (size_t i = 0; i < ELEMENTSOF(clients); i++)
                clients[i] = stage_client(stage);
        for (size_t i = 0; i < 8; i++)
                client_do(clients[i], SESSION, KNEED_SESSION, "Subscribe", "u", 1u);
        REFUSED(clients[8], KNEED_ERROR("TooManySubscriptions"), SESSION, KNEED_SESSION,
                        "Subscribe", "u", 1u);
        client_do(clients[0], SESSION, KNEED_SESSION, "Subscribe", "u", 2u);
        client_do(clients[3], SESSION, KNEED_SESSION, "Unsubscribe", NULL);
        client_do(clients[8], SESSION, KNEED_SESSION, "Subscribe", "u", 1u);
        REFUSED(clients[3], KNEED_ERROR("TooManySubscriptions"), SESSION, KNEED_SESSION,
                        "Subscribe", "u", 1u);
        witness_end(&witness);
}

/* Nothing to play on is no reason not to answer. */
static void test_no_massager(void **state)
{
        Stage *stage = *state;
        Client *client = stage_client(stage);

        stage_start_kneed_without_massager(stage);
        REFUSED(client, KNEED_ERROR("NoMassager"), KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}",
                        "friction", 0);
        REFUSED(client, KNEED_ERROR("NoMassager"), KNEED_ROOT, KNEED_MANAGER, "Run", "sa{sv}",
                        "friction", 1, "device", "s", VIRTUAL_ID);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "StopAll", NULL);
        REFUSED(client, UNKNOWN_OBJECT, VIRTUAL_PATH, KNEED_MASSAGER, "Stop", NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_ranges),
                TEST(test_signatures),
                TEST(test_signatures_of_sessions),
                TEST(test_absent_objects),
                TEST(test_wrong_doors),
                TEST(test_read_only),
                TEST(test_states),
                TEST(test_subscriptions),
                cmocka_unit_test_setup_teardown(test_no_massager, stage_open, stage_close),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
