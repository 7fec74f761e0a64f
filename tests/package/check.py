# SPDX-License-Identifier: MIT
"""The packages hold what they should, and those who will take them take them: lintian, systemd, the
bus, and a person who makes a mistake in making them.

Usage: check.py SOURCE-DIR PACKAGES-DIR"""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

EXPECTED = {
    "kneed": """
etc/kneed/kneed.conf
etc/kneed/limits.conf
lib/systemd/system/kneed.service
lib/udev/rules.d/70-kneed.rules
usr/bin/kneectl
usr/lib/systemd/catalog/kneed.catalog
usr/lib/sysusers.d/kneed.conf
usr/libexec/kneed
usr/libexec/kneed-usb-helper
usr/share/bash-completion/completions/kneectl
usr/share/dbus-1/interfaces/org.kneed1.Manager.xml
usr/share/dbus-1/interfaces/org.kneed1.Massager.xml
usr/share/dbus-1/interfaces/org.kneed1.Session.xml
usr/share/dbus-1/system-services/org.kneed1.service
usr/share/dbus-1/system.d/org.kneed1.conf
usr/share/doc/kneed/README.md.gz
usr/share/doc/kneed/changelog.gz
usr/share/doc/kneed/copyright
usr/share/fish/vendor_completions.d/kneectl.fish
usr/share/kneed/routines.d/friction.conf
usr/share/lintian/overrides/kneed
usr/share/man/man1/kneectl.1.gz
usr/share/polkit-1/actions/org.kneed1.policy
usr/share/zsh/vendor-completions/_kneectl
""".split(),
    "kneesim": """
usr/bin/kneesim
usr/share/doc/kneesim/changelog.gz
usr/share/doc/kneesim/copyright
usr/share/man/man1/kneesim.1.gz
""".split(),
}
# More of these may come without a change here.
OPEN_ENDED = re.compile(r"usr/share/(kneed/[a-z]+\.d/[a-z0-9-]+\.conf|man/man[58]/.*|"
                        r"doc/kneed/[a-z-]+\.md(\.gz)?)")
PROGRAM = re.compile(r"usr/(bin|libexec)/[a-z-]+")
DEADLINE_S = 10

# Nothing but what the package brings along.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={scratch}/bus</listen>
  <servicedir>{root}/usr/share/dbus-1/system-services</servicedir>
  <includedir>{root}/usr/share/dbus-1/system.d</includedir>
</busconfig>
"""

complaints = []


def complain(text):
    complaints.append(text)
    print(text)


def run(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **more)


def said(*command):
    done = run(*command)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


def check_files(package, deb):
    found = set()
    for line in said("dpkg-deb", "--contents", deb).splitlines():
        mode, owner, _, _, _, path = line.split(maxsplit=5)
        path = path.removeprefix("./")
        if owner != "root/root":
            complain(f"{package}: {path} belongs to {owner}")
        if mode[0] == "d":
            wanted = "drwxr-xr-x"
        else:
            found.add(path)
            wanted = "-rwxr-xr-x" if PROGRAM.fullmatch(path) else "-rw-r--r--"
        if mode != wanted:
            complain(f"{package}: {path} has mode {mode}, not {wanted}")
    expected = set(EXPECTED[package])
    for path in sorted(expected - found):
        complain(f"{package} lacks {path}")
    for path in sorted(path for path in found - expected if not OPEN_ENDED.fullmatch(path)):
        complain(f"{package} has {path}, but nobody expects it; see EXPECTED in check.py")


def check_conffiles(root):
    with open(os.path.join(root, "DEBIAN/conffiles"), encoding="utf-8") as file:
        listed = set(file.read().split())
    in_etc = {"/" + os.path.relpath(path, root)
              for path in glob.glob(os.path.join(root, "etc/**"), recursive=True)
              if os.path.isfile(path)}
    if listed != in_etc:
        complain(f"dpkg would keep an administrator's {sorted(listed)}, not {sorted(in_etc)}")


def check_versions(source, root, deb):
    with open(os.path.join(source, "CMakeLists.txt"), encoding="utf-8") as file:
        version = re.search(r"^project\(kneed VERSION (\S+)", file.read(), re.MULTILINE)[1]
    packaged = said("dpkg-deb", "--field", deb, "Version").strip()
    if packaged != version:
        complain(f"{deb} has version {packaged}, not {version}")
    for program in glob.glob(os.path.join(root, "usr/bin/*")) + glob.glob(
            os.path.join(root, "usr/libexec/kneed")):
        first = said(program, "--version").splitlines()[0]
        if first != f"{os.path.basename(program)} {version}":
            complain(f"{program} says that it is {first}")


def check_unit(root, scratch):
    """systemd-analyze wants the programs to be there: those beside the unit stand in."""
    unit = os.path.join(scratch, "kneed.service")
    with open(os.path.join(root, "lib/systemd/system/kneed.service"), encoding="utf-8") as file:
        text, n = re.subn("([=+!:-])/usr/libexec/", rf"\1{root}/usr/libexec/", file.read())
    if n == 0:
        complain("the unit starts nothing of the package's")
    with open(unit, "w", encoding="utf-8") as file:
        file.write(text)
    # It says what it ignores, and still succeeds.
    verified = run("systemd-analyze", "verify", "--man=no", unit)
    if verified.returncode != 0 or verified.stdout:
        complain(f"systemd does not take the unit:\n{verified.stdout}")
    users = run("systemd-sysusers", "--dry-run", f"--root={root}")
    if users.returncode != 0 or "kneed" not in users.stdout:
        complain(f"systemd does not take the system user:\n{users.stdout}")


def check_bus(root, scratch):
    config = os.path.join(scratch, "bus.conf")
    with open(config, "w", encoding="utf-8") as file:
        file.write(BUS.format(root=root, scratch=scratch))
    with subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork", "--nosyslog",
                           "--print-address"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as daemon:
        address = daemon.stdout.readline()
        daemon.terminate()
        words = daemon.communicate(timeout=DEADLINE_S)[1]
    # The user comes with the package, and nobody may raise limits everywhere.
    wrong = [line for line in words.splitlines()
             if 'Unknown username "kneed"' not in line and "fd limit" not in line]
    if not address or wrong:
        complain(f"the bus does not take its configuration:\n{words}")


def check_lintian(packages):
    changes = glob.glob(os.path.join(packages, "*.changes"))
    as_root = ["--allow-root"] if os.geteuid() == 0 else []
    done = run("lintian", *as_root, "--pedantic", "--tag-display-limit", "0", "--fail-on",
               "error,warning,info,pedantic", "--display-info", *changes)
    if not changes or done.returncode != 0 or done.stdout:
        complain(f"lintian has something to say:\n{done.stdout}")


def check_mistakes(source, scratch):
    """Whoever asks tools/package for what it cannot do is told so, and nothing is left behind."""
    nothing = os.path.join(scratch, "nothing")
    with open(nothing, "w", encoding="utf-8"):
        pass
    mistakes = [
        ([], 2, "DIRECTORY"),
        (["--help"], 2, "DIRECTORY"),
        (["/tmp", "/tmp"], 1, "one directory is enough"),
        ([os.path.join(source, "tools")], 1, "in the source tree"),
        ([nothing], 1, "no directory that you may write to"),
        ([os.path.join(nothing, "below")], 1, "please make"),
    ]
    for arguments, status, word in mistakes:
        done = run(os.path.join(source, "tools/package"), *arguments)
        if done.returncode != status or word not in done.stdout:
            complain(f"tools/package {' '.join(arguments)} ends with {done.returncode}:\n"
                     f"{done.stdout}")


def check_interrupted(source, scratch):
    """Ctrl-C leaves nothing behind: no files, and no compiler that goes on."""
    folder = os.path.join(scratch, "tmp")
    os.mkdir(folder)
    with subprocess.Popen([os.path.join(source, "tools/package"), os.path.join(scratch, "target")],
                          stdout=subprocess.PIPE, env=dict(os.environ, TMPDIR=folder)) as build:
        said_so = build.stdout.read(len("Building"))
        build.send_signal(signal.SIGINT)
        build.communicate(timeout=DEADLINE_S)
    if said_so != b"Building" or build.returncode != 130:
        complain(f"tools/package ends with {build.returncode} when it is interrupted")
    if os.listdir(folder):
        complain(f"tools/package leaves behind {os.listdir(folder)} when it is interrupted")
    for link in glob.glob("/proc/[0-9]*/cwd"):
        try:
            if os.readlink(link).startswith(folder):
                complain(f"process {link.split('/')[2]} goes on when tools/package is interrupted")
        except OSError:
            pass  # It has ended, or is somebody else's.


def main():
    source, packages = sys.argv[1:]
    scratch = tempfile.mkdtemp(prefix="kneed-package-")
    try:
        for package in EXPECTED:
            debs = glob.glob(os.path.join(packages, f"{package}_*.deb"))
            if len(debs) != 1:
                sys.exit(f"there should be one package {package} in {packages}, not {debs}")
            root = os.path.join(scratch, package)
            said("dpkg-deb", "--raw-extract", debs[0], root)
            check_files(package, debs[0])
            check_versions(source, root, debs[0])
        check_conffiles(os.path.join(scratch, "kneed"))
        check_unit(os.path.join(scratch, "kneed"), scratch)
        check_bus(os.path.join(scratch, "kneed"), scratch)
        check_lintian(packages)
        check_mistakes(source, scratch)
        check_interrupted(source, scratch)
    finally:
        shutil.rmtree(scratch)
    print(f"{len(complaints)} wrong")
    sys.exit(1 if complaints else 0)


main()
