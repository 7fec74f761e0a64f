# SPDX-License-Identifier: MIT
"""The tests of the house bite: each is shown a copy of the tree with one thing broken, and must
complain of that thing.

Usage: bites.py SOURCE-DIR COMPILER NM"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from tree import Tree

HERE = os.path.dirname(os.path.abspath(__file__))


def add(text):
    return lambda old: old + text


def swap(old, new):
    def edit(text):
        if old not in text:
            raise ValueError(f"{old!r} is not there to be broken")
        return text.replace(old, new, 1)
    return edit


# script, what it gets after the tree, the file that is broken, how, what it must say
BITES = [
    ("arrows.py", [], "daemon/governor.c", add('#include "daemon/technique.h"\n'),
     r'room "governor" may not include daemon/technique\.h'),
    ("arrows.py", [], "daemon/technique.c", add('#include "daemon/governor.h"\n'),
     r'room "technique" may not include daemon/governor\.h'),
    ("arrows.py", [], "protocol/profile.c", add("#include <stdio.h>\n"),
     r'room "protocol" may not include stdio\.h'),
    ("arrows.py", [], "simulator/model.c", add("#include <time.h>\n"),
     r'room "model" may not include time\.h'),
    ("arrows.py", [], "daemon/session.c", add('#include "daemon/governor-private.h"\n'),
     r"may not include daemon/governor-private\.h"),
    ("arrows.py", [], "daemon/massager.c", add('#include "protocol/profile.h"\n'),
     r"may not include protocol/profile\.h"),
    ("arrows.py", [], "daemon/massager.c", add("#include <systemd/sd-bus.h>\n"),
     r"may not include systemd/sd-bus\.h"),
    ("arrows.py", [], "daemon/newcomer.c", add("/* SPDX-License-Identifier: MIT */\n"),
     r"daemon/newcomer\.c: is in no room"),

    ("files.py", [], "common/macro.h", swap("SPDX-License-Identifier", "Licence"),
     r"common/macro\.h: has no .SPDX"),
    ("files.py", [], "common/macro.h", add("\n" * 700), r"common/macro\.h: has \d+ lines"),

    ("format.py", [], "common/macro.h", add("int  x;\n"), r"common/macro\.h:\d+: is not formatted"),

    ("interfaces.py", [], "config/dbus/org.kneed1.Manager.xml", swap("</node>", ""),
     r"is not well-formed"),
    ("interfaces.py", [], "config/dbus/org.kneed1.Manager.xml", swap("@session:", "session:"),
     r"method Run: should describe"),
    ("interfaces.py", [], "config/dbus/org.kneed1.Session.xml", swap("<!-- Pause:", "<!-- Halt:"),
     r"method Pause: has no comment"),
    ("interfaces.py", [], "config/dbus/org.kneed1.Manager.xml",
     swap("Property.EmitsChangedSignal", "Property.EmitsChanged"), r"is no annotation"),

    ("one_gate.py", ["COMPILER"], "daemon/governor.h",
     add('#include "daemon/governor-private.h"\n'), r"the compiler takes a source that makes one"),
    ("one_gate.py", ["COMPILER"], "daemon/governor.h",
     swap("governed_frame_level(const", "governed_frame_nothing(const"), r"do not compile"),
    ("one_gate.py", ["COMPILER"], "daemon/massager.c",
     add("void *f(void *x) { return (GovernedFrame *) x; }\n"), r"names GovernedFrame other than"),

    ("integers.py", ["COMPILER", "NM"], "daemon/governor.c",
     add("int f(int);\nint f(int x) { return (int) (x * 1.5); }\n"),
     r"does not compile with general|which is floating point"),
    ("integers.py", ["COMPILER", "NM"], "daemon/governor-private.h", add("typedef double X;\n"),
     r"floating point in the governor"),
]

# what ctest says of a test, what the program printed, and what counts: passed, failed
RUNS = [
    (None, "", "0 1"),
    ("run", "", "1 0"),
    ("fail", "", "0 1"),
    ("notrun", "", "0 1"),
    ("disabled", "", "0 1"),
    ("run", "[==========] Running 2 test(s).\n[       OK ] a\n[       OK ] b\n", "2 0"),
    ("run", "[==========] Running 2 test(s).\n[       OK ] a\n[  SKIPPED ] b\n", "0 1"),
    ("run", "[==========] Running 2 test(s).\n[       OK ] a\n", "1 1"),
    ("run", "[==========] Running 0 test(s).\n", "0 1"),
]


def miscounts(scratch):
    """Yields what verdict.py counts wrongly."""
    junit = os.path.join(scratch, "junit.xml")
    for status, output, expected in RUNS:
        case = f'<testcase name="t" status="{status}"><system-out>{output}</system-out></testcase>'
        with open(junit, "w", encoding="utf-8") as file:
            file.write(f"<testsuite>{case if status else ''}</testsuite>")
        run = subprocess.run([sys.executable, "-B", os.path.join(HERE, "verdict.py"), junit],
                             capture_output=True, text=True)
        if run.stdout.strip() != expected:
            yield f"verdict.py counts {run.stdout.strip()} and not {expected} in {case}"


def copy(tree, to):
    for path in tree.files():
        os.makedirs(os.path.dirname(os.path.join(to, path)) or to, exist_ok=True)
        shutil.copy2(os.path.join(tree.root, path), os.path.join(to, path))


def bite(top, tools, script, arguments, path, edit, expected):
    """Breaks a file, asks the test, and mends it again. Returns what is wrong with the test."""
    whole = os.path.join(top, path)
    old = None
    if os.path.exists(whole):
        with open(whole, encoding="utf-8") as file:
            old = file.read()
    with open(whole, "w", encoding="utf-8") as file:
        file.write(edit(old or ""))

    run = subprocess.run([sys.executable, "-B", os.path.join(HERE, script), top,
                          *(tools[argument] for argument in arguments)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    if old is None:
        os.remove(whole)
    else:
        with open(whole, "w", encoding="utf-8") as file:
            file.write(old)
    if run.returncode == 0 or not re.search(expected, run.stdout):
        return f"{script} does not say \"{expected}\" of a broken {path}, but:\n{run.stdout}"
    return None


def main():
    tree = Tree(sys.argv[1])
    tools = {"COMPILER": sys.argv[2], "NM": sys.argv[3]}
    with tempfile.TemporaryDirectory(prefix="house-bites-") as scratch:
        copy(tree, scratch)
        wrong = [complaint for entry in BITES
                 if (complaint := bite(scratch, tools, *entry))]
        wrong += miscounts(scratch)
    print("\n".join(wrong + [f"{len(BITES) + len(RUNS)} breaks shown, {len(wrong)} not seen"]))
    sys.exit(1 if wrong else 0)


main()
