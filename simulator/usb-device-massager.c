/* SPDX-License-Identifier: MIT */
#include "simulator/usb-device-massager.h"

#include <errno.h>
#include <linux/hid.h>
#include <linux/usb/ch9.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/usb-device-private.h"

/* For tests and experiments, by pid.codes: this is a simulator, and whoever recognises a massager
 * by its ids does it wrong. */
#define VENDOR_ID  0x1209u
#define PRODUCT_ID 0x0001u

#define BUS_CURRENT_MAX_MA 500u /* of a USB 2 port */

#define FROM_INTERFACE (USB_DIR_IN | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define TO_INTERFACE   (USB_DIR_OUT | USB_TYPE_CLASS | USB_RECIP_INTERFACE)

static void massager_advance(UsbFunction *f, uint64_t now_ms)
{
        sim_model_advance(&f->model, now_ms);
}

static void note_command(UsbFunction *f, const uint8_t *data, size_t size)
{
        UsbMassager *m = (UsbMassager *) f;
        KneedCommand command;

        if (kneed_command_decode(data, size, &command) < 0)
                return;
        if (command == KNEED_COMMAND_STOP)
                m->was_stopped = true;
        else if (command == KNEED_COMMAND_ARM)
                m->was_stopped = false;
}

static void lie(const UsbFunction *f, uint8_t report[static KNEED_STATUS_SIZE])
{
        KneedStatus status;

        if (!usb_function_has(f, USB_FAULT_LIE_AFTER_STOP) ||
                        !((const UsbMassager *) f)->was_stopped ||
                        kneed_status_decode(report, KNEED_STATUS_SIZE, &status) < 0 ||
                        status.state != KNEED_STATE_ARMED)
                return;
        status.state = KNEED_STATE_IDLE;
        status.silence_left_ms = 0;
        status.session_left_s = 0;
        memset(status.measured_permille, 0, sizeof(status.measured_permille));
        (void) kneed_status_encode(&status, report);
}

static void claim_too_much(const UsbFunction *f, uint8_t report[static KNEED_IDENTITY_SIZE])
{
        KneedIdentity identity;

        if (!usb_function_has(f, USB_FAULT_WRONG_IDENTITY) ||
                        kneed_identity_decode(report, KNEED_IDENTITY_SIZE, &identity) < 0)
                return;
        identity.n_actuators = (uint8_t) MIN(identity.n_actuators + 1u, KNEED_ACTUATORS_MAX);
        (void) kneed_identity_encode(&identity, report);
}

static int get_report(UsbFunction *f, uint64_t now_ms, const UsbSetup *setup,
                uint8_t ret[static USB_IN_SIZE_MAX])
{
        KneedReportType type = (KneedReportType) (setup->value >> 8);
        int r;

        r = sim_model_get_report(&f->model, now_ms, type, (uint8_t) setup->value, ret);
        if (r > 0 && ret[0] == KNEED_REPORT_STATUS)
                lie(f, ret);
        else if (r > 0 && ret[0] == KNEED_REPORT_IDENTITY)
                claim_too_much(f, ret);
        return r;
}

static int set_report(UsbFunction *f, uint64_t now_ms, const UsbSetup *setup, const uint8_t *data,
                size_t size)
{
        KneedReportType type = (KneedReportType) (setup->value >> 8);
        int r;

        r = sim_model_set_report(&f->model, now_ms, type, data, size);
        if (r >= 0 && type == KNEED_TYPE_OUTPUT)
                note_command(f, data, size);
        return r;
}

static int massager_control(UsbFunction *f, uint64_t now_ms, const UsbSetup *setup,
                const uint8_t *data, size_t size, uint8_t ret[static USB_IN_SIZE_MAX])
{
        if (setup->index > 0)
                return -EPIPE;
        switch (USB_REQUEST(setup->request_type, setup->request)) {
        case USB_REQUEST(FROM_INTERFACE, HID_REQ_GET_REPORT):
                return get_report(f, now_ms, setup, ret);
        case USB_REQUEST(TO_INTERFACE, HID_REQ_SET_REPORT):
                return set_report(f, now_ms, setup, data, size);
        case USB_REQUEST(TO_INTERFACE, HID_REQ_SET_IDLE):
                /* Only for ever, which changes nothing: the profile says when a status is sent. */
                return setup->value >> 8 == 0 ? 0 : -EPIPE;
        case USB_REQUEST(FROM_INTERFACE, HID_REQ_GET_IDLE):
                ret[0] = 0;
                return 1;
        default:
                return -EPIPE;
        }
}

static int replay(UsbMassager *m, int size, uint8_t report[static USB_PACKET_SIZE])
{
        if (m->replay_size == 0) {
                memcpy(m->replay, report, (size_t) size);
                m->replay_size = size;
        }
        memcpy(report, m->replay, (size_t) m->replay_size);
        return m->replay_size;
}

/* The same moment always has the same noise. */
static void fill_with_noise(uint64_t now_ms, uint8_t *data, size_t size)
{
        uint64_t x = now_ms * UINT64_C(0x9e3779b97f4a7c15) + 1;

        for (size_t i = 0; i < size; i++) {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                data[i] = (uint8_t) (x >> 24);
        }
}

static int massager_in(UsbFunction *f, uint64_t now_ms, uint8_t ret[static USB_PACKET_SIZE])
{
        int r;

        r = sim_model_interrupt_in(&f->model, now_ms, ret);
        if (r <= 0)
                return r;
        lie(f, ret);
        if (usb_function_has(f, USB_FAULT_REPLAYED_STATUS))
                r = replay((UsbMassager *) f, r, ret);
        if (usb_function_has(f, USB_FAULT_GARBAGE_REPORT))
                fill_with_noise(now_ms, ret + 1, (size_t) r - 1);
        if (usb_function_has(f, USB_FAULT_SHORT_REPORT))
                r /= 2;
        if (usb_function_has(f, USB_FAULT_LONG_REPORT)) {
                memset(ret + r, 0, USB_PACKET_SIZE - (size_t) r);
                r = USB_PACKET_SIZE;
        }
        return r;
}

static int massager_out(UsbFunction *f, uint64_t now_ms, const uint8_t *data, size_t size)
{
        int r;

        r = sim_model_interrupt_out(&f->model, now_ms, data, size);
        if (r >= 0)
                note_command(f, data, size);
        return r;
}

static void massager_reset(UsbFunction *f, uint64_t now_ms)
{
        sim_model_usb_reset(&f->model, now_ms);
}

static void massager_power_cycle(UsbFunction *f, uint64_t now_ms)
{
        sim_model_power_cycle(&f->model, now_ms);
        ((UsbMassager *) f)->was_stopped = false;
}

/* One level less in the frame. */
static void describe_wrongly(UsbMassager *m)
{
        static const uint8_t sixteen[] = { 0x95, KNEED_LEVELS_PER_REPORT }; /* Report Count */
        UsbDescription *description = &m->function.description;

        memcpy(m->wrong_descriptor, description->report_descriptor,
                        description->report_descriptor_size);
        description->report_descriptor = m->wrong_descriptor;
        for (size_t i = 0; i + 1 < description->report_descriptor_size; i++)
                if (memcmp(m->wrong_descriptor + i, sixteen, sizeof(sixteen)) == 0) {
                        m->wrong_descriptor[i + 1]--;
                        return;
                }
}

static void massager_inject(UsbFunction *f, uint64_t now_ms, uint32_t faults)
{
        uint32_t of_model = faults & SIM_FAULT_ALL;

        if (faults & USB_FAULT_LIE_AFTER_STOP)
                of_model |= SIM_FAULT_IGNORES_STOP;
        f->faults = faults;
        f->description.report_descriptor = kneed_report_descriptor;
        if (faults & USB_FAULT_WRONG_DESCRIPTOR)
                describe_wrongly((UsbMassager *) f);
        if (!(faults & USB_FAULT_REPLAYED_STATUS))
                ((UsbMassager *) f)->replay_size = 0;
        sim_model_inject(&f->model, now_ms, of_model);
}

static uint64_t massager_says_ms(const UsbFunction *f)
{
        return sim_model_next_ms(&f->model);
}

static uint64_t massager_acts_ms(const UsbFunction *f)
{
        return sim_model_acts_ms(&f->model);
}

static const UsbFunctionVTable massager_vtable = {
        .name = "reference",
        .faults = UINT32_MAX,
        .has_senses = true,
        .advance = massager_advance,
        .control = massager_control,
        .in = massager_in,
        .out = massager_out,
        .reset = massager_reset,
        .disconnect = massager_reset,
        .power_cycle = massager_power_cycle,
        .inject = massager_inject,
        .says_ms = massager_says_ms,
        .acts_ms = massager_acts_ms,
};

void usb_massager_init(UsbMassager *m, const SimDesign *design, const char *serial, uint64_t now_ms)
{
        const KneedIdentity *identity = &design->identity;

        memset(m, 0, sizeof(*m));
        m->function.vtable = &massager_vtable;
        m->function.description = (UsbDescription){
                .vendor_id = VENDOR_ID,
                .product_id = PRODUCT_ID,
                .release = (uint16_t) (identity->firmware_major << 8 | identity->firmware_minor),
                .current_ma = MIN(identity->budget_ma, BUS_CURRENT_MAX_MA),
                .self_powered = identity->budget_ma > BUS_CURRENT_MAX_MA,
                .manufacturer = "kneesim",
                .product = design->name,
                .serial = serial ? serial : design->serial,
                .interface = "kneed massager",
                .report_descriptor = kneed_report_descriptor,
                .report_descriptor_size = (uint16_t) kneed_report_descriptor_size,
        };
        sim_model_init(&m->function.model, design, now_ms);
}
