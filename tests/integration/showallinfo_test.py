#!/usr/bin/env python3
"""Every value that `rocm-smi --showallinfo` prints for the rigs is exposed by the exporter with the same value, unless a
rule here explains why it is not.

  showallinfo_test.py EXPORTER

Both run in a mount namespace of their own with a rig's sys directory at /sys. Some versions of rocm-smi fail on some rigs;
these rigs are skipped.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

from exporter_process import RIGS, parse_samples
from sysfs_namespace import NO_NAMESPACE, find_unshare, with_sys

EXPORTER = None
GPU_RIGS = ('rx6800x2-raid0', 'rx6800x2-raid0-busy', 'rx6800x2-phantom-busy', 'rx6800x2-one-suspended', 'rx6800x2-overdrive',
            'rx6800x2-broken-files', 'raven-and-navi', 'rx7900xt', 'rx7900xtx', 'rx9070xt', 'rx6600xt', 'vega64', 'mi210x2', 'mi250x',
            'mi300x', 'mi300x-aca', 'mi300x-unknown-table', 'mi355x', 'ryzen-apu')


class Gpu:
    """The metrics of one GPU."""

    def __init__(self, samples, address):
        self.address = address
        self.values, self.labels = {}, {}
        for series, value in samples.items():
            if f'pci_address="{address}"' not in series:
                continue
            name, labels = series.rstrip('}').split('{')
            labels = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            del labels['pci_address'], labels['gpu']
            self.values[(name, *sorted(labels.values()))] = value
            self.labels.setdefault(name, []).append(labels)

    def get(self, name, *labels):
        return self.values.get((f'rig_gpu_{name}', *sorted(labels)))

    def info(self, label):
        return self.labels['rig_gpu_info'][0][label]

    def firmware(self, block):
        for labels in self.labels.get('rig_gpu_firmware_info', ()):
            if labels['firmware'] == block:
                return int(labels['version'], 16)
        return 0  # absent block


def number(text, factor=1.0):
    found = re.search(r'-?[\d.]+', text)
    return round(float(found.group()) * factor, 6)


def same(value, text, factor=1.0, digits=6):
    return value is not None and round(value, digits) == round(number(text, factor), digits)


def version_number(text):
    if '.' in text:  # 00.58.84.00: its bytes
        return int.from_bytes(bytes(int(part) for part in text.split('.')), 'big')
    return int(text, 16 if text.startswith('0x') else 10)


def link_of(text):
    speed, lanes = re.search(r'\(([\d.]+)GT/s x(\d+)', text).groups()
    return float(speed) * 1e9, float(lanes)


def overdrive_is(gpu, clock, text):
    """rocm-smi prints 0 for an absent file."""
    value = gpu.get('overdrive_ratio', clock)
    return text == '0' if value is None else same(value, text, 0.01)


def power_is(gpu, metric, text):
    """rocm-smi prints 0 for the second die of an MI250X, which has no power of its own."""
    value = gpu.get(metric)
    return number(text) == 0 if value is None else same(value, text)


def percent_is(value, text):
    """Some versions of rocm-smi round, others truncate."""
    return number(text) in (int(value), round(value))


TABLE_SENSORS = {'edge': 'edge', 'hotspot': 'junction', 'mem': 'memory', 'vrgfx': 'vr_gfx', 'vrsoc': 'vr_soc',
                 'vrmem': 'vr_memory'}


# A rule: rocm-smi's name of a value, and a function that compares it; its first argument is the match of the name.
RULES = (
    (r'(?:GPU|Device) ID', lambda m, gpu, text: gpu.info('device_id') == text),
    (r'Device Rev', lambda m, gpu, text: gpu.info('revision') == text),
    (r'Unique ID', lambda m, gpu, text: gpu.info('unique_id') == ('' if text in ('N/A', '0x0') else text)),
    (r'VBIOS version', lambda m, gpu, text: gpu.info('vbios_version') == text),
    (r'Serial Number', lambda m, gpu, text: gpu.info('serial') == ('' if text == 'N/A' else text)),
    (r'GPU memory vendor', lambda m, gpu, text: gpu.info('memory_vendor') == text),
    (r'Card SKU', lambda m, gpu, text: text in ('unknown', 'N/A') or text in gpu.info('vbios_version')),
    (r'PCI Bus', lambda m, gpu, text: gpu.address == text.lower()),
    (r'Temperature \(Sensor (\w+)(?: (\d))?\) \(C\)',
     lambda m, gpu, text: same(gpu.get('temperature_celsius', m[1].lower() + (m[2] or '')), text)),
    (r'(\w+) clock speed:', lambda m, gpu, text: same(gpu.get('clock_hertz', m[1]), text, 1e6)),
    (r'pcie clock level', lambda m, gpu, text: link_of(text) == (
        gpu.get('pcie_link_transfers_per_second'), gpu.get('pcie_link_lanes'))),
    (r'Fan speed \(level\)', lambda m, gpu, text: same(gpu.get('fan_ratio'), text, 1 / 255, 4)),
    (r'Fan speed \(%\)', lambda m, gpu, text: same(gpu.get('fan_ratio'), text, 0.01, 2)),
    (r'Fan RPM', lambda m, gpu, text: same(gpu.get('fan_rpm'), text)),
    (r'Performance Level', lambda m, gpu, text: gpu.get('performance_level', text) == 1),
    (r'GPU OverDrive value \(%\)', lambda m, gpu, text: overdrive_is(gpu, 'sclk', text)),
    (r'GPU Memory OverDrive value \(%\)', lambda m, gpu, text: overdrive_is(gpu, 'mclk', text)),
    (r'Max Graphics Package Power \(W\)', lambda m, gpu, text: power_is(gpu, 'power_cap_watts', text)),
    (r'(?:Average|Current Socket|Current) Graphics Package Power \(W\)',
     lambda m, gpu, text: power_is(gpu, 'power_watts', text)),
    (r'GPU use \(%\)', lambda m, gpu, text: same(gpu.get('busy_ratio', 'gfx'), text, 0.01)),
    (r'GPU [Mm]emory [Uu]se \(%\)|GPU Memory Read/Write Activity \(%\)',
     lambda m, gpu, text: same(gpu.get('busy_ratio', 'memory'), text, 0.01)),
    (r'GPU Memory Allocated \(VRAM%\)', lambda m, gpu, text: percent_is(
        100 * gpu.get('memory_used_bytes', 'vram') / gpu.get('memory_size_bytes', 'vram'), text)),
    (r'PCIe Replay Count', lambda m, gpu, text: same(gpu.get('pcie_replays_total'), text)),
    (r'Voltage \(mV\)', lambda m, gpu, text: same(gpu.get('voltage_volts', 'gfx'), text, 0.001)),
    (r'(.*) firmware version',
     lambda m, gpu, text: gpu.firmware(m[1].lower().replace(' ', '_')) == version_number(text)),
    # Since 6.4 it also prints the table gpu_metrics, where 0 is a sensor that the GPU does not have.
    (r'temperature_(edge|hotspot|mem|vrgfx|vrsoc|vrmem) \(C\)',
     lambda m, gpu, text: text == '0' or same(gpu.get('temperature_celsius', TABLE_SENSORS[m[1]]), text)),
    (r'voltage_(gfx|soc|mem) \(mV\)',
     lambda m, gpu, text: text == '0' or same(gpu.get('voltage_volts', m[1].replace('mem', 'memory')), text, 0.001)),
    (r'(?:Compute|Memory) Partition',
     lambda m, gpu, text: text in [value for labels in gpu.labels.get('rig_gpu_partition_info', ())
                                    for value in labels.values()]),
)

# Values that are not compared, with the reason.
NOT_COMPARED = (
    (r'\w+ clock level:', 'the number of the level is meaningless without the table; the frequency is exposed'),
    (r'Energy counter|Accumulated Energy \(uJ\)',
     "the accumulator wraps; rig_gpu_energy_joules_total counts from the start of the exporter"),
    (r'GFX Activity|Memory Activity', 'accumulators in an undocumented unit; rig_gpu_busy_seconds_total is in seconds'),
    (r'Card (?:series|model|vendor)|Device Name|Card Series|Card Model|Card Vendor|Subsystem ID',
     'from pci.ids, which has one name for several GPUs; the vendor id if it is not installed'),
    (r'Avg. Memory Bandwidth', 'a percentage that rocm-smi calls a bandwidth; rig_gpu_busy_ratio has the memory controller'),
    (r'Node ID|GUID|GFX Version|Valid sclk range|Valid mclk range|Valid voltage range|Voltage point \d',
     'details of KFD and of the overdrive tables'),
    (r'[a-z][a-z0-9_.]*(?: \(.*\))?|Metric Version and Size \(Bytes\)',
     'other raw values of gpu_metrics: averages and accumulators whose other sources are compared above'),
    (r'.*[Ee]rror.*|.*PIDs?.*', 'not about the GPU'),
)


def rule_for(key):
    for pattern, check in RULES:
        if match := re.fullmatch(pattern, key):
            return lambda gpu, text: check(match, gpu, text)
    return None


# The marked level of a GPU before Vega 12 is the level that is asked for; hwmon has the clock.
LEVELS_ONLY = {('vega64', 'sclk clock speed:')}


def is_not_compared(key):
    return any(re.fullmatch(pattern, key) for pattern, _ in NOT_COMPARED)


def in_rig(rig, *command):
    return subprocess.run(with_sys(RIGS / rig / 'sys', *command), capture_output=True, text=True, timeout=60, check=False)


def rocm_smi_of(rig):
    """{GPU: {name: text}} and the driver's version; None and the error if rocm-smi fails on the rig."""
    done = in_rig(rig, 'rocm-smi', '--showallinfo', '--json')
    documents = [line for line in done.stdout.splitlines() if line.startswith('{')]
    if not documents:
        return None, (done.stderr or done.stdout).strip().splitlines()[0]
    values = json.loads(documents[-1])
    driver = values.pop('system', {}).get('Driver version')
    return (values, driver) if values else (None, 'it lists no GPU')


class ShowAllInfo(unittest.TestCase):
    maxDiff = None

    def check(self, rig):
        printed, driver = rocm_smi_of(rig)
        if printed is None:
            self.skipTest(f'this rocm-smi fails on {rig}: {driver}')
        done = in_rig(rig, EXPORTER, '--once', '--log.level=error')
        self.assertEqual(done.returncode, 0, done.stderr)
        samples = parse_samples(done.stdout)
        self.assertIn(f'rig_gpu_driver_info{{version="{driver}"}}', samples)
        compared, different, unknown = 0, [], set()
        for name, facts in printed.items():
            gpu = Gpu(samples, facts['PCI Bus'].lower())
            if gpu.get('runtime_state', 'suspended') == 1:  # rocm-smi wakes it up, the exporter does not
                self.assertEqual(gpu.labels.keys() & {'rig_gpu_temperature_celsius', 'rig_gpu_power_watts'}, set())
                continue
            for key, text in ((key, str(value)) for key, value in facts.items()):
                rule = rule_for(key)
                if (rig, key) in LEVELS_ONLY:
                    continue
                if rule and text not in ('N/A', 'None', ''):
                    compared += 1
                    if not rule(gpu, text):
                        different.append(f'{name}: {key}: {text}')
                elif not rule and not is_not_compared(key):
                    unknown.add(key)
        self.assertEqual(different, [])
        self.assertEqual(unknown, set(), 'printed by rocm-smi, but there is no rule for it')
        self.assertGreater(compared, 0)
        print(f'{rig}: {compared} values of {len(printed)} GPUs agree', file=sys.stderr)


for each in GPU_RIGS:
    setattr(ShowAllInfo, 'test_' + each.replace('-', '_'), lambda self, rig=each: self.check(rig))


if __name__ == '__main__':
    EXPORTER = sys.argv.pop(1)
    if find_unshare() is None or shutil.which('rocm-smi') is None:
        print('skipped:', NO_NAMESPACE if find_unshare() is None else 'the program rocm-smi is not installed')
        sys.exit(77)
    os.environ['PYTHONIOENCODING'] = 'utf-8'
    unittest.main(verbosity=2)
