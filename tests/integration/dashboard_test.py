#!/usr/bin/env python3
"""Evaluates every expression of the dashboards and alert rules on a real Prometheus that scrapes rigs.

  dashboard_test.py EXPORTER
"""
import contextlib
import json
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


def panels_of(dashboard):
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def metric_names(expression):
    return set(re.findall(r"\brig_\w+", re.sub(r'"[^"]*"|\'[^\']*\'', "", expression)))


class Variables:
    """A dashboard's variables for one machine, queried as Grafana does."""

    def __init__(self, dashboard, prometheus, instance):
        self.values = {"datasource": "prometheus", "__rate_interval": "30s", "__interval": "1s", "__range": "60s"}
        for variable in dashboard["templating"]["list"]:
            if variable["type"] != "query":
                continue
            query = re.fullmatch(r"label_values\((.+), (\w+)\)", self.fill(variable["query"]["query"]))
            found = prometheus.get(f"label/{query.group(2)}/values", **{"match[]": query.group(1)})
            if variable["name"] == "instance":
                assert instance in found, (instance, found)
                self.values["instance"] = instance
            elif variable["includeAll"]:
                self.values[variable["name"]] = variable["allValue"]
                assert found or instance == ZOO, f"${variable['name']} has no values on {instance}"
            else:
                self.values[variable["name"]] = found[0]

    def fill(self, text):
        return re.sub(r"\$(\w+)", lambda found: self.values[found.group(1)], text)


def check_format(dashboard, name):
    """What importing the dashboard into any Grafana requires."""
    if not re.fullmatch(r"[a-z0-9-]{1,40}", dashboard.get("uid", "")):
        problem(name, "no readable uid")
    if dashboard.get("id") is not None:
        problem(name, "it has a numeric id, which is only valid in the database of one Grafana")
    if dashboard["schemaVersion"] < 39 or not dashboard.get("tags") or not dashboard.get("description"):
        problem(name, "schemaVersion is too old, or tags or description are missing")
    wanted = {"datasource", "job", "instance"} - {variable["name"] for variable in dashboard["templating"]["list"]}
    if wanted:
        problem(name, f"no variables {wanted}")
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        problem(name, "duplicate panel ids")
    for panel in panels_of(dashboard):
        where = f"{name}/{panel['title']}"
        for text in ("title", "description"):
            if not panel.get(text):
                problem(where, f"no {text}")
        if not panel["fieldConfig"]["defaults"].get("unit"):
            problem(where, "no unit")
        if panel["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
            problem(where, "its data source is not the variable datasource")
        for target in panel["targets"]:
            if re.search(r"\[\d+[smhd]\]", target["expr"]):
                problem(where, "a fixed window instead of $__rate_interval")


def check_dashboard(dashboard, name, prometheus, declared):
    machines = {rig: Variables(dashboard, prometheus, rig) for rig in (IDLE, BUSY, DEAD, ZOO)}
    expressions = 0
    for panel in panels_of(dashboard):
        where = f"{name}/{panel['title']}"
        on_idle = 0
        for target in panel["targets"]:
            expressions += 1
            for unknown in metric_names(target["expr"]) - declared:
                problem(where, f"{unknown} is not a metric of the exporter")
            anywhere, labels = 0, set()
            for rig, variables in machines.items():
                try:
                    found = prometheus.query_range(variables.fill(target["expr"]), 10)
                except ValueError as error:
                    problem(where, f"{target['expr']}: {error}")
                    break
                anywhere += len(found)
                labels.update(*(series["metric"] for series in found))
                on_idle += len(found) if rig == IDLE else 0
            if not anywhere:
                problem(where, f"no data on any machine: {target['expr']}")
            for label in re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]):
                if anywhere and label not in labels:
                    problem(where, f"the legend names {label}, which no series has")
        if not on_idle:
            problem(where, f"no data on {IDLE}")
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            prometheus.query(machines[IDLE].fill(annotation["expr"]))
    print(f"{name}: {len(list(panels_of(dashboard)))} panels, {expressions} expressions, {len(machines)} machines")


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
        for path in sorted((ROOT / "grafana" / "dashboards").glob("*.json")):
            dashboard = json.loads(path.read_text())
            check_format(dashboard, path.stem)
            check_dashboard(dashboard, path.stem, prometheus, declared)
        check_rules(prometheus, declared)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


main()
