/* SPDX-License-Identifier: MIT */
/* Statements, their values and their errors. */
#include "daemon/ledger-private.h"

#include <errno.h>

static int system_error(sqlite3 *db)
{
        int e = db ? sqlite3_system_errno(db) : 0;

        return e > 0 ? -e : -EIO;
}

/* A statement that the file does not understand, and a value of the wrong type, come from a file
 * that is not what kneed wrote. */
int ledger_sql_error(sqlite3 *db, int code)
{
        switch (code & 0xff) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
                return 0;
        case SQLITE_ERROR:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
        case SQLITE_FORMAT:
                return -EUCLEAN;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return -EBUSY;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_READONLY:
                return -EROFS;
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_CONSTRAINT:
                return -EINVAL;
        default:
                return system_error(db);
        }
}

static int bind(sqlite3_stmt *s, int i, const LedgerValue *value)
{
        switch (value->type) {
        case LEDGER_INTEGER:
                return sqlite3_bind_int64(s, i, value->integer);
        case LEDGER_TEXT:
                return sqlite3_bind_text(s, i, value->bytes, -1, SQLITE_STATIC);
        case LEDGER_BLOB:
                return sqlite3_bind_blob(s, i, value->bytes, (int) value->integer, SQLITE_STATIC);
        default:
                return sqlite3_bind_null(s, i);
        }
}

int ledger_sql_prepare(sqlite3 *db, const char *sql, const LedgerValue *values, size_t n_values,
                sqlite3_stmt **ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int code;

        code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
        for (size_t i = 0; code == SQLITE_OK && i < n_values; i++)
                code = bind(s, (int) i + 1, &values[i]);
        if (code != SQLITE_OK)
                return ledger_sql_error(db, code);

        *ret = TAKE_PTR(s);
        return 0;
}

int ledger_sql_step(sqlite3_stmt *s)
{
        int code = sqlite3_step(s);

        return code == SQLITE_ROW ? 1 : ledger_sql_error(sqlite3_db_handle(s), code);
}

int ledger_sql_run(sqlite3 *db, const char *sql, const LedgerValue *values, size_t n_values)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = ledger_sql_prepare(db, sql, values, n_values, &s);
        if (r < 0)
                return r;
        do
                r = ledger_sql_step(s);
        while (r > 0);

        return r;
}

int ledger_sql_integer(sqlite3 *db, const char *sql, int64_t *ret)
{
        _cleanup_statement_ sqlite3_stmt *s = NULL;
        int r;

        r = ledger_sql_prepare(db, sql, NULL, 0, &s);
        if (r < 0)
                return r;
        r = ledger_sql_step(s);
        if (r < 0)
                return r;
        if (r == 0 || sqlite3_column_type(s, 0) == SQLITE_NULL)
                return -ENODATA;

        *ret = sqlite3_column_int64(s, 0);
        return 0;
}

/* FNV-1a: one bit that differs always shows; two sums of different rows are the same once in
 * 2^64. */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

static uint64_t add_bytes(uint64_t sum, const void *bytes, size_t size)
{
        const uint8_t *p = bytes;

        for (size_t i = 0; i < size; i++)
                sum = (sum ^ p[i]) * FNV_PRIME;

        return sum;
}

static void checksum(sqlite3_context *context, int n, sqlite3_value **values)
{
        uint64_t sum = FNV_OFFSET;

        for (int i = 0; i < n; i++) {
                int type = sqlite3_value_type(values[i]);
                int64_t integer = sqlite3_value_int64(values[i]);
                const void *bytes = sqlite3_value_blob(values[i]);
                int size = sqlite3_value_bytes(values[i]);

                sum = add_bytes(sum, &type, sizeof(type));
                if (type == SQLITE_INTEGER) {
                        sum = add_bytes(sum, &integer, sizeof(integer));
                } else if (bytes) {
                        sum = add_bytes(sum, &size, sizeof(size));
                        sum = add_bytes(sum, bytes, (size_t) size);
                }
        }

        sqlite3_result_int64(context, (int64_t) sum);
}

int ledger_sql_add_checksum(sqlite3 *db)
{
        return ledger_sql_error(db, sqlite3_create_function_v2(db, "checksum", -1,
                                                    SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                                    checksum, NULL, NULL, NULL));
}
