#!/usr/bin/env python3
"""Cost of rig_exporter beside Debian's node_exporter: the same machines, the same scope, alternating in one run.

  compare.py EXPORTER [--node-exporter PROGRAM] [--rigs GPUS/CPUS/ARRAYS|host ...] [--rounds N] [--seconds S] [--csv FILE]

Prints Markdown. node_exporter is the given one, an installed one or the one that tests/run downloaded. "host" is this
machine; the others are written by rigs.py. Connections are kept, the text is not compressed. CPU time and memory are those
of all processes, so that the probe of rig_exporter, which samples every second by itself, counts; what both use without
scrapes is listed separately. Values are medians of the rounds, percentiles are those of all requests.
"""
import argparse
import csv
import multiprocessing
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from process_cost import Strace, context_switches, cpu_seconds, memory, system_calls  # noqa: E402
from rigs import make_rig  # noqa: E402
from servers import (Client, Server, check, find_node_exporter, node_exporter_command,  # noqa: E402
                     rig_exporter_command)

RIGS = ("2/8/4", "8/64/32", "2/8/128", "2/512/4", "64/8/4", "host")
CLIENTS = 8
# For so long after an event of the kernel rig_exporter remembers nothing of its sysfs.
SETTLING_SECONDS = 6
LEAST_SCRAPES = 10
TRACED_SCRAPES = 5
MIB = 2**20
CPU = "CPU per scrape, ms"


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def scrape_for(port, seconds, least=1):
    """How long each scrape took, in seconds."""
    client = Client(port)
    client.scrape()
    took, end = [], time.perf_counter() + seconds
    while len(took) < least or time.perf_counter() < end:
        start = time.perf_counter()
        client.scrape()
        took.append(time.perf_counter() - start)
    client.close()
    return took


def many_clients(port, seconds):
    """The same with several clients at once, each of which is a process."""
    with multiprocessing.get_context("fork").Pool(CLIENTS) as pool:
        results = pool.starmap(scrape_for, [(port, seconds)] * CLIENTS, chunksize=1)
    return [took for result in results for took in result]


class Subject:
    """One of the two exporters on one machine, and its measurements: {measure: [value of each round]}."""

    def __init__(self, command, rig, rounds):
        self.command, self.rig = command, rig
        self.values = {}
        self.alone, self.together = [], []
        self.rounds = rounds
        self.server = None

    def add(self, measure, value):
        self.values.setdefault(measure, []).append(value)

    def start(self):
        """Measures the start; the last started server remains."""
        if self.server:
            self.server.stop()
        self.server = Server(self.command)
        self.add("start until the first response, ms", self.server.wait_answer() * 1e3)

    def measure_idle(self, seconds):
        pids = self.server.pids()
        before = [cpu_seconds([pid]) for pid in pids]
        time.sleep(seconds)
        used = [cpu_seconds([pid]) - start for pid, start in zip(pids, before)]
        self.add("idle: CPU of all processes, % of a core", 100 * sum(used) / seconds)
        if used[1:]:
            self.add("idle: of this the GPU probe, % of a core", 100 * sum(used[1:]) / seconds)

    def measure_scrapes(self, seconds):
        pids = self.server.pids()
        cpu, switches, start = cpu_seconds(pids), context_switches(pids), time.perf_counter()
        took = scrape_for(self.server.port, seconds, LEAST_SCRAPES)
        count = len(took) + 1
        switched = [(after - before) / count for before, after in zip(switches, context_switches(pids))]
        self.add(CPU, (cpu_seconds(pids) - cpu) / count * 1e3)
        self.add("context switches per scrape", sum(switched))
        self.add("voluntary context switches per scrape", switched[0])
        self.add("scrapes per second, 1 client", count / (time.perf_counter() - start))
        self.alone += took

    def measure_many(self, seconds):
        start = time.perf_counter()
        took = many_clients(self.server.port, seconds)
        self.add(f"scrapes per second, {CLIENTS} clients", len(took) / (time.perf_counter() - start))
        self.together += took

    def measure_memory(self):
        used = memory(self.server.pids())
        self.add("resident memory, MiB", used.resident / MIB)
        self.add("proportional memory (PSS), MiB", used.proportional / MIB)
        self.add("private memory, MiB", used.private / MIB)
        self.add("private dirty memory, MiB", used.dirty / MIB)

    def trace(self):
        client = Client(self.server.port)
        client.scrape()
        with Strace(self.server.pid, "-c") as strace:
            for _ in range(TRACED_SCRAPES):
                client.scrape()
        client.close()
        self.add("system calls per scrape", sum(system_calls(strace.text).values()) / TRACED_SCRAPES)

    def results(self):
        """{measure: value}"""
        results = {measure: statistics.median(values) for measure, values in self.values.items()}
        for name, took in (("1 client", self.alone), (f"{CLIENTS} clients", self.together)):
            for percent in (50, 99):
                results[f"wall p{percent}, {name}, ms"] = percentile(took, percent) * 1e3
        return results


def measure(commands, rig, rounds, seconds, traced):
    """{name of the exporter: {measure: value}}"""
    subjects = {name: Subject(command, rig, rounds) for name, command in commands.items()}
    try:
        for _ in range(rounds):
            for subject in subjects.values():
                subject.start()
        for subject in subjects.values():
            subject.server.wait_ready()
            subject.add("series", check(subject.server.samples(), rig))
        time.sleep(SETTLING_SECONDS)
        for _ in range(rounds):
            for step in (Subject.measure_scrapes, Subject.measure_many):
                for subject in subjects.values():
                    step(subject, seconds)
        for subject in subjects.values():
            subject.measure_idle(5 * seconds)
            subject.measure_memory()
            if traced:
                subject.trace()
        return {name: subject.results() for name, subject in subjects.items()}
    finally:
        for subject in subjects.values():
            if subject.server:
                subject.server.stop()


def rows_of(results):
    """(measure, node_exporter's value, rig_exporter's, how many times better rig_exporter is)"""
    node, rig = results["node_exporter"], results["rig_exporter"]
    for name in rig:
        theirs, ours = node.get(name), rig[name]
        ratio = None
        if theirs and ours and name != "series":
            ratio = ours / theirs if name.startswith("scrapes per second") else theirs / ours
        yield name, theirs, ours, ratio


def number(value):
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 1000 or value == int(value) else f"{value:.3g}"


def markdown(rig, results):
    lines = [f"### {'This machine' if rig == 'host' else rig + ' (GPUs/CPUs/arrays)'}", "",
             "| measure | node_exporter | rig_exporter | better by |", "|---|---|---|---|"]
    lines += [f"| {' | '.join([name, *map(number, values)])} |" for name, *values in rows_of(results)]
    return "\n".join(lines) + "\n"


def summary(table):
    """CPU time of all machines, from the rows for the CSV file."""
    lines = ["### CPU per scrape, ms", "", "| GPUs/CPUs/arrays | node_exporter | rig_exporter | better by |", "|---|---|---|---|"]
    lines += [f"| {' | '.join([rig, *map(number, values)])} |" for rig, name, *values in table if name == CPU]
    return "\n".join(lines)


def first_line(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.partition("\n")[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--node-exporter")
    parser.add_argument("--rigs", nargs="+", default=RIGS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement in a round")
    parser.add_argument("--csv")
    options = parser.parse_args()
    node_exporter = find_node_exporter(options.node_exporter)
    if not node_exporter:
        sys.exit("prometheus-node-exporter was not found: give its path with --node-exporter, or run tests/run, which downloads it")
    print(f"{first_line(options.exporter, '--version')}; {first_line(node_exporter, '--version')}; Linux {platform.release()}, "
          f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; {options.rounds} rounds of {options.seconds:g} s\n", flush=True)
    not_traced = Strace.problem()
    if not_traced:
        print(f"No system calls are counted: {not_traced}\n")
    table = [("rig", "measure", "node_exporter", "rig_exporter", "better_by")]
    with tempfile.TemporaryDirectory() as directory:
        for name in options.rigs:
            rig = None if name == "host" else make_rig(directory, *map(int, name.split("/")))
            results = measure({"node_exporter": node_exporter_command(node_exporter, rig),
                               "rig_exporter": rig_exporter_command(options.exporter, rig)},
                              rig, options.rounds, options.seconds, not not_traced)
            print(markdown(name, results), flush=True)
            table += [(name, *row) for row in rows_of(results)]
    print(summary(table))
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(table)


if __name__ == "__main__":
    main()
