/* SPDX-License-Identifier: MIT */
#include "common/macro.h"
#include "daemon/account.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/layouts.h"

#define PLANNED_MS 600000u
#define FRAME_MS   20u
#define HEAT_MS    4000u

static NamedLayout layouts[LAYOUTS_N];

static int make_layouts(void **state)
{
        layouts_make(layouts);
        return 0;
}

static const Layout *reference(void)
{
        return &layouts[0].layout;
}

/* What the governor lets through at that moment of a session with a heater that heats at first. */
static const GovernedFrame *govern(Governor *g, uint32_t now_ms)
{
        GovernorInput in = {
                .now_ms = now_ms,
                .status_at_ms = now_ms,
                .wish = GOVERNOR_WISH_RUN,
                .screening = GOVERNOR_SCREENED,
                .dose_left_ms = UINT32_MAX,
                .cap_permille = 300,
                .want_setpoint_cc = { now_ms <= HEAT_MS ? 3800 : 0 },
                .reading = { { true, (int16_t) (3000 + now_ms / 100) } },
        };

        for (unsigned i = 0; i < reference()->n_actuators; i++)
                in.want_permille[i] = (uint16_t) (200 + i);
        return governor_step(g, &in);
}

static Account begun(uint32_t planned_ms)
{
        Account account;

        account_init(&account, reference(), planned_ms);
        account_entered(&account, account_charge(&account).charged_ms, 1);
        account_durable(&account, 1);
        return account;
}

/* SR-CRASH: A disk that answers at once: at every moment of a whole session more is charged than
 * the massager can have done, and never much more than the whole. */
static void the_charge_is_ahead_of_what_is_played_all_the_way(void **state)
{
        Account account = begun(PLANNED_MS);
        uint64_t ticket = 1;
        unsigned n = 0;

        for (uint32_t played = FRAME_MS; played <= PLANNED_MS; played += FRAME_MS) {
                account_frame(&account, played, governed_frame_zero());
                assert_true(account_covered(&account));
                assert_true(account.durable_ms >= played + ACCOUNT_CUT_OFF_MS);
                assert_true(account.durable_ms <= PLANNED_MS + ACCOUNT_CUT_OFF_MS);
                if (!account_due(&account))
                        continue;
                account_entered(&account, account_charge(&account).charged_ms, ++ticket);
                account_durable(&account, ticket);
                n++;
        }
        /* Not so often that it wears a disk. */
        assert_in_range(n, 30, 70);
        assert_int_equal(account_settle(&account, ACCOUNT_AT_REST).charged_ms, PLANNED_MS);
}

static void nothing_is_covered_before_the_disk_has_it(void **state)
{
        Account account;

        account_init(&account, reference(), PLANNED_MS);
        assert_false(account_covered(&account));
        assert_true(account_due(&account));
        account_entered(&account, account_charge(&account).charged_ms, 7);
        assert_false(account_covered(&account));
        assert_false(account_due(&account));
        account_durable(&account, 6);
        assert_false(account_covered(&account));
        account_durable(&account, 8);
        assert_true(account_covered(&account));
}

/* SR-LEDGER: A disk that hangs: what was charged is played, and not a frame more. */
static void a_disk_that_hangs_ends_the_cover(void **state)
{
        Account account = begun(PLANNED_MS);
        uint32_t played = 0;

        while (account_covered(&account) && played < PLANNED_MS) {
                played += FRAME_MS;
                account_frame(&account, played, governed_frame_zero());
                if (account_due(&account))
                        account_entered(&account, account_charge(&account).charged_ms, 2);
        }
        assert_in_range(played, ACCOUNT_LOW_MS, ACCOUNT_AHEAD_MS + FRAME_MS);
        /* It comes back: the late word counts. */
        account_durable(&account, 2);
        assert_true(account_covered(&account));
}

static void a_short_session_charges_no_more_than_itself_and_the_cut_off(void **state)
{
        Account account = begun(5000);

        assert_int_equal(account.durable_ms, 5000 + ACCOUNT_CUT_OFF_MS);
        assert_false(account_due(&account));
}

/* Levels times time, each at the zone nearest to its actuator. */
static void doses_add_up_zone_by_zone(void **state)
{
        const Layout *layout = reference();
        Governor *g = governor_new(layout, &limits_hard);
        uint64_t all = 0, below = 0, sum = 0;
        Account account;
        EntryDose dose;

        assert_non_null(g);
        account_init(&account, layout, PLANNED_MS);
        for (uint32_t played = FRAME_MS; played <= 10000; played += FRAME_MS) {
                const GovernedFrame *frame = govern(g, played);

                account_frame(&account, played, frame);
                for (unsigned i = 0; i < layout->n_actuators; i++) {
                        unsigned done = governed_frame_level(frame, i) * FRAME_MS;

                        all += done;
                        if (layout->actuators[i].place.height_mm < -50)
                                below += done;
                }
        }
        governor_free(g);

        dose = account_settle(&account, ACCOUNT_AT_REST);
        for (Zone zone = 0; zone < _ZONE_MAX; zone++)
                sum += dose.zone_permille_s[zone];
        assert_in_range(sum, all / 1000 - _ZONE_MAX, all / 1000);
        assert_true(below > 0);
        assert_int_equal(dose.zone_permille_s[ZONE_KNEE_BELOW], below / 1000);
        assert_int_equal(dose.heated_ms, HEAT_MS);
        assert_int_equal(dose.played_ms, 10000);
}

/* A session that tells less than before, or wraps, gives nothing back. */
static void time_does_not_go_back(void **state)
{
        Account account = begun(PLANNED_MS);

        assert_int_equal(account_settle(&account, ACCOUNT_UNSEEN).charged_ms, 0);
        account_frame(&account, 9000, governed_frame_zero());
        account_frame(&account, 20, governed_frame_zero());
        assert_int_equal(account_settle(&account, ACCOUNT_AT_REST).charged_ms, 9000);
        assert_int_equal(account_settle(&account, ACCOUNT_UNSEEN).charged_ms,
                        9000 + ACCOUNT_CUT_OFF_MS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_charge_is_ahead_of_what_is_played_all_the_way),
                cmocka_unit_test(nothing_is_covered_before_the_disk_has_it),
                cmocka_unit_test(a_disk_that_hangs_ends_the_cover),
                cmocka_unit_test(a_short_session_charges_no_more_than_itself_and_the_cut_off),
                cmocka_unit_test(doses_add_up_zone_by_zone),
                cmocka_unit_test(time_does_not_go_back),
        };

        return cmocka_run_group_tests(tests, make_layouts, NULL);
}
