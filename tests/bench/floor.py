#!/usr/bin/env python3
"""The least that asking the kernel for what a scrape asks for can cost, and how many times as much the scrape costs.

  floor.py EXPORTER RIG_FLOOR [--rigs GPUS/CPUS/ARRAYS|host ...] [--save DIRECTORY] [--steps DIRECTORY]

Traces one scrape with strace, and takes each file that it reads, each directory that it lists, each link and path that it
looks up, once. RIG_FLOOR (build/dev/tests/bench/scrape_floor) does the same by path, below directories that are kept open, and
through descriptors that are kept open; then it only reads the files. Both programs are measured alternately; the results are
medians. Only the exporter itself is measured: the GPUs are read by its probe.

A version that asks for less has a lower floor. To measure two versions against the same one, save the steps of the first,
and give them to the second.
"""
import argparse
import collections
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from compare import scrape_for  # noqa: E402
from process_cost import Strace, cpu_seconds  # noqa: E402
from rigs import make_rig  # noqa: E402
from servers import Server, check, rig_exporter_command  # noqa: E402
from traced_scrape import trace  # noqa: E402

WAYS = ("by path", "below kept directories", "through kept descriptors")
FLOOR_ROUNDS = 50
OWN_PROCESS = "/proc/self/"  # in place of the exporter's, which ends
RIG = "RIG/"  # in saved steps, in place of a temporary directory


def floor_costs(program, steps):
    """CPU time in seconds by way."""
    lines = "".join(f"{word} {path}\n" for word, path in steps)
    done = subprocess.run([program, str(FLOOR_ROUNDS)], input=lines, stdout=subprocess.PIPE, text=True, check=True)
    rounds = [map(int, line.split()) for line in done.stdout.splitlines()]
    return [statistics.median(way) / 1e9 for way in zip(*rounds)]


def scrape_cost(server, seconds):
    before = cpu_seconds([server.pid])
    count = len(scrape_for(server.port, seconds, least=10)) + 1
    return (cpu_seconds([server.pid]) - before) / count


def steps_of(options, server, name, rig):
    file = f"{name.replace('/', '-')}.txt"
    if options.steps:
        lines = pathlib.Path(options.steps, file).read_text().splitlines()
        return [tuple(line.replace(f" {RIG}", f" {rig}/").split(" ", 1)) for line in lines]
    steps = [(word, path.replace(f"/proc/{server.pid}/", OWN_PROCESS)) for word, path in trace(server)
             if not rig or not rig.is_relative_to(path)]  # the directories above a rig are no part of it
    if options.save:
        pathlib.Path(options.save).mkdir(parents=True, exist_ok=True)
        text = "".join(f"{word} {path}\n" for word, path in steps)
        pathlib.Path(options.save, file).write_text(text.replace(f" {rig}/", f" {RIG}") if rig else text)
    return steps


def measure(options, name, rig):
    server = Server(rig_exporter_command(options.exporter, rig))
    try:
        server.wait_answer()
        server.wait_ready()
        check(server.samples(), rig)
        steps = steps_of(options, server, name, rig)
        files = [step for step in steps if step[0] == "read"]
        rounds = [(scrape_cost(server, options.seconds), *floor_costs(options.scrape_floor, steps),
                   *floor_costs(options.scrape_floor, files)) for _ in range(options.rounds)]
    finally:
        server.stop()
    scrape, *floors = (statistics.median(values) for values in zip(*rounds))
    kinds = collections.Counter(word for word, _ in steps)
    for what, values in ((", ".join(f"{count} {word}" for word, count in kinds.most_common()), floors[:3]),
                         (f"{len(files)} read only", floors[3:])):
        print(f"| {name} | {what} | {scrape * 1e3:.2f} ms | "
              + " | ".join(f"{floor * 1e3:.2f} ms, {scrape / floor:.1f}" for floor in values) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("scrape_floor")
    parser.add_argument("--rigs", nargs="+", default=("2/8/4", "host"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="of scrapes in a round")
    parser.add_argument("--steps", help="take the steps from this directory instead of tracing a scrape")
    parser.add_argument("--save", help="write the steps to this directory")
    options = parser.parse_args()
    not_traced = None if options.steps else Strace.problem()
    if not_traced:
        sys.exit(f"floor.py cannot trace a scrape: {not_traced}")
    print("CPU time of a scrape, of its steps, and how many times as much the scrape costs:\n")
    print(f"| machine | steps | scrape | {' | '.join(WAYS)} |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        for name in options.rigs:
            measure(options, name, None if name == "host" else make_rig(directory, *map(int, name.split("/"))))


if __name__ == "__main__":
    main()
