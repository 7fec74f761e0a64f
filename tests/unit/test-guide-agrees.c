/* SPDX-License-Identifier: MIT */

/* What the guide says is what kneed does. */

#include <ctype.h>
#include <stdio.h>

#include "daemon/limits.h"
#include "daemon/pain.h"
#include "daemon/person.h"
#include "daemon/screening.h"
#include "tests/unit/cmocka-all.h"
#include "tests/unit/guide-text.h"

#define S_A_MINUTE   60
#define S_AN_HOUR    3600
#define S_A_DAY      86400
#define CC_A_DEGREE  100 /* hundredths */
#define DAYS_A_WEEK  7
#define WORD_LETTERS "abcdefghijklmnopqrstuvwxyz"

enum {
#define X(field, strictest, hard, unit, what) HARD_##field = (hard),
        LIMITS(X)
#undef X
};

/* "about" numbers are also those of the daily routine. */
static const char about[] = "for about ";

/* Every number on a page: where it comes from, and what it stands in. */
static const struct Number {
        const char *topic;
        const char *before;
        unsigned value;
        const char *after;
} numbers[] = {
        /* a randomised trial of self-massage in knee osteoarthritis (Atkins and Eichler) */
        { "index", "(", 40, " people with osteoarthritis" },
        { "index", "knee, ", 20, " minutes twice a week" },
        { "index", "for ", 12, " weeks" },
        { "tapping", about, 3, " minutes" },
        { "glide", about, 3, " minutes" },
        { "friction", about, 4, " minutes" },
        { "avoid", "after ", HARD_busy_s / S_A_MINUTE, " minutes at the latest" },
        { "avoid", "At most ", HARD_session_minutes, " minutes at a time" },
        { "avoid", "at a time, ", HARD_day_sessions, " times" },
        { "avoid", "and ", HARD_day_minutes, " minutes a day for each leg" },
        { "avoid", "and ", PERSON_REST_S / S_A_MINUTE, " minutes of rest between" },
        { "avoid", "at most ", HARD_setpoint_cc / CC_A_DEGREE, " degrees Celsius" },
        { "avoid", "Celsius and ", HARD_heat_minutes, " minutes" },
        { "products", "after ", HARD_session_minutes, " minutes at the latest" },
        { "products", "below ", GOVERNOR_HOT_NOW_CC / CC_A_DEGREE, " degrees Celsius" },
        { "doctor", "after ", PERSON_ADVICE_SESSIONS, " sessions" },
        { "doctor", "or ", PERSON_ADVICE_S / S_A_DAY / DAYS_A_WEEK, " weeks" },
        { "risk", "again every ", SCREENING_VALID_S / S_A_DAY, " days" },
        { "pain", "", 0, " is no pain" },
        { "pain", "is no pain, ", PAIN_MAX, " the worst" },
        { "pain", "Before ", PAIN_STOP, " or more: it does not start" },
        { "pain", "start, for ", PAIN_START_S / S_AN_HOUR, " hours or until" },
        { "pain", "During ", PAIN_EASE, " or more: it eases" },
        { "pain", "place. ", PAIN_STOP, " or more, or" },
        { "pain", "or ", PAIN_RISE, " or more above the start: it stops" },
        { "pain", "closed for ", PAIN_CLOSED_S / S_AN_HOUR, " hours" },
        { "pain", "an hour. ", PAIN_STOP, " or more: let it rest" },
        { "pain", "no session for ", PAIN_MORNING_S / S_AN_HOUR, " hours" },
        { "pain", "after ", PERSON_ADVICE_SESSIONS, " sessions" },
        { "pain", "or ", PERSON_ADVICE_S / S_A_DAY / DAYS_A_WEEK, " weeks" },
        /* advice on exercise with sore joints */
        { "pain", "best under ", 2, "," },
        { "pain", "never over ", 5, "." },
};

/* Of what stands in a sentence; the numbers of steps begin their lines. */
static unsigned count_numbers(const GuidePage *page)
{
        char text[GUIDE_TEXT_MAX], *rest = text, *line;
        unsigned n = 0;

        guide_text_print(page, COLOURS_NONE, text);
        while ((line = strsep(&rest, "\n"))) {
                const bool step = strncmp(line, "  ", 2) == 0 && isdigit((unsigned char) line[2]) &&
                                  strncmp(line + 3, "  ", 2) == 0;

                for (line += step ? 3 : 0; *(line += strcspn(line, "0123456789")); n++)
                        line += strspn(line, "0123456789");
        }
        return n;
}

/* A page that says other than what kneed does would mislead; one that says a number of its own
 * would have no source. */
static void test_every_number_is_the_one_in_force(void **state)
{
        for (const GuidePage *page = guide_pages; page->topic; page++) {
                char text[GUIDE_TEXT_MAX];
                unsigned n = 0;

                guide_text_unwrap(page->text, text);
                for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                        char piece[128];

                        if (!streq(numbers[i].topic, page->topic))
                                continue;
                        n++;
                        (void) snprintf(piece, sizeof(piece), "%s%u%s", numbers[i].before,
                                        numbers[i].value, numbers[i].after);
                        if (!strstr(text, piece))
                                fail_msg("%s does not say: %s", page->topic, piece);
                }
                if (count_numbers(page) != n)
                        fail_msg("%s has %u numbers, and %u have a source", page->topic,
                                        count_numbers(page), n);
        }
}

static void test_the_minutes_are_those_of_the_daily_routine(void **state)
{
        char text[GUIDE_TEXT_FILE_MAX];
        unsigned n = 0;

        guide_text_read(KNEED_SOURCE_DIR "/config/routines.d/daily.conf", text);
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                char step[128];

                if (numbers[i].before != about)
                        continue;
                n++;
                (void) snprintf(step, sizeof(step), "technique = \"%s\"; minutes = %u;",
                                numbers[i].topic, numbers[i].value);
                if (!strstr(text, step))
                        fail_msg("not in the daily routine: %s", step);
        }
        assert_int_equal(n, 3);
}

/* Each technique by hand says how a massager does it. */
static void test_each_technique_names_its_routine(void **state)
{
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                if (numbers[i].before == about) {
                        char text[GUIDE_TEXT_MAX], piece[64];

                        guide_text_unwrap(guide_text_page(numbers[i].topic)->text, text);
                        (void) snprintf(piece, sizeof(piece), ": kneectl run %s ",
                                        numbers[i].topic);
                        assert_non_null(strstr(text, piece));
                }
}

static bool has_word(const char *text, const char *word)
{
        while (*(text += strcspn(text, WORD_LETTERS))) {
                char found[32];

                if (streq(guide_text_word(text, found), word))
                        return true;
                text += strspn(text, WORD_LETTERS);
        }
        return false;
}

/* What a page says of a question: from its name at the margin up to the next one. */
static void entry_of(const GuidePage *page, const char *id, char entry[static GUIDE_TEXT_MAX])
{
        char name[32];
        const char *end;

        (void) snprintf(name, sizeof(name), "\n  %c%s ", toupper((unsigned char) id[0]), id + 1);
        end = strstr(page->text, name);
        if (!end)
                fail_msg("%s has no entry \"%s\"", page->topic, id);
        (void) snprintf(entry, GUIDE_TEXT_MAX, "%s", end ? end + 1 : "");
        for (char *line = entry; (line = strchr(line, '\n')); line++)
                if (line[1] == '\n' || (strncmp(line + 1, "  ", 2) == 0 &&
                                                       isupper((unsigned char) line[3]))) {
                        *line = '\0';
                        break;
                }
}

/* SR-SCREENING: who reads is sent to the same people, with the same haste, as who is asked. */
static void test_the_screening_gives_the_same_advice(void **state)
{
        static const char *const words[] = { "now", "today", "week", "ambulance", "physiotherapist",
                "nurse", "pharmacist", "surgeon", "clinic", "midwife" };
        const ScreeningQuestion *question;
        unsigned n = 0;

        for (; (question = screening_question(n)); n++) {
                const bool red_flag = question->kind == SCREENING_RED_FLAG;
                const GuidePage *page = guide_text_page(red_flag ? "doctor" : "risk");
                char entry[GUIDE_TEXT_MAX];

                entry_of(page, question->id, entry);
                /* All that asks first has time. */
                for (size_t i = 0; i < ELEMENTSOF(words); i++)
                        if ((red_flag || i >= 3) &&
                                        has_word(entry, words[i]) !=
                                                        has_word(question->advice, words[i]))
                                fail_msg("\"%s\" is in one of these only: %s / %s", words[i], entry,
                                                question->advice);
        }
        assert_in_range(n, 8, SCREENING_QUESTIONS_MAX);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_number_is_the_one_in_force),
                cmocka_unit_test(test_the_minutes_are_those_of_the_daily_routine),
                cmocka_unit_test(test_each_technique_names_its_routine),
                cmocka_unit_test(test_the_screening_gives_the_same_advice),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
