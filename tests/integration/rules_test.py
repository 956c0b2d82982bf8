#!/usr/bin/env python3
"""promtool's opinion of the alert rules and of the scrape configuration, and its run of the rules' own cases."""
import re
import subprocess
import sys

from prometheus_process import ROOT, program

RULES = ROOT / "deploy" / "prometheus" / "rig_exporter.rules.yml"
CASES = ROOT / "deploy" / "prometheus" / "rig_exporter.rules.test.yml"
CONFIG = ROOT / "deploy" / "prometheus.yml"


def promtool(*arguments):
    said = subprocess.run([program("promtool"), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, check=False)
    print(said.stdout)
    if said.returncode != 0 or "FAILED" in said.stdout:
        sys.exit(f"promtool {' '.join(map(str, arguments))} is not content")
    return said.stdout


promtool("check", "rules", RULES)
promtool("check", "config", CONFIG)
promtool("test", "rules", CASES)

# Each alert has a case in which it fires and one in which it keeps quiet.
cases = CASES.read_text()
alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
assert alerts, "no alerts found"
for alert in alerts:
    assert re.search(rf"alertname: {alert}\n\s+eval_time: \w+\n\s+exp_alerts:\n\s+- exp_labels", cases), f"{alert} never fires"
    assert re.search(rf"alertname: {alert}, eval_time: \w+, exp_alerts: \[\]", cases), f"{alert} is never quiet"
print(f"{len(alerts)} alerts, each with cases in which it fires and in which it does not")
