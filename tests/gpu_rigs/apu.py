"""Integrated GPUs: Phoenix (Ryzen 7 7840U), Raven (Ryzen 5 2400G), Van Gogh (Steam Deck). They use part of the system memory."""
from . import gpu_metrics
from .kernel_text import profile_list
from .model import Bridge, Levels, Load, Model, Slot
from .navi import RX_6800


def metrics_2_1(gpu, version=gpu_metrics.V2_1, **other):
    """Temperatures are in 0.01 °C, activities in 0.01 %, powers in mW."""
    load = gpu.load
    return gpu_metrics.packed(version, {
        'temperature_gfx': load.temperatures['edge'] * 100, 'temperature_soc': 4481,
        'temperature_core': (4650, 4512, 4722, 4633, 4555, 4601, 4588, 4547), 'temperature_l3': (4312,),
        'average_gfx_activity': load.busy * 100, 'average_mm_activity': 0,
        'system_clock_counter': 5_180_000_000_000,
        'average_socket_power': load.watts * 1000 + 312, 'average_soc_power': 2204, 'average_gfx_power': 1031,
        'average_cpu_power': 3120, 'average_core_power': (312, 110, 904, 215, 98, 77, 102, 88),
        'average_gfxclk_frequency': load.clocks['sclk'].now, 'average_socclk_frequency': load.clocks['socclk'].now,
        'average_uclk_frequency': load.clocks['mclk'].now, 'average_fclk_frequency': load.clocks['fclk'].now,
        'average_vclk_frequency': 0, 'average_dclk_frequency': 0,
        'current_coreclk': (1397, 1397, 3293, 1397, 400, 400, 400, 400), 'current_l3clk': (3293,),
        'throttle_status': 0, **other, **load.metrics})


def metrics_2_4(gpu):
    return metrics_2_1(gpu, gpu_metrics.V2_4, indep_throttle_status=0, average_cpu_voltage=901,
                       average_soc_voltage=713, average_gfx_voltage=644)


PHOENIX = Model(
    chip='ip discovery', device='0x15bf', revision='0xc1', subsystem=('0x1849', '0x15bf'),
    vram=512 * 2**20, visible_vram=512 * 2**20, gtt=15 * 2**30, vram_vendor='unknown',
    sensors={'edge': (1, None, None)}, rails=('vddgfx', 'vddnb'), power=('power1_average', 'power1_input'),
    memory_clock_sensor=False,
    device_files={
        'pp_power_profile_mode': profile_list(
            ('BOOTUP_DEFAULT', '3D_FULL_SCREEN', 'VIDEO', 'VR', 'COMPUTE', 'CUSTOM'), 'BOOTUP_DEFAULT'),
        'mem_busy_percent': None, 'pcie_replay_count': None, 'vbios_version': '113-PHXGENERIC-001'},
    firmware={
        'asd': 0x210000c8, 'ce': 0, 'dmcu': 0, 'dmcub': 0x08003a00, 'imu': 0x0b012d00, 'mc': 0, 'me': 0x28, 'mec': 0x26,
        'mes': 0x4c, 'mes_kiq': 0x6b, 'pfp': 0x2e, 'rlc': 0x78, 'sdma': 0x12, 'smc': 0x004c5200, 'sos': 0,
        'vcn': 0x0911800b},
    gpu_metrics=metrics_2_1,
    kfd=RX_6800.kfd | {
        'simd_count': 24, 'array_count': 2, 'cu_per_simd_array': 6, 'gfx_target_version': 110003, 'device_id': 0x15bf,
        'num_sdma_engines': 1, 'max_engine_clk_fcompute': 2700, 'local_mem_size': 512 * 2**20, 'fw_version': 0x26,
        'sdma_fw_version': 0x12},
    memory_bank={'width': 128, 'mem_clk_max': 2800},
    connectors=('eDP', 'DP'))
PHOENIX_AT_THE_DESK = Load(
    temperatures={'edge': 43}, watts=9, busy=3, memory_busy=None, vram=421 * 2**20, gtt=211 * 2**20,
    millivolts={'vddgfx': 812, 'vddnb': 778},
    clocks={'sclk': Levels((800, 1100, 2700), 0), 'mclk': Levels((1000, 1600, 2400, 2800), 0),
            'fclk': Levels((400, 800, 1600, 2000), 1), 'socclk': Levels((400, 600, 800, 1200), 1),
            'vclk': Levels((400, 1200), None), 'dclk': Levels((400, 1066), None)})
PHOENIX_SLOT = Slot(path='pci0000:00/0000:00:08.1/0000:c4:00.0', boot_vga=1, hwmon=6, bridges=(
    Bridge('0x1022', '0x14eb', '16.0 GT/s PCIe', 16, '16.0 GT/s PCIe', 16),))

# Not in KFD; its gpu_metrics can be opened, but is empty.
RAVEN = Model(
    chip='raven', device='0x15dd', revision='0xc6', subsystem=('0x1002', '0x15dd'), link=('8.0 GT/s PCIe', 16),
    vram=2048 * 2**20, visible_vram=2048 * 2**20, gtt=3 * 2**30, vram_vendor='unknown',
    sensors={'edge': (1, None, None)}, rails=('vddgfx', 'vddnb'), power=(), memory_clock_sensor=False,
    device_files={'mem_busy_percent': None, 'pcie_replay_count': None, 'vbios_version': '113-RAVEN-114'},
    firmware={'asd': 0x21000030, 'ce': 0x50, 'dmcu': 0, 'mc': 0, 'me': 0xa7, 'mec': 0x1d6, 'mec2': 0x1d6, 'pfp': 0xbc,
              'rlc': 0x218, 'sdma': 0x29, 'smc': 0x00001e4f, 'vcn': 0x0110901c},
    gpu_metrics=lambda gpu: b'',
    connectors=('HDMI-A',))
RAVEN_IDLE = Load(
    temperatures={'edge': 39}, busy=0, memory_busy=None, vram=142 * 2**20, gtt=33 * 2**20,
    millivolts={'vddgfx': 850, 'vddnb': 931},
    clocks={'sclk': Levels((200, 700, 1240), 0), 'mclk': Levels((400, 933, 1067, 1200), 1)})
RAVEN_SLOT = Slot(path='pci0000:00/0000:00:08.1/0000:09:00.0', boot_vga=1, hwmon=3, bridges=(
    Bridge('0x1022', '0x15db', '8.0 GT/s PCIe', 16, '8.0 GT/s PCIe', 16),))

# Its fan is controlled by the embedded controller.
VAN_GOGH = Model(
    chip='vangogh', device='0x163f', revision='0xae', subsystem=('0x1002', '0x0123'), link=('8.0 GT/s PCIe', 16),
    vram=1024 * 2**20, visible_vram=1024 * 2**20, gtt=8 * 2**30, vram_vendor='unknown',
    sensors={'edge': (1, None, None)}, rails=('vddgfx', 'vddnb'), power=('power1_average', 'power1_input'),
    memory_clock_sensor=False,
    device_files={'mem_busy_percent': None, 'pcie_replay_count': None, 'vcn_busy_percent': 0,
                  'vbios_version': '113-AMDAerithJupiter-005'},
    firmware={'asd': 0x210000b1, 'ce': 0x25, 'dmcub': 0x03000019, 'mc': 0, 'me': 0x40, 'mec': 0x78, 'mec2': 0x78,
              'pfp': 0x5e, 'rlc': 0x7b, 'sdma': 0x4e, 'smc': 0x003f4d00, 'vcn': 0x0311d001},
    gpu_metrics=metrics_2_4, connectors=('eDP', 'DP'))
VAN_GOGH_PLAYING = Load(
    temperatures={'edge': 71}, watts=14, busy=93, memory_busy=None, vram=812 * 2**20, gtt=2304 * 2**20,
    millivolts={'vddgfx': 806, 'vddnb': 713},
    clocks={'sclk': Levels((200, 1450, 1600), 1), 'mclk': Levels((400, 687, 687), 2),
            'fclk': Levels((400, 1600), 1), 'socclk': Levels((200, 600), 1)},
    metrics={'average_cpu_power': 3114, 'average_soc_power': 2480, 'average_gfx_power': 7016})
VAN_GOGH_SLOT = Slot(path='pci0000:00/0000:00:08.1/0000:04:00.0', boot_vga=1, hwmon=4, bridges=(
    Bridge('0x1022', '0x1648', '8.0 GT/s PCIe', 16, '8.0 GT/s PCIe', 16),))
