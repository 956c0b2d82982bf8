"""Panels about arrays and filesystems that more than one dashboard has."""
from panels import stat
from style import FULL, GREEN, GREY, ORANGE, RED

FULLNESS = (GREEN, (ORANGE, 0.8), (RED, 0.95))


def arrays_usable(size):
    return stat("RAID arrays", "md arrays that do not serve reads and writes (rig_raid_array_usable is 0).",
                "sum(1 - rig_raid_array_usable{@}) or sum(rig_raid_arrays{@} == 0) - 1", "suffix: not usable", size,
                states={-1: ("None", GREY), 0: ("All usable", GREEN)}, steps=(GREEN, (RED, 1)))


def fullest_filesystem(size):
    return stat("Fullest filesystem", "The filesystem with the least available space in proportion to its size.",
                f"topk(1, max by (mountpoint) ({FULL}))", "percentunit", size, legend="{{mountpoint}}", text="value_and_name",
                steps=FULLNESS, decimals=0)
