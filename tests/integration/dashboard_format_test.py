#!/usr/bin/env python3
"""Checks what importing the dashboards into any Grafana requires, that they are what grafana/build.py writes, and that
every metric of the exporter is on a dashboard.

  dashboard_format_test.py EXPORTER
"""
import re
import subprocess
import sys

from dashboards import BUILT_IN, ROOT, SOURCE, all_dashboards, expressions_of, metric_names, panels_of, rows_of

# Metrics that are on no dashboard, and why.
NOT_SHOWN = {
    "process_max_fds": "constant",
    "process_open_fds": "of interest only for finding a leak of descriptors",
    "process_virtual_memory_bytes": "says less than the resident memory, which is shown",
    "rig_memory_hugepages_free_bytes": "equal to rig_memory_hugepages_pool_free_bytes of the default size",
    "rig_memory_hugepages_total_bytes": "equal to rig_memory_hugepages_pool_bytes of the default size",
    "rig_memory_node_free_bytes": "the difference of the two that are shown",
}
CASES = ROOT / "deploy" / "prometheus" / "tests" / "recording.test.yml"
RECORDING_RULES = ROOT / "deploy" / "prometheus" / "rig_exporter.recording.rules.yml"
problems = []


def problem(where, what):
    problems.append(f"{where}: {what}")


def recorded():
    """{name of a recorded metric: its expression}"""
    if not RECORDING_RULES.exists():
        return {}
    found = re.findall(r"- record: (\S+)\n\s+expr: (?:>-\n)?((?:.|\n)+?)(?=\n\s*(?:#|- |$)|\Z)", RECORDING_RULES.read_text())
    return dict(found)


def check_dashboard(name, dashboard):
    if not re.fullmatch(r"[a-z0-9-]{1,40}", dashboard.get("uid", "")):
        problem(name, "no readable uid")
    if dashboard.get("id") is not None:
        problem(name, "it has a numeric id, which is only valid in the database of one Grafana")
    if dashboard["schemaVersion"] < 39 or "rig_exporter" not in dashboard["tags"] or not dashboard.get("description"):
        problem(name, "schemaVersion is too old, or tags or description are missing")
    if dashboard["links"][0]["tags"] != ["rig_exporter"] or not dashboard["links"][0]["includeVars"]:
        problem(name, "no links to the other dashboards")
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    if missing := {"datasource", "cluster", "job", "instance"} - set(variables):
        problem(name, f"no variables {missing}")
    if variables["cluster"].get("allValue") != ".*":
        problem(name, "without a label cluster it would show nothing")
    ids = [panel["id"] for panel in (*rows_of(dashboard), *panels_of(dashboard))]
    if len(ids) != len(set(ids)):
        problem(name, "duplicate panel ids")
    for expression in [*expressions_of(dashboard), *(row["title"] for row in rows_of(dashboard))]:
        for unknown in set(re.findall(r"\$\{?([a-zA-Z_]\w*)", expression)) - set(variables) - set(BUILT_IN):
            problem(name, f"${unknown} is not a variable: {expression}")
    for text in re.findall(r'/d/([\w-]+)\?', str(dashboard)):
        if text not in UIDS:
            problem(name, f"a link to {text}, which is no dashboard")
    for collapsed in rows_of(dashboard):
        if collapsed["collapsed"] != bool(collapsed["panels"]):
            problem(name, f"the panels of the row {collapsed['title']} are in the wrong place")
    check_grid(name, dashboard["panels"])
    for row in rows_of(dashboard):
        check_grid(f"{name}/{row['title']}", row["panels"])


def check_grid(where, panels):
    """No two panels overlap, and none is wider than the page."""
    taken = {}
    for panel in panels:
        box = panel["gridPos"]
        for x in range(box["x"], box["x"] + box["w"]):
            for y in range(box["y"], box["y"] + box["h"]):
                if x >= 24 or (x, y) in taken:
                    problem(where, f"{panel['title']} overlaps with {taken.get((x, y), 'the edge')}")
                    return
                taken[x, y] = panel["title"]


def check_panel(where, panel):
    defaults = panel["fieldConfig"]["defaults"]
    for text, value in {"title": panel.get("title"), "description": panel.get("description"), "unit": defaults.get("unit"),
                        "text for no value": defaults.get("noValue")}.items():
        if not value:
            problem(where, f"no {text}")
    if panel["datasource"] != SOURCE or any(target["datasource"] != SOURCE for target in panel["targets"]):
        problem(where, "its data source is not the variable datasource")
    references = [target["refId"] for target in panel["targets"]]
    if not references or len(references) != len(set(references)):
        problem(where, "no queries, or several with the same refId")
    for target in panel["targets"]:
        if re.search(r"\[\d+[smhd]\]", target["expr"]):
            problem(where, "a fixed window instead of $__rate_interval")
        # Current values are those of instant queries: they disappear when the machine is down.
        if target["instant"] != (panel["type"] in ("stat", "table")):
            problem(where, "a current value over a time range, or a graph of one moment")
    if "lastNotNull" in str(panel):
        problem(where, "lastNotNull shows old values of a machine that is down")
    for steps in re.findall(r"'steps': (\[.*?\])", str(panel)):
        values = [step["value"] for step in eval(steps)]  # of our own file
        if values[0] is not None or any(not isinstance(value, (int, float)) for value in values[1:]) or values[1:] != sorted(values[1:]):
            problem(where, f"thresholds are not ascending numbers: {steps}")
    if panel["type"] == "timeseries" and panel["options"]["legend"]["calcs"] != ["last", "max"]:
        problem(where, "the legend has no last and highest values")


def check_fleet(dashboard):
    """It reads only what is recorded, and alerts: everything else has too many series if there are many machines."""
    for panel in panels_of(dashboard):
        for target in panel["targets"]:
            for metric in re.findall(r"([a-zA-Z_:][\w:]*)\{", re.sub(r'"[^"]*"', "", target["expr"])):
                if ":" not in metric and metric != "ALERTS":
                    problem(f"fleet/{panel['title']}", f"{metric} is not recorded")


def check_cases():
    """Each recorded metric has a value in a unit test of the rules."""
    cases = CASES.read_text()
    for record in recorded():
        if not re.search(rf"expr: .*\b{record}\b.*\n +eval_time: \w+\n +exp_samples:\n +- ", cases):
            problem(record, f"no case in {CASES.name} expects a value of it")


def check_metrics(dashboards, declared):
    rules = recorded()
    shown = set()
    for name, dashboard in dashboards.items():
        for expression in expressions_of(dashboard):
            for metric in metric_names(expression):
                base = re.sub(r"_bucket$", "", metric)
                if ":" in metric:
                    if metric not in rules:
                        problem(name, f"{metric} is not recorded")
                    shown |= metric_names(rules.get(metric, ""))
                elif base not in declared:
                    problem(name, f"{metric} is not a metric of the exporter")
                shown.add(base)
    for metric in declared - shown - set(NOT_SHOWN):
        problem("all dashboards", f"{metric} is on none: show it, or say in NOT_SHOWN why not")
    for metric in set(NOT_SHOWN) - (declared - shown):
        problem("NOT_SHOWN", f"{metric} is shown, or is not a metric")


dashboards = all_dashboards()
UIDS = {dashboard["uid"] for dashboard in dashboards.values()}
build = subprocess.run([sys.executable, ROOT / "grafana" / "build.py", "--check"], capture_output=True, text=True, check=False)
if build.returncode != 0:
    problem("grafana/build.py", build.stdout + build.stderr)
if len(UIDS) != len(dashboards):
    problem("all dashboards", "two have the same uid")
for one_name, one in dashboards.items():
    check_dashboard(one_name, one)
    for one_panel in panels_of(one):
        check_panel(f"{one_name}/{one_panel['title']}", one_panel)
check_fleet(dashboards["fleet"])
check_cases()
listing = subprocess.run([sys.argv[1], "--list-metrics"], capture_output=True, text=True, timeout=60, check=True).stdout
check_metrics(dashboards, set(re.findall(r"^\| (\w+) \|", listing, re.MULTILINE)) - {"name"})
print("\n".join(problems) or f"{sum(len(list(panels_of(one))) for one in dashboards.values())} panels of {len(dashboards)} dashboards")
sys.exit(1 if problems else 0)
