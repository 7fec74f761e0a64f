/* SPDX-License-Identifier: MIT */
#include "tests/usb/mock-usb.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/hid.h>
#include <linux/usb/ch9.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/usb/mock-usb-private.h"

#define ROOT_HUB      "/sys/devices/usb1"
#define HELD_PATH_MAX (3 * MOCK_PATH_MAX)

void mock_fail(const char *what)
{
        (void) fprintf(stderr, "The mock USB bus is broken: %s (%m)\n", what);
        abort();
}

static void lock(MockBus *bus)
{
        if (pthread_mutex_lock(&bus->lock) != 0)
                mock_fail("lock");
}

static void unlock(MockBus *bus)
{
        (void) pthread_cond_broadcast(&bus->changed);
        (void) pthread_mutex_unlock(&bus->lock);
}

static void note_frame(MockDevice *d)
{
        const SimModel *model = &d->function.model;

        if (model->frames_applied == d->frames_applied)
                return;

        d->frames_applied = model->frames_applied;
        if (d->n_frames == MOCK_FRAMES_MAX)
                return;
        d->frames[d->n_frames].sequence = model->applied_sequence;
        memcpy(d->frames[d->n_frames].level_permille, model->target_permille,
                        sizeof(model->target_permille));
        d->n_frames++;
}

static void count_driven(MockDevice *d, uint64_t now_ms)
{
        if (d->is_driven)
                d->driven_ms += now_ms - d->pumped_ms;
        d->pumped_ms = now_ms;
        d->is_driven = false;
        for (unsigned i = 0; i < KNEED_ACTUATORS_MAX; i++)
                d->is_driven = d->is_driven || d->function.model.target_permille[i] > 0;
}

void mock_device_pump(MockDevice *d)
{
        uint64_t now_ms = clock_now_ms();
        UsbResult result;

        usb_device_advance(&d->usb, now_ms);
        while (usb_device_take(&d->usb, now_ms, &result)) {
                if (!mock_device_take(d, &result))
                        mock_fail("a URB of nobody ended");
                note_frame(d);
                if (d->usb.is_connected && usb_device_browns_out(&d->usb)) {
                        d->browned_out = true;
                        mock_device_drop(d);
                }
        }
        count_driven(d, now_ms);
}

void mock_device_drop(MockDevice *d)
{
        if (!d->usb.is_connected)
                return;

        usb_device_disconnect(&d->usb, clock_now_ms());
        d->is_claimed = false;
        d->has_kernel_driver = false;
        mock_device_pump(d);
        (void) close(d->master);
        d->master = -1;
}

static void wait_until(MockBus *bus, uint64_t at_ms)
{
        uint64_t now_ms = clock_now_ms();
        uint64_t ms = at_ms > now_ms ? at_ms - now_ms : 0;
        struct timespec ts;

        if (at_ms == SIM_NEVER) {
                (void) pthread_cond_wait(&bus->changed, &bus->lock);
                return;
        }

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        ts.tv_sec += (time_t) (ms / MSEC_PER_S);
        ts.tv_nsec += (long) (ms % MSEC_PER_S * NSEC_PER_MS);
        if (ts.tv_nsec >= (long) (MSEC_PER_S * NSEC_PER_MS)) {
                ts.tv_nsec -= (long) (MSEC_PER_S * NSEC_PER_MS);
                ts.tv_sec++;
        }
        (void) pthread_cond_timedwait(&bus->changed, &bus->lock, &ts);
}

/* The files of sysfs that a kernel reads under the device's lock. */
static const char *const held_files[] = { "bConfigurationValue", "product", "serial" };

static void name_held(const MockDevice *d, const char *file, char path[static HELD_PATH_MAX],
                char aside[static HELD_PATH_MAX])
{
        (void) snprintf(path, HELD_PATH_MAX, "%s%s/%s", d->bus->root, d->sysfs, file);
        (void) snprintf(aside, HELD_PATH_MAX, "%s%s/.%s", d->bus->root, d->sysfs, file);
}

/* To open a pipe that nobody writes to is to wait. */
static void hold_files(MockDevice *d)
{
        char path[HELD_PATH_MAX], aside[HELD_PATH_MAX];

        for (size_t i = 0; i < ELEMENTSOF(held_files); i++) {
                name_held(d, held_files[i], path, aside);
                if (rename(path, aside) < 0 || mkfifo(path, 0600) < 0)
                        mock_fail("a file of sysfs cannot be held");
        }
}

/* Who waited reads nothing; who comes now, the file. */
static void let_go_of_files(MockDevice *d)
{
        char path[HELD_PATH_MAX], aside[HELD_PATH_MAX];

        if (d->held_until_ms == 0)
                return;

        d->held_until_ms = 0;
        for (size_t i = 0; i < ELEMENTSOF(held_files); i++) {
                int writer;

                name_held(d, held_files[i], path, aside);
                writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
                if (writer >= 0)
                        (void) close(writer);
                if (rename(aside, path) < 0)
                        mock_fail("a file of sysfs cannot be let go");
        }
}

/* A bus has frames of a millisecond: what is asked for in one is answered in the next. */
static void *run_devices(void *userdata)
{
        MockBus *bus = userdata;

        lock(bus);
        while (!bus->is_over) {
                uint64_t frame_ms = clock_now_ms(), next_ms = SIM_NEVER;

                for (size_t i = 0; i < bus->n_devices; i++) {
                        MockDevice *d = bus->devices[i];

                        mock_device_pump(d);
                        next_ms = MIN(next_ms, usb_device_next_ms(&d->usb));
                        if (d->held_until_ms > frame_ms)
                                next_ms = MIN(next_ms, d->held_until_ms);
                        else
                                let_go_of_files(d);
                }
                wait_until(bus, next_ms);
                while (!bus->is_over && clock_now_ms() <= frame_ms)
                        wait_until(bus, frame_ms + 1);
        }
        unlock(bus);
        return NULL;
}

/* A request of the kernel's own, which a device answers at once. */
static uint32_t ask(MockDevice *d, uint8_t request_type, uint8_t request, uint16_t value,
                UsbResult *ret)
{
        UsbUrb urb = {
                .seqnum = ++d->last_seqnum,
                .in = request_type & USB_DIR_IN,
                .setup = { request_type, request, value, 0, 0 },
        };

        if (urb.in)
                urb.length = urb.setup.length = USB_IN_SIZE_MAX;
        if (usb_device_submit(&d->usb, &urb) < 0 ||
                        !usb_device_take(&d->usb, clock_now_ms(), ret) || ret->status < 0)
                mock_fail("a device cannot be enumerated");
        return ret->actual_length;
}

static void append_hex(char **text, const uint8_t *data, size_t n)
{
        for (size_t i = 0; i < n; i++)
                *text += sprintf(*text, "%02X", data[i]);
}

/* As a kernel does it, usbhid included. Writes what sysfs has as descriptors, in hex. */
static void enumerate(MockDevice *d, char *descriptors)
{
        UsbResult result;
        uint32_t n;

        usb_device_connect(&d->usb, clock_now_ms());
        n = ask(d, USB_DIR_IN, USB_REQ_GET_DESCRIPTOR, USB_DT_DEVICE << 8, &result);
        append_hex(&descriptors, result.data, n);
        n = ask(d, USB_DIR_IN, USB_REQ_GET_DESCRIPTOR, USB_DT_CONFIG << 8, &result);
        append_hex(&descriptors, result.data, n);
        (void) ask(d, USB_DIR_OUT, USB_REQ_SET_CONFIGURATION, 1, &result);
        if (d->function.description.report_descriptor)
                (void) ask(d, USB_DIR_IN | USB_RECIP_INTERFACE, USB_REQ_GET_DESCRIPTOR,
                                HID_DT_REPORT << 8, &result);
        d->has_kernel_driver = d->function.description.report_descriptor != NULL;
}

static void make_node(MockDevice *d)
{
        char target[MOCK_PATH_MAX], link[2 * MOCK_PATH_MAX];

        d->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (d->master < 0 || grantpt(d->master) < 0 || unlockpt(d->master) < 0 ||
                        ptsname_r(d->master, target, sizeof(target)) != 0)
                mock_fail("no pty");
        d->slave = ioctl(d->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (d->slave < 0)
                mock_fail("no slave of a pty");
        mock_device_set_ready(d);

        (void) snprintf(d->node, sizeof(d->node), "/dev/bus/usb/001/%03u", d->address);
        (void) snprintf(link, sizeof(link), "%s%s", d->bus->root, d->node);
        if (symlink(target, link) < 0)
                mock_fail("no node");
        if (!umockdev_testbed_attach_ioctl(d->bus->testbed, d->node, d->bus->usbfs, NULL))
                mock_fail("usbfs cannot be answered");
}

static void add_to_sysfs(MockBus *bus, const char *text)
{
        if (!umockdev_testbed_add_from_string(bus->testbed, text, NULL))
                mock_fail("sysfs does not take a device");
}

static void add_device(MockDevice *d, const char *descriptors)
{
        const UsbDescription *description = &d->function.description;
        char text[8192], serial[USB_TEXT_MAX + 16] = "";

        if (description->serial)
                (void) snprintf(serial, sizeof(serial), "A: serial=%s\\n\n", description->serial);
        (void) snprintf(text, sizeof(text),
                        "P: %s\n"
                        "E: SUBSYSTEM=usb\n"
                        "E: DEVTYPE=usb_device\n"
                        "E: DEVNAME=%s\n"
                        "E: BUSNUM=001\n"
                        "E: DEVNUM=%03u\n"
                        "A: busnum=1\\n\n"
                        "A: devnum=%u\\n\n"
                        "A: speed=12\\n\n"
                        "A: bConfigurationValue=1\\n\n"
                        "A: manufacturer=%s\\n\n"
                        "A: product=%s\\n\n"
                        "%s"
                        "H: descriptors=%s\n",
                        d->sysfs + strlen("/sys"), d->node, d->address, d->address,
                        description->manufacturer, description->product, serial, descriptors);
        add_to_sysfs(d->bus, text);
}

static void name_interface(const MockDevice *d, char ret[static MOCK_PATH_MAX])
{
        (void) snprintf(ret, MOCK_PATH_MAX, ROOT_HUB "/1-%u/1-%u:1.0", d->port, d->port);
}

static void add_interface(MockDevice *d)
{
        char path[MOCK_PATH_MAX], text[1024];

        name_interface(d, path);
        (void) snprintf(text, sizeof(text),
                        "P: %s\n"
                        "E: SUBSYSTEM=usb\n"
                        "E: DEVTYPE=usb_interface\n"
                        "A: bInterfaceNumber=00\\n\n",
                        path + strlen("/sys"));
        add_to_sysfs(d->bus, text);
}

void mock_device_name_interface(MockDevice *d)
{
        const char *string = d->function.description.interface;
        char path[MOCK_PATH_MAX];

        name_interface(d, path);
        if (string)
                umockdev_testbed_set_attribute(d->bus->testbed, path, "interface", string);
}

void mock_device_add_interface(MockDevice *d)
{
        add_interface(d);
        mock_device_name_interface(d);
}

void mock_device_plug_without_interface(MockDevice *d, unsigned port)
{
        char descriptors[2 * USB_IN_SIZE_MAX];
        MockBus *bus = d->bus;

        lock(bus);
        if (d->browned_out)
                d->function.vtable->power_cycle(&d->function, clock_now_ms());
        d->browned_out = false;
        memset(d->urbs, 0, sizeof(d->urbs)); /* of a handle that nobody listens to any more */
        enumerate(d, descriptors);
        d->port = port;
        d->address = ++bus->last_address;
        (void) snprintf(d->sysfs, sizeof(d->sysfs), ROOT_HUB "/1-%u", port);
        make_node(d);
        d->is_plugged = true;
        unlock(bus);

        add_device(d, descriptors);
        lock(bus);
        if (d->hold_ms > 0) {
                hold_files(d);
                d->held_until_ms = clock_now_ms() + d->hold_ms;
        }
        unlock(bus);
}

void mock_device_hold(MockDevice *d, unsigned ms)
{
        lock(d->bus);
        d->hold_ms = ms;
        unlock(d->bus);
}

void mock_device_plug(MockDevice *d, unsigned port)
{
        mock_device_plug_without_interface(d, port);
        mock_device_add_interface(d);
}

void mock_device_plug_without_name(MockDevice *d, unsigned port)
{
        mock_device_plug_without_interface(d, port);
        add_interface(d);
}

static void drop(MockDevice *d)
{
        lock(d->bus);
        mock_device_drop(d);
        unlock(d->bus);
}

void mock_device_unplug(MockDevice *d, MockOrder order)
{
        char interface[MOCK_PATH_MAX], link[2 * MOCK_PATH_MAX];
        MockBus *bus = d->bus;

        lock(bus);
        let_go_of_files(d);
        unlock(bus);
        name_interface(d, interface);
        if (order == MOCK_NODE_FIRST)
                drop(d);
        umockdev_testbed_uevent(bus->testbed, interface, "remove");
        umockdev_testbed_uevent(bus->testbed, d->sysfs, "remove");
        drop(d);

        umockdev_testbed_remove_device(bus->testbed, interface);
        umockdev_testbed_remove_device(bus->testbed, d->sysfs);
        (void) snprintf(link, sizeof(link), "%s%s", bus->root, d->node);
        (void) unlink(link);
        (void) umockdev_testbed_detach_ioctl(bus->testbed, d->node, NULL);
        (void) close(d->slave);
        d->slave = -1;
        d->is_plugged = false;
}

void mock_device_inject(MockDevice *d, uint32_t faults)
{
        lock(d->bus);
        d->function.vtable->inject(&d->function, clock_now_ms(), faults);
        mock_device_pump(d);
        unlock(d->bus);
}

void mock_device_press_button(MockDevice *d, bool pressed)
{
        lock(d->bus);
        sim_model_press_button(&d->function.model, clock_now_ms(), pressed);
        mock_device_pump(d);
        unlock(d->bus);
}

void mock_device_warm(MockDevice *d, int cc)
{
        lock(d->bus);
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                d->function.model.heater_units[i] = (uint32_t) cc * SIM_HEATER_UNITS;
        mock_device_pump(d);
        unlock(d->bus);
}

void mock_device_supply(MockDevice *d, unsigned ma)
{
        lock(d->bus);
        d->design.identity.budget_ma = (uint16_t) ma;
        unlock(d->bus);
}

void mock_device_permit(MockDevice *d, bool permitted)
{
        if (fchmod(d->slave, permitted ? 0600 : 0) < 0)
                mock_fail("permissions of a node");
}

void mock_device_occupy(MockDevice *d, bool occupied)
{
        lock(d->bus);
        d->is_occupied = occupied;
        unlock(d->bus);
}

unsigned mock_device_address(const MockDevice *d)
{
        return d->address;
}

void mock_device_look(MockDevice *d, MockTruth *ret)
{
        lock(d->bus);
        mock_device_pump(d);
        *ret = (MockTruth){
                .model = d->function.model,
                .is_powered = !d->browned_out,
                .has_kernel_driver = d->has_kernel_driver,
                .is_claimed = d->is_claimed,
                .n_opens = d->n_opens,
                .n_resets = d->n_resets,
                .n_waits = d->n_waits,
                .n_held = d->n_held,
                .driven_ms = d->driven_ms,
        };
        for (size_t i = 0; i < ELEMENTSOF(d->urbs); i++)
                ret->n_urbs += d->urbs[i].urb != NULL;
        unlock(d->bus);

        for (unsigned i = 0; i < KNEED_ACTUATORS_MAX; i++)
                ret->is_moving = ret->is_moving || sim_model_motor_permille(&ret->model, i) > 0;
}

void mock_bus_serve(MockBus *bus, pid_t client)
{
        lock(bus);
        for (size_t i = 0; i < bus->n_devices && client == 0; i++)
                mock_device_let_go(bus->devices[i]);
        bus->client = client;
        (void) pthread_cond_broadcast(&bus->changed);
        unlock(bus);
}

const MockFrame *mock_device_frames(MockDevice *d, size_t *ret_n)
{
        lock(d->bus);
        *ret_n = d->n_frames;
        unlock(d->bus);
        return d->frames;
}

MockDevice *mock_device_new(MockBus *bus, MockKind kind, const char *serial)
{
        MockDevice *d = calloc(1, sizeof(*d));

        if (!d || bus->n_devices == MOCK_DEVICES_MAX)
                mock_fail("no place for a device");

        d->bus = bus;
        d->master = -1;
        d->slave = -1;
        d->design = sim_reference_design;
        if (kind == MOCK_TRANCE_VIBRATOR)
                trance_vibrator_init(&d->trance, serial, clock_now_ms());
        else
                usb_massager_init(&d->massager, &d->design, serial, clock_now_ms());
        d->function.description.serial = serial;
        if (kind == MOCK_KEYBOARD) {
                d->function.description.product = "Keyboard";
                d->function.description.interface = "Keys";
        }
        usb_device_init(&d->usb, &d->function);

        lock(bus);
        bus->devices[bus->n_devices++] = d;
        unlock(bus);
        return d;
}

static void forget_privileges(void)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

        /* Nor does a child get them back by exec(), or its memory would be out of our reach. */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capset, &header, none) < 0)
                mock_fail("privileges");
}

static void add_root_hub(MockBus *bus)
{
        add_to_sysfs(bus,
                        "P: /devices/usb1\n"
                        "E: SUBSYSTEM=usb\n"
                        "E: DEVTYPE=usb_device\n"
                        "E: DEVNAME=/dev/bus/usb/001/001\n"
                        "A: busnum=1\\n\n"
                        "A: devnum=1\\n\n"
                        "A: speed=480\\n\n"
                        "A: bConfigurationValue=1\\n\n"
                        "H: descriptors=12010002090001406B1D020001060302010109021900010100E0000904"
                        "000001090000000705810304000C\n");
        bus->last_address = 1;
}

MockBus *mock_bus_new(void)
{
        MockBus *bus = calloc(1, sizeof(*bus));
        pthread_condattr_t attributes;
        char nodes[2 * MOCK_PATH_MAX];

        if (!bus)
                mock_fail("memory");
        /* A leader of a session would hear of every unplugged pty. */
        (void) signal(SIGHUP, SIG_IGN);
        forget_privileges();

        bus->client = getpid();
        bus->testbed = umockdev_testbed_new();
        bus->root = umockdev_testbed_get_root_dir(bus->testbed);
        (void) snprintf(nodes, sizeof(nodes), "%s/dev/bus/usb/001", bus->root);
        if (g_mkdir_with_parents(nodes, 0755) < 0)
                mock_fail("no directory of nodes");
        mock_usbfs_attach(bus);
        add_root_hub(bus);
        if (access(ROOT_HUB, F_OK) < 0)
                mock_fail("libumockdev-preload is not in LD_PRELOAD");

        (void) pthread_mutex_init(&bus->lock, NULL);
        (void) pthread_condattr_init(&attributes);
        (void) pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        (void) pthread_cond_init(&bus->changed, &attributes);
        (void) pthread_condattr_destroy(&attributes);
        if (pthread_create(&bus->thread, NULL, run_devices, bus) != 0)
                mock_fail("no thread");
        return bus;
}

MockBus *mock_bus_free(MockBus *bus)
{
        if (!bus)
                return NULL;

        for (size_t i = 0; i < bus->n_devices; i++)
                if (bus->devices[i]->is_plugged)
                        mock_device_unplug(bus->devices[i], MOCK_NODE_FIRST);
        lock(bus);
        bus->is_over = true;
        unlock(bus);
        (void) pthread_join(bus->thread, NULL);

        g_object_unref(bus->usbfs);
        g_object_unref(bus->testbed);
        g_free(bus->root);
        for (size_t i = 0; i < bus->n_devices; i++)
                free(bus->devices[i]);
        (void) pthread_cond_destroy(&bus->changed);
        (void) pthread_mutex_destroy(&bus->lock);
        free(bus);
        return NULL;
}
