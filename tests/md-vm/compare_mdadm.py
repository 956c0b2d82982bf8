"""What the exporter says of an array, beside what mdadm says."""
import re

from comparing import KIB, PARITY, STRIPED, Between, OneOf, knows_uuid, looks, number, runs, vanished


def identity_as_mdadm_exports_it(metrics, stage, array):
    family = "rig_raid_array_info"
    (labels, value), = metrics.series(family, array=array)
    yield family, "value", value, 1
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
    before, after = looks(stage, array, "degraded")
    if before != after:
        return
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
    # mdadm looks for this word only where there is no redundancy.
    broken_unseen = after == "broken" and stage.after.md(array, "level") not in ("raid0", "linear")
    # Of what is read-only it says whether it was clean.
    if before == after and before not in ("readonly", "read-auto") and not broken_unseen:
        yield "rig_raid_array_state", "state", state, [words[0].replace("-", "_")]
    # Nor does it know that md fails every write once the journal is lost.
    lost_journal = any("journal" in row and "faulty" in row for _, _, row, _ in detail.rows)
    lost = "FAILED" in words or words[0] in ("broken", "inactive") or broken_unseen or lost_journal
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


OF_AN_ARRAY = (
    identity_as_mdadm_exports_it, identity_as_mdadm_details_it, sizes_as_mdadm_details_them,
    disks_as_mdadm_counts_them, state_as_mdadm_words_it, members_as_mdadm_details_them, members_as_mdadm_exports_them,
    members_as_their_superblocks_have_them,
)
