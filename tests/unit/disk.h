/* SPDX-License-Identifier: MIT */
#pragma once

/* A disk that can be slow, full or broken: a VFS of SQLite's between it and the real one. */

#include <stdbool.h>
#include <stdint.h>

typedef enum DiskCall {
        DISK_OPEN,
        DISK_READ,
        DISK_WRITE,
        DISK_TRUNCATE,
        DISK_SYNC,
        DISK_SYNC_DIRECTORY, /* by kneed itself */
        _DISK_CALL_MAX,
} DiskCall;

void disk_install(void); /* the default from here on */

/* From the n-th call on (from 1), count of them fail with that errno; 0: for ever. */
void disk_fail(DiskCall call, unsigned n, unsigned count, int error);
void disk_mend(void);             /* nothing fails, nothing is held */
bool disk_failed(void);           /* something has, since disk_fail() */
void disk_slow(unsigned sync_ms); /* each sync takes so long */
void disk_hold(bool hold);        /* syncs wait */
unsigned disk_held(void);         /* how many wait */
unsigned disk_calls(DiskCall call);

/* In the midst of the n-th call the power fails: what was not synced is lost, or half of it is, as
 * chance has it, and the process is gone. seed: not 0. */
void disk_cut(DiskCall call, unsigned n, uint64_t seed);
/* Here and now; all: all of it is lost. Only what was written since disk_cut() is. */
_Noreturn void disk_cut_now(bool all);
