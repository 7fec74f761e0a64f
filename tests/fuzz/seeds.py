#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the seeds of a fuzzer from text: of hex the bytes, of anything else what it is.

Usage: seeds.py FOLDER FOLDER-OF-SEEDS"""

import os
import shutil
import sys

source, target = sys.argv[1:]
os.makedirs(target, exist_ok=True)
for name in os.listdir(source):
    if not name.endswith(".hex"):
        shutil.copyfile(os.path.join(source, name), os.path.join(target, name))
        continue
    with open(os.path.join(source, name), encoding="ascii") as file:
        text = "".join(line for line in file if not line.startswith("#"))
    with open(os.path.join(target, name.removesuffix(".hex")), "wb") as file:
        file.write(bytes.fromhex(text))
