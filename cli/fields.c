/* SPDX-License-Identifier: MIT */
#include "cli/fields.h"

#include <errno.h>
#include <stdio.h>

#include "cli/text.h"

static int read_text(sd_bus_message *m, void *to, size_t size)
{
        const char *text;
        int r;

        r = sd_bus_message_read_basic(m, 's', &text);
        if (r > 0)
                text_clean(text, to, size);
        return r;
}

static int read_lines(sd_bus_message *m, void *to, size_t size)
{
        const char *text;
        int r;

        r = sd_bus_message_read_basic(m, 's', &text);
        if (r > 0)
                text_clean_lines(text, to, size);
        return r;
}

/* A path that was cut would be another object's, so one that does not fit is none. */
static int read_path(sd_bus_message *m, void *to, size_t size)
{
        const char *text;
        char *path = to;
        int r;

        r = sd_bus_message_read_basic(m, 'o', &text);
        if (r > 0 && (size_t) snprintf(path, size, "%s", text) >= size)
                path[0] = '\0';
        return r;
}

static int read_u32(sd_bus_message *m, void *to, size_t size)
{
        return sd_bus_message_read_basic(m, 'u', to);
}

static int read_u64(sd_bus_message *m, void *to, size_t size)
{
        return sd_bus_message_read_basic(m, 't', to);
}

static int read_bool(sd_bus_message *m, void *to, size_t size)
{
        int r, yes;

        r = sd_bus_message_read_basic(m, 'b', &yes);
        if (r > 0)
                *(bool *) to = yes;
        return r;
}

const FieldType field_text = { "s", read_text };
const FieldType field_lines = { "s", read_lines };
const FieldType field_path = { "o", read_path };
const FieldType field_u32 = { "u", read_u32 };
const FieldType field_u64 = { "t", read_u64 };
const FieldType field_bool = { "b", read_bool };

/* One entry of an a{sv}, inside it. */
static int read_entry(sd_bus_message *m, const Field *fields, size_t n_fields, void *object)
{
        const char *name, *signature;
        const Field *field = NULL;
        int r;

        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
                return r;
        r = sd_bus_message_peek_type(m, NULL, &signature);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n_fields; i++)
                if (streq(fields[i].name, name) && streq(fields[i].type->signature, signature))
                        field = &fields[i];
        if (!field)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_enter_container(m, 'v', signature);
        if (r < 0)
                return r;
        r = field->type->read(m, (char *) object + field->offset, field->size);
        if (r < 0)
                return r;
        return sd_bus_message_exit_container(m);
}

int fields_read(sd_bus_message *m, const Field *fields, size_t n_fields, void *object)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_entry(m, fields, n_fields, object);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

void *fields_append(void *array, size_t *n, size_t size)
{
        void **elements = array;
        void *larger = NULL;

        if (*n < FIELDS_LIST_MAX)
                larger = reallocarray(*elements, *n + 1, size);
        if (!larger)
                return NULL;
        *elements = larger;
        return memset((char *) larger + (*n)++ * size, 0, size);
}

int fields_read_list(sd_bus_message *m, const Field *fields, size_t n_fields, void *array,
                size_t *n, size_t size)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "a{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_at_end(m, 0)) == 0) {
                void *element = fields_append(array, n, size);

                if (!element)
                        return -ENOMEM;
                r = fields_read(m, fields, n_fields, element);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int fields_read_map(sd_bus_message *m, const Field *fields, size_t n_fields, void *array, size_t *n,
                size_t size, size_t key_size)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                void *element = fields_append(array, n, size);

                if (!element)
                        return -ENOMEM;
                r = read_text(m, element, key_size);
                if (r < 0)
                        return r;
                r = fields_read(m, fields, n_fields, element);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}
