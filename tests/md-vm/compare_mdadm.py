"""Compares the metrics of an array with the output of mdadm."""
import re

from comparison import KIB, PARITY, STRIPED, Between, OneOf, before_and_after, knows_uuid, number, runs


def identity_in_export(metrics, stage, array):
    family = "rig_raid_array_info"
    (labels, value), = metrics.series(family, array=array)
    yield family, "value", value, 1
    export = stage.exports[array]
    if "MD_LEVEL" in export:
        yield family, "level", labels["level"], export["MD_LEVEL"]
    # For a volume mdadm prints the container instead; md has external metadata for it, too.
    metadata = labels["metadata"].removeprefix("external:")
    container = export.get("MD_CONTAINER", "").removeprefix("/dev")
    yield family, "metadata", metadata, export.get("MD_METADATA", f"{container}/{export.get('MD_MEMBER')}")
    yield family, "uuid", labels["uuid"], export["MD_UUID"] if knows_uuid(stage, array) else ""


def identity_in_detail(metrics, stage, array):
    family = "rig_raid_array_info"
    (labels, _), = metrics.series(family, array=array)
    fields = stage.details[array].fields
    if not runs(stage, array):
        return
    # mdadm prints neither for RAID 0 and linear, and no layout for RAID 1.
    if "Consistency Policy" in fields:
        yield family, "consistency policy", labels["consistency_policy"], fields["Consistency Policy"]
    if labels["level"] in (*PARITY, "raid10"):
        yield family, "layout", labels["layout"], fields["Layout"]


def sizes_in_detail(metrics, stage, array):
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


def disk_counts_in_detail(metrics, stage, array):
    if not runs(stage, array):
        return
    family, detail = "rig_raid_disks", stage.details[array]
    disks = metrics.by("state", family, array=array)
    before, after = before_and_after(stage, array, "degraded")
    if before != after:
        return
    # mdadm counts a member whose device was removed as active, until md drops it.
    removed = len([words for _, _, words, _ in detail.rows if "missing" in words and "active" in words])
    in_slots = [words for _, slot, words, _ in detail.rows if slot != "-"]
    active = len([words for words in in_slots if "active" in words or "in_sync" in words])
    yield family, "active", disks.get("active"), active - removed
    # mdadm counts the disk that is being rebuilt as a spare; the table distinguishes them.
    rebuilding = len([words for words in in_slots if "rebuilding" in words])
    yield family, "rebuilding", disks.get("rebuilding"), rebuilding
    spares = len([words for _, slot, words, _ in detail.rows if slot == "-" and "spare" in words])
    yield family, "spare", disks.get("spare"), spares
    if detail.number("Failed Devices") is not None:
        yield family, "faulty", disks.get("faulty"), detail.number("Failed Devices")
    journals = len([words for _, _, words, _ in detail.rows if "journal" in words and "faulty" not in words])
    yield family, "journal", disks.get("journal"), journals
    yield family, "missing", disks.get("missing"), detail.number("Raid Devices") - active + removed - rebuilding


def state_in_detail(metrics, stage, array):
    if stage.is_container(array):
        return
    detail, before, after = stage.details[array], *before_and_after(stage, array, "array_state")
    words = detail.state
    state = metrics.states("state", "rig_raid_array_state", array=array)
    # mdadm recognizes the state broken only for levels without redundancy.
    broken_unknown_to_mdadm = after == "broken" and stage.after.md(array, "level") not in ("raid0", "linear")
    # For a read-only array it prints whether it was clean.
    if before == after and before not in ("readonly", "read-auto") and not broken_unknown_to_mdadm:
        yield "rig_raid_array_state", "state", state, [words[0].replace("-", "_")]
    # It does not take into account that md fails every write after the loss of the journal.
    lost_journal = any("journal" in row and "faulty" in row for _, _, row, _ in detail.rows)
    lost = "FAILED" in words or words[0] in ("broken", "inactive") or broken_unknown_to_mdadm or lost_journal
    yield "rig_raid_array_usable", "usable", metrics.value("rig_raid_array_usable", array=array), 0 if lost else 1
    actions = {"resyncing": ("resync", "repair"), "recovering": ("recover",), "checking": ("check",),
               "reshaping": ("reshape",)}
    for word in words[1:]:
        action = word.split(" ")[0]
        if action in actions and "DELAYED" not in word and "PENDING" not in word:
            ours = metrics.states("action", "rig_raid_sync_action", array=array)
            yield "rig_raid_sync_action", "action", ours[0] if ours else None, OneOf(*actions[action])
    for reason in ("DELAYED", "PENDING"):
        if runs(stage, array) and metrics.series("rig_raid_sync_waiting", array=array):
            yield ("rig_raid_sync_waiting", reason.lower(),
                   metrics.value("rig_raid_sync_waiting", array=array, reason=reason.lower()),
                   1 if reason in detail.fields["State"] else 0)


def members_in_detail(metrics, stage, array):
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


def members_in_export(metrics, stage, array):
    family, export = "rig_raid_member_present", stage.exports[array]
    devices = {value.removeprefix("/dev/") for name, value in export.items()
               if name.startswith("MD_DEVICE_") and name.endswith("_DEV")}
    ours = metrics.by("member", family, array=array)
    # The export lacks members that were removed or cannot be opened.
    offline = {name for name in ours if stage.after.disks.get(f"{name}/device/state") == "offline"}
    yield (family, "present members", sorted({name for name, there in ours.items() if there} - offline),
           sorted(devices - offline))
    for name, value in export.items():
        found = re.fullmatch(r"MD_DEVICE_(?:dev_|ev_)?(.+)_ROLE", name)
        # Failed members and all members of an inactive array also have ROLE=spare.
        if found and value.isdigit():
            slots = metrics.by("slot", "rig_raid_member_info", array=array, member=found.group(1))
            yield "rig_raid_member_info", f"{found.group(1)} role", list(slots), [value]


def members_in_superblocks(metrics, stage, array):
    family = "rig_raid_array_info"
    (labels, _), = metrics.series(family, array=array)
    if not knows_uuid(stage, array):
        return
    for member, there in stage.after.members(array).items():
        fields = stage.examined.get(member)
        if not there or not fields:
            continue
        # Metadata 0.90 has another name for it.
        yield family, f"{member} array UUID", labels["uuid"], fields.get("Array UUID", fields.get("UUID", "")).split()[0]
        yield family, f"{member} level", labels["level"], fields["Raid Level"]
        role = re.match(r"Active device (\d+)", fields.get("Device Role", ""))
        faulty = metrics.value("rig_raid_member_state", array=array, member=member, state="faulty")
        if role and not faulty:
            slots = metrics.by("slot", "rig_raid_member_info", array=array, member=member)
            yield "rig_raid_member_info", f"{member} role in its superblock", list(slots), [role.group(1)]


ARRAY_COMPARISONS = (
    identity_in_export, identity_in_detail, sizes_in_detail,
    disk_counts_in_detail, state_in_detail, members_in_detail, members_in_export,
    members_in_superblocks,
)
