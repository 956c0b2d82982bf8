#!/usr/bin/env python3
"""The log of the exporter: its lines, and readers that are blocked, slow or gone.

  log_test.py EXPORTER
"""
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

from exporter_process import RIGS, Exporter, RigCopy, rig_flags, wait_until
from quiet_exporter import Quiet, end, full_pipe, full_socket, read_available

PROGRAM = None


def provoke_debug_messages(port, count):
    """Each connection that is reset within a request is one line of the log."""
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET /metrics HTTP/1.1\r\n")
        connection.close()


class BlockedReader(unittest.TestCase):
    def setUp(self):
        self.reader, self.writer = full_pipe()

    def tearDown(self):
        os.close(self.reader)
        os.close(self.writer)

    def test_it_costs_lines_which_are_counted_but_no_scrape_and_no_signal(self):
        self.check_that_nothing_waits(self.writer)

    def test_a_socket_as_of_journald_is_no_different(self):
        reader, writer = full_socket()
        self.check_that_nothing_waits(writer)
        os.close(reader)
        os.close(writer)

    def check_that_nothing_waits(self, writer):
        with Quiet(PROGRAM, "--log.level=debug", stderr=writer) as exporter:
            exporter.wait_ready()
            self.assertEqual(exporter.scrape()["rig_gpus"], 2)
            provoke_debug_messages(exporter.port, 800)
            wait_until(lambda: exporter.scrape()["rig_exporter_log_lines_dropped_total"] > 0, 60, "lines to be dropped")
            start = time.monotonic()
            self.assertEqual(exporter.scrape()["rig_gpus"], 2)
            self.assertLess(time.monotonic() - start, 5)
            self.assertEqual(exporter.scrape()["rig_gpu_probe_restarts_total"], 0)
            status, seconds = exporter.terminate()
            self.assertEqual(status, 0)
            self.assertLess(seconds, 3)

    def test_one_line_says_how_many_were_dropped_once_it_reads_again(self):
        with Quiet(PROGRAM, "--log.level=debug", stderr=self.writer) as exporter:
            exporter.wait_ready()
            provoke_debug_messages(exporter.port, 800)
            wait_until(lambda: exporter.scrape()["rig_exporter_log_lines_dropped_total"] > 100, 60, "lines to be dropped")
            time.sleep(0.5)
            dropped = int(exporter.scrape()["rig_exporter_log_lines_dropped_total"])
            lines = read_available(self.reader, 1)
            self.assertIn("rig_exporter", lines[0])
            reports = [line for line in lines if "log lines were dropped" in line]
            self.assertEqual(len(reports), 1, lines[-3:])
            self.assertIn(f'msg="{dropped} log lines were dropped:', reports[0])
            self.assertEqual(exporter.terminate()[0], 0)
            self.assertIn("shutting down on SIGTERM", read_available(self.reader, 0.5)[-1])

    def test_a_start_that_fails_waits_until_its_error_is_read_and_can_be_terminated(self):
        for end_it in ("read", "terminate"):
            with self.subTest(end_it), socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                process = subprocess.Popen([PROGRAM, f"--web.listen-address=127.0.0.1:{taken.getsockname()[1]}",
                                            *rig_flags(RIGS / "no-gpu-no-raid")], stderr=self.writer)
                self.addCleanup(end, process)
                with self.assertRaises(subprocess.TimeoutExpired):
                    process.wait(6)
                if end_it == "terminate":
                    process.send_signal(signal.SIGTERM)
                    self.assertEqual(process.wait(5), -signal.SIGTERM)
                else:
                    lines = []
                    # Lines of the log may follow: both wait for the reader.
                    wait_until(lambda: lines.extend(read_available(self.reader, 0.5)) or
                               any("Address already in use" in line for line in lines), 20, "the error")
                    self.assertEqual(process.wait(5), 1)
                    os.close(self.reader)
                    os.close(self.writer)
                    self.reader, self.writer = full_pipe()


class Completeness(unittest.TestCase):
    def test_clients_that_close_within_a_request_are_debug_lines(self):
        reader, writer = os.pipe()
        with Quiet(PROGRAM, "--log.level=debug", stderr=writer) as exporter:
            os.close(writer)
            exporter.wait_ready()
            provoke_debug_messages(exporter.port, 3)
            exporter.scrape()
            lines = []
            wait_until(lambda: lines.extend(read_available(reader, 0.1)) or
                       sum("127.0.0.1 closed the connection within a request" in line for line in lines) == 3,
                       20, "three lines")
        os.close(reader)

    def test_lines_are_written_promptly_and_completely_at_the_end(self):
        reader, writer = os.pipe()
        with Quiet(PROGRAM, stderr=writer) as exporter:
            os.close(writer)
            exporter.wait_ready()
            lines = read_available(reader, 0.5)
            self.assertTrue(any("listening on" in line for line in lines), lines)
            self.assertEqual(exporter.terminate()[0], 0)
            self.assertIn("shutting down on SIGTERM", read_available(reader, 0.5)[-1])
            self.assertEqual(exporter.process.returncode, 0)
        os.close(reader)

    def test_a_full_disk_costs_lines_which_are_counted(self):
        with open("/dev/full", "w") as full, Quiet(PROGRAM, stderr=full) as exporter:
            exporter.wait_ready()
            self.assertGreaterEqual(exporter.scrape()["rig_exporter_log_lines_dropped_total"], 2)
            self.assertEqual(exporter.terminate()[0], 0)

    def test_a_reader_that_has_exited_does_not_end_the_exporter(self):
        reader, writer = os.pipe()
        os.close(reader)
        with Quiet(PROGRAM, stderr=writer) as exporter:
            os.close(writer)
            exporter.wait_ready()
            self.assertGreaterEqual(exporter.scrape()["rig_exporter_log_lines_dropped_total"], 2)
            self.assertEqual(exporter.terminate()[0], 0)


LOGFMT = re.compile(r'time=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) level=(debug|info|warn|error) msg=("(?:[^"\\]|\\.)*")')


def parsed(line, log_format):
    """Level and message of a line."""
    if log_format == "json":
        members = json.loads(line)
        assert list(members) == ["time", "level", "msg"], members
        return members["level"], members["msg"]
    match = LOGFMT.fullmatch(line)
    assert match, line
    return match.group(2), json.loads(match.group(3))


class Lines(unittest.TestCase):
    def test_every_line_is_valid_and_bounded_in_both_formats_whatever_it_quotes(self):
        nasty = {
            "proc/loadavg": b'\xff "load" = \\ \x1b[31m\xc2\x9b \xe2\x80\xae\r\n',
            "proc/meminfo": b"MemTotal: " + "\u6e29\u5ea6".encode() * 100_000,
            "proc/diskstats": b"8 0 sda\0\x01\x02\n",
        }
        for log_format in ("logfmt", "json"):
            with self.subTest(log_format), RigCopy("rx6800x2-raid0") as rig:
                for name, content in nasty.items():
                    (rig.path / name).write_bytes(content)
                done = subprocess.run([PROGRAM, "--once", *rig_flags(rig.path), f"--log.format={log_format}"],
                                      capture_output=True, timeout=30, check=True)
                lines = done.stderr.decode().split("\n")
                self.assertEqual(lines.pop(), "")
                found = [parsed(line, log_format) for line in lines]
                for line in lines:
                    self.assertLessEqual(len(line.encode()), 4096)
                    self.assertTrue(line.isprintable(), line)
                for source in ("cpu: ", "memory: ", "disk: "):
                    self.assertTrue(any(m.startswith(source) and level == "warn" for level, m in found), (source, found))

    def test_the_level_selects_lines(self):
        for level in ("info", "warn", "error"):
            with self.subTest(level), RigCopy("no-gpu-no-raid") as rig:
                (rig.path / "proc/loadavg").write_text("?\n")
                done = subprocess.run([PROGRAM, "--once", *rig_flags(rig.path), f"--log.level={level}"],
                                      capture_output=True, text=True, timeout=30, check=True)
                self.assertEqual("loadavg" in done.stderr, level != "error")

    def test_the_beginning_and_the_end_of_a_problem_are_lines(self):
        with RigCopy("no-gpu-no-raid") as rig:
            files = [rig.path / "proc/loadavg", rig.path / "proc/stat"]
            good = [file.read_text() for file in files]
            with Exporter(PROGRAM, *rig_flags(rig.path)) as exporter:
                for file in files:
                    file.write_text("?\n")
                exporter.scrape()
                for file, content in zip(files, good):
                    file.write_text(content)
                    exporter.scrape()
            messages = [parsed(line.rstrip("\n"), "logfmt") for line in exporter.log]
            about = [(level, message) for level, message in messages if message.startswith("cpu: ")]
            self.assertEqual([level for level, _ in about], ["warn", "warn", "info", "info"], about)
            self.assertIn("cpu: resolved: ", about[2][1])
            self.assertIn("loadavg", about[2][1])
            self.assertEqual(about[3][1], "cpu: all problems are resolved")

    def test_no_secret_of_a_request_or_of_the_environment_is_logged(self):
        environment = {**os.environ, "RIG_TOKEN": "Secret-1"}
        requests = (
            b"GET /metrics?password=Secret-2 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic Secret-3\r\n\r\n",
            b"GET /Secret-4 HTTP/1.1\r\nAuthorization: Bearer Secret-5\r\nCookie: Secret-6\r\n",
            b"GE\x01T /Secret-7 HTTP/9\r\nAuthorization Secret-8\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: Secret-9\r\n\r\nSecret-10",
        )
        with Exporter(PROGRAM, *rig_flags(RIGS / "no-gpu-no-raid"), "--log.level=debug", environment=environment) as exporter:
            host, port = exporter.address.split(":")
            for request in requests:
                with socket.create_connection((host, int(port))) as connection:
                    connection.sendall(request)
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(5)
                    try:
                        while connection.recv(65536):
                            pass
                    except OSError:
                        pass
        self.assertNotIn("Secret", "".join(exporter.log))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
