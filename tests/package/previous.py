# SPDX-License-Identifier: MIT
"""Makes packages for an upgrade to begin with: of the commit before this one, with what its scripts do
and its daemon wrote. Where there is none that knows of packages, this tree as it is takes its place;
the upgrade's own scripts run then, too.

Usage: previous.py SOURCE-DIR PACKAGES-DIR"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from sources import copy_tree



def git(source, *arguments):
    """What git says, or nothing: a source package has no history."""
    if not os.path.exists(os.path.join(source, ".git")):
        return None
    done = subprocess.run(["git", "-C", source, "-c", f"safe.directory={source}", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout if done.returncode == 0 else None


def unpack(source, tree):
    # What is not committed yet comes after the last commit.
    commit = "HEAD" if git(source, "status", "--porcelain") else "HEAD~1"
    if git(source, "cat-file", "-e", f"{commit}:tools/package") is None:
        print("no commit before this one knows of packages: from this tree")
        return copy_tree(source, tree)
    print(git(source, "log", "-1", "--format=from %h: %s", commit).decode().strip())
    os.makedirs(tree)
    return subprocess.run(["tar", "-x", "-C", tree], input=git(source, "archive", commit), check=True)


def main():
    source, packages = map(os.path.abspath, sys.argv[1:])
    scratch = tempfile.mkdtemp(prefix="kneed-previous-")
    try:
        tree = os.path.join(scratch, "tree")
        unpack(source, tree)
        changelog = os.path.join(tree, "debian/changelog")
        with open(changelog, encoding="utf-8") as file:
            text = file.read()
        with open(changelog, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^kneed \(([^)]*)\)", r"kneed (\1~previous)", text))
        shutil.rmtree(packages, ignore_errors=True)
        done = subprocess.run([os.path.join(tree, "tools/package"), packages], check=False,
                              env=dict(os.environ, DEB_BUILD_OPTIONS="nocheck noautodbgsym"))
    finally:
        shutil.rmtree(scratch)
    sys.exit(done.returncode)


main()
