"""Compares the metrics of disks and filesystems with the kernel and udev."""
import re

from comparison import SECTOR, Between, OneOf

def member_disks(metrics, stage, array):
    """The disks of an array's members, compared with the kernel and udev's database."""
    for member, there in stage.after.members(array).items():
        labels = {"array": array, "member": member}
        disk = disk_of(member)
        state = stage.after.disks.get(f"{disk}/device/state")
        online = None if not there or state is None else int(state in ("running", "live"))
        family = "rig_raid_member_device_online"
        yield family, f"{member} device/state", metrics.value(family, **labels), online
        family = "rig_raid_member_io_errors_total"
        counts = [kernel.disks.get(f"{disk}/device/ioerr_cnt") for kernel in (stage.before, stage.after)]
        theirs = Between(*(int(count, 16) for count in counts)) if there and None not in counts else None
        yield family, f"{member} ioerr_cnt", metrics.value(family, **labels), theirs
        family = "rig_raid_member_temperature_celsius"
        readings = [int(value) / 1000 for kernel in (stage.before, stage.after)
                    for path, value in kernel.disks.items() if re.fullmatch(rf"{disk}/device/hwmon.*/temp1_input", path)]
        yield (family, f"{member} temperature", metrics.value(family, **labels),
               Between(*readings) if readings and there else None)
        properties = stage.udev.get(member)
        if there and properties:
            yield from disk_identity(metrics, labels, properties)


def disk_of(member):
    """The disk of a member, which may be a partition."""
    return re.sub(r"^(sd[a-z]+)\d+$", r"\1", member)


def arrays_on(stage, disk):
    """The expected label `array` of a disk; containers are not included."""
    return ",".join(sorted(array for array in stage.arrays() if not stage.is_container(array)
                           for member, there in stage.after.members(array).items() if there and disk_of(member) == disk))


def disk_identity(metrics, labels, properties):
    family = "rig_raid_member_info"
    known = {"model": ("ID_MODEL",), "serial": ("ID_SERIAL_SHORT", "ID_SCSI_SERIAL", "ID_SERIAL"),
             "wwn": ("ID_WWN_WITH_EXTENSION", "ID_WWN")}
    for label, names in known.items():
        # Whether blanks are replaced depends on the kind of disk.
        theirs = [properties[name].replace(" ", "_") for name in names if name in properties]
        ours = [text.replace(" ", "_") for text in metrics.by(label, family, **labels)]
        yield family, f"{labels['member']} {label}", ours[0] if ours else None, OneOf(*theirs, *([] if theirs else [""]))


def list_of_arrays(metrics, stage):
    arrays = [array for array in stage.arrays() if not stage.is_container(array)]
    yield "rig_raid_arrays", "arrays", metrics.value("rig_raid_arrays"), len(arrays)
    yield ("rig_raid_array_info", "arrays and containers", sorted(metrics.by("array", "rig_raid_array_info")),
           stage.arrays())
    yield ("rig_collector_success", "failing collectors",
           sorted(name for name, value in metrics.by("collector", "rig_collector_success").items() if not value), [])


def disks_in_diskstats(metrics, stage):
    fields = {"rig_disk_reads_total": (0, 1), "rig_disk_read_bytes_total": (2, SECTOR),
              "rig_disk_read_seconds_total": (3, 0.001), "rig_disk_writes_total": (4, 1),
              "rig_disk_written_bytes_total": (6, SECTOR), "rig_disk_write_seconds_total": (7, 0.001),
              "rig_disk_io_seconds_total": (9, 0.001)}
    before, after = stage.before.diskstats, stage.after.diskstats
    for device in sorted(set(before) & set(after)):
        if not re.fullmatch(r"sd[a-z]+|nvme\d+n\d+|vd[a-z]|md\d+", device):
            continue
        for family, (field, unit) in fields.items():
            ours = metrics.series(family, device=device)
            counted = [before[device][field] * unit, after[device][field] * unit]
            theirs = Between(*counted, slack=1e-6)
            # If all times of an array are 0, its kernel may not count them at all.
            if device.startswith("md") and unit == 0.001 and not any(counted):
                theirs = OneOf(None, theirs)
            yield family, device, ours[0][1] if ours else None, theirs
            if ours:
                yield family, f"the arrays on {device}", ours[0][0]["array"], arrays_on(stage, device)


def filesystems_of_the_kernel(metrics, stage):
    mounts = [line.split() for line in stage.after.mountinfo if " /mnt " in line]
    family = "rig_filesystem_readonly"
    yield family, "mounted on /mnt", len(metrics.series(family, mountpoint="/mnt")), len(mounts)
    if not mounts or not stage.statfs:
        return
    size, blocks, free, available, files, files_free = stage.statfs
    for name, theirs in (("size_bytes", size * blocks), ("free_bytes", size * free), ("available_bytes", size * available),
                         ("files", files), ("files_free", files_free)):
        family = f"rig_filesystem_{name}"
        yield family, name, metrics.value(family, mountpoint="/mnt"), theirs
    options = mounts[0][-1].split(",")
    yield "rig_filesystem_readonly", "ro", metrics.value("rig_filesystem_readonly", mountpoint="/mnt"), int("ro" in options)
    device = mounts[0][mounts[0].index("-") + 2]
    name = device.removeprefix("/dev/")
    for family, attribute in (("rig_filesystem_errors_total", "errors_count"),
                              ("rig_filesystem_warnings_total", "warning_count")):
        counts = [kernel.disks.get(f"{name}/{attribute}") for kernel in (stage.before, stage.after)]
        theirs = Between(*map(int, counts)) if None not in counts else None
        yield family, attribute, metrics.value(family, device=device), theirs


MACHINE_COMPARISONS = (list_of_arrays, disks_in_diskstats, filesystems_of_the_kernel)
ARRAY_COMPARISONS = (member_disks,)
