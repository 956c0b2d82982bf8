"""The expected metrics of each stage, independent of mdadm: derived from what was done to the array."""
import dataclasses

from comparison import OneOf, before_and_after


@dataclasses.dataclass
class Expected:
    usable: int
    tolerated: int  # how many more members it may lose
    disks: str = ""  # the counts that are not 0; "" for an inactive array
    state: tuple = ("clean", "active")
    action: str = "idle"  # "" for levels without sync actions
    waiting: str = ""
    faulty: int = 0  # members in this state
    removed: int = 0  # members whose device no longer exists
    mismatch: bool = False  # whether the last check found mismatches
    offline: int = 0  # members whose device exists, but is offline
    corrected_errors: int = 0
    bad_blocks_bytes: int = 0


def raid0(usable, **others):
    return Expected(usable, 0, action="", **others)


# Stage -> array -> expectation, in the order of the stages, which a single exporter observes.
STAGES = {
    "none_at_all": {},

    "raid0_healthy": {"md0": raid0(1, disks="active=2")},
    # md does not notice it, and the disk may come back.
    "raid0_disk_offline": {"md0": raid0(1, disks="active=2", offline=1)},
    "raid0_pulled_before_io": {"md0": raid0(0, disks="active=1 missing=1", removed=1)},
    "raid0_pulled_after_io": {"md0": raid0(0, disks="active=1 missing=1", removed=1, state=("broken",))},
    "raid0_recreated": {"md0": raid0(1, disks="active=2")},
    "raid0_stopped": {},
    "raid0_half_assembled": {"md0": Expected(0, 0, state=("inactive",), action="")},

    "linear_healthy": {"md1": raid0(1, disks="active=2")},
    "linear_pulled_before_io": {"md1": raid0(0, disks="active=1 missing=1", removed=1)},
    "linear_pulled_after_io": {"md1": raid0(0, disks="active=1 missing=1", removed=1, state=("broken",))},

    "raid1_healthy": {"md2": Expected(1, 1, "active=2")},
    "raid1_failed": {"md2": Expected(1, 0, "active=1 faulty=1 missing=1", faulty=1)},
    "raid1_removed": {"md2": Expected(1, 0, "active=1 missing=1")},
    "raid1_rebuilding": {"md2": Expected(1, 0, "active=1 rebuilding=1", action="recover")},
    "raid1_rebuilt": {"md2": Expected(1, 1, "active=2")},
    "raid1_checking": {"md2": Expected(1, 1, "active=2", action="check")},
    "raid1_checked": {"md2": Expected(1, 1, "active=2", mismatch=True)},
    "raid1_repairing": {"md2": Expected(1, 1, "active=2", action="repair")},
    # Repaired mismatches are counted.
    "raid1_repaired": {"md2": Expected(1, 1, "active=2", mismatch=True)},
    "raid1_with_errors": {"md2": Expected(1, 1, "active=2", mismatch=True, corrected_errors=7,
                                          bad_blocks_bytes=16 * 512)},
    "raid1_pulled_before_io": {"md2": Expected(1, 0, "active=1 missing=1", removed=1, mismatch=True,
                                               corrected_errors=7, bad_blocks_bytes=16 * 512)},
    # md does not remove the last disk, but fails every write.
    "raid1_last_one_failed": {"md2": Expected(0, 0, "active=1 missing=1", state=("broken",), mismatch=True,
                                              corrected_errors=7)},

    "raid5_building": {"md3": Expected(1, 0, "active=2 rebuilding=1 spare=1", action="recover")},
    "raid5_with_spare": {"md3": Expected(1, 1, "active=3 spare=1")},
    "raid5_rebuilding_onto_spare": {"md3": Expected(1, 0, "active=2 rebuilding=1 faulty=1", action="recover", faulty=1)},
    "raid5_rebuilt_with_failed": {"md3": Expected(1, 1, "active=3 faulty=1", faulty=1)},
    "raid5_reshaping": {"md3": Expected(1, 1, "active=4", action="reshape")},
    "raid5_reshaped": {"md3": Expected(1, 1, "active=4")},
    "raid5_one_failed": {"md3": Expected(1, 0, "active=3 faulty=1 missing=1", faulty=1)},
    "raid5_two_failed": {"md3": Expected(0, 0, "active=2 faulty=2 missing=2", faulty=2,
                                         state=("broken", "write_pending"))},

    "journal_healthy": {"md4": Expected(1, 1, "active=3 journal=1")},
    # md fails every write.
    "journal_dead": {"md4": Expected(0, 0, "active=3 faulty=1", faulty=1)},

    "raid6_healthy": {"md5": Expected(1, 2, "active=4")},
    "raid6_one_failed": {"md5": Expected(1, 1, "active=3 faulty=1 missing=1", faulty=1)},
    "raid6_two_failed": {"md5": Expected(1, 0, "active=2 faulty=1 missing=2", faulty=1)},
    "raid6_third_pulled": {"md5": Expected(0, 0, "active=1 faulty=1 missing=3", faulty=1, removed=1)},

    # Both variants have lost two disks. The number of tolerated failures holds for any choice of disks.
    "raid10_near_one_failed": {"md6": Expected(1, 0, "active=3 faulty=1 missing=1", faulty=1)},
    "raid10_near_alive": {"md6": Expected(1, 0, "active=2 faulty=2 missing=2", faulty=2)},
    "raid10_near_dead": {"md6": Expected(0, 0, "active=2 missing=2", removed=2)},
    "raid10_far_one_failed": {"md6": Expected(1, 0, "active=3 faulty=1 missing=1", faulty=1)},
    "raid10_far_alive": {"md6": Expected(1, 0, "active=2 faulty=2 missing=2", faulty=2)},
    "raid10_far_dead": {"md6": Expected(0, 0, "active=2 missing=2", removed=2)},
    "raid10_offset_one_failed": {"md6": Expected(1, 0, "active=3 faulty=1 missing=1", faulty=1)},
    "raid10_offset_alive": {"md6": Expected(1, 0, "active=2 faulty=2 missing=2", faulty=2)},
    "raid10_offset_dead": {"md6": Expected(0, 0, "active=2 missing=2", removed=2)},

    "bitmap_healthy": {"md7": Expected(1, 1, "active=2")},
    "bitmap_dirty": {"md7": Expected(1, 0, "active=1 missing=1")},
    "bitmap_readded": {"md7": Expected(1, 1, "active=2")},

    "read_only_auto_pending": {"md8": Expected(1, 1, "active=2", state=("read_auto",), waiting="pending")},
    "read_only_requested": {"md8": Expected(1, 1, "active=2", state=("readonly",))},

    "waiting_for_another": {"md9": Expected(1, 1, "active=2", action="resync"),
                       "md10": Expected(1, 1, "active=2", action="resync", waiting="delayed")},

    "inactive_half_assembled": {"md11": Expected(0, 0, state=("inactive",), action="")},

    # A volume is read-only until it is written to.
    "container_healthy": {"md126": Expected(1, 1, "active=2", state=("read_auto",)), "md127": None},
    "container_volume_degraded": {"md126": Expected(1, 0, "active=1 missing=1"), "md127": None},

    "nvme_healthy": {"md12": Expected(1, 1, "active=2")},
    "nvme_pulled_before_io": {"md12": Expected(1, 0, "active=1 missing=1", removed=1)},
}

# Stages that Debian's newer kernels do not support.
OPTIONAL = ("linear_healthy", "linear_pulled_before_io", "linear_pulled_after_io")

# Arrays that are listed in mdadm.conf and do not exist.
CONFIGURED_AND_ABSENT = {"raid0_stopped": ["md0"]}


def missing(metrics, stage):
    for array in CONFIGURED_AND_ABSENT.get(stage, []):
        family = "rig_raid_array_present"
        yield family, f"{array} is present", metrics.value(family, array=array), 0
        yield family, f"{array} is usable", metrics.value("rig_raid_array_usable", array=array), 0


def compare(metrics, stage, array, expected):
    """Yields (family, what, ours, theirs); see comparison.py."""
    if expected is None:  # a container
        yield "rig_raid_array_usable", "containers have no value", metrics.value("rig_raid_array_usable", array=array), None
        return
    yield "rig_raid_array_usable", "usable", metrics.value("rig_raid_array_usable", array=array), expected.usable
    family = "rig_raid_failures_tolerated"
    # May be absent for an array that is not usable.
    ours = metrics.value(family, array=array)
    yield family, "tolerated", expected.tolerated if ours is None and not expected.usable else ours, expected.tolerated
    state = metrics.states("state", "rig_raid_array_state", array=array)
    # The kernel may write at any time, and md may notice a failure in the middle of a stage.
    before, after = (word and word.replace("-", "_") for word in before_and_after(stage, array, "array_state"))
    words = expected.state if before == after else (*expected.state, after)
    yield "rig_raid_array_state", "state", state, OneOf(*([word] for word in words))
    disks = metrics.by("state", "rig_raid_disks", array=array)
    yield ("rig_raid_disks", "disks", " ".join(sorted(f"{role}={count:g}" for role, count in disks.items() if count)),
           " ".join(sorted(expected.disks.split())))
    action = metrics.states("action", "rig_raid_sync_action", array=array)
    yield "rig_raid_sync_action", "action", action, [expected.action] if expected.action else []
    waiting = metrics.states("reason", "rig_raid_sync_waiting", array=array)
    yield "rig_raid_sync_waiting", "waiting", waiting, [expected.waiting] if expected.waiting else []
    yield from compare_members(metrics, array, expected)


def compare_members(metrics, array, expected):
    def members_with(family, value, **labels):
        return len([own for own, read in metrics.series(family, array=array, **labels) if read == value])

    yield ("rig_raid_member_state", "faulty members", members_with("rig_raid_member_state", 1, state="faulty"),
           expected.faulty)
    yield "rig_raid_member_present", "removed members", members_with("rig_raid_member_present", 0), expected.removed
    yield ("rig_raid_member_device_online", "devices offline", members_with("rig_raid_member_device_online", 0),
           expected.offline)
    family = "rig_raid_mismatch_sectors"
    found = sum(metrics.by("after", family, array=array).values())
    if expected.action != "check":
        yield family, "any mismatch", found > 0, expected.mismatch or (expected.action == "repair" and found > 0)
    for family, theirs in (("rig_raid_member_corrected_read_errors_total", expected.corrected_errors),
                           ("rig_raid_member_bad_blocks_bytes", expected.bad_blocks_bytes)):
        yield family, "total", sum(value for _, value in metrics.series(family, array=array)), theirs
