/* SPDX-License-Identifier: MIT */

/* kneed dies by SIGKILL at a random moment of a session on real USB: the massager stops by its own
 * cut-off, the next kneed finds it and says stop first, and knows of at least the dose that the
 * massager's own record shows.
 *
 * Usage: test-usb-crash [SEED CRASHES]     so many, at moments that the seed chooses */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/bus/stage.h"
#include "tests/unit/cmocka-all.h"
#include "tests/usb/mock-usb.h"

#define MASSAGER KNEED_ROOT "/massager/CRASH"

/* Each costs the person what was charged ahead: more in a day would close the leg. */
#define CRASHES_A_DAY 4u
#define RUN_MS        3000u /* kills come from 0 to this, so also before the first frame */
#define LONG_EVERY    25u   /* so seldom one comes after the ledger was charged again */
#define LONG_MS       15000u
/* On top of the massager's own cut-off: a frame may be on its way when kneed dies. */
#define MARGIN_MS 100u

static uint32_t seed = 1;
static unsigned n_crashes = 4;
static unsigned n_driven; /* of them while motors were driven */
static unsigned n_replugs;

static uint32_t next_random(void)
{
        seed = seed * 1664525u + 1013904223u;
        return seed >> 8;
}

static Client *start_kneed(Stage *stage, MockBus *bus)
{
        Child *kneed;

        mock_bus_serve(bus, 0);
        kneed = stage_spawn_kneed(stage, NULL, "kneed.log");
        mock_bus_serve(bus, kneed->pid);
        stage_await_kneed(stage, kneed);
        client_await_ledger(stage->clients[stage->n_clients - 1]);
        return stage->clients[stage->n_clients - 1];
}

/* On a busy machine a massager may take longer than the name. */
static void run(Stage *stage, Client *client)
{
        uint64_t deadline_ms = deadline_from_now();

        for (;;) {
                _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

                if (client_call(client, KNEED_ROOT, KNEED_MANAGER, "Run", &error, NULL, "sa{sv}",
                                    "friction", 3, "minutes", "u", 5u, "nothing_new", "b", 1,
                                    "detach", "b", 1) >= 0)
                        return;
                if (deadline_left_ms(deadline_ms) == 0 ||
                                !(sd_bus_error_has_name(&error, KNEED_ERROR("NoMassager")) ||
                                                sd_bus_error_has_name(&error,
                                                                KNEED_ERROR("MassagerNotReady")))) {
                        stage_print_log(stage);
                        fail_msg("Run: %s: %s", error.name, error.message);
                }
                client_take_for(client, 10);
        }
}

static bool is_driven(MockDevice *d)
{
        MockTruth truth;

        mock_device_look(d, &truth);
        for (unsigned i = 0; i < KNEED_ACTUATORS_MAX; i++)
                if (truth.model.target_permille[i] > 0)
                        return true;
        return false;
}

static bool is_in_state(Client *client, const char *state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *got;

        return client_call(client, MASSAGER, PROPERTIES, "Get", NULL, &reply, "ss", KNEED_MASSAGER,
                               "State") >= 0 &&
               sd_bus_message_read(reply, "v", "s", &got) > 0 && streq(got, state);
}

/* Whatever kneed found, it said stop, and does not go on. On a machine that stands still for a
 * moment a stop is not confirmed in time: then it is plugged in again, as kneed asks for. */
static void await_idle(Stage *stage, Client *client, MockDevice *d)
{
        uint64_t deadline_ms = deadline_from_now();

        while (!is_in_state(client, "idle")) {
                if (deadline_left_ms(deadline_ms) == 0) {
                        stage_print_log(stage);
                        fail_msg("The massager does not become idle");
                }
                client_take_for(client, 5);
                if (is_in_state(client, "faulty")) {
                        n_replugs++;
                        mock_device_unplug(d, MOCK_NODE_FIRST);
                        mock_device_plug(d, 1);
                }
        }
        assert_false(is_driven(d));
        client_take_for(client, MARGIN_MS);
        assert_false(is_driven(d));
}

static void check_dose(Stage *stage, Client *client, MockDevice *d)
{
        uint64_t charged_ms = client_charged_ms(client);
        MockTruth truth;

        mock_device_look(d, &truth);
        if (charged_ms < truth.driven_ms) {
                stage_print_log(stage);
                fail_msg("The ledger knows of %" PRIu64 " ms, the massager did %" PRIu64 " ms",
                                charged_ms, truth.driven_ms);
        }
}

static void crash(Stage *stage, Client *client, MockDevice *d, unsigned n)
{
        unsigned ms = next_random() % RUN_MS + (n % LONG_EVERY == LONG_EVERY - 1 ? LONG_MS : 0);

        run(stage, client);
        client_take_for(client, ms);
        n_driven += is_driven(d);
        assert_int_equal(stage_end_kneed(stage, SIGKILL), 128 + SIGKILL);
        if (next_random() % 2 == 0)
                return;

        client_take_for(client, sim_reference_design.identity.host_silence_ms + MARGIN_MS);
        assert_false(is_driven(d));
}

/* SR-CRASH, SR-CUT-OFF, SR-BEGIN, SR-NOT-AGAIN */
static void a_day_of_crashes(Stage *stage, MockBus *bus, unsigned from, unsigned to)
{
        MockDevice *d = mock_device_new(bus, MOCK_MASSAGER, "CRASH");
        Client *client;

        mock_device_plug(d, 1);
        client_screen(start_kneed(stage, bus));
        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
        client = start_kneed(stage, bus);
        for (unsigned n = from; n < to; n++) {
                crash(stage, client, d, n);
                client = start_kneed(stage, bus);
                await_idle(stage, client, d);
                check_dose(stage, client, d);
        }
        assert_int_equal(stage_end_kneed(stage, SIGTERM), EXIT_SUCCESS);
}

static void kneed_is_killed_at_any_moment(void **state)
{
        for (unsigned n = 0; n < n_crashes; n += CRASHES_A_DAY) {
                void *stage;
                MockBus *bus;

                (void) stage_open(&stage);
                bus = mock_bus_new();
                a_day_of_crashes(stage, bus, n, MIN(n + CRASHES_A_DAY, n_crashes));
                mock_bus_free(bus);
                (void) stage_close(&stage);
        }
        print_message("%u crashes, %u of them while motors were driven; plugged in again %u "
                      "times\n",
                        n_crashes, n_driven, n_replugs);
        assert_true(n_driven * 4 >= n_crashes);
        assert_true(n_replugs * 10 <= n_crashes);
}

int main(int argc, char *argv[])
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(kneed_is_killed_at_any_moment),
        };

        if (argc == 3) {
                seed = (uint32_t) strtoul(argv[1], NULL, 10);
                n_crashes = (unsigned) strtoul(argv[2], NULL, 10);
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
