#!/usr/bin/env python3
"""The exporter tells its service manager when it is ready, reloads and stops, and for a watchdog that it works.

  notify_test.py EXPORTER
"""
import os
import pathlib
import resource
import signal
import socket
import sys
import tempfile
import time
import unittest

from certificates import Certificates
from exporter_process import RIGS, Exporter, RigCopy, is_sanitized, rig_flags, wait_until

PROGRAM = None
STOPPING = "STOPPING=1\nSTATUS=shutting down"


class Manager:
    """The socket of a service manager. A name that starts with @ is that of an abstract socket."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        self.name = name

    def receive(self, seconds=20):
        """The next message that is not for the watchdog."""
        end = time.monotonic() + seconds
        while (message := self._next(end)) == "WATCHDOG=1":
            pass
        return message

    def count_watchdog(self, seconds):
        end, count = time.monotonic() + seconds, 0
        while (message := self._next(end)) is not None:
            count += message == "WATCHDOG=1"
        return count

    def drain(self):
        self.count_watchdog(0)

    def _next(self, end):
        self.socket.settimeout(max(end - time.monotonic(), 0.001))
        try:
            return self.socket.recv(8192).decode()
        except TimeoutError:
            return None


class Notify(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="notify_test.")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.manager = Manager(str(self.directory / "notify"))
        self.addCleanup(self.manager.socket.close)

    def start(self, *flags, rig=RIGS / "no-gpu-no-raid", watchdog=None, name=None, **variables):
        environment = {**os.environ, "NOTIFY_SOCKET": name or self.manager.name, **variables}
        if watchdog is not None:
            environment["WATCHDOG_USEC"] = str(int(watchdog * 1e6))
        exporter = Exporter(PROGRAM, *rig_flags(rig), *flags, environment=environment)
        self.addCleanup(exporter.stop)
        return exporter

    def test_it_is_ready_when_it_listens_and_says_when_it_stops(self):
        exporter = self.start()
        message = self.manager.receive()
        self.assertEqual(message.split("; ")[0], f"READY=1\nSTATUS=serving metrics on {exporter.address}")
        if "collecting" in message:
            message = self.manager.receive()
        self.assertRegex(message, r"STATUS=serving metrics on \S+; 8 collectors$")
        self.assertLess(exporter.stop(), 2)
        self.assertEqual(self.manager.receive(), STOPPING)
        self.assertIsNone(self.manager.receive(0.1))

    def test_the_status_names_collectors_that_fail(self):
        rig = RigCopy("no-gpu-no-raid")
        self.addCleanup(rig.__exit__)
        (rig.path / "proc/stat").write_text("nonsense")
        exporter = self.start(rig=rig.path)
        while "failing" not in (message := self.manager.receive()):
            self.assertIsNotNone(message)
        self.assertIn("; 8 collectors, 1 failing: cpu: ", message)
        self.assertIn("proc/stat", message)
        exporter.stop()

    def test_an_abstract_socket(self):
        manager = Manager(f"@rig_exporter_test_{os.getpid()}")
        self.addCleanup(manager.socket.close)
        exporter = self.start(name=manager.name)
        self.assertTrue(manager.receive().startswith("READY=1\n"))
        exporter.stop()

    def test_a_reload_is_announced_and_ends_ready(self):
        file = self.directory / "rig.yml"
        file.write_text("log: {level: info}\n")
        exporter = self.start(f"--config.file={file}")
        exporter.wait_ready()
        for text, status in (("collector: {disk: false}", "; [78] collectors$"), ("unknown: 1", "reload has failed"),
                             ("collector: {disk: false}", "; 7 collectors$")):
            time.sleep(0.2)
            self.manager.drain()
            file.write_text(text)
            before = time.monotonic()
            exporter.process.send_signal(signal.SIGHUP)
            first, microseconds, _ = self.manager.receive().splitlines()
            self.assertEqual(first, "RELOADING=1")
            name, value = microseconds.split("=")
            self.assertEqual(name, "MONOTONIC_USEC")
            self.assertTrue(before <= int(value) / 1e6 <= time.monotonic(), value)
            message = self.manager.receive()
            self.assertTrue(message.startswith("READY=1\nSTATUS=serving metrics on "), message)
            self.assertRegex(message, status)
        exporter.stop()

    def test_the_watchdog_hears_regularly_that_the_exporter_works(self):
        exporter = self.start(f"--web.listen-address=unix:{self.directory}/metrics.sock", watchdog=1,
                              rig=RIGS / "rx6800x2-raid0")
        self.assertIn(self.manager.count_watchdog(3), range(4, 11))  # each half second
        exporter.stop()

    def test_a_watchdog_of_another_process_hears_nothing(self):
        exporter = self.start(watchdog=0.5, WATCHDOG_PID="1")
        self.assertEqual(self.manager.count_watchdog(1.5), 0)
        exporter.stop()

    def test_the_watchdog_hears_nothing_while_nobody_can_be_served(self):
        if is_sanitized(PROGRAM):
            self.skipTest("without descriptors, a sanitizer reports errors that there are not")
        exporter = self.start(watchdog=1)
        exporter.wait_ready()
        self.assertGreater(self.manager.count_watchdog(1.5), 1)
        limits = resource.prlimit(exporter.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(exporter.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
        time.sleep(0.5)
        self.manager.drain()
        self.assertEqual(self.manager.count_watchdog(2), 0)
        self.assertTrue(any("watchdog" in line and "Too many open files" in line for line in exporter.log), exporter.log)
        resource.prlimit(exporter.pid, resource.RLIMIT_NOFILE, limits)
        self.assertGreater(self.manager.count_watchdog(2), 1)
        exporter.stop()

    def test_collectors_that_hang_and_clients_that_hold_connections_do_not_matter(self):
        rig = RigCopy("rx6800x2-raid0")
        self.addCleanup(rig.__exit__)
        exporter = self.start(rig=rig.path, watchdog=2)
        fifo = rig.make_fifo("proc/stat")
        self.addCleanup(rig.release, fifo)
        host, port = exporter.address.split(":")
        clients = [socket.create_connection((host, int(port))) for _ in range(600)]
        try:
            for client in clients:
                try:
                    client.sendall(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
                except OSError:  # refused
                    pass
            self.assertGreaterEqual(self.manager.count_watchdog(6), 4)
        finally:
            for client in clients:
                client.close()
        exporter.stop()

    def test_the_check_uses_the_tls_that_is_in_effect(self):
        certificates = Certificates(self.directory)
        certificates.make("server")
        file = self.directory / "web.yml"
        file.write_text("tls_server_config:\n"
                        f"  cert_file: {certificates.path('server.crt')}\n  key_file: {certificates.path('server.key')}\n"
                        f"  client_ca_file: {certificates.path('ca.crt')}\n  client_auth_type: RequireAndVerifyClientCert\n")
        exporter = self.start(f"--web.config.file={file}", watchdog=3)
        self.assertGreaterEqual(self.manager.count_watchdog(2), 1)
        certificates.make("server")  # key and certificate do not match for a moment: the previous ones are used
        self.assertGreaterEqual(self.manager.count_watchdog(5), 2)
        exporter.process.send_signal(signal.SIGHUP)
        self.assertGreaterEqual(self.manager.count_watchdog(4), 2)
        self.assertFalse([line for line in exporter.log if "watchdog" in line])
        exporter.stop()

    def test_the_probe_does_not_get_the_variables(self):
        exporter = self.start(rig=RIGS / "rx6800x2-raid0", watchdog=60, WATCHDOG_PID="")
        def probes():
            # Until it executes its own program, a child has the environment of the exporter.
            return [child for child in exporter.children()
                    if pathlib.Path(f"/proc/{child}/comm").read_text(encoding="ascii") == "rig_gpu_probe\n"]

        wait_until(probes, 20, "the probe")
        for child in probes():
            environment = pathlib.Path(f"/proc/{child}/environ").read_bytes()
            self.assertNotIn(b"NOTIFY_SOCKET", environment)
            self.assertNotIn(b"WATCHDOG", environment)
        exporter.stop()

    def test_a_manager_that_does_not_read_delays_nothing(self):
        exporter = self.start(watchdog=0.2)
        time.sleep(3)  # its queue is full by now
        self.assertEqual(exporter.get(timeout=5)[0], 200)
        self.assertLess(exporter.stop(), 2)

    def test_a_manager_that_is_not_there_is_logged_once_and_no_other_kind_is_an_error(self):
        for name in (str(self.directory / "nothing"), "vsock:2:1234"):
            exporter = self.start(name=name, watchdog=0.2)
            wait_until(lambda: any("service manager" in line for line in exporter.log), 20, "the line in the log")
            time.sleep(1)
            self.assertEqual(exporter.get(timeout=5)[0], 200)
            self.assertLess(exporter.stop(), 2)
            self.assertEqual(sum("service manager" in line for line in exporter.log), 1, exporter.log)

    def test_without_a_manager_nothing_is_said_about_one(self):
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        exporter = Exporter(PROGRAM, *rig_flags(RIGS / "no-gpu-no-raid"), environment=environment)
        self.assertEqual(exporter.get()[0], 200)
        exporter.stop()
        self.assertFalse([line for line in exporter.log if "manager" in line or "watchdog" in line])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
