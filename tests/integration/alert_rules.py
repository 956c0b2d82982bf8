"""The alert rules of deploy/prometheus, read without a YAML library: the file keeps to one layout."""
import dataclasses
import pathlib
import re

RULES = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "rig_exporter.rules.yml"
FIELD = re.compile(r"^( {6}- | {8}| {10})(\w+): ?(.*)$")


@dataclasses.dataclass
class Alert:
    name: str
    expression: str = ""
    after: str = ""
    labels: dict = dataclasses.field(default_factory=dict)
    annotations: dict = dataclasses.field(default_factory=dict)


def _rules():
    """Each rule as {"alert" or "record": name, "expr": text, "labels": {}, "annotations": {}}."""
    found, into, key = [], {}, None
    for line in RULES.read_text().splitlines():
        if line.lstrip().startswith("#") or not line.strip():
            continue
        field = FIELD.match(line)
        if field and field[1].endswith("- "):
            into = {"labels": {}, "annotations": {}}
            found.append(into)
        if field and len(field[1]) == 10:
            target, key = found[-1][section], field[2]
        elif field:
            section, target, key = field[2], into, field[2]
            if key in ("labels", "annotations"):
                continue
        if field:
            target[key] = field[3].replace(">-", "").strip()
        elif found and line.startswith(" " * 10):
            target[key] = f"{target[key]} {line.strip()}".strip()
    return found


def alerts():
    return [Alert(rule["alert"], rule["expr"], rule.get("for", ""), rule["labels"], rule["annotations"])
            for rule in _rules() if "alert" in rule]


def recorded_metrics():
    return {rule["record"] for rule in _rules() if "record" in rule}
