# SPDX-License-Identifier: MIT
"""Proves the governor's contract with Frama-C's WP, for all inputs.

Usage: prove.py SOURCE-DIR [--timeout SECONDS] [FUNCTION…]
  --timeout  what a prover may take for one goal
  FUNCTION   prove only these; clauses of others may be missing

Fails unless every goal is proved, every clause of tests/proof/clauses is among them, every named
clause in the code is on that list, and nothing is assumed that should be proved. What Frama-C warns
of is an error: a warning of it means that something was left out."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCES = ["daemon/governor.c", "daemon/governor-state.c", "daemon/keep-out.c",
           "daemon/limits.c"]
ANNOTATED = SOURCES + ["daemon/governor-proof.h", "daemon/leg-map.h", "daemon/limits.h",
                       "daemon/governor.h", "daemon/governor-private.h"]
CLAUSES = "tests/proof/clauses"
PROVERS = "cvc4,z3"
# Most goals take a tenth of a second. A busy machine shall not make a true thing fail.
TIMEOUT_S = 180
OPTIONS = ["-cpp-extra-args=-I.", "-machdep", "gcc_x86_64",
           # Wrapping round is legal for unsigned numbers, and would still be a mistake here.
           "-warn-unsigned-overflow", "-warn-unsigned-downcast", "-warn-signed-downcast",
           "-wp", "-wp-rte", "-wp-model", "Typed", "-wp-prover", PROVERS,
           "-wp-cache", "none"]

# Where provers see the parts of a goal better than the whole. Elsewhere that makes far too many.
SPLIT = ["governor_init", "governor_begin", "clear_accounts", "clear_all", "take_parts", "set_limits",
         "book_work", "book_all_work", "book_warmth", "book_all_warmth", "latch_hot", "book"]

COMMENT = re.compile(r"/\*@.*?\*/|//@[^\n]*", re.DOTALL)
# What would let a contract hold without a proof.
ASSUMING = re.compile(r"\b(admit|assume|axiom|axiomatic|lemma|inductive|\\false)\b")
NAMED = re.compile(r"\bensures\s+([a-z]\w*)\s*:")
CLAUSE = re.compile(r"^([a-z]\w*) +([a-z]\w*): (.+)$")
GOAL = re.compile(r"^\[wp\] \[([^\]]+)\] Goal (\S+)(?: : (\w+))?", re.MULTILINE)
TOTAL = re.compile(r"^\[wp\] Proved goals:\s+(\d+) / (\d+)", re.MULTILINE)
WARNING = re.compile(r"^.*\b(?:Warning|Error)\b.*(?:\n  .*)?", re.MULTILINE)


class Proof:
    def __init__(self, root, timeout_s, functions):
        self.root = os.path.realpath(root)
        self.timeout_s = timeout_s
        self.functions = functions
        self.complaints = []

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def annotations(self):
        for path in ANNOTATED:
            yield path, "\n".join(COMMENT.findall(self.read(path)))

    def check_nothing_is_assumed(self):
        for path, text in self.annotations():
            for word in sorted(set(ASSUMING.findall(text))):
                self.complaints.append(f"{path}: says {word}: a contract that holds by assumption "
                                       "shows nothing")

    def clauses(self):
        """(function, clause) of each line; an empty list or a line of another kind is an error."""
        found = []
        for number, line in enumerate(self.read(CLAUSES).splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            if match := CLAUSE.match(line):
                found.append((match[2], match[1]))
            else:
                self.complaints.append(f"{CLAUSES}:{number}: is no clause: {line}")
        if not found:
            self.complaints.append(f"{CLAUSES}: names no clause")
        return found

    def check_list_is_whole(self, clauses):
        listed = {clause for _, clause in clauses}
        for path, text in self.annotations():
            for name in NAMED.findall(text):
                if name not in listed:
                    self.complaints.append(f"{path}: clause {name} is not in {CLAUSES}")

    def run(self):
        """(exit status, output) of each run of Frama-C."""
        command = ["frama-c", *OPTIONS, "-wp-timeout", str(self.timeout_s),
                   "-wp-par", str(os.cpu_count() or 1)]
        asked = self.functions or SPLIT
        split = [name for name in asked if name in SPLIT]
        whole = [name for name in asked if name not in SPLIT]
        commands = []
        if split:
            commands.append(command + ["-wp-split", "-wp-fct", ",".join(split)])
        if whole:
            commands.append(command + ["-wp-fct", ",".join(whole)])
        if not self.functions:
            commands.append(command + ["-wp-skip-fct", ",".join(SPLIT)])
        # Frama-C and Why3 leave files; none of them in the tree, none of the user's own read.
        with tempfile.TemporaryDirectory(prefix="kneed-proof-") as folder:
            config = os.path.join(folder, "why3.conf")
            # Frama-C believes PWD: where it is wrong, other sources would be proved.
            environment = dict(os.environ, HOME=folder, WHY3CONFIG=config, TMPDIR=folder,
                               PWD=self.root)
            subprocess.run(["why3", "config", "detect"], env=environment, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for command in commands:
                done = subprocess.run(command + ["-wp-session", folder] + SOURCES, cwd=self.root,
                                      env=environment, text=True, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                yield done.returncode, done.stdout

    def judge(self, runs, clauses):
        proved = goals = 0
        valid = []
        for status, output in runs:
            self.complaints += WARNING.findall(output)
            total = TOTAL.search(output)
            if status != 0 or not total or int(total[2]) == 0:
                self.complaints.append(
                    f"frama-c ended with {status} and no count:\n{output[-2000:]}")
                continue
            proved += int(total[1])
            goals += int(total[2])
            for _, name, verdict in GOAL.findall(output):
                if verdict == "Valid":
                    valid.append(name)
                else:
                    self.complaints.append(f"not proved: {name}")
        if proved != goals:
            self.complaints.append(f"{goals - proved} of {goals} goals are not proved")
        for function, clause in clauses:
            if self.functions and function not in self.functions:
                continue
            if not any(re.fullmatch(rf"typed_{function}_ensures_{clause}(?:_part\d+)?", name)
                       for name in valid):
                self.complaints.append(f"clause {clause} of {function}() is not proved")
        print(f"Proved goals: {proved} / {goals}")

    def verdict(self, clauses):
        for complaint in self.complaints:
            print(complaint)
        print(f"{len(clauses)} clauses, {len(self.complaints)} complaints")
        sys.exit(1 if self.complaints else 0)


def main():
    for program in ("frama-c", "why3", *PROVERS.split(",")):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: tools/install-packages proof")
    words = sys.argv[2:]
    timeout_s = TIMEOUT_S
    if words[:1] == ["--timeout"]:
        timeout_s = int(words[1])
        words = words[2:]
    proof = Proof(sys.argv[1], timeout_s, words)
    clauses = proof.clauses()
    proof.check_nothing_is_assumed()
    proof.check_list_is_whole(clauses)
    if not proof.complaints:
        proof.judge(proof.run(), clauses)
    proof.verdict(clauses)


main()
