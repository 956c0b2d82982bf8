#!/usr/bin/env python3
"""The log of the exporter and its standard descriptors: closed, blocked and failing ones.

  log_test.py EXPORTER PROBE
"""
import http.client
import itertools
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

from exporter_process import RIGS, parse_samples, rig_flags, wait_until

PROGRAM = None
PROBE = None
RIG = RIGS / "rx6800x2-raid0"

REDIRECTIONS = ("0<&-", "1>&-", "2>&-")


def closing(descriptors, *command):
    """A command line that runs another one without these standard descriptors."""
    return ["bash", "-c", 'exec "$@" ' + " ".join(REDIRECTIONS[d] for d in descriptors), "bash", *command]


def subsets():
    return itertools.chain.from_iterable(itertools.combinations(range(3), count) for count in range(4))


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def end(process):
    if process.poll() is None:
        process.kill()
        process.wait()


class Quiet:
    """An exporter whose log this program does not read. `wrap` makes the command line that starts it."""

    def __init__(self, *flags, wrap=lambda *command: list(command), **streams):
        self.port = free_port()
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams}
        self.process = subprocess.Popen(
            wrap(PROGRAM, f"--web.listen-address=127.0.0.1:{self.port}", *rig_flags(RIG), *flags), **streams)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self.process)

    def get(self, path="/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def scrape(self):
        status, body = self.get()
        assert status == 200, (status, body)
        return parse_samples(body)

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the exporter exited with status {self.process.returncode}")
        try:
            return self.get("/-/ready")[0] == 200
        except OSError:
            return False

    def wait_ready(self):
        wait_until(self.is_ready, 20, "the exporter to be ready")

    def terminate(self):
        """Its exit status, and how many seconds it took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - start


def full_pipe():
    """A pipe that takes no more bytes, as two descriptors."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while os.write(writer, b"x" * size):
                pass
        except BlockingIOError:
            pass
    os.set_blocking(writer, True)
    return reader, writer


def read_available(reader, seconds):
    """What arrives until nothing has for that time, without what full_pipe() wrote."""
    text = b""
    while select.select([reader], [], [], seconds)[0]:
        part = os.read(reader, 65536)
        if not part:
            break
        text += part
    return text.lstrip(b"x").decode().splitlines()


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
        with Quiet("--log.level=debug", stderr=self.writer) as exporter:
            exporter.wait_ready()
            self.assertEqual(exporter.scrape()["rig_gpus"], 2)
            provoke_debug_messages(exporter.port, 400)
            wait_until(lambda: exporter.scrape()["rig_exporter_log_lines_dropped_total"] > 0, 20, "lines to be dropped")
            start = time.monotonic()
            self.assertEqual(exporter.scrape()["rig_gpus"], 2)
            self.assertLess(time.monotonic() - start, 2)
            self.assertEqual(exporter.scrape()["rig_gpu_probe_restarts_total"], 0)
            status, seconds = exporter.terminate()
            self.assertEqual(status, 0)
            self.assertLess(seconds, 1)

    def test_one_line_says_how_many_were_dropped_once_it_reads_again(self):
        with Quiet("--log.level=debug", stderr=self.writer) as exporter:
            exporter.wait_ready()
            provoke_debug_messages(exporter.port, 400)
            wait_until(lambda: exporter.scrape()["rig_exporter_log_lines_dropped_total"] > 100, 20, "lines to be dropped")
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
                    self.assertIn("Address already in use", read_available(self.reader, 0.5)[-1])
                    self.assertEqual(process.wait(5), 1)
                    os.close(self.reader)
                    os.close(self.writer)
                    self.reader, self.writer = full_pipe()


class Completeness(unittest.TestCase):
    def test_lines_are_written_promptly_and_completely_at_the_end(self):
        reader, writer = os.pipe()
        with Quiet(stderr=writer) as exporter:
            os.close(writer)
            exporter.wait_ready()
            lines = read_available(reader, 0.5)
            self.assertTrue(any("listening on" in line for line in lines), lines)
            self.assertEqual(exporter.terminate()[0], 0)
            self.assertIn("shutting down on SIGTERM", read_available(reader, 0.5)[-1])
            self.assertEqual(exporter.process.returncode, 0)
        os.close(reader)

    def test_a_full_disk_costs_lines_which_are_counted(self):
        with open("/dev/full", "w") as full, Quiet(stderr=full) as exporter:
            exporter.wait_ready()
            self.assertGreaterEqual(exporter.scrape()["rig_exporter_log_lines_dropped_total"], 2)
            self.assertEqual(exporter.terminate()[0], 0)

    def test_a_reader_that_has_exited_does_not_end_the_exporter(self):
        reader, writer = os.pipe()
        os.close(reader)
        with Quiet(stderr=writer) as exporter:
            os.close(writer)
            exporter.wait_ready()
            self.assertGreaterEqual(exporter.scrape()["rig_exporter_log_lines_dropped_total"], 2)
            self.assertEqual(exporter.terminate()[0], 0)


class ClosedDescriptors(unittest.TestCase):
    def test_the_exporter_works_whichever_of_them_are_closed(self):
        for closed in subsets():
            with self.subTest(closed=closed), Quiet(wrap=lambda *c: closing(closed, *c), stderr=subprocess.DEVNULL) as exporter:
                exporter.wait_ready()
                for descriptor in range(3):
                    self.assertEqual(os.readlink(f"/proc/{exporter.process.pid}/fd/{descriptor}"), "/dev/null")
                for _ in range(2):
                    samples = exporter.scrape()
                    self.assertEqual(samples["rig_gpus"], 2)
                    self.assertEqual(samples["rig_gpu_probe_restarts_total"], 0)
                self.assertEqual(exporter.terminate()[0], 0)

    def test_the_probe_reads_gpus_without_standard_input_and_error(self):
        for closed in subsets():
            with self.subTest(closed=closed):
                done = subprocess.run(closing(closed, PROBE, "--once", *rig_flags(RIG)), stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=30)
                if 1 in closed:
                    self.assertEqual(done.returncode, 1)
                    expected = "" if 2 in closed else "rig_gpu_probe: standard output: Bad file descriptor\n"
                    self.assertEqual(done.stderr, expected)
                else:
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn('"0000:03:00.0"', done.stdout)

    def test_output_that_nobody_receives_is_an_error(self):
        for flag in ("--once", "--version", "--help", "--list-metrics"):
            done = subprocess.run(closing((1,), PROGRAM, flag, *rig_flags(RIG)), stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=30)
            self.assertEqual(done.returncode, 1, flag)
            self.assertIn("cannot write to standard output", done.stderr)


if __name__ == "__main__":
    PROBE = sys.argv.pop(2)
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
