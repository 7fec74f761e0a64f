/* SPDX-License-Identifier: MIT */

/* What kneed says of itself on the bus is what is shipped in config/dbus/, and the other way
 * round. */

#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bus/stage.h"
#include "tests/unit/cmocka-all.h"

#define LINES_MAX 128u

/* An interface, one line a member, in an order of its own. */
typedef struct Portrait {
        size_t n;
        char *line[LINES_MAX];
} Portrait;

static void portrait_clear(Portrait *portrait)
{
        for (size_t i = 0; i < portrait->n; i++)
                g_free(portrait->line[i]);
        portrait->n = 0;
}

static void take_line(Portrait *portrait, char *line)
{
        assert_true(portrait->n < LINES_MAX);
        portrait->line[portrait->n++] = line;
}

/* "(s routine, a{sv} options)" */
static char *say_arguments(GDBusArgInfo **args)
{
        GString *text = g_string_new("(");

        for (size_t i = 0; args && args[i]; i++)
                g_string_append_printf(text, "%s%s %s", i > 0 ? ", " : "", args[i]->signature,
                                args[i]->name ? args[i]->name : "WITHOUT-NAME");
        g_string_append_c(text, ')');
        return g_string_free(text, FALSE);
}

static const char *say_emission(const GDBusInterfaceInfo *interface, const GDBusPropertyInfo *p)
{
        static const char name[] = "org.freedesktop.DBus.Property.EmitsChangedSignal";
        const char *emission = g_dbus_annotation_info_lookup(p->annotations, name);

        if (!emission)
                emission = g_dbus_annotation_info_lookup(interface->annotations, name);
        return emission ? emission : "true";
}

static const char *say_access(GDBusPropertyInfoFlags flags)
{
        bool readable = flags & G_DBUS_PROPERTY_INFO_FLAGS_READABLE;
        bool writable = flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE;

        return readable && writable ? "readwrite" : writable ? "write" : "read";
}

static int compare_lines(const void *a, const void *b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void draw(const GDBusInterfaceInfo *interface, Portrait *ret)
{
        for (size_t i = 0; interface->methods && interface->methods[i]; i++) {
                const GDBusMethodInfo *method = interface->methods[i];
                g_autofree char *in = say_arguments(method->in_args);
                g_autofree char *out = say_arguments(method->out_args);

                take_line(ret, g_strdup_printf("method %s%s -> %s", method->name, in, out));
        }
        for (size_t i = 0; interface->signals && interface->signals[i]; i++) {
                g_autofree char *args = say_arguments(interface->signals[i]->args);

                take_line(ret, g_strdup_printf("signal %s%s", interface->signals[i]->name, args));
        }
        for (size_t i = 0; interface->properties && interface->properties[i]; i++) {
                const GDBusPropertyInfo *p = interface->properties[i];

                take_line(ret, g_strdup_printf("property %s %s %s, emits %s", p->signature, p->name,
                                               say_access(p->flags), say_emission(interface, p)));
        }
        qsort(ret->line, ret->n, sizeof(ret->line[0]), compare_lines);
}

/* Both ways, with every difference said. */
static void compare(const char *name, const Portrait *shipped, const Portrait *live)
{
        size_t i = 0, k = 0, differences = 0;

        while (i < shipped->n || k < live->n) {
                int order = i == shipped->n ? 1
                            : k == live->n  ? -1
                                            : strcmp(shipped->line[i], live->line[k]);

                if (order < 0)
                        print_error("%s: only shipped: %s\n", name, shipped->line[i]);
                if (order > 0)
                        print_error("%s: only live: %s\n", name, live->line[k]);
                differences += order != 0;
                i += order <= 0;
                k += order >= 0;
        }

        assert_int_equal(differences, 0);
        assert_true(shipped->n > 0);
}

static GDBusNodeInfo *read_shipped(const char *interface)
{
        g_autofree char *path = g_strdup_printf(KNEED_DATA "/dbus/%s.xml", interface);
        g_autofree char *xml = NULL;
        GDBusNodeInfo *node;

        assert_true(g_file_get_contents(path, &xml, NULL, NULL));
        node = g_dbus_node_info_new_for_xml(xml, NULL);
        assert_non_null(node);
        return node;
}

static GDBusNodeInfo *introspect(Client *client, const char *path)
{
        sd_bus_message *reply = NULL;
        GDBusNodeInfo *node;
        const char *xml;

        assert_true(client_call(client, path, "org.freedesktop.DBus.Introspectable", "Introspect",
                                    NULL, &reply, NULL) >= 0);
        assert_true(sd_bus_message_read(reply, "s", &xml) > 0);
        node = g_dbus_node_info_new_for_xml(xml, NULL);
        assert_non_null(node);
        sd_bus_message_unref(reply);
        return node;
}

static void check_interface(Stage *stage, const char *path, const char *name)
{
        g_autoptr(GDBusNodeInfo) shipped = read_shipped(name);
        g_autoptr(GDBusNodeInfo) live = introspect(stage->clients[0], path);
        const GDBusInterfaceInfo *ours = g_dbus_node_info_lookup_interface(shipped, name);
        const GDBusInterfaceInfo *theirs = g_dbus_node_info_lookup_interface(live, name);
        Portrait expected = { 0 }, got = { 0 };

        assert_non_null(ours);
        assert_non_null(theirs);
        draw(ours, &expected);
        draw(theirs, &got);
        compare(name, &expected, &got);
        portrait_clear(&expected);
        portrait_clear(&got);
}

static void test_manager(void **state)
{
        check_interface(*state, KNEED_ROOT, KNEED_MANAGER);
}

static void test_massager(void **state)
{
        check_interface(*state, VIRTUAL_PATH, KNEED_MASSAGER);
}

static void test_session(void **state)
{
        Stage *stage = *state;

        check_interface(stage, client_run(stage->clients[0], "daily", 1), KNEED_SESSION);
}

static bool is_standard(const char *interface)
{
        static const char *const standard[] = { "org.freedesktop.DBus.Introspectable",
                OBJECT_MANAGER, "org.freedesktop.DBus.Peer", PROPERTIES };

        for (size_t i = 0; i < G_N_ELEMENTS(standard); i++)
                if (g_str_equal(interface, standard[i]))
                        return true;

        return false;
}

static void check_interfaces_of(Client *client, const char *path, const char *only)
{
        g_autoptr(GDBusNodeInfo) node = introspect(client, path);

        for (size_t i = 0; node->interfaces && node->interfaces[i]; i++) {
                const char *name = node->interfaces[i]->name;

                if (!is_standard(name) && !(only && g_str_equal(name, only)))
                        fail_msg("%s has %s", path, name);
        }
}

/* What is there and nobody wrote down would be a door that nobody watches. */
static void test_no_other_interfaces(void **state)
{
        Stage *stage = *state;
        Client *client = stage->clients[0];
        const char *session = client_run(client, "daily", 1);

        check_interfaces_of(client, "/", NULL);
        check_interfaces_of(client, "/org", NULL);
        check_interfaces_of(client, KNEED_ROOT, KNEED_MANAGER);
        check_interfaces_of(client, KNEED_ROOT "/massager", NULL);
        check_interfaces_of(client, VIRTUAL_PATH, KNEED_MASSAGER);
        check_interfaces_of(client, KNEED_ROOT "/session", NULL);
        check_interfaces_of(client, session, KNEED_SESSION);
}

static void check_only_child(Client *client, const char *path, const char *child)
{
        g_autoptr(GDBusNodeInfo) node = introspect(client, path);

        assert_non_null(node->nodes);
        assert_non_null(node->nodes[0]);
        assert_string_equal(node->nodes[0]->path, child);
        assert_null(node->nodes[1]);
}

/* Whoever looks about with a browser of the bus finds the way to each object. */
static void test_tree(void **state)
{
        Stage *stage = *state;
        Client *client = stage->clients[0];

        (void) client_run(client, "daily", 1);
        check_only_child(client, KNEED_ROOT "/massager", VIRTUAL_ID);
        check_only_child(client, KNEED_ROOT "/session", "1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_manager),
                TEST(test_massager),
                TEST(test_session),
                TEST(test_no_other_interfaces),
                TEST(test_tree),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
