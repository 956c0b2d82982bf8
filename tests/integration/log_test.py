#!/usr/bin/env python3
"""The standard descriptors of the exporter and the probe: closed ones.

  log_test.py EXPORTER PROBE
"""
import http.client
import itertools
import os
import signal
import socket
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
