/* SPDX-License-Identifier: MIT */
/* The Rez Trance Vibrator (ASCII, 2001): one motor, a speed from 0 to 255 by a control request.
 *
 * It reports nothing and has no cut-off of its own: if its host dies, it goes on. So it is used
 * only where kneed.conf allows massagers without a cut-off, with no heat, a lower level, a shorter
 * session, and a warning each time. What stands in for its status is that it took the last request:
 * a request that is not answered is no status, and the session ends. */
#include <errno.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/driver.h"

#define TRANCE_VENDOR       0x0b49u
#define TRANCE_PRODUCT      0x064fu
#define TRANCE_REQUEST_TYPE 0x43u /* OUT, vendor, other */
#define TRANCE_SET_SPEED    0x01u
#define TRANCE_SPEED_MAX    255u
#define TRANCE_CURRENT_MA   400u /* below what it asks its port for; not measured, a judgement */
#define TRANCE_REPEAT       5u /* frames: an unchanged speed is sent again, to hear that it is there */

/* Judgements: half of the hard limits, for what cannot be seen. */
#define TRANCE_LEVEL_PERMILLE  400u
#define TRANCE_SESSION_MINUTES 10u

struct Device {
        Transport *transport;
        const DeviceListener *listener;
        void *userdata;
        bool armed;
        uint16_t speed;     /* as sent last */
        unsigned n_pending; /* requests that have not come back */
        unsigned unchanged;
};

static int trance_probe(const TransportInfo *info)
{
        return info->vendor_id == TRANCE_VENDOR && info->product_id == TRANCE_PRODUCT ? 0 : -ENODEV;
}

static void be_ready(Device *d)
{
        DeviceFacts facts = {
                .layout = {
                        .n_actuators = 1,
                        .actuators[0] = { .current_ma = TRANCE_CURRENT_MA },
                        .budget_ma = d->transport->info->port_budget_ma,
                },
                .limits = limits_hard,
                .warning = "This massager has no cut-off of its own: if this computer fails, it "
                           "goes on. Keep its plug in reach.",
        };

        facts.limits.level_permille = TRANCE_LEVEL_PERMILLE;
        facts.limits.session_minutes = TRANCE_SESSION_MINUTES;
        facts.limits.heat_minutes = 0;
        facts.session_cut_off_s = TRANCE_SESSION_MINUTES * 60;
        d->listener->ready(d->userdata, &facts);
}

static void on_done(void *userdata, int r, const uint8_t *data)
{
        Device *d = userdata;
        DeviceStatus status = {
                .state = d->armed ? DEVICE_ARMED : DEVICE_IDLE,
                .moving = d->speed > 0,
        };

        /* Only the last request's answer says how things are now. */
        if (--d->n_pending > 0 || r < 0)
                return;

        d->listener->status(d->userdata, &status);
}

static void on_opened(void *userdata, int r, const uint8_t *data)
{
        Device *d = userdata;

        d->n_pending--;
        if (r < 0)
                d->listener->refused(d->userdata, "It does not answer; plug it in again.");
        else
                be_ready(d);
}

static int set_speed(Device *d, uint16_t speed, TransportDone done)
{
        const TransportSetup setup = {
                .request_type = TRANCE_REQUEST_TYPE,
                .request = TRANCE_SET_SPEED,
                .value = speed,
        };

        int r;

        r = d->transport->vtable->control(d->transport, &setup, NULL, done, d);
        if (r < 0)
                return r;

        d->speed = speed;
        d->unchanged = 0;
        d->n_pending++;
        return 0;
}

static int trance_output(Device *d, const GovernedFrame *frame)
{
        uint16_t speed = (uint16_t) (governed_frame_level(frame, 0) * TRANCE_SPEED_MAX / 1000);

        if (speed == d->speed && ++d->unchanged < TRANCE_REPEAT)
                return 0;

        return set_speed(d, speed, on_done);
}

static int trance_stop(Device *d)
{
        d->armed = false;
        return set_speed(d, 0, on_done);
}

static int trance_arm(Device *d)
{
        d->armed = true;
        return set_speed(d, 0, on_done);
}

/* It latches nothing: to say that it is idle is all there is. */
static int trance_clear(Device *d)
{
        return trance_stop(d);
}

static void trance_input(Device *d, const uint8_t *report, size_t size)
{
}

static Device *trance_free(Device *d)
{
        free(d);
        return NULL;
}

static int trance_open(Transport *t, const DeviceListener *listener, void *userdata, Device **ret)
{
        Device *d;
        int r;

        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;

        d->transport = t;
        d->listener = listener;
        d->userdata = userdata;

        r = set_speed(d, 0, on_opened);
        if (r < 0) {
                trance_free(d);
                return r;
        }

        *ret = d;
        return 0;
}

/* SR-CUT-OFF */
const Driver driver_trance = {
        .name = "trance-vibrator",
        .without_cut_off = true,
        .probe = trance_probe,
        .open = trance_open,
        .arm = trance_arm,
        .output = trance_output,
        .stop = trance_stop,
        .clear = trance_clear,
        .input = trance_input,
        .free = trance_free,
};
