#!/usr/bin/env python3
"""Evaluates every expression of the dashboards on a real Prometheus that scrapes rigs.

  dashboard_data_test.py EXPORTER
"""
import contextlib
import http.server
import itertools
import re
import sys
import tempfile
import threading
import time

from dashboards import ROOT, Variables, all_dashboards, panels_of
from exporter_process import RIGS, Exporter, rig_flags, wait_until
from prometheus_process import Prometheus, program

ALERTS = ROOT / "deploy" / "prometheus" / "rig_exporter.rules.yml"
RECORDING_RULES = ROOT / "deploy" / "prometheus" / "rig_exporter.recording.rules.yml"
BUSY, DEAD, STOPPED = "rx6800x2-raid0-busy", "rx6800x2-raid0-dead", "rx6800x2-one-suspended"
# Together they have every metric that can be played back.
MACHINES = (BUSY, DEAD, STOPPED, "rx6800x2-raid0", "rx6800x2-phantom-busy", "raid-zoo", "mi355x", "mi300x",
            "mi300x-aca", "mi300x-unknown-table", "mi210x2", "rx580-riser", "cpu-epyc-2x64", "cpu-i7-6700", "md-5.10-raid1-rebuilding")
# What cannot be played back: sizes, which come from the kernel of this machine, and events. They are served as text, with
# numbers that grow (GROWS) or shrink (SHRINKS) from scrape to scrape.
EVENTS = "events"
TEXT = """
rig_exporter_build_info{version="1",revision="2",compiler="3"} 1
rig_boot_time_seconds 1700000000
rig_gpu_probe_restarts_total 1
rig_exporter_http_authentication_failures_total 2
rig_cpu_seconds_total{cpu="0",mode="user"} GROWS
rig_disk_reads_total{device="sda",array="md0"} GROWS
rig_disk_read_bytes_total{device="sda",array="md0"} GROWS
rig_disk_read_seconds_total{device="sda",array="md0"} GROWS
rig_disk_writes_total{device="sda",array="md0"} GROWS
rig_disk_written_bytes_total{device="sda",array="md0"} GROWS
rig_disk_write_seconds_total{device="sda",array="md0"} GROWS
rig_filesystem_size_bytes{device="/dev/sda1",mountpoint="/",fstype="ext4"} 2000
rig_filesystem_free_bytes{device="/dev/sda1",mountpoint="/",fstype="ext4"} 1200
rig_filesystem_available_bytes{device="/dev/sda1",mountpoint="/",fstype="ext4"} SHRINKS
rig_filesystem_files{device="/dev/sda1",mountpoint="/",fstype="ext4"} 100
rig_filesystem_files_free{device="/dev/sda1",mountpoint="/",fstype="ext4"} 50
rig_filesystem_readonly{device="/dev/sda1",mountpoint="/",fstype="ext4"} 0
rig_filesystems_omitted 1
rig_raid_array_usable{array="md0"} 1
rig_raid_events_monitored{event="member_removal"} 1
rig_raid_bitmap_chunks{array="md0",state="dirty"} 3
rig_raid_changes_total{array="md0"} 4
rig_raid_member_removals_total{array="md0",member="sda"} 1
rig_gpu_throttled{gpu="0",pci_address="0000:03:00.0",reason="power"} 1
rig_gpu_info{gpu="0",pci_address="0000:03:00.0",name="AMD Instinct MI300X",unique_id="1",card="card0",vbios_version="1"} 1
rig_gpu_pcie_link_lanes{gpu="0",pci_address="0000:03:00.0"} 8
rig_gpu_pcie_link_max_lanes{gpu="0",pci_address="0000:03:00.0"} 16
rig_gpu_xgmi_link_up{gpu="0",pci_address="0000:03:00.0",link="1"} 0
"""
# The machine on which a panel has data, where that is not the busy rig.
MEANT_FOR = {
    "rig/Firing alerts": DEAD,
    "rig/Fullest filesystem": EVENTS,
    "rig/Members that are missing or faulty": DEAD,
    "rig/Pressure": "cpu-epyc-2x64",
    "rig/CPU temperature and throttling": "cpu-i7-6700",
    "rig/CPU power": "cpu-epyc-2x64",
    "rig/Huge pages": "cpu-epyc-2x64",
    "rig/NUMA nodes": "cpu-epyc-2x64",
    "fleet/Degraded links": EVENTS,
    "fleet/Unused GPUs": "rx6800x2-raid0",
    "fleet/Firing alerts": DEAD,
    "raid/Least tolerance": "raid-zoo",
    "raid/Longest sync": "raid-zoo",
    "raid/Mismatches": "raid-zoo",
    "raid/Fullest filesystem": EVENTS,
    "raid/Sync actions": "raid-zoo",
    "raid/Running and waiting syncs": "raid-zoo",
    "raid/Sync progress": "raid-zoo",
    "raid/Sync speed": "raid-zoo",
    "raid/Remaining time": "raid-zoo",
    "raid/Write-intent bitmap": "raid-zoo",
    "raid/Stripe cache": "raid-zoo",
    "raid/Changes": EVENTS,
    "raid/Removals": EVENTS,
    "raid/Read latency": EVENTS,
    "raid/Write latency": EVENTS,
    "raid/Size of requests": EVENTS,
    "raid/Used space": EVENTS,
    "raid/Predicted use": EVENTS,
    "raid/Events between scrapes": EVENTS,
    "gpu/Throttle reasons": EVENTS,
    "gpu/GPU memory by unit and container": "mi355x",
    "gpu/Evictions, migrations and page faults": "mi355x",
    "gpu/Processes": "mi355x",
    "gpu/PCIe errors": "rx580-riser",
    "gpu/PCIe data rate": "mi300x",
    "gpu/ECC errors": "mi300x",
    "gpu/ECC errors by block": "mi300x",
    "gpu/Bad pages": "mi300x",
    "gpu/XGMI data rate": "mi300x",
    "gpu/XGMI links": "mi300x-aca",
    "gpu/Width and speed of XGMI links": "mi300x",
    "gpu/XCC busy": "mi300x-aca",
    "gpu/Clock below what the host allows": "mi355x",
    "gpu/Power of package, board and node": "mi355x",
}
problems = []


def problem(where, what):
    problems.append(f"{where}: {what}")


class TextTarget:
    """Serves TEXT as metrics."""

    def __enter__(self):
        requests = itertools.count()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                number = next(requests)
                text = TEXT.lstrip().replace("GROWS", str(number)).replace("SHRINKS", str(1000 - number))
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def series_of(target, prometheus, variables):
    """Labels of the series that a query of a panel returns."""
    expression = variables.fill(target["expr"]).replace(":5m]", ":1s]")
    if target["instant"]:
        return [labels for labels, _ in prometheus.query(expression)]
    return [series["metric"] for series in prometheus.query_range(expression, 10)]


def problems_of(where, panel, machines, prometheus):
    """Queries without data, and labels in legends that no series has."""
    found_problems, on_meant = [], 0
    meant = MEANT_FOR.get(where, BUSY)
    for target in panel["targets"]:
        labels, series = set(), 0
        in_legend = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]))
        # The machine it is meant for first; the others if it has no data there.
        for machine in sorted(machines, key=lambda one: one != meant):
            try:
                found = series_of(target, prometheus, machines[machine])
            except ValueError as error:
                return [f"{target['expr']}: {error}"]
            series += len(found)
            labels.update(*found)
            on_meant += len(found) if machine == meant else 0
            if series and in_legend <= labels:
                break
        if not series:
            found_problems.append(f"no data on any machine: {target['expr']}")
        elif not in_legend <= labels:
            found_problems.append(f"the legend names {in_legend - labels}, which no series has")
    return found_problems if on_meant else [*found_problems, f"no data on {meant}"]


def check_dashboard(name, dashboard, prometheus):
    machines = {machine: Variables(dashboard, prometheus, machine) for machine in (*MACHINES, EVENTS)}
    for machine, variables in machines.items():
        if machine not in variables.options["instance"]:
            problem(name, f"$instance does not offer {machine}")
    # When this machine is busy, a scrape may take longer than its timeout of a second, and all values are missing for a moment.
    end = time.monotonic() + 30
    for panel in panels_of(dashboard):
        where = f"{name}/{panel['title']}"
        while (found := problems_of(where, panel, machines, prometheus)) and time.monotonic() < end:
            time.sleep(1)
        for what in found:
            problem(where, what)
    for annotation in dashboard["annotations"]["list"]:
        if "expr" in annotation:
            prometheus.query(machines[BUSY].fill(annotation["expr"]))
    panels = list(panels_of(dashboard))
    print(f"{name}: {len(panels)} panels, {sum(len(panel['targets']) for panel in panels)} expressions, {len(machines)} machines")


def check_stopped(name, dashboard, prometheus):
    """No value at this moment of a machine that is down, except that it is down. What adds up the time range is no current value."""
    that_it_is_down = r"^max\(up\{|\bALERTS\b|instance:rig_(up:bool|state:worst)\{[^}]*\}(?! == 1)"
    variables = Variables(dashboard, prometheus, STOPPED)
    if STOPPED not in variables.options["instance"]:
        problem(name, "$instance does not offer a machine that is down")
    for panel in panels_of(dashboard):
        for target in panel["targets"]:
            if not re.search(that_it_is_down + r"|\$__range\b", target["expr"]):
                for labels, _ in prometheus.query(variables.fill(target["expr"])):
                    problem(f"{name}/{panel['title']}", f"has a value of a machine that is down: {labels}")


def rule_files(directory):
    """The rules, all evaluated at the interval of the test, and with hours as short as the test."""
    copy = directory / RECORDING_RULES.name
    copy.write_text(re.sub(r"\b1h\b", "3s", re.sub(r"\n +interval: \w+", "", RECORDING_RULES.read_text())))
    return [ALERTS, copy]


def main():
    exporter = sys.argv[1]
    program("prometheus")
    with contextlib.ExitStack() as running:
        targets = {rig: running.enter_context(Exporter(exporter, *rig_flags(RIGS / rig))) for rig in MACHINES}
        for one in targets.values():
            one.wait_ready()
        targets[EVENTS] = running.enter_context(TextTarget())
        directory = ROOT.__class__(running.enter_context(tempfile.TemporaryDirectory()))
        prometheus = running.enter_context(
            Prometheus({rig: one.address for rig, one in targets.items()}, rule_files=rule_files(directory), clusters={BUSY: "lab"}))
        prometheus.wait_for_scrapes(targets, 8)
        for name, dashboard in all_dashboards().items():
            check_dashboard(name, dashboard, prometheus)
        targets[STOPPED].stop()
        wait_until(lambda: (0.0 in [value for _, value in prometheus.query(f'up{{instance="{STOPPED}"}}')]), 30,
                   "Prometheus to notice that a machine is down")
        wait_until(lambda: not prometheus.query(f'{{__name__=~"gpu:.+|instance:rig_gpus:count", instance="{STOPPED}"}}'), 30,
                   "the recorded values of a machine that is down to disappear")
        for name, dashboard in all_dashboards().items():
            check_stopped(name, dashboard, prometheus)
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


main()
