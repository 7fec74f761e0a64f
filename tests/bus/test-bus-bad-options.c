/* SPDX-License-Identifier: MIT */

/* Run takes what it documents and refuses the rest by name, whatever it is, and a session that
 * plays meanwhile does not feel it. The massager is busy all the time: a request that is good in
 * itself is refused for that alone. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "tests/bus/witness.h"
#include "tests/unit/cmocka-all.h"

#define UNKNOWN_ROUTINE  KNEED_ERROR("UnknownRoutine")
#define UNKNOWN_MASSAGER KNEED_ERROR("UnknownMassager")
#define UNKNOWN_OPTION   KNEED_ERROR("UnknownOption")
#define INVALID          KNEED_ERROR("InvalidArgument")
#define OUT_OF_RANGE     KNEED_ERROR("OutOfRange")
#define LIMIT            KNEED_ERROR("LimitExceeded")
#define BUSY             KNEED_ERROR("MassagerBusy")
#define TOO_HIGH         KNEED_ERROR("PainTooHigh")

#define MEGABYTE 1000000u

typedef struct Case {
        const char *key;
        const char *type;
        const char *error;
        const char *text;
        uint64_t number;
        double real;
} Case;

static char *letters(size_t n)
{
        char *text = malloc(n + 1);

        assert_non_null(text);
        memset(text, 'a', n);
        text[n] = '\0';
        return text;
}

static sd_bus_message *new_run(Client *client)
{
        sd_bus_message *call = NULL;

        assert_true(sd_bus_message_new_method_call(client->bus, &call, KNEED_NAME, KNEED_ROOT,
                                    KNEED_MANAGER, "Run") >= 0);
        return call;
}

/* Sends the call, which is freed, and looks at the refusal. */
static void expect(Client *client, sd_bus_message *call, const char *error_name)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        assert_true(sd_bus_call(client->bus, call, 0, &error, NULL) < 0);
        sd_bus_message_unref(call);
        check_refusal(&error, error_name);
}

static int append_value(sd_bus_message *call, const Case *c)
{
        switch (c->type[0]) {
        case 's':
        case 'o':
        case 'g':
                return sd_bus_message_append(call, "v", c->type, c->text);
        case 'd':
                return sd_bus_message_append(call, "v", c->type, c->real);
        case 'x':
        case 't':
                return sd_bus_message_append(call, "v", c->type, c->number);
        case 'v':
                return sd_bus_message_append(call, "v", "v", "u", (uint32_t) c->number);
        case 'a':
                return sd_bus_message_append(call, "v", "au", 1, (uint32_t) c->number);
        case '(':
                return sd_bus_message_append(call, "v", "(u)", (uint32_t) c->number);
        default:
                return sd_bus_message_append(call, "v", c->type, (uint32_t) c->number);
        }
}

static void append_option(sd_bus_message *call, const Case *c)
{
        assert_true(sd_bus_message_open_container(call, 'e', "sv") >= 0);
        assert_true(sd_bus_message_append(call, "s", c->key) >= 0);
        assert_true(append_value(call, c) >= 0);
        assert_true(sd_bus_message_close_container(call) >= 0);
}

static void try_option(Client *client, const Case *c)
{
        sd_bus_message *call = new_run(client);

        assert_true(sd_bus_message_append(call, "s", "friction") >= 0);
        assert_true(sd_bus_message_open_container(call, 'a', "{sv}") >= 0);
        append_option(call, c);
        /* A score of the leg that is massaged would count for that. */
        if (streq(c->key, "pain"))
                append_option(call, &(Case){ "leg", "s", NULL, .text = "right" });
        assert_true(sd_bus_message_close_container(call) >= 0);
        expect(client, call, c->error);
}

static void try_options(Stage *stage, const Case cases[], size_t n)
{
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        for (size_t i = 0; i < n; i++)
                try_option(client, &cases[i]);
        witness_end(&witness);
}

static void test_numbers(void **state)
{
        static const Case cases[] = {
                { "minutes", "u", OUT_OF_RANGE, .number = 0 },
                { "minutes", "u", BUSY, .number = 1 },
                { "minutes", "u", BUSY, .number = 20 },
                { "minutes", "u", LIMIT, .number = 21 },
                { "minutes", "u", LIMIT, .number = 10000 },
                { "minutes", "u", LIMIT, .number = 71583 }, /* 2^32 ms */
                { "minutes", "u", LIMIT, .number = UINT32_MAX / 60 },
                { "minutes", "u", LIMIT, .number = UINT32_MAX },
                { "intensity", "u", OUT_OF_RANGE, .number = 0 },
                { "intensity", "u", BUSY, .number = 1 },
                { "intensity", "u", BUSY, .number = 100 },
                { "intensity", "u", OUT_OF_RANGE, .number = 101 },
                { "intensity", "u", OUT_OF_RANGE, .number = UINT32_MAX },
                { "detach", "b", BUSY, .number = 0 },
                { "detach", "b", BUSY, .number = 1 },
                { "nothing_new", "b", BUSY, .number = 0 },
                { "nothing_new", "b", BUSY, .number = 1 },
                { "pain", "u", BUSY, .number = 0 },
                { "pain", "u", BUSY, .number = 4 },
                { "pain", "u", TOO_HIGH, .number = 5 },
                { "pain", "u", TOO_HIGH, .number = 10 },
                { "pain", "u", OUT_OF_RANGE, .number = 11 },
                { "pain", "u", OUT_OF_RANGE, .number = UINT32_MAX },
        };

        try_options(*state, cases, ELEMENTSOF(cases));
}

static void test_texts(void **state)
{
        _cleanup_free_ char *fits = letters(64), *too_long = letters(65), *huge = letters(MEGABYTE);
        const Case cases[] = {
                { "device", "s", BUSY, .text = VIRTUAL_ID },
                { "device", "s", UNKNOWN_MASSAGER, .text = "" },
                { "device", "s", UNKNOWN_MASSAGER, .text = "kneed_sim_1" },
                { "device", "s", UNKNOWN_MASSAGER, .text = VIRTUAL_ID "\n" },
                { "device", "s", UNKNOWN_MASSAGER, .text = VIRTUAL_PATH },
                { "device", "s", UNKNOWN_MASSAGER, .text = fits },
                { "device", "s", INVALID, .text = too_long },
                { "device", "s", INVALID, .text = huge },
                { "leg", "s", BUSY, .text = "left" },
                { "leg", "s", BUSY, .text = "right" },
                { "leg", "s", INVALID, .text = "" },
                { "leg", "s", INVALID, .text = "Left" },
                { "leg", "s", INVALID, .text = "left " },
                { "leg", "s", INVALID, .text = fits },
                { "leg", "s", INVALID, .text = huge },
        };

        try_options(*state, cases, ELEMENTSOF(cases));
}

/* Where a part of the key came back in the sentence, that would have to be text that the bus takes
 * and a person can read. */
static void test_unknown_keys(void **state)
{
        _cleanup_free_ char *long_key = letters(64), *huge = letters(MEGABYTE);
        char cut[64];
        const Case cases[] = {
                { "", "u", UNKNOWN_OPTION, .number = 1 },
                { "Minutes", "u", UNKNOWN_OPTION, .number = 1 },
                { "minutes ", "u", UNKNOWN_OPTION, .number = 1 },
                { "level", "u", UNKNOWN_OPTION, .number = 1000 },
                { "%s%n%s", "s", UNKNOWN_OPTION, .text = "%n" },
                { "intensity\n", "u", UNKNOWN_OPTION, .number = 1 },
                { long_key, "u", UNKNOWN_OPTION, .number = 1 },
                { huge, "u", UNKNOWN_OPTION, .number = 1 },
                { "routine", "v", UNKNOWN_OPTION, .number = 1 },
        };

        try_options(*state, cases, ELEMENTSOF(cases));

        /* Letters of several bytes at every place where a key may be cut. */
        for (size_t n = 1; n < 40; n++) {
                static const char tail[] = "\u20ac\u00e9\U0001f9b5";
                Case c = { cut, "u", UNKNOWN_OPTION, .number = 1 };

                memset(cut, 'a', n);
                memcpy(cut + n, tail, sizeof(tail));
                try_option(((Stage *) *state)->clients[0], &c);
        }
}

static void test_types(void **state)
{
        static const Case cases[] = {
                { "minutes", "d", INVALID, .real = (double) NAN },
                { "minutes", "d", INVALID, .real = 1.0 },
                { "minutes", "s", INVALID, .text = "10" },
                { "minutes", "x", INVALID, .number = 10 },
                { "minutes", "x", INVALID, .number = UINT64_MAX },
                { "minutes", "t", INVALID, .number = 10 },
                { "minutes", "i", INVALID, .number = 10 },
                { "minutes", "q", INVALID, .number = 10 },
                { "minutes", "n", INVALID, .number = 10 },
                { "minutes", "y", INVALID, .number = 10 },
                { "minutes", "b", INVALID, .number = 1 },
                { "minutes", "v", INVALID, .number = 10 },
                { "minutes", "au", INVALID, .number = 10 },
                { "minutes", "(u)", INVALID, .number = 10 },
                { "intensity", "d", INVALID, .real = (double) INFINITY },
                { "intensity", "s", INVALID, .text = "60" },
                { "intensity", "i", INVALID, .number = 60 },
                { "intensity", "v", INVALID, .number = 60 },
                { "intensity", "au", INVALID, .number = 60 },
                { "device", "u", INVALID, .number = 0 },
                { "device", "o", INVALID, .text = VIRTUAL_PATH },
                { "device", "g", INVALID, .text = "s" },
                { "device", "v", INVALID, .number = 0 },
                { "device", "au", INVALID, .number = 0 },
                { "leg", "u", INVALID, .number = 0 },
                { "leg", "b", INVALID, .number = 1 },
                { "leg", "o", INVALID, .text = "/left" },
                { "leg", "v", INVALID, .number = 0 },
                { "detach", "u", INVALID, .number = 1 },
                { "detach", "s", INVALID, .text = "true" },
                { "detach", "y", INVALID, .number = 1 },
                { "detach", "v", INVALID, .number = 1 },
                { "nothing_new", "u", INVALID, .number = 1 },
                { "nothing_new", "s", INVALID, .text = "true" },
                { "nothing_new", "v", INVALID, .number = 1 },
                { "pain", "i", INVALID, .number = 0 },
                { "pain", "y", INVALID, .number = 0 },
                { "pain", "b", INVALID, .number = 0 },
                { "pain", "d", INVALID, .real = 0.5 },
                { "pain", "s", INVALID, .text = "0" },
                { "pain", "v", INVALID, .number = 0 },
        };

        try_options(*state, cases, ELEMENTSOF(cases));
}

static void try_twice(Client *client, const Case *first, const Case *second, const char *error)
{
        sd_bus_message *call = new_run(client);

        assert_true(sd_bus_message_append(call, "s", "friction") >= 0);
        assert_true(sd_bus_message_open_container(call, 'a', "{sv}") >= 0);
        append_option(call, first);
        append_option(call, second);
        assert_true(sd_bus_message_close_container(call) >= 0);
        expect(client, call, error);
}

/* Of two values that contradict each other there is no right one to take. */
static void test_doubled_options(void **state)
{
        static const Case options[] = {
                { "device", "s", NULL, .text = VIRTUAL_ID },
                { "leg", "s", NULL, .text = "left" },
                { "minutes", "u", NULL, .number = 1 },
                { "intensity", "u", NULL, .number = 10 },
                { "detach", "b", NULL, .number = 1 },
                { "nothing_new", "b", NULL, .number = 1 },
                { "pain", "u", NULL, .number = 1 },
        };
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                for (size_t k = 0; k < ELEMENTSOF(options); k++)
                        try_twice(client, &options[i], &options[k], i == k ? INVALID : BUSY);
        witness_end(&witness);
}

/* A hundred thousand of one option, and as many of another, in one call. */
static void test_many_options(void **state)
{
        static const Case known = { "minutes", "u", NULL, .number = 1 };
        static const Case unknown = { "seconds", "u", NULL, .number = 1 };
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        for (unsigned k = 0; k < 2; k++) {
                sd_bus_message *call = new_run(client);

                assert_true(sd_bus_message_append(call, "s", "friction") >= 0);
                assert_true(sd_bus_message_open_container(call, 'a', "{sv}") >= 0);
                for (unsigned i = 0; i < 100000; i++)
                        append_option(call, k == 0 ? &known : &unknown);
                assert_true(sd_bus_message_close_container(call) >= 0);
                expect(client, call, k == 0 ? INVALID : UNKNOWN_OPTION);
        }
        witness_end(&witness);
}

static void test_routines(void **state)
{
        _cleanup_free_ char *fits = letters(64), *too_long = letters(65), *huge = letters(MEGABYTE);
        const struct {
                const char *name;
                const char *error;
        } cases[] = {
                { "friction", BUSY },
                { "", UNKNOWN_ROUTINE },
                { "Friction", UNKNOWN_ROUTINE },
                { "friction ", UNKNOWN_ROUTINE },
                { "../friction", UNKNOWN_ROUTINE },
                { "%n%s", UNKNOWN_ROUTINE },
                { "\u20ac", UNKNOWN_ROUTINE },
                { fits, UNKNOWN_ROUTINE },
                { too_long, INVALID },
                { huge, INVALID },
        };
        Stage *stage = *state;
        Client *client = stage_client(stage);
        Witness witness;

        witness_begin(&witness, stage);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                sd_bus_message *call = new_run(client);

                assert_true(sd_bus_message_append(call, "sa{sv}", cases[i].name, 0) >= 0);
                expect(client, call, cases[i].error);
        }
        witness_end(&witness);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, stage_open_with_kneed, stage_close)

int main(void)
{
        static const struct CMUnitTest tests[] = {
                TEST(test_numbers),
                TEST(test_texts),
                TEST(test_unknown_keys),
                TEST(test_types),
                TEST(test_doubled_options),
                TEST(test_many_options),
                TEST(test_routines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
