"""GPUs of other vendors, which the exporter ignores."""
from dataclasses import dataclass, field

from .gpu import add_drm, pci_ids, uevent


@dataclass(frozen=True)
class ForeignGpu:
    path: str
    driver: str
    vendor: str
    device: str
    revision: str
    subsystem: tuple
    number: int
    boot_vga: int = 0
    hwmon: dict = field(default_factory=dict)  # {'hwmon7': its files}
    connectors: tuple = ('DP', 'HDMI-A')
    pci_class: str = '0x030000'


def add_foreign_gpu(tree, gpu):
    directory = f'devices/{gpu.path}'
    tree.write_all(directory, {
        'vendor': gpu.vendor, 'device': gpu.device, 'revision': gpu.revision, 'class': gpu.pci_class,
        'subsystem_vendor': gpu.subsystem[0], 'subsystem_device': gpu.subsystem[1], 'boot_vga': gpu.boot_vga,
        'power/runtime_status': 'active',
        'uevent': uevent(gpu.driver, gpu.path.rsplit('/', 1)[1],
                         pci_ids(gpu.vendor, gpu.device, gpu.subsystem, gpu.pci_class)),
    })
    tree.write(f'module/{gpu.driver}/initstate', 'live')
    tree.link(f'bus/pci/drivers/{gpu.driver}/module', f'module/{gpu.driver}')
    tree.link(f'{directory}/driver', f'bus/pci/drivers/{gpu.driver}')
    for name, files in gpu.hwmon.items():
        tree.write_all(f'{directory}/hwmon/{name}', files)
        tree.link(f'class/hwmon/{name}', f'{directory}/hwmon/{name}')
    add_drm(tree, directory, gpu.number, gpu.connectors)
