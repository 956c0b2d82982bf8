#!/usr/bin/env python3
"""Writes synthetic machines of any size for benchmarks, with all that a scrape reads in the places of a real machine.

  rigs.py DIRECTORY GPUS CPUS ARRAYS      writes one, and prints the exporter's flags that read it

The GPUs are RX 6800 under load with one process that uses all of them. The arrays are RAID 1 of two SATA disks with an
ext4 filesystem; the system is on an NVMe disk. Two CPUs are a core. The kernel's texts come from tests/gpu_rigs and from
the rigs that were copied from machines; regular files are cheaper to read than the kernel's own.
"""
import argparse
import pathlib
import sys
from dataclasses import replace

BENCH = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(BENCH.parent), str(BENCH.parent / "integration")]
from exporter_process import RIGS, rig_flags  # noqa: E402
from gpu_rigs import navi, tree  # noqa: E402
from gpu_rigs.kfd import Process  # noqa: E402
from gpu_rigs.machine import Machine  # noqa: E402
from gpu_rigs.model import Gpu  # noqa: E402
from host_cost import make_rig as make_cpus  # noqa: E402

KERNEL = "6.1.0-37-amd64"
HOST_RIG = RIGS / "rx6800x2-raid0"
ARRAY = RIGS / "md-5.10-raid1-rebuilding/sys/devices/virtual/block/md0/md"
MEMBER = HOST_RIG / "sys/devices/virtual/block/md0/md/dev-sda"
DISK = HOST_RIG / "sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0"
UPTIME_SECONDS = 3600000  # more than the times in proc/stat
SECTORS = 1953525168
IDLE_ARRAY = {"degraded": 0, "sync_action": "idle", "sync_completed": "none", "sync_speed": "none", "level": "raid1",
              "last_sync_action": "check", "safe_mode_delay": "0.204", "array_size": "default", "stripe_cache_size": None}
BLOCK_STAT = "  920476    23011 201439784   368190   327691    27307 159265144   491536        0   416055   863367"
BLOCK_QUEUE = {"rotational": 0, "scheduler": "[mq-deadline] none", "logical_block_size": 512, "nr_requests": 64}


def make_rig(directory, gpus, cpus, arrays):
    """Writes a machine to a new directory below this one, and returns its path."""
    directory = pathlib.Path(directory)
    rig = make_cpus(directory, cpus).rename(directory / f"{gpus}-{cpus}-{arrays}")
    add_cpu_details(rig, cpus)
    for below, content in Machine(make_gpus(gpus), make_processes(gpus), kernel=KERNEL).trees().items():
        if below == "proc":  # the CPUs have been written
            content.files = {path: data for path, data in content.files.items() if not (rig / "proc" / path).exists()}
        tree.write(rig / below, content)
    storage = Storage(first_hwmon=gpus + 1)
    storage.add_nvme()
    for number in range(arrays):
        storage.add_array(number)
    storage.write(rig)
    for file in ("meminfo", "vmstat", "version"):
        (rig / "proc" / file).write_bytes((HOST_RIG / "proc" / file).read_bytes())
    (rig / "proc/uptime").write_text(f"{UPTIME_SECONDS}.20 {UPTIME_SECONDS * cpus}.71\n")
    (rig / "etc").mkdir()
    (rig / "etc/os-release").write_text('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n')
    return rig


def make_gpus(count):
    """Each below a root port of its own, behind the two bridges of its board."""
    def slot(number):
        port = f"0000:00:{number // 8 + 1:02x}.{number % 8}"
        buses = [f"0000:{3 * number + below:02x}:00.0" for below in (1, 2, 3)]
        return replace(navi.FAST_SLOT, path="/".join(["pci0000:00", port, *buses]), hwmon=number + 1,
                       boot_vga=int(number == 0))
    return tuple(Gpu(navi.RX_6800, slot(number), navi.BUSY[number % 2], number=number,
                     unique_id=0x4d2b1c0f3a5e0000 + number, gpu_id=40000 + number) for number in range(count))


def make_processes(gpus):
    if not gpus:
        return ()
    every = range(gpus)
    return (Process(pid=4217, comm="python3", cgroup="/system.slice/training.service",
                    vram={number: 512 * 2**20 for number in every}, queues=tuple(every)),)


def add_cpu_details(rig, cpus):
    """What host_cost.py leaves out, because only node_exporter reads it or it does not depend on the number of CPUs."""
    system = rig / "sys/devices/system/cpu"
    details = tree.Tree()
    for cpu in range(cpus):
        details.write_all(f"devices/system/cpu/cpu{cpu}/topology", {
            "core_id": cpu // 2, "physical_package_id": 0, "die_id": 0})
        details.write_all(f"devices/system/cpu/cpufreq/policy{cpu}", {
            "affected_cpus": cpu, "related_cpus": cpu, "cpuinfo_transition_latency": 0, "scaling_min_freq": 800000,
            "scaling_max_freq": 4000000, "scaling_governor": "powersave", "scaling_driver": "intel_pstate",
            "scaling_available_governors": "performance powersave", "scaling_setspeed": "<unsupported>"})
    details.write_all("devices/system/cpu", {"possible": (system / "online").read_text().strip(), "offline": "",
                                             "isolated": "", "intel_pstate/no_turbo": 0, "intel_pstate/status": "active"})
    for zone, (name, energy) in {"intel-rapl:0": ("package-0", 183204411207), "intel-rapl:1": ("psys", 9204410001)}.items():
        directory = f"devices/virtual/powercap/intel-rapl/{zone}"
        details.write_all(directory, {"name": name, "energy_uj": energy, "max_energy_range_uj": 262143328850})
        details.link(f"class/powercap/{zone}", directory)
    details.write_all("devices/system/edac/mc/mc0", {"ce_count": 0, "ue_count": 0, "ce_noinfo_count": 0,
                                                     "ue_noinfo_count": 0, "mc_name": "skx"})
    meminfo = (HOST_RIG / "proc/meminfo").read_text().splitlines()
    details.write("devices/system/node/node0/meminfo", "\n".join(
        f"Node 0 {line}" for line in meminfo if line.startswith(("MemTotal", "MemFree", "Dirty", "AnonPages"))))
    details.write_all("devices/system/node/node0", {"cpulist": f"0-{cpus - 1}", "numastat": "numa_hit 81204411\nnuma_miss 0"})
    tree.write(rig / "sys", details)
    move_sensors(rig / "sys")


def move_sensors(sys_directory):
    """A chip is in the directory of its device, and class/hwmon links to it."""
    chip = sys_directory / "devices/platform/coretemp.0/hwmon/hwmon0"
    chip.parent.mkdir(parents=True)
    link = sys_directory / "class/hwmon/hwmon0"
    link.rename(chip)
    link.symlink_to("../../devices/platform/coretemp.0/hwmon/hwmon0")
    (chip / "device").symlink_to("../../../coretemp.0")


def disk_name(number):
    """sda to sdz, sdaa and so on."""
    letters = ""
    while True:
        letters = chr(ord("a") + number % 26) + letters
        number = number // 26 - 1
        if number < 0:
            return f"sd{letters}"


def disk_device(number):
    """The kernel's numbers of a SCSI disk: 16 disks per major number."""
    block = number // 16
    major = 8 if block == 0 else 64 + block if block < 8 else 120 + block
    return major, number % 16 * 16


class Storage:
    """Disks, arrays and filesystems."""

    def __init__(self, first_hwmon):
        self.sys, self.udev = tree.Tree(), tree.Tree()
        self.diskstats, self.mdstat, self.mounts = [], [], []
        self.disks = 0
        self.hwmon = first_hwmon

    def add_block(self, name, directory, device, texts):
        major, minor = device
        queue = {f"queue/{key}": value for key, value in BLOCK_QUEUE.items()}
        self.sys.write_all(directory, {"dev": f"{major}:{minor}", "size": SECTORS, "ro": 0, "removable": 0, "stat": BLOCK_STAT,
                                       "inflight": "       0        0", **queue, **texts})
        for link in (f"dev/block/{major}:{minor}", f"class/block/{name}", f"block/{name}"):
            self.sys.link(link, directory)
        self.diskstats.append(f"{major:4} {minor:7} {name} {' '.join(BLOCK_STAT.split())} 0 0 0 0 10923 3641")

    def add_sensor(self, device, texts):
        directory = f"{device}/hwmon/hwmon{self.hwmon}"
        self.sys.write_all(directory, texts)
        self.sys.link(f"{directory}/device", device)
        self.sys.link(f"class/hwmon/hwmon{self.hwmon}", directory)
        self.hwmon += 1

    def add_udev(self, device, texts):
        lines = ["I:1204411", *(f"E:{key}={value}" for key, value in texts.items())]
        self.udev.write(f"b{device[0]}:{device[1]}", "\n".join(lines))

    def add_filesystem(self, name, device, path):
        self.sys.write_all(f"fs/ext4/{name}", {"errors_count": 0, "warning_count": 0})
        self.mounts.append((f"/dev/{name}", device, path, "ext4"))

    def add_nvme(self):
        controller = "devices/pci0000:00/0000:00:1d.0/0000:f0:00.0/nvme/nvme0"
        disk = f"{controller}/nvme0n1"
        self.sys.write_all(controller, {"model": "Samsung SSD 970 EVO Plus 1TB            ", "serial": "S4EWNX0R000001      ",
                                        "state": "live", "power/runtime_status": "active", "firmware_rev": "2B2QEXM7"})
        self.sys.link(f"{controller}/subsystem", "class/nvme")
        self.sys.link("class/nvme/nvme0", controller)
        self.add_sensor(controller, {"name": "nvme", "temp1_input": 38850, "temp1_label": "Composite", "temp1_max": 84850})
        self.add_block("nvme0n1", disk, (259, 0), {"hidden": 0, "wwid": "eui.0025385b01000001"})
        self.sys.link(f"{disk}/device", controller)
        for number in (1, 2):
            directory = f"{disk}/nvme0n1p{number}"
            self.sys.write_all(directory, {"partition": number, "size": SECTORS // 2, "dev": f"259:{number}", "stat": BLOCK_STAT})
            self.sys.link(f"dev/block/259:{number}", directory)
            self.sys.link(f"class/block/nvme0n1p{number}", directory)
            self.diskstats.append(f" 259 {number:7} nvme0n1p{number} {' '.join(BLOCK_STAT.split())} 0 0 0 0 10923 3641")
        self.add_udev((259, 0), {"ID_MODEL": "Samsung_SSD_970_EVO_Plus_1TB", "ID_SERIAL_SHORT": "S4EWNX0R000001"})
        self.add_filesystem("nvme0n1p2", "259:2", "/")

    def add_disk(self):
        """Returns the name and the directory."""
        number, self.disks = self.disks, self.disks + 1
        name, device = disk_name(number), disk_device(number)
        port = f"devices/pci0000:00/0000:00:17.0/ata{number + 1}/host{number}/target{number}:0:0/{number}:0:0:0"
        for file in ("model", "vendor", "state", "ioerr_cnt", "iodone_cnt", "iorequest_cnt", "power/runtime_status", "vpd_pg80"):
            self.sys.write(f"{port}/{file}", (DISK / file).read_bytes())
        self.sys.write(f"{port}/wwid", f"naa.5002538f{number:08x}")
        self.sys.link(f"{port}/subsystem", "bus/scsi")
        self.add_sensor(port, {"name": "drivetemp", "temp1_input": 33000 + 100 * (number % 50), "temp1_max": 70000,
                               "temp1_crit": 70000})
        directory = f"{port}/block/{name}"
        self.add_block(name, directory, device, {})
        self.sys.link(f"{directory}/device", port)
        self.add_udev(device, {"ID_MODEL": "Samsung_SSD_870_EVO_1TB", "ID_SERIAL_SHORT": f"S5Y1NX0R{number:06}", "ID_BUS": "ata",
                               "ID_ATA_ROTATION_RATE_RPM": 0, "ID_WWN": f"0x5002538f{number:08x}"})
        return name, directory

    def add_array(self, number):
        name, directory = f"md{number}", f"devices/virtual/block/md{number}"
        for file in ARRAY.iterdir():
            if file.is_file():
                self.sys.write(f"{directory}/md/{file.name}", file.read_bytes())
        self.sys.write_all(f"{directory}/md", {**IDLE_ARRAY, "component_size": SECTORS // 2,
                                               "uuid": f"853e8ff6-0440-2e8c-52db-80{number:010x}"})
        self.add_block(name, directory, (9, number), {})
        for slot in range(2):
            disk, disk_directory = self.add_disk()
            member = f"{directory}/md/dev-{disk}"
            for file in MEMBER.iterdir():
                if file.is_file():
                    self.sys.write(f"{member}/{file.name}", file.read_bytes())
            self.sys.write(f"{member}/slot", slot)
            self.sys.link(f"{member}/block", disk_directory)
            self.sys.link(f"{directory}/md/rd{slot}", member)
            self.sys.link(f"{directory}/slaves/{disk}", disk_directory)
            self.sys.link(f"{disk_directory}/holders/{name}", directory)
        members = f"{disk_name(2 * number + 1)}[1] {disk_name(2 * number)}[0]"
        self.mdstat.append(f"{name} : active raid1 {members}\n      {SECTORS // 2} blocks super 1.2 [2/2] [UU]\n      ")
        self.add_filesystem(name, f"9:{number}", f"/data/{name}")

    def write(self, rig):
        tree.write(rig / "sys", self.sys)
        (rig / "sys/bus/scsi/devices").mkdir(parents=True)
        tree.write(rig / "run/udev/data", self.udev)
        proc = tree.Tree()
        proc.write("diskstats", "\n".join(self.diskstats))
        proc.write("mdstat", "\n".join(["Personalities : [raid1] ", *self.mdstat, "unused devices: <none>"]))
        proc.write("1/mountinfo", "\n".join(f"{26 + index} 1 {device} / {path} rw,relatime shared:{index} - {kind} {source} rw"
                                            for index, (source, device, path, kind) in enumerate(self.mounts)))
        proc.write("1/mounts", "\n".join(f"{source} {path} {kind} rw,relatime 0 0" for source, _, path, kind in self.mounts))
        tree.write(rig / "proc", proc)
        for _, _, path, _ in self.mounts:
            (rig / path.lstrip("/")).mkdir(parents=True, exist_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    for name in ("gpus", "cpus", "arrays"):
        parser.add_argument(name, type=int)
    options = parser.parse_args()
    print(*rig_flags(make_rig(options.directory, options.gpus, options.cpus, options.arrays)))


if __name__ == "__main__":
    main()
