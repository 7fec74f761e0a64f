/* SPDX-License-Identifier: MIT */

/* Holds docs/protocol.md to its word: every example in it is read and tried. */

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/macro.h"
#include "protocol/profile.h"
#include "tests/unit/profile-shapes.h"

#define DOCUMENT    KNEED_SOURCE_DIR "/docs/protocol.md"
#define FENCE       "```"
#define LINE_SIZE   4096
#define FIELDS_MAX  32
#define REFUSED_MIN 3 /* for each report */

typedef struct Block {
        unsigned line; /* where it starts, for messages */
        char word[32]; /* example, refused, tolerated, descriptor */
        char name[32]; /* of the report */
        uint8_t bytes[1024];
        size_t n_bytes;
        char keys[FIELDS_MAX][32];
        char values[FIELDS_MAX][128];
        unsigned n_values;
} Block;

typedef struct Reader {
        FILE *file;
        unsigned line;
} Reader;

static bool read_line(Reader *reader, char *ret)
{
        if (!fgets(ret, LINE_SIZE, reader->file))
                return false;
        reader->line++;
        ret[strcspn(ret, "\n")] = '\0';
        return true;
}

static void read_bytes(Block *b, const char *text)
{
        int n;

        for (unsigned byte; sscanf(text, " %2x%n", &byte, &n) == 1; text += n) {
                assert_true(b->n_bytes < sizeof(b->bytes));
                b->bytes[b->n_bytes++] = (uint8_t) byte;
        }
        while (isspace((unsigned char) *text))
                text++;
        if (*text != '\0' && *text != '#')
                fail_msg("block at line %u: no bytes: %s", b->line, text);
}

/* Returns false at the end of the document. */
static bool read_block(Reader *reader, Block *ret)
{
        char line[LINE_SIZE];

        do
                if (!read_line(reader, line))
                        return false;
        while (strncmp(line, FENCE, strlen(FENCE)) != 0);

        *ret = (Block){ .line = reader->line };
        assert_true(sscanf(line, FENCE "%31s %31s", ret->word, ret->name) >= 1);

        while (read_line(reader, line)) {
                if (streq(line, FENCE))
                        return true;
                if (!strchr(line, '=')) {
                        read_bytes(ret, line);
                        continue;
                }
                assert_true(ret->n_values < FIELDS_MAX);
                assert_int_equal(sscanf(line, "%31[a-z0-9_] = %127[-a-z0-9 ]",
                                                 ret->keys[ret->n_values],
                                                 ret->values[ret->n_values]),
                                2);
                ret->n_values++;
        }
        fail_msg("block at line %u never ends", ret->line);
        return false;
}

static void set_field(const Block *b, const Shape *shape, unsigned at, AnyReport *report)
{
        const Field *field = shape_field(shape, b->keys[at]);
        const char *text = b->values[at];
        int value, n;
        unsigned i;

        if (!field)
                fail_msg("block at line %u: %s has no %s", b->line, shape->name, b->keys[at]);
        for (i = 0; sscanf(text, "%d%n", &value, &n) == 1; i++, text += n) {
                assert_true(i < field->n);
                assert_true(field_can_hold(field, value));
                field_set(field, i, value, report);
        }
        if (i == 0 || *text != '\0')
                fail_msg("block at line %u: %s is no number", b->line, b->keys[at]);
}

/* Every field has to be told. */
static AnyReport read_fields(const Block *b, const Shape *shape)
{
        AnyReport report = { 0 };

        assert_int_equal(b->n_values, shape->n_fields);
        for (unsigned i = 0; i < b->n_values; i++) {
                for (unsigned j = 0; j < i; j++)
                        assert_string_not_equal(b->keys[i], b->keys[j]);
                set_field(b, shape, i, &report);
        }
        return report;
}

static void try_tolerated(const Block *b, const Shape *shape)
{
        AnyReport told = read_fields(b, shape), decoded = { 0 };

        assert_int_equal(shape->decode(b->bytes, b->n_bytes, &decoded), 0);
        assert_true(shape_equal(shape, &told, &decoded));
}

static void try_example(const Block *b, const Shape *shape)
{
        AnyReport told = read_fields(b, shape);
        uint8_t encoded[KNEED_REPORT_SIZE_MAX];

        try_tolerated(b, shape);
        assert_int_equal(shape->encode(&told, encoded), b->n_bytes);
        assert_memory_equal(encoded, b->bytes, b->n_bytes);
}

static void try_refused(const Block *b, const Shape *shape)
{
        static const struct {
                const char *reason;
                int r;
        } reasons[] = {
                { "size", -EMSGSIZE },
                { "id", -ENOMSG },
                { "range", -ERANGE },
                { "check", -EBADMSG },
        };
        AnyReport decoded;

        assert_int_equal(b->n_values, 1);
        assert_string_equal(b->keys[0], "reason");
        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if (streq(b->values[0], reasons[i].reason)) {
                        assert_int_equal(shape->decode(b->bytes, b->n_bytes, &decoded),
                                        reasons[i].r);
                        return;
                }
        fail_msg("block at line %u: no such reason", b->line);
}

static void try_descriptor(const Block *b)
{
        assert_int_equal(b->n_bytes, kneed_report_descriptor_size);
        assert_memory_equal(b->bytes, kneed_report_descriptor, b->n_bytes);
}

typedef struct Tally {
        unsigned example, refused, tolerated;
} Tally;

static void try_block(const Block *b, Tally *tally)
{
        const Shape *shape = shape_find(b->name);

        print_message("line %u: %s %s\n", b->line, b->word, b->name);
        if (!shape)
                fail_msg("block at line %u: no such report", b->line);
        tally += shape - shapes;

        if (streq(b->word, "example")) {
                try_example(b, shape);
                tally->example++;
        } else if (streq(b->word, "refused")) {
                try_refused(b, shape);
                tally->refused++;
        } else if (streq(b->word, "tolerated")) {
                try_tolerated(b, shape);
                tally->tolerated++;
        } else
                fail_msg("block at line %u: what is %s?", b->line, b->word);
}

static void test_every_example_in_the_document_holds(void **state)
{
        Reader reader = { .file = fopen(DOCUMENT, "re") };
        _cleanup_free_ Tally *tally = calloc(n_shapes, sizeof(*tally));
        unsigned n_descriptors = 0;
        Block block;

        assert_non_null(reader.file);
        assert_non_null(tally);
        while (read_block(&reader, &block))
                if (streq(block.word, "descriptor")) {
                        try_descriptor(&block);
                        n_descriptors++;
                } else
                        try_block(&block, tally);
        (void) fclose(reader.file);

        assert_int_equal(n_descriptors, 1);
        for (size_t i = 0; i < n_shapes; i++) {
                assert_true(tally[i].example >= 1);
                assert_true(tally[i].refused >= REFUSED_MIN);
        }
        assert_true(tally[shape_find("command") - shapes].example == 3);
        assert_true(tally[shape_find("command") - shapes].tolerated >= 1);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_example_in_the_document_holds),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
