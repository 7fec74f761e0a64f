/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include <errno.h>
#include <stdarg.h>

#include "cli/text.h"

#define GAP 2u

void table_init(Table *table, unsigned n_columns)
{
        *table = (Table){ .n_columns = MIN(n_columns, TABLE_COLUMNS_MAX) };
}

void table_clear(Table *table)
{
        for (size_t i = 0; i < table->n_cells; i++)
                free(table->cells[i]);
        free(table->cells);
        *table = (Table){};
}

int table_add(Table *table, const char *format, ...)
{
        char **cells, *text;
        va_list ap;
        int n;

        cells = reallocarray(table->cells, table->n_cells + 1, sizeof(*cells));
        if (!cells)
                return -ENOMEM;
        table->cells = cells;
        va_start(ap, format);
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0)
                return -ENOMEM;
        if (text_charset() == CHARSET_ASCII)
                text_to_ascii(text);
        table->cells[table->n_cells++] = text;
        return 0;
}

void table_print(const Table *table, FILE *to)
{
        unsigned width[TABLE_COLUMNS_MAX] = {};

        for (size_t i = 0; i < table->n_cells; i++) {
                unsigned *w = &width[i % table->n_columns];

                *w = MAX(*w, text_columns(table->cells[i]));
        }
        for (size_t i = 0; i < table->n_cells; i++) {
                const unsigned column = (unsigned) (i % table->n_columns);
                const bool last = column + 1 == table->n_columns;
                const unsigned pad = width[column] - text_columns(table->cells[i]) + GAP;

                (void) fprintf(to, "%s%*s", table->cells[i], last ? 0 : (int) pad,
                                last ? "\n" : "");
        }
}
