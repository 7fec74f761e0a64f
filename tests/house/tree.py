# SPDX-License-Identifier: MIT
"""What the tests of the house share: the files of the source tree, and a way to complain."""

import os
import sys


class Tree:
    """The source tree below root, without build directories and what is hidden."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.complaints = []

    def files(self, *suffixes):
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(d for d in folders if self._is_source(os.path.join(folder, d)))
            for name in sorted(names):
                if not suffixes or name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(folder, name), self.root)

    def lines(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read().splitlines()

    def has(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def complain(self, path, text):
        self.complaints.append(f"{path}: {text}")

    def verdict(self, checked):
        """Ends the test. Having looked at nothing is a failure as well."""
        for complaint in self.complaints:
            print(complaint)
        if checked == 0:
            print("nothing was there to check")
        print(f"{checked} checked, {len(self.complaints)} wrong")
        sys.exit(1 if self.complaints or checked == 0 else 0)

    @staticmethod
    def _is_source(folder):
        name = os.path.basename(folder)
        if name == ".ci":
            return True
        return not (name.startswith((".", "__pycache__")) or
                    os.path.exists(os.path.join(folder, "CMakeCache.txt")))
