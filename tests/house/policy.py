# SPDX-License-Identifier: MIT
"""The bus policy, asked on a bus that holds it, with the real daemon behind it: what the bus lets in
of a stranger's calls is kneed's own interfaces, on this bus without polkit all of them but looking
and stopping are refused, and nobody but kneed may be kneed (SR-OWNER).

Usage: policy.py SOURCE-DIR KNEED

The policy names the user kneed. On this bus whoever runs the test stands in for it; run by root, the
calls come from an ordinary user, else they come from kneed's own, who may do everything."""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

# What a stranger may call where nobody says who sits at the machine.
OPEN = {
    "org.kneed1.Manager.ListRoutines",
    "org.kneed1.Manager.ListZones",
    "org.kneed1.Manager.ListLimits",
    "org.kneed1.Manager.ListQuestions",
    "org.kneed1.Manager.EmergencyStop",
    "org.kneed1.Manager.StopAll",
    "org.kneed1.Massager.Stop",
    "org.kneed1.Session.Ease",
    "org.kneed1.Session.Pause",
    "org.kneed1.Session.ReportPain",
    "org.kneed1.Session.Unsubscribe",
    "org.kneed1.Session.Stop",
    "org.freedesktop.DBus.Introspectable.Introspect",
    "org.freedesktop.DBus.ObjectManager.GetManagedObjects",
    "org.freedesktop.DBus.Peer.Ping",
    "org.freedesktop.DBus.Properties.GetAll",
}
# Of interfaces that are none of kneed's.
CLOSED = {"org.freedesktop.DBus.Monitoring.BecomeMonitor", "org.example.Other.Method"}

STRANGER = 65534
NO_SUCH_USER = "nobody-of-that-name"
DEADLINE_S = 10

# The defaults of the system bus, and the policy.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>{folder}/org.kneed1.conf</include>
</busconfig>
"""


class Bus:
    """A bus with the policy, in which the user `kneed` stands in for kneed."""

    def __init__(self, policy, kneed):
        self.folder = tempfile.mkdtemp(prefix="house-policy-")
        os.chmod(self.folder, 0o755)
        self.write("org.kneed1.conf", policy.replace('user="kneed"', f'user="{kneed}"'))
        self.write("bus.conf", BUS.format(folder=self.folder))
        self.daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork", "--nosyslog",
             "--print-address"], stdout=subprocess.PIPE, text=True)
        address = self.daemon.stdout.readline().strip()
        if not address:
            self.close()
            sys.exit("dbus-daemon does not take the policy")
        self.environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def gdbus(self, *arguments):
        stranger = {"user": STRANGER, "group": STRANGER, "extra_groups": []}
        return subprocess.run(["gdbus", *arguments], env=self.environment, cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=DEADLINE_S, **(stranger if os.geteuid() == 0 else {}))

    def close(self):
        self.daemon.terminate()
        self.daemon.wait(DEADLINE_S)
        self.daemon.stdout.close()
        shutil.rmtree(self.folder)


def methods_of(source):
    folder = os.path.join(source, "config/dbus")
    for name in sorted(os.listdir(folder)):
        for interface in ElementTree.parse(os.path.join(folder, name)).iter("interface"):
            for method in interface.iter("method"):
                yield f"{interface.get('name')}.{method.get('name')}"


def start_kneed(bus, source, kneed):
    os.mkdir(os.path.join(bus.folder, "etc"))
    return subprocess.Popen([kneed, "--virtual", "--config-dir", os.path.join(bus.folder, "etc"),
                             "--data-dir", os.path.join(source, "config"),
                             "--state-dir", os.path.join(bus.folder, "state")],
                            env=bus.environment)


def wrong_answers(bus, methods):
    for method in methods:
        answer = bus.gdbus("call", "--system", "--dest", "org.kneed1", "--object-path",
                           "/org/kneed1", "--method", method).stdout
        # The bus says it where its policy forbids, kneed where polkit does.
        rejected = "Rejected send message" in answer
        denied = "Error.NotAuthorized" in answer
        if rejected != (method in CLOSED):
            yield f"{method} is {'not ' * (not rejected)}rejected by the bus: {answer.strip()}"
        elif denied != (method not in OPEN | CLOSED and os.geteuid() == 0):
            yield f"{method} is {'not ' * (not denied)}denied to a stranger: {answer.strip()}"


def main():
    source, kneed = sys.argv[1:]
    me = str(os.geteuid())
    with open(os.path.join(source, "config/org.kneed1.conf"), encoding="utf-8") as file:
        policy = file.read()
    methods = sorted(set(methods_of(source)) | OPEN | CLOSED)
    wrong = []

    bus = Bus(policy, kneed=me)
    daemon = start_kneed(bus, source, kneed)
    try:
        if bus.gdbus("wait", "--system", f"--timeout={DEADLINE_S - 1}", "org.kneed1").returncode:
            wrong.append("kneed cannot take its name")
        else:
            wrong += wrong_answers(bus, methods)
    finally:
        daemon.terminate()
        daemon.wait(DEADLINE_S)
        bus.close()

    bus = Bus(policy, kneed=NO_SUCH_USER)
    daemon = start_kneed(bus, source, kneed)
    try:
        if daemon.wait(DEADLINE_S) == 0:
            wrong.append("a user who is not kneed can be kneed")
    except subprocess.TimeoutExpired:
        wrong.append("a user who is not kneed can be kneed")
        daemon.kill()
        daemon.wait()
    finally:
        bus.close()

    print("\n".join(wrong + [f"{len(methods)} methods asked, {len(wrong)} wrong"]))
    sys.exit(1 if wrong else 0)


main()
