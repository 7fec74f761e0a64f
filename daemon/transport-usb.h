/* SPDX-License-Identifier: MIT */
#pragma once

/* One interface of one USB device, by asynchronous libusb transfers only. */

#include <libusb.h>
#include <systemd/sd-event.h>

#include "daemon/transport.h"
#include "daemon/usb-interface.h"

typedef struct UsbTransport UsbTransport;

/* Called from the loop. ready: the report descriptor has been read (or there is none); closed: the
 * last transfer has come back and the transport can be closed with usb_transport_close(). */
typedef struct UsbTransportOwner {
        void (*ready)(void *userdata, UsbTransport *t, int r);
        void (*closed)(void *userdata, UsbTransport *t);
} UsbTransportOwner;

/* Takes the handle, whose interface is claimed, in any case, and begins to read the report
 * descriptor. */
int usb_transport_new(sd_event *event, libusb_device_handle *handle, const UsbInterface *interface,
                const TransportInfo *info, const UsbTransportOwner *owner, void *userdata,
                UsbTransport **ret);

/* Gives the interface back to the kernel and frees everything. Not from a callback of libusb. */
UsbTransport *usb_transport_close(UsbTransport *t);

Transport *usb_transport_base(UsbTransport *t);
libusb_device *usb_transport_device(const UsbTransport *t);

/* The device has left: everybody is told, once, from the loop. */
void usb_transport_left(UsbTransport *t);

/* Ends it in the same way, though it is still there, and will be taken again at once. */
void usb_transport_let_go(UsbTransport *t);
bool usb_transport_is_gone(const UsbTransport *t);

/* ready has been called. */
bool usb_transport_is_open(const UsbTransport *t);

/* closed has been called, or would be if the loop still ran. */
bool usb_transport_is_closed(const UsbTransport *t);
