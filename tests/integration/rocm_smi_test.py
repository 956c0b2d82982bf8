#!/usr/bin/env python3
"""rig_gpu_probe against the real librocm_smi64 and the real rocm-smi.

Both run in a mount namespace of their own with a rig's sys directory at /sys, so that no GPU is needed.
rocm_smi_test.py PROBE DIRECT MODULE-DIRECTORY RIGS OTHER-GENERATION
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

from sysfs_namespace import NO_NAMESPACE, find_unshare, with_sys

SKIPPED = 77
SECONDS = 60
GPU = 'devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0'
FIRST, SECOND = '0000:03:00.0', '0000:06:00.0'
# Values in rocm-smi's concise table that we read through the library, as the probe names them.
FROM_LIBRARY = ('temperature_celsius', 'power_watts', 'power_cap_watts', 'clock_hertz', 'fan_rpm',
                'fan_ratio', 'performance_level', 'memory_size_bytes', 'memory_used_bytes')


def in_rig(sys_directory, *command, timeout=SECONDS):
    return subprocess.run(with_sys(sys_directory, *command), capture_output=True, text=True,
                          timeout=timeout, check=False)


def lines_of(text, kind):
    lines = [line for line in map(json.loads, text.splitlines()) if line['type'] == kind]
    for line in lines:
        line.pop('took_seconds', None)  # differs between runs
    return lines


class RocmSmiTest(unittest.TestCase):
    maxDiff = None

    def probe(self, sys_directory, source='rocm_smi', status=0):
        done = in_rig(sys_directory, PROBE, '--once', f'--source={source}')
        self.assertEqual(done.returncode, status, done.stderr)
        reports = lines_of(done.stdout, 'probe')
        self.assertEqual(len(reports), 1)
        return reports[0], {line['pci_address']: line for line in lines_of(done.stdout, 'gpu')}

    def rocm_smi_json(self, sys_directory, *arguments):
        """Ignores rocm-smi's exit status, which is not 0 if the GPU does not support one of the values."""
        text = in_rig(sys_directory, 'rocm-smi', *arguments, '--json').stdout
        return json.JSONDecoder().raw_decode(text[text.index('{'):])[0]

    def addresses(self, sys_directory):
        """The PCI addresses by rocm-smi's number of the GPU."""
        cards = self.rocm_smi_json(sys_directory, '--showbus')
        return {int(name[len('card'):]): card['PCI Bus'].lower() for name, card in cards.items()
                if name.startswith('card')}

    def concise_table(self, sys_directory):
        """The rows of `rocm-smi`; 6.x has more columns on the left and formats degrees differently."""
        done = in_rig(sys_directory, 'rocm-smi')
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
        """The values of a reading, formatted as in the concise table."""
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
        sys_directory = RIGS / rig / 'sys'
        report, gpus = self.probe(sys_directory)
        self.assertEqual(report['source'], 'rocm_smi')
        self.assertEqual(report.get('reason', ''), '')
        table = self.concise_table(sys_directory)
        addresses = self.addresses(sys_directory)
        self.assertEqual({addresses[number] for number in table}, {FIRST, SECOND})
        for number, row in table.items():
            self.assertEqual(self.as_rocm_smi_prints(gpus[addresses[number]]), row)
            if addresses[number] == FIRST:
                self.assertEqual(row, expected_first)

    def test_every_value_of_the_concise_table_idle(self):
        self.check_table('rx6800x2-raid0', {
            'temperature': '27.0', 'power': '5.0W', 'sclk': '0Mhz', 'mclk': '96Mhz', 'fan': '0%',
            'level': 'auto', 'cap': '203.0W', 'vram': '0%', 'busy': '0%'})

    def test_every_value_of_the_concise_table_busy(self):
        self.check_table('rx6800x2-raid0-busy', {
            'temperature': '68.0', 'power': '198.0W', 'sclk': '2310Mhz', 'mclk': '1000Mhz',
            'fan': '45.1%', 'level': 'auto', 'cap': '203.0W', 'vram': '76%', 'busy': '97%'})

    def check_json(self, rig):
        sys_directory = RIGS / rig / 'sys'
        _, gpus = self.probe(sys_directory)
        everything = self.rocm_smi_json(sys_directory, '--showallinfo')
        memory = self.rocm_smi_json(sys_directory, '--showmeminfo', 'vram')
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
            if gpu['fan_rpm'] > 0:  # rocm-smi omits stopped fans
                card.update(self.rocm_smi_json(sys_directory, '--showfan')[name])
                ours['Fan RPM'] = f'{gpu["fan_rpm"]:.0f}'
                ours['Fan speed (%)'] = f'{gpu["fan_ratio"] * 100:.0f}'
            self.assertEqual(ours, {key: card.get(key) for key in ours})
            self.assertIn(identity['device_id'], (card.get('GPU ID'), card.get('Device ID')))

    def test_the_values_of_showallinfo_idle(self):
        self.check_json('rx6800x2-raid0')

    def test_the_values_of_showallinfo_busy(self):
        self.check_json('rx6800x2-raid0-busy')

    def test_the_library_alone_returns_the_same_values_as_sysfs(self):
        for rig in ('rx6800x2-raid0', 'rx6800x2-raid0-busy'):
            sys_directory = RIGS / rig / 'sys'
            done = in_rig(sys_directory, DIRECT, MODULE_DIRECTORY)
            self.assertEqual(done.returncode, 0, done.stderr)
            library = {line['pci_address']: line for line in lines_of(done.stdout, 'gpu')}
            report, sysfs = self.probe(sys_directory, source='sysfs')
            self.assertEqual(report['source'], 'sysfs')
            _, both = self.probe(sys_directory)
            self.assertEqual(both, sysfs)
            for address in (FIRST, SECOND):
                for name in FROM_LIBRARY:
                    value = library[address][name]
                    ours = sysfs[address][name]
                    if isinstance(value, dict):
                        ours = {key: ours.get(key) for key in value}
                    self.assertEqual(value, ours, name)

    def test_the_library_keeps_returning_values(self):
        """The source is rocm_smi only while the library returns values."""
        done = in_rig(RIGS / 'rx6800x2-raid0/sys', 'timeout', '1', PROBE, '--source=auto',
                      '--sample-interval=100ms')
        self.assertEqual([line['source'] for line in lines_of(done.stdout, 'probe')], ['rocm_smi'])
        self.assertGreaterEqual(len(lines_of(done.stdout, 'gpu')), 6)

    def read_modified(self, modify):
        """What the probe reports for an idle rig changed by `modify`."""
        with tempfile.TemporaryDirectory() as temporary:
            sys_directory = pathlib.Path(temporary) / 'sys'
            shutil.copytree(RIGS / 'rx6800x2-raid0/sys', sys_directory, symlinks=True)
            modify(sys_directory)
            return self.probe(sys_directory)

    def test_the_library_is_not_called_for_files_that_make_it_abort(self):
        def modify(sys_directory):
            (sys_directory / GPU / 'pp_dpm_sclk').write_text('S: 19Mhz *\n0: 615Mhz \n1: 2400Mhz \n')
            (sys_directory / GPU / 'pp_dpm_mclk').write_text('0: 96Mhz \n   1066Mhz *\n')
        report, gpus = self.read_modified(modify)
        self.assertEqual(report['source'], 'rocm_smi')
        self.assertEqual(gpus[FIRST]['clock_hertz']['sclk'], 19e6)
        self.assertEqual(gpus[FIRST]['clock_hertz']['mclk'], 1066e6)

    def test_a_gpu_without_sensors_does_not_make_the_library_abort(self):
        report, gpus = self.read_modified(lambda sys_directory: shutil.rmtree(sys_directory / GPU / 'hwmon'))
        self.assertIn(report['source'], ('rocm_smi', 'sysfs'))
        self.assertEqual(gpus[FIRST]['power_watts'], 5)  # gpu_metrics has it
        self.assertNotIn('power_cap_watts', gpus[FIRST])
        self.assertEqual(gpus[FIRST]['clock_hertz']['mclk'], 96e6)
        self.assertEqual(gpus[SECOND]['power_watts'], 6)

    def test_without_kfd_sysfs_is_read_and_the_reason_is_reported(self):
        report, gpus = self.read_modified(lambda sys_directory: (sys_directory / 'class/kfd/kfd').unlink())
        self.assertEqual(report['source'], 'sysfs')
        self.assertNotEqual(report['reason'], '')
        self.assertEqual(gpus[FIRST]['power_watts'], 5)

    def test_a_gpu_that_is_not_in_kfd_is_read_from_sysfs(self):
        def modify(sys_directory):
            shutil.rmtree(sys_directory / 'devices/virtual/kfd/kfd/topology/nodes/2')
        report, gpus = self.read_modified(modify)
        self.assertEqual(report['source'], 'rocm_smi')
        self.assertIn(SECOND, report['reason'])
        self.assertEqual(gpus[SECOND]['power_watts'], 6)

    def test_with_a_sensor_unknown_to_the_library_all_values_come_from_sysfs(self):
        def modify(sys_directory):
            (sys_directory / GPU / 'hwmon/hwmon2/temp3_label').write_text('tomorrow\n')
        report, gpus = self.read_modified(modify)
        self.assertEqual(report['source'], 'sysfs')
        self.assertIn('rsmi_init', report['reason'])
        self.assertEqual(gpus[FIRST]['temperature_celsius']['edge'], 27)
        self.assertEqual(gpus[SECOND]['temperature_celsius']['memory'], 30)

    def test_a_library_of_another_generation_is_not_used(self):
        """Both have the same SONAME, but different structs; a function that only one has distinguishes them."""
        done = in_rig(RIGS / 'rx6800x2-raid0/sys', 'env', f'LD_PRELOAD={OTHER_GENERATION}', PROBE, '--once')
        self.assertEqual(done.returncode, 0, done.stderr)
        (report,) = lines_of(done.stdout, 'probe')
        if report['source'] == 'rocm_smi':
            self.skipTest('built for the later generation, for which there is no preloaded imitation')
        self.assertIn('is of generation 6 or later', report['reason'])
        # The GPUs are read concurrently, so the order of the lines varies.
        watts = {gpu['pci_address']: gpu['power_watts'] for gpu in lines_of(done.stdout, 'gpu')}
        self.assertEqual(watts[FIRST], 5)

    def test_no_amd_gpu_and_no_gpu_at_all(self):
        report, gpus = self.probe(RIGS / 'no-gpu-no-raid/sys')
        self.assertEqual((report['reason'], gpus), ('there is no AMD GPU', {}))
        with tempfile.TemporaryDirectory() as temporary:
            (pathlib.Path(temporary) / 'class/drm').mkdir(parents=True)
            report, gpus = self.probe(temporary)
            self.assertEqual((report['reason'], gpus), ('there is no AMD GPU', {}))


if __name__ == '__main__':
    PROBE, DIRECT, MODULE_DIRECTORY = sys.argv[1:4]
    RIGS, OTHER_GENERATION = pathlib.Path(sys.argv[4]), sys.argv[5]
    if find_unshare() is None:
        print(f'skipped: {NO_NAMESPACE}')
        sys.exit(SKIPPED)
    if shutil.which('rocm-smi') is None:
        print('skipped: the program rocm-smi is not installed')
        sys.exit(SKIPPED)
    os.environ['PYTHONIOENCODING'] = 'utf-8'  # rocm-smi prints a degree sign
    unittest.main(argv=sys.argv[:1], verbosity=2)
