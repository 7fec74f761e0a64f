/* SPDX-License-Identifier: MIT */
#pragma once

/* Dictionaries from the bus (a{sv}) read into structs, by tables of what stands where. */

#include <stddef.h>
#include <systemd/sd-bus.h>

#include "common/macro.h"

/* What a value is on the bus, and how it is taken in: to has that size. */
typedef struct FieldType {
        const char *signature;
        int (*read)(sd_bus_message *m, void *to, size_t size);
} FieldType;

extern const FieldType field_text;  /* char[]: clean, see text.h */
extern const FieldType field_lines; /* char[]: the same, but ends of lines are kept */
extern const FieldType field_path;  /* char[]: of an object; empty where it does not fit */
extern const FieldType field_u32;
extern const FieldType field_u64;
extern const FieldType field_bool;

typedef struct Field {
        const char *name;
        const FieldType *type;
        size_t offset;
        size_t size;
} Field;

#define FIELD(name, type, struct_, member)                                                   \
        {                                                                                    \
                name, &(type), offsetof(struct_, member), sizeof(((struct_ *) NULL)->member) \
        }

/* Reads from a message at an a{sv}. A key that is not known, or not of its type, is passed over: a
 * newer kneed may have more to say. */
int fields_read(sd_bus_message *m, const Field *fields, size_t n_fields, void *object);

#define FIELDS_LIST_MAX 1024u /* more than kneed ever has of anything */

/* Appends a zeroed element to an allocated array and returns it. NULL where it is full, or there is
 * no memory. */
void *fields_append(void *array, size_t *n, size_t size);

/* Reads an aa{sv}: each dictionary is one more element, of that size, of the array. */
int fields_read_list(sd_bus_message *m, const Field *fields, size_t n_fields, void *array,
                size_t *n, size_t size);

/* Reads an a{sa{sv}} in the same way; an element begins with a char[key_size] for its key. */
int fields_read_map(sd_bus_message *m, const Field *fields, size_t n_fields, void *array, size_t *n,
                size_t size, size_t key_size);
