#!/usr/bin/env python3
"""Threads of rig_gpu_probe on a machine with many GPUs.

gpu_probe_threads_test.py PROBE RIGS
"""
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

import gpu_probe_test
from gpu_probe_test import GPU, Probe, lists

COUNT = 32


class GpuProbeThreadsTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.sys = pathlib.Path(temporary.name) / 'sys'
        shutil.copytree(gpu_probe_test.RIGS / 'rx6800x2-raid0/sys', self.sys, symlinks=True)
        self.gpus = [self.copy_gpu(number) for number in range(2, COUNT)]

    def copy_gpu(self, number):
        """Adds a copy of the first GPU, and returns its directory."""
        address = f'0000:{0x10 + number:02x}:00.0'
        device = self.sys / f'devices/pci0000:{0x10 + number:02x}' / address
        shutil.copytree(self.sys / GPU, device, symlinks=True)
        card = device / f'drm/card{number}'
        (device / 'drm/card0').rename(card)
        (card / 'device').unlink()
        (card / 'device').symlink_to(f'../../../{address}')
        (self.sys / f'class/drm/card{number}').symlink_to(card)
        return device

    def read_all(self, probe, count):
        """Waits until there are new readings of so many GPUs."""
        probe.until(lists(COUNT))
        seen = set()
        while len(seen) < count:
            seen.add(probe.until(lambda line: line['type'] == 'gpu')['pci_address'])

    def threads(self, probe):
        return len(list(pathlib.Path(f'/proc/{probe.process.pid}/task').iterdir()))

    def test_gpus_that_respond_share_a_few_threads(self):
        with Probe(f'--path.sysfs={self.sys}') as probe:
            for _ in range(3):
                self.read_all(probe, COUNT)
            # On a busy machine some more are needed than the main thread, that of the list and those that sample.
            self.assertLess(self.threads(probe), COUNT / 2)

    def test_each_gpu_that_hangs_takes_one_thread_and_the_others_are_read_all_the_same(self):
        hung = self.gpus[::2]
        for device in hung:
            (device / 'gpu_busy_percent').unlink()
            os.mkfifo(device / 'gpu_busy_percent')
        with Probe(f'--path.sysfs={self.sys}') as probe:
            for _ in range(3):
                self.read_all(probe, COUNT - len(hung))
            self.assertGreaterEqual(self.threads(probe), len(hung))
            self.assertLess(self.threads(probe), len(hung) + COUNT / 2)
            addresses = {device.name for device in hung}
            probe.until(lambda line: line['type'] == 'gpus' and addresses == {
                gpu['pci_address'] for gpu in line['gpus'] if gpu['waiting_seconds']})


if __name__ == '__main__':
    gpu_probe_test.PROBE, gpu_probe_test.RIGS = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
