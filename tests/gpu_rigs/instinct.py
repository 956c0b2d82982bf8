"""Instinct GPUs: MI210 and MI250X (Aldebaran), MI300X (Aqua Vanjaram), MI355X. They have no fan and no display connectors."""
from dataclasses import replace

from . import gpu_metrics
from .kernel_text import profile_list
from .model import Bridge, Levels, Load, Model, Slot
from .navi import RX_6800, metrics_1_3


def ras_files(errors, lines, masks, pattern='{}_err_count'):
    """The files with the error counts of each block ({block: counts}); `lines` are the labels of the lines."""
    return {f'ras/{pattern.format(block)}': '\n'.join(f'{word}: {count}' for word, count in zip(lines, counts))
            for block, counts in errors.items()} | {
        'ras/features': f'feature mask: 0x{masks:x}', 'ras/version': 'table version: 0x10000',
        'ras/schema': 'schema: 0x1'}


def bad_pages(*pages):
    """The lines of bad pages: the page, its size, and R (reserved), P (pending) or F (failed)."""
    return ''.join(f'0x{page:08x} : 0x00001000 : {flag}\n' for page, flag in pages).encode()


def metrics_mi200(gpu):
    """As Aldebaran fills it: with accumulators, four HBM stacks and the firmware's clock, but without voltages."""
    absent = 0xffff
    return metrics_1_3(
        gpu, temperature_vrgfx=absent, temperature_vrsoc=gpu.load.temperatures['edge'] + 4,
        temperature_vrmem=gpu.load.temperatures['mem'] + 2, average_mm_activity=absent,
        energy_accumulator=8_514_208_771_301, average_socclk_frequency=absent,
        current_socclk=gpu.load.clocks['socclk'].now, current_fan_speed=absent,
        gfx_activity_acc=196_381_200, mem_activity_acc=71_250_338, firmware_timestamp=26_452_010_331_700,
        voltage_soc=absent, voltage_gfx=absent, voltage_mem=absent)


MI210 = Model(
    chip='aldebaran', device='0x740f', revision='0x02', subsystem=('0x1002', '0x0c34'), pci_class='0x038000',
    vram=65520 * 2**20, visible_vram=65520 * 2**20, gtt=128 * 2**30, vram_vendor='hynix',
    sensors={'edge': (1, 100, 105), 'junction': (2, 110, 115), 'mem': (3, 103, 108)},
    rails=(), power_cap=(300, 300),
    device_files={
        'pp_power_profile_mode': profile_list(('BOOTUP_DEFAULT', 'VIDEO', 'COMPUTE', 'CUSTOM'), 'BOOTUP_DEFAULT'),
        'product_name': 'AMD Instinct MI210', 'product_number': '102-D67302-00',
        'vbios_version': '113-D67301V-073'},
    firmware={
        'asd': 0x210000cf, 'ce': 0, 'dmcu': 0, 'mc': 0, 'me': 0, 'mec': 0x48, 'mec2': 0x48, 'pfp': 0, 'rlc': 0x11,
        'sdma': 0x8, 'sdma2': 0x8, 'smc': 0x00444400, 'sos': 0x00270082, 'ta_ras': 0x1b00013e, 'ta_xgmi': 0x2000000f,
        'vcn': 0x01101015},
    gpu_metrics=metrics_mi200,
    kfd=RX_6800.kfd | {
        'simd_count': 416, 'max_waves_per_simd': 8, 'wave_front_size': 64, 'array_count': 8,
        'simd_arrays_per_engine': 1, 'cu_per_simd_array': 16, 'simd_per_cu': 4, 'gfx_target_version': 90010,
        'device_id': 0x740f, 'num_sdma_engines': 2, 'num_sdma_xgmi_engines': 3, 'num_cp_queues': 24,
        'max_engine_clk_fcompute': 1700, 'local_mem_size': 65520 * 2**20, 'fw_version': 0x48, 'sdma_fw_version': 0x8},
    memory_bank={'width': 4096, 'mem_clk_max': 1600})


def mi210_load(sclk, mclk, hbm, edge, junction, mem, **other):
    return Load(
        temperatures={'edge': edge, 'junction': junction, 'mem': mem},
        clocks={'sclk': Levels((500, sclk, 1700), 1), 'mclk': Levels((400, 700, 1200, 1600), mclk),
                'fclk': Levels((1600, 2000), 1 if mclk == 3 else 0),
                'socclk': Levels((666, 857, 1000, 1090, 1333), 3),
                'vclk': Levels((38, 500, 711, 1428), 0), 'dclk': Levels((38, 500, 711, 1250), 0)},
        metrics={'temperature_hbm': hbm}, **other)


MI210_BUSY = mi210_load(1685, 3, (61, 63, 62, 64), 52, 68, 64, watts=287, busy=100, memory_busy=47, vram=51201 * 2**20)
MI210_IDLE = mi210_load(800, 3, (38, 39, 37, 38), 33, 37, 39, watts=42, vram=10 * 2**20)
MI210_ERRORS = {'umc': (0, 3), 'sdma': (0, 0), 'gfx': (0, 0), 'mmhub': (0, 0), 'pcie_bif': (0, 0), 'hdp': (0, 0),
                'xgmi_wafl': (0, 0)}
MI210_RAS_MASK = 0x1abf


# One GPU has two dies, each with memory and a PCI function of its own. Only the first measures the power of both.
MI250X = replace(
    MI210, device='0x7408', revision='0x00', subsystem=('0x1002', '0x0b0c'), power_cap=(560, 560),
    device_files=MI210.device_files | {'product_name': 'AMD Instinct MI250X', 'product_number': '',
                                         'vbios_version': ''},
    kfd=MI210.kfd | {'simd_count': 440, 'device_id': 0x7408})
MI250X_BUSY = mi210_load(1700, 3, (58, 60, 59, 61), 54, 66, 61, watts=481, busy=100, memory_busy=41,
                         vram=60112 * 2**20)
MI250X_SECOND_DIE = replace(MI250X_BUSY, watts=0, metrics=MI250X_BUSY.metrics | {'energy_accumulator': 0})
MI250X_WITHOUT_POWER = {'power1_average': 0, 'power1_cap': 0, 'power1_cap_default': 0, 'power1_cap_max': 0}


def epyc_slot(path, numa_node, hwmon):
    speed = '16.0 GT/s PCIe'
    return Slot(path=path, bridges=(Bridge('0x1022', '0x1483', speed, 16, speed, 16),), hwmon=hwmon,
                numa_node=numa_node, pcie_levels=(('2.5GT/s', 310), ('16.0GT/s', 619)))


MI210_SLOTS = (epyc_slot('pci0000:60/0000:60:03.1/0000:63:00.0', 0, 5),
               epyc_slot('pci0000:e0/0000:e0:03.1/0000:e3:00.0', 1, 6))


MI250X_SLOTS = (epyc_slot('pci0000:c0/0000:c0:01.1/0000:c1:00.0', 0, 3),
                epyc_slot('pci0000:c0/0000:c0:03.1/0000:c6:00.0', 0, 4))


def metrics_mi300(gpu, version, **other):
    load = gpu.load
    return gpu_metrics.packed(version, {
        'temperature_hotspot': load.temperatures['junction'], 'temperature_mem': load.temperatures['mem'],
        'temperature_vrsoc': load.temperatures['mem'] + 3, 'curr_socket_power': load.watts,
        'average_gfx_activity': load.busy, 'average_umc_activity': load.memory_busy,
        'energy_accumulator': 15_501_923_608_113, 'system_clock_counter': 264_518_090_000_000,
        'accumulation_counter': 26_452_003, 'prochot_residency_acc': 0, 'ppt_residency_acc': 0,
        'socket_thm_residency_acc': 0, 'vr_thm_residency_acc': 0, 'hbm_thm_residency_acc': 0, 'gfxclk_lock_status': 0,
        'pcie_link_width': 16, 'pcie_link_speed': 320, 'xgmi_link_width': 16, 'xgmi_link_speed': 32,
        'gfx_activity_acc': 981_553_171, 'mem_activity_acc': 240_116_290,
        'pcie_bandwidth_acc': 81_203_551_072, 'pcie_bandwidth_inst': 118,
        'pcie_l0_to_recov_count_acc': 2, 'pcie_replay_count_acc': 0, 'pcie_replay_rover_count_acc': 0,
        'pcie_nak_sent_count_acc': 0, 'pcie_nak_rcvd_count_acc': 0,
        # Eight entries for seven neighbors: the first is the GPU itself.
        'xgmi_read_data_acc': (0, *(4_190_208_551 + 1024 * link for link in range(7))),
        'xgmi_write_data_acc': (0, *(4_188_916_224 + 1024 * link for link in range(7))),
        'firmware_timestamp': 26_451_809_000_000,
        'current_gfxclk': [load.clocks['sclk'].now] * 8, 'current_socclk': [load.clocks['socclk'].now] * 4,
        'current_vclk0': [load.clocks['vclk'].now] * 4, 'current_dclk0': [load.clocks['dclk'].now] * 4,
        'current_uclk': load.clocks['mclk'].now,
        'num_partition': 1, 'xcp0_gfx_busy_inst': [load.busy] * 8, 'xcp0_jpeg_busy': [0] * 32,
        'xcp0_vcn_busy': [0] * 4, 'xcp0_gfx_busy_acc': [981_553_171 + n for n in range(8)],
        'pcie_lc_perf_other_end_recovery': 0, **other, **load.metrics})


def metrics_1_6(gpu):
    return metrics_mi300(gpu, gpu_metrics.V1_6)


def metrics_1_8(gpu):
    """With one XGMI link that is down, and one of eight XCCs busy less than the others."""
    none = [0] * 8
    return metrics_mi300(
        gpu, gpu_metrics.V1_8, mem_max_bandwidth=5325, xgmi_link_status=(1, 1, 1, 1, 1, 1, 0),
        xcp0_gfx_busy_inst=[gpu.load.busy] * 7 + [gpu.load.busy // 2], xcp0_jpeg_busy=[0] * 40,
        xcp0_below_host_limit_ppt_acc=none, xcp0_below_host_limit_thm_acc=none, xcp0_low_utilization_acc=none,
        xcp0_below_host_limit_total_acc=none)


def metrics_of_future(gpu):
    """A version that is not known yet."""
    return metrics_1_8(gpu)[:3] + bytes([12]) + metrics_1_8(gpu)[4:]


def partition_files(load, xccs, vcns):
    """xcp/xcp_metrics of the GPU's first partition, which consists of `xccs` XCCs and `vcns` video engines."""
    clocks = load.clocks
    return {'xcp/xcp_metrics': gpu_metrics.packed(gpu_metrics.PARTITION_V1_0, {
        'current_gfxclk': (clocks['sclk'].now,) * xccs, 'current_socclk': (clocks['socclk'].now,) * vcns,
        'current_vclk0': (clocks['vclk'].now,) * vcns, 'current_dclk0': (clocks['dclk'].now,) * vcns,
        'current_uclk': clocks['mclk'].now, 'gfx_busy_inst': tuple(load.busy - 3 * n for n in range(xccs)),
        'jpeg_busy': tuple(n % 10 for n in range(10 * vcns)), 'vcn_busy': tuple(12 + n for n in range(vcns)),
        'gfx_busy_acc': tuple(981_553_171 + n for n in range(xccs))})}


MI300X = Model(
    chip='ip discovery', device='0x74a1', revision='0x00', subsystem=('0x1002', '0x74a1'), pci_class='0x120000',
    link=('32.0 GT/s PCIe', 16), vram=196592 * 2**20, visible_vram=196592 * 2**20, gtt=1024 * 2**30,
    vram_vendor='hynix',
    sensors={'junction': (2, 100, 105), 'mem': (3, 105, 110)},
    rails=(), power=('power1_input',), power_cap=(750, 750),
    device_files={'product_name': 'AMD Instinct MI300X OAM', 'product_number': '102-G30211-0C',
                  'vbios_version': '113-M3000100-102'},
    firmware={
        'asd': 0x210000f3, 'ce': 0, 'dmcu': 0, 'mc': 0, 'me': 0, 'mec': 0xad, 'mec2': 0, 'pfp': 0, 'rlc': 0x63,
        'sdma': 0x16, 'sdma2': 0x16, 'smc': 0x00557d00, 'sos': 0x00361023, 'ta_ras': 0x1b360207, 'ta_xgmi': 0x20000014,
        'vcn': 0x09118010},
    gpu_metrics=metrics_1_6,
    kfd=MI210.kfd | {
        'simd_count': 1216, 'array_count': 32, 'cu_per_simd_array': 10, 'gfx_target_version': 90402,
        'device_id': 0x74a1, 'num_sdma_engines': 2, 'num_sdma_xgmi_engines': 14, 'max_engine_clk_fcompute': 2100,
        'hive_id': 0x2f7c9a1e5b3d8046, 'local_mem_size': 196592 * 2**20, 'fw_version': 0xad, 'sdma_fw_version': 0x16,
        'num_xcc': 8},
    memory_bank={'width': 8192, 'mem_clk_max': 1300})
MI300X_PARTITIONS = {
    'current_compute_partition': 'SPX', 'available_compute_partition': 'SPX, DPX, QPX, CPX',
    'current_memory_partition': 'NPS1', 'available_memory_partition': 'NPS1, NPS4'}
MI300X_ERRORS = {'umc': (0, 12, 1), 'sdma': (0, 0, 0), 'gfx': (0, 0, 0), 'mmhub': (0, 0, 0), 'xgmi_wafl': (0, 0, 0)}
MI300X_RAS_MASK = 0x7fff


def mi300x_load(sclk, mclk, junction, mem, **other):
    return Load(
        temperatures={'junction': junction, 'mem': mem},
        clocks={'sclk': sclk, 'mclk': Levels((900, 1100, 1200, 1300), mclk),
                'fclk': Levels((1200, 1600, 1900, 2000), mclk), 'socclk': Levels((1000, 1143), 0),
                'vclk': Levels((914, 1000), asleep_at=29), 'dclk': Levels((711, 1000), asleep_at=22)}, **other)


# Busy at its power limit, as the share of throttled ticks shows.
MI300X_BUSY = mi300x_load(
    Levels((500, 2094, 2100), 1), 3, 79, 66, watts=742, busy=100, memory_busy=38, vram=171_798_691_840,
    metrics={'ppt_residency_acc': 1_940_211, 'socket_thm_residency_acc': 17})
MI300X_IDLE = mi300x_load(Levels((500, 2100), asleep_at=132), 0, 42, 35, watts=138, vram=297 * 2**20)


def mi300x_slot(path, numa_node, hwmon):
    speed = '32.0 GT/s PCIe'
    switch = Bridge('0x1000', '0xc030', speed, 16, speed, 16)
    return Slot(path=path, bridges=(Bridge('0x1022', '0x14ab', speed, 16, speed, 16), switch, switch), hwmon=hwmon,
                numa_node=numa_node)


MI300X_SLOTS = (mi300x_slot('pci0000:00/0000:00:01.1/0000:01:00.0/0000:02:00.0/0000:05:00.0', 0, 7),
                mi300x_slot('pci0000:d0/0000:d0:01.1/0000:d1:00.0/0000:d2:00.0/0000:d5:00.0', 1, 8))

# On a baseboard with node power management, whose values each GPU shows.
MI355X = replace(
    MI300X, device='0x75a3', subsystem=('0x1002', '0x75a3'), vram=294896 * 2**20, visible_vram=294896 * 2**20,
    power_cap=(1400, 1400), gpu_metrics=metrics_1_8,
    device_files={
        'product_name': 'AMD Instinct MI355X', 'product_number': '',
        'board/npm_status': 'enabled', 'board/node_power': 9815, 'board/cur_node_power_limit': 12000,
        'board/max_node_power_limit': 12000, 'board/global_ppt_resid': 0, 'board/baseboard_power': 9120,
        'board/baseboard_power_limit': 11200,
        'ras/event_state': 'current seqno: 3\nFatal Error: count:0, last_seqno:0\n'
                           'Poison Creation: count:2, last_seqno:3\nPoison Consumption: count:1, last_seqno:2'},
    kfd=MI300X.kfd | {'simd_count': 1024, 'cu_per_simd_array': 8, 'gfx_target_version': 90500, 'device_id': 0x75a3,
                      'max_engine_clk_fcompute': 2400, 'local_mem_size': 294896 * 2**20})
MI355X_LIMITED = mi300x_load(
    Levels((500, 1985, 2400), 1), 3, 84, 72, watts=1392, busy=100, memory_busy=57, vram=281_474 * 2**20,
    metrics={'ppt_residency_acc': 7_310_554, 'mem_max_bandwidth': 8000, 'xcp0_jpeg_busy': [35] + [0] * 39,
             'xcp0_below_host_limit_ppt_acc': [7_310_000 + 100 * n for n in range(8)],
             'xcp0_below_host_limit_total_acc': [7_400_000 + 100 * n for n in range(8)],
             'xcp0_low_utilization_acc': [12_000_000 + n for n in range(8)]})
