#!/usr/bin/env python3
"""Judges what a virtual machine captured: prints every difference, and how many facts were compared.

  judge.py CAPTURE [LIFE...]

LIFE is what its stages' names begin with; without one all of them are judged.
"""
import collections
import pathlib
import sys

import against_machine
import against_md
import against_mdadm
import comparing
import expectations
from stage import Stage

OF_AN_ARRAY = (*against_mdadm.OF_AN_ARRAY, *against_md.OF_AN_ARRAY, *against_machine.OF_AN_ARRAY)


class Judge:
    def __init__(self):
        self.compared = collections.Counter()
        self.differences = []

    def take(self, where, source, facts):
        for family, what, ours, theirs in facts:
            self.compared[source] += 1
            if not theirs == ours:
                self.differences.append(f"{where}: {family}, {what}: the exporter says {ours!r}; {source}: {theirs!r}")


class Life:
    """What one exporter has seen so far, from stage to stage."""

    def __init__(self):
        self._seen = set()
        self._accounts = {}  # (array, UUID) -> mdstat's account of it, and how many changes were counted

    def facts(self, stage, metrics):
        arrays = set(stage.arrays())
        for array in sorted(self._seen - arrays):
            family = "rig_raid_array_present"
            yield family, f"{array} was seen and is not there", metrics.value(family, array=array), 0
        self._seen |= {name for name in arrays if not stage.is_container(name)}
        for array in sorted(arrays):
            yield from self._changes(stage, array, metrics)
            for member in comparing.vanished(stage, array):
                family = "rig_raid_member_removals_total"
                counted = metrics.value(family, array=array, member=member)
                yield family, f"{array} {member} was pulled", counted is not None and counted >= 1, True

    def _changes(self, stage, array, metrics):
        family = "rig_raid_changes_total"
        count = metrics.value(family, array=array)
        yield family, f"{array} is counted", count is not None, True
        identity = (array, stage.after.md(array, "uuid"))
        account = stage.after.account(array)
        before, counted = self._accounts.get(identity, (account, 0))
        self._accounts[identity] = (account, count or 0)
        # md tells nobody that RAID 0 broke.
        if account != before and stage.after.md(array, "level") not in ("raid0", "linear"):
            yield family, f"{array} has changed", (count or 0) > counted, True
        yield family, f"{array} is counted on", (count or 0) >= counted, True


def judge(capture, only=()):
    verdict, life = Judge(), Life()
    for name, arrays in expectations.STAGES.items():
        folder = capture / name
        if only and not name.startswith(tuple(f"{begin}_" for begin in only)):
            continue
        if not folder.exists():
            if name not in expectations.OPTIONAL:
                verdict.differences.append(f"{name}: was not reached")
            continue
        judge_stage(verdict, life, Stage(folder), arrays)
    return verdict


def judge_stage(verdict, life, stage, arrays):
    for kind, metrics in stage.answers.items():
        where = f"{stage.name} ({kind})"
        verdict.take(where, "expected", [("rig_raid_arrays", "arrays", stage.arrays(), sorted(arrays))])
        verdict.take(where, "expected", expectations.missing(metrics, stage.name))
        for compare in against_machine.OF_THE_MACHINE:
            verdict.take(where, title(compare), compare(metrics, stage))
        for array in stage.arrays():
            for compare in OF_AN_ARRAY:
                verdict.take(f"{where} {array}", title(compare), compare(metrics, stage, array))
            if array in arrays:
                verdict.take(f"{where} {array}", "expected", expectations.against(metrics, stage, array, arrays[array]))
    verdict.take(f"{stage.name} (server)", "what the server saw", life.facts(stage, stage.answers["server"]))


def title(compare):
    return compare.__name__.replace("_", " ")


def report(verdict):
    for source, count in verdict.compared.items():
        print(f"{count:6} facts: {source}")
    for difference in verdict.differences:
        print(f"DIFFERS {difference}")
    print(f"{sum(verdict.compared.values())} facts compared, {len(verdict.differences)} differ")
    return not verdict.differences


if __name__ == "__main__":
    sys.exit(0 if report(judge(pathlib.Path(sys.argv[1]), sys.argv[2:])) else 1)
