/* SPDX-License-Identifier: MIT */
#include "tests/unit/rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/cmocka-all.h"

static int rig_control(Transport *t, const TransportSetup *setup, const uint8_t *data,
                TransportDone done, void *userdata)
{
        Rig *rig = (Rig *) t;
        RigRequest *request = &rig->requests[rig->n_requests++];
        KneedReportType type = (KneedReportType) (setup->value >> 8);

        assert_true(rig->n_requests <= RIG_QUEUE);
        *request = (RigRequest){ .done = done, .userdata = userdata };
        request->r = setup->request_type == TRANSPORT_HID_GET
                                     ? sim_model_get_report(&rig->model, rig->now_ms, type,
                                                       (uint8_t) setup->value, request->data)
                                     : sim_model_set_report(&rig->model, rig->now_ms, type, data,
                                                       setup->length);
        return 0;
}

static int rig_send(Transport *t, const uint8_t *report, size_t size)
{
        Rig *rig = (Rig *) t;

        return sim_model_interrupt_out(&rig->model, rig->now_ms, report, size);
}

static const TransportVTable rig_vtable = {
        .name = "rig",
        .control = rig_control,
        .send = rig_send,
};

static void on_ready(void *userdata, const DeviceFacts *facts)
{
        Rig *rig = userdata;

        rig->facts = *facts;
        rig->ready = true;
}

static void on_refused(void *userdata, const char *sentence)
{
        Rig *rig = userdata;

        rig->refused = sentence;
}

static void on_status(void *userdata, const DeviceStatus *status)
{
        Rig *rig = userdata;

        rig->status = *status;
        rig->readings.status_at_ms = rig->now_ms;
        memcpy(rig->readings.heaters, status->heaters, sizeof(rig->readings.heaters));
}

static const DeviceListener listener = {
        .ready = on_ready,
        .refused = on_refused,
        .status = on_status,
};

static void pump(Rig *rig)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        int n;

        while (rig->n_requests > 0) {
                RigRequest first = rig->requests[0];

                rig->n_requests--;
                memmove(rig->requests, rig->requests + 1, rig->n_requests * sizeof(first));
                if (first.done)
                        first.done(first.userdata, first.r, first.data);
        }

        while ((n = sim_model_interrupt_in(&rig->model, rig->now_ms, report)) > 0)
                driver_kneed.input(rig->device, report, (size_t) n);
}

static KneedRecord record_of(
                unsigned index, const Place *place, KneedKind kind, unsigned current_ma)
{
        return (KneedRecord){
                .index = (uint8_t) index,
                .kind = (uint8_t) kind,
                .has_position = place->known,
                .angle_deg = place->angle_deg,
                .height_mm = place->height_mm,
                .frequency_min_hz = kind == KNEED_KIND_HEATER ? 0 : 30,
                .frequency_max_hz = kind == KNEED_KIND_HEATER ? 0 : 200,
                .current_ma = (uint16_t) current_ma,
        };
}

void rig_open(Rig *rig, const Layout *layout)
{
        memset(rig, 0, sizeof(*rig));
        rig->now_ms = 1000;
        rig->transport.vtable = &rig_vtable;
        rig->transport.info = &rig->info;
        rig->info.port_budget_ma = UINT16_MAX;

        rig->design = (SimDesign){ .name = "rig", .serial = "RIG" };
        rig->design.identity = (KneedIdentity){
                .profile_major = KNEED_PROFILE_MAJOR,
                .n_actuators = (uint8_t) layout->n_actuators,
                .n_heaters = (uint8_t) layout->n_heaters,
                .host_silence_ms = 300,
                .session_cut_off_s = 1800,
                .budget_ma = layout->budget_ma,
        };
        for (unsigned i = 0; i < layout->n_actuators; i++)
                rig->design.records[i] = record_of(i, &layout->actuators[i].place, KNEED_KIND_LRA,
                                layout->actuators[i].current_ma);
        for (unsigned i = 0; i < layout->n_heaters; i++)
                rig->design.records[layout->n_actuators + i] = record_of(layout->n_actuators + i,
                                &layout->heaters[i].place, KNEED_KIND_HEATER,
                                layout->heaters[i].current_ma);

        sim_model_init(&rig->model, &rig->design, rig->now_ms);
        assert_int_equal(driver_kneed.open(&rig->transport, &listener, rig, &rig->device), 0);
        pump(rig);
        assert_null(rig->refused);
        assert_true(rig->ready);
        rig->governor = governor_new(&rig->facts.layout, &limits_hard);
        assert_non_null(rig->governor);
}

void rig_close(Rig *rig)
{
        driver_kneed.free(rig->device);
        governor_free(rig->governor);
}

void rig_pass(Rig *rig, uint64_t ms)
{
        uint64_t until_ms = rig->now_ms + ms;

        while (rig->now_ms < until_ms) {
                uint64_t next_ms = sim_model_next_ms(&rig->model);

                rig->now_ms = next_ms < until_ms ? next_ms : until_ms;
                sim_model_advance(&rig->model, rig->now_ms);
                pump(rig);
                if (next_ms <= rig->now_ms && sim_model_next_ms(&rig->model) <= next_ms)
                        rig->now_ms++;
        }
}

void rig_start(Rig *rig, const Routine *routine, unsigned intensity_percent,
                const SessionPermit *permit)
{
        session_init(&rig->session, routine, intensity_percent, &rig->facts.layout, rig->governor,
                        &limits_hard, permit);
        assert_int_equal(driver_kneed.arm(rig->device), 0);
        pump(rig);
        assert_int_equal(rig->status.state, DEVICE_ARMED);
        assert_int_equal(session_armed(&rig->session, rig->now_ms), 0);
}

bool rig_tick(Rig *rig)
{
        rig_pass(rig, SESSION_FRAME_MS);
        rig->frame = session_tick(&rig->session, rig->now_ms, &rig->readings);
        assert_non_null(rig->frame);

        if (session_state(&rig->session) == SESSION_ENDED)
                assert_int_equal(driver_kneed.stop(rig->device), 0);
        else
                assert_int_equal(driver_kneed.output(rig->device, rig->frame), 0);
        pump(rig);

        return session_state(&rig->session) != SESSION_ENDED;
}
