/* SPDX-License-Identifier: MIT */
/* What a run may be: from what was asked for to what will be played. */
#include "daemon/manager-private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/clock.h"

#define MS_PER_MINUTE      60000u
#define SECONDS_PER_MINUTE 60

int manager_refuse(RunRefusal *refusal, Refusal why, const char *format, ...)
{
        va_list ap;

        refusal->why = why;
        va_start(ap, format);
        (void) vsnprintf(refusal->sentence, sizeof(refusal->sentence), format, ap);
        va_end(ap);
        return -EPERM;
}

static int choose_massager(
                const Manager *manager, const char *id, Massager **ret, RunRefusal *refusal)
{
        if (manager->n_massagers == 0)
                return manager_refuse(refusal, REFUSAL_NO_MASSAGER,
                                "No massager is attached; plug one in.");

        if (!id) {
                if (manager->n_massagers > 1)
                        return manager_refuse(refusal, REFUSAL_AMBIGUOUS_MASSAGER,
                                        "Several massagers are attached; name one of: kneectl "
                                        "devices");
                *ret = manager->massagers[0];
                return 0;
        }

        for (size_t i = 0; i < manager->n_massagers; i++)
                if (streq(massager_id(manager->massagers[i]), id)) {
                        *ret = manager->massagers[i];
                        return 0;
                }

        return manager_refuse(refusal, REFUSAL_UNKNOWN_MASSAGER,
                        "No attached massager has that id; see the ids with: kneectl devices");
}

static int check_free(const Manager *manager, const Massager *m, Leg leg, RunRefusal *refusal)
{
        MassagerState state = massager_state(m);
        const Player *p;

        if (manager_player_on(manager, m))
                return manager_refuse(refusal, REFUSAL_MASSAGER_BUSY,
                                "A session is running on that massager; end it with: kneectl stop");

        /* Of a stop that is just being confirmed the session can wait for the end. */
        if (!massager_facts(m) || (state != MASSAGER_IDLE && state != MASSAGER_STOPPING))
                return manager_refuse(refusal, REFUSAL_MASSAGER_NOT_READY, "The massager is %s. %s",
                                massager_state_to_string(state),
                                massager_reason(m)[0] != '\0' ? massager_reason(m)
                                                              : "Try again in a moment.");

        for (size_t i = 0; (p = manager_player(manager, i)); i++)
                if (p->leg == leg && !p->told_ended)
                        return manager_refuse(refusal, REFUSAL_MASSAGER_BUSY,
                                        "Another massager is at work on the %s leg; end that "
                                        "session first, or use --leg.",
                                        leg_to_string(leg));

        return 0;
}

static int choose_routine(const Manager *manager, const RunRequest *request, Routine *ret,
                RunRefusal *refusal)
{
        unsigned most = manager->config->limits.session_minutes;
        unsigned minutes = request->has_minutes ? request->minutes : manager->config->minutes;
        const Routine *routine = config_find_routine(manager->config, request->routine);

        if (manager->config->n_routines == 0)
                return manager_refuse(refusal, REFUSAL_UNKNOWN_ROUTINE,
                                "There is no routine at all; install kneed's routines again.");
        if (!routine)
                return manager_refuse(refusal, REFUSAL_UNKNOWN_ROUTINE,
                                "There is no routine of that name; see them with: kneectl "
                                "routines");
        if (request->has_minutes && minutes == 0)
                return manager_refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "A session lasts from 1 to %u minutes.", most);

        *ret = *routine;
        if (minutes > most || (minutes == 0 && routine_duration_ms(ret) > most * MS_PER_MINUTE))
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "A session lasts at most %u minutes (session_minutes); choose "
                                "fewer with --minutes.",
                                most);
        if (minutes > 0 && routine_scale(ret, minutes * MS_PER_MINUTE) < 0)
                return manager_refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "The routine cannot be played in %u minutes; choose more.",
                                minutes);

        return 0;
}

/* SR-CUT-OFF */
static int check_routine(
                Manager *manager, const Routine *routine, const Massager *m, RunRefusal *refusal)
{
        const DeviceFacts *facts = massager_facts(m);
        unsigned step;
        Zone zone;

        if (facts->host_silence_ms == 0 && !manager->config->allow_without_cut_off)
                return manager_refuse(refusal, REFUSAL_UNSUITABLE_MASSAGER,
                                "This massager has no cut-off of its own, and kneed.conf no longer "
                                "allows such ones (allow_without_cut_off).");
        if (routine_check(routine, &facts->layout, &step, &zone) < 0)
                return manager_refuse(refusal, REFUSAL_UNSUITABLE_MASSAGER,
                                "This massager has no actuator near %s, where step %u (%s) "
                                "needs one; choose another routine.",
                                zone_name(zone), step + 1, routine->steps[step].technique->name);

        if (routine_duration_ms(routine) > facts->limits.session_minutes * MS_PER_MINUTE)
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "This kind of massager may work for at most %u minutes; choose "
                                "fewer with --minutes.",
                                facts->limits.session_minutes);
        if (routine_duration_ms(routine) > facts->session_cut_off_s * (uint64_t) MSEC_PER_S)
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "This massager switches itself off after %u minutes; choose fewer "
                                "with --minutes.",
                                facts->session_cut_off_s / 60);

        return manager_check_rendered(manager, routine, m, refusal);
}

static int choose_intensity(const Manager *manager, const RunRequest *request,
                const Routine *routine, unsigned *ret, RunRefusal *refusal)
{
        if (!request->has_intensity) {
                *ret = manager->config->intensity_percent > 0 ? manager->config->intensity_percent
                                                              : routine_peak_percent(routine);
                return 0;
        }

        if (request->intensity_percent < 1 || request->intensity_percent > 100)
                return manager_refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "Intensity goes from 1 to 100 percent of what the limits allow.");

        *ret = request->intensity_percent;
        return 0;
}

/* SR-PAIN: A score that is too high for a start is told all the same: it counts for what is wished
 * next, and for how it goes. */
static int check_pain(Manager *manager, const RunRequest *request, Leg leg, RunRefusal *refusal)
{
        PainReport report = { .leg = leg, .when = PAIN_BEFORE };

        if (!request->has_pain)
                return 0;
        if (request->pain > PAIN_MAX)
                return manager_refuse(refusal, REFUSAL_OUT_OF_RANGE,
                                "Pain goes from 0 (none) to %d (the worst).", PAIN_MAX);
        if (request->pain < PAIN_STOP)
                return 0;

        report.score = (int) request->pain;
        (void) manager_report_pain(manager, &report, refusal);
        return manager_refuse(refusal, REFUSAL_PAIN_TOO_HIGH,
                        "It hurts too much for a massage now; let it rest, and see a doctor if it "
                        "stays like this.");
}

/* What config and the massager allow was looked at before: a session_minutes that binds here is
 * lower because of what was answered. */
static int refuse_length(const PersonVerdict *verdict, RunRefusal *refusal)
{
        unsigned minutes = verdict->dose_left_ms / MS_PER_MINUTE;

        switch (verdict->bound) {
        case PERSON_BOUND_DAY:
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "Only %u of the %u minutes of this leg in 24 hours are left "
                                "(day_minutes); choose fewer with --minutes.",
                                minutes, verdict->limits.day_minutes);
        case PERSON_BOUND_BOUT:
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "Only %u of the %u minutes of a session are left without a rest "
                                "(session_minutes); choose fewer with --minutes, or let the leg "
                                "rest for %d minutes.",
                                minutes, verdict->limits.session_minutes,
                                PERSON_REST_S / SECONDS_PER_MINUTE);
        default:
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "With what you answered to the questions a session lasts at most "
                                "%u minutes (session_minutes); choose fewer with --minutes.",
                                verdict->limits.session_minutes);
        }
}

/* SR-SCREENING, SR-DAY: The person's side: what was done and felt before, and what the screening
 * says. */
static int check_person(const Manager *manager, const RunRequest *request, PlayerOrder *order,
                RunRefusal *refusal)
{
        uint32_t duration_ms = routine_duration_ms(&order->routine);
        PersonVerdict verdict;
        int r;

        r = manager_judge_leg(
                        manager, order->leg, &order->limits, order->pain_before, &verdict, refusal);
        if (r < 0)
                return r;
        if (duration_ms > verdict.dose_left_ms)
                return refuse_length(&verdict, refusal);

        if (!request->nothing_new)
                return manager_refuse(refusal, REFUSAL_SCREENING_NEEDED,
                                "Say first whether anything is new since the screening: "
                                "kneectl run %s --nothing-new, or answer anew: kneectl screen",
                                order->routine.name);

        order->limits = verdict.limits;
        order->permit = (SessionPermit){
                .screening = verdict.screening,
                .experience = verdict.experience,
                .dose_left_ms = verdict.dose_left_ms,
        };
        return 0;
}

static int make_order(
                Manager *manager, const RunRequest *request, PlayerOrder *ret, RunRefusal *refusal)
{
        int r;

        *ret = (PlayerOrder){
                .leg = request->leg == _LEG_INVALID ? manager->config->leg : request->leg,
                .leased = request->leased,
                .config = manager->config,
                .limits = manager->config->limits,
                .pain_before = request->has_pain ? (int) request->pain : PAIN_UNKNOWN,
        };

        r = choose_routine(manager, request, &ret->routine, refusal);
        if (r >= 0)
                r = choose_intensity(
                                manager, request, &ret->routine, &ret->intensity_percent, refusal);
        if (r >= 0)
                r = check_pain(manager, request, ret->leg, refusal);
        if (r >= 0)
                r = choose_massager(manager, request->device, &ret->massager, refusal);
        if (r >= 0)
                r = check_free(manager, ret->massager, ret->leg, refusal);
        if (r >= 0)
                r = check_routine(manager, &ret->routine, ret->massager, refusal);
        if (r < 0)
                return r;

        limits_tighten(&ret->limits, &massager_facts(ret->massager)->limits);
        return check_person(manager, request, ret, refusal);
}

/* SR-SESSION, SR-TIGHTEN */
int manager_run(Manager *manager, const RunRequest *request, Player **ret, RunRefusal *refusal)
{
        PlayerOrder order;
        Player *p;
        int r;

        if (manager->resting)
                return manager_refuse(refusal, REFUSAL_MASSAGER_NOT_READY,
                                "The computer is about to sleep or to shut down; start again "
                                "afterwards.");

        r = make_order(manager, request, &order, refusal);
        if (r < 0)
                return r;
        if (manager->n_players == MANAGER_MASSAGERS_MAX)
                return -ENOMEM;

        order.id = ++manager->last_session_id;
        r = player_new(manager->event, &order, &manager_player_listener, manager, &p);
        if (r < 0)
                return r;

        manager->players[manager->n_players++] = p;
        manager->listener->session_added(manager->userdata, p);
        manager_tell_news(manager);
        manager_enter_begin(manager, p);
        *ret = p;
        return 0;
}
