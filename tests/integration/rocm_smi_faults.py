"""What the tests of faults around librocm_smi64 share: the exporter with the real library in a namespace with a rig's /sys."""
import collections
import ctypes
import ctypes.util
import dataclasses
import re
import shutil
import sys
import unittest

from exporter_process import RIGS, Exporter, parse_samples
from rocm_smi_fault_rows import KEY_SERIES, RIG
from sysfs_namespace import ENTER, NO_NAMESPACE, find_unshare, with_sys

SKIPPED = 77
FLAGS = ('--collector.disable-defaults', '--collector.gpu', '--gpu.sample-interval=100ms')
SAMPLES_SECONDS = 0.6  # the time of several samples, after which any harm is done

# These differ between scrapes or describe the past.
VOLATILE = re.compile(r'rig_gpu_(sample_age|read_errors|\w+_peak_|\w*_seconds_total|energy)')


class Setup:
    """Set by run_tests()."""
    program = None  # the exporter
    is_first_generation = None  # whether the library is of version 5 or earlier
    golden = None  # the GPUs of the unmodified rig


def labels_of(series):
    return dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', series))


def gpus_of(samples):
    """By PCI address: the series of each GPU without the labels that identify it."""
    gpus = collections.defaultdict(dict)
    for series, value in samples.items():
        labels = labels_of(series)
        if series.startswith('rig_gpu_') and 'pci_address' in labels:
            bare = re.sub(r'(gpu|pci_address)="[^"]*",?', '', series).replace(',}', '}')
            gpus[labels['pci_address']][bare.replace('{}', '')] = value
    return gpus


def golden_gpus():
    """The GPUs of the rig if nothing is modified."""
    text = (RIGS / RIG / 'expected.prom').read_text()
    return gpus_of(parse_samples('\n'.join(
        line for line in text.splitlines() if not line.endswith(' ~'))))


@dataclasses.dataclass
class Observation:
    samples: dict
    log: list

    @property
    def gpus(self):
        return gpus_of(self.samples)

    @property
    def restarts(self):
        return self.samples['rig_gpu_probe_restarts_total']

    @property
    def probe(self):
        (series,) = (s for s in self.samples if s.startswith('rig_gpu_probe_info'))
        return labels_of(series)


def start_exporter(sys_directory, enter=ENTER):
    exporter = Exporter(with_sys(sys_directory, Setup.program, enter=enter), *FLAGS)
    exporter.wait_ready()
    return exporter


class FaultTest(unittest.TestCase):
    maxDiff = None

    def check_complete(self, gpu, address, more=()):
        golden = Setup.golden[address]
        self.assertEqual({name: gpu.get(name) for name in KEY_SERIES},
                         {name: golden[name] for name in KEY_SERIES})
        self.check_true(gpu, golden, dict(more))

    def check_true(self, gpu, golden, true):
        """Every value of a GPU is as in `golden` or as in `true`, where None means any value."""
        for series, value in gpu.items():
            if VOLATILE.match(series) or true.get(series, '') is None:
                continue
            if series.startswith('rig_gpu_info'):
                self.check_identity(labels_of(series), golden)
            else:
                self.assertEqual(value, true.get(series, golden.get(series)), series)

    def check_identity(self, labels, golden):
        (intact,) = (labels_of(series) for series in golden if series.startswith('rig_gpu_info'))
        for name in labels.keys() - {'name', 'card'}:  # the name comes from the machine that runs the test
            self.assertIn(labels[name], ('', intact[name]), name)

    def check_log(self, log):
        """Repeated output of the library is logged once a minute."""
        logged = collections.Counter(line.split('rig_gpu_probe: ', 1)[1] for line in log
                                   if 'rig_gpu_probe: ' in line)
        self.assertEqual([text for text, times in logged.items() if times > 1], [])


def is_first_generation():
    """Whether the library is of version 5 or earlier."""
    library = ctypes.CDLL(ctypes.util.find_library('rocm_smi64'))
    return not hasattr(library, 'rsmi_dev_activity_metric_get')


def run_tests():
    """Runs the tests of the main module; its first argument is the exporter."""
    Setup.program = sys.argv.pop(1)
    if find_unshare() is None:
        print(f'skipped: {NO_NAMESPACE}')
        sys.exit(SKIPPED)
    if shutil.which('rocm-smi') is None or ctypes.util.find_library('rocm_smi64') is None:
        print('skipped: the program rocm-smi or librocm_smi64 is not installed')
        sys.exit(SKIPPED)
    Setup.is_first_generation = is_first_generation()
    Setup.golden = golden_gpus()
    unittest.main(verbosity=2)
