"""Radeon GPUs: RX 6800 and 6600 XT (Navi 2x), RX 7900 XT and XTX (Navi 31), RX 9070 XT (Navi 48)."""
from dataclasses import replace

from . import gpu_metrics
from .kernel_text import profile_table, profile_table_13
from .model import Bridge, Levels, Load, Model, Slot

PROFILES = ('BOOTUP_DEFAULT', '3D_FULL_SCREEN', 'POWER_SAVING', 'VIDEO', 'VR', 'COMPUTE', 'CUSTOM')
MCLK_LEVELS = (96, 456, 673, 1000)


def metrics_1_3(gpu, **other):
    """As Navi 2x and 3x fill it: without activity accumulators, HBM and the firmware's clock."""
    load = gpu.load
    edge, junction, memory = (load.temperatures[sensor] for sensor in ('edge', 'junction', 'mem'))
    sclk, mclk = load.clocks['sclk'].now, load.clocks['mclk'].now
    return gpu_metrics.packed(gpu_metrics.V1_3, {
        'temperature_edge': edge, 'temperature_hotspot': junction, 'temperature_mem': memory,
        'temperature_vrgfx': edge + 1, 'temperature_vrsoc': edge + 2, 'temperature_vrmem': memory,
        'average_gfx_activity': load.busy, 'average_umc_activity': load.memory_busy, 'average_mm_activity': 0,
        'average_socket_power': load.watts,
        'energy_accumulator': 1_234_567_890, 'system_clock_counter': 5_180_000_000_000,
        'average_gfxclk_frequency': sclk, 'average_uclk_frequency': mclk,
        'average_vclk0_frequency': 0, 'average_dclk0_frequency': 0,
        'average_vclk1_frequency': 0, 'average_dclk1_frequency': 0,
        'current_gfxclk': sclk, 'current_socclk': 480, 'current_uclk': mclk,
        'current_vclk0': 0, 'current_dclk0': 0, 'current_vclk1': 0, 'current_dclk1': 0,
        'throttle_status': 0, 'current_fan_speed': load.fan_rpm,
        'pcie_link_width': gpu.slot.lanes, 'pcie_link_speed': gpu.slot.metrics_link_speed,
        'voltage_soc': 812, 'voltage_gfx': load.millivolts.get('vddgfx', 0xffff), 'voltage_mem': 706,
        'indep_throttle_status': 0, **other, **load.metrics})


RX_6800 = Model(
    chip='navi21', device='0x73bf', revision='0xc3', subsystem=('0x148c', '0x2407'),
    vram=16368 * 2**20, visible_vram=256 * 2**20, vram_vendor='samsung',
    sensors={'edge': (1, 100, 105), 'junction': (2, 110, 115), 'mem': (3, 100, 105)},
    power_cap=(203, 233), fan_max_rpm=3300,
    device_files={
        'pp_sclk_od': 0, 'pp_mclk_od': 0, 'pp_power_profile_mode': profile_table(PROFILES, 'BOOTUP_DEFAULT'),
        'product_name': '', 'product_number': '', 'vbios_version': '113-D4140EXL-XL'},
    firmware={
        'asd': 0x210000a0, 'ce': 0x25, 'dmcu': 0, 'mc': 0, 'me': 0x40, 'mec': 0x6a, 'mec2': 0x6a,
        'pfp': 0x5e, 'rlc': 0x61, 'rlc_srlc': 0, 'rlc_srlg': 0, 'rlc_srls': 0, 'sdma': 0x4f,
        'sdma2': 0x4f, 'smc': 0x003a5400, 'sos': 0x00210c64, 'ta_ras': 0x1b00012c,
        'ta_xgmi': 0x20000000, 'uvd': 0, 'vce': 0, 'vcn': 0x0311000a},
    gpu_metrics=metrics_1_3,
    kfd={
        'cpu_cores_count': 0, 'simd_count': 120, 'mem_banks_count': 1, 'caches_count': 0,
        'io_links_count': 1, 'cpu_core_id_base': 0, 'simd_id_base': 0,
        'max_waves_per_simd': 16, 'lds_size_in_kb': 64, 'gds_size_in_kb': 0, 'num_gws': 64,
        'wave_front_size': 32, 'array_count': 6, 'simd_arrays_per_engine': 2,
        'cu_per_simd_array': 10, 'simd_per_cu': 2, 'max_slots_scratch_cu': 32,
        'gfx_target_version': 100300, 'vendor_id': 0x1002, 'device_id': 0x73bf,
        'location_id': 0, 'domain': 0, 'drm_render_minor': 0, 'hive_id': 0,
        'num_sdma_engines': 2, 'num_sdma_xgmi_engines': 0, 'num_sdma_queues_per_engine': 8,
        'num_cp_queues': 8, 'max_engine_clk_fcompute': 2475, 'local_mem_size': 16368 * 2**20,
        'fw_version': 0x6a, 'capability': 278577280, 'debug_prop': 0,
        'sdma_fw_version': 0x4f, 'unique_id': 0, 'max_engine_clk_ccompute': 4000},
    memory_bank={'width': 256, 'mem_clk_max': 1000},
    connectors=('DP', 'HDMI-A'))


def rx6800_load(sclk, mclk, **other):
    """The other clocks depend on the memory clock."""
    active = 1 if mclk else 0
    return Load(clocks={
        'sclk': Levels((500, sclk, 2475), 1), 'mclk': Levels(MCLK_LEVELS, mclk), 'fclk': Levels((551, 1941), active),
        'socclk': Levels((480, 1200), active), 'dcefclk': Levels((417, 1200), 0)}, **other)


def temperatures(edge, junction, mem):
    return {'edge': edge, 'junction': junction, 'mem': mem}


IDLE = (
    rx6800_load(0, 0, temperatures=temperatures(27, 29, 28), watts=5, vram=13217792, millivolts={'vddgfx': 6}),
    rx6800_load(0, 0, temperatures=temperatures(28, 30, 30), watts=6, vram=10719232, millivolts={'vddgfx': 6}))
BUSY = (
    rx6800_load(2310, 3, temperatures=temperatures(68, 84, 78), watts=198, fan_rpm=1800, pwm=115, busy=97,
                memory_busy=61, vram=13101924352, millivolts={'vddgfx': 1018}),
    rx6800_load(2310, 3, temperatures=temperatures(71, 88, 82), watts=201, fan_rpm=1812, pwm=116, busy=99,
                memory_busy=58, vram=9797894144, millivolts={'vddgfx': 1025}))

# An open compute context: the firmware reports the graphics engine as busy, but everything else is idle.
PHANTOM_BUSY = (
    rx6800_load(2265, 0, temperatures=temperatures(41, 43, 42), watts=35, busy=99, vram=560 * 2**20,
                millivolts={'vddgfx': 1006}),
    rx6800_load(2265, 0, temperatures=temperatures(38, 40, 38), watts=30, busy=99, vram=24 * 2**20,
                millivolts={'vddgfx': 993}))

VIDEO_CLOCKS = {'vclk': Levels((0, 1066), 0), 'dclk': Levels((0, 960), 0),
                'vclk1': Levels((0, 1066), 0), 'dclk1': Levels((0, 960), 0)}


def overdrive_table(sclk_most, mclk_most, offset_millivolts):
    """pp_od_clk_voltage of Navi 21, including its mixture of Mhz and MHz."""
    return (f'OD_SCLK:\n0: 500Mhz\n1: {sclk_most}Mhz\nOD_MCLK:\n0: 97Mhz\n1: {mclk_most}MHz\n'
            f'OD_VDDGFX_OFFSET:\n{offset_millivolts}mV\nOD_RANGE:\n'
            f'SCLK: {500:7}Mhz {2800:10}Mhz\nMCLK: {674:7}Mhz {1075:10}Mhz')


RX_7900_XTX = replace(
    RX_6800, chip='ip discovery', device='0x744c', revision='0xc8', subsystem=('0x1002', '0x0e3b'),
    vram=24560 * 2**20, visible_vram=24560 * 2**20,
    sensors={'edge': (1, 100, 105), 'junction': (2, 110, 115), 'mem': (3, 108, 113)},
    power_cap=(303, 348), fan_max_rpm=3200,
    device_files={
        'pp_power_profile_mode': profile_table_13(
            ('BOOTUP_DEFAULT', '3D_FULL_SCREEN', 'POWER_SAVING', 'VIDEO', 'VR', 'COMPUTE', 'CUSTOM', 'WINDOW_3D'),
            'BOOTUP_DEFAULT'),
        'product_name': '', 'product_number': '', 'vbios_version': '113-D70201-00'},
    firmware={
        'asd': 0x210000c8, 'ce': 0, 'dmcu': 0, 'imu': 0x0b1f3500, 'mc': 0, 'me': 0x5f0, 'mec': 0x219, 'mes': 0x56,
        'mes_kiq': 0x6b, 'pfp': 0x605, 'rlc': 0x7e, 'sdma': 0x15, 'sdma2': 0, 'smc': 0x004e7e00, 'sos': 0x00310037,
        'ta_ras': 0x1b00020f, 'ta_xgmi': 0x20000000, 'vcn': 0x0911800a},
    kfd=RX_6800.kfd | {
        'simd_count': 192, 'array_count': 12, 'cu_per_simd_array': 8, 'gfx_target_version': 110000,
        'device_id': 0x744c, 'max_engine_clk_fcompute': 2526, 'local_mem_size': 24560 * 2**20, 'fw_version': 0x219,
        'sdma_fw_version': 0x15},
    memory_bank={'width': 384, 'mem_clk_max': 1249})

# The energy counter of Navi 3x is constant, and one bit of its throttle status is always set.
RX_7900_XTX_IDLE = Load(
    temperatures=temperatures(36, 40, 52), watts=17, vram=29630464, millivolts={'vddgfx': 53},
    clocks={'sclk': Levels((500, 2526), asleep_at=19), 'mclk': Levels((96, 456, 772, 1249), 0),
            'fclk': Levels((500, 2000), 0), 'socclk': Levels((500, 1200), asleep_at=34),
            'dcefclk': Levels((512, 1500), 0), 'vclk': Levels((0, 2400), 0), 'vclk1': Levels((0, 2400), 0),
            'dclk': Levels((0, 1800), 0), 'dclk1': Levels((0, 1800), 0)},
    metrics={'energy_accumulator': 0, 'throttle_status': gpu_metrics.SMU13_TEMP_HOTSPOT,
             'indep_throttle_status': gpu_metrics.INDEP_TEMP_HOTSPOT})


def navi_slot(path, root_port, lanes, root_speed='8.0 GT/s PCIe', **other):
    """A Navi board has a PCIe switch, so the GPU is two bridges below the slot, and the link that it reports is the one
    on the board."""
    inside = '16.0 GT/s PCIe'
    vendor, device = root_port
    return Slot(path=path, lanes=lanes, bridges=(
        Bridge(vendor, device, root_speed, lanes, root_speed, lanes),
        Bridge('0x1002', '0x1478', root_speed, lanes, inside, 16),
        Bridge('0x1002', '0x1479', inside, 16, inside, 16)), **other)


SLOTS = (
    navi_slot('pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0', ('0x8086', '0x1901'), 8,
              boot_vga=1, hwmon=2, pcie_levels=(('2.5GT/s', 310), ('8.0GT/s', 619)), metrics_link_speed=80),
    navi_slot('pci0000:00/0000:00:1c.4/0000:04:00.0/0000:05:00.0/0000:06:00.0', ('0x8086', '0xa114'), 1,
              hwmon=3, pcie_levels=(('2.5GT/s', 310), ('8.0GT/s', 619)), metrics_link_speed=80))
FAST_SLOT = navi_slot('pci0000:00/0000:00:01.1/0000:01:00.0/0000:02:00.0/0000:03:00.0', ('0x1022', '0x14db'), 16,
                      root_speed='16.0 GT/s PCIe', boot_vga=1, hwmon=4,
                      pcie_levels=(('2.5GT/s', 310), ('16.0GT/s', 619)))
SLOT_BESIDE_RAVEN = navi_slot('pci0000:00/0000:00:01.1/0000:04:00.0/0000:05:00.0/0000:06:00.0', ('0x1022', '0x15d3'), 8,
                              hwmon=5, pcie_levels=(('2.5GT/s', 310), ('8.0GT/s', 619)), metrics_link_speed=80)

# Eight lanes, on a board that has 16.
RX_6600_XT = replace(
    RX_6800, chip='dimgrey_cavefish', device='0x73ff', revision='0xc1', subsystem=('0x1458', '0x2337'),
    link=('16.0 GT/s PCIe', 8), vram=8176 * 2**20, visible_vram=8176 * 2**20, vram_vendor='samsung',
    power_cap=(130, 150), fan_max_rpm=3300, device_files=RX_6800.device_files | {'vbios_version': ''},
    kfd=RX_6800.kfd | {'simd_count': 64, 'array_count': 4, 'gfx_target_version': 100302, 'device_id': 0x73ff,
                       'max_engine_clk_fcompute': 2725, 'local_mem_size': 8176 * 2**20},
    memory_bank={'width': 128, 'mem_clk_max': 1000})
RX_6600_XT_IDLE = rx6800_load(0, 0, temperatures=temperatures(41, 43, 40), watts=4, vram=21 * 2**20,
                              millivolts={'vddgfx': 6})
RX_6600_XT_SLOT = navi_slot('pci0000:00/0000:00:03.1/0000:08:00.0/0000:09:00.0/0000:0a:00.0', ('0x1022', '0x1483'), 8,
                            root_speed='16.0 GT/s PCIe', boot_vga=1, hwmon=1,
                            pcie_levels=(('2.5GT/s', 310), ('16.0GT/s', 619)))

# hwmon has no files of the fan; the speed is in gpu_metrics.
RX_9070_XT = replace(
    RX_7900_XTX, device='0x7550', revision='0xc0', subsystem=('0x1da2', '0x0498'),
    vram=16304 * 2**20, visible_vram=16304 * 2**20,
    sensors={'edge': (1, 110, 115), 'junction': (2, 110, 115), 'mem': (3, 108, 113)},
    power_cap=(304, 334), fan_max_rpm=None,
    device_files=RX_7900_XTX.device_files | {'vbios_version': '113-4E4930U-T4Z'},
    kfd=RX_7900_XTX.kfd | {'simd_count': 128, 'array_count': 8, 'gfx_target_version': 120001, 'device_id': 0x7550,
                           'max_engine_clk_fcompute': 2970, 'local_mem_size': 16304 * 2**20},
    memory_bank={'width': 256, 'mem_clk_max': 1258})
RX_9070_XT_IDLE = replace(
    RX_7900_XTX_IDLE, temperatures=temperatures(35, 38, 58), watts=21, fan_rpm=743,
    metrics={'energy_accumulator': 0})

# On Linux 6.1, whose gpu_metrics has the generation of the link in the place of its speed. The lowest level of the link is
# x1. The board is not given more than 256 MB of address space. The clock may exceed the highest level.
RX_7900_XT = replace(
    RX_7900_XTX, revision='0xcc', vram=20464 * 2**20, visible_vram=256 * 2**20, vram_vendor='hynix', power_cap=(265, 290),
    device_files=RX_7900_XTX.device_files | {
        'vbios_version': '', 'pp_dpm_pcie': '0: 2.5GT/s, x1 310Mhz \n1: 8.0GT/s, x8 619Mhz *'},
    kfd=RX_7900_XTX.kfd | {'simd_count': 168, 'max_engine_clk_fcompute': 2075, 'local_mem_size': 20464 * 2**20},
    memory_bank={'width': 320, 'mem_clk_max': 1249})
RX_7900_XT_BUSY = Load(
    temperatures=temperatures(58, 81, 84), watts=263, vram=19_118 * 2**20, millivolts={'vddgfx': 968}, busy=98,
    memory_busy=66, fan_rpm=1423, pwm=97,
    clocks={'sclk': Levels((500, 2612, 2075), 1), 'mclk': Levels((96, 456, 772, 1249), 3),
            'fclk': Levels((500, 2000), 1), 'socclk': Levels((500, 1200), 1), 'dcefclk': Levels((512, 1500), 0),
            'vclk': Levels((0, 2400), 0), 'vclk1': Levels((0, 2400), 0),
            'dclk': Levels((0, 1800), 0), 'dclk1': Levels((0, 1800), 0)},
    metrics=RX_7900_XTX_IDLE.metrics)
RX_7900_XT_SLOT = navi_slot('pci0000:00/0000:00:01.0/0000:09:00.0/0000:0a:00.0/0000:0b:00.0', ('0x8086', '0x1901'), 8,
                            boot_vga=1, hwmon=2, metrics_link_speed=3)
