/* SPDX-License-Identifier: MIT */

/* However a session ends, it ends in the same place: the massager is told, disarmed and at rest
 * within its own cut-off; what latches stays latched until it is cleared; nothing starts by itself;
 * and the next session begins from zero. */

#include "common/macro.h"
#include "tests/usb/bench.h"

#define ID "ENDS"

/* The massager's cut-off, the time that its motors need, and some for the machine. */
#define REST_MS (300u + SIM_SPIN_DOWN_MS + 100u)
/* Nothing may start by itself in that time. */
#define QUIET_MS 200u
/* The first frames of a session, and how high a ceiling may be by then that rises from zero. */
#define FIRST_FRAMES   25u
#define FIRST_PERMILLE (100u / 2 + 2)
#define HOT_CC         4500
#define COOL_CC        3200

typedef struct Road {
        const char *reason; /* of the end */
        bool latches;
        void (*go)(Bench *b, Player *p, MockDevice *d);
        void (*mend)(Bench *b, MockDevice *d); /* or NULL */
} Road;

static void call(Bench *b, Player *p, MockDevice *d)
{
        assert_int_equal(manager_stop_all(b->manager), 1);
}

static void call_emergency(Bench *b, Player *p, MockDevice *d)
{
        assert_int_equal(manager_emergency_stop(b->manager), 1);
}

static void lose_client(Bench *b, Player *p, MockDevice *d)
{
        player_stop(p, SESSION_END_CLIENT_GONE);
}

static void hurt(Bench *b, Player *p, MockDevice *d)
{
        PainReport report = { .leg = p->leg, .score = PAIN_STOP, .when = PAIN_DURING };
        RunRefusal refusal;

        assert_int_equal(manager_report_pain(b->manager, &report, &refusal), 0);
        assert_int_equal(report.led, PAIN_ACTION_STOP);
}

static void press(Bench *b, Player *p, MockDevice *d)
{
        mock_device_press_button(d, true);
}

static void let_go(Bench *b, MockDevice *d)
{
        mock_device_press_button(d, false);
        bench_pass(b, QUIET_MS);
}

static void overheat(Bench *b, Player *p, MockDevice *d)
{
        mock_device_warm(d, HOT_CC);
}

static void cool(Bench *b, MockDevice *d)
{
        mock_device_warm(d, COOL_CC);
        bench_pass(b, QUIET_MS);
}

static void fall_silent(Bench *b, Player *p, MockDevice *d)
{
        mock_device_inject(d, SIM_FAULT_MUTE);
}

static void replug(Bench *b, MockDevice *d)
{
        mock_device_inject(d, 0);
        mock_device_unplug(d, MOCK_NODE_FIRST);
        bench_wait(b, !bench_find(b, ID));
        mock_device_plug(d, 1);
}

static void unplug(Bench *b, Player *p, MockDevice *d)
{
        mock_device_unplug(d, MOCK_NODE_FIRST);
}

static void plug(Bench *b, MockDevice *d)
{
        bench_wait(b, !bench_find(b, ID));
        mock_device_plug(d, 1);
}

static void fall_asleep(Bench *b, Player *p, MockDevice *d)
{
        manager_sleep(b->manager);
}

static void exit_kneed(Bench *b, Player *p, MockDevice *d)
{
        manager_shut_down(b->manager);
}

static bool is_at_rest(MockDevice *d)
{
        MockTruth truth;

        mock_device_look(d, &truth);
        for (unsigned i = 0; i < KNEED_ACTUATORS_MAX; i++)
                if (truth.model.target_permille[i] > 0)
                        return false;
        return !truth.is_moving && truth.model.state != KNEED_STATE_ARMED;
}

static int try_to_run(Bench *b)
{
        static const RunRequest request = {
                .routine = "glide",
                .device = ID,
                .leg = LEG_RIGHT,
                .nothing_new = true,
        };
        RunRefusal refusal;
        Player *p;

        return manager_run(b->manager, &request, &p, &refusal);
}

/* A latch is not released by its cause being gone. */
static void clear(Bench *b, MockDevice *d)
{
        assert_string_equal(massager_state_to_string(massager_state(bench_find(b, ID))), "latched");
        assert_true(try_to_run(b) < 0);
        assert_int_equal(massager_clear(bench_find(b, ID)), 0);
}

static void check_first_frames(Bench *b, MockDevice *d, size_t from)
{
        const MockFrame *frames;
        size_t n;

        bench_wait(b, (frames = mock_device_frames(d, &n), n >= from + FIRST_FRAMES));
        for (size_t i = from; i < from + FIRST_FRAMES; i++)
                for (unsigned k = 0; k < KNEED_ACTUATORS_MAX; k++)
                        assert_true(frames[i].level_permille[k] <= FIRST_PERMILLE);
}

/* SR-STOP, SR-ZERO, SR-CLEAR, SR-NOT-AGAIN, SR-RAMP */
static void end_by(void **state, const Road *road)
{
        Bench *b = *state;
        MockDevice *d;
        Massager *m = bench_attach(b, ID, 1, &d);
        uint64_t gone_ms;
        size_t n;

        bench_play(b, "glide", m, d);
        (void) mock_device_frames(d, &n);
        bench_wait(b, (mock_device_frames(d, &n), n >= 2 * FIRST_FRAMES));

        gone_ms = clock_now_ms();
        road->go(b, manager_player(b->manager, 0), d);
        while (!is_at_rest(d))
                bench_turn(b, gone_ms + MASSAGER_CONFIRM_MS + REST_MS);
        bench_wait(b, b->n_ended == 1);
        bench_assert_ends(b, 1, road->reason);

        if (road->mend)
                road->mend(b, d);
        bench_pass(b, QUIET_MS);
        if (road->latches)
                clear(b, d);
        bench_wait_massager(b, ID, "idle", "");
        bench_pass(b, QUIET_MS);
        assert_true(is_at_rest(d));
        assert_int_equal(b->n_ended, 1);

        (void) mock_device_frames(d, &n);
        (void) bench_run(b, "glide", ID, LEG_RIGHT);
        check_first_frames(b, d, n);
}

#define ROAD(name, ...)                                      \
        static void by_##name(void **state)                  \
        {                                                    \
                end_by(state, &(const Road){ __VA_ARGS__ }); \
        }

ROAD(a_call, "stopped", false, call, NULL)
ROAD(an_emergency, "emergency", true, call_emergency, NULL)
ROAD(the_button, "button", true, press, let_go)
ROAD(a_lost_client, "client-gone", false, lose_client, NULL)
ROAD(pain, "pain", true, hurt, NULL)
ROAD(heat, "too-hot", true, overheat, cool)
ROAD(silence, "massager-silent", false, fall_silent, replug)
ROAD(an_unplug, "massager-gone", false, unplug, plug)
ROAD(sleep, "sleep", false, fall_asleep, NULL)
ROAD(the_exit, "shutdown", false, exit_kneed, NULL)

int main(void)
{
        const struct CMUnitTest tests[] = {
                BENCH_TEST(by_a_call),
                BENCH_TEST(by_an_emergency),
                BENCH_TEST(by_the_button),
                BENCH_TEST(by_a_lost_client),
                BENCH_TEST(by_pain),
                BENCH_TEST(by_heat),
                BENCH_TEST(by_silence),
                BENCH_TEST(by_an_unplug),
                BENCH_TEST(by_sleep),
                BENCH_TEST(by_the_exit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
