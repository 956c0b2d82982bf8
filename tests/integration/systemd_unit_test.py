#!/usr/bin/env python3
"""systemd accepts deploy/rig_exporter.service, as it is and with the settings that it suggests.

  systemd_unit_test.py EXPORTER
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = None
PROJECT = pathlib.Path(__file__).resolve().parents[2]
UNIT = PROJECT / "deploy/rig_exporter.service"
KEPT = PROJECT / "src/kernel/kept_descriptors.cpp"


class SystemdUnit(unittest.TestCase):
    def verify(self, text):
        """What systemd-analyze says about the unit, with the program where it was built."""
        with tempfile.TemporaryDirectory(prefix="systemd_unit_test.") as directory:
            file = pathlib.Path(directory) / UNIT.name
            file.write_text(text.replace("ExecStart=rig_exporter ", f"ExecStart={pathlib.Path(PROGRAM).resolve()} "))
            result = subprocess.run(["systemd-analyze", "verify", "--man=no", file], timeout=60, text=True,
                                    capture_output=True)
            # Units of this machine that it depends on are not ours.
            lines = [line for line in (result.stdout + result.stderr).splitlines() if UNIT.name in line]
            return result.returncode, lines

    def test_it_is_valid(self):
        self.assertEqual(self.verify(UNIT.read_text()), (0, []))

    def test_the_settings_that_it_suggests_are_valid(self):
        suggested = re.compile(r"^#(?=[A-Z]\w+=\S)", re.MULTILINE)
        self.assertGreaterEqual(len(suggested.findall(UNIT.read_text())), 4)
        self.assertEqual(self.verify(suggested.sub("", UNIT.read_text())), (0, []))

    def test_its_memory_suffices_for_all_files_that_are_kept_open(self):
        # For each attribute of sysfs that was read, the kernel charges 4.5 kB to the unit. The exporter and its probe keep
        # so many at most.
        most = int(re.search(r"kMaxKept = (\d+);", KEPT.read_text())[1])
        limit = int(re.search(r"^MemoryMax=(\d+)M$", UNIT.read_text(), re.MULTILINE)[1]) << 20
        self.assertGreater(limit, 2 * most * 4500 + (64 << 20))

    def test_a_mistake_would_be_found(self):
        self.assertNotEqual(self.verify(UNIT.read_text().replace("WatchdogSec=30s", "WatchdogSec=soon"))[1], [])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    if shutil.which("systemd-analyze") is None:
        print("systemd-analyze is not installed")
        sys.exit(77)
    unittest.main(verbosity=2)
