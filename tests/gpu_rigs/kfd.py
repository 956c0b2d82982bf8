"""The files of KFD: the topology and the processes."""
from dataclasses import dataclass, field

from .kernel_text import properties

KFD = 'devices/virtual/kfd/kfd'


@dataclass(frozen=True)
class Process:
    """A process with an open compute context. KFD lists every GPU that it may use, even if it does not use it."""
    pid: int
    comm: str
    cgroup: str
    vram: dict = field(default_factory=dict)  # by number of the GPU, in bytes
    sdma_microseconds: dict = field(default_factory=dict)
    evicted_milliseconds: dict = field(default_factory=dict)
    cu_occupancy: dict = field(default_factory=dict)  # Instinct only
    shared_memory: dict = field(default_factory=dict)  # page faults, pages migrated in and out
    queues: tuple = ()  # the number of the GPU of each queue


def add_link(tree, directory, start, end, lanes):
    tree.write(f'{directory}/properties', properties({
        'type': 2, 'version_major': 0, 'version_minor': 0, 'node_from': start,
        'node_to': end, 'weight': 20, 'min_latency': 0, 'max_latency': 0,
        'min_bandwidth': 312, 'max_bandwidth': 984 * lanes,
        'recommended_transfer_size': 0, 'flags': 1}))


def add_topology(tree, gpus):
    """Node 0 is the CPU. rocm-smi only finds GPUs that are in the topology."""
    topology = f'{KFD}/topology'
    tree.link('class/kfd/kfd', KFD)
    tree.write(f'{KFD}/dev', '511:0')
    tree.write(f'{topology}/generation_id', 2)
    tree.write(f'{topology}/system_properties', properties({
        'platform_oem': 35498446626881, 'platform_id': 15951106, 'platform_rev': 1}))
    cpu = f'{topology}/nodes/0'
    tree.write_all(cpu, {'gpu_id': 0, 'name': '', 'properties': properties({
        'cpu_cores_count': 8, 'simd_count': 0, 'mem_banks_count': 1, 'caches_count': 0,
        'io_links_count': len(gpus), 'cpu_core_id_base': 0, 'simd_id_base': 0,
        'vendor_id': 0, 'device_id': 0, 'location_id': 0, 'domain': 0, 'drm_render_minor': 0,
        'hive_id': 0, 'max_engine_clk_ccompute': 4000})})
    for index, gpu in enumerate(gpus):
        node = f'{topology}/nodes/{index + 1}'
        tree.write_all(node, {'gpu_id': gpu.gpu_id, 'name': gpu.model.chip, 'properties': properties(
            gpu.model.kfd | {
                'simd_id_base': 2147487744 + 1024 * index, 'location_id': gpu.slot.bus << 8,
                'drm_render_minor': 128 + gpu.number, 'unique_id': gpu.unique_id or 0} | gpu.kfd)})
        tree.write(f'{node}/mem_banks/0/properties', properties({
            'heap_type': 1, 'size_in_bytes': gpu.model.vram, 'flags': 0} | gpu.model.memory_bank))
        add_link(tree, f'{cpu}/io_links/{index}', 0, index + 1, gpu.slot.lanes)
        add_link(tree, f'{node}/io_links/0', index + 1, 0, gpu.slot.lanes)


def add_process(tree, gpus, process):
    directory = f'{KFD}/proc/{process.pid}'
    gpu_ids = {gpu.number: gpu.gpu_id for gpu in gpus}
    tree.write(f'{directory}/pasid', 32770)
    for number, gpu_id in gpu_ids.items():
        tree.write_all(directory, {
            f'vram_{gpu_id}': process.vram.get(number, 0),
            f'sdma_{gpu_id}': process.sdma_microseconds.get(number, 0),
            f'stats_{gpu_id}/evicted_ms': process.evicted_milliseconds.get(number, 0),
            f'stats_{gpu_id}/cu_occupancy': process.cu_occupancy.get(number),
        })
        for name, count in zip(('faults', 'page_in', 'page_out'), process.shared_memory.get(number, ())):
            tree.write(f'{directory}/counters_{gpu_id}/{name}', count)
    for index, number in enumerate(process.queues):  # these three have no newline
        tree.write_all(f'{directory}/queues/{index}', {
            'gpuid': str(gpu_ids[number]).encode(), 'size': b'8388608', 'type': b'0'})
