# SPDX-License-Identifier: MIT
"""What kneed says to the journal: each kind of message has an id of its own, stands in the catalog
and in kneed(8), is sent somewhere, and no message speaks of the person.

Usage: journal.py SOURCE-DIR"""

import re
import sys

from tree import Tree

HEADER, CATALOG, PAGE = "daemon/log.h", "systemd/kneed.catalog", "docs/kneed.8"
DEFINED = re.compile(r'^#define (LOG_[A-Z_]+) +"([0-9a-f]{32})"$')
# log_info("…" "…", …), log_fields(level, …, "…", …): the words of a message.
CALL = re.compile(r"\blog_(?:info|warning|error|fields|massager)\(((?:[^()\"]|\"(?:[^\"\\]|\\.)*\""
                  r"|\((?:[^()\"]|\"(?:[^\"\\]|\\.)*\"|\([^()]*\))*\))*)\);", re.DOTALL)
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
HEALTH = re.compile(r"\b(pain|hurts?|screening|questions?|answers|leg|left|right|knee|"
                    r"doctor|fever|wound)\b(?! alone)")


def main():
    tree = Tree(sys.argv[1])
    ids = dict(match.groups() for line in tree.lines(HEADER) if (match := DEFINED.match(line)))
    catalog = re.findall(r"^-- ([0-9a-f]{32})$", "\n".join(tree.lines(CATALOG)), re.MULTILINE)
    page = re.findall(r"^    ([0-9a-f]{32})  ", "\n".join(tree.lines(PAGE)), re.MULTILINE)
    for where, found in ((CATALOG, catalog), (PAGE, page)):
        if sorted(found) != sorted(ids.values()):
            tree.complain(where, "should have each id of log.h, once")
    if len(set(ids.values())) != len(ids):
        tree.complain(HEADER, "has one id twice")

    checked = 0
    sources = {path: "\n".join(tree.lines(path)) for path in tree.files(".c")
               if path.startswith("daemon/")}
    for name in ids:
        if not any(re.search(rf"\b{name}\b", text) for text in sources.values()):
            tree.complain(HEADER, f"{name} is never said")
    for path, text in sources.items():
        for call in CALL.finditer(text):
            checked += 1
            words = " ".join(TEXT.findall(call[1]))
            if match := HEALTH.search(words):
                tree.complain(path, f'says "{match[0]}" to the journal: {words}')
    tree.verdict(checked)


main()
