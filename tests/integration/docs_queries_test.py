#!/usr/bin/env python3
"""Every PromQL expression of the documentation is one for Prometheus, and names only metrics of the exporter."""
import json
import re
import subprocess
import sys
import tempfile

from prometheus_process import ROOT, program

METRICS = ROOT / "docs" / "metrics.md"
BLOCK = re.compile(r"^```promql\n(.*?)^```", re.DOTALL | re.MULTILINE)


def queries():
    """(page, expression) of each block."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for expression in BLOCK.findall(page.read_text()):
            yield page.relative_to(ROOT), expression.strip()


def main():
    declared = set(re.findall(r"^\| (\w+) \|", METRICS.read_text(), re.MULTILINE))
    found = list(queries())
    problems = [f"{page}: {name} is not a metric of the exporter" for page, expression in found
                for name in re.findall(r"\b(?:rig|process)_\w+", re.sub(r'"[^"]*"', "", expression)) if name not in declared]
    rules = [{"record": f"query:{number}", "expr": expression} for number, (_, expression) in enumerate(found)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "docs", "rules": rules}]}, file)  # JSON is valid YAML
        file.flush()
        checked = subprocess.run([program("promtool"), "check", "rules", file.name], capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        problems.append(checked.stdout + checked.stderr)
    print(*problems, f"{len(found)} queries", sep="\n")
    sys.exit(1 if problems or not found else 0)


main()
