#!/usr/bin/env python3
"""Evaluates every expression of the alert rules on a real Prometheus that scrapes rigs.

  dashboard_test.py EXPORTER
"""
import contextlib
import re
import subprocess
import sys

from exporter_process import RIGS, Exporter, rig_flags
from prometheus_process import ROOT, Prometheus, program

RULES = ROOT / "deploy" / "prometheus" / "rig_exporter.rules.yml"
IDLE, BUSY, DEAD, ZOO = "rx6800x2-raid0", "rx6800x2-raid0-busy", "rx6800x2-raid0-dead", "raid-zoo"
problems = []


def problem(where, what):
    problems.append(f"{where}: {what}")


def metric_names(expression):
    return set(re.findall(r"\brig_\w+", re.sub(r'"[^"]*"|\'[^\']*\'', "", expression)))


def check_rules(prometheus, declared):
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert rules, "no rules are loaded"
    true_on = {}
    for rule in rules:
        name = rule["name"]
        for unknown in metric_names(rule["query"]) - declared:
            problem(name, f"{unknown} is not a metric of the exporter")
        # Unknown: its group has an interval of minutes.
        if rule["health"] not in ("ok", "unknown") or rule.get("lastError"):
            problem(name, f"{rule['health']}: {rule.get('lastError')}")
        if rule["type"] == "recording":
            continue
        if rule["labels"].get("severity") not in ("critical", "warning", "info"):
            problem(name, "no severity")
        for text in ("summary", "description"):
            if not rule["annotations"].get(text):
                problem(name, f"no {text}")
        for labels, _ in prometheus.query(rule["query"]):
            true_on.setdefault(labels.get("instance"), set()).add(name)
    # Compares the conditions; `for` is not taken into account.
    expected = {IDLE: set(), BUSY: set(), DEAD: {"RigArrayNotUsable", "RigArrayMemberFaulty", "RigFilesystemErrors"}}
    for rig, names in expected.items():
        if true_on.get(rig, set()) != names:
            problem(rig, f"alert conditions that are true: {true_on.get(rig, set())}, expected: {names}")
    if not {"RigArrayNotUsable", "RigArrayDegraded", "RigArrayMemberFaulty"} <= true_on.get(ZOO, set()):
        problem(ZOO, f"alert conditions that are true: {true_on.get(ZOO)}")
    if None in true_on:
        problem("rules", f"true without a machine: {true_on[None]}")
    print(f"{len(rules)} rules; conditions that are true: {true_on}")
    firing = {(alert["labels"]["alertname"], alert["labels"]["instance"], alert["labels"].get("array"))
              for alert in prometheus.get("alerts")["alerts"] if alert["state"] == "firing" and alert["labels"]["instance"] != ZOO}
    if firing != {("RigArrayNotUsable", DEAD, "md0")}:
        problem("alerts", f"firing: {firing}")


def main():
    exporter = sys.argv[1]
    program("prometheus")
    table = subprocess.run([exporter, "--list-metrics"], capture_output=True, text=True, timeout=60, check=True).stdout
    declared = set(re.findall(r"^\| (\w+) \|", table, re.MULTILINE))
    with contextlib.ExitStack() as running:
        targets = {rig: running.enter_context(Exporter(exporter, *rig_flags(RIGS / rig))) for rig in (IDLE, BUSY, DEAD, ZOO)}
        for one in targets.values():
            one.wait_ready()
        prometheus = running.enter_context(
            Prometheus({rig: one.address for rig, one in targets.items()}, rule_files=[RULES]))
        prometheus.wait_for_scrapes(targets, 8)
        check_rules(prometheus, declared)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


main()
