#!/usr/bin/env python3
"""Counts of one scrape of several machines, compared with those that are stored.

  instructions.py EXPORTER [--accept] [--rigs NAME...]

Instructions and allocations are counted by valgrind, system calls by strace. They are stored in instructions.json by
compiler and build type of the exporter's build directory, as each needs another number of instructions. The exit status is
1 if a count has grown by more than 10 % (context switches, which vary: 60 %), 77 if there is nothing to compare with.
--accept stores the counts of this build.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from process_cost import Strace  # noqa: E402
from rigs import make_rig  # noqa: E402
from scrape_counts import counts_of  # noqa: E402
from servers import RIGS, is_sanitized  # noqa: E402

STORED = pathlib.Path(__file__).resolve().with_name("instructions.json")
# A machine of tests/rigs, a generated one (GPUs/CPUs/arrays), and those that consist mostly of GPUs, CPUs and arrays.
MEASURED = ("rx6800x2-raid0", "2/8/4", "6/4/0", "0/64/0", "0/4/8")
SWITCHES = "voluntary context switches"
SKIPPED = 77


def build_of(exporter):
    """Compiler, its major version and the build type, from CMake's files above the exporter; None if it is elsewhere."""
    for directory in pathlib.Path(exporter).resolve().parents:
        cache = directory / "CMakeCache.txt"
        compilers = list(directory.glob("CMakeFiles/*/CMakeCXXCompiler.cmake"))
        if cache.exists() and compilers:
            settings = cache.read_text() + re.sub(r'set\((\w+) "(.*?)"\)', r"\1:STRING=\2", compilers[-1].read_text())
            compiler, version, build_type = (re.search(rf"^{name}:\w+=(.*)$", settings, re.M)[1] for name in (
                "CMAKE_CXX_COMPILER_ID", "CMAKE_CXX_COMPILER_VERSION", "CMAKE_BUILD_TYPE"))
            return f"{compiler} {version.split('.')[0]} {build_type} {os.uname().machine}"
    return None


def reason_to_skip(exporter, build, stored, accept):
    if not shutil.which("valgrind"):
        return "valgrind is not installed"
    if is_sanitized(exporter):
        return "a build with a sanitizer is not measured"
    if build is None:
        return f"there is no CMakeCache.txt above {exporter}, so its compiler is unknown"
    if not accept and build not in stored:
        return f"no counts are stored of builds with {build}, only with {', '.join(stored)}; --accept stores them"
    return Strace.problem()


def place_rig(directory, name):
    if "/" in name:
        return make_rig(directory, *map(int, name.split("/")))
    return shutil.copytree(RIGS / name, pathlib.Path(directory) / name, symlinks=True)


def measure(exporter, names):
    """{machine: counts}"""
    # Paths of the same length everywhere: each component costs allocations.
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        rigs = {name: place_rig(directory, name) for name in names}
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            counts = pool.map(lambda rig: counts_of(exporter, rig), rigs.values())
            return dict(zip(rigs, counts))


def table(counts):
    columns = list(next(iter(counts.values())))
    rows = [["machine", *columns]] + [[name, *(str(row[column]) for column in columns)] for name, row in counts.items()]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.rjust(width) if index else cell.ljust(width)
                               for index, (cell, width) in enumerate(zip(row, widths))) for row in rows)


def tolerance(name, stored):
    """How much a count may differ. Context switches depend on the number of CPUs and on what else runs: only a thread
    more for each device, or a few for each scrape, is told from that."""
    return stored * 0.6 + 4 if name == SWITCHES else stored * 0.10


def differences(counts, stored):
    """Two lists of lines: what grew, and what shrank."""
    grown, shrunk = [], []
    for machine, row in counts.items():
        for name, now in row.items():
            before = stored.get(machine, {}).get(name)
            if before is None or name == "series":  # more series cost more
                continue
            line = f"{machine}: {name} {before} -> {now} ({(now - before) / max(before, 1):+.0%})"
            if now > before + tolerance(name, before):
                grown.append(line)
            elif now < before - tolerance(name, before):
                shrunk.append(line)
    return grown, shrunk


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--rigs", nargs="+", default=MEASURED)
    options = parser.parse_args()
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    build = build_of(options.exporter)
    reason = reason_to_skip(options.exporter, build, stored, options.accept)
    if reason:
        print(reason)
        sys.exit(SKIPPED)
    counts = measure(options.exporter, options.rigs)
    print(f"One scrape, {build}:\n{table(counts)}")
    if options.accept:
        stored[build] = stored.get(build, {}) | counts
        STORED.write_text(json.dumps(stored, indent=1) + "\n")
        return
    grown, shrunk = differences(counts, stored[build])
    if shrunk:
        print("\nLess than stored; store it with --accept:", *shrunk, sep="\n  ")
    if grown:
        print("\nMore than stored; if that is worth it, store it with --accept:", *grown, sep="\n  ")
        sys.exit(1)


if __name__ == "__main__":
    main()
