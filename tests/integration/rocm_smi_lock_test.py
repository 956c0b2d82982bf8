#!/usr/bin/env python3
"""Other users of librocm_smi64's locks, and files that a crash of the library leaves behind.

  rocm_smi_lock_test.py EXPORTER
"""
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

from exporter_process import RIGS, Exporter, wait_until
from rocm_smi_fault_rows import FIRST, RIG, SECOND, ModifiedRig
from rocm_smi_faults import FLAGS, SAMPLES_SECONDS, FaultTest, Observation, Setup, gpus_of, run_tests, start_exporter
from sysfs_namespace import ENTER, in_namespace_of, with_sys

# A core dump would be written to /dev/shm.
ENTER_WITH_CORES = ENTER.replace('exec', 'ulimit -c unlimited && cd /dev/shm && exec')
# Everything that is written to /tmp appears in /dev/shm/written.
ENTER_WATCHED_TMP = ENTER.replace(
    'exec', 'mkdir /dev/shm/written /dev/shm/work && mount -t overlay -o '
    'lowerdir=/tmp,upperdir=/dev/shm/written,workdir=/dev/shm/work overlay /tmp && exec')

# Hangs while it reads a file of the first GPU that only this client reads, and holds the library's lock of that GPU.
CLIENT = '''
import ctypes, ctypes.util
library = ctypes.CDLL(ctypes.util.find_library("rocm_smi64"))
assert library.rsmi_init(ctypes.c_uint64(0)) == 0
print("started", flush=True)
EDGE, CRITICAL_HYST = 0, 6
library.rsmi_dev_temp_metric_get(0, EDGE, CRITICAL_HYST, ctypes.byref(ctypes.c_int64()))
'''
CLIENT_FILE = 'temp1_crit_hyst'


class SharedLock(FaultTest):
    """The library locks a GPU with a mutex in /dev/shm. 5.x shares it with all users of the library on the machine; since
    6.1 the probe requests a private one."""

    def setUp(self):
        self.rig = ModifiedRig()
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
        self.make_fifo(self.rig.hwmon / CLIENT_FILE)
        client = self.start(command_line(sys.executable, '-c', CLIENT))
        self.assertEqual(client.stdout.readline(), 'started\n')
        time.sleep(0.3)  # time to reach the read
        self.assertIsNone(client.poll())
        return client

    def check_both(self, exporter):
        seen = Observation(exporter.scrape(), exporter.log)
        self.check_complete(seen.gpus[FIRST], FIRST)
        self.check_complete(seen.gpus[SECOND], SECOND)
        self.assertEqual(seen.restarts, 0)
        return seen

    def test_a_client_that_hangs_with_the_lock_affects_no_value(self):
        exporter = self.start_exporter()
        client = self.start_client(lambda *command: in_namespace_of(exporter.pid, *command))
        for _ in range(10):
            time.sleep(0.1)
            seen = self.check_both(exporter)
        if Setup.is_first_generation:
            self.assertIn(FIRST, seen.probe['reason'])
        self.check_log(exporter.log)
        client.kill()
        wait_until(lambda: Observation(exporter.scrape(), []).probe['reason'] == '', 10,
                   'the library to respond again')
        self.assertEqual(self.check_both(exporter).probe['source'], 'rocm_smi')

    def test_a_client_that_holds_the_lock_before_the_start_affects_no_value(self):
        client = self.start_client(lambda *command: with_sys(self.rig.sys, *command))
        exporter = Exporter(in_namespace_of(client.pid, Setup.program), *FLAGS)
        self.addCleanup(exporter.stop)
        exporter.wait_ready()
        for _ in range(10):
            time.sleep(0.1)
            seen = self.check_both(exporter)
        if Setup.is_first_generation:
            self.assertEqual(seen.probe['source'], 'sysfs')
            self.assertRegex(seen.probe['reason'], 'rsmi_init')
        self.check_log(exporter.log)

    def run_rocm_smi(self, exporter):
        start = time.monotonic()
        done = subprocess.run(in_namespace_of(exporter.pid, 'rocm-smi', '--showtemp'), capture_output=True,
                              text=True, timeout=60, check=False)
        return done.stdout, time.monotonic() - start

    def test_a_hanging_gpu_does_not_block_rocm_smi(self):
        """The probe reads each file itself before it calls the library, so it hangs outside of the library and holds no
        lock, whatever the version."""
        exporter = self.start_exporter()
        self.make_fifo(self.rig.gpu / 'gpu_busy_percent')
        wait_until(lambda: Observation(exporter.scrape(), []).gpus[FIRST]['rig_gpu_up'] == 0, 20,
                   'the GPU to hang')
        text, seconds = self.run_rocm_smi(exporter)
        self.assertRegex(text, r'GPU\[0\].*edge\).*68\.0')
        self.assertRegex(text, r'GPU\[1\].*edge\).*71\.0')
        self.assertLess(seconds, 4)
        seen = Observation(exporter.scrape(), exporter.log)
        self.check_complete(seen.gpus[SECOND], SECOND)
        self.assertEqual(seen.restarts, 0)

    def test_a_gpu_that_hangs_only_the_library(self):
        """A file can still be read by the probe and then hang the library. 5.x then holds the shared lock, and rocm-smi gives
        up after five seconds until the GPU responds or the exporter stops; since 6.1 the lock is private."""
        exporter = self.start_exporter()
        fifo = self.make_fifo(self.rig.hwmon / 'power1_average')
        once = threading.Thread(target=fifo.write_text, args=('198000000\n',), daemon=True)
        once.start()
        once.join(10)
        self.assertFalse(once.is_alive())
        wait_until(lambda: Observation(exporter.scrape(), []).gpus[FIRST]['rig_gpu_up'] == 0, 20,
                   'the GPU to hang')
        seen = Observation(exporter.scrape(), exporter.log)
        self.check_complete(seen.gpus[SECOND], SECOND)
        self.assertEqual(seen.probe['source'], 'sysfs')
        self.assertRegex(seen.probe['reason'], 'timed out')
        self.assertEqual(seen.restarts, 0)
        text, seconds = self.run_rocm_smi(exporter)
        if Setup.is_first_generation:
            self.assertNotIn('GPU[0]', text)
            self.assertGreater(seconds, 4)
            self.assertLess(seconds, 15)
        else:
            self.assertRegex(text, r'GPU\[0\].*edge\).*68\.0')
            self.assertLess(seconds, 4)
        self.assertLess(exporter.stop(), 1)


class LeftoverFiles(FaultTest):
    def skip_without(self, enter, what):
        """Skips the test if the namespace cannot be set up."""
        done = subprocess.run(with_sys(RIGS / RIG / 'sys', 'true', enter=enter),
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f'{what}: {done.stderr.strip()}')

    def test_a_crash_of_the_library_leaves_no_core_dump(self):
        """Such crashes are expected, and a core dump of each would fill the disk."""
        pattern = pathlib.Path('/proc/sys/kernel/core_pattern').read_text().strip()
        if pattern.startswith(('|', '/')):
            self.skipTest(f'core dumps are written elsewhere: {pattern}')
        self.skip_without(ENTER_WITH_CORES, 'core dumps are not possible here')
        with ModifiedRig() as rig:
            shutil.rmtree(rig.node(1) / 'io_links')
            with start_exporter(rig.sys, ENTER_WITH_CORES) as exporter:
                wait_until(lambda: FIRST in gpus_of(exporter.scrape()), 20, 'the GPUs to be read')
                files = subprocess.run(in_namespace_of(exporter.pid, 'find', '/dev/shm', '-name', 'core*'),
                                       capture_output=True, text=True, check=True).stdout
        self.assertEqual(files, '')

    def test_no_file_is_left_in_tmp(self):
        self.skip_without(ENTER_WATCHED_TMP, 'cannot mount an overlay')
        with start_exporter(RIGS / RIG / 'sys', ENTER_WATCHED_TMP) as exporter:
            time.sleep(SAMPLES_SECONDS)
            self.check_complete(gpus_of(exporter.scrape())[FIRST], FIRST)
            written = subprocess.run(in_namespace_of(exporter.pid, 'find', '/dev/shm/written', '-type', 'f'),
                                     capture_output=True, text=True, check=True).stdout.split()
        self.assertEqual(written, [])


if __name__ == '__main__':
    run_tests()
