#!/usr/bin/env python3
"""--gpu.sample-interval=0: GPUs are read for each scrape, and at no other time.

  samples_at_scrapes_test.py EXPORTER
"""
import re
import sys
import time
import unittest

from exporter_process import Exporter, RigCopy, is_sanitized, rig_flags, wait_until

PROGRAM = None
FIRST = 'gpu="0",pci_address="0000:03:00.0"'
SECOND = 'gpu="1",pci_address="0000:06:00.0"'
DERIVED = re.compile(r"rig_gpu_(energy|busy_seconds|busy_suspect|busy_believed|throttle_seconds|\w+_peak_|sample_interval)")


def edge(gpu):
    return f'rig_gpu_temperature_celsius{{{gpu},sensor="edge"}}'


class SamplesAtScrapes(unittest.TestCase):
    def setUp(self):
        self.rig = RigCopy("rx6800x2-raid0")
        self.addCleanup(self.rig.__exit__)

    def start(self, *flags):
        exporter = Exporter(PROGRAM, *rig_flags(self.rig.path), *flags)
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        return exporter

    def set_edge(self, card, celsius):
        for file in (self.rig.path / f"sys/class/drm/{card}/device/hwmon").glob("*/temp1_input"):
            file.write_text(f"{celsius}000\n")

    def test_each_scrape_has_the_values_of_its_time(self):
        exporter = self.start("--gpu.sample-interval=0")
        for celsius in range(40, 50):
            self.set_edge("card0", celsius)
            self.set_edge("card1", celsius + 20)
            samples = exporter.scrape()
            self.assertEqual(samples[edge(FIRST)], celsius)
            self.assertEqual(samples[edge(SECOND)], celsius + 20)
            self.assertEqual(samples['rig_collector_success{collector="gpu"}'], 1)

    def test_nothing_is_read_between_scrapes(self):
        exporter = self.start("--gpu.sample-interval=0")
        exporter.scrape()
        before = self.reads_of_the_idle_probe(exporter)
        time.sleep(2.5)  # more than twice the default interval
        self.assertEqual(self.reads_of_the_probe(exporter), before)
        exporter.scrape()
        self.assertNotEqual(self.reads_of_the_probe(exporter), before)

    def reads_of_the_idle_probe(self, exporter):
        while True:
            before = self.reads_of_the_probe(exporter)
            time.sleep(0.5)
            if self.reads_of_the_probe(exporter) == before:
                return before

    def reads_of_the_probe(self, exporter):
        [probe] = exporter.children()
        with open(f"/proc/{probe}/io", encoding="ascii") as io:
            return [line for line in io if line.startswith("syscr")]

    def test_values_that_need_an_interval_are_absent_and_all_others_are_there(self):
        regular = {series for series in self.start().scrape() if series.startswith("rig_gpu_")}
        at_scrapes = {series for series in self.start("--gpu.sample-interval=0").scrape()
                      if series.startswith("rig_gpu_")}
        self.assertEqual(at_scrapes, {series for series in regular if not DERIVED.match(series)})
        self.assertTrue(regular - at_scrapes)

    def test_a_gpu_that_hangs_costs_only_its_own_values(self):
        exporter = self.start("--gpu.sample-interval=0")
        name = "sys/class/drm/card0/device/gpu_busy_percent"
        text = (self.rig.path / name).read_text()
        fifo = self.rig.make_fifo(name)
        for celsius in range(50, 54):
            self.set_edge("card1", celsius)
            samples = exporter.scrape(5 if is_sanitized(PROGRAM) else 1)
            self.assertEqual(samples[f"rig_gpu_up{{{FIRST}}}"], 0)
            self.assertNotIn(edge(FIRST), samples)
            self.assertEqual(samples[f"rig_gpu_up{{{SECOND}}}"], 1)
            self.assertEqual(samples[edge(SECOND)], celsius)
        self.rig.release(fifo, text)
        self.set_edge("card0", 33)
        # The read that hung may take a moment to return.
        wait_until(lambda: exporter.scrape()[f"rig_gpu_up{{{FIRST}}}"] == 1, 20, "the GPU to be up")
        self.assertEqual(exporter.scrape()[edge(FIRST)], 33)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
