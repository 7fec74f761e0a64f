# SPDX-License-Identifier: MIT
"""What the tests of packages share: a copy of the source tree."""

import os
import shutil


def copy_tree(source, target):
    """Without git's files, and without what was built."""
    def left_out(folder, names):
        top = os.path.samefile(folder, source)
        return [name for name in names
                if name == "__pycache__" or top and (name == ".git" or name.startswith("build"))]
    shutil.copytree(source, target, ignore=left_out, symlinks=True)
