#!/usr/bin/env python3
"""The exporter and the probe, started with some of the standard descriptors closed.

  standard_descriptors_test.py EXPORTER PROBE
"""
import itertools
import os
import subprocess
import sys
import unittest

from exporter_process import rig_flags
from quiet_exporter import RIG, Quiet

PROGRAM = None
PROBE = None

REDIRECTIONS = ("0<&-", "1>&-", "2>&-")


def closing(descriptors, *command):
    """A command line that runs another one without these standard descriptors."""
    return ["bash", "-c", 'exec "$@" ' + " ".join(REDIRECTIONS[d] for d in descriptors), "bash", *command]


def subsets():
    return itertools.chain.from_iterable(itertools.combinations(range(3), count) for count in range(4))


class ClosedDescriptors(unittest.TestCase):
    def test_the_exporter_works_whichever_of_them_are_closed(self):
        for closed in subsets():
            with self.subTest(closed=closed), Quiet(PROGRAM, wrap=lambda *c: closing(closed, *c), stderr=subprocess.DEVNULL) as exporter:
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
