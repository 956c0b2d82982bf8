#!/usr/bin/env python3
"""Cost of reading the GPUs: opened files and CPU time per sample and GPU, context switches, threads and memory.

  probe_cost.py EXPORTER [--gpus N] [--seconds S]

Reads a synthetic machine with N RX 6800 under load, from sysfs and, if librocm_smi64 and a mount namespace are available,
through rocm-smi with that machine at /sys. Files are counted with strace if it is installed. Both are measured alternately,
as the speed of a machine varies over time.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "integration"))
from exporter_process import RIGS, Exporter, rig_flags  # noqa: E402
from sysfs_namespace import find_unshare, with_sys  # noqa: E402

RIG = RIGS / "rx6800x2-raid0-busy"
GPU = pathlib.PurePath("devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0")
INTERVAL_MS = 100
MAX_SAMPLES_PER_SECOND = 160  # of all GPUs: rig_exporter reads about 400 lines per second


def add_gpu(sys_directory, number):
    """Copies the first GPU to another PCIe port."""
    bus = 0x10 + 3 * number
    path = pathlib.PurePath(f"devices/pci0000:00/0000:00:{number:02x}.0/0000:{bus:02x}:00.0/0000:{bus + 1:02x}:00.0")
    address = f"0000:{bus + 2:02x}:00.0"
    first, directory = sys_directory / GPU, sys_directory / path / address
    for here, there in zip((first, *first.parents), (directory, *directory.parents[:3])):
        if here == first:
            shutil.copytree(here, there, symlinks=True)
        else:
            shutil.copytree(here, there, symlinks=True, dirs_exist_ok=True,
                            ignore=lambda _, names: [name for name in names if name.startswith("0000:")])
    (directory / "uevent").write_text((first / "uevent").read_text().replace("0000:03:00.0", address))
    for name, new in (("card0", f"card{number}"), ("renderD128", f"renderD{128 + number}")):
        (directory / "drm" / name).rename(directory / "drm" / new)
        device = directory / "drm" / new / "device"
        device.unlink()
        device.symlink_to(f"../../../{address}")
        (sys_directory / "class/drm" / new).symlink_to(os.path.relpath(directory / "drm" / new, sys_directory / "class/drm"))
    nodes = (sys_directory / "class/kfd/kfd").resolve() / "topology/nodes"
    node = nodes / str(number + 1)
    shutil.copytree(nodes / "1", node)
    properties = (node / "properties").read_text()
    properties = re.sub(r"location_id \d+", f"location_id {(bus + 2) << 8}", properties)
    (node / "properties").write_text(re.sub(r"drm_render_minor \d+", f"drm_render_minor {128 + number}", properties))
    (node / "gpu_id").write_text(f"{50000 + number}\n")


def cpu_seconds(pid):
    """User and system time of all threads, also of those that have ended."""
    return time.clock_gettime(~pid << 3 | 2)  # clock_getcpuclockid()


def memory_mib(pid, kind):
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(rf"^{kind}:\s+(\d+)", rollup, re.MULTILINE).group(1)) / 1024


def written_lines(pid):
    """Each line is one call of write(2)."""
    return int(re.search(r"syscw: (\d+)", pathlib.Path(f"/proc/{pid}/io").read_text()).group(1))


def threads(pid):
    return list(pathlib.Path(f"/proc/{pid}/task").iterdir())


def voluntary_switches(pid):
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (thread / "status").read_text(), re.MULTILINE).group(1))
               for thread in threads(pid))


def probe_of(exporter):
    return next(pid for pid in exporter.children() if "rig_gpu_probe" in pathlib.Path(f"/proc/{pid}/cmdline").read_text())


def opened_files(pid, seconds):
    """Opened files per second by directory below those of the GPUs."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile("r") as trace:
        strace = subprocess.Popen(["strace", "-f", "-q", "-e", "trace=openat", "-o", trace.name, "-p", str(pid)],
                                  stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        strace.terminate()
        strace.wait()
        return sum("/device/" in line or "/hwmon" in line for line in trace.read().splitlines() if "openat(" in line) / seconds


def measure(exporter, gpus, seconds):
    exporter.wait_ready(30)
    pid = probe_of(exporter)
    time.sleep(1)
    counts = (cpu_seconds, voluntary_switches, written_lines)
    before = [count(pid) for count in counts]
    time.sleep(seconds)
    used, switched, lines = (count(pid) - first for count, first in zip(counts, before))
    source = re.search(r'rig_gpu_probe_info\{.*source="(\w+)"', exporter.get()[2]).group(1)
    rounds = lines / (gpus + 2)  # the list of GPUs and the processes are a line each
    result = {"source": source, "us": used / rounds / gpus * 1e6, "switches": switched / rounds, "threads": len(threads(pid)),
              "exporter": memory_mib(exporter.pid, "Rss"), "probe": memory_mib(pid, "Rss"),
              "dirty": memory_mib(pid, "Private_Dirty")}
    files = opened_files(pid, 2)
    if files is not None:
        result["files"] = files / (rounds / seconds) / gpus
    return result


def show(result, gpus):
    files = f"{result['files']:.1f} files opened and " if "files" in result else ""
    print(f"{result['source']}: {files}{result['us']:.0f} us of CPU per sample and GPU, {gpus} GPUs; "
          f"{result['switches']:.1f} voluntary context switches per round, {result['threads']} threads; resident: rig_exporter "
          f"{result['exporter']:.1f} MiB, rig_gpu_probe {result['probe']:.1f} MiB, of which {result['dirty']:.1f} MiB are its own")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--gpus", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=8)
    options = parser.parse_args()
    # Always at this interval, however much that needs.
    interval = max(INTERVAL_MS, 1000 * options.gpus // MAX_SAMPLES_PER_SECOND)
    pace = [f"--gpu.sample-interval={interval}ms", "--gpu.max-cpu=0"]
    with tempfile.TemporaryDirectory() as directory:
        rig = pathlib.Path(directory) / "rig"
        shutil.copytree(RIG, rig, symlinks=True)
        for number in range(2, options.gpus):
            add_gpu(rig / "sys", number)
        with Exporter(options.exporter, *rig_flags(rig), *pace) as exporter:
            show(measure(exporter, options.gpus, options.seconds), options.gpus)
        if find_unshare() is None:
            print("through rocm-smi: not measured, cannot create a mount namespace")
            return
        with Exporter(with_sys(rig / "sys", options.exporter), *pace) as exporter:
            show(measure(exporter, options.gpus, options.seconds), options.gpus)


if __name__ == "__main__":
    main()
