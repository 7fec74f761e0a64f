# SPDX-License-Identifier: MIT
"""Holds the pure libraries pure: what their objects need from outside, by name.

Usage: symbols.py NM NAME=LIBRARY[:NAME…]…     NAMEs after a colon: pure libraries it may call

A call that reads a clock, does I/O or allocates has a name, and it is in no list here."""

import re
import subprocess
import sys

# A compiler may turn any copy or comparison into one of these.
MEMORY = {"memcpy", "memmove", "memset", "memcmp"}
WORDS = {"strlen", "strcmp", "strncmp", "strchr", "strnlen", "strspn", "strcspn"}
GUARDS = {"__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"}
MATHS = {"sin", "cos", "sincos", "sqrt", "fabs", "fmod", "floor", "ceil", "round", "lround", "fmin",
         "fmax", "hypot", "atan2"}

PURE = MEMORY | WORDS | GUARDS
ALLOWED = {
    "kneed-protocol": PURE,
    "kneed-simulator": PURE,
    "kneed-simulator-usb": PURE,
    "kneed-leg": PURE | MATHS,
    "kneed-technique": PURE | MATHS,
    "kneed-governor": PURE,
    "kneed-person": PURE,
    "kneed-account": PURE,
    "kneed-session": PURE,
    "kneed-render": PURE,
}


def objects(nm, library):
    """Yields the name of each object of a library, what it defines and what it needs."""
    listing = subprocess.run([nm, "--extern-only", "--format=posix", library], check=True,
                             capture_output=True, text=True).stdout
    name, defined, needed = None, set(), set()
    for line in listing.splitlines():
        heading = re.fullmatch(r".*\[(.+)\]:", line)
        if heading:
            if name:
                yield name, defined, needed
            name, defined, needed = heading[1], set(), set()
        elif line:
            symbol, kind = line.split()[:2]
            (needed if kind in "Uvw" else defined).add(symbol)
    if name:
        yield name, defined, needed


def main():
    nm = sys.argv[1]
    libraries = {}
    for argument in sys.argv[2:]:
        name, _, rest = argument.partition("=")
        path, *friends = rest.split(":")
        libraries[name] = (list(objects(nm, path)), friends)

    checked = wrong = 0
    for name, (members, friends) in libraries.items():
        here = set().union(*(defined for member in [name, *friends]
                             for _, defined, _ in libraries[member][0]))
        for member, _, needed in members:
            checked += 1
            for symbol in sorted(needed - here - ALLOWED[name]):
                print(f"{name}: {member} needs {symbol}, which a pure room may not call")
                wrong += 1
    print(f"{checked} objects checked, {wrong} wrong")
    return 1 if wrong or checked == 0 else 0


sys.exit(main())
