#!/usr/bin/env python3
"""Every expression of the dashboards and of the alert rules, on a real Prometheus that scrapes played-back machines.

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
faults = []


def fault(where, what):
    faults.append(f"{where}: {what}")


def panels_of(board):
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def metric_names(expression):
    return set(re.findall(r"\brig_\w+", re.sub(r'"[^"]*"|\'[^\']*\'', "", expression)))


class Variables:
    """A dashboard's variables for one machine, got as Grafana gets them."""

    def __init__(self, board, prometheus, instance):
        self.values = {"datasource": "prometheus", "__rate_interval": "30s", "__interval": "1s", "__range": "60s"}
        for variable in board["templating"]["list"]:
            if variable["type"] != "query":
                continue
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", self.fill(variable["query"]["query"]))
            found = prometheus.get(f"label/{asked.group(2)}/values", **{"match[]": asked.group(1)})
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


def check_form(board, name):
    """What a person who imports it expects."""
    if not re.fullmatch(r"[a-z0-9-]{1,40}", board.get("uid", "")):
        fault(name, "no readable uid")
    if board.get("id") is not None:
        fault(name, "a numeric id belongs to one Grafana's own database")
    if board["schemaVersion"] < 39 or not board.get("tags") or not board.get("description"):
        fault(name, "schemaVersion, tags or description")
    wanted = {"datasource", "job", "instance"} - {variable["name"] for variable in board["templating"]["list"]}
    if wanted:
        fault(name, f"no variables {wanted}")
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        fault(name, "two panels have one id")
    for panel in panels_of(board):
        where = f"{name}/{panel['title']}"
        for text in ("title", "description"):
            if not panel.get(text):
                fault(where, f"no {text}")
        if not panel["fieldConfig"]["defaults"].get("unit"):
            fault(where, "no unit")
        if panel["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
            fault(where, "its data source is not the variable")
        for target in panel["targets"]:
            if re.search(r"\[\d+[smhd]\]", target["expr"]):
                fault(where, "a window that does not follow the scrape interval: $__rate_interval")


def check_dashboard(board, name, prometheus, declared):
    machines = {rig: Variables(board, prometheus, rig) for rig in (IDLE, BUSY, DEAD, ZOO)}
    expressions = 0
    for panel in panels_of(board):
        where = f"{name}/{panel['title']}"
        on_idle = 0
        for target in panel["targets"]:
            expressions += 1
            for unknown in metric_names(target["expr"]) - declared:
                fault(where, f"{unknown} is no metric of the exporter")
            anywhere, labels = 0, set()
            for rig, variables in machines.items():
                try:
                    found = prometheus.query_range(variables.fill(target["expr"]), 10)
                except ValueError as error:
                    fault(where, f"{target['expr']}: {error}")
                    break
                anywhere += len(found)
                labels.update(*(series["metric"] for series in found))
                on_idle += len(found) if rig == IDLE else 0
            if not anywhere:
                fault(where, f"no data on any machine: {target['expr']}")
            for label in re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]):
                if anywhere and label not in labels:
                    fault(where, f"the legend names {label}, which no series has")
        if not on_idle:
            fault(where, f"no data on {IDLE}")
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation:
            prometheus.query(machines[IDLE].fill(annotation["expr"]))
    print(f"{name}: {len(list(panels_of(board)))} panels, {expressions} expressions, {len(machines)} machines")


def check_rules(prometheus, declared):
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert rules, "no rules are loaded"
    true_on = {}
    for rule in rules:
        name = rule["name"]
        for unknown in metric_names(rule["query"]) - declared:
            fault(name, f"{unknown} is no metric of the exporter")
        if rule["health"] != "ok" or rule.get("lastError"):
            fault(name, f"{rule['health']}: {rule.get('lastError')}")
        if rule["labels"].get("severity") not in ("critical", "warning"):
            fault(name, "no severity")
        for text in ("summary", "description"):
            if not rule["annotations"].get(text):
                fault(name, f"no {text}")
        for labels, _ in prometheus.query(rule["query"]):
            true_on.setdefault(labels.get("instance"), set()).add(name)
    # What has to be waited for is true here, too: this looks at the conditions, not at the alerts.
    expected = {IDLE: set(), BUSY: set(), DEAD: {"RigArrayNotUsable", "RigArrayMemberFaulty", "RigFilesystemErrors"}}
    for rig, names in expected.items():
        if true_on.get(rig, set()) != names:
            fault(rig, f"alert conditions that are true: {true_on.get(rig, set())}, expected: {names}")
    if not {"RigArrayNotUsable", "RigArrayDegraded", "RigArrayMemberFaulty"} <= true_on.get(ZOO, set()):
        fault(ZOO, f"alert conditions that are true: {true_on.get(ZOO)}")
    if None in true_on:
        fault("rules", f"true without a machine: {true_on[None]}")
    print(f"{len(rules)} rules; conditions that are true: {true_on}")
    firing = {(alert["labels"]["alertname"], alert["labels"]["instance"], alert["labels"].get("array"))
              for alert in prometheus.get("alerts")["alerts"] if alert["state"] == "firing" and alert["labels"]["instance"] != ZOO}
    if firing != {("RigArrayNotUsable", DEAD, "md0")}:
        fault("alerts", f"firing: {firing}")


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
            board = json.loads(path.read_text())
            check_form(board, path.stem)
            check_dashboard(board, path.stem, prometheus, declared)
        check_rules(prometheus, declared)
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


main()
