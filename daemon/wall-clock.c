/* SPDX-License-Identifier: MIT */
#include "daemon/wall-clock.h"

#include <errno.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>

#include "daemon/log.h"

#define ZONE_FILE "/etc/localtime"
/* The link itself: it is replaced by another, or what it leads to is written anew. */
#define ZONE_EVENTS (IN_ATTRIB | IN_MOVE_SELF | IN_CLOSE_WRITE | IN_DONT_FOLLOW)
/* No zone changes, and changes back, within so short a time. */
#define STEP_S (6 * 3600)

struct WallClock {
        sd_event *event;
        int fd; /* of the timer */
        sd_event_source *timer;
        sd_event_source *zone; /* NULL: the zone is not watched */
        WallClockRings rings;
        void *userdata;
};

/* Not time(), which is some milliseconds behind: the moment that rings would not have come yet. */
int64_t wall_clock_now_s(void)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return now.tv_sec;
}

static int32_t offset_at(int64_t moment_s)
{
        time_t t = moment_s;
        struct tm tm;

        return localtime_r(&t, &tm) ? (int32_t) tm.tm_gmtoff : 0;
}

/* The first second of the new offset. */
static int64_t find_change(int64_t before_s, int64_t after_s, int32_t offset_s)
{
        while (after_s - before_s > 1) {
                int64_t middle_s = before_s + (after_s - before_s) / 2;

                if (offset_at(middle_s) == offset_s)
                        before_s = middle_s;
                else
                        after_s = middle_s;
        }

        return after_s;
}

void wall_clock_read_zone(int64_t from_s, int64_t until_s, CalendarZone *ret)
{
        int32_t offset_s;

        tzset(); /* localtime_r() need not look whether the zone is another */
        offset_s = offset_at(from_s);
        *ret = (CalendarZone){ .offset_s = offset_s };

        for (int64_t s = from_s; s < until_s && ret->n < CALENDAR_CHANGES_MAX; s += STEP_S) {
                int64_t at_s;

                if (offset_at(s + STEP_S) == offset_s)
                        continue;
                at_s = find_change(s, s + STEP_S, offset_s);
                offset_s = offset_at(at_s);
                ret->changes[ret->n++] = (CalendarChange){ at_s, offset_s };
        }
}

static int on_timer(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        WallClock *clock = userdata;
        uint64_t expirations;

        /* ECANCELED: the clock was set. Both ways it has to be looked at. */
        if (read(fd, &expirations, sizeof(expirations)) < 0 && errno == EAGAIN)
                return 0;

        clock->rings(clock->userdata);
        return 0;
}

static int watch_zone(WallClock *clock);

static int on_zone(sd_event_source *source, const struct inotify_event *inotify, void *userdata)
{
        WallClock *clock = userdata;

        /* What is watched may be gone: what has its name now is watched instead. */
        clock->zone = sd_event_source_disable_unref(clock->zone);
        (void) watch_zone(clock);
        clock->rings(clock->userdata);
        return 0;
}

/* A computer without that file goes by UTC. Whoever gives it one later has kneed look at the next
 * ring. */
static int watch_zone(WallClock *clock)
{
        int r;

        r = sd_event_add_inotify(
                        clock->event, &clock->zone, ZONE_FILE, ZONE_EVENTS, on_zone, clock);
        if (r < 0 && r != -ENOENT)
                log_warning("The time zone cannot be watched; after a change of it reload kneed.");

        return r;
}

int wall_clock_set(WallClock *clock, int64_t moment_s)
{
        struct itimerspec when = { .it_value = { .tv_sec = moment_s } };

        if (moment_s == INT64_MAX) {
                when.it_value.tv_sec = 0;
                clock->zone = sd_event_source_disable_unref(clock->zone);
        } else if (!clock->zone) {
                (void) watch_zone(clock);
        }

        if (timerfd_settime(clock->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) <
                                        0 &&
                        errno != ECANCELED)
                return -errno;

        return 0;
}

WallClock *wall_clock_free(WallClock *clock)
{
        if (!clock)
                return NULL;

        sd_event_source_disable_unref(clock->zone);
        sd_event_source_disable_unref(clock->timer);
        closep(&clock->fd);
        sd_event_unref(clock->event);
        free(clock);
        return NULL;
}

int wall_clock_new(sd_event *event, WallClockRings rings, void *userdata, WallClock **ret)
{
        _cleanup_(wall_clock_freep) WallClock *clock = NULL;
        int r;

        clock = calloc(1, sizeof(*clock));
        if (!clock)
                return -ENOMEM;

        clock->event = sd_event_ref(event);
        clock->rings = rings;
        clock->userdata = userdata;
        clock->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
        if (clock->fd < 0)
                return -errno;
        r = sd_event_add_io(event, &clock->timer, clock->fd, EPOLLIN, on_timer, clock);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(clock);
        return 0;
}
