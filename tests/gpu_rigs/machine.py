"""A machine: cards and the processes that use them, as the files and links of a rig."""
from dataclasses import dataclass
from typing import Optional

from . import host, kfd
from .card import add_card, add_partition_node
from .foreign import ForeignCard, add_foreign_card
from .tree import Tree


@dataclass(frozen=True)
class Machine:
    cards: tuple
    processes: tuple = ()
    partition_nodes: tuple = ()  # DRM numbers of MI300's further partitions
    kernel: Optional[str] = None  # without one, /proc and /usr of the rig are somebody else's

    def trees(self):
        """{folder of the rig: Tree}"""
        result = {'sys': self.sys()}
        if self.kernel:
            result |= {'proc': Tree(), 'usr/share/libdrm': Tree()}
            host.add_proc(result['proc'], self.kernel)
            if self.processes:  # who is not in a container of its own sees the kernel's threads
                host.add_process(result['proc'], 2, 'kthreadd', '/')
            for process in self.processes:
                host.add_process(result['proc'], process.pid, process.comm, process.cgroup)
            result['usr/share/libdrm'].write('amdgpu.ids', host.AMDGPU_IDS)
        return result

    def sys(self):
        tree = Tree()
        tree.write('class/drm/version', 'drm 1.1.0 20060810')
        foreign = [card for card in self.cards if isinstance(card, ForeignCard)]
        amd = [card for card in self.cards if card not in foreign]
        for card in foreign:
            add_foreign_card(tree, card)
        for card in amd:
            add_card(tree, card)
        for index, number in enumerate(self.partition_nodes):
            add_partition_node(tree, index, number)
        if amd:
            tree.write_all('module/amdgpu', {'initstate': 'live', 'refcnt': 2})
            tree.link('bus/pci/drivers/amdgpu/module', 'module/amdgpu')
            computing = [card for card in amd if card.model.kfd]
            kfd.add_topology(tree, computing)
            for process in self.processes:
                kfd.add_process(tree, computing, process)
        return tree
