# SPDX-License-Identifier: MIT
"""Holds the safety case to the code: every requirement is kept somewhere and shown by a test, and
nothing names a requirement that is not there.

Usage: safety_case.py SOURCE-DIR [--write]     --write: renews the index in the document

A requirement is a row "| SR-NAME | … |" of docs/safety-case.md. Code and tests name it in a comment
above the thing that keeps or shows it; the index in the document is made from these comments, so
that a reader finds them, and this check finds an index that is no longer true."""

import os
import re
import sys

from tree import Tree

CLAUSES = "tests/proof/clauses"
DOCUMENT = "docs/safety-case.md"
BEGIN = "<!-- The index below is made by tests/house/safety_case.py --write. -->"
NAME = re.compile(r"\bSR-[A-Z0-9]+(?:-[A-Z0-9]+)*\b")
ROW = re.compile(r"^\| (SR-[A-Z0-9-]+) \| (.+?) \| (.+?) \|$")
HAZARD = re.compile(r"^\| (H-[A-Z0-9-]+) \|")
KEEPERS = ("cli/", "common/", "config/", "daemon/", "protocol/", "simulator/", "systemd/")
# A definition at the beginning of a line, after what may stand before it.
DEFINITION = re.compile(r"^(?!return\b|else\b|typedef\b)[A-Za-z_][\w \t*]*?\b([A-Za-z_]\w*)\s*[\[({=]")
MACRO = re.compile(r"^#define (\w+)")


def names_thing(line):
    match = MACRO.match(line) or DEFINITION.match(line)
    return match[1] if match else None


def thing_after(lines, at):
    """What a comment stands above: the next definition, within a comment's reach."""
    for line in lines[at:at + 30]:
        if name := names_thing(line):
            return name
    return None


class Case:
    def __init__(self, tree):
        self.tree = tree
        self.requirements = {}
        self.hazards = {}
        self.kept = {}
        self.shown = {}

    def read_document(self):
        for line in self.tree.lines(DOCUMENT):
            if line == BEGIN:
                break
            if match := ROW.match(line):
                if match[1] in self.requirements:
                    self.tree.complain(DOCUMENT, f"has {match[1]} twice")
                self.requirements[match[1]] = match[3]
            elif match := HAZARD.match(line):
                self.hazards[match[1]] = 0

    def check_hazards(self):
        for requirement, hazards in self.requirements.items():
            for hazard in hazards.split(", "):
                if hazard not in self.hazards:
                    self.tree.complain(DOCUMENT, f"{requirement} is against {hazard}, which is no hazard")
                else:
                    self.hazards[hazard] += 1
        for hazard, n in self.hazards.items():
            if n == 0:
                self.tree.complain(DOCUMENT, f"{hazard} has no requirement against it")

    def take(self, path):
        lines = self.tree.lines(path)
        for number, line in enumerate(lines):
            for name in NAME.findall(line):
                where = f"{path}:{number + 1}"
                if name not in self.requirements:
                    self.tree.complain(where, f"names {name}, which is not in {DOCUMENT}")
                elif path.startswith(KEEPERS):
                    self.note(self.kept, name, path, self.keeper(lines, number, path))
                elif path.startswith("tests/"):
                    self.note(self.shown, name, path, self.test(lines, number, path, where))

    @staticmethod
    def note(index, name, path, thing):
        text = f"`{path}`" + (f" {thing}" if thing else "")
        index.setdefault(name, [])
        if text not in index[name]:
            index[name].append(text)

    @staticmethod
    def keeper(lines, number, path):
        return thing_after(lines, number + 1) if path.endswith((".c", ".h")) else None

    def test(self, lines, number, path, where):
        # Each line is a clause of the proof, which fails when one of them is not proved.
        if path == CLAUSES:
            return lines[number].split()[0]
        # At the head of a file it is all of that file.
        if not path.endswith(".c") or not any(line.startswith("#include") for line in lines[:number]):
            return None
        name = thing_after(lines, number + 1)
        uses = sum(bool(re.search(rf"\b{name}\b", line)) for line in lines) if name else 0
        if uses < 2:
            self.tree.complain(where, "names a requirement, but no test that is run follows")
        return name

    def check_index(self):
        for name in self.requirements:
            if name not in self.kept:
                self.tree.complain(DOCUMENT, f"{name} is kept nowhere")
            if name not in self.shown:
                self.tree.complain(DOCUMENT, f"{name} is shown by no test")

    def index(self):
        lines = [BEGIN, "", "| requirement | kept by | shown by |", "| --- | --- | --- |"]
        for name in self.requirements:
            kept = "<br>".join(sorted(self.kept.get(name, [])))
            shown = "<br>".join(sorted(self.shown.get(name, [])))
            lines.append(f"| {name} | {kept} | {shown} |")
        return lines


def main():
    tree = Tree(sys.argv[1])
    case = Case(tree)
    case.read_document()
    case.check_hazards()
    for path in tree.files():
        if path.startswith(KEEPERS + ("tests/",)) and path != "tests/house/safety_case.py":
            try:
                case.take(path)
            except UnicodeDecodeError:
                pass
    case.check_index()

    lines = tree.lines(DOCUMENT)
    if BEGIN not in lines:
        tree.complain(DOCUMENT, f"has no line: {BEGIN}")
    else:
        wanted = lines[:lines.index(BEGIN)] + case.index()
        if "--write" in sys.argv[2:]:
            with open(os.path.join(tree.root, DOCUMENT), "w", encoding="utf-8") as file:
                file.write("\n".join(wanted) + "\n")
        elif lines != wanted:
            tree.complain(DOCUMENT, "has an index that is not true any more; renew it with: "
                          "python3 tests/house/safety_case.py . --write")
    tree.verdict(len(case.requirements))


main()
