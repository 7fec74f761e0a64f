/* SPDX-License-Identifier: MIT */
#include "simulator/usb-device.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/usb-device-private.h"

void usb_device_init(UsbDevice *d, UsbFunction *function)
{
        memset(d, 0, sizeof(*d));
        d->function = function;
}

void usb_device_connect(UsbDevice *d, uint64_t now_ms)
{
        usb_device_init(d, d->function);
        d->is_connected = true;
        d->in_at_ms = now_ms;
        d->out_at_ms = now_ms;
}

void usb_device_disconnect(UsbDevice *d, uint64_t now_ms)
{
        d->is_connected = false;
        d->function->vtable->disconnect(d->function, now_ms);
}

void usb_device_reset(UsbDevice *d, uint64_t now_ms)
{
        d->is_in_halted = false;
        d->is_out_halted = false;
        d->function->vtable->reset(d->function, now_ms);
}

void usb_device_advance(UsbDevice *d, uint64_t now_ms)
{
        d->function->vtable->advance(d->function, now_ms);
}

int usb_device_submit(UsbDevice *d, const UsbUrb *urb)
{
        if (d->n_urbs == USB_URBS_MAX)
                return -ENOMEM;
        d->urbs[d->n_urbs++] = *urb;
        return 0;
}

static void forget(UsbDevice *d, unsigned index)
{
        d->n_urbs--;
        memmove(d->urbs + index, d->urbs + index + 1, (d->n_urbs - index) * sizeof(UsbUrb));
}

int usb_device_unlink(UsbDevice *d, uint32_t seqnum)
{
        for (unsigned i = 0; i < d->n_urbs; i++)
                if (d->urbs[i].seqnum == seqnum) {
                        forget(d, i);
                        return -ECONNRESET;
                }
        return 0;
}

/* A vendor request is never a part of enumeration. */
static bool is_deaf(const UsbDevice *d, const UsbSetup *setup)
{
        return usb_function_has(d->function, USB_FAULT_DEAF_CONTROL) &&
               (d->is_enumerated || (setup->request_type & USB_TYPE_MASK) == USB_TYPE_VENDOR);
}

static int control(UsbDevice *d, uint64_t now_ms, const UsbUrb *urb,
                uint8_t ret[static USB_IN_SIZE_MAX])
{
        const UsbSetup *setup = &urb->setup;
        size_t size = MIN(MIN(urb->length, (uint32_t) setup->length), USB_OUT_SIZE_MAX);

        if (is_deaf(d, setup))
                return -EAGAIN;
        if (setup->length > 0 && urb->in != ((setup->request_type & USB_DIR_IN) != 0))
                return -EPIPE;
        if ((setup->request_type & USB_TYPE_MASK) == USB_TYPE_STANDARD)
                return usb_device_standard(d, now_ms, setup, ret);
        if (d->configuration == 0)
                return -EPIPE;
        return d->function->vtable->control(d->function, now_ms, setup, urb->data, size, ret);
}

/* The functions below return false as long as a URB has to wait. */

static bool end_control(UsbDevice *d, uint64_t now_ms, const UsbUrb *urb, UsbResult *ret)
{
        uint32_t most = MIN(urb->length, (uint32_t) urb->setup.length);
        int r;

        r = control(d, now_ms, urb, ret->data);
        if (r == -EAGAIN)
                return false;
        if (r < 0)
                ret->status = r;
        else
                ret->actual_length = urb->in ? MIN((uint32_t) r, most) : most;
        return true;
}

/* A pipe that nobody serves: a halted one stalls, one that is not there is silent. */
static bool is_pipe_dead(const UsbDevice *d, bool is_halted, UsbResult *ret)
{
        if (d->configuration == 0 || !d->function->description.report_descriptor)
                ret->status = -EPROTO;
        else if (is_halted)
                ret->status = -EPIPE;
        return ret->status < 0;
}

static bool is_in_stuck(const UsbDevice *d)
{
        return usb_function_has(d->function, USB_FAULT_NAK_FOR_EVER);
}

static bool is_out_stuck(const UsbDevice *d)
{
        return usb_function_has(d->function, USB_FAULT_NAK_FOR_EVER | USB_FAULT_DEAF_INTERRUPT);
}

static bool end_in(UsbDevice *d, uint64_t now_ms, const UsbUrb *urb, UsbResult *ret)
{
        int r;

        if (is_pipe_dead(d, d->is_in_halted, ret))
                return true;
        if (is_in_stuck(d) || now_ms < d->in_at_ms)
                return false;
        r = d->function->vtable->in(d->function, now_ms, ret->data);
        if (r <= 0)
                return false;
        d->in_at_ms = now_ms + USB_INTERVAL_MS;
        ret->actual_length = MIN((uint32_t) r, urb->length);
        if ((uint32_t) r > urb->length)
                ret->status = -EOVERFLOW;
        return true;
}

/* A report is one packet: whatever a longer transfer goes on with is a part of a bad report. */
static bool end_out(UsbDevice *d, uint64_t now_ms, const UsbUrb *urb, UsbResult *ret)
{
        size_t size = MIN(urb->length, USB_PACKET_SIZE);

        if (is_pipe_dead(d, d->is_out_halted, ret))
                return true;
        if (is_out_stuck(d) || now_ms < d->out_at_ms)
                return false;
        if (d->function->vtable->out(d->function, now_ms, urb->data, size) < 0)
                return false;
        d->out_at_ms = now_ms + USB_INTERVAL_MS;
        ret->actual_length = urb->length;
        return true;
}

static bool end(UsbDevice *d, uint64_t now_ms, const UsbUrb *urb, UsbResult *ret)
{
        if (!d->is_connected) {
                ret->status = -ESHUTDOWN;
                return true;
        }
        if (usb_function_has(d->function, SIM_FAULT_HANG))
                return false;
        switch (urb->endpoint) {
        case 0:
                return end_control(d, now_ms, urb, ret);
        case USB_PIPE_IN:
                return end_in(d, now_ms, urb, ret);
        case USB_PIPE_OUT:
                return end_out(d, now_ms, urb, ret);
        default:
                ret->status = -EPROTO;
                return true;
        }
}

/* URBs of an endpoint end in order: only the oldest can. */
static bool is_oldest(const UsbDevice *d, unsigned index)
{
        for (unsigned i = 0; i < index; i++)
                if (d->urbs[i].endpoint == d->urbs[index].endpoint)
                        return false;
        return true;
}

bool usb_device_take(UsbDevice *d, uint64_t now_ms, UsbResult *ret)
{
        for (unsigned i = 0; i < d->n_urbs; i++) {
                const UsbUrb *urb = &d->urbs[i];

                *ret = (UsbResult){ .seqnum = urb->seqnum, .in = urb->in };
                if (!is_oldest(d, i) || !end(d, now_ms, urb, ret))
                        continue;
                if (ret->status == 0 && urb->short_not_ok && ret->actual_length < urb->length)
                        ret->status = -EREMOTEIO;
                forget(d, i);
                return true;
        }
        return false;
}

/* When a URB of an interrupt pipe can end at the earliest. */
static uint64_t ends_at_ms(const UsbDevice *d, const UsbUrb *urb)
{
        const UsbFunction *f = d->function;

        if (urb->endpoint == USB_PIPE_IN && !is_in_stuck(d))
                return MAX(f->vtable->says_ms(f), d->in_at_ms);
        if (urb->endpoint == USB_PIPE_OUT && !is_out_stuck(d))
                return d->out_at_ms;
        return SIM_NEVER;
}

uint64_t usb_device_next_ms(const UsbDevice *d)
{
        const UsbFunction *f = d->function;
        uint64_t at = f->vtable->acts_ms(f);

        if (!d->is_connected || usb_function_has(f, SIM_FAULT_HANG) || !f->vtable->in)
                return at;
        for (unsigned i = 0; i < d->n_urbs; i++) {
                uint64_t ends_at = ends_at_ms(d, &d->urbs[i]);

                at = MIN(at, ends_at);
        }
        return at;
}

bool usb_device_browns_out(const UsbDevice *d)
{
        const SimModel *model = &d->function->model;

        if (!usb_function_has(d->function, USB_FAULT_BROWN_OUT))
                return false;
        for (unsigned i = 0; i < model->design->identity.n_actuators; i++)
                if (model->target_permille[i] > USB_BROWN_OUT_PERMILLE)
                        return true;
        return false;
}
