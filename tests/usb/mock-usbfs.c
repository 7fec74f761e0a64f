/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/usb/mock-usb-private.h"

#define SETUP_SIZE 8u

/* The memory of a client that waits for an answer: this process, or a child of it. */
static int client_read(const MockBus *bus, const void *from, void *ret, size_t n)
{
        struct iovec here = { ret, n };
        /* Nothing is written there; its type is older than const was usual. */
        /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
        struct iovec there = { (void *) (uintptr_t) from, n };

        if (bus->client == getpid())
                memcpy(ret, from, n);
        else if (process_vm_readv(bus->client, &here, 1, &there, 1, 0) != (ssize_t) n)
                return -EFAULT;
        return 0;
}

static int client_write(const MockBus *bus, void *to, const void *data, size_t n)
{
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): as above */
        struct iovec here = { (void *) (uintptr_t) data, n };
        struct iovec there = { to, n };

        if (bus->client == getpid())
                memcpy(to, data, n);
        else if (process_vm_writev(bus->client, &here, 1, &there, 1, 0) != (ssize_t) n)
                return -EFAULT;
        return 0;
}

static MockDevice *find_device(MockBus *bus, const char *node)
{
        for (size_t i = 0; i < bus->n_devices; i++)
                if (streq(bus->devices[i]->node, node))
                        return bus->devices[i];

        return NULL;
}

static MockUrb *find_urb(MockDevice *d, const struct usbdevfs_urb *urb)
{
        for (size_t i = 0; i < ELEMENTSOF(d->urbs); i++)
                if (d->urbs[i].urb == urb)
                        return &d->urbs[i];

        return NULL;
}

static MockUrb *find_first_ended(MockDevice *d)
{
        MockUrb *first = NULL;

        for (size_t i = 0; i < ELEMENTSOF(d->urbs); i++)
                if (d->urbs[i].ended > 0 && (!first || d->urbs[i].ended < first->ended))
                        first = &d->urbs[i];

        return first;
}

void mock_device_set_ready(MockDevice *d)
{
        (void) tcflow(d->slave, find_first_ended(d) ? TCOON : TCOOFF);
}

static void end_urb(MockDevice *d, MockUrb *urb, const UsbResult *result)
{
        urb->result = *result;
        urb->ended = ++d->last_ended;
        mock_device_set_ready(d);
}

bool mock_device_take(MockDevice *d, const UsbResult *result)
{
        for (size_t i = 0; i < ELEMENTSOF(d->urbs); i++)
                if (d->urbs[i].urb && d->urbs[i].ended == 0 &&
                                d->urbs[i].seqnum == result->seqnum) {
                        end_urb(d, &d->urbs[i], result);
                        return true;
                }

        return false;
}

static bool is_control(const struct usbdevfs_urb *urb)
{
        return urb->type == USBDEVFS_URB_TYPE_CONTROL;
}

static uint16_t get16(const uint8_t *data)
{
        return (uint16_t) (data[0] | data[1] << 8);
}

/* What the client sends: the setup of a control transfer, if it is one, and data. */
static int read_out(MockBus *bus, const struct usbdevfs_urb *urb, UsbUrb *ret)
{
        uint8_t *data = urb->buffer;
        uint32_t size = (uint32_t) urb->buffer_length;
        int r;

        *ret = (UsbUrb){
                .endpoint = urb->endpoint,
                .in = urb->endpoint & USB_DIR_IN,
                .short_not_ok = urb->flags & USBDEVFS_URB_SHORT_NOT_OK,
        };
        if (is_control(urb)) {
                uint8_t setup[SETUP_SIZE];

                if (size < SETUP_SIZE)
                        return -EINVAL;
                r = client_read(bus, data, setup, SETUP_SIZE);
                if (r < 0)
                        return r;
                ret->endpoint = 0;
                ret->in = setup[0] & USB_DIR_IN;
                ret->setup = (UsbSetup){ setup[0], setup[1], get16(setup + 2), get16(setup + 4),
                        get16(setup + 6) };
                data += SETUP_SIZE;
                size -= SETUP_SIZE;
        }

        ret->length = size;
        return ret->in ? 0 : client_read(bus, data, ret->data, MIN(size, USB_OUT_SIZE_MAX));
}

static int submit(MockDevice *d, struct usbdevfs_urb *urb)
{
        MockUrb *place = find_urb(d, NULL);
        struct usbdevfs_urb copy;
        UsbUrb to_device;
        int r;

        if (!place)
                return -ENOMEM;
        r = client_read(d->bus, urb, &copy, sizeof(copy));
        if (r < 0)
                return r;
        if (!is_control(&copy) && !d->is_claimed)
                return -EBUSY;
        r = read_out(d->bus, &copy, &to_device);
        if (r < 0)
                return r;

        to_device.seqnum = ++d->last_seqnum;
        r = usb_device_submit(&d->usb, &to_device);
        if (r < 0)
                return r;

        *place = (MockUrb){
                .urb = urb,
                .data = (uint8_t *) copy.buffer + (is_control(&copy) ? SETUP_SIZE : 0),
                .seqnum = to_device.seqnum,
        };
        return 0;
}

static int discard(MockDevice *d, const struct usbdevfs_urb *urb)
{
        MockUrb *place = find_urb(d, urb);

        if (!place || place->ended > 0 || usb_device_unlink(&d->usb, place->seqnum) == 0)
                return -EINVAL;

        end_urb(d, place, &(UsbResult){ .status = -ENOENT });
        return 0;
}

static int reap(MockDevice *d, struct usbdevfs_urb **ret)
{
        MockUrb *ended = find_first_ended(d);
        int status, actual_length, r = 0;

        if (!ended)
                return d->usb.is_connected ? -EAGAIN : -ENODEV;

        status = ended->result.status;
        actual_length = (int) ended->result.actual_length;
        if (ended->result.in)
                r = client_write(d->bus, ended->data, ended->result.data,
                                ended->result.actual_length);
        if (r >= 0)
                r = client_write(d->bus, &ended->urb->status, &status, sizeof(status));
        if (r >= 0)
                r = client_write(d->bus, &ended->urb->actual_length, &actual_length,
                                sizeof(actual_length));
        if (r >= 0)
                r = client_write(d->bus, ret, &ended->urb, sizeof(ended->urb));
        *ended = (MockUrb){ 0 };
        mock_device_set_ready(d);
        return r;
}

void mock_device_let_go(MockDevice *d)
{
        d->is_claimed = false;
        for (size_t i = 0; i < ELEMENTSOF(d->urbs); i++)
                if (d->urbs[i].urb && d->urbs[i].ended == 0)
                        (void) usb_device_unlink(&d->usb, d->urbs[i].seqnum);
        memset(d->urbs, 0, sizeof(d->urbs));
        if (d->is_plugged)
                mock_device_set_ready(d);
}

static int claim(MockDevice *d)
{
        if (d->is_claimed || d->is_occupied || d->has_kernel_driver)
                return -EBUSY;

        d->is_claimed = true;
        return 0;
}

static int release(MockDevice *d)
{
        if (!d->is_claimed)
                return -EINVAL;

        d->is_claimed = false;
        return 0;
}

/* What the helper asks for: it is no child of the client's, so its memory is read by umockdev. */
static int read_request(UMockdevIoctlData *argument, void *ret, size_t n)
{
        UMockdevIoctlData *read = umockdev_ioctl_data_resolve(argument, 0, n, NULL);

        if (!read)
                return -EFAULT;

        memcpy(ret, read->data, n);
        umockdev_ioctl_data_unref(read);
        return 0;
}

/* Of what can be done with the interface's driver, it wants that back only. */
static int connect_driver(MockDevice *d, UMockdevIoctlData *argument)
{
        struct usbdevfs_ioctl command;
        int r = read_request(argument, &command, sizeof(command));

        if (r < 0)
                return r;
        if (command.ioctl_code != (int) USBDEVFS_CONNECT || command.ifno != 0)
                return -ENOTTY;
        if (d->is_claimed)
                return -EBUSY;

        d->has_kernel_driver = d->function.description.report_descriptor != NULL;
        return d->has_kernel_driver;
}

/* Another program's claim is a driver too, by the name of usbfs. */
static int detach_and_claim(MockDevice *d, UMockdevIoctlData *argument)
{
        struct usbdevfs_disconnect_claim command;
        int r = read_request(argument, &command, sizeof(command));

        if (r < 0)
                return r;
        if (command.interface != 0 || command.flags != USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER ||
                        strcmp(command.driver, "usbfs") != 0)
                return -EINVAL;
        if (d->is_claimed || d->is_occupied)
                return -EBUSY;

        d->has_kernel_driver = false;
        return claim(d);
}

static int reset(MockDevice *d)
{
        d->n_resets++;
        usb_device_reset(&d->usb, clock_now_ms());
        return 0;
}

static int tell_capabilities(MockDevice *d, void *to)
{
        uint32_t capabilities = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                                USBDEVFS_CAP_REAP_AFTER_DISCONNECT;

        return client_write(d->bus, to, &capabilities, sizeof(capabilities));
}

static int answer(MockDevice *d, unsigned long request, UMockdevIoctlData *data)
{
        void *argument = *(void **) (void *) data->data;

        if (request == USBDEVFS_REAPURBNDELAY)
                return reap(d, argument);
        if (request == USBDEVFS_IOCTL || request == USBDEVFS_DISCONNECT_CLAIM ||
                        (request == USBDEVFS_RELEASEINTERFACE && !d->usb.is_connected))
                d->n_waits++;
        if (!d->usb.is_connected)
                return -ENODEV;

        switch (request) {
        case USBDEVFS_GET_CAPABILITIES:
                return tell_capabilities(d, argument);
        case USBDEVFS_CLAIMINTERFACE:
                return claim(d);
        case USBDEVFS_DISCONNECT_CLAIM:
                return detach_and_claim(d, data);
        case USBDEVFS_RELEASEINTERFACE:
                return release(d);
        case USBDEVFS_IOCTL:
                return connect_driver(d, data);
        case USBDEVFS_RESET:
                return reset(d);
        case USBDEVFS_SUBMITURB:
                return submit(d, argument);
        case USBDEVFS_DISCARDURB:
                return discard(d, argument);
        default:
                return -ENOTTY;
        }
}

static void complete(MockBus *bus, MockDevice *d, UMockdevIoctlClient *client)
{
        int r;

        while (bus->client == 0)
                (void) pthread_cond_wait(&bus->changed, &bus->lock);
        r = d ? answer(d, umockdev_ioctl_client_get_request(client),
                                umockdev_ioctl_client_get_arg(client))
              : -ENODEV;
        (void) pthread_cond_broadcast(&bus->changed);
        umockdev_ioctl_client_complete(client, r < 0 ? -1 : r, r < 0 ? -r : 0);
}

/* On umockdev's thread. */
static gboolean on_held(gpointer userdata)
{
        MockHeld *held = userdata;
        MockDevice *d = held->device;

        (void) pthread_mutex_lock(&d->bus->lock);
        complete(d->bus, d, held->client);
        (void) pthread_mutex_unlock(&d->bus->lock);
        g_object_unref(held->client);
        return G_SOURCE_REMOVE;
}

/* The kernel lets it wait, and answers others meanwhile. */
static void hold(MockDevice *d, UMockdevIoctlClient *client, uint64_t ms)
{
        MockHeld *held = g_new(MockHeld, 1);
        GSource *later = g_timeout_source_new((guint) ms);

        *held = (MockHeld){ d, g_object_ref(client) };
        d->n_held++;
        g_source_set_callback(later, on_held, held, g_free);
        (void) g_source_attach(later, g_main_context_get_thread_default());
        g_source_unref(later);
}

static gboolean on_ioctl(UMockdevIoctlBase *usbfs, UMockdevIoctlClient *client, gpointer userdata)
{
        uint64_t now_ms = clock_now_ms();
        MockBus *bus = userdata;
        MockDevice *d;

        (void) pthread_mutex_lock(&bus->lock);
        d = find_device(bus, umockdev_ioctl_client_get_devnode(client));
        if (d && d->held_until_ms > now_ms)
                hold(d, client, d->held_until_ms - now_ms);
        else
                complete(bus, d, client);
        (void) pthread_mutex_unlock(&bus->lock);
        return TRUE;
}

static void on_open(UMockdevIoctlBase *usbfs, UMockdevIoctlClient *client, gpointer userdata)
{
        MockBus *bus = userdata;
        MockDevice *d;

        (void) pthread_mutex_lock(&bus->lock);
        d = find_device(bus, umockdev_ioctl_client_get_devnode(client));
        if (d)
                d->n_opens++;
        (void) pthread_mutex_unlock(&bus->lock);
}

void mock_usbfs_attach(MockBus *bus)
{
        bus->usbfs = umockdev_ioctl_base_new();
        (void) g_signal_connect(bus->usbfs, "handle-ioctl", G_CALLBACK(on_ioctl), bus);
        (void) g_signal_connect(bus->usbfs, "client-connected", G_CALLBACK(on_open), bus);
}
