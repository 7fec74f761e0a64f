# SPDX-License-Identifier: MIT
"""The D-Bus XML: well-formed, of known parts only, and documented to the last argument.

Usage: interfaces.py SOURCE-DIR

The comment right above an interface, method, property or signal begins with its name, and names
every argument as "@argument:"."""

import re
import sys
import xml.etree.ElementTree as ElementTree

from tree import Tree

ATTRIBUTES = {
    "node": {"name"},
    "interface": {"name"},
    "method": {"name"},
    "signal": {"name"},
    "property": {"name", "type", "access"},
    "arg": {"name", "type", "direction"},
    "annotation": {"name", "value"},
}
CHILDREN = {
    "node": {"interface", "node"},
    "interface": {"method", "signal", "property", "annotation"},
    "method": {"arg", "annotation"},
    "signal": {"arg", "annotation"},
    "property": {"annotation"},
    "arg": {"annotation"},
    "annotation": set(),
}
ANNOTATIONS = re.compile(r"org\.freedesktop\.DBus\.("
                         r"Deprecated|Method\.NoReply|Property\.EmitsChangedSignal)"
                         r"|org\.qtproject\.QtDBus\.QtTypeName(\.(In|Out)\d)?")
DOCUMENTED = {"interface", "method", "signal", "property"}


class Interfaces:
    def __init__(self, tree):
        self.tree = tree
        self.checked = 0

    def file(self, path):
        try:
            parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
            root = ElementTree.fromstringlist([line + "\n" for line in self.tree.lines(path)],
                                              parser=parser)
        except ElementTree.ParseError as error:
            self.tree.complain(path, f"is not well-formed: {error}")
            return
        if root.tag != "node":
            self.tree.complain(path, "does not begin with a node")
            return
        self.element(path, root, "")

    def element(self, path, element, above):
        name = element.get("name", "")
        where = f"{path}: {element.tag} {name}"
        for attribute in set(element.attrib) - ATTRIBUTES[element.tag]:
            self.tree.complain(where, f"has an attribute {attribute}, which D-Bus does not know")
        if not name and element.tag != "node":
            self.tree.complain(where, "has no name")
        if element.tag == "annotation" and not ANNOTATIONS.fullmatch(name):
            self.tree.complain(where, "is no annotation that we know")
        if element.tag in DOCUMENTED:
            self.documentation(where, element, above)

        comment = ""
        for child in element:
            if child.tag is ElementTree.Comment:
                comment = child.text
                continue
            if child.tag not in CHILDREN[element.tag]:
                self.tree.complain(where, f"may not hold a {child.tag}")
            else:
                self.element(path, child, comment)
            comment = ""

    def documentation(self, where, element, comment):
        self.checked += 1
        name = element.get("name")
        if not re.match(rf"\s*{re.escape(name)}:", comment):
            self.tree.complain(where, f'has no comment above it that begins with "{name}:"')
            return
        arguments = [argument.get("name") for argument in element.findall("arg")]
        if element.tag == "interface":
            arguments = ["short_description"]
        described = re.findall(r"^\s*@(\w+):", comment, re.MULTILINE)
        if described != arguments:
            self.tree.complain(where, f"should describe {arguments}, but describes {described}")


def main():
    tree = Tree(sys.argv[1])
    interfaces = Interfaces(tree)
    for path in tree.files(".xml"):
        interfaces.file(path)
    tree.verdict(interfaces.checked)


main()
