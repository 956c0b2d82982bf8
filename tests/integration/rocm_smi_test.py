#!/usr/bin/env python3
"""rig_gpu_probe against the real librocm_smi64 and the real rocm-smi.

Both run in a mount namespace of their own in which /sys is a rig's, so that no GPU is needed.
rocm_smi_test.py PROBE DIRECT MODULE-FOLDER RIGS
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from made_up_sysfs import NO_NAMESPACE, find_unshare, with_sys

SKIPPED = 77
SECONDS = 60
CARD = 'devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0'
FIRST, SECOND = '0000:03:00.0', '0000:06:00.0'
# What rocm-smi prints in its concise table and we take from the library, as the probe names it.
FROM_LIBRARY = ('temperature_celsius', 'power_watts', 'power_cap_watts', 'clock_hertz', 'fan_rpm',
                'fan_ratio', 'performance_level', 'memory_size_bytes', 'memory_used_bytes')


def in_rig(sys_folder, *command, timeout=SECONDS):
    return subprocess.run(with_sys(sys_folder, *command), capture_output=True, text=True,
                          timeout=timeout, check=False)


def lines_of(text, kind):
    lines = [line for line in map(json.loads, text.splitlines()) if line['type'] == kind]
    for line in lines:
        line.pop('took_seconds', None)  # another one each time
    return lines


class RocmSmiTest(unittest.TestCase):
    maxDiff = None

    def probe(self, sys_folder, source='rocm_smi', status=0):
        done = in_rig(sys_folder, PROBE, '--once', f'--source={source}')
        self.assertEqual(done.returncode, status, done.stderr)
        reports = lines_of(done.stdout, 'probe')
        self.assertEqual(len(reports), 1)
        return reports[0], {line['pci_address']: line for line in lines_of(done.stdout, 'gpu')}

    def rocm_smi_json(self, sys_folder, *arguments):
        """rocm-smi's exit status is not 0 when anything it shows is not supported by the card."""
        text = in_rig(sys_folder, 'rocm-smi', *arguments, '--json').stdout
        return json.JSONDecoder().raw_decode(text[text.index('{'):])[0]

    def addresses(self, sys_folder):
        """By rocm-smi's number of the card."""
        cards = self.rocm_smi_json(sys_folder, '--showbus')
        return {int(name[len('card'):]): card['PCI Bus'].lower() for name, card in cards.items()
                if name.startswith('card')}

    def concise_table(self, sys_folder):
        """The rows of `rocm-smi`; 6.x has more columns on the left and writes degrees otherwise."""
        done = in_rig(sys_folder, 'rocm-smi')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        rows = {}
        for line in done.stdout.splitlines():
            words = line.split()
            temperature = [w for w in words if re.fullmatch(r'[\d.]+(c|°C)', w)]
            if not temperature:
                continue
            power = [w for w in words if re.fullmatch(r'[\d.]+W', w)]
            names = ('sclk', 'mclk', 'fan', 'level', 'cap', 'vram', 'busy')
            rows[int(words[0])] = dict(zip(names, words[-len(names):]), power=power[0],
                                       temperature=re.sub('(c|°C)$', '', temperature[0]))
        return rows

    def as_rocm_smi_prints(self, gpu):
        """The values of a reading in the words of the concise table."""
        ratio = gpu['fan_ratio']
        used = gpu['memory_used_bytes']['vram'] / gpu['memory_size_bytes']['vram']
        return {
            'temperature': str(gpu['temperature_celsius']['edge']),
            'power': f'{gpu["power_watts"]}W',
            'sclk': f'{gpu["clock_hertz"]["sclk"] / 1e6:.0f}Mhz',
            'mclk': f'{gpu["clock_hertz"]["mclk"] / 1e6:.0f}Mhz',
            'fan': f'{round(ratio * 100, 2) if ratio else 0}%',
            'level': gpu['performance_level'],
            'cap': f'{gpu["power_cap_watts"]}W',
            'vram': f'{100 * used:.0f}%',
            'busy': f'{gpu["busy_ratio"]["gfx"] * 100:.0f}%',
        }

    def check_table(self, rig, expected_first):
        sys_folder = RIGS / rig / 'sys'
        report, gpus = self.probe(sys_folder)
        self.assertEqual(report['source'], 'rocm_smi')
        self.assertEqual(report.get('reason', ''), '')
        table = self.concise_table(sys_folder)
        addresses = self.addresses(sys_folder)
        self.assertEqual({addresses[number] for number in table}, {FIRST, SECOND})
        for number, row in table.items():
            self.assertEqual(self.as_rocm_smi_prints(gpus[addresses[number]]), row)
            if addresses[number] == FIRST:
                self.assertEqual(row, expected_first)

    def test_every_number_of_the_concise_table_idle(self):
        self.check_table('rx6800x2-raid0', {
            'temperature': '27.0', 'power': '5.0W', 'sclk': '0Mhz', 'mclk': '96Mhz', 'fan': '0%',
            'level': 'auto', 'cap': '203.0W', 'vram': '0%', 'busy': '0%'})

    def test_every_number_of_the_concise_table_busy(self):
        self.check_table('rx6800x2-raid0-busy', {
            'temperature': '68.0', 'power': '198.0W', 'sclk': '2310Mhz', 'mclk': '1000Mhz',
            'fan': '45.1%', 'level': 'auto', 'cap': '203.0W', 'vram': '76%', 'busy': '97%'})

    def check_json(self, rig):
        sys_folder = RIGS / rig / 'sys'
        _, gpus = self.probe(sys_folder)
        everything = self.rocm_smi_json(sys_folder, '--showallinfo')
        memory = self.rocm_smi_json(sys_folder, '--showmeminfo', 'vram')
        for name in ('card0', 'card1'):
            card = {**everything[name], **memory[name]}
            gpu = gpus[card['PCI Bus'].lower()]
            identity, temperature = gpu['identity'], gpu['temperature_celsius']
            ours = {
                'Unique ID': identity['unique_id'],
                'VBIOS version': identity['vbios_version'],
                'Serial Number': identity['serial'],
                'GPU memory vendor': identity['memory_vendor'],
                'Temperature (Sensor edge) (C)': str(temperature['edge']),
                'Temperature (Sensor junction) (C)': str(temperature['junction']),
                'Temperature (Sensor memory) (C)': str(temperature['memory']),
                'sclk clock speed:': f'({gpu["clock_hertz"]["sclk"] / 1e6:.0f}Mhz)',
                'mclk clock speed:': f'({gpu["clock_hertz"]["mclk"] / 1e6:.0f}Mhz)',
                'Performance Level': gpu['performance_level'],
                'Max Graphics Package Power (W)': str(gpu['power_cap_watts']),
                'Average Graphics Package Power (W)': str(gpu['power_watts']),
                'GPU use (%)': f'{gpu["busy_ratio"]["gfx"] * 100:.0f}',
                'VRAM Total Memory (B)': f'{gpu["memory_size_bytes"]["vram"]:.0f}',
                'VRAM Total Used Memory (B)': f'{gpu["memory_used_bytes"]["vram"]:.0f}',
            }
            if gpu['fan_rpm'] > 0:  # rocm-smi says nothing of a fan that stands still
                card.update(self.rocm_smi_json(sys_folder, '--showfan')[name])
                ours['Fan RPM'] = f'{gpu["fan_rpm"]:.0f}'
                ours['Fan speed (%)'] = f'{gpu["fan_ratio"] * 100:.0f}'
            self.assertEqual(ours, {key: card.get(key) for key in ours})
            self.assertIn(identity['device_id'], (card.get('GPU ID'), card.get('Device ID')))

    def test_what_showallinfo_says_idle(self):
        self.check_json('rx6800x2-raid0')

    def test_what_showallinfo_says_busy(self):
        self.check_json('rx6800x2-raid0-busy')

    def test_the_library_alone_says_the_same_as_sysfs(self):
        for rig in ('rx6800x2-raid0', 'rx6800x2-raid0-busy'):
            sys_folder = RIGS / rig / 'sys'
            done = in_rig(sys_folder, DIRECT, MODULE_FOLDER)
            self.assertEqual(done.returncode, 0, done.stderr)
            library = {line['pci_address']: line for line in lines_of(done.stdout, 'gpu')}
            report, sysfs = self.probe(sys_folder, source='sysfs')
            self.assertEqual(report['source'], 'sysfs')
            _, both = self.probe(sys_folder)
            self.assertEqual(both, sysfs)
            for address in (FIRST, SECOND):
                for name in FROM_LIBRARY:
                    value = library[address][name]
                    ours = sysfs[address][name]
                    if isinstance(value, dict):
                        ours = {key: ours.get(key) for key in value}
                    self.assertEqual(value, ours, name)

    def test_the_library_goes_on_answering(self):
        """A source is called rocm_smi only while the library brings values."""
        done = in_rig(RIGS / 'rx6800x2-raid0/sys', 'timeout', '1', PROBE, '--source=auto',
                      '--interval=0.1')
        self.assertEqual([line['source'] for line in lines_of(done.stdout, 'probe')], ['rocm_smi'])
        self.assertGreaterEqual(len(lines_of(done.stdout, 'gpu')), 6)

    def spoiled(self, spoil):
        """What the probe says of an idle rig that `spoil` has changed."""
        with tempfile.TemporaryDirectory() as folder:
            sys_folder = pathlib.Path(folder) / 'sys'
            shutil.copytree(RIGS / 'rx6800x2-raid0/sys', sys_folder, symlinks=True)
            spoil(sys_folder)
            return self.probe(sys_folder)

    def test_texts_that_abort_the_library_do_not_reach_it(self):
        def spoil(sys_folder):
            (sys_folder / CARD / 'pp_dpm_sclk').write_text('S: 19Mhz *\n0: 615Mhz \n1: 2400Mhz \n')
            (sys_folder / CARD / 'pp_dpm_mclk').write_text('0: 96Mhz \n   1066Mhz *\n')
        report, gpus = self.spoiled(spoil)
        self.assertEqual(report['source'], 'rocm_smi')
        self.assertEqual(gpus[FIRST]['clock_hertz']['sclk'], 19e6)
        self.assertEqual(gpus[FIRST]['clock_hertz']['mclk'], 1066e6)

    def test_a_card_without_sensors_does_not_abort_the_library(self):
        report, gpus = self.spoiled(lambda sys_folder: shutil.rmtree(sys_folder / CARD / 'hwmon'))
        self.assertIn(report['source'], ('rocm_smi', 'sysfs'))
        self.assertEqual(gpus[FIRST]['power_watts'], 5)  # gpu_metrics has it
        self.assertNotIn('power_cap_watts', gpus[FIRST])
        self.assertEqual(gpus[FIRST]['clock_hertz']['mclk'], 96e6)
        self.assertEqual(gpus[SECOND]['power_watts'], 6)

    def test_without_kfd_sysfs_is_read_and_the_report_says_why(self):
        report, gpus = self.spoiled(lambda sys_folder: (sys_folder / 'class/kfd/kfd').unlink())
        self.assertEqual(report['source'], 'sysfs')
        self.assertNotEqual(report['reason'], '')
        self.assertEqual(gpus[FIRST]['power_watts'], 5)

    def test_a_card_that_kfd_does_not_know_is_read_from_sysfs(self):
        def spoil(sys_folder):
            shutil.rmtree(sys_folder / 'devices/virtual/kfd/kfd/topology/nodes/2')
        report, gpus = self.spoiled(spoil)
        self.assertEqual(report['source'], 'rocm_smi')
        self.assertIn(SECOND, report['reason'])
        self.assertEqual(gpus[SECOND]['power_watts'], 6)

    def test_a_sensor_that_the_library_does_not_know_costs_the_library_only(self):
        def spoil(sys_folder):
            (sys_folder / CARD / 'hwmon/hwmon2/temp3_label').write_text('tomorrow\n')
        report, gpus = self.spoiled(spoil)
        self.assertEqual(report['source'], 'sysfs')
        self.assertIn('rsmi_init', report['reason'])
        self.assertEqual(gpus[FIRST]['temperature_celsius']['edge'], 27)
        self.assertEqual(gpus[SECOND]['temperature_celsius']['memory'], 30)

    def test_a_library_of_another_generation_is_not_asked(self):
        """One SONAME, other structs: what tells them apart is a function that one of them has."""
        done = in_rig(RIGS / 'rx6800x2-raid0/sys', 'env', f'LD_PRELOAD={OTHER_GENERATION}', PROBE, '--once')
        self.assertEqual(done.returncode, 0, done.stderr)
        (report,) = lines_of(done.stdout, 'probe')
        if report['source'] == 'rocm_smi':
            self.skipTest('built for the later generation, which cannot be made to look like the first')
        self.assertIn('is of generation 6 or later', report['reason'])
        # The cards are read side by side: either may be the first to have its line.
        watts = {gpu['pci_address']: gpu['power_watts'] for gpu in lines_of(done.stdout, 'gpu')}
        self.assertEqual(watts[FIRST], 5)

    def test_no_amd_card_and_no_card_at_all(self):
        report, gpus = self.probe(RIGS / 'no-gpu-no-raid/sys')
        self.assertEqual((report['reason'], gpus), ('there is no AMD GPU', {}))
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / 'class/drm').mkdir(parents=True)
            report, gpus = self.probe(folder)
            self.assertEqual((report['reason'], gpus), ('there is no AMD GPU', {}))


if __name__ == '__main__':
    PROBE, DIRECT, MODULE_FOLDER = sys.argv[1:4]
    RIGS, OTHER_GENERATION = pathlib.Path(sys.argv[4]), sys.argv[5]
    if find_unshare() is None:
        print(f'skipped: {NO_NAMESPACE}')
        sys.exit(SKIPPED)
    if shutil.which('rocm-smi') is None:
        print('skipped: the program rocm-smi is not installed')
        sys.exit(SKIPPED)
    os.environ['PYTHONIOENCODING'] = 'utf-8'  # rocm-smi prints a degree sign
    unittest.main(argv=sys.argv[:1], verbosity=2)
