# SPDX-License-Identifier: MIT
"""Holds the table in docs/system.md to the checks in the booted system that make it.

Usage: system.py SOURCE-DIR [--write RESULTS-DIR…]

A check says what happened by "happened SCENARIO OUTCOME". The rows of a run are in its RESULTS-DIR, and
--write puts them into the document. Numbers differ from run to run, so what is held here is that
every scenario that a check tells of has a row with an outcome, and that no row is without a check;
the outcome itself the check has asserted before it told it."""

import os
import re
import sys

from tree import Tree

DOCUMENT = "docs/system.md"
BEGIN = "<!-- The table below is made by tests/house/system.py --write. -->"
END = "<!-- Here it ends. -->"
TOLD = re.compile(r'^\s*happened\s+"([^"]+)"', re.MULTILINE)
CHECK = re.compile(r"tests/boot/checks/\d\d-")
ROW = re.compile(r"^\| (.+?) \| (.+?) \| `(\d\d)` \|$")


def told(tree):
    """Each scenario, and the number of the check that tells of it."""
    return {scenario: os.path.basename(path)[:2]
            for path in tree.files() if CHECK.match(path)
            for scenario in TOLD.findall("\n".join(tree.lines(path)))}


def rows_of(folders):
    rows = []
    paths = [os.path.join(folder, name) for folder in folders for name in os.listdir(folder)]
    for path in sorted(paths, key=os.path.basename):
        if path.endswith(".rows"):
            with open(path, encoding="utf-8") as file:
                number = os.path.basename(path)[:2]
                rows += [(*line.rstrip("\n").split("\t"), number) for line in file]
    return rows


def main():
    tree = Tree(sys.argv[1])
    scenarios = told(tree)
    lines = tree.lines(DOCUMENT)
    begin, end = lines.index(BEGIN), lines.index(END)

    if sys.argv[2:3] == ["--write"]:
        table = ["", "| scenario | what happened | check |", "| --- | --- | --- |"]
        table += [f"| {scenario} | {outcome} | `{number}` |"
                  for scenario, outcome, number in rows_of(sys.argv[3:])]
        lines = lines[:begin + 1] + table + [""] + lines[end:]
        with open(os.path.join(tree.root, DOCUMENT), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        begin, end = lines.index(BEGIN), lines.index(END)

    rows = {match[1]: match[3] for line in lines[begin:end] if (match := ROW.match(line))}
    for scenario in scenarios.keys() - rows.keys():
        tree.complain(DOCUMENT, f'says nothing of "{scenario}"; see {os.path.basename(__file__)}')
    for scenario in rows.keys() - scenarios.keys():
        tree.complain(DOCUMENT, f'no check tells of "{scenario}"')
    for scenario in rows.keys() & scenarios.keys():
        if rows[scenario] != scenarios[scenario]:
            tree.complain(DOCUMENT, f'"{scenario}" is told by check {scenarios[scenario]}')
    tree.verdict(len(rows))


main()
