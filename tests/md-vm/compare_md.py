"""What the exporter says of an array, beside what md's own files say, and what the array then did."""
import re

from comparing import KIB, SECTOR, Between, OneOf, looks, number, runs


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
    if not runs(stage, array):
        return
    families = ("rig_raid_sync_progress_ratio", "rig_raid_sync_remaining_seconds", "rig_raid_sync_speed_bytes_per_second")
    ours = [metrics.value(family, array=array) for family in families]
    before, after = (progress(kernel.mdstat_of(array)) for kernel in (stage.before, stage.after))
    if not before and not after:
        for family, value in zip(families, ours):
            yield family, "nothing runs", value, None
    elif before and after:
        yield families[0], "progress", ours[0], Between(before[0], after[0], slack=1e-9)
        # Both wander, and mdstat's time goes by steps of six seconds: of the same order is all that can be asked.
        for family, value, looked in zip(families[1:], ours[1:], zip(before[1:], after[1:])):
            yield family, "thereabouts", value, Between(min(looked) / 4, 4 * max(looked), slack=6)
        percent = re.search(r"(\d+)%", "".join(value for name, value in stage.details[array].fields.items()
                                               if name.endswith(" Status")))
        if percent:
            # mdadm has it from sync_completed, which lags by up to a sixteenth.
            mdadms, moved = int(percent.group(1)) / 100, after[0] - before[0]
            yield families[0], "progress as mdadm has it", ours[0], Between(
                mdadms - moved, mdadms + moved + 1 / 16, slack=0.01)


def progress(mdstat):
    """How much of it is done, in how many seconds it will be, and how many bytes a second are done."""
    found = re.search(r"\((\d+)/(\d+)\) finish=([\d.]+)min speed=(\d+)K/sec", mdstat)
    return found and (int(found.group(1)) / int(found.group(2)), 60 * float(found.group(3)), KIB * int(found.group(4)))


def members_as_md_has_them(metrics, stage, array):
    members = stage.after.members(array)
    ours = metrics.by("member", "rig_raid_member_present", array=array)
    yield "rig_raid_member_present", "there and vanished", ours, {name: int(there) for name, there in members.items()}
    for member in members:
        flags = set((stage.after.md(array, f"dev-{member}/state") or "").split(","))
        slot = stage.after.md(array, f"dev-{member}/slot")
        if "spare" in flags and slot not in ("none", None) and runs(stage, array):
            flags = flags - {"spare"} | {"rebuilding"}
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
        if theirs and attribute == "stripe_cache_active" and stage.after.md(array, "sync_action") != "idle":
            theirs = Between(0, number(stage.after.md(array, "stripe_cache_size")))
        yield family, attribute, metrics.value(family, array=array), theirs


def presence(metrics, stage, array):
    family = "rig_raid_array_present"
    yield family, "there", metrics.value(family, array=array), OneOf(1, None) if stage.is_container(array) else 1


def usable_as_it_turned_out(metrics, stage, array):
    """Whether the array could be written and read, tried after everything was captured."""
    if array in stage.serves:
        yield ("rig_raid_array_usable", "it was written and read",
               metrics.value("rig_raid_array_usable", array=array), stage.serves[array])


OF_AN_ARRAY = (
    array_as_md_has_it, progress_as_mdstat_has_it, members_as_md_has_them, upkeep_as_md_has_it, presence,
    usable_as_it_turned_out,
)
