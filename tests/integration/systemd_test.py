#!/usr/bin/env python3
"""The unit and the socket unit under a real systemd, which is process 1 of namespaces of its own.

  systemd_test.py EXPORTER PROBE MODULE        the module for TLS and passwords

Two settings of the unit cannot be had there: groups that this machine does not have, and PrivateUsers=, since systemd has
fewer privileges in a namespace.
"""
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from certificates import Certificates
from exporter_process import is_sanitized, wait_until

HERE = pathlib.Path(__file__).resolve().parent
DEPLOY = HERE.parents[1] / "deploy"
PROGRAM, PROBE, MODULE = None, None, None
SERVICE, SOCKET = "rig_exporter.service", "rig_exporter.socket"
LOG = "run/test.log"  # of the exporter
UNIX_SOCKET = "run/test.sock"
SKIPPED = 77


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Systemd:
    """A systemd that has the units of this project, and runs none of them."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="systemd_test.")
        self.log = tempfile.TemporaryFile("w+")
        units = [DEPLOY / SERVICE, DEPLOY / SOCKET]
        self.unshare = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--cgroup", "--ipc", "--uts",
             HERE / "systemd_namespace.sh", self.directory, PROGRAM, PROBE, MODULE, *units],
            cwd="/", stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)

    def wait_until_started(self, seconds):
        """Returns why it does not run, or None."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.unshare.poll() is not None:
                self.log.seek(0)
                lines = self.log.read().strip().splitlines()
                return lines[-1] if lines else f"exit status {self.unshare.returncode}"
            if self.pid() and self.systemctl("is-system-running", check=False) in ("running", "degraded"):
                return None
            time.sleep(0.2)
        return f"it has not started within {seconds} s"

    def pid(self):
        children = pathlib.Path(f"/proc/{self.unshare.pid}/task/{self.unshare.pid}/children").read_text().split()
        return int(children[0]) if children else None

    @property
    def root(self):
        return pathlib.Path(f"/proc/{self.pid()}/root")

    def systemctl(self, *arguments, check=True):
        result = subprocess.run(["nsenter", f"--target={self.pid()}", "--mount", "--pid", "--uts", "--ipc", "--root", "--wd",
                                 "systemctl", *arguments], capture_output=True, text=True, timeout=60)
        if check and result.returncode != 0:
            raise AssertionError(f"systemctl {' '.join(arguments)}: {result.stderr}")
        return result.stdout.strip()

    def show(self, name, unit=SERVICE):
        return self.systemctl("show", f"--property={name}", "--value", unit)

    def configure(self, arguments, settings=()):
        """With these flags of the exporter, and settings of its unit in addition."""
        self.systemctl("stop", SOCKET, SERVICE, check=False)
        (self.root / "etc/default/rig_exporter").write_text(f'RIG_EXPORTER_ARGS="{arguments}"\n')
        self.drop_in(SERVICE, "[Service]", "SupplementaryGroups=", "PrivateUsers=no", f"StandardError=append:/{LOG}",
                     "RestartSec=200ms", *settings)
        with contextlib.suppress(FileNotFoundError):
            (self.root / LOG).unlink()
        self.systemctl("reset-failed")

    def drop_in(self, unit, *lines):
        directory = self.root / f"etc/systemd/system/{unit}.d"
        directory.mkdir(exist_ok=True)
        # Not after units of this machine.
        (directory / "test.conf").write_text("\n".join(["[Unit]", "DefaultDependencies=no", *lines, ""]))
        self.systemctl("daemon-reload")

    def exporter_log(self):
        return (self.root / LOG).read_text()

    def stop(self):
        if self.unshare.poll() is None:
            self.unshare.kill()  # and with it all processes of its namespace
            self.unshare.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Service(unittest.TestCase):
    systemd = None

    def setUp(self):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"

    def start(self, *settings, flags=""):
        self.systemd.configure(f"--web.listen-address={self.address} {flags}", settings)
        self.systemd.systemctl("start", SERVICE)
        return int(self.systemd.show("MainPID"))

    def get(self, path="/-/healthy"):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    def kill(self, pid, number):
        """A process of the namespace, by its number there."""
        subprocess.run(["nsenter", f"--target={self.systemd.pid()}", "--pid", "--mount", "--root", "kill", f"-{number}",
                        str(pid)], check=True)

    def wait_for_another(self, pid):
        def is_another():
            now = self.systemd.show("MainPID")
            return now not in ("0", str(pid)) and self.systemd.show("SubState") == "running"
        wait_until(is_another, 60, "a restart")

    def test_it_has_started_when_it_serves_and_says_where(self):
        self.start()
        self.assertEqual(self.get(), 200)
        wait_until(lambda: self.systemd.show("StatusText").startswith(f"serving metrics on {self.address}; 8 collectors"), 20,
                   "the status")

    def test_a_reload_is_waited_for_and_keeps_the_process(self):
        pid = self.start()
        self.systemd.systemctl("reload", SERVICE)
        wait_until(lambda: "configuration reloaded" in self.systemd.exporter_log(), 20, "the reload")
        self.assertEqual(int(self.systemd.show("MainPID")), pid)

    def test_the_module_for_passwords_and_tls_is_loaded_at_a_reload(self):
        file = self.systemd.root / "etc/rig_exporter_web.yml"
        file.write_text("{}\n")
        self.start(flags="--web.config.file=/etc/rig_exporter_web.yml")
        self.assertEqual(self.get("/metrics"), 200)
        file.write_text("basic_auth_users: {jo: $2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}\n")
        self.systemd.systemctl("reload", SERVICE)
        wait_until(lambda: self.get("/metrics") == 401, 20, "the users")
        maps = self.systemd.root / f"proc/{self.systemd.show('MainPID')}/maps"
        self.assertIn("rig_tls.so", maps.read_text())

    def test_it_serves_with_tls(self):
        certificates = Certificates(self.systemd.root / "etc")
        certificates.make("server")
        for name in ("server.crt", "server.key"):
            (self.systemd.root / "etc" / name).chmod(0o644)
        (self.systemd.root / "etc/rig_exporter_web.yml").write_text(
            "tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
        self.start(flags="--web.config.file=/etc/rig_exporter_web.yml")
        context = ssl.create_default_context(cafile=certificates.path("ca.crt"))
        connection = http.client.HTTPSConnection(self.address, timeout=30, context=context)
        with contextlib.closing(connection):
            connection.request("GET", "/-/healthy")
            self.assertEqual(connection.getresponse().status, 200)

    def test_it_is_stopped_without_a_failure(self):
        self.start()
        self.systemd.systemctl("stop", SERVICE)
        self.assertEqual(self.systemd.show("Result"), "success")
        self.assertIn("shutting down on SIGTERM", self.systemd.exporter_log())

    def test_it_starts_again_after_somebody_has_ended_it(self):
        pid = self.start()
        self.kill(pid, signal.SIGINT)
        self.wait_for_another(pid)
        self.assertEqual(self.get(), 200)

    def test_the_watchdog_restarts_a_process_that_does_not_respond_and_no_other(self):
        pid = self.start("WatchdogSec=6s")
        time.sleep(10)
        self.assertEqual(int(self.systemd.show("MainPID")), pid)
        self.kill(pid, signal.SIGSTOP)
        self.wait_for_another(pid)
        self.assertEqual(self.get(), 200)

    def test_it_is_not_started_again_with_invalid_flags(self):
        self.systemd.configure("--web.nonsense")
        self.systemd.systemctl("start", SERVICE, check=False)
        time.sleep(1)
        self.assertEqual([self.systemd.show(name) for name in ("ActiveState", "ExecMainStatus", "NRestarts")],
                         ["failed", "2", "0"])
        self.assertIn("unknown flag --web.nonsense", self.systemd.exporter_log())

    def test_it_starts_once_the_port_is_free(self):
        with socket.create_server(("127.0.0.1", self.port)):
            self.systemd.configure(f"--web.listen-address={self.address}")
            self.systemd.systemctl("start", "--no-block", SERVICE)
            wait_until(lambda: int(self.systemd.show("NRestarts")) > 1, 60, "attempts")
        self.wait_for_another(0)
        self.assertEqual(self.get(), 200)

    def start_socket(self):
        self.systemd.configure("--web.systemd-socket")
        self.systemd.drop_in(SOCKET, "[Socket]", "ListenStream=", f"ListenStream={self.address}",
                             f"ListenStream=/{UNIX_SOCKET}")
        self.systemd.systemctl("start", SOCKET)

    def test_the_first_connection_to_the_socket_starts_it(self):
        self.start_socket()
        self.assertEqual(self.systemd.show("ActiveState"), "inactive")
        self.assertEqual(self.get("/metrics"), 200)
        self.assertEqual(self.systemd.show("ActiveState"), "active")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.systemd.root / UNIX_SOCKET))
            connection.sendall(b"GET /-/healthy HTTP/1.0\r\n\r\n")
            self.assertIn(b" 200 ", connection.recv(4096))

    def test_no_request_fails_while_it_restarts_with_a_socket(self):
        self.start_socket()
        self.get()
        results, stop = [], threading.Event()

        def request():
            while not stop.is_set():
                try:
                    results.append(self.get())
                except (OSError, http.client.HTTPException) as error:
                    results.append(repr(error))

        thread = threading.Thread(target=request, daemon=True)
        thread.start()
        for _ in range(5):
            self.systemd.systemctl("restart", SERVICE)
        stop.set()
        thread.join(60)
        self.assertGreater(len(results), 0)
        self.assertEqual(set(results), {200})


def main():
    global PROGRAM, PROBE, MODULE
    PROGRAM, PROBE, MODULE = map(os.path.abspath, sys.argv[1:4])
    if is_sanitized(PROGRAM):
        print("the unit does not give a sanitizer the memory that it needs")
        sys.exit(SKIPPED)
    if os.getuid() != 0:
        print("needs root")
        sys.exit(SKIPPED)
    if not os.path.exists("/lib/systemd/systemd"):
        print("systemd is not installed")
        sys.exit(SKIPPED)
    Service.systemd = Systemd()
    try:
        why_not = Service.systemd.wait_until_started(30)
        if why_not:
            print(f"systemd cannot run in a namespace here: {why_not}")
            sys.exit(SKIPPED)
        result = unittest.main(argv=sys.argv[:1], verbosity=2, exit=False).result
    finally:
        Service.systemd.stop()
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()
