#!/usr/bin/env python3
"""A metric is declared once, and everything that names it agrees: goldens, documents, dashboards and alert rules.

  catalogue_test.py EXPORTER            compares
  catalogue_test.py EXPORTER --accept   writes the table of metrics into docs/metrics.md
"""
import argparse
import pathlib
import re
import subprocess
import sys

from instrumentation import OWN_METRICS

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENT = SOURCE / "docs" / "metrics.md"
TABLE = re.compile(r"(?<=<!-- begin of generated table -->\n).*(?=<!-- end of generated table -->)", re.DOTALL)
# Not those that recording rules name level:metric:operations.
FAMILY = re.compile(r"(?<!:)\b(?:rig|process)_[a-z0-9_]+?(?=(?:_bucket)?\b(?!:))")

# Not in any golden: these are measured on the machine that runs the test (statfs, kernel events), not read from a rig.
LIVE_ONLY = {
    "rig_filesystem_size_bytes",
    "rig_filesystem_free_bytes",
    "rig_filesystem_available_bytes",
    "rig_filesystem_files",
    "rig_filesystem_files_free",
    "rig_filesystems_omitted",
    # Of a lockless bitmap, which no recorded machine has: unit tests only.
    "rig_raid_bitmap_chunks",
    "rig_raid_changes_total",
    "rig_raid_events_monitored",
    "rig_raid_member_removals_total",
}
# Names that only look like metrics.
NOT_METRICS = {"rig_exporter", "rig_gpu_probe", "rig_rocm_smi", "rig_tls", "process_id"}


def declared_table(exporter):
    return subprocess.run([exporter, "--list-metrics"], capture_output=True, text=True, check=True).stdout


def names_in_table(table):
    return [line.split("|")[1].strip() for line in table.splitlines()[2:]]


def names_in_goldens():
    names = set()
    for golden in (SOURCE / "tests" / "rigs").glob("*/expected.prom"):
        names |= set(re.findall(r"^# TYPE (\S+)", golden.read_text(), re.MULTILINE))
    return names


def names_used():
    """Metrics that dashboards, rules and documents name, each with the files that do."""
    used = {}
    files = [*(SOURCE / "grafana").glob("**/*.json"), *(SOURCE / "deploy").glob("**/*.rules.yml"), SOURCE / "README.md",
             *(path for path in (SOURCE / "docs").glob("*.md") if path != DOCUMENT), *(SOURCE / "docs" / "alerts").glob("*.md")]
    for file in files:
        text = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("#"))
        for name in {name for name in FAMILY.findall(text) if not name.endswith("_")} - NOT_METRICS:
            used.setdefault(name, []).append(str(file.relative_to(SOURCE)))
    return used, len(files)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()
    table = declared_table(options.exporter)
    document = DOCUMENT.read_text()
    if options.accept:
        DOCUMENT.write_text(TABLE.sub(lambda _: table, document))
        return

    problems = []
    names, in_goldens = names_in_table(table), names_in_goldens()
    declared = set(names)
    # The samples of a metric are contiguous in an exposition, so a metric belongs to one collector.
    problems += [f"{name} is declared more than once" for name in sorted(declared) if names.count(name) > 1]
    problems += [f"{name} is declared, but in no golden"
               for name in sorted(declared - in_goldens - LIVE_ONLY) if not OWN_METRICS.match(name)]
    problems += [f"{name} is in a golden, but not declared" for name in sorted(in_goldens - declared)]
    problems += [f"{name} is listed as LIVE_ONLY, but is in a golden" for name in sorted(in_goldens & LIVE_ONLY)]
    found = TABLE.search(document)
    if not found or found.group() != table:
        problems.append("the table in docs/metrics.md differs from the output of --list-metrics: run this with --accept")
    used, files = names_used()
    problems += [f"{name} is named in {', '.join(where)}, but is not declared"
               for name, where in sorted(used.items()) if name not in declared]
    print("\n".join(problems))
    print(f"{len(declared)} metrics declared, {len(used)} of them used in {files} dashboards, rule files and documents, "
          f"{len(problems)} problems")
    sys.exit(1 if problems or not declared or not used else 0)


if __name__ == "__main__":
    main()
