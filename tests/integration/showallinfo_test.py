#!/usr/bin/env python3
"""All that the real `rocm-smi --showallinfo` says of the made-up rigs is found in the exporter's answer, with the same
value, or a rule here says why it is not shown.

  showallinfo_test.py EXPORTER

Both run in a namespace of their own in which a rig's sys folder stands at /sys. Some rigs are too much for the rocm-smi
of one version or another: that is said, and counts as nothing to compare.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

from exporter_process import RIGS, parse_samples
from made_up_sysfs import NO_NAMESPACE, find_unshare, with_sys

EXPORTER = None
GPU_RIGS = ('rx6800x2-raid0', 'rx6800x2-raid0-busy', 'rx6800x2-phantom-busy', 'rx6800x2-one-suspended', 'rx6800x2-overdrive',
            'rx6800x2-broken-files', 'raven-and-navi', 'rx7900xtx', 'mi210x2', 'mi300x', 'ryzen-apu')


class Card:
    """What the exporter says of one card."""

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
        return 0  # a block that is not there


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


def overdrive_is(card, clock, text):
    """rocm-smi makes a 0 of a file that is not there."""
    value = card.get('overdrive_ratio', clock)
    return text == '0' if value is None else same(value, text, 0.01)


TABLE_SENSORS = {'edge': 'edge', 'hotspot': 'junction', 'mem': 'memory', 'vrgfx': 'vr_gfx', 'vrsoc': 'vr_soc',
                 'vrmem': 'vr_memory'}


# A rule: what rocm-smi calls it, and whether the exporter says the same. The match of the pattern comes first.
RULES = (
    (r'(?:GPU|Device) ID', lambda m, card, text: card.info('device_id') == text),
    (r'Device Rev', lambda m, card, text: card.info('revision') == text),
    (r'Unique ID', lambda m, card, text: card.info('unique_id') == ('' if text in ('N/A', '0x0') else text)),
    (r'VBIOS version', lambda m, card, text: card.info('vbios_version') == text),
    (r'Serial Number', lambda m, card, text: card.info('serial') == ('' if text == 'N/A' else text)),
    (r'GPU memory vendor', lambda m, card, text: card.info('memory_vendor') == text),
    (r'Card SKU', lambda m, card, text: text in ('unknown', 'N/A') or text in card.info('vbios_version')),
    (r'PCI Bus', lambda m, card, text: card.address == text.lower()),
    (r'Temperature \(Sensor (\w+)(?: (\d))?\) \(C\)',
     lambda m, card, text: same(card.get('temperature_celsius', m[1].lower() + (m[2] or '')), text)),
    (r'(\w+) clock speed:', lambda m, card, text: same(card.get('clock_hertz', m[1]), text, 1e6)),
    (r'pcie clock level', lambda m, card, text: link_of(text) == (
        card.get('pcie_link_transfers_per_second'), card.get('pcie_link_lanes'))),
    (r'Fan speed \(level\)', lambda m, card, text: same(card.get('fan_ratio'), text, 1 / 255, 4)),
    (r'Fan speed \(%\)', lambda m, card, text: same(card.get('fan_ratio'), text, 0.01, 2)),
    (r'Fan RPM', lambda m, card, text: same(card.get('fan_rpm'), text)),
    (r'Performance Level', lambda m, card, text: card.get('performance_level', text) == 1),
    (r'GPU OverDrive value \(%\)', lambda m, card, text: overdrive_is(card, 'sclk', text)),
    (r'GPU Memory OverDrive value \(%\)', lambda m, card, text: overdrive_is(card, 'mclk', text)),
    (r'Max Graphics Package Power \(W\)', lambda m, card, text: same(card.get('power_cap_watts'), text)),
    (r'(?:Average|Current Socket|Current) Graphics Package Power \(W\)',
     lambda m, card, text: same(card.get('power_watts'), text)),
    (r'GPU use \(%\)', lambda m, card, text: same(card.get('busy_ratio', 'gfx'), text, 0.01)),
    (r'GPU [Mm]emory [Uu]se \(%\)|GPU Memory Read/Write Activity \(%\)',
     lambda m, card, text: same(card.get('busy_ratio', 'memory'), text, 0.01)),
    (r'GPU Memory Allocated \(VRAM%\)', lambda m, card, text: same(
        100 * card.get('memory_used_bytes', 'vram') / card.get('memory_size_bytes', 'vram'), text, digits=0)),
    (r'PCIe Replay Count', lambda m, card, text: same(card.get('pcie_replays_total'), text)),
    (r'Voltage \(mV\)', lambda m, card, text: same(card.get('voltage_volts', 'gfx'), text, 0.001)),
    (r'(.*) firmware version',
     lambda m, card, text: card.firmware(m[1].lower().replace(' ', '_')) == version_number(text)),
    # From 6.4 on it shows the table gpu_metrics, too. A 0 there is a sensor that the card does not have.
    (r'temperature_(edge|hotspot|mem|vrgfx|vrsoc|vrmem) \(C\)',
     lambda m, card, text: text == '0' or same(card.get('temperature_celsius', TABLE_SENSORS[m[1]]), text)),
    (r'voltage_(gfx|soc|mem) \(mV\)',
     lambda m, card, text: text == '0' or same(card.get('voltage_volts', m[1].replace('mem', 'memory')), text, 0.001)),
    (r'(?:Compute|Memory) Partition',
     lambda m, card, text: text in [value for labels in card.labels.get('rig_gpu_partition_info', ())
                                    for value in labels.values()]),
)

# What is not shown, and why.
NOT_SHOWN = (
    (r'\w+ clock level:', 'the level as a number means nothing without the table; its frequency is shown'),
    (r'Energy counter|Accumulated Energy \(uJ\)',
     "the accumulator wraps; rig_gpu_energy_joules_total counts from the exporter's start, as it says"),
    (r'GFX Activity|Memory Activity', 'accumulators in a unit that no document names; rig_gpu_busy_seconds_total is in seconds'),
    (r'Card (?:series|model|vendor)|Device Name|Card Series|Card Model|Card Vendor|Subsystem ID',
     'from pci.ids, which has one name for several cards, or the id of the vendor where it is not installed'),
    (r'Avg. Memory Bandwidth', 'a percentage that rocm-smi calls a bandwidth; rig_gpu_busy_ratio has the memory controller'),
    (r'Node ID|GUID|GFX Version|Valid sclk range|Valid mclk range|Valid voltage range|Voltage point \d',
     "KFD's and the overdrive tables' own business"),
    (r'[a-z][a-z0-9_.]*(?: \(.*\))?|Metric Version and Size \(Bytes\)',
     'the rest of the table gpu_metrics, raw: averages and accumulators whose other origins are compared above'),
    (r'.*[Ee]rror.*|.*PIDs?.*', 'not of the card'),
)


def rule_for(key):
    for pattern, check in RULES:
        if match := re.fullmatch(pattern, key):
            return lambda card, text: check(match, card, text)
    return None


def is_not_shown(key):
    return any(re.fullmatch(pattern, key) for pattern, _ in NOT_SHOWN)


def in_rig(rig, *command):
    return subprocess.run(with_sys(RIGS / rig / 'sys', *command), capture_output=True, text=True, timeout=60, check=False)


def rocm_smi_of(rig):
    """{card: {what: text}} and the driver's version; nothing, and why, where rocm-smi cannot bear the rig."""
    done = in_rig(rig, 'rocm-smi', '--showallinfo', '--json')
    answers = [line for line in done.stdout.splitlines() if line.startswith('{')]
    if not answers:
        return None, (done.stderr or done.stdout).strip().splitlines()[0]
    answer = json.loads(answers[-1])
    return answer, answer.pop('system', {}).get('Driver version')


class ShowAllInfo(unittest.TestCase):
    maxDiff = None

    def check(self, rig):
        said, driver = rocm_smi_of(rig)
        if said is None:
            self.skipTest(f'this rocm-smi cannot bear {rig}: {driver}')
        done = in_rig(rig, EXPORTER, '--once', '--log.level=error')
        self.assertEqual(done.returncode, 0, done.stderr)
        samples = parse_samples(done.stdout)
        self.assertIn(f'rig_gpu_driver_info{{version="{driver}"}}', samples)
        compared, different, unknown = 0, [], set()
        for name, facts in said.items():
            card = Card(samples, facts['PCI Bus'].lower())
            if card.get('runtime_state', 'suspended') == 1:  # rocm-smi has woken it, which we do not
                self.assertEqual(card.labels.keys() & {'rig_gpu_temperature_celsius', 'rig_gpu_power_watts'}, set())
                continue
            for key, text in ((key, str(value)) for key, value in facts.items()):
                rule = rule_for(key)
                if rule and text not in ('N/A', 'None', ''):
                    compared += 1
                    if not rule(card, text):
                        different.append(f'{name}: {key}: {text}')
                elif not rule and not is_not_shown(key):
                    unknown.add(key)
        self.assertEqual(different, [])
        self.assertEqual(unknown, set(), 'rocm-smi says this, and no rule says where the exporter does')
        self.assertGreater(compared, 0)
        print(f'{rig}: {compared} facts of {len(said)} cards are the same', file=sys.stderr)


for each in GPU_RIGS:
    setattr(ShowAllInfo, 'test_' + each.replace('-', '_'), lambda self, rig=each: self.check(rig))


if __name__ == '__main__':
    EXPORTER = sys.argv.pop(1)
    if find_unshare() is None or shutil.which('rocm-smi') is None:
        print('skipped:', NO_NAMESPACE if find_unshare() is None else 'the program rocm-smi is not installed')
        sys.exit(77)
    os.environ['PYTHONIOENCODING'] = 'utf-8'
    unittest.main(verbosity=2)
