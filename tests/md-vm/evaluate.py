#!/usr/bin/env python3
"""Compares what a virtual machine captured: prints every difference, and how many values were compared.

The names of a scenario's stages begin with SCENARIO_. By default all stages are evaluated.
"""
import argparse
import collections
import pathlib
import sys

import compare_machine
import compare_md
import compare_mdadm
import comparison
import expectations
from stage import Stage

ARRAY_COMPARISONS = (*compare_mdadm.ARRAY_COMPARISONS, *compare_md.ARRAY_COMPARISONS, *compare_machine.ARRAY_COMPARISONS)


class Result:
    def __init__(self):
        self.compared = collections.Counter()
        self.differences = []

    def add(self, where, source, comparisons):
        for family, what, ours, theirs in comparisons:
            self.compared[source] += 1
            if not theirs == ours:
                self.differences.append(f"{where}: {family}, {what}: the exporter reports {ours!r}; {source}: {theirs!r}")


class ServerHistory:
    """What the running exporter has observed in all stages so far."""

    def __init__(self):
        self._seen = set()
        self._states = {}  # (array, UUID) -> its state in mdstat and the number of changes

    def comparisons(self, stage, metrics):
        arrays = set(stage.arrays())
        for array in sorted(self._seen - arrays):
            family = "rig_raid_array_present"
            yield family, f"{array} was seen and no longer exists", metrics.value(family, array=array), 0
        self._seen |= {name for name in arrays if not stage.is_container(name)}
        for array in sorted(arrays):
            yield from self._changes(stage, array, metrics)
            for member in comparison.removed_members(stage, array):
                family = "rig_raid_member_removals_total"
                counted = metrics.value(family, array=array, member=member)
                yield family, f"{array} {member} was removed", counted is not None and counted >= 1, True

    def _changes(self, stage, array, metrics):
        family = "rig_raid_changes_total"
        count = metrics.value(family, array=array)
        yield family, f"{array} has a counter", count is not None, True
        identity = (array, stage.after.md(array, "uuid"))
        state = stage.after.state_in_mdstat(array)
        before, counted = self._states.get(identity, (state, 0))
        self._states[identity] = (state, count or 0)
        # md does not notify about a broken RAID 0.
        if state != before and stage.after.md(array, "level") not in ("raid0", "linear"):
            yield family, f"{array} has changed", (count or 0) > counted, True
        yield family, f"{array} does not decrease", (count or 0) >= counted, True


def evaluate(captures, only=()):
    """`captures` are the directories of several boots, each with an exporter of its own."""
    result, reached = Result(), set()
    for capture in captures:
        history = ServerHistory()
        for name, arrays in expectations.STAGES.items():
            if (capture / name).exists() and wanted(name, only):
                reached.add(name)
                evaluate_stage(result, history, Stage(capture / name), arrays)
    for name in expectations.STAGES:
        if name not in reached and name not in expectations.OPTIONAL and wanted(name, only):
            result.differences.append(f"{name}: not reached")
    return result


def wanted(stage, scenarios):
    return not scenarios or stage.startswith(tuple(f"{scenario}_" for scenario in scenarios))


def evaluate_stage(result, history, stage, arrays):
    for kind, metrics in stage.outputs.items():
        where = f"{stage.name} ({kind})"
        result.add(where, "expected", [("rig_raid_arrays", "arrays", stage.arrays(), sorted(arrays))])
        result.add(where, "expected", expectations.missing(metrics, stage.name))
        for compare in compare_machine.MACHINE_COMPARISONS:
            result.add(where, title(compare), compare(metrics, stage))
        for array in stage.arrays():
            for compare in ARRAY_COMPARISONS:
                result.add(f"{where} {array}", title(compare), compare(metrics, stage, array))
            if array in arrays:
                result.add(f"{where} {array}", "expected", expectations.compare(metrics, stage, array, arrays[array]))
    result.add(f"{stage.name} (server)", "history of the server", history.comparisons(stage, stage.outputs["server"]))


def title(compare):
    return compare.__name__.replace("_", " ")


def print_report(result):
    for source, count in result.compared.items():
        print(f"{count:6} values: {source}")
    for difference in result.differences:
        print(f"DIFFERS {difference}")
    print(f"{sum(result.compared.values())} values compared, {len(result.differences)} differ")
    return not result.differences


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", nargs="+", type=pathlib.Path, metavar="CAPTURE", help="directory of one boot")
    parser.add_argument("--only", nargs="+", default=(), metavar="SCENARIO", help="evaluate the stages of these scenarios")
    arguments = parser.parse_args()
    sys.exit(0 if print_report(evaluate(arguments.captures, arguments.only)) else 1)
