/* SPDX-License-Identifier: MIT */
#pragma once

/* Every report of the profile as a table of named fields, so that a test can be written once for
 * all of them. The ranges are written down here a second time, from docs/protocol.md: what the
 * tests compare the code with must not come from the code. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/profile.h"

typedef enum FieldType {
        FIELD_BOOL,
        FIELD_U8,
        FIELD_U16,
        FIELD_I16,
} FieldType;

typedef struct Field {
        const char *name;
        size_t offset;
        FieldType type;
        unsigned n; /* entries */
        int min, max;
} Field;

typedef union AnyReport {
        KneedIdentity identity;
        KneedRecord record;
        uint8_t index;
        KneedFrame frame;
        KneedHeat heat;
        KneedStatus status;
        uint8_t command;
} AnyReport;

typedef struct Shape {
        const char *name;
        size_t size;
        const Field *fields;
        size_t n_fields;
        const AnyReport *full;           /* a good one in which every field is used */
        void (*mend)(AnyReport *report); /* makes fields that contradict each other agree */
        int (*encode)(const AnyReport *report, uint8_t *ret);
        int (*decode)(const uint8_t *data, size_t size, AnyReport *ret);
} Shape;

extern const Shape shapes[];
extern const size_t n_shapes;

const Shape *shape_find(const char *name);
const Field *shape_field(const Shape *shape, const char *name);

int field_get(const Field *field, unsigned i, const AnyReport *report);
void field_set(const Field *field, unsigned i, int value, AnyReport *report);
bool field_can_hold(const Field *field, int value);

bool shape_equal(const Shape *shape, const AnyReport *a, const AnyReport *b);
bool shape_is_good(const Shape *shape, const AnyReport *report);
