# SPDX-License-Identifier: MIT
"""Holds the table of scenarios to what there is: where a scenario was tried there is such a test, no
test of massagers is left out, each session's reason and massager's state is a word of the code, and
each reason and each fault of the simulator is tried somewhere.

Usage: scenarios.py SOURCE-DIR"""

import re
import sys

from tree import Tree

DOCUMENT = "docs/scenarios.md"
IN_PROCESS = ("tests/unit/test-{}.c", "tests/bus/test-{}.c")
MOCK_BUS = ("tests/usb/test-usb-{}.c",)
CHECK = re.compile(r"tests/boot/checks/([0-9]{2})-[a-z0-9-]+$")
# What becomes of one that kneed does not keep.
OTHER_STATES = {"gone", "never opened", "left alone"}


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def listed(cell):
    return re.split(r"[,;] ", cell) if cell else []


def words_after(tree, path, pattern):
    return set(re.findall(pattern, "\n".join(tree.lines(path))))


class Scenarios:
    def __init__(self, tree):
        self.tree = tree
        self.rows = [cells(line) for line in tree.lines(DOCUMENT)
                     if line.startswith("| ") and not line.startswith(("| scenario", "| ---"))]

    def complain(self, text):
        self.tree.complain(DOCUMENT, text)

    def column(self, at):
        return {word for row in self.rows for word in listed(row[at])}

    def check_tests(self):
        for row in self.rows:
            if not any(row[3:]):
                self.complain(f'"{row[0]}" was tried nowhere')
        for at, places in ((3, IN_PROCESS), (4, MOCK_BUS)):
            for name in self.column(at):
                if not any(self.tree.has(place.format(name)) for place in places):
                    self.complain(f"there is no test {name}")
        files = list(self.tree.files())
        numbers = {match[1] for path in files if (match := CHECK.match(path))}
        for number in self.column(5) - numbers:
            self.complain(f"there is no check {number}")
        for path in files:
            if (match := re.match(r"tests/usb/test-usb-([a-z-]+)\.c", path)) and \
                    match[1] not in self.column(4):
                self.complain(f"says nothing of {path}")

    def check_words(self):
        ends = words_after(self.tree, "daemon/session.c", r'\[SESSION_END_\w+\] = \{ "([a-z-]+)"')
        states = words_after(self.tree, "daemon/massager.c", r'\[MASSAGER_\w+\] = "([a-z-]+)"')
        for reason in self.column(1) - ends:
            self.complain(f'no session ends for the reason "{reason}"')
        for reason in ends - self.column(1):
            self.complain(f'says nothing of sessions that end for the reason "{reason}"')
        for row in self.rows:
            for state in re.split(r"; |, or ", row[2]):
                if state.split(" where ")[0] not in states | OTHER_STATES:
                    self.complain(f'no massager is "{state}"')

    def check_faults(self):
        """A fault that the simulator can have is there because somebody tries it."""
        faults = words_after(self.tree, "simulator/model.h", r"(SIM_FAULT_\w+) = ") | \
            words_after(self.tree, "simulator/usb-device.h", r"(USB_FAULT_\w+) = ")
        # That the simulator has it is no scenario yet.
        tests = "".join("\n".join(self.tree.lines(path)) for path in self.tree.files(".c")
                        if re.match(r"tests/usb/|tests/unit/test-(massager|play)\.c", path))
        for fault in sorted(faults):
            if not fault.endswith("_ALL") and not re.search(rf"\b{fault}\b", tests):
                self.tree.complain("tests", f"never try {fault}")
        return len(faults)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tree = Tree(sys.argv[1])
    scenarios = Scenarios(tree)
    scenarios.check_tests()
    scenarios.check_words()
    faults = scenarios.check_faults()
    tree.verdict(len(scenarios.rows) * bool(faults))


main()
