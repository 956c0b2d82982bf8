"""Grafana's dashboards for tests: their panels and queries, and what Grafana replaces in queries."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# What Grafana defines itself.
BUILT_IN = {"__rate_interval": "30s", "__interval": "1s", "__range": "60s", "__range_s": "60"}


def all_dashboards():
    """{name of the file: dashboard}"""
    return {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "grafana" / "dashboards").glob("*.json"))}


def rows_of(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] == "row"]


def panels_of(dashboard):
    """All panels except rows, including those in collapsed rows."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def expressions_of(dashboard):
    """All PromQL: of panels, variables and annotations."""
    for panel in panels_of(dashboard):
        for target in panel["targets"]:
            yield target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield re.sub(r"^label_values\((.*), \w+\)$|^query_result\((.*)\)$", r"\1\2", variable["definition"])
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["expr"]


def metric_names(expression):
    """The names of the exporter's metrics, and of metrics recorded from them, in an expression."""
    return set(re.findall(r"(?<![\w:])(?:\w+:)?(?:rig_|process_)\w+(?::\w+)?", re.sub(r'"[^"]*"', "", expression)))


class Variables:
    """The values of a dashboard's variables when one machine is selected, queried as Grafana does."""

    def __init__(self, dashboard, prometheus, instance):
        self.values = {"datasource": "prometheus", **BUILT_IN}
        self.options = {}
        for variable in dashboard["templating"]["list"]:
            name = variable["name"]
            if variable["type"] == "textbox":
                self.values[name] = variable["query"]
            elif variable["type"] == "query":
                self.options[name] = self._options(variable, prometheus)
                self.values[name] = instance if name == "instance" else self._value(variable)

    def _options(self, variable, prometheus):
        query = self.fill(variable["query"]["query"])
        if labels := re.fullmatch(r"label_values\((.+), (\w+)\)", query):
            return prometheus.get(f"label/{labels[2]}/values", **{"match[]": labels[1]})
        result = re.fullmatch(r"query_result\((.+)\)", query)[1]
        texts = ["{%s} %s 1700000000000" % (",".join(f'{k}="{v}"' for k, v in labels.items()), f"{value:g}")
                 for labels, value in prometheus.query(result)]
        found = [re.search(variable["regex"].strip("/"), text) for text in texts]
        return [match[1] for match in found if match]

    def _value(self, variable):
        found = self.options[variable["name"]]
        if not variable["includeAll"]:
            return found[0] if found else ""
        if variable.get("allValue"):
            return variable["allValue"]
        return "(" + "|".join(found) + ")"

    def fill(self, text):
        return re.sub(r"\$([a-zA-Z_]\w*)|\$\{(\w+)\}", lambda found: self.values[found[1] or found[2]], text)
