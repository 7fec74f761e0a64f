/* SPDX-License-Identifier: MIT */
#include "cli/objects.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/text.h"

#define ANGLE_MAX  180
#define HEIGHT_MIN (-500)
#define HEIGHT_MAX 600

typedef enum FieldKind {
        FIELD_TEXT,
        FIELD_PATH,
        FIELD_U32,
        FIELD_U64,
        FIELD_BOOL,
        FIELD_PLACES,
        FIELD_NAMES,
        FIELD_LIMITS,
} FieldKind;

static const char *const signatures[] = {
        [FIELD_TEXT] = "s",
        [FIELD_PATH] = "o",
        [FIELD_U32] = "u",
        [FIELD_U64] = "t",
        [FIELD_BOOL] = "b",
        [FIELD_PLACES] = "ai",
        [FIELD_NAMES] = "as",
        [FIELD_LIMITS] = "a{sv}",
};

typedef struct Field {
        const char *name;
        FieldKind kind;
        size_t offset;
        size_t size;
} Field;

#define FIELD(name, kind, type, member)                                             \
        {                                                                           \
                name, kind, offsetof(type, member), sizeof(((type *) NULL)->member) \
        }

static const Field limit_fields[] = {
        FIELD("level_permille", FIELD_U32, Manager, level_permille),
        FIELD("first_level_permille", FIELD_U32, Manager, first_level_permille),
};

static const Field manager_fields[] = {
        FIELD("Version", FIELD_TEXT, Manager, version),
        { "Limits", FIELD_LIMITS, 0, sizeof(Manager) },
};

static const Field massager_fields[] = {
        FIELD("Id", FIELD_TEXT, Massager, id),
        FIELD("Name", FIELD_TEXT, Massager, name),
        FIELD("Driver", FIELD_TEXT, Massager, driver),
        FIELD("State", FIELD_TEXT, Massager, state),
        FIELD("Reason", FIELD_TEXT, Massager, reason),
        FIELD("Warning", FIELD_TEXT, Massager, warning),
        FIELD("Actuators", FIELD_U32, Massager, n_actuators),
        FIELD("Heaters", FIELD_U32, Massager, n_heaters),
        FIELD("CutOffMs", FIELD_U32, Massager, cut_off_ms),
        FIELD("Contact", FIELD_BOOL, Massager, contact),
        FIELD("Places", FIELD_PLACES, Massager, places),
};

static const Field session_fields[] = {
        FIELD("Routine", FIELD_TEXT, Session, routine),
        FIELD("Massager", FIELD_PATH, Session, massager),
        FIELD("Leg", FIELD_TEXT, Session, leg),
        FIELD("State", FIELD_TEXT, Session, state),
        FIELD("Technique", FIELD_TEXT, Session, technique),
        FIELD("Steps", FIELD_U32, Session, n_steps),
        FIELD("Step", FIELD_U32, Session, step),
        FIELD("Intensity", FIELD_U32, Session, intensity_percent),
        FIELD("Tempo", FIELD_U32, Session, tempo_percent),
        FIELD("DurationMs", FIELD_U64, Session, duration_ms),
        FIELD("Deadline", FIELD_U64, Session, deadline_us),
        FIELD("RemainingMs", FIELD_U64, Session, remaining_ms),
        FIELD("Leased", FIELD_BOOL, Session, leased),
};

static const Field routine_fields[] = {
        FIELD("summary", FIELD_TEXT, RoutineInfo, summary),
        FIELD("techniques", FIELD_NAMES, RoutineInfo, techniques),
        FIELD("duration_s", FIELD_U32, RoutineInfo, duration_s),
        FIELD("intensity", FIELD_U32, RoutineInfo, intensity_percent),
};

void objects_clear(Objects *objects)
{
        free(objects->massagers);
        free(objects->sessions);
        *objects = (Objects){};
}

void routine_list_clear(RoutineList *list)
{
        free(list->routines);
        *list = (RoutineList){};
}

static int clamp(int x, int low, int high)
{
        return x < low ? low : MIN(x, high);
}

/* A path that was cut would be another object's, so one that does not fit is none. */
static void copy_path(const char *from, char *to, size_t size)
{
        if ((size_t) snprintf(to, size, "%s", from) >= size)
                to[0] = '\0';
}

static int read_places(sd_bus_message *m, Places *ret)
{
        Places places = {};
        const void *data;
        const int32_t *numbers;
        size_t size;
        int r;

        r = sd_bus_message_read_array(m, 'i', &data, &size);
        if (r < 0)
                return r;
        numbers = data;
        for (size_t i = 0; i + 1 < size / sizeof(int32_t) && places.n < ACTUATORS_MAX; i += 2)
                places.at[places.n++] = (LegPlace){
                        .angle_deg = clamp(numbers[i], -ANGLE_MAX, ANGLE_MAX),
                        .height_mm = clamp(numbers[i + 1], HEIGHT_MIN, HEIGHT_MAX),
                };
        *ret = places;
        return 0;
}

static int read_names(sd_bus_message *m, Names *ret)
{
        const char *text;
        Names names = {};
        int r;

        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(m, 's', &text)) > 0)
                if (names.n < TECHNIQUES_MAX)
                        text_clean(text, names.name[names.n++], sizeof(names.name[0]));
        if (r < 0)
                return r;
        *ret = names;
        return sd_bus_message_exit_container(m);
}

static int read_fields(sd_bus_message *m, const Field *fields, size_t n_fields, void *object);

static int read_field(sd_bus_message *m, const Field *field, void *object)
{
        void *to = (char *) object + field->offset;
        const char *text;
        int r, yes;

        switch (field->kind) {
        case FIELD_TEXT:
                r = sd_bus_message_read_basic(m, 's', &text);
                if (r > 0)
                        text_clean(text, to, field->size);
                return r;
        case FIELD_PATH:
                r = sd_bus_message_read_basic(m, 'o', &text);
                if (r > 0)
                        copy_path(text, to, field->size);
                return r;
        case FIELD_U32:
                return sd_bus_message_read_basic(m, 'u', to);
        case FIELD_U64:
                return sd_bus_message_read_basic(m, 't', to);
        case FIELD_BOOL:
                r = sd_bus_message_read_basic(m, 'b', &yes);
                if (r > 0)
                        *(bool *) to = yes;
                return r;
        case FIELD_PLACES:
                return read_places(m, to);
        case FIELD_NAMES:
                return read_names(m, to);
        case FIELD_LIMITS:
                return read_fields(m, limit_fields, ELEMENTSOF(limit_fields), object);
        }
        return -EINVAL;
}

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
                if (streq(fields[i].name, name) && streq(signatures[fields[i].kind], signature))
                        field = &fields[i];
        if (!field)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_enter_container(m, 'v', signature);
        if (r < 0)
                return r;
        r = read_field(m, field, object);
        if (r < 0)
                return r;
        return sd_bus_message_exit_container(m);
}

static int read_fields(sd_bus_message *m, const Field *fields, size_t n_fields, void *object)
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

int manager_read(sd_bus_message *m, Manager *manager)
{
        return read_fields(m, manager_fields, ELEMENTSOF(manager_fields), manager);
}

int massager_read(sd_bus_message *m, Massager *massager)
{
        return read_fields(m, massager_fields, ELEMENTSOF(massager_fields), massager);
}

int session_read(sd_bus_message *m, Session *session)
{
        return read_fields(m, session_fields, ELEMENTSOF(session_fields), session);
}

/* Appends an empty element and returns it, or NULL. */
static void *append(void *array, size_t *n, size_t size)
{
        void **elements = array;
        void *larger = reallocarray(*elements, *n + 1, size);

        if (!larger)
                return NULL;
        *elements = larger;
        return memset((char *) larger + (*n)++ * size, 0, size);
}

/* One interface of one object. */
static int read_interface(sd_bus_message *m, const char *path, Objects *objects)
{
        const char *interface;
        int r;

        r = sd_bus_message_read_basic(m, 's', &interface);
        if (r < 0)
                return r;
        if (strlen(path) < OBJECT_PATH_MAX && streq(interface, KNEED_MASSAGER)) {
                Massager *massager = append(
                                &objects->massagers, &objects->n_massagers, sizeof(*massager));

                if (!massager)
                        return -ENOMEM;
                copy_path(path, massager->path, sizeof(massager->path));
                return massager_read(m, massager);
        }
        if (strlen(path) < OBJECT_PATH_MAX && streq(interface, KNEED_SESSION)) {
                Session *session = append(
                                &objects->sessions, &objects->n_sessions, sizeof(*session));

                if (!session)
                        return -ENOMEM;
                copy_path(path, session->path, sizeof(session->path));
                return session_read(m, session);
        }
        return sd_bus_message_skip(m, "a{sv}");
}

static int read_object(sd_bus_message *m, Objects *objects)
{
        const char *path;
        int r;

        r = sd_bus_message_read_basic(m, 'o', &path);
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                r = read_interface(m, path, objects);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int objects_read(sd_bus_message *m, Objects *ret)
{
        _cleanup_(objects_clear) Objects objects = {};
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                r = read_object(m, &objects);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = objects;
        objects = (Objects){};
        return 0;
}

int routine_list_read(sd_bus_message *m, RoutineList *ret)
{
        _cleanup_(routine_list_clear) RoutineList list = {};
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                RoutineInfo *routine = append(&list.routines, &list.n_routines, sizeof(*routine));
                const char *name;

                if (!routine)
                        return -ENOMEM;
                r = sd_bus_message_read_basic(m, 's', &name);
                if (r < 0)
                        return r;
                text_clean(name, routine->name, sizeof(routine->name));
                r = read_fields(m, routine_fields, ELEMENTSOF(routine_fields), routine);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = list;
        list = (RoutineList){};
        return 0;
}

int frame_read(sd_bus_message *m, Frame *ret)
{
        Frame frame = {};
        const void *levels;
        size_t size;
        int r;

        r = sd_bus_message_read_basic(m, 't', &frame.elapsed_ms);
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(m, 'u', &levels, &size);
        if (r < 0)
                return r;
        frame.n_levels = (unsigned) MIN(size / sizeof(uint32_t), (size_t) ACTUATORS_MAX);
        if (frame.n_levels > 0)
                memcpy(frame.level_permille, levels, frame.n_levels * sizeof(uint32_t));
        r = sd_bus_message_read(m, "iiu", &frame.contact.angle_deg, &frame.contact.height_mm,
                        &frame.strength_permille);
        if (r < 0)
                return r;
        frame.contact.angle_deg = clamp(frame.contact.angle_deg, -ANGLE_MAX, ANGLE_MAX);
        frame.contact.height_mm = clamp(frame.contact.height_mm, HEIGHT_MIN, HEIGHT_MAX);
        *ret = frame;
        return 0;
}

int ended_read(sd_bus_message *m, Ended *ret)
{
        const char *reason, *detail;
        Ended ended = {};
        int r;

        r = sd_bus_message_read(m, "sts", &reason, &ended.played_ms, &detail);
        if (r < 0)
                return r;
        text_clean(reason, ended.reason, sizeof(ended.reason));
        text_clean(detail, ended.detail, sizeof(ended.detail));
        *ret = ended;
        return 0;
}

const Massager *objects_massager_by_id(const Objects *objects, const char *id)
{
        for (size_t i = 0; i < objects->n_massagers; i++)
                if (streq(objects->massagers[i].id, id))
                        return &objects->massagers[i];
        return NULL;
}

const Massager *objects_massager_by_path(const Objects *objects, const char *path)
{
        for (size_t i = 0; i < objects->n_massagers; i++)
                if (streq(objects->massagers[i].path, path))
                        return &objects->massagers[i];
        return NULL;
}
