/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of the ledger share. The loop's side is ledger.c, the thread's ledger-thread.c;
 * all below them runs on the thread alone.
 *
 * Errors are negative errno. Two have a meaning of their own: -EUCLEAN, what is in the file cannot
 * be trusted, and -EPROTONOSUPPORT, a newer kneed wrote it. */

#include <pthread.h>
#include <sqlite3.h>

#include "daemon/ledger.h"

#define LEDGER_FILE_NAME "ledger.db"
/* So many loaded entries lie ready for the loop: one turn of it takes no more. */
#define LEDGER_LOADED_MAX 16u
/* Ids and numbers stay below, so that nobody who reads them needs more than 53 bits. */
#define LEDGER_NUMBER_MAX (INT64_C(1) << 53)
/* 30,000 years around the epoch: no sum of such times overflows. */
#define LEDGER_TIME_MAX_S (INT64_C(1) << 40)
#define LEDGER_DAY_MAX    ((int32_t) (LEDGER_TIME_MAX_S / CALENDAR_DAY_S))

/* What the loop and the thread share, under the lock. It is held to copy, never to wait for the
 * disk. The slots of the queue that are taken belong to the thread, which reads them without it. */
typedef struct LedgerShared {
        pthread_mutex_t lock;
        pthread_cond_t wake; /* the thread: there is something to do */
        pthread_cond_t over; /* ledger_free(): the thread has ended */
        unsigned refs;
        int event_fd; /* the loop: there is something to tell */
        char *directory;

        /* From the loop. */
        bool closing;
        bool due;         /* something is to be tried */
        uint64_t entered; /* the last ticket */
        unsigned first, n_queued;
        Entry queue[LEDGER_QUEUE_MAX];
        unsigned n_lost; /* that may have closed a leg, and found no place */
        Moment lost_at;  /* the last of them */

        /* From the thread. */
        bool ended;
        LedgerState state;
        char reason[LEDGER_SENTENCE_MAX];
        uint64_t durable; /* the last ticket that is on the disk */
        bool opened, has_last;
        Moment last;
        unsigned n_loaded;
        Entry loaded[LEDGER_LOADED_MAX];

        /* A page: the loop asks, the thread answers. */
        bool page_asked, page_there;
        int64_t page_after;
        LedgerPage page;
} LedgerShared;

LedgerShared *ledger_shared_unref(LedgerShared *shared);
void *ledger_thread(void *userdata); /* a reference to what is shared, which it takes over */

/* Whether an entry makes sense: the same question for what is entered and for what was read. */
bool ledger_entry_valid(const Entry *entry);

/* Whether a leg may be closed by it, or by what is compared with it later. */
bool ledger_entry_closes(const Entry *entry);

/* The words of the file for a kind; NULL for none. */
const char *ledger_kind_to_string(EntryKind kind);

/* The numbers of the entries by which massagers are stopped now. */
#define LEDGER_LATCHED                                                  \
        "SELECT number FROM latches AS latest WHERE cause <> 'cleared'" \
        " AND number = (SELECT max(number) FROM latches"                \
        "  WHERE massager = latest.massager)"

/* A sentence, where none was said yet. Returns r. */
int ledger_complain(char reason[static LEDGER_SENTENCE_MAX], int r, const char *format, ...)
                _printf_(3, 4);

/* The directory, by its real name, made where it is missing; its owner and mode are checked. */
int ledger_place_find(
                const char *directory, char reason[static LEDGER_SENTENCE_MAX], char **ret_place);
/* Whether the file is there: 1, 0, or an error where it is not ours or no plain file. */
int ledger_place_look(const char *place, char reason[static LEDGER_SENTENCE_MAX]);
/* Makes sure that a new file can be made under *ret_path: what a crash left there is removed. */
int ledger_place_make(const char *place, char **ret_path);
/* Gives the new file the name of the ledger. */
int ledger_place_install(const char *place);
/* Renames the file, and what belongs to it, to "ledger.db.damaged-N". */
int ledger_place_set_aside(const char *place);
/* Whether something was set aside there. */
int ledger_place_was_damaged(const char *place);
/* Deletes all that was set aside. */
int ledger_place_delete_damaged(const char *place);

/* Values for a statement, in the order of its ?1, ?2, … */
typedef struct LedgerValue {
        enum { LEDGER_NULL, LEDGER_INTEGER, LEDGER_TEXT, LEDGER_BLOB } type;
        int64_t integer; /* of a blob: its size */
        const void *bytes;
} LedgerValue;

#define INTEGER(i)    ((LedgerValue){ .type = LEDGER_INTEGER, .integer = (int64_t) (i) })
#define TEXT(s)       ((LedgerValue){ .type = LEDGER_TEXT, .bytes = (s) })
#define BLOB(p, size) ((LedgerValue){ .type = LEDGER_BLOB, .bytes = (p), .integer = (size) })
#define NOTHING       ((LedgerValue){ .type = LEDGER_NULL })

static inline void ledger_statement_freep(sqlite3_stmt **s)
{
        (void) sqlite3_finalize(*s);
}

#define _cleanup_statement_ _cleanup_(ledger_statement_freep)

int ledger_sql_error(sqlite3 *db, int code);
int ledger_sql_prepare(sqlite3 *db, const char *sql, const LedgerValue *values, size_t n_values,
                sqlite3_stmt **ret);
/* 1: there is a row, 0: there is none any more. */
int ledger_sql_step(sqlite3_stmt *s);
int ledger_sql_run(sqlite3 *db, const char *sql, const LedgerValue *values, size_t n_values);
/* The one integer that a statement gives; -ENODATA where it gives no row or NULL. */
int ledger_sql_integer(sqlite3 *db, const char *sql, int64_t *ret);
/* Makes checksum(…) known to statements: the disk may forget a bit without a word. */
int ledger_sql_add_checksum(sqlite3 *db);

#define LEDGER_VALUES(...) \
        (const LedgerValue[]){ __VA_ARGS__ }, ELEMENTSOF(((const LedgerValue[]){ __VA_ARGS__ }))
#define LEDGER_RUN(db, sql, ...) ledger_sql_run(db, sql, LEDGER_VALUES(__VA_ARGS__))

/* Brings an empty or older file to LEDGER_SCHEMA. Within a transaction. */
int ledger_schema_migrate(sqlite3 *db);
int ledger_schema_check(sqlite3 *db);

typedef struct LedgerFile {
        sqlite3 *db;
        int64_t number; /* of the last entry */
} LedgerFile;

/* Makes one where there is none. lost: something was known before that a new file does not have.
 * known: the latest moment that is known otherwise, or NULL. */
int ledger_file_make(const char *place, bool lost, const Moment *known);
int ledger_file_open(const char *place, LedgerFile **ret);
LedgerFile *ledger_file_free(LedgerFile *file);
DEFINE_TRIVIAL_CLEANUP_FUNC(LedgerFile *, ledger_file_free);

typedef struct LedgerRunId {
        uint8_t bytes[16];
} LedgerRunId;

/* One transaction: begin, enter as often as need be, commit with the ticket of the last. On an
 * error the file is to be closed. */
int ledger_write_begin(LedgerFile *file);
int ledger_write_entry(LedgerFile *file, const Entry *entry);
/* Afterwards what was deleted is not in the file any more, nor in what belongs to it. */
int ledger_file_wipe(LedgerFile *file);
int ledger_write_commit(LedgerFile *file, const LedgerRunId *run, uint64_t ticket);
/* The last ticket of that run in the file; 0: none is. */
int ledger_read_ticket(LedgerFile *file, const LedgerRunId *run, uint64_t *ret);

typedef struct LedgerReader LedgerReader;

/* Reads all that still counts, from the entry after that number on. *ret_last: the latest moment;
 * *ret_has_last: whether there is one. */
int ledger_read(LedgerFile *file, int64_t after, LedgerReader **ret);
int ledger_read_last(LedgerFile *file, bool *ret_has_last, Moment *ret_last);
/* The same, but all that is there. */
int ledger_read_all(LedgerFile *file, int64_t after, LedgerReader **ret);
/* 1: an entry, 0: there are no more. */
int ledger_read_next(LedgerReader *reader, int64_t *ret_number, Entry *ret);
LedgerReader *ledger_reader_free(LedgerReader *reader);
DEFINE_TRIVIAL_CLEANUP_FUNC(LedgerReader *, ledger_reader_free);

/* The session of that id and the numbers of its entries; 1: it is there, 0: it is not. */
typedef struct LedgerSession {
        int64_t begun, last;
        EntrySession session;
} LedgerSession;

int ledger_read_session(LedgerFile *file, uint64_t id, LedgerSession *ret);
