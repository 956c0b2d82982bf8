"""The rows of rocm_smi_faults_test.py: inputs that make librocm_smi64 crash, hang or return wrong values.

Each spoils the first of two gpus, or the machine.
"""
import dataclasses
import os
import re
import shutil
import typing

from exporter_process import RigCopy
from sysfs_namespace import ENTER

RIG = 'rx6800x2-raid0-busy'
FIRST, SECOND = '0000:03:00.0', '0000:06:00.0'
ENTER_READ_ONLY = 'mount --rbind "$0" /sys && mount -t tmpfs -o ro tmpfs /dev/shm && exec "$@"'

# The series of a GPU that must be present if its files are intact.
KEY_SERIES = (
    'rig_gpu_up', 'rig_gpu_temperature_celsius{sensor="edge"}',
    'rig_gpu_temperature_celsius{sensor="junction"}',
    'rig_gpu_temperature_celsius{sensor="memory"}', 'rig_gpu_power_watts',
    'rig_gpu_power_cap_watts', 'rig_gpu_clock_hertz{clock="sclk"}',
    'rig_gpu_clock_hertz{clock="mclk"}', 'rig_gpu_fan_rpm', 'rig_gpu_fan_ratio',
    'rig_gpu_performance_level{level="auto"}', 'rig_gpu_busy_ratio{engine="gfx"}',
    'rig_gpu_memory_size_bytes{kind="vram"}', 'rig_gpu_memory_used_bytes{kind="vram"}')
HWMON_SERIES = tuple(name for name in KEY_SERIES
                     if re.match('rig_gpu_(power_cap|fan_ratio)', name))  # which gpu_metrics does not contain


class ModifiedRig(RigCopy):
    def __init__(self):
        super().__init__(RIG)
        self.sys = self.path / 'sys'
        self.drm = self.sys / 'class/drm'
        self.gpu = (self.drm / 'card0/device').resolve()
        self.hwmon = self.gpu / 'hwmon/hwmon2'
        self.kfd = self.sys / 'devices/virtual/kfd/kfd'

    def node(self, number):
        """The directory of a GPU in KFD, counted from 1; node 0 is the CPU."""
        return self.kfd / f'topology/nodes/{number}'

    def properties(self, number):
        return self.node(number) / 'properties'

    def make_unreadable(self, *files):
        """Makes reads of the files fail by replacing them with directories."""
        for file in files:
            file.unlink()
            file.mkdir()

    def write(self, file, data):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())


@dataclasses.dataclass
class Row:
    description: str  # a sentence
    modify: typing.Callable[[ModifiedRig], None]
    # Those of KEY_SERIES that differ for the modified GPU; None: absent.
    shows: dict = dataclasses.field(default_factory=dict)
    # Further series that the modified GPU may have: the value, or None for any value.
    may_show: dict = dataclasses.field(default_factory=dict)
    both_show: dict = dataclasses.field(default_factory=dict)  # like may_show, but for both GPUs
    # As measured with 5.2.3; other versions may succeed, or fail and report a reason.
    source: str = 'rocm_smi'
    reason: str = ''
    library_output: str = ''  # printed by the library more than once
    may_crash: bool = False
    enter: str = ENTER


def absent(*series):
    return dict.fromkeys(series)


def text_row(what, file, text, **more):
    return Row(what, lambda rig: rig.write(rig.gpu / file, text), **more)


def levels_row(what, clock, text, hertz=None):
    """`hertz`: the clock, if it differs. The lowest and the highest of the levels are not checked."""
    limits = absent(*(f'rig_gpu_clock_{end}_hertz{{clock="{clock}"}}' for end in ('min', 'max')))
    shows = {f'rig_gpu_clock_hertz{{clock="{clock}"}}': hertz} if hertz else {}
    return text_row(what, f'pp_dpm_{clock}', text, shows=shows, may_show=limits)


def unreadable_row(file, series, elsewhere=None):
    """`elsewhere`: the value in gpu_metrics."""
    return Row(f'A read of {file} fails',
               lambda rig: rig.make_unreadable(rig.gpu / file.replace('hwmon/', 'hwmon/hwmon2/')),
               shows={series: elsewhere})


MEMORY_CELSIUS = 'rig_gpu_temperature_celsius{sensor="memory"}'
ECC = 'rig_gpu_ecc_errors_total{block="umc",severity="%s"}'
PROFILE = 'rig_gpu_power_profile{profile="%s"}'
METRICS_SIZE = 1024

OVERDRIVE_TABLE = '''OD_SCLK:
0: 500Mhz
1: 2475Mhz
OD_MCLK:
0: 97Mhz
1: 1000MHz
OD_VDDGFX_OFFSET:
0mV
OD_RANGE:
SCLK:     500Mhz       2800Mhz
MCLK:     674Mhz       1075Mhz
'''


def metrics_blob(revision, size=METRICS_SIZE):
    """All values are marked as not provided by the firmware."""
    return size.to_bytes(2, 'little') + bytes((1, revision)) + b'\xff' * (size - 4)


def mark_profile(rig, name):
    """Replaces the name that is marked as active."""
    file = rig.gpu / 'pp_power_profile_mode'
    file.write_text(file.read_text().replace('BOOTUP_DEFAULT*', name))


def link_gpus_directly(rig):
    for start, end in ((1, 2), (2, 1)):
        link = (rig.node(start) / 'io_links/0/properties').read_text()
        link = re.sub('node_to .*', f'node_to {end}', link)
        rig.write(rig.node(start) / 'io_links/1/properties', link)
        properties = rig.properties(start)
        text = properties.read_text()
        properties.write_text(text.replace('io_links_count 1', 'io_links_count 2'))


def remove_kfd(rig):
    (rig.sys / 'class/kfd/kfd').unlink()
    shutil.rmtree(rig.kfd)


def leave_gap_in_card_numbers(rig):
    """As on a server, or if simpledrm uses the first numbers: card5 and card6, without connectors."""
    for link in list(rig.drm.glob('card?-*')):
        link.unlink()
    for number in (1, 0):
        link = rig.drm / f'card{number}'
        device = (link / 'device').resolve()
        link.unlink()
        new_directory = device / f'drm/card{number + 5}'
        (device / f'drm/card{number}').rename(new_directory)
        for connector in list(new_directory.glob('card?-*')):
            shutil.rmtree(connector)
        (rig.drm / f'card{number + 5}').symlink_to(os.path.relpath(new_directory, rig.drm))


def add_process_of_unknown_gpu(rig):
    rig.write(rig.kfd / 'proc/1/queues/0/gpuid', '99999\n')
    rig.write(rig.kfd / 'proc/1/vram_99999', '4096\n')
    rig.write(rig.kfd / 'proc/1/pasid', '32770\n')


ROWS = [
    Row('Nothing is modified', lambda rig: None),
    # Sensors.
    Row('The directory of the sensors is missing', lambda rig: shutil.rmtree(rig.gpu / 'hwmon'),
        shows=absent(*HWMON_SERIES)),
    Row('in0 has no label', lambda rig: (rig.hwmon / 'in0_label').unlink(),
        source='sysfs', reason='rsmi_init'),
    text_row('in0 is not vddgfx', 'hwmon/hwmon2/in0_label', 'vddsoc\n',
             source='sysfs', reason='rsmi_init'),
    text_row('A temperature has an unknown label', 'hwmon/hwmon2/temp3_label', 'tomorrow\n',
             source='sysfs', reason='rsmi_init'),  # gpu_metrics has it
    Row('There is a fourth temperature, of the HBM',
        lambda rig: (rig.write(rig.hwmon / 'temp4_label', 'hbm0\n'),
                     rig.write(rig.hwmon / 'temp4_input', '55000\n')),
        may_show={'rig_gpu_temperature_celsius{sensor="hbm0"}': 55},
        source='sysfs', reason='rsmi_init'),
    text_row('A number has a leading space, which the library reports at each read',
             'hwmon/hwmon2/power1_average', ' 198000000\n',
             library_output='Expected integer value from monitor'),
    # Texts that trigger assertions.
    text_row('Overdrive is on', 'pp_od_clk_voltage', OVERDRIVE_TABLE),
    Row('The power profile is unknown to the library',
        lambda rig: mark_profile(rig, 'WINDOW_3D*'),
        may_show={PROFILE % 'window_3d': 1, PROFILE % 'bootup_default': 0}),
    Row('No power profile is active', lambda rig: mark_profile(rig, 'BOOTUP_DEFAULT ')),
    levels_row('sclk is in deep sleep', 'sclk', 'S: 19Mhz *\n0: 615Mhz \n1: 2400Mhz \n', 19e6),
    levels_row('The current level of mclk has no number', 'mclk',
               '0: 96Mhz \n1: 456Mhz \n   1066Mhz *\n', 1066e6),
    levels_row('There are 40 levels', 'sclk',
               ''.join(f'{i}: {500 + i}Mhz {"*" if i == 37 else ""}\n' for i in range(40)), 537e6),
    # If the table does not have the clock, the sensor does.
    levels_row('The levels contain garbage', 'sclk', '0: 500Mhz\n\x01\x02 ::: *\n'),
    levels_row('The levels are binary data', 'mclk', b'\xff\xfe\x00\x80' * 40),
    levels_row('No level is marked', 'mclk', '0: 96Mhz \n1: 456Mhz \n2: 1000Mhz \n'),
    levels_row('Two levels are marked', 'mclk', '0: 96Mhz *\n1: 456Mhz *\n'),
    levels_row('The levels are empty', 'mclk', ''),
    # RAS.
    text_row('The error counts have a third line, deferred', 'ras/umc_err_count',
             'ue: 3\nce: 5\nde: 7\n',
             may_show={ECC % 'uncorrectable': 3, ECC % 'correctable': 5, ECC % 'deferred': 7}),
    text_row('The error counts have one line', 'ras/umc_err_count', 'ue: 3\n',
             may_show={ECC % 'uncorrectable': 3}),
    text_row('The error counts are empty', 'ras/umc_err_count', ''),
    Row('Reads of the error counts fail', lambda rig: (rig.gpu / 'ras/umc_err_count').mkdir(
        parents=True)),
    text_row('The RAS features have another format', 'ras/features',
             'umc: enabled, type multi_uncorrectable\n'),
    text_row('The state of XGMI is a number unknown to the library', 'xgmi_error', '7\n'),
    # gpu_metrics.
    text_row('gpu_metrics is of version 1.5', 'gpu_metrics', metrics_blob(5)),
    text_row('gpu_metrics is of version 1.8', 'gpu_metrics', metrics_blob(8)),
    text_row('gpu_metrics ends after its header', 'gpu_metrics', bytes((120, 0, 1, 3))),
    Row('gpu_metrics is missing', lambda rig: (rig.gpu / 'gpu_metrics').unlink()),
    # Failing reads, which the library turns into 0.
    unreadable_row('gpu_busy_percent', 'rig_gpu_busy_ratio{engine="gfx"}', 0.97),
    unreadable_row('hwmon/power1_average', 'rig_gpu_power_watts', 198),
    unreadable_row('mem_info_vram_used', 'rig_gpu_memory_used_bytes{kind="vram"}'),
    unreadable_row('power_dpm_force_performance_level', 'rig_gpu_performance_level{level="auto"}'),
    # The machine.
    Row('There is a direct PCIe link between the GPUs', link_gpus_directly),
    Row('/dev/shm is read-only', lambda rig: None, source='sysfs', reason='rsmi_init',
        enter=ENTER_READ_ONLY),
    Row('KFD is missing', remove_kfd, source='sysfs', reason='.'),
    Row('Reads of the KFD properties of one GPU fail',
        lambda rig: rig.make_unreadable(rig.properties(1)), reason=FIRST),
    Row('Reads of the KFD properties of all GPUs fail',
        lambda rig: rig.make_unreadable(rig.properties(1), rig.properties(2)),
        source='sysfs', reason='finds no GPU'),
    Row('A GPU is not in KFD', lambda rig: shutil.rmtree(rig.node(1)), reason=FIRST),
    Row('A GPU has no vbios_version', lambda rig: (rig.gpu / 'vbios_version').unlink(),
        reason=FIRST),
    Row('The properties of a GPU in KFD are empty',
        lambda rig: rig.write(rig.properties(1), ''), reason=FIRST),
    Row('The properties of a GPU in KFD are an empty line',
        lambda rig: rig.write(rig.properties(1), '\n'), source='sysfs', reason='holds no property'),
    Row('The properties of all GPUs in KFD are an empty line',
        lambda rig: [rig.write(rig.properties(n), '\n') for n in (1, 2)], source='sysfs',
        reason='holds no property'),
    Row('A GPU has no links in KFD', lambda rig: shutil.rmtree(rig.node(1) / 'io_links'),
        source='sysfs', reason='rocm_smi crashed 3 times: killed by SIGABRT', may_crash=True,
        library_output="Assertion `io_link_dir != nullptr' failed"),
    Row('The GPUs are card5 and card6', leave_gap_in_card_numbers,
        source='sysfs', reason='finds no GPU'),
    Row('KFD lists a process whose name is not a number',
        lambda rig: rig.write(rig.kfd / 'proc/self-test/pasid', '1\n'),
        both_show={'rig_gpu_processes': 0}),
    Row('KFD lists a process on an unknown GPU', add_process_of_unknown_gpu,
        both_show={'rig_gpu_processes': 0}),
]
