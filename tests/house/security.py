# SPDX-License-Identifier: MIT
"""How exposed the service is, as systemd counts it: prints the score, and holds it. What it does not
take away has its reason in the unit, by name.

Usage: security.py SOURCE-DIR UNIT"""

import os
import re
import subprocess
import sys
import tempfile

# Of systemd 252. The best of the daemons that everybody has, localed, has 1.2; hostnamed 1.5.
MOST = 1.0
SCORE = re.compile(r"^→ Overall exposure level for \S+: ([0-9.]+) ", re.MULTILINE)
MISSING = re.compile(r"^✗ ([^=\s]+)=", re.MULTILINE)


def main():
    source, unit = sys.argv[1:]
    wrong = []
    # By its own name: systemd looks at that.
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kneed.service")
        with open(unit, encoding="utf-8") as original, open(path, "w", encoding="utf-8") as copy:
            copy.write(original.read())
        said = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true", path],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=dict(os.environ, LC_ALL="C.UTF-8"), check=False).stdout
    score = SCORE.search(said)
    if not score:
        sys.exit(f"systemd-analyze gives no score:\n{said}")
    if float(score[1]) > MOST:
        wrong.append(f"the unit is exposed by more than {MOST}:\n{said}")

    with open(os.path.join(source, "systemd/kneed.service.in"), encoding="utf-8") as file:
        reasons = "\n".join(line for line in file.read().splitlines() if line.startswith("#"))
    missing = sorted(set(MISSING.findall(said)))
    for name in missing:
        # What the unit sets in part stands there, with a comment above it.
        if name not in ("DeviceAllow", "RestrictAddressFamilies") and \
                name.split("/")[0] not in reasons:
            wrong.append(f"{name} is missing, and the unit does not say why")

    print("\n".join(wrong + [f"exposure {score[1]} of at most {MOST}; "
                             f"not taken away, for a reason: {', '.join(missing)}",
                             f"{1 + len(missing)} checked, {len(wrong)} wrong"]))
    sys.exit(1 if wrong else 0)


main()
