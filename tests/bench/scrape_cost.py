#!/usr/bin/env python3
"""Cost of a scrape of a rig: CPU and wall time, number of series, memory.

  scrape_cost.py EXPORTER [--rig NAME] [--scrapes N] [--rounds N]

If Debian's prometheus-node-exporter is installed, it reads the same rig with the corresponding collectors, and the ratio
is printed. Both are measured alternately, as the speed of a machine varies over time; the results are medians of the
rounds.
"""
import argparse
import http.client
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
from exporter_process import RIGS, Exporter, parse_samples, rig_flags  # noqa: E402

PEER = "prometheus-node-exporter"
PEER_COLLECTORS = ("cpu", "cpufreq", "loadavg", "meminfo", "mdadm", "drm", "hwmon", "filesystem", "stat")


class Peer:
    """node_exporter on a rig, with the same interface as Exporter."""

    def __init__(self, rig, port):
        self.address = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [PEER, f"--web.listen-address={self.address}", f"--path.procfs={rig / 'proc'}", f"--path.sysfs={rig / 'sys'}",
             "--collector.disable-defaults", *(f"--collector.{name}" for name in PEER_COLLECTORS)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                scrape(self.address)
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{PEER} did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def scrape(address, connection=None):
    connection = connection or http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
    return connection.getresponse().read()


def plain(address):
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/metrics")
    return parse_samples(connection.getresponse().read().decode())


def cpu_seconds(pid):
    """User and system time of a process in seconds."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def round_of(exporter, scrapes):
    connection = http.client.HTTPConnection(exporter.address, timeout=30)
    scrape(exporter.address, connection)
    before = cpu_seconds(exporter.process.pid)
    start = time.perf_counter()
    for _ in range(scrapes):
        scrape(exporter.address, connection)
    wall = (time.perf_counter() - start) / scrapes
    return (cpu_seconds(exporter.process.pid) - before) / scrapes, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--rig", default="rx6800x2-raid0")
    parser.add_argument("--scrapes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rig = RIGS / options.rig

    ours = Exporter(options.exporter, *rig_flags(rig))
    ours.wait_ready()
    subjects = {"rig_exporter": ours}
    if shutil.which(PEER):
        subjects[PEER] = Peer(rig, int(ours.address.rsplit(":", 1)[1]) + 1)
    cost = {name: [] for name in subjects}
    try:
        for _ in range(options.rounds):
            for name, subject in subjects.items():
                cost[name].append(round_of(subject, options.scrapes))
        for name, subject in subjects.items():
            samples = plain(subject.address)
            cpu = statistics.median(c for c, _ in cost[name])
            wall = statistics.median(w for _, w in cost[name])
            print(f"{name}: {cpu * 1e3:.3f} ms CPU and {wall * 1e3:.3f} ms wall per scrape, {len(samples)} series, "
                  f"{samples['process_resident_memory_bytes'] / 2**20:.1f} MiB resident")
        if PEER in subjects:
            ratio = [statistics.median(c for c, _ in cost[name]) for name in (PEER, "rig_exporter")]
            print(f"{PEER} needs {ratio[0] / ratio[1]:.1f} times the CPU of rig_exporter")
    finally:
        for subject in subjects.values():
            subject.stop()


if __name__ == "__main__":
    main()
