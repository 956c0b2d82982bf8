"""What all tables of comparisons share.

A comparison is a function that yields (family, what, ours, theirs): a fact as the exporter has it, and as others do.
"""
import re

# Families that the exporter does not have yet: what is expected of them is not asked.
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
