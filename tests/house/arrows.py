# SPDX-License-Identifier: MIT
"""Holds the arrows: which room of the house may include what.

Usage: arrows.py SOURCE-DIR

The first room whose pattern matches a file is its room. A file without a room is an error, so
that a new file is put in one by somebody who thought about it."""

import fnmatch
import re
import sys

from tree import Tree

# Names and numbers only: nothing in here does I/O, reads a clock or allocates.
PLAIN = "assert.h errno.h limits.h stdbool.h stddef.h stdint.h string.h".split()
MATHS = PLAIN + ["math.h"]
ANY_LIBC = ["*.h", "!systemd/*", "!libusb*", "!libconfig*", "!json-c/*", "!sqlite3.h", "!cmocka.h"]

EVENT = ["systemd/sd-event.h"]
BUS = EVENT + ["systemd/sd-bus.h"]

PURE_DAEMON = "daemon/layout.h daemon/leg.h daemon/leg-map.h daemon/limits.h".split()
TECHNIQUE = PURE_DAEMON + ["daemon/technique*.h"]
GOVERNOR = PURE_DAEMON + ["daemon/governor.h"]
ROUTINE = TECHNIQUE + ["daemon/routine.h"]
SESSION = ROUTINE + GOVERNOR + ["daemon/session*.h"]
SCHEDULE = ROUTINE + ["daemon/calendar.h", "daemon/schedule.h", "daemon/offers.h"]
ENTRY = PURE_DAEMON + ["daemon/day-clock.h", "daemon/entry.h", "daemon/offers.h", "daemon/pain.h",
                       "daemon/screening.h"]
DAEMON = ["daemon/*.h", "!daemon/governor-private.h", "!daemon/governor-proof.h"]
# What speaks of massagers, however their bytes travel.
ABOVE_TRANSPORTS = DAEMON + ["!daemon/transport*.h"]

# room, its files, what it may include of the house, what of the system
ROOMS = [
    ("common", "common/macro.h", [], PLAIN + ["stdlib.h", "unistd.h"]),
    ("common", "common/*", ["common/*"], ANY_LIBC),
    ("protocol", "protocol/*", ["common/*", "protocol/*"], PLAIN),
    ("model", "simulator/model* simulator/reference*",
     ["common/*", "protocol/*", "simulator/model*", "simulator/reference*"], PLAIN),
    ("usb device", "simulator/usb-device* simulator/usbip.[ch] simulator/trance-vibrator.[ch]",
     ["common/*", "protocol/*", "simulator/model*.h", "simulator/usb-device*.h",
      "simulator/usbip.h", "simulator/trance-vibrator.h"],
     PLAIN + ["linux/hid.h", "linux/usb/ch9.h"]),
    ("simulator", "simulator/*", ["common/*", "protocol/*", "simulator/*"], ANY_LIBC + EVENT),

    # What allocates stands apart from what is pure.
    ("governor's memory", "daemon/governor-new.c", ["daemon/governor-private.h"],
     PLAIN + ["stdlib.h"]),

    ("layout", "daemon/layout.[ch] daemon/leg.[ch] daemon/limits.[ch]", ["common/*"] + PURE_DAEMON, PLAIN),
    ("leg map", "daemon/leg-map.[ch] daemon/keep-out.c", ["common/*"] + PURE_DAEMON, MATHS),
    ("technique", "daemon/technique*.[ch]", ["common/*"] + TECHNIQUE, MATHS),
    ("governor", "daemon/governor*.[ch]",
     ["common/*", "daemon/governor-private.h", "daemon/governor-proof.h"] + GOVERNOR, PLAIN),
    ("routine", "daemon/routine.[ch]", ["common/*"] + ROUTINE, PLAIN),
    ("session", "daemon/session*.[ch]", ["common/*"] + SESSION, PLAIN),
    ("render's words", "daemon/render-text.[ch]", ["common/*", "daemon/render*.h"] + SESSION,
     PLAIN + ["stdarg.h", "stdio.h"]),
    ("render", "daemon/render.[ch]", ["common/*", "daemon/render.h"] + SESSION, PLAIN),

    ("day clock", "daemon/day-clock.[ch]", ["common/*", "daemon/day-clock.h"], PLAIN),
    ("calendar", "daemon/calendar.[ch]", ["common/*", "daemon/calendar.h"], PLAIN),
    ("schedule", "daemon/schedule.[ch] daemon/offers.[ch]", ["common/*"] + SCHEDULE, PLAIN),
    ("wall clock", "daemon/wall-clock.[ch]",
     ["common/*", "daemon/calendar.h", "daemon/log.h", "daemon/wall-clock.h"],
     ANY_LIBC + EVENT),
    ("pain", "daemon/pain.[ch]", ["common/*", "daemon/pain.h"], PLAIN),
    ("screening", "daemon/screening*.[ch]",
     ["common/*", "daemon/limits.h", "daemon/screening*.h"], PLAIN),
    ("person", "daemon/entry.h daemon/person*.[ch]",
     ["common/*", "daemon/person*.h"] + ENTRY + GOVERNOR, PLAIN),
    ("account", "daemon/account.[ch]",
     ["common/*", "daemon/account.h", "daemon/entry.h"] + ENTRY + GOVERNOR, PLAIN),
    ("limits table", "daemon/limits-table.[ch]",
     ["common/*", "daemon/limits-table.h", "daemon/person.h"] + ENTRY + GOVERNOR, PLAIN),
    ("ledger", "daemon/ledger*.[ch]",
     ["common/*", "daemon/clock.h", "daemon/clocks.h", "daemon/log.h", "daemon/ledger*.h"] + ENTRY,
     ANY_LIBC + EVENT + ["sqlite3.h"]),

    ("history", "daemon/history.[ch]",
     ["common/*", "daemon/clock.h", "daemon/clocks.h", "daemon/log.h", "daemon/history.h",
      "daemon/ledger.h", "daemon/person.h"] + ENTRY + GOVERNOR, ANY_LIBC + EVENT),

    ("config's loader", "daemon/config-loader.[ch]",
     ["common/*", "daemon/config*.h"] + SCHEDULE, ANY_LIBC + EVENT),
    ("config", "daemon/config*.[ch]",
     ["common/*", "daemon/config*.h", "daemon/governor.h", "daemon/render*.h", "daemon/session.h"] +
     SCHEDULE, ANY_LIBC + ["libconfig.h"]),
    ("clocks", "daemon/clocks.[ch]", ["common/*", "daemon/clock*.h", "daemon/day-clock.h"],
     ANY_LIBC + ["systemd/sd-id128.h"]),
    ("log and clock", "daemon/log.[ch] daemon/clock.h", ["common/*", "daemon/log.h"],
     ANY_LIBC + ["systemd/sd-journal.h"]),
    ("frame clock", "daemon/frame-clock.[ch]",
     ["common/*", "daemon/frame-clock.h", "daemon/clock.h"] + SESSION, ANY_LIBC + EVENT),
    ("layout of the profile", "daemon/driver-kneed-layout.[ch]",
     ["daemon/layout.h", "daemon/driver-kneed-layout.h", "protocol/profile.h"], PLAIN),
    ("reference", "daemon/reference.[ch]",
     ["common/*", "simulator/model.h", "daemon/layout.h", "daemon/reference.h",
      "daemon/driver-kneed-layout.h", "daemon/transport.h"], PLAIN),
    ("driver", "daemon/driver*.[ch]",
     ["common/*", "protocol/*", "daemon/clock.h", "daemon/driver*.h", "daemon/transport*.h"] +
     GOVERNOR, ANY_LIBC + EVENT),
    ("usb", "daemon/usb.[ch] daemon/usb-interface.[ch] daemon/usb-spawn.[ch] daemon/usb-sysfs.[ch] daemon/transport-usb.[ch]",
     ["common/*", "protocol/*", "daemon/clock.h", "daemon/log.h", "daemon/usb*.h",
      "daemon/transport.h", "daemon/transport-usb.h", "daemon/driver.h"],
     ANY_LIBC + EVENT + ["libusb.h"]),
    ("usb helper", "daemon/usb-helper.c", ["common/macro.h", "protocol/profile.h"], ANY_LIBC),
    ("transport", "daemon/transport*.[ch]",
     ["common/*", "protocol/*", "simulator/*", "daemon/clock.h", "daemon/transport*.h"],
     ANY_LIBC + EVENT),
    ("massager", "daemon/massager*.[ch]", ["common/*"] + DAEMON, ANY_LIBC + EVENT),
    ("player", "daemon/player*.[ch]", ["common/*"] + ABOVE_TRANSPORTS, ANY_LIBC + EVENT),
    ("bus objects", "daemon/bus*.[ch]", ["common/*"] + ABOVE_TRANSPORTS, ANY_LIBC + BUS),
    ("manager", "daemon/manager*.[ch]", ["common/*"] + DAEMON + ["!daemon/bus*.h"],
     ANY_LIBC + EVENT),
    ("check", "daemon/check.[ch]",
     ["common/*", "daemon/check.h", "daemon/config*.h", "daemon/reference.h"] + ROUTINE, ANY_LIBC),
    ("status", "daemon/status.[ch]", ["common/*"] + ABOVE_TRANSPORTS, ANY_LIBC + EVENT),
    ("main", "daemon/main.c", ["common/*"] + DAEMON, ANY_LIBC + BUS + ["systemd/sd-daemon.h"]),

    ("cli", "cli/*", ["common/*", "cli/*"], ANY_LIBC + BUS + ["json-c/*"]),

    ("governor's tests", "tests/unit/test-governor*.c",
     ["common/*", "daemon/governor-private.h", "tests/*"] + GOVERNOR, ["*"]),
    ("tests", "tests/*",
     ["common/*", "protocol/*", "simulator/*", "cli/*", "tests/*"] + DAEMON, ["*"]),
]

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>|(\S.*))')


def allowed(path, patterns):
    """The last pattern that matches decides; "!" takes away."""
    verdict = False
    for pattern in patterns:
        if fnmatch.fnmatchcase(path, pattern.lstrip("!")):
            verdict = not pattern.startswith("!")
    return verdict


def room_of(path):
    for name, files, house, system in ROOMS:
        if allowed(path, files.split()):
            return name, house, system
    return None


def check(tree, path):
    room = room_of(path)
    if not room:
        tree.complain(path, "is in no room; see ROOMS in tests/house/arrows.py")
        return
    name, house, system = room
    for number, line in enumerate(tree.lines(path), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        ours, theirs, odd = match.groups()
        where = f"{path}:{number}"
        if odd:
            tree.complain(where, f"includes {odd} by a macro")
        elif ours and not tree.has(ours):
            tree.complain(where, f'includes "{ours}", which is no path from the top of the tree')
        elif not allowed(ours or theirs, house if ours else system):
            tree.complain(where, f"room \"{name}\" may not include {ours or theirs}")


def main():
    tree = Tree(sys.argv[1])
    checked = 0
    for path in tree.files(".c", ".h"):
        check(tree, path)
        checked += 1
    tree.verdict(checked)


main()
