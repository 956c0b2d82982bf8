"""What KFD shows: the topology, and the processes that compute."""
from dataclasses import dataclass, field

from .kernel_text import properties

KFD = 'devices/virtual/kfd/kfd'


@dataclass(frozen=True)
class Process:
    """A process with an open compute context. KFD shows every GPU that it may use, also those that it leaves alone."""
    pid: int
    comm: str
    cgroup: str
    vram: dict = field(default_factory=dict)  # the card's number: bytes
    sdma_microseconds: dict = field(default_factory=dict)
    evicted_milliseconds: dict = field(default_factory=dict)
    cu_occupancy: dict = field(default_factory=dict)  # Instinct only
    queues: tuple = ()  # the card's number, for each


def add_link(tree, folder, start, end, lanes):
    tree.write(f'{folder}/properties', properties({
        'type': 2, 'version_major': 0, 'version_minor': 0, 'node_from': start,
        'node_to': end, 'weight': 20, 'min_latency': 0, 'max_latency': 0,
        'min_bandwidth': 312, 'max_bandwidth': 984 * lanes,
        'recommended_transfer_size': 0, 'flags': 1}))


def add_topology(tree, cards):
    """Node 0 is the CPU. rocm-smi knows no card that is not in it."""
    topology = f'{KFD}/topology'
    tree.link('class/kfd/kfd', KFD)
    tree.write(f'{KFD}/dev', '511:0')
    tree.write(f'{topology}/generation_id', 2)
    tree.write(f'{topology}/system_properties', properties({
        'platform_oem': 35498446626881, 'platform_id': 15951106, 'platform_rev': 1}))
    cpu = f'{topology}/nodes/0'
    tree.write_all(cpu, {'gpu_id': 0, 'name': '', 'properties': properties({
        'cpu_cores_count': 8, 'simd_count': 0, 'mem_banks_count': 1, 'caches_count': 0,
        'io_links_count': len(cards), 'cpu_core_id_base': 0, 'simd_id_base': 0,
        'vendor_id': 0, 'device_id': 0, 'location_id': 0, 'domain': 0, 'drm_render_minor': 0,
        'hive_id': 0, 'max_engine_clk_ccompute': 4000})})
    for index, card in enumerate(cards):
        node = f'{topology}/nodes/{index + 1}'
        tree.write_all(node, {'gpu_id': card.gpu_id, 'name': card.model.chip, 'properties': properties(
            card.model.kfd | {
                'simd_id_base': 2147487744 + 1024 * index, 'location_id': card.slot.bus << 8,
                'drm_render_minor': 128 + card.number, 'unique_id': card.unique_id or 0} | card.kfd)})
        tree.write(f'{node}/mem_banks/0/properties', properties({
            'heap_type': 1, 'size_in_bytes': card.model.vram, 'flags': 0} | card.model.memory_bank))
        add_link(tree, f'{cpu}/io_links/{index}', 0, index + 1, card.slot.lanes)
        add_link(tree, f'{node}/io_links/0', index + 1, 0, card.slot.lanes)


def add_process(tree, cards, process):
    folder = f'{KFD}/proc/{process.pid}'
    gpu_ids = {card.number: card.gpu_id for card in cards}
    tree.write(f'{folder}/pasid', 32770)
    for number, gpu_id in gpu_ids.items():
        tree.write_all(folder, {
            f'vram_{gpu_id}': process.vram.get(number, 0),
            f'sdma_{gpu_id}': process.sdma_microseconds.get(number, 0),
            f'stats_{gpu_id}/evicted_ms': process.evicted_milliseconds.get(number, 0),
            f'stats_{gpu_id}/cu_occupancy': process.cu_occupancy.get(number),
        })
    for index, number in enumerate(process.queues):  # these three have no newline
        tree.write_all(f'{folder}/queues/{index}', {
            'gpuid': str(gpu_ids[number]).encode(), 'size': b'8388608', 'type': b'0'})
