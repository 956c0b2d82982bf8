"""Radeon GPUs before Navi: RX 580 and RX 550 (Polaris), Vega 64. They have no gpu_metrics, and the marked level of pp_dpm_*
is not the clock."""
from dataclasses import replace

from .model import Bridge, Levels, Load, Model, Slot
from .navi import RX_6800, temperatures


def aer_files(correctable, nonfatal=0, fatal=0):
    """Of a PCI function: the errors of one kind and the totals."""
    return {'aer_dev_correctable': f'RxErr {correctable}\nBadTLP 0\nBadDLLP 0\nTOTAL_ERR_COR {correctable}',
            'aer_dev_nonfatal': f'Undefined 0\nCmpltTO {nonfatal}\nTOTAL_ERR_NONFATAL {nonfatal}',
            'aer_dev_fatal': f'Undefined 0\nDLP {fatal}\nTOTAL_ERR_FATAL {fatal}'}


# With constant lanes in pp_dpm_pcie.
RX_580 = Model(
    chip='polaris10', device='0x67df', revision='0xe7', subsystem=('0x1da2', '0xe387'), link=('8.0 GT/s PCIe', 16),
    vram=8192 * 2**20, visible_vram=256 * 2**20, vram_vendor='hynix',
    sensors={'edge': (1, 94, None)}, power_cap=(145, 217), fan_max_rpm=3200,
    device_files={'pp_sclk_od': 0, 'pp_mclk_od': 0, 'vbios_version': '113-2E387ABU-S52',
                  'pp_dpm_pcie': '0: 2.5GT/s, x8 \n1: 8.0GT/s, x16 *'},
    firmware={'ce': 0x8d, 'mc': 0, 'me': 0xa7, 'mec': 0x2da, 'mec2': 0x2da, 'pfp': 0xfe, 'rlc': 0x21, 'sdma': 0x3a,
              'sdma2': 0x3a, 'smc': 0x001d0900, 'uvd': 0x01821000, 'vce': 0x351a0200},
    connectors=('DP', 'HDMI-A'))
RX_580_MINING = Load(
    temperatures={'edge': 61}, watts=88, fan_rpm=1620, pwm=102, busy=100, memory_busy=73, vram=4390 * 2**20,
    millivolts={'vddgfx': 893},
    clocks={'sclk': Levels((300, 608, 910, 1077, 1145, 1191, 1257, 1366), 6),
            'mclk': Levels((300, 1000, 2000), 2)})
RX_580_SLOT = Slot(path='pci0000:00/0000:00:1c.5/0000:05:00.0', hwmon=3, bridges=(
    Bridge('0x8086', '0xa115', '5.0 GT/s PCIe', 1, '8.0 GT/s PCIe', 1, files=aer_files(1204)),))
RX_580_IN_RISER = {'current_link_width': 1} | aer_files(31, nonfatal=2)

# Polaris 12 has eight lanes, which pp_dpm_pcie does not say, and on recent kernels only power1_input. The driver prints the
# fraction of a watt in 1/256 W as if it were milliwatts. A board that does not measure its power shows 0 W, and one
# without a fan has no files of it.
RX_550 = Model(
    chip='polaris12', device='0x699f', revision='0xc7', subsystem=('0x1682', '0x9550'), link=('8.0 GT/s PCIe', 8),
    vram=4096 * 2**20, visible_vram=256 * 2**20, vram_vendor='micron',
    sensors={'edge': (1, 97, None)}, power=('power1_input',), power_cap=(35, 35), fan_max_rpm=4600,
    device_files={'pp_sclk_od': 0, 'pp_mclk_od': 0, 'vbios_version': '',
                  'pp_dpm_pcie': '0: 2.5GT/s, x8 \n1: 8.0GT/s, x16 *'},
    firmware={'ce': 0x8d, 'mc': 0, 'me': 0xa7, 'mec': 0x2da, 'mec2': 0x2da, 'pfp': 0xfe, 'rlc': 0x5, 'sdma': 0x3a,
              'sdma2': 0x3a, 'smc': 0x001c0800, 'uvd': 0x01821000, 'vce': 0x351a0200},
    connectors=('DP', 'HDMI-A'))
RX_550_WITHOUT_FAN = replace(RX_550, vram=2048 * 2**20, vram_vendor='elpida', fan_max_rpm=None)
RX_550_SCLK = (214, 551, 734, 980, 1046, 1098, 1124, 1183)
RX_550_BUSY = Load(
    temperatures={'edge': 63}, fan_rpm=2254, pwm=109, busy=93, memory_busy=38, vram=3312 * 2**20,
    millivolts={'vddgfx': 956}, clocks={'sclk': Levels(RX_550_SCLK, 7), 'mclk': Levels((300, 1750), 1)})
RX_550_IDLE = Load(
    temperatures={'edge': 41}, busy=0, memory_busy=0, vram=14 * 2**20, millivolts={'vddgfx': 743},
    clocks={'sclk': Levels(RX_550_SCLK, 0), 'mclk': Levels((300, 1750), 0)})
RX_550_SLOTS = (
    Slot(path='pci0000:00/0000:00:01.0/0000:01:00.0', hwmon=1, boot_vga=1, bridges=(
        Bridge('0x8086', '0x1901', '8.0 GT/s PCIe', 8, '8.0 GT/s PCIe', 16),)),
    Slot(path='pci0000:00/0000:00:1b.4/0000:03:00.0', hwmon=2, bridges=(
        Bridge('0x8086', '0xa32c', '2.5 GT/s PCIe', 4, '8.0 GT/s PCIe', 4),)))
RX_550_IN_FOUR_LANES = {'current_link_speed': '2.5 GT/s PCIe', 'current_link_width': 4,
                        'pp_dpm_pcie': '0: 2.5GT/s, x8 *\n1: 8.0GT/s, x16 '}

# Vega 10 has a switch on its board.
VEGA_64 = Model(
    chip='vega10', device='0x687f', revision='0xc1', subsystem=('0x1002', '0x6b76'), link=('8.0 GT/s PCIe', 16),
    vram=8176 * 2**20, visible_vram=256 * 2**20, vram_vendor='samsung',
    sensors={'edge': (1, 85, 90), 'junction': (2, 105, 110), 'mem': (3, 95, 100)},
    power_cap=(220, 330), fan_max_rpm=4900,
    device_files={'pp_sclk_od': 0, 'pp_mclk_od': 0, 'vbios_version': '113-D0500100-103',
                  'pp_dpm_pcie': '0: 8.0GT/s, x16 \n1: 8.0GT/s, x16 *'},
    firmware={'asd': 0x21000030, 'ce': 0x4f, 'mc': 0, 'me': 0xa3, 'mec': 0x1d3, 'mec2': 0x1d3, 'pfp': 0xbe,
              'rlc': 0x4a, 'sdma': 0x1b0, 'sdma2': 0x1b0, 'smc': 0x001c5500, 'uvd': 0x42002b13, 'vce': 0x39060400},
    kfd=RX_6800.kfd | {'simd_count': 256, 'array_count': 4, 'wave_front_size': 64, 'gfx_target_version': 90000,
                       'device_id': 0x687f, 'max_engine_clk_fcompute': 1630, 'local_mem_size': 8176 * 2**20},
    memory_bank={'width': 2048, 'mem_clk_max': 945}, connectors=('DP', 'HDMI-A'))
VEGA_64_BUSY = Load(
    temperatures=temperatures(72, 91, 84), watts=214, fan_rpm=2392, pwm=122, busy=99, memory_busy=None,
    vram=6104 * 2**20, millivolts={'vddgfx': 1012},
    clocks={'sclk': Levels((852, 991, 1084, 1138, 1200, 1401, 1536, 1630), 6),
            'mclk': Levels((167, 500, 800, 945), 3), 'socclk': Levels((600, 720, 800, 847, 960, 1107), 5)})
VEGA_64_SLOT = Slot(
    path='pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0', boot_vga=1, hwmon=1,
    bridges=(Bridge('0x8086', '0x1901', '8.0 GT/s PCIe', 16, '8.0 GT/s PCIe', 16),
             Bridge('0x1022', '0x1470', '8.0 GT/s PCIe', 16, '8.0 GT/s PCIe', 16),
             Bridge('0x1022', '0x1471', '8.0 GT/s PCIe', 16, '8.0 GT/s PCIe', 16)))
