#!/usr/bin/env python3
"""Checks the alert rules and the scrape configuration with promtool, runs the unit tests of the rules, and compares the rules
with their pages in docs/alerts.

  rules_test.py             compares
  rules_test.py --accept    writes the table of alerts into docs/alerts/README.md
"""
import re
import subprocess
import sys

from alert_rules import RULES, alerts, recorded_metrics
from prometheus_process import ROOT, program

CASES = sorted((RULES.parent / "tests").glob("*.test.yml"))
CONFIG = ROOT / "deploy" / "prometheus.yml"
METRICS = ROOT / "docs" / "metrics.md"
PAGES = ROOT / "docs" / "alerts"
INDEX = PAGES / "README.md"
TABLE = re.compile(r"(?<=--accept -->\n).*(?=<!-- end of generated table -->)", re.DOTALL)
problems = []


def promtool(*arguments):
    done = subprocess.run([program("promtool"), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=500, check=False)
    print(done.stdout)
    if done.returncode != 0 or "FAILED" in done.stdout:
        sys.exit(f"promtool {' '.join(map(str, arguments))} failed")


def check_texts(alert):
    """A summary that is the same for every machine groups notifications; the description says where and how much."""
    if alert.labels.get("severity") not in ("critical", "warning", "info"):
        problems.append(f"{alert.name}: its severity is neither critical, warning nor info")
    if not alert.annotations.get("summary") or "{{" in alert.annotations["summary"]:
        problems.append(f"{alert.name}: its summary is missing or not the same everywhere")
    if alert.name != "RigExporterNotScraped" and "{{ $labels.instance }}" not in alert.annotations.get("description", ""):
        problems.append(f"{alert.name}: its description does not name the machine")
    if alert.annotations.get("runbook_url") != f"docs/alerts/{alert.name}.md":
        problems.append(f"{alert.name}: its runbook_url is not docs/alerts/{alert.name}.md")


def check_expression(alert, declared):
    for name in set(re.findall(r"\b(?:rig|process)_\w+", re.sub(r'"[^"]*"', "", alert.expression))) - declared:
        problems.append(f"{alert.name}: {name} is not a metric of the exporter")
    # The machine is known by all labels that the scraping server gives it, whichever these are.
    if re.search(r"\bon ?\(|\bby ?\(|\bjob\b|\bcluster\b", alert.expression):
        problems.append(f"{alert.name}: its expression depends on a list of labels, or on the name of the job")


def check_cases(alert, cases):
    if not re.search(rf"alertname: {alert.name}\n\s+eval_time: \w+\n\s+exp_alerts:\n\s+- exp_labels", cases):
        problems.append(f"{alert.name}: no case in which it fires")
    if not re.search(rf"alertname: {alert.name}, eval_time: \w+, exp_alerts: \[\]", cases):
        problems.append(f"{alert.name}: no case in which it does not fire")


def check_page(alert):
    page = PAGES / f"{alert.name}.md"
    if not page.exists():
        problems.append(f"{alert.name}: no page {page.relative_to(ROOT)}")
        return
    lines = page.read_text().splitlines()
    if lines[0] != f"# {alert.name}" or not 10 <= len(lines) <= 25:
        problems.append(f"{page.relative_to(ROOT)}: {len(lines)} lines, and the heading {lines[0]}")
    headings = [line[3:] for line in lines if line.startswith("## ")]
    if headings != ["Look", "Remedy", "Harmless"]:
        problems.append(f"{page.relative_to(ROOT)}: its headings are {headings}")
    for link in re.findall(r"\]\(([\w.]+)", page.read_text()):
        if not (PAGES / link).exists():
            problems.append(f"{page.relative_to(ROOT)}: a link to {link}, which there is not")


def table(found):
    rows = [f"| [{alert.name}]({alert.name}.md) | {alert.labels['severity']} | {alert.after or 'at once'} "
            f"| {alert.annotations['summary']} |" for alert in found]
    return "\n".join(["| alert | severity | after | summary |", "|---|---|---|---|", *rows, ""])


def check_pages(found):
    for alert in found:
        check_page(alert)
    surplus = {path.stem for path in PAGES.glob("*.md")} - {alert.name for alert in found} - {INDEX.stem}
    if surplus:
        problems.append(f"pages of alerts that there are not: {surplus}")
    if TABLE.search(INDEX.read_text())[0] != table(found):
        problems.append(f"the table in {INDEX.relative_to(ROOT)} is not up to date; run this test with --accept")


def main():
    if sys.argv[1:] == ["--accept"]:
        INDEX.write_text(TABLE.sub(lambda _: table(alerts()), INDEX.read_text()))
        return
    promtool("check", "rules", RULES)
    promtool("check", "config", CONFIG)
    promtool("test", "rules", *CASES)
    declared = set(re.findall(r"^\| (\w+) \|", METRICS.read_text(), re.MULTILINE)) | recorded_metrics()
    cases = "\n".join(path.read_text() for path in CASES)
    found = alerts()
    assert found, "no alerts found"
    for alert in found:
        check_texts(alert)
        check_expression(alert, declared)
        check_cases(alert, cases)
    check_pages(found)
    print(f"{len(found)} alerts in {len(CASES)} files of tests", *problems, sep="\n")
    sys.exit(1 if problems else 0)


main()
