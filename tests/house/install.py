# SPDX-License-Identifier: MIT
"""An installation is whole, keeps what the administrator wrote, and systemd takes it.

Usage: install.py CMAKE BUILD-DIR KNEED SOURCE-DIR"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

EXPECTED = """
bin/kneectl
bin/kneesim
etc/kneed/kneed.conf
etc/kneed/limits.conf
lib/systemd/catalog/kneed.catalog
lib/systemd/system/kneed.service
lib/sysusers.d/kneed.conf
lib/udev/rules.d/70-kneed.rules
libexec/kneed
libexec/kneed-usb-helper
share/dbus-1/interfaces/org.kneed1.Manager.xml
share/dbus-1/interfaces/org.kneed1.Massager.xml
share/dbus-1/interfaces/org.kneed1.Session.xml
share/dbus-1/system-services/org.kneed1.service
share/dbus-1/system.d/org.kneed1.conf
share/polkit-1/actions/org.kneed1.policy
""".split()
# More of these may come without a change here.
OPEN_ENDED = re.compile(r"share/(kneed/routines\.d/[a-z0-9-]+\.conf|man/man\d/.*|doc/.*|"
                        r"bash-completion/.*|zsh/.*|fish/.*)")

complaints = []


def complain(text):
    complaints.append(text)
    print(text)


def run(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **more)


def install(cmake, build, *options, destdir=None):
    environment = dict(os.environ)
    environment.pop("DESTDIR", None)
    if destdir:
        environment["DESTDIR"] = destdir
    done = run(cmake, "--install", build, *options, env=environment)
    if done.returncode != 0:
        sys.exit(f"cmake --install failed:\n{done.stdout}")


def files_below(top):
    return {os.path.relpath(os.path.join(folder, name), top)
            for folder, _, names in os.walk(top) for name in names}


def check_files(prefix):
    found = files_below(prefix)
    for path in sorted(set(EXPECTED) - found):
        complain(f"{path} is not installed")
    for path in sorted(path for path in found - set(EXPECTED) if not OPEN_ENDED.fullmatch(path)):
        complain(f"{path} is installed, but nobody expects it; see EXPECTED in install.py")
    if not any(path.startswith("share/kneed/routines.d/") for path in found):
        complain("no routine is installed")


def check_pages(source, prefix):
    for name in os.listdir(os.path.join(source, "docs")):
        section = re.fullmatch(r".*\.([1-8])", name)
        if section and not os.path.exists(os.path.join(prefix, f"share/man/man{section[1]}", name)):
            complain(f"docs/{name} is not installed")


def check_components(cmake, build, scratch, everything):
    """They are what packages of any distribution hold: nothing is in none of them, nor in both."""
    found = {}
    for component in ("kneed", "kneesim"):
        prefix = os.path.join(scratch, component)
        install(cmake, build, "--prefix", prefix, "--component", component)
        found[component] = files_below(prefix)
    for path in sorted(everything - found["kneed"] - found["kneesim"]):
        complain(f"{path} is in no component")
    for path in sorted(found["kneed"] & found["kneesim"]):
        complain(f"{path} is in two components")
    for path in sorted(path for path in found["kneesim"] if "kneesim" not in path):
        complain(f"{path} is in kneesim's component")


def check_staged(cmake, build, staged):
    """What those who package kneed do: the places are the final ones, below DESTDIR."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        prefix = re.search(r"^CMAKE_INSTALL_PREFIX:PATH=/(.*)$", file.read(), re.MULTILINE)[1]
    install(cmake, build, destdir=staged)
    found = files_below(staged)
    for path in EXPECTED:
        place = path if path.startswith("etc/") and prefix == "usr" else os.path.join(prefix, path)
        if place not in found:
            complain(f"/{place} is not installed with DESTDIR")
    if prefix == "usr" and any(not path.startswith(("usr/", "etc/")) for path in found):
        complain("something outside of /usr and /etc is installed with DESTDIR")


def check_kept(cmake, build, prefix):
    limits = os.path.join(prefix, "etc/kneed/limits.conf")
    with open(limits, "w", encoding="utf-8") as file:
        file.write("session_minutes = 5;\n")
    install(cmake, build, "--prefix", prefix)
    with open(limits, encoding="utf-8") as file:
        if file.read() != "session_minutes = 5;\n":
            complain("a second installation takes away the limits that the administrator set")


def check_unit(installed, kneed, scratch):
    """systemd-analyze wants the programs to be there: the built ones stand in."""
    unit = os.path.join(scratch, "kneed.service")
    with open(installed, encoding="utf-8") as file:
        text = file.read()
    text, n = re.subn(r"^ExecStart=\S+/libexec/kneed$", f"ExecStart={kneed}", text, flags=re.MULTILINE)
    if n != 1:
        complain("the unit does not start libexec/kneed")
    text, n = re.subn(r"^(ExecStopPost=)\S+/libexec(/kneed-usb-helper .*)$",
                      rf"\1{os.path.dirname(kneed)}\2", text, flags=re.MULTILINE)
    if n != 1:
        complain("the unit does not end with libexec/kneed-usb-helper")
    with open(unit, "w", encoding="utf-8") as file:
        file.write(text)

    # It says what it ignores, and still succeeds.
    verified = run("systemd-analyze", "verify", "--man=no", unit)
    if verified.returncode != 0 or verified.stdout:
        complain(f"systemd does not take the unit:\n{verified.stdout}")


def main():
    cmake, build, kneed, source = sys.argv[1:]
    scratch = tempfile.mkdtemp(prefix="house-install-", dir=build)
    try:
        prefix = os.path.join(scratch, "prefix")
        install(cmake, build, "--prefix", prefix)
        check_files(prefix)
        check_pages(source, prefix)
        check_components(cmake, build, scratch, files_below(prefix))
        check_kept(cmake, build, prefix)
        check_unit(os.path.join(prefix, "lib/systemd/system/kneed.service"), kneed, scratch)

        users = run("systemd-sysusers", "--dry-run", os.path.join(prefix, "lib/sysusers.d/kneed.conf"))
        if users.returncode != 0:
            complain(f"systemd does not take the system user:\n{users.stdout}")

        check_staged(cmake, build, os.path.join(scratch, "staged"))
    finally:
        shutil.rmtree(scratch)
    print(f"{len(complaints)} wrong")
    sys.exit(1 if complaints else 0)


main()
