"""What the comparisons share.

A comparison is a function that yields (family, what, ours, theirs): the value that the exporter exposes, and the same value
from another source.
"""
import re

STRIPED = ("raid0", "raid4", "raid5", "raid6", "raid10")
PARITY = ("raid4", "raid5", "raid6")
KIB = 1024
SECTOR = 512


class Between:
    """Any value between two readings, inclusive."""

    def __init__(self, *readings, slack=0.0):
        self.low, self.high = min(readings) - slack, max(readings) + slack

    def __eq__(self, ours):
        return ours is not None and self.low <= ours <= self.high

    def __repr__(self):
        return f"{self.low:g} to {self.high:g}"


class OneOf:
    """Any of several values: there are synonyms, or the value was changing."""

    def __init__(self, *words):
        self.words = words

    def __eq__(self, ours):
        return ours in self.words

    def __repr__(self):
        return " or ".join(repr(word) for word in self.words)


def number(text):
    """The first number of an attribute, which is "4 (3)" while a reshape runs; None without a number."""
    found = re.match(r"-?\d+", text or "")
    return int(found.group()) if found else None


def before_and_after(stage, array, attribute):
    return [kernel.md(array, attribute) for kernel in (stage.before, stage.after)]


def runs(stage, array):
    return stage.after.md(array, "array_state") != "inactive" and not stage.is_container(array)


def knows_uuid(stage, array):
    """md knows no UUID for external metadata or an inactive array; mdadm reads it from the superblocks."""
    return runs(stage, array) and not (stage.after.md(array, "metadata_version") or "").startswith("external:")


def removed_members(stage, array):
    return [member for member, there in stage.after.members(array).items() if not there]
