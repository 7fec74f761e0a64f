/* SPDX-License-Identifier: MIT */
#include "daemon/routine.h"

#include <errno.h>

uint32_t routine_duration_ms(const Routine *routine)
{
        uint32_t sum = 0;

        for (unsigned i = 0; i < routine->n_steps; i++)
                sum += routine->steps[i].duration_ms;
        return sum;
}

unsigned routine_peak_percent(const Routine *routine)
{
        unsigned peak = 0;

        for (unsigned i = 0; i < routine->n_steps; i++)
                if (routine->steps[i].intensity_percent > peak)
                        peak = routine->steps[i].intensity_percent;
        return peak;
}

int routine_scale(Routine *routine, uint32_t duration_ms)
{
        uint64_t whole = routine_duration_ms(routine);
        uint64_t played = 0;
        uint32_t start = 0;

        if (duration_ms < 60000 || duration_ms > ROUTINE_MINUTES_MAX * 60000 || whole == 0)
                return -ERANGE;

        /* The ends are rounded, not the lengths: rounding errors cannot add up, and the last end is
         * the whole. */
        for (unsigned i = 0; i < routine->n_steps; i++) {
                RoutineStep *step = &routine->steps[i];
                uint32_t latest = duration_ms - (routine->n_steps - 1 - i);
                uint32_t end;

                played += step->duration_ms;
                end = (uint32_t) ((played * duration_ms + whole / 2) / whole);
                if (end <= start)
                        end = start + 1;
                if (end > latest)
                        end = latest;
                step->duration_ms = end - start;
                start = end;
        }
        return 0;
}

int routine_check(const Routine *routine, const Layout *layout, unsigned *ret_step, Zone *ret_zone)
{
        for (unsigned i = 0; i < routine->n_steps; i++) {
                Zone zone;
                int r = technique_check(routine->steps[i].technique, layout, &zone);

                if (r < 0) {
                        *ret_step = i;
                        *ret_zone = zone;
                        return r;
                }
        }
        return 0;
}
