/* SPDX-License-Identifier: MIT */
#include "daemon/usb.h"

#include <errno.h>
#include <libusb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/transport-usb.h"
#include "daemon/usb-interface.h"
#include "daemon/usb-spawn.h"
#include "daemon/usb-sysfs.h"

#define POLLFDS_MAX (USB_DEVICES_MAX + 8u) /* one a device, and libusb's own */

/* Something that was plugged in and is not open yet. */
typedef struct Candidate {
        Usb *usb;
        libusb_device *device; /* NULL: a free place */
        uint64_t due_ms;       /* UINT64_MAX: as soon as the helper answers */
        unsigned tries;
        UsbInterface interface;  /* that the helper detaches */
        sd_event_source *answer; /* of the helper */
} Candidate;

typedef struct PollFd {
        int fd;
        sd_event_source *source;
} PollFd;

struct Usb {
        sd_event *event;
        UsbAllow allow;
        UsbArrived arrived;
        void *userdata;
        libusb_context *context;
        libusb_hotplug_callback_handle hotplug;
        sd_event_source *timer; /* for candidates, off when there are none */
        PollFd fds[POLLFDS_MAX];
        Candidate candidates[USB_DEVICES_MAX];
        UsbTransport *transports[USB_DEVICES_MAX]; /* NULL: a free place */
};

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct timeval now = { 0 };
        Usb *usb = userdata;

        (void) libusb_handle_events_timeout_completed(usb->context, &now, NULL);
        return 0;
}

static void LIBUSB_CALL add_fd(int fd, short events, void *userdata)
{
        uint32_t wanted = (events & POLLIN ? EPOLLIN : 0u) | (events & POLLOUT ? EPOLLOUT : 0u);
        Usb *usb = userdata;

        for (unsigned i = 0; i < POLLFDS_MAX; i++) {
                PollFd *place = &usb->fds[i];

                if (place->source)
                        continue;
                place->fd = fd;
                if (sd_event_add_io(usb->event, &place->source, fd, wanted, on_io, usb) < 0)
                        break;
                (void) sd_event_source_set_priority(place->source, TRANSPORT_PRIORITY);
                return;
        }

        log_error("A USB device cannot be listened to; unplug some.");
}

static void LIBUSB_CALL remove_fd(int fd, void *userdata)
{
        Usb *usb = userdata;

        for (unsigned i = 0; i < POLLFDS_MAX; i++)
                if (usb->fds[i].source && usb->fds[i].fd == fd)
                        usb->fds[i].source = sd_event_source_disable_unref(usb->fds[i].source);
}

static void set_timer(Usb *usb)
{
        uint64_t next_ms = UINT64_MAX;

        for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                if (usb->candidates[i].device)
                        next_ms = MIN(next_ms, usb->candidates[i].due_ms);

        if (next_ms == UINT64_MAX) {
                (void) sd_event_source_set_enabled(usb->timer, SD_EVENT_OFF);
                return;
        }
        (void) sd_event_source_set_time(usb->timer, next_ms * USEC_PER_MS);
        (void) sd_event_source_set_enabled(usb->timer, SD_EVENT_ONESHOT);
}

static void forget(Candidate *candidate)
{
        sd_event_source_disable_unref(candidate->answer);
        libusb_unref_device(candidate->device);
        *candidate = (Candidate){ 0 };
}

/* An arrival is looked at from the loop, not from libusb's callback. */
static void note_arrival(Usb *usb, libusb_device *device)
{
        for (unsigned i = 0; i < USB_DEVICES_MAX; i++) {
                Candidate *candidate = &usb->candidates[i];

                if (candidate->device)
                        continue;
                *candidate = (Candidate){
                        .usb = usb,
                        .device = libusb_ref_device(device),
                        .due_ms = clock_now_ms(),
                };
                return set_timer(usb);
        }

        log_warning("Too many USB devices arrive at once; one of them is not looked at.");
}

static void note_leaving(Usb *usb, libusb_device *device)
{
        for (unsigned i = 0; i < USB_DEVICES_MAX; i++) {
                UsbTransport *t = usb->transports[i];

                if (usb->candidates[i].device == device)
                        forget(&usb->candidates[i]);
                if (t && usb_transport_device(t) == device)
                        usb_transport_left(t);
        }
        set_timer(usb);
}

static int LIBUSB_CALL on_hotplug(libusb_context *context, libusb_device *device,
                libusb_hotplug_event event, void *userdata)
{
        if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED)
                note_arrival(userdata, device);
        else
                note_leaving(userdata, device);

        return 0;
}

static bool id_is_taken(const Usb *usb, const char *id)
{
        for (unsigned i = 0; i < USB_DEVICES_MAX; i++) {
                UsbTransport *t = usb->transports[i];

                if (t && !usb_transport_is_gone(t) && streq(usb_transport_base(t)->info->id, id))
                        return true;
        }

        return false;
}

/* The serial number names a massager wherever it is plugged in. Without one, or with one that two
 * have, the port does. */
static void name_it(const Usb *usb, const char *name, TransportInfo *info)
{
        char serial[TRANSPORT_TEXT_MAX + 1], port[USB_SYSFS_NAME_MAX + 8];

        (void) snprintf(port, sizeof(port), "port_%s", name);
        if (usb_sysfs_text(name, 0, -1, "serial", serial, sizeof(serial)) < 0 || serial[0] == '\0')
                transport_make_id(port, info->id);
        else
                transport_make_id(serial, info->id);
        if (id_is_taken(usb, info->id))
                transport_make_id(port, info->id);

        if (usb_sysfs_text(name, 0, -1, "product", info->name, sizeof(info->name)) < 0 ||
                        info->name[0] == '\0')
                (void) snprintf(info->name, sizeof(info->name), "USB massager");
}

static void on_transport_ready(void *userdata, UsbTransport *t, int r)
{
        Transport *transport = usb_transport_base(t);
        Usb *usb = userdata;

        if (r < 0 && !usb_transport_is_gone(t))
                log_warning("Massager %s: its report descriptor cannot be read",
                                transport->info->id);
        if (r < 0) {
                transport_free(transport);
                return;
        }

        usb->arrived(usb->userdata, transport);
}

static void on_transport_closed(void *userdata, UsbTransport *t)
{
        Usb *usb = userdata;

        for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                if (usb->transports[i] == t)
                        usb->transports[i] = usb_transport_close(t);
}

static const UsbTransportOwner owner = {
        .ready = on_transport_ready,
        .closed = on_transport_closed,
};

static int errno_of_open(int libusb_error)
{
        switch (libusb_error) {
        case 0:
                return 0;
        case LIBUSB_ERROR_ACCESS:
                return -EACCES;
        case LIBUSB_ERROR_BUSY:
                return -EBUSY;
        case LIBUSB_ERROR_NOT_FOUND:
                return -EAGAIN;
        case LIBUSB_ERROR_NO_DEVICE:
                return -ENODEV;
        default:
                return -EIO;
        }
}

/* Neither waits, because the helper had the device a moment ago. */
static int open_and_claim(libusb_device *device, int interface, libusb_device_handle **ret)
{
        libusb_device_handle *handle;
        int r;

        r = libusb_open(device, &handle);
        if (r < 0)
                return errno_of_open(r);

        r = libusb_claim_interface(handle, interface);
        if (r < 0) {
                libusb_close(handle);
                return errno_of_open(r);
        }

        *ret = handle;
        return 0;
}

/* The kernel's driver has let go of the interface. */
static int take(Usb *usb, libusb_device *device, const UsbInterface *interface)
{
        struct libusb_device_descriptor descriptor;
        char name[USB_SYSFS_NAME_MAX];
        libusb_device_handle *handle = NULL;
        _cleanup_free_ TransportInfo *info = NULL;
        unsigned place = 0;
        int r;

        while (place < USB_DEVICES_MAX && usb->transports[place])
                place++;
        if (place == USB_DEVICES_MAX)
                return -ENOSPC;
        info = calloc(1, sizeof(*info));
        if (!info)
                return -ENOMEM;

        r = usb_sysfs_name(device, name);
        if (r >= 0)
                r = open_and_claim(device, interface->number, &handle);
        if (r < 0)
                return r;

        (void) libusb_get_device_descriptor(device, &descriptor);
        info->vendor_id = descriptor.idVendor;
        info->product_id = descriptor.idProduct;
        info->port_budget_ma = TRANSPORT_PORT_BUDGET_MA;
        info->interface = interface->number;
        name_it(usb, name, info);

        r = usb_transport_new(
                        usb->event, handle, interface, info, &owner, usb, &usb->transports[place]);
        if (r >= 0 && !interface->hid)
                on_transport_ready(usb, usb->transports[place], 0);
        return r;
}

/* r: what came of the last try: 0 when the device needs no more looking at; -EACCES, -EBUSY or
 * -EAGAIN to look again; or what went wrong. */
static void conclude(Candidate *candidate, int r)
{
        if ((r == -EAGAIN || r == -EACCES || r == -EBUSY) && ++candidate->tries < USB_RETRIES) {
                candidate->due_ms = clock_now_ms() +
                                    (candidate->tries < USB_RETRIES_SOON ? USB_RETRY_MS
                                                                         : USB_RETRY_PATIENT_MS);
                return;
        }

        if (r == -EACCES)
                log_warning("A massager cannot be opened: kneed may not; is its udev rule "
                            "installed?");
        else if (r == -EBUSY)
                log_warning("A massager cannot be opened: another program has it.");
        else if (r < 0 && r != -ENODEV && r != -EAGAIN)
                log_warning("A massager cannot be opened: %s", strerror(-r));
        forget(candidate);
}

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Candidate *candidate = userdata;
        Usb *usb = candidate->usb;
        int r = usb_spawn_answer(fd);

        candidate->answer = sd_event_source_disable_unref(candidate->answer);
        if (r == 0) {
                r = take(usb, candidate->device, &candidate->interface);
                /* What is tried again is detached again. */
                if (r < 0 && r != -ENODEV)
                        (void) usb_spawn_give_back(candidate->device, candidate->interface.number);
        }
        conclude(candidate, r);
        set_timer(usb);
        return 0;
}

/* Until the helper answers. */
static int detach(Candidate *candidate)
{
        Usb *usb = candidate->usb;
        int answer, r;

        r = usb_spawn_detach(candidate->device, candidate->interface.number, &answer);
        if (r < 0)
                return r;

        r = sd_event_add_io(usb->event, &candidate->answer, answer, EPOLLIN, on_answer, candidate);
        if (r < 0) {
                (void) close(answer);
                return r;
        }

        (void) sd_event_source_set_io_fd_own(candidate->answer, true);
        (void) sd_event_source_set_priority(candidate->answer, TRANSPORT_PRIORITY);
        candidate->due_ms = UINT64_MAX;
        return 0;
}

static void look_at(Candidate *candidate)
{
        int r = usb_interface_find(candidate->device, candidate->usb->allow, &candidate->interface);

        if (r > 0) {
                r = detach(candidate);
                if (r == 0)
                        return;
        }

        conclude(candidate, r);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        uint64_t now_ms = clock_now_ms();
        Usb *usb = userdata;

        for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                if (usb->candidates[i].device && usb->candidates[i].due_ms <= now_ms)
                        look_at(&usb->candidates[i]);
        set_timer(usb);
        return 0;
}

void usb_reopen(Usb *usb)
{
        for (unsigned i = 0; usb && i < USB_DEVICES_MAX; i++) {
                UsbTransport *t = usb->transports[i];

                if (!t || usb_transport_is_gone(t))
                        continue;
                note_arrival(usb, usb_transport_device(t));
                usb_transport_let_go(t);
        }
}

void usb_set_allow(Usb *usb, UsbAllow allow)
{
        if (usb)
                usb->allow = allow;
}

bool usb_settled(const Usb *usb)
{
        if (!usb)
                return true;

        for (unsigned i = 0; i < USB_DEVICES_MAX; i++) {
                const UsbTransport *t = usb->transports[i];

                if (usb->candidates[i].device && usb->candidates[i].tries == 0)
                        return false;
                if (t && !usb_transport_is_open(t) && !usb_transport_is_gone(t))
                        return false;
        }

        return true;
}

static bool any_transport(const Usb *usb)
{
        for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                if (usb->transports[i])
                        return true;

        return false;
}

/* The loop is over, but the last stops may still be on their way. */
static void drain(Usb *usb)
{
        uint64_t until_ms = clock_now_ms() + USB_DRAIN_MS, now_ms;

        /* Those that nobody has been given yet; the others' massagers have let go of them. */
        for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                if (usb->transports[i] && !usb_transport_is_open(usb->transports[i]))
                        transport_free(usb_transport_base(usb->transports[i]));

        while (any_transport(usb) && (now_ms = clock_now_ms()) < until_ms) {
                struct timeval left = {
                        .tv_usec = (suseconds_t) ((until_ms - now_ms) * USEC_PER_MS),
                };

                for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                        if (usb->transports[i] && usb_transport_is_closed(usb->transports[i]))
                                usb->transports[i] = usb_transport_close(usb->transports[i]);
                if (any_transport(usb))
                        (void) libusb_handle_events_timeout_completed(usb->context, &left, NULL);
        }
}

/* The helper gives back what it could not tell of; what it has told already is for us. */
static void give_up(Candidate *candidate)
{
        if (candidate->answer &&
                        usb_spawn_answer(sd_event_source_get_io_fd(candidate->answer)) == 0)
                (void) usb_spawn_give_back(candidate->device, candidate->interface.number);
        forget(candidate);
}

Usb *usb_free(Usb *usb)
{
        if (!usb)
                return NULL;

        if (usb->context) {
                libusb_hotplug_deregister_callback(usb->context, usb->hotplug);
                drain(usb);
                for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                        if (usb->candidates[i].device)
                                give_up(&usb->candidates[i]);
                libusb_set_pollfd_notifiers(usb->context, NULL, NULL, NULL);
                for (unsigned i = 0; i < POLLFDS_MAX; i++)
                        sd_event_source_disable_unref(usb->fds[i].source);
                /* What a dead device still holds cannot be given back; the process ends anyway. */
                if (!any_transport(usb))
                        libusb_exit(usb->context);
        }
        sd_event_source_disable_unref(usb->timer);
        sd_event_unref(usb->event);
        free(usb);
        return NULL;
}

/* libusb tells of the fds to come, not of those that it has already. */
static int add_present_fds(Usb *usb)
{
        const struct libusb_pollfd **fds = libusb_get_pollfds(usb->context);

        if (!fds)
                return -ENOMEM;

        for (size_t i = 0; fds[i]; i++)
                add_fd(fds[i]->fd, fds[i]->events, usb);
        libusb_free_pollfds(fds);
        libusb_set_pollfd_notifiers(usb->context, add_fd, remove_fd, usb);
        return 0;
}

int usb_new(sd_event *event, UsbAllow allow, UsbArrived arrived, void *userdata, Usb **ret)
{
        Usb *usb;
        int r;

        usb = calloc(1, sizeof(*usb));
        if (!usb)
                return -ENOMEM;

        usb->event = sd_event_ref(event);
        usb->allow = allow;
        usb->arrived = arrived;
        usb->userdata = userdata;

        r = sd_event_add_time(event, &usb->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_timer, usb);
        if (r >= 0)
                r = sd_event_source_set_enabled(usb->timer, SD_EVENT_OFF);
        if (r >= 0 && libusb_init(&usb->context) < 0)
                r = -EIO;
        if (r >= 0 && !libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG))
                r = -ENOSYS;
        if (r >= 0)
                r = add_present_fds(usb);
        if (r >= 0 && libusb_hotplug_register_callback(usb->context,
                                      LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED |
                                                      LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
                                      LIBUSB_HOTPLUG_ENUMERATE, LIBUSB_HOTPLUG_MATCH_ANY,
                                      LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                                      on_hotplug, usb, &usb->hotplug) < 0)
                r = -EIO;
        if (r < 0) {
                usb_free(usb);
                return r;
        }

        *ret = usb;
        return 0;
}
