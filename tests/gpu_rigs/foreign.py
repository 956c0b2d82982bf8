"""Graphics of other makers, which no part of this program counts."""
from dataclasses import dataclass, field

from .card import add_drm, pci_ids, uevent


@dataclass(frozen=True)
class ForeignCard:
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


def add_foreign_card(tree, card):
    folder = f'devices/{card.path}'
    tree.write_all(folder, {
        'vendor': card.vendor, 'device': card.device, 'revision': card.revision, 'class': card.pci_class,
        'subsystem_vendor': card.subsystem[0], 'subsystem_device': card.subsystem[1], 'boot_vga': card.boot_vga,
        'power/runtime_status': 'active',
        'uevent': uevent(card.driver, card.path.rsplit('/', 1)[1],
                         pci_ids(card.vendor, card.device, card.subsystem, card.pci_class)),
    })
    tree.write(f'module/{card.driver}/initstate', 'live')
    tree.link(f'bus/pci/drivers/{card.driver}/module', f'module/{card.driver}')
    tree.link(f'{folder}/driver', f'bus/pci/drivers/{card.driver}')
    for name, files in card.hwmon.items():
        tree.write_all(f'{folder}/hwmon/{name}', files)
        tree.link(f'class/hwmon/{name}', f'{folder}/hwmon/{name}')
    add_drm(tree, folder, card.number, card.connectors)
