#!/usr/bin/env python3
"""Checks the alert rules and the scrape configuration with promtool, and runs the unit tests of the rules."""
import re
import subprocess
import sys

from prometheus_process import ROOT, program

RULES = ROOT / "deploy" / "prometheus" / "rig_exporter.rules.yml"
CASES = ROOT / "deploy" / "prometheus" / "rig_exporter.rules.test.yml"
CONFIG = ROOT / "deploy" / "prometheus.yml"


def promtool(*arguments):
    done = subprocess.run([program("promtool"), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, check=False)
    print(done.stdout)
    if done.returncode != 0 or "FAILED" in done.stdout:
        sys.exit(f"promtool {' '.join(map(str, arguments))} failed")
    return done.stdout


promtool("check", "rules", RULES)
promtool("check", "config", CONFIG)
promtool("test", "rules", CASES)

# Each alert has a case in which it fires and one in which it does not.
cases = CASES.read_text()
alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
assert alerts, "no alerts found"
for alert in alerts:
    assert re.search(rf"alertname: {alert}\n\s+eval_time: \w+\n\s+exp_alerts:\n\s+- exp_labels", cases), f"no case in which {alert} fires"
    assert re.search(rf"alertname: {alert}, eval_time: \w+, exp_alerts: \[\]", cases), f"no case in which {alert} does not fire"
print(f"{len(alerts)} alerts, each with a case in which it fires and one in which it does not")
