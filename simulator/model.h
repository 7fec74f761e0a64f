/* SPDX-License-Identifier: MIT */
#pragma once

/* The firmware of a massager that follows docs/protocol.md, as a model: pure and in virtual time.
 * It reads no clock, does no I/O and allocates nothing; every call takes the time.
 *
 * Time is in milliseconds on any clock that never goes back; a call with an earlier time than the
 * last one counts as made at the last one. Motors spin up by at most 1000 per mille in
 * SIM_SPIN_UP_MS and down in SIM_SPIN_DOWN_MS, so a stop is felt, and seen in the record, as the
 * short decay that a real motor has. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/profile.h"

#define SIM_NEVER             UINT64_MAX
#define SIM_SPIN_UP_MS        60u  /* small ERM motors reach speed in 40 to 80 ms: a judgement */
#define SIM_SPIN_DOWN_MS      100u /* unbraked they coast longer than they start: a judgement */
#define SIM_MOTOR_UNITS       300u /* of a per mille: makes both slews whole numbers a millisecond */
#define SIM_MOTOR_EXCESS      200u  /* per mille over a target, or any level where that is 0: */
#define SIM_MOTOR_EXCESS_MS   500u  /* after so long a motor fault */
#define SIM_SKIN_CC           3200  /* skin of the knee at rest, about 32 °C */
#define SIM_HEATER_HOT_CC     4300  /* the firmware's own limit; see docs/protocol.md */
#define SIM_HEATER_FULL_CC    6000  /* where a pad that never switches off ends: a judgement */
#define SIM_HEATER_UNITS      1000u /* of a hundredth of a degree */
#define SIM_HEATER_UP_UNITS   5u    /* a millisecond: 3 minutes from skin to warm, a judgement */
#define SIM_HEATER_DOWN_UNITS 2u    /* a millisecond: a pad on skin cools slower: a judgement */
#define SIM_LOW_SUPPLY_MV     4200u /* too little to go on: a judgement */

/* What a massager is made of. Static data; the model keeps a pointer to it. */
typedef struct SimDesign {
        const char *name; /* product string */
        const char *serial;
        KneedIdentity identity;
        KneedRecord records[KNEED_ACTUATORS_MAX + KNEED_HEATERS_MAX]; /* actuators, then heaters */
} SimDesign;

/* 12 actuators (thigh: inner, front and outer columns in two rows; knee: above, below and four
 * around the kneecap) and 2 heaters (inner and outer side of the knee). */
extern const SimDesign sim_reference_design;

/* Things that go wrong, or that a person does. Each is off (0) in a healthy massager. A fault acts
 * from the moment it is injected until it is taken back. */
typedef enum SimFault {
        /* The firmware hangs: it answers nothing, reads nothing and decides nothing. Motors keep
         * their targets and heaters their set-points, and its own cut-offs do not work either. */
        SIM_FAULT_HANG = 1 << 0,
        SIM_FAULT_STALL = 1 << 1, /* control requests end in a STALL */
        SIM_FAULT_MUTE = 1 << 2,  /* sends no status */
        /* Neither a stop nor a frame of zeros changes what the motors do. Both are taken and
         * answered as ever, and such a frame feeds: of all that a host can do, only falling silent
         * ends it. */
        SIM_FAULT_IGNORES_STOP = 1 << 3,
        SIM_FAULT_STUCK_MOTOR = 1 << 4,  /* motors that turn never slow down, whatever the state */
        SIM_FAULT_STUCK_SENSOR = 1 << 5, /* temperatures stay at what they read last */
        SIM_FAULT_LYING_SENSOR = 1 << 6, /* they read SIM_SKIN_CC, with noise, whatever is true */
        SIM_FAULT_LOST_SENSOR = 1 << 7,  /* no temperature is marked valid */
        SIM_FAULT_LYING_STATUS = 1 << 8, /* motors measure zero, to the firmware too */
        SIM_FAULT_LOW_SUPPLY = 1 << 9,   /* the supply reads SIM_LOW_SUPPLY_MV */
        SIM_FAULT_ALL = (1 << 10) - 1,
} SimFault;

/* A model's state is a plain value: copy it, compare it, keep many. Fields are the model's own;
 * look at them through the functions. */
typedef struct SimModel {
        const SimDesign *design;
        uint32_t faults_injected; /* SimFault bits */
        uint64_t now_ms;
        KneedState state;
        uint16_t faults; /* KneedFault bits, as reported */
        bool contact;
        bool button;
        uint16_t pressure_hpa;
        uint8_t battery_percent;
        uint16_t supply_mv;

        bool has_sequence;         /* a report of a frame was taken since arm */
        uint16_t taken_sequence;   /* of that report; later ones must be newer */
        uint16_t applied_sequence; /* of the last complete frame, as reported */
        uint32_t frames_applied;   /* complete frames since init, so that a record sees each */
        uint16_t staged_permille[KNEED_ACTUATORS_MAX]; /* of a frame not yet complete */
        uint16_t target_permille[KNEED_ACTUATORS_MAX];
        uint32_t motor_units[KNEED_ACTUATORS_MAX];     /* what motors do */
        uint16_t motor_excess_ms[KNEED_ACTUATORS_MAX]; /* how long too much over the target */
        uint64_t fed_at_ms;                            /* last complete frame, or arm */
        uint64_t armed_at_ms;

        uint16_t setpoint_cc[KNEED_HEATERS_MAX];
        uint32_t heater_units[KNEED_HEATERS_MAX];
        int16_t stuck_cc[KNEED_HEATERS_MAX];

        uint8_t selected_record;
        bool status_due;       /* something changed */
        uint8_t status_first;  /* not 0: the rest of a status is still to be taken */
        uint64_t status_at_ms; /* when the last one was begun */
} SimModel;

void sim_model_init(SimModel *m, const SimDesign *design, uint64_t now_ms);

/* Brings the model to now_ms. Everything below does this first. */
void sim_model_advance(SimModel *m, uint64_t now_ms);

/* GET_REPORT on the control pipe. Returns the report's size (the id first in buffer), -EPIPE for a
 * STALL, -EAGAIN for no answer at all (hang). buffer holds KNEED_REPORT_SIZE_MAX bytes. */
int sim_model_get_report(SimModel *m, uint64_t now_ms, KneedReportType type, uint8_t id,
                uint8_t buffer[static KNEED_REPORT_SIZE_MAX]);

/* SET_REPORT on the control pipe: 0, -EPIPE or -EAGAIN as above. */
int sim_model_set_report(SimModel *m, uint64_t now_ms, KneedReportType type, const uint8_t *data,
                size_t size);

/* A report on the interrupt OUT pipe: 0, or -EAGAIN (NAK: not taken, hang). A bad report is taken
 * and noted in the status, as the profile says. */
int sim_model_interrupt_out(SimModel *m, uint64_t now_ms, const uint8_t *data, size_t size);

/* A report for the interrupt IN pipe: its size, or 0 when there is nothing to say now. Call it
 * until it returns 0. */
int sim_model_interrupt_in(
                SimModel *m, uint64_t now_ms, uint8_t buffer[static KNEED_REPORT_SIZE_MAX]);

/* When the model next wants to be advanced or asked for input: SIM_NEVER for a massager at rest,
 * so that an idle host sleeps. Never earlier than the model's now_ms. Asked at exactly that time,
 * it has something to say or has done something by itself: a cut-off, a latch, motors come to rest.
 */
uint64_t sim_model_next_ms(const SimModel *m);

/* The same for a massager that nobody listens to: what it has to say does not count. */
uint64_t sim_model_acts_ms(const SimModel *m);

/* USB reset, SET_CONFIGURATION, suspend or disconnect: as a stop, and the selection begins anew. */
void sim_model_usb_reset(SimModel *m, uint64_t now_ms);

/* Power off and on again: the firmware has forgotten everything, motors and heaters are where they
 * were, and whatever is wrong stays wrong. */
void sim_model_power_cycle(SimModel *m, uint64_t now_ms);

/* What a person or a test does to the massager. */
void sim_model_press_button(SimModel *m, uint64_t now_ms, bool pressed);
void sim_model_set_contact(SimModel *m, uint64_t now_ms, bool contact);
void sim_model_inject(
                SimModel *m, uint64_t now_ms, uint32_t faults); /* SimFault bits, all of them */

/* The truth, for records and tests: what motor index does now (0..1000, 0 only when it is still),
 * what heater index is at. */
unsigned sim_model_motor_permille(const SimModel *m, unsigned index);
int sim_model_heater_cc(const SimModel *m, unsigned index);
