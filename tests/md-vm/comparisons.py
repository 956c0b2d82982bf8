"""The table of comparisons: what the exporter says of an array, beside what mdadm and md's own files say.

Each function yields (family, what, ours, theirs). Where what is compared may have moved between two looks, theirs is a
Between.
"""
import re

# Families that the exporter does not have yet: what is expected of them is not asked.
NOT_YET = frozenset({
    "rig_raid_array_present", "rig_raid_member_info", "rig_raid_member_device_online",
    "rig_raid_member_corrected_read_errors_total", "rig_raid_member_io_errors_total",
    "rig_raid_member_bad_blocks_bytes", "rig_raid_member_temperature_celsius",
    "rig_raid_changes_total", "rig_raid_member_removals_total", "rig_raid_bitmap_dirty_pages", "rig_raid_bitmap_pages",
    "rig_raid_bitmap_chunk_bytes",
    "rig_disk_reads_total", "rig_disk_read_bytes_total", "rig_disk_read_seconds_total", "rig_disk_writes_total",
    "rig_disk_written_bytes_total", "rig_disk_write_seconds_total", "rig_disk_io_seconds_total",
    "rig_disk_io_in_progress", "rig_filesystem_errors_total", "rig_filesystem_warnings_total",
})

STRIPED = ("raid0", "raid4", "raid5", "raid6", "raid10")
PARITY = ("raid4", "raid5", "raid6")
KIB = 1024
SECTOR = 512


class Between:
    """Anything from one look to the other, both included."""

    def __init__(self, *looks, slack=0.0):
        self.low, self.high = min(looks) - slack, max(looks) + slack

    def __eq__(self, ours):
        return ours is not None and self.low <= ours <= self.high

    def __repr__(self):
        return f"{self.low:g} to {self.high:g}"


class OneOf:
    """Words that are all right: what is compared has several, or it was moving."""

    def __init__(self, *words):
        self.words = words

    def __eq__(self, ours):
        return ours in self.words

    def __repr__(self):
        return " or ".join(repr(word) for word in self.words)


def number(text):
    """The first number of an attribute: "4 (3)" while a reshape runs; None when there is none."""
    found = re.match(r"-?\d+", text or "")
    return int(found.group()) if found else None


def looks(stage, array, attribute):
    return [kernel.md(array, attribute) for kernel in (stage.before, stage.after)]


def runs(stage, array):
    return stage.after.md(array, "array_state") != "inactive" and not stage.is_container(array)


def knows_uuid(stage, array):
    """md itself does not know it in foreign metadata, nor before an array is started; mdadm reads the superblocks."""
    return runs(stage, array) and not (stage.after.md(array, "metadata_version") or "").startswith("external:")


def vanished(stage, array):
    return [member for member, there in stage.after.members(array).items() if not there]


# --- mdadm ---------------------------------------------------------------------------------------------------------

def identity_as_mdadm_exports_it(metrics, stage, array):
    family = "rig_raid_array_info"
    (labels, _), = metrics.series(family, array=array)
    export = stage.exports[array]
    if "MD_LEVEL" in export:
        yield family, "level", labels["level"], export["MD_LEVEL"]
    # Of a volume mdadm says the container instead; to md it is external, too.
    metadata = labels["metadata"].removeprefix("external:")
    container = export.get("MD_CONTAINER", "").removeprefix("/dev")
    yield family, "metadata", metadata, export.get("MD_METADATA", f"{container}/{export.get('MD_MEMBER')}")
    yield family, "uuid", labels["uuid"], export["MD_UUID"] if knows_uuid(stage, array) else ""


def identity_as_mdadm_details_it(metrics, stage, array):
    family = "rig_raid_array_info"
    (labels, _), = metrics.series(family, array=array)
    fields = stage.details[array].fields
    if not runs(stage, array):
        return
    # Of RAID 0 and linear mdadm says neither, and of RAID 1 no layout.
    if "Consistency Policy" in fields:
        yield family, "consistency policy", labels["consistency_policy"], fields["Consistency Policy"]
    if labels["level"] in (*PARITY, "raid10"):
        yield family, "layout", labels["layout"], fields["Layout"]


def sizes_as_mdadm_details_them(metrics, stage, array):
    if not runs(stage, array):
        return
    detail, level = stage.details[array], stage.after.md(array, "level")
    yield ("rig_raid_array_size_bytes", "size", metrics.value("rig_raid_array_size_bytes", array=array),
           detail.number("Array Size") * KIB)
    used = detail.number("Used Dev Size")
    if used is not None:
        yield ("rig_raid_component_size_bytes", "size used of a member",
               metrics.value("rig_raid_component_size_bytes", array=array), used * KIB)
    chunk = detail.number("Chunk Size")
    yield ("rig_raid_chunk_bytes", "chunk", metrics.value("rig_raid_chunk_bytes", array=array),
           chunk * KIB if level in STRIPED else None)
    yield ("rig_raid_disks_required", "slots", metrics.value("rig_raid_disks_required", array=array),
           detail.number("Raid Devices"))


def disks_as_mdadm_counts_them(metrics, stage, array):
    if not runs(stage, array):
        return
    family, detail = "rig_raid_disks", stage.details[array]
    disks = metrics.by("state", family, array=array)
    if sorted(looks(stage, array, "degraded"), key=str)[0] != sorted(looks(stage, array, "degraded"), key=str)[1]:
        return  # it was moving
    # mdadm takes a member whose device has vanished for an active one, until md drops it.
    gone = len([words for _, _, words, _ in detail.rows if "missing" in words and "active" in words])
    in_slots = [words for _, slot, words, _ in detail.rows if slot != "-"]
    active = len([words for words in in_slots if "active" in words or "in_sync" in words])
    yield family, "active", disks.get("active"), active - gone
    # mdadm takes the disk that is being filled for a spare; the table tells them apart.
    rebuilding = len([words for words in in_slots if "rebuilding" in words])
    yield family, "rebuilding", disks.get("rebuilding"), rebuilding
    spares = len([words for _, slot, words, _ in detail.rows if slot == "-" and "spare" in words])
    yield family, "spare", disks.get("spare"), spares
    if detail.number("Failed Devices") is not None:
        yield family, "faulty", disks.get("faulty"), detail.number("Failed Devices")
    journals = len([words for _, _, words, _ in detail.rows if "journal" in words and "faulty" not in words])
    yield family, "journal", disks.get("journal"), journals
    yield family, "missing", disks.get("missing"), detail.number("Raid Devices") - active + gone - rebuilding


def state_as_mdadm_words_it(metrics, stage, array):
    if stage.is_container(array):
        return
    detail, before, after = stage.details[array], *looks(stage, array, "array_state")
    words = detail.state
    state = metrics.words("state", "rig_raid_array_state", array=array)
    # Of what is read-only mdadm says whether it was clean.
    if before == after and before not in ("readonly", "read-auto"):
        yield "rig_raid_array_state", "state", state, [words[0].replace("-", "_")]
    lost = "FAILED" in words or words[0] in ("broken", "inactive")
    yield "rig_raid_array_usable", "usable", metrics.value("rig_raid_array_usable", array=array), 0 if lost else 1
    actions = {"resyncing": ("resync", "repair"), "recovering": ("recover",), "checking": ("check",),
               "reshaping": ("reshape",)}
    for word in words[1:]:
        action = word.split(" ")[0]
        if action in actions and "DELAYED" not in word and "PENDING" not in word:
            ours = metrics.words("action", "rig_raid_sync_action", array=array)
            yield "rig_raid_sync_action", "action", ours[0] if ours else None, OneOf(*actions[action])
    for reason in ("DELAYED", "PENDING"):
        if runs(stage, array) and metrics.series("rig_raid_sync_waiting", array=array):
            yield ("rig_raid_sync_waiting", reason.lower(),
                   metrics.value("rig_raid_sync_waiting", array=array, reason=reason.lower()),
                   1 if reason in detail.fields["State"] else 0)


def members_as_mdadm_details_them(metrics, stage, array):
    if stage.is_container(array) or not runs(stage, array):
        return
    family = "rig_raid_member_state"
    for _, slot, words, device in stage.details[array].rows:
        if device is None:
            continue
        states = metrics.by("state", family, array=array, member=device)
        yield family, f"{device} in sync", states.get("in_sync"), int("active" in words)
        yield family, f"{device} faulty", states.get("faulty"), int("faulty" in words)
        yield family, f"{device} rebuilding", states.get("rebuilding"), int("rebuilding" in words)
        yield family, f"{device} spare", states.get("spare"), int("spare" in words and "rebuilding" not in words)
        yield family, f"{device} journal", states.get("journal"), int("journal" in words)
        yield family, f"{device} write-mostly", states.get("write_mostly"), int("writemostly" in words)
        if "active" in words:
            slots = metrics.by("slot", "rig_raid_member_info", array=array, member=device)
            yield "rig_raid_member_info", f"{device} slot", list(slots), [slot]


def members_as_mdadm_exports_them(metrics, stage, array):
    family, export = "rig_raid_member_present", stage.exports[array]
    devices = {value.removeprefix("/dev/") for name, value in export.items()
               if name.startswith("MD_DEVICE_") and name.endswith("_DEV")}
    ours = metrics.by("member", family, array=array)
    # Members that have vanished are left out there, and those that cannot be opened.
    offline = {name for name in ours if stage.after.disks.get(f"{name}/device/state") == "offline"}
    yield (family, "members that are there", sorted({name for name, there in ours.items() if there} - offline),
           sorted(devices - offline))
    for name, value in export.items():
        found = re.fullmatch(r"MD_DEVICE_(?:dev_|ev_)?(.+)_ROLE", name)
        # ROLE=spare is said of failed members, too, and of all that an array that is not started has.
        if found and value.isdigit():
            slots = metrics.by("slot", "rig_raid_member_info", array=array, member=found.group(1))
            yield "rig_raid_member_info", f"{found.group(1)} role", list(slots), [value]


def members_as_their_superblocks_have_them(metrics, stage, array):
    family = "rig_raid_array_info"
    (labels, _), = metrics.series(family, array=array)
    if not knows_uuid(stage, array):
        return
    for member, there in stage.after.members(array).items():
        fields = stage.examined.get(member)
        if not there or not fields:
            continue
        # 0.90 calls it by another name.
        yield family, f"{member} array UUID", labels["uuid"], fields.get("Array UUID", fields.get("UUID", "")).split()[0]
        yield family, f"{member} level", labels["level"], fields["Raid Level"]
        role = re.match(r"Active device (\d+)", fields.get("Device Role", ""))
        faulty = metrics.value("rig_raid_member_state", array=array, member=member, state="faulty")
        if role and not faulty:
            slots = metrics.by("slot", "rig_raid_member_info", array=array, member=member)
            yield "rig_raid_member_info", f"{member} role in its superblock", list(slots), [role.group(1)]


# --- md's files ----------------------------------------------------------------------------------------------------

def array_as_md_has_it(metrics, stage, array):
    states = [state.replace("-", "_") for state in looks(stage, array, "array_state")]
    ours = metrics.words("state", "rig_raid_array_state", array=array)
    yield "rig_raid_array_state", "array_state", ours[0] if len(ours) == 1 else ours, OneOf(*states)
    if not runs(stage, array):
        return
    degraded = [number(text) for text in looks(stage, array, "degraded")]
    yield ("rig_raid_degraded_disks", "degraded", metrics.value("rig_raid_degraded_disks", array=array),
           OneOf(*degraded))
    actions = looks(stage, array, "sync_action")
    ours = metrics.words("action", "rig_raid_sync_action", array=array)
    yield "rig_raid_sync_action", "sync_action", ours[0] if ours else None, OneOf(*actions)
    yield ("rig_raid_array_size_bytes", "size in sysfs", metrics.value("rig_raid_array_size_bytes", array=array),
           OneOf(*(kernel.size_bytes(array) for kernel in (stage.before, stage.after))))
    yield ("rig_raid_disks_required", "raid_disks", metrics.value("rig_raid_disks_required", array=array),
           number(stage.after.md(array, "raid_disks")))


def progress_as_mdstat_has_it(metrics, stage, array):
    """A percentage with one digit is cut off, not rounded."""
    if not runs(stage, array):
        return
    family, fractions = "rig_raid_sync_progress_ratio", []
    for kernel in (stage.before, stage.after):
        found = re.search(r"\((\d+)/(\d+)\) finish=([\d.]+)min speed=(\d+)K/sec", kernel.mdstat_of(array))
        fractions.append(int(found.group(1)) / int(found.group(2)) if found else None)
    ours = metrics.value(family, array=array)
    if None not in fractions:
        yield family, "progress", ours, Between(*fractions, slack=1e-9)
        percent = re.search(r"(\d+)%", "".join(value for name, value in stage.details[array].fields.items()
                                               if name.endswith(" Status")))
        if percent:
            # From sync_completed, which lags by up to a sixteenth, and some moments later.
            moved = fractions[1] - fractions[0]
            mdadms = int(percent.group(1)) / 100
            yield family, "progress as mdadm has it", ours, Between(mdadms - moved, mdadms + 1 / 16, slack=0.01)
        speed = metrics.value("rig_raid_sync_speed_bytes_per_second", array=array)
        yield "rig_raid_sync_speed_bytes_per_second", "something moves", speed is not None and speed > 0, True
        yield ("rig_raid_sync_remaining_seconds", "time that remains",
               metrics.value("rig_raid_sync_remaining_seconds", array=array) is not None, True)
    elif fractions == [None, None]:
        yield family, "nothing runs", ours, None


def members_as_md_has_them(metrics, stage, array):
    members = stage.after.members(array)
    ours = metrics.by("member", "rig_raid_member_present", array=array)
    yield "rig_raid_member_present", "there and vanished", ours, {name: int(there) for name, there in members.items()}
    for member in members:
        flags = set((stage.after.md(array, f"dev-{member}/state") or "").split(","))
        slot = stage.after.md(array, f"dev-{member}/slot")
        if "spare" in flags and slot not in ("none", None) and runs(stage, array):
            flags = flags - {"spare"} | {"rebuilding"}
        if not stage.is_container(array) and runs(stage, array):
            states = metrics.words("state", "rig_raid_member_state", array=array, member=member)
            yield "rig_raid_member_state", f"{member} flags", states, sorted(flags - {""})
        slots = metrics.by("slot", "rig_raid_member_info", array=array, member=member)
        yield "rig_raid_member_info", f"{member} slot in sysfs", list(slots), [slot]
        family = "rig_raid_member_corrected_read_errors_total"
        yield (family, f"{member} errors", metrics.value(family, array=array, member=member),
               number(stage.after.md(array, f"dev-{member}/errors")))
        family = "rig_raid_member_bad_blocks_bytes"
        bad = [line.split() for line in (stage.after.md(array, f"dev-{member}/bad_blocks") or "").splitlines()]
        yield (family, f"{member} bad blocks", metrics.value(family, array=array, member=member),
               SECTOR * sum(int(length) for _, length in bad))


def upkeep_as_md_has_it(metrics, stage, array):
    if not runs(stage, array):
        return
    family = "rig_raid_mismatch_sectors"
    counts, last = looks(stage, array, "mismatch_cnt"), stage.after.md(array, "last_sync_action")
    # After what else there is nothing to count.
    words = {"check": "check", "repair": "repair", "resync": "resync"}
    if counts[1] is not None and last != "none":
        ours = metrics.by("after", family, array=array)
        yield family, "after", [word for word in ours], [words.get(last, "other")]
        yield family, "mismatch_cnt", sum(ours.values()), Between(*(int(count) for count in counts))
    bitmaps = [re.search(r"bitmap: (\d+)/(\d+) pages \[\d+KB\], (\d+)(KB|B) chunk", kernel.mdstat_of(array))
               for kernel in (stage.before, stage.after)]
    if None not in bitmaps:
        dirty = [int(bitmap.group(1)) for bitmap in bitmaps]
        yield ("rig_raid_bitmap_dirty_pages", "pages in use",
               metrics.value("rig_raid_bitmap_dirty_pages", array=array), Between(*dirty))
        yield ("rig_raid_bitmap_pages", "pages", metrics.value("rig_raid_bitmap_pages", array=array),
               int(bitmaps[1].group(2)))
        yield ("rig_raid_bitmap_chunk_bytes", "chunk of the bitmap",
               metrics.value("rig_raid_bitmap_chunk_bytes", array=array),
               int(bitmaps[1].group(3)) * (KIB if bitmaps[1].group(4) == "KB" else 1))
    else:
        yield ("rig_raid_bitmap_pages", "no bitmap", metrics.value("rig_raid_bitmap_pages", array=array), None)
    for family, attribute in (("rig_raid_stripe_cache_size", "stripe_cache_size"),
                              ("rig_raid_stripe_cache_active", "stripe_cache_active")):
        texts = looks(stage, array, attribute)
        theirs = Between(*map(int, texts)) if None not in texts else None
        yield family, attribute, metrics.value(family, array=array), theirs


def disks_under_the_members(metrics, stage, array):
    """What the devices themselves say, as the kernel and udev's database have it."""
    for member, there in stage.after.members(array).items():
        labels = {"array": array, "member": member}
        disk = re.sub(r"^(sd[a-z]+)\d+$", r"\1", member)
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
            yield from identity_of_a_disk(metrics, labels, properties)


def identity_of_a_disk(metrics, labels, properties):
    family = "rig_raid_member_info"
    known = {"model": ("ID_MODEL",), "serial": ("ID_SERIAL_SHORT", "ID_SCSI_SERIAL", "ID_SERIAL"),
             "wwn": ("ID_WWN_WITH_EXTENSION", "ID_WWN")}
    for label, names in known.items():
        theirs = [properties[name] for name in names if name in properties]
        ours = [text.replace(" ", "_") for text in metrics.by(label, family, **labels)]
        yield family, f"{labels['member']} {label}", ours[0] if ours else None, OneOf(*theirs, *([] if theirs else [""]))


def presence(metrics, stage, array):
    family = "rig_raid_array_present"
    yield family, "there", metrics.value(family, array=array), OneOf(1, None) if stage.is_container(array) else 1


def usable_as_it_turned_out(metrics, stage, array):
    """Whether the array could be written and read, tried after everything was captured."""
    if array in stage.serves:
        yield ("rig_raid_array_usable", "it was written and read",
               metrics.value("rig_raid_array_usable", array=array), stage.serves[array])


OF_AN_ARRAY = (
    identity_as_mdadm_exports_it, identity_as_mdadm_details_it, sizes_as_mdadm_details_them,
    disks_as_mdadm_counts_them, state_as_mdadm_words_it, members_as_mdadm_details_them, members_as_mdadm_exports_them,
    members_as_their_superblocks_have_them, array_as_md_has_it, progress_as_mdstat_has_it, members_as_md_has_them,
    upkeep_as_md_has_it, disks_under_the_members, presence,
    usable_as_it_turned_out,
)


# --- the machine ---------------------------------------------------------------------------------------------------

def arrays_that_there_are(metrics, stage):
    arrays = [array for array in stage.arrays() if not stage.is_container(array)]
    yield "rig_raid_arrays", "arrays", metrics.value("rig_raid_arrays"), len(arrays)
    yield ("rig_raid_array_info", "arrays and containers", sorted(metrics.by("array", "rig_raid_array_info")),
           stage.arrays())
    yield ("rig_collector_success", "collectors that are content",
           sorted(name for name, value in metrics.by("collector", "rig_collector_success").items() if not value), [])


def disks_as_diskstats_has_them(metrics, stage):
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
            yield family, device, ours[0][1] if ours else None, Between(*counted, slack=1e-6)


def filesystems_as_the_kernel_has_them(metrics, stage):
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


OF_THE_MACHINE = (arrays_that_there_are, disks_as_diskstats_has_them, filesystems_as_the_kernel_has_them)
