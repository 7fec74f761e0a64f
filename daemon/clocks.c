/* SPDX-License-Identifier: MIT */
#include "daemon/clocks.h"

#include <string.h>
#include <systemd/sd-id128.h>
#include <time.h>

#include "daemon/clock.h"

DayClockReading clocks_read(void)
{
        DayClockReading now = { .boottime_ms = clock_now_ms(), .wall_s = time(NULL) };
        sd_id128_t boot;

        if (sd_id128_get_boot(&boot) >= 0)
                memcpy(now.boot.bytes, boot.bytes, sizeof(now.boot.bytes));
        return now;
}
