/* SPDX-License-Identifier: MIT */
/* Before the computer sleeps or shuts down, massagers are stopped, and it waits for that: from
 * start-up on kneed holds inhibitors of logind's that delay, and lets go of them once every
 * massager has confirmed its stop. Without logind there is nobody to wait, and kneed does without.
 *
 * Nothing resumes afterwards. Told twice, the second time changes nothing. */
#include <errno.h>
#include <fcntl.h>

#include "common/macro.h"
#include "daemon/bus-private.h"
#include "daemon/clock.h"
#include "daemon/log.h"

#define LOGIND_NAME      "org.freedesktop.login1"
#define LOGIND_PATH      "/org/freedesktop/login1"
#define LOGIND_INTERFACE LOGIND_NAME ".Manager"

#define LOGIND_RULE(member)                                         \
        "type='signal',sender='" LOGIND_NAME "',path='" LOGIND_PATH \
        "',interface='" LOGIND_INTERFACE "',member='" member "'"
#define OWNER_RULE                                     \
        "type='signal',sender='org.freedesktop.DBus'," \
        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" LOGIND_NAME "'"

/* How long a stop may take to be confirmed; the ladder has said by then that it is not. Below the 5
 * s for which logind waits. */
#define CONFIRM_MS 1500u
/* What was announced and has not come by then is not coming. A judgement: logind gives whoever
 * delays 5 s. */
#define COME_MS 30000u

/* Of both together logind makes a question of its own, which only who sits at the machine may. */
static const char *const whats[_BUS_INHIBITS_MAX] = {
        [BUS_INHIBITS_SLEEP] = "sleep",
        [BUS_INHIBITS_SHUTDOWN] = "shutdown",
};

static void let_go(BusSleep *sleep)
{
        for (BusInhibits i = 0; i < _BUS_INHIBITS_MAX; i++) {
                BusInhibitor *inhibitor = &sleep->inhibitors[i];

                inhibitor->question = sd_bus_slot_unref(inhibitor->question);
                closep(&inhibitor->fd);
                inhibitor->fd = -1;
        }
}

static bool is_held(const BusSleep *sleep)
{
        for (BusInhibits i = 0; i < _BUS_INHIBITS_MAX; i++)
                if (sleep->inhibitors[i].fd >= 0)
                        return true;

        return false;
}

static int on_inhibited(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        BusInhibitor *inhibitor = userdata;
        int fd;

        inhibitor->question = sd_bus_slot_unref(inhibitor->question);
        if (sd_bus_message_is_method_error(reply, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
                        sd_bus_message_is_method_error(reply, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return 1;
        if (sd_bus_message_is_method_error(reply, NULL) ||
                        sd_bus_message_read(reply, "h", &fd) < 0) {
                log_warning("The computer does not wait for massagers before sleep or shutdown: "
                            "logind does not let it.");
                return 1;
        }

        inhibitor->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        return 1;
}

static int ask_for(BusInhibitor *inhibitor, const char *what)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        sd_bus *bus = inhibitor->bus->bus;
        int r;

        if (inhibitor->fd >= 0 || inhibitor->question)
                return 0;

        r = sd_bus_message_new_method_call(
                        bus, &call, LOGIND_NAME, LOGIND_PATH, LOGIND_INTERFACE, "Inhibit");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(call, false);
        if (r >= 0)
                r = sd_bus_message_append(call, "ssss", what, "kneed",
                                "Massagers are stopped first", "delay");
        if (r < 0)
                return r;

        return sd_bus_call_async(bus, &inhibitor->question, call, on_inhibited, inhibitor, 0);
}

static int inhibit(Bus *bus)
{
        int r = 0;

        for (BusInhibits i = 0; r >= 0 && i < _BUS_INHIBITS_MAX; i++)
                r = ask_for(&bus->sleep.inhibitors[i], whats[i]);

        return r;
}

static bool is_still(const Bus *bus)
{
        Massager *m;

        for (size_t i = 0; (m = manager_massager(bus->manager, i)); i++)
                switch (massager_state(m)) {
                case MASSAGER_ARMING:
                case MASSAGER_PLAYING:
                case MASSAGER_STOPPING:
                case MASSAGER_FAULTY:
                        return false;
                default:
                        break;
                }

        return true;
}

static void set_timer(Bus *bus, unsigned ms)
{
        (void) sd_event_source_set_time_relative(bus->sleep.timer, (uint64_t) ms * USEC_PER_MS);
        (void) sd_event_source_set_enabled(bus->sleep.timer, SD_EVENT_ONESHOT);
}

static void wake(Bus *bus)
{
        (void) sd_event_source_set_enabled(bus->sleep.timer, SD_EVENT_OFF);
        bus->sleep.announced = false;
        manager_set_resting(bus->manager, false);
        (void) inhibit(bus);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Bus *bus = userdata;

        if (!is_held(&bus->sleep)) {
                wake(bus);
                return 0;
        }

        let_go(&bus->sleep);
        set_timer(bus, COME_MS);
        return 0;
}

void bus_sleep_follow(Bus *bus)
{
        if (!bus->sleep.announced || !is_held(&bus->sleep) || !is_still(bus))
                return;

        let_go(&bus->sleep);
        set_timer(bus, COME_MS);
}

/* SR-SLEEP, SR-NOT-AGAIN */
static int on_prepare(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        bool is_sleep = streq(sd_bus_message_get_member(message), "PrepareForSleep");
        Bus *bus = userdata;
        int about_to;

        if (sd_bus_message_read(message, "b", &about_to) < 0)
                return 0;

        /* Afterwards, too: what went on in between was not meant to. */
        if (is_sleep)
                manager_sleep(bus->manager);
        else if (about_to)
                manager_shut_down(bus->manager);

        if (about_to && !bus->sleep.announced) {
                bus->sleep.announced = true;
                manager_set_resting(bus->manager, true);
                set_timer(bus, is_held(&bus->sleep) ? CONFIRM_MS : COME_MS);
        }
        if (about_to) {
                bus_sleep_follow(bus);
                return 0;
        }

        wake(bus);
        if (is_sleep && bus->woken)
                bus->woken(bus->woken_userdata);
        return 0;
}

/* A logind that comes, or comes anew, knows of no inhibitor. */
static int on_logind(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name, *before, *after;
        Bus *bus = userdata;

        if (sd_bus_message_read(message, "sss", &name, &before, &after) < 0)
                return 0;

        let_go(&bus->sleep);
        if (after[0] != '\0')
                (void) inhibit(bus);
        return 0;
}

int bus_sleep_start(Bus *bus, sd_event *event)
{
        int r;

        for (BusInhibits i = 0; i < _BUS_INHIBITS_MAX; i++)
                bus->sleep.inhibitors[i].bus = bus;

        r = sd_event_add_time(
                        event, &bus->sleep.timer, CLOCK_BOOTTIME, UINT64_MAX, 0, on_timer, bus);
        if (r >= 0)
                r = sd_event_source_set_enabled(bus->sleep.timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_bus_add_match_async(bus->bus, NULL, LOGIND_RULE("PrepareForSleep"),
                                on_prepare, NULL, bus);
        if (r >= 0)
                r = sd_bus_add_match_async(bus->bus, NULL, LOGIND_RULE("PrepareForShutdown"),
                                on_prepare, NULL, bus);
        if (r >= 0)
                r = sd_bus_add_match_async(bus->bus, NULL, OWNER_RULE, on_logind, NULL, bus);
        if (r < 0)
                return r;

        return inhibit(bus);
}

void bus_sleep_end(BusSleep *sleep)
{
        sd_event_source_disable_unref(sleep->timer);
        let_go(sleep);
}

void bus_set_woken(Bus *bus, BusWoken woken, void *userdata)
{
        bus->woken = woken;
        bus->woken_userdata = userdata;
}
