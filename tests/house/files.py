# SPDX-License-Identifier: MIT
"""Every file says its licence at its top, and no C file is longer than a reader can hold.

Usage: headline.py SOURCE-DIR"""

import os
import sys

from tree import Tree

LICENCE = "SPDX-License-Identifier: MIT"
TOP_LINES = 5
# JSON has no comments, nor have three of Debian's; texts for people and the licence itself need none.
WITHOUT = (".json", ".md", "LICENSE", ".gitignore", "debian/changelog", "debian/copyright",
           "debian/source/format")
LONGEST = 700


def main():
    tree = Tree(sys.argv[1])
    checked = 0
    for path in tree.files():
        if path.endswith(WITHOUT):
            continue
        try:
            lines = tree.lines(path)
        except UnicodeDecodeError:
            tree.complain(path, "is not text; the tree keeps sources only")
            continue
        checked += 1
        if not any(LICENCE in line for line in lines[:TOP_LINES]):
            tree.complain(path, f'has no "{LICENCE}" in its first {TOP_LINES} lines')
        if path.endswith((".c", ".h")) and len(lines) > LONGEST:
            tree.complain(path, f"has {len(lines)} lines; {LONGEST} is the most")
        if lines and lines[0].startswith("#!") and not os.access(
                os.path.join(tree.root, path), os.X_OK):
            tree.complain(path, "begins with #! but is not executable")
    tree.verdict(checked)


main()
