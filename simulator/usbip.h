/* SPDX-License-Identifier: MIT */
#pragma once

/* USB/IP as the kernel's vhci-hcd speaks it once a device is attached: a header of 48 bytes, all
 * integers big-endian, then the data of the transfer where it goes that way. Pure.
 *
 * The kernel sends CMD_SUBMIT and CMD_UNLINK, a device answers with RET_SUBMIT and RET_UNLINK.
 * Nothing that is read is trusted: what cannot be is refused, and since a stream cannot be found
 * again, the connection is over then. */

#include "simulator/usb-device.h"

#define USBIP_HEADER_SIZE 48u
#define USBIP_REPLY_MAX   (USBIP_HEADER_SIZE + USB_IN_SIZE_MAX)
#define USBIP_LENGTH_MAX  (16u * 1024 * 1024) /* of one transfer, as the kernel's own limit */

typedef enum UsbipKind {
        USBIP_SUBMIT,
        USBIP_UNLINK,
} UsbipKind;

typedef struct UsbipCommand {
        UsbipKind kind;
        uint32_t seqnum;
        uint32_t unlink_seqnum; /* of the URB to take back */
        UsbUrb urb;             /* to submit */
} UsbipCommand;

/* Reads a stream piece by piece. Starts zeroed. */
typedef struct UsbipReader {
        uint8_t header[USBIP_HEADER_SIZE];
        uint8_t rest[512]; /* of a body that is longer than what is kept of it */
        size_t n_header;
        size_t n_body;
        size_t body_size;
        UsbipCommand command;
} UsbipReader;

/* Where the next bytes of the stream belong, and how many at most; always one or more. */
size_t usbip_reader_room(UsbipReader *reader, uint8_t **ret);

/* Says that n of them are there. Returns 1 when a command is whole, in reader->command until the
 * next call; 0 when there is more to come; -EBADMSG for what is no command, -ERANGE for one whose
 * fields cannot be. */
int usbip_reader_add(UsbipReader *reader, size_t n);

/* Return the size of the reply. */
size_t usbip_encode_submitted(const UsbResult *result, uint8_t ret[static USBIP_REPLY_MAX]);
size_t usbip_encode_unlinked(uint32_t seqnum, int status, uint8_t ret[static USBIP_REPLY_MAX]);
