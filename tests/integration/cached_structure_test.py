#!/usr/bin/env python3
"""The served exporter remembers the structure of a machine between scrapes, but never shows what is no longer true: after
each of many random changes a scrape has the series and values of `--once`, which remembers nothing.

  cached_structure_test.py EXPORTER
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from exporter_process import Exporter, RigCopy, is_sanitized, parse_samples, rig_flags
from machine_changes import MachineChanges

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))
from rigs import make_rig  # noqa: E402

PROGRAM = None
ROUNDS = 120
SANITIZED_ROUNDS = 30
# The probe remembers nothing.
FLAGS = ("--no-collector.gpu",)
# What depends on the time, on the process, on what happened since it was started, or on the filesystems of this machine.
OTHERS = re.compile(r"process_|rig_exporter_|rig_collector_duration_seconds|rig_raid_changes_total|"
                    r"rig_raid_member_removals_total|rig_raid_events_monitored|rig_filesystem_\w*(bytes|files|inodes)|"
                    r"rig_scrape_")
# The disk collector reads these once for each disk.
IDENTITY = re.compile(r'(model|serial|wwn|firmware|revision)="[^"]*",?')


def comparable(samples):
    return {IDENTITY.sub("", series): value for series, value in samples.items() if not OTHERS.match(series)}


class CachedStructure(unittest.TestCase):
    def once(self, rig):
        result = subprocess.run([PROGRAM, "--once", *FLAGS, *rig_flags(rig)], capture_output=True, text=True, timeout=60,
                                check=True)
        return comparable(parse_samples(result.stdout))

    def start(self, rig):
        exporter = Exporter(PROGRAM, *FLAGS, *rig_flags(rig))
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        return exporter

    def assert_same(self, exporter, rig, after):
        served, fresh = comparable(exporter.scrape()), self.once(rig)
        different = {series: (served.get(series), fresh.get(series)) for series in served.keys() | fresh.keys()
                     if served.get(series) != fresh.get(series)}
        self.assertEqual(different, {}, f"{after}: (served, once) differ")

    def generated(self, *size):
        directory = tempfile.mkdtemp(prefix="rig_copy.")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        return make_rig(directory, *size)

    def copied(self, name):
        rig = RigCopy(name)
        self.addCleanup(rig.__exit__)
        return rig.path

    def change_at_random(self, rig, seed):
        exporter = self.start(rig)
        self.assert_same(exporter, rig, "at first")
        changes = MachineChanges(rig, seed)
        done = []
        for number in range(SANITIZED_ROUNDS if is_sanitized(PROGRAM) else ROUNDS):
            done.append(changes.make_one())
            self.assert_same(exporter, rig, f"round {number}: " + "; ".join(done[-3:]))
            if changes.random.random() < 0.3:  # nothing has changed
                self.assert_same(exporter, rig, f"{done[-1]}, scraped again")
        changes.undo_all()
        self.assert_same(exporter, rig, "all undone")

    def test_random_changes_of_a_machine_with_disks_and_sensors(self):
        self.change_at_random(self.generated(1, 4, 3), 1)

    def test_random_changes_of_a_machine_with_arrays_of_every_kind(self):
        self.change_at_random(self.copied("raid-zoo"), 2)

    def test_random_changes_of_a_machine_with_one_array(self):
        self.change_at_random(self.copied("rx6800x2-raid0"), 3)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
