/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/macro.h"
#include "protocol/descriptor.h"

#define MUTATIONS 60000
#define UNTOUCHED 0xa5

typedef struct Bytes {
        uint8_t data[HID_DESCRIPTOR_SIZE_MAX + 1];
        size_t size;
} Bytes;

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

#define VENDOR_PAGE      0x06, 0x4b, 0xff
#define MASSAGER         VENDOR_PAGE, 0x09, 0x01, 0xa1, 0x01
#define CONSUMER_CONTROL 0x05, 0x0c, 0x09, 0x01, 0xa1, 0x01
#define REPORT(id)       0x85, (id)
#define FIELD(size, n)   0x15, 0x00, 0x25, 0x01, 0x75, (size), 0x95, (n)
#define INPUT            0x81, 0x02
#define OUTPUT           0x91, 0x02
#define FEATURE          0xb1, 0x02
#define COLLECTION       0xa1, 0x02
#define END              0xc0
#define PUSH             0xa4
#define POP              0xb4

static void append(Bytes *b, const uint8_t *data, size_t size)
{
        assert_true(size <= sizeof(b->data) - b->size);
        memcpy(b->data + b->size, data, size);
        b->size += size;
}

static Bytes own(void)
{
        Bytes b = { .size = 0 };

        append(&b, kneed_report_descriptor, kneed_report_descriptor_size);
        return b;
}

/* On the heap and of the exact size, so that the sanitizer sees a byte read too far. */
static int parse(const uint8_t *data, size_t size, HidDescriptor *ret)
{
        _cleanup_free_ uint8_t *copy = malloc(size > 0 ? size : 1);
        int r;

        assert_non_null(copy);
        memcpy(copy, data, size);
        memset(ret, UNTOUCHED, sizeof(*ret));
        r = hid_descriptor_parse(copy, size, ret);
        if (r < 0)
                for (size_t i = 0; i < sizeof(*ret); i++)
                        assert_int_equal(((const uint8_t *) ret)[i], UNTOUCHED);
        return r;
}

/* The refusal of the parser, or what the check says about what was parsed. */
static int judge(const Bytes *b)
{
        HidDescriptor descriptor;
        int r = parse(b->data, b->size, &descriptor);

        return r < 0 ? r : hid_descriptor_check_profile(&descriptor);
}

static int judge_bytes(const uint8_t *data, size_t size)
{
        Bytes b = { .size = 0 };

        append(&b, data, size);
        return judge(&b);
}

static uint32_t bits_of(const HidDescriptor *d, KneedReportType type, uint8_t id)
{
        for (unsigned i = 0; i < d->n_reports; i++)
                if (d->reports[i].type == type && d->reports[i].id == id)
                        return d->reports[i].bits;
        return 0;
}

static void test_our_own_descriptor_carries_the_profile(void **state)
{
        HidDescriptor d;

        assert_int_equal(parse(kneed_report_descriptor, kneed_report_descriptor_size, &d), 0);
        assert_true(d.has_massager);
        assert_int_equal(d.n_reports, 6);
        assert_int_equal(bits_of(&d, KNEED_TYPE_FEATURE, 1), 8 * 15);
        assert_int_equal(bits_of(&d, KNEED_TYPE_FEATURE, 2), 8 * 19);
        assert_int_equal(bits_of(&d, KNEED_TYPE_OUTPUT, 3), 8 * 39);
        assert_int_equal(bits_of(&d, KNEED_TYPE_OUTPUT, 4), 8 * 9);
        assert_int_equal(bits_of(&d, KNEED_TYPE_OUTPUT, 5), 8 * 3);
        assert_int_equal(bits_of(&d, KNEED_TYPE_INPUT, 6), 8 * 59);
        assert_int_equal(hid_descriptor_check_profile(&d), 0);
}

static void test_a_truncated_descriptor_is_refused(void **state)
{
        Bytes b = own();

        while (b.size > 0) {
                int r;

                b.size--;
                r = judge(&b);

                /* Before the first collection opens, nothing is wrong but that it is not there. */
                assert_true(r == -EMSGSIZE || r == (b.size < 7 ? -ENODEV : -EBADMSG));
        }
}

/* A second opinion: adds up the bits of a report wherever they stand, and looks at nothing else. */
static uint64_t plain_sum(const Bytes *b, uint8_t tag, uint8_t id)
{
        struct {
                uint32_t size, count, id;
        } now = { 0 }, pushed[HID_PUSH_DEPTH_MAX];
        unsigned n_pushed = 0;
        uint64_t sum = 0;

        for (size_t at = 0; at < b->size;) {
                unsigned n = (b->data[at] & 3u) == 3 ? 4 : b->data[at] & 3u;
                uint32_t value = 0;

                for (unsigned i = 0; i < n; i++)
                        value |= (uint32_t) b->data[at + 1 + i] << 8 * i;
                switch (b->data[at] & 0xfc) {
                case 0x74:
                        now.size = value;
                        break;
                case 0x94:
                        now.count = value;
                        break;
                case 0x84:
                        now.id = value;
                        break;
                case 0xa4:
                        pushed[n_pushed++] = now;
                        break;
                case 0xb4:
                        now = pushed[--n_pushed];
                        break;
                case 0x80:
                case 0x90:
                case 0xb0:
                        if (now.id == id && (b->data[at] & 0xfc) == tag)
                                sum += (uint64_t) now.size * now.count;
                        break;
                }
                at += 1 + n;
        }
        return sum;
}

static void assert_true_sizes(const Bytes *b)
{
        assert_int_equal(plain_sum(b, 0xb0, 1), 8 * 15);
        assert_int_equal(plain_sum(b, 0xb0, 2), 8 * 19);
        assert_int_equal(plain_sum(b, 0x90, 3), 8 * 39);
        assert_int_equal(plain_sum(b, 0x90, 4), 8 * 9);
        assert_int_equal(plain_sum(b, 0x90, 5), 8 * 3);
        assert_int_equal(plain_sum(b, 0x80, 6), 8 * 59);
}

/* xorshift32: the same numbers in every run, so that a failure comes again. */
static uint32_t random_u32(void)
{
        static uint32_t state = 0x6d617373;

        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
}

static void mutate(Bytes *b)
{
        size_t at = random_u32() % b->size;
        size_t n = 1 + random_u32() % 4;

        switch (random_u32() % 4) {
        case 0: /* a bit */
                b->data[at] ^= (uint8_t) (1u << random_u32() % 8);
                break;
        case 1: /* a byte */
                b->data[at] = (uint8_t) random_u32();
                break;
        case 2: /* a hole */
                n = MIN(n, b->size - at);
                memmove(b->data + at, b->data + at + n, b->size - at - n);
                b->size -= n;
                break;
        case 3: /* an echo */
                n = MIN(n, b->size - at);
                memmove(b->data + at + n, b->data + at, b->size - at);
                b->size += n;
                break;
        }
}

/* SR-DEVICE */
static void test_mutations_never_pass_with_wrong_sizes(void **state)
{
        unsigned passed = 0;

        for (unsigned round = 0; round < MUTATIONS; round++) {
                Bytes b = own();

                for (unsigned n = 1 + random_u32() % 3; n > 0 && b.size > 0; n--)
                        mutate(&b);
                if (judge(&b) < 0)
                        continue;
                assert_true_sizes(&b);
                passed++;
        }
        assert_true(passed > 0 && passed < MUTATIONS);
}

static void test_noise_is_harmless(void **state)
{
        for (unsigned round = 0; round < MUTATIONS; round++) {
                Bytes b = { .size = 1 + random_u32() % 64 };

                for (size_t i = 0; i < b.size; i++)
                        b.data[i] = (uint8_t) random_u32();
                assert_true(judge(&b) < 0);
        }
}

static void test_empty_and_endless_are_refused(void **state)
{
        Bytes b = own();

        while (b.size < HID_DESCRIPTOR_SIZE_MAX)
                append(&b, BYTES(0x64)); /* Unit (none) */
        assert_int_equal(judge(&b), 0);
        append(&b, BYTES(0x64));
        assert_int_equal(judge(&b), -EMSGSIZE);

        b.size = 0;
        assert_int_equal(judge(&b), -EMSGSIZE);
}

static void test_other_devices_are_not_ours(void **state)
{
        static const uint8_t other_usage[] = { VENDOR_PAGE, 0x09, 0x02, 0xa1, 0x01, END };
        static const uint8_t logical[] = { VENDOR_PAGE, 0x09, 0x01, 0xa1, 0x02, END };
        static const uint8_t nested[] = { CONSUMER_CONTROL, MASSAGER, END, END };
        static const uint8_t no_usage[] = { VENDOR_PAGE, 0xa1, 0x01, END };
        static const uint8_t second_usage[] = { VENDOR_PAGE, 0x09, 0x02, 0x09, 0x01, 0xa1, 0x01,
                END };
        static const uint8_t used_up[] = { VENDOR_PAGE, 0x09, 0x01, 0xa1, 0x02, END, 0xa1, 0x01,
                END };

        assert_int_equal(judge_bytes(other_usage, sizeof(other_usage)), -ENODEV);
        assert_int_equal(judge_bytes(logical, sizeof(logical)), -ENODEV);
        assert_int_equal(judge_bytes(nested, sizeof(nested)), -ENODEV);
        assert_int_equal(judge_bytes(no_usage, sizeof(no_usage)), -ENODEV);
        assert_int_equal(judge_bytes(second_usage, sizeof(second_usage)), -ENODEV);
        assert_int_equal(judge_bytes(used_up, sizeof(used_up)), -ENODEV);
}

static void test_a_massager_is_found_by_its_usage_however_written(void **state)
{
        static const uint8_t extended[] = { 0x0b, 0x01, 0x00, 0x4b, 0xff, 0xa1, 0x01, END };
        static const uint8_t page_last[] = { 0x09, 0x01, VENDOR_PAGE, 0xa1, 0x01, END };
        static const uint8_t wide[] = { VENDOR_PAGE, 0x0a, 0x01, 0x00, 0xa1, 0x01, END };

        /* Found, and refused for want of reports. */
        assert_int_equal(judge_bytes(extended, sizeof(extended)), -EPROTO);
        assert_int_equal(judge_bytes(page_last, sizeof(page_last)), -EPROTO);
        assert_int_equal(judge_bytes(wide, sizeof(wide)), -EPROTO);
}

static void test_missing_and_misshapen_reports_are_refused(void **state)
{
        for (uint8_t id = 1; id <= 6; id++) {
                Bytes b = own();

                for (size_t i = 0; i + 1 < b.size; i++)
                        if (b.data[i] == 0x85 && b.data[i + 1] == id)
                                b.data[i + 1] = 99;
                assert_int_equal(judge(&b), -EPROTO);
        }

        for (unsigned i = 0; i < 3; i++) {
                static const uint8_t tags[] = { 0x81, 0x91, 0xb1 };
                static const uint8_t ids[] = { 6, 3, 1 };
                Bytes b = own();

                b.size--; /* the end of the massager */
                append(&b, BYTES(REPORT(ids[i]), 0x75, 0x01, 0x95, 0x01, tags[i], 0x03, END));
                assert_int_equal(judge(&b), -EPROTO);
        }
}

static void test_collections_beside_the_massager_are_fine(void **state)
{
        static const uint8_t keys[] = { CONSUMER_CONTROL, REPORT(20), FIELD(1, 8), COLLECTION, 0x09,
                0xe9, INPUT, END, END };
        Bytes after = own(), before = { .size = 0 };

        append(&after, keys, sizeof(keys));
        assert_int_equal(judge(&after), 0);

        append(&before, keys, sizeof(keys));
        append(&before, kneed_report_descriptor, kneed_report_descriptor_size);
        assert_int_equal(judge(&before), 0);
}

static void test_reports_of_the_makers_own_are_fine(void **state)
{
        Bytes b = own();

        b.size--;
        append(&b, BYTES(REPORT(200), FIELD(8, 63), INPUT, OUTPUT, FEATURE, END));
        assert_int_equal(judge(&b), 0);
}

static void refuse_beside_the_massager(const uint8_t *data, size_t size)
{
        Bytes after = own(), before = { .size = 0 };

        append(&after, data, size);
        assert_int_equal(judge(&after), -EBADMSG);

        append(&before, data, size);
        append(&before, kneed_report_descriptor, kneed_report_descriptor_size);
        assert_int_equal(judge(&before), -EBADMSG);
}

static void test_a_report_id_shared_with_another_collection_is_refused(void **state)
{
        refuse_beside_the_massager(BYTES(CONSUMER_CONTROL, REPORT(6), FIELD(8, 1), INPUT, END));
        refuse_beside_the_massager(BYTES(CONSUMER_CONTROL, REPORT(3), FIELD(8, 1), INPUT, END));
}

static void test_two_massagers_are_refused(void **state)
{
        Bytes b = own();

        append(&b, BYTES(MASSAGER, END));
        assert_int_equal(judge(&b), -ENOTUNIQ);
}

static void test_push_and_pop_keep_the_globals(void **state)
{
        HidDescriptor d;

        assert_int_equal(parse(BYTES(MASSAGER, REPORT(9), FIELD(8, 3), PUSH, REPORT(10),
                                               FIELD(16, 5), INPUT, POP, INPUT, END),
                                         &d),
                        0);
        assert_int_equal(bits_of(&d, KNEED_TYPE_INPUT, 9), 8 * 3);
        assert_int_equal(bits_of(&d, KNEED_TYPE_INPUT, 10), 16 * 5);
}

static void test_limit_of_pushes(void **state)
{
        Bytes b = { .size = 0 };

        for (unsigned i = 0; i < HID_PUSH_DEPTH_MAX; i++)
                append(&b, BYTES(PUSH));
        assert_int_equal(judge(&b), -ENODEV);
        append(&b, BYTES(PUSH));
        assert_int_equal(judge(&b), -E2BIG);
}

static int judge_depth(unsigned depth)
{
        Bytes b = { .size = 0 };

        for (unsigned i = 0; i < depth; i++)
                append(&b, BYTES(COLLECTION));
        for (unsigned i = 0; i < depth; i++)
                append(&b, BYTES(END));
        return judge(&b);
}

static void test_limit_of_collections(void **state)
{
        assert_int_equal(judge_depth(HID_COLLECTION_DEPTH_MAX), -ENODEV);
        assert_int_equal(judge_depth(HID_COLLECTION_DEPTH_MAX + 1), -E2BIG);
}

static int judge_reports(unsigned n)
{
        Bytes b = { .size = 0 };

        append(&b, BYTES(MASSAGER, FIELD(8, 1)));
        for (unsigned i = 0; i < n; i++)
                append(&b, BYTES(REPORT((uint8_t) (100 + i)), INPUT));
        append(&b, BYTES(END));
        return judge(&b);
}

static void test_limit_of_reports(void **state)
{
        assert_int_equal(judge_reports(HID_REPORTS_MAX), -EPROTO);
        assert_int_equal(judge_reports(HID_REPORTS_MAX + 1), -E2BIG);
}

static void test_limit_of_bits(void **state)
{
        static const uint8_t fits[] = { MASSAGER, REPORT(9), 0x76, 0x00, 0x01, 0x96, 0x00, 0x01,
                INPUT, END };
        static const uint8_t one_more[] = { MASSAGER, REPORT(9), 0x76, 0x00, 0x01, 0x96, 0x00, 0x01,
                INPUT, FIELD(1, 1), INPUT, END };
        static const uint8_t beside[] = { CONSUMER_CONTROL, REPORT(9), 0x76, 0x00, 0x01, 0x96, 0x01,
                0x01, INPUT, END };
        /* In 32 bits these products are 1 and 0. */
        static const uint8_t wraps_to_one[] = { MASSAGER, REPORT(9), 0x77, 0xff, 0xff, 0xff, 0xff,
                0x97, 0xff, 0xff, 0xff, 0xff, INPUT, END };
        static const uint8_t wraps_to_zero[] = { MASSAGER, REPORT(9), 0x77, 0x00, 0x00, 0x01, 0x00,
                0x97, 0x00, 0x00, 0x01, 0x00, INPUT, END };

        assert_int_equal(judge_bytes(fits, sizeof(fits)), -EPROTO);
        assert_int_equal(judge_bytes(one_more, sizeof(one_more)), -E2BIG);
        assert_int_equal(judge_bytes(beside, sizeof(beside)), -E2BIG);
        assert_int_equal(judge_bytes(wraps_to_one, sizeof(wraps_to_one)), -E2BIG);
        assert_int_equal(judge_bytes(wraps_to_zero, sizeof(wraps_to_zero)), -E2BIG);
}

static void refuse_inside(const uint8_t *data, size_t size, int reason)
{
        Bytes b = { .size = 0 };

        append(&b, BYTES(MASSAGER, REPORT(9), FIELD(8, 1)));
        append(&b, data, size);
        append(&b, BYTES(END));
        assert_int_equal(judge(&b), reason);
}

static void test_nonsense_is_refused(void **state)
{
        refuse_inside(BYTES(0x85, 0x00), -EBADMSG);                    /* report id 0 */
        refuse_inside(BYTES(0x86, 0x00, 0x01), -EBADMSG);              /* report id 256 */
        refuse_inside(BYTES(POP), -EBADMSG);                           /* nothing pushed */
        refuse_inside(BYTES(END), -EBADMSG);                           /* then one too many */
        refuse_inside(BYTES(COLLECTION), -EBADMSG);                    /* never closed */
        refuse_inside(BYTES(0xa1, 0x07, END), -EBADMSG);               /* reserved collection */
        refuse_inside(BYTES(0x15, 0x02, 0x25, 0x01, INPUT), -EBADMSG); /* minimum above maximum */
        refuse_inside(BYTES(0x15, 0xff, 0x25, 0xfe, INPUT), -EBADMSG); /* -1 to -2 */
        refuse_inside(BYTES(0x07, 0x00, 0x00, 0x01, 0x00), -EBADMSG);  /* usage page 0x10000 */
        refuse_inside(BYTES(0x08), -EBADMSG);                          /* usage without data */
        refuse_inside(BYTES(0xa9, 0x02), -EBADMSG);                    /* delimiter of no kind */
        refuse_inside(BYTES(0xa9, 0x00), -EBADMSG);                    /* closes nothing */
        refuse_inside(BYTES(0xa9, 0x01, 0xa9, 0x01), -EBADMSG);        /* nested */
        refuse_inside(BYTES(0xa9, 0x01, INPUT), -EBADMSG);             /* field inside of one */

        /* Fields that belong to no collection, and ids for some reports only. */
        assert_int_equal(judge_bytes(BYTES(FIELD(8, 1), INPUT)), -EBADMSG);
        assert_int_equal(judge_bytes(BYTES(CONSUMER_CONTROL, FIELD(8, 1), INPUT, REPORT(9), INPUT,
                                         END)),
                        -EBADMSG);
}

static void test_signed_and_unsigned_maxima_are_told_apart(void **state)
{
        refuse_inside(BYTES(0x15, 0x00, 0x25, 0xff, INPUT), -EPROTO); /* 0 to 255, as many write */
        refuse_inside(BYTES(0x15, 0x81, 0x25, 0x7f, INPUT), -EPROTO); /* -127 to 127 */
        refuse_inside(BYTES(0x16, 0x00, 0x80, 0x26, 0xff, 0x7f, INPUT), -EPROTO);
}

static void test_reserved_items_are_refused(void **state)
{
        for (unsigned prefix = 0; prefix <= UINT8_MAX; prefix++) {
                unsigned type = prefix >> 2 & 3, tag = prefix >> 4;
                bool is_known = type == 0   ? tag >= 8 && tag <= 12
                                : type == 1 ? tag <= 11
                                : type == 2 ? tag <= 10 && tag != 6
                                            : false;
                HidDescriptor d;
                int r = parse((const uint8_t[]){ (uint8_t) prefix, 0, 0, 0, 0 },
                                (prefix & 3) == 3 ? 5 : 1 + (prefix & 3), &d);

                if (!is_known)
                        assert_int_equal(r, -EBADMSG);
        }

        /* No long item was ever defined, whole or not. */
        refuse_inside(BYTES(0xfe, 0x02, 0x10, 0x00, 0x00), -EBADMSG);
        refuse_inside(BYTES(0xfe, 0xff), -EBADMSG);
}

static void test_an_item_cut_short_is_refused(void **state)
{
        assert_int_equal(judge_bytes(BYTES(0x09)), -EMSGSIZE);
        assert_int_equal(judge_bytes(BYTES(0x26, 0xff)), -EMSGSIZE);
        assert_int_equal(judge_bytes(BYTES(0x27, 0xff, 0xff, 0xff)), -EMSGSIZE);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_our_own_descriptor_carries_the_profile),
                cmocka_unit_test(test_a_truncated_descriptor_is_refused),
                cmocka_unit_test(test_mutations_never_pass_with_wrong_sizes),
                cmocka_unit_test(test_noise_is_harmless),
                cmocka_unit_test(test_empty_and_endless_are_refused),
                cmocka_unit_test(test_other_devices_are_not_ours),
                cmocka_unit_test(test_a_massager_is_found_by_its_usage_however_written),
                cmocka_unit_test(test_missing_and_misshapen_reports_are_refused),
                cmocka_unit_test(test_collections_beside_the_massager_are_fine),
                cmocka_unit_test(test_reports_of_the_makers_own_are_fine),
                cmocka_unit_test(test_a_report_id_shared_with_another_collection_is_refused),
                cmocka_unit_test(test_two_massagers_are_refused),
                cmocka_unit_test(test_push_and_pop_keep_the_globals),
                cmocka_unit_test(test_limit_of_pushes),
                cmocka_unit_test(test_limit_of_collections),
                cmocka_unit_test(test_limit_of_reports),
                cmocka_unit_test(test_limit_of_bits),
                cmocka_unit_test(test_nonsense_is_refused),
                cmocka_unit_test(test_signed_and_unsigned_maxima_are_told_apart),
                cmocka_unit_test(test_reserved_items_are_refused),
                cmocka_unit_test(test_an_item_cut_short_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
