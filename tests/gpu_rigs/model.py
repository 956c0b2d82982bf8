"""The data of a GPU."""
from dataclasses import dataclass, field
from typing import Callable, Optional


@dataclass(frozen=True)
class Bridge:
    """A PCI bridge between the root of the bus and a GPU."""
    vendor: str
    device: str
    speed: str
    width: int
    max_speed: str
    max_width: int
    files: dict = field(default_factory=dict)  # additional ones


@dataclass(frozen=True)
class Slot:
    """Where a GPU is plugged in. The path is below devices/ and consists of the bridges and the GPU."""
    path: str
    bridges: tuple = ()
    boot_vga: int = 0
    hwmon: int = 2
    numa_node: int = -1
    lanes: int = 16
    pcie_levels: tuple = ()  # (speed, MHz) of pp_dpm_pcie; if empty, the file is absent
    metrics_link_speed: int = 160  # in 0.1 GT/s

    @property
    def address(self):
        return self.path.rsplit('/', 1)[1]

    @property
    def bus(self):
        return int(self.address.split(':')[1], 16)


@dataclass(frozen=True)
class Levels:
    """A clock's DPM levels in MHz and its current one: one of the levels, or a lower clock in deep sleep."""
    values: tuple
    marked: Optional[int] = 0
    asleep_at: Optional[int] = None

    @property
    def now(self):
        return self.values[self.marked] if self.asleep_at is None else self.asleep_at

    def __str__(self):
        if self.asleep_at is None:
            return '\n'.join(f'{i}: {value}Mhz {"*" if i == self.marked else ""}'
                             for i, value in enumerate(self.values))
        return '\n'.join([f'S: {self.asleep_at}Mhz *', *(f'{i}: {value}Mhz' for i, value in enumerate(self.values))])


@dataclass(frozen=True)
class Model:
    """What all GPUs of a product have in common."""
    chip: str  # its name in KFD
    device: str
    revision: str
    subsystem: tuple
    pci_class: str = '0x030000'
    link: tuple = ('16.0 GT/s PCIe', 16)  # of the GPU itself, current and maximum
    vram: int = 0
    visible_vram: int = 0
    gtt: int = 32 * 2**30
    vram_vendor: Optional[str] = None
    sensors: dict = field(default_factory=dict)  # label: (hwmon number, critical, emergency or None)
    rails: tuple = ('vddgfx',)
    power: tuple = ('power1_average',)
    power_cap: Optional[tuple] = None  # default and most, watts
    memory_clock_sensor: bool = True
    fan_max_rpm: Optional[int] = None
    device_files: dict = field(default_factory=dict)
    firmware: dict = field(default_factory=dict)
    gpu_metrics: Callable = lambda gpu: None
    kfd: Optional[dict] = None  # properties of its node in KFD's order; those that differ between GPUs are filled in
    memory_bank: dict = field(default_factory=dict)
    connectors: tuple = ()


@dataclass(frozen=True)
class Load:
    """The activity of a GPU."""
    temperatures: dict = field(default_factory=dict)
    watts: int = 0
    clocks: dict = field(default_factory=dict)  # name: Levels
    busy: int = 0
    memory_busy: Optional[int] = 0
    vram: int = 0
    gtt: int = 14942208
    millivolts: dict = field(default_factory=dict)
    fan_rpm: int = 0
    pwm: int = 0
    pcie_level: int = 1
    metrics: dict = field(default_factory=dict)  # fields of gpu_metrics that differ from the model's


@dataclass(frozen=True)
class Gpu:
    """One GPU of a machine."""
    model: Model
    slot: Slot
    load: Load
    number: int  # of card0 in /sys/class/drm
    unique_id: Optional[int] = None
    serial: Optional[str] = None
    gpu_id: int = 0  # in KFD
    kfd: dict = field(default_factory=dict)  # properties in KFD of this GPU only
    device: dict = field(default_factory=dict)  # files of this GPU only; None: absent
    hwmon: dict = field(default_factory=dict)
