#!/usr/bin/env python3
"""Socket activation: sockets that are passed to the exporter as systemd does (sd_listen_fds(3)).

  systemd_socket_test.py EXPORTER
"""
import contextlib
import http.client
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

from exporter_process import RIGS, Exporter, parse_samples, rig_flags, wait_until

PROGRAM = None

# Executes the rest of its arguments in the same process, with the descriptors of the first one from 3 on.
PASS = """
import os, sys
descriptors = [int(fd) for fd in sys.argv[1].split(",") if fd]
copies = [os.dup2(fd, 100 + i) for i, fd in enumerate(descriptors)]
for i, fd in enumerate(copies):
    os.dup2(fd, 3 + i)
os.closerange(3 + len(copies), 200)
os.environ["LISTEN_PID"] = os.environ.get("LISTEN_PID", str(os.getpid()))
os.environ.setdefault("LISTEN_FDS", str(len(copies)))
os.execv(sys.argv[2], sys.argv[2:])
"""
VARIABLES = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"}


def passing(sockets, *flags, **environment):
    """Arguments of subprocess.Popen() for an exporter that gets these sockets."""
    numbers = [s.fileno() for s in sockets]
    return {"args": [sys.executable, "-c", PASS, ",".join(map(str, numbers)), PROGRAM, *flags], "pass_fds": numbers,
            "env": {**{k: v for k, v in os.environ.items() if k not in VARIABLES}, **environment}}


def tcp_socket(host="127.0.0.1"):
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    return listener


def unix_socket(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path) if isinstance(path, pathlib.Path) else path)
    listener.listen()
    return listener


def request(address, path="/-/healthy"):
    """Status and body of a response at an address as getsockname() returns it."""
    connection = http.client.HTTPConnection("localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX)
    connection.sock.settimeout(20)
    connection.sock.connect(address)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def opened_files(pid):
    """What the descriptors of a process refer to."""
    found = set()
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed in the meantime
            found.add(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
    return found


class Activated:
    """A running exporter."""

    def __init__(self, sockets, *flags, rig="no-gpu-no-raid", **environment):
        self.process = subprocess.Popen(**passing(sockets, *rig_flags(RIGS / rig), *flags, **environment),
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.log = ""
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.pid = self.process.pid

    def read_log(self):
        for line in self.process.stderr:
            self.log += line

    def wait_for_log(self, text):
        wait_until(lambda: text in self.log, 20, f"{text} in\n{self.log}")

    def __enter__(self):
        self.wait_for_log("listening on")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(20)
        self.reader.join(5)
        self.process.stderr.close()
        if status != 0:
            raise AssertionError(f"the exporter exited with status {status}:\n{self.log}")


class Served(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.sockets = []
        self.addCleanup(lambda: [s.close() for s in self.sockets])

    def keep(self, *sockets):
        self.sockets += sockets
        return list(sockets)

    def test_tcp_unix_and_abstract_sockets_are_served_together(self):
        path = self.directory / "a.sock"
        abstract = f"\0rig-test-{os.getpid()}"
        sockets = self.keep(tcp_socket(), unix_socket(path), tcp_socket(), unix_socket(abstract))
        port = sockets[0].getsockname()[1]
        with Activated(sockets, "--web.systemd-socket", LISTEN_FDNAMES="web:local") as exporter:
            exporter.wait_for_log("listening on unix:@rig-test")
            self.assertIn(f"listening on 127.0.0.1:{port}, metrics at /metrics", exporter.log)
            self.assertIn(f"listening on unix:{path},", exporter.log)
            self.assertNotIn("warn", exporter.log)
            for listener in sockets:
                name = listener.getsockname()
                self.assertEqual(request(abstract if isinstance(name, bytes) else name), (200, "healthy\n"))
        self.assertTrue(stat.S_ISSOCK(path.stat().st_mode))  # it is not the exporter's

    def test_connections_wait_while_the_service_restarts(self):
        sockets = self.keep(tcp_socket(), unix_socket(self.directory / "a.sock"))
        for _ in range(2):
            answers = []
            clients = [threading.Thread(target=lambda a=s.getsockname(): answers.append(request(a))) for s in sockets]
            for client in clients:
                client.start()
            with Activated(sockets, "--web.systemd-socket"):
                for client in clients:
                    client.join(20)
            self.assertEqual(answers, [(200, "healthy\n")] * 2)

    def test_an_ipv6_socket_for_all_addresses_serves_both(self):
        try:
            listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        except (OSError, ValueError):
            self.skipTest("no IPv6")
        with Activated(self.keep(listener), "--web.systemd-socket") as exporter:
            port = listener.getsockname()[1]
            self.assertIn(f"listening on [::]:{port},", exporter.log)
            self.assertEqual(request(("127.0.0.1", port))[0], 200)

    def test_the_probe_inherits_neither_sockets_nor_variables(self):
        for flags in (["--web.systemd-socket"], ["--web.listen-address=127.0.0.1:0"]):
            sockets = self.keep(tcp_socket(), tcp_socket())
            with self.subTest(flags), Activated(sockets, *flags, rig="rx6800x2-raid0", LISTEN_FDNAMES="a:b") as exporter:
                wait_until(lambda: Exporter.children(exporter), 20, "the probe")
                child = Exporter.children(exporter)[0]
                wait_until(lambda: "rig_gpu_probe" in pathlib.Path(f"/proc/{child}/cmdline").read_text(), 20, "its start")
                variables = {v.split("=")[0] for v in pathlib.Path(f"/proc/{child}/environ").read_text().split("\0")}
                self.assertIn("PATH", variables)
                self.assertEqual(variables & VARIABLES, set())
                inodes = {f"socket:[{os.fstat(s.fileno()).st_ino}]" for s in sockets}
                self.assertEqual(opened_files(child) & inodes, set())

    def test_sockets_that_are_not_asked_for_are_ignored(self):
        sockets = self.keep(tcp_socket())
        with Activated(sockets, "--web.listen-address=127.0.0.1:0") as exporter:
            self.assertIn("systemd passed 1 sockets, which are not used: --web.systemd-socket uses them", exporter.log)
            port = int(re.search(r"listening on 127\.0\.0\.1:(\d+)", exporter.log).group(1))
            self.assertNotEqual(port, sockets[0].getsockname()[1])
            self.assertEqual(request(("127.0.0.1", port))[0], 200)

    def test_listen_addresses_are_ignored_with_a_warning_unless_they_are_those_of_sockets(self):
        path = self.directory / "a.sock"
        sockets = self.keep(tcp_socket(), unix_socket(path))
        port = sockets[0].getsockname()[1]
        with Activated(sockets, "--web.systemd-socket", f"--web.listen-address=:{port}", f"--web.listen-address=unix:{path}",
                       "--web.listen-address=127.0.0.1:1", "--web.listen-address=unix:/no/such") as exporter:
            self.assertEqual(exporter.log.count("is ignored"), 2, exporter.log)
            self.assertIn("--web.listen-address=127.0.0.1:1 is ignored", exporter.log)
            self.assertIn("--web.listen-address=unix:/no/such is ignored", exporter.log)

    def test_what_is_omitted_follows_the_sockets_and_not_the_listen_addresses(self):
        def serial_numbers(address):
            def read():
                samples = parse_samples(request(address, "/metrics")[1])
                return [s for s in samples if s.startswith("rig_gpu_info{")]
            wait_until(read, 20, "GPUs")
            return {s for line in read() for s in re.findall(r'[{,](?:serial|unique_id)="([^"]+)"', line)}

        reachable = tcp_socket("0.0.0.0")
        local = [tcp_socket(), unix_socket(self.directory / "a.sock"), unix_socket(f"\0rig-test-{os.getpid()}")]
        self.keep(reachable, *local)
        at = ("127.0.0.1", local[0].getsockname()[1])
        with Activated(local, "--web.systemd-socket", rig="mi210x2") as exporter:
            self.assertNotEqual(serial_numbers(at), set())
            self.assertNotIn("privacy", exporter.log)
        with Activated([*local, reachable], "--web.systemd-socket", "--web.listen-address=127.0.0.1:0",
                       rig="mi210x2") as exporter:
            self.assertEqual(serial_numbers(at), set())
            self.assertIn("--privacy.serial-numbers=show", exporter.log)

    def test_health_checks_the_address_of_a_socket(self):
        sockets = self.keep(tcp_socket(), unix_socket(self.directory / "a.sock"))
        addresses = [f":{sockets[0].getsockname()[1]}", f"unix:{self.directory / 'a.sock'}"]

        def health(address):
            command = [PROGRAM, "--health", "--web.systemd-socket", f"--web.listen-address={address}"]
            return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode

        with Activated(sockets, "--web.systemd-socket"):
            self.assertEqual([health(a) for a in addresses], [0, 0])
        self.assertEqual(health(addresses[1]), 1)  # systemd accepts, and nobody responds

    def test_a_reload_keeps_the_sockets_and_cannot_stop_using_them(self):
        file = self.directory / "rig.yml"
        file.write_text("web: {systemd-socket: true}\n")
        sockets = self.keep(tcp_socket())
        with Activated(sockets, f"--config.file={file}") as exporter:
            exporter.process.send_signal(signal.SIGHUP)
            exporter.wait_for_log("configuration reloaded")
            self.assertEqual(request(sockets[0].getsockname())[0], 200)
            file.write_text("web: {systemd-socket: false}\n")
            exporter.process.send_signal(signal.SIGHUP)
            exporter.wait_for_log("web.systemd-socket cannot change at run time: restart the exporter")
            self.assertEqual(request(sockets[0].getsockname())[0], 200)


class Refused(unittest.TestCase):
    def refusal(self, sockets, **environment):
        """Exit status and the last line of the log."""
        done = subprocess.run(**passing(sockets, "--web.systemd-socket", *rig_flags(RIGS / "no-gpu-no-raid"), **environment),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        for s in sockets:
            s.close()
        return done.returncode, done.stderr.splitlines()[-1]

    def test_no_sockets_are_a_usage_error(self):
        for environment in ({"LISTEN_FDS": "0"}, {"LISTEN_FDS": ""}, {"LISTEN_FDS": "-1"}, {"LISTEN_FDS": "x"},
                            {"LISTEN_PID": "1"}, {"LISTEN_PID": ""}):
            with self.subTest(environment):
                status, error = self.refusal([tcp_socket()], **environment)
                self.assertEqual(status, 2, error)
                self.assertIn("systemctl start rig_exporter.socket", error)
        environment = {k: v for k, v in os.environ.items() if k not in VARIABLES}
        done = subprocess.run([PROGRAM, "--web.systemd-socket"], env=environment, capture_output=True, text=True, timeout=30,
                              check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--web.systemd-socket: systemd passed no sockets", done.stderr)

    def test_a_descriptor_that_is_no_listening_stream_socket_is_named(self):
        pair = socket.socketpair()
        self.addCleanup(pair[1].close)
        server = tcp_socket()
        self.addCleanup(server.close)
        connected = socket.create_connection(server.getsockname())
        unbound = socket.socket()
        datagrams = socket.socket(type=socket.SOCK_DGRAM)
        datagrams.bind(("127.0.0.1", 0))
        port = datagrams.getsockname()[1]
        for wrong, message in ((datagrams, f"descriptor 4 (second) at 127.0.0.1:{port} is no stream socket"),
                               (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), "is no stream socket"),
                               (connected, "does not listen: the socket unit needs Accept=no"),
                               (pair[0], "does not listen"),
                               (unbound, "does not listen"),
                               (socket.socket(socket.AF_NETLINK, socket.SOCK_RAW), "is a socket of address family 16"),
                               (open("/dev/null", encoding="ascii"), "descriptor 4 (second) is no socket")):
            with self.subTest(message):
                status, error = self.refusal([tcp_socket(), wrong], LISTEN_FDNAMES="first:second")
                self.assertEqual(status, 1, error)
                self.assertIn("--web.systemd-socket: descriptor 4 (second) ", error)
                self.assertIn(message, error)

    def test_more_sockets_announced_than_passed(self):
        status, error = self.refusal([tcp_socket()], LISTEN_FDS="2")
        self.assertEqual(status, 1, error)
        self.assertRegex(error, "descriptor 4 is (not open|no socket)")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
