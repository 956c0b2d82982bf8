#!/usr/bin/env python3
"""Cost of a scrape by the number of CPUs: opened files, CPU and wall time, threads, resident memory.

  host_cost.py EXPORTER [--cpus N...] [--scrapes N] [--rounds N]

Reads a synthetic machine with N CPUs, two threads per core, each CPU with a cpufreq policy, throttle counts and a core
temperature; the collectors cpu, pressure and host are enabled, each machine is measured with and without
--collector.cpu.per-core. On a real machine the kernel's work is added, such as querying the frequency of each CPU. Files
are counted with strace if it is installed. The results are medians of interleaved rounds.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "integration"))
from exporter_process import Exporter, rig_flags  # noqa: E402
from raid_cost import opened_files, round_of  # noqa: E402

FLAGS = ("--collector.disable-defaults", "--collector.cpu", "--collector.host", "--collector.pressure")
WAYS = {"per core": (), "together": ("--no-collector.cpu.per-core",)}


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def make_rig(directory, cpus):
    rig = pathlib.Path(directory) / str(cpus)
    row = " 4821107 120 912004 292103407 81112 0 40231 0 0 0"
    write(rig / "proc/stat", "\n".join([f"cpu {row}", *(f"cpu{n}{row}" for n in range(cpus)), "ctxt 1904412", "btime 1757318400",
                                        "processes 48211", "procs_running 2", "procs_blocked 0"]))
    write(rig / "proc/loadavg", "1.52 1.31 0.97 2/611 48211")
    write(rig / "proc/sys/kernel/osrelease", "6.1.0")
    write(rig / "proc/cpuinfo", "\n\n".join(f"processor\t: {n}\nmodel name\t: synthetic\ncpu MHz\t\t: 3000.000" for n in range(cpus)))
    for resource in ("cpu", "memory", "io"):
        write(rig / "proc/pressure" / resource, "\n".join(f"{kind} avg10=0.00 avg60=0.00 avg300=0.00 total=812044" for kind in ("some", "full")))
    system = rig / "sys/devices/system/cpu"
    write(system / "online", f"0-{cpus - 1}")
    chip = rig / "sys/class/hwmon/hwmon0"
    write(chip / "name", "coretemp")
    for n in range(cpus):
        cpu = system / f"cpu{n}"
        write(cpu / "topology/thread_siblings_list", f"{n - n % 2}-{n - n % 2 + 1}")
        write(cpu / "topology/core_siblings_list", f"0-{cpus - 1}")
        write(cpu / "thermal_throttle/core_throttle_count", 0)
        write(cpu / "thermal_throttle/package_throttle_count", 0)
        for name, kilohertz in {"scaling_cur_freq": 3000000, "cpuinfo_min_freq": 800000, "cpuinfo_max_freq": 4000000}.items():
            write(system / f"cpufreq/policy{n}" / name, kilohertz)
        (cpu / "cpufreq").symlink_to(f"../cpufreq/policy{n}")
        if n % 2 == 0:
            write(chip / f"temp{n // 2 + 2}_input", 50000)
            write(chip / f"temp{n // 2 + 2}_label", f"Core {n // 2}")
    return rig


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--cpus", type=int, nargs="+", default=[8, 64, 256])
    parser.add_argument("--scrapes", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    exporters = {}
    with tempfile.TemporaryDirectory() as directory:
        try:
            for cpus in options.cpus:
                rig = make_rig(directory, cpus)
                for way, flags in WAYS.items():
                    exporters[cpus, way] = Exporter(options.exporter, *rig_flags(rig), *FLAGS, *flags)
            cost = {key: [] for key in exporters}
            for _ in range(options.rounds):
                for key, exporter in exporters.items():
                    cost[key].append(round_of(exporter, options.scrapes))
            for (cpus, way), exporter in exporters.items():
                cpu, wall = (statistics.median(figures) for figures in zip(*cost[cpus, way]))
                samples = exporter.scrape()
                failed = [name for name, value in samples.items() if name.startswith("rig_collector_success") and value != 1]
                times = [name for name in samples if name.startswith("rig_cpu_seconds_total") and 'mode="idle"' in name]
                if failed or len(times) != (cpus if way == "per core" else 1):
                    sys.exit(f"the synthetic machine is wrong: {failed}, {len(times)} CPUs")
                files = opened_files(exporter)
                opened = f"{files:.0f} files opened, " if files is not None else ""
                print(f"{cpus} CPUs, {way}: {opened}{cpu * 1e3:.2f} ms CPU and {wall * 1e3:.2f} ms wall per scrape, "
                      f"{len(samples)} series, {exporter.threads()} threads, "
                      f"{samples['process_resident_memory_bytes'] / 2**20:.1f} MiB resident")
        finally:
            for exporter in exporters.values():
                exporter.stop()


if __name__ == "__main__":
    main()
