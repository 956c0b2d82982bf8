#!/usr/bin/env python3
"""What makes the real librocm_smi64 crash, hang or lie costs at most the spoilt card's own values.

Every row (rocm_smi_fault_rows.py) spoils one of two busy cards, or the machine, in a way that is
known to do harm to some version of the library; the built exporter then runs with the real library
over that /sys. The other card's values, most of them not 0, must be right in the same scrape. What
the spoilt card shows is what its files say, or absent. The library lives on, or it has been given
up and rig_gpu_probe_info says why.

One input still crashes 5.2.3: a KFD node has no io_links. There the probe dies three times and is
then started without the library. In no other row does it die even once.

  rocm_smi_faults_test.py EXPORTER RIGS
"""
import collections
import concurrent.futures
import ctypes
import ctypes.util
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from exporter_process import Exporter, parse_samples, wait_until
from made_up_sysfs import ENTER, NO_NAMESPACE, beside, find_unshare, with_sys
from rocm_smi_fault_rows import FIRST, KEY_SERIES, RIG, ROWS, SECOND, SpoiltRig

SKIPPED = 77
PROGRAM, RIGS = None, None
SEEN = {}  # what was observed of each row
FLAGS = ('--collector.disable-defaults', '--collector.gpu', '--gpu.sample-interval=100ms')
AT_ONCE = 4  # rows under way, beside the other tests; most of their time is waiting
SAMPLES_SECONDS = 0.6  # several samples: what does harm has done it by then
# A crash leaves its core in /dev/shm, if it leaves one.
ENTER_WITH_CORES = ENTER.replace('exec', 'ulimit -c unlimited && cd /dev/shm && exec')
# Whatever is written to /tmp is found in /dev/shm/written.
ENTER_WATCHED_TMP = ENTER.replace(
    'exec', 'mkdir /dev/shm/written /dev/shm/work && mount -t overlay -o '
    'lowerdir=/tmp,upperdir=/dev/shm/written,workdir=/dev/shm/work overlay /tmp && exec')

# Differ from scrape to scrape, or are about the past.
PASSING = re.compile(r'rig_gpu_(sample_age|read_errors|\w+_peak_|\w*_seconds_total|energy)')


def labels_of(series):
    return dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', series))


def is_first_generation():
    """Of the library: 5.x and before."""
    library = ctypes.CDLL(ctypes.util.find_library('rocm_smi64'))
    return not hasattr(library, 'rsmi_dev_activity_metric_get')


def cards_of(samples):
    """By PCI address: the series of a card without the labels that say which one it is."""
    cards = collections.defaultdict(dict)
    for series, value in samples.items():
        labels = labels_of(series)
        if series.startswith('rig_gpu_') and 'pci_address' in labels:
            bare = re.sub(r'(gpu|pci_address)="[^"]*",?', '', series).replace(',}', '}')
            cards[labels['pci_address']][bare.replace('{}', '')] = value
    return cards


def golden_cards():
    """What the cards show when nothing is spoilt."""
    text = (RIGS / RIG / 'expected.prom').read_text()
    return cards_of(parse_samples('\n'.join(
        line for line in text.splitlines() if not line.endswith(' ~'))))


@dataclasses.dataclass
class Seen:
    samples: dict
    log: list

    @property
    def cards(self):
        return cards_of(self.samples)

    @property
    def restarts(self):
        return self.samples['rig_gpu_probe_restarts_total']

    @property
    def probe(self):
        (series,) = (s for s in self.samples if s.startswith('rig_gpu_probe_info'))
        return labels_of(series)


def start_exporter(sys_folder, enter=ENTER):
    exporter = Exporter(with_sys(sys_folder, PROGRAM, enter=enter), *FLAGS)
    exporter.wait_ready()
    return exporter


def observe(row):
    with SpoiltRig() as rig:
        row.spoil(rig)
        with start_exporter(rig.sys, row.enter) as exporter:
            if row.may_crash:
                wait_until(lambda: SECOND in cards_of(exporter.scrape()), 20, 'the GPUs to be read')
            time.sleep(SAMPLES_SECONDS)
            samples = exporter.scrape()
        return Seen(samples, list(exporter.log))


def setUpModule():
    """Has the rows observed while the other tests wait for this and that."""
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    unittest.addModuleCleanup(pool.shutdown, cancel_futures=True)
    SEEN.update((row.what, pool.submit(observe, row)) for row in ROWS)


class FaultTest(unittest.TestCase):
    maxDiff = None

    def check_whole(self, card, address, more=()):
        golden = GOLDEN[address]
        self.assertEqual({name: card.get(name) for name in KEY_SERIES},
                         {name: golden[name] for name in KEY_SERIES})
        self.check_true(card, golden, dict(more))

    def check_true(self, card, golden, true):
        """What a card shows is as in `golden` or as in `true`, where None is any value."""
        for series, value in card.items():
            if PASSING.match(series) or true.get(series, '') is None:
                continue
            if series.startswith('rig_gpu_info'):
                self.check_identity(labels_of(series), golden)
            else:
                self.assertEqual(value, true.get(series, golden.get(series)), series)

    def check_identity(self, labels, golden):
        (whole,) = (labels_of(series) for series in golden if series.startswith('rig_gpu_info'))
        for name in labels.keys() - {'name', 'card'}:  # the name is from the machine's own lists
            self.assertIn(labels[name], ('', whole[name]), name)

    def check_log(self, log):
        """What the library prints is told once a minute."""
        said = collections.Counter(line.split('rig_gpu_probe: ', 1)[1] for line in log
                                   if 'rig_gpu_probe: ' in line)
        self.assertEqual([text for text, times in said.items() if times > 1], [])


class SpoiltCard(FaultTest):
    """A test for each row."""

    def check(self, row):
        seen = SEEN[row.what].result()
        self.assertEqual(seen.samples['rig_gpus'], 2)
        self.check_whole(seen.cards[SECOND], SECOND, row.both_show)
        card, golden = seen.cards[FIRST], GOLDEN[FIRST]
        expected = {name: golden[name] for name in KEY_SERIES} | row.shows
        self.assertEqual({name: card.get(name) for name in KEY_SERIES}, expected)
        self.check_true(card, golden, row.shows | row.may_show | row.both_show)
        self.check_source(row, seen)
        self.check_log(seen.log)

    def check_source(self, row, seen):
        probe = seen.probe
        if seen.restarts > 0:
            self.assertTrue(row.may_crash, seen.log)
            self.assertEqual(probe['source'], 'sysfs')
        self.assertTrue(probe['source'] == 'rocm_smi' or probe['reason'], probe)
        if IS_FIRST_GENERATION:
            self.assertEqual(probe['source'], row.source, probe)
            self.assertRegex(probe['reason'], row.reason or '^$')
            self.assertIn(row.chatter, ''.join(seen.log))


for each in ROWS:
    setattr(SpoiltCard, 'test_' + re.sub(r'\W+', '_', each.what).strip('_').lower(),
            lambda self, row=each: self.check(row))


class SpoiltMachine(FaultTest):
    def observe_without_gpus(self, sys_folder):
        with start_exporter(sys_folder) as exporter:
            time.sleep(SAMPLES_SECONDS)
            seen = Seen(exporter.scrape(), exporter.log)
        self.assertEqual(seen.samples['rig_gpus'], 0)
        self.assertEqual(seen.samples['rig_collector_success{collector="gpu"}'], 1)
        self.assertEqual(seen.cards, {})
        self.assertEqual((seen.restarts, seen.probe['reason']), (0, 'there is no AMD GPU'))
        self.check_log(seen.log)

    def test_the_only_card_is_not_amds(self):
        self.observe_without_gpus(RIGS / 'no-gpu-no-raid/sys')

    def test_drm_has_no_card(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / 'class/drm').mkdir(parents=True)
            self.observe_without_gpus(folder)

    def test_there_is_no_drm(self):
        with tempfile.TemporaryDirectory() as folder:
            self.observe_without_gpus(folder)


class CardThatGoes(FaultTest):
    def setUp(self):
        self.rig = SpoiltRig()
        self.addCleanup(self.rig.__exit__)
        self.exporter = start_exporter(self.rig.sys)
        self.addCleanup(self.exporter.stop)
        self.assertEqual(self.seen().probe['source'], 'rocm_smi')

    def seen(self):
        return Seen(self.exporter.scrape(), self.exporter.log)

    def wait_for_up(self, value):
        wait_until(lambda: self.seen().cards[FIRST]['rig_gpu_up'] == value, 20, f'up to be {value}')

    def take_out(self):
        away = self.rig.path / 'away'
        self.rig.card.rename(away)
        self.wait_for_up(0)
        return away

    def test_a_card_that_has_gone_shows_nothing_and_the_other_all(self):
        self.take_out()
        time.sleep(SAMPLES_SECONDS)
        seen = self.seen()
        self.assertEqual(seen.samples['rig_gpus'], 1)
        self.assertEqual(seen.cards[FIRST], {'rig_gpu_up': 0})
        self.check_whole(seen.cards[SECOND], SECOND)
        self.assertEqual(seen.restarts, 0)
        self.check_log(seen.log)

    def test_a_card_is_whole_again_when_it_is_back_with_another_hwmon(self):
        away = self.take_out()
        (away / 'hwmon/hwmon2').rename(away / 'hwmon/hwmon7')
        (away / 'hwmon/hwmon7/temp1_input').write_text('51000\n')
        away.rename(self.rig.card)
        edge = 'rig_gpu_temperature_celsius{sensor="edge"}'
        wait_until(lambda: self.seen().cards[FIRST].get(edge) == 51, 20, 'the temperature')
        wait_until(lambda: self.seen().probe['source'] == 'rocm_smi', 20, 'the library to be back')
        time.sleep(SAMPLES_SECONDS)
        seen = self.seen()
        self.assertEqual(seen.probe['reason'], '')
        self.assertEqual(seen.restarts, 0)
        card = seen.cards[FIRST]
        self.assertEqual({name: card.get(name) for name in KEY_SERIES},
                         {name: GOLDEN[FIRST][name] for name in KEY_SERIES} | {edge: 51})
        self.check_whole(seen.cards[SECOND], SECOND)


# Hangs in a read of the first card that nobody else makes, with the library's lock of that card.
CLIENT = '''
import ctypes, ctypes.util
library = ctypes.CDLL(ctypes.util.find_library("rocm_smi64"))
assert library.rsmi_init(ctypes.c_uint64(0)) == 0
print("started", flush=True)
EDGE, CRITICAL_HYST = 0, 6
library.rsmi_dev_temp_metric_get(0, EDGE, CRITICAL_HYST, ctypes.byref(ctypes.c_int64()))
'''
CLIENTS_FILE = 'temp1_crit_hyst'


class SharedLock(FaultTest):
    """The library locks a card by a mutex in /dev/shm. 5.x shares it with all its users on the
    machine; from 6.1 on we ask for one of our own."""

    def setUp(self):
        self.rig = SpoiltRig()
        self.addCleanup(self.rig.__exit__)

    def start_exporter(self):
        exporter = start_exporter(self.rig.sys)
        self.addCleanup(exporter.stop)
        return exporter

    def make_fifo(self, file):
        file.unlink()
        os.mkfifo(file)
        return file

    def start(self, command):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def start_client(self, command_line):
        self.make_fifo(self.rig.hwmon / CLIENTS_FILE)
        client = self.start(command_line(sys.executable, '-c', CLIENT))
        self.assertEqual(client.stdout.readline(), 'started\n')
        time.sleep(0.3)  # on to the read
        self.assertIsNone(client.poll())
        return client

    def check_both(self, exporter):
        seen = Seen(exporter.scrape(), exporter.log)
        self.check_whole(seen.cards[FIRST], FIRST)
        self.check_whole(seen.cards[SECOND], SECOND)
        self.assertEqual(seen.restarts, 0)
        return seen

    def test_a_client_that_hangs_with_the_lock_costs_no_value(self):
        exporter = self.start_exporter()
        client = self.start_client(lambda *command: beside(exporter.pid, *command))
        for _ in range(10):
            time.sleep(0.1)
            seen = self.check_both(exporter)
        if IS_FIRST_GENERATION:
            self.assertIn(FIRST, seen.probe['reason'])
        self.check_log(exporter.log)
        client.kill()
        wait_until(lambda: Seen(exporter.scrape(), []).probe['reason'] == '', 10,
                   'the library to answer again')
        self.assertEqual(self.check_both(exporter).probe['source'], 'rocm_smi')

    def test_a_client_that_had_the_lock_before_we_start_costs_no_value(self):
        client = self.start_client(lambda *command: with_sys(self.rig.sys, *command))
        exporter = Exporter(beside(client.pid, PROGRAM), *FLAGS)
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        for _ in range(10):
            time.sleep(0.1)
            seen = self.check_both(exporter)
        if IS_FIRST_GENERATION:
            self.assertEqual(seen.probe['source'], 'sysfs')
            self.assertRegex(seen.probe['reason'], 'rsmi_init')
        self.check_log(exporter.log)

    def run_rocm_smi(self, exporter):
        start = time.monotonic()
        done = subprocess.run(beside(exporter.pid, 'rocm-smi', '--showtemp'), capture_output=True,
                              text=True, timeout=60, check=False)
        return done.stdout, time.monotonic() - start

    def test_a_card_that_hangs_us_holds_no_lock_that_rocm_smi_waits_for(self):
        """We read each file ourselves before the library is asked anything: the probe hangs
        outside of the library, and holds no lock whatever the version."""
        exporter = self.start_exporter()
        self.make_fifo(self.rig.card / 'gpu_busy_percent')
        wait_until(lambda: Seen(exporter.scrape(), []).cards[FIRST]['rig_gpu_up'] == 0, 20,
                   'the card to hang')
        text, seconds = self.run_rocm_smi(exporter)
        self.assertRegex(text, r'GPU\[0\].*edge\).*68\.0')
        self.assertRegex(text, r'GPU\[1\].*edge\).*71\.0')
        self.assertLess(seconds, 4)
        seen = Seen(exporter.scrape(), exporter.log)
        self.check_whole(seen.cards[SECOND], SECOND)
        self.assertEqual(seen.restarts, 0)

    def test_a_card_that_hangs_between_our_read_and_the_librarys(self):
        """The one gap: a file answers us and then hangs the library. 5.x then holds the lock in
        the /dev/shm that all share, so that rocm-smi beside us gives up after five seconds until
        the card answers or the exporter is stopped; 6.1 and later have a lock of their own."""
        exporter = self.start_exporter()
        fifo = self.make_fifo(self.rig.hwmon / 'power1_average')
        once = threading.Thread(target=fifo.write_text, args=('198000000\n',), daemon=True)
        once.start()
        once.join(10)
        self.assertFalse(once.is_alive())
        wait_until(lambda: Seen(exporter.scrape(), []).cards[FIRST]['rig_gpu_up'] == 0, 20,
                   'the card to hang')
        seen = Seen(exporter.scrape(), exporter.log)
        self.check_whole(seen.cards[SECOND], SECOND)
        self.assertEqual(seen.probe['source'], 'sysfs')
        self.assertRegex(seen.probe['reason'], 'does not answer')
        self.assertEqual(seen.restarts, 0)
        text, seconds = self.run_rocm_smi(exporter)
        if IS_FIRST_GENERATION:
            self.assertNotIn('GPU[0]', text)
            self.assertGreater(seconds, 4)
            self.assertLess(seconds, 15)
        else:
            self.assertRegex(text, r'GPU\[0\].*edge\).*68\.0')
            self.assertLess(seconds, 4)
        self.assertLess(exporter.stop(), 1)


class Traces(FaultTest):
    def skip_without(self, enter, what):
        """Skips where a namespace cannot be entered so."""
        done = subprocess.run(with_sys(RIGS / RIG / 'sys', 'true', enter=enter),
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f'{what}: {done.stderr.strip()}')

    def test_a_crash_of_the_library_leaves_no_core(self):
        """It is expected, and a core of each would fill a disk."""
        pattern = pathlib.Path('/proc/sys/kernel/core_pattern').read_text().strip()
        if pattern.startswith(('|', '/')):
            self.skipTest(f'cores go elsewhere here: {pattern}')
        self.skip_without(ENTER_WITH_CORES, 'cores are forbidden here')
        with SpoiltRig() as rig:
            shutil.rmtree(rig.node(1) / 'io_links')
            with start_exporter(rig.sys, ENTER_WITH_CORES) as exporter:
                wait_until(lambda: FIRST in cards_of(exporter.scrape()), 20, 'the GPUs to be read')
                files = subprocess.run(beside(exporter.pid, 'find', '/dev/shm', '-name', 'core*'),
                                       capture_output=True, text=True, check=True).stdout
        self.assertEqual(files, '')

    def test_nothing_is_left_in_tmp(self):
        self.skip_without(ENTER_WATCHED_TMP, 'no overlay can be mounted here')
        with start_exporter(RIGS / RIG / 'sys', ENTER_WATCHED_TMP) as exporter:
            time.sleep(SAMPLES_SECONDS)
            self.check_whole(cards_of(exporter.scrape())[FIRST], FIRST)
            written = subprocess.run(beside(exporter.pid, 'find', '/dev/shm/written', '-type', 'f'),
                                     capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(written, [])


if __name__ == '__main__':
    PROGRAM, RIGS = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    del sys.argv[1:3]
    if find_unshare() is None:
        print(f'skipped: {NO_NAMESPACE}')
        sys.exit(SKIPPED)
    if shutil.which('rocm-smi') is None or ctypes.util.find_library('rocm_smi64') is None:
        print('skipped: the program rocm-smi or librocm_smi64 is not installed')
        sys.exit(SKIPPED)
    IS_FIRST_GENERATION = is_first_generation()
    GOLDEN = golden_cards()
    unittest.main(verbosity=2)
