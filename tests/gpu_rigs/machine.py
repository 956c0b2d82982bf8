"""A machine with GPUs and processes, as the files and links of a rig."""
from dataclasses import dataclass
from typing import Optional

from . import host, kfd
from .gpu import add_gpu, add_partition_node
from .foreign import ForeignGpu, add_foreign_gpu
from .tree import Tree


@dataclass(frozen=True)
class Machine:
    gpus: tuple
    processes: tuple = ()
    partition_nodes: tuple = ()  # DRM numbers of MI300's further partitions
    kernel: Optional[str] = None  # None: /proc and /usr of the rig are not generated

    def trees(self):
        """By directory of the rig: its Tree."""
        result = {'sys': self.sys()}
        if self.kernel:
            result |= {'proc': Tree(), 'usr/share/libdrm': Tree()}
            host.add_proc(result['proc'], self.kernel)
            if self.processes:  # outside of containers kernel threads are visible
                host.add_process(result['proc'], 2, 'kthreadd', '/')
            for process in self.processes:
                host.add_process(result['proc'], process.pid, process.comm, process.cgroup)
            result['usr/share/libdrm'].write('amdgpu.ids', host.AMDGPU_IDS)
        return result

    def sys(self):
        tree = Tree()
        tree.write('class/drm/version', 'drm 1.1.0 20060810')
        foreign = [gpu for gpu in self.gpus if isinstance(gpu, ForeignGpu)]
        amd = [gpu for gpu in self.gpus if gpu not in foreign]
        for gpu in foreign:
            add_foreign_gpu(tree, gpu)
        for gpu in amd:
            add_gpu(tree, gpu)
        for index, number in enumerate(self.partition_nodes):
            add_partition_node(tree, index, number)
        if amd:
            tree.write_all('module/amdgpu', {'initstate': 'live', 'refcnt': 2})
            tree.link('bus/pci/drivers/amdgpu/module', 'module/amdgpu')
            computing = [gpu for gpu in amd if gpu.model.kfd]
            kfd.add_topology(tree, computing)
            for process in self.processes:
                kfd.add_process(tree, computing, process)
        return tree
