/* SPDX-License-Identifier: MIT */
#include "daemon/transport-virtual.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/macro.h"
#include "daemon/clock.h"
#include "simulator/record.h"

#define REQUESTS_MAX 8u
#define PLAY_OUT_MS  2000u /* longer than any cut-off of the profile */

/* A control request whose answer is ready, or that waits for its time-out. */
typedef struct Request {
        int r;
        uint64_t due_ms;
        TransportDone done;
        void *userdata;
        uint8_t data[KNEED_REPORT_SIZE_MAX];
} Request;

typedef struct VirtualTransport {
        Transport transport;
        TransportInfo info;
        SimModel model;
        SimRecord *record;
        sd_event_source *timer;
        bool unplugged;
        bool told_gone;
        unsigned n_requests;
        Request requests[REQUESTS_MAX]; /* oldest first */
} VirtualTransport;

/* Wakes up for the model, for an answer, or not at all: a massager at rest costs nothing. */
static void set_timer(VirtualTransport *v)
{
        uint64_t next_ms = v->unplugged ? SIM_NEVER : sim_model_next_ms(&v->model);

        if (v->unplugged && !v->told_gone)
                next_ms = 0;
        for (unsigned i = 0; i < v->n_requests; i++)
                next_ms = MIN(next_ms, v->requests[i].due_ms);

        if (next_ms == SIM_NEVER) {
                (void) sd_event_source_set_enabled(v->timer, SD_EVENT_OFF);
                return;
        }
        (void) sd_event_source_set_time(v->timer, next_ms * USEC_PER_MS);
        (void) sd_event_source_set_enabled(v->timer, SD_EVENT_ONESHOT);
}

static void after_change(VirtualTransport *v)
{
        if (v->record)
                (void) sim_record_update(v->record, &v->model);
        set_timer(v);
}

static void answer_requests(VirtualTransport *v, uint64_t now_ms)
{
        while (v->n_requests > 0 && v->requests[0].due_ms <= now_ms) {
                Request first = v->requests[0];

                v->n_requests--;
                memmove(v->requests, v->requests + 1, v->n_requests * sizeof(Request));
                if (first.done)
                        first.done(first.userdata, v->unplugged ? -ENODEV : first.r, first.data);
        }
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        VirtualTransport *v = userdata;
        const TransportListener *listener = v->transport.listener;
        uint64_t now_ms = clock_now_ms();
        int n;

        if (v->unplugged) {
                for (unsigned i = 0; i < v->n_requests; i++)
                        v->requests[i].due_ms = now_ms;
                answer_requests(v, now_ms);
                v->told_gone = true;
                listener->gone(v->transport.listener_userdata, TRANSPORT_UNPLUGGED);
                return 0;
        }

        sim_model_advance(&v->model, now_ms);
        answer_requests(v, now_ms);
        while ((n = sim_model_interrupt_in(&v->model, now_ms, report)) > 0)
                listener->input(v->transport.listener_userdata, report, (size_t) n);
        after_change(v);
        return 0;
}

/* Returns what the model answers: -EAGAIN for never. */
static int ask_model(VirtualTransport *v, uint64_t now_ms, const TransportSetup *setup,
                const uint8_t *data, uint8_t *ret)
{
        KneedReportType type = (KneedReportType) (setup->value >> 8);
        uint8_t id = (uint8_t) setup->value;

        if (setup->request_type == TRANSPORT_HID_GET && setup->request == TRANSPORT_HID_GET_REPORT)
                return sim_model_get_report(&v->model, now_ms, type, id, ret);
        if (setup->request_type == TRANSPORT_HID_SET && setup->request == TRANSPORT_HID_SET_REPORT)
                return sim_model_set_report(&v->model, now_ms, type, data, setup->length);

        return -EPIPE;
}

static int virtual_control(Transport *t, const TransportSetup *setup, const uint8_t *data,
                TransportDone done, void *userdata)
{
        VirtualTransport *v = (VirtualTransport *) t;
        uint64_t now_ms = clock_now_ms();
        Request *request;

        if (v->unplugged)
                return -ENODEV;
        if (v->n_requests == REQUESTS_MAX)
                return -ENOBUFS;

        request = &v->requests[v->n_requests++];
        *request = (Request){ .due_ms = now_ms, .done = done, .userdata = userdata };
        request->r = ask_model(v, now_ms, setup, data, request->data);
        if (request->r == -EAGAIN) {
                request->r = -ETIMEDOUT;
                request->due_ms = now_ms + TRANSPORT_TIMEOUT_MS;
        }
        if (request->r > 0)
                request->r = MIN(request->r, (int) setup->length);

        after_change(v);
        return 0;
}

static int virtual_send(Transport *t, const uint8_t *report, size_t size)
{
        VirtualTransport *v = (VirtualTransport *) t;

        if (v->unplugged)
                return -ENODEV;

        /* What a hung massager does not take is lost, as after a time-out on USB. */
        (void) sim_model_interrupt_out(&v->model, clock_now_ms(), report, size);
        after_change(v);
        return 0;
}

/* A massager outlives its host: its motors run down, or its own cut-off fires. The record shows it
 * as it would happen. */
static void play_out(VirtualTransport *v)
{
        uint8_t report[KNEED_REPORT_SIZE_MAX];
        uint64_t end_ms = v->model.now_ms + PLAY_OUT_MS, next_ms;

        while ((next_ms = sim_model_next_ms(&v->model)) <= end_ms) {
                sim_model_advance(&v->model, next_ms);
                while (sim_model_interrupt_in(&v->model, next_ms, report) > 0)
                        ;
                (void) sim_record_update(v->record, &v->model);
        }
}

static int virtual_reset(Transport *t)
{
        VirtualTransport *v = (VirtualTransport *) t;

        sim_model_usb_reset(&v->model, clock_now_ms());
        after_change(v);
        return 0;
}

static Transport *virtual_free(Transport *t)
{
        VirtualTransport *v = (VirtualTransport *) t;

        sd_event_source_disable_unref(v->timer);
        if (v->record)
                play_out(v);
        sim_record_close(v->record);
        free(v);
        return NULL;
}

static const TransportVTable virtual_vtable = {
        .name = "virtual",
        .control = virtual_control,
        .send = virtual_send,
        .reset = virtual_reset,
        .free = virtual_free,
};

SimModel *transport_virtual_model(Transport *t)
{
        return &((VirtualTransport *) t)->model;
}

void transport_virtual_touched(Transport *t)
{
        after_change((VirtualTransport *) t);
}

void transport_virtual_unplug(Transport *t)
{
        VirtualTransport *v = (VirtualTransport *) t;

        v->unplugged = true;
        set_timer(v);
}

static void describe(TransportInfo *info, const SimDesign *design)
{
        transport_make_id(design->serial, info->id);
        (void) snprintf(info->name, sizeof(info->name), "%s", design->name);
        info->port_budget_ma = TRANSPORT_PORT_BUDGET_MA;
        info->report_descriptor_size = kneed_report_descriptor_size;
        memcpy(info->report_descriptor, kneed_report_descriptor, kneed_report_descriptor_size);
}

int transport_virtual_new(
                sd_event *event, const SimDesign *design, const char *record_path, Transport **ret)
{
        VirtualTransport *v;
        int r;

        v = calloc(1, sizeof(*v));
        if (!v)
                return -ENOMEM;

        v->transport.vtable = &virtual_vtable;
        v->transport.info = &v->info;
        describe(&v->info, design);
        sim_model_init(&v->model, design, clock_now_ms());

        r = record_path ? sim_record_open(record_path, &v->record) : 0;
        if (r >= 0)
                r = sd_event_add_time(event, &v->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_timer, v);
        if (r >= 0)
                r = sd_event_source_set_priority(v->timer, TRANSPORT_PRIORITY);
        if (r < 0) {
                virtual_free(&v->transport);
                return r;
        }

        set_timer(v);
        *ret = &v->transport;
        return 0;
}
