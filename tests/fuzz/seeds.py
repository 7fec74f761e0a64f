#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the seeds of a fuzzer from text. Usage: seeds.py FOLDER-OF-HEX-FILES FOLDER-OF-SEEDS"""

import os
import sys

source, target = sys.argv[1:]
os.makedirs(target, exist_ok=True)
for name in os.listdir(source):
    with open(os.path.join(source, name), encoding="ascii") as file:
        text = "".join(line for line in file if not line.startswith("#"))
    with open(os.path.join(target, name.removesuffix(".hex")), "wb") as file:
        file.write(bytes.fromhex(text))
