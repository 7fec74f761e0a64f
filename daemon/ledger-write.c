/* SPDX-License-Identifier: MIT */
/* How an entry is written. */
#include "daemon/ledger-private.h"

#include <errno.h>

int ledger_write_begin(LedgerFile *file)
{
        return ledger_sql_run(file->db, "BEGIN IMMEDIATE", NULL, 0);
}

static int write_line(LedgerFile *file, EntryKind kind, uint64_t session, const Moment *at)
{
        file->number++;
        return LEDGER_RUN(file->db,
                        "INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
                        " checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7))",
                        INTEGER(file->number), TEXT(ledger_kind_to_string(kind)),
                        session > 0 ? INTEGER(session) : NOTHING,
                        BLOB(at->reading.boot.bytes, sizeof(at->reading.boot.bytes)),
                        INTEGER(at->reading.boottime_ms), INTEGER(at->reading.wall_s),
                        INTEGER(at->day_s));
}

static int write_zones(LedgerFile *file, const EntrySession *session)
{
        int r;

        r = LEDGER_RUN(file->db, "DELETE FROM session_zones WHERE session = ?1",
                        INTEGER(session->id));
        for (Zone zone = 0; r >= 0 && zone < _ZONE_MAX; zone++)
                if (session->dose.zone_permille_s[zone] > 0)
                        r = LEDGER_RUN(file->db,
                                        "INSERT INTO session_zones VALUES (?1, ?2, ?3,"
                                        " checksum(?1, ?2, ?3))",
                                        INTEGER(session->id), TEXT(zone_name(zone)),
                                        INTEGER(session->dose.zone_permille_s[zone]));

        return r;
}

static int write_row(LedgerFile *file, const LedgerSession *row)
{
        const EntrySession *session = &row->session;
        int r;

        r = LEDGER_RUN(file->db,
                        "INSERT OR REPLACE INTO sessions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                        " ?9, ?10, ?11,"
                        " checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11))",
                        INTEGER(session->id), INTEGER(row->begun), INTEGER(row->last),
                        TEXT(leg_to_string(session->leg)), TEXT(session->routine),
                        TEXT(session->massager), INTEGER(session->planned_ms),
                        INTEGER(session->dose.charged_ms), INTEGER(session->dose.played_ms),
                        INTEGER(session->dose.heated_ms), TEXT(session->end));
        return r < 0 ? r : write_zones(file, session);
}

/* The last checkpoint gives way to the next. */
static int forget_line(LedgerFile *file, const LedgerSession *row)
{
        if (row->last == row->begun)
                return 0;

        return LEDGER_RUN(file->db, "DELETE FROM entries WHERE number = ?1", INTEGER(row->last));
}

/* A session that the file does not know was begun in a ledger that is lost: it begins here. */
static int begin_session(LedgerFile *file, const Entry *entry, LedgerSession *row)
{
        int r;

        r = write_line(file, ENTRY_SESSION_BEGUN, entry->session.id, &entry->at);
        if (r < 0)
                return r;

        *row = (LedgerSession){ .begun = file->number, .last = file->number };
        return 0;
}

/* SR-CRASH: a checkpoint only raises what is charged; the end alone says what it came to. */
static int write_session(LedgerFile *file, const Entry *entry)
{
        LedgerSession row = { .begun = 0 };
        uint32_t charged_ms;
        bool ended;
        int r;

        r = ledger_read_session(file, entry->session.id, &row);
        if (r < 0)
                return r;
        if (r > 0 && entry->kind == ENTRY_SESSION_BEGUN)
                return -EEXIST;

        r = r > 0 ? forget_line(file, &row) : begin_session(file, entry, &row);
        if (r < 0)
                return r;

        charged_ms = row.session.dose.charged_ms;
        ended = entry->kind == ENTRY_SESSION_ENDED;
        row.session = entry->session;
        if (!ended) {
                row.session.end[0] = '\0';
                row.session.dose.charged_ms = MAX(charged_ms, entry->session.dose.charged_ms);
        }
        if (entry->kind != ENTRY_SESSION_BEGUN) {
                r = write_line(file, entry->kind, entry->session.id, &entry->at);
                if (r < 0)
                        return r;
                row.last = file->number;
        }

        return write_row(file, &row);
}

static int write_pain(LedgerFile *file, const Entry *entry)
{
        const EntryPain *pain = &entry->pain;
        int r;

        r = write_line(file, entry->kind, 0, &entry->at);
        if (r < 0)
                return r;

        return LEDGER_RUN(file->db,
                        "INSERT INTO pains VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                        " checksum(?1, ?2, ?3, ?4, ?5, ?6))",
                        INTEGER(file->number), pain->session > 0 ? INTEGER(pain->session) : NOTHING,
                        TEXT(leg_to_string(pain->leg)), TEXT(pain_when_to_string(pain->when)),
                        INTEGER(pain->score), TEXT(pain_action_to_string(pain->action)));
}

static int write_screening(LedgerFile *file, const Entry *entry)
{
        const ScreeningQuestion *question;
        int r;

        r = write_line(file, entry->kind, 0, &entry->at);
        for (unsigned i = 0; r >= 0 && (question = screening_question(i)); i++) {
                const char *answer = screening_answer_to_string(entry->screening.answers[i]);

                if (answer)
                        r = LEDGER_RUN(file->db,
                                        "INSERT INTO screening_answers VALUES (?1, ?2, ?3,"
                                        " checksum(?1, ?2, ?3))",
                                        INTEGER(file->number), TEXT(question->id), TEXT(answer));
        }

        return r;
}

static int write_fault(LedgerFile *file, const Entry *entry)
{
        int r;

        r = write_line(file, entry->kind, 0, &entry->at);
        if (r < 0)
                return r;

        return LEDGER_RUN(file->db, "INSERT INTO faults VALUES (?1, ?2, ?3, checksum(?1, ?2, ?3))",
                        INTEGER(file->number), TEXT(entry->fault.massager),
                        TEXT(entry->fault.what));
}

static int write_offer(LedgerFile *file, const Entry *entry)
{
        const OfferAnswer *answer = &entry->offer;
        int r;

        r = write_line(file, entry->kind, 0, &entry->at);
        if (r < 0)
                return r;

        return LEDGER_RUN(file->db,
                        "INSERT INTO offers VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                        " checksum(?1, ?2, ?3, ?4, ?5, ?6))",
                        INTEGER(file->number), TEXT(answer->key.name), INTEGER(answer->key.day),
                        INTEGER(answer->key.minute), TEXT(offer_state_to_string(answer->state)),
                        INTEGER(answer->until_s));
}

static int write_latch(LedgerFile *file, const Entry *entry)
{
        int r;

        r = write_line(file, entry->kind, 0, &entry->at);
        if (r < 0)
                return r;

        return LEDGER_RUN(file->db, "INSERT INTO latches VALUES (?1, ?2, ?3, checksum(?1, ?2, ?3))",
                        INTEGER(file->number), TEXT(entry->latch.massager),
                        TEXT(ledger_latch_cause_to_string(entry->latch.cause)));
}

/* SR-DELETE: What was felt and answered goes, and what was done for so long ago that it counts no
 * more. What was done lately stays, without its names: no dose is given back. And what is stopped
 * until it is cleared stays so. */
static int write_deleted(LedgerFile *file, const Entry *entry)
{
        static const char *const deletions[] = {
                "DELETE FROM pains",
                "DELETE FROM screening_answers",
                "DELETE FROM faults",
                "DELETE FROM session_zones",
                "DELETE FROM sessions WHERE last NOT IN"
                " (SELECT number FROM entries WHERE day_s > ?1)",
                "DELETE FROM entries WHERE kind IN ('pain', 'screened', 'fault')",
                "DELETE FROM entries WHERE session IS NOT NULL"
                " AND session NOT IN (SELECT id FROM sessions)",
                "DELETE FROM entries WHERE kind = 'offer' AND day_s <= ?1",
                "DELETE FROM offers WHERE number NOT IN (SELECT number FROM entries)",
                "DELETE FROM latches WHERE number NOT IN (" LEDGER_LATCHED ")",
                "DELETE FROM entries WHERE kind = 'latch'"
                " AND number NOT IN (SELECT number FROM latches)",
                "UPDATE sessions SET routine = '', massager = '', heated_ms = 0,"
                " end = CASE end WHEN '' THEN '' ELSE 'deleted' END",
                "UPDATE sessions SET sum = checksum(id, begun, last, leg, routine, massager,"
                " planned_ms, charged_ms, played_ms, heated_ms, end)",
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(deletions); i++)
                r = strchr(deletions[i], '?')
                                    ? LEDGER_RUN(file->db, deletions[i],
                                                      INTEGER(entry->at.day_s - ENTRY_KEPT_S))
                                    : ledger_sql_run(file->db, deletions[i], NULL, 0);

        return r < 0 ? r : write_line(file, entry->kind, 0, &entry->at);
}

int ledger_write_entry(LedgerFile *file, const Entry *entry)
{
        switch (entry->kind) {
        case ENTRY_SESSION_BEGUN:
        case ENTRY_SESSION_CHARGED:
        case ENTRY_SESSION_ENDED:
                return write_session(file, entry);
        case ENTRY_PAIN:
                return write_pain(file, entry);
        case ENTRY_SCREENED:
                return write_screening(file, entry);
        case ENTRY_FAULT:
                return write_fault(file, entry);
        case ENTRY_OFFER:
                return write_offer(file, entry);
        case ENTRY_LATCH:
                return write_latch(file, entry);
        case ENTRY_DELETED:
                return write_deleted(file, entry);
        default:
                return write_line(file, entry->kind, 0, &entry->at);
        }
}

int ledger_write_commit(LedgerFile *file, const LedgerRunId *run, uint64_t ticket)
{
        int r;

        r = LEDGER_RUN(file->db, "INSERT OR REPLACE INTO progress VALUES (1, ?1, ?2)",
                        BLOB(run->bytes, sizeof(run->bytes)), INTEGER(ticket));
        if (r < 0)
                return r;

        return ledger_sql_run(file->db, "COMMIT", NULL, 0);
}
