"""Counts of one scrape that hardly depend on the machine and its load: instructions, allocations, system calls, context
switches."""
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from process_cost import Strace, context_switches, system_calls  # noqa: E402
from servers import Client, Exporter, check, rig_flags  # noqa: E402

# No reading of the GPUs arrives during the measurement, and valgrind is slow.
FLAGS = ("--gpu.sample-interval=60s", "--scrape.timeout=300s")
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign"}
CALLGRIND_SCRAPES = 2
TRACED_SCRAPES = 5
SWITCHED_SCRAPES = 40
# How often these are called depends on which thread runs first.
SCHEDULED_CALLS = {"futex", "restart_syscall", "sched_yield"}


def parse_callgrind(text):
    """Instructions, and calls of functions that allocate. A name is written once, and then only its number."""
    names, allocations, called = {}, 0, None
    for kind, number, name, calls in re.findall(r"^(?:(c?fn)=\((\d+)\)(?: (.*))?|calls=(\d+).*)$", text, re.M):
        if name:
            names[number] = name.partition("'")[0]  # 'N is the depth of a recursion
        if kind == "cfn":
            called = names[number]
        elif calls and called in ALLOCATORS:
            allocations += int(calls)
    return int(re.search(r"^(?:summary|totals): (\d+)", text, re.M)[1]), allocations


def port_of(exporter):
    return int(exporter.address.rpartition(":")[2])


def scrape_completely(client):
    _, body = client.scrape()
    failed = re.search(rb"^rig_collector_success\{[^}]*\} 0", body, re.M)
    if failed:
        raise RuntimeError(f"a scrape is incomplete: {failed[0].decode()}")


def count_in_callgrind(program, flags):
    """Instructions and allocations of one scrape. Not those of the start, as only what follows is instrumented."""
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory, "callgrind")
        valgrind = ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={file}", program]
        with Exporter(valgrind, *flags) as exporter:
            def control(*order):
                subprocess.run(["callgrind_control", *order, str(exporter.pid)], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=True, timeout=120)
            exporter.wait_ready(60)
            client = Client(port_of(exporter))
            control("-i", "on")
            scrape_completely(client)
            control("--zero")
            for _ in range(CALLGRIND_SCRAPES):
                scrape_completely(client)
            control("--dump")
            client.close()
        return [round(count / CALLGRIND_SCRAPES) for count in parse_callgrind(file.with_suffix(".1").read_text())]


def median_switches(exporter, client):
    switches = []
    for _ in range(SWITCHED_SCRAPES):
        before = context_switches([exporter.pid]).voluntary
        scrape_completely(client)
        switches.append(context_switches([exporter.pid]).voluntary - before)
    return round(statistics.median(switches))


def count_system_calls(exporter, client):
    with Strace(exporter.pid, "-c") as strace:
        for _ in range(TRACED_SCRAPES):
            scrape_completely(client)
    calls = system_calls(strace.text)
    return round(sum(count for name, count in calls.items() if name not in SCHEDULED_CALLS) / TRACED_SCRAPES)


def counts_of(program, rig):
    """{count: number per scrape}"""
    flags = [*rig_flags(rig), *FLAGS]
    instructions, allocations = count_in_callgrind(program, flags)
    with Exporter(program, *flags) as exporter:
        exporter.wait_ready(60)
        series = check(exporter.scrape(), rig)
        client = Client(port_of(exporter))
        switches = median_switches(exporter, client)
        calls = count_system_calls(exporter, client)
        client.close()
    return {"series": series, "instructions": instructions, "allocations": allocations, "system calls": calls,
            "voluntary context switches": switches}
