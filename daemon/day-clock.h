/* SPDX-License-Identifier: MIT */
#pragma once

/* The day clock: seconds that only go forward, for all that counts by the day. Pure.
 *
 * A person's day must not open because somebody sets the computer's clock, or because it boots with
 * one that cannot be right. So while the computer runs, the day clock goes by CLOCK_BOOTTIME alone,
 * which no one can set. What the wall clock says counts only for the time that the computer was
 * off: the day clock then goes on from the last moment in the ledger, by what the wall clock has
 * gone on since, and never back. Nothing is given for that time where the wall clock cannot be
 * right, where it is behind that moment, and where it was not known at that moment. So a clock that
 * was wrong and is put right gives nothing twice; each wrong one may cost the time that the
 * computer was off. One that is ahead at boot is believed: nothing here could tell it from somebody
 * who was away.
 *
 * That is the safe side for all that is waited for, and the wrong one for what expires, or is asked
 * after a while. For that there is what the wall clock says by itself: once it is no more behind
 * the ledger it tells how long ago a moment was, though no time is counted from it.
 *
 * Its seconds are those of the wall clock (UTC, since 1970) on a computer whose clock was never
 * wrong; elsewhere they run behind or ahead of it. Only their differences count. */

#include <stdbool.h>
#include <stdint.h>

#define DAY_CLOCK_DAY_S 86400
/* A wall clock outside cannot be right: before kneed was written (2026-11-01), or 50 years later.
 */
#define DAY_CLOCK_WALL_MIN_S 1793491200
#define DAY_CLOCK_WALL_MAX_S (DAY_CLOCK_WALL_MIN_S + 50 * 365 * (int64_t) DAY_CLOCK_DAY_S)

/* All zero: nobody knows which boot; it is taken for one of its own. */
typedef struct BootId {
        uint8_t bytes[16];
} BootId;

/* What the clocks say at one moment. */
typedef struct DayClockReading {
        BootId boot;
        uint64_t boottime_ms;
        int64_t wall_s;
} DayClockReading;

/* A moment as the ledger keeps it. reading.wall_s: 0 where nobody knows. Below 0: what the wall
 * clock says, but in a boot that did not know it at first, so no time off is counted from it. */
typedef struct Moment {
        DayClockReading reading;
        int64_t day_s;
} Moment;

typedef struct DayClock {
        uint64_t boottime_ms; /* when it was started */
        int64_t day_s;        /* what it said then */
        int64_t wall_s;       /* what the wall clock said then; 0: nobody knows */
} DayClock;

/* Starts it. last: the latest moment in the ledger, NULL where there is none: then it goes by the
 * wall clock, or from DAY_CLOCK_WALL_MIN_S if that cannot be right. */
void day_clock_start(DayClock *clock, const Moment *last, const DayClockReading *now);

/* What it says; never less than when it was started, whatever comes in. */
int64_t day_clock_s(const DayClock *clock, uint64_t boottime_ms);

/* That moment, for the ledger. The wall clock stands in it as it has gone on since the start,
 * whoever set it back meanwhile; set forward it stands as it is. */
Moment day_clock_moment(const DayClock *clock, const DayClockReading *now);

/* Whether the wall clock can be right. */
bool day_clock_plausible(int64_t wall_s);

/* What the wall clock said in a moment, whether time off is counted from it or not; 0: nobody
 * knows. */
int64_t day_clock_seen_s(const DayClockReading *reading);

bool day_clock_same_boot(const DayClockReading *a, const DayClockReading *b);
