"""The machine of each rig."""
from dataclasses import replace

from . import apu, before_navi, instinct, navi
from .foreign import ForeignGpu
from .kernel_text import profile_table
from .kfd import Process
from .machine import Machine
from .model import Gpu


def two_rx6800(loads, **other):
    """Two GPUs on a board with eight lanes for the first and one for the second; `other` are pairs of fields of Gpu."""
    ids = (dict(unique_id=0x4d2b1c0f3a5e6879, gpu_id=53467), dict(unique_id=0x9c30e7d25b18f046, gpu_id=41926))
    return tuple(Gpu(navi.RX_6800, navi.SLOTS[n], loads[n], number=n, **ids[n],
                      **{name: pair[n] for name, pair in other.items()}) for n in range(2))


NVIDIA = ForeignGpu(path='pci0000:00/0000:00:01.0/0000:01:00.0', driver='nvidia', vendor='0x10de', device='0x1f08',
                     revision='0xa1', subsystem=('0x1043', '0x868e'), number=0, boot_vga=1)
ARC = ForeignGpu(
    path='pci0000:00/0000:00:01.2/0000:0a:00.0/0000:0b:01.0/0000:0c:00.0', driver='i915', vendor='0x8086',
    device='0x56a5', revision='0x05', subsystem=('0x1849', '0x6004'), number=1,
    hwmon={'hwmon4': {'name': 'i915', 'energy1_input': 81204133201, 'in0_input': 612, 'power1_max': 65000000}})

JUPYTER = Process(pid=4217, comm='python3', cgroup='/system.slice/jupyter.service', vram={0: 512 * 2**20},
                  sdma_microseconds={0: 1204}, queues=(0, 0))
SLURM_JOB = Process(pid=20933, comm='python', cgroup='/system.slice/slurmstepd.scope/job_4711/step_0/user/task_0',
                    vram={0: 51169 * 2**20}, sdma_microseconds={0: 88120544}, evicted_milliseconds={0: 12},
                    cu_occupancy={0: 104, 1: 0}, queues=(0, 0, 0))

VLLM = Process(pid=3312, comm='VLLM::Worker', cgroup='/kubepods.slice/kubepods-burstable.slice/'
               'kubepods-burstable-pod5c0e7a4e_9d16_4f0b_9a43_0c7d2d1f6e55.slice/'
               'cri-containerd-7d1a4b0f29c3d5e86f1702934acb5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e.scope',
               vram={0: 281_000 * 2**20}, sdma_microseconds={0: 51_704_112}, evicted_milliseconds={0: 73_250},
               cu_occupancy={0: 248}, shared_memory={0: (18_204, 4_660_224, 4_521_984)}, queues=(0, 0))

# Suspended, with implausible contents in the driver's files: these must not be read, as reading them wakes the GPU up.
SUSPENDED = dict(
    device={'power/runtime_status': 'suspended', 'power/runtime_suspended_time': 123456, 'power/control': 'auto',
            'power_state': 'D3hot', 'gpu_busy_percent': 88, 'mem_busy_percent': 77, 'mem_info_vram_used': 16000000000},
    hwmon={'temp1_input': 99000, 'temp2_input': 109000, 'temp3_input': 98000, 'power1_average': 222000000,
           'fan1_input': 3210, 'in0_input': 1111})

OVERDRIVEN = tuple({
    'pp_od_clk_voltage': navi.overdrive_table(*table), 'power_dpm_force_performance_level': 'manual',
    'pp_power_profile_mode': profile_table(navi.PROFILES, active),
} for table, active in (((2475, 1000, 0), 'COMPUTE'), ((2600, 1060, -25), '3D_FULL_SCREEN')))

# Malformed and implausible values as a failing firmware may report them; some files are absent.
BROKEN = dict(
    device={'gpu_busy_percent': 150, 'mem_busy_percent': -3, 'mem_info_vram_used': None, 'mem_info_gtt_total': '',
            'vbios_version': None, 'unique_id': 'not a number', 'fw_version/smc_fw_version': '0xzz',
            'pp_dpm_sclk': '\n'.join(f'{n}: {500 + 50 * n}Mhz {"*" if n == 39 else ""}' for n in range(40)),
            'pp_dpm_mclk': '0: 96Mhz *\n1: 456Mhz \n2: 673Mhz *\n3: 1000Mhz ', 'pp_dpm_fclk': '',
            'pp_dpm_socclk': b'0: 480\xff\xfehz *\n', 'pp_dpm_pcie': '0: fast, wide *'},
    hwmon={'power1_average': 'garbage', 'power1_cap': None, 'temp2_input': 511000, 'temp3_label': 'mem\x07ory',
           'fan1_input': None, 'pwm1_max': 0, 'in0_input': 65535})


def broken_rx6800():
    first, second = two_rx6800(navi.IDLE)
    complete = first.model.gpu_metrics(first)
    return replace(first, device=BROKEN['device'] | {'gpu_metrics': complete[:40]}, hwmon=BROKEN['hwmon']), second


def overdriven_rx6800():
    loads = [replace(load, clocks=load.clocks | navi.VIDEO_CLOCKS) for load in navi.IDLE]
    return two_rx6800(loads, device=OVERDRIVEN)


def mi210(index, load, unique_id, serial, gpu_id, errors=instinct.MI210_ERRORS, pages=()):
    return Gpu(instinct.MI210, instinct.MI210_SLOTS[index], load, number=index, unique_id=unique_id, serial=serial,
                gpu_id=gpu_id, device=instinct.ras_files(errors, ('ue', 'ce'), instinct.MI210_RAS_MASK) | {
                    'ras/gpu_vram_bad_pages': instinct.bad_pages(*pages)})


def mi300x(index, load, number, unique_id, serial, gpu_id, partitions):
    return Gpu(instinct.MI300X, instinct.MI300X_SLOTS[index], load, number=number, unique_id=unique_id, serial=serial,
                gpu_id=gpu_id, device=partitions | instinct.ras_files(
                    instinct.MI300X_ERRORS, ('ue', 'ce', 'de'), instinct.MI300X_RAS_MASK) | {
                        'ras/gpu_vram_bad_pages': instinct.bad_pages()})


def mi300x_with_aca():
    """As Linux 6.15 and later: error counts in other files, and a newer table."""
    gpu = mi300x(0, instinct.MI300X_BUSY, 0, 0x3c5a0d94e8f1b276, '692418004512', 28851, instinct.MI300X_PARTITIONS)
    device = {name: None if name.endswith('_err_count') else data for name, data in gpu.device.items()}
    return replace(gpu, model=replace(gpu.model, gpu_metrics=instinct.metrics_1_8),
                   device=device | instinct.partition_files(gpu.load, 8, 4) | instinct.ras_files(
                       instinct.MI300X_ERRORS, ('ue', 'ce', 'de'), instinct.MI300X_RAS_MASK, 'aca_{}'))


def mi300x_with_unknown_table(index, load, number, unique_id, serial, gpu_id, mode, xccs, vcns):
    gpu = mi300x(index, load, number, unique_id, serial, gpu_id,
                 instinct.MI300X_PARTITIONS | {'current_compute_partition': mode})
    return replace(gpu, model=replace(gpu.model, gpu_metrics=instinct.metrics_of_future),
                   device=gpu.device | instinct.partition_files(load, xccs, vcns))


def mi250x():
    dies = ((instinct.MI250X_BUSY, 0x6e1f0c85d49a7b32, 38422, {}),
            (instinct.MI250X_SECOND_DIE, 0xd05a92c7318e4f6b, 51007, instinct.MI250X_WITHOUT_POWER))
    return tuple(Gpu(instinct.MI250X, instinct.MI250X_SLOTS[n], load, number=n, unique_id=unique_id,
                     serial='692051000318', gpu_id=gpu_id, hwmon=hwmon,
                     device=instinct.ras_files(instinct.MI210_ERRORS, ('ue', 'ce'), instinct.MI210_RAS_MASK))
                 for n, (load, unique_id, gpu_id, hwmon) in enumerate(dies))


def mi355x():
    return Gpu(instinct.MI355X, instinct.MI300X_SLOTS[0], instinct.MI355X_LIMITED, number=0,
               unique_id=0x1b94c7e03fd8a652, serial='692518001733', gpu_id=17291,
               device=instinct.MI300X_PARTITIONS | instinct.ras_files(
                   instinct.MI300X_ERRORS, ('ue', 'ce', 'de'), instinct.MI300X_RAS_MASK, 'aca_{}'))


RIGS = {
    'rx6800x2-raid0': Machine(two_rx6800(navi.IDLE)),
    'rx6800x2-raid0-busy': Machine(two_rx6800(navi.BUSY)),
    'rx6800x2-raid0-dead': Machine(two_rx6800(navi.IDLE)),
    'no-gpu-no-raid': Machine((NVIDIA,)),
    'rx6800x2-phantom-busy': Machine(two_rx6800(navi.PHANTOM_BUSY), processes=(JUPYTER,), kernel='5.18.13'),
    'rx6800x2-one-suspended': Machine(
        two_rx6800((navi.IDLE[0], navi.BUSY[1]), device=({}, SUSPENDED['device']), hwmon=({}, SUSPENDED['hwmon'])),
        kernel='6.1.0-37-amd64'),
    'rx6800x2-overdrive': Machine(overdriven_rx6800(), kernel='6.1.0-37-amd64'),
    'rx6800x2-broken-files': Machine(broken_rx6800(), kernel='5.18.13'),
    'rx7900xtx': Machine(
        (Gpu(navi.RX_7900_XTX, navi.FAST_SLOT, navi.RX_7900_XTX_IDLE, number=0, unique_id=0xe7d8a1c94b60f235,
              gpu_id=10571),), kernel='6.12.43+deb13-amd64'),
    'mi210x2': Machine(
        (mi210(0, instinct.MI210_BUSY, 0xb8adf5a0326ac519, '692231000131', 5871,
               pages=((0x0012a3f0, 'R'), (0x0012a3f1, 'R'), (0x00f00a10, 'P'))),
         mi210(1, instinct.MI210_IDLE, 0x8f1ce94b12d7703a, '692231000447', 33012,
               errors=instinct.MI210_ERRORS | {'umc': (0, 0), 'sdma': (1, 0)})),
        processes=(SLURM_JOB,),
        kernel='6.8.0-84-generic'),
    'mi300x': Machine(
        (mi300x(0, instinct.MI300X_BUSY, 0, 0x3c5a0d94e8f1b276, '692418004512', 28851, instinct.MI300X_PARTITIONS),
         mi300x(1, instinct.MI300X_IDLE, 3, 0xa41f7e2c09d36b85, '692418004977', 60224, {})),
        partition_nodes=(1, 2), kernel='6.14.0-29-generic'),
    'mi300x-aca': Machine((mi300x_with_aca(),), kernel='6.17.0-8-generic'),
    # The table of the second GPU's first partition says nothing about the others.
    'mi300x-unknown-table': Machine(
        (mi300x_with_unknown_table(0, instinct.MI300X_BUSY, 0, 0x90c4fe1a72b8d365, '692447000125', 40137, 'SPX', 8, 4),
         mi300x_with_unknown_table(1, instinct.MI300X_BUSY, 8, 0x7e5d21fb08c6493a, '692447000682', 12870, 'CPX', 1, 1)),
        partition_nodes=tuple(range(9, 16)), kernel='7.1.4-amd64'),
    'mi250x': Machine(mi250x(), kernel='6.8.0-84-generic'),
    'mi355x': Machine((mi355x(),), processes=(VLLM,), kernel='6.18.2-amd64'),
    'vega64': Machine(
        (Gpu(before_navi.VEGA_64, before_navi.VEGA_64_SLOT, before_navi.VEGA_64_BUSY, number=0,
             unique_id=0x0213f5a87c9be146, gpu_id=20711, hwmon={'freq1_input': 1411 * 10**6}),),
        kernel='5.15.0-139-generic'),
    'rx6600xt': Machine(
        (Gpu(navi.RX_6600_XT, navi.RX_6600_XT_SLOT, navi.RX_6600_XT_IDLE, number=0, unique_id=0x72b1e6904cd3a58f,
             gpu_id=44908),), kernel='6.1.0-37-amd64'),
    'rx580-riser': Machine(
        (Gpu(before_navi.RX_580, before_navi.RX_580_SLOT, before_navi.RX_580_MINING, number=0,
             device=before_navi.RX_580_IN_RISER, hwmon={'freq1_input': 1191 * 10**6, 'pwm1_enable': 1}),),
        kernel='6.1.0-37-amd64'),
    'rx550x2': Machine(
        (Gpu(before_navi.RX_550, before_navi.RX_550_SLOTS[0], before_navi.RX_550_BUSY, number=0,
             hwmon={'freq1_input': 1171 * 10**6, 'power1_input': 28_203_000}),
         Gpu(before_navi.RX_550_WITHOUT_FAN, before_navi.RX_550_SLOTS[1], before_navi.RX_550_IDLE, number=1,
             device=before_navi.RX_550_IN_FOUR_LANES, hwmon={'power1_input': 0})),
        kernel='6.12.43+deb13-amd64'),
    'rx7900xt': Machine(
        (Gpu(navi.RX_7900_XT, navi.RX_7900_XT_SLOT, navi.RX_7900_XT_BUSY, number=0, unique_id=0x3f7e20b9ac48d516,
             gpu_id=62218),), kernel='6.1.0-37-amd64'),
    'rx9070xt': Machine(
        (Gpu(navi.RX_9070_XT, navi.FAST_SLOT, navi.RX_9070_XT_IDLE, number=0, unique_id=0x5e0d2b7716f8c439,
              gpu_id=33741),), kernel='6.14.0-29-generic'),
    'steam-deck': Machine(
        (Gpu(apu.VAN_GOGH, apu.VAN_GOGH_SLOT, apu.VAN_GOGH_PLAYING, number=0),), kernel='6.11.11-valve12-1'),
    'ryzen-apu': Machine(
        (Gpu(apu.PHOENIX, apu.PHOENIX_SLOT, apu.PHOENIX_AT_THE_DESK, number=0, gpu_id=19244),),
        kernel='6.12.43+deb13-amd64'),
    'raven-and-navi': Machine(
        (Gpu(apu.RAVEN, apu.RAVEN_SLOT, apu.RAVEN_IDLE, number=0), ARC,
         replace(two_rx6800(navi.IDLE)[1], slot=navi.SLOT_BESIDE_RAVEN, number=2),
         replace(NVIDIA, path='pci0000:00/0000:00:01.3/0000:01:00.0', number=3, boot_vga=0)),
        kernel='6.12.43+deb13-amd64'),
}
