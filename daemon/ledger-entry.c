/* SPDX-License-Identifier: MIT */
/* What makes sense as an entry. */
#include "daemon/ledger-private.h"

static const char *const kinds[_ENTRY_KIND_MAX] = {
        [ENTRY_SESSION_BEGUN] = "session-begun",
        [ENTRY_SESSION_CHARGED] = "session-charged",
        [ENTRY_SESSION_ENDED] = "session-ended",
        [ENTRY_PAIN] = "pain",
        [ENTRY_SCREENED] = "screened",
        [ENTRY_FAULT] = "fault",
        [ENTRY_OFFER] = "offer",
        [ENTRY_LATCH] = "latch",
        [ENTRY_DAMAGED] = "damaged",
        [ENTRY_DELETED] = "deleted",
};

const char *ledger_kind_to_string(EntryKind kind)
{
        return kind < _ENTRY_KIND_MAX ? kinds[kind] : NULL;
}

static const char *const latch_causes[_ENTRY_LATCH_CAUSE_MAX] = {
        [ENTRY_LATCH_CLEARED] = "cleared",
        [ENTRY_LATCH_PAIN] = "pain",
        [ENTRY_LATCH_EMERGENCY] = "emergency",
};

const char *ledger_latch_cause_to_string(EntryLatchCause cause)
{
        return cause < _ENTRY_LATCH_CAUSE_MAX ? latch_causes[cause] : NULL;
}

static bool valid_time(int64_t s)
{
        return s >= -LEDGER_TIME_MAX_S && s <= LEDGER_TIME_MAX_S;
}

static bool valid_text(const char text[static ENTRY_TEXT_MAX + 1])
{
        return memchr(text, '\0', ENTRY_TEXT_MAX + 1) != NULL;
}

static bool valid_session(const EntrySession *session, EntryKind kind)
{
        return session->id > 0 && session->id <= LEDGER_NUMBER_MAX && leg_to_string(session->leg) &&
               valid_text(session->routine) && valid_text(session->massager) &&
               valid_text(session->end) && (kind != ENTRY_SESSION_ENDED || session->end[0] != '\0');
}

static bool valid_pain(const EntryPain *pain)
{
        return pain->session <= LEDGER_NUMBER_MAX && leg_to_string(pain->leg) &&
               pain_when_to_string(pain->when) && pain->score >= 0 && pain->score <= PAIN_MAX &&
               pain_action_to_string(pain->action);
}

static bool valid_screening(const Screening *screening)
{
        for (unsigned i = 0; i < SCREENING_QUESTIONS_MAX; i++)
                if (screening->answers[i] < 0 || screening->answers[i] >= _SCREENING_ANSWER_MAX)
                        return false;

        return true;
}

static bool valid_offer(const OfferAnswer *answer)
{
        const char *name = answer->key.name;

        return name[0] != '\0' && memchr(name, '\0', sizeof(answer->key.name)) &&
               answer->key.day >= -LEDGER_DAY_MAX && answer->key.day <= LEDGER_DAY_MAX &&
               answer->key.minute < CALENDAR_DAY_MINUTES && valid_time(answer->until_s) &&
               (answer->state == OFFER_ACCEPTED || answer->state == OFFER_DECLINED ||
                               answer->state == OFFER_SNOOZED);
}

bool ledger_entry_valid(const Entry *entry)
{
        if (entry->at.reading.boottime_ms > INT64_MAX || !valid_time(entry->at.reading.wall_s) ||
                        !valid_time(entry->at.day_s))
                return false;

        switch (entry->kind) {
        case ENTRY_SESSION_BEGUN:
        case ENTRY_SESSION_CHARGED:
        case ENTRY_SESSION_ENDED:
                return valid_session(&entry->session, entry->kind);
        case ENTRY_PAIN:
                return valid_pain(&entry->pain);
        case ENTRY_SCREENED:
                return valid_screening(&entry->screening);
        case ENTRY_FAULT:
                return valid_text(entry->fault.massager) && valid_text(entry->fault.what);
        case ENTRY_OFFER:
                return valid_offer(&entry->offer);
        case ENTRY_LATCH:
                return valid_text(entry->latch.massager) && entry->latch.massager[0] != '\0' &&
                       ledger_latch_cause_to_string(entry->latch.cause);
        case ENTRY_DAMAGED:
        case ENTRY_DELETED:
                return true;
        default:
                return false;
        }
}

/* A score after which a massage goes on is compared with nothing. */
bool ledger_entry_closes(const Entry *entry)
{
        switch (entry->kind) {
        case ENTRY_FAULT:
        case ENTRY_OFFER:
                return false;
        case ENTRY_PAIN:
                return entry->pain.when != PAIN_DURING || entry->pain.score >= PAIN_STOP ||
                       entry->pain.action == PAIN_ACTION_STOP;
        default:
                return true;
        }
}
