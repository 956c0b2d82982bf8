#!/usr/bin/env python3
"""What a fleet of machines with rig_exporter costs one Prometheus: measured with many exporters on this machine.

  fleet.py EXPORTER [--machines N] [--seconds S] [--interval S] [--rig GPUS/CPUS/ARRAYS]

Runs the exporters and a real Prometheus with all rules of deploy/prometheus, first for half of the machines, then for all
of them, and prints a table: series, memory and CPU time of Prometheus, how long scrapes and rules take, and the cost of the
exporters. The machines are written by rigs.py; each has its own exporter and probe. "per machine" is the slope between the
two sizes, from which larger fleets are extrapolated; that they are linear is to be seen in the columns.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from process_cost import cpu_seconds, memory  # noqa: E402
from rigs import make_rig  # noqa: E402
from servers import Server, rig_exporter_command  # noqa: E402
from prometheus_process import Prometheus  # noqa: E402

RULES = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
EXTRAPOLATED = (1000, 10_000)
MIB = 2**20
# (name, unit, decimals, whether it grows with the number of machines)
MEASURES = {
    "series": ("head series of Prometheus", "", 0, True),
    "memory": ("memory of Prometheus in use (heap)", "MiB", 1, True),
    "resident": ("resident memory of Prometheus", "MiB", 1, True),
    "cpu": ("CPU time of Prometheus per second, without queries", "ms", 1, True),
    "samples": ("samples per second", "", 0, True),
    "bytes": ("bytes on the network per second, gzip", "", 0, True),
    "scrape_mean": ("duration of a scrape, mean", "ms", 1, False),
    "scrape_p99": ("duration of a scrape, 99th percentile", "ms", 1, False),
    "rules": ("evaluation of all rules", "ms", 1, True),
    "exporter_cpu": ("CPU time of an exporter and its probe per second", "ms", 2, False),
    "exporter_memory": ("proportional memory of an exporter and its probe", "MiB", 1, False),
}


class Fleet:
    """Prometheus, scraping every `interval` seconds. The first machines are in cluster a, the others in b."""

    def __init__(self, servers, interval):
        self.servers = servers
        self.interval = interval
        rules = sorted(RULES.glob("*.rules.yml"))
        targets = {f"rig{number:05}": f"127.0.0.1:{server.port}" for number, server in enumerate(servers)}
        seconds = f"{interval}s"
        self.prometheus = Prometheus(targets, rules, seconds, scrape_interval=seconds, scrape_timeout=seconds)

    def own_metrics(self):
        text = urllib.request.urlopen(f"{self.prometheus.url}/metrics", timeout=30).read().decode()
        return {name: float(value) for name, value in re.findall(r"^([a-z_]+(?:{[^}]*})?) (\S+)$", text, re.M)}

    def all_pids(self):
        return [server.pids() for server in self.servers]

    def measure(self, seconds):
        self.prometheus.wait_for_scrapes(self.names(), 3, seconds=60 + 5 * self.interval)
        pids = self.all_pids()
        begin = time.monotonic(), cpu_seconds([self.prometheus.process.pid]), sum(map(cpu_seconds, pids))
        time.sleep(seconds)
        end = time.monotonic(), cpu_seconds([self.prometheus.process.pid]), sum(map(cpu_seconds, pids))
        passed, cpu, exporters = (after - before for before, after in zip(begin, end))
        own = self.own_metrics()
        durations = sorted(value for _, value in self.prometheus.query(f"avg_over_time(scrape_duration_seconds[{seconds}s])"))
        down = [labels["instance"] for labels, value in self.prometheus.query(f"min_over_time(up[{seconds}s])") if value < 1]
        if down:
            sys.exit(f"scrapes of {', '.join(down)} failed: this machine is too slow for as many")
        return {
            "series": own["prometheus_tsdb_head_series"],
            "memory": own["go_memstats_heap_inuse_bytes"] / MIB,
            "resident": own["process_resident_memory_bytes"] / MIB,
            "cpu": 1000 * cpu / passed,
            "samples": sum(value for _, value in self.prometheus.query("scrape_samples_scraped")) / self.interval,
            "bytes": len(self.servers) * self.compressed_bytes() / self.interval,
            "scrape_mean": 1000 * sum(durations) / len(durations),
            "scrape_p99": 1000 * self.prometheus.query(
                f"quantile(0.99, quantile_over_time(0.99, scrape_duration_seconds[{seconds}s]))")[0][1],
            "rules": 1000 * sum(value for name, value in own.items()
                                if name.startswith("prometheus_rule_group_last_duration_seconds")),
            "exporter_cpu": 1000 * exporters / passed / len(self.servers),
            "exporter_memory": sum(memory(group).proportional for group in pids) / MIB / len(self.servers),
        }

    def names(self):
        return [f"rig{number:05}" for number in range(len(self.servers))]

    def compressed_bytes(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.servers[0].port}/metrics", headers={"Accept-Encoding": "gzip"})
        return len(urllib.request.urlopen(request, timeout=30).read())

    def alerts(self):
        return {labels["alertname"]: int(value) for labels, value in self.prometheus.query(
            'count by (alertname) (ALERTS{alertstate="firing"})')}


def start_servers(program, rig, count):
    servers = []
    try:
        for _ in range(count):
            servers.append(Server(rig_exporter_command(program, rig)))
            servers[-1].wait_answer()
        for server in servers:
            server.wait_ready()
    except BaseException:
        stop_servers(servers)
        raise
    return servers


def stop_servers(servers):
    for server in servers:
        server.process.terminate()
    for server in servers:
        server.stop()


def print_table(small, large, results):
    print("|", "|".join(["", *(f"{count} machines" for count in (small, large)), "per machine",
                         *(f"{count:,} machines (extrapolated)" for count in EXTRAPOLATED)]), "|")
    print("|", "|".join(["---", *["---:"] * (3 + len(EXTRAPOLATED))]), "|")
    for key, (name, unit, decimals, grows) in MEASURES.items():
        first, second = (result[key] for result in results)
        slope = (second - first) / (large - small)
        cells = [f"{first:,.{decimals}f}", f"{second:,.{decimals}f}"]
        if grows:
            cells += [f"{slope:,.3g}", *(f"{second + slope * (count - large):,.0f}" for count in EXTRAPOLATED)]
        else:
            cells += ["-"] * (1 + len(EXTRAPOLATED))
        print("|", " | ".join([f"{name}, {unit}" if unit else name, *cells]), "|")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--machines", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--interval", type=int, default=15)
    parser.add_argument("--rig", default="8/64/4")
    arguments = parser.parse_args()
    small, large = arguments.machines // 2, arguments.machines
    with tempfile.TemporaryDirectory() as directory:
        rig = make_rig(pathlib.Path(directory), *map(int, arguments.rig.split("/")))
        servers = start_servers(arguments.exporter, rig, large)
        try:
            results = []
            for count in (small, large):
                fleet = Fleet(servers[:count], arguments.interval)
                with fleet.prometheus:
                    results.append(fleet.measure(arguments.seconds))
                    alerts = fleet.alerts()
        finally:
            stop_servers(servers)
    version = subprocess.run([arguments.exporter, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    print(f"{version}; machines with GPUs/CPUs/arrays {arguments.rig}, scraped every {arguments.interval} s for "
          f"{arguments.seconds} s\n")
    print_table(small, large, results)
    print(f"\nfiring alerts: {alerts or 'none'}")


main()
