#!/usr/bin/env python3
"""rig_gpu_probe --capture: a copy of a machine's GPUs plays back as the machine does, and names nobody.

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
# It grows while the exporter runs, whatever is read.
AGE = re.compile(r'^(rig_gpu_sample_age_seconds\{.*\}) \S+$')
CARD = 'devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0'


def gpu_rigs():
    return sorted({card.parents[5] for card in RIGS.glob('*/sys/bus/pci/drivers/amdgpu/0000:*')})


def answer_of(machine):
    """What the exporter says of a machine's GPUs; a copy has nothing for other collectors, and names no process."""
    done = subprocess.run([EXPORTER, '--once', '--log.level=error', *rig_flags(machine)],
                          text=True, capture_output=True, timeout=SECONDS)
    lines = [line.replace(str(machine), 'RIG') for line in done.stdout.splitlines()
             if line.startswith('rig_gpu') and not line.startswith('rig_gpu_process')]
    return [AGE.sub(r'\1 ~', line) for line in lines]


def identifiers_of(machine):
    """Every text of the machine that tells its cards from others of their kind."""
    found = set()
    for name in ('unique_id', 'serial_number'):
        for file in (machine / 'sys').rglob(name):
            found.add(file.read_text().strip())
    for file in (machine / 'sys/devices/virtual/kfd').rglob('properties'):
        found.update(re.findall(r'^(?:unique_id|hive_id) (\d+)$', file.read_text(), re.M))
    return {identifier.encode() for identifier in found} - {b'', b'0', b'0' * 16}


def files_of(folder):
    return [file for file in folder.rglob('*') if file.is_file() and not file.is_symlink()]


class CaptureTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.copy = self.folder / 'copy'

    def capture(self, machine, status=0):
        done = subprocess.run([PROBE, f'--capture={self.copy}', *rig_flags(machine)], text=True,
                              capture_output=True, timeout=SECONDS)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stderr.count('\n'), status, done.stderr)
        return done

    def rig(self, name):
        machine = self.folder / name
        shutil.copytree(RIGS / name, machine, symlinks=True)
        return machine

    def test_a_copy_of_each_rig_plays_back_as_the_rig(self):
        self.assertGreater(len(gpu_rigs()), 5)
        for rig in gpu_rigs():
            with self.subTest(rig.name):
                self.capture(rig)
                original, played = answer_of(rig), answer_of(self.copy)
                self.assertTrue(any(line.startswith('rig_gpu_info{') for line in original))
                anonymous = [IDENTITY_LABELS.sub(r'\1="~"', line) for line in original]
                self.assertEqual([IDENTITY_LABELS.sub(r'\1="~"', line) for line in played],
                                 anonymous)
            shutil.rmtree(self.copy)

    def test_no_identifier_of_a_rig_is_in_its_copy(self):
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

    def test_neither_the_host_nor_the_place_of_its_files_is_named(self):
        machine = self.rig('rx6800x2-broken-files')
        self.capture(machine)
        for file in files_of(self.copy):
            self.assertNotIn(str(self.folder).encode(), file.read_bytes(), file)
        words = re.findall(r'[\w.-]+', (self.copy / 'capture.txt').read_text())
        self.assertNotIn(os.uname().nodename, words)

    def test_a_machine_without_an_amd_gpu_is_one_line_and_status_1(self):
        self.assertIn('no AMD GPU', self.capture(RIGS / 'no-gpu-no-raid', status=1).stderr)

    def test_cards_that_differ_stay_different_and_kfd_agrees_with_them(self):
        self.capture(RIGS / 'mi210x2')
        ids = {int(file.read_text(), 16) for file in (self.copy / 'sys').rglob('unique_id')}
        properties = [file.read_text() for file in (self.copy / 'sys').rglob('nodes/*/properties')]
        in_kfd = {int(number) for text in properties
                  for number in re.findall(r'^unique_id (\d+)$', text, re.M)}
        self.assertEqual(len(ids), 2)
        self.assertEqual(in_kfd - {0}, ids)

    def test_all_links_of_a_copy_are_relative_and_stay_in_it(self):
        self.capture(RIGS / 'raven-and-navi')
        links = [path for path in self.copy.rglob('*') if path.is_symlink()]
        self.assertGreater(len(links), 4)
        for link in links:
            self.assertFalse(os.path.isabs(os.readlink(link)), link)
            target = pathlib.Path(os.path.normpath(link.parent.resolve() / os.readlink(link)))
            self.assertTrue(target.is_relative_to(self.copy), link)

    def test_a_suspended_cards_driver_files_are_not_in_the_copy(self):
        self.capture(RIGS / 'rx6800x2-one-suspended')
        awake, asleep = sorted((self.copy / 'sys').rglob('runtime_suspended_time'))
        self.assertTrue((awake.parent.parent / 'gpu_metrics').exists())
        names = {str(file.relative_to(asleep.parent.parent))
                 for file in files_of(asleep.parent.parent)}
        self.assertIn('power/runtime_status', names)
        for name in names:
            self.assertFalse(re.match('gpu_|mem_|pp_|fw_|hwmon|ras|vbios|unique|serial', name), name)

    def test_a_card_that_hangs_stops_nobody_else(self):
        machine = self.rig('rx6800x2-raid0')
        fifo = machine / 'sys' / CARD / 'gpu_busy_percent'
        fifo.unlink()
        os.mkfifo(fifo)
        began = time.monotonic()
        done = self.capture(machine, status=1)
        self.assertLess(time.monotonic() - began, 20)
        self.assertIn('0000:03:00.0: does not answer', done.stderr)
        self.assertIn('gpu_busy_percent', done.stderr)
        self.assertIn('0000:03:00.0: does not answer', (self.copy / 'capture.txt').read_text())
        other = next((self.copy / 'sys').rglob('0000:06:00.0'))
        self.assertTrue((other / 'gpu_metrics').exists())

    def test_what_was_replaced_is_printed(self):
        done = self.capture(RIGS / 'rx6800x2-raid0')
        self.assertIn('2 AMD GPUs', done.stdout)
        self.assertIn('2 serial_number, 4 unique_id', done.stdout)

    def test_a_folder_that_will_not_do_is_one_line_and_status_1(self):
        machine = RIGS / 'rx6800x2-raid0'
        self.copy.mkdir()
        (self.copy / 'mine').write_text('mine')
        self.assertIn('not empty', self.capture(machine, status=1).stderr)
        self.assertEqual([path.name for path in self.copy.iterdir()], ['mine'])
        self.copy = self.folder / 'no/such'
        self.assertIn('No such file or directory', self.capture(machine, status=1).stderr)
        self.copy = ''
        self.capture(machine, status=1)

    def test_nothing_is_written_but_the_copy(self):
        machine = self.rig('rx6800x2-raid0')
        before = {str(path): path.lstat().st_mtime_ns for path in machine.rglob('*')}
        self.capture(machine)
        self.assertEqual({str(path): path.lstat().st_mtime_ns for path in machine.rglob('*')},
                         before)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {machine.name, 'copy'})
        self.assertEqual({path.name for path in self.copy.iterdir()},
                         {'capture.txt', 'proc', 'sys', 'usr'})


if __name__ == '__main__':
    PROBE, EXPORTER = map(os.path.abspath, sys.argv[1:3])
    RIGS = pathlib.Path(sys.argv[3]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
