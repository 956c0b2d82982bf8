#!/usr/bin/env python3
"""rig_gpu_probe --capture: a copy of a machine's GPU files yields the same metrics and contains no identifiers.

capture_test.py PROBE EXPORTER RIGS
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from exporter_process import rig_flags

SECONDS = 60
IDENTITY_LABELS = re.compile(r'(unique_id|serial)="[^"]*"')
# Increases while the exporter runs.
AGE = re.compile(r'^(rig_gpu_sample_age_seconds\{.*\}) \S+$')
GPU = 'devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0'


def gpu_rigs():
    return sorted({gpu.parents[5] for gpu in RIGS.glob('*/sys/bus/pci/drivers/amdgpu/0000:*')})


def gpu_metrics_of(machine):
    """The GPU metrics of a machine, except those of processes, which are not part of a copy."""
    done = subprocess.run([EXPORTER, '--once', '--log.level=error', *rig_flags(machine)],
                          text=True, capture_output=True, timeout=SECONDS)
    lines = [line.replace(str(machine), 'RIG') for line in done.stdout.splitlines()
             if line.startswith('rig_gpu') and not line.startswith('rig_gpu_process')]
    return [AGE.sub(r'\1 ~', line) for line in lines]


def identifiers_of(machine):
    """All texts that identify the individual GPUs of the machine."""
    found = set()
    for name in ('unique_id', 'serial_number'):
        for file in (machine / 'sys').rglob(name):
            found.add(file.read_text().strip())
    for file in (machine / 'sys/devices/virtual/kfd').rglob('properties'):
        found.update(re.findall(r'^(?:unique_id|hive_id) (\d+)$', file.read_text(), re.M))
    return {identifier.encode() for identifier in found} - {b'', b'0', b'0' * 16}


def files_of(directory):
    return [file for file in directory.rglob('*') if file.is_file() and not file.is_symlink()]


class CaptureTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name).resolve()
        self.copy = self.directory / 'copy'

    def capture(self, machine, status=0):
        done = subprocess.run([PROBE, f'--capture={self.copy}', *rig_flags(machine)], text=True,
                              capture_output=True, timeout=SECONDS)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stderr.count('\n'), status, done.stderr)
        return done

    def rig(self, name):
        machine = self.directory / name
        shutil.copytree(RIGS / name, machine, symlinks=True)
        return machine

    def test_a_copy_of_each_rig_yields_the_same_metrics(self):
        self.assertGreater(len(gpu_rigs()), 5)
        for rig in gpu_rigs():
            with self.subTest(rig.name):
                self.capture(rig)
                original, copied = gpu_metrics_of(rig), gpu_metrics_of(self.copy)
                self.assertTrue(any(line.startswith('rig_gpu_info{') for line in original))
                anonymous = [IDENTITY_LABELS.sub(r'\1="~"', line) for line in original]
                self.assertEqual([IDENTITY_LABELS.sub(r'\1="~"', line) for line in copied],
                                 anonymous)
            shutil.rmtree(self.copy)

    def test_a_copy_contains_no_identifier_of_the_rig(self):
        all_identifiers = set()
        for rig in gpu_rigs():
            identifiers = identifiers_of(rig)
            all_identifiers |= identifiers
            self.capture(rig)
            for file in files_of(self.copy):
                text = file.read_bytes()
                for identifier in identifiers:
                    self.assertNotIn(identifier, text, file)
            shutil.rmtree(self.copy)
        self.assertGreater(len(all_identifiers), 8)

    def test_a_copy_contains_neither_the_host_name_nor_the_path_of_the_originals(self):
        machine = self.rig('rx6800x2-broken-files')
        self.capture(machine)
        for file in files_of(self.copy):
            self.assertNotIn(str(self.directory).encode(), file.read_bytes(), file)
        words = re.findall(r'[\w.-]+', (self.copy / 'capture.txt').read_text())
        self.assertNotIn(os.uname().nodename, words)

    def test_without_an_amd_gpu_it_prints_one_line_and_exits_with_status_1(self):
        self.assertIn('no AMD GPU', self.capture(RIGS / 'no-gpu-no-raid', status=1).stderr)

    def test_different_gpus_keep_different_ids_that_match_those_in_kfd(self):
        self.capture(RIGS / 'mi210x2')
        ids = {int(file.read_text(), 16) for file in (self.copy / 'sys').rglob('unique_id')}
        properties = [file.read_text() for file in (self.copy / 'sys').rglob('nodes/*/properties')]
        in_kfd = {int(number) for text in properties
                  for number in re.findall(r'^unique_id (\d+)$', text, re.M)}
        self.assertEqual(len(ids), 2)
        self.assertEqual(in_kfd - {0}, ids)

    def test_all_links_in_a_copy_are_relative_and_point_into_it(self):
        self.capture(RIGS / 'raven-and-navi')
        links = [path for path in self.copy.rglob('*') if path.is_symlink()]
        self.assertGreater(len(links), 4)
        for link in links:
            self.assertFalse(os.path.isabs(os.readlink(link)), link)
            target = pathlib.Path(os.path.normpath(link.parent.resolve() / os.readlink(link)))
            self.assertTrue(target.is_relative_to(self.copy), link)

    def test_driver_files_of_a_suspended_gpu_are_not_copied(self):
        self.capture(RIGS / 'rx6800x2-one-suspended')
        active, suspended = sorted((self.copy / 'sys').rglob('runtime_suspended_time'))
        self.assertTrue((active.parent.parent / 'gpu_metrics').exists())
        names = {str(file.relative_to(suspended.parent.parent))
                 for file in files_of(suspended.parent.parent)}
        self.assertIn('power/runtime_status', names)
        for name in names:
            self.assertFalse(re.match('gpu_|mem_|pp_|fw_|hwmon|ras|vbios|unique|serial', name), name)

    def test_a_hanging_gpu_does_not_affect_the_other(self):
        machine = self.rig('rx6800x2-raid0')
        fifo = machine / 'sys' / GPU /  'gpu_busy_percent'
        fifo.unlink()
        os.mkfifo(fifo)
        start = time.monotonic()
        done = self.capture(machine, status=1)
        self.assertLess(time.monotonic() - start, 20)
        hangs = r'0000:03:00\.0: .*read timed out'
        self.assertRegex(done.stderr, hangs)
        self.assertIn('gpu_busy_percent', done.stderr)
        self.assertRegex((self.copy / 'capture.txt').read_text(), hangs)
        other = next((self.copy / 'sys').rglob('0000:06:00.0'))
        self.assertTrue((other / 'gpu_metrics').exists())

    def test_it_prints_what_was_replaced(self):
        done = self.capture(RIGS / 'rx6800x2-raid0')
        self.assertIn('2 AMD GPUs', done.stdout)
        self.assertIn('2 serial_number, 4 unique_id', done.stdout)

    def test_an_unusable_directory_prints_one_line_and_exits_with_status_1(self):
        machine = RIGS / 'rx6800x2-raid0'
        self.copy.mkdir()
        (self.copy / 'mine').write_text('mine')
        self.assertIn('not empty', self.capture(machine, status=1).stderr)
        self.assertEqual([path.name for path in self.copy.iterdir()], ['mine'])
        self.copy = self.directory / 'no/such'
        self.assertIn('No such file or directory', self.capture(machine, status=1).stderr)
        self.copy = ''
        self.capture(machine, status=1)

    def test_it_writes_only_the_copy(self):
        machine = self.rig('rx6800x2-raid0')
        before = {str(path): path.lstat().st_mtime_ns for path in machine.rglob('*')}
        self.capture(machine)
        self.assertEqual({str(path): path.lstat().st_mtime_ns for path in machine.rglob('*')},
                         before)
        self.assertEqual({path.name for path in self.directory.iterdir()}, {machine.name, 'copy'})
        self.assertEqual({path.name for path in self.copy.iterdir()},
                         {'capture.txt', 'proc', 'sys', 'usr'})


if __name__ == '__main__':
    PROBE, EXPORTER = map(os.path.abspath, sys.argv[1:3])
    RIGS = pathlib.Path(sys.argv[3]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
