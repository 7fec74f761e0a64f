/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "common/macro.h"
#include "daemon/screening.h"
#include "tests/unit/cmocka-all.h"

/* What a person is shown in one piece, with "Ask a professional first." before it and what to do
 * next after it. */
#define SENTENCE_MAX 180u
/* More questions and nobody reads them. */
#define QUESTIONS_FEW 9u

static unsigned count(void)
{
        unsigned n = 0;

        while (screening_question(n))
                n++;
        return n;
}

static Screening all(ScreeningAnswer answer)
{
        Screening screening = { 0 };

        for (unsigned i = 0; i < count(); i++)
                screening.answers[i] = answer;
        return screening;
}

static bool is_red_flag(unsigned i)
{
        return screening_question(i)->kind == SCREENING_RED_FLAG;
}

static ScreeningVerdict judge(const Screening *screening, const ScreeningQuestion **ret)
{
        return screening_judge(screening, ret, NULL);
}

static void questions_are_few_and_have_names_of_their_own(void **state)
{
        assert_in_range(count(), 5, QUESTIONS_FEW);
        for (unsigned i = 0; i < count(); i++) {
                const char *id = screening_question(i)->id;

                assert_int_equal(screening_find(id), i);
                assert_in_range(strlen(id), 3, 16);
                for (const char *c = id; *c != '\0'; c++)
                        assert_true(islower((unsigned char) *c));
        }
        assert_int_equal(screening_find(""), -ENOENT);
        assert_int_equal(screening_find("shoe size"), -ENOENT);
        assert_null(screening_question(UINT32_MAX));
}

/* They stand in ledgers: a name that goes or changes its kind makes a past answer mean something
 * else. */
static void the_names_that_ledgers_hold_stay(void **state)
{
        static const char *const red_flags[] = { "infection", "injury", "locked", "clot", "skin" };
        static const char *const cautions[] = { "sensation", "bleeding", "implant", "condition" };

        for (size_t i = 0; i < ELEMENTSOF(red_flags); i++)
                assert_true(is_red_flag((unsigned) screening_find(red_flags[i])));
        for (size_t i = 0; i < ELEMENTSOF(cautions); i++)
                assert_false(is_red_flag((unsigned) screening_find(cautions[i])));
        assert_int_equal(count(), ELEMENTSOF(red_flags) + ELEMENTSOF(cautions));
}

static void check_sentence(const char *s)
{
        assert_in_range(strlen(s), 20, SENTENCE_MAX);
        assert_true(isupper((unsigned char) s[0]));
        assert_null(strchr(s, '\n'));
        assert_ptr_equal(strchr(s, '.'), s + strlen(s) - 1);
}

static bool says_when(const char *advice)
{
        static const char *const soon[] = { "now", "today", "this week", "before the first" };

        for (size_t i = 0; i < ELEMENTSOF(soon); i++)
                if (strstr(advice, soon[i]))
                        return true;

        return false;
}

static bool says_whom(const char *advice)
{
        static const char *const whom[] = { "doctor", "surgeon" };

        for (size_t i = 0; i < ELEMENTSOF(whom); i++)
                if (strstr(advice, whom[i]))
                        return true;

        return false;
}

/* SR-SCREENING: whoever is refused reads why, whom to see and how soon, and how far that is known.
 */
static void every_question_says_all_that_belongs_to_it(void **state)
{
        for (unsigned i = 0; i < count(); i++) {
                const ScreeningQuestion *q = screening_question(i);

                assert_in_range(strlen(q->text), 20, 120);
                assert_ptr_equal(strchr(q->text, '?'), q->text + strlen(q->text) - 1);
                assert_true(strlen(q->detail) > 20);
                assert_true(q->detail[strlen(q->detail) - 1] != '\n');
                check_sentence(q->advice);
                check_sentence(q->why);
                assert_true(says_when(q->advice));
                assert_true(says_whom(q->advice));
                assert_non_null(strstr(q->source, "confidence"));
        }
}

/* SR-SCREENING: One set of answers opens both legs, so no question, and nothing that belongs to it,
 * speaks of one leg that nobody names. */
static void every_question_asks_about_either_leg(void **state)
{
        static const char *const one[] = { "your knee", "your leg", "that knee", "that leg",
                "this knee", "this leg", "on the leg", "in the leg", "of the leg", "The knee",
                "on the knee" };
        unsigned n = 0;

        for (unsigned i = 0; i < count(); i++) {
                const ScreeningQuestion *q = screening_question(i);

                if (strstr(q->text, "knee") || strstr(q->text, "leg")) {
                        assert_non_null(strstr(q->text, "either"));
                        n++;
                }
                for (size_t k = 0; k < ELEMENTSOF(one); k++)
                        if (strstr(q->text, one[k]) || strstr(q->detail, one[k]))
                                fail_msg("%s asks about one leg: %s", q->id, one[k]);
        }
        assert_true(n >= 5);
}

static char doc[64 * 1024];

static int read_doc(void **state)
{
        FILE *f = fopen(KNEED_SOURCE_DIR "/docs/safety.md", "re");
        size_t n;

        if (!f)
                return -1;
        n = fread(doc, 1, sizeof(doc) - 1, f);
        doc[n] = '\0';
        return fclose(f);
}

static void say_what_yes_does(const ScreeningQuestion *q, char *ret, size_t size)
{
        const Limits *limits = &q->limits;
        char heat[64] = "no heat";

        if (q->kind == SCREENING_RED_FLAG) {
                (void) snprintf(ret, size, "forbids");
                return;
        }

        if (limits->heat_minutes > 0)
                (void) snprintf(heat, sizeof(heat), "heat at most %u °C for %u minutes",
                                limits->setpoint_cc / 100, limits->heat_minutes);
        (void) snprintf(ret, size, "at most %u per mille, first %u, %u minutes, %s",
                        limits->level_permille, limits->first_level_permille,
                        limits->session_minutes, heat);
}

/* A person who reads the document reads what is compiled in. */
static void every_question_stands_in_the_document(void **state)
{
        for (unsigned i = 0; i < count(); i++) {
                const ScreeningQuestion *q = screening_question(i);
                char row[512], yes[128];

                say_what_yes_does(q, yes, sizeof(yes));
                (void) snprintf(row, sizeof(row), "\n| `%s` | %s | %s |\n", q->id, yes, q->source);
                if (!strstr(doc, row))
                        fail_msg("not in the document: %s", row);
        }
}

static void all_no_allows_everything(void **state)
{
        Screening screening = all(SCREENING_NO);
        const ScreeningQuestion *question;
        Limits limits;

        assert_int_equal(screening_judge(&screening, &question, &limits), SCREENING_ALLOWS);
        assert_null(question);
        assert_memory_equal(&limits, &limits_hard, sizeof(limits));
}

/* What was not answered is not known: nothing, one thing, or an answer that is none. */
static void what_is_left_open_is_incomplete(void **state)
{
        Screening screening = { 0 };
        const ScreeningQuestion *question;

        assert_int_equal(judge(&screening, &question), SCREENING_INCOMPLETE);
        assert_null(question);
        for (unsigned i = 0; i < count(); i++) {
                static const ScreeningAnswer open[] = { SCREENING_UNANSWERED, _SCREENING_ANSWER_MAX,
                        _SCREENING_ANSWER_INVALID, (ScreeningAnswer) 77 };

                for (size_t k = 0; k < ELEMENTSOF(open); k++) {
                        screening = all(SCREENING_NO);
                        screening.answers[i] = open[k];
                        assert_int_equal(judge(&screening, &question), SCREENING_INCOMPLETE);
                        assert_null(question);
                }
        }
}

/* Told the other way round: what a person would look for first. */
static ScreeningVerdict expected(const Screening *screening, unsigned *ret_question)
{
        bool open = false, warned = false;

        for (unsigned i = 0; i < count(); i++)
                if (is_red_flag(i) && screening->answers[i] >= SCREENING_YES) {
                        *ret_question = i;
                        return SCREENING_FORBIDS;
                }
        for (unsigned i = 0; i < count(); i++)
                open = open || screening->answers[i] == SCREENING_UNANSWERED;
        if (open)
                return SCREENING_INCOMPLETE;
        for (unsigned i = 0; i < count(); i++)
                if (screening->answers[i] == SCREENING_YES) {
                        *ret_question = i;
                        return SCREENING_NEEDS_ADVICE;
                }
        for (unsigned i = count(); i > 0; i--)
                if (screening->answers[i - 1] == SCREENING_ADVISED) {
                        *ret_question = i - 1;
                        warned = true;
                }

        return warned ? SCREENING_WARNS : SCREENING_ALLOWS;
}

static void check_verdict(const Screening *screening)
{
        const ScreeningQuestion *question = NULL;
        unsigned decided = UINT32_MAX;

        assert_int_equal(judge(screening, &question), expected(screening, &decided));
        assert_ptr_equal(question, screening_question(decided));
}

/* SR-SCREENING: 4^9 of them, so each question with each other. */
static void every_set_of_answers_comes_to_what_it_must(void **state)
{
        uint64_t sets = 1;

        for (unsigned i = 0; i < count(); i++)
                sets *= _SCREENING_ANSWER_MAX;
        for (uint64_t set = 0; set < sets; set++) {
                Screening screening = { 0 };
                uint64_t rest = set;

                for (unsigned i = 0; i < count(); i++, rest /= _SCREENING_ANSWER_MAX)
                        screening.answers[i] = (ScreeningAnswer) (rest % _SCREENING_ANSWER_MAX);
                check_verdict(&screening);
        }
}

/* SR-TIGHTEN: A caution lowers, whether or not a professional said yes, and never raises. */
static void every_caution_lowers_the_limits(void **state)
{
        for (unsigned i = 0; i < count(); i++)
                for (ScreeningAnswer yes = SCREENING_YES; yes <= SCREENING_ADVISED; yes++) {
                        Screening screening = all(SCREENING_NO);
                        Limits limits;

                        screening.answers[i] = yes;
                        (void) screening_judge(&screening, NULL, &limits);
#define X(field, strictest, hard, unit, what) assert_in_range(limits.field, (strictest), (hard));
                        LIMITS(X)
#undef X
                        if (is_red_flag(i))
                                continue;
                        assert_true(limits.level_permille < limits_hard.level_permille);
                        assert_true(limits.first_level_permille <= limits.level_permille);
                        assert_true(limits.first_level_permille < limits_hard.first_level_permille);
                        assert_true(limits.session_minutes < limits_hard.session_minutes);
                        assert_true(limits.heat_minutes < limits_hard.heat_minutes);
                        assert_true(limits.heat_minutes == 0 ||
                                        limits.setpoint_cc < limits_hard.setpoint_cc);
                }
}

static void all_cautions_together_are_as_strict_as_each(void **state)
{
        Screening screening = all(SCREENING_NO), one;
        Limits together, alone;

        for (unsigned i = 0; i < count(); i++)
                if (!is_red_flag(i))
                        screening.answers[i] = SCREENING_ADVISED;
        (void) screening_judge(&screening, NULL, &together);

        for (unsigned i = 0; i < count(); i++) {
                one = all(SCREENING_NO);
                one.answers[i] = SCREENING_ADVISED;
                (void) screening_judge(&one, NULL, &alone);
#define X(field, strictest, hard, unit, what) assert_true(together.field <= alone.field);
                LIMITS(X)
#undef X
        }
}

/* Who feels less gets no heat. */
static void skin_that_feels_little_gets_no_heat(void **state)
{
        Screening screening = all(SCREENING_NO);
        Limits limits;

        screening.answers[screening_find("sensation")] = SCREENING_ADVISED;
        assert_int_equal(screening_judge(&screening, NULL, &limits), SCREENING_WARNS);
        assert_int_equal(limits.heat_minutes, 0);
}

static void names_are_the_ones_of_the_bus_and_go_back(void **state)
{
        static const char *const answers[] = { NULL, "no", "yes", "advised" };
        static const char *const verdicts[] = { "incomplete", "forbids", "needs-advice", "warns",
                "allows" };
        static const char *const strangers[] = { "", "No", "maybe", "unanswered" };

        for (ScreeningAnswer answer = SCREENING_NO; answer < _SCREENING_ANSWER_MAX; answer++) {
                assert_string_equal(screening_answer_to_string(answer), answers[answer]);
                assert_int_equal(screening_answer_from_string(answers[answer]), answer);
        }
        assert_null(screening_answer_to_string(SCREENING_UNANSWERED));
        assert_null(screening_answer_to_string(_SCREENING_ANSWER_INVALID));
        assert_null(screening_answer_to_string(_SCREENING_ANSWER_MAX));
        for (size_t i = 0; i < ELEMENTSOF(strangers); i++)
                assert_int_equal(screening_answer_from_string(strangers[i]),
                                _SCREENING_ANSWER_INVALID);
        for (ScreeningVerdict verdict = 0; verdict < _SCREENING_VERDICT_MAX; verdict++)
                assert_string_equal(screening_verdict_to_string(verdict), verdicts[verdict]);
        assert_null(screening_verdict_to_string(_SCREENING_VERDICT_MAX));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(questions_are_few_and_have_names_of_their_own),
                cmocka_unit_test(the_names_that_ledgers_hold_stay),
                cmocka_unit_test(every_question_says_all_that_belongs_to_it),
                cmocka_unit_test(every_question_asks_about_either_leg),
                cmocka_unit_test(every_question_stands_in_the_document),
                cmocka_unit_test(all_no_allows_everything),
                cmocka_unit_test(what_is_left_open_is_incomplete),
                cmocka_unit_test(every_set_of_answers_comes_to_what_it_must),
                cmocka_unit_test(every_caution_lowers_the_limits),
                cmocka_unit_test(all_cautions_together_are_as_strict_as_each),
                cmocka_unit_test(skin_that_feels_little_gets_no_heat),
                cmocka_unit_test(names_are_the_ones_of_the_bus_and_go_back),
        };

        return cmocka_run_group_tests(tests, read_doc, NULL);
}
