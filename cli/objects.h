/* SPDX-License-Identifier: MIT */
#pragma once

/* What kneed publishes, as plain values. Every string in them is clean (see text.h). */

#include <systemd/sd-bus.h>

#include "common/macro.h"

#define KNEED_BUS_NAME "org.kneed1"
#define KNEED_ROOT     "/org/kneed1"
#define KNEED_MANAGER  "org.kneed1.Manager"
#define KNEED_MASSAGER "org.kneed1.Massager"
#define KNEED_SESSION  "org.kneed1.Session"

#define ACTUATORS_MAX   64u
#define OBJECT_PATH_MAX 256u
#define TECHNIQUES_MAX  16u

typedef struct LegPlace {
        int angle_deg; /* 0 front, +90 outer side */
        int height_mm; /* 0 the middle of the kneecap, positive towards the hip */
} LegPlace;

typedef struct Places {
        unsigned n;
        LegPlace at[ACTUATORS_MAX];
} Places;

typedef struct Manager {
        char version[32];
        uint32_t level_permille;       /* of the limits; 0: not said */
        uint32_t first_level_permille; /* 0: not said */
        char default_leg[8];
        char ledger_state[16];   /* opening, ready or broken */
        char ledger_reason[256]; /* where it is broken */
} Manager;

typedef struct Massager {
        char path[OBJECT_PATH_MAX];
        char id[96];
        char name[128];
        char driver[32];
        char state[32];
        char reason[256];
        char warning[256]; /* to be told before each start, or empty */
        uint32_t n_actuators;
        uint32_t n_heaters;
        uint32_t cut_off_ms;
        bool contact;
        Places places; /* n is 0 where it does not say */
} Massager;

typedef struct Session {
        char path[OBJECT_PATH_MAX];
        char massager[OBJECT_PATH_MAX];
        char routine[64];
        char leg[8];
        char state[32];
        char technique[64];
        uint32_t n_steps;
        uint32_t step;
        uint32_t intensity_percent;
        uint32_t tempo_percent;
        uint64_t duration_ms;
        uint64_t deadline_us; /* of CLOCK_BOOTTIME; 0 while the time stands */
        uint64_t remaining_ms;
        bool leased;
} Session;

typedef struct Names {
        unsigned n;
        char name[TECHNIQUES_MAX][48];
} Names;

typedef struct RoutineInfo {
        char name[64];
        char summary[256];
        char unsuited[512]; /* which massager cannot play it, and why; empty: none is known */
        Names techniques;
        uint32_t duration_s;
        uint32_t intensity_percent;
} RoutineInfo;

typedef struct Frame {
        uint64_t elapsed_ms;
        unsigned n_levels;
        uint32_t level_permille[ACTUATORS_MAX];
        LegPlace contact;
        uint32_t strength_permille; /* 0: lifted */
} Frame;

typedef struct Ended {
        char reason[32];
        char detail[256];
        uint64_t played_ms;
} Ended;

typedef struct Objects {
        Massager *massagers;
        size_t n_massagers;
        Session *sessions;
        size_t n_sessions;
} Objects;

typedef struct RoutineList {
        RoutineInfo *routines;
        size_t n_routines;
} RoutineList;

void objects_clear(Objects *objects);
void routine_list_clear(RoutineList *list);

/* Read from a message at an a{sv}. A property that is not known, or not of its type, is passed
 * over: a newer kneed may have more to say. */
int manager_read(sd_bus_message *m, Manager *manager);
int massager_read(sd_bus_message *m, Massager *massager);
int session_read(sd_bus_message *m, Session *session);

/* Read a whole reply or signal. */
int objects_read(sd_bus_message *m, Objects *ret);
int routine_list_read(sd_bus_message *m, RoutineList *ret);
int frame_read(sd_bus_message *m, Frame *ret);
int ended_read(sd_bus_message *m, Ended *ret);

/* NULL where there is none. */
const Massager *objects_massager_by_id(const Objects *objects, const char *id);
const Massager *objects_massager_by_path(const Objects *objects, const char *path);

/* session-time.c: what is left to play. now_us is CLOCK_BOOTTIME. A remote session's deadline is of
 * another machine's clock, so there it is counted from what was said last, at said_us: by the
 * frame, or by the session where there is no frame yet (NULL). */
uint64_t session_left_ms(const Session *session, uint64_t now_us);
uint64_t session_left_remote_ms(
                const Session *session, const Frame *frame, uint64_t said_us, uint64_t now_us);
