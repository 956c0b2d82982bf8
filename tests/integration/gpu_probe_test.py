#!/usr/bin/env python3
"""rig_gpu_probe as a process: hanging GPUs, termination, hot-plugged GPUs.

gpu_probe_test.py PROBE RIGS
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SECONDS = 30  # timeout; everything normally happens much faster
GPU = 'devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0'
FIRST, SECOND = '0000:03:00.0', '0000:06:00.0'


class Probe:
    """A running probe and its output."""

    def __init__(self, *arguments, interval='100ms', **options):
        options = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, **options}
        self.process = subprocess.Popen([PROBE, f'--sample-interval={interval}', *arguments],
                                        text=True, **options)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()

    def lines(self):
        for line in self.process.stdout:
            yield json.loads(line)

    def until(self, wanted):
        """Reads up to the first line for which `wanted` is true, and returns it."""
        deadline = time.monotonic() + SECONDS
        for line in self.lines():
            if wanted(line):
                return line
            if time.monotonic() > deadline:
                raise AssertionError('timed out waiting for a line')
        raise AssertionError('the probe exited')


def is_gpu(address):
    return lambda line: line['type'] == 'gpu' and line['pci_address'] == address


def lists(count):
    return lambda line: line['type'] == 'gpus' and len(line['gpus']) == count


def waiting(line, address):
    return next(gpu['waiting_seconds'] for gpu in line['gpus'] if gpu['pci_address'] == address)


class GpuProbeTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)
        self.sys = self.directory / 'sys'
        shutil.copytree(RIGS / 'rx6800x2-raid0/sys', self.sys, symlinks=True)

    def probe(self, *arguments, **options):
        return Probe(f'--path.sysfs={self.sys}', *arguments, **options)

    def make_fifo(self):
        """Makes reads of the first GPU's gpu_busy_percent hang."""
        fifo = self.sys / GPU / 'gpu_busy_percent'
        fifo.unlink()
        os.mkfifo(fifo)
        return fifo

    def wait_for_hang(self, probe):
        return probe.until(lambda line: line['type'] == 'gpus' and waiting(line, FIRST) > 0)

    def test_a_hanging_gpu_does_not_affect_the_other_and_recovers(self):
        fifo = self.make_fifo()
        with self.probe() as probe:
            before = waiting(self.wait_for_hang(probe), FIRST)
            for _ in range(3):
                self.assertEqual(probe.until(is_gpu(SECOND))['power_watts'], 6)
                now = waiting(probe.until(lists(2)), FIRST)
                self.assertGreater(now, before)
                before = now
            moved = self.directory / 'fifo'
            fifo.rename(moved)
            fifo.write_text('7\n')
            moved.write_text('0\n')  # unblocks the reader
            reading = probe.until(lambda line: is_gpu(FIRST)(line)
                                  and line['busy_ratio']['gfx'] == 0.07)
            self.assertEqual(reading['power_watts'], 5)
            probe.until(lambda line: line['type'] == 'gpus' and waiting(line, FIRST) == 0)

    def test_a_hanging_gpu_uses_one_thread_however_often_it_is_replugged(self):
        self.make_fifo()
        card = self.sys / 'class/drm/card0'
        with self.probe() as probe:
            self.wait_for_hang(probe)
            tasks = pathlib.Path(f'/proc/{probe.process.pid}/task')
            before = len(list(tasks.iterdir()))
            for _ in range(5):
                card.rename(self.directory / 'kept')
                probe.until(lists(1))
                (self.directory / 'kept').rename(card)
                probe.until(lists(2))
            self.assertEqual(len(list(tasks.iterdir())), before)

    def test_sigterm_terminates_it_even_while_a_gpu_hangs(self):
        self.make_fifo()
        with self.probe() as probe:
            self.wait_for_hang(probe)
            probe.process.send_signal(signal.SIGTERM)
            self.assertEqual(probe.process.wait(SECONDS), -signal.SIGTERM)

    def test_sigterm_terminates_it_even_if_its_parent_blocks_signals(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        try:
            probe = self.probe()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        with probe:
            probe.until(lists(2))
            probe.process.terminate()
            self.assertEqual(probe.process.wait(SECONDS), -signal.SIGTERM)

    def test_it_exits_at_the_end_of_its_standard_input_even_while_a_gpu_hangs(self):
        self.make_fifo()
        with self.probe('--follow-stdin', stdin=subprocess.PIPE) as probe:
            self.wait_for_hang(probe)
            probe.process.stdin.close()
            self.assertEqual(probe.process.wait(SECONDS), 0)

    def test_it_exits_with_its_parent_even_if_its_input_stays_open(self):
        parent = subprocess.Popen(
            ['sh', '-c', 'exec 3<&0; "$@" <&3 & wait', 'sh', PROBE, '--follow-stdin',
             '--sample-interval=100ms', f'--path.sysfs={self.sys}'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with parent:
            while b'"gpus"' not in next(parent.stdout):
                pass
            parent.kill()
            parent.stdout.read()  # returns when the probe has exited

    def request(self, probe):
        probe.process.stdin.write('\n')
        probe.process.stdin.flush()

    def sample_of_both(self, probe):
        """Reads the lines of one sample, of which the list is the first, and the readings have any order."""
        types = [probe.until(lists(2))['type']]
        while types.count('gpu') < 2:
            types.append(next(probe.lines())['type'])
        return types

    def test_without_an_interval_it_samples_at_the_start_and_for_each_line_on_its_standard_input(self):
        with self.probe('--processes=0', interval='0', stdin=subprocess.PIPE) as probe:
            self.assertEqual(probe.until(lambda line: line['type'] == 'probe')['interval_seconds'], 0)
            for _ in range(5):
                self.assertEqual(self.sample_of_both(probe), ['gpus', 'gpu', 'gpu'])
                self.request(probe)
            self.sample_of_both(probe)
            probe.process.stdin.close()
            self.assertEqual(list(probe.lines()), [])
            self.assertEqual(probe.process.wait(SECONDS), 0)

    def test_without_an_interval_a_gpu_that_hangs_costs_only_its_own_reading(self):
        self.make_fifo()
        with self.probe(interval='0', stdin=subprocess.PIPE) as probe:
            probe.until(is_gpu(SECOND))
            for _ in range(3):
                self.request(probe)
                listed = probe.until(lists(2))
                self.assertGreater(waiting(listed, FIRST), 0)
                probe.until(is_gpu(SECOND))

    def test_without_an_interval_it_takes_one_sample_if_there_is_no_input(self):
        done = subprocess.run([PROBE, '--once', '--sample-interval=0', f'--path.sysfs={self.sys}'],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS)
        self.assertEqual(done.returncode, 0)
        self.assertEqual([json.loads(line)['type'] for line in done.stdout.splitlines()].count('gpu'), 2)

    def test_a_recording_is_replayed_at_requests(self):
        recording = self.directory / 'recording'
        reading = {'type': 'gpu', 'pci_address': FIRST, 'busy_ratio': {'gfx': 0.5}}
        recorded = [{'type': 'gpus', 'gpus': [{'pci_address': FIRST}]}, {**reading, 'took_seconds': 0.8}]
        recording.write_text(''.join(json.dumps(line) + '\n' for line in recorded))
        with Probe(f'--replay={recording}', interval='0', stdin=subprocess.PIPE) as probe:
            lines = probe.lines()
            for _ in range(3):
                self.assertEqual(next(lines)['type'], 'gpus')
                self.assertEqual(next(lines), reading)  # which began after the request
                self.request(probe)

    def test_by_default_it_ignores_its_standard_input(self):
        with self.probe(stdin=subprocess.DEVNULL) as probe:
            for _ in range(5):
                probe.until(lists(2))

    def test_it_exits_silently_when_its_standard_output_is_closed(self):
        with self.probe(stderr=subprocess.PIPE) as probe:
            probe.until(lists(2))
            probe.process.stdout.close()
            self.assertEqual(probe.process.wait(SECONDS), 0)
            self.assertEqual(probe.process.stderr.read(), '')
            probe.process.stderr.close()
            probe.process.stdout = None

    def test_gpus_can_be_unplugged_and_plugged_in_while_it_runs(self):
        card = self.sys / 'class/drm/card1'
        with self.probe() as probe:
            probe.until(is_gpu(SECOND))
            card.rename(self.directory / 'kept')
            probe.until(lists(1))
            probe.until(is_gpu(FIRST))
            (self.directory / 'kept').rename(card)
            probe.until(lists(2))
            probe.until(is_gpu(SECOND))

    def test_a_gpu_whose_directory_disappears(self):
        with self.probe() as probe:
            probe.until(is_gpu(FIRST))
            shutil.rmtree(self.sys / GPU)
            probe.until(lists(1))
            probe.until(is_gpu(SECOND))

    def test_heartbeats_are_sent_without_any_gpu(self):
        with Probe(f'--path.sysfs={RIGS / "no-gpu-no-raid/sys"}') as probe:
            for _ in range(5):
                probe.until(lists(0))

    def test_samples_are_not_taken_more_often_than_the_interval(self):
        start = time.monotonic()
        with self.probe() as probe:
            for _ in range(41):
                probe.until(lists(2))
            self.assertGreaterEqual(time.monotonic() - start, 40 * 0.1)

    def test_once_prints_one_reading_of_each_gpu(self):
        done = subprocess.run([PROBE, '--once', f'--path.sysfs={self.sys}'], check=True, text=True,
                              capture_output=True, timeout=SECONDS)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line['type'] for line in lines], ['probe', 'gpus', 'processes', 'gpu', 'gpu'])
        self.assertEqual(lines[0]['source'], 'sysfs')
        self.assertEqual({line['pci_address'] for line in lines[3:]}, {FIRST, SECOND})

    def test_once_exits_even_if_a_gpu_hangs_and_names_it(self):
        self.make_fifo()
        done = subprocess.run([PROBE, '--once', f'--path.sysfs={self.sys}'], check=False,
                              text=True, capture_output=True, timeout=SECONDS)
        self.assertEqual(done.returncode, 1)
        self.assertIn(FIRST, done.stderr)
        self.assertIn(SECOND, done.stdout.splitlines()[-1])

    def test_an_invalid_option_prints_one_line_and_exits_with_status_2(self):
        for arguments, status in ((['--wrong'], 2), (['--sample-interval=1ms'], 2), (['--sample-interval=x'], 2),
                                  (['--source=magic'], 2),
                                  (['--source=rocm_smi', f'--path.sysfs={self.sys}'], 2),
                                  (['--replay=/nonexistent'], 1)):
            done = subprocess.run([PROBE, *arguments], check=False, text=True, capture_output=True,
                                  timeout=SECONDS)
            self.assertEqual(done.returncode, status, arguments)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertEqual(done.stdout, '')

    def test_a_recording_is_replayed_repeatedly(self):
        done = subprocess.run([PROBE, '--once', f'--path.sysfs={self.sys}'], check=True,
                              capture_output=True, timeout=SECONDS)
        recording = self.directory / 'recording.jsonl'
        recording.write_bytes(done.stdout)
        start = time.monotonic()
        with Probe(f'--replay={recording}') as probe:
            replayed = [next(probe.process.stdout) for _ in range(50)]
            self.assertGreaterEqual(time.monotonic() - start, 9 * 0.1)  # ten "gpus" lines
        self.assertEqual(''.join(replayed).encode(), done.stdout * 10)


if __name__ == '__main__':
    PROBE, RIGS = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
