# SPDX-License-Identifier: MIT
"""The governor counts in whole numbers: no floating point in what it is made of.

Usage: integers.py SOURCE-DIR COMPILER NM

The compiler is told to use general registers only. It then refuses floating point, or calls a
helper for it, and that call has a name."""

import glob
import os
import re
import subprocess
import sys
import tempfile

from tree import Tree

FLOATING = re.compile(r"\b(float|double)\b")
HELPER = re.compile(r"__\w*(sf|df|xf|tf|hf)\w*")


def main():
    tree = Tree(sys.argv[1])
    compiler, nm = sys.argv[2:]
    sources = sorted(glob.glob("daemon/governor*.[ch]", root_dir=tree.root)) + ["daemon/keep-out.c"]

    for path in sources:
        for number, line in enumerate(tree.lines(path), 1):
            if FLOATING.search(line):
                tree.complain(f"{path}:{number}", "floating point in the governor")
        if not path.endswith(".c"):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            built = os.path.join(scratch, "governor.o")
            run = subprocess.run(
                [compiler, "-std=gnu17", "-D_GNU_SOURCE", "-I", tree.root, "-O1",
                 "-mgeneral-regs-only", "-c", os.path.join(tree.root, path), "-o", built],
                capture_output=True, text=True)
            if run.returncode != 0:
                tree.complain(path, f"does not compile with general registers only:\n{run.stderr}")
                continue
            symbols = subprocess.run([nm, "--undefined-only", "--format=just-symbols", built],
                                     check=True, capture_output=True, text=True).stdout.split()
            for symbol in filter(HELPER.fullmatch, symbols):
                tree.complain(path, f"calls {symbol}, which is floating point")
    tree.verdict(len(sources))


main()
