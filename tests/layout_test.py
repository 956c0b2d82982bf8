#!/usr/bin/env python3
"""Checks that the source tree is what docs/architecture.md says: which headers are interfaces, which folder may use
which, where tests are, and how long files may be.

  layout_test.py        checks the tree that this file is in
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES = 300

# What each folder of src may include from others. Nothing may include app or gpu_probe, which are the two programs.
MAY_USE = {
    "kernel": [],
    "threads": ["kernel"],
    "log": ["kernel", "threads"],
    "metrics": ["kernel"],
    "config": ["kernel", "log", "gpu_protocol"],
    "scrape": ["kernel", "log", "threads", "metrics", "config"],
    "host": ["kernel", "log", "threads", "metrics", "config", "scrape"],
    "disk": ["kernel", "threads", "metrics", "config", "scrape"],
    "raid": ["kernel", "log", "threads", "metrics", "config", "scrape", "disk"],
    "gpu_protocol": ["kernel", "metrics"],
    "amdgpu": ["kernel"],
    "gpu": ["kernel", "log", "threads", "metrics", "config", "scrape", "gpu_protocol"],
    "gpu_probe": ["kernel", "threads", "metrics", "gpu_protocol", "amdgpu"],
    "live": ["kernel", "metrics", "gpu_protocol", "host", "disk", "raid"],
    "web": ["kernel", "log", "threads", "metrics", "config", "scrape", "live"],
    "doctor": ["kernel", "threads", "metrics", "config", "scrape", "amdgpu", "disk", "gpu", "host", "raid", "web"],
    "app": ["kernel", "log", "threads", "metrics", "config", "scrape", "live", "web", "doctor"],
}
GENERATED = {"rig/metrics/build_info.h"}
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)


def folder_of(path):
    """The folder of src that a file or an included name belongs to."""
    parts = pathlib.PurePath(path).parts
    if parts[:2] == ("include", "rig"):
        return parts[2]
    return parts[1] if parts[0] in ("src", "rig") else parts[0]


def sources(*roots):
    return sorted(path.relative_to(ROOT) for root in roots for path in (ROOT / root).rglob("*")
                  if path.suffix in (".h", ".cpp"))


def check_includes(complain):
    used_by = {}
    in_interfaces = set()
    for path in sources("src", "include"):
        for name in INCLUDE.findall((ROOT / path).read_text()):
            public = name.startswith("rig/")
            if name in GENERATED:
                continue
            if not (ROOT / ("include" if public else "src") / name).exists():
                complain(f'{path}: "{name}" is neither in include nor in src: write the path from there')
                continue
            used_by.setdefault(name, set()).add(folder_of(path))
            if path.parts[0] == "include":
                in_interfaces.add(name)
            if public and folder_of(name) not in [folder_of(path)] + MAY_USE.get(folder_of(path), []):
                complain(f"{path}: {folder_of(path)} may not use {folder_of(name)} ({name})")
            if not public and folder_of(name) != folder_of(path):
                complain(f"{path}: {name} is private to {folder_of(name)}: move it to include/rig/{folder_of(name)}")
            if not public and path.parts[0] == "include":
                complain(f"{path}: an interface header includes {name}, which is private")
    for path in sources("include"):
        name = str(path.relative_to("include"))
        if not used_by.get(name, set()) - {folder_of(path)} and name not in in_interfaces:
            complain(f"{path}: no other folder includes it: move it to src/{folder_of(path)}")


def check_folders(complain):
    for path in sorted((ROOT / "src").iterdir()):
        if path.is_dir() and path.name not in MAY_USE:
            complain(f"src/{path.name}: say in {pathlib.Path(__file__).name} which folders it may use")


def check_tests(complain):
    """tests/unit/FOLDER/X_test.cpp tests src/FOLDER/X; so do X_SUBJECT_test.cpp where X has several files of tests."""
    for path in sources("tests/unit"):
        if not path.name.endswith("_test.cpp"):
            continue
        below = path.relative_to("tests/unit").parent
        words = path.name.removesuffix("_test.cpp").split("_")
        tested = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
        places = [ROOT / "src" / below, ROOT / "include/rig" / below, ROOT / "include/rig" / below.parts[0]]
        if not any((place / f"{name}{end}").exists() for place in places for name in tested for end in (".h", ".cpp")):
            complain(f"{path}: there is no file in src/{below} that it could be the test of")


def check_lengths(complain):
    for path in sources("src", "include", "tests"):
        lines = (ROOT / path).read_text().count("\n")
        if lines > MOST_LINES:
            complain(f"{path}: {lines} lines, {MOST_LINES} at most: split it by subject")


def main():
    complaints = []
    for check in (check_includes, check_folders, check_tests, check_lengths):
        check(complaints.append)
    print("\n".join(complaints) or "the layout is as documented")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
