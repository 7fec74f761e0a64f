/* SPDX-License-Identifier: MIT */

/* What goes wrong, as kneectl tells it. */

#include <errno.h>

#include "cli/client.h"
#include "tests/unit/cmocka-all.h"

static void test_errors_are_sentences_with_a_code(void **state)
{
        static const struct {
                const char *name, *message, *part;
                ExitCode code;
        } errors[] = {
                { "org.kneed1.Error.UnknownRoutine", "no such", "no such", EXIT_NO_SUCH_THING },
                { "org.kneed1.Error.LimitExceeded", "20 at most", "20 at most", EXIT_REFUSED },
                { "org.kneed1.Error.MassagerBusy", "a\033b",
                                "a\xef\xbf\xbd"
                                "b",
                                EXIT_REFUSED },
                { "org.kneed1.Error.InvalidArgument", "no", "no", EXIT_USAGE },
                { "org.kneed1.Error.ScreeningNeeded", "ask", "ask", EXIT_NOT_SCREENED },
                { "org.kneed1.Error.LegClosed", "rests", "rests", EXIT_REFUSED },
                { "org.kneed1.Error.OfTheFuture", "new", "new", EXIT_FAILED },
                { SD_BUS_ERROR_SERVICE_UNKNOWN, "not activatable", "systemctl start kneed",
                                EXIT_UNREACHABLE },
                { SD_BUS_ERROR_NO_REPLY, "timeout", "does not answer", EXIT_UNREACHABLE },
                { SD_BUS_ERROR_ACCESS_DENIED, "2 rules", "not allowed", EXIT_REFUSED },
                { SD_BUS_ERROR_UNKNOWN_OBJECT, "x", "kneectl status", EXIT_NO_SUCH_THING },
                { SD_BUS_ERROR_UNKNOWN_METHOD, "x", "kneectl --version", EXIT_FAILED },
        };
        static const Options user = { .given = OPTION_BIT(OPTION_USER) };
        static const Options remote = { .given = OPTION_BIT(OPTION_HOST), .host = "sofa" };
        char sentence[CLIENT_SENTENCE_SIZE];

        for (size_t i = 0; i < ELEMENTSOF(errors); i++) {
                const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(
                                errors[i].name, errors[i].message);

                assert_int_equal(client_explain(&(Options){}, -EIO, &error, sentence),
                                errors[i].code);
                assert_non_null(strstr(sentence, errors[i].part));
        }
        assert_int_equal(client_explain(&user, -ECONNREFUSED, NULL, sentence), EXIT_UNREACHABLE);
        assert_non_null(strstr(sentence, "session bus"));
        assert_int_equal(client_explain(&remote, -ECONNRESET, NULL, sentence), EXIT_UNREACHABLE);
        assert_non_null(strstr(sentence, "ssh sofa"));
}

/* Whatever fails is told in words of ours, with what to do next. */
static void test_no_error_is_told_in_the_words_of_the_machine(void **state)
{
        char sentence[CLIENT_SENTENCE_SIZE];

        for (int e = 1; e < 134; e++) {
                assert_true(client_explain(&(Options){}, -e, NULL, sentence) > EXIT_DONE);
                if (strstr(sentence, strerror(e)) || !strstr(sentence, "; "))
                        fail_msg("%i is told as: %s", e, sentence);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_errors_are_sentences_with_a_code),
                cmocka_unit_test(test_no_error_is_told_in_the_words_of_the_machine),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
