/* SPDX-License-Identifier: MIT */
#include "simulator/trance-vibrator.h"

#include <errno.h>
#include <linux/usb/ch9.h>
#include <string.h>

#include "common/macro.h"
#include "simulator/model-private.h"
#include "simulator/usb-device-private.h"

#define VENDOR_ID  0x0b49u
#define PRODUCT_ID 0x064fu
#define RELEASE    0x0100u
#define CURRENT_MA 500u /* all that a port gives: a judgement, the real one was not measured */

#define SET_SPEED_TYPE (USB_DIR_OUT | USB_TYPE_VENDOR | USB_RECIP_OTHER)
#define SET_SPEED      0x01u

/* The rest of what a design says is the profile's, of which this device knows nothing. */
static const SimDesign design = {
        .name = "Trance Vibrator",
        .identity = { .n_actuators = 1 },
};

static void trance_advance(UsbFunction *f, uint64_t now_ms)
{
        SimModel *m = &f->model;

        if (now_ms <= m->now_ms)
                return;
        sim_physics_move(m, now_ms - m->now_ms);
        m->now_ms = now_ms;
}

static void turn(SimModel *m, unsigned speed)
{
        m->target_permille[0] = (uint16_t) (speed * KNEED_LEVEL_MAX / TRANCE_SPEED_MAX);
        m->state = speed > 0 ? KNEED_STATE_ARMED : KNEED_STATE_IDLE;
}

static int trance_control(UsbFunction *f, uint64_t now_ms, const UsbSetup *setup,
                const uint8_t *data, size_t size, uint8_t ret[static USB_IN_SIZE_MAX])
{
        SimModel *m = &f->model;

        trance_advance(f, now_ms);
        if (usb_function_has(f, SIM_FAULT_STALL))
                return -EPIPE;
        if (setup->request_type != SET_SPEED_TYPE || setup->request != SET_SPEED ||
                        setup->value > TRANCE_SPEED_MAX || setup->index > 0 || setup->length > 0)
                return -EPIPE;
        if (setup->value > 0 || !usb_function_has(f, SIM_FAULT_IGNORES_STOP))
                turn(m, setup->value);
        m->frames_applied++;
        m->applied_sequence++;
        return 0;
}

/* What the real one makes of a bus reset is not known. The worst is assumed: that it goes on. */
static void trance_reset(UsbFunction *f, uint64_t now_ms)
{
        trance_advance(f, now_ms);
}

/* All its power comes from the bus. */
static void trance_disconnect(UsbFunction *f, uint64_t now_ms)
{
        trance_advance(f, now_ms);
        turn(&f->model, 0);
}

static void trance_inject(UsbFunction *f, uint64_t now_ms, uint32_t faults)
{
        trance_advance(f, now_ms);
        f->faults = faults;
        f->model.faults_injected = faults & SIM_FAULT_ALL;
}

static uint64_t trance_says_ms(const UsbFunction *f)
{
        return SIM_NEVER;
}

static uint64_t trance_acts_ms(const UsbFunction *f)
{
        const SimModel *m = &f->model;
        uint32_t goal = m->target_permille[0] * SIM_MOTOR_UNITS;
        bool stuck = m->motor_units[0] > goal && sim_has(m, SIM_FAULT_STUCK_MOTOR);

        return m->motor_units[0] == goal || stuck ? SIM_NEVER
                                                  : sim_later(m->now_ms, TRANCE_STEP_MS);
}

static const UsbFunctionVTable trance_vtable = {
        .name = "trance-vibrator",
        .faults = TRANCE_FAULTS,
        .advance = trance_advance,
        .control = trance_control,
        .reset = trance_reset,
        .disconnect = trance_disconnect,
        .power_cycle = trance_disconnect,
        .inject = trance_inject,
        .says_ms = trance_says_ms,
        .acts_ms = trance_acts_ms,
};

void trance_vibrator_init(TranceVibrator *t, const char *serial, uint64_t now_ms)
{
        memset(t, 0, sizeof(*t));
        t->function.vtable = &trance_vtable;
        t->function.description = (UsbDescription){
                .vendor_id = VENDOR_ID,
                .product_id = PRODUCT_ID,
                .release = RELEASE,
                .current_ma = CURRENT_MA,
                .manufacturer = "ASCII",
                .product = design.name,
                .serial = serial,
        };
        sim_model_init(&t->function.model, &design, now_ms);
}
