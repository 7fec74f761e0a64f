/* SPDX-License-Identifier: MIT */
#include "cli/verbs.h"

#define ACTS  (OPTION_BIT(OPTION_DEVICE) | OPTION_BIT(OPTION_QUIET))
#define LISTS OPTION_BIT(OPTION_JSON)

static const char run_more[] =
                "Plays a routine and shows how it goes, until it is finished. Ctrl-C and Ctrl-Z\n"
                "stop it; so do a closed terminal and a lost connection. Keys on a terminal:\n"
                "  space pause or resume   e ease   s skip   + - intensity   p pain   q stop\n"
                "On a terminal it asks first what must be known, and afterwards how it hurts.\n"
                "With --nothing-new it asks nothing: you say that since the screening there is\n"
                "no new fever, swelling, injury, numbness or wound.\n"
                "With --detach it returns at once and the routine plays on: see watch and stop.";

static const char screen_more[] =
                "Asks what decides whether massage is all right for you, one question at a time.\n"
                "The answers hold for 30 days; answer anew when something has changed. Without a\n"
                "terminal, answer every question by --answer, for example:\n"
                "  kneectl screen --answer infection=no --answer clot=no ...\n"
                "Advised is a yes where a doctor or physiotherapist said that massage is fine.";

static const char clear_more[] =
                "Releases a massager that an emergency stop, its button, pain, heat or a fault\n"
                "has stopped: says why, asks, and releases it once the cause is gone. Nothing\n"
                "starts by it. With --yes it does not ask.";

static const char pain_more[] =
                "Tells how much the knee hurts, 0 (none) to 10 (the worst). During a session 3\n"
                "eases it, and 5 or 2 more than before stops it. Without --leg it is the leg of\n"
                "the running session, or the usual one; without --when the history says which.\n"
                "Where 5 or more cannot be noted, it stops everything by itself.";

static const char check_more[] =
                "Reads kneed.conf, limits.conf and routines.d as kneed would, plays every\n"
                "routine in virtual time, and says all that is wrong, a line each. A FILE is\n"
                "read as if it stood in routines.d, or in the place of kneed.conf or limits.conf\n"
                "where that is its name. Needs neither kneed nor root. Exits with 0 where all is\n"
                "in order, else with 1.";

static const char reload_more[] =
                "Lets kneed read its config anew and waits until it is in force. All or nothing:\n"
                "what is wrong is said, and what was in force stays. Sessions that run keep what\n"
                "they began with. Exits with 1 where something is wrong.";

static const char offers_more[] =
                "Lists what the schedule offers now. accept begins it as run does; snooze lets it\n"
                "come again, in 10 minutes or --minutes; decline lets it be. Without an ID it is\n"
                "the only offer. Without an answer nothing starts. --minutes and --intensity with\n"
                "accept take the place of those of the offer.";

static const char schedule_more[] = "Shows the next 7 days of the schedule: what is planned, and "
                                    "what is skipped or\n"
                                    "comes later, and why. Where it is written: see kneed.conf(5).";

const Verb verbs[] = {
        { "run", "Massage", "ROUTINE", "play a routine; Ctrl-C stops it", run_more,
                        OPTION_BIT(OPTION_MINUTES) | OPTION_BIT(OPTION_INTENSITY) |
                                        OPTION_BIT(OPTION_LEG) | OPTION_BIT(OPTION_DEVICE) |
                                        OPTION_BIT(OPTION_NOTHING_NEW) | OPTION_BIT(OPTION_PAIN) |
                                        OPTION_BIT(OPTION_DETACH) | OPTION_BIT(OPTION_JSON) |
                                        OPTION_BIT(OPTION_QUIET),
                        1, 1, verb_run },
        { "stop", "Massage", "[ID]", "stop everything at once, or one massager",
                        "Stops every session and every massager, or the one massager with that "
                        "id. Anyone\nmay stop, at any time. With --emergency the massagers that "
                        "are attached\nstay stopped until each is released: see clear.",
                        OPTION_BIT(OPTION_EMERGENCY) | OPTION_BIT(OPTION_QUIET), 0, 1, verb_stop },
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
        { "pain", "Massage", "[SCORE]", "say how much it hurts, 0 to 10; too much stops it",
                        pain_more,
                        OPTION_BIT(OPTION_LEG) | OPTION_BIT(OPTION_WHEN) | LISTS |
                                        OPTION_BIT(OPTION_QUIET),
                        0, 1, verb_pain },
        { "screen", "Massage", "", "answer the questions that come before all massage", screen_more,
                        OPTION_BIT(OPTION_ANSWER) | OPTION_BIT(OPTION_SHOW) | LISTS |
                                        OPTION_BIT(OPTION_QUIET),
                        0, 0, verb_screen },
        { "clear", "Massage", "[ID]", "release a massager that was stopped by force", clear_more,
                        OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_QUIET), 0, 1, verb_clear },
        { "offers", "Massage", "[ANSWER] [ID]", "what the schedule offers: accept, snooze, decline",
                        offers_more,
                        OPTION_BIT(OPTION_MINUTES) | OPTION_BIT(OPTION_INTENSITY) |
                                        OPTION_BIT(OPTION_DEVICE) | OPTION_BIT(OPTION_NOTHING_NEW) |
                                        OPTION_BIT(OPTION_PAIN) | OPTION_BIT(OPTION_DETACH) |
                                        OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_QUIET),
                        0, 2, verb_offers },
        { "status", "Look", "", "what is running, and whether a leg may start",
                        "Says what is running, which massagers are attached, and of each leg "
                        "whether a\nsession may start, or why not and until when.",
                        LISTS, 0, 0, verb_status },
        { "watch", "Look", "", "follow a running session",
                        "Shows a running session as run does, without holding it: Ctrl-C and q "
                        "leave it\nrunning. The other keys act on it.",
                        LISTS | OPTION_BIT(OPTION_DEVICE), 0, 0, verb_watch },
        { "devices", "Look", "", "massagers that are attached",
                        "Lists the massagers that are attached.", LISTS, 0, 0, verb_devices },
        { "routines", "Look", "", "routines that can be played",
                        "Lists the routines that can be played. With --zones it lists the places "
                        "of a\n"
                        "leg that a technique of your own can work on; see kneed-routines(5).",
                        LISTS | OPTION_BIT(OPTION_ZONES), 0, 0, verb_routines },
        { "history", "Look", "[export|delete]", "the latest sessions, and how they felt",
                        "Lists the latest sessions, the newest first: when, which leg, the time "
                        "that\ncounts, and the pain before, during, after and the next morning.\n"
                        "export prints all that kneed knows of you, as JSON. delete deletes it, "
                        "but for\nhow long each leg was massaged in the last two days; it asks "
                        "first, or takes\n--yes.",
                        LISTS | OPTION_BIT(OPTION_MOST) | OPTION_BIT(OPTION_YES), 0, 1,
                        verb_history },
        { "schedule", "Look", "", "the next 7 days, and why something is skipped", schedule_more,
                        LISTS | OPTION_BIT(OPTION_ICS), 0, 0, verb_schedule },
        { "limits", "Look", "", "the limits, and where they come from",
                        "Lists the limits in force and those that are built in, which a setting "
                        "can only\nlower.",
                        LISTS | OPTION_BIT(OPTION_SOURCES), 0, 0, verb_limits },
        { "guide", "Look", "[TOPIC]", "the techniques by hand, and when to see whom",
                        "Shows a page of the guide: without a topic, which topics there are. "
                        "Needs no\nkneed.",
                        0, 0, 1, verb_guide },
        { "check", "Config", "[FILE...]", "say what is wrong in the config files", check_more, 0, 0,
                        ARGUMENTS_MAX, verb_check },
        { "reload", "Config", "", "let kneed read its config anew", reload_more,
                        OPTION_BIT(OPTION_QUIET), 0, 0, verb_reload },
        {},
};
