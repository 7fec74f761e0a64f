/* SPDX-License-Identifier: MIT */
#include "daemon/usb.h"

#include <errno.h>
#include <libusb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/driver.h"
#include "daemon/log.h"
#include "daemon/transport-usb.h"
#include "daemon/usb-sysfs.h"
#include "protocol/profile.h"

#define POLLFDS_MAX        (USB_DEVICES_MAX + 8u) /* one a device, and libusb's own */
#define HID_DESCRIPTOR_MIN 9u

/* Something that was plugged in and is not open yet. */
typedef struct Candidate {
        libusb_device *device; /* NULL: a free place */
        uint64_t due_ms;
        unsigned tries;
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
                *candidate = (Candidate){ libusb_ref_device(device), clock_now_ms(), 0 };
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

/* Of the HID descriptor that stands between interface and endpoints: how long the report
 * descriptor is. 0 where there is none that can be read. */
static uint16_t report_descriptor_size(const struct libusb_interface_descriptor *d)
{
        const uint8_t *extra = d->extra;
        int left = d->extra_length;

        while (left >= 2 && extra[0] >= 2 && extra[0] <= left) {
                if (extra[1] == LIBUSB_DT_HID && extra[0] >= HID_DESCRIPTOR_MIN &&
                                extra[6] == LIBUSB_DT_REPORT)
                        return (uint16_t) (extra[7] | extra[8] << 8);
                left -= extra[0];
                extra += extra[0];
        }

        return 0;
}

static void find_endpoints(const struct libusb_interface_descriptor *d, UsbInterface *ret)
{
        for (unsigned i = 0; i < d->bNumEndpoints; i++) {
                const struct libusb_endpoint_descriptor *e = &d->endpoint[i];

                if ((e->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) !=
                                LIBUSB_ENDPOINT_TRANSFER_TYPE_INTERRUPT)
                        continue;
                if (e->bEndpointAddress & LIBUSB_ENDPOINT_IN)
                        ret->in = e->bEndpointAddress;
                else
                        ret->out = e->bEndpointAddress;
        }
}

/* Whether this HID interface carries the marker: 1, 0, or -EAGAIN while the kernel has not put it
 * up yet. */
static int has_marker(const char *name, int configuration, int interface)
{
        char marker[TRANSPORT_TEXT_MAX];
        int r;

        r = usb_sysfs_text(name, configuration, interface, "interface", marker, sizeof(marker));
        if (r == -ENODEV)
                return -EAGAIN;

        return r == 0 && streq(marker, KNEED_MARKER);
}

/* Whether a driver knows it that goes by vendor and product, and may have it. */
static bool is_known(const Usb *usb, const TransportInfo *info)
{
        const Driver *driver = driver_by_id(info->vendor_id, info->product_id);

        if (!driver)
                return false;
        if (usb->allow == USB_ALLOW_ALL || !driver->without_cut_off)
                return true;

        log_warning("A massager (%s) is left alone, because it has no cut-off of its own; "
                    "allow_without_cut_off in kneed.conf allows it.",
                        driver->name);
        return false;
}

/* Returns 1 with the interface to open, 0 when there is none, -EAGAIN to look again later. */
static int choose_interface(const Usb *usb, const char *name, const TransportInfo *info,
                const struct libusb_config_descriptor *config, UsbInterface *ret)
{
        for (unsigned i = 0; i < config->bNumInterfaces; i++) {
                const struct libusb_interface_descriptor *d;
                int r = 0;

                if (config->interface[i].num_altsetting < 1)
                        continue;
                d = &config->interface[i].altsetting[0];

                *ret = (UsbInterface){
                        .configuration = config->bConfigurationValue,
                        .number = d->bInterfaceNumber,
                        .hid = d->bInterfaceClass == LIBUSB_CLASS_HID,
                };
                if (ret->hid) {
                        ret->report_descriptor_size = report_descriptor_size(d);
                        if (ret->report_descriptor_size == 0 ||
                                        ret->report_descriptor_size > HID_DESCRIPTOR_SIZE_MAX)
                                continue;
                        r = has_marker(name, ret->configuration, ret->number);
                } else
                        r = is_known(usb, info);
                if (r == 0)
                        continue;

                find_endpoints(d, ret);
                return r;
        }

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

/* The kernel's driver is detached with the claim. libusb shall not attach it again by itself: that
 * can block, so the transport sees to it. */
static int open_and_claim(libusb_device *device, int interface, libusb_device_handle **ret)
{
        libusb_device_handle *handle;
        int r;

        r = libusb_open(device, &handle);
        if (r < 0)
                return errno_of_open(r);

        r = libusb_set_auto_detach_kernel_driver(handle, 1);
        if (r == 0)
                r = libusb_claim_interface(handle, interface);
        if (r < 0) {
                libusb_close(handle);
                return errno_of_open(r);
        }

        (void) libusb_set_auto_detach_kernel_driver(handle, 0);
        *ret = handle;
        return 0;
}

/* Returns 0 when the device needs no more looking at; -EACCES, -EBUSY or -EAGAIN to look again; or
 * what went wrong. */
static int examine(Usb *usb, libusb_device *device)
{
        struct libusb_config_descriptor *config;
        struct libusb_device_descriptor descriptor;
        char name[USB_SYSFS_NAME_MAX];
        libusb_device_handle *handle = NULL;
        UsbInterface interface;
        TransportInfo *info;
        unsigned place = 0;
        int r;

        if (usb_sysfs_name(device, name) < 0)
                return 0; /* a root hub */
        (void) libusb_get_device_descriptor(device, &descriptor);

        while (place < USB_DEVICES_MAX && usb->transports[place])
                place++;
        if (place == USB_DEVICES_MAX)
                return -ENOSPC;

        info = calloc(1, sizeof(*info));
        if (!info)
                return -ENOMEM;
        info->vendor_id = descriptor.idVendor;
        info->product_id = descriptor.idProduct;
        info->port_budget_ma = TRANSPORT_PORT_BUDGET_MA;

        r = libusb_get_active_config_descriptor(device, &config);
        if (r < 0) {
                free(info);
                return -EAGAIN; /* not configured yet */
        }
        r = choose_interface(usb, name, info, config, &interface);
        libusb_free_config_descriptor(config);
        if (r > 0)
                r = open_and_claim(device, interface.number, &handle);
        else if (r == 0) {
                free(info);
                return 0; /* nothing for us */
        }
        if (r == 0) {
                name_it(usb, name, info);
                info->interface = interface.number;
                r = usb_transport_new(usb->event, handle, &interface, info, &owner, usb,
                                &usb->transports[place]);
                if (r >= 0 && !interface.hid)
                        on_transport_ready(usb, usb->transports[place], 0);
        }

        free(info);
        return r;
}

static void look_at(Usb *usb, Candidate *candidate, uint64_t now_ms)
{
        int r = examine(usb, candidate->device);

        if ((r == -EAGAIN || r == -EACCES || r == -EBUSY) && ++candidate->tries < USB_RETRIES) {
                candidate->due_ms = now_ms +
                                    (candidate->tries < USB_RETRIES_SOON ? USB_RETRY_MS
                                                                         : USB_RETRY_PATIENT_MS);
                return;
        }

        if (r == -EACCES)
                log_warning("A massager cannot be opened: kneed may not; is its udev rule "
                            "installed?");
        else if (r == -EBUSY)
                log_warning("A massager cannot be opened: another program has it.");
        else if (r == -EAGAIN)
                log_warning("A massager cannot be opened: the kernel has not set it up.");
        else if (r < 0 && r != -ENODEV)
                log_warning("A massager cannot be opened: %s", strerror(-r));
        forget(candidate);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        uint64_t now_ms = clock_now_ms();
        Usb *usb = userdata;

        for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                if (usb->candidates[i].device && usb->candidates[i].due_ms <= now_ms)
                        look_at(usb, &usb->candidates[i], now_ms);
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

Usb *usb_free(Usb *usb)
{
        if (!usb)
                return NULL;

        if (usb->context) {
                libusb_hotplug_deregister_callback(usb->context, usb->hotplug);
                drain(usb);
                for (unsigned i = 0; i < USB_DEVICES_MAX; i++)
                        if (usb->candidates[i].device)
                                forget(&usb->candidates[i]);
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
