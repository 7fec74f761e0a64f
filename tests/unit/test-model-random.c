/* SPDX-License-Identifier: MIT */
#include "tests/unit/model-host.h"

/* Properties that hold whatever happens in whatever order. The seeds are fixed: a failure comes
 * back. */

#define REPORTS 100000
#define CALLS   100000

/* Mostly right where it matters for getting past the first checks. */
static size_t make_garbage(uint64_t *seed, uint8_t report[static KNEED_REPORT_SIZE_MAX])
{
        static const size_t sizes[] = { KNEED_FRAME_SIZE, KNEED_HEAT_SIZE, KNEED_COMMAND_SIZE };
        size_t size = sizes[host_random(seed) % ELEMENTSOF(sizes)];

        if (host_random(seed) % 8 == 0)
                size = host_random(seed) % (KNEED_REPORT_SIZE_MAX + 1);
        for (size_t i = 0; i < KNEED_REPORT_SIZE_MAX; i++)
                report[i] = (uint8_t) host_random(seed);
        report[0] = (uint8_t) (host_random(seed) % 8);
        return size;
}

static bool is_arm(const uint8_t *report, size_t size)
{
        KneedCommand command;

        return kneed_command_decode(report, size, &command) == 0 && command == KNEED_COMMAND_ARM;
}

static void test_garbage_never_arms(void **state)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX], answer[KNEED_REPORT_SIZE_MAX];
        uint64_t seed = 1, t = START_MS;
        SimModel m;

        sim_model_init(&m, &sim_reference_design, t);
        for (unsigned i = 0; i < REPORTS; i++) {
                size_t size = make_garbage(&seed, report);

                if (is_arm(report, size))
                        continue;
                t += host_random(&seed) % 20;
                if (i % 2 == 0)
                        (void) sim_model_interrupt_out(&m, t, report, size);
                else
                        (void) sim_model_set_report(&m, t,
                                        (KneedReportType) (host_random(&seed) % 5), report, size);
                (void) sim_model_get_report(&m, t, (KneedReportType) (host_random(&seed) % 5),
                                (uint8_t) (host_random(&seed) % 8), answer);
                assert_int_equal(host_peek(&m, t).state, KNEED_STATE_IDLE);
                for (unsigned k = 0; k < 12; k++)
                        assert_int_equal(sim_model_motor_permille(&m, k), 0);
        }
        assert_int_equal(host_peek(&m, t).faults, KNEED_FAULT_BAD_REPORT);
}

static void test_a_damaged_arm_does_not_arm(void **state)
{
        uint8_t arm[KNEED_COMMAND_SIZE];

        assert_int_equal(kneed_command_encode(KNEED_COMMAND_ARM, arm), sizeof(arm));
        for (unsigned bit = 0; bit < 8 * sizeof(arm); bit++) {
                uint8_t report[sizeof(arm)];
                SimModel m;

                memcpy(report, arm, sizeof(arm));
                report[bit / 8] ^= (uint8_t) (1u << bit % 8);
                sim_model_init(&m, &sim_reference_design, START_MS);
                (void) sim_model_interrupt_out(&m, START_MS, report, sizeof(report));
                assert_int_equal(host_peek(&m, START_MS).state, KNEED_STATE_IDLE);
        }
}

static uint64_t random_step_ms(uint64_t *seed)
{
        static const uint64_t limits[] = { 2, 30, 30, 30, 120, 700, 20000 };

        return host_random(seed) % limits[host_random(seed) % ELEMENTSOF(limits)];
}

static void do_something(SimModel *m, uint64_t t, uint64_t *seed, uint16_t *sequence)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        KneedStatus status;
        size_t size;

        switch (host_random(seed) % 16) {
        case 0:
                host_command(m, t, KNEED_COMMAND_STOP);
                break;
        case 1 ... 2:
                host_command(m, t, KNEED_COMMAND_CLEAR);
                break;
        case 3 ... 5:
                host_command(m, t, KNEED_COMMAND_ARM);
                break;
        case 6:
                host_heat(m, t, (uint16_t) (3000 + host_random(seed) % 1100));
                break;
        case 7:
                if (host_random(seed) % 4 == 0)
                        sim_model_press_button(m, t, host_random(seed) % 4 == 0);
                break;
        case 8:
                sim_model_set_contact(m, t, host_random(seed) % 2 == 0);
                break;
        case 9:
                size = make_garbage(seed, report);
                (void) sim_model_interrupt_out(m, t, report, size);
                break;
        case 10:
                (void) host_hear(m, t, &status);
                break;
        default:
                host_frame_part(m, t, (*sequence)++, (uint8_t) (host_random(seed) % 12), 1,
                                (uint16_t) (host_random(seed) % 1001), host_random(seed) % 2);
                break;
        }
}

static void assert_outputs_off_unless_armed(const SimModel *m)
{
        if (m->state == KNEED_STATE_ARMED)
                return;
        for (unsigned i = 0; i < KNEED_ACTUATORS_MAX; i++)
                assert_int_equal(m->target_permille[i] | m->staged_permille[i], 0);
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                assert_int_equal(m->setpoint_cc[i], 0);
}

static void assert_slew(const unsigned before[static 12], const SimModel *m, uint64_t dt_ms)
{
        for (unsigned i = 0; i < 12; i++) {
                uint64_t now = sim_model_motor_permille(m, i);

                assert_true(now <= KNEED_LEVEL_MAX);
                assert_true(now * SIM_SPIN_UP_MS <=
                                (before[i] + 1) * SIM_SPIN_UP_MS + 1000 * dt_ms);
                assert_true(before[i] * SIM_SPIN_DOWN_MS <=
                                (now + 1) * SIM_SPIN_DOWN_MS + 1000 * dt_ms);
        }
}

static void test_outputs_are_off_unless_armed_and_motors_slew(void **state)
{
        unsigned before[12] = { 0 }, seen[_KNEED_STATE_MAX] = { 0 };
        uint64_t seed = 2, t = START_MS;
        uint16_t sequence = 0;
        SimModel m;

        sim_model_init(&m, &sim_reference_design, t);
        for (unsigned i = 0; i < CALLS; i++) {
                uint64_t dt = random_step_ms(&seed);

                do_something(&m, t += dt, &seed, &sequence);
                sim_model_advance(&m, t);
                assert_slew(before, &m, dt);
                assert_outputs_off_unless_armed(&m);
                for (unsigned k = 0; k < 12; k++)
                        before[k] = sim_model_motor_permille(&m, k);
                seen[m.state]++;
        }
        for (unsigned i = 0; i < _KNEED_STATE_MAX; i++)
                assert_true(seen[i] > CALLS / 50);
}

/* Injects at times; a hang is taken back before anything is said, since host_out wants an answer.
 */
static void do_something_faulty(SimModel *m, uint64_t t, uint64_t *seed, uint16_t *sequence)
{
        uint64_t some = host_random(seed);

        if (host_random(seed) % 8 == 0)
                sim_model_inject(m, t, (uint32_t) (some & host_random(seed)) & SIM_FAULT_ALL);
        else if (!(m->faults_injected & SIM_FAULT_HANG))
                do_something(m, t, seed, sequence);
}

static void test_one_leap_is_many_small_steps(void **state)
{
        uint64_t seed = 3, t = START_MS;
        uint16_t sequence = 0;
        SimModel leap, steps;

        sim_model_init(&leap, &sim_reference_design, t);
        for (unsigned i = 0; i < CALLS / 50; i++) {
                uint64_t end = t + random_step_ms(&seed);

                steps = leap;
                while (t < end)
                        sim_model_advance(&steps, ++t);
                sim_model_advance(&leap, end);
                assert_memory_equal(&leap, &steps, sizeof(leap));
                do_something_faulty(&leap, t, &seed, &sequence);
        }
}

static bool has_news(const SimModel *before, SimModel *m)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        SimModel copy = *m;

        return sim_model_interrupt_in(&copy, m->now_ms, report) > 0 || before->state != m->state ||
               before->faults != m->faults;
}

static bool is_still(const SimModel *m)
{
        for (unsigned i = 0; i < m->design->identity.n_actuators; i++)
                if (sim_model_motor_permille(m, i) > 0)
                        return false;
        return true;
}

/* next_ms is neither late (nothing happens before it) nor early (then something does). */
static void test_next_is_exact(void **state)
{
        uint64_t seed = 4, t = START_MS, next;
        uint16_t sequence = 0;
        unsigned n_exact = 0;
        SimModel m, before, after;

        sim_model_init(&m, &sim_reference_design, t);
        for (unsigned i = 0; i < CALLS; i++) {
                do_something_faulty(&m, t, &seed, &sequence);
                if (host_random(&seed) % 2 == 0)
                        (void) host_hear(&m, t, &(KneedStatus){ 0 });
                next = sim_model_next_ms(&m);
                assert_true(next >= m.now_ms);
                before = after = m;
                if (next > t) {
                        assert_false(has_news(&before, &after));
                        sim_model_advance(&after, next == SIM_NEVER ? t + WEEK_MS : next - 1);
                        assert_false(has_news(&before, &after));
                }
                if (next != SIM_NEVER) {
                        bool was_still = is_still(&after);

                        sim_model_advance(&after, next);
                        assert_true(has_news(&before, &after) || (!was_still && is_still(&after)));
                        n_exact += next > t;
                }
                t += random_step_ms(&seed);
        }
        assert_true(n_exact > CALLS / 20);
}

static void test_time_does_not_go_back(void **state)
{
        SimModel m;
        uint64_t t = host_start(&m, 800);

        host_frame(&m, 0, 2, 0);
        assert_true(m.now_ms == t);
        sim_model_advance(&m, t + 80);
        assert_int_equal(sim_model_motor_permille(&m, 0), 0);
        assert_int_equal(host_peek(&m, t + SILENCE_MS - 1).state, KNEED_STATE_ARMED);
        sim_model_advance(&m, UINT64_MAX);
        sim_model_advance(&m, 0);
        assert_int_equal(host_status(&m, UINT64_MAX).state, KNEED_STATE_IDLE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_garbage_never_arms),
                cmocka_unit_test(test_a_damaged_arm_does_not_arm),
                cmocka_unit_test(test_outputs_are_off_unless_armed_and_motors_slew),
                cmocka_unit_test(test_one_leap_is_many_small_steps),
                cmocka_unit_test(test_next_is_exact),
                cmocka_unit_test(test_time_does_not_go_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
