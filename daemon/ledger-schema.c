/* SPDX-License-Identifier: MIT */
/* What the file looks like, and how an older one becomes a newer one. */
#include "daemon/ledger-private.h"

#include <errno.h>
#include <stdio.h>

/* "knee", so that file(1) and kneed know whose it is. */
#define APPLICATION_ID 0x6b6e6565

/* Each entry has a row in "entries", whose numbers rise in the order in which things happened, and
 * what belongs to its kind in a table of that. A session has one row, brought up to date by its
 * checkpoints, and two entries: when it was begun, and the last one. A sum is over all columns
 * before it, in their order. */
static const char schema_1[] =
                "CREATE TABLE entries ("
                " number INTEGER PRIMARY KEY CHECK (number > 0),"
                " kind TEXT NOT NULL CHECK (kind IN ('session-begun', 'session-charged',"
                "  'session-ended', 'pain', 'screened', 'fault', 'damaged')),"
                " session INTEGER CHECK ((session IS NULL) = (kind NOT LIKE 'session-%')),"
                " boot BLOB NOT NULL CHECK (length(boot) = 16),"
                " boottime_ms INTEGER NOT NULL CHECK (boottime_ms >= 0),"
                " wall_s INTEGER NOT NULL,"
                " day_s INTEGER NOT NULL,"
                " sum INTEGER NOT NULL) STRICT;"
                "CREATE INDEX entries_screened ON entries (number) WHERE kind = 'screened';"

                "CREATE TABLE sessions ("
                " id INTEGER PRIMARY KEY CHECK (id > 0),"
                " begun INTEGER NOT NULL,"
                " last INTEGER NOT NULL CHECK (last >= begun),"
                " leg TEXT NOT NULL CHECK (leg IN ('left', 'right')),"
                " routine TEXT NOT NULL CHECK (length(routine) <= 128),"
                " massager TEXT NOT NULL CHECK (length(massager) <= 128),"
                " planned_ms INTEGER NOT NULL CHECK (planned_ms >= 0),"
                " charged_ms INTEGER NOT NULL CHECK (charged_ms >= 0),"
                " played_ms INTEGER NOT NULL CHECK (played_ms >= 0),"
                " heated_ms INTEGER NOT NULL CHECK (heated_ms >= 0),"
                " end TEXT NOT NULL CHECK (length(end) <= 128),"
                " sum INTEGER NOT NULL) STRICT;"
                "CREATE INDEX sessions_finished ON sessions (leg, id) WHERE end = 'finished';"

                "CREATE TABLE session_zones ("
                " session INTEGER NOT NULL,"
                " zone TEXT NOT NULL,"
                " permille_s INTEGER NOT NULL CHECK (permille_s >= 0),"
                " sum INTEGER NOT NULL,"
                " PRIMARY KEY (session, zone)) STRICT, WITHOUT ROWID;"

                "CREATE TABLE pains ("
                " number INTEGER PRIMARY KEY,"
                " session INTEGER CHECK (session > 0),"
                " leg TEXT NOT NULL CHECK (leg IN ('left', 'right')),"
                " asked TEXT NOT NULL CHECK (asked IN ('before', 'during', 'after', 'morning')),"
                " score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 10),"
                " action TEXT NOT NULL CHECK (action IN ('none', 'eased', 'stopped')),"
                " sum INTEGER NOT NULL) STRICT;"

                "CREATE TABLE screening_answers ("
                " number INTEGER NOT NULL,"
                " question TEXT NOT NULL,"
                " answer TEXT NOT NULL CHECK (answer IN ('no', 'yes', 'advised')),"
                " sum INTEGER NOT NULL,"
                " PRIMARY KEY (number, question)) STRICT, WITHOUT ROWID;"

                "CREATE TABLE faults ("
                " number INTEGER PRIMARY KEY,"
                " massager TEXT NOT NULL CHECK (length(massager) <= 128),"
                " what TEXT NOT NULL CHECK (length(what) <= 128),"
                " sum INTEGER NOT NULL) STRICT;"

                /* What the last kneed has written: a commit whose outcome is unknown is not
                 * entered twice. */
                "CREATE TABLE progress ("
                " only INTEGER PRIMARY KEY CHECK (only = 1),"
                " run BLOB NOT NULL CHECK (length(run) = 16),"
                " ticket INTEGER NOT NULL) STRICT;";

/* Kinds are added. A check cannot be changed, so the table is made anew. */
#define ENTRIES_ANEW(kinds)                                                         \
        "CREATE TABLE entries_anew ("                                               \
        " number INTEGER PRIMARY KEY CHECK (number > 0),"                           \
        " kind TEXT NOT NULL CHECK (kind IN (" kinds ")),"                          \
        " session INTEGER CHECK ((session IS NULL) = (kind NOT LIKE 'session-%'))," \
        " boot BLOB NOT NULL CHECK (length(boot) = 16),"                            \
        " boottime_ms INTEGER NOT NULL CHECK (boottime_ms >= 0),"                   \
        " wall_s INTEGER NOT NULL,"                                                 \
        " day_s INTEGER NOT NULL,"                                                  \
        " sum INTEGER NOT NULL) STRICT;"                                            \
        "INSERT INTO entries_anew SELECT * FROM entries;"                           \
        "DROP TABLE entries;"                                                       \
        "ALTER TABLE entries_anew RENAME TO entries;"                               \
        "CREATE INDEX entries_screened ON entries (number) WHERE kind = 'screened';"

/* Answers to offers, and that a person can delete what is known. */
static const char schema_2[] = ENTRIES_ANEW(
                "'session-begun', 'session-charged', 'session-ended', 'pain',"
                " 'screened', 'fault', 'offer', 'damaged', 'deleted'")

                "CREATE TABLE offers ("
                " number INTEGER PRIMARY KEY,"
                " name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 32),"
                " day INTEGER NOT NULL,"
                " minute INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),"
                " answer TEXT NOT NULL CHECK (answer IN ('snoozed', 'accepted', 'declined')),"
                " until_s INTEGER NOT NULL,"
                " sum INTEGER NOT NULL) STRICT;";

/* What a person stopped until it is cleared. */
static const char schema_3[] = ENTRIES_ANEW(
                "'session-begun', 'session-charged', 'session-ended', 'pain',"
                " 'screened', 'fault', 'offer', 'latch', 'damaged', 'deleted'")

                "CREATE TABLE latches ("
                " number INTEGER PRIMARY KEY,"
                " massager TEXT NOT NULL CHECK (length(massager) BETWEEN 1 AND 128),"
                " cause TEXT NOT NULL CHECK (cause IN ('cleared', 'pain', 'emergency')),"
                " sum INTEGER NOT NULL) STRICT;"
                "CREATE INDEX latches_massager ON latches (massager, number);";

/* [i] brings version i to i + 1. Never change one that was ever released: add the next. */
static const char *const migrations[LEDGER_SCHEMA] = {
        schema_1,
        schema_2,
        schema_3,
};

int ledger_schema_migrate(sqlite3 *db)
{
        char pragmas[128];
        int64_t version;
        int r;

        r = ledger_sql_integer(db, "PRAGMA user_version", &version);
        if (r < 0)
                return r;
        if (version < 0)
                return -EUCLEAN;

        for (; version < LEDGER_SCHEMA; version++) {
                r = ledger_sql_error(db, sqlite3_exec(db, migrations[version], NULL, NULL, NULL));
                if (r < 0)
                        return r;
        }

        (void) snprintf(pragmas, sizeof(pragmas),
                        "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
                        LEDGER_SCHEMA);
        return ledger_sql_error(db, sqlite3_exec(db, pragmas, NULL, NULL, NULL));
}

int ledger_schema_check(sqlite3 *db)
{
        int64_t id, version;
        int r;

        r = ledger_sql_integer(db, "PRAGMA application_id", &id);
        if (r < 0)
                return r;
        r = ledger_sql_integer(db, "PRAGMA user_version", &version);
        if (r < 0)
                return r;
        if (id != APPLICATION_ID || version < 1)
                return -EUCLEAN;

        return version > LEDGER_SCHEMA ? -EPROTONOSUPPORT : 0;
}
