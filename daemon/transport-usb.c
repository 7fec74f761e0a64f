/* SPDX-License-Identifier: MIT */
#include "daemon/transport-usb.h"

#include <errno.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/usb-spawn.h"

/* What a device does not take times out after five frames, each of four reports of levels and one
 * of heat. A stop is one frame more and its command; on the control pipe it never waits for a slot
 * that frames hold, and three stops at once are more than anybody calls. */
#define SLOTS_OUT             (6u * 5u + 3u)
#define SLOTS_CONTROL         3u
#define SLOTS                 (SLOTS_OUT + SLOTS_CONTROL)
#define OUT_TIMEOUT_MS        100u
#define IN_ERRORS_MAX         8u /* on end; then it is not read any more, and goes stale */
#define HID_DESCRIPTOR_REPORT 0x22u

typedef struct Slot {
        UsbTransport *owner;
        struct libusb_transfer *transfer;
        bool busy;
        bool from_device;
        TransportDone done;
        void *userdata;
        uint8_t *buffer; /* a setup packet and data */
} Slot;

struct UsbTransport {
        Transport transport; /* first: what drivers see */
        TransportInfo info;
        const UsbTransportOwner *owner;
        void *owner_userdata;

        sd_event_source *news; /* tells that it is gone, or can be closed, outside of libusb */
        libusb_device *device;
        libusb_device_handle *handle; /* NULL once its port is reset */
        UsbInterface interface;

        struct libusb_transfer *in;
        uint8_t in_buffer[KNEED_REPORT_SIZE_MAX];
        bool in_posted;
        unsigned in_errors;

        unsigned n_busy; /* slots under way */
        Slot slots[SLOTS];

        bool open; /* the report descriptor has been read, or there is none */
        bool gone;
        bool is_there; /* let go of, to be taken again */
        bool told_gone;
        bool resetting; /* nothing is sent any more */
        bool closing;   /* nobody listens any more */
};

static int errno_of(int libusb_error)
{
        switch (libusb_error) {
        case LIBUSB_ERROR_NO_DEVICE:
                return -ENODEV;
        case LIBUSB_ERROR_NO_MEM:
                return -ENOMEM;
        case LIBUSB_ERROR_BUSY:
                return -EBUSY;
        case LIBUSB_ERROR_ACCESS:
                return -EACCES;
        default:
                return -EIO;
        }
}

static int errno_of_status(enum libusb_transfer_status status)
{
        switch (status) {
        case LIBUSB_TRANSFER_COMPLETED:
                return 0;
        case LIBUSB_TRANSFER_STALL:
                return -EPIPE;
        case LIBUSB_TRANSFER_TIMED_OUT:
        case LIBUSB_TRANSFER_CANCELLED:
                return -ETIMEDOUT;
        case LIBUSB_TRANSFER_NO_DEVICE:
                return -ENODEV;
        default:
                return -EIO;
        }
}

static void tell_later(UsbTransport *t)
{
        (void) sd_event_source_set_enabled(t->news, SD_EVENT_ONESHOT);
}

void usb_transport_left(UsbTransport *t)
{
        t->gone = true;
        tell_later(t);
}

void usb_transport_let_go(UsbTransport *t)
{
        t->is_there = true;
        usb_transport_left(t);
}

bool usb_transport_is_gone(const UsbTransport *t)
{
        return t->gone;
}

bool usb_transport_is_open(const UsbTransport *t)
{
        return t->open;
}

static bool is_quiet(const UsbTransport *t)
{
        return t->n_busy == 0 && !t->in_posted;
}

bool usb_transport_is_closed(const UsbTransport *t)
{
        return t->closing && is_quiet(t);
}

Transport *usb_transport_base(UsbTransport *t)
{
        return &t->transport;
}

libusb_device *usb_transport_device(const UsbTransport *t)
{
        return t->device;
}

/* Until the reset is over the kernel holds whoever asks it for anything of that device, even for
 * what came of a transfer. So kneed has let go of it before. */
static void let_go_and_reset(UsbTransport *t)
{
        int r;

        libusb_close(t->handle);
        t->handle = NULL;
        r = usb_spawn_reset(t->device);
        if (r < 0)
                log_error("Massager %s: its port cannot be reset: %s", t->info.id, strerror(-r));
}

/* The kernel's driver then asks the device things and waits for answers, and with it whoever gave
 * the interface back or asks for anything of that device meanwhile. */
static void let_go_and_give_back(UsbTransport *t)
{
        int r;

        (void) libusb_release_interface(t->handle, t->interface.number);
        libusb_close(t->handle);
        t->handle = NULL;
        r = usb_spawn_give_back(t->device, t->interface.number);
        if (r < 0)
                log_warning("Massager %s: it cannot be given back to the kernel's driver: %s",
                                t->info.id, strerror(-r));
}

static int on_news(sd_event_source *source, void *userdata)
{
        UsbTransport *t = userdata;

        if (t->closing) {
                if (usb_transport_is_closed(t))
                        t->owner->closed(t->owner_userdata, t);
                return 0;
        }

        if (t->resetting && t->handle && is_quiet(t))
                let_go_and_reset(t);
        if (t->gone && !t->told_gone && t->transport.listener) {
                t->told_gone = true;
                t->transport.listener->gone(t->transport.listener_userdata,
                                t->is_there ? TRANSPORT_LET_GO : TRANSPORT_UNPLUGGED);
        }
        return 0;
}

static void LIBUSB_CALL on_slot(struct libusb_transfer *transfer)
{
        Slot *slot = transfer->user_data;
        UsbTransport *t = slot->owner;
        int r = errno_of_status(transfer->status);

        if (r == 0 && slot->from_device)
                r = transfer->actual_length;
        slot->busy = false;
        t->n_busy--;

        if (r == -ENODEV)
                usb_transport_left(t);
        if (t->closing)
                return tell_later(t);
        if (t->resetting)
                tell_later(t);
        if (slot->done)
                slot->done(slot->userdata, r, libusb_control_transfer_get_data(transfer));
}

/* The first slot alone has room for a report descriptor. */
static size_t slot_room(unsigned i)
{
        return i == 0 ? HID_DESCRIPTOR_SIZE_MAX : TRANSPORT_CONTROL_MAX;
}

static Slot *free_slot(UsbTransport *t, unsigned among, size_t size)
{
        for (unsigned i = 0; i < among; i++)
                if (!t->slots[i].busy && size <= slot_room(i))
                        return &t->slots[i];

        return NULL;
}

static int submit(UsbTransport *t, Slot *slot)
{
        int r = libusb_submit_transfer(slot->transfer);

        if (r < 0) {
                if (r == LIBUSB_ERROR_NO_DEVICE)
                        usb_transport_left(t);
                return errno_of(r);
        }

        slot->busy = true;
        t->n_busy++;
        return 0;
}

static int usb_control(Transport *base, const TransportSetup *setup, const uint8_t *data,
                TransportDone done, void *userdata)
{
        UsbTransport *t = (UsbTransport *) base;
        Slot *slot;

        if (t->gone || t->closing || t->resetting)
                return -ENODEV;
        slot = free_slot(t, SLOTS, setup->length);
        if (!slot)
                return -ENOBUFS;

        libusb_fill_control_setup(slot->buffer, setup->request_type, setup->request, setup->value,
                        setup->index, setup->length);
        slot->from_device = setup->request_type & LIBUSB_ENDPOINT_IN;
        if (!slot->from_device && setup->length > 0)
                memcpy(slot->buffer + LIBUSB_CONTROL_SETUP_SIZE, data, setup->length);
        slot->done = done;
        slot->userdata = userdata;
        libusb_fill_control_transfer(slot->transfer, t->handle, slot->buffer, on_slot, slot,
                        TRANSPORT_TIMEOUT_MS);
        return submit(t, slot);
}

static int usb_send(Transport *base, const uint8_t *report, size_t size)
{
        UsbTransport *t = (UsbTransport *) base;
        Slot *slot;

        if (t->gone || t->closing || t->resetting)
                return -ENODEV;
        if (t->interface.out == 0 || size > KNEED_REPORT_SIZE_MAX)
                return -EINVAL;
        slot = free_slot(t, SLOTS_OUT, size);
        if (!slot)
                return -ENOBUFS;

        memcpy(slot->buffer, report, size);
        slot->from_device = false;
        slot->done = NULL;
        libusb_fill_interrupt_transfer(slot->transfer, t->handle, t->interface.out, slot->buffer,
                        (int) size, on_slot, slot, OUT_TIMEOUT_MS);
        return submit(t, slot);
}

static void post_in(UsbTransport *t);

static void LIBUSB_CALL on_in(struct libusb_transfer *transfer)
{
        UsbTransport *t = transfer->user_data;

        t->in_posted = false;
        if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE)
                usb_transport_left(t);
        if (t->closing || t->resetting)
                return tell_later(t);
        if (t->gone)
                return;

        if (transfer->status == LIBUSB_TRANSFER_COMPLETED) {
                t->in_errors = 0;
                if (t->transport.listener)
                        t->transport.listener->input(t->transport.listener_userdata, t->in_buffer,
                                        (size_t) transfer->actual_length);
        } else if (++t->in_errors == IN_ERRORS_MAX) {
                log_warning("Massager %s: its statuses cannot be read any more", t->info.id);
                return;
        }

        post_in(t);
}

/* One is always waiting, without a time-out: a massager at rest wakes nobody. */
static void post_in(UsbTransport *t)
{
        int r;

        libusb_fill_interrupt_transfer(t->in, t->handle, t->interface.in, t->in_buffer,
                        sizeof(t->in_buffer), on_in, t, 0);
        r = libusb_submit_transfer(t->in);
        t->in_posted = r == 0;
        if (r == LIBUSB_ERROR_NO_DEVICE)
                usb_transport_left(t);
}

static int usb_reset(Transport *base)
{
        UsbTransport *t = (UsbTransport *) base;

        if (t->gone || t->closing)
                return -ENODEV;
        t->resetting = true;
        if (t->in_posted)
                (void) libusb_cancel_transfer(t->in);
        for (unsigned i = 0; i < SLOTS; i++)
                if (t->slots[i].busy)
                        (void) libusb_cancel_transfer(t->slots[i].transfer);
        tell_later(t);
        return 0;
}

static Transport *usb_free_transport(Transport *base)
{
        UsbTransport *t = (UsbTransport *) base;

        /* What was sent last, a stop, goes its way; only the waiting for statuses ends. */
        t->closing = true;
        t->transport.listener = NULL;
        if (t->in_posted)
                (void) libusb_cancel_transfer(t->in);
        tell_later(t);
        return NULL;
}

static const TransportVTable usb_vtable = {
        .name = "usb",
        .control = usb_control,
        .send = usb_send,
        .reset = usb_reset,
        .free = usb_free_transport,
};

UsbTransport *usb_transport_close(UsbTransport *t)
{
        if (!t)
                return NULL;

        sd_event_source_disable_unref(t->news);
        for (unsigned i = 0; i < SLOTS; i++) {
                libusb_free_transfer(t->slots[i].transfer);
                free(t->slots[i].buffer);
        }
        libusb_free_transfer(t->in);
        if (t->handle && !t->gone)
                let_go_and_give_back(t);
        if (t->handle && t->is_there)
                (void) libusb_release_interface(t->handle, t->interface.number);
        if (t->handle)
                libusb_close(t->handle);
        libusb_unref_device(t->device);
        free(t);
        return NULL;
}

static void on_report_descriptor(void *userdata, int r, const uint8_t *data)
{
        UsbTransport *t = userdata;

        if (r >= 0) {
                t->info.report_descriptor_size = (size_t) r;
                memcpy(t->info.report_descriptor, data, (size_t) r);
        }
        t->open = true;
        t->owner->ready(t->owner_userdata, t, r);
}

static int ask_for_report_descriptor(UsbTransport *t)
{
        const TransportSetup setup = {
                .request_type = LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_STANDARD |
                                LIBUSB_RECIPIENT_INTERFACE,
                .request = LIBUSB_REQUEST_GET_DESCRIPTOR,
                .value = HID_DESCRIPTOR_REPORT << 8,
                .index = t->interface.number,
                .length = t->interface.report_descriptor_size,
        };

        return usb_control(&t->transport, &setup, NULL, on_report_descriptor, t);
}

static int allocate(UsbTransport *t)
{
        t->in = libusb_alloc_transfer(0);
        if (!t->in)
                return -ENOMEM;

        for (unsigned i = 0; i < SLOTS; i++) {
                t->slots[i].owner = t;
                t->slots[i].transfer = libusb_alloc_transfer(0);
                t->slots[i].buffer = malloc(LIBUSB_CONTROL_SETUP_SIZE + slot_room(i));
                if (!t->slots[i].transfer || !t->slots[i].buffer)
                        return -ENOMEM;
        }

        return 0;
}

int usb_transport_new(sd_event *event, libusb_device_handle *handle, const UsbInterface *interface,
                const TransportInfo *info, const UsbTransportOwner *owner, void *userdata,
                UsbTransport **ret)
{
        UsbTransport *t;
        int r;

        t = calloc(1, sizeof(*t));
        if (!t) {
                libusb_close(handle);
                return -ENOMEM;
        }

        t->transport.vtable = &usb_vtable;
        t->transport.info = &t->info;
        t->info = *info;
        t->device = libusb_ref_device(libusb_get_device(handle));
        t->handle = handle;
        t->interface = *interface;
        t->open = !interface->hid;
        t->owner = owner;
        t->owner_userdata = userdata;

        r = allocate(t);
        if (r >= 0)
                r = sd_event_add_defer(event, &t->news, on_news, t);
        if (r >= 0)
                r = sd_event_source_set_enabled(t->news, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_priority(t->news, TRANSPORT_PRIORITY);
        if (r >= 0 && t->interface.hid)
                r = ask_for_report_descriptor(t);
        if (r < 0) {
                usb_transport_close(t);
                return r;
        }

        if (t->interface.in != 0)
                post_in(t);
        *ret = t;
        return 0;
}
