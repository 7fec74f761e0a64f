# SPDX-License-Identifier: MIT
"""Counts what a run of ctest really did. Whatever did not run is a failure.

Usage: verdict.py JUNIT-FILE     prints "PASSED FAILED"; what is wrong goes to stderr

A cmocka program counts by its tests, any other test as one."""

import re
import sys
import xml.etree.ElementTree as ElementTree


def judge(output):
    """Returns how many tests passed in the output of a program that succeeded, and what is wrong."""
    skipped = re.findall(r"^\[  SKIPPED \] (\D\S*)", output, re.MULTILINE)
    if skipped:
        return 0, f"skips {', '.join(sorted(set(skipped)))}"
    started = re.findall(r"^\[==========\] (?:.*: )?Running (\d+) test", output, re.MULTILINE)
    if not started:
        return 1, None
    passed = len(re.findall(r"^\[       OK \] ", output, re.MULTILINE))
    if 0 in map(int, started) or passed != sum(map(int, started)):
        return passed, f"begins {' + '.join(started)} tests and passes {passed}"
    return passed, None


def main():
    root = ElementTree.parse(sys.argv[1]).getroot()
    passed = failed = 0
    for case in root.iter("testcase"):
        status = case.get("status")
        if status == "run":
            n, complaint = judge(case.findtext("system-out") or "")
            passed += n
        else:
            complaint = {"fail": "fails"}.get(status, f"did not run ({status})")
        if complaint:
            failed += 1
            print(f"{case.get('name')} {complaint}", file=sys.stderr)
    if passed + failed == 0:
        failed = 1
        print("no test ran", file=sys.stderr)
    print(passed, failed)


main()
