#!/usr/bin/env python3
"""The exporter and node_exporter report the same values for this machine while it is under load.

  node_exporter_test.py EXPORTER [--seconds N]     N seconds of load (4)

A round scrapes our exporter, node_exporter, and ours again. A counter of node_exporter must lie between our two values,
since it was read between them; CPU times may differ by one more tick, because the kernel accounts idle time in two ways.
A gauge may have changed and returned in between, so it may lie outside of the range by the difference of our two values;
a constant gauge must be equal. The kernel counts committed memory to the page, and an exporter commits some for the
connection that scrapes it, so there the two may differ by that. As gauges can change arbitrarily between two reads, a series has to agree in only half
of the rounds, and rounds continue for some time after the load if one does not. A wrong unit or a wrong line agrees in
no round, or by chance in a few.

Over the whole load, the CPU times must increase equally, and by at least what the load itself was charged for.
"""
import argparse
import collections
import mmap
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request

from exporter_process import Exporter, parse_samples
from prometheus_process import free_port, program

TICK = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
ENOUGH = 0.5  # of the rounds; on a machine with five times as much load as CPUs the worst gauge agreed in 0.83
OWN_MEMORY = 1 << 20  # bytes; what an exporter allocates while it is scraped and has returned when the other is
EXTRA_SECONDS = 30  # of rounds after the load, if a series does not agree in enough of them

MEMINFO = {"total": "MemTotal", "free": "MemFree", "available": "MemAvailable", "buffers": "Buffers", "cached": "Cached",
           "shmem": "Shmem", "slab_reclaimable": "SReclaimable", "slab_unreclaimable": "SUnreclaim", "dirty": "Dirty",
           "writeback": "Writeback", "anonymous": "AnonPages", "mapped": "Mapped", "committed": "Committed_AS",
           "commit_limit": "CommitLimit", "swap_total": "SwapTotal", "swap_free": "SwapFree"}
NODE_MEMINFO = {"total": "MemTotal", "free": "MemFree", "used": "MemUsed"}
FILESYSTEM = {"size_bytes": "size_bytes", "free_bytes": "free_bytes", "available_bytes": "avail_bytes", "files": "files",
              "files_free": "files_free", "readonly": "readonly"}
DISK = {"reads_total": "reads_completed_total", "writes_total": "writes_completed_total",
        "read_bytes_total": "read_bytes_total", "written_bytes_total": "written_bytes_total",
        "read_seconds_total": "read_time_seconds_total", "write_seconds_total": "write_time_seconds_total",
        "io_seconds_total": "io_time_seconds_total"}
PRESSURE = {("cpu", "some"): "cpu_waiting", ("io", "some"): "io_waiting", ("io", "full"): "io_stalled",
            ("memory", "some"): "memory_waiting", ("memory", "full"): "memory_stalled"}

# Our metric -> a function from the labels of a series to node_exporter's name, labels and the factor to our unit. Values
# that change all the time are not compared: the current frequency, running processes, I/O in progress.
COUNTERPARTS = {
    "rig_boot_time_seconds": lambda _: ("node_boot_time_seconds", {}, 1),
    "rig_load_average": lambda labels: (f"node_load{labels['window'].rstrip('m')}", {}, 1),
    "rig_memory_swapped_in_bytes_total": lambda _: ("node_vmstat_pswpin", {}, PAGE),
    "rig_memory_swapped_out_bytes_total": lambda _: ("node_vmstat_pswpout", {}, PAGE),
    "rig_memory_major_problems_total": lambda _: ("node_vmstat_pgmajfault", {}, 1),
    "rig_memory_oom_kills_total": lambda _: ("node_vmstat_oom_kill", {}, 1),
    "rig_memory_errors_total": lambda labels: (
        f"node_edac_{labels['severity']}_errors_total", {"controller": labels["controller"].removeprefix("mc")}, 1),
    "rig_context_switches_total": lambda _: ("node_context_switches_total", {}, 1),
    "rig_processes_forked_total": lambda _: ("node_forks_total", {}, 1),
    "rig_cpu_frequency_min_hertz": lambda labels: ("node_cpu_frequency_min_hertz", {"cpu": labels["cpu"]}, 1),
    "rig_cpu_frequency_max_hertz": lambda labels: ("node_cpu_frequency_max_hertz", {"cpu": labels["cpu"]}, 1),
    "rig_cpu_seconds_total": lambda labels: (
        ("node_cpu_guest_seconds_total", {"cpu": labels["cpu"], "mode": "nice" if "nice" in labels["mode"] else "user"}, 1)
        if labels["mode"].startswith("guest") else ("node_cpu_seconds_total", labels, 1)),
    "rig_pressure_seconds_total": lambda labels: (
        f"node_pressure_{PRESSURE.get((labels['resource'], labels['kind']))}_seconds_total", {}, 1),
    **{f"rig_memory_{ours}_bytes": lambda _, name=theirs: (f"node_memory_{name}_bytes", {}, 1)
       for ours, theirs in MEMINFO.items()},
    **{f"rig_memory_node_{ours}_bytes": lambda labels, name=theirs: (f"node_memory_numa_{name}", labels, 1)
       for ours, theirs in NODE_MEMINFO.items()},
    **{f"rig_filesystem_{ours}": lambda labels, name=theirs: (f"node_filesystem_{name}", labels, 1)
       for ours, theirs in FILESYSTEM.items()},
    **{f"rig_disk_{ours}": lambda labels, name=theirs: (f"node_disk_{name}", {"device": labels["device"]}, 1)
       for ours, theirs in DISK.items()},
}
# Every Linux machine has these: each of their series must have a counterpart.
EXPECTED = {"rig_boot_time_seconds", "rig_load_average", "rig_cpu_seconds_total", "rig_memory_major_problems_total",
            *(f"rig_memory_{ours}_bytes" for ours in MEMINFO)}

Round = collections.namedtuple("Round", "before node after")


def split_series(series):
    name, _, labels = series.partition("{")
    return name, dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))


def series_key(name, labels):
    return name, frozenset(labels.items())


def counterpart_of(series):
    """The key of node_exporter's series for one of ours, and the factor to our unit."""
    name, labels = split_series(series)
    if name not in COUNTERPARTS:
        return None, None
    theirs, their_labels, factor = COUNTERPARTS[name](labels)
    return series_key(theirs, their_labels), factor


class NodeExporter:
    def __init__(self):
        binary = program("prometheus-node-exporter")
        self.address = f"127.0.0.1:{free_port()}"
        self.process = subprocess.Popen([binary, f"--web.listen-address={self.address}", "--collector.meminfo_numa"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        end = time.monotonic() + 30
        while True:
            try:
                self.scrape()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.__exit__()
                    raise RuntimeError("node_exporter did not start") from None
                time.sleep(0.1)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def scrape(self):
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=30) as response:
            samples = parse_samples(response.read().decode())
        return {series_key(*split_series(series)): value for series, value in samples.items()}


def work(end):
    """Computes, takes memory and gives it back, writes a file to disk."""
    with tempfile.TemporaryFile() as file:
        while time.monotonic() < end:
            with mmap.mmap(-1, 32 << 20) as memory:
                for page in range(0, len(memory), PAGE):
                    memory[page] = 1
            sum(range(200_000))
            file.seek(0)
            file.write(bytes(4 << 20))
            os.fsync(file.fileno())


class Load:
    """For so many seconds."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds
        spawn = multiprocessing.get_context("spawn")  # a thread reads the exporter's log: no plain fork
        self.workers = [spawn.Process(target=work, args=(self.end,), daemon=True) for _ in range(2)]
        for worker in self.workers:
            worker.start()

    def charged_seconds(self):
        for worker in self.workers:
            worker.join()
        charged = resource.getrusage(resource.RUSAGE_CHILDREN)
        return charged.ru_utime + charged.ru_stime


def span(name, before, after):
    """The range that node_exporter's value must be in."""
    low, high = min(before, after), max(before, after)
    slack = abs(high) * 1e-9  # decimals
    if name == "rig_cpu_seconds_total":
        slack += TICK
    elif not name.endswith("_total"):
        slack += high - low
    if name == "rig_memory_committed_bytes":
        slack += OWN_MEMORY
    return low - slack, high + slack


def agreements(scraped):
    """For all series that both have: {our series: whether it agrees in this round}."""
    found = {}
    for series in scraped.before.keys() & scraped.after.keys():
        key, factor = counterpart_of(series)
        if key not in scraped.node:
            continue
        low, high = span(split_series(series)[0], scraped.before[series], scraped.after[series])
        found[series] = low <= scraped.node[key] * factor <= high
    return found


def without_counterpart(scraped):
    return sorted(series for series in scraped.before
                  if split_series(series)[0] in EXPECTED and counterpart_of(series)[0] not in scraped.node)


def cpu_problems(first, last, charged_seconds):
    """Compares the CPU times over the whole load."""
    problems = []
    busy = 0
    for series in first.before:
        name, labels = split_series(series)
        if name != "rig_cpu_seconds_total" or series not in last.after:
            continue
        key, _ = counterpart_of(series)
        theirs = last.node[key] - first.node[key]
        least, most = last.before[series] - first.after[series], last.after[series] - first.before[series]
        if not least - 2 * TICK <= theirs <= most + 2 * TICK:
            problems.append(f"{series} grew by {least:.2f} to {most:.2f} s, node_exporter's by {theirs:.2f} s")
        if labels["mode"] in ("user", "nice", "system"):
            busy += most
    # /proc/stat counts ticks for the task that runs at the tick; the load's rusage is exact.
    if busy < charged_seconds * 0.8:
        problems.append(f"the CPUs were busy for {busy:.2f} s, and the load alone took {charged_seconds:.2f} s")
    print(f"CPUs busy for {busy:.2f} s, of which the load had {charged_seconds:.2f} s")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()

    with NodeExporter() as node, Exporter(options.exporter) as exporter:
        exporter.wait_ready()

        def scrape_round():
            return Round(exporter.scrape(), node.scrape(), exporter.scrape())

        last = first = scrape_round()
        load = Load(options.seconds)
        rounds, agreed = 0, collections.Counter()
        while time.monotonic() < load.end:
            last = scrape_round()
            rounds += 1
            agreed.update(agreements(last))
            time.sleep(0.1)
        problems = cpu_problems(first, scrape_round(), load.charged_seconds())
        problems += [f"{series} has no counterpart" for series in without_counterpart(first)]
        while min(agreed.values(), default=0) < rounds * ENOUGH and time.monotonic() < load.end + EXTRA_SECONDS:
            last = scrape_round()
            rounds += 1
            agreed.update(agreements(last))

    for series in sorted(series for series, count in agreed.items() if count < rounds * ENOUGH):
        key, factor = counterpart_of(series)
        problems.append(f"{series} agreed in {agreed[series]} of {rounds} rounds: most recently "
                      f"{last.before.get(series)} and {last.after.get(series)}, "
                      f"node_exporter {last.node.get(key, float('nan')) * factor}")
    for family, count in sorted(collections.Counter(split_series(series)[0] for series in agreed).items()):
        part = min(agreed[series] for series in agreed if split_series(series)[0] == family) / rounds
        print(f"{family}: {count} series, each agreed in at least {part:.0%} of the rounds")
    print("\n".join(problems))
    print(f"{len(agreed)} series compared in {rounds} rounds, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
