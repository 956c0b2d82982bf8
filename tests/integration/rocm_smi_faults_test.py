#!/usr/bin/env python3
"""Files that make the real librocm_smi64 crash, hang or return wrong values affect at most the modified GPU.

Every row in rocm_smi_fault_rows.py modifies one of two busy GPUs, or the machine, in a way that harms some version of the
library; the exporter then runs with the real library on that /sys. The values of the other GPU, most of them not 0, must
be correct in the same scrape. The values of the modified GPU match its files or are absent. The library is still in use,
or rig_gpu_probe_info has the reason why it is not.

One input still crashes 5.2.3: a KFD node without io_links. There the probe crashes three times and is then started without
the library. In no other row does it crash.

  rocm_smi_faults_test.py EXPORTER
"""
import concurrent.futures
import pathlib
import re
import tempfile
import time
import unittest

from exporter_process import RIGS, wait_until
from rocm_smi_fault_rows import FIRST, KEY_SERIES, ROWS, SECOND, ModifiedRig
from rocm_smi_faults import SAMPLES_SECONDS, FaultTest, Observation, Setup, gpus_of, run_tests, start_exporter

OBSERVATIONS = {}  # by the description of the row
CONCURRENT_ROWS = 4  # in addition to other tests; most of the time is waiting


def observe(row):
    with ModifiedRig() as rig:
        row.modify(rig)
        with start_exporter(rig.sys, row.enter) as exporter:
            if row.may_crash:
                wait_until(lambda: SECOND in gpus_of(exporter.scrape()), 20, 'the GPUs to be read')
            time.sleep(SAMPLES_SECONDS)
            samples = exporter.scrape()
        return Observation(samples, list(exporter.log))


def setUpModule():
    """Observes the rows in the background while other tests wait."""
    pool = concurrent.futures.ThreadPoolExecutor(CONCURRENT_ROWS)
    unittest.addModuleCleanup(pool.shutdown, cancel_futures=True)
    OBSERVATIONS.update((row.description, pool.submit(observe, row)) for row in ROWS)


class ModifiedGpu(FaultTest):
    """A test for each row."""

    def check(self, row):
        seen = OBSERVATIONS[row.description].result()
        self.assertEqual(seen.samples['rig_gpus'], 2)
        self.check_complete(seen.gpus[SECOND], SECOND, row.both_show)
        gpu, golden = seen.gpus[FIRST], Setup.golden[FIRST]
        expected = {name: golden[name] for name in KEY_SERIES} | row.shows
        self.assertEqual({name: gpu.get(name) for name in KEY_SERIES}, expected)
        self.check_true(gpu, golden, row.shows | row.may_show | row.both_show)
        self.check_source(row, seen)
        self.check_log(seen.log)

    def check_source(self, row, seen):
        probe = seen.probe
        if seen.restarts > 0:
            self.assertTrue(row.may_crash, seen.log)
            self.assertEqual(probe['source'], 'sysfs')
        self.assertTrue(probe['source'] == 'rocm_smi' or probe['reason'], probe)
        if Setup.is_first_generation:
            self.assertEqual(probe['source'], row.source, probe)
            self.assertRegex(probe['reason'], row.reason or '^$')
            self.assertIn(row.library_output, ''.join(seen.log))


for each in ROWS:
    setattr(ModifiedGpu, 'test_' + re.sub(r'\W+', '_', each.description).strip('_').lower(),
            lambda self, row=each: self.check(row))


class WithoutGpus(FaultTest):
    def observe_without_gpus(self, sys_directory):
        with start_exporter(sys_directory) as exporter:
            time.sleep(SAMPLES_SECONDS)
            seen = Observation(exporter.scrape(), exporter.log)
        self.assertEqual(seen.samples['rig_gpus'], 0)
        self.assertEqual(seen.samples['rig_collector_success{collector="gpu"}'], 1)
        self.assertEqual(seen.gpus, {})
        self.assertEqual((seen.restarts, seen.probe['reason']), (0, 'there is no AMD GPU'))
        self.check_log(seen.log)

    def test_the_only_gpu_is_not_from_amd(self):
        self.observe_without_gpus(RIGS / 'no-gpu-no-raid/sys')

    def test_drm_has_no_card(self):
        with tempfile.TemporaryDirectory() as directory:
            (pathlib.Path(directory) / 'class/drm').mkdir(parents=True)
            self.observe_without_gpus(directory)

    def test_drm_is_missing(self):
        with tempfile.TemporaryDirectory() as directory:
            self.observe_without_gpus(directory)


class RemovedGpu(FaultTest):
    def setUp(self):
        self.rig = ModifiedRig()
        self.addCleanup(self.rig.__exit__)
        self.exporter = start_exporter(self.rig.sys)
        self.addCleanup(self.exporter.stop)
        self.assertEqual(self.seen().probe['source'], 'rocm_smi')

    def seen(self):
        return Observation(self.exporter.scrape(), self.exporter.log)

    def wait_for_up(self, value):
        wait_until(lambda: self.seen().gpus[FIRST]['rig_gpu_up'] == value, 20, f'up to be {value}')

    def remove_gpu(self):
        away = self.rig.path / 'away'
        self.rig.gpu.rename(away)
        self.wait_for_up(0)
        return away

    def test_a_removed_gpu_has_no_values_and_the_other_has_all(self):
        self.remove_gpu()
        time.sleep(SAMPLES_SECONDS)
        seen = self.seen()
        self.assertEqual(seen.samples['rig_gpus'], 1)
        self.assertEqual(seen.gpus[FIRST], {'rig_gpu_up': 0})
        self.check_complete(seen.gpus[SECOND], SECOND)
        self.assertEqual(seen.restarts, 0)
        self.check_log(seen.log)

    def test_a_gpu_that_returns_with_another_hwmon_has_all_values(self):
        away = self.remove_gpu()
        (away / 'hwmon/hwmon2').rename(away / 'hwmon/hwmon7')
        (away / 'hwmon/hwmon7/temp1_input').write_text('51000\n')
        away.rename(self.rig.gpu)
        edge = 'rig_gpu_temperature_celsius{sensor="edge"}'
        wait_until(lambda: self.seen().gpus[FIRST].get(edge) == 51, 20, 'the temperature')
        wait_until(lambda: self.seen().probe['source'] == 'rocm_smi', 20, 'the library to be in use again')
        time.sleep(SAMPLES_SECONDS)
        seen = self.seen()
        self.assertEqual(seen.probe['reason'], '')
        self.assertEqual(seen.restarts, 0)
        gpu = seen.gpus[FIRST]
        self.assertEqual({name: gpu.get(name) for name in KEY_SERIES},
                         {name: Setup.golden[FIRST][name] for name in KEY_SERIES} | {edge: 51})
        self.check_complete(seen.gpus[SECOND], SECOND)


if __name__ == '__main__':
    run_tests()
