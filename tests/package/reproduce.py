# SPDX-License-Identifier: MIT
"""The packages can be built again, elsewhere and by somebody else, and are the same to the last bit.

Usage: reproduce.py SOURCE-DIR PACKAGES-DIR"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

from sources import copy_tree

# Whom root builds as: nobody.
STRANGER = 65534
# These say where and when a build took place; that is what they are for.
DIARIES = (".buildinfo", ".changes", ".log")
SURROUNDINGS = {
    # The unit tests must leave no trace either.
    "DEB_BUILD_OPTIONS": "nocheck",
    "HOME": "/nonexistent",
    "LANG": "C",
    "LC_ALL": "C",
    "TZ": "EARLY+11",
    "CFLAGS": "-O0 -DNOT_FOR_PACKAGES",
}


def sums(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(DIARIES):
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def build_again(source, scratch):
    tree = os.path.join(scratch, "some", "other place")
    copy_tree(source, tree)
    # Another path for the build itself, too: it takes place below TMPDIR.
    folder = os.path.join(scratch, "another-path-that-is-longer")
    os.mkdir(folder)
    stranger = {"umask": 0o077}
    if os.geteuid() == 0:
        stranger.update(user=STRANGER, group=STRANGER, extra_groups=[])
        subprocess.run(["chown", "--recursive", f"{STRANGER}:{STRANGER}", scratch], check=True)
    target = os.path.join(scratch, "packages")
    done = subprocess.run([os.path.join(tree, "tools/package"), target], check=False,
                          env=dict(os.environ, TMPDIR=folder, **SURROUNDINGS), **stranger)
    if done.returncode != 0:
        sys.exit("building them again failed; see above")
    left = os.listdir(folder)
    if left:
        sys.exit(f"tools/package leaves behind {', '.join(left)}")
    return sums(target)


def main():
    source, packages = sys.argv[1:]
    first = sums(packages)
    scratch = tempfile.mkdtemp(prefix="kneed-reproduce-")
    try:
        again = build_again(source, scratch)
    finally:
        shutil.rmtree(scratch)
    wrong = [name for name in sorted(set(first) | set(again)) if first.get(name) != again.get(name)]
    for name, digest in first.items():
        print(f"{digest}  {name}")
    for name in wrong:
        print(f"{name} came out as {again.get(name)}; diffoscope shows where they differ")
    print(f"{len(first)} files, {len(wrong)} wrong")
    sys.exit(1 if wrong or not first else 0)


main()
