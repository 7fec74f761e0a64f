/* SPDX-License-Identifier: MIT */
/* How entries are read back. What is read is not trusted: a row that could not have been written
 * makes the whole file count as damaged, for nobody knows what else is wrong with it. */
#include "daemon/ledger-private.h"

#include <errno.h>

/* The latest screening, two entries of each leg's latest finished session and of the latest
 * session, and what is latched. */
#define EARLIER_MAX (1u + 2u * (_LEG_MAX + 1u) + LEDGER_LATCHES_MAX)

typedef enum Query {
        QUERY_LINE,
        QUERY_SESSION,
        QUERY_ZONES,
        QUERY_PAIN,
        QUERY_ANSWERS,
        QUERY_FAULT,
        QUERY_OFFER,
        QUERY_LATCH,
        _QUERY_MAX,
} Query;

#define SUM_OF_LINE "sum = checksum(number, kind, session, boot, boottime_ms, wall_s, day_s)"

static const char *const queries[_QUERY_MAX] = {
        [QUERY_LINE] = "SELECT number, kind, session, boot, boottime_ms, wall_s, day_s,"
                       " " SUM_OF_LINE " FROM entries WHERE number >= ?1 ORDER BY number LIMIT 1",
        [QUERY_SESSION] = "SELECT id, begun, last, leg, routine, massager, planned_ms, charged_ms,"
                          " played_ms, heated_ms, end,"
                          " sum = checksum(id, begun, last, leg, routine, massager, planned_ms,"
                          "  charged_ms, played_ms, heated_ms, end)"
                          " FROM sessions WHERE id = ?1",
        [QUERY_ZONES] = "SELECT zone, permille_s, sum = checksum(session, zone, permille_s)"
                        " FROM session_zones WHERE session = ?1",
        [QUERY_PAIN] = "SELECT session, leg, asked, score, action,"
                       " sum = checksum(number, session, leg, asked, score, action)"
                       " FROM pains WHERE number = ?1",
        [QUERY_ANSWERS] = "SELECT question, answer, sum = checksum(number, question, answer)"
                          " FROM screening_answers WHERE number = ?1",
        [QUERY_FAULT] = "SELECT massager, what, sum = checksum(number, massager, what)"
                        " FROM faults WHERE number = ?1",
        [QUERY_OFFER] = "SELECT name, day, minute, answer, until_s,"
                        " sum = checksum(number, name, day, minute, answer, until_s)"
                        " FROM offers WHERE number = ?1",
        [QUERY_LATCH] = "SELECT massager, cause, sum = checksum(number, massager, cause)"
                        " FROM latches WHERE number = ?1",
};

struct LedgerReader {
        LedgerFile *file;
        sqlite3_stmt *statements[_QUERY_MAX];
        int64_t earlier[EARLIER_MAX]; /* that still count, rising */
        unsigned n_earlier, next_earlier;
        int64_t next; /* of the window */
};

/* The columns of a row, one after the other. */
typedef struct Row {
        sqlite3_stmt *s;
        int column;
        bool damaged;
} Row;

static int64_t take_integer(Row *row, int64_t low, int64_t high)
{
        int64_t value = sqlite3_column_int64(row->s, row->column);

        row->damaged = row->damaged || sqlite3_column_type(row->s, row->column) != SQLITE_INTEGER ||
                       value < low || value > high;
        row->column++;
        return row->damaged ? low : value;
}

static uint32_t take_u32(Row *row)
{
        return (uint32_t) take_integer(row, 0, UINT32_MAX);
}

/* NULL is 0: none. */
static uint64_t take_id(Row *row)
{
        if (sqlite3_column_type(row->s, row->column) == SQLITE_NULL) {
                row->column++;
                return 0;
        }

        return (uint64_t) take_integer(row, 1, LEDGER_NUMBER_MAX);
}

static void take_text(Row *row, char ret[static ENTRY_TEXT_MAX + 1])
{
        const char *text = (const char *) sqlite3_column_text(row->s, row->column);
        int size = sqlite3_column_bytes(row->s, row->column);

        ret[0] = '\0';
        row->damaged = row->damaged || sqlite3_column_type(row->s, row->column) != SQLITE_TEXT ||
                       !text || (size_t) size > ENTRY_TEXT_MAX || memchr(text, '\0', (size_t) size);
        row->column++;
        if (!row->damaged)
                memcpy(ret, text, (size_t) size + 1);
}

static void take_boot(Row *row, BootId *ret)
{
        const void *bytes = sqlite3_column_blob(row->s, row->column);

        row->damaged = row->damaged || sqlite3_column_type(row->s, row->column) != SQLITE_BLOB ||
                       !bytes || sqlite3_column_bytes(row->s, row->column) != sizeof(ret->bytes);
        row->column++;
        if (!row->damaged)
                memcpy(ret->bytes, bytes, sizeof(ret->bytes));
}

static Leg take_leg(Row *row)
{
        char text[ENTRY_TEXT_MAX + 1];
        Leg leg;

        take_text(row, text);
        leg = leg_from_string(text);
        row->damaged = row->damaged || leg == _LEG_INVALID;
        return leg;
}

static EntryKind take_kind(Row *row)
{
        char text[ENTRY_TEXT_MAX + 1];

        take_text(row, text);
        for (EntryKind kind = 0; kind < _ENTRY_KIND_MAX; kind++)
                if (streq(ledger_kind_to_string(kind), text))
                        return kind;

        row->damaged = true;
        return 0;
}

static PainAction take_action(Row *row)
{
        char text[ENTRY_TEXT_MAX + 1];

        take_text(row, text);
        for (PainAction action = 0; action < _PAIN_ACTION_MAX; action++)
                if (streq(pain_action_to_string(action), text))
                        return action;

        row->damaged = true;
        return 0;
}

/* The sum comes last: whether all before it is as it was written. */
static int take_sum(Row *row)
{
        (void) take_integer(row, 1, 1);
        return row->damaged ? -EUCLEAN : 0;
}

static void take_session(Row *row, LedgerSession *ret)
{
        EntrySession *session = &ret->session;

        *ret = (LedgerSession){ .begun = 0 };
        session->id = take_id(row);
        ret->begun = take_integer(row, 1, LEDGER_NUMBER_MAX);
        ret->last = take_integer(row, ret->begun, LEDGER_NUMBER_MAX);
        session->leg = take_leg(row);
        take_text(row, session->routine);
        take_text(row, session->massager);
        session->planned_ms = take_u32(row);
        session->dose.charged_ms = take_u32(row);
        session->dose.played_ms = take_u32(row);
        session->dose.heated_ms = take_u32(row);
        take_text(row, session->end);
}

int ledger_read_session(LedgerFile *file, uint64_t id, LedgerSession *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        LedgerSession session;
        Row row;
        int r;

        r = ledger_sql_prepare(file->db, queries[QUERY_SESSION], LEDGER_VALUES(INTEGER(id)), &s);
        if (r < 0)
                return r;
        r = ledger_sql_step(s);
        if (r <= 0)
                return r;

        row = (Row){ .s = s };
        take_session(&row, &session);
        r = take_sum(&row);
        if (r < 0)
                return r;

        *ret = session;
        return 1;
}

int ledger_read_ticket(LedgerFile *file, const LedgerRunId *run, uint64_t *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = ledger_sql_prepare(file->db, "SELECT ticket FROM progress WHERE run = ?1",
                        LEDGER_VALUES(BLOB(run->bytes, sizeof(run->bytes))), &s);
        if (r < 0)
                return r;
        r = ledger_sql_step(s);
        if (r < 0)
                return r;

        *ret = r > 0 ? (uint64_t) sqlite3_column_int64(s, 0) : 0;
        return 0;
}

/* Asks for the row, or the rows, of that key; 1: there is one. */
static int ask(LedgerReader *reader, Query query, int64_t key, Row *ret)
{
        sqlite3_stmt **s = &reader->statements[query];
        int r;

        if (!*s) {
                r = ledger_sql_prepare(reader->file->db, queries[query], NULL, 0, s);
                if (r < 0)
                        return r;
        }

        (void) sqlite3_reset(*s);
        if (sqlite3_bind_int64(*s, 1, key) != SQLITE_OK)
                return -ENOMEM;

        *ret = (Row){ .s = *s };
        return ledger_sql_step(*s);
}

static int ask_for_one(LedgerReader *reader, Query query, int64_t key, Row *ret)
{
        int r = ask(reader, query, key, ret);

        return r == 0 ? -EUCLEAN : r;
}

static int next_row(Row *row)
{
        row->column = 0;
        return ledger_sql_step(row->s);
}

static int read_zones(LedgerReader *reader, EntrySession *session)
{
        char text[ENTRY_TEXT_MAX + 1];
        Row row;
        int r;

        for (r = ask(reader, QUERY_ZONES, (int64_t) session->id, &row); r > 0; r = next_row(&row)) {
                uint32_t permille_s;
                Zone zone = 0;

                take_text(&row, text);
                permille_s = take_u32(&row);
                while (zone < _ZONE_MAX && !streq(zone_name(zone), text))
                        zone++;
                row.damaged = row.damaged || zone == _ZONE_MAX;
                r = take_sum(&row);
                if (r < 0)
                        return r;
                session->dose.zone_permille_s[zone] = permille_s;
        }

        return r;
}

/* A session has one row for its entries: each is given back as it stands now. */
static int read_session(LedgerReader *reader, int64_t number, uint64_t id, Entry *entry)
{
        LedgerSession session;
        Row row;
        int r;

        r = ask_for_one(reader, QUERY_SESSION, (int64_t) id, &row);
        if (r < 0)
                return r;

        take_session(&row, &session);
        r = take_sum(&row);
        if (r < 0)
                return r;
        if (number != (entry->kind == ENTRY_SESSION_BEGUN ? session.begun : session.last))
                return -EUCLEAN;

        entry->session = session.session;
        if (entry->kind != ENTRY_SESSION_ENDED)
                entry->session.end[0] = '\0';
        return read_zones(reader, &entry->session);
}

static int read_pain(LedgerReader *reader, int64_t number, EntryPain *ret)
{
        char when[ENTRY_TEXT_MAX + 1];
        Row row;
        int r;

        r = ask_for_one(reader, QUERY_PAIN, number, &row);
        if (r < 0)
                return r;

        ret->session = take_id(&row);
        ret->leg = take_leg(&row);
        take_text(&row, when);
        ret->when = pain_when_from_string(when);
        row.damaged = row.damaged || ret->when == _PAIN_WHEN_INVALID;
        ret->score = (int) take_integer(&row, 0, PAIN_MAX);
        ret->action = take_action(&row);
        return take_sum(&row);
}

/* SR-SCREENING: An answer to a question that is asked no more: the questions have changed since,
 * so none of the answers counts. */
static int read_screening(LedgerReader *reader, int64_t number, Screening *ret)
{
        char question[ENTRY_TEXT_MAX + 1], text[ENTRY_TEXT_MAX + 1];
        bool changed = false;
        Row row;
        int r;

        for (r = ask(reader, QUERY_ANSWERS, number, &row); r > 0; r = next_row(&row)) {
                ScreeningAnswer answer;
                int i;

                take_text(&row, question);
                take_text(&row, text);
                answer = screening_answer_from_string(text);
                row.damaged = row.damaged || answer == _SCREENING_ANSWER_INVALID;
                r = take_sum(&row);
                if (r < 0)
                        return r;

                i = screening_find(question);
                changed = changed || i < 0;
                if (i >= 0)
                        ret->answers[i] = answer;
        }

        if (changed)
                *ret = (Screening){ .answers = { SCREENING_UNANSWERED } };
        return r;
}

static int read_fault(LedgerReader *reader, int64_t number, EntryFault *ret)
{
        Row row;
        int r;

        r = ask_for_one(reader, QUERY_FAULT, number, &row);
        if (r < 0)
                return r;

        take_text(&row, ret->massager);
        take_text(&row, ret->what);
        return take_sum(&row);
}

static int read_offer(LedgerReader *reader, int64_t number, OfferAnswer *ret)
{
        char name[ENTRY_TEXT_MAX + 1], state[ENTRY_TEXT_MAX + 1];
        Row row;
        int r;

        r = ask_for_one(reader, QUERY_OFFER, number, &row);
        if (r < 0)
                return r;

        take_text(&row, name);
        row.damaged = row.damaged || strlen(name) > SCHEDULE_NAME_MAX;
        ret->key.day = (int32_t) take_integer(&row, -LEDGER_DAY_MAX, LEDGER_DAY_MAX);
        ret->key.minute = (uint16_t) take_integer(&row, 0, CALENDAR_DAY_MINUTES - 1);
        take_text(&row, state);
        ret->state = offer_state_from_string(state);
        ret->until_s = take_integer(&row, -LEDGER_TIME_MAX_S, LEDGER_TIME_MAX_S);
        r = take_sum(&row);
        if (r >= 0)
                memcpy(ret->key.name, name, strlen(name) + 1);

        return r;
}

static int read_latch(LedgerReader *reader, int64_t number, EntryLatch *ret)
{
        char cause[ENTRY_TEXT_MAX + 1];
        Row row;
        int r;

        r = ask_for_one(reader, QUERY_LATCH, number, &row);
        if (r < 0)
                return r;

        take_text(&row, ret->massager);
        take_text(&row, cause);
        while (ret->cause < _ENTRY_LATCH_CAUSE_MAX &&
                        !streq(ledger_latch_cause_to_string(ret->cause), cause))
                ret->cause++;
        return take_sum(&row);
}

static int take_line(Row *row, int64_t *ret_number, uint64_t *ret_session, Entry *ret)
{
        *ret = (Entry){ .kind = ENTRY_DAMAGED };
        *ret_number = take_integer(row, 1, LEDGER_NUMBER_MAX);
        ret->kind = take_kind(row);
        *ret_session = take_id(row);
        take_boot(row, &ret->at.reading.boot);
        ret->at.reading.boottime_ms = (uint64_t) take_integer(row, 0, INT64_MAX);
        ret->at.reading.wall_s = take_integer(row, -LEDGER_TIME_MAX_S, LEDGER_TIME_MAX_S);
        ret->at.day_s = take_integer(row, -LEDGER_TIME_MAX_S, LEDGER_TIME_MAX_S);
        return take_sum(row);
}

static int read_details(LedgerReader *reader, int64_t number, uint64_t session, Entry *entry)
{
        switch (entry->kind) {
        case ENTRY_SESSION_BEGUN:
        case ENTRY_SESSION_CHARGED:
        case ENTRY_SESSION_ENDED:
                return read_session(reader, number, session, entry);
        case ENTRY_PAIN:
                return read_pain(reader, number, &entry->pain);
        case ENTRY_SCREENED:
                return read_screening(reader, number, &entry->screening);
        case ENTRY_FAULT:
                return read_fault(reader, number, &entry->fault);
        case ENTRY_OFFER:
                return read_offer(reader, number, &entry->offer);
        case ENTRY_LATCH:
                return read_latch(reader, number, &entry->latch);
        default:
                return 0;
        }
}

int ledger_read_next(LedgerReader *reader, int64_t *ret_number, Entry *ret)
{
        bool earlier = reader->next_earlier < reader->n_earlier;
        int64_t wanted = earlier ? reader->earlier[reader->next_earlier] : reader->next, number;
        uint64_t session;
        Row row;
        int r;

        r = ask(reader, QUERY_LINE, wanted, &row);
        if (r < 0)
                return r;
        if (r == 0)
                return earlier ? -EUCLEAN : 0;

        r = take_line(&row, &number, &session, ret);
        if (r < 0)
                return r;
        if (earlier && number != wanted)
                return -EUCLEAN;
        r = read_details(reader, number, session, ret);
        if (r < 0)
                return r;
        if (!ledger_entry_valid(ret))
                return -EUCLEAN;

        if (earlier)
                reader->next_earlier++;
        else
                reader->next = number + 1;
        *ret_number = number;
        return 1;
}

int ledger_read_last(LedgerFile *file, bool *ret_has_last, Moment *ret_last)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        uint64_t session;
        int64_t number;
        Entry entry;
        int r;

        r = ledger_sql_prepare(file->db,
                        "SELECT number, kind, session, boot, boottime_ms, wall_s, day_s,"
                        " " SUM_OF_LINE " FROM entries ORDER BY number DESC LIMIT 1",
                        NULL, 0, &s);
        if (r < 0)
                return r;
        r = ledger_sql_step(s);
        if (r < 0)
                return r;
        if (r == 0) {
                *ret_has_last = false;
                return 0;
        }

        r = take_line(&(Row){ .s = s }, &number, &session, &entry);
        if (r < 0)
                return r;

        *ret_has_last = true;
        *ret_last = entry.at;
        return 0;
}

/* The first entry that is not too old. Days only go forward from entry to entry, so it is looked
 * for from the last one backwards; no index has to be trusted for it. */
static int find_window(LedgerReader *reader)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int64_t number, since_s = INT64_MIN;
        uint64_t session;
        Entry entry;
        int r;

        r = ledger_sql_prepare(reader->file->db,
                        "SELECT number, kind, session, boot, boottime_ms, wall_s, day_s,"
                        " " SUM_OF_LINE " FROM entries ORDER BY number DESC",
                        NULL, 0, &s);
        if (r < 0)
                return r;

        reader->next = reader->file->number + 1;
        while ((r = ledger_sql_step(s)) > 0) {
                r = take_line(&(Row){ .s = s }, &number, &session, &entry);
                if (r < 0)
                        return r;
                if (since_s == INT64_MIN)
                        since_s = entry.at.day_s - LEDGER_LOOK_BACK_S;
                if (entry.at.day_s < since_s)
                        return 0;
                reader->next = number;
        }

        return r;
}

/* Sessions that were begun before the window and ended in it belong to it whole. */
static int widen_window(LedgerReader *reader)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = ledger_sql_prepare(reader->file->db,
                        "SELECT min(begun) FROM sessions WHERE id IN"
                        " (SELECT session FROM entries WHERE number >= ?1)",
                        LEDGER_VALUES(INTEGER(reader->next)), &s);
        if (r < 0)
                return r;
        r = ledger_sql_step(s);
        if (r > 0 && sqlite3_column_type(s, 0) == SQLITE_INTEGER)
                reader->next = MIN(reader->next, (int64_t) sqlite3_column_int64(s, 0));

        return r < 0 ? r : 0;
}

/* What still counts, however old it is. */
static int find_earlier(LedgerReader *reader, int64_t after)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = ledger_sql_prepare(reader->file->db,
                        "WITH known (id) AS (SELECT max(id) FROM sessions"
                        "  UNION SELECT max(id) FROM sessions WHERE end = 'finished'"
                        "   AND leg = 'left'"
                        "  UNION SELECT max(id) FROM sessions WHERE end = 'finished'"
                        "   AND leg = 'right'),"
                        " wanted (number) AS (SELECT max(number) FROM entries"
                        "   WHERE kind = 'screened'"
                        "  UNION SELECT number FROM (" LEDGER_LATCHED
                        "   ORDER BY number DESC LIMIT ?3)"
                        "  UNION SELECT begun FROM known JOIN sessions USING (id)"
                        "  UNION SELECT last FROM known JOIN sessions USING (id))"
                        " SELECT number FROM wanted WHERE number < ?1 AND number > ?2"
                        " ORDER BY number",
                        LEDGER_VALUES(INTEGER(reader->next), INTEGER(after),
                                        INTEGER(LEDGER_LATCHES_MAX)),
                        &s);
        if (r < 0)
                return r;

        while ((r = ledger_sql_step(s)) > 0) {
                if (reader->n_earlier == EARLIER_MAX)
                        return -EUCLEAN;
                reader->earlier[reader->n_earlier++] = sqlite3_column_int64(s, 0);
        }

        return r;
}

LedgerReader *ledger_reader_free(LedgerReader *reader)
{
        if (!reader)
                return NULL;

        for (Query i = 0; i < _QUERY_MAX; i++)
                (void) sqlite3_finalize(reader->statements[i]);
        free(reader);
        return NULL;
}

int ledger_read_all(LedgerFile *file, int64_t after, LedgerReader **ret)
{
        LedgerReader *reader = calloc(1, sizeof(*reader));

        if (!reader)
                return -ENOMEM;

        reader->file = file;
        reader->next = after + 1;
        *ret = reader;
        return 0;
}

int ledger_read(LedgerFile *file, int64_t after, LedgerReader **ret)
{
        _cleanup_(ledger_reader_freep) LedgerReader *reader = NULL;
        int r;

        reader = calloc(1, sizeof(*reader));
        if (!reader)
                return -ENOMEM;

        reader->file = file;
        r = find_window(reader);
        if (r < 0)
                return r;
        r = widen_window(reader);
        if (r < 0)
                return r;
        r = find_earlier(reader, after);
        if (r < 0)
                return r;

        reader->next = MAX(reader->next, after + 1);
        *ret = TAKE_PTR(reader);
        return 0;
}
