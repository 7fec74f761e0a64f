# SPDX-License-Identifier: MIT
"""Every C file is as clang-format leaves it.

Usage: format.py SOURCE-DIR"""

import re
import subprocess
import sys

from tree import Tree


def main():
    tree = Tree(sys.argv[1])
    paths = list(tree.files(".c", ".h"))
    if not paths:
        sys.exit("nothing was there to check")
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", "--style=file", *paths],
                         cwd=tree.root, stderr=subprocess.PIPE, text=True)
    places = {}
    for path, line in re.findall(r"^(\S+):(\d+):\d+: error: ", run.stderr, re.MULTILINE):
        places.setdefault(path, line)
    for path, line in places.items():
        tree.complain(f"{path}:{line}", "is not formatted; mend it with clang-format -i")
    if run.returncode != 0 and not places:
        tree.complain("clang-format", run.stderr)
    tree.verdict(len(paths))


main()
