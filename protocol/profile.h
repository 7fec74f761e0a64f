/* SPDX-License-Identifier: MIT */
#pragma once

/* The kneed HID profile, version 1: what the bytes on the wire mean.
 *
 * Pure: no I/O, no clock, no allocation. Both ends use it: the daemon encodes what the simulator
 * decodes and the other way round. docs/protocol.md is the specification; this header repeats
 * ranges and units, and the reasons stand there. All integers on the wire are little-endian.
 *
 * Decoders never trust a byte: they return 0 and write *ret only for a report of exactly the right
 * size whose every field is in range. Otherwise *ret is left alone and they return
 *   -EMSGSIZE  the report is shorter or longer than the profile says
 *   -ENOMSG    the report has another report id
 *   -ERANGE    a field is outside its range
 *   -EBADMSG   a check byte is wrong, or a reserved bit or unused field is not 0
 *
 * Encoders write exactly KNEED_*_SIZE bytes, the report id first; they return that size, or
 * -ERANGE for a value that the profile cannot carry (then nothing is written).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KNEED_PROFILE_MAJOR 1
#define KNEED_PROFILE_MINOR 0

/* How a massager is recognised: one top-level application collection with this usage. */
#define KNEED_USAGE_PAGE     0xff4bu
#define KNEED_USAGE_MASSAGER 0x0001u
/* The string of its interface: tells a candidate from a keyboard before anything is asked. */
#define KNEED_MARKER "kneed massager"

#define KNEED_ACTUATORS_MAX     64u /* four frames of 16 */
#define KNEED_HEATERS_MAX       4u
#define KNEED_LEVELS_PER_REPORT 16u
#define KNEED_LEVEL_MAX         1000u /* per mille of full drive */
#define KNEED_REPORT_SIZE_MAX   64u   /* a full-speed interrupt packet */

#define KNEED_HOST_SILENCE_MIN_MS   100u
#define KNEED_HOST_SILENCE_MAX_MS   1000u
#define KNEED_SESSION_CUT_OFF_MIN_S 60u
#define KNEED_SESSION_CUT_OFF_MAX_S 1800u
#define KNEED_BUDGET_MAX_MA         5000u
#define KNEED_CURRENT_MAX_MA        3000u
#define KNEED_FREQUENCY_MIN_HZ      1u
#define KNEED_FREQUENCY_MAX_HZ      1000u
#define KNEED_ACCELERATION_MAX_CMS2 50000u /* cm/s², peak at full level */
#define KNEED_ANGLE_MIN_DEG         (-179)
#define KNEED_ANGLE_MAX_DEG         180
#define KNEED_HEIGHT_MIN_MM         (-500)
#define KNEED_HEIGHT_MAX_MM         600
#define KNEED_SETPOINT_MIN_CC       2500u /* hundredths of a degree Celsius; 0 is off */
#define KNEED_SETPOINT_MAX_CC       4100u
#define KNEED_PRESSURE_MAX_HPA      1000u
#define KNEED_TEMPERATURE_MIN_CC    (-4000)
#define KNEED_TEMPERATURE_MAX_CC    15000
#define KNEED_STATUS_PERIOD_MS      50u /* 20 Hz while armed or moving */

typedef enum KneedReport {
        KNEED_REPORT_IDENTITY = 1, /* feature */
        KNEED_REPORT_RECORD = 2,   /* feature */
        KNEED_REPORT_FRAME = 3,    /* output */
        KNEED_REPORT_HEAT = 4,     /* output */
        KNEED_REPORT_COMMAND = 5,  /* output, on the interrupt pipe and by SET_REPORT */
        KNEED_REPORT_STATUS = 6,   /* input */
} KneedReport;

/* Sizes of whole reports, the report id included. */
#define KNEED_IDENTITY_SIZE 16u
#define KNEED_RECORD_SIZE   20u
#define KNEED_SELECT_SIZE   KNEED_RECORD_SIZE /* SET_REPORT of the same feature */
#define KNEED_FRAME_SIZE    40u
#define KNEED_HEAT_SIZE     10u
#define KNEED_COMMAND_SIZE  4u
#define KNEED_STATUS_SIZE   60u

/* HID report types, as SET_REPORT and GET_REPORT number them. */
typedef enum KneedReportType {
        KNEED_TYPE_INPUT = 1,
        KNEED_TYPE_OUTPUT = 2,
        KNEED_TYPE_FEATURE = 3,
} KneedReportType;

/* The report descriptor of the profile, as a massager that has nothing else serves it. */
extern const uint8_t kneed_report_descriptor[];
extern const size_t kneed_report_descriptor_size;

typedef enum KneedCapability {
        KNEED_CAP_CONTACT = 1 << 0,  /* status.contact means something */
        KNEED_CAP_PRESSURE = 1 << 1, /* status.pressure_hpa means something */
        KNEED_CAP_BATTERY = 1 << 2,  /* status.battery_percent means something */
        KNEED_CAP_ALL = (1 << 3) - 1,
} KneedCapability;

typedef struct KneedIdentity {
        uint8_t profile_major; /* a host refuses another major */
        uint8_t profile_minor;
        uint8_t firmware_major;
        uint8_t firmware_minor;
        uint8_t n_actuators;        /* 1..KNEED_ACTUATORS_MAX */
        uint8_t n_heaters;          /* 0..KNEED_HEATERS_MAX */
        uint8_t capabilities;       /* KneedCapability bits; others are refused */
        uint16_t host_silence_ms;   /* outputs go off after so long without a complete frame */
        uint16_t session_cut_off_s; /* outputs go off after so long armed, whatever the host says */
        uint16_t budget_ma;         /* what the massager may draw now, 1..KNEED_BUDGET_MAX_MA */
} KneedIdentity;

int kneed_identity_encode(const KneedIdentity *identity, uint8_t ret[static KNEED_IDENTITY_SIZE]);
int kneed_identity_decode(const uint8_t *report, size_t size, KneedIdentity *ret);

typedef enum KneedKind {
        KNEED_KIND_ERM = 1, /* eccentric rotating mass: frequency follows level */
        KNEED_KIND_LRA = 2, /* linear resonant actuator */
        KNEED_KIND_VCM = 3, /* voice coil */
        KNEED_KIND_HEATER = 4,
} KneedKind;

/* Records 0..n_actuators-1 are the actuators, the n_heaters after them the heaters. */
typedef struct KneedRecord {
        uint8_t index;
        uint8_t kind; /* KneedKind */
        bool has_position;
        int16_t angle_deg;         /* around the leg; 0 where has_position is false */
        int16_t height_mm;         /* along the leg; 0 where has_position is false */
        uint16_t frequency_min_hz; /* 0 for a heater, else 1..1000 and at most the next */
        uint16_t frequency_max_hz;
        uint16_t acceleration_cms2; /* at full level; 0 for a heater or where not known */
        uint16_t current_ma;        /* at full level, 1..KNEED_CURRENT_MAX_MA */
} KneedRecord;

int kneed_record_encode(const KneedRecord *record, uint8_t ret[static KNEED_RECORD_SIZE]);
int kneed_record_decode(const uint8_t *report, size_t size, KneedRecord *ret);

/* SET_REPORT of the record feature: which record the next GET_REPORT returns. */
int kneed_select_encode(unsigned index, uint8_t ret[static KNEED_SELECT_SIZE]);
int kneed_select_decode(const uint8_t *report, size_t size, uint8_t *ret_index);

typedef struct KneedFrame {
        uint16_t sequence;
        uint8_t first;         /* index of the first actuator in this report */
        uint8_t count;         /* 1..16 levels; first + count at most KNEED_ACTUATORS_MAX */
        bool complete;         /* the last report of this frame: apply all now */
        uint16_t frequency_hz; /* 0 leaves it to the massager, else 1..1000 */
        uint16_t level_permille[KNEED_LEVELS_PER_REPORT];
} KneedFrame;

int kneed_frame_encode(const KneedFrame *frame, uint8_t ret[static KNEED_FRAME_SIZE]);
int kneed_frame_decode(const uint8_t *report, size_t size, KneedFrame *ret);

/* Whether sequence number a is newer than b, modulo 2^16 (a half turn apart is not newer). */
bool kneed_sequence_newer(uint16_t a, uint16_t b);

typedef struct KneedHeat {
        uint16_t setpoint_cc[KNEED_HEATERS_MAX]; /* 0 is off, else KNEED_SETPOINT_MIN..MAX_CC */
} KneedHeat;

int kneed_heat_encode(const KneedHeat *heat, uint8_t ret[static KNEED_HEAT_SIZE]);
int kneed_heat_decode(const uint8_t *report, size_t size, KneedHeat *ret);

typedef enum KneedCommand {
        KNEED_COMMAND_STOP = 0, /* so that a report full of zeros stops */
        KNEED_COMMAND_ARM = 1,
        KNEED_COMMAND_CLEAR = 2,
} KneedCommand;

/* A stop is recognised by its first two bytes alone, whatever follows and however long the report
 * is: a damaged stop stops. Arm and clear need the exact size and the check byte. */
int kneed_command_encode(KneedCommand command, uint8_t ret[static KNEED_COMMAND_SIZE]);
int kneed_command_decode(const uint8_t *report, size_t size, KneedCommand *ret);

typedef enum KneedState {
        KNEED_STATE_IDLE = 0,    /* outputs off; arm is accepted */
        KNEED_STATE_ARMED = 1,   /* outputs follow frames */
        KNEED_STATE_LATCHED = 2, /* outputs off; only clear is accepted */
        _KNEED_STATE_MAX,
} KneedState;

typedef enum KneedFault {
        KNEED_FAULT_HOST_SILENT = 1 << 0,     /* no complete frame in time; cleared by arm */
        KNEED_FAULT_SESSION_CUT_OFF = 1 << 1, /* armed too long; cleared by arm */
        KNEED_FAULT_BUTTON = 1 << 2,          /* stop button; latches */
        KNEED_FAULT_HOT = 1 << 3,             /* a heater over its limit; latches */
        KNEED_FAULT_SENSOR = 1 << 4,          /* a temperature sensor failed; its heater is off */
        KNEED_FAULT_MOTOR = 1 << 5,           /* a motor does not do as told; latches */
        KNEED_FAULT_SUPPLY = 1 << 6,          /* supply or battery too low; latches */
        KNEED_FAULT_BAD_REPORT = 1 << 7,      /* the host sent nonsense; cleared by arm */
        KNEED_FAULT_ALL = (1 << 8) - 1,
} KneedFault;

typedef struct KneedStatus {
        uint16_t sequence;        /* of the last complete frame that was applied since arm */
        uint8_t state;            /* KneedState */
        uint16_t faults;          /* KneedFault bits */
        bool contact;             /* on skin; false where the capability is absent */
        bool button;              /* the stop button is held down now */
        uint16_t silence_left_ms; /* until the host-silence cut-off; 0 when not armed */
        uint16_t session_left_s;  /* until the session cut-off; 0 when not armed */
        uint16_t pressure_hpa;    /* of the strap, 0..KNEED_PRESSURE_MAX_HPA; 0 where absent */
        uint8_t battery_percent;  /* 0..100; 0 where absent */
        uint16_t supply_mv;
        uint8_t temperature_valid; /* bit per heater: its reading is there */
        int16_t temperature_cc[KNEED_HEATERS_MAX];
        uint8_t first; /* index of the first measured level in this report; a multiple of 16 */
        uint8_t count; /* 1..16 */
        uint16_t measured_permille[KNEED_LEVELS_PER_REPORT]; /* what the motors really do */
} KneedStatus;

int kneed_status_encode(const KneedStatus *status, uint8_t ret[static KNEED_STATUS_SIZE]);
int kneed_status_decode(const uint8_t *report, size_t size, KneedStatus *ret);
