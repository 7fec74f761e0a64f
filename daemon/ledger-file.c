/* SPDX-License-Identifier: MIT */
/* Opens the file, or makes it, and makes sure that it can be trusted. */
#include "daemon/ledger-private.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/clocks.h"

/* A bigger file is not read whole at every start: it would take longer than anybody waits. What is
 * read is checked row by row in any case. So much holds a hundred years of sessions. */
#define CHECK_WHOLE_MAX_BYTES (64 * 1024 * 1024)
#define LENGTH_MAX            65536 /* of a row */
#define LOOKASIDE_SIZE        128
#define LOOKASIDE_N           64

/* FULL: a commit that returned is on the disk. EXCLUSIVE: a second kneed is told that the ledger is
 * in use, and no index is shared in memory. The rest keeps it small. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA foreign_keys = OFF;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA secure_delete = ON;"
                               "PRAGMA mmap_size = 0;"
                               "PRAGMA cache_size = -32;";

static const char write_ahead[] = "PRAGMA journal_mode = WAL;"
                                  "PRAGMA journal_size_limit = 65536;"
                                  "PRAGMA wal_autocheckpoint = 64;";

static int execute(sqlite3 *db, const char *sql)
{
        return ledger_sql_error(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int configure(sqlite3 *db)
{
        int r;

        (void) sqlite3_extended_result_codes(db, 1);
        (void) sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
        (void) sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
        (void) sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_SIZE, LOOKASIDE_N);
        (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void) sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        (void) sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
        /* A file that is not trusted yet is left as it is. */
        (void) sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);

        r = execute(db, settings);
        return r < 0 ? r : ledger_sql_add_checksum(db);
}

static int open_db(const char *path, sqlite3 **ret)
{
        sqlite3 *db = NULL;
        int code, r;

        code = sqlite3_open_v2(path, &db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
        r = ledger_sql_error(db, code);
        if (r >= 0)
                r = configure(db);
        if (r < 0) {
                (void) sqlite3_close(db);
                return r;
        }

        *ret = db;
        return 0;
}

static Moment moment_now(const Moment *known)
{
        DayClockReading reading = clocks_read();
        DayClock clock;

        day_clock_start(&clock, known, &reading);
        return day_clock_moment(&clock, &reading);
}

/* SR-DAMAGED: that the old ledger is lost stands in the new one from its first moment. */
static int fill(sqlite3 *db, bool lost, const Moment *known)
{
        Entry damaged = { .kind = ENTRY_DAMAGED };
        LedgerFile file = { .db = db };
        int r;

        r = execute(db, "BEGIN IMMEDIATE");
        if (r < 0)
                return r;
        r = ledger_schema_migrate(db);
        if (r < 0)
                return r;

        if (lost) {
                damaged.at = moment_now(known);
                r = ledger_write_entry(&file, &damaged);
                if (r < 0)
                        return r;
        }

        return execute(db, "COMMIT");
}

/* It gets its name when it is whole, so a file of that name that is not whole is damaged. */
int ledger_file_make(const char *place, bool lost, const Moment *known)
{
        _cleanup_free_ char *path = NULL;
        sqlite3 *db;
        int r;

        r = ledger_place_was_damaged(place);
        if (r < 0)
                return r;
        lost = lost || r > 0;
        r = ledger_place_make(place, &path);
        if (r < 0)
                return r;
        r = open_db(path, &db);
        if (r < 0)
                return r;

        r = fill(db, lost, known);
        (void) sqlite3_close(db);
        return r < 0 ? r : ledger_place_install(place);
}

/* 1: it is whole, 0: it is not, or could not be read. */
static int ask_whole(sqlite3 *db)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = ledger_sql_prepare(db, "PRAGMA integrity_check(1)", NULL, 0, &s);
        if (r < 0)
                return r;
        r = ledger_sql_step(s);
        if (r < 0)
                return r;

        return r > 0 && streq((const char *) sqlite3_column_text(s, 0), "ok");
}

static int read_whole(sqlite3 *db, int64_t size)
{
        uint8_t bytes[4096];
        sqlite3_file *file;
        int code;

        code = sqlite3_file_control(db, NULL, SQLITE_FCNTL_FILE_POINTER, &file);
        for (int64_t at = 0; code == SQLITE_OK && at < size; at += (int64_t) sizeof(bytes)) {
                code = file->pMethods->xRead(file, bytes, sizeof(bytes), at);
                if (code == SQLITE_IOERR_SHORT_READ)
                        code = SQLITE_OK;
        }

        return code == SQLITE_OK ? 0 : -EIO;
}

/* To SQLite a page that could not be read looks like one that is wrong. The disk may be mended, so
 * only what could be read, and was wrong before and after, is damaged. */
static int check_whole(sqlite3 *db)
{
        int64_t pages, page_size;
        int r;

        r = ledger_sql_integer(db, "PRAGMA page_count", &pages);
        if (r < 0)
                return r;
        r = ledger_sql_integer(db, "PRAGMA page_size", &page_size);
        if (r < 0)
                return r;
        if (pages > CHECK_WHOLE_MAX_BYTES / page_size)
                return 0;

        r = ask_whole(db);
        if (r != 0)
                return r < 0 ? r : 0;
        r = read_whole(db, pages * page_size);
        if (r < 0)
                return r;
        r = ask_whole(db);
        return r == 0 ? -EUCLEAN : MIN(r, 0);
}

/* Brings all into the file itself, synced: what is read from here on is on the disk, also after a
 * commit whose sync failed. */
static int checkpoint(sqlite3 *db)
{
        return ledger_sql_error(db, sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                                    NULL, NULL));
}

int ledger_file_wipe(LedgerFile *file)
{
        return checkpoint(file->db);
}

static int update(sqlite3 *db)
{
        int64_t version;
        int r;

        r = ledger_sql_integer(db, "PRAGMA user_version", &version);
        if (r < 0 || version == LEDGER_SCHEMA)
                return r;

        r = execute(db, "BEGIN IMMEDIATE");
        if (r < 0)
                return r;
        r = ledger_schema_migrate(db);
        return r < 0 ? r : execute(db, "COMMIT");
}

static int trust(LedgerFile *file)
{
        int r;

        r = ledger_schema_check(file->db);
        if (r < 0)
                return r;
        r = execute(file->db, write_ahead);
        if (r < 0)
                return r;
        r = check_whole(file->db);
        if (r < 0)
                return r;
        r = checkpoint(file->db);
        if (r < 0)
                return r;
        r = update(file->db);
        if (r < 0)
                return r;

        r = ledger_sql_integer(file->db, "SELECT max(number) FROM entries", &file->number);
        if (r == -ENODATA)
                r = 0;
        if (r < 0)
                return r;
        if (file->number > LEDGER_NUMBER_MAX)
                return -EUCLEAN;

        return ledger_sql_error(file->db,
                        sqlite3_db_config(file->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL));
}

LedgerFile *ledger_file_free(LedgerFile *file)
{
        if (!file)
                return NULL;

        (void) sqlite3_close(file->db);
        free(file);
        return NULL;
}

int ledger_file_open(const char *place, LedgerFile **ret)
{
        _cleanup_(ledger_file_freep) LedgerFile *file = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        file = calloc(1, sizeof(*file));
        if (!file || asprintf(&path, "%s/" LEDGER_FILE_NAME, place) < 0)
                return -ENOMEM;

        r = open_db(path, &file->db);
        if (r < 0)
                return r;
        r = trust(file);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(file);
        return 0;
}
