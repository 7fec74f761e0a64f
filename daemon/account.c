/* SPDX-License-Identifier: MIT */
#include "daemon/account.h"

#include "common/macro.h"

#define MS_PER_S 1000u

/* An actuator whose place is not known counts to the first zone: the dose is there, wherever. */
static Zone nearest_zone(const Place *place)
{
        LegPoint at = { place->angle_deg, place->height_mm };
        Zone nearest = 0;

        for (Zone zone = 1; place->known && zone < _ZONE_MAX; zone++)
                if (leg_distance_mm(at, zone_place(zone)) <
                                leg_distance_mm(at, zone_place(nearest)))
                        nearest = zone;

        return nearest;
}

void account_init(Account *account, const Layout *layout, uint32_t planned_ms)
{
        *account = (Account){
                .n_actuators = MIN(layout->n_actuators, LAYOUT_ACTUATORS_MAX),
                .planned_ms = planned_ms,
        };
        for (unsigned i = 0; i < account->n_actuators; i++)
                account->zones[i] = nearest_zone(&layout->actuators[i].place);
}

void account_frame(Account *account, uint32_t played_ms, const GovernedFrame *frame)
{
        uint32_t dt_ms = played_ms > account->played_ms ? played_ms - account->played_ms : 0;

        account->played_ms = MAX(account->played_ms, played_ms);
        for (unsigned i = 0; i < account->n_actuators; i++)
                account->zone_permille_ms[account->zones[i]] += (uint64_t) governed_frame_level(
                                                                                frame, i) *
                                                                dt_ms;
        for (unsigned i = 0; i < LAYOUT_HEATERS_MAX; i++)
                if (governed_frame_setpoint_cc(frame, i) > 0) {
                        account->heated_ms += dt_ms;
                        break;
                }
}

static EntryDose dose(const Account *account, uint32_t charged_ms)
{
        EntryDose dose = {
                .charged_ms = charged_ms,
                .played_ms = account->played_ms,
                .heated_ms = account->heated_ms,
        };

        for (Zone zone = 0; zone < _ZONE_MAX; zone++)
                dose.zone_permille_s[zone] = (uint32_t) MIN(
                                account->zone_permille_ms[zone] / MS_PER_S, (uint64_t) UINT32_MAX);

        return dose;
}

/* No more than the whole, but for the massager's own cut-off. */
static uint32_t goal_ms(const Account *account)
{
        uint32_t ahead_ms = account->played_ms + ACCOUNT_AHEAD_MS;

        return MIN(ahead_ms, MAX(account->planned_ms, account->played_ms)) + ACCOUNT_CUT_OFF_MS;
}

bool account_due(const Account *account)
{
        return account->ticket == 0 && goal_ms(account) > account->entered_ms &&
               account->entered_ms < account->played_ms + ACCOUNT_LOW_MS;
}

/* SR-CRASH */
EntryDose account_charge(const Account *account)
{
        return dose(account, MAX(goal_ms(account), account->entered_ms));
}

void account_entered(Account *account, uint32_t charged_ms, uint64_t ticket)
{
        account->entered_ms = charged_ms;
        account->ticket = ticket;
}

void account_durable(Account *account, uint64_t ticket)
{
        if (account->ticket == 0 || ticket < account->ticket)
                return;

        account->durable_ms = account->entered_ms;
        account->ticket = 0;
}

/* SR-LEDGER */
bool account_covered(const Account *account)
{
        return account->played_ms + ACCOUNT_CUT_OFF_MS <= account->durable_ms;
}

EntryDose account_settle(const Account *account, AccountEnd end)
{
        uint32_t more_ms = end == ACCOUNT_UNSEEN && account->played_ms > 0 ? ACCOUNT_CUT_OFF_MS : 0;

        return dose(account, account->played_ms + more_ms);
}
