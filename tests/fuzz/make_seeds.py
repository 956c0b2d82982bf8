#!/usr/bin/env python3
"""make_seeds.py DIRECTORY: makes seeds for the fuzzers of the hosts in tests/rigs and of the texts in the unit tests.

DIRECTORY/mdstat gets complete /proc/mdstat files; DIRECTORY/raid_array one file per array, in the format that
raid_array_fuzz.cpp describes.
"""
import ast
import hashlib
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def write(directory, text):
    data = text.encode()
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


def main():
    directory = pathlib.Path(sys.argv[1])
    mdstats, arrays = directory / "mdstat", directory / "raid_array"
    for seeds in (mdstats, arrays):
        seeds.mkdir(parents=True, exist_ok=True)
    for rig in sorted((TESTS / "rigs").iterdir()):
        mdstat = rig / "proc/mdstat"
        text = mdstat.read_text() if mdstat.is_file() else ""
        write(mdstats, text)
        for md in sorted(rig.glob("sys/block/*/md")):
            write(arrays, array_seed(md, text))
    for text in texts_in_tests():
        write(mdstats, text)
        write(arrays, f"@ mdstat\n{text}")
    for seeds in (mdstats, arrays):
        print(f"{len(list(seeds.iterdir()))} seeds in {seeds}")


main()
