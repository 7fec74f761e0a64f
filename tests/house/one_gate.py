# SPDX-License-Identifier: MIT
"""Holds the one gate (SR-GATE): who is not the governor cannot make or change a governed frame.

Usage: one_gate.py SOURCE-DIR COMPILER

What the compiler must refuse is shown to it. What C lets through (a cast, a pointer from void *)
must not be written: outside the governor a governed frame is only ever named as
"const GovernedFrame *name"."""

import re
import subprocess
import sys

from tree import Tree

ALLOWED = """
unsigned look(const GovernedFrame *frame)
{
        return governed_frame_level(frame, 0);
}
"""

# what is tried, and what the compiler says of it
REFUSED = [
    ("makes one", "GovernedFrame f = {0};", r"incomplete type|isn.t known"),
    ("makes an array of them", "GovernedFrame f[2];", r"incomplete"),
    ("copies one", "void f(const GovernedFrame *a, GovernedFrame *b) { *b = *a; }", r"incomplete"),
    ("writes a level", "void f(GovernedFrame *a) { a->level_permille[0] = 1000; }", r"incomplete"),
    ("reads a level past the accessors",
     "unsigned f(const GovernedFrame *a) { return a->level_permille[0]; }", r"incomplete"),
    ("asks for its size", "const unsigned long f = sizeof(GovernedFrame);", r"incomplete"),
    ("passes levels off as one",
     "unsigned f(const uint16_t *a) { return governed_frame_level(a, 0); }",
     r"incompatible.pointer"),
]

NAMED = re.compile(r"(?P<before>(?:\bconst\s+)?)\bGovernedFrame\b(?P<after>\s*\*\s*\w)?")
GOVERNOR = re.compile(r"daemon/governor[^/]*\.[ch]|tests/unit/test-governor[^/]*\.c")


def compile(tree, compiler, text):
    """With only those words of cmake/KneedTargets.cmake that count here, so that nothing else can
    be what fails."""
    return subprocess.run(
        [compiler, "-std=gnu17", "-D_GNU_SOURCE", "-I", tree.root, "-x", "c", "-fsyntax-only",
         "-Werror=implicit-function-declaration", "-Werror=incompatible-pointer-types", "-"],
        input='#include "daemon/governor.h"\n' + text, capture_output=True, text=True,
        cwd=tree.root)


def main():
    tree = Tree(sys.argv[1])
    compiler = sys.argv[2]

    control = compile(tree, compiler, ALLOWED)
    if control.returncode != 0:
        tree.complain("daemon/governor.h", f"its accessors do not compile:\n{control.stderr}")
    for what, text, reason in REFUSED:
        run = compile(tree, compiler, text)
        if run.returncode == 0:
            tree.complain("daemon/governor.h", f"the compiler takes a source that {what}: {text}")
        elif not re.search(reason, run.stderr):
            tree.complain("daemon/governor.h",
                          f"a source that {what} fails for another reason:\n{run.stderr}")

    for path in tree.files(".c", ".h"):
        if GOVERNOR.fullmatch(path):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            code = re.sub(r"/\*.*|^\s*\*.*|//.*", "", line)
            for match in NAMED.finditer(code):
                if not (match["before"] and match["after"]):
                    tree.complain(f"{path}:{number}",
                                  'names GovernedFrame other than as "const GovernedFrame *name"')
    tree.verdict(1 + len(REFUSED))


main()
