/* SPDX-License-Identifier: MIT */

/* Offers, through the real kneed: they wait, are answered, and are remembered.
 *
 * SR-OFFER: an entry is due in the minute in which the test begins, or in the next one, so that
 * nobody waits for long. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/macro.h"
#include "tests/bus/kneectl.h"
#include "tests/unit/cmocka-all.h"

#define SESSION     SESSION_PATH(1)
#define QUIET_MS    300u
#define MINUTE_S    60
#define OFFERS_MAX  8u
#define MINUTE_MS   60000u
#define ID_SIZE     64u
#define CONFIG_SIZE 1024u

typedef struct Seen {
        char id[ID_SIZE];
        char state[16];
        char sentence[256];
        uint64_t deadline_us, until_us;
} Seen;

/* Not time(), which is some milliseconds behind. */
static int64_t wall_now_s(void)
{
        struct timespec now;

        assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
        return now.tv_sec;
}

static int64_t this_minute_s(void)
{
        int64_t now_s = wall_now_s();

        return now_s - now_s % MINUTE_S;
}

/* By the local calendar. */
static struct tm local(int64_t at_s)
{
        time_t t = at_s;
        struct tm tm;

        assert_non_null(localtime_r(&t, &tm));
        return tm;
}

#define write_time(at_s, format, ret)                                      \
        do {                                                               \
                struct tm tm_ = local(at_s);                               \
                                                                           \
                assert_true(strftime(ret, sizeof(ret), format, &tm_) > 0); \
        } while (0)

static void id_of(const char *name, int64_t due_s, char ret[static ID_SIZE])
{
        char text[16];

        write_time(due_s, "%Y%m%d-%H%M", text);
        (void) snprintf(ret, ID_SIZE, "%s-%s", name, text);
}

/* kneed.conf with an entry "left" for that leg, and what else is said. */
static void write_schedule(Stage *stage, int64_t due_s, const char *keys, const char *more)
{
        char text[CONFIG_SIZE], at[16];

        write_time(due_s, "%H:%M", at);
        (void) snprintf(text, sizeof(text),
                        "schedule = ( { name = \"left\"; routine = \"friction\"; minutes = 5; "
                        "at = \"%s\"; %s } %s );\n",
                        at, keys, more);
        stage_write(stage, "etc/kneed.conf", text);
}

static void take_seen(const char *key, sd_bus_message *m, Seen *seen)
{
        static const struct {
                const char *key;
                size_t offset, size;
        } texts[] = { { "id", offsetof(Seen, id), sizeof(seen->id) },
                { "state", offsetof(Seen, state), sizeof(seen->state) },
                { "sentence", offsetof(Seen, sentence), sizeof(seen->sentence) } };
        const char *text;

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (streq(key, texts[i].key)) {
                        assert_true(sd_bus_message_read(m, "v", "s", &text) > 0);
                        (void) snprintf((char *) seen + texts[i].offset, texts[i].size, "%s", text);
                        return;
                }
        if (streq(key, "deadline"))
                assert_true(sd_bus_message_read(m, "v", "t", &seen->deadline_us) > 0);
        else if (streq(key, "until"))
                assert_true(sd_bus_message_read(m, "v", "t", &seen->until_us) > 0);
        else
                assert_true(sd_bus_message_skip(m, "v") > 0);
}

/* Reads an aa{sv}. */
static size_t read_list(sd_bus_message *m, Seen ret[static OFFERS_MAX])
{
        const char *key;
        size_t n = 0;

        assert_true(sd_bus_message_enter_container(m, 'a', "a{sv}") >= 0);
        while (sd_bus_message_enter_container(m, 'a', "{sv}") > 0) {
                assert_true(n < OFFERS_MAX);
                ret[n] = (Seen){ .id = "" };
                while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
                        assert_true(sd_bus_message_read(m, "s", &key) > 0);
                        take_seen(key, m, &ret[n]);
                        assert_true(sd_bus_message_exit_container(m) > 0);
                }
                assert_true(sd_bus_message_exit_container(m) > 0);
                n++;
        }

        return n;
}

static size_t get_offers(Client *client, Seen ret[static OFFERS_MAX])
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        assert_true(client_call(client, KNEED_ROOT, PROPERTIES, "Get", NULL, &reply, "ss",
                                    KNEED_MANAGER, "Offers") >= 0);
        assert_true(sd_bus_message_enter_container(reply, 'v', "aa{sv}") > 0);
        return read_list(reply, ret);
}

static size_t get_schedule(Client *client, unsigned days, Seen ret[static OFFERS_MAX])
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

        assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, "GetSchedule", NULL, &reply, "u",
                                    days) >= 0);
        return read_list(reply, ret);
}

static void check_offer(Client *client, const char *id, const char *state)
{
        Seen offers[OFFERS_MAX] = { { .id = "" } };

        assert_int_equal(get_offers(client, offers), 1);
        assert_string_equal(offers[0].id, id);
        assert_string_equal(offers[0].state, state);
        assert_true(offers[0].deadline_us > 0);
        assert_int_equal(offers[0].until_us > 0, streq(state, "snoozed"));
}

static void check_no_offer(Client *client)
{
        Seen offers[OFFERS_MAX];

        assert_int_equal(get_offers(client, offers), 0);
}

/* Waits for the signal that an offer has ended. */
static void await_ended(Client *ear, const char *id, const char *state)
{
        sd_bus_message *m = client_await(ear, KNEED_ROOT, "OfferEnded");
        const char *got, *got_state;

        assert_true(sd_bus_message_read(m, "ss", &got, &got_state) > 0);
        assert_string_equal(got, id);
        assert_string_equal(got_state, state);
}

static void check_nothing_moved(Stage *stage)
{
        record_file_read(&stage->record);
        assert_int_equal(stage->record.frame_peak, 0);
        assert_int_equal(stage->record.motor_peak, 0);
}

#define check_refused(client, error_name, member, ...)                                        \
        do {                                                                                  \
                _cleanup_(sd_bus_error_free) sd_bus_error refused_ = SD_BUS_ERROR_NULL;       \
                                                                                              \
                assert_true(client_call(client, KNEED_ROOT, KNEED_MANAGER, member, &refused_, \
                                            NULL, __VA_ARGS__) < 0);                          \
                assert_string_equal(refused_.name, KNEED_ERROR(error_name));                  \
                assert_true(strlen(refused_.message) > 20);                                   \
        } while (0)

static void again(Stage *stage)
{
        assert_int_equal(stage_end_kneed(stage, SIGTERM), 0);
        stage_start_kneed_unscreened(stage);
        client_await_ledger(stage->clients[stage->n_clients - 1]);
}

/* Nothing but an answer starts it: neither its time, nor a screening, nor a restart. */
static void no_answer_starts_nothing(void **state)
{
        Stage *stage = *state;
        char id[ID_SIZE];
        Client *client;
        int64_t due_s = this_minute_s();

        write_schedule(stage, due_s, "window = 60;", "");
        stage_start_kneed(stage);
        client = stage_client(stage);
        id_of("left", due_s, id);
        check_offer(client, id, "pending");
        client_take_for(client, QUIET_MS);
        again(stage);
        client = stage_client(stage);
        check_offer(client, id, "pending");
        client_take_for(client, QUIET_MS);
        check_nothing_moved(stage);
}

static void a_yes_starts_it_as_a_run_does(void **state)
{
        Stage *stage = *state;
        Client *ear, *client;
        char id[ID_SIZE];
        int64_t due_s = this_minute_s();

        write_schedule(stage, due_s, "leg = \"right\"; window = 60;", "");
        stage_start_kneed(stage);
        ear = stage_client(stage);
        client_listen(ear);
        client = stage_client(stage);
        id_of("left", due_s, id);

        check_refused(client, "ScreeningNeeded", "AcceptOffer", "sa{sv}", id, 0);
        check_refused(client, "PainTooHigh", "AcceptOffer", "sa{sv}", id, 2, "nothing_new", "b", 1,
                        "pain", "u", 5u);
        check_refused(client, "InvalidArgument", "AcceptOffer", "sa{sv}", id, 1, "leg", "s",
                        "left");
        check_refused(client, "LimitExceeded", "AcceptOffer", "sa{sv}", id, 2, "nothing_new", "b",
                        1, "minutes", "u", 21u);
        check_refused(client, "UnknownOffer", "AcceptOffer", "sa{sv}", "left", 0);
        check_offer(client, id, "pending");
        check_nothing_moved(stage);

        /* The score that was refused still holds; it forbids the start, not the offer. */
        check_refused(client, "PainTooHigh", "AcceptOffer", "sa{sv}", id, 1, "nothing_new", "b", 1);
        check_offer(client, id, "pending");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "AcceptOffer", "sa{sv}", id, 2, "nothing_new",
                        "b", 1, "pain", "u", 4u);
        await_ended(ear, id, "accepted");
        (void) record_file_await(&stage->record, 0, record_is_moving);
        client_check_text(client, SESSION, KNEED_SESSION, "Routine", "friction");
        client_check_text(client, SESSION, KNEED_SESSION, "Leg", "right");
        assert_int_equal(client_get_number(client, SESSION, KNEED_SESSION, "DurationMs"), 300000);
        check_no_offer(client);
        check_refused(client, "UnknownOffer", "AcceptOffer", "sa{sv}", id, 1, "nothing_new", "b",
                        1);

        /* The lease is that of a run. */
        sd_bus_close(client->bus);
        client_await_end(ear, SESSION, "client-gone");
        again(stage);
        check_no_offer(stage_client(stage));
}

static void a_no_is_remembered(void **state)
{
        static Kneectl k;
        Stage *stage = *state;
        Client *ear, *client;
        char id[ID_SIZE];
        int64_t due_s = this_minute_s();

        write_schedule(stage, due_s, "window = 60;", "");
        stage_start_kneed(stage);
        ear = stage_client(stage);
        client_listen(ear);
        client = stage_client(stage);
        id_of("left", due_s, id);
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "DeclineOffer", "s", id);
        await_ended(ear, id, "declined");
        check_no_offer(client);
        check_refused(client, "UnknownOffer", "DeclineOffer", "s", id);
        check_refused(client, "UnknownOffer", "SnoozeOffer", "su", id, 5u);

        for (int i = 0; i < 2; i++) {
                Seen times[OFFERS_MAX];

                again(stage);
                client = stage_client(stage);
                check_no_offer(client);
                check_refused(client, "UnknownOffer", "AcceptOffer", "sa{sv}", id, 1, "nothing_new",
                                "b", 1);
                assert_true(get_schedule(client, 1, times) >= 1);
                assert_string_equal(times[0].id, id);
                assert_string_equal(times[0].state, "declined");
        }

        /* It is the person's, and can be taken along. */
        assert_int_equal(KNEECTL(&k, stage, "history", "export"), 0);
        assert_non_null(strstr(k.said, "\"offer\""));
        assert_non_null(strstr(k.said, id));
        assert_non_null(strstr(k.said, "\"declined\""));
        check_nothing_moved(stage);
}

static void a_snooze_is_remembered_and_bounded(void **state)
{
        Stage *stage = *state;
        Client *ear, *client;
        char id[ID_SIZE];
        int64_t due_s = this_minute_s();

        write_schedule(stage, due_s, "window = 60;", "");
        stage_start_kneed(stage);
        ear = stage_client(stage);
        client_listen(ear);
        client = stage_client(stage);
        id_of("left", due_s, id);
        check_refused(client, "OutOfRange", "SnoozeOffer", "su", id, 0u);
        check_refused(client, "OutOfRange", "SnoozeOffer", "su", id, 60u);
        check_refused(client, "OutOfRange", "SnoozeOffer", "su", id, UINT32_MAX);
        check_offer(client, id, "pending");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "SnoozeOffer", "su", id, 10u);
        await_ended(ear, id, "snoozed");
        check_offer(client, id, "snoozed");

        again(stage);
        client = stage_client(stage);
        check_offer(client, id, "snoozed");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "AcceptOffer", "sa{sv}", id, 1, "nothing_new",
                        "b", 1);
        (void) record_file_await(&stage->record, 0, record_is_moving);
}

/* SR-SCREENING: Who must not be massaged is not offered it, and is told why. */
static void what_forbids_takes_the_offer_away(void **state)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        Stage *stage = *state;
        Client *ear, *client;
        Seen times[OFFERS_MAX];
        char id[ID_SIZE];
        int64_t due_s = this_minute_s();

        write_schedule(stage, due_s, "window = 60;", "");
        stage_start_kneed(stage);
        ear = stage_client(stage);
        client_listen(ear);
        client = stage_client(stage);
        id_of("left", due_s, id);
        client_screen_with(client, "infection", "yes", &reply);
        await_ended(ear, id, "waiting");
        check_no_offer(client);
        check_refused(client, "UnknownOffer", "AcceptOffer", "sa{sv}", id, 1, "nothing_new", "b",
                        1);
        assert_int_equal(get_schedule(client, 1, times), 2);
        assert_string_equal(times[0].state, "skipped");
        assert_true(strlen(times[0].sentence) > 20);

        client_screen(client);
        (void) client_await(ear, KNEED_ROOT, "OfferMade");
        check_offer(client, id, "pending");
        check_nothing_moved(stage);
}

static void the_schedule_says_what_comes_and_what_does_not(void **state)
{
        Stage *stage = *state;
        Seen times[OFFERS_MAX];
        char date[16], keys[64];
        int64_t due_s = this_minute_s();
        Client *client;

        write_time(due_s + 24L * 60 * MINUTE_S, "%Y-%m-%d", date);
        (void) snprintf(keys, sizeof(keys), "window = 60; skip = \"%s\";", date);
        write_schedule(stage, due_s, keys, "");
        stage_start_kneed(stage);
        client = stage_client(stage);
        assert_int_equal(get_schedule(client, 4, times), 5); /* the one that stands, too */
        assert_string_equal(times[0].state, "pending");
        assert_string_equal(times[1].state, "skipped");
        assert_non_null(strstr(times[1].sentence, "skip"));
        assert_string_equal(times[2].state, "planned");
        assert_string_equal(times[2].sentence, "");
        check_refused(client, "OutOfRange", "GetSchedule", "u", 0u);
        check_refused(client, "OutOfRange", "GetSchedule", "u", 32u);
}

/* What is offered follows the config; what has ended does not come back with it. */
static void a_reload_renews_the_schedule(void **state)
{
        Stage *stage = *state;
        Client *ear, *client;
        char id[ID_SIZE];
        int64_t due_s = this_minute_s();

        stage_start_kneed(stage);
        ear = stage_client(stage);
        client_listen(ear);
        client = stage_client(stage);
        id_of("left", due_s, id);
        check_no_offer(client);
        write_schedule(stage, due_s, "window = 60;", "");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Reload", "");
        (void) client_await(ear, KNEED_ROOT, "OfferMade");
        check_offer(client, id, "pending");

        stage_write(stage, "etc/kneed.conf", "schedule = ( { } );\n");
        check_refused(client, "WrongConfig", "Reload", "");
        check_offer(client, id, "pending");

        stage_write(stage, "etc/kneed.conf", "\n");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Reload", "");
        await_ended(ear, id, "expired");
        check_no_offer(client);
        write_schedule(stage, due_s, "window = 60;", "");
        client_do(client, KNEED_ROOT, KNEED_MANAGER, "Reload", "");
        check_no_offer(client);
        check_nothing_moved(stage);
}

/* Nobody wears a massager: what should start by itself waits, and says why. */
static void without_contact_the_unattended_waits(void **state)
{
        Stage *stage = *state;
        Seen offers[OFFERS_MAX];
        Client *client;

        write_schedule(stage, this_minute_s(), "window = 60; unattended = true;", "");
        stage_start_kneed_without_massager(stage);
        client = stage_client(stage);
        client_await_ledger(client);
        assert_int_equal(get_offers(client, offers), 1);
        assert_string_equal(offers[0].state, "pending");
        /* The minute may have passed meanwhile, and then it is nothing but late. */
        if (wall_now_s() - this_minute_s() > 2)
                assert_non_null(strstr(offers[0].sentence, "skin contact"));
}

/* In the next minute one entry is offered and another one begins, on a massager that is worn. */
static void the_minute_comes(void **state)
{
        Stage *stage = *state;
        int64_t due_s = this_minute_s() + MINUTE_S;
        Client *ear, *client;
        sd_bus_message *made;
        char more[256], at[16], id[ID_SIZE];
        const char *got;
        int64_t left_s;

        if (due_s - wall_now_s() < 5) /* kneed is to be there before it */
                due_s += MINUTE_S;
        write_time(due_s, "%H:%M", at);
        (void) snprintf(more, sizeof(more),
                        ", { name = \"right\"; routine = \"friction\"; leg = \"right\"; "
                        "minutes = 5; at = \"%s\"; unattended = true; }",
                        at);
        write_schedule(stage, due_s, "", more);
        stage_start_kneed(stage);
        ear = stage_client(stage);
        client_listen(ear);
        client = stage_client(stage);
        check_no_offer(client);
        left_s = due_s - wall_now_s();
        if (left_s > 1)
                client_take_for(client, (unsigned) (left_s - 1) * 1000u);
        check_no_offer(client);
        check_nothing_moved(stage);

        made = client_await(ear, KNEED_ROOT, "OfferMade");
        assert_true(sd_bus_message_read(made, "s", &got) > 0);
        id_of("left", due_s, id);
        assert_string_equal(got, id);
        assert_in_range(wall_now_s() - due_s, 0, 2);
        check_offer(client, id, "pending");

        (void) record_file_await(&stage->record, 0, record_is_moving);
        client_check_text(client, SESSION, KNEED_SESSION, "Leg", "right");

        /* A crash in the same minute does not begin it again. */
        assert_int_equal(stage_end_kneed(stage, SIGKILL), 128 + SIGKILL);
        stage_start_kneed_unscreened(stage);
        client = stage_client(stage);
        client_await_ledger(client);
        client_take_for(client, QUIET_MS);
        client_check_text(client, VIRTUAL_PATH, KNEED_MASSAGER, "State", "idle");
        check_offer(client, id, "pending");
}

#define ALONE(f) cmocka_unit_test_setup_teardown(f, stage_open, stage_close)

int main(int argc, char *argv[])
{
        const struct CMUnitTest tests[] = {
                ALONE(no_answer_starts_nothing),
                ALONE(a_yes_starts_it_as_a_run_does),
                ALONE(a_no_is_remembered),
                ALONE(a_snooze_is_remembered_and_bounded),
                ALONE(what_forbids_takes_the_offer_away),
                ALONE(the_schedule_says_what_comes_and_what_does_not),
                ALONE(a_reload_renews_the_schedule),
                ALONE(without_contact_the_unattended_waits),
        };
        const struct CMUnitTest minute[] = {
                ALONE(the_minute_comes),
        };

        if (argc > 1)
                return cmocka_run_group_tests(minute, NULL, NULL);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
