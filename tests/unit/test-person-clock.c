/* SPDX-License-Identifier: MIT */
/* SR-CLOCK: Time off of which the day clock does not know, as a computer without a battery for its
 * clock has it each morning: what expires, and what is asked after a night, waits for no day clock.
 */
#include "tests/unit/story.h"

#define DAY_S     PERSON_DAY_S
#define EVENING_S (STORY_START_S + 21 * HOUR_S)

/* A computer, and the person in front of it. */
typedef struct Computer {
        int64_t true_s;
        int64_t wall_s; /* at the same moment */
        uint8_t boot;
        uint64_t boottime_ms;
        DayClock clock;
        Moment last;
        Person person;
} Computer;

static Computer c;

static DayClockReading look(void)
{
        return (DayClockReading){ { { c.boot } }, c.boottime_ms, c.wall_s };
}

static int64_t day_s(void)
{
        return day_clock_s(&c.clock, c.boottime_ms);
}

static void enter(Entry entry)
{
        DayClockReading now = look();

        entry.at = c.last = day_clock_moment(&c.clock, &now);
        person_add(&c.person, &entry);
}

static void pass(int64_t s)
{
        c.true_s += s;
        c.wall_s += s;
        c.boottime_ms += (uint64_t) s * 1000;
}

static void screen(void)
{
        Entry entry = { .kind = ENTRY_SCREENED };

        for (unsigned i = 0; screening_question(i); i++)
                entry.screening.answers[i] = SCREENING_NO;
        enter(entry);
}

static void play(void)
{
        Entry entry = { .kind = ENTRY_SESSION_BEGUN,
                .session = { .id = 1, .leg = LEG_LEFT, .dose.charged_ms = 31000 } };

        enter(entry);
        pass(10 * MINUTE_S);
        entry.kind = ENTRY_SESSION_ENDED;
        entry.session.dose.charged_ms = 10 * MINUTE_MS;
        (void) snprintf(entry.session.end, sizeof(entry.session.end), "finished");
        enter(entry);
}

/* Somebody corrects the clock, or a server in the network does. */
static void set_clock(int64_t wall_s)
{
        c.wall_s = wall_s;
}

/* It is off for so long, and its clock says that afterwards. */
static void reboot(int64_t off_s, int64_t wall_s)
{
        DayClockReading now;

        c.true_s += off_s;
        c.wall_s = wall_s;
        c.boot++;
        c.boottime_ms = 1000;
        now = look();
        day_clock_start(&c.clock, &c.last, &now);
}

static int begin(void **state)
{
        DayClockReading now;

        c = (Computer){ .true_s = EVENING_S, .wall_s = EVENING_S, .boot = 1, .boottime_ms = 1000 };
        now = look();
        day_clock_start(&c.clock, NULL, &now);
        screen();
        return 0;
}

static void see(void)
{
        DayClockReading reading = look();
        Moment now = day_clock_moment(&c.clock, &reading);

        person_see(&c.person, &now);
}

static PersonRefusal judge(void)
{
        PersonVerdict verdict;

        see();
        person_judge(&c.person, LEG_LEFT, day_s(), &limits_hard, PAIN_UNKNOWN, &verdict);
        return verdict.refusal;
}

static PainWhen when(void)
{
        uint64_t id;

        see();
        return person_pain_when(&c.person, LEG_LEFT, day_s(), &id);
}

/* SR-MORNING */
static void a_night_that_nobody_knows_of_is_a_night(void **state)
{
        play();
        pass(HOUR_S);
        assert_int_equal(when(), PAIN_AFTER);
        reboot(10 * HOUR_S, 60);
        assert_int_equal(when(), PAIN_MORNING);
        assert_int_equal(person_morning_due(&c.person, LEG_LEFT, day_s()), 1);

        enter((Entry){ .kind = ENTRY_PAIN, .pain = { 1, LEG_LEFT, PAIN_MORNING, 2, 0 } });
        assert_int_equal(person_morning_due(&c.person, LEG_LEFT, day_s()), 0);
        screen();
        assert_int_equal(judge(), PERSON_CLOSED_BY_MORNING);
}

/* SR-MORNING: also of one that was cut off, which is not running any more. */
static void a_cut_off_session_does_not_run_on_over_a_night(void **state)
{
        enter((Entry){ .kind = ENTRY_SESSION_BEGUN,
                        .session = { .id = 1, .leg = LEG_LEFT, .dose.charged_ms = 31000 } });
        assert_int_equal(when(), PAIN_DURING);
        reboot(10 * HOUR_S, 60);
        assert_int_equal(when(), PAIN_MORNING);
}

static void once_the_clock_is_right_the_true_time_counts(void **state)
{
        play();
        reboot(HOUR_S, 60);
        assert_int_equal(when(), PAIN_MORNING);
        set_clock(c.true_s);
        assert_int_equal(when(), PAIN_AFTER);
        pass(5 * HOUR_S);
        assert_int_equal(when(), PAIN_MORNING);
}

/* SR-SCREENING */
static void answers_of_an_unknown_age_are_too_old(void **state)
{
        reboot(HOUR_S, 60);
        assert_int_equal(judge(), PERSON_SCREENING_EXPIRED);
        assert_true(person_screening_until_s(&c.person, day_s()) <= day_s());
        screen();
        assert_int_equal(judge(), PERSON_MAY);
        pass(SCREENING_VALID_S - 1);
        assert_int_equal(judge(), PERSON_MAY);
        pass(1);
        assert_int_equal(judge(), PERSON_SCREENING_EXPIRED);
}

/* SR-SCREENING: each boot begins in 1970, and the network puts it right soon. */
static void whoever_has_the_time_from_the_network_answers_once_a_month(void **state)
{
        const int64_t from_s = c.true_s;

        for (unsigned day = 1; day < 30; day++) {
                reboot(23 * HOUR_S, 60);
                assert_int_equal(judge(), PERSON_SCREENING_EXPIRED);
                set_clock(c.true_s);
                assert_int_equal(judge(), PERSON_MAY);
                assert_int_equal(person_screening_until_s(&c.person, day_s()) - day_s(),
                                from_s + SCREENING_VALID_S - c.true_s);
                enter((Entry){ .kind = ENTRY_FAULT });
                pass(HOUR_S);
        }
        reboot(from_s + SCREENING_VALID_S - c.true_s, 60);
        set_clock(c.true_s);
        assert_int_equal(judge(), PERSON_SCREENING_EXPIRED);

        /* Answers that are given under such a clock hold over the next boot, too. */
        screen();
        reboot(DAY_S, 60);
        set_clock(c.true_s);
        assert_int_equal(judge(), PERSON_MAY);
}

/* SR-SCREENING */
static void a_clock_that_is_behind_what_was_seen_tells_nothing(void **state)
{
        pass(20 * DAY_S);
        enter((Entry){ .kind = ENTRY_FAULT });
        reboot(15 * DAY_S, c.wall_s - 2 * DAY_S);
        assert_int_equal(judge(), PERSON_SCREENING_EXPIRED);
        /* Nor does it in the next boot, when only it was seen last. */
        enter((Entry){ .kind = ENTRY_FAULT });
        reboot(HOUR_S, c.wall_s + HOUR_S);
        assert_int_equal(judge(), PERSON_SCREENING_EXPIRED);
}

#define TOLD(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TOLD(a_night_that_nobody_knows_of_is_a_night),
                TOLD(a_cut_off_session_does_not_run_on_over_a_night),
                TOLD(once_the_clock_is_right_the_true_time_counts),
                TOLD(answers_of_an_unknown_age_are_too_old),
                TOLD(whoever_has_the_time_from_the_network_answers_once_a_month),
                TOLD(a_clock_that_is_behind_what_was_seen_tells_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
