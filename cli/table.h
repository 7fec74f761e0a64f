/* SPDX-License-Identifier: MIT */
#pragma once

/* Columns of clean text, as wide as what stands in them. */

#include <stdio.h>

#include "common/macro.h"

#define TABLE_COLUMNS_MAX 8u

typedef struct Table {
        unsigned n_columns;
        size_t n_cells;
        char **cells; /* row after row */
} Table;

/* The first row is the heading. Takes TABLE_COLUMNS_MAX columns at most. */
void table_init(Table *table, unsigned n_columns);
void table_clear(Table *table);

/* The next cell. Returns 0 or -ENOMEM; no cell is half written. */
int table_add(Table *table, const char *format, ...) _printf_(2, 3);

void table_print(const Table *table, FILE *to);
