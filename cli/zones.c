/* SPDX-License-Identifier: MIT */
#include "cli/zones.h"

#include "cli/fields.h"
#include "cli/table.h"
#include "cli/text.h"

static int read_i32(sd_bus_message *m, void *to, size_t size)
{
        return sd_bus_message_read_basic(m, 'i', to);
}

static const FieldType field_i32 = { "i", read_i32 };

_Static_assert(offsetof(ZoneInfo, name) == 0, "the key of a map comes first");

static const Field zone_fields[] = {
        FIELD("words", field_text, ZoneInfo, words),
        FIELD("angle", field_i32, ZoneInfo, angle_deg),
        FIELD("height", field_i32, ZoneInfo, height_mm),
};

void zone_list_clear(ZoneList *list)
{
        free(list->zones);
        *list = (ZoneList){};
}

int zone_list_read(sd_bus_message *m, ZoneList *ret)
{
        _cleanup_(zone_list_clear) ZoneList list = {};
        int r;

        r = fields_read_map(m, zone_fields, ELEMENTSOF(zone_fields), &list.zones, &list.n_zones,
                        sizeof(*list.zones), sizeof(list.zones->name));
        if (r < 0)
                return r;
        *ret = list;
        list = (ZoneList){};
        return 0;
}

void zones_print(const ZoneList *list)
{
        static const char *const heading[] = { "ZONE", "ANGLE", "HEIGHT", "WHERE" };
        _cleanup_(table_clear) Table table = {};

        table_init(&table, ELEMENTSOF(heading));
        for (size_t i = 0; i < ELEMENTSOF(heading); i++)
                (void) table_add(&table, "%s", heading[i]);
        for (size_t i = 0; i < list->n_zones; i++) {
                (void) table_add(&table, "%s", list->zones[i].name);
                (void) table_add(&table, "%d", list->zones[i].angle_deg);
                (void) table_add(&table, "%d", list->zones[i].height_mm);
                (void) table_add(&table, "%s", list->zones[i].words);
        }
        table_print(&table, stdout);
        say(stdout, "Angle: degrees around the leg, 0 in front, 90 on the outer side.");
        say(stdout, "Height: millimetres from the middle of the kneecap, towards the hip.");
        say(stdout, "The kneecap and the hollow of the knee are no zones: nothing may press "
                    "there.");
}

void json_add_zones(json_object *to, const ZoneList *list)
{
        json_object *array = json_object_new_array();

        for (size_t i = 0; i < list->n_zones; i++) {
                json_object *zone = json_object_new_object();

                (void) json_object_object_add(
                                zone, "name", json_object_new_string(list->zones[i].name));
                (void) json_object_object_add(
                                zone, "angle", json_object_new_int(list->zones[i].angle_deg));
                (void) json_object_object_add(
                                zone, "height", json_object_new_int(list->zones[i].height_mm));
                (void) json_object_object_add(
                                zone, "words", json_object_new_string(list->zones[i].words));
                (void) json_object_array_add(array, zone);
        }
        (void) json_object_object_add(to, "zones", array);
}
