/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/hid.h>
#include <linux/usb/ch9.h>

#include "simulator/usb-device-private.h"

#define TO_DEVICE    USB_RECIP_DEVICE
#define TO_INTERFACE USB_RECIP_INTERFACE
#define TO_ENDPOINT  USB_RECIP_ENDPOINT

static int get_descriptor(
                const UsbDevice *d, const UsbSetup *setup, uint8_t ret[static USB_IN_SIZE_MAX])
{
        const UsbDescription *description = &d->function->description;
        uint8_t index = (uint8_t) setup->value;

        if (setup->value >> 8 == USB_DT_STRING)
                return usb_descriptor_string(description, index, ret);
        if (index > 0)
                return -EPIPE;
        switch (setup->value >> 8) {
        case USB_DT_DEVICE:
                return usb_descriptor_device(description, ret);
        case USB_DT_CONFIG:
                return usb_descriptor_configuration(description, ret);
        default:
                return -EPIPE;
        }
}

static int get_interface_descriptor(
                UsbDevice *d, const UsbSetup *setup, uint8_t ret[static USB_IN_SIZE_MAX])
{
        const UsbDescription *description = &d->function->description;
        int r;

        if (setup->index > 0)
                return -EPIPE;
        switch (setup->value) {
        case HID_DT_HID << 8:
                return usb_descriptor_hid(description, ret);
        case HID_DT_REPORT << 8:
                if (usb_function_has(d->function, USB_FAULT_DEAF_DESCRIPTOR))
                        return -EAGAIN;
                r = usb_descriptor_report(description, ret);
                d->is_enumerated = d->is_enumerated || r > 0;
                return r;
        default:
                return -EPIPE;
        }
}

static int set_configuration(UsbDevice *d, uint64_t now_ms, const UsbSetup *setup)
{
        if (setup->value > 1)
                return -EPIPE;
        d->configuration = (uint8_t) setup->value;
        d->is_enumerated = false;
        usb_device_reset(d, now_ms);
        return 0;
}

static int set_interface(UsbDevice *d, const UsbSetup *setup)
{
        if (d->configuration == 0 || setup->index > 0 || setup->value > 0)
                return -EPIPE;
        d->is_in_halted = false;
        d->is_out_halted = false;
        return 0;
}

/* The halt of an interrupt pipe, NULL where there is no such pipe. */
static bool *find_halt(UsbDevice *d, uint16_t address)
{
        if (d->configuration == 0 || !d->function->description.report_descriptor)
                return NULL;
        if (address == USB_PIPE_IN)
                return &d->is_in_halted;
        return address == USB_PIPE_OUT ? &d->is_out_halted : NULL;
}

static int set_halt(UsbDevice *d, const UsbSetup *setup, bool halted)
{
        bool *halt = find_halt(d, setup->index);

        if (!halt || setup->value != USB_ENDPOINT_HALT)
                return -EPIPE;
        *halt = halted;
        return 0;
}

static int give16(uint8_t ret[static USB_IN_SIZE_MAX], uint8_t low)
{
        ret[0] = low;
        ret[1] = 0;
        return 2;
}

static int get_endpoint_status(
                UsbDevice *d, const UsbSetup *setup, uint8_t ret[static USB_IN_SIZE_MAX])
{
        const bool *halt = find_halt(d, setup->index);

        if ((setup->index & ~USB_DIR_IN) == 0) /* the control pipe, which is never halted */
                return give16(ret, 0);
        return halt ? give16(ret, *halt) : -EPIPE;
}

static int give8(uint8_t ret[static USB_IN_SIZE_MAX], uint8_t value)
{
        ret[0] = value;
        return 1;
}

int usb_device_standard(UsbDevice *d, uint64_t now_ms, const UsbSetup *setup,
                uint8_t ret[static USB_IN_SIZE_MAX])
{
        bool has_interface = d->configuration > 0 && setup->index == 0;

        switch (USB_REQUEST(setup->request_type, setup->request)) {
        case USB_REQUEST(USB_DIR_IN | TO_DEVICE, USB_REQ_GET_DESCRIPTOR):
                return get_descriptor(d, setup, ret);
        case USB_REQUEST(USB_DIR_IN | TO_INTERFACE, USB_REQ_GET_DESCRIPTOR):
                return get_interface_descriptor(d, setup, ret);
        case USB_REQUEST(USB_DIR_IN | TO_DEVICE, USB_REQ_GET_CONFIGURATION):
                return give8(ret, d->configuration);
        case USB_REQUEST(USB_DIR_OUT | TO_DEVICE, USB_REQ_SET_CONFIGURATION):
                return set_configuration(d, now_ms, setup);
        case USB_REQUEST(USB_DIR_IN | TO_INTERFACE, USB_REQ_GET_INTERFACE):
                return has_interface ? give8(ret, 0) : -EPIPE;
        case USB_REQUEST(USB_DIR_OUT | TO_INTERFACE, USB_REQ_SET_INTERFACE):
                return set_interface(d, setup);
        case USB_REQUEST(USB_DIR_IN | TO_DEVICE, USB_REQ_GET_STATUS):
                return give16(ret, d->function->description.self_powered);
        case USB_REQUEST(USB_DIR_IN | TO_INTERFACE, USB_REQ_GET_STATUS):
                return has_interface ? give16(ret, 0) : -EPIPE;
        case USB_REQUEST(USB_DIR_IN | TO_ENDPOINT, USB_REQ_GET_STATUS):
                return get_endpoint_status(d, setup, ret);
        case USB_REQUEST(USB_DIR_OUT | TO_ENDPOINT, USB_REQ_CLEAR_FEATURE):
                return set_halt(d, setup, false);
        case USB_REQUEST(USB_DIR_OUT | TO_ENDPOINT, USB_REQ_SET_FEATURE):
                return set_halt(d, setup, true);
        default:
                return -EPIPE;
        }
}
