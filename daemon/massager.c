/* SPDX-License-Identifier: MIT */
#include "daemon/massager.h"

#include <errno.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "daemon/log.h"

struct Massager {
        sd_event *event;
        Transport *transport;
        const Driver *driver;
        Device *device;
        const MassagerListener *listener;
        void *userdata;

        MassagerState state;
        const char *reason;
        bool open;
        DeviceFacts facts;
        Governor *governor;

        DeviceStatus status;
        SessionReadings readings;

        sd_event_source *timer; /* of the state: opening, arming or the next rung of the ladder */
        uint64_t stop_at_ms;
        GovernorLatch latch; /* asked for before there was a governor */
        bool confirmed;      /* of the stop under way */
        bool clearing;       /* a latch was released, and the device has not said so yet */
};

static const char *const state_names[_MASSAGER_STATE_MAX] = {
        [MASSAGER_OPENING] = "opening",
        [MASSAGER_IDLE] = "idle",
        [MASSAGER_ARMING] = "arming",
        [MASSAGER_PLAYING] = "playing",
        [MASSAGER_STOPPING] = "stopping",
        [MASSAGER_LATCHED] = "latched",
        [MASSAGER_FAULTY] = "faulty",
        [MASSAGER_REFUSED] = "refused",
};

static const char *const trouble_sentences[_DEVICE_TROUBLE_MAX] = {
        [DEVICE_TROUBLE_NONE] = "",
        [DEVICE_TROUBLE_HOT] = "It became too hot; take it off, let it cool down, then clear "
                               "it with: kneectl clear",
        [DEVICE_TROUBLE_MOTOR] = "A motor does not do as it is told; do not use this massager.",
        [DEVICE_TROUBLE_SUPPLY] = "Its supply is too weak; charge it or use another port.",
        [DEVICE_TROUBLE_BUTTON] = "Its stop button was pressed; when the person is ready, clear it "
                                  "with: kneectl clear",
        [DEVICE_TROUBLE_SESSION_CUT_OFF] = "It switched itself off because it had run for too "
                                           "long.",
        [DEVICE_TROUBLE_HOST_SILENT] = "It switched itself off because it heard nothing for too "
                                       "long.",
        [DEVICE_TROUBLE_SENSOR] = "A temperature sensor failed; its heater stays off.",
        [DEVICE_TROUBLE_BAD_REPORT] = "It received something that it could not read.",
};

#define NOT_CONFIRMED "It did not confirm a stop; unplug it."
#define STILL_MOVING  "It still moves after a stop; unplug it now."
#define STOPPED_FOR_PAIN \
        "It was stopped for pain; when the person is ready, clear it with: kneectl clear"
#define EMERGENCY  "An emergency stop was called; see why, then clear it with: kneectl clear"
#define NOT_OPENED "It does not answer; unplug it and plug it in again."

const char *massager_state_to_string(MassagerState state)
{
        return state_names[state];
}

const char *massager_id(const Massager *m)
{
        return m->transport->info->id;
}

const char *massager_name(const Massager *m)
{
        return m->transport->info->name;
}

const char *massager_driver(const Massager *m)
{
        return m->driver->name;
}

MassagerState massager_state(const Massager *m)
{
        return m->state;
}

const char *massager_reason(const Massager *m)
{
        return m->reason;
}

bool massager_contact(const Massager *m)
{
        return m->status.contact;
}

const DeviceFacts *massager_facts(const Massager *m)
{
        return m->open ? &m->facts : NULL;
}

Governor *massager_governor(const Massager *m)
{
        return m->governor;
}

const char *massager_warning(const Massager *m)
{
        return m->open && m->facts.warning ? m->facts.warning : "";
}

const SessionReadings *massager_readings(const Massager *m)
{
        return &m->readings;
}

static void set_timer(Massager *m, unsigned ms)
{
        (void) sd_event_source_set_time_relative(m->timer, (uint64_t) ms * USEC_PER_MS);
        (void) sd_event_source_set_enabled(m->timer, SD_EVENT_ONESHOT);
}

static void set_state(Massager *m, MassagerState state, const char *reason)
{
        bool same = m->state == state && streq(m->reason, reason);

        m->state = state;
        m->reason = reason;
        if (state == MASSAGER_IDLE || state == MASSAGER_PLAYING || state == MASSAGER_LATCHED ||
                        state == MASSAGER_REFUSED)
                (void) sd_event_source_set_enabled(m->timer, SD_EVENT_OFF);
        if (!same)
                m->listener->changed(m->userdata, m);
}

static void send_stop(Massager *m)
{
        int r = m->device ? m->driver->stop(m->device) : -ENODEV;

        if (r < 0 && r != -ENODEV)
                log_warning("Massager %s: stop could not be sent: %s", massager_id(m),
                                strerror(-r));
}

static void begin_stop(Massager *m)
{
        send_stop(m);
        m->stop_at_ms = clock_now_ms();
        m->confirmed = false;
        m->clearing = false;
        set_timer(m, MASSAGER_CONFIRM_MS);
        set_state(m, MASSAGER_STOPPING, "");
}

/* SR-STOP */
void massager_stop(Massager *m)
{
        switch (m->state) {
        case MASSAGER_ARMING:
        case MASSAGER_PLAYING:
                begin_stop(m);
                break;
        default:
                /* It is to be still already. Saying it once more costs nothing, and the ladder of
                 * a stop under way is not climbed down again. */
                send_stop(m);
                break;
        }
}

static void reset_port(Massager *m)
{
        int r = m->transport->vtable->reset(m->transport);

        if (r < 0)
                log_error("Massager %s: its port cannot be reset: %s", massager_id(m),
                                strerror(-r));
}

/* SR-LADDER: The next rung of the ladder. */
static void on_stop_timer(Massager *m)
{
        uint64_t since_ms = clock_now_ms() - m->stop_at_ms;

        if (since_ms >= MASSAGER_STILL_MS) {
                log_massager(3, LOG_MASSAGER_UNPLUG, massager_id(m),
                                "Massager %s: still moving %u ms after a stop, or it does not say; "
                                "resetting its port; unplug it now",
                                massager_id(m), MASSAGER_STILL_MS);
                reset_port(m);
                return set_state(m, MASSAGER_FAULTY, STILL_MOVING);
        }

        set_timer(m, MASSAGER_STILL_MS - (unsigned) since_ms);
        if (m->confirmed)
                return;

        log_massager(3, LOG_MASSAGER_DEAF, massager_id(m),
                        "Massager %s: no confirmation of a stop in %u ms; not feeding it any more",
                        massager_id(m), MASSAGER_CONFIRM_MS);
        governor_latch(m->governor, GOVERNOR_LATCH_FAULT);
        set_state(m, MASSAGER_FAULTY, NOT_CONFIRMED);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Massager *m = userdata;

        switch (m->state) {
        case MASSAGER_OPENING:
                log_warning("Massager %s: no answer while opening it", massager_id(m));
                set_state(m, MASSAGER_REFUSED, NOT_OPENED);
                break;
        case MASSAGER_ARMING:
                log_warning("Massager %s: not armed after %u ms", massager_id(m), MASSAGER_ARM_MS);
                begin_stop(m);
                break;
        case MASSAGER_STOPPING:
        case MASSAGER_FAULTY:
                on_stop_timer(m);
                break;
        default:
                break;
        }

        return 0;
}

static bool at_rest(const DeviceStatus *status)
{
        return status->state != DEVICE_ARMED && !status->moving;
}

/* What the device latched, the governor latches too: a replug of the one is no clear of the other.
 */
static void take_over_latch(Massager *m)
{
        if (m->status.state != DEVICE_LATCHED)
                return;

        governor_latch(m->governor, m->status.trouble == DEVICE_TROUBLE_HOT ? GOVERNOR_LATCH_HOT
                                    : m->status.trouble == DEVICE_TROUBLE_BUTTON
                                                    ? GOVERNOR_LATCH_BUTTON
                                                    : GOVERNOR_LATCH_FAULT);
}

static void come_to_rest(Massager *m)
{
        switch (governor_latched(m->governor)) {
        case GOVERNOR_LATCH_NONE:
                return set_state(m, MASSAGER_IDLE, trouble_sentences[m->status.trouble]);
        case GOVERNOR_LATCH_HOT:
                return set_state(m, MASSAGER_LATCHED, trouble_sentences[DEVICE_TROUBLE_HOT]);
        case GOVERNOR_LATCH_BUTTON:
                return set_state(m, MASSAGER_LATCHED, trouble_sentences[DEVICE_TROUBLE_BUTTON]);
        case GOVERNOR_LATCH_FAULT:
                return set_state(m, MASSAGER_LATCHED,
                                m->status.trouble == DEVICE_TROUBLE_NONE
                                                ? NOT_CONFIRMED
                                                : trouble_sentences[m->status.trouble]);
        case GOVERNOR_LATCH_PAIN:
                return set_state(m, MASSAGER_LATCHED, STOPPED_FOR_PAIN);
        case GOVERNOR_LATCH_EMERGENCY:
                return set_state(m, MASSAGER_LATCHED, EMERGENCY);
        }
}

/* SR-EMERGENCY */
void massager_latch(Massager *m, GovernorLatch cause)
{
        if (m->governor)
                governor_latch(m->governor, cause);
        else if (m->latch == GOVERNOR_LATCH_NONE)
                m->latch = cause;
        /* It is newer than a clear that the device has not answered yet. */
        m->clearing = false;

        /* One at rest is stopped as well: it is latched once it has confirmed that. */
        if (m->state == MASSAGER_IDLE)
                begin_stop(m);
        else
                massager_stop(m);
        if (m->state == MASSAGER_LATCHED)
                come_to_rest(m);
}

/* After a clear, statuses of before it may still come and latch again: the device has the last
 * word. */
static void follow_clear(Massager *m)
{
        if (!m->clearing || m->status.state == DEVICE_LATCHED)
                return;

        m->clearing = false;
        (void) governor_clear(m->governor);
}

/* SR-HEAT: Outside of a session no tick looks at the readings. They can latch it, and without new
 * ones it could not be seen to have cooled down. */
static void watch_heat(Massager *m)
{
        GovernorInput input = {
                .now_ms = m->readings.status_at_ms,
                .status_at_ms = m->readings.status_at_ms,
                .wish = GOVERNOR_WISH_STOP,
        };

        if (m->state == MASSAGER_PLAYING)
                return;

        memcpy(input.reading, m->readings.heaters, sizeof(input.reading));
        (void) governor_step(m->governor, &input);
}

static bool fits_latch(const Massager *m)
{
        return (m->state == MASSAGER_LATCHED) ==
               (governor_latched(m->governor) != GOVERNOR_LATCH_NONE);
}

/* Where a status leads from each state. */
static void follow_status(Massager *m)
{
        const DeviceStatus *status = &m->status;

        take_over_latch(m);
        follow_clear(m);

        switch (m->state) {
        case MASSAGER_ARMING:
                if (status->state == DEVICE_ARMED)
                        set_state(m, MASSAGER_PLAYING, "");
                else if (status->state == DEVICE_LATCHED)
                        begin_stop(m);
                break;
        case MASSAGER_PLAYING:
                if (status->state != DEVICE_ARMED)
                        begin_stop(m);
                break;
        case MASSAGER_STOPPING:
                m->confirmed = m->confirmed || status->state != DEVICE_ARMED;
                if (at_rest(status))
                        come_to_rest(m);
                break;
        case MASSAGER_IDLE:
        case MASSAGER_LATCHED:
                if (!at_rest(status)) {
                        log_warning("Massager %s moves without being asked", massager_id(m));
                        begin_stop(m);
                } else if (status->state == DEVICE_LATCHED || !fits_latch(m))
                        come_to_rest(m);
                break;
        case MASSAGER_FAULTY:
                /* It came to rest after all. Only a person takes it back into use. */
                if (at_rest(status))
                        (void) sd_event_source_set_enabled(m->timer, SD_EVENT_OFF);
                break;
        case MASSAGER_OPENING:
        case MASSAGER_REFUSED:
        case _MASSAGER_STATE_MAX:
                break;
        }
}

static void on_status(void *userdata, const DeviceStatus *status)
{
        Massager *m = userdata;
        bool contact_changed = m->status.contact != status->contact;

        if (!m->open || m->state == MASSAGER_REFUSED)
                return;

        m->status = *status;
        m->readings.status_at_ms = clock_now_ms();
        memcpy(m->readings.heaters, status->heaters, sizeof(m->readings.heaters));

        watch_heat(m);
        follow_status(m);
        if (contact_changed)
                m->listener->changed(m->userdata, m);
}

static void on_refused(void *userdata, const char *sentence)
{
        Massager *m = userdata;

        log_massager(4, LOG_MASSAGER_REFUSED, massager_id(m), "Massager %s is not used: %s",
                        massager_id(m), sentence);
        set_state(m, MASSAGER_REFUSED, sentence);
}

/* SR-BEGIN */
static void on_ready(void *userdata, const DeviceFacts *facts)
{
        Massager *m = userdata;

        m->governor = m->listener->governor(m->userdata, m, &facts->layout);
        if (!m->governor)
                return on_refused(m, "There is no memory left for it; close other programs and "
                                     "plug it in again.");

        governor_latch(m->governor, m->latch);
        m->facts = *facts;
        m->open = true;
        /* Stopped once more, so that it is idle because it says so. */
        begin_stop(m);
}

static const DeviceListener device_listener = {
        .ready = on_ready,
        .refused = on_refused,
        .status = on_status,
};

static void on_input(void *userdata, const uint8_t *report, size_t size)
{
        Massager *m = userdata;

        if (m->device)
                m->driver->input(m->device, report, size);
}

static void on_gone(void *userdata, TransportGone how)
{
        Massager *m = userdata;

        m->listener->gone(m->userdata, m, how);
}

static const TransportListener transport_listener = {
        .input = on_input,
        .gone = on_gone,
};

int massager_arm(Massager *m)
{
        int r;

        if (m->state != MASSAGER_IDLE)
                return -EBUSY;

        r = m->driver->arm(m->device);
        if (r < 0)
                return r;

        set_timer(m, MASSAGER_ARM_MS);
        set_state(m, MASSAGER_ARMING, "");
        return 0;
}

int massager_output(Massager *m, const GovernedFrame *frame)
{
        return m->state == MASSAGER_PLAYING ? m->driver->output(m->device, frame) : -EBUSY;
}

/* SR-CLEAR, SR-NOT-AGAIN */
int massager_clear(Massager *m)
{
        int r;

        if (m->state != MASSAGER_LATCHED && m->state != MASSAGER_FAULTY)
                return -EBUSY;

        r = governor_clear(m->governor);
        if (r < 0)
                return r;
        if (m->state == MASSAGER_LATCHED && m->status.state == DEVICE_LATCHED) {
                m->clearing = true;
                return m->driver->clear(m->device);
        }

        begin_stop(m);
        return 0;
}

/* SR-BEGIN */
Massager *massager_free(Massager *m)
{
        if (!m)
                return NULL;

        if (m->device)
                send_stop(m);
        sd_event_source_disable_unref(m->timer);
        /* The transport first: its requests under way hold the device. */
        transport_free(m->transport);
        if (m->device)
                m->driver->free(m->device);
        sd_event_unref(m->event);
        free(m);
        return NULL;
}

DEFINE_TRIVIAL_CLEANUP_FUNC(Massager *, massager_free);

int massager_new(sd_event *event, Transport *transport, const MassagerListener *listener,
                void *userdata, Massager **ret)
{
        _cleanup_(massager_freep) Massager *m = NULL;
        int r;

        m = calloc(1, sizeof(*m));
        if (!m) {
                transport_free(transport);
                return -ENOMEM;
        }

        m->event = sd_event_ref(event);
        m->transport = transport;
        m->listener = listener;
        m->userdata = userdata;
        m->reason = "";
        transport->listener = &transport_listener;
        transport->listener_userdata = m;

        r = sd_event_add_time_relative(event, &m->timer, CLOCK_BOOTTIME,
                        MASSAGER_OPEN_MS * USEC_PER_MS, USEC_PER_MS, on_timer, m);
        if (r < 0)
                return r;

        r = driver_for(transport->info, &m->driver);
        if (r == -EPROTO) {
                on_refused(m, "Its report descriptor does not fit the profile; it may need newer "
                              "firmware.");
                *ret = TAKE_PTR(m);
                return 0;
        }
        if (r < 0)
                return r;

        r = m->driver->open(transport, &device_listener, m, &m->device);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(m);
        return 0;
}
