# SPDX-License-Identifier: MIT
"""clang-tidy over every C file that the build compiles.

Usage: tidy.py BUILD-DIR     of a build with clang

A file that was clean stays so until what the compiler reads of it changes; that is remembered in
the build directory."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def fingerprint(entry, version):
    """Of the rules, the command, and all text that the compiler sees, comments included."""
    rules = subprocess.run(["clang-tidy", "--dump-config", entry["file"], "--"], check=True,
                           capture_output=True).stdout
    command = shlex.split(entry["command"])
    cut = command.index("-o")
    preprocess = command[:cut] + command[cut + 2:] + ["-E", "-C", "-o", "-"]
    text = subprocess.run(preprocess, cwd=entry["directory"], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return hashlib.sha256(version + rules + entry["command"].encode() + text).hexdigest()


def tidy(entry, build, version, clean):
    mark = os.path.join(clean, fingerprint(entry, version))
    if os.path.exists(mark):
        return True
    run = subprocess.run(["clang-tidy", "--quiet", "-p", build, entry["file"]], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode != 0:
        # What it says on stderr is a count of warnings in headers that are not ours.
        print(run.stdout or run.stderr, flush=True)
        return False
    with open(mark, "w", encoding="utf-8"):
        return True


def main():
    build = sys.argv[1]
    version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    clean = os.path.join(build, "tidy-clean")
    os.makedirs(clean, exist_ok=True)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = list(pool.map(lambda entry: tidy(entry, build, version, clean), entries))
    print(f"{len(results)} files checked, {results.count(False)} wrong")
    sys.exit(0 if results and all(results) else 1)


main()
