/* SPDX-License-Identifier: MIT */
/* SR-OFFER: An offer is made once, and nothing comes of it but by an answer. */
#include "daemon/offers.h"
#include "tests/unit/schedule-world.h"

/* A day in Berlin with one entry at 07:30, whose offer stands for two hours. */
typedef struct World {
        Offers offers;
        ScheduleEntry entry;
        OffersNow now;
        int32_t day;
        unsigned n_changed;
        Offer last;
        OfferState before;
} World;

static void on_changed(void *userdata, const Offer *offer, OfferState before)
{
        World *world = userdata;

        world->n_changed++;
        world->last = *offer;
        world->before = before;
}

static const OffersListener listener = { .changed = on_changed };

static int setup(void **state)
{
        static World world;

        world = (World){ .entry = daily_at("morning", AT(7, 30), 120), .day = day_of(2027, 5, 4) };
        world.now = (OffersNow){ .entries = &world.entry, .n_entries = 1, .zone = &berlin };
        *state = &world;
        return 0;
}

/* The clock says that on the day. Returns how many offers changed. */
static unsigned at(World *world, uint16_t minute)
{
        unsigned before = world->n_changed;

        world->now.now_s = calendar_moment(&berlin, world->day, minute);
        offers_update(&world->offers, &world->now, &listener, world);
        return world->n_changed - before;
}

static const Offer *standing(World *world)
{
        char id[SCHEDULE_ID_MAX + 1];
        ScheduleKey key = { .name = "morning", .day = world->day, .minute = AT(7, 30) };

        schedule_key_id(&key, id);
        return offers_find(&world->offers, id);
}

static void answer(World *world, OfferState state, uint16_t until_minute)
{
        const OfferAnswer a = {
                .key = { .name = "morning", .day = world->day, .minute = AT(7, 30) },
                .state = state,
                .until_s = calendar_moment(&berlin, world->day, until_minute),
        };

        offers_answer(&world->offers, &a);
}

static void an_offer_is_made_when_it_is_due_and_once(void **state)
{
        World *world = *state;

        assert_int_equal(at(world, AT(7, 29)), 0);
        assert_null(standing(world));
        assert_int_equal(at(world, AT(7, 30)), 1);
        assert_int_equal(world->before, _OFFER_STATE_INVALID);
        assert_non_null(standing(world));
        assert_int_equal(standing(world)->state, OFFER_PENDING);
        assert_int_equal(at(world, AT(8, 0)), 0);
        assert_int_equal(at(world, AT(9, 29)), 0);
        assert_int_equal(at(world, AT(9, 30)), 1);
        assert_int_equal(world->last.state, OFFER_EXPIRED);
        assert_null(standing(world));
        assert_int_equal(at(world, AT(9, 31)), 0);

        world->day++;
        assert_int_equal(at(world, AT(7, 30)), 1);
}

static void what_was_missed_is_offered_late_within_its_window(void **state)
{
        World *world = *state;

        assert_int_equal(at(world, AT(6, 0)), 0);
        assert_int_equal(at(world, AT(9, 29)), 1); /* asleep, or the clock was set forward */
        assert_non_null(standing(world));

        world->day++;
        assert_int_equal(at(world, AT(9, 30)), 1); /* only that yesterday's has expired */
        assert_int_equal(world->last.state, OFFER_EXPIRED);
        assert_null(standing(world));
}

static void what_was_answered_does_not_come_again(void **state)
{
        static const OfferState answers[] = { OFFER_DECLINED, OFFER_ACCEPTED };
        World *world = *state;

        for (size_t i = 0; i < ELEMENTSOF(answers); i++, world->day++) {
                assert_int_equal(at(world, AT(7, 30)), 1);
                answer(world, answers[i], 0);
                assert_null(standing(world));
                assert_int_equal(at(world, AT(8, 0)), 0);
                assert_int_equal(at(world, AT(6, 0)), 0); /* the clock is set back */
                assert_int_equal(at(world, AT(7, 30)), 0);
                assert_null(standing(world));
        }
}

static void what_has_expired_does_not_come_again(void **state)
{
        World *world = *state;

        assert_int_equal(at(world, AT(7, 30)), 1);
        assert_int_equal(at(world, AT(9, 30)), 1);
        assert_int_equal(at(world, AT(7, 30)), 0);
        assert_null(standing(world));
}

/* As after a restart: the answer is in the ledger, and nothing else is known. */
static void an_answer_from_the_ledger_counts(void **state)
{
        World *world = *state;

        answer(world, OFFER_DECLINED, 0);
        assert_int_equal(at(world, AT(7, 30)), 0);
        assert_null(standing(world));

        world->day++;
        answer(world, OFFER_SNOOZED, AT(8, 0));
        assert_int_equal(at(world, AT(7, 45)), 1);
        assert_int_equal(standing(world)->state, OFFER_SNOOZED);
        assert_int_equal(at(world, AT(8, 0)), 1);
        assert_int_equal(standing(world)->state, OFFER_PENDING);
}

static void a_snooze_ends_with_its_time_or_with_the_offer(void **state)
{
        World *world = *state;

        (void) at(world, AT(7, 30));
        answer(world, OFFER_SNOOZED, AT(7, 40));
        assert_int_equal(at(world, AT(7, 39)), 0);
        assert_int_equal(standing(world)->state, OFFER_SNOOZED);
        assert_int_equal(offers_next_s(&world->offers, &world->now), world->now.now_s + MINUTE_S);
        assert_int_equal(at(world, AT(7, 40)), 1);
        assert_int_equal(world->before, OFFER_SNOOZED);
        assert_int_equal(standing(world)->state, OFFER_PENDING);

        answer(world, OFFER_SNOOZED, AT(9, 45));
        assert_int_equal(at(world, AT(9, 30)), 1);
        assert_int_equal(world->last.state, OFFER_EXPIRED);
}

/* A zone further east: there it is later, and the same offer has expired. Further west it is not
 * due yet, and must not be made twice. */
static void another_time_zone_makes_no_second_offer(void **state)
{
        static const CalendarZone tokyo = { .offset_s = 9 * HOUR_S };
        static const CalendarZone new_york = { .offset_s = -4 * HOUR_S };
        World *world = *state;

        (void) at(world, AT(7, 30));
        answer(world, OFFER_DECLINED, 0);
        world->now.zone = &new_york;
        world->now.now_s = calendar_moment(&new_york, world->day, AT(7, 30));
        offers_update(&world->offers, &world->now, &listener, world);
        assert_int_equal(world->n_changed, 1);

        world->day++;
        world->now.zone = &berlin;
        assert_int_equal(at(world, AT(7, 30)), 1);
        world->now.zone = &tokyo;
        offers_update(&world->offers, &world->now, &listener, world);
        assert_int_equal(world->last.state, OFFER_EXPIRED);
}

static void a_limit_holds_an_offer_back_as_long_as_it_forbids(void **state)
{
        World *world = *state;
        int64_t *held_until_s = &world->now.held_until_s[LEG_LEFT];

        *held_until_s = calendar_moment(&berlin, world->day, AT(8, 0));
        assert_int_equal(at(world, AT(7, 30)), 1);
        assert_int_equal(world->last.state, OFFER_WAITING);
        assert_null(standing(world));
        assert_int_equal(offers_next_s(&world->offers, &world->now), *held_until_s);
        assert_int_equal(at(world, AT(8, 0)), 1);
        assert_non_null(standing(world));

        /* Somebody ran something else meanwhile. */
        *held_until_s = INT64_MAX;
        assert_int_equal(at(world, AT(8, 1)), 1);
        assert_null(standing(world));
        *held_until_s = 0;
        assert_int_equal(at(world, AT(8, 2)), 1);
        assert_non_null(standing(world));

        *held_until_s = INT64_MAX;
        world->day++;
        assert_int_equal(at(world, AT(7, 30)), 2); /* yesterday's has expired */
        assert_int_equal(at(world, AT(9, 30)), 1);
        assert_int_equal(world->last.state, OFFER_EXPIRED);
}

static void the_other_leg_is_not_held_back(void **state)
{
        World *world = *state;

        world->now.held_until_s[LEG_RIGHT] = INT64_MAX;
        assert_int_equal(at(world, AT(7, 30)), 1);
        assert_non_null(standing(world));
}

static void an_entry_that_is_gone_ends_its_offer(void **state)
{
        World *world = *state;

        (void) at(world, AT(7, 30));
        world->now.n_entries = 0;
        assert_int_equal(at(world, AT(7, 31)), 1);
        assert_int_equal(world->last.state, OFFER_EXPIRED);
        assert_int_equal(offers_next_s(&world->offers, &world->now), INT64_MAX);
}

static bool is_unattended(World *world)
{
        Offer offer;

        return offers_take_unattended(&world->offers, &offer);
}

/* By itself starts only what is due right now, and the first time that it is seen. */
static void only_what_is_on_time_is_unattended(void **state)
{
        World *world = *state;

        assert_int_equal(at(world, AT(7, 30)), 1);
        assert_false(is_unattended(world)); /* the entry does not say so */

        world->entry.unattended = true;
        world->day++;
        (void) at(world, AT(7, 30));
        assert_true(is_unattended(world));
        assert_false(is_unattended(world)); /* once */
        answer(world, OFFER_SNOOZED, AT(7, 31));
        (void) at(world, AT(7, 31));
        assert_false(is_unattended(world)); /* not after a snooze */

        world->day++;
        (void) at(world, AT(7, 31));
        assert_false(is_unattended(world)); /* not late */

        world->day++;
        world->now.held_until_s[LEG_LEFT] = calendar_moment(&berlin, world->day, AT(7, 30)) + 5;
        (void) at(world, AT(7, 30));
        assert_false(is_unattended(world)); /* not after it was held back */
        world->now.held_until_s[LEG_LEFT] = 0;
        (void) at(world, AT(7, 30));
        assert_false(is_unattended(world));

        world->day++;
        answer(world, OFFER_SNOOZED, AT(7, 30)); /* as before a restart */
        (void) at(world, AT(7, 30));
        assert_non_null(standing(world));
        assert_false(is_unattended(world));
}

/* As in Newfoundland until 2011: at 00:01 it was 23:01 again, of the day before. */
static void a_day_that_ends_twice_loses_no_offer(void **state)
{
        World *world = *state;
        int64_t change_s = day_of(2009, 11, 1) * INT64_C(86400) + 2 * HOUR_S + 31 * MINUTE_S;
        const CalendarZone newfoundland = {
                .offset_s = -2 * HOUR_S - 30 * MINUTE_S,
                .n = 1,
                .changes = { { change_s, -3 * HOUR_S - 30 * MINUTE_S } },
        };

        world->entry.times[0] = AT(0, 0);
        world->now.zone = &newfoundland;
        /* Switched on when it is the day before once more. */
        for (int minute = 10; minute < 119; minute++) {
                world->now.now_s = change_s + minute * MINUTE_S;
                offers_update(&world->offers, &world->now, &listener, world);
                assert_int_equal(world->n_changed, 1);
        }
        assert_int_equal(calendar_local(&newfoundland, change_s, NULL), day_of(2009, 10, 31));
        assert_int_equal(world->last.key.day, day_of(2009, 11, 1));
        assert_int_equal(world->last.state, OFFER_PENDING);
}

static void what_is_answered_starts_nothing_by_itself(void **state)
{
        World *world = *state;

        world->entry.unattended = true;
        (void) at(world, AT(7, 30));
        answer(world, OFFER_DECLINED, 0);
        assert_false(is_unattended(world));
}

static void the_oldest_are_forgotten(void **state)
{
        World *world = *state;

        for (unsigned i = 0; i < 2 * OFFERS_MAX; i++, world->day++)
                answer(world, OFFER_DECLINED, 0);
        assert_int_equal(world->offers.n, OFFERS_MAX);
        world->day--;
        assert_int_equal(at(world, AT(7, 30)), 0);
        world->day -= (int32_t) OFFERS_MAX - 1;
        assert_int_equal(at(world, AT(7, 30)), 0);
        world->day--;
        assert_int_equal(at(world, AT(7, 30)), 1);
}

static void states_have_names(void **state)
{
        for (OfferState s = 0; s < _OFFER_STATE_MAX; s++)
                assert_int_equal(offer_state_from_string(offer_state_to_string(s)), s);
        assert_int_equal(offer_state_from_string("perhaps"), _OFFER_STATE_INVALID);
        assert_null(offer_state_to_string(_OFFER_STATE_INVALID));
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(an_offer_is_made_when_it_is_due_and_once),
                TEST(what_was_missed_is_offered_late_within_its_window),
                TEST(what_was_answered_does_not_come_again),
                TEST(what_has_expired_does_not_come_again),
                TEST(an_answer_from_the_ledger_counts),
                TEST(a_snooze_ends_with_its_time_or_with_the_offer),
                TEST(another_time_zone_makes_no_second_offer),
                TEST(a_limit_holds_an_offer_back_as_long_as_it_forbids),
                TEST(the_other_leg_is_not_held_back),
                TEST(an_entry_that_is_gone_ends_its_offer),
                TEST(only_what_is_on_time_is_unattended),
                TEST(a_day_that_ends_twice_loses_no_offer),
                TEST(what_is_answered_starts_nothing_by_itself),
                TEST(the_oldest_are_forgotten),
                TEST(states_have_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
