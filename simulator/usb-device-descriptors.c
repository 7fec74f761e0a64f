/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/hid.h>
#include <linux/usb/ch9.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/usb-device-private.h"

#define BCD_USB       0x0200u
#define BCD_HID       0x0111u
#define ENGLISH_US    0x0409u
#define MA_PER_UNIT   2u /* of bMaxPower */
#define ENDPOINT_SIZE 7u /* without what audio has */

enum {
        STRING_LANGUAGES = 0,
        STRING_MANUFACTURER,
        STRING_PRODUCT,
        STRING_SERIAL,
        STRING_INTERFACE,
};

/* Writes descriptors one after the other; USB_IN_SIZE_MAX is more than all of them have. */
typedef struct Writer {
        uint8_t *data;
        size_t size;
} Writer;

static void begin(Writer *w, uint8_t *data)
{
        w->data = data;
        w->size = 0;
}

static void put8(Writer *w, unsigned value)
{
        w->data[w->size++] = (uint8_t) value;
}

static void put16(Writer *w, unsigned value)
{
        put8(w, value & 0xff);
        put8(w, value >> 8);
}

static uint8_t index_of(const char *text, uint8_t index)
{
        return text ? index : 0;
}

int usb_descriptor_device(const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX])
{
        Writer w;

        begin(&w, ret);
        put8(&w, USB_DT_DEVICE_SIZE);
        put8(&w, USB_DT_DEVICE);
        put16(&w, BCD_USB);
        put8(&w, description->report_descriptor ? USB_CLASS_PER_INTERFACE : USB_CLASS_VENDOR_SPEC);
        put8(&w, 0);
        put8(&w, 0);
        put8(&w, USB_PACKET_SIZE);
        put16(&w, description->vendor_id);
        put16(&w, description->product_id);
        put16(&w, description->release);
        put8(&w, index_of(description->manufacturer, STRING_MANUFACTURER));
        put8(&w, index_of(description->product, STRING_PRODUCT));
        put8(&w, index_of(description->serial, STRING_SERIAL));
        put8(&w, 1); /* configuration */
        return (int) w.size;
}

static void put_interface(Writer *w, const UsbDescription *description)
{
        bool hid = description->report_descriptor != NULL;

        put8(w, USB_DT_INTERFACE_SIZE);
        put8(w, USB_DT_INTERFACE);
        put8(w, 0); /* number */
        put8(w, 0); /* alternate setting */
        put8(w, hid ? 2 : 0);
        put8(w, hid ? USB_CLASS_HID : USB_CLASS_VENDOR_SPEC);
        put8(w, 0);
        put8(w, 0);
        put8(w, index_of(description->interface, STRING_INTERFACE));
}

static void put_hid(Writer *w, const UsbDescription *description)
{
        put8(w, 9);
        put8(w, HID_DT_HID);
        put16(w, BCD_HID);
        put8(w, 0); /* for no country */
        put8(w, 1);
        put8(w, HID_DT_REPORT);
        put16(w, description->report_descriptor_size);
}

static void put_endpoint(Writer *w, uint8_t address)
{
        put8(w, ENDPOINT_SIZE);
        put8(w, USB_DT_ENDPOINT);
        put8(w, address);
        put8(w, USB_ENDPOINT_XFER_INT);
        put16(w, USB_PACKET_SIZE);
        put8(w, USB_INTERVAL_MS);
}

int usb_descriptor_configuration(
                const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX])
{
        Writer w;
        size_t size;

        begin(&w, ret);
        put8(&w, USB_DT_CONFIG_SIZE);
        put8(&w, USB_DT_CONFIG);
        put16(&w, 0);
        put8(&w, 1); /* interface */
        put8(&w, 1); /* is the value that selects it */
        put8(&w, 0);
        put8(&w, USB_CONFIG_ATT_ONE | (description->self_powered ? USB_CONFIG_ATT_SELFPOWER : 0));
        put8(&w, (description->current_ma + MA_PER_UNIT - 1) / MA_PER_UNIT);
        put_interface(&w, description);
        if (description->report_descriptor) {
                put_hid(&w, description);
                put_endpoint(&w, USB_PIPE_IN);
                put_endpoint(&w, USB_PIPE_OUT);
        }
        size = w.size;
        w.size = 2;
        put16(&w, (unsigned) size);
        return (int) size;
}

int usb_descriptor_string(const UsbDescription *description, uint8_t index,
                uint8_t ret[static USB_IN_SIZE_MAX])
{
        const char *const texts[] = {
                [STRING_MANUFACTURER] = description->manufacturer,
                [STRING_PRODUCT] = description->product,
                [STRING_SERIAL] = description->serial,
                [STRING_INTERFACE] = description->interface,
        };
        Writer w;
        size_t n;

        begin(&w, ret);
        if (index >= ELEMENTSOF(texts))
                return -EPIPE;
        if (index != STRING_LANGUAGES && !texts[index])
                return -EPIPE;

        n = index == STRING_LANGUAGES ? 1 : MIN(strlen(texts[index]), (size_t) USB_TEXT_MAX);
        put8(&w, 2 + 2 * (unsigned) n);
        put8(&w, USB_DT_STRING);
        for (size_t i = 0; i < n; i++)
                put16(&w, index == STRING_LANGUAGES ? ENGLISH_US : (unsigned char) texts[index][i]);
        return (int) w.size;
}

int usb_descriptor_hid(const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX])
{
        Writer w;

        begin(&w, ret);
        if (!description->report_descriptor)
                return -EPIPE;
        put_hid(&w, description);
        return (int) w.size;
}

int usb_descriptor_report(const UsbDescription *description, uint8_t ret[static USB_IN_SIZE_MAX])
{
        if (!description->report_descriptor ||
                        description->report_descriptor_size > USB_IN_SIZE_MAX)
                return -EPIPE;
        memcpy(ret, description->report_descriptor, description->report_descriptor_size);
        return description->report_descriptor_size;
}
