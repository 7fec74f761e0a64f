/* SPDX-License-Identifier: MIT */
#include "daemon/render-text.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/macro.h"

#define MS_PER_S     1000u
#define S_PER_MINUTE 60u
#define CC_PER_C     100.0

static _printf_(2, 3) void say(char ret[static RENDER_SENTENCE_MAX], const char *format, ...)
{
        size_t n = strlen(ret);
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(ret + n, RENDER_SENTENCE_MAX - n, format, ap);
        va_end(ap);
}

static void say_flaw(const RoutineStep *step, const Limits *limits, const RenderReport *report,
                char ret[static RENDER_SENTENCE_MAX])
{
        switch (report->flaw) {
        case RENDER_OUT_OF_REACH:
                return say(ret, "the massager has no actuator near %s; use another technique.",
                                zone_name(report->zone));
        case RENDER_SESSION:
                return say(ret,
                                "the %u minutes of a session (session_minutes) are over; make the "
                                "routine shorter.",
                                limits->session_minutes);
        case RENDER_HEAT:
                return say(ret,
                                "the %u minutes of heat in a session (heat_minutes) are over; heat "
                                "for less time.",
                                limits->heat_minutes);
        case RENDER_SETPOINT:
                return say(ret,
                                "heat of %u degrees is more than the %.4g that are allowed "
                                "(setpoint_cc); ask for less.",
                                step->heat_c, limits->setpoint_cc / CC_PER_C);
        case RENDER_HEAT_CURRENT:
                return say(ret, "the massager has not enough current to heat; leave out heat.");
        case RENDER_BUSY:
                return say(ret,
                                "%s has been worked for %u s (busy_s) and must rest; leave each "
                                "place alone for 30 s before that.",
                                zone_name(report->zone), limits->busy_s);
        case RENDER_MOSTLY_REST:
                return say(ret,
                                "more than half of this step is lost, since an actuator that has "
                                "worked for %u s (busy_s) rests for 30 s; choose another routine.",
                                limits->busy_s);
        case RENDER_MOSTLY_RAMP:
                return say(ret,
                                "more than half of this step is lost to a slow rise "
                                "(ramp_permille_per_s is %u); make the step longer or weaker.",
                                limits->ramp_permille_per_s);
        case RENDER_MOSTLY_BUDGET:
                return say(ret, "more than half of this step is lost, since the massager has not "
                                "enough current; make it weaker, or leave out heat.");
        case RENDER_FINE:
        case _RENDER_FLAW_MAX:
                break;
        }
}

void render_sentence(const Routine *routine, const Limits *limits, const RenderReport *report,
                char ret[static RENDER_SENTENCE_MAX])
{
        const RoutineStep *step = &routine->steps[report->step];
        unsigned s = report->at_ms / MS_PER_S;

        ret[0] = '\0';
        say(ret, "step %u (%s) at %u:%02u: ", report->step + 1, step->technique->name,
                        s / S_PER_MINUTE, s % S_PER_MINUTE);
        say_flaw(step, limits, report, ret);
}
