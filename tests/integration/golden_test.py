#!/usr/bin/env python3
"""Plays back every machine under tests/rigs and compares the exporter's whole answer with its expected.prom.

  golden_test.py EXPORTER            compares
  golden_test.py EXPORTER --accept   writes the answers as the new goldens; look at the diff before committing it

What differs from run to run (the exporter's own process, how long things took, what samples add up to) stands as ~ in
the goldens.
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys

RIGS = pathlib.Path(__file__).resolve().parent.parent / "rigs"
VOLATILE_VALUE = re.compile(
    r"^((?:process_\w+|rig_collector_duration_seconds|rig_gpu_sample_age_seconds|rig_gpu_energy_joules_total"
    r"|rig_gpu_busy_seconds_total|rig_gpu_throttle_seconds_total|rig_gpu_read_errors_total)(?:\{.*\})?) \S+$")
VOLATILE_LABELS = re.compile(r'^(rig_exporter_build_info)\{.*\} 1$')


def steady(line):
    line = VOLATILE_VALUE.sub(r"\1 ~", line)
    return VOLATILE_LABELS.sub(r"\1{~} 1", line)


def answer_of(exporter, rig):
    command = [exporter, "--once", f"--path.procfs={rig}/proc", f"--path.sysfs={rig}/sys",
               f"--path.rootfs={rig / 'root' if (rig / 'root').is_dir() else rig}", "--log.level=error"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if run.returncode != 0 or run.stderr:
        sys.exit(f"{' '.join(command)}: exit status {run.returncode}\n{run.stderr}")
    # The rig's folder differs from checkout to checkout.
    return [steady(line).replace(str(rig), "RIG") for line in run.stdout.splitlines(keepends=False)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exporter")
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()

    rigs = sorted(path for path in RIGS.iterdir() if path.is_dir())
    different = 0
    for rig in rigs:
        golden = rig / "expected.prom"
        answer = answer_of(options.exporter, rig)
        if options.accept:
            golden.write_text("\n".join(answer) + "\n")
            print(f"{rig.name}: {len(answer)} lines accepted")
            continue
        expected = golden.read_text().splitlines() if golden.exists() else []
        diff = list(difflib.unified_diff(expected, answer, f"{rig.name}/expected.prom", "answer", lineterm="", n=1))
        print(f"{rig.name}: {len(answer)} lines, {'as expected' if not diff else 'DIFFERENT'}")
        print("\n".join(diff))
        different += bool(diff)
    if not rigs:
        sys.exit("no rigs found")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
