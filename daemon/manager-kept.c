/* SPDX-License-Identifier: MIT */
/* What is remembered of a massager while it is unplugged, and, of what a person stopped, while
 * kneed is not there. */
#include <stdio.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/manager-private.h"

static bool same_place(const Place *a, const Place *b)
{
        return a->known == b->known && a->angle_deg == b->angle_deg && a->height_mm == b->height_mm;
}

/* Member by member: what lies between members is nobody's. */
static bool same_parts(const Layout *a, const Layout *b)
{
        if (a->n_actuators != b->n_actuators || a->n_heaters != b->n_heaters)
                return false;

        for (unsigned i = 0; i < a->n_actuators; i++)
                if (!same_place(&a->actuators[i].place, &b->actuators[i].place) ||
                                a->actuators[i].current_ma != b->actuators[i].current_ma ||
                                a->actuators[i].frequency_min_hz !=
                                                b->actuators[i].frequency_min_hz ||
                                a->actuators[i].frequency_max_hz !=
                                                b->actuators[i].frequency_max_hz)
                        return false;
        for (unsigned i = 0; i < a->n_heaters; i++)
                if (!same_place(&a->heaters[i].place, &b->heaters[i].place) ||
                                a->heaters[i].current_ma != b->heaters[i].current_ma)
                        return false;

        return true;
}

bool manager_same_layout(const Layout *a, const Layout *b)
{
        return a->budget_ma == b->budget_ma && same_parts(a, b);
}

static Massager *user_of(const Manager *manager, const Kept *kept)
{
        for (size_t i = 0; kept->governor && i < manager->n_massagers; i++)
                if (massager_governor(manager->massagers[i]) == kept->governor)
                        return manager->massagers[i];

        return NULL;
}

/* One that a person has stopped is remembered for longer than one that only has worked. */
static bool may_go_before(const Kept *a, const Kept *b)
{
        bool a_is_latched = a->latched != ENTRY_LATCH_CLEARED;
        bool b_is_latched = b->latched != ENTRY_LATCH_CLEARED;

        return a_is_latched == b_is_latched ? a->seen_ms < b->seen_ms : b_is_latched;
}

/* The place of that massager, or the one that is needed least. */
static Kept *find_kept(Manager *manager, const char *id)
{
        Kept *least = NULL;

        for (size_t i = 0; i < MANAGER_KEPT_MAX; i++) {
                Kept *kept = &manager->kept[i];

                if (streq(kept->id, id))
                        return kept;
                if ((!least || may_go_before(kept, least)) && !user_of(manager, kept))
                        least = kept;
        }

        governor_free(least->governor);
        *least = (Kept){ .unplugged = true };
        (void) snprintf(least->id, sizeof(least->id), "%s", id);
        return least;
}

static GovernorLatch cause_of(EntryLatchCause cause)
{
        return cause == ENTRY_LATCH_PAIN        ? GOVERNOR_LATCH_PAIN
               : cause == ENTRY_LATCH_EMERGENCY ? GOVERNOR_LATCH_EMERGENCY
                                                : GOVERNOR_LATCH_NONE;
}

static EntryLatchCause entry_of(GovernorLatch cause)
{
        return cause == GOVERNOR_LATCH_PAIN        ? ENTRY_LATCH_PAIN
               : cause == GOVERNOR_LATCH_EMERGENCY ? ENTRY_LATCH_EMERGENCY
                                                   : ENTRY_LATCH_CLEARED;
}

/* SR-CLEAR: Pulling the plug is deliberate enough to release what the massager itself latched,
 * unless it is hot. What a person latched it does not release: the plug may have been shaken. */
static void release(Governor *governor)
{
        if (!governor_is_persons(governor_latched(governor)))
                (void) governor_clear(governor);
}

/* One that calls itself the same and has other parts begins anew, but for its latch. */
static void make_governor(Kept *kept, const Layout *layout, const Limits *limits)
{
        GovernorLatch cause = kept->governor ? governor_latched(kept->governor)
                                             : cause_of(kept->latched);

        governor_free(kept->governor);
        kept->layout = *layout;
        kept->governor = governor_new(layout, limits);
        if (kept->governor)
                governor_latch(kept->governor, cause);
}

/* What it may draw can be another: that is for its supply and its port to say. */
Governor *manager_kept_governor(void *userdata, const Massager *m, const Layout *layout)
{
        Manager *manager = userdata;
        Kept *kept = find_kept(manager, massager_id(m));

        if (!kept->governor || !same_parts(&kept->layout, layout))
                make_governor(kept, layout, &manager->config->limits);
        if (!kept->governor)
                return NULL;

        governor_set_budget(kept->governor, layout->budget_ma);
        if (kept->unplugged)
                release(kept->governor);
        kept->unplugged = false;
        kept->seen_ms = clock_now_ms();
        return kept->governor;
}

static Kept *kept_of(Manager *manager, const Massager *m)
{
        for (size_t i = 0; massager_governor(m) && i < MANAGER_KEPT_MAX; i++)
                if (manager->kept[i].governor == massager_governor(m))
                        return &manager->kept[i];

        return NULL;
}

void manager_keep_gone(Manager *manager, const Massager *m, TransportGone how)
{
        Kept *kept = kept_of(manager, m);

        if (kept)
                kept->unplugged = how == TRANSPORT_UNPLUGGED;
}

static bool has_fault(const Massager *m)
{
        GovernorLatch cause = governor_latched(massager_governor(m));

        return massager_state(m) == MASSAGER_FAULTY ||
               (massager_state(m) == MASSAGER_LATCHED && !governor_is_persons(cause));
}

/* SR-CLEAR: Each once, when it comes; and what a person stopped and cleared. */
void manager_keep(Manager *manager, const Massager *m)
{
        Kept *kept = kept_of(manager, m);
        EntryLatchCause latched;
        bool faulty;

        if (!kept)
                return;

        faulty = has_fault(m);
        if (faulty && !kept->faulty)
                manager_enter_fault(manager, m);
        kept->faulty = faulty;

        if (!manager->latches_known)
                return;
        latched = entry_of(governor_latched(kept->governor));
        if (latched != kept->latched)
                manager_enter_latch(manager, m, latched);
        kept->latched = latched;
}

/* They come in the order in which they happened, so that the last one holds. */
void manager_keep_latched(Manager *manager, const EntryLatch *latch)
{
        find_kept(manager, latch->massager)->latched = latch->cause;
}

/* SR-CLEAR: kneed was not there in between, be it that it crashed: that clears nothing. */
void manager_latch_again(Manager *manager)
{
        for (size_t i = 0; i < MANAGER_KEPT_MAX; i++) {
                Kept *kept = &manager->kept[i];
                Massager *m = user_of(manager, kept);

                if (!m)
                        continue;
                if (kept->latched != ENTRY_LATCH_CLEARED)
                        massager_latch(m, cause_of(kept->latched));
                manager_keep(manager, m);
        }
}

void manager_forget_kept(Manager *manager)
{
        for (size_t i = 0; i < MANAGER_KEPT_MAX; i++)
                governor_free(manager->kept[i].governor);
}
