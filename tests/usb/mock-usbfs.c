/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "tests/usb/mock-usb-private.h"

#define SETUP_SIZE 8u

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

/* The client's memory is ours too: it is in this process, and waits for the answer. */
static int submit(MockDevice *d, struct usbdevfs_urb *urb)
{
        const uint8_t *data = urb->buffer;
        uint32_t size = (uint32_t) urb->buffer_length;
        MockUrb *place = find_urb(d, NULL);
        UsbUrb to_device = {
                .endpoint = urb->endpoint,
                .in = urb->endpoint & USB_DIR_IN,
                .short_not_ok = urb->flags & USBDEVFS_URB_SHORT_NOT_OK,
        };
        int r;

        if (!place)
                return -ENOMEM;

        if (is_control(urb)) {
                if (size < SETUP_SIZE)
                        return -EINVAL;
                to_device.endpoint = 0;
                to_device.in = data[0] & USB_DIR_IN;
                to_device.setup = (UsbSetup){ data[0], data[1], get16(data + 2), get16(data + 4),
                        get16(data + 6) };
                data += SETUP_SIZE;
                size -= SETUP_SIZE;
        } else if (!d->is_claimed)
                return -EBUSY;

        to_device.seqnum = ++d->last_seqnum;
        to_device.length = size;
        if (!to_device.in)
                memcpy(to_device.data, data, MIN(size, USB_OUT_SIZE_MAX));
        r = usb_device_submit(&d->usb, &to_device);
        if (r < 0)
                return r;

        *place = (MockUrb){ .urb = urb, .seqnum = to_device.seqnum };
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
        struct usbdevfs_urb *urb;

        if (!ended)
                return d->usb.is_connected ? -EAGAIN : -ENODEV;

        urb = ended->urb;
        urb->status = ended->result.status;
        urb->actual_length = (int) ended->result.actual_length;
        if (ended->result.in)
                memcpy((uint8_t *) urb->buffer + (is_control(urb) ? SETUP_SIZE : 0),
                                ended->result.data, ended->result.actual_length);
        *ended = (MockUrb){ 0 };
        mock_device_set_ready(d);

        *ret = urb;
        return 0;
}

static int claim(MockDevice *d, bool detach)
{
        if (d->is_claimed || d->is_occupied || (d->has_kernel_driver && !detach))
                return -EBUSY;

        d->has_kernel_driver = false;
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

/* Of what can be done with the interface's driver, libusb wants it back only. */
static int connect_driver(MockDevice *d, const struct usbdevfs_ioctl *command)
{
        if (command->ioctl_code != (int) USBDEVFS_CONNECT)
                return -ENOTTY;
        if (d->is_claimed)
                return -EBUSY;

        d->has_kernel_driver = d->function.description.report_descriptor != NULL;
        return d->has_kernel_driver;
}

static int reset(MockDevice *d)
{
        d->n_resets++;
        usb_device_reset(&d->usb, clock_now_ms());
        return 0;
}

static int answer(MockDevice *d, unsigned long request, void *argument)
{
        if (request == USBDEVFS_REAPURBNDELAY)
                return reap(d, argument);
        if (!d->usb.is_connected)
                return -ENODEV;

        switch (request) {
        case USBDEVFS_GET_CAPABILITIES:
                *(uint32_t *) argument = USBDEVFS_CAP_ZERO_PACKET |
                                         USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                                         USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
                return 0;
        case USBDEVFS_CLAIMINTERFACE:
                return claim(d, false);
        case USBDEVFS_DISCONNECT_CLAIM:
                return claim(d, true);
        case USBDEVFS_RELEASEINTERFACE:
                return release(d);
        case USBDEVFS_IOCTL:
                return connect_driver(d, argument);
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

static gboolean on_ioctl(UMockdevIoctlBase *usbfs, UMockdevIoctlClient *client, gpointer userdata)
{
        UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
        MockBus *bus = userdata;
        MockDevice *d;
        int r;

        (void) pthread_mutex_lock(&bus->lock);
        d = find_device(bus, umockdev_ioctl_client_get_devnode(client));
        r = d ? answer(d, umockdev_ioctl_client_get_request(client),
                                *(void **) (void *) argument->data)
              : -ENODEV;
        (void) pthread_cond_signal(&bus->changed);
        (void) pthread_mutex_unlock(&bus->lock);

        umockdev_ioctl_client_complete(client, r < 0 ? -1 : r, r < 0 ? -r : 0);
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
