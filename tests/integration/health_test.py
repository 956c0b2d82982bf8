#!/usr/bin/env python3
"""rig_exporter --health without other flags asks the exporters that run from the same file, wherever they listen.

  health_test.py EXPORTER
"""
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from exporter_process import RIGS, rig_flags
from prometheus_process import free_port

PROGRAM = None


class Health(unittest.TestCase):
    def setUp(self):
        # Exporters of other tests run from another file.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="rig_health."))
        self.addCleanup(shutil.rmtree, self.directory)
        self.program = shutil.copy(PROGRAM, self.directory / "rig_exporter")
        self.port = free_port()

    def start(self, *flags, port=None, **options):
        """Starts an exporter and waits until it is healthy."""
        process = subprocess.Popen([self.program, *flags, *rig_flags(RIGS / "no-gpu-no-raid"), "--no-collector.gpu"],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        end = time.monotonic() + 60
        while self.health(f"--web.listen-address=127.0.0.1:{port or self.port}").returncode != 0:
            self.assertIsNone(process.poll(), "the exporter ended")
            self.assertLess(time.monotonic(), end, "the exporter does not respond")
            time.sleep(0.1)
        return process

    def health(self, *flags):
        return subprocess.run([self.program, "--health", *flags], capture_output=True, text=True, timeout=60, check=False)

    def assert_follows(self, process):
        result = self.health()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "healthy\n", ""))
        process.kill()
        process.wait()
        self.assertEqual(self.health(f"--web.listen-address=127.0.0.1:{self.port}").returncode, 1)

    def test_the_address_of_its_flags(self):
        self.assert_follows(self.start(f"--web.listen-address=127.0.0.1:{self.port}"))

    def test_the_address_of_its_configuration_file(self):
        (self.directory / "rig.yml").write_text(f"web: {{listen-address: ['127.0.0.1:{self.port}']}}\n")
        self.assert_follows(self.start("--config.file=rig.yml", cwd=self.directory))

    def test_each_of_several(self):
        self.start(f"--web.listen-address=127.0.0.1:{self.port}")
        other_port = free_port()
        other = self.start(f"--web.listen-address=127.0.0.1:{other_port}", port=other_port)
        self.assertEqual(self.health().stdout, "healthy\nhealthy\n")
        other.send_signal(signal.SIGSTOP)
        result = self.health()
        self.assertEqual((result.returncode, result.stdout), (1, "healthy\n"))
        self.assertIn(f"no healthy rig_exporter on 127.0.0.1:{other_port}", result.stderr)

    def test_a_process_that_serves_nothing_is_not_asked(self):
        # It waits until somebody reads its output.
        other = subprocess.Popen([self.program, "--once", "--web.listen-address=127.0.0.1:1", *rig_flags(RIGS / "raid-zoo")],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(other.stdout.close)
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.start(f"--web.listen-address=127.0.0.1:{self.port}")
        self.assertEqual(self.health().stdout, "healthy\n")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
