#!/usr/bin/env python3
"""Cost of a scrape by the number of md arrays: opened files, CPU and wall time, threads, resident memory.

  raid_cost.py EXPORTER [--arrays N...] [--scrapes N] [--rounds N]

Reads a synthetic machine with N copies of a rig's array, a RAID 1 that is being rebuilt, on separate disks; the collectors
raid, disk and filesystem are enabled. Files are counted with strace if it is installed. The results are medians of
interleaved rounds.
"""
import argparse
import http.client
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "integration"))
from exporter_process import RIGS, Exporter, rig_flags  # noqa: E402

RIG = RIGS / "md-5.10-raid1-rebuilding"
MEMBERS = ("sda", "sdc")
FLAGS = ("--collector.disable-defaults", "--collector.raid", "--collector.disk", "--collector.filesystem")


def copy_array(rig, copy, number):
    """Copies the rig's array and its disks under other names."""
    names = {"md0": f"md{number}", **{member: f"{member}{number}" for member in MEMBERS}}

    def renamed(text):
        for old, new in names.items():
            text = text.replace(old, new)
        return text.replace("pseudo_0", f"pseudo_{number}")

    for entry in sorted((rig / "sys").rglob("*")):
        there = copy / renamed(str(entry.relative_to(rig)))
        if entry.is_symlink():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.symlink_to(renamed(str(entry.readlink())))
        elif entry.is_dir():
            there.mkdir(parents=True, exist_ok=True)
        else:
            shutil.copyfile(entry, there)
    for name in ("mdstat", "diskstats"):
        text = (rig / "proc" / name).read_text()
        lines = [renamed(line) for line in text.splitlines() if any(old in line for old in names) or line.startswith("      ")]
        with (copy / "proc" / name).open("a") as file:
            file.write("\n".join(lines) + "\n")
    for disk in (copy / "sys/devices").glob(f"pseudo_{number}/*/*/*/*/block/*"):
        (copy / "sys/block" / disk.name).symlink_to("../" + str(disk.relative_to(copy / "sys")))


def make_rig(directory, arrays):
    copy = pathlib.Path(directory) / str(arrays)
    (copy / "proc").mkdir(parents=True)
    (copy / "proc/mdstat").write_text("Personalities : [raid1] \n")
    for number in range(arrays):
        copy_array(RIG, copy, number)
    with (copy / "proc/mdstat").open("a") as file:
        file.write("unused devices: <none>\n")
    return copy


def cpu_seconds(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def scrape(connection):
    connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
    return connection.getresponse().read()


def round_of(exporter, scrapes):
    connection = http.client.HTTPConnection(exporter.address, timeout=30)
    scrape(connection)
    before, start = cpu_seconds(exporter.pid), time.perf_counter()
    for _ in range(scrapes):
        scrape(connection)
    wall = time.perf_counter() - start
    return (cpu_seconds(exporter.pid) - before) / scrapes, wall / scrapes


def opened_files(exporter, scrapes=5):
    """Opened files per scrape; None without strace."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile("r") as trace:
        strace = subprocess.Popen(["strace", "-f", "-q", "-e", "trace=open,openat", "-o", trace.name, "-p", str(exporter.pid)],
                                  stderr=subprocess.DEVNULL)
        time.sleep(1)
        connection = http.client.HTTPConnection(exporter.address, timeout=60)
        for _ in range(scrapes):
            scrape(connection)
        time.sleep(0.5)
        strace.terminate()
        strace.wait()
        # "<... openat resumed>" is the end of a call that is already counted.
        return len(re.findall(r"\bopen(?:at)?\(", trace.read())) / scrapes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--arrays", type=int, nargs="+", default=[1, 16, 128])
    parser.add_argument("--scrapes", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    exporters = {}
    with tempfile.TemporaryDirectory() as directory:
        try:
            for arrays in options.arrays:
                exporters[arrays] = Exporter(options.exporter, *rig_flags(make_rig(directory, arrays)), *FLAGS)
            cost = {arrays: [] for arrays in exporters}
            for _ in range(options.rounds):
                for arrays, exporter in exporters.items():
                    cost[arrays].append(round_of(exporter, options.scrapes))
            for arrays, exporter in exporters.items():
                cpu, wall = (statistics.median(figures) for figures in zip(*cost[arrays]))
                samples = exporter.scrape()
                failed = [name for name, value in samples.items() if name.startswith("rig_collector_success") and value != 1]
                if failed or samples["rig_raid_arrays"] != arrays:
                    sys.exit(f"the synthetic machine is wrong: {failed}, {samples.get('rig_raid_arrays')} arrays")
                files = opened_files(exporter)
                opened = f"{files:.0f} files opened, " if files is not None else ""
                print(f"{arrays} arrays: {opened}{cpu * 1e3:.2f} ms CPU and {wall * 1e3:.2f} ms wall per scrape, "
                      f"{len(samples)} series, {exporter.threads()} threads, "
                      f"{samples['process_resident_memory_bytes'] / 2**20:.1f} MiB resident")
        finally:
            for exporter in exporters.values():
                exporter.stop()


if __name__ == "__main__":
    main()
