"""Compares the metrics of an array with md's files and with whether the array then serves I/O."""
import re

from comparison import KIB, SECTOR, Between, OneOf, before_and_after, number, runs


def array_in_md(metrics, stage, array):
    states = [state.replace("-", "_") for state in before_and_after(stage, array, "array_state")]
    ours = metrics.states("state", "rig_raid_array_state", array=array)
    yield "rig_raid_array_state", "array_state", ours[0] if len(ours) == 1 else ours, OneOf(*states)
    if not runs(stage, array):
        return
    degraded = [number(text) for text in before_and_after(stage, array, "degraded")]
    yield ("rig_raid_degraded_disks", "degraded", metrics.value("rig_raid_degraded_disks", array=array),
           OneOf(*degraded))
    actions = before_and_after(stage, array, "sync_action")
    ours = metrics.states("action", "rig_raid_sync_action", array=array)
    yield "rig_raid_sync_action", "sync_action", ours[0] if ours else None, OneOf(*actions)
    yield ("rig_raid_array_size_bytes", "size in sysfs", metrics.value("rig_raid_array_size_bytes", array=array),
           OneOf(*(kernel.size_bytes(array) for kernel in (stage.before, stage.after))))
    yield ("rig_raid_disks_required", "raid_disks", metrics.value("rig_raid_disks_required", array=array),
           number(stage.after.md(array, "raid_disks")))


def progress_in_mdstat(metrics, stage, array):
    if not runs(stage, array):
        return
    families = ("rig_raid_sync_progress_ratio", "rig_raid_sync_remaining_seconds", "rig_raid_sync_speed_bytes_per_second")
    ours = [metrics.value(family, array=array) for family in families]
    before, after = (progress(kernel.mdstat_of(array)) for kernel in (stage.before, stage.after))
    if not before and not after:
        for family, value in zip(families, ours):
            yield family, "no sync is running", value, None
    elif before and after:
        yield families[0], "progress", ours[0], Between(before[0], after[0], slack=1e-9)
        # Both fluctuate, and mdstat's time has a resolution of six seconds: only the magnitude is compared.
        for family, value, readings in zip(families[1:], ours[1:], zip(before[1:], after[1:])):
            yield family, "magnitude", value, Between(min(readings) / 4, 4 * max(readings), slack=6)
        percent = re.search(r"(\d+)%", "".join(value for name, value in stage.details[array].fields.items()
                                               if name.endswith(" Status")))
        if percent:
            # mdadm reads it from sync_completed, which lags by up to 1/16.
            mdadms, moved = int(percent.group(1)) / 100, after[0] - before[0]
            yield families[0], "progress according to mdadm", ours[0], Between(
                mdadms - moved, mdadms + moved + 1 / 16, slack=0.01)


def progress(mdstat):
    """The completed ratio, the remaining seconds and the speed in bytes per second."""
    found = re.search(r"\((\d+)/(\d+)\) finish=([\d.]+)min speed=(\d+)K/sec", mdstat)
    return found and (int(found.group(1)) / int(found.group(2)), 60 * float(found.group(3)), KIB * int(found.group(4)))


def members_in_md(metrics, stage, array):
    members = stage.after.members(array)
    ours = metrics.by("member", "rig_raid_member_present", array=array)
    yield "rig_raid_member_present", "present and removed", ours, {name: int(there) for name, there in members.items()}
    for member in members:
        flags = set((stage.after.md(array, f"dev-{member}/state") or "").split(","))
        slot = stage.after.md(array, f"dev-{member}/slot")
        if "spare" in flags and slot not in ("none", None) and runs(stage, array):
            flags = flags - {"spare"} | {"rebuilding"}
        states = metrics.states("state", "rig_raid_member_state", array=array, member=member)
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


def maintenance_in_md(metrics, stage, array):
    if not runs(stage, array):
        return
    family = "rig_raid_mismatch_sectors"
    counts, last = before_and_after(stage, array, "mismatch_cnt"), stage.after.md(array, "last_sync_action")
    # After other actions there is no count.
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
        texts = before_and_after(stage, array, attribute)
        theirs = Between(*map(int, texts)) if None not in texts else None
        if theirs and attribute == "stripe_cache_active" and stage.after.md(array, "sync_action") != "idle":
            theirs = Between(0, number(stage.after.md(array, "stripe_cache_size")))
        yield family, attribute, metrics.value(family, array=array), theirs


def presence(metrics, stage, array):
    family = "rig_raid_array_present"
    yield family, "present", metrics.value(family, array=array), OneOf(1, None) if stage.is_container(array) else 1


def usable_in_practice(metrics, stage, array):
    """Whether the array could be written and read, which was tested after the capture."""
    if array in stage.serves:
        yield ("rig_raid_array_usable", "it was written and read",
               metrics.value("rig_raid_array_usable", array=array), stage.serves[array])


ARRAY_COMPARISONS = (
    array_in_md, progress_in_mdstat, members_in_md, maintenance_in_md, presence,
    usable_in_practice,
)
