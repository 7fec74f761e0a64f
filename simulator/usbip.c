/* SPDX-License-Identifier: MIT */
#include "simulator/usbip.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>

#include "common/macro.h"

enum {
        CMD_SUBMIT = 1,
        CMD_UNLINK = 2,
        RET_SUBMIT = 3,
        RET_UNLINK = 4,
};

/* Where the fields are. The first five are in every header. */
enum {
        AT_COMMAND = 0,
        AT_SEQNUM = 4,
        AT_DIRECTION = 12,
        AT_ENDPOINT = 16,
        AT_FLAGS = 20,
        AT_LENGTH = 24,
        AT_PACKETS = 32,
        AT_SETUP = 40,
        AT_STATUS = 20,
        AT_ACTUAL_LENGTH = 24,
        AT_UNLINK_SEQNUM = 20,
};

#define DIRECTION_IN      1u
#define FLAG_SHORT_NOT_OK 1u
#define NOT_ISOCHRONOUS   UINT32_MAX /* as a number of packets; 0 says the same */

static uint32_t get32(const uint8_t *p)
{
        return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t value)
{
        p[0] = (uint8_t) (value >> 24);
        p[1] = (uint8_t) (value >> 16);
        p[2] = (uint8_t) (value >> 8);
        p[3] = (uint8_t) value;
}

/* A setup packet is as it is on the bus: little-endian. */
static UsbSetup get_setup(const uint8_t *p)
{
        return (UsbSetup){
                .request_type = p[0],
                .request = p[1],
                .value = (uint16_t) (p[2] | p[3] << 8),
                .index = (uint16_t) (p[4] | p[5] << 8),
                .length = (uint16_t) (p[6] | p[7] << 8),
        };
}

static int decode_submit(const uint8_t header[static USBIP_HEADER_SIZE], UsbipCommand *command)
{
        uint32_t direction = get32(header + AT_DIRECTION);
        uint32_t endpoint = get32(header + AT_ENDPOINT);
        uint32_t length = get32(header + AT_LENGTH);
        uint32_t packets = get32(header + AT_PACKETS);

        if (direction > DIRECTION_IN || endpoint > USB_ENDPOINT_NUMBER_MASK ||
                        length > USBIP_LENGTH_MAX)
                return -ERANGE;
        if (packets > 0 && packets != NOT_ISOCHRONOUS)
                return -ERANGE;
        if (endpoint > 0 && direction == DIRECTION_IN)
                endpoint |= USB_DIR_IN;

        command->kind = USBIP_SUBMIT;
        command->urb = (UsbUrb){
                .seqnum = command->seqnum,
                .endpoint = (uint8_t) endpoint,
                .in = direction == DIRECTION_IN,
                .short_not_ok = direction == DIRECTION_IN &&
                                (get32(header + AT_FLAGS) & FLAG_SHORT_NOT_OK),
                .setup = get_setup(header + AT_SETUP),
                .length = length,
        };
        return 0;
}

static int decode(UsbipReader *reader)
{
        UsbipCommand *command = &reader->command;

        command->seqnum = get32(reader->header + AT_SEQNUM);
        reader->body_size = 0;
        switch (get32(reader->header + AT_COMMAND)) {
        case CMD_SUBMIT: {
                int r = decode_submit(reader->header, command);

                if (r >= 0 && !command->urb.in)
                        reader->body_size = command->urb.length;
                return r;
        }
        case CMD_UNLINK:
                command->kind = USBIP_UNLINK;
                command->unlink_seqnum = get32(reader->header + AT_UNLINK_SEQNUM);
                return 0;
        default:
                return -EBADMSG;
        }
}

size_t usbip_reader_room(UsbipReader *reader, uint8_t **ret)
{
        if (reader->n_header < USBIP_HEADER_SIZE) {
                *ret = reader->header + reader->n_header;
                return USBIP_HEADER_SIZE - reader->n_header;
        }
        if (reader->n_body < USB_OUT_SIZE_MAX) {
                *ret = reader->command.urb.data + reader->n_body;
                return MIN(reader->body_size, (size_t) USB_OUT_SIZE_MAX) - reader->n_body;
        }
        *ret = reader->rest;
        return MIN(reader->body_size - reader->n_body, sizeof(reader->rest));
}

int usbip_reader_add(UsbipReader *reader, size_t n)
{
        int r;

        if (reader->n_header < USBIP_HEADER_SIZE) {
                reader->n_header += n;
                if (reader->n_header < USBIP_HEADER_SIZE)
                        return 0;
                r = decode(reader);
                if (r < 0)
                        return r;
        } else
                reader->n_body += n;

        if (reader->n_body < reader->body_size)
                return 0;
        reader->n_header = 0;
        reader->n_body = 0;
        return 1;
}

static void begin_reply(uint32_t command, uint32_t seqnum, int status,
                uint8_t ret[static USBIP_HEADER_SIZE])
{
        memset(ret, 0, USBIP_HEADER_SIZE);
        put32(ret + AT_COMMAND, command);
        put32(ret + AT_SEQNUM, seqnum);
        put32(ret + AT_STATUS, (uint32_t) status);
}

size_t usbip_encode_submitted(const UsbResult *result, uint8_t ret[static USBIP_REPLY_MAX])
{
        size_t size = result->in ? result->actual_length : 0;

        begin_reply(RET_SUBMIT, result->seqnum, result->status, ret);
        put32(ret + AT_ACTUAL_LENGTH, result->actual_length);
        memcpy(ret + USBIP_HEADER_SIZE, result->data, size);
        return USBIP_HEADER_SIZE + size;
}

size_t usbip_encode_unlinked(uint32_t seqnum, int status, uint8_t ret[static USBIP_REPLY_MAX])
{
        begin_reply(RET_UNLINK, seqnum, status, ret);
        return USBIP_HEADER_SIZE;
}
