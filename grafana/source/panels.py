"""Grafana's JSON of panels, rows and dashboards from short descriptions."""
import re

from style import BLUE, GPU_COLORS, GREY, selected

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24


class Query:
    """A PromQL expression. dashed: a limit, drawn as a dashed line in the color of what it limits, and not in the
    legend, which is short of space."""

    def __init__(self, expr, legend="", dashed=False):
        self.expr, self.legend, self.dashed = expr, legend, dashed

    def json(self, ref, instant, table):
        return {"datasource": DATASOURCE, "editorMode": "code", "expr": self.expr, "refId": ref, "instant": instant,
                "range": not instant, "format": "table" if table else "time_series", "legendFormat": self.legend or "__auto"}


def mappings(states):
    """{value: (text, color)} as Grafana's value mappings."""
    if not states:
        return []
    return [{"type": "value", "options": {str(value): {"text": text, "color": color, "index": index}
                                          for index, (value, (text, color)) in enumerate(states.items())}}]


def thresholds(steps):
    """(color, (value, color), ...): the color below the first value, and from each value on."""
    first, *others = steps or (GREY,)
    return {"mode": "absolute", "steps": [{"color": first, "value": None}, *({"color": color, "value": value}
                                                                            for color, value in others)]}


def by_regexp(pattern, **properties):
    return {"matcher": {"id": "byRegexp", "options": pattern},
            "properties": [{"id": name.replace("__", "."), "value": value} for name, value in properties.items()]}


def right_axis(ref, **properties):
    """The series of a query have an axis of their own."""
    return {"matcher": {"id": "byFrameRefID", "options": ref},
            "properties": [{"id": "custom.axisPlacement", "value": "right"},
                           *({"id": name.replace("__", "."), "value": value} for name, value in properties.items())]}


def colors(by_name):
    """Fixed colors of series whose legend contains the name as a word."""
    return [by_regexp(rf"/(^|\s){name}\b/", color={"mode": "fixed", "fixedColor": color}) for name, color in by_name.items()]


def gpu_colors():
    return colors({f"#{number}": color for number, color in enumerate(GPU_COLORS)})


def panel(kind, title, description, unit, size, empty, queries, instant, *, table=False, options=None, custom=None,
          overrides=(), states=None, steps=None, color=None, transformations=(), minimum=None, maximum=None, decimals=None,
          repeat=None, links=()):
    defaults = {"unit": unit, "noValue": empty, "mappings": mappings(states), "thresholds": thresholds(steps),
                "color": {"mode": color or ("thresholds" if steps or states else "palette-classic")},
                "custom": custom or {}, "links": list(links)}
    for name, value in (("min", minimum), ("max", maximum), ("decimals", decimals)):
        if value is not None:
            defaults[name] = value
    queries = [query if isinstance(query, Query) else Query(query) for query in queries]
    result = {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "size": size,
              "targets": [query.json(chr(ord("A") + index), instant, table) for index, query in enumerate(queries)],
              "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
              "options": options or {}, "transformations": list(transformations)}
    if repeat:
        result.update(repeat=repeat, repeatDirection="h", maxPerRow=2)
    return result


def stat(title, description, expr, unit, size, *, empty="No data", legend="", text="value", **more):
    """A current value. It is an instant query: it disappears as soon as the machine is down."""
    options = {"colorMode": more.pop("fill", "value"), "graphMode": "none", "justifyMode": "center", "textMode": text,
               "orientation": "auto", "wideLayout": True, "percentChangeColorMode": "standard", "showPercentChange": False,
               "reduceOptions": {"calcs": ["last"], "fields": "", "values": False}}
    return panel("stat", title, description, unit, size, empty, [Query(expr, legend)], True, options=options, **more)


def ends_when_down(query):
    """The rate of a machine that has gone down would fall slowly to 0 instead of ending."""
    if re.search(r"\b(rate|increase|predict_linear)\(", query.expr):
        query.expr = f"({query.expr}) and on () (max(up{{@}}) == 1)"
    return query


def graph(title, description, queries, unit, size, *, empty="No data in this time range", stacked=False, area=0,
          overrides=(), gpus=False, legend_rows=True, soft_max=None, bars=False, **more):
    """Lines over time; the legend has their last and highest values. gpus: each line belongs to a GPU."""
    custom = {"drawStyle": "bars" if bars else "line", "lineInterpolation": "linear", "lineWidth": 1, "pointSize": 4,
              "fillOpacity": area or (25 if stacked else 0), "gradientMode": "none", "showPoints": "auto",
              "spanNulls": False, "axisPlacement": "auto", "axisLabel": "", "axisSoftMin": 0,
              "scaleDistribution": {"type": "linear"}, "lineStyle": {"fill": "solid"},
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    queries = [ends_when_down(query if isinstance(query, Query) else Query(query)) for query in queries]
    if soft_max is not None:
        custom["axisSoftMax"] = soft_max
    if more.get("minimum") is None and soft_max is None:
        more["minimum"] = 0
    for index, query in enumerate(queries):
        if query.dashed:
            properties = [{"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
                          {"id": "custom.fillOpacity", "value": 0}, {"id": "custom.showPoints", "value": "never"},
                          {"id": "custom.stacking", "value": {"mode": "none", "group": "limit"}},
                          {"id": "custom.hideFrom", "value": {"legend": True, "tooltip": False, "viz": False}}]
            overrides = [*overrides, {"matcher": {"id": "byFrameRefID", "options": chr(ord("A") + index)},
                                      "properties": properties}]
    transformations = []
    if gpus:
        overrides = [*gpu_colors(), *overrides]
        # "AMD Radeon RX 6800" as "RX 6800", which leaves space for the values.
        transformations = [{"id": "renameByRegex", "options": {"regex": "(.*)AMD (?:Radeon )?(.*)", "renamePattern": "$1$2"}}]
    options = {"legend": {"showLegend": True, "displayMode": "table" if legend_rows else "list", "placement": "bottom",
                          "calcs": ["last", "max"] if legend_rows else [],
                          **({} if gpus or not legend_rows else {"sortBy": "Last", "sortDesc": True})},
               "tooltip": {"mode": "multi", "sort": "desc", "hideZeros": False}}
    return panel("timeseries", title, description, unit, size, empty, queries, False, options=options, custom=custom,
                 overrides=overrides, transformations=transformations, color="palette-classic", **more)


def timeline(title, description, queries, states, size, *, empty="No data in this time range", unit="none"):
    """States over time, one bar for each series."""
    custom = {"fillOpacity": 80, "lineWidth": 0, "spanNulls": False}
    options = {"mergeValues": True, "showValue": "auto", "alignValue": "left", "rowHeight": 0.85,
               "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom"},
               "tooltip": {"mode": "single", "sort": "none"}}
    return panel("state-timeline", title, description, unit, size, empty, queries, False, options=options, custom=custom,
                 states=states, color="thresholds")


class Column:
    """A column of a table: the value of a query, or one of the labels that the queries have in common (label)."""

    def __init__(self, title, expr=None, *, label=None, unit=None, states=None, steps=None, width=None, bar=False,
                 link=None, decimals=None, value=True):
        self.title, self.expr, self.label, self.value = title, expr, label, value
        properties = [{"id": "noValue", "value": "–"}]
        if unit:
            properties.append({"id": "unit", "value": unit})
        if decimals is not None:
            properties.append({"id": "decimals", "value": decimals})
        if states:
            properties += [{"id": "mappings", "value": mappings(states)}, {"id": "custom.align", "value": "left"},
                           {"id": "custom.cellOptions", "value": {"type": "color-text"}}]
        if steps or bar:
            cell = {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"} if bar else {"type": "color-text"}
            properties += [{"id": "thresholds", "value": thresholds(steps or (BLUE,))},
                           {"id": "color", "value": {"mode": "thresholds"}},
                           {"id": "custom.cellOptions", "value": cell}]
        if bar:
            properties += [{"id": "min", "value": 0}, {"id": "max", "value": 1}]
        if width:
            properties.append({"id": "custom.width", "value": width})
        if link:
            properties.append({"id": "links", "value": [{"title": link[0], "url": link[1], "targetBlank": False}]})
        self.override = {"matcher": {"id": "byName", "options": title}, "properties": properties}


def table(title, description, columns, size, *, empty="None", sort=None, descending=False, unit="none", pages=False):
    """Current values side by side, one row for each combination of labels. A query whose column has value=False only
    adds labels. pages: there may be so many rows that they need pages and filters."""
    queries = [column for column in columns if column.expr]
    # Grafana names a value "Value" if only one of several queries returns anything, whichever that is.
    hidden, names, order = ["Time", *(["Value"] if len(queries) > 1 else [])], {}, {}
    for index, column in enumerate(queries):
        value = f"Value #{chr(ord('A') + index)}" if len(queries) > 1 else "Value"
        if column.value:
            names[value] = column.title
            order[value] = columns.index(column)
        else:
            hidden.append(value)
    for column in columns:
        if column.label:
            names[column.label] = column.title
            order[column.label] = columns.index(column)
    transformations = [{"id": "merge", "options": {}},
                       {"id": "organize", "options": {"excludeByName": dict.fromkeys(hidden, True), "indexByName": order,
                                                      "renameByName": names, "includeByName": {}}}]
    if sort:
        transformations.append({"id": "sortBy", "options": {"fields": {}, "sort": [{"field": sort, "desc": descending}]}})
    options = {"showHeader": True, "cellHeight": "sm", "sortBy": [],
               "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": "", "enablePagination": pages}}
    return panel("table", title, description, unit, size, empty, [column.expr for column in queries], True, table=True,
                 options=options, custom={"align": "auto", "filterable": pages, "minWidth": 95, "inspect": False},
                 overrides=[column.override for column in columns if column.override["properties"]],
                 transformations=transformations)


class Row:
    """collapsed: for what many machines do not have; a collapsed row takes one line and queries nothing."""

    def __init__(self, title, panels, collapsed=False, repeat=None):
        self.title, self.panels, self.collapsed, self.repeat = title, panels, collapsed, repeat


def place(panels, top):
    """Puts panels beside each other, from left to right; returns the position below them."""
    left = height = 0
    for one in panels:
        wide, tall = one.pop("size")
        if left + wide > COLUMNS:
            top, left, height = top + height, 0, 0
        assert height in (0, tall), f"{one['title']} is {tall} high, and the panel to its left {height}"
        one["gridPos"] = {"x": left, "y": top, "w": wide, "h": tall}
        left, height = left + wide, tall
    return top + height


def dashboard(uid, title, description, tags, variables, rows, *, one_machine=False, annotations=(), time="now-1h", refresh="30s"):
    panels, top = [], 0
    for row in rows:
        head = None
        if row.title:
            head = {"type": "row", "title": row.title, "collapsed": row.collapsed, "panels": [],
                    "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}}
            if row.repeat:
                head["repeat"] = row.repeat
            panels.append(head)
            top += 1
        below = place(row.panels, top)
        if row.collapsed:
            head["panels"] = row.panels
        else:
            panels += row.panels
            top = below
    number = 0
    for one in [inner for outer in panels for inner in (outer, *outer.get("panels", []))]:
        number += 1
        one["id"] = number
        for target in one.get("targets", []):
            target["expr"] = selected(target["expr"], one_machine)
    for variable in variables:
        if variable["type"] == "query":
            variable["definition"] = variable["query"]["query"] = selected(variable["definition"], one_machine)
    return {
        "uid": uid, "title": title, "description": description, "tags": ["rig_exporter", *tags],
        "schemaVersion": 41, "version": 1, "editable": True, "graphTooltip": 1, "fiscalYearStartMonth": 0,
        "refresh": refresh, "time": {"from": time, "to": "now"}, "timepicker": {}, "timezone": "browser", "weekStart": "",
        "links": [{"type": "dashboards", "tags": ["rig_exporter"], "title": "rig_exporter", "asDropdown": False,
                   "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "external link", "tooltip": "", "url": ""}],
        "annotations": {"list": [
            {"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": True, "hide": True,
             "iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts", "type": "dashboard"},
            # Each at the time that is the value of its series: a boot is seen only minutes later.
            *({"datasource": DATASOURCE, "enable": True, "expr": selected(expr, one_machine), "iconColor": color, "name": name,
               "titleFormat": text, "useValueForTime": True} for name, text, color, expr in annotations)]},
        "templating": {"list": variables}, "panels": panels}
