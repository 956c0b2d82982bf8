#!/usr/bin/env python3
"""make_seeds.py DIRECTORY: makes seeds for the fuzzers of the hosts in tests/rigs and of the texts in the unit tests.

DIRECTORY/mdstat gets complete /proc/mdstat files; DIRECTORY/raid_array one file per array, DIRECTORY/host_text one file
per text in /proc, and DIRECTORY/machine parts of machines, in the format that split_files.h describes.
DIRECTORY/http_request gets the requests of the HTTP tests, DIRECTORY/probe_line the lines in the tests of the GPU
protocol and a line with every field.
"""
import ast
import hashlib
import json
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "integration"))
from http_fuzz_test import SEEDS as REQUESTS
LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
RAW_STRINGS = re.compile(r'(?:R"\([^\n]*?\)"\s*)+')
RAW_STRING = re.compile(r'R"\((.*?)\)"')
FIELD = re.compile(r'^RIG_GPU_FIELD\(\s*([^,]+),\s*(\w+)', re.MULTILINE)
VALUES = {"std::optional<double>": 7.5, "std::optional<std::string>": "word", "std::string": "word",
          "LabeledNumbers": {"first": 0.0, "second": 1024.5}, "NestedNumbers": {"first": {"one": 2.0}},
          "LabeledTexts": {"first": "0x003a5400"}}

MAX_SEED = 16 << 10
PARSERS = {"stat": "proc/stat", "meminfo": "proc/meminfo", "vmstat": "proc/vmstat", "loadavg": "proc/loadavg",
           "pressure": "proc/pressure/memory", "mountinfo": "proc/1/mountinfo", "cpuinfo": "proc/cpuinfo",
           "diskstats": "proc/diskstats", "os-release": "etc/os-release", "cpu_list": "sys/devices/system/cpu/online"}


def write(directory, text):
    data = text if isinstance(text, bytes) else text.encode()
    (directory / hashlib.sha1(data).hexdigest()).write_bytes(data)


def texts_in_tests():
    for source in sorted((TESTS / "unit/raid").glob("*.cpp")):
        for run in LITERALS.findall(source.read_text()):
            text = "".join(ast.literal_eval(part) for part in STRING.findall(run))
            if text.count("\n") > 0:
                yield text


def lines_of(name, mdstat):
    """The lines of one array."""
    found = re.search(rf"^{re.escape(name)} : .*\n(?:[ \t].*\n)*", mdstat, re.MULTILINE)
    return found.group(0) if found else ""


def array_seed(md, mdstat):
    parts = {"mdstat": lines_of(md.parent.name, mdstat)}
    files = [md.parent / "size", md.parent / "ro", *(path for path in md.iterdir() if path.is_file())]
    for path in sorted(files):
        if path.is_file():
            parts[path.name] = path.read_text(errors="replace")
    for member in sorted(md.glob("dev-*")):
        for name in ("slot", "state"):
            if (member / name).is_file():
                parts[f"{member.name}/{name}"] = (member / name).read_text(errors="replace")
        parts[f"{member.name}/block"] = "present" if (member / "block").exists() else "vanished"
    return "".join(f"@ {name}\n{text.rstrip()}\n" for name, text in parts.items())


def files_below(directory):
    """Files and links, without following links."""
    found = []
    for entry in sorted(directory.iterdir()) if directory.is_dir() else []:
        if entry.is_symlink() or entry.is_file():
            found.append(entry)
        else:
            found += files_below(entry)
    return found


def machine_seed(rig, paths):
    seed = b""
    for path in paths:
        content = b"-> " + str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        part = b"@ " + str(path.relative_to(rig)).encode() + b"\n" + content + b"\n"
        if len(seed) + len(part) <= MAX_SEED:
            seed += part
    return seed


def machine_seeds(rig):
    """The parts that are read together: /proc, the CPUs, each array, each GPU."""
    yield machine_seed(rig, files_below(rig / "proc"))
    yield machine_seed(rig, files_below(rig / "sys/devices/system") + files_below(rig / "sys/class/hwmon"))
    for link in sorted(rig.glob("sys/block/md*")):
        yield machine_seed(rig, [rig / "proc/mdstat", link, *files_below(link.resolve())])
    for link in sorted(rig.glob("sys/class/drm/*")):
        card = link.resolve()
        yield machine_seed(rig, [link, *files_below(card), *files_below(card.parent.parent)])


def probe_lines():
    for source in sorted((TESTS / "unit/gpu_protocol").glob("*.cpp")):
        for run in RAW_STRINGS.findall(source.read_text()):
            yield "".join(RAW_STRING.findall(run))
    fields = FIELD.findall((TESTS.parent / "include/rig/gpu_protocol/gpu_fields.def").read_text())
    values = {name: VALUES[kind] for kind, name in fields}
    yield json.dumps({"type": "gpu", "pci_address": "0000:03:00.0", **values, "problems": [{"reason": "io_error"}]})


def main():
    directory = pathlib.Path(sys.argv[1])
    names = ("mdstat", "raid_array", "host_text", "machine", "http_request", "probe_line")
    all_seeds = [directory / name for name in names]
    mdstats, arrays, texts, machines, requests, lines = all_seeds
    for seeds in all_seeds:
        seeds.mkdir(parents=True, exist_ok=True)
    for rig in sorted((TESTS / "rigs").iterdir()):
        mdstat = rig / "proc/mdstat"
        text = mdstat.read_text() if mdstat.is_file() else ""
        write(mdstats, text)
        for md in sorted(rig.glob("sys/block/*/md")):
            write(arrays, array_seed(md, text))
        for name, path in PARSERS.items():
            if (rig / path).is_file():
                write(texts, f"@ {name}\n".encode() + (rig / path).read_bytes()[:MAX_SEED])
        for seed in machine_seeds(rig) if rig.is_dir() else []:
            write(machines, seed)
    for text in texts_in_tests():
        write(mdstats, text)
        write(arrays, f"@ mdstat\n{text}")
    for request in REQUESTS:
        write(requests, b"\x10\x01\x40\x02" + request)
    for line in probe_lines():
        write(lines, line)
    for seeds in all_seeds:
        print(f"{len(list(seeds.iterdir()))} seeds in {seeds}")


main()
