#!/usr/bin/env python3
"""What the exporter exposes about itself: which collectors ran and succeeded, its process and its build.

  instrumentation_test.py EXPORTER
"""
import re
import subprocess
import sys
import unittest

from exporter_process import RIGS, Exporter, parse_samples, rig_flags
from instrumentation import is_own

PROGRAM = None

# The rigs that have files a collector cannot read or parse, or that lack files it requires. On all others every collector
# succeeds.
RAID_ONLY_RIGS = tuple(sorted(rig.name for rig in RIGS.glob("md-5.10-*")))  # recorded without /proc/stat and /proc/meminfo
FAILING_COLLECTORS = {
    "rx6800x2-broken-files": {"gpu": "power1_average"},
    # lxcfs prints numbers that wrapped below zero.
    "host-lxc-guest": {"cpu": "mode steal is longer", "memory": "SwapFree is larger than SwapTotal"},
    **{rig: {"cpu": "/proc/stat", "memory": "/proc/meminfo"} for rig in RAID_ONLY_RIGS},
}


def run_once(rig, *flags):
    """The samples of a single collection, and the log."""
    done = subprocess.run([PROGRAM, "--once", *rig_flags(RIGS / rig), *flags], capture_output=True, text=True, timeout=60,
                          check=True)
    return parse_samples(done.stdout), done.stderr


def by_collector(samples, metric):
    return {match.group(1): value for series, value in samples.items()
            if (match := re.fullmatch(rf'{metric}{{collector="(\w+)"}}', series))}


def declared_collectors():
    help_text = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
    return set(re.findall(r"--(?:no-)?collector\.([a-z]\w*)\b(?!-)", help_text))


class Collectors(unittest.TestCase):
    def test_every_collector_succeeds_except_on_rigs_with_broken_or_missing_files(self):
        rigs = sorted(path.name for path in RIGS.iterdir() if path.is_dir())
        self.assertGreater(len(RAID_ONLY_RIGS), 5)
        self.assertLessEqual(set(FAILING_COLLECTORS), set(rigs))
        for rig in rigs:
            with self.subTest(rig):
                expected = FAILING_COLLECTORS.get(rig, {})
                samples, log = run_once(rig)
                success = by_collector(samples, "rig_collector_success")
                self.assertEqual(set(success), declared_collectors())
                self.assertEqual({name for name, value in success.items() if value != 1}, set(expected), log)
                self.assertLessEqual(set(success.values()), {0, 1})
                for path in expected.values():
                    self.assertIn(path, log)

    def test_every_collector_that_ran_has_a_duration(self):
        samples, _ = run_once("rx6800x2-raid0")
        durations = by_collector(samples, "rig_collector_duration_seconds")
        self.assertEqual(set(durations), declared_collectors())
        for name, seconds in durations.items():
            self.assertGreater(seconds, 0, name)
            self.assertLess(seconds, 60, name)

    def test_a_disabled_collector_is_not_listed(self):
        samples, _ = run_once("rx6800x2-raid0", "--no-collector.gpu")
        for metric in ("rig_collector_success", "rig_collector_duration_seconds"):
            self.assertEqual(set(by_collector(samples, metric)), declared_collectors() - {"gpu"})


class Process(unittest.TestCase):
    def test_the_process_metrics_are_plausible(self):
        with Exporter(PROGRAM, *rig_flags(RIGS / "no-gpu-no-raid")) as exporter:
            exporter.wait_ready()
            samples = exporter.scrape()
        process = {series: value for series, value in samples.items() if series.startswith("process_")}
        self.assertEqual(set(process), {
            "process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes",
            "process_start_time_seconds", "process_virtual_memory_bytes"})
        self.assertGreaterEqual(process["process_cpu_seconds_total"], 0)
        self.assertLess(process["process_open_fds"], process["process_max_fds"])
        self.assertGreater(process["process_open_fds"], 3)
        self.assertGreater(process["process_resident_memory_bytes"], 1 << 20)
        self.assertGreater(process["process_virtual_memory_bytes"], process["process_resident_memory_bytes"])
        self.assertGreater(process["process_start_time_seconds"], 0)

    def test_the_build_is_described(self):
        samples, _ = run_once("no-gpu-no-raid")
        (build,) = (series for series in samples if series.startswith("rig_exporter_build_info"))
        self.assertEqual(samples[build], 1)
        labels = dict(re.findall(r'(\w+)="([^"]*)"', build))
        self.assertRegex(labels["version"], r"^\d+\.\d+\.\d+")
        self.assertNotIn("", labels.values())

    def test_the_restarts_of_the_probe_are_counted_from_0(self):
        samples, _ = run_once("rx6800x2-raid0")
        self.assertEqual(samples["rig_gpu_probe_restarts_total"], 0)

    def test_everything_about_the_exporter_is_declared_and_described(self):
        text = subprocess.run([PROGRAM, "--once", *rig_flags(RIGS / "rx6800x2-raid0")], capture_output=True, text=True,
                              timeout=60, check=True).stdout
        own = [line for line in text.splitlines() if is_own(line)]
        described = {line.split()[2] for line in own if line.startswith("# HELP ")}
        self.assertEqual(described, {line.split()[2] for line in own if line.startswith("# TYPE ")})
        for series in parse_samples("\n".join(own)):
            name = series.partition("{")[0]
            self.assertTrue({name, re.sub(r"_(bucket|count|sum)$", "", name)} & described, series)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
