"""The variables at the top of a dashboard."""
from panels import DATASOURCE

ALL = {"selected": True, "text": ["All"], "value": ["$__all"]}
ALL_MACHINES = {"several": True, "with_all": True, "all_value": ".*"}


def datasource():
    return {"name": "datasource", "type": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1,
            "regex": "", "hide": 0, "multi": False, "includeAll": False, "options": [], "skipUrlSync": False, "current": {}}


def from_labels(name, label, query, *, several=False, with_all=False, all_value=None, regex="", hide=0):
    result = {"name": name, "type": "query", "label": label, "datasource": DATASOURCE, "definition": query,
              "query": {"query": query, "refId": "variable"}, "refresh": 2, "sort": 3, "regex": regex, "hide": hide,
              "multi": several, "includeAll": with_all, "options": [], "skipUrlSync": bool(hide), "current": ALL if with_all else {}}
    if all_value:
        result["allValue"] = all_value
    return result


def cluster():
    """Selects everything where there is no label cluster: the value of All also matches an absent label."""
    return from_labels("cluster", "Cluster", "label_values(rig_exporter_build_info, cluster)", several=True, with_all=True,
                       all_value=".*")


def job():
    """All means the jobs found, not any job: another exporter may use the same names of machines."""
    return from_labels("job", "Job", 'label_values(rig_exporter_build_info{cluster=~"$cluster"}, job)', several=True,
                       with_all=True)


def instance(**more):
    return from_labels("instance", "Machine",
                       'label_values(rig_exporter_build_info{cluster=~"$cluster", job=~"$job"}, instance)', **more)


def gpu():
    return from_labels("gpu", "GPU", "label_values(rig_gpu_up{@}, gpu)", several=True, with_all=True, all_value=".*")


def array():
    return from_labels("array", "Array", "label_values(rig_raid_array_usable{@}, array)", several=True, with_all=True, all_value=".*")


def disk():
    return from_labels("disk", "Disk", "label_values(rig_disk_reads_total{@}, device)", several=True, with_all=True, all_value=".*")


def count(name, query):
    """A hidden number for the title of a row, which says whether there is anything to see in the row."""
    return from_labels(name, name, f"query_result({query} or vector(0))", regex=r"/\} (\d+)/", hide=2)


def price():
    return {"name": "price", "type": "textbox", "label": "Price of 1 kWh", "query": "0.30", "hide": 0, "skipUrlSync": False,
            "current": {"selected": True, "text": "0.30", "value": "0.30"}, "options": [
                {"selected": True, "text": "0.30", "value": "0.30"}]}
