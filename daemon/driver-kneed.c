/* SPDX-License-Identifier: MIT */
/* Massagers that follow the kneed HID profile, see docs/protocol.md. */
#include <errno.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/driver-kneed-layout.h"
#include "daemon/driver.h"
#include "protocol/descriptor.h"
#include "protocol/profile.h"

_Static_assert(LAYOUT_ACTUATORS_MAX == KNEED_ACTUATORS_MAX, "a layout holds what the profile has");
_Static_assert(LAYOUT_HEATERS_MAX == KNEED_HEATERS_MAX, "a layout holds what the profile has");

/* A status speaks of one of the last frames, or it is an old one played again: at 50 frames a
 * second and a status every 50 ms three are usual. A judgement with room for a busy host. */
#define FRAMES_BEHIND_MAX 16u

/* In frames. A report of set-points can be lost on its way, and no status tells them: a heater that
 * is to be off would stay on. In 200 ms a pad warms by far less than a degree: a judgement. */
#define HEAT_REPEAT 10u

struct Device {
        Transport *transport;
        const DeviceListener *listener;
        void *userdata;

        KneedIdentity identity;
        unsigned n_records; /* read so far */
        DeviceFacts facts;
        bool ready;

        unsigned n_stops; /* on the control pipe, not answered yet */
        bool arms_next;   /* when they are */

        uint16_t sequence;
        unsigned sent;     /* reports of frames since it was told to arm, as far as it matters */
        KneedHeat heat;    /* as sent last */
        unsigned heat_age; /* frames since then */
        bool moving[KNEED_ACTUATORS_MAX / KNEED_LEVELS_PER_REPORT]; /* by report of a status */
};

static int kneed_probe(const TransportInfo *info)
{
        HidDescriptor descriptor;
        int r;

        if (info->report_descriptor_size == 0)
                return -ENODEV;

        r = hid_descriptor_parse(
                        info->report_descriptor, info->report_descriptor_size, &descriptor);
        if (r < 0) /* not a descriptor that can be read, so not one that says it is ours */
                return -ENODEV;

        return hid_descriptor_check_profile(&descriptor);
}

static unsigned n_parts(const Device *d)
{
        return d->identity.n_actuators + d->identity.n_heaters;
}

static void refuse(Device *d, const char *sentence)
{
        d->listener->refused(d->userdata, sentence);
}

/* A device that is gone is refused nothing: its transport says so. */
static void give_up(Device *d, int r)
{
        if (r != -ENODEV)
                refuse(d, "It stopped answering while it was opened; plug it in again.");
}

/* SR-DEVICE, SR-CUT-OFF */
static void finish_opening(Device *d)
{
        d->facts.limits = limits_hard;
        d->facts.layout.budget_ma = MIN(d->identity.budget_ma, d->transport->info->port_budget_ma);
        d->facts.host_silence_ms = d->identity.host_silence_ms;
        d->facts.session_cut_off_s = d->identity.session_cut_off_s;
        d->ready = true;
        d->listener->ready(d->userdata, &d->facts);
}

static int ask_for_record(Device *d);

static void on_record(void *userdata, int r, const uint8_t *report)
{
        Device *d = userdata;
        KneedRecord record;
        bool heater;

        if (r < 0)
                return give_up(d, r);
        r = kneed_record_decode(report, (size_t) r, &record);
        if (r < 0)
                return refuse(d, "It does not describe its parts in a way that can be read; it "
                                 "may need newer firmware.");

        heater = d->n_records >= d->identity.n_actuators;
        if (record.index != d->n_records || (record.kind == KNEED_KIND_HEATER) != heater)
                return refuse(d, "What it says of its parts contradicts their number; it may need "
                                 "newer firmware.");

        kneed_layout_add(&d->facts.layout, &record);
        d->n_records++;
        if (d->n_records == n_parts(d))
                return finish_opening(d);
        r = ask_for_record(d);
        if (r < 0)
                give_up(d, r);
}

/* The massager moves on to the next record by itself, see docs/protocol.md. */
static int ask_for_record(Device *d)
{
        return transport_get_report(d->transport, KNEED_TYPE_FEATURE, KNEED_REPORT_RECORD,
                        KNEED_RECORD_SIZE, on_record, d);
}

static void on_select(void *userdata, int r, const uint8_t *report)
{
        Device *d = userdata;

        if (r >= 0)
                r = ask_for_record(d);
        if (r < 0)
                give_up(d, r);
}

static void on_identity(void *userdata, int r, const uint8_t *report)
{
        uint8_t select[KNEED_SELECT_SIZE];
        Device *d = userdata;

        if (r < 0)
                return give_up(d, r);
        r = kneed_identity_decode(report, (size_t) r, &d->identity);
        if (r < 0)
                return refuse(d, "It does not say what it is in a way that can be read; it may "
                                 "need newer firmware.");
        if (d->identity.profile_major != KNEED_PROFILE_MAJOR)
                return refuse(d, "It follows another version of the profile; install a kneed that "
                                 "knows it.");

        (void) kneed_select_encode(0, select);
        r = transport_set_report(
                        d->transport, KNEED_TYPE_FEATURE, select, sizeof(select), on_select, d);
        if (r < 0)
                give_up(d, r);
}

static int command(Device *d, KneedCommand command)
{
        uint8_t report[KNEED_COMMAND_SIZE];

        (void) kneed_command_encode(command, report);
        return d->transport->vtable->send(d->transport, report, sizeof(report));
}

static void on_stopped(void *userdata, int r, const uint8_t *report)
{
        Device *d = userdata;

        if (--d->n_stops > 0 || !d->arms_next)
                return;

        d->arms_next = false;
        (void) command(d, KNEED_COMMAND_ARM);
}

static int stop_by_control(Device *d)
{
        uint8_t report[KNEED_COMMAND_SIZE];
        int r;

        (void) kneed_command_encode(KNEED_COMMAND_STOP, report);
        r = transport_set_report(
                        d->transport, KNEED_TYPE_OUTPUT, report, sizeof(report), on_stopped, d);
        if (r >= 0)
                d->n_stops++;
        return r;
}

static unsigned n_reports(const Device *d)
{
        return (d->identity.n_actuators + KNEED_LEVELS_PER_REPORT - 1) / KNEED_LEVELS_PER_REPORT;
}

static unsigned behind_max(const Device *d)
{
        return FRAMES_BEHIND_MAX * MAX(n_reports(d), 1u);
}

/* One report of a frame: the levels from `first` on. */
static int send_levels(Device *d, const GovernedFrame *frame, unsigned first, unsigned n)
{
        uint8_t report[KNEED_FRAME_SIZE];
        KneedFrame levels = {
                .sequence = ++d->sequence,
                .first = (uint8_t) first,
                .count = (uint8_t) MIN(n - first, KNEED_LEVELS_PER_REPORT),
                .complete = n - first <= KNEED_LEVELS_PER_REPORT,
                .frequency_hz = (uint16_t) governed_frame_frequency_hz(frame),
        };
        int r;

        for (unsigned i = 0; i < levels.count; i++)
                levels.level_permille[i] = (uint16_t) governed_frame_level(frame, first + i);

        r = kneed_frame_encode(&levels, report);
        if (r < 0)
                return r;
        d->sent += d->sent <= behind_max(d);

        return d->transport->vtable->send(d->transport, report, sizeof(report));
}

static bool same_heat(const KneedHeat *a, const KneedHeat *b)
{
        return memcmp(a->setpoint_cc, b->setpoint_cc, sizeof(a->setpoint_cc)) == 0;
}

static bool any_lower(const KneedHeat *heat, const KneedHeat *before)
{
        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                if (heat->setpoint_cc[i] < before->setpoint_cc[i])
                        return true;

        return false;
}

/* SR-HEAT: When they change, and now and then: the massager keeps them while it is armed. */
static int send_heat(Device *d, const KneedHeat *heat)
{
        uint8_t report[KNEED_HEAT_SIZE];
        int r;

        if (d->identity.n_heaters == 0)
                return 0;
        if (same_heat(heat, &d->heat) && ++d->heat_age < HEAT_REPEAT)
                return 0;

        r = kneed_heat_encode(heat, report);
        if (r < 0)
                return r;
        r = d->transport->vtable->send(d->transport, report, sizeof(report));
        if (r < 0)
                return r;

        d->heat = *heat;
        d->heat_age = 0;
        return 0;
}

static int send_all_levels(Device *d, const GovernedFrame *frame)
{
        /* Before the identity is known, one report of zeros is all that can be meant. */
        unsigned n = MAX(d->identity.n_actuators, 1u);
        int r;

        for (unsigned first = 0; first < n; first += KNEED_LEVELS_PER_REPORT) {
                r = send_levels(d, frame, first, n);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* SR-CURRENT: A heater goes off before motors take what it drew, and on after they have left it
 * that. */
static int kneed_output(Device *d, const GovernedFrame *frame)
{
        KneedHeat heat;
        int levels, heaters;

        for (unsigned i = 0; i < KNEED_HEATERS_MAX; i++)
                heat.setpoint_cc[i] = (uint16_t) governed_frame_setpoint_cc(frame, i);

        if (any_lower(&heat, &d->heat)) {
                heaters = send_heat(d, &heat);
                levels = send_all_levels(d, frame);
        } else {
                levels = send_all_levels(d, frame);
                heaters = send_heat(d, &heat);
        }

        return levels < 0 ? levels : heaters;
}

/* SR-STOP: Stop itself goes both ways: a massager that is deaf on one pipe still confirms by the
 * other. */
static int kneed_stop(Device *d)
{
        int output = kneed_output(d, governed_frame_zero());
        int control = stop_by_control(d);
        int interrupt = command(d, KNEED_COMMAND_STOP);

        d->arms_next = false;
        /* It forgets its set-points when it stops. */
        d->heat = (KneedHeat){ 0 };
        return output < 0 && control < 0 && interrupt < 0 ? control : 0;
}

/* Behind every stop that is still on its way: it must not take back what was armed after it. On the
 * interrupt pipe that is so by itself. */
static int kneed_arm(Device *d)
{
        d->sent = 0;
        d->arms_next = d->n_stops > 0;
        return d->arms_next ? 0 : command(d, KNEED_COMMAND_ARM);
}

static int kneed_clear(Device *d)
{
        return command(d, KNEED_COMMAND_CLEAR);
}

static DeviceTrouble gravest(uint16_t faults)
{
        static const struct {
                KneedFault fault;
                DeviceTrouble trouble;
        } by_gravity[] = {
                { KNEED_FAULT_HOT, DEVICE_TROUBLE_HOT },
                { KNEED_FAULT_MOTOR, DEVICE_TROUBLE_MOTOR },
                { KNEED_FAULT_SUPPLY, DEVICE_TROUBLE_SUPPLY },
                { KNEED_FAULT_BUTTON, DEVICE_TROUBLE_BUTTON },
                { KNEED_FAULT_SESSION_CUT_OFF, DEVICE_TROUBLE_SESSION_CUT_OFF },
                { KNEED_FAULT_HOST_SILENT, DEVICE_TROUBLE_HOST_SILENT },
                { KNEED_FAULT_SENSOR, DEVICE_TROUBLE_SENSOR },
                { KNEED_FAULT_BAD_REPORT, DEVICE_TROUBLE_BAD_REPORT },
        };

        for (size_t i = 0; i < ELEMENTSOF(by_gravity); i++)
                if (faults & by_gravity[i].fault)
                        return by_gravity[i].trouble;

        return DEVICE_TROUBLE_NONE;
}

static bool note_moving(Device *d, const KneedStatus *status)
{
        unsigned n = n_reports(d);
        bool moving = false;

        d->moving[status->first / KNEED_LEVELS_PER_REPORT] = false;
        for (unsigned i = 0; i < status->count; i++)
                if (status->measured_permille[i] > 0)
                        d->moving[status->first / KNEED_LEVELS_PER_REPORT] = true;

        for (unsigned i = 0; i < n; i++)
                moving = moving || d->moving[i];

        return moving;
}

/* SR-SILENT, SR-DEVICE: Whether an armed massager speaks of now: by the frame that it applied last.
 * Before the first frames can have arrived there is nothing to go by. */
static bool is_current(const Device *d, const KneedStatus *status)
{
        uint16_t behind = (uint16_t) (d->sequence - status->sequence);

        return status->state != KNEED_STATE_ARMED || d->sent <= behind_max(d) ||
               behind <= behind_max(d);
}

static void kneed_input(Device *d, const uint8_t *report, size_t size)
{
        DeviceStatus neutral = { 0 };
        KneedStatus status;

        /* What cannot be read counts as not said: a massager that says nothing else goes stale. */
        if (!d->ready || kneed_status_decode(report, size, &status) < 0 ||
                        status.first + status.count > d->identity.n_actuators ||
                        !is_current(d, &status))
                return;

        neutral.state = status.state == KNEED_STATE_ARMED  ? DEVICE_ARMED
                        : status.state == KNEED_STATE_IDLE ? DEVICE_IDLE
                                                           : DEVICE_LATCHED;
        neutral.trouble = gravest(status.faults);
        neutral.contact = (d->identity.capabilities & KNEED_CAP_CONTACT) && status.contact;
        neutral.moving = note_moving(d, &status);
        for (unsigned i = 0; i < d->identity.n_heaters; i++) {
                neutral.heaters[i].present = status.temperature_valid & 1u << i;
                neutral.heaters[i].temperature_cc = status.temperature_cc[i];
        }

        d->listener->status(d->userdata, &neutral);
}

static Device *kneed_free(Device *d)
{
        free(d);
        return NULL;
}

/* SR-BEGIN */
static int kneed_open(Transport *t, const DeviceListener *listener, void *userdata, Device **ret)
{
        Device *d;
        int r;

        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;

        d->transport = t;
        d->listener = listener;
        d->userdata = userdata;

        r = kneed_stop(d);
        if (r >= 0)
                r = transport_get_report(t, KNEED_TYPE_FEATURE, KNEED_REPORT_IDENTITY,
                                KNEED_IDENTITY_SIZE, on_identity, d);
        if (r < 0) {
                kneed_free(d);
                return r;
        }

        *ret = d;
        return 0;
}

const Driver driver_kneed = {
        .name = "kneed",
        .probe = kneed_probe,
        .open = kneed_open,
        .arm = kneed_arm,
        .output = kneed_output,
        .stop = kneed_stop,
        .clear = kneed_clear,
        .input = kneed_input,
        .free = kneed_free,
};
