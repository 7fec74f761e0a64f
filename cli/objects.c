/* SPDX-License-Identifier: MIT */
#include "cli/objects.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/fields.h"
#include "cli/text.h"

#define ANGLE_MAX  180
#define HEIGHT_MIN (-500)
#define HEIGHT_MAX 600

static int read_places(sd_bus_message *m, void *to, size_t size);
static int read_names(sd_bus_message *m, void *to, size_t size);
static int read_limits(sd_bus_message *m, void *to, size_t size);

static const FieldType field_places = { "ai", read_places };
static const FieldType field_names = { "as", read_names };
static const FieldType field_limits = { "a{sv}", read_limits };

static const Field limit_fields[] = {
        FIELD("level_permille", field_u32, Manager, level_permille),
        FIELD("first_level_permille", field_u32, Manager, first_level_permille),
};

static const Field manager_fields[] = {
        FIELD("Version", field_text, Manager, version),
        FIELD("DefaultLeg", field_text, Manager, default_leg),
        FIELD("LedgerState", field_text, Manager, ledger_state),
        FIELD("LedgerReason", field_text, Manager, ledger_reason),
        { "Limits", &field_limits, 0, sizeof(Manager) },
};

static const Field massager_fields[] = {
        FIELD("Id", field_text, Massager, id),
        FIELD("Name", field_text, Massager, name),
        FIELD("Driver", field_text, Massager, driver),
        FIELD("State", field_text, Massager, state),
        FIELD("Reason", field_text, Massager, reason),
        FIELD("Warning", field_text, Massager, warning),
        FIELD("Actuators", field_u32, Massager, n_actuators),
        FIELD("Heaters", field_u32, Massager, n_heaters),
        FIELD("CutOffMs", field_u32, Massager, cut_off_ms),
        FIELD("Contact", field_bool, Massager, contact),
        FIELD("Places", field_places, Massager, places),
};

static const Field session_fields[] = {
        FIELD("Routine", field_text, Session, routine),
        FIELD("Massager", field_path, Session, massager),
        FIELD("Leg", field_text, Session, leg),
        FIELD("State", field_text, Session, state),
        FIELD("Technique", field_text, Session, technique),
        FIELD("Steps", field_u32, Session, n_steps),
        FIELD("Step", field_u32, Session, step),
        FIELD("Intensity", field_u32, Session, intensity_percent),
        FIELD("Tempo", field_u32, Session, tempo_percent),
        FIELD("DurationMs", field_u64, Session, duration_ms),
        FIELD("Deadline", field_u64, Session, deadline_us),
        FIELD("RemainingMs", field_u64, Session, remaining_ms),
        FIELD("Leased", field_bool, Session, leased),
};

_Static_assert(offsetof(RoutineInfo, name) == 0, "the key of a map comes first");

static const Field routine_fields[] = {
        FIELD("summary", field_text, RoutineInfo, summary),
        FIELD("unsuited", field_text, RoutineInfo, unsuited),
        FIELD("techniques", field_names, RoutineInfo, techniques),
        FIELD("duration_s", field_u32, RoutineInfo, duration_s),
        FIELD("intensity", field_u32, RoutineInfo, intensity_percent),
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

static int read_places(sd_bus_message *m, void *to, size_t size)
{
        Places places = {};
        const void *data;
        const int32_t *numbers;
        size_t n_bytes;
        int r;

        r = sd_bus_message_read_array(m, 'i', &data, &n_bytes);
        if (r < 0)
                return r;
        numbers = data;
        for (size_t i = 0; i + 1 < n_bytes / sizeof(int32_t) && places.n < ACTUATORS_MAX; i += 2)
                places.at[places.n++] = (LegPlace){
                        .angle_deg = clamp(numbers[i], -ANGLE_MAX, ANGLE_MAX),
                        .height_mm = clamp(numbers[i + 1], HEIGHT_MIN, HEIGHT_MAX),
                };
        *(Places *) to = places;
        return 0;
}

static int read_names(sd_bus_message *m, void *to, size_t size)
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
        *(Names *) to = names;
        return sd_bus_message_exit_container(m);
}

static int read_limits(sd_bus_message *m, void *to, size_t size)
{
        return fields_read(m, limit_fields, ELEMENTSOF(limit_fields), to);
}

int manager_read(sd_bus_message *m, Manager *manager)
{
        return fields_read(m, manager_fields, ELEMENTSOF(manager_fields), manager);
}

int massager_read(sd_bus_message *m, Massager *massager)
{
        return fields_read(m, massager_fields, ELEMENTSOF(massager_fields), massager);
}

int session_read(sd_bus_message *m, Session *session)
{
        return fields_read(m, session_fields, ELEMENTSOF(session_fields), session);
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
                Massager *massager = fields_append(
                                &objects->massagers, &objects->n_massagers, sizeof(*massager));

                if (!massager)
                        return -ENOMEM;
                (void) snprintf(massager->path, sizeof(massager->path), "%s", path);
                return massager_read(m, massager);
        }
        if (strlen(path) < OBJECT_PATH_MAX && streq(interface, KNEED_SESSION)) {
                Session *session = fields_append(
                                &objects->sessions, &objects->n_sessions, sizeof(*session));

                if (!session)
                        return -ENOMEM;
                (void) snprintf(session->path, sizeof(session->path), "%s", path);
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

        r = fields_read_map(m, routine_fields, ELEMENTSOF(routine_fields), &list.routines,
                        &list.n_routines, sizeof(*list.routines), sizeof(list.routines->name));
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
