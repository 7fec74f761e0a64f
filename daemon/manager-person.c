/* SPDX-License-Identifier: MIT */
/* The person's side of the manager: what the history allows, and what is entered into it. */
#include "daemon/manager-private.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "daemon/log.h"

#define MS_PER_MINUTE 60000u
#define USEC_PER_S    1000000u
#define TIME_TEXT_MAX 64u
#define UNTIL_MAX     (TIME_TEXT_MAX + 16u)

/* "14:35 on 26 November", by the local calendar. */
static bool write_time(const Manager *manager, int64_t at_s, char ret[static TIME_TEXT_MAX])
{
        time_t wall_s = (time_t) (history_wall_usec(manager->history, at_s) / USEC_PER_S);
        struct tm tm;

        return localtime_r(&wall_s, &tm) &&
               strftime(ret, TIME_TEXT_MAX, "%H:%M on %-d %B", &tm) > 0;
}

static const char *until_text(const Manager *manager, int64_t until_s, char ret[static UNTIL_MAX])
{
        char time[TIME_TEXT_MAX];
        bool known = write_time(manager, until_s, time);

        (void) snprintf(ret, UNTIL_MAX, "%s%s", known ? "until " : "for now", known ? time : "");
        return ret;
}

/* SR-PAIN */
static int explain_pain(const Manager *manager, const PersonVerdict *verdict, RunRefusal *refusal)
{
        char told[TIME_TEXT_MAX];
        bool known = write_time(manager, verdict->until_s - PAIN_START_S, told);

        return manager_refuse(refusal, REFUSAL_PAIN_TOO_HIGH,
                        "This leg hurt %u of 10 %s%s, which is too much for a massage; let it "
                        "rest, "
                        "and tell with kneectl pain when it hurts less.",
                        verdict->value, known ? "at " : "lately", known ? told : "");
}

static int explain_closed(const Manager *manager, const PersonVerdict *verdict, RunRefusal *refusal)
{
        char until[UNTIL_MAX];

        (void) until_text(manager, verdict->until_s, until);
        switch (verdict->refusal) {
        case PERSON_HISTORY_LOST:
                return manager_refuse(refusal, REFUSAL_LEG_CLOSED,
                                "What was done and felt before is lost, so both legs rest %s; the "
                                "damaged ledger was set aside.",
                                until);
        case PERSON_CLOSED_BY_PAIN:
                return manager_refuse(refusal, REFUSAL_LEG_CLOSED,
                                "It hurt too much, so this leg rests %s; see a doctor if it does "
                                "not settle.",
                                until);
        case PERSON_CLOSED_BY_MORNING:
                return manager_refuse(refusal, REFUSAL_LEG_CLOSED,
                                "It was worse the morning after, so this leg rests %s.", until);
        case PERSON_HURTS:
                return explain_pain(manager, verdict, refusal);
        case PERSON_RESTING:
                return manager_refuse(refusal, REFUSAL_RESTING,
                                "After a session the leg rests for %u minutes, %s.", verdict->value,
                                until);
        case PERSON_DAY_SESSIONS:
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "This leg had its %u sessions in 24 hours (day_sessions); it rests "
                                "%s.",
                                verdict->value, until);
        default:
                return manager_refuse(refusal, REFUSAL_LIMIT_EXCEEDED,
                                "This leg had its %u minutes in 24 hours (day_minutes); it rests "
                                "%s.",
                                verdict->value, until);
        }
}

int manager_explain(const Manager *manager, const PersonVerdict *verdict, RunRefusal *refusal)
{
        switch (verdict->refusal) {
        case PERSON_MAY:
                return 0;
        case PERSON_NOT_SCREENED:
                return manager_refuse(refusal, REFUSAL_SCREENING_NEEDED,
                                "A few questions come before the first session; answer them with: "
                                "kneectl screen");
        case PERSON_SCREENING_EXPIRED:
                return manager_refuse(refusal, REFUSAL_SCREENING_NEEDED,
                                "The answers to the questions are more than 30 days old, or may be "
                                "by the clock of this computer; answer them anew with: kneectl "
                                "screen");
        case PERSON_SCREENING_FORBIDS:
                return manager_refuse(refusal, REFUSAL_SCREENING_FORBIDS, "No massage for now. %s",
                                verdict->question->advice);
        case PERSON_SCREENING_NEEDS_ADVICE:
                return manager_refuse(refusal, REFUSAL_ADVICE_NEEDED,
                                "Ask a professional first. %s Then answer with: kneectl screen",
                                verdict->question->advice);
        default:
                return explain_closed(manager, verdict, refusal);
        }
}

/* SR-LEDGER */
static int check_ledger(const Manager *manager, RunRefusal *refusal)
{
        switch (history_state(manager->history)) {
        case LEDGER_READY:
                return 0;
        case LEDGER_OPENING:
                return manager_refuse(refusal, REFUSAL_LEDGER_UNAVAILABLE,
                                "What was done before is still being read; try again in a moment.");
        default:
                history_retry(manager->history);
                return manager_refuse(refusal, REFUSAL_LEDGER_UNAVAILABLE, "%s",
                                history_reason(manager->history));
        }
}

int manager_judge_leg(const Manager *manager, Leg leg, const Limits *limits, int pain,
                PersonVerdict *ret, RunRefusal *refusal)
{
        int r;

        r = check_ledger(manager, refusal);
        if (r < 0)
                return r;

        person_judge(history_person(manager->history), leg, history_now_s(manager->history), limits,
                        pain, ret);
        return manager_explain(manager, ret, refusal);
}

int manager_look_at_leg(const Manager *manager, Leg leg, PersonVerdict *ret, RunRefusal *refusal)
{
        *ret = (PersonVerdict){ .refusal = PERSON_NOT_SCREENED };
        return manager_judge_leg(
                        manager, leg, &manager->config->limits, PAIN_UNKNOWN, ret, refusal);
}

ScreeningVerdict manager_screening_verdict(
                const Screening *screening, char ret[static MANAGER_SENTENCE_MAX])
{
        const ScreeningQuestion *question;
        ScreeningVerdict verdict = screening_judge(screening, &question, NULL);
        const char *before = "";

        if (verdict == SCREENING_FORBIDS)
                before = "No massage for now. ";
        else if (verdict == SCREENING_NEEDS_ADVICE)
                before = "Ask a professional first. ";
        else if (verdict == SCREENING_WARNS)
                before = "Massage is all right, with care: it stays weaker. ";

        (void) snprintf(ret, MANAGER_SENTENCE_MAX, "%s%s", before,
                        question && verdict != SCREENING_ALLOWS ? question->advice : "");
        return verdict;
}

/* Whether they allow the session as it was begun. */
static bool allow_as_it_is(const Screening *screening, const Session *session)
{
        Limits limits = session->limits, asked;
        ScreeningVerdict verdict = screening_judge(screening, NULL, &asked);

        limits_tighten(&limits, &asked);
        return verdict >= SCREENING_WARNS && memcmp(&limits, &session->limits, sizeof(limits)) == 0;
}

/* SR-SCREENING: A session keeps what it began with, so one that new answers would not have let
 * begin like that ends. */
static void end_what_is_not_allowed(const Manager *manager, const Screening *screening)
{
        for (size_t i = 0; i < manager->n_players; i++) {
                Player *p = manager->players[i];

                if (!p->told_ended && !allow_as_it_is(screening, &p->session))
                        player_stop(p, SESSION_END_SCREENING);
        }
}

int manager_screen(Manager *manager, const Screening *screening, RunRefusal *refusal)
{
        int r;

        if (screening_judge(screening, NULL, NULL) == SCREENING_INCOMPLETE)
                return -EINVAL;

        r = check_ledger(manager, refusal);
        if (r >= 0)
                r = history_enter(manager->history,
                                &(Entry){ .kind = ENTRY_SCREENED, .screening = *screening }, NULL);
        /* Also what could not be written down; but what is offered after an end is judged by it. */
        end_what_is_not_allowed(manager, screening);
        manager_update_offers(manager);
        return r == -ENOBUFS ? check_ledger(manager, refusal) : r;
}

static Player *find_player(const Manager *manager, Leg leg)
{
        for (size_t i = 0; i < manager->n_players; i++)
                if (manager->players[i]->leg == leg && !manager->players[i]->told_ended)
                        return manager->players[i];

        return NULL;
}

/* What is told while a session runs belongs to it, unless somebody says that it is of the morning
 * after the one before. What is told of before while none runs is of the next one, which has no
 * name yet. */
static EntryPain place_pain(const Manager *manager, const PainReport *report, const Player *p)
{
        const Person *person = history_person(manager->history);
        int64_t now_s = history_now_s(manager->history);
        EntryPain pain = { .leg = report->leg, .score = report->score };
        uint64_t due;

        pain.when = person_pain_when(person, report->leg, now_s, &pain.session);
        if (p) {
                pain.when = PAIN_DURING;
                pain.session = p->ledger_id;
        }
        if (report->when != _PAIN_WHEN_INVALID)
                pain.when = report->when;
        if (pain.when == PAIN_BEFORE && !p)
                pain.session = 0;
        due = person_morning_due(person, report->leg, now_s);
        if (pain.when == PAIN_MORNING && due != 0)
                pain.session = due;

        return pain;
}

static int enter_pain(Manager *manager, const EntryPain *pain)
{
        int r;

        r = history_enter(manager->history, &(Entry){ .kind = ENTRY_PAIN, .pain = *pain }, NULL);
        if (r < 0)
                log_error("What was told could not be written down: %s", strerror(-r));
        return r;
}

static const char *pain_sentence(const EntryPain *pain, bool worse)
{
        if (worse)
                return pain->action == PAIN_ACTION_STOP
                                       ? "The massage is stopped; it is worse than before, so this "
                                         "leg rests for two days, and see a doctor or "
                                         "physiotherapist if it stays like this."
                                       : "It is worse than before, so this leg rests for two days; "
                                         "see a doctor or physiotherapist if it stays like this.";
        if (pain->action == PAIN_ACTION_STOP)
                return "The massage is stopped, and this leg rests for a day; see a doctor if the "
                       "pain does not settle within an hour.";
        if (pain->action == PAIN_ACTION_EASE)
                return "The hand is gentler now and moves on; stop if it still hurts.";
        if (pain->when == PAIN_DURING && pain->score >= PAIN_STOP)
                return "It hurt too much, so this leg rests for a day; see a doctor if the pain "
                       "does not settle within an hour.";
        if (pain->score >= PAIN_STOP)
                return "That is too much pain for a massage, so let this leg rest; the next start "
                       "asks again, and see a doctor if it does not settle.";

        return "";
}

/* SR-PAIN, SR-MORNING: What happens now is a matter of the player; what it means for tomorrow, of
 * the history. Whatever it was told of, a leg that hurts is not massaged on, nor one that the
 * morning closes. */
int manager_report_pain(Manager *manager, PainReport *report, RunRefusal *refusal)
{
        Player *p = find_player(manager, report->leg);
        EntryPain pain = place_pain(manager, report, p);
        bool worse;
        int r;

        worse = pain.when == PAIN_MORNING &&
                person_is_worse_morning(history_person(manager->history), pain.leg, pain.session,
                                pain.score);
        if (p) {
                pain.action = player_pain(p, worse ? PAIN_MAX : pain.score);
        } else {
                r = check_ledger(manager, refusal);
                if (r < 0)
                        return r;
        }

        r = enter_pain(manager, &pain);
        manager_update_offers(manager);
        report->led = pain.action;
        if (r == -ENOBUFS && report->led == PAIN_ACTION_NONE)
                return check_ledger(manager, refusal);

        (void) snprintf(report->sentence, sizeof(report->sentence), "%s",
                        pain_sentence(&pain, worse));
        return 0;
}

/* SR-DELETE: A leg that rests for pain would not have to without it. */
static int check_closed(const Manager *manager, RunRefusal *refusal)
{
        const Person *person = history_person(manager->history);
        int64_t now_s = history_now_s(manager->history), until_s;
        char until[UNTIL_MAX];

        for (Leg leg = 0; leg < _LEG_MAX; leg++) {
                until_s = person_pain_until_s(person, leg);
                if (now_s < until_s)
                        return manager_refuse(refusal, REFUSAL_LEG_CLOSED,
                                        "The %s leg rests %s because of what is to be deleted; "
                                        "delete it then.",
                                        leg_to_string(leg), until_text(manager, until_s, until));
        }

        return 0;
}

int manager_may_delete(const Manager *manager, RunRefusal *refusal)
{
        int r;

        r = check_ledger(manager, refusal);
        if (r < 0)
                return r;
        for (Leg leg = 0; leg < _LEG_MAX; leg++)
                if (find_player(manager, leg))
                        return manager_refuse(refusal, REFUSAL_MASSAGER_BUSY,
                                        "A session is running; end it first with: kneectl stop");

        return check_closed(manager, refusal);
}

int manager_delete_history(Manager *manager, RunRefusal *refusal)
{
        int r;

        r = manager_may_delete(manager, refusal);
        if (r < 0)
                return r;

        log_fields(6, &(const LogFields){ .message_id = LOG_HISTORY_DELETED },
                        "The history was deleted.");
        return history_enter(manager->history, &(Entry){ .kind = ENTRY_DELETED }, NULL);
}

int manager_read_page(Manager *manager, int64_t after, LedgerPageRead read, void *userdata)
{
        return history_read_page(manager->history, after, read, userdata);
}

static Entry session_entry(const Player *p, EntryKind kind, EntryDose dose)
{
        Entry entry = {
                .kind = kind,
                .session = {
                        .id = p->ledger_id,
                        .leg = p->leg,
                        .planned_ms = session_duration_ms(&p->session),
                        .dose = dose,
                },
        };

        (void) snprintf(entry.session.routine, sizeof(entry.session.routine), "%s",
                        p->session.routine.name);
        (void) snprintf(entry.session.massager, sizeof(entry.session.massager), "%s",
                        massager_id(p->massager));
        (void) snprintf(entry.session.end, sizeof(entry.session.end), "%s",
                        session_end_to_string(p->session.end));
        return entry;
}

static void charge(Manager *manager, Player *p, EntryKind kind)
{
        EntryDose dose = account_charge(&p->account);
        Entry entry = session_entry(p, kind, dose);
        uint64_t ticket;

        if (history_enter(manager->history, &entry, &ticket) < 0)
                player_stop(p, SESSION_END_LEDGER);
        else
                account_entered(&p->account, dose.charged_ms, ticket);
}

/* SR-CRASH, SR-LEDGER */
void manager_enter_begin(Manager *manager, Player *p)
{
        p->ledger_id = history_person(manager->history)->last_id + 1;
        charge(manager, p, ENTRY_SESSION_BEGUN);
        if (p->pain_before == PAIN_UNKNOWN)
                return;

        (void) enter_pain(manager, &(EntryPain){
                                                   .session = p->ledger_id,
                                                   .leg = p->leg,
                                                   .when = PAIN_BEFORE,
                                                   .score = p->pain_before,
                                   });
}

/* A session lasts from its first to its last entry. After a long pause it goes on, and a crash must
 * not make the leg's rest begin before that. */
void manager_enter_resume(Manager *manager, Player *p)
{
        charge(manager, p, ENTRY_SESSION_CHARGED);
}

/* SR-CRASH, SR-LEDGER */
void manager_enter_frame(Manager *manager, Player *p, const GovernedFrame *frame)
{
        account_frame(&p->account, p->session.played_ms, frame);
        if (!account_covered(&p->account))
                player_stop(p, SESSION_END_LEDGER);
        else if (account_due(&p->account))
                charge(manager, p, ENTRY_SESSION_CHARGED);
}

static AccountEnd end_of(const Session *session)
{
        switch (session->end) {
        case SESSION_END_MASSAGER_GONE:
        case SESSION_END_MASSAGER_SILENT:
        case SESSION_END_MASSAGER_FAULT:
                return ACCOUNT_UNSEEN;
        default:
                return ACCOUNT_AT_REST;
        }
}

void manager_enter_end(Manager *manager, const Player *p)
{
        EntryDose dose = account_settle(&p->account, end_of(&p->session));
        Entry entry = session_entry(p, ENTRY_SESSION_ENDED, dose);

        if (p->ledger_id == 0)
                return;
        if (history_enter(manager->history, &entry, NULL) < 0)
                log_error("The end of session %u could not be written down; it counts in full.",
                                p->id);
}

void manager_enter_fault(Manager *manager, const Massager *m)
{
        Entry entry = { .kind = ENTRY_FAULT };

        (void) snprintf(entry.fault.massager, sizeof(entry.fault.massager), "%s", massager_id(m));
        (void) snprintf(entry.fault.what, sizeof(entry.fault.what), "%s", massager_reason(m));
        (void) history_enter(manager->history, &entry, NULL);
}

void manager_enter_latch(Manager *manager, const Massager *m, EntryLatchCause cause)
{
        Entry entry = { .kind = ENTRY_LATCH, .latch.cause = cause };

        (void) snprintf(entry.latch.massager, sizeof(entry.latch.massager), "%s", massager_id(m));
        (void) history_enter(manager->history, &entry, NULL);
}

static void on_durable(void *userdata, uint64_t ticket)
{
        Manager *manager = userdata;

        for (size_t i = 0; i < manager->n_players; i++) {
                Player *p = manager->players[i];

                account_durable(&p->account, ticket);
                if (!p->entered && !p->told_ended && account_covered(&p->account))
                        player_entered(p);
        }
}

/* A session that waits for the ledger to take it does not wait for ever. */
static void on_changed(void *userdata)
{
        Manager *manager = userdata;

        if (history_state(manager->history) == LEDGER_READY && !manager->latches_known) {
                manager->latches_known = true;
                manager_latch_again(manager);
        }
        if (history_state(manager->history) == LEDGER_BROKEN)
                for (size_t i = 0; i < manager->n_players; i++)
                        if (!manager->players[i]->entered)
                                player_stop(manager->players[i], SESSION_END_LEDGER);
        manager->listener->ledger_changed(manager->userdata);
        manager_update_offers(manager);
        manager_tell_news(manager);
}

static void on_answered(void *userdata, const OfferAnswer *answer)
{
        Manager *manager = userdata;

        offers_answer(manager->offers, answer);
}

static void on_latched(void *userdata, const EntryLatch *latch)
{
        manager_keep_latched(userdata, latch);
}

const HistoryListener manager_history_listener = {
        .durable = on_durable,
        .changed = on_changed,
        .answered = on_answered,
        .latched = on_latched,
};
