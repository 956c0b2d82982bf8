#!/usr/bin/env python3
"""The served exporter remembers the structure of a machine between scrapes, but never shows what is no longer true: after
each of many random changes a scrape has the same series and values as one of an exporter that remembers nothing.

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
ROUNDS = 100
SANITIZED_ROUNDS = 15
# GPUs are read by rig_gpu_probe, which remembers their structure, too.
FLAGS = ("--gpu.sample-interval=0",)
# What depends on the path, on the time, on the process or on when it read mdstat, or on the filesystems of this machine.
OTHERS = re.compile(r"process_|rig_exporter_|rig_gpu_probe_info|rig_gpu_sample_age_seconds|"
                    r"rig_collector_duration_seconds|rig_raid_changes_total|"
                    r"rig_raid_member_removals_total|rig_filesystem_\w*(bytes|files|inodes)")


def comparable(samples):
    return {series: value for series, value in samples.items() if not OTHERS.match(series)}


class UncachedView:
    """The same machine at another path, where every path leads through an absolute link. The exporter does not remember
    what such a path leads to, so that it reads everything every time, like one without a cache."""

    def __init__(self, rig):
        self.rig = rig
        self.path = rig.parent / "view"
        self.update()

    def update(self):
        for top in ("sys", "proc"):
            (self.path / top).mkdir(parents=True, exist_ok=True)
            names, links = set(os.listdir(self.rig / top)), set(os.listdir(self.path / top))
            for name in links - names:
                (self.path / top / name).unlink()
            for name in names - links:
                (self.path / top / name).symlink_to(self.rig / top / name)

    def flags(self):
        return [f"--path.procfs={self.path / 'proc'}", f"--path.sysfs={self.path / 'sys'}", f"--path.rootfs={self.rig}"]


class CachedStructure(unittest.TestCase):
    def start(self, flags):
        exporter = Exporter(PROGRAM, *FLAGS, *flags)
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        return exporter

    def assert_same(self, cached, others, after):
        cached = comparable(cached)
        others = comparable(others)
        different = {series: (cached.get(series), others.get(series)) for series in cached.keys() | others.keys()
                     if cached.get(series) != others.get(series)}
        self.assertEqual(different, {}, f"{after}: (with, without cache) differ")

    def assert_same_as_once(self, exporter, rig, after):
        result = subprocess.run([PROGRAM, "--once", *FLAGS, *rig_flags(rig)], capture_output=True, text=True, timeout=60,
                                check=True)
        self.assert_same(exporter.scrape(), parse_samples(result.stdout), after)

    def generated(self, *size):
        directory = tempfile.mkdtemp(prefix="rig_copy.")
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        return make_rig(directory, *size)

    def copied(self, name):
        rig = RigCopy(name)
        self.addCleanup(rig.__exit__)
        return rig.path

    def change_at_random(self, rig, seed):
        view = UncachedView(rig)
        exporter, uncached = self.start(rig_flags(rig)), self.start(view.flags())
        self.assert_same_as_once(exporter, rig, "at first")
        uncached.scrape()
        changes = MachineChanges(rig, seed)
        done = []
        for number in range(SANITIZED_ROUNDS if is_sanitized(PROGRAM) else ROUNDS):
            done.append(changes.make_one())
            view.update()
            for scrape in range(changes.random.choice((1, 1, 2))):  # the second time nothing has changed
                self.assert_same(exporter.scrape(), uncached.scrape(),
                                 f"round {number}, scrape {scrape + 1}: {'; '.join(done[-3:])}")
        changes.undo_all()
        view.update()
        self.assert_same(exporter.scrape(), uncached.scrape(), "all undone")
        self.assert_same_as_once(self.start(rig_flags(rig)), rig, "started again")

    def test_random_changes_of_a_machine_with_disks_and_sensors(self):
        self.change_at_random(self.generated(1, 4, 3), 1)

    def test_random_changes_of_a_machine_with_arrays_of_every_kind(self):
        self.change_at_random(self.copied("raid-zoo"), 2)

    def test_random_changes_of_a_machine_with_one_array(self):
        self.change_at_random(self.copied("rx6800x2-raid0"), 3)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
