/* SPDX-License-Identifier: MIT */
#include "daemon/usb-interface.h"

#include <errno.h>

#include "common/macro.h"
#include "daemon/driver.h"
#include "daemon/log.h"
#include "daemon/usb-sysfs.h"
#include "protocol/profile.h"

#define HID_DESCRIPTOR_MIN 9u

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

/* Whether this HID interface carries the marker: 1, 0, or -EAGAIN while the kernel still asks the
 * device for its strings. */
static int has_marker(
                const char *name, int configuration, const struct libusb_interface_descriptor *d)
{
        char marker[TRANSPORT_TEXT_MAX];
        int r;

        r = usb_sysfs_text(name, configuration, d->bInterfaceNumber, "interface", marker,
                        sizeof(marker));
        if (r == -ENODEV || (r == -ENOENT && d->iInterface != 0))
                return -EAGAIN;

        return r == 0 && streq(marker, KNEED_MARKER);
}

/* Whether a driver knows it that goes by vendor and product, and may have it. */
static bool is_known(UsbAllow allow, const struct libusb_device_descriptor *device)
{
        const Driver *driver = driver_by_id(device->idVendor, device->idProduct);

        if (!driver)
                return false;
        if (allow == USB_ALLOW_ALL || !driver->without_cut_off)
                return true;

        log_warning("A massager (%s) is left alone, because it has no cut-off of its own; "
                    "allow_without_cut_off in kneed.conf allows it.",
                        driver->name);
        return false;
}

/* Returns 1 with the interface to open, 0 when there is none, -EAGAIN to look again later. */
static int choose_interface(UsbAllow allow, const char *name,
                const struct libusb_device_descriptor *device,
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
                        r = has_marker(name, ret->configuration, d);
                } else
                        r = is_known(allow, device);
                if (r == 0)
                        continue;

                find_endpoints(d, ret);
                return r;
        }

        return 0;
}

static bool is_active(const char *name, const struct libusb_config_descriptor *config)
{
        for (unsigned i = 0; i < config->bNumInterfaces; i++)
                if (config->interface[i].num_altsetting > 0 &&
                                usb_sysfs_has_interface(name, config->bConfigurationValue,
                                                config->interface[i]
                                                                .altsetting[0]
                                                                .bInterfaceNumber))
                        return true;

        return false;
}

/* SR-HANG */
/* The active one is that whose interfaces the kernel has put up: to ask the kernel for its number
 * would be to wait for the device. -EAGAIN: none is, or not yet. */
static int get_active_config(libusb_device *device, const char *name, unsigned n,
                struct libusb_config_descriptor **ret)
{
        for (unsigned i = 0; i < n; i++) {
                struct libusb_config_descriptor *config;

                if (libusb_get_config_descriptor(device, (uint8_t) i, &config) < 0)
                        continue;
                if (is_active(name, config)) {
                        *ret = config;
                        return 0;
                }
                libusb_free_config_descriptor(config);
        }

        return -EAGAIN;
}

int usb_interface_find(libusb_device *device, UsbAllow allow, UsbInterface *ret)
{
        struct libusb_config_descriptor *config;
        struct libusb_device_descriptor descriptor;
        char name[USB_SYSFS_NAME_MAX];
        int r;

        if (usb_sysfs_name(device, name) < 0)
                return 0; /* a root hub */

        (void) libusb_get_device_descriptor(device, &descriptor);
        r = get_active_config(device, name, descriptor.bNumConfigurations, &config);
        if (r < 0)
                return r;

        r = choose_interface(allow, name, &descriptor, config, ret);
        libusb_free_config_descriptor(config);
        return r;
}
