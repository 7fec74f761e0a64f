/* SPDX-License-Identifier: MIT */
#include "tests/unit/cmocka-all.h"

#include <errno.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/usbip.h"

/* The kernel's side, written down once more from the protocol's description. */
typedef struct Header {
        uint32_t word[10];
        uint8_t setup[8];
} Header;

enum {
        COMMAND,
        SEQNUM,
        DEVID,
        DIRECTION,
        ENDPOINT,
        FLAGS,
        LENGTH,
        FRAME,
        PACKETS,
        INTERVAL,
};

static const Header get_identity = {
        .word = { 1, 0x01020304, 0x10001, 1, 0, 0x200, 16, 0, 0, 0 },
        .setup = { 0xa1, 0x01, 0x01, 0x03, 0x00, 0x00, 0x10, 0x00 },
};
static const Header interrupt_out = { .word = { 1, 7, 0x10001, 0, 1, 0, 40, 0, UINT32_MAX, 4 } };
static const Header interrupt_in = { .word = { 1, 8, 0x10001, 1, 1, 1, 64, 0, 0, 4 } };
static const Header unlink_seven = { .word = { 2, 9, 0x10001, 0, 0, 7 } };

static size_t encode(const Header *h, uint8_t *bytes)
{
        for (size_t i = 0; i < ELEMENTSOF(h->word); i++)
                for (size_t k = 0; k < 4; k++)
                        bytes[4 * i + k] = (uint8_t) (h->word[i] >> (24 - 8 * k));
        memcpy(bytes + 40, h->setup, 8);
        return 48;
}

static uint32_t word_at(const uint8_t *bytes, size_t at)
{
        return (uint32_t) bytes[at] << 24 | (uint32_t) bytes[at + 1] << 16 |
               (uint32_t) bytes[at + 2] << 8 | bytes[at + 3];
}

/* Gives bytes to the reader, at most piece at once. Returns what it said about the last one; that
 * it said 0 before is checked. */
static int feed(UsbipReader *reader, const uint8_t *bytes, size_t size, size_t piece)
{
        int r = 0;

        for (size_t at = 0; at < size;) {
                uint8_t *place;
                size_t room = usbip_reader_room(reader, &place),
                       n = MIN(MIN(room, piece), size - at);

                assert_true(room > 0);
                assert_int_equal(r, 0);
                memcpy(place, bytes + at, n);
                at += n;
                r = usbip_reader_add(reader, n);
        }
        return r;
}

static int feed_header(const Header *h)
{
        UsbipReader reader = { 0 };
        uint8_t bytes[48];

        return feed(&reader, bytes, encode(h, bytes), sizeof(bytes));
}

static void test_commands_mean_the_same_in_any_pieces(void **state)
{
        uint8_t bytes[48 + 40];

        for (size_t piece = 1; piece <= sizeof(bytes); piece++) {
                UsbipReader reader = { 0 };
                const UsbUrb *urb = &reader.command.urb;

                assert_int_equal(feed(&reader, bytes, encode(&get_identity, bytes), piece), 1);
                assert_int_equal(reader.command.kind, USBIP_SUBMIT);
                assert_int_equal(urb->seqnum, 0x01020304);
                assert_int_equal(urb->endpoint, 0);
                assert_true(urb->in);
                assert_false(urb->short_not_ok);
                assert_int_equal(urb->length, 16);
                assert_int_equal(urb->setup.request_type, 0xa1);
                assert_int_equal(urb->setup.request, 0x01);
                assert_int_equal(urb->setup.value, 0x0301);
                assert_int_equal(urb->setup.index, 0);
                assert_int_equal(urb->setup.length, 16);

                for (size_t i = encode(&interrupt_out, bytes); i < sizeof(bytes); i++)
                        bytes[i] = (uint8_t) i;
                assert_int_equal(feed(&reader, bytes, sizeof(bytes), piece), 1);
                assert_int_equal(urb->endpoint, USB_PIPE_OUT);
                assert_false(urb->in);
                assert_int_equal(urb->length, 40);
                assert_memory_equal(urb->data, bytes + 48, 40);

                assert_int_equal(feed(&reader, bytes, encode(&interrupt_in, bytes), piece), 1);
                assert_int_equal(urb->endpoint, USB_PIPE_IN);
                assert_true(urb->short_not_ok);

                assert_int_equal(feed(&reader, bytes, encode(&unlink_seven, bytes), piece), 1);
                assert_int_equal(reader.command.kind, USBIP_UNLINK);
                assert_int_equal(reader.command.seqnum, 9);
                assert_int_equal(reader.command.unlink_seqnum, 7);
        }
}

static void test_a_command_that_is_cut_off_is_none(void **state)
{
        uint8_t bytes[48 + 40] = { 0 };

        (void) encode(&interrupt_out, bytes);
        for (size_t size = 1; size < sizeof(bytes); size++) {
                UsbipReader reader = { 0 };

                assert_int_equal(feed(&reader, bytes, size, size), 0);
                assert_int_equal(feed(&reader, bytes + size, sizeof(bytes) - size, 100), 1);
        }
}

/* However much a host sends, the beginning is kept and the next command is found. */
static void test_a_long_body_is_read_over(void **state)
{
        static const uint32_t lengths[] = { 0, 1, USB_OUT_SIZE_MAX - 1, USB_OUT_SIZE_MAX,
                USB_OUT_SIZE_MAX + 1, 639, 640, 641, 5000 };
        static uint8_t bytes[48 + 5000];

        memset(bytes, 0xee, sizeof(bytes));
        for (size_t i = 0; i < ELEMENTSOF(lengths); i++) {
                Header h = interrupt_out;
                UsbipReader reader = { 0 };
                size_t size;

                h.word[LENGTH] = lengths[i];
                size = encode(&h, bytes) + lengths[i];
                assert_int_equal(feed(&reader, bytes, size, sizeof(bytes)), 1);
                assert_int_equal(reader.command.urb.length, lengths[i]);
                assert_memory_equal(reader.command.urb.data, bytes + 48,
                                MIN(lengths[i], USB_OUT_SIZE_MAX));
                assert_int_equal(feed(&reader, bytes, encode(&unlink_seven, bytes), 48), 1);
                assert_int_equal(reader.command.unlink_seqnum, 7);
                memset(bytes, 0xee, 48);
        }
}

static void test_what_cannot_be_is_refused(void **state)
{
        static const struct {
                unsigned field;
                uint32_t value;
                int expected;
        } cases[] = {
                { COMMAND, 0, -EBADMSG },
                { COMMAND, 3, -EBADMSG },
                { COMMAND, 0x01000000, -EBADMSG }, /* of the other endianness */
                { DIRECTION, 2, -ERANGE },
                { ENDPOINT, 16, -ERANGE },
                { ENDPOINT, 0x81, -ERANGE },
                { LENGTH, USBIP_LENGTH_MAX + 1, -ERANGE },
                { LENGTH, UINT32_MAX, -ERANGE },
                { PACKETS, 1, -ERANGE },
                { LENGTH, USBIP_LENGTH_MAX, 1 },
                { ENDPOINT, 15, 1 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                Header h = interrupt_in;

                h.word[cases[i].field] = cases[i].value;
                assert_int_equal(feed_header(&h), cases[i].expected);
        }
}

/* With a canary behind the reader, and the sanitizers' eyes. */
static void test_noise_never_leaves_the_reader(void **state)
{
        static const uint8_t submit[] = { 0, 0, 0, 1 };
        static const uint8_t likely[] = { 1, 2, 16, 64, 128, 255 };
        struct {
                UsbipReader reader;
                uint64_t canary;
        } r = { .canary = 42 };
        Random random = { .state = 1 };
        unsigned n_commands = 0;

        for (unsigned i = 0; i < 200000; i++) {
                uint8_t *place;
                size_t room = usbip_reader_room(&r.reader, &place);
                size_t n = (size_t) random_between(&random, 1, (int64_t) room);
                int k;

                assert_in_range(room, 1, 512);
                assert_true(place >= (uint8_t *) &r.reader);
                assert_true(place + room <= (uint8_t *) (&r.reader + 1));
                for (size_t j = 0; j < n; j++)
                        place[j] = random_between(&random, 0, 9) > 0
                                                   ? 0
                                                   : likely[random_between(&random, 0,
                                                                     ELEMENTSOF(likely) - 1)];
                /* Half of them begin as a command does. */
                if (place == r.reader.header && n >= 4 && random_between(&random, 0, 1))
                        memcpy(place, submit, sizeof(submit));
                k = usbip_reader_add(&r.reader, n);
                if (k < 0)
                        r.reader = (UsbipReader){ 0 };
                n_commands += k > 0;
        }
        assert_true(n_commands > 100);
        assert_int_equal(r.canary, 42);
}

static void test_replies_carry_what_came_in(void **state)
{
        UsbResult result = {
                .seqnum = 0xa1b2c3d4, .in = true, .actual_length = 3, .data = { 6, 1, 2, 3 }
        };
        uint8_t reply[USBIP_REPLY_MAX];

        memset(reply, 0xee, sizeof(reply));
        assert_int_equal(usbip_encode_submitted(&result, reply), 48 + 3);
        assert_int_equal(word_at(reply, 0), 3);
        assert_int_equal(word_at(reply, 4), 0xa1b2c3d4);
        for (size_t at = 8; at < 48; at += 4)
                assert_int_equal(word_at(reply, at), at == 24 ? 3 : 0);
        assert_memory_equal(reply + 48, "\6\1\2\xee", 4);
}

/* The kernel would take data after a reply to an OUT transfer for the next header. */
static void test_replies_to_what_went_out_carry_nothing(void **state)
{
        UsbResult result = { .seqnum = 5, .status = -EPIPE, .actual_length = 40 };
        uint8_t reply[USBIP_REPLY_MAX];

        assert_int_equal(usbip_encode_submitted(&result, reply), 48);
        assert_int_equal(word_at(reply, 20), (uint32_t) -EPIPE);
        assert_int_equal(word_at(reply, 24), 40);

        assert_int_equal(usbip_encode_unlinked(9, -ECONNRESET, reply), 48);
        assert_int_equal(word_at(reply, 0), 4);
        assert_int_equal(word_at(reply, 4), 9);
        assert_int_equal(word_at(reply, 20), (uint32_t) -ECONNRESET);
        assert_int_equal(word_at(reply, 24), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_commands_mean_the_same_in_any_pieces),
                cmocka_unit_test(test_a_command_that_is_cut_off_is_none),
                cmocka_unit_test(test_a_long_body_is_read_over),
                cmocka_unit_test(test_what_cannot_be_is_refused),
                cmocka_unit_test(test_noise_never_leaves_the_reader),
                cmocka_unit_test(test_replies_carry_what_came_in),
                cmocka_unit_test(test_replies_to_what_went_out_carry_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
