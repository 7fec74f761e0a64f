/* SPDX-License-Identifier: MIT */
#include "cli/verbs.h"

#define ACTS  (OPTION_BIT(OPTION_DEVICE) | OPTION_BIT(OPTION_QUIET))
#define LISTS OPTION_BIT(OPTION_JSON)

static const char run_more[] =
                "Plays a routine and shows how it goes, until it is finished. Ctrl-C stops it;\n"
                "so does closing the terminal or losing the connection. On a terminal, keys:\n"
                "  space pause or resume   e ease   s skip   + - intensity   q stop\n"
                "With --detach it returns at once and the routine plays on: see watch and stop.\n"
                "Without the options the routine decides on minutes and intensity.";

const Verb verbs[] = {
        { "run", "Massage", "ROUTINE", "play a routine; Ctrl-C stops it", run_more,
                        OPTION_BIT(OPTION_MINUTES) | OPTION_BIT(OPTION_INTENSITY) |
                                        OPTION_BIT(OPTION_LEG) | OPTION_BIT(OPTION_DEVICE) |
                                        OPTION_BIT(OPTION_DETACH) | OPTION_BIT(OPTION_JSON) |
                                        OPTION_BIT(OPTION_QUIET),
                        1, 1, verb_run },
        { "stop", "Massage", "[ID]", "stop everything at once, or one massager",
                        "Stops every session and every massager, or the one massager with that "
                        "id. Anyone\nmay stop, at any time.",
                        OPTION_BIT(OPTION_QUIET), 0, 1, verb_stop },
        { "pause", "Massage", "", "let the hand rest; the time stands",
                        "Actuators and heaters off, and the time stands. A long pause ends the "
                        "session.",
                        ACTS, 0, 0, verb_pause },
        { "resume", "Massage", "", "go on after a pause, rising from zero",
                        "Goes on after a pause, rising from zero.", ACTS, 0, 0, verb_resume },
        { "ease", "Massage", "", "half of it, at another place: for when it hurts",
                        "Halves intensity and tempo and moves on to another place. For when "
                        "it\nhurts; where it hurts more than a little, stop.",
                        ACTS, 0, 0, verb_ease },
        { "skip", "Massage", "", "go to the next step",
                        "Goes to the next step; on the last one, finishes.", ACTS, 0, 0,
                        verb_skip },
        { "intensity", "Massage", "N", "1 to 100, percent of what the limits allow",
                        "Sets the intensity of the running session: 1 to 100, percent of what the "
                        "limits\nallow. Lower acts at once, higher rises slowly.",
                        ACTS, 1, 1, verb_intensity },
        { "status", "Look", "", "what is running, on which massagers",
                        "Says what is running and which massagers are attached.", LISTS, 0, 0,
                        verb_status },
        { "watch", "Look", "", "follow a running session",
                        "Shows a running session as run does, without holding it: Ctrl-C and q "
                        "leave it\nrunning. The other keys act on it.",
                        LISTS | OPTION_BIT(OPTION_DEVICE), 0, 0, verb_watch },
        { "devices", "Look", "", "massagers that are attached",
                        "Lists the massagers that are attached.", LISTS, 0, 0, verb_devices },
        { "routines", "Look", "", "routines that can be played",
                        "Lists the routines that can be played.", LISTS, 0, 0, verb_routines },
        {},
};
