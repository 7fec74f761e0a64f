/* SPDX-License-Identifier: MIT */
#include "protocol/descriptor.h"

#include <errno.h>

#include "common/macro.h"

/* The short items of HID 1.11, section 6.2.2: a prefix byte of tag, type and size. */
#define ITEM_SIZE_MASK 0x03u
#define ITEM_TYPE_MASK 0x0cu
#define ITEM_TAG_MASK  0xfcu /* with the type */
#define ITEM_LONG      0xfeu

#define ITEM_TYPE_MAIN   0x00u
#define ITEM_TYPE_GLOBAL 0x04u
#define ITEM_TYPE_LOCAL  0x08u

#define MAIN_INPUT          0x80u
#define MAIN_OUTPUT         0x90u
#define MAIN_COLLECTION     0xa0u
#define MAIN_FEATURE        0xb0u
#define MAIN_END_COLLECTION 0xc0u

#define GLOBAL_USAGE_PAGE    0x04u
#define GLOBAL_LOGICAL_MIN   0x14u
#define GLOBAL_LOGICAL_MAX   0x24u
#define GLOBAL_PHYSICAL_MIN  0x34u
#define GLOBAL_PHYSICAL_MAX  0x44u
#define GLOBAL_UNIT_EXPONENT 0x54u
#define GLOBAL_UNIT          0x64u
#define GLOBAL_REPORT_SIZE   0x74u
#define GLOBAL_REPORT_ID     0x84u
#define GLOBAL_REPORT_COUNT  0x94u
#define GLOBAL_PUSH          0xa4u
#define GLOBAL_POP           0xb4u

#define LOCAL_USAGE          0x08u
#define LOCAL_USAGE_MIN      0x18u
#define LOCAL_USAGE_MAX      0x28u
#define LOCAL_DESIGNATOR     0x38u
#define LOCAL_DESIGNATOR_MIN 0x48u
#define LOCAL_DESIGNATOR_MAX 0x58u
#define LOCAL_STRING         0x78u
#define LOCAL_STRING_MIN     0x88u
#define LOCAL_STRING_MAX     0x98u
#define LOCAL_DELIMITER      0xa8u

#define COLLECTION_APPLICATION 0x01u
#define COLLECTION_LAST        0x06u
#define COLLECTION_VENDOR      0x80u

typedef struct Item {
        uint8_t tag; /* with the type */
        uint8_t size;
        uint32_t value; /* the data, zero-extended */
} Item;

typedef struct Globals {
        uint16_t usage_page;
        uint8_t report_id;
        Item logical_min; /* how to read the maximum depends on the minimum: kept unread */
        Item logical_max;
        uint32_t report_size;
        uint32_t report_count;
} Globals;

typedef enum Owner {
        OWNER_NONE,
        OWNER_MASSAGER,
        OWNER_OTHER,
} Owner;

typedef struct Parser {
        Globals globals;
        Globals stack[HID_PUSH_DEPTH_MAX];
        unsigned n_stack;

        Item usage; /* the first one before a main item; size 0 where there is none */
        bool in_delimiter;

        unsigned depth;
        bool in_massager;

        bool has_numbered_field; /* ids are for all reports or for none */
        bool has_plain_field;
        uint8_t owner[UINT8_MAX + 1]; /* Owner, by report id */
        HidDescriptor descriptor;
} Parser;

static int64_t sign_extended(const Item *item)
{
        switch (item->size) {
        case 1:
                return (int8_t) item->value;
        case 2:
                return (int16_t) item->value;
        default:
                return (int32_t) item->value;
        }
}

/* Makers often write an unsigned maximum into too few bytes (255 as one byte). Beside a minimum of
 * 0 or more it can only be meant unsigned. */
static bool logical_range_is_valid(const Globals *g)
{
        int64_t min = sign_extended(&g->logical_min);
        int64_t max = min < 0 ? sign_extended(&g->logical_max) : g->logical_max.value;

        return min <= max;
}

/* Returns an index into reports, or n_reports where there is no such report. */
static unsigned find_report(const HidDescriptor *d, uint8_t type, uint8_t id)
{
        unsigned i = 0;

        while (i < d->n_reports && (d->reports[i].type != type || d->reports[i].id != id))
                i++;
        return i;
}

static int add_to_massager(Parser *p, uint8_t type, uint64_t bits)
{
        HidDescriptor *d = &p->descriptor;
        unsigned i = find_report(d, type, p->globals.report_id);

        if (i == HID_REPORTS_MAX)
                return -E2BIG;
        if (i == d->n_reports)
                d->reports[d->n_reports++] = (HidReport){ .type = type,
                        .id = p->globals.report_id };
        if (bits > HID_REPORT_BITS_MAX - d->reports[i].bits)
                return -E2BIG;

        d->reports[i].bits += (uint32_t) bits;
        return 0;
}

/* A report with fields both inside the massager and outside of it would be longer on the wire than
 * what is counted inside. */
static int claim_report(Parser *p)
{
        uint8_t id = p->globals.report_id;
        Owner owner = p->in_massager ? OWNER_MASSAGER : OWNER_OTHER;

        if (p->owner[id] != OWNER_NONE && p->owner[id] != owner)
                return -EBADMSG;
        p->owner[id] = owner;

        *(id > 0 ? &p->has_numbered_field : &p->has_plain_field) = true;
        return p->has_numbered_field && p->has_plain_field ? -EBADMSG : 0;
}

static int add_field(Parser *p, uint8_t type)
{
        uint64_t bits = (uint64_t) p->globals.report_size * p->globals.report_count;
        int r;

        if (!logical_range_is_valid(&p->globals) || p->depth == 0)
                return -EBADMSG;
        if (bits > HID_REPORT_BITS_MAX)
                return -E2BIG;

        r = claim_report(p);
        if (r < 0 || !p->in_massager)
                return r;
        return add_to_massager(p, type, bits);
}

/* A usage of four bytes brings its page along; a shorter one takes the page that holds here. */
static bool usage_is_massager(const Parser *p)
{
        uint32_t usage = p->usage.value;

        if (p->usage.size == 0)
                return false;
        if (p->usage.size < 4)
                usage |= (uint32_t) p->globals.usage_page << 16;
        return usage == (KNEED_USAGE_PAGE << 16 | KNEED_USAGE_MASSAGER);
}

static int open_collection(Parser *p, uint32_t type)
{
        if (type > UINT8_MAX || (type > COLLECTION_LAST && type < COLLECTION_VENDOR))
                return -EBADMSG;
        if (p->depth == HID_COLLECTION_DEPTH_MAX)
                return -E2BIG;

        if (p->depth == 0 && type == COLLECTION_APPLICATION && usage_is_massager(p)) {
                if (p->descriptor.has_massager)
                        return -ENOTUNIQ;
                p->descriptor.has_massager = true;
                p->in_massager = true;
        }
        p->depth++;
        return 0;
}

static int close_collection(Parser *p)
{
        if (p->depth == 0)
                return -EBADMSG;
        if (--p->depth == 0)
                p->in_massager = false;
        return 0;
}

static int apply_main(Parser *p, const Item *item)
{
        int r;

        if (p->in_delimiter)
                return -EBADMSG;

        switch (item->tag) {
        case MAIN_INPUT:
                r = add_field(p, KNEED_TYPE_INPUT);
                break;
        case MAIN_OUTPUT:
                r = add_field(p, KNEED_TYPE_OUTPUT);
                break;
        case MAIN_FEATURE:
                r = add_field(p, KNEED_TYPE_FEATURE);
                break;
        case MAIN_COLLECTION:
                r = open_collection(p, item->value);
                break;
        case MAIN_END_COLLECTION:
                r = close_collection(p);
                break;
        default:
                r = -EBADMSG;
        }

        p->usage = (Item){ 0 };
        return r;
}

static int push_globals(Parser *p)
{
        if (p->n_stack == HID_PUSH_DEPTH_MAX)
                return -E2BIG;
        p->stack[p->n_stack++] = p->globals;
        return 0;
}

static int pop_globals(Parser *p)
{
        if (p->n_stack == 0)
                return -EBADMSG;
        p->globals = p->stack[--p->n_stack];
        return 0;
}

static int apply_global(Parser *p, const Item *item)
{
        Globals *g = &p->globals;

        switch (item->tag) {
        case GLOBAL_USAGE_PAGE:
                if (item->value > UINT16_MAX)
                        return -EBADMSG;
                g->usage_page = (uint16_t) item->value;
                return 0;
        case GLOBAL_LOGICAL_MIN:
                g->logical_min = *item;
                return 0;
        case GLOBAL_LOGICAL_MAX:
                g->logical_max = *item;
                return 0;
        case GLOBAL_REPORT_SIZE:
                g->report_size = item->value;
                return 0;
        case GLOBAL_REPORT_COUNT:
                g->report_count = item->value;
                return 0;
        case GLOBAL_REPORT_ID:
                if (item->value == 0 || item->value > UINT8_MAX)
                        return -EBADMSG;
                g->report_id = (uint8_t) item->value;
                return 0;
        case GLOBAL_PUSH:
                return push_globals(p);
        case GLOBAL_POP:
                return pop_globals(p);
        case GLOBAL_PHYSICAL_MIN:
        case GLOBAL_PHYSICAL_MAX:
        case GLOBAL_UNIT_EXPONENT:
        case GLOBAL_UNIT:
                return 0;
        default:
                return -EBADMSG;
        }
}

static int apply_delimiter(Parser *p, uint32_t value)
{
        if (value > 1 || p->in_delimiter == (value == 1))
                return -EBADMSG;
        p->in_delimiter = value == 1;
        return 0;
}

static int apply_local(Parser *p, const Item *item)
{
        switch (item->tag) {
        case LOCAL_USAGE:
                if (item->size == 0)
                        return -EBADMSG;
                if (p->usage.size == 0)
                        p->usage = *item;
                return 0;
        case LOCAL_DELIMITER:
                return apply_delimiter(p, item->value);
        case LOCAL_USAGE_MIN:
        case LOCAL_USAGE_MAX:
        case LOCAL_DESIGNATOR:
        case LOCAL_DESIGNATOR_MIN:
        case LOCAL_DESIGNATOR_MAX:
        case LOCAL_STRING:
        case LOCAL_STRING_MIN:
        case LOCAL_STRING_MAX:
                return 0;
        default:
                return -EBADMSG;
        }
}

/* Returns the bytes that the item takes, or a negative errno. No long item was ever defined. */
static int read_item(const uint8_t *data, size_t size, Item *ret)
{
        static const uint8_t sizes[] = { 0, 1, 2, 4 };
        uint8_t n = sizes[data[0] & ITEM_SIZE_MASK];

        if (data[0] == ITEM_LONG)
                return -EBADMSG;
        if (size - 1 < n)
                return -EMSGSIZE;

        Item item = { .tag = data[0] & ITEM_TAG_MASK, .size = n };
        for (unsigned i = 0; i < n; i++)
                item.value |= (uint32_t) data[1 + i] << 8 * i;
        *ret = item;
        return 1 + n;
}

static int apply_item(Parser *p, const Item *item)
{
        switch (item->tag & ITEM_TYPE_MASK) {
        case ITEM_TYPE_MAIN:
                return apply_main(p, item);
        case ITEM_TYPE_GLOBAL:
                return apply_global(p, item);
        case ITEM_TYPE_LOCAL:
                return apply_local(p, item);
        default:
                return -EBADMSG;
        }
}

int hid_descriptor_parse(const uint8_t *data, size_t size, HidDescriptor *ret)
{
        Parser parser = { 0 };

        if (size == 0 || size > HID_DESCRIPTOR_SIZE_MAX)
                return -EMSGSIZE;

        for (size_t at = 0; at < size;) {
                Item item;
                int n = read_item(data + at, size - at, &item);

                if (n < 0)
                        return n;

                int r = apply_item(&parser, &item);

                if (r < 0)
                        return r;
                at += (size_t) n;
        }

        if (parser.depth > 0 || parser.in_delimiter)
                return -EBADMSG;

        *ret = parser.descriptor;
        return 0;
}

int hid_descriptor_check_profile(const HidDescriptor *descriptor)
{
        static const HidReport profile[] = {
                { KNEED_TYPE_FEATURE, KNEED_REPORT_IDENTITY, 8 * (KNEED_IDENTITY_SIZE - 1) },
                { KNEED_TYPE_FEATURE, KNEED_REPORT_RECORD, 8 * (KNEED_RECORD_SIZE - 1) },
                { KNEED_TYPE_OUTPUT, KNEED_REPORT_FRAME, 8 * (KNEED_FRAME_SIZE - 1) },
                { KNEED_TYPE_OUTPUT, KNEED_REPORT_HEAT, 8 * (KNEED_HEAT_SIZE - 1) },
                { KNEED_TYPE_OUTPUT, KNEED_REPORT_COMMAND, 8 * (KNEED_COMMAND_SIZE - 1) },
                { KNEED_TYPE_INPUT, KNEED_REPORT_STATUS, 8 * (KNEED_STATUS_SIZE - 1) },
        };

        if (!descriptor->has_massager)
                return -ENODEV;
        for (size_t i = 0; i < ELEMENTSOF(profile); i++) {
                unsigned found = find_report(descriptor, profile[i].type, profile[i].id);

                if (found == descriptor->n_reports ||
                                descriptor->reports[found].bits != profile[i].bits)
                        return -EPROTO;
        }
        return 0;
}
